"""Duplicates over all documents: equal ones, and those that share most of their text.

Arrays in, arrays out. `rank` says who survives: the caller gives each document a number of its own, the lowest stays
(source order in the recipe, then longer text, then content hash, then position), and a negative number to those that
take no part. So the answer depends on the set of documents and their ranks, not on shards, workers or their order.

    exact_duplicates   the same key but for case and white space (`text_key`). 64-bit keys: among 10 million documents
                       the chance of one false drop is 1 in 370,000. 50 bytes of memory a document.
    near_duplicates    see there. 448 bytes a document on disk (its signature, memory-mapped); in memory 60 bytes a
                       document and 25 for each that shares a band with another: 10 million documents take 0.7 GB.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import xxhash
from numpy.typing import NDArray

from dragoman.corpus.minhash import BANDS, PERMUTATIONS, Keys, Places, Signatures, band, equal_rows, mixed

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int32]
Release = Callable[[], object]

MOST_COMPARED = 128
_ROWS_AT_ONCE = 1 << 16
_LOOKED_UP_AT_ONCE = 1 << 14
_COMPARED_AT_ONCE = 1 << 9  # each may bring in 64 kB of a mapped file


def _nothing() -> None:
    """Signatures that are no mapped file have nothing to give back."""


def text_key(*parts: str) -> int:
    """The 64-bit key of a text, or of a pair of texts, without regard to case and white space."""
    return xxhash.xxh3_64_intdigest("\x1f".join(" ".join(part.casefold().split()) for part in parts).encode())


class Seen:
    """Remembers keys: `first(keys)` says which of a batch are met for the first time. Ask in source order."""

    def __init__(self) -> None:
        self._keys: set[int] = set()

    def first(self, keys: Sequence[int]) -> list[bool]:
        """For each key, in order: True where no earlier call and no earlier place in this one had it."""
        answers = []
        for key in keys:
            answers.append(key not in self._keys)
            self._keys.add(key)
        return answers


def _runs(ordered: Keys | Numbers) -> Places:
    """Where each run of equal keys starts, and the end: keys [4, 4, 7] have [0, 2, 3]."""
    new = np.ones(len(ordered) + 1, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:-1])
    return np.flatnonzero(new)


def exact_duplicates(keys: Keys, rank: Places) -> Flags:
    """True for each document, (N,), that is not the one of the lowest rank with its key."""
    dropped = np.zeros(len(keys), dtype=bool)
    taking = np.flatnonzero(rank >= 0)
    if not len(taking):
        return dropped
    order = taking[np.argsort(keys[taking])]
    bounds = _runs(keys[order])
    lowest = np.minimum.reduceat(rank[order], bounds[:-1])
    dropped[order] = rank[order] != np.repeat(lowest, np.diff(bounds))
    return dropped


@dataclass(frozen=True)
class _Buckets:
    """Who shares a band key with whom. Documents are numbered by rank; a bucket holds two of them or more."""

    documents: Numbers  # (A,) those in any bucket, ascending
    starts: Places  # (A + 1,) the buckets of documents[i] are of[starts[i] : starts[i + 1]]
    of: Numbers
    sizes: Places  # (B,) how many documents each bucket holds

    def __iter__(self) -> Iterator[tuple[int, list[int]]]:
        """Each document with its buckets, in order of rank; Python numbers for a block at a time."""
        for at in range(0, len(self.documents), _LOOKED_UP_AT_ONCE):
            starts = self.starts[at : at + _LOOKED_UP_AT_ONCE + 1]
            of = self.of[starts[0] : starts[-1]].tolist()
            bounds = (starts - starts[0]).tolist()
            documents = self.documents[at : at + _LOOKED_UP_AT_ONCE].tolist()
            for document, start, stop in zip(documents, bounds[:-1], bounds[1:], strict=True):
                yield document, of[start:stop]


def _band_keys(signatures: Signatures, number: int, documents: Places, release: Release) -> Keys:
    keys = np.empty(len(documents), dtype=np.uint64)
    for at in range(0, len(signatures), _ROWS_AT_ONCE):
        start, stop = np.searchsorted(documents, (at, at + _ROWS_AT_ONCE))
        keys[start:stop] = band(signatures[at : at + _ROWS_AT_ONCE], number)[documents[start:stop] - at]
        release()
    return keys


def _shared(keys: Keys, number_of: Numbers) -> tuple[Numbers, Places]:
    """The documents of each bucket of a band, bucket after bucket, and the buckets' sizes."""
    order = np.argsort(keys)
    sizes = np.diff(_runs(keys[order]))
    members = number_of[order[np.repeat(sizes > 1, sizes)]]
    return members, sizes[sizes > 1]


