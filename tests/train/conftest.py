"""Fixtures of the training tests; the world they train in is `training_world.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from dragoman.batches.stream import BatchStream, Position, collate
from dragoman.recipe.training import TrainSettings
from dragoman.train.loop import Task
from training_world import RandomExamples, random_examples


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def make_task() -> Callable[..., Task]:
    def make(**changes: object) -> Task:
        values = {
            "steps": 12,
            "batch_tokens": 256,
            "evaluate_every": 4,
            "checkpoint_every": 4,
            "dropout": 0.1,
            **changes,
        }
        settings = TrainSettings.model_validate(values)
        budget = settings.batch_tokens // settings.accumulate

        def stream(position: Position) -> BatchStream:
            return BatchStream(RandomExamples(), budget, 7, position)

        return Task(settings=settings, stream=stream, dev=[collate(random_examples(20, 99))], seed=5, label="test")

    return make


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "stage"
