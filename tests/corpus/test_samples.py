"""Ranks decide which rows are shown; the way for one row and the way for many must agree, or rows taken back stay."""

from __future__ import annotations

import random

import pytest

from dragoman.corpus.samples import ENDS, Lowest, rank, ranks

DRAW = random.Random(3)
ALPHABET = "ab ä\n\u0394\ud800\U0001f600"
TEXTS = ["", "a", *("".join(DRAW.choices(ALPHABET, k=length)) for length in range(1, 4 * ENDS))]


@pytest.mark.parametrize("source", ["web", "Bücher"])
def test_the_rank_of_one_text_is_its_rank_in_a_batch(source: str) -> None:
    assert [rank(source, "de", text) for text in TEXTS] == ranks(source, "de", TEXTS).tolist()


def test_rank_depends_on_source_language_length_and_both_ends() -> None:
    text = "x" * 200
    others = [text + "x", "y" + text[1:], text[:-1] + "y"]
    assert len({rank("web", "de", one) for one in (text, *others)}) == 4
    assert len({rank("web", "de", text), rank("web", "en", text), rank("book", "de", text)}) == 3


def test_no_texts_have_no_ranks() -> None:
    assert ranks("web", "de", []).tolist() == []


def test_a_row_at_the_bar_is_wanted_and_one_above_is_not() -> None:
    lowest = Lowest(2)
    assert int(lowest.bar) == 2**64 - 1
    for place in (5, 9, 7):
        lowest.put(place << 64, {})
    assert int(lowest.bar) == 7
    assert (lowest.wants(7), lowest.wants(8)) == (True, False)
