"""What the decoder remembers between steps: keys and values, so that a step costs one token, not the whole prefix.

B sentences of W hypotheses each (W = 1 for greedy search). Self-attention keys differ by hypothesis; cross-attention
keys depend on the source alone, so all hypotheses of a sentence share them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Cache:
    """Keys and values of L decoder layers, the source mask they attend under, and how many positions are filled."""

    self_kv: Tensor
    """(2L, B*W, K, T_max, E): keys of layer l at 2l, values at 2l + 1; one tensor, so one call reorders all."""
    cross_kv: list[tuple[Tensor, Tensor]]
    """Cross-attention keys, values (B, K, S, E) of each layer."""
    keep_mask: Tensor
    """(B, 1, 1, S) bool, True = a real source token."""
    width: int
    length: int = 0
    spare: Tensor | None = None
    """Where the next reordering is written; the two tensors change places, because fresh memory is slow memory."""

    def append(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Store k, v (B*W, K, 1, E) of the current position; returns all filled ones (B*W, K, length + 1, E)."""
        if self.length == self.self_kv.size(3):
            self.self_kv, self.spare = torch.cat((self.self_kv, torch.empty_like(self.self_kv)), dim=3), None
        keys, values = self.self_kv[2 * layer], self.self_kv[2 * layer + 1]
        keys[:, :, self.length] = k[:, :, 0]
        values[:, :, self.length] = v[:, :, 0]
        return keys[:, :, : self.length + 1], values[:, :, : self.length + 1]

    def select(self, rows: Tensor) -> None:
        """Keep hypotheses `rows` (B'*W,) of the self-attention, in that order: beams that survive, maybe twice."""
        if self.spare is None or self.spare.size(1) < len(rows):
            self.spare = torch.empty_like(self.self_kv)
        chosen = self.spare[:, : len(rows)]
        filled = self.self_kv[:, :, :, : self.length]
        torch.index_select(filled, 1, rows, out=chosen[:, :, :, : self.length])
        self.self_kv, self.spare = chosen, self.self_kv

    def select_sources(self, sentences: Tensor) -> None:
        """Keep the source side of `sentences` (B',) only."""
        self.cross_kv = [(keys[sentences], values[sentences]) for keys, values in self.cross_kv]
        self.keep_mask = self.keep_mask[sentences]

    def select_sentences(self, sentences: Tensor) -> None:
        """Keep only `sentences` (B',): finished ones leave the batch, so they cost nothing more."""
        self.select((sentences[:, None] * self.width + torch.arange(self.width, device=sentences.device)).flatten())
        self.select_sources(sentences)
