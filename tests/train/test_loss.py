"""The chunked loss is the plain one, in value and in every gradient."""

from __future__ import annotations

import pytest
import torch

from dragoman.train import loss as loss_module
from dragoman.train.loss import naive_loss, smoothed_cross_entropy


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("rows", [1, 7, 8, 9, 33])
def test_chunked_loss_equals_plain_cross_entropy(rows: int, smoothing: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loss_module, "CHUNK_ROWS", 8)
    draw = torch.Generator().manual_seed(rows)
    hidden = torch.randn(rows, 16, generator=draw, dtype=torch.float64).float()
    weight, target = torch.randn(50, 16, generator=draw), torch.randint(0, 50, (rows,), generator=draw)
    results = []
    for function in (naive_loss, smoothed_cross_entropy):
        h, w = hidden.clone().requires_grad_(), weight.clone().requires_grad_()
        value = function(h, w, target, smoothing)
        (3 * value).backward()
        results.append((value.detach(), h.grad, w.grad))
    for plain, chunked in zip(*results, strict=True):
        torch.testing.assert_close(chunked, plain, rtol=1e-4, atol=1e-4)
