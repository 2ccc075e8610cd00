"""However a step is cut and spread over threads, its gradient is that of one big batch."""

from __future__ import annotations

import pytest
import torch

from dragoman.batches.stream import Batch, collate
from dragoman.model.transformer import EncoderDecoder
from dragoman.train.loss import naive_loss
from dragoman.train.parallel import GradientWorkers
from training_world import random_examples, tiny_model


def gradients(parts: list[list[int]], n_workers: int, dropout: float = 0.0) -> tuple[float, dict[str, torch.Tensor]]:
    examples = random_examples(24, seed=3)
    model = tiny_model(dropout=dropout).train()
    workers = GradientWorkers(model, n_workers, smoothing=0.1, dtype=torch.float32)
    loss, _ = workers.accumulate([collate([examples[i] for i in part]) for part in parts], range(len(parts)))
    workers.close()
    return loss, {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


# Uneven on purpose: a mean of per-batch means would be wrong here.
CUTS = [[list(range(24))], [list(range(5)), list(range(5, 24))], [[0], list(range(1, 9)), list(range(9, 24))]]


@pytest.mark.parametrize("parts", CUTS[1:])
@pytest.mark.parametrize("n_workers", [1, 2])
def test_accumulated_gradient_equals_one_big_batch(parts: list[list[int]], n_workers: int) -> None:
    loss, whole = gradients(CUTS[0], 1)
    cut_loss, cut = gradients(parts, n_workers)
    assert cut_loss == pytest.approx(loss, rel=1e-5)
    for name, gradient in whole.items():
        torch.testing.assert_close(cut[name], gradient, rtol=1e-4, atol=1e-6)


def test_a_mean_of_means_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = GradientWorkers._backward

    def per_batch_mean(self: GradientWorkers, model: EncoderDecoder, batch: Batch) -> float:
        weight = 24 / len(batch.gold)
        loss = real(self, model, batch)
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad.mul_(weight)
        return loss

    _, whole = gradients(CUTS[0], 1)
    monkeypatch.setattr(GradientWorkers, "_backward", per_batch_mean)
    _, wrong = gradients(CUTS[1], 2)
    scaled = wrong["embedding.weight"] * (whole["embedding.weight"].norm() / wrong["embedding.weight"].norm())
    assert not torch.allclose(scaled, whole["embedding.weight"], rtol=1e-2, atol=1e-4)


def test_gradient_equals_plain_autograd_on_the_mean_loss() -> None:
    model, batch = tiny_model().train(), collate(random_examples(24, seed=3))
    hidden = model(batch.src, batch.src_keep, batch.tgt_in)[batch.tgt_keep]
    (naive_loss(hidden, model.embedding.weight, batch.gold, 0.1) / len(batch.gold)).backward()
    _, ours = gradients(CUTS[0], 1)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(ours[name], parameter.grad, rtol=1e-4, atol=1e-6)


def test_two_threads_give_the_same_bits_as_one() -> None:
    one, two = (gradients(CUTS[1], n_workers, dropout=0.3)[1] for n_workers in (1, 2))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_dropout_draws_differ_between_micro_batches() -> None:
    same = [list(range(8)), list(range(8))]
    loss_twice, _ = gradients(same, 1, dropout=0.3)
    loss_once, _ = gradients(same[:1], 1, dropout=0.3)
    assert loss_twice != pytest.approx(loss_once, rel=1e-6)