def _buckets(signatures: Signatures, documents: Places, number_of: Numbers, release: Release) -> _Buckets:
    """The buckets of all bands. Two with the same documents count once: close copies share most of their bands."""
    seen = np.empty(0, dtype=np.uint64)
    members, sizes = [np.empty(0, dtype=np.int32)], [np.empty(0, dtype=np.int64)]
    for number in range(BANDS):
        inside, size = _shared(_band_keys(signatures, number, documents, release), number_of)
        if not len(size):
            continue
        content = np.add.reduceat(mixed(inside.astype(np.uint64) + np.uint64(1)), np.cumsum(size) - size)
        new = ~np.isin(content, seen)
        seen = np.concatenate((seen, content[new]))
        members.append(inside[np.repeat(new, size)])
        sizes.append(size[new])
    member, size = np.concatenate(members), np.concatenate(sizes)
    bucket = np.repeat(np.arange(len(size), dtype=np.int32), size)
    order = np.argsort(member, kind="stable")
    starts = _runs(member[order])
    return _Buckets(member[order][starts[:-1]], starts, bucket[order], size)


class _Kept:
    """The kept documents of each bucket, lowest ranks first, no more than `most` of each."""

    def __init__(self, sizes: Places, most: int) -> None:
        room = np.minimum(sizes, most)
        bounds = np.concatenate(([0], np.cumsum(room)))
        # Views of the buffers: single numbers come out of them three times as fast as out of arrays.
        self._starts, self._ends, self._at = bounds[:-1].data, bounds[1:].data, bounds[:-1].copy().data
        self._documents = np.empty(bounds[-1], dtype=np.int32).data

    def add(self, document: int, buckets: list[int]) -> None:
        """Let later documents of these buckets be compared with this one."""
        for bucket in buckets:
            if (at := self._at[bucket]) < self._ends[bucket]:
                self._documents[at] = document
                self._at[bucket] = at + 1

    def beside(self, buckets: list[int]) -> list[int]:
        """All that stand in any of these buckets, ascending."""
        found: set[int] = set()
        for bucket in buckets:
            found.update(self._documents[self._starts[bucket] : self._at[bucket]])
        return sorted(found)


def near_originals(
    signatures: Signatures,
    rank: Places,
    similarity: float,
    most_compared: int = MOST_COMPARED,
    release: Release = _nothing,
) -> Places:
    """For each document, (N,), the kept document that it repeats (of several the one of the lowest rank), else -1.

    Asked in order of rank: a document is dropped when it shares a band with a kept one of lower rank and their
    signatures (N, 112) agree in at least `similarity` of the rows. One that is near to dropped ones only is kept.

    In each bucket only the `most_compared` kept documents of the lowest ranks are compared, so a hundred thousand
    different pages of one template do not cost a hundred thousand squared: at most 14 x 128 comparisons a document.
    What the pages share fills one or two of their bands; a true copy is found through the others.

    Where the signatures are a mapped file, `release` gives back the memory of what was read; it is called often.
    """
    original = np.full(len(rank), -1, dtype=np.int64)
    signatures = np.asarray(signatures)  # a plain view: rows of a memmap are slow to take
    documents = np.flatnonzero(rank >= 0)
    by_rank = documents[np.argsort(rank[documents])]
    number_of = np.empty(len(documents), dtype=np.int32)
    number_of[np.searchsorted(documents, by_rank)] = np.arange(len(documents), dtype=np.int32)
    buckets = _buckets(signatures, documents, number_of, release)
    kept = _Kept(buckets.sizes, most_compared)
    enough = math.ceil(similarity * PERMUTATIONS - 1e-9)
    for count, (number, shared) in enumerate(buckets):
        if count % _COMPARED_AT_ONCE == 0:
            release()
        if others := kept.beside(shared):
            near = equal_rows(signatures[by_rank[others]], signatures[by_rank[number]]) >= enough
            if near.any():
                original[by_rank[number]] = by_rank[others[int(near.argmax())]]
                continue
        kept.add(number, shared)
    return original


def near_duplicates(
    signatures: Signatures,
    rank: Places,
    similarity: float,
    most_compared: int = MOST_COMPARED,
    release: Release = _nothing,
) -> Flags:
    """True for each document, (N,), that repeats a kept one of lower rank; see `near_originals`."""
    return near_originals(signatures, rank, similarity, most_compared, release) >= 0
