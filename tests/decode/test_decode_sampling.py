"""Draws have the distribution that the options ask for, and depend on nothing but seed and sentence."""

from __future__ import annotations

import pytest
import torch

from dragoman.decode.options import Sampling
from dragoman.decode.sampling import draw, uniforms

PROBS = torch.tensor([0.15, 0.4, 0.05, 0.3, 0.1])
N = 20_000


def shares(sampling: Sampling, probs: torch.Tensor = PROBS) -> list[float]:
    """How often each token comes, over N evenly spread draws."""
    uniform = (torch.arange(N, dtype=torch.float64) + 0.5) / N
    drawn = draw(probs.log().expand(N, -1), uniform, sampling)
    return (torch.bincount(drawn, minlength=len(probs)) / N).tolist()


@pytest.mark.parametrize(
    ("sampling", "expected"),
    [
        (Sampling(), [0.15, 0.4, 0.05, 0.3, 0.1]),
        (Sampling(top_k=2), [0, 4 / 7, 0, 3 / 7, 0]),
        (Sampling(top_k=99), [0.15, 0.4, 0.05, 0.3, 0.1]),
        (Sampling(top_p=0.39), [0, 1, 0, 0, 0]),
        (Sampling(top_p=0.5), [0, 4 / 7, 0, 3 / 7, 0]),
        (Sampling(top_p=0.71), [0.15 / 0.85, 0.4 / 0.85, 0, 0.3 / 0.85, 0]),
        (Sampling(top_k=2, top_p=0.5), [0, 1, 0, 0, 0]),
    ],
)
def test_tokens_come_as_often_as_they_should(sampling: Sampling, expected: list[float]) -> None:
    assert shares(sampling) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_temperature_raises_probabilities_to_its_inverse(temperature: float) -> None:
    expected = PROBS ** (1 / temperature)
    assert shares(Sampling(temperature=temperature)) == pytest.approx((expected / expected.sum()).tolist(), abs=1e-3)


def test_what_is_forbidden_is_never_drawn() -> None:
    probs = torch.tensor([0.0, 0.5, 0.0, 0.5])
    log_probs = probs.log().expand(2, -1)
    for sampling in (Sampling(), Sampling(top_k=3), Sampling(top_p=0.999)):
        assert draw(log_probs, torch.tensor([0.0, 1.0 - 1e-16], dtype=torch.float64), sampling).tolist() == [1, 3]


def test_a_stream_depends_on_seed_and_sentence_only() -> None:
    cpu = torch.device("cpu")
    together = uniforms(7, [0, 1, 2], [5, 8, 3], cpu)
    assert together.shape == (3, 8)
    torch.testing.assert_close(uniforms(7, [1], [8], cpu)[0], together[1])
    torch.testing.assert_close(uniforms(7, [2], [3], cpu)[0], together[2, :3])
    assert not torch.equal(together[0, :3], together[1, :3])
    assert not torch.equal(uniforms(8, [0], [5], cpu)[0], together[0, :5])


def test_streams_are_uniform_over_sentences() -> None:
    first = uniforms(1, range(3000), [1] * 3000, torch.device("cpu"))[:, 0]
    counts = torch.histc(first, 10, 0, 1)
    assert counts.min() > 230 and counts.max() < 370  # 300 expected, deviation 16
