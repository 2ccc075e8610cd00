"""What only all documents of a language together can tell: copies, near copies, and lines that many of them share.

Everything is decided on arrays of all shards, by ranks that come from the documents alone (source order in the recipe,
then longer text, then content), so the answer depends neither on shards nor on the order of files.
"""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.block import Flags, Places
from dragoman.corpus.curate.shard import ShardFiles
from dragoman.corpus.dedup import Release, exact_duplicates, near_duplicates
from dragoman.corpus.lines import LineChunk, repeated_lines
from dragoman.corpus.minhash import PERMUTATIONS
from dragoman.recipe.corpus import CurateSettings

KEPT, DUPLICATE, NEAR, OVER_BUDGET = 0, 1, 2, 3
VERDICTS = (None, "duplicate", "near_duplicate", "over_budget")


@dataclass
class Pool:
    """The kept documents of all shards of a language, one entry each, in canonical order of their shards."""

    files: Sequence[ShardFiles]
    shard: Places  # which of `files`
    row: Places  # which document of that shard
    source: Places  # number of the source among those of the language
    columns: dict[str, NDArray[Any]]
    verdict: NDArray[np.int8] = field(default_factory=lambda: np.zeros(0, dtype=np.int8))

    def __len__(self) -> int:
        return len(self.shard)

    def rank(self) -> Places:
        """Who survives: source order, then longer text, then content, then place; -1 for those already dropped."""
        by = (
            self.columns["position"],
            self.columns["in_file"],
            self.columns["content"],
            -self.columns["chars"],
            self.source,
        )
        rank = np.empty(len(self), dtype=np.int64)
        rank[np.lexsort(by)] = np.arange(len(self))
        rank[self.verdict != KEPT] = -1
        return rank

    def drop(self, flags: Flags, verdict: int) -> None:
        """Drop the flagged documents that are not dropped yet."""
        self.verdict[flags & (self.verdict == KEPT)] = verdict


def load_pool(files: Sequence[ShardFiles], sources: Sequence[int]) -> Pool:
    """The documents of some finished shards; sources[i] is the number of the source of files[i]."""
    shards = [shard.load_rows() for shard in files]
    sizes = [len(rows["key"]) for rows in shards]
    names = ("in_file", "position", "chars", "tokens", "key", "content")
    columns = {name: np.concatenate([np.empty(0, np.int64), *(rows[name] for rows in shards)]) for name in names}
    for name in ("key", "content"):
        columns[name] = np.concatenate([np.empty(0, np.uint64), *(rows[name] for rows in shards)])
    return Pool(
        files,
        np.repeat(np.arange(len(files)), sizes),
        np.concatenate([np.empty(0, np.int64), *(np.arange(size) for size in sizes)]),
        np.repeat(np.array(sources, dtype=np.int64), sizes),
        columns,
        np.zeros(sum(sizes), dtype=np.int8),
    )


def drop_copies(pool: Pool, settings: CurateSettings, scratch: Path) -> None:
    """Equal documents first, then near ones among those that are left."""
    if settings.duplicates == "none" or not len(pool):
        return
    pool.drop(exact_duplicates(pool.columns["key"], pool.rank()), DUPLICATE)
    if settings.duplicates == "near":
        signatures, release = _signatures(pool, scratch)
        pool.drop(near_duplicates(signatures, pool.rank(), settings.near_similarity, release=release), NEAR)


def _signatures(pool: Pool, scratch: Path) -> tuple[NDArray[np.uint32], Release]:
    """The signatures of all shards as one mapped file, and what gives back the memory of what was read of it."""
    counts = np.bincount(pool.shard, minlength=len(pool.files)).tolist()
    with open(scratch, "wb") as stream:
        for files, count in zip(pool.files, counts, strict=True):
            files.load_signatures(count).tofile(stream)
    with open(scratch, "rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    whole = np.frombuffer(mapped, dtype=np.uint32).reshape(len(pool), PERMUTATIONS)
    return whole, partial(mapped.madvise, mmap.MADV_DONTNEED)


def _line_keys(pool: Pool, counts: Sequence[int], scratch: Path) -> NDArray[np.uint64]:
    """The line keys of all shards as one memory-mapped array: thousands of maps would be too many open files."""
    whole = np.memmap(scratch, dtype=np.uint64, mode="w+", shape=(max(1, sum(counts)),))
    place = 0
    for files, count in zip(pool.files, counts, strict=True):
        whole[place : place + count] = files.load_lines(count)
        place += count
    return whole


def find_repeated_lines(pool: Pool, settings: CurateSettings, scratch: Path) -> dict[int, Flags]:
    """For each document (by its place in the pool) that loses lines: which of its compared lines go."""
    if settings.repeated_line_documents is None or not len(pool):
        return {}
    rank = pool.rank()
    offsets = [files.load_rows()["line_at"] for files in pool.files]
    keys = _line_keys(pool, [int(of_shard[-1]) for of_shard in offsets], scratch)
    chunks, first, line = [], 0, 0
    for of_shard in offsets:
        count, lines = len(of_shard) - 1, int(of_shard[-1])
        chunks.append(LineChunk(keys[line : line + lines], of_shard, rank[first : first + count]))
        first, line = first + count, line + lines
    lost: dict[int, Flags] = {}
    first = 0
    for chunk, flags in zip(chunks, repeated_lines(chunks, settings.repeated_line_documents), strict=True):
        places = np.flatnonzero(flags)
        for document in np.unique(np.searchsorted(chunk.offsets, places, side="right") - 1).tolist():
            lost[first + document] = flags[chunk.offsets[document] : chunk.offsets[document + 1]]
        first += len(chunk.offsets) - 1
    return lost


def interleaved(pool: Pool, weights: Sequence[float]) -> Places:
    """The kept documents in the order in which they go out: sources take turns, each by its share of the characters.

    Sources' own order stays. A document's turn is when the characters of its source before it, over the weight, are
    fewest: with weights 2 and 1 the first source has given twice as much at every moment, until one is used up.
    """
    canonical = np.lexsort((pool.columns["position"], pool.columns["in_file"], pool.source))
    canonical = canonical[pool.verdict[canonical] == KEPT]
    turn = np.empty(len(canonical))
    for number, weight in enumerate(weights):
        mine = pool.source[canonical] == number
        chars = pool.columns["chars"][canonical[mine]]
        turn[mine] = (np.cumsum(chars) - chars) / weight
    order: Places = canonical[np.lexsort((pool.source[canonical], turn))]
    return order


def keep_budget(pool: Pool, order: Places, budget: int | None) -> Places:
    """The head of `order` that holds `budget` characters; the other documents are dropped as over budget."""
    if budget is None:
        return order
    chars = pool.columns["chars"][order]
    fits = np.cumsum(chars) <= budget
    pool.verdict[order[~fits]] = OVER_BUDGET
    return order[fits]
