"""Which documents are prose worth learning from: small functions, one order, one reason.

The first rule that objects names the reason, in the order of `RULES`; language identification comes after them and
sees survivors only. A rule is asked about one document (`reference.Measured`) or about a batch (`measures.Measures`):
comparisons and `&`, `|` mean the same for numbers and for arrays of numbers.
Shares are of the characters that are not white space, except capitals, which are a share of the letters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dragoman.corpus.block import Flags, Places
from dragoman.corpus.measures import Measures
from dragoman.corpus.repetition import DUPLICATE_SIZES, TOP_SIZES
from dragoman.recipe.corpus import CurateSettings

Doc = Any  # Measures or reference.Measured: numbers, or arrays of them
Rule = Callable[[Doc, CurateSettings], Any]


def too_short(doc: Doc, s: CurateSettings) -> Any:
    return (doc.chars < s.min_chars) | (doc.words < s.min_words)


def too_long(doc: Doc, s: CurateSettings) -> Any:
    return (doc.chars > s.max_chars) | (doc.words > s.max_words)


def boilerplate_head(doc: Doc, s: CurateSettings) -> Any:
    return doc.boilerplate_head


def blocked_pattern(doc: Doc, s: CurateSettings) -> Any:
    return doc.blocked_pattern


def blocked_words(doc: Doc, s: CurateSettings) -> Any:
    return doc.blocked_words > (1e9 if s.max_blocked_words is None else s.max_blocked_words)


def digit_share(doc: Doc, s: CurateSettings) -> Any:
    return doc.digits > s.max_digit_share * doc.visible


def letter_share(doc: Doc, s: CurateSettings) -> Any:
    return doc.letters < s.min_letter_share * doc.visible


def symbol_share(doc: Doc, s: CurateSettings) -> Any:
    return doc.symbols > s.max_symbol_share * doc.visible


def uppercase_share(doc: Doc, s: CurateSettings) -> Any:
    return doc.capitals > s.max_uppercase_share * doc.letters


def type_token_ratio(doc: Doc, s: CurateSettings) -> Any:
    enough = doc.looked_words >= s.type_token_min_words
    return enough & (doc.different_words < s.min_type_token_ratio * doc.looked_words)


def word_length(doc: Doc, s: CurateSettings) -> Any:
    return (doc.visible < s.min_mean_word_length * doc.words) | (doc.visible > s.max_mean_word_length * doc.words)


def bullet_lines(doc: Doc, s: CurateSettings) -> Any:
    return (doc.lines.pieces >= s.line_shares_min_lines) & (doc.bullet_lines > s.max_bullet_lines * doc.lines.pieces)


def ellipsis_lines(doc: Doc, s: CurateSettings) -> Any:
    return (doc.lines.pieces >= s.line_shares_min_lines) & (
        doc.ellipsis_lines > s.max_ellipsis_lines * doc.lines.pieces
    )


def sentence_end_lines(doc: Doc, s: CurateSettings) -> Any:
    page = doc.lines.pieces >= (1e9 if s.page_lines is None else s.page_lines)
    return page & (doc.sentence_end_lines < s.min_sentence_end_lines * doc.lines.pieces)


def duplicate_lines(doc: Doc, s: CurateSettings) -> Any:
    return doc.lines.again > s.max_duplicate_lines * doc.lines.pieces


def duplicate_line_chars(doc: Doc, s: CurateSettings) -> Any:
    return doc.lines.again_chars > s.max_duplicate_line_chars * doc.lines.chars


def duplicate_paragraphs(doc: Doc, s: CurateSettings) -> Any:
    return doc.paragraphs.again > s.max_duplicate_paragraphs * doc.paragraphs.pieces


def duplicate_paragraph_chars(doc: Doc, s: CurateSettings) -> Any:
    return doc.paragraphs.again_chars > s.max_duplicate_paragraph_chars * doc.paragraphs.chars


def _run_rules() -> dict[str, Rule]:
    """`top_2_gram` ... `duplicate_10_gram`: the limits lie in the measure, which knows texts that pass by a bound."""
    rules: dict[str, Rule] = {}
    for place, n in enumerate(TOP_SIZES):
        rules[f"top_{n}_gram"] = lambda doc, s, place=place: doc.top_runs[place]  # type: ignore[misc]
    for place, n in enumerate(DUPLICATE_SIZES):
        rules[f"duplicate_{n}_gram"] = lambda doc, s, place=place: doc.repeated_runs[place]  # type: ignore[misc]
    return rules


_NAMED: tuple[Rule, ...] = (
    too_short,
    too_long,
    boilerplate_head,
    blocked_pattern,
    blocked_words,
    digit_share,
    letter_share,
    symbol_share,
    uppercase_share,
    type_token_ratio,
    word_length,
    bullet_lines,
    ellipsis_lines,
    sentence_end_lines,
    duplicate_lines,
    duplicate_line_chars,
    duplicate_paragraphs,
    duplicate_paragraph_chars,
)
RULES: dict[str, Rule] = {**{rule.__name__: rule for rule in _NAMED}, **_run_rules()}
REASONS: tuple[str, ...] = (*RULES, "wrong_language", "duplicate", "near_duplicate", "over_budget")
ORDER: tuple[str, ...] = (  # cuts and rules as they come
    *("repair", "furniture", "again", "foreign_line", "mask"),
    *(*RULES, "wrong_language", "duplicate", "near_duplicate"),
    *("repeated_line", "over_budget"),
)


def first_objections(measures: Measures, settings: CurateSettings) -> Places:
    """For each document the number of the first rule of `RULES` that objects, or -1."""
    found = np.full(len(measures.block), -1, dtype=np.int64)
    for number, rule in enumerate(RULES.values()):
        objects: Flags = rule(measures, settings)
        found[(found < 0) & objects] = number
    return found


def first_objection(doc: Doc, settings: CurateSettings) -> str | None:
    """The name of the first rule that objects to one document, or None."""
    return next((name for name, rule in RULES.items() if rule(doc, settings)), None)
