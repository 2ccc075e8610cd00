"""Samples for a person to look at: rows chosen by the hash of their text, so that every run chooses the same.

The choice depends neither on the order of the rows nor on how they are cut into shards, and rows that are taken back
later are left out exactly.

The hash that decides is taken of the length and the ends of a text, of a whole batch at once; the text as a whole is
hashed only where that one is among the smallest.
"""

from __future__ import annotations

import heapq
import json
import operator
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from dragoman.corpus.block import mix

ENDS = 16  # characters at each end of a text that decide
SAMPLE_CHARS = 2000  # a longer text is shown by its head
PLACES = 5  # of the unreadable documents of one kind

_POWERS = np.multiply.accumulate(np.full(2 * ENDS, 0x9E3779B97F4A7C15, dtype=np.uint64))

Place = tuple[str, str]  # where it is, what is wrong there


class Lowest:
    """The rows of the `size` smallest keys with how often each came: the same however a stream is cut and merged."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows: dict[int, tuple[int, dict[str, Any]]] = {}
        self._worst = 0

    @property
    def bar(self) -> np.uint64:
        """The highest rank of a row that may be among them."""
        return np.uint64(self._worst >> 64 if len(self.rows) >= self.size else 2**64 - 1)

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
    total = len(text) + sum(map(operator.mul, map(ord, _ends(text)), _POWERS.tolist()))
    return _mixed(_mixed(total % 2**64) ^ _seed(source, language))


def ranks(source: str, language: str, texts: Sequence[str]) -> NDArray[np.uint64]:
    """`rank` of each text, as arrays."""
    codes = np.frombuffer("".join(map(_ends, texts)).encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    lengths = np.fromiter(map(len, texts), dtype=np.uint64, count=len(texts))
    sums = codes.reshape(len(texts), 2 * ENDS).astype(np.uint64) @ _POWERS
    return mix(mix(sums + lengths) ^ np.uint64(_seed(source, language)))


def _ends(text: str) -> str:
    return (text[:ENDS] + text[-ENDS:]).ljust(2 * ENDS, "\0")


def _seed(source: str, language: str) -> int:
    return xxhash.xxh3_64_intdigest(f"{source}\x1f{language}".encode())


def _mixed(number: int) -> int:
    """`mix` of one number."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        number = ((number ^ number >> shift) * factor) % 2**64
    return number ^ number >> 31


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
