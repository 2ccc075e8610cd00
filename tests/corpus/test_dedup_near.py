"""Near duplicates: the fast resolution equals the slow greedy one, and depends on documents and ranks only."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from dragoman.corpus import dedup
from dragoman.corpus.dedup import near_duplicates, near_originals
from dragoman.corpus.minhash import BANDS, PERMUTATIONS, ROWS

Table = NDArray[np.uint32]
Ranks = NDArray[np.int64]


def slow_originals(signatures: Table, rank: Ranks, similarity: float, most: int) -> list[int]:
    """One document after the other, each against the kept ones of its fourteen bands."""
    kept: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    original = [-1] * len(rank)
    for place in sorted(np.flatnonzero(rank >= 0), key=lambda i: rank[i]):
        row = signatures[place]
        bands = [(band, row[band * ROWS : (band + 1) * ROWS].tobytes()) for band in range(BANDS)]
        others = {other for band in bands for other in kept[band][:most]}
        near = [o for o in others if (signatures[o] == row).sum() / PERMUTATIONS >= similarity]
        if near:
            original[place] = int(min(near, key=lambda i: rank[i]))
        else:
            for band in bands:
                kept[band].append(int(place))
    return original


def families(rng: np.random.Generator, sizes: list[int], change: tuple[float, float]) -> Table:
    """Families of documents: each differs from its ancestor, or from the one before it, in a share of the rows."""
    rows = []
    for size in sizes:
        row = rng.integers(0, 2**32, size=PERMUTATIONS, dtype=np.uint32)
        for _ in range(size):
            changed = rng.random(PERMUTATIONS) < rng.uniform(*change)
            child = np.where(changed, rng.integers(0, 2**32, size=PERMUTATIONS, dtype=np.uint32), row)
            rows.append(child)
            row = child if rng.random() < 0.3 else row
    return np.stack(rows)


@pytest.mark.parametrize("similarity", [0.5, 0.75, 0.9, 1.0])
@pytest.mark.parametrize("most", [1, 3, 128])
@pytest.mark.parametrize("seed", range(3))
def test_equal_to_the_slow_version_on_random_families(seed: int, most: int, similarity: float) -> None:
    rng = np.random.default_rng(seed)
    table = families(rng, rng.integers(1, 12, size=60).tolist(), (0.0, 0.4))
    rank = rng.permutation(3 * len(table))[: len(table)] - len(table) // 4
    got = near_originals(table, rank, similarity, most)
    assert got.tolist() == slow_originals(table, rank, similarity, most)
    assert np.array_equal(near_duplicates(table, rank, similarity, most), got >= 0)
    dropped = np.flatnonzero(got >= 0)
    assert (rank[got[dropped]] < rank[dropped]).all() and (got[got[dropped]] == -1).all()


def test_the_order_of_the_documents_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    table = families(rng, [9] * 40, (0.0, 0.4))
    rank = rng.permutation(len(table))
    want = near_duplicates(table, rank, 0.75)
    assert 100 < want.sum() < 300
    for _ in range(3):
        order = rng.permutation(len(table))
        assert np.array_equal(near_duplicates(table[order], rank[order], 0.75), want[order])


def chain() -> Table:
    """Three documents: 0 ~ 1 ~ 2 at 0.82, 0 and 2 at 0.64 only."""
    rng = np.random.default_rng(2)
    table = np.tile(rng.integers(0, 2**32, size=PERMUTATIONS, dtype=np.uint32), (3, 1))
    table[0, 80:100] += 1
    table[2, 60:80] += 1
    return table


@pytest.mark.parametrize(
    ("rank", "original"),
    [
        ([0, 1, 2], [-1, 0, -1]),  # 2 is near to 1 only, and 1 is gone
        ([2, 1, 0], [-1, 2, -1]),
        ([1, 0, 2], [1, -1, 1]),
        ([5, 900, 7], [-1, 0, -1]),  # of two originals, the one of the lower rank
        ([-1, 0, 1], [-1, -1, 1]),  # a negative rank neither drops nor is dropped
        ([0, -1, 2], [-1, -1, -1]),
    ],
)
def test_only_a_kept_document_drops_another(rank: list[int], original: list[int]) -> None:
    assert near_originals(chain(), np.array(rank), 0.75).tolist() == original


@pytest.mark.parametrize(("equal", "dropped"), [(83, False), (84, True), (112, True)])
def test_the_threshold_is_reached_at_84_of_112_rows(equal: int, dropped: bool) -> None:
    table = np.zeros((2, PERMUTATIONS), dtype=np.uint32)
    table[1, equal:] = 1
    assert near_duplicates(table, np.arange(2), 0.75).tolist() == [False, dropped]


def test_without_a_common_band_nothing_is_compared() -> None:
    table = np.zeros((2, PERMUTATIONS), dtype=np.uint32)
    table[1, ::ROWS] = 1  # one row of each band: 98 of 112 agree
    assert not near_duplicates(table, np.arange(2), 0.75).any()


@pytest.mark.parametrize("shape", [0, 1])
def test_few_documents(shape: int) -> None:
    table = np.zeros((shape, PERMUTATIONS), dtype=np.uint32)
    assert near_duplicates(table, np.arange(shape), 0.75).tolist() == [False] * shape
    assert near_duplicates(table, np.full(shape, -1), 0.75).tolist() == [False] * shape


def test_pieces_of_any_size_give_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    table = families(rng, [7] * 50, (0.0, 0.4))
    rank = rng.permutation(2 * len(table))[: len(table)] - len(table)
    want = near_originals(table, rank, 0.75)
    given_back: list[int] = []
    np.save(tmp_path / "signatures.npy", table)
    mapped = np.load(tmp_path / "signatures.npy", mmap_mode="r")
    for size in (1, 13, 64):
        monkeypatch.setattr(dedup, "_ROWS_AT_ONCE", size)
        monkeypatch.setattr(dedup, "_LOOKED_UP_AT_ONCE", size)
        assert np.array_equal(near_originals(mapped, rank, 0.75), want)
        assert np.array_equal(near_originals(mapped, rank, 0.75, release=lambda: given_back.append(1)), want)
    assert len(given_back) > BANDS


def pages_of_one_template(count: int, copies: int) -> tuple[Table, Ranks]:
    """Different pages that share 70% of their shingles, and after them copies (0.9) of the last ones."""
    rng = np.random.default_rng(1)
    template = rng.integers(0, 2**32, size=PERMUTATIONS, dtype=np.uint32)
    own = rng.integers(0, 2**32, size=(count, PERMUTATIONS), dtype=np.uint32)
    pages = np.where(rng.random(own.shape) < 0.7, template, own)
    changed = rng.random((copies, PERMUTATIONS)) < 0.1
    others = rng.integers(0, 2**32, size=changed.shape, dtype=np.uint32)
    return np.concatenate((pages, np.where(changed, others, pages[-copies:]))), np.arange(count + copies)


def test_a_template_is_bounded_and_its_true_copies_are_still_found(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    count_rows = dedup.equal_rows

    def counting(signatures: Table, signature: Table) -> NDArray[np.int64]:
        nonlocal compared
        compared += len(signatures)
        return count_rows(signatures, signature)

    table, rank = pages_of_one_template(4000, 400)
    monkeypatch.setattr(dedup, "equal_rows", counting)
    bounded = near_duplicates(table, rank, 0.75, most_compared=16)
    few, compared = compared, 0
    unbounded = near_duplicates(table, rank, 0.75, most_compared=10**6)
    assert few < compared / 5
    assert unbounded[4000:].mean() > 0.98 and bounded[4000:].mean() > 0.97
