"""Sentences: where one ends and the next begins, known by marks, abbreviations and ordinals.

    "Dr. Meier kommt am 3. Mai. Gut."  ->  "Dr. Meier kommt am 3. Mai.", "Gut."

Abbreviations and ordinals are known for German and English; other languages are split by the marks alone.
"""

from __future__ import annotations

import functools
import re

Span = tuple[int, int]

_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
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


def split_sentences(text: str, language: str) -> list[str]:
    """The sentences of one line, without the white space around and between them; a blank line has none."""
    spans = sentence_spans(text, 0, len(text), language)
    return [sentence for start, end in spans if (sentence := text[start:end].strip())]


def sentence_spans(line: str, start: int, end: int, language: str) -> list[Span]:
    """The sentences of line[start:end]: after . ! ? and their like, but not after abbreviations and ordinals.

    A full stop ends no sentence when a small letter follows, after single letters (`J. Bach`, `U.S. Army`), after what
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
    if _INITIALS.fullmatch(word) or word.replace(".", "") in _abbreviations(language):
        return False
    return not (word.isdecimal() and len(word) <= 2 and language == "de" and _counted(match))


@functools.cache
def _abbreviations(language: str) -> frozenset[str]:
    return frozenset(f"{_ABBREVIATIONS['']} {_ABBREVIATIONS.get(language, '')}".split())


def _counted(match: re.Match[str]) -> bool:
    """Whether a month follows, or a noun that things are numbered by: then `19.` is an ordinal."""
    word = _LETTERS.match(match.string, match.start("next"))
    return word is not None and word[0] in f"{_MONTHS_DE} {_ORDINAL_NOUNS_DE}".split()
