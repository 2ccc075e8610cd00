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
from dataclasses import dataclass
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
    """The code point of the small letter; `İ`, the one capital with a small form of two characters, is `i`."""
    return ord("i") if char == "İ" else ord(char.lower())


def small(text: str) -> str:
    """`text` in small letters, one from one, so that places stay: `İ` is `i`, and `Σ` is `σ` even at a word's end."""
    return text.replace("İ", "i").replace("Σ", "σ").lower()


@dataclass(frozen=True)
class Latin:
    """Code points as bytes, 255 for all that are higher, and where these stand: what every look-up starts from."""

    low: bytes
    high: NDArray[np.int64]

    @classmethod
    def of(cls, codes: Codes) -> Latin:
        """The form of some code points."""
        low = np.minimum(codes, 255).astype(np.uint8)
        return cls(low.tobytes(), np.flatnonzero(low == 255))


def kinds(codes: Codes, latin: Latin | None = None) -> NDArray[np.uint8]:
    """The `Kind` of each code point; `latin`: their form, if it is known already."""
    return _look_up(codes, latin or Latin.of(codes), kind_of)


def traits(codes: Codes, latin: Latin | None = None) -> NDArray[np.uint8]:
    """The `Trait` bits of each code point."""
    return _look_up(codes, latin or Latin.of(codes), traits_of)


def fold(codes: Codes, latin: Latin | None = None) -> Codes:
    """The code points in small letters."""
    latin = latin or Latin.of(codes)
    folded = np.frombuffer(latin.low.translate(_latin(fold_of)), dtype=np.uint8).astype(np.uint32)
    folded[latin.high] = _high(codes[latin.high], fold_of)
    return folded


def fold_bytes(codes: Codes, latin: Latin) -> bytes:
    """The same as bytes; 255 for small letters that are higher."""
    folded = bytearray(latin.low.translate(_latin(fold_of)))
    np.frombuffer(folded, dtype=np.uint8)[latin.high] = np.minimum(_high(codes[latin.high], fold_of), 255)
    return bytes(folded)


def _look_up(codes: Codes, latin: Latin, answer: Callable[[str], int]) -> NDArray[np.uint8]:
    found = np.frombuffer(bytearray(latin.low.translate(_latin(answer))), dtype=np.uint8)
    found[latin.high] = _high(codes[latin.high], answer)
    return found


@functools.cache
def _latin(answer: Callable[[str], int]) -> bytes:
    """The answers for the first 255 characters; the last entry stands for every higher one and is never used."""
    return bytes([*(answer(chr(code)) for code in range(255)), 0])


def _high(codes: Codes, answer: Callable[[str], int]) -> Codes:
    return _plane(answer).of(codes)


class _Plane:
    """The answers for the basic multilingual plane, worked out by rows of 256 characters when the first one comes."""

    def __init__(self, answer: Callable[[str], int]) -> None:
        self._answer = answer
        self._known = np.zeros(257, dtype=bool)
        self._answers = np.zeros(0x10000, dtype=np.uint32)
        self._known[256] = True  # whatever is higher is asked one by one

    def of(self, codes: Codes) -> Codes:
        """The answer for each code point."""
        rows = np.minimum(codes >> 8, 256)
        for row in np.unique(rows[~self._known[rows]]).tolist():
            self._answers[row << 8 : row + 1 << 8] = [self._answer(chr(row << 8 | low)) for low in range(256)]
            self._known[row] = True
        found = self._answers[np.minimum(codes, 0xFFFF)]
        for place in np.flatnonzero(rows == 256):
            found[place] = self._answer(chr(codes[place]))
        return found


_plane = functools.cache(_Plane)
