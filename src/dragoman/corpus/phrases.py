"""The lists of what is not prose (`lists/*.txt` and the user's own), and looking for all of them at once.

All entries are looked for in one pass over the small letters of a whole batch, by an Aho-Corasick automaton (200 MB/s
whatever the length of the lists; two hundred substring searches make 5). What needs more than a substring (word
bounds, expressions) is asked only where the automaton found its literal.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from ahocorasick_rs import BytesAhoCorasick, Implementation

from dragoman.corpus.block import Block, Flags, Places
from dragoman.corpus.characters import small
from dragoman.errors import DataError, nearest
from dragoman.io import read_lines

SHIPPED = Path(__file__).parent / "lists"
ARROW = " => "  # parts literal and expression
NEAR = 400  # characters around a literal in which its expression must match: some expressions are slow on long texts
_SECTIONS = ("head", "line", "word", "pattern")
_WORD_CHARACTER = re.compile(r"\w")
_NOTHING = "\x00"  # stands in no repaired text


@dataclass(frozen=True)
class Lists:
    """Entries of all lists, in small letters: phrases, words, and (literal, expression)."""

    heads: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    patterns: tuple[tuple[str, str], ...] = field(default=())

    def find(self, block: Block) -> Hits:
        """Where entries stand in a repaired block, those with a plain text to look for."""
        found = _automaton(self).find_matches_as_indexes(block.small, overlapping=True)
        table = np.array(found, dtype=np.int64).reshape(-1, 3)
        unsure = np.flatnonzero(np.isin(table[:, 0], _beyond_latin(self)))
        texts = (*self.heads, *self.lines, *self.words, *(literal for literal, _ in self.patterns))
        wrong = [i for i in unsure.tolist() if small(block.joined[table[i, 1] : table[i, 2]]) != texts[table[i, 0]]]
        table = np.delete(table, wrong, axis=0)
        return Hits(self, table[:, 1], table[:, 2], table[:, 0])

    def found_in(self, block: Block, head_chars: int) -> Found:
        """What the lists say of each text of a repaired block."""
        return Found.of(self.find(block), block, block.texts, head_chars)

    @property
    def _phrases(self) -> int:
        return len(self.heads) + len(self.lines)

    @property
    def _literals(self) -> int:
        return self._phrases + len(self.words)

    def head_holds(self, text: str, chars: int) -> bool:
        """Whether a head phrase stands in a line of the first `chars` characters."""
        head = small(text[:chars])
        return any(phrase in head for phrase in self.heads)

    def matches_pattern(self, text: str, asked: Sequence[int] | None = None) -> bool:
        """Whether one of the patterns (of those that are asked) matches."""
        lowered = small(text)
        chosen = self.patterns if asked is None else [self.patterns[number] for number in asked]
        return any(_found(literal, _compiled(pattern), lowered) for literal, pattern in chosen)

    def count_words(self, text: str) -> int:
        """How many different blocked words `text` holds."""
        lowered = small(text)
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


@dataclass(frozen=True)
class Hits:
    """What was found in a block: entry[i] of `heads + lines + words + literals` at start[i]:end[i], in any order."""

    lists: Lists
    start: Places
    end: Places
    entry: Places

    def boilerplate(self, block: Block) -> Flags:
        """Which lines hold a head or line phrase."""
        flags = np.zeros(len(block.lines), dtype=bool)
        phrases = self.start[self.entry < self.lists._phrases]
        flags[np.searchsorted(block.lines.end, phrases)] = True
        return flags

    def outside(self, block: Block, cut: Flags) -> Hits:
        """The hits in lines that are not cut."""
        left = ~cut[np.searchsorted(block.lines.end, self.start)]
        return Hits(self.lists, self.start[left], self.end[left], self.entry[left])

    def by_text(self, block: Block) -> dict[int, list[tuple[int, int, int]]]:
        """(entry, start, end) of the hits in each text that has any."""
        owner = np.searchsorted(block.bounds, self.start, side="right") - 1
        found: dict[int, list[tuple[int, int, int]]] = {}
        for text, *hit in zip(owner.tolist(), self.entry.tolist(), self.start.tolist(), self.end.tolist(), strict=True):
            found.setdefault(text, []).append((hit[0], hit[1], hit[2]))
        return found


@dataclass(frozen=True)
class Found:
    """What the lists say of each text of a batch."""

    head: Flags
    pattern: Flags
    words: Places

    @classmethod
    def of(cls, hits: Hits, block: Block, texts: Sequence[str], head_chars: int) -> Found:
        """`hits` in `block`, of which `texts` are left (some lines may be cut)."""
        lists, heads = hits.lists, len(hits.lists.heads)
        found = cls(
            np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=bool), np.zeros(len(texts), dtype=np.int64)
        )
        for i, places in hits.by_text(block).items():
            entries = {entry for entry, _, _ in places}
            found.head[i] = min(entries) < heads and lists.head_holds(texts[i], head_chars)
            literals = sorted(entry - lists._literals for entry in entries if entry >= lists._literals)
            found.pattern[i] = bool(literals) and lists.matches_pattern(texts[i], literals)
            words = {
                entry
                for entry, start, end in places
                if lists._phrases <= entry < lists._literals and _bounded(block, start, end)
            }
            found.words[i] = len(words)
        if any(not literal for literal, _ in lists.patterns):
            everywhere = [number for number, (literal, _) in enumerate(lists.patterns) if not literal]
            found.pattern[:] |= [lists.matches_pattern(text, everywhere) for text in texts]
        return found


def _bounded(block: Block, start: int, end: int) -> bool:
    """Whether no letter, digit or low line stands before and after."""
    before = chr(block.codes[start - 1]) if start else "\n"
    return not (_WORD_CHARACTER.match(before) or _WORD_CHARACTER.match(chr(block.codes[end])))


@functools.lru_cache(maxsize=8)
def _automaton(lists: Lists) -> BytesAhoCorasick:
    literals = [literal or _NOTHING for literal, _ in lists.patterns]
    entries = (*lists.heads, *lists.lines, *lists.words, *literals)
    return BytesAhoCorasick([_as_bytes(entry) for entry in entries], implementation=Implementation.DFA)


def _as_bytes(text: str) -> bytes:
    """`text` as `Block.small` shows it: 255 for every character beyond Latin-1."""
    return bytes(min(ord(char), 255) for char in text)


@functools.lru_cache(maxsize=8)
def _beyond_latin(lists: Lists) -> list[int]:
    """The entries that the automaton may take for others."""
    entries = (*lists.heads, *lists.lines, *lists.words, *(literal for literal, _ in lists.patterns))
    return [number for number, entry in enumerate(entries) if 255 in _as_bytes(entry)]


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
    entries["head"].update(dict.fromkeys(small(phrase) for phrase in phrases))
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
        return small(line)
    try:
        re.compile(line.rpartition(ARROW)[2])
    except re.error as error:
        raise DataError(f"line {number} is no regular expression: {error}", where=path, do="correct it") from None
    return line
