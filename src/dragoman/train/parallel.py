"""Gradients of several micro-batches at once: one thread a core, each with a replica that shares the weights.

On a CPU two threads that each compute a whole micro-batch beat two threads inside every operation: small matrices
do not pay for a barrier each, and a busy neighbour slows one thread, not both. Replicas share the memory of
the weights and own their gradients. Each micro-batch is computed by one thread from its own seed and gradients are
added in a fixed order, so a run repeats bit for bit on the same number of threads; two micro-batches give the same
bits on one thread as on two.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from dragoman.batches.stream import Batch
from dragoman.model.layers import Dropout
from dragoman.model.precision import autocast
from dragoman.model.transformer import EncoderDecoder
from dragoman.train.loss import smoothed_cross_entropy


@contextmanager
def intraop_threads(count: int) -> Iterator[None]:
    """Run with `count` threads inside operations, and put the old number back."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def core_count(device: torch.device) -> int:
    """The cores this process may use; one where a GPU does the work."""
    if device.type != "cpu":
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class GradientWorkers:
    """Computes summed losses and leaves their gradient, divided by the number of real target tokens, in the model.

    Each of the `n_workers` threads computes with as many threads inside operations as the caller has set.
    """

    def __init__(self, model: EncoderDecoder, n_workers: int, *, smoothing: float, dtype: torch.dtype) -> None:
        self.model, self.smoothing, self.dtype = model, smoothing, dtype
        self.device = model.embedding.weight.device
        self.replicas = [_Replica(model)] + [_Replica(_sharing_copy(model)) for _ in range(n_workers - 1)]
        inside = (torch.get_num_threads(),)
        self.pool = ThreadPoolExecutor(n_workers, "train", torch.set_num_threads, inside) if n_workers > 1 else None
        self.map = self.pool.map if self.pool else map

    def accumulate(self, batches: Sequence[Batch], seeds: Sequence[int]) -> tuple[float, int]:
        """Forward and backward of `batches`; returns the mean loss a target token (nats) and the number of those.

        Afterwards every parameter's `.grad` is the gradient of that mean over all batches together.
        """
        jobs = list(zip(batches, seeds, strict=True))
        shares = [jobs[start :: len(self.replicas)] for start in range(len(self.replicas))]
        work = [(replica, share) for replica, share in zip(self.replicas, shares, strict=True) if share]
        losses = list(self.map(lambda item: self._run(*item), work))
        n_tokens = sum(len(batch.gold) for batch in batches)
        self._collect([replica for replica, _ in work], n_tokens)
        return sum(losses) / n_tokens, n_tokens

    def _run(self, replica: _Replica, jobs: Sequence[tuple[Batch, int]]) -> float:
        total = 0.0
        for batch, seed in jobs:
            replica.generator.manual_seed(seed)
            total += self._backward(replica.model, batch.to(self.device))
        return total

    def _backward(self, model: EncoderDecoder, batch: Batch) -> float:
        with autocast(self.device, self.dtype):
            hidden = model(batch.src, batch.src_keep, batch.tgt_in)[batch.tgt_keep]  # (N, D)
            loss = smoothed_cross_entropy(hidden, model.embedding.weight, batch.gold, self.smoothing)
        loss.backward()  # type: ignore[no-untyped-call]
        return float(loss.detach())

    @torch.no_grad()
    def _collect(self, used: Sequence[_Replica], n_tokens: int) -> None:
        for parameters in zip(*(replica.parameters for replica in used), strict=True):
            first, *rest = parameters
            assert first.grad is not None
            for other in rest:
                first.grad.add_(other.grad)
                other.grad = None
            first.grad.div_(n_tokens)

    def close(self) -> None:
        """End the threads."""
        if self.pool:
            self.pool.shutdown()


class _Replica:
    """A model whose dropout draws from a generator of its own."""

    def __init__(self, model: EncoderDecoder) -> None:
        self.model = model
        self.parameters: list[Tensor] = list(model.parameters())
        self.generator = torch.Generator(device=model.embedding.weight.device)
        for module in model.modules():
            if isinstance(module, Dropout):
                module.generator = self.generator


def _sharing_copy(model: nn.Module) -> EncoderDecoder:
    """A copy whose parameters are views of the same memory, with gradients of their own."""
    twin: EncoderDecoder = copy.deepcopy(model)  # type: ignore[assignment]
    for mine, theirs in zip(model.parameters(), twin.parameters(), strict=True):
        theirs.data = mine.data
    return twin
