"""The optimiser: Muon for the matrices inside the layers, AdamW for embeddings and gains.

Muon (Jordan et al. 2024) replaces the momentum of a matrix by the nearest orthogonal matrix, found with five steps
of a Newton-Schulz iteration, so that every direction of the matrix learns at the same pace. On small data it reaches a
given loss in about half the steps of AdamW.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 5

Map = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""The signature of the built-in `map`, which a thread pool's `map` shares."""


def orthogonalise(gradient: Tensor) -> Tensor:
    """U V' of gradient = U S V' (rows, columns), approximately: singular values land in about [0.7, 1.2].

    The obvious iteration X <- (a + b XX' + c (XX')^2) X; `orthogonalise_by_gram` must equal it.
    """
    a, b, c = NEWTON_SCHULZ
    x: Tensor = gradient / (gradient.norm() + 1e-7)
    wide = x.size(0) <= x.size(1)
    x = x if wide else x.T
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x if wide else x.T


def orthogonalise_by_gram(gradient: Tensor) -> Tensor:
    """The same for matrices much longer than wide, iterating on the small square XX' alone.

    All factors are polynomials of XX', so they commute: P = a + bA + cA^2 is collected in Q <- PQ while A <- PAP,
    and the long matrix is touched twice instead of fifteen times.
    """
    a, b, c = NEWTON_SCHULZ
    x: Tensor = gradient / (gradient.norm() + 1e-7)
    wide = x.size(0) <= x.size(1)
    x = x if wide else x.T
    gram = x @ x.T
    product = torch.eye(gram.size(0), device=gram.device, dtype=gram.dtype)
    for index in range(NEWTON_SCHULZ_STEPS):
        factor = torch.addmm(gram, gram, gram, beta=b, alpha=c)
        factor.diagonal().add_(a)
        product = factor if index == 0 else factor @ product
        if index + 1 < NEWTON_SCHULZ_STEPS:
            gram = factor @ gram @ factor
    x = product @ x
    return x if wide else x.T


def muon_update(momentum: Tensor) -> Tensor:
    """Orthogonal direction of a (rows, columns) momentum, scaled by sqrt(max(1, rows / columns))."""
    long = max(momentum.shape) >= 2 * min(momentum.shape)
    # Half precision halves the cost where the device is fast at it; on CUDA Muon was published in bf16.
    work = momentum.bfloat16() if momentum.is_cuda else momentum
    direction = (orthogonalise_by_gram if long and not momentum.is_cuda else orthogonalise)(work)
    scale: float = max(1.0, momentum.size(0) / momentum.size(1)) ** 0.5
    return direction.to(momentum.dtype) * scale


class Optimizer:
    """Muon and AdamW over the parameters of one model, with one flat state that safetensors can hold.

    `map_` spreads the matrices over threads; each is computed by one thread, so the result does not depend on it.
    """

    momentum, betas, eps = 0.95, (0.9, 0.98), 1e-9

    def __init__(self, model: nn.Module, rate: float, adam_rate: float, weight_decay: float, map_: Map = map) -> None:
        self.rate, self.adam_rate, self.weight_decay, self.map = rate, adam_rate, weight_decay, map_
        named = dict(model.named_parameters())
        self.matrices = {n: p for n, p in named.items() if p.dim() == 2 and "embedding" not in n}
        self.others = {n: p for n, p in named.items() if n not in self.matrices}
        self.state: dict[str, Tensor] = {}
        for name, parameter in named.items():
            kinds = ("momentum",) if name in self.matrices else ("first", "second")
            self.state.update({f"{name}.{kind}": torch.zeros_like(parameter) for kind in kinds})

    @torch.no_grad()
    def step(self, step: int, factor: float) -> None:
        """Update every parameter from its `.grad`; `step` is 1-based, `factor` scales both rates."""
        largest_first = sorted(self.matrices, key=lambda name: -self.matrices[name].numel())
        list(self.map(lambda name: self._muon(name, factor), largest_first))
        for name in self.others:
            self._adamw(name, step, factor)

    @torch.no_grad()
    def _muon(self, name: str, factor: float) -> None:
        weight, momentum = self.matrices[name], self.state[f"{name}.momentum"]
        assert weight.grad is not None
        momentum.lerp_(weight.grad, 1 - self.momentum)
        update = muon_update(weight.grad.lerp(momentum, self.momentum))  # Nesterov
        rate = self.rate * factor
        weight.mul_(1 - rate * self.weight_decay).sub_(update, alpha=rate)

    def _adamw(self, name: str, step: int, factor: float) -> None:
        """AdamW (Loshchilov & Hutter 2019) with bias correction; gains (one dimension) do not decay."""
        weight, first, second = self.others[name], self.state[f"{name}.first"], self.state[f"{name}.second"]
        assert weight.grad is not None
        first.lerp_(weight.grad, 1 - self.betas[0])
        second.mul_(self.betas[1]).addcmul_(weight.grad, weight.grad, value=1 - self.betas[1])
        rate = self.adam_rate * factor
        if weight.dim() > 1:
            weight.mul_(1 - rate * self.weight_decay)
        scale = (second / (1 - self.betas[1] ** step)).sqrt_().add_(self.eps)
        weight.addcdiv_(first / (1 - self.betas[0] ** step), scale, value=-rate)

    def load(self, state: dict[str, Tensor]) -> None:
        """Take over a saved state; names and shapes must fit."""
        if set(state) != set(self.state):
            raise ValueError("the optimiser state belongs to another model")
        for name, tensor in state.items():
            self.state[name].copy_(tensor)
