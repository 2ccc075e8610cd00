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

Count = Callable[[str], int]
"""Text -> its number of tokens."""

_BREAK = re.compile(r"[\n\r\v\f\x85\u2028\u2029]+")
_CLAUSE = re.compile(r"(?<=[,;:،؛、，；：…)\]»”“])\s+|(?<=\s[-–—])\s+|(?<=[、，；：])")
_WORD = re.compile(r"\s+")
_LETTERS = re.compile(r"[^\W\d_]*")
_FULL_WIDTH = re.compile(r"[。！？｡]+[」』”）]*(?=[^\s。！？｡」』”）])")

_MARKS = ".!?…‽؟۔।॥։።"
# A run of marks is tried from its start only, and possessive quantifiers (`++`) never try a shorter match, so a line of
# a million full stops takes no longer than others.
_SENTENCE = re.compile(
    rf"""(?<![{_MARKS}]) (?P<marks>[{_MARKS}]++) ["'”’»«“‹›)\]]*+ (?P<gap>\s++)
         ["'“„‚‘»«‹›(\[¿¡–—-]*+ \s*+ (?P<next>\S)""",
    re.VERBOSE,
)
LONGEST_WORD = 40
"""Characters before a full stop that are looked at."""

_MONTHS_DE = "Januar Jänner Februar Feber März April Mai Juni Juli August September Oktober November Dezember"
_ORDINAL_NOUNS_DE = (
    "Jahrhundert Jahrhunderts Mal Klasse Stock Platz Tag Geburtstag FC Bundesliga Liga Weltkrieg Weltkriegs Auflage"
)
_ABBREVIATIONS = {
    "": "Dr Prof St vs etc ca Nr No Vol approx",
    "de": "Hr Hrn Fr Frl Dipl Ing Mag bzw usw usf bspw evtl ggf inkl exkl zzgl Abs Art Bd Abb Tab Kap Str Tel geb gest "
    "Jh Jhs vgl zB dh ua uvm sog allg max min Std Mio Mrd Tsd Chr Hbf Okt Nov Dez Jan Feb Apr Aug Sept Sep",
    "en": "Mr Mrs Ms Messrs Sr Jr Rev Hon Gen Col Lt Sgt Capt Cpt Gov Sen Rep Mt Ave Blvd Rd Ft Inc Ltd Co Corp Dept "
    "Est Fig Eq Sec Ch pp eg ie al cf Jan Feb Apr Aug Sept Sep Oct Nov Dec",
}


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


Span = tuple[int, int]


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


def sentence_spans(line: str, start: int, end: int, language: str) -> list[Span]:
    """The sentences of line[start:end]: after . ! ? and their like, but not after abbreviations and ordinals.

    A full stop ends no sentence when a small letter follows, after a single letter (`J. Bach`), after what
    is known as an abbreviation, and, in German, after a number that a month or a noun such as Jahrhundert follows.
    """
    marks = (match for match in _SENTENCE.finditer(line, start, end) if _ends_sentence(match, language))
    gaps = [match.span("gap") for match in marks]
    gaps += [(match.end(), match.end()) for match in _FULL_WIDTH.finditer(line, start, end)]
    spans = []
    for gap_start, gap_end in sorted(gaps):
        spans.append((start, gap_start))
        start = gap_end
    return [*spans, (start, end)]


def _ends_sentence(match: re.Match[str], language: str) -> bool:
    following = match["next"]
    if following.islower() or match["marks"] != ".":
        return not following.islower()
    before = match.string[max(0, match.start() - LONGEST_WORD) : match.start()].split()
    word = re.sub(r"^\W+", "", before[-1]) if before else ""
    if (len(word) == 1 and word.isalpha()) or word.replace(".", "") in _abbreviations(language):
        return False
    return not (word.isdecimal() and len(word) <= 2 and language == "de" and _counted(match))


def _abbreviations(language: str) -> list[str]:
    return f"{_ABBREVIATIONS['']} {_ABBREVIATIONS.get(language, '')}".split()


def _counted(match: re.Match[str]) -> bool:
    """Whether a month follows, or a noun that things are numbered by: then `19.` is an ordinal."""
    word = _LETTERS.match(match.string, match.start("next"))
    return word is not None and word[0] in f"{_MONTHS_DE} {_ORDINAL_NOUNS_DE}".split()


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
