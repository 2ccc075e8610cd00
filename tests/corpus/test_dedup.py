"""Equal keys: the copy of the lowest rank survives, however the stream is cut or the shards finish."""

from __future__ import annotations

import random

import numpy as np
import pytest

from dragoman.corpus.dedup import Seen, exact_duplicates, text_key


def test_case_and_white_space_do_not_part_copies_but_words_do() -> None:
    assert text_key("Die  Straße\n ist lang") == text_key("die STRASSE ist lang")
    assert text_key("Die Straße ist lang") != text_key("Die Straße ist lang.")
    assert text_key("ab", "c") != text_key("a", "bc") != text_key("ab c")


def test_seen_knows_keys_of_earlier_batches() -> None:
    rng = random.Random(3)
    for _ in range(200):
        keys = [rng.randint(0, 15) for _ in range(rng.randint(0, 40))]
        seen, got, start = Seen(), list[bool](), 0
        while start < len(keys):
            size = rng.randint(1, 7)
            got += seen.first(keys[start : start + size])
            start += size
        assert got == [key not in keys[:i] for i, key in enumerate(keys)]


@pytest.mark.parametrize(
    ("keys", "rank", "dropped"),
    [
        ([], [], []),
        ([7], [0], [False]),
        ([7, 7, 8], [0, 1, 2], [False, True, False]),
        ([7, 7, 8], [5, 1, 2], [True, False, False]),
        ([7, 7, 7], [9, -1, 3], [True, False, False]),
        ([7, 7], [-1, -1], [False, False]),
        ([2**64 - 1, 0, 2**64 - 1], [2, 1, 0], [True, False, False]),
    ],
)
def test_the_lowest_rank_of_each_key_stays(keys: list[int], rank: list[int], dropped: list[bool]) -> None:
    got = exact_duplicates(np.array(keys, dtype=np.uint64), np.array(rank, dtype=np.int64))
    assert got.tolist() == dropped


def test_equal_to_the_obvious_version_in_any_order() -> None:
    rng = np.random.default_rng(11)
    for size in (1, 2, 10, 300, 2000):
        keys = rng.integers(0, max(1, size // 2), size=size, dtype=np.uint64)
        rank = rng.permutation(size * 3)[:size].astype(np.int64) - size // 2
        lowest = dict[int, int]()
        for key, place in zip(keys.tolist(), rank.tolist(), strict=True):
            if place >= 0:
                lowest[key] = min(place, lowest.get(key, place))
        want = [p >= 0 and p != lowest[k] for k, p in zip(keys.tolist(), rank.tolist(), strict=True)]
        assert exact_duplicates(keys, rank).tolist() == want
        order = rng.permutation(size)
        assert exact_duplicates(keys[order], rank[order]).tolist() == [want[i] for i in order]
