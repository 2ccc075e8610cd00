"""The worked numbers in the rules hold."""

from __future__ import annotations

import pytest
import torch

from dragoman.decode.rules import Hypothesis, Rules, next_log_probs, no_gain, ranked, score


def kept(*scores: float) -> list[Hypothesis]:
    return [Hypothesis((7,), value, value, True) for value in scores]


def test_a_score_is_the_total_over_the_length_to_the_penalty() -> None:
    assert score(-0.6, 3, 1.0) == pytest.approx(-0.2)
    assert score(-0.6, 3, 0.0) == pytest.approx(-0.6)
    assert score(-0.6, 4, 0.5) == pytest.approx(-0.3)


@pytest.mark.parametrize(
    ("best_live", "width", "over"),
    [(-2.6, 2, True), (-2.2, 2, False), (-2.4, 2, True), (-2.6, 3, False)],
)
def test_a_search_ends_when_nothing_live_can_enter(best_live: float, width: int, over: bool) -> None:
    assert no_gain(best_live, 3, kept(-0.5, -0.6), width, 1.0) is over


def test_the_best_come_first_and_of_equals_the_first_found() -> None:
    found = [Hypothesis((n,), 0.0, value, True) for n, value in enumerate((-2.0, -1.0, -1.0, -3.0))]
    assert [one.ids for one in ranked(found, 3)] == [(1,), (2,), (0,)]


def test_forbidden_tokens_have_no_probability_and_the_others_share_it() -> None:
    rules = Rules(torch.tensor([0, 1]), bos=1, eos=2, no_repeat=2)
    first = next_log_probs(torch.zeros(1, 6), torch.empty(1, 0, dtype=torch.long), rules).exp()
    assert first[0].tolist() == pytest.approx([0, 0, 0, 1 / 3, 1 / 3, 1 / 3])  # no </s> first
    later = next_log_probs(torch.zeros(1, 6), torch.tensor([[3, 4, 3]]), rules).exp()
    assert later[0].tolist() == pytest.approx([0, 0, 1 / 3, 1 / 3, 0, 1 / 3])  # no `3 4` twice
