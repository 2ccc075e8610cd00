"""The form of a translation beside that of its passage: where it ends, whether it repeats itself, what it lacks.

    "She went to the"                        breaks_off
    "He came. He came. He came. He came."    longest_loop -> 4
    "One. Three."                            lacks a sentence of "Eins. Zwei. Drei."

Languages other than German and English are judged by marks and lengths alone.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Sequence

from dragoman.sentences import split_sentences
from dragoman.synth.alignment import gap_evidence
from dragoman.synth.cut import balanced

NO_FULL_STOP = frozenset({"lo", "th"})
"""Languages whose sentences end without a mark."""
SHORT = 0.75
"""A text without a mark at its end breaks off where it has less than this share of its usual length."""
LOOKED_WORDS = 2000
"""Of a text, for loops: five times the longest passage."""
REPEATED_WORDS = 4
"""Shortest sentence, in words, that may not be said twice."""
RELATIVE_LENGTH = {"de": 1.12, "en": 1.0}
"""Characters of a text beside those of its English translation: news 1.13, newstest 1.09, FLORES-200 1.17 (medians)."""
OPEN_WORDS = {
    "de": "der die das den dem des ein eine einen einem einer eines und oder aber denn weil dass ob wenn als "
    "wie von vom zu zur zum in im am bei beim für gegen ohne durch über unter zwischen nach vor aus seit "
    "bis sein seine ihr ihre ihren seinen mein meine kein keine sehr nicht nur auch sowie um",
    "en": "the a an and or but nor because that if when as than of to from with without for against through "
    "between by at into onto his her their our your my its is are was were has have had will would can "
    "could should may might must not very which who whose this these those",
}
"""Words with which hardly any sentence ends."""

_LETTERS = re.compile(r"[^\W\d_]+")
_OTHER_SCRIPT = re.compile(
    "[\u0400-\u052f\u0590-\u06ff\u0900-\u0e7f\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_END = re.compile(r"[.!?…‽؟۔।॥։。！？｡]\W*$")
_OPEN_END = re.compile(r"(?:[,–—-]|\.\.\.|…)\W*$")


def breaks_off(passage: str, text: str, languages: tuple[str, str]) -> bool:
    """Whether `passage` ends as a sentence does and `text` breaks off.

    A missing full stop is not enough (in multi30k, 2% of the captions lack the one that their translation has): the
    text also ends as hardly any sentence does, is much shorter, has other sentences that do end, or leaves a bracket or
    a quotation open.
    """
    language = languages[1]
    if not _END.search(passage) or language in NO_FULL_STOP:
        return False
    if _OPEN_END.search(text):
        return not _OPEN_END.search(passage)
    if _END.search(text):
        return False
    last = _LETTERS.findall(text)[-1:]
    return (
        (bool(last) and last[0] in OPEN_WORDS.get(language, "").split())
        or len(text) < SHORT * (_usual_ratio(languages) or 1) * len(passage)
        or len(sentences_of(text, language)) > 1
        or (balanced(passage) and not balanced(text))
    )


def longest_loop(text: str, most: int) -> int:
    """How often a run of words follows itself, where that is more than `most` times; else 1.

    `no no no, I do I do` holds `no` three times in a row. Words i and i + n are equal all along such a run, so r
    equalities at distance n are n words said r / n + 1 times.
    """
    words = text.casefold().split()[:LOOKED_WORDS]
    found = most
    for size in range(1, len(words) // (most + 1) + 1):
        if sum(map(operator.eq, words, words[size:])) < size * found:  # nearly all texts, sizes and runs end here
            continue
        run = 0
        for here, there in zip(words, words[size:], strict=False):  # shorter by `size`, which is the point
            run = run + 1 if here == there else 0
            found = max(found, run // size + 1)
    return found if found > most else 1


@functools.lru_cache(maxsize=64)
def sentences_of(text: str, language: str) -> tuple[str, ...]:
    """The sentences of a text; several checks ask in a row."""
    return tuple(split_sentences(text, language))


def says_twice(text: str, language: str) -> bool:
    """Whether a sentence of some length is said twice."""
    said = [one.casefold() for one in sentences_of(text, language) if len(one.split()) >= REPEATED_WORDS]
    return len(set(said)) < len(said)


def foreign_letters(passage: str, text: str) -> bool:
    """Whether a text in Latin letters holds letters of scripts that its passage does not have: models slip so."""
    if not _OTHER_SCRIPT.search(text) or _OTHER_SCRIPT.search(passage):
        return False
    letters = "".join(_LETTERS.findall(text))
    return 2 * len(_OTHER_SCRIPT.findall(letters)) < len(letters)


def sentence_evidence(passage: str, text: str, languages: tuple[str, str]) -> float:
    """How sure it is that `text` lacks a sentence of `passage` or has one more: `alignment.gap_evidence`.

    Equal numbers of sentences are not looked at. Where it is not known how long texts of these languages are beside
    each other, the two texts themselves say it, and much less is noticed.
    """
    left, right = (sentences_of(side, code) for side, code in zip((passage, text), languages, strict=True))
    if len(left) == len(right) or not left or not right:
        return 0.0
    ratio = _usual_ratio(languages) or _chars(right) / _chars(left)
    return gap_evidence([len(one) for one in left], [len(one) for one in right], ratio)


def _usual_ratio(languages: tuple[str, str]) -> float | None:
    """Characters of a translation for one of its original, where it is known."""
    src, tgt = (RELATIVE_LENGTH.get(code) for code in languages)
    return tgt / src if src and tgt else None


def _chars(parts: Sequence[str]) -> int:
    return sum(map(len, parts))
