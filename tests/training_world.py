"""A tiny world to train in: random token pairs where the target repeats the source with every id moved by one."""

from __future__ import annotations

import random

import torch

from dragoman.batches.examples import Example
from dragoman.model.config import ModelConfig
from dragoman.model.transformer import EncoderDecoder, initialise
from dragoman.tokenizer import EOS_ID

VOCAB = 120


def random_examples(count: int, seed: int, longest: int = 12) -> list[Example]:
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        words = [draw.randrange(80, VOCAB - 1) for _ in range(draw.randint(2, longest))]
        rows.append(Example([*words, EOS_ID], [*(word + 1 for word in words), EOS_ID]))
    return rows


class RandomExamples:
    """Two pools an epoch, different each epoch, a pure function of epoch and pool."""

    n_pools = 2

    def pool(self, epoch: int, index: int) -> list[Example]:
        return random_examples(60, seed=1000 * epoch + index)


def tiny_model(seed: int = 0, dropout: float = 0.0) -> EncoderDecoder:
    model = EncoderDecoder(ModelConfig(VOCAB, 32, 4, 2, 2, 2, 48, dropout=dropout))
    initialise(model, torch.Generator().manual_seed(seed))
    return model
