"""A tiny world to train in: random token pairs where the target repeats the source with every id moved by one."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from dragoman.batches.examples import Example
from dragoman.batches.stream import BatchStream, Position, collate
from dragoman.model.config import ModelConfig
from dragoman.model.transformer import EncoderDecoder, initialise
from dragoman.recipe.training import TrainSettings
from dragoman.tokenizer import EOS_ID
from dragoman.train.loop import Task

VOCAB = 120


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


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


@pytest.fixture
def make_task() -> Callable[..., Task]:
    def make(**changes: object) -> Task:
        values = {"steps": 12, "batch_tokens": 256, "evaluate_every": 4, "checkpoint_every": 4, "dropout": 0.1, **changes}
        settings = TrainSettings.model_validate(values)
        budget = settings.batch_tokens // settings.accumulate

        def stream(position: Position) -> BatchStream:
            return BatchStream(RandomExamples(), budget, 7, position)

        return Task(settings=settings, stream=stream, dev=[collate(random_examples(20, 99))], seed=5, label="test")

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "stage"
