"""Samples for a person to look at: rows chosen by the hash of their text, so that every run chooses the same.

The choice depends neither on the order of the rows nor on how they are cut into shards, and rows that are taken back
later are left out exactly.

The hash that decides is taken of the length and the ends of a text, which costs a microsecond however long it is; the
text as a whole is hashed only where that one is among the smallest.
"""

from __future__ import annotations

import heapq
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import xxhash

ENDS = 64  # characters at each end of a text that decide
SAMPLE_CHARS = 2000  # a longer text is shown by its head
PLACES = 5  # of the unreadable documents of one kind

Place = tuple[str, str]  # where it is, what is wrong there


class Lowest:
    """The rows of the `size` smallest keys with how often each came: the same however a stream is cut and merged."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows: dict[int, tuple[int, dict[str, Any]]] = {}
        self._worst = 0

    def wants(self, rank: int) -> bool:
        """Whether a row of this rank may be among them."""
        return len(self.rows) < self.size or rank <= self._worst >> 64

    def put(self, key: int, row: dict[str, Any], times: int = 1) -> None:
        """Remember `row`, if its key is small enough; of rows with one key the first by its JSON."""
        if key in self.rows:
            before, other = self.rows[key]
            self.rows[key] = before + times, min(row, other, key=lambda one: json.dumps(one, sort_keys=True))
        elif len(self.rows) < self.size or key < self._worst:
            self.rows[key] = times, row
            if len(self.rows) > self.size:
                del self.rows[self._worst]
            self._worst = max(self.rows)

    def entries(self) -> list[list[Any]]:
        """[key, times, row], smallest key first."""
        return [[key, *self.rows[key]] for key in sorted(self.rows)]

    def add(self, entries: Iterable[Sequence[Any]]) -> None:
        """Take in what `entries` gave."""
        for key, times, row in entries:
            self.put(key, row, times)


def rank(source: str, language: str, text: str) -> int:
    """The 64-bit number by which a row is chosen; the fields of a row are one text, joined by U+001F."""
    return ranks(source, language, [text])[0]


def ranks(source: str, language: str, texts: Iterable[str]) -> list[int]:
    """`rank` of each text."""
    digest, head = xxhash.xxh3_64_intdigest, f"{source}\x1f{language}\x1f"
    decides = [f"{head}{len(text)}\x1f{text[:ENDS]}{text[-ENDS:]}" for text in texts]
    return [digest(text.encode("utf-8", "surrogatepass")) for text in decides]


def key(rank: int, text: str) -> int:
    """What tells rows of one rank apart: 128 bit, the rank first."""
    return rank << 64 | xxhash.xxh3_64_intdigest(text.encode("utf-8", "surrogatepass"))


def shown(text: str) -> str:
    """The head of a text, fit for a file: half a surrogate pair cannot be written to one."""
    head = text if len(text) <= SAMPLE_CHARS else text[:SAMPLE_CHARS] + "…"
    return head.encode("utf-8", "replace").decode()


def first_places(places: Iterable[Place]) -> list[Place]:
    """The first few different ones, `line 9` before `line 10`."""
    return heapq.nsmallest(PLACES, set(places), key=_in_order)


def earlier(place: Place, known: Sequence[Place]) -> bool:
    """Whether `place` belongs to the first few, which `known` are so far."""
    return len(known) < PLACES or _in_order(place) < _in_order(known[-1])


def _in_order(place: Place) -> tuple[str, Place]:
    return re.sub("[0-9]+", lambda digits: digits[0].zfill(20), place[0]), place
