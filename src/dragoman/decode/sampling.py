"""Drawing the next token: temperature, top-k and top-p, with one random stream for each sentence.

A sentence draws from a generator made of the seed and its own number, one uniform number for each token. So its sample
depends neither on the other sentences of its batch nor on when they end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from torch import Tensor

from dragoman.decode.options import Sampling


def sentence_generator(seed: int, sentence: int) -> torch.Generator:
    """A generator on the CPU for sentence number `sentence`; neighbouring numbers share nothing."""
    digest = hashlib.blake2b(f"{seed}:{sentence}".encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little") >> 1)


def uniforms(seed: int, sentences: Sequence[int], limits: Sequence[int], device: torch.device) -> Tensor:
    """One number in [0, 1) for each token a sentence may need: (B, longest limit) float64, 0 past its limit."""
    drawn = torch.zeros(len(sentences), max(limits), dtype=torch.float64)
    for row, (sentence, limit) in enumerate(zip(sentences, limits, strict=True)):
        drawn[row, :limit] = torch.rand(limit, dtype=torch.float64, generator=sentence_generator(seed, sentence))
    return drawn.to(device)


def draw(log_probs: Tensor, uniform: Tensor, sampling: Sampling) -> Tensor:
    """Draw one token a row: log_probs (B, V), uniform (B,) in [0, 1) -> ids (B,).

    Tokens lie likeliest first on a line, each as long as its probability; `uniform` points at one of them. Example:
    probabilities .5 .3 .2 end at .5 .8 1, so .7 draws the second. With top_p = .7 only the first two stay (.5 alone
    is less than .7), their line is .8 long, and .7 points at .56: the second again.
    """
    probs, order = (log_probs / sampling.temperature).softmax(-1).double().sort(dim=-1, descending=True, stable=True)
    if sampling.top_k:
        probs, order = probs[:, : sampling.top_k], order[:, : sampling.top_k]
    ends = probs.cumsum(-1)  # (B, k)
    if sampling.top_p < 1:
        # A token stays if those before it do not yet make up top_p (of what top_k left).
        stays = ends - probs < sampling.top_p * ends[:, -1:]
        ends = (probs * stays).cumsum(-1)
    place = torch.searchsorted(ends, uniform[:, None] * ends[:, -1:], right=True)
    last = (probs > 0).sum(-1, keepdim=True) - 1  # a banned token is never drawn, not even by rounding
    return order.gather(1, torch.minimum(place, last))[:, 0]
