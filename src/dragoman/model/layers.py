"""The parts of the encoder-decoder: dropout, rotary positions, attention, feed-forward.

Shape letters: B batch, S source length, T target length, N queries, M keys, D width (`d_model`), H query heads,
K key/value heads, G = H / K query heads that share one key/value head, E head size.
Masks say what True means: `keep_mask` True = attend.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dragoman.model.config import ModelConfig


class Dropout(nn.Module):
    """Inverted dropout that draws from a generator of its own.

    torch's dropout draws from the one global generator, whose order of use would depend on which thread runs first
    and whose state would have to be saved to resume. Here the training loop seeds `generator` for every micro-batch,
    so a draw depends on seed, step and micro-batch alone.
    """

    generator: torch.Generator | None = None

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """x (...) -> (...): zero with probability `rate`, else scaled by 1 / (1 - rate)."""
        if not self.training or self.rate == 0.0:
            return x
        keep = torch.empty_like(x).bernoulli_(1.0 - self.rate, generator=self.generator)
        return x * keep.mul_(1.0 / (1.0 - self.rate))


def rotary_table(length: int, d_head: int, base: float, device: torch.device, start: int = 0) -> tuple[Tensor, Tensor]:
    """cos and sin (length, E) of RoPE (Su et al. 2021) in the half-rotation layout of GPT-NeoX and Llama.

    The first row is position `start`. Positions are made on demand and not stored, so no length is ever too long
    for the table.
    """
    inverse = base ** (-torch.arange(0, d_head, 2, device=device, dtype=torch.float32) / d_head)
    positions = torch.arange(start, start + length, device=device, dtype=torch.float32)
    angles = torch.outer(positions, inverse)  # (length, E/2)
    angles = torch.cat((angles, angles), dim=-1)  # (length, E)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn x (B, H, N, E) by the angles of its positions; cos, sin (N, E). Keeps x's dtype."""
    first, second = x.chunk(2, dim=-1)
    turned = torch.cat((-second, first), dim=-1)
    return x * cos.to(x.dtype) + turned * sin.to(x.dtype)


class Attention(nn.Module):
    """Grouped-query attention (Ainslie et al. 2023): H query heads over K key/value heads, no biases.

    `project_kv` is apart from `forward`, so that keys and values can be computed once and kept.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.n_heads, self.n_kv_heads, self.d_head = config.n_heads, config.n_kv_heads, config.d_head
        self.query = nn.Linear(config.d_model, self.n_heads * self.d_head, bias=False)
        self.key_value = nn.Linear(config.d_model, 2 * self.n_kv_heads * self.d_head, bias=False)
        self.out = nn.Linear(self.n_heads * self.d_head, config.d_model, bias=False)

    def project_query(self, x: Tensor) -> Tensor:
        """x (B, N, D) -> queries (B, H, N, E)."""
        return self.query(x).unflatten(-1, (self.n_heads, self.d_head)).transpose(1, 2)

    def project_kv(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x (B, M, D) -> keys, values (B, K, M, E)."""
        both = self.key_value(x).unflatten(-1, (2 * self.n_kv_heads, self.d_head)).transpose(1, 2)  # (B, 2K, M, E)
        keys, values = both.chunk(2, dim=1)
        return keys, values

    def forward(self, q: Tensor, k: Tensor, v: Tensor, keep_mask: Tensor | None, causal: bool = False) -> Tensor:
        """Attend and mix the heads.

        q (B, H, N, E); k, v (B, K, M, E); keep_mask broadcastable to (B, 1, N, M), True = attend -> (B, N, D).
        Head h of q reads key/value head h // G: heads 0..G-1 share the first, and so on.
        """
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=keep_mask, is_causal=causal, enable_gqa=True)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (B, N, D)

    def attend_few(self, q: Tensor, k: Tensor, v: Tensor, keep_mask: Tensor | None) -> Tensor:
        """`forward` for a few queries, where every query sees the same keys: the shapes of a decoding step.

        q (B, H, N, E); k, v (B, K, M, E); keep_mask broadcastable to (B, 1, 1, M) -> (B, N, D). The G heads that
        share a key/value head become G times as many queries of one head: no key is copied and no head is idle.
        """
        shared = q.reshape(q.size(0), self.n_kv_heads, -1, self.d_head)  # (B, K, G*N, E)
        # Written out: for so few queries twice as fast on a CPU as the fused kernel, which is made for many.
        scores = (shared * self.d_head**-0.5) @ k.transpose(-1, -2)  # (B, K, G*N, M)
        if keep_mask is not None:
            scores = scores.masked_fill(~keep_mask, float("-inf"))
        mixed = (scores.float().softmax(-1).to(v.dtype) @ v).view_as(q)
        return self.out(mixed.transpose(1, 2).flatten(2))  # (B, N, D)


class SwiGLU(nn.Module):
    """Feed-forward layer down(silu(gate x) * up x) (Shazeer 2020), no biases."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_up = nn.Linear(config.d_model, 2 * config.d_ff, bias=False)
        self.down = nn.Linear(config.d_ff, config.d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x (B, N, D) -> (B, N, D)."""
        gate, up = self.gate_up(x).chunk(2, dim=-1)  # (B, N, d_ff) each
        return self.down(F.silu(gate) * up)
