"""The encoder-decoder: pre-norm RMSNorm, grouped-query attention, rotary positions, SwiGLU, tied embeddings.

One sentence through it: `encode` turns source ids into memory; `decode` turns target ids and memory into hidden states
(training, and the reference decoder); `start_cache` and `step` do the same one token at a time; `logits` scores the
vocabulary with the embedding matrix itself. Rotary positions act in self-attention only, so that the target sees
the source by content. The layout stays inside what CTranslate2's transformer specification can express.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dragoman.model.cache import Cache
from dragoman.model.config import ModelConfig
from dragoman.model.layers import Attention, Dropout, SwiGLU, rotary_table, rotate


class RMSNorm(nn.Module):
    """Root-mean-square normalisation (Zhang & Sennrich 2019) with a learned gain; the mean square is taken in fp32."""

    def __init__(self, d_model: int, eps: float) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d_model))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """x (..., D) -> (..., D)."""
        return F.rms_norm(x, (x.size(-1),), self.gain.to(x.dtype), self.eps)


class EncoderLayer(nn.Module):
    """x + attention(norm(x)), then x + feed_forward(norm(x))."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(config.d_model, config.norm_eps)
        self.attention = Attention(config)
        self.ffn_norm = RMSNorm(config.d_model, config.norm_eps)
        self.ffn = SwiGLU(config)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, keep_mask: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """x (B, S, D), keep_mask (B, 1, 1, S), cos and sin (S, E) -> (B, S, D)."""
        h = self.attention_norm(x)
        k, v = self.attention.project_kv(h)
        q = rotate(self.attention.project_query(h), cos, sin)
        x = x + self.dropout(self.attention(q, rotate(k, cos, sin), v, keep_mask))
        return x + self.dropout(self.ffn(self.ffn_norm(x)))


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source, feed-forward; each x + part(norm(x))."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.attention_norm = RMSNorm(config.d_model, config.norm_eps)
        self.attention = Attention(config)
        self.cross_norm = RMSNorm(config.d_model, config.norm_eps)
        self.cross = Attention(config)
        self.ffn_norm = RMSNorm(config.d_model, config.norm_eps)
        self.ffn = SwiGLU(config)
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, memory: Tensor, keep_mask: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        """x (B, T, D), memory (B, S, D), keep_mask (B, 1, 1, S), cos and sin (T, E) -> (B, T, D).

        Target padding needs no mask: it stands at the end, where causal attention never looks back from.
        """
        h = self.attention_norm(x)
        k, v = self.attention.project_kv(h)
        q = rotate(self.attention.project_query(h), cos, sin)
        x = x + self.dropout(self.attention(q, rotate(k, cos, sin), v, None, causal=True))
        q = self.cross.project_query(self.cross_norm(x))
        x = x + self.dropout(self.cross(q, *self.cross.project_kv(memory), keep_mask))
        return x + self.dropout(self.ffn(self.ffn_norm(x)))

    def step(self, x: Tensor, cache: Cache, layer: int, cos: Tensor, sin: Tensor) -> Tensor:
        """The same for one new position of every hypothesis: x (B*W, 1, D), cos and sin (1, E) -> (B*W, 1, D)."""
        h = self.attention_norm(x)
        k, v = self.attention.project_kv(h)
        k, v = cache.append(layer, rotate(k, cos, sin), v)
        q = rotate(self.attention.project_query(h), cos, sin)
        x = x + self.attention.attend_few(q, k, v, None)
        # The W hypotheses of a sentence become W queries on its one set of source keys, which are never copied.
        together = self.cross_norm(x).view(-1, cache.width, x.size(-1))  # (B, W, D)
        mixed = self.cross.attend_few(self.cross.project_query(together), *cache.cross_kv[layer], cache.keep_mask)
        x = x + mixed.view_as(x)
        return x + self.ffn(self.ffn_norm(x))


