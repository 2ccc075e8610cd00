"""The lists of what is not prose (`lists/*.txt` and the user's own), and looking for all of them at once.

A list is looked for with one expression of RE2 (in Arrow: 300 MB/s whatever the length of the list). RE2 knows no
word bounds but those of ASCII, for which ä and ß are no letters; so words are bounded by "no letter, digit or low
line" spelled out, and what needs Python's expressions is asked only of texts that hold the entry's literal.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dragoman.corpus.block import Flags
from dragoman.errors import DataError, nearest
from dragoman.io import read_lines

SHIPPED = Path(__file__).parent / "lists"
ARROW = " => "  # parts literal and expression
NEAR = 400  # characters around a literal in which its expression must match: some expressions are slow on long texts
_SECTIONS = ("head", "line", "word", "pattern")
_NO_LETTER = r"[^\pL\pN_]"


@dataclass(frozen=True)
class Lists:
    """Entries of all lists, in small letters: phrases, words, and (literal, expression)."""

    heads: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    patterns: tuple[tuple[str, str], ...] = field(default=())

    def heads_in(self, texts: Sequence[str], chars: int) -> Flags:
        """Which texts hold a head phrase in their first `chars` characters; white space counts as one blank."""
        heads = (" ".join(text[:chars].split()) for text in texts)
        return _holds(pa.array(heads, type=pa.string()), self.heads)

    def boilerplate(self, lines: pa.Array) -> Flags:
        """Which of some lines hold a head or line phrase."""
        return _holds(lines, (*self.heads, *self.lines))

    def blocked(self, texts: Sequence[str]) -> tuple[Flags, list[int]]:
        """Which texts match a pattern, and how many different blocked words each holds."""
        lowered = pc.utf8_lower(pa.array(texts, type=pa.string()))
        literals = [re.escape(literal) for literal, _ in self.patterns]
        matches, counts = np.zeros(len(texts), dtype=bool), [0] * len(texts)
        for i in np.flatnonzero(_matches(lowered, literals)).tolist():
            matches[i] = self.matches_pattern(texts[i])
        bounded = (
            [f"(?:^|{_NO_LETTER})(?:{'|'.join(map(re.escape, self.words))})(?:$|{_NO_LETTER})"] if self.words else []
        )
        for i in np.flatnonzero(_matches(lowered, bounded)).tolist():
            counts[i] = self.count_words(texts[i])
        return matches, counts

    def matches_pattern(self, text: str) -> bool:
        """Whether one of the patterns matches."""
        lowered = text.lower()
        return any(_found(literal, _compiled(pattern), lowered) for literal, pattern in self.patterns)

    def count_words(self, text: str) -> int:
        """How many different blocked words `text` holds."""
        lowered = text.lower()
        return sum(
            word in lowered and _compiled(rf"(?<!\w){re.escape(word)}(?!\w)").search(lowered) is not None
            for word in self.words
        )


def _found(literal: str, pattern: re.Pattern[str], lowered: str) -> bool:
    """Whether `pattern` matches near a place where `literal` stands; anywhere, if there is no literal."""
    if not literal:
        return pattern.search(lowered) is not None
    place = lowered.find(literal)
    while place >= 0:
        if pattern.search(lowered, max(0, place - NEAR), place + len(literal) + NEAR):
            return True
        place = lowered.find(literal, place + NEAR // 2)
    return False


def _holds(texts: pa.Array, phrases: Iterable[str]) -> Flags:
    return _matches(pc.utf8_lower(texts), [re.escape(phrase) for phrase in phrases])


def _matches(lowered: pa.Array, expressions: Sequence[str]) -> Flags:
    """Which of some texts in small letters one of some RE2 expressions is found in."""
    if not expressions or not len(lowered):
        return np.zeros(len(lowered), dtype=bool)
    found = pc.match_substring_regex(lowered, "|".join(expressions))
    flags: Flags = found.to_numpy(zero_copy_only=False).astype(bool)
    return flags


@functools.lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@functools.lru_cache(maxsize=16)
def load_lists(files: tuple[Path, ...], phrases: tuple[str, ...], patterns: tuple[str, ...]) -> Lists:
    """The shipped lists, those in `files`, and single head phrases and patterns of a recipe.

    Raises `DataError` that names file and line for an unknown section or an expression that does not compile.
    """
    entries: dict[str, dict[str, None]] = {section: {} for section in _SECTIONS}
    for path in (*sorted(SHIPPED.glob("*.txt")), *files):
        for section, entry in _read(path):
            entries[section][entry] = None
    entries["head"].update(dict.fromkeys(phrase.lower() for phrase in phrases))
    entries["pattern"].update(dict.fromkeys(patterns))
    parted = (entry.rpartition(ARROW) for entry in entries["pattern"])
    return Lists(
        heads=tuple(entries["head"]),
        lines=tuple(entries["line"]),
        words=tuple(entries["word"]),
        patterns=tuple((literal, pattern) for literal, _, pattern in parted),
    )


def _read(path: Path) -> Iterable[tuple[str, str]]:
    """(section, entry) rows of a list."""
    section = ""
    for number, line in enumerate(map(str.strip, read_lines(path)), start=1):
        if not line or line == "#" or line.startswith("# "):
            continue
        if line.startswith("[") and line.endswith("]") and line[1:-1].isalpha():
            section = line[1:-1]
            if section not in _SECTIONS:
                raise DataError(f"line {number}: no section '{section}'", where=path, do=nearest(section, _SECTIONS))
        elif not section:
            raise DataError(f"line {number} stands before any section", where=path, do="start with [head] or another")
        else:
            yield section, _checked(section, line, path, number)


def _checked(section: str, line: str, path: Path, number: int) -> str:
    if section != "pattern":
        return line.lower()
    try:
        re.compile(line.rpartition(ARROW)[2])
    except re.error as error:
        raise DataError(f"line {number} is no regular expression: {error}", where=path, do="correct it") from None
    return line
