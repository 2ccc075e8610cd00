"""What the decoder remembers between steps: keys and values, so that a step costs one token, not the whole prefix.

B sentences of W hypotheses each (W = 1 for greedy search). Self-attention keys differ by hypothesis; cross-attention
keys depend on the source alone, so all hypotheses of a sentence share them.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class LayerCache:
    """One decoder layer: self-attention keys/values (B*W, K, T_max, E), cross-attention keys/values (B, K, S, E)."""

    self_k: Tensor
    self_v: Tensor
    cross_k: Tensor
    cross_v: Tensor


@dataclass
class Cache:
    """All layers, the source mask they attend under, and how many target positions are filled."""

    layers: list[LayerCache]
    keep_mask: Tensor
    """(B, 1, 1, S) bool, True = a real source token."""
    width: int
    length: int = 0

    def append(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Store k, v (B*W, K, 1, E) of the current position; returns all filled ones (B*W, K, length + 1, E)."""
        entry, end = self.layers[layer], self.length + 1
        if end > entry.self_k.size(2):
            entry.self_k, entry.self_v = (_grow(stored) for stored in (entry.self_k, entry.self_v))
        entry.self_k[:, :, self.length : end] = k
        entry.self_v[:, :, self.length : end] = v
        return entry.self_k[:, :, :end], entry.self_v[:, :, :end]

    def select(self, rows: Tensor) -> None:
        """Keep hypotheses `rows` (B'*W,) of the self-attention, in that order: beams that survive, maybe twice."""
        for entry in self.layers:
            entry.self_k = _take(entry.self_k, rows, self.length)
            entry.self_v = _take(entry.self_v, rows, self.length)

    def select_sentences(self, sentences: Tensor) -> None:
        """Keep only `sentences` (B',): finished ones leave the batch, so they cost nothing more."""
        rows = (sentences[:, None] * self.width + torch.arange(self.width, device=sentences.device)).flatten()
        self.select(rows)
        for entry in self.layers:
            entry.cross_k, entry.cross_v = entry.cross_k[sentences], entry.cross_v[sentences]
        self.keep_mask = self.keep_mask[sentences]


def _grow(stored: Tensor) -> Tensor:
    """Twice the room along time: (B, K, T, E) -> (B, K, 2T, E)."""
    return torch.cat((stored, torch.empty_like(stored)), dim=2)


def _take(stored: Tensor, rows: Tensor, length: int) -> Tensor:
    """Rows of (B, K, T, E), copying only the filled positions."""
    chosen = stored.new_empty((len(rows), *stored.shape[1:]))
    chosen[:, :, :length] = stored[rows, :, :length]
    return chosen
