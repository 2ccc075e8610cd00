"""What every character is to the rules and to the repair, looked up for whole arrays of code points at once.

    kinds(array("Ä", "7", " ")) = CAPITAL, DIGIT, SPACE          Traits: what the repair asks (invisible? a joiner? ...)

The definitions are the small functions of one character; the tables below only remember their answers. Most text is
Latin-1, so a block of code points is looked up as bytes (`bytes.translate`, over 1 GB/s) and the few higher ones by
a table of 65,536 entries; characters beyond that are asked one by one.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Callable
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint32]

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


class Trait(IntFlag):
    """What a character is to the repair and to the lines of a page."""

    OTHER_SPACE = 1  # becomes a blank
    OTHER_NEWLINE = 2  # becomes a newline
    INVISIBLE = 4  # goes
    RARE = 8  # may be damage: that is for ftfy, NFC or (a joiner, which is INVISIBLE too) its neighbours to say
    SENTENCE_MARK = 16  # . , ; ! ? inside a line of text
    SENTENCE_END = 32  # ! ? , ; and dashes: lines of text, verse and dialogue end so; the full stop is asked apart
    CLOSER = 64  # quotes and brackets that may follow the end
    MARKUP = 128  # braces, brackets, bars, ...: much of it is source text


def kind_of(char: str) -> int:
    """The kind of one character; a letter without case, as in Chinese, is small."""
    if char.isspace():
        return Kind.SPACE
    if char.isalpha():
        return Kind.CAPITAL if char.isupper() else Kind.SMALL
    if char.isdigit():
        return Kind.DIGIT
    return Kind.PUNCTUATION if char in PUNCTUATION else Kind.SYMBOL


_OTHER_SPACES = frozenset("\t\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))))
_OTHER_NEWLINES = frozenset("\r\x0b\x0c\x85\u2028\u2029")
# C0 and C1 controls but tab and newlines; soft hyphen, zero-width space, word joiner, byte-order mark, directions.
_INVISIBLE = frozenset(
    map(
        chr,
        (
            *(*range(9), *range(0x0E, 0x20), 0x7F, *range(0x80, 0x85), *range(0x86, 0xA0), 0xAD),
            *(*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A), 0xFEFF),
        ),
    )
)
JOINERS = frozenset("\u200c\u200d")
_SETS = (
    (Trait.OTHER_SPACE, _OTHER_SPACES),
    (Trait.OTHER_NEWLINE, _OTHER_NEWLINES),
    (Trait.INVISIBLE, _INVISIBLE),
    (Trait.SENTENCE_MARK, frozenset(".,;!?")),
    (Trait.SENTENCE_END, frozenset("!?,;–—")),
    (Trait.CLOSER, frozenset("\"'“”‘’«»›‹)]*")),
    (Trait.MARKUP, frozenset("{}=<>|\\_[]")),
)


def traits_of(char: str) -> int:
    """The traits of one character."""
    rare = "\x80" <= char <= "\x9f" or "\ud800" <= char <= "\udfff" or char in JOINERS or not _stays_composed(char)
    return sum(trait for trait, members in _SETS if char in members) | (Trait.RARE if rare else 0)


def _stays_composed(char: str) -> bool:
    """Whether NFC leaves the character alone whatever stands before it (quick check 'yes', UAX 15)."""
    if char < "\u0300":
        return True
    mark_or_vowel = unicodedata.category(char)[0] == "M" or "\u1160" <= char <= "\u11ff"
    return not mark_or_vowel and unicodedata.is_normalized("NFC", char)


def fold_of(char: str) -> int:
    """The code point of the small letter; characters whose small form is several stay as they are."""
    small = char.lower()
    return ord(small) if len(small) == 1 else ord(char)


def kinds(codes: Codes) -> NDArray[np.uint8]:
    """The `Kind` of each code point."""
    return _look_up(codes, kind_of)


def traits(codes: Codes) -> NDArray[np.uint8]:
    """The `Trait` bits of each code point."""
    return _look_up(codes, traits_of)


def fold(codes: Codes) -> Codes:
    """The code points in small letters."""
    folded = _look_up_latin(codes, fold_of).astype(np.uint32)
    high = np.flatnonzero(codes > 254)
    folded[high] = _high(codes[high], fold_of)
    return folded


def _look_up(codes: Codes, answer: Callable[[str], int]) -> NDArray[np.uint8]:
    found = _look_up_latin(codes, answer).copy()
    high = np.flatnonzero(codes > 254)
    found[high] = _high(codes[high], answer)
    return found


def _look_up_latin(codes: Codes, answer: Callable[[str], int]) -> NDArray[np.uint8]:
    latin = np.minimum(codes, 255).astype(np.uint8)
    return np.frombuffer(latin.tobytes().translate(_latin(answer)), dtype=np.uint8)


@functools.cache
def _latin(answer: Callable[[str], int]) -> bytes:
    """The answers for the first 255 characters; the last entry stands for every higher one and is never used."""
    return bytes([*(answer(chr(code)) for code in range(255)), 0])


def _high(codes: Codes, answer: Callable[[str], int]) -> Codes:
    found = _plane(answer)[np.minimum(codes, 0xFFFF)]
    for place in np.flatnonzero(codes > 0xFFFF):
        found[place] = answer(chr(codes[place]))
    return found


@functools.cache
def _plane(answer: Callable[[str], int]) -> Codes:
    """The answers for the basic multilingual plane (30 to 60 ms, once a process)."""
    return np.array([answer(chr(code)) for code in range(0x10000)], dtype=np.uint32)
