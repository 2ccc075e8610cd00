"""Muon is the published Muon, AdamW is torch's AdamW, and the schedule is what its docstring says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import nn

from dragoman.train.optim import Optimizer, orthogonalise, orthogonalise_by_gram
from dragoman.train.schedule import rate_factor


@pytest.mark.parametrize("shape", [(8, 8), (8, 40), (40, 8)])
def test_gram_iteration_equals_the_obvious_one(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(orthogonalise_by_gram(matrix), orthogonalise(matrix), rtol=1e-3, atol=1e-4)


def test_orthogonalised_matrix_has_singular_values_near_one() -> None:
    matrix = torch.randn(24, 64, generator=torch.Generator().manual_seed(2))
    values = torch.linalg.svdvals(orthogonalise_by_gram(matrix))
    assert 0.6 < float(values.min()) <= float(values.max()) < 1.3


class Small(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 6)
        self.matrix = nn.Linear(6, 6, bias=False)
        self.gain = nn.Parameter(torch.ones(6))


def filled(model: Small, step: int) -> None:
    draw = torch.Generator().manual_seed(step)
    for parameter in model.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=draw)


def test_matrices_move_as_torch_muon_moves_them() -> None:
    ours, theirs = Small(), Small()
    theirs.load_state_dict(ours.state_dict())
    optimizer = Optimizer(ours, rate=0.02, adam_rate=1e-3, weight_decay=0.1)
    reference = torch.optim.Muon(
        [theirs.matrix.weight], lr=0.02, weight_decay=0.1, momentum=0.95, nesterov=True, eps=1e-7, ns_steps=5
    )
    for step in range(1, 6):
        filled(ours, step)
        filled(theirs, step)
        optimizer.step(step, 1.0)
        reference.step()
    # torch runs the iteration in bf16, so agreement is to its precision.
    torch.testing.assert_close(ours.matrix.weight, theirs.matrix.weight, rtol=0.05, atol=5e-3)


def test_embeddings_and_gains_move_as_torch_adamw_moves_them() -> None:
    ours, theirs = Small(), Small()
    theirs.load_state_dict(ours.state_dict())
    optimizer = Optimizer(ours, rate=0.02, adam_rate=3e-3, weight_decay=0.1)
    groups = [
        {"params": [theirs.embedding.weight], "weight_decay": 0.1},
        {"params": [theirs.gain], "weight_decay": 0.0},
    ]
    reference = torch.optim.AdamW(groups, lr=3e-3, betas=(0.9, 0.98), eps=1e-9)
    for step in range(1, 8):
        filled(ours, step)
        filled(theirs, step)
        optimizer.step(step, 1.0)
        reference.step()
    torch.testing.assert_close(ours.embedding.weight, theirs.embedding.weight)
    torch.testing.assert_close(ours.gain, theirs.gain)


def test_threads_do_not_change_the_update() -> None:
    models = Small(), Small()
    models[1].load_state_dict(models[0].state_dict())
    with ThreadPoolExecutor(2) as pool:
        for model, map_ in zip(models, (map, pool.map), strict=True):
            filled(model, 1)
            Optimizer(model, 0.02, 1e-3, 0.0, map_).step(1, 1.0)
    assert torch.equal(models[0].matrix.weight, models[1].matrix.weight)


@pytest.mark.parametrize(
    ("step", "expected"), [(1, 0.1), (5, 0.5), (10, 1.0), (30, 1.0), (51, 1.0), (76, 0.5), (100, 0.02)]
)
def test_schedule_rises_stays_and_falls_to_zero(step: int, expected: float) -> None:
    assert rate_factor(step, 100, warmup=0.1, decay=0.5) == pytest.approx(expected)


def test_schedule_without_warmup_or_decay_is_constant() -> None:
    assert {rate_factor(step, 50, 0.0, 0.0) for step in range(1, 51)} == {1.0}
