"""Lines that many documents share stay in the document of the lowest rank; the answer depends on nothing else."""

from __future__ import annotations

import random
import re
import tracemalloc
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import pytest
import xxhash

from dragoman.corpus.lines import LineChunk, line_key, line_keys, repeated_lines


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("Weiter  lesen »", " weiter lesen\t»", True),
        ("Read the 74 comments below", "Read the 1234 comments below", True),
        ("Stand: 1.7.2015", "Stand: 24.12.1999", True),
        ("Äpfel 12 №", "ÄPFEL  7 №", True),
        ("Read the comments below", "Read the 3 comments below", False),
        ("Alle Rechte vorbehalten.", "Alle Rechte vorbehalten", False),
        ("Stand: 1.7.2015", "Stand: 1.7", False),
    ],
)
def test_numbers_case_and_white_space_do_not_part_lines_but_words_do(one: str, other: str, equal: bool) -> None:
    assert (line_key(one) == line_key(other)) is equal


def test_many_lines_at_once_have_the_keys_of_each_alone_and_of_the_definition() -> None:
    rng = random.Random(4)
    alphabet = [
        "a",
        "B",
        "ß",
        "Ä",
        "0",
        "7",
        "00",
        "10",
        " ",
        "  ",
        "\t",
        "\r",
        "\x1f",
        ".",
        "€",
        "\ud800",
        "😀",
        "x" * 50,
    ]
    lines = ["".join(rng.choices(alphabet, k=rng.randint(0, 12))) for _ in range(500)]
    keys = line_keys(lines).tolist()
    assert keys == [line_key(line) for line in lines]
    plain = [re.sub("[0-9]+", "0", " ".join(line.lower().split())) for line in lines]
    assert keys == [xxhash.xxh3_64_intdigest(line.encode("utf-8", "surrogatepass")) for line in plain]
    assert line_keys([]).tolist() == []


def test_every_capital_there_is_becomes_small() -> None:
    capitals = [chr(code) for code in range(0x110000) if chr(code).lower() != chr(code)]
    assert len(capitals) > 1300
    assert np.array_equal(line_keys([f"a{c}ä" for c in capitals]), line_keys([f"A{c.lower()}ä" for c in capitals]))


def chunk(documents: Sequence[Sequence[int]], ranks: Sequence[int]) -> LineChunk:
    hashes = np.array([line for document in documents for line in document], dtype=np.uint64)
    return LineChunk(hashes, np.cumsum([0, *map(len, documents)]), np.array(ranks, dtype=np.int64))


def slow(chunks: Sequence[LineChunk], documents: int) -> list[list[bool]]:
    """A dictionary from each line to the ranks of its documents."""
    ranks: dict[int, set[int]] = defaultdict(set)
    rows = []
    for part in chunks:
        owner = np.repeat(part.ranks, np.diff(part.offsets)).tolist()
        rows.append(list(zip(part.hashes.tolist(), owner, strict=True)))
        for line, rank in rows[-1]:
            if rank >= 0:
                ranks[line].add(rank)
    return [[r >= 0 and len(ranks[x]) >= documents and r != min(ranks[x]) for x, r in row] for row in rows]


BIG = 2**64 - 1


@pytest.mark.parametrize(
    ("documents", "ranks", "dropped"),
    [
        ([[1, 2], [1]], [0, 1], [0, 0, 1]),
        ([[1, 2], [1]], [1, 0], [1, 0, 0]),
        ([[1, 1, 2], [3]], [0, 1], [0, 0, 0, 0]),  # twice in one document is one document
        ([[1, 1], [1, 1]], [4, 2], [1, 1, 0, 0]),  # the first document keeps all its occurrences
        ([[1], [1]], [0, -1], [0, 0]),  # a negative rank counts for nothing and loses nothing
        ([[1], [1], [1]], [7, -1, 3], [1, 0, 0]),
        ([[], [BIG], [], [BIG, 0], []], [0, 1, 2, 3, 4], [0, 1, 0]),
        ([[]], [0], []),
    ],
)
def test_from_two_documents_on_the_lowest_rank_keeps_the_line(
    documents: list[list[int]], ranks: list[int], dropped: list[int]
) -> None:
    (got,) = repeated_lines([chunk(documents, ranks)], 2)
    assert got.tolist() == [bool(flag) for flag in dropped]


def some_chunks(seed: int) -> list[LineChunk]:
    rng = np.random.default_rng(seed)
    names = rng.integers(0, 2**64 - 1, size=120, dtype=np.uint64, endpoint=True)
    count = int(rng.integers(1, 12))
    lengths = [rng.integers(0, 9, size=rng.integers(0, 15)) for _ in range(count)]
    ranks = iter((rng.permutation(400) - 40).tolist())
    chunks = []
    for each in lengths:
        documents = [rng.choice(names, size=length).tolist() for length in each]
        chunks.append(chunk(documents, [next(ranks) for _ in each]))
    return chunks


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("documents", [2, 3, 5])
def test_equal_to_the_slow_version_in_any_partitions_and_order(seed: int, documents: int) -> None:
    chunks = some_chunks(seed)
    want = slow(chunks, documents)
    for lines_at_once in (1, 7, 50, 10**6):
        assert [flags.tolist() for flags in repeated_lines(chunks, documents, lines_at_once)] == want
    backwards = repeated_lines(chunks[::-1], documents)
    assert [flags.tolist() for flags in backwards[::-1]] == want


def test_no_chunks() -> None:
    assert repeated_lines([], 5) == []


def test_memory_is_that_of_one_partition() -> None:
    rng = np.random.default_rng(3)
    offsets = np.arange(0, 10_001, 10)
    chunks = [
        LineChunk(rng.integers(0, 2**63, size=10_000, dtype=np.uint64) * np.uint64(2), offsets, np.arange(1000) + first)
        for first in range(0, 40_000, 1000)
    ]
    tracemalloc.start()
    repeated_lines(chunks, 2, lines_at_once=10_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 400_000 * 4 + 10_000 * 200
