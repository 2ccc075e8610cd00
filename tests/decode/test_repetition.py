"""Loops are told from honest repetition, and forbidden n-grams are exactly those said before."""

from __future__ import annotations

import random

import pytest
import torch

from dragoman.decode.repetition import block_repeats, is_loop, repetition


@pytest.mark.parametrize(
    ("ids", "covered"),
    [
        ([], 0),
        ([1, 2, 3, 4, 5, 6, 7, 8], 0),
        ([7, 7, 7], 0),
        ([7, 7, 7, 7], 4),
        ([5, 1, 2, 1, 2, 1, 2, 1, 2, 9], 8),
        ([1, 2, 1, 2, 1, 2], 0),
        ([1, 2, 3] * 5, 15),
        ([9, *[1, 2, 3] * 4, 1, 8], 13),
        ([1, 2, 3, 4, 5, 6, 7, 8] * 3, 0),
    ],
)
def test_repetition_counts_the_tokens_of_a_run(ids: list[int], covered: int) -> None:
    assert repetition(ids) == covered


@pytest.mark.parametrize(
    ("ids", "source", "loop"),
    [
        ([4, 7, 7, 7, 7, 9], [1, 2, 3], False),  # `!!!!` alone is no loop
        ([4, *[7, 8] * 6], [1, 2, 3], True),
        ([*[7, 8] * 6], [*[1, 2] * 6], False),  # the source says it as often
        ([*[7, 8] * 30], [*[1, 2] * 4], True),  # but not that often
    ],
)
def test_a_loop_repeats_more_than_its_source(ids: list[int], source: list[int], loop: bool) -> None:
    assert is_loop(ids, source) is loop


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_exactly_the_tokens_that_would_repeat_an_n_gram_are_forbidden(n: int, seed: int) -> None:
    draw = random.Random(seed)
    history = [[draw.randrange(4) for _ in range(9)] for _ in range(3)]
    logits = torch.zeros(3, 4)
    block_repeats(logits, torch.tensor(history), n)
    for row, said in zip(logits.tolist(), history, strict=True):
        before = {tuple(said[i : i + n]) for i in range(len(said) - n + 1)}
        for token, value in enumerate(row):
            assert (value < 0) == ((*said[len(said) - n + 1 :], token) in before)


def test_a_history_shorter_than_the_n_gram_forbids_nothing() -> None:
    logits = torch.zeros(2, 4)
    block_repeats(logits, torch.tensor([[1, 1], [2, 3]]), 3)
    assert not logits.any()
