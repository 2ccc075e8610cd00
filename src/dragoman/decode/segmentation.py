r"""Lines into pieces a model can take, and back: nothing is lost, so nothing is ever silently cut short.

A line is pieces of text with gaps between them, and `gap piece gap piece gap` put together is the line again:

    "  Guten Tag.  Wie geht es?\n"  ->  gaps "  ", "  ", "\n"; pieces "Guten Tag.", "Wie geht es?"

Only the pieces are translated; the gaps come back as they were. A line within the model's limit is one piece. A longer
one is split into sentences; a sentence that is still too long at clause marks, then at white space, then anywhere, each
time into as few parts as the limit allows. Text with line breaks inside is split at them whatever its length.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dragoman.sentences import Span, sentence_spans

Count = Callable[[str], int]
"""Text -> its number of tokens."""

_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]+")
_CLAUSE = re.compile(r"(?<=[,;:،؛、，；：…)\]»”“])\s+|(?<=\s[-–—])\s+|(?<=[、，；：])")
_WORD = re.compile(r"\s+")


@dataclass(frozen=True)
class Pieces:
    """A line as pieces and the gaps around them: one gap more than pieces; a blank line is one gap and no piece."""

    texts: tuple[str, ...]
    gaps: tuple[str, ...]

    def join(self, texts: Sequence[str]) -> str:
        """The line with `texts` in place of its pieces."""
        return self.gaps[0] + "".join(text + gap for text, gap in zip(texts, self.gaps[1:], strict=True))


def split_line(line: str, count: Count, limit: int, language: str, *, sentences: bool = False) -> Pieces:
    """The pieces of a line, each of at most `limit` tokens; with `sentences`, every sentence is a piece of its own.

    A single character that alone has more tokens than the limit is left whole.
    """
    spans = [
        piece
        for start, end in _between(_BREAK, line, 0, len(line))
        for piece in _fit(line, *_strip(line, start, end), count, limit, language, sentences)
    ]
    starts = [start for start, _ in spans] + [len(line)]
    ends = [0] + [end for _, end in spans]
    gaps = tuple(line[end:start] for end, start in zip(ends, starts, strict=True))
    return Pieces(tuple(line[start:end] for start, end in spans), gaps)


def _fit(line: str, start: int, end: int, count: Count, limit: int, language: str, sentences: bool) -> list[Span]:
    """Spans of line[start:end] that fit, split no finer than needed."""
    if start == end:
        return []
    fits = count(line[start:end]) <= limit
    if fits and not sentences:
        return [(start, end)]
    spans = sentence_spans(line, start, end, language)
    return [part for span in spans for part in _split_long(line, *span, count, limit)]


def _split_long(line: str, start: int, end: int, count: Count, limit: int) -> list[Span]:
    """One sentence, at clause marks, else at white space, else anywhere; parts are put together as far as they fit."""
    if count(line[start:end]) <= limit:
        return [(start, end)]
    for pattern in (_CLAUSE, _WORD):
        parts = list(_between(pattern, line, start, end))
        if len(parts) > 1:
            packed = _pack(line, parts, count, limit)
            return [part for span in packed for part in _split_long(line, *span, count, limit)]
    return _cut(line, start, end, count, limit)


def _pack(line: str, parts: Sequence[Span], count: Count, limit: int) -> list[Span]:
    """Join neighbours while they fit together: limit 4, one token a letter, `a, bb, c, dd` -> `a, bb`..."""
    packed = [parts[0]]
    for start, end in parts[1:]:
        if count(line[packed[-1][0] : end]) <= limit:
            packed[-1] = (packed[-1][0], end)
        else:
            packed.append((start, end))
    return packed


def _cut(line: str, start: int, end: int, count: Count, limit: int) -> list[Span]:
    """Text without a blank: halves until they fit, never inside a character and its combining marks."""
    if end - start < 2 or count(line[start:end]) <= limit:
        return [(start, end)]
    middle = (start + end) // 2
    while middle > start + 1 and (unicodedata.combining(line[middle]) or line[middle] in "\u200d\ufe0f"):
        middle -= 1
    return [*_cut(line, start, middle, count, limit), *_cut(line, middle, end, count, limit)]


def _between(pattern: re.Pattern[str], line: str, start: int, end: int) -> Iterator[Span]:
    """What lies between the matches of `pattern` in line[start:end], empty parts left out."""
    for match in pattern.finditer(line, start, end):
        if match.start() > start:
            yield start, match.start()
        start = match.end()
    if start < end:
        yield start, end


def _strip(line: str, start: int, end: int) -> Span:
    """The span without white space at its ends."""
    text = line[start:end]
    lead = len(text) - len(text.lstrip())
    return (start + lead, start + max(lead, len(text.rstrip())))
