"""Label-smoothed cross entropy over the vocabulary, without ever holding all the logits.

The logits are the largest tensor of a training step (target tokens x vocabulary, in fp32) and are read six times by the
plain formulation. Here a chunk of rows is scored, its loss and its gradient are taken while it is in the cache, and
only the gradients of the hidden states and of the embedding matrix leave (the idea of Liger's fused linear
cross entropy, Hsu et al. 2024).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK_ROWS = 256


def naive_loss(hidden: Tensor, weight: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """The obvious version: hidden (N, D), weight (V, D), target (N,) -> summed loss. Kept to check the fast one."""
    logits = F.linear(hidden, weight).float()
    return F.cross_entropy(logits, target, label_smoothing=smoothing, reduction="sum")


class _ChunkedLoss(torch.autograd.Function):
    """Sum over rows of (1 - s) * -log p[target] + s * mean over the vocabulary of -log p."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, target: Tensor, smoothing: float) -> Tensor:
        n_rows, n_words = hidden.size(0), weight.size(0)
        total = torch.zeros((), device=hidden.device)
        d_hidden = torch.empty_like(hidden)
        d_weight = torch.zeros(weight.shape, device=weight.device, dtype=torch.float32)
        words = weight.to(hidden.dtype)
        for start in range(0, n_rows, CHUNK_ROWS):
            rows = slice(start, min(start + CHUNK_ROWS, n_rows))
            gold = target[rows, None]  # (n, 1)
            log_p = F.log_softmax(F.linear(hidden[rows], words).float(), dim=-1)  # (n, V)
            total -= (1 - smoothing) * log_p.gather(1, gold).sum()
            if smoothing:
                total -= smoothing / n_words * log_p.sum()
            grad = log_p.exp_().sub_(smoothing / n_words)  # softmax minus the smoothed target
            grad.scatter_add_(1, gold, grad.new_full(gold.shape, smoothing - 1))
            grad = grad.to(hidden.dtype)
            d_hidden[rows] = grad @ words
            d_weight += (grad.T @ hidden[rows]).float()
        ctx.save_for_backward(d_hidden, d_weight)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> tuple[Tensor, Tensor, None, None]:
        d_hidden, d_weight = ctx.saved_tensors
        return d_hidden * grads[0], d_weight * grads[0], None, None


def smoothed_cross_entropy(hidden: Tensor, weight: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """Summed label-smoothed cross entropy (Szegedy et al. 2016) in nats.

    hidden (N, D) in the compute type, weight (V, D) fp32, target (N,) ids of real tokens -> scalar fp32. The caller
    divides by the number of target tokens of the whole optimiser step, so accumulation never changes the result.
    """
    with torch.autocast(hidden.device.type, enabled=False):
        loss: Tensor = _ChunkedLoss.apply(hidden, weight, target, smoothing)  # type: ignore[no-untyped-call]
    return loss
