"""The shuffle keeps every row, repeats as asked, and depends on rows and seed alone."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path

from dragoman.corpus.shuffle import shuffled

ROWS = [((f"satz {i}", f"sentence\u2028 {i}"), 1 + i % 3) for i in range(400)]


def test_every_row_comes_as_often_as_asked(tmp_path: Path) -> None:
    got = Counter(map(tuple, shuffled(ROWS, 1, tmp_path)))
    assert got == Counter({row: copies for row, copies in ROWS})
    assert list(tmp_path.iterdir()) == []


def test_the_order_depends_on_the_rows_and_the_seed_only(tmp_path: Path) -> None:
    first = list(shuffled(ROWS, 1, tmp_path))
    assert first == list(shuffled(reversed(ROWS), 1, tmp_path))
    assert first != list(shuffled(ROWS, 2, tmp_path))
    assert first != [list(row) for row, copies in ROWS for _ in range(copies)]


def test_copies_are_spread(tmp_path: Path) -> None:
    order = list(shuffled([((f"satz {i}",), 2) for i in range(300)], 1, tmp_path))
    assert sum(a == b for a, b in pairwise(order)) < 10