class EncoderDecoder(nn.Module):
    """The whole model. Parameters are fp32; run it under autocast for bf16."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.n_encoder_layers))
        self.encoder_norm = RMSNorm(config.d_model, config.norm_eps)
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.n_decoder_layers))
        self.decoder_norm = RMSNorm(config.d_model, config.norm_eps)
        self.dropout = Dropout(config.dropout)
        initialise(self, torch.Generator().manual_seed(0))

    def embed(self, ids: Tensor) -> Tensor:
        """ids (B, N) -> (B, N, D) of size about 1, in bf16 under autocast so that the stream takes half the memory."""
        vectors = self.embedding(ids) * math.sqrt(self.config.d_model)
        device = vectors.device.type
        if torch.is_autocast_enabled(device):
            vectors = vectors.to(torch.get_autocast_dtype(device))
        return self.dropout(vectors)

    def angles(self, length: int, start: int = 0) -> tuple[Tensor, Tensor]:
        """Rotary cos and sin (length, E) of the positions from `start` on."""
        return rotary_table(length, self.config.d_head, self.config.rope_base, self.embedding.weight.device, start)

    def encode(self, src: Tensor, src_keep: Tensor) -> Tensor:
        """src (B, S) ids, src_keep (B, S) True = real token -> memory (B, S, D)."""
        keep_mask = src_keep[:, None, None, :]
        cos, sin = self.angles(src.size(1))
        x = self.embed(src)
        for layer in cast(Iterable[EncoderLayer], self.encoder):
            x = layer(x, keep_mask, cos, sin)
        return self.encoder_norm(x)

    def decode(self, tgt_in: Tensor, memory: Tensor, src_keep: Tensor) -> Tensor:
        """tgt_in (B, T) ids that start with <s>, memory (B, S, D), src_keep (B, S) -> hidden states (B, T, D)."""
        keep_mask = src_keep[:, None, None, :]
        cos, sin = self.angles(tgt_in.size(1))
        x = self.embed(tgt_in)
        for layer in self.decoder_layers():
            x = layer(x, memory, keep_mask, cos, sin)
        return self.decoder_norm(x)

    def decoder_layers(self) -> Iterable[DecoderLayer]:
        """The decoder's layers, first to last."""
        return cast(Iterable[DecoderLayer], self.decoder)

    def logits(self, hidden: Tensor) -> Tensor:
        """hidden (..., D) -> scores (..., V): a product with the embedding matrix."""
        return F.linear(hidden, self.embedding.weight)

    def forward(self, src: Tensor, src_keep: Tensor, tgt_in: Tensor) -> Tensor:
        """src (B, S), src_keep (B, S), tgt_in (B, T) -> hidden states (B, T, D); `logits` turns them into scores."""
        return self.decode(tgt_in, self.encode(src, src_keep), src_keep)

    def start_cache(self, memory: Tensor, src_keep: Tensor, width: int = 1, room: int = 32) -> Cache:
        """A cache for `width` hypotheses a sentence: cross-attention keys/values are computed here, once.

        memory (B, S, D), src_keep (B, S); `room` target positions are reserved and grow when needed.
        """
        cross_kv = [layer.cross.project_kv(memory) for layer in self.decoder_layers()]  # (B, K, S, E) each
        keys = cross_kv[0][0]
        shape = (2 * len(cross_kv), memory.size(0) * width, keys.size(1), room, keys.size(3))
        return Cache(keys.new_empty(shape), cross_kv, src_keep[:, None, None, :], width)

    def step(self, last: Tensor, cache: Cache) -> Tensor:
        """Read one token of every hypothesis, last (B*W,) -> scores (B*W, V) of the next; the cache grows by one."""
        cos, sin = self.angles(1, start=cache.length)
        x = self.embed(last[:, None])  # (B*W, 1, D)
        for index, layer in enumerate(self.decoder_layers()):
            x = layer.step(x, cache, index, cos, sin)
        cache.length += 1
        return self.logits(self.decoder_norm(x))[:, 0]


@torch.no_grad()
def initialise(model: EncoderDecoder, generator: torch.Generator) -> None:
    """The one place where weights get their first values.

    Matrices: normal with deviation 1/sqrt(inputs), so that activations keep their size; those that write
    into the residual stream (`out`, `down`) are divided by sqrt(number of writers), so that its size does not grow
    with depth (GPT-2). Embeddings: 1/sqrt(D), so that the tied output layer starts with logits of deviation 1; `embed`
    multiplies by sqrt(D), so that a token enters the residual stream at size 1 and is not drowned by the layers.
    Gains: 1.
    """
    writers = {"encoder": 2 * model.config.n_encoder_layers, "decoder": 3 * model.config.n_decoder_layers}
    for name, parameter in model.named_parameters():
        if parameter.dim() == 1:
            parameter.fill_(1.0)
            continue
        deviation = 1.0 / math.sqrt(parameter.size(1))
        if name.endswith(("out.weight", "down.weight")):
            deviation /= math.sqrt(writers[name.split(".")[0]])
        parameter.normal_(0.0, deviation, generator=generator)


def n_parameters(model: nn.Module) -> int:
    """Number of trained values; tied ones count once."""
    return sum(parameter.numel() for parameter in model.parameters())
