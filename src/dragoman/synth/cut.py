"""Cutting a document into passages of whole sentences.

    "Ein Ausflug\\nAm Morgen regnete es. Wir fuhren trotzdem. Mittags schien ..."
      -> Piece(12, 54, sentences=2, number=1), ...      "Am Morgen regnete es. Wir fuhren trotzdem."

A passage lies within one paragraph and its sentences follow each other. Headlines, list items, sentences whose
beginning or end is missing and passages that open a quotation and do not close it are left out.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import xxhash

from dragoman.sentences import Span, sentence_spans

REASONS = ("no_beginning", "no_end", "no_prose", "too_long", "too_short", "open_quotation")
"""no_beginning: it starts with a small letter. no_end: a headline, a list item, a sentence that breaks off. no_prose:
hardly any letters, or capitals only. open_quotation: no passage that begins with it closes what it opens. too_short: as
a passage."""

LONGEST_SENTENCE = 600
"""In characters. Longer ones are lists, or the splitter missed an end."""
LONGEST_PASSAGE = 2_000
SHORTEST_PASSAGE = 15
FEWEST_WORDS = 3
"""Of a passage, where words are parted by blanks."""
LETTERS = 0.6
"""Least share of letters among the characters that are no white space."""
WRAPPED_LINES, WRAPPED_SHARE = 2, 0.25
"""A text has its paragraphs broken into lines when so many lines go on with a small letter after one without an end."""

_ENDED = re.compile(r"[.!?‽؟۔।॥։。！？｡][\"'”’»«“‹›)\]」』”）]*$")
_ELLIPSIS = re.compile(r"(?:\.\.+|…)\W*$")
_OPENERS = "\"'“„‚‘»«‹›([¿¡「『（"
_PARTNERS = ("()", "[]", "{}", "（）", "「」", "『』")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]")


@dataclass(frozen=True)
class Piece:
    """A passage by its place in the text of a document, white space and line breaks inside included."""

    start: int
    end: int
    sentences: int
    number: int
    """Of its first sentence in the document, from 0."""


def cut(text: str, language: str, bounds: tuple[int, int], left_out: Counter[str]) -> Iterator[Piece]:
    """The passages of a document, of so many sentences (`bounds`) each, no sentence in two; counts what it leaves out.

    How many sentences a passage gets is drawn by a hash of its first one, all lengths alike; a paragraph with fewer
    left gives what it has.
    """
    number = 0
    for run in _runs(text, language, left_out):
        if isinstance(run, int):
            number += run
            continue
        yield from _pieces(text, run, number, bounds, left_out)
        number += len(run)


def _runs(text: str, language: str, left_out: Counter[str]) -> Iterator[list[Span] | int]:
    """Sentences that follow each other in a paragraph, and in between the number of those left out."""
    for start, end in paragraphs(text):
        run: list[Span] = []
        for span in sentence_spans(text, start, end, language):
            reason = fault(text[slice(*span)])
            if reason is None:
                run.append(span)
                continue
            left_out[reason] += 1
            if run:
                yield run
            yield 1
            run = []
        if run:
            yield run


def _pieces(
    text: str, run: Sequence[Span], number: int, bounds: tuple[int, int], left_out: Counter[str]
) -> Iterator[Piece]:
    at = 0
    while len(run) - at >= bounds[0]:
        faults = ((n, _passage_fault(text[run[at][0] : run[at + n - 1][1]])) for n in _counts(text, run[at:], bounds))
        drawn, reason = next(faults)
        count = drawn if reason is None else next((n for n, other in faults if other is None), None)
        if count is None:
            left_out[str(reason)] += 1
        else:
            yield Piece(run[at][0], run[at + count - 1][1], count, number + at)
        at += count or 1


def _counts(text: str, run: Sequence[Span], bounds: tuple[int, int]) -> Iterator[int]:
    """How many of the sentences a passage gets: first as drawn, then, if that one closes not what it opens, is too
    short or too long, more, then fewer."""
    low, most = bounds[0], min(bounds[1], len(run))
    key = xxhash.xxh3_64_intdigest(text[slice(*run[0])].encode())
    drawn = min(low + key % (bounds[1] - low + 1), most)
    yield from (drawn, *range(drawn + 1, most + 1), *range(drawn - 1, low - 1, -1))


def fault(sentence: str) -> str | None:
    """Why a sentence is none to translate, or None."""
    core = sentence.lstrip(_OPENERS + " ")
    visible, letters = len(sentence) - sentence.count(" "), sum(map(str.isalpha, sentence))
    if len(sentence) > LONGEST_SENTENCE:
        return "too_long"
    if not _ENDED.search(sentence) or _ELLIPSIS.search(sentence):
        return "no_end"
    if not core[:1].isalnum() or core[0].islower():
        return "no_beginning"
    if letters < LETTERS * visible or (letters > 3 and sentence.upper() == sentence != sentence.lower()):
        return "no_prose"
    return None


def _passage_fault(passage: str) -> str | None:
    if len(passage) > LONGEST_PASSAGE:
        return "too_long"
    if not _WIDE.search(passage) and (len(passage) < SHORTEST_PASSAGE or len(passage.split()) < FEWEST_WORDS):
        return "too_short"
    return None if balanced(passage) else "open_quotation"


def balanced(text: str) -> bool:
    """Whether brackets and quotation marks come in pairs. Single ones are not counted: they are apostrophes too."""
    if any(text.count(pair[0]) != text.count(pair[1]) for pair in _PARTNERS):
        return False
    if text.count('"') % 2 or text.count("»") != text.count("«"):
        return False
    low, left, right = text.count("„"), text.count("“"), text.count("”")
    return low == left + right if low else left == right


def paragraphs(text: str) -> Iterator[Span]:
    """Spans of the paragraphs, without white space around: lines, or in text with broken lines what they make up."""
    lines = [(match.start(), match.end()) for match in re.finditer(r"[^\n]*\S", text)]
    lines = [(start + len(text[start:end]) - len(text[start:end].lstrip()), end) for start, end in lines]
    joined = [_goes_on(text, *pair) for pair in itertools.pairwise(lines)]
    small = sum(text[start].islower() for (start, _), open_line in zip(lines[1:], joined, strict=True) if open_line)
    wrapped = small >= WRAPPED_LINES and small >= WRAPPED_SHARE * sum(joined)
    start = 0
    for i, (_, end) in enumerate(lines):
        if not (wrapped and i < len(joined) and joined[i]):
            yield lines[start][0], end
            start = i + 1


def _goes_on(text: str, line: Span, following: Span) -> bool:
    """Whether the sentence at the end of a line may go on in the following one."""
    gap = text[line[1] : following[0]]
    return not _ENDED.search(text[slice(*line)]) and gap.count("\n") == 1 and text[line[1] - 1] != "-"
