"""Which documents are prose worth learning from: small functions, one order, one reason.

Order (the first rule that objects names the reason): too_short, too_long, boilerplate_head, blocked_pattern,
digit_share, letter_share, symbol_share, uppercase_share, type_token_ratio, word_length, wrong_language. The curate
stage adds `duplicate` at the end. Cheap rules come first; language identification, the dearest, sees survivors only.
Shares are of the characters that are not white space, except capitals, which are a share of the letters.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from dragoman.corpus import patterns
from dragoman.corpus.lid import identify
from dragoman.recipe.corpus import CurateSettings

# What ordinary prose is punctuated with; everything else that is no letter, digit or space is a symbol.
PUNCTUATION = frozenset(".,;:!?'\"()-–—…„“”‚‘’«»‹›/&%€$§")


class Kind(IntEnum):
    """What a character is to the rules."""

    SPACE = 0
    SMALL = 1
    CAPITAL = 2
    DIGIT = 3
    PUNCTUATION = 4
    SYMBOL = 5


@functools.cache
def kind(char: str) -> Kind:
    """The kind of one character; a letter without case, as in Chinese, is small."""
    if char.isspace():
        return Kind.SPACE
    if char.isalpha():
        return Kind.CAPITAL if char.isupper() else Kind.SMALL
    if char.isdigit():
        return Kind.DIGIT
    return Kind.PUNCTUATION if char in PUNCTUATION else Kind.SYMBOL


@dataclass(frozen=True, slots=True)
class Profile:
    """What the rules ask about one document, counted in one pass over its characters."""

    text: str
    words: list[str]
    visible: int
    letters: int
    digits: int
    symbols: int
    capitals: int


def profile(text: str) -> Profile:
    """Count the characters of `text` by kind; words are what white space separates."""
    counts = dict.fromkeys(Kind, 0)
    for char, count in Counter(text).items():
        counts[kind(char)] += count
    letters = counts[Kind.SMALL] + counts[Kind.CAPITAL]
    return Profile(
        text=text,
        words=text.split(),
        visible=len(text) - counts[Kind.SPACE],
        letters=letters,
        digits=counts[Kind.DIGIT],
        symbols=counts[Kind.SYMBOL],
        capitals=counts[Kind.CAPITAL],
    )


Rule = Callable[[Profile, CurateSettings], bool]


def too_short(doc: Profile, s: CurateSettings) -> bool:
    return len(doc.text) < s.min_chars or len(doc.words) < s.min_words


def too_long(doc: Profile, s: CurateSettings) -> bool:
    return len(doc.text) > s.max_chars or len(doc.words) > s.max_words


def boilerplate_head(doc: Profile, s: CurateSettings) -> bool:
    head = " ".join(doc.text[: s.head_chars].casefold().split())
    return any(phrase in head for phrase in head_phrases(s.boilerplate_phrases))


def blocked_pattern(doc: Profile, s: CurateSettings) -> bool:
    lowered = doc.text.lower()
    return any(literal in lowered and pattern.search(doc.text) for literal, pattern in _blocked(s.blocked_patterns))


def digit_share(doc: Profile, s: CurateSettings) -> bool:
    return doc.digits > s.max_digit_share * doc.visible


def letter_share(doc: Profile, s: CurateSettings) -> bool:
    return doc.letters < s.min_letter_share * doc.visible


def symbol_share(doc: Profile, s: CurateSettings) -> bool:
    return doc.symbols > s.max_symbol_share * doc.visible


def uppercase_share(doc: Profile, s: CurateSettings) -> bool:
    return doc.capitals > s.max_uppercase_share * doc.letters


def type_token_ratio(doc: Profile, s: CurateSettings) -> bool:
    words = [word.casefold() for word in doc.words[: s.type_token_words]]
    return len(words) >= s.type_token_min_words and len(set(words)) < s.min_type_token_ratio * len(words)


def word_length(doc: Profile, s: CurateSettings) -> bool:
    mean = doc.visible / max(1, len(doc.words))
    return not s.min_mean_word_length <= mean <= s.max_mean_word_length


RULES: tuple[Rule, ...] = (
    too_short,
    too_long,
    boilerplate_head,
    blocked_pattern,
    digit_share,
    letter_share,
    symbol_share,
    uppercase_share,
    type_token_ratio,
    word_length,
)
REASONS: tuple[str, ...] = (*(rule.__name__ for rule in RULES), "wrong_language", "duplicate")


@functools.lru_cache(maxsize=8)
def head_phrases(extra: tuple[str, ...]) -> tuple[str, ...]:
    """The case-folded phrases that mark a head as boilerplate, the recipe's own among them."""
    return tuple(phrase.casefold() for phrase in (*patterns.HEAD_PHRASES, *extra))


@functools.lru_cache(maxsize=8)
def line_phrases(extra: tuple[str, ...]) -> tuple[str, ...]:
    """The case-folded phrases that mark a line of a page as furniture."""
    return (*head_phrases(extra), *(phrase.casefold() for phrase in patterns.LINE_PHRASES))


@functools.lru_cache(maxsize=8)
def _blocked(extra: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(literal the lower-case text must hold, pattern); the recipe's own patterns have no literal."""
    rows = (*patterns.BLOCKED, *(("", pattern) for pattern in extra))
    return tuple((literal, re.compile(pattern, re.IGNORECASE)) for literal, pattern in rows)


def shape_reason(text: str, settings: CurateSettings) -> str | None:
    """The first rule that objects to the look of one document, or None."""
    if len(text) > settings.max_chars:  # before a profile of something huge is made
        return "too_long"
    doc = profile(text)
    return next((rule.__name__ for rule in RULES if rule(doc, settings)), None)


def judge(texts: Sequence[str], settings: CurateSettings, language: str | None) -> list[str | None]:
    """One verdict a document: None keeps it, a reason drops it. `language` None: the language is not checked."""
    verdicts = [shape_reason(text, settings) for text in texts]
    if language is None:
        return verdicts
    asked = [i for i, text in enumerate(texts) if verdicts[i] is None and len(text) >= settings.language_min_chars]
    for i, (found, probability) in zip(asked, identify([texts[i] for i in asked]), strict=True):
        if found != language or probability < settings.language_threshold:
            verdicts[i] = "wrong_language"
    return verdicts
