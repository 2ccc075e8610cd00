"""Token-budget batches in a few fixed widths, and a stream of them that can start anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dragoman.batches.examples import Example, Examples, derived_seed
from dragoman.tokenizer import BOS_ID, PAD_ID

WIDTHS = (8, 12, 16, 20, 24, 28, 32, 40, 48, 64, 96, 128, 192, 256)
"""Padded widths: few enough that a compiled layer meets each shape often, fine enough to keep padding small."""


class Batch(NamedTuple):
    """One micro-batch. Targets are flat: only real positions are ever scored, so padding costs no logits.

    src (B, S) ids; src_keep (B, S) True = real; tgt_in (B, T) ids after <s>; tgt_keep (B, T) True = real;
    gold (N,) ids, the real targets row by row.
    """

    src: Tensor
    src_keep: Tensor
    tgt_in: Tensor
    tgt_keep: Tensor
    gold: Tensor

    def to(self, device: torch.device) -> Batch:
        """The batch on `device`."""
        return Batch(*(tensor.to(device, non_blocking=True) for tensor in self))

    @property
    def n_tokens(self) -> int:
        """Real source and target tokens."""
        return int(self.src_keep.sum()) + len(self.gold)


def width_of(length: int) -> int:
    """The smallest width that holds `length` tokens; beyond the table the next multiple of 128."""
    return next((width for width in WIDTHS if width >= length), -(-length // 128) * 128)


def collate(examples: Sequence[Example], *, exact: bool = False) -> Batch:
    """Pad examples to the width of the longest; `exact` pads to the longest itself (tests compare the two)."""
    n_src, n_tgt = max(len(e.src) for e in examples), max(len(e.tgt) for e in examples)
    n_src, n_tgt = (n_src, n_tgt) if exact else (width_of(n_src), width_of(n_tgt))
    src = np.full((len(examples), n_src), PAD_ID, dtype=np.int64)
    tgt = np.full((len(examples), n_tgt), PAD_ID, dtype=np.int64)
    src_keep, tgt_keep = np.zeros(src.shape, dtype=bool), np.zeros(tgt.shape, dtype=bool)
    for row, example in enumerate(examples):
        src[row, : len(example.src)], src_keep[row, : len(example.src)] = example.src, True
        tgt[row, : len(example.tgt)], tgt_keep[row, : len(example.tgt)] = example.tgt, True
    tgt_in = np.concatenate((np.full((len(examples), 1), BOS_ID), tgt[:, :-1]), axis=1)
    return Batch(*(torch.from_numpy(a) for a in (src, src_keep, tgt_in, tgt_keep, tgt[tgt_keep])))


def group(examples: Sequence[Example], budget: int) -> list[list[int]]:
    """Indices of `examples` in groups whose padded size, rows x (source width + target width), is within `budget`.

    Examples are taken in order of their widths, so that equals stand together; ties keep their (random) order.
    An example larger than the budget makes a group of its own rather than being lost.
    """
    widths = [(width_of(len(e.src)), width_of(len(e.tgt))) for e in examples]
    groups: list[list[int]] = []
    src_width = tgt_width = 0
    for index in sorted(range(len(examples)), key=widths.__getitem__):
        src_width, tgt_width = max(src_width, widths[index][0]), max(tgt_width, widths[index][1])
        if groups and (len(groups[-1]) + 1) * (src_width + tgt_width) <= budget:
            groups[-1].append(index)
        else:
            groups.append([index])
            src_width, tgt_width = widths[index]
    return groups


@dataclass(frozen=True)
class Position:
    """Where a stream stands: the next micro-batch to hand out."""

    epoch: int = 0
    pool: int = 0
    index: int = 0


class BatchStream:
    """Micro-batches without end, in an order that is a pure function of the seed.

    `position` can be saved at any time; a stream made with it goes on with exactly the batches that were to come.
    """

    def __init__(self, examples: Examples, budget: int, seed: int, position: Position | None = None) -> None:
        self.examples, self.budget, self.seed = examples, budget, seed
        self.position = position or Position()
        self._pool: list[Example] = []
        self._groups: list[list[int]] = []
        self._loaded: tuple[int, int] | None = None

    def _load(self) -> None:
        where = (self.position.epoch, self.position.pool)
        if where == self._loaded:
            return
        rng = np.random.default_rng(derived_seed(self.seed, "batches", *where))
        pool = self.examples.pool(*where)
        self._pool = [pool[i] for i in rng.permutation(len(pool))]
        groups = group(self._pool, self.budget)
        self._groups = [groups[i] for i in rng.permutation(len(groups))]
        self._loaded = where

    def __iter__(self) -> BatchStream:
        return self

    def __next__(self) -> Batch:
        empty = 0
        self._load()
        while self.position.index >= len(self._groups):
            empty = empty + 1 if not self._groups else 0
            if empty > self.examples.n_pools:
                raise ValueError("no example is short enough to train on")
            last = self.position.pool + 1 >= self.examples.n_pools
            epoch, pool = (self.position.epoch + 1, 0) if last else (self.position.epoch, self.position.pool + 1)
            self.position = Position(epoch, pool)
            self._load()
        batch = collate([self._pool[i] for i in self._groups[self.position.index]])
        self.position = Position(self.position.epoch, self.position.pool, self.position.index + 1)
        return batch
