"""Signatures are what the slow definition says, in any cut, and their agreement estimates the shared shingles."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dragoman.corpus import minhash
from dragoman.corpus.minhash import BANDS, PERMUTATIONS, ROWS, SHINGLE, bands, equal_rows, mixed, signatures

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15


def slow_mix(value: int) -> int:
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 & MASK
    value = (value ^ value >> 27) * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def slow_signature(words: list[int]) -> list[int]:
    """One document, one shingle and one permutation after the other."""
    runs = [words[i : i + SHINGLE] for i in range(max(1, len(words) - SHINGLE + 1))] if words else []
    shingles = []
    for run in runs:
        value = 0
        for word in run:
            value = (value * STEP + word) & MASK
        shingles.append(slow_mix(value) >> 32)
    numbers = [slow_mix(i * STEP & MASK) >> 32 for i in range(1, 2 * PERMUTATIONS + 1)]
    pairs = zip(numbers[:PERMUTATIONS], numbers[PERMUTATIONS:], strict=True)
    return [min(((factor | 1) * x + add) % 2**32 for x in shingles or [0]) for factor, add in pairs]


def batch(documents: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    words = np.array([word for document in documents for word in document], dtype=np.uint64)
    return words, np.cumsum([0, *map(len, documents)])


def some_documents(seed: int, lengths: list[int]) -> list[list[int]]:
    rng = random.Random(seed)
    return [[slow_mix(rng.randint(1, 50)) for _ in range(length)] for length in lengths]


LENGTHS = [
    [],
    [0],
    [0, 0, 0],
    [1],
    [4, 5, 6],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0],
    [3, 0, 40, 0, 0, 2, 11, 5, 1, 1, 1, 300],
    [1, 2, 3, 4],
]


@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
@pytest.mark.parametrize(("words", "documents"), [(1 << 15, 1 << 11), (7, 2), (1, 1), (50, 3)])
def test_equal_to_the_slow_definition_in_any_chunks(
    lengths: list[int], words: int, documents: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minhash, "_CHUNK_WORDS", words)
    monkeypatch.setattr(minhash, "_CHUNK_DOCUMENTS", documents)
    given = some_documents(5, lengths)
    got = signatures(*batch(given))
    assert got.dtype == np.uint32 and got.shape == (len(given), PERMUTATIONS)
    assert got.tolist() == [slow_signature(document) for document in given]


def test_the_numbers_are_the_same_for_ever() -> None:
    """Signatures of different runs and machines must be comparable: a change here needs a new stage version."""
    got = signatures(mixed(np.arange(10, dtype=np.uint64)), np.array([0, 3, 10]))
    assert got[:, [0, 1, 111]].tolist() == [[587803617, 1072640434, 1895224475], [392522245, 516317483, 1200260415]]
    assert bands(got)[:, [0, 13]].tolist() == [
        [2796838948602852639, 8043217979810461456],
        [6709244943480344057, 8160925245019867134],
    ]


def test_a_document_has_the_same_signature_in_any_company() -> None:
    documents = some_documents(8, [30, 2, 700, 0, 5])
    together = signatures(*batch(documents))
    alone = [signatures(*batch([document]))[0] for document in documents]
    assert np.array_equal(together, np.stack(alone))


def test_words_in_another_order_are_another_document() -> None:
    first, second = some_documents(2, [3])[0], [1, 2, 3]
    for words in (first, second, first + second):
        got = signatures(*batch([words, words[::-1], [*words[1:], words[0]]]))
        assert (got[0] != got[1]).all() and (got[0] != got[2]).any()


@pytest.mark.parametrize("shared", [0.0, 0.25, 0.5, 0.75, 0.9, 1.0])
def test_the_share_of_equal_rows_estimates_the_jaccard_similarity(shared: float) -> None:
    """50 pairs of 300 shingles: the mean must lie within four standard errors, the spread be that of 112 coins."""
    rng = np.random.default_rng(int(shared * 100))
    common = round(300 * 2 * shared / (1 + shared))
    estimates = []
    for _ in range(50):
        words = mixed(rng.integers(0, 2**63, size=(3, 300), dtype=np.uint64))
        # A document of one word is one shingle; the minimum over many of them is the signature of their set.
        one, two = (signatures(np.concatenate((words[0, :common], words[i, common:])), np.arange(301)) for i in (1, 2))
        estimates.append(np.mean(one.min(axis=0) == two.min(axis=0)))
    exact = common / (600 - common)
    error = np.sqrt(exact * (1 - exact) / PERMUTATIONS)
    assert abs(np.mean(estimates) - exact) <= 4 * error / np.sqrt(50) + 1e-4
    assert np.std(estimates) <= 1.35 * error + 1e-4


def test_a_band_is_its_eight_rows_and_nothing_else() -> None:
    rng = np.random.default_rng(1)
    plain = rng.integers(0, 2**32, size=(1, PERMUTATIONS), dtype=np.uint32)
    for row in range(PERMUTATIONS):
        changed = plain.copy()
        changed[0, row] ^= np.uint32(1 << (row % 32))
        differing = np.flatnonzero(bands(plain)[0] != bands(changed)[0])
        assert differing.tolist() == [row // ROWS]
    assert bands(plain).shape == (1, BANDS) and bands(plain).dtype == np.uint64


def test_rows_in_another_order_are_another_band() -> None:
    rows = np.tile(np.arange(ROWS, dtype=np.uint32), BANDS)[None]
    assert (bands(rows) != bands(rows[:, ::-1].copy())).all()


def test_equal_rows_are_counted() -> None:
    rng = np.random.default_rng(4)
    table = rng.integers(0, 3, size=(50, PERMUTATIONS), dtype=np.uint32)
    want = [sum(a == b for a, b in zip(row, table[7], strict=True)) for row in table]
    assert equal_rows(table, table[7]).tolist() == want
    assert equal_rows(table, table[7])[7] == PERMUTATIONS
