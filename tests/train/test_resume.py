"""A training killed at any moment and started again ends with the same bits as one that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dragoman.batches.stream import Position
from dragoman.bundle import load_tensors
from dragoman.errors import BundleError
from dragoman.runlog import RunLog, read_metrics
from dragoman.train import loop
from dragoman.train.checkpoint import Checkpoints, State
from dragoman.train.loop import Task, train
from training_world import tiny_model

QUIET = RunLog(quiet=True)
Loaded = tuple[State, dict[str, torch.Tensor], dict[str, torch.Tensor]]


def weights_after(task: Task, out: Path) -> dict[str, torch.Tensor]:
    model = tiny_model(dropout=task.settings.dropout)
    train(model, task, out, QUIET, torch.float32)
    return dict(model.state_dict())


class Killed(BaseException):
    """Not an Exception, so that no handler of ours can swallow it."""


def stop_after(at: int, task: Task, out: Path) -> None:
    """Train until the first micro-batch of step `at` + 1 is asked for."""
    real, calls = loop.derived_seed, 0

    def fatal(*parts: int | str) -> int:
        nonlocal calls
        if parts[1] == "dropout" and parts[-1] == 0:
            calls += 1
            if calls == at + 1:
                raise Killed
        return real(*parts)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(loop, "derived_seed", fatal)
        weights_after(task, out)


@pytest.mark.parametrize("at", [1, 4, 5, 8, 11])
def test_training_stopped_after_any_step_resumes_to_the_same_bits(
    at: int, make_task: Callable[..., Task], tmp_path: Path
) -> None:
    undisturbed = weights_after(make_task(), tmp_path / "one")
    stop_after(at, make_task(), tmp_path / "two")
    resumed = weights_after(make_task(), tmp_path / "two")
    assert all(torch.equal(resumed[name], undisturbed[name]) for name in undisturbed)
    steps = [(row["event"], row["step"]) for row in read_metrics(tmp_path / "two" / "metrics.jsonl")]
    assert steps == [(row["event"], row["step"]) for row in read_metrics(tmp_path / "one" / "metrics.jsonl")]


def forget_position(state: State, optimizer: dict[str, torch.Tensor]) -> State:
    return replace(state, position=Position())


def forget_step(state: State, optimizer: dict[str, torch.Tensor]) -> State:
    return replace(state, step=state.step - 1)


def forget_momentum(state: State, optimizer: dict[str, torch.Tensor]) -> State:
    for tensor in optimizer.values():
        tensor.zero_()
    return state


@pytest.mark.parametrize("fault", [forget_position, forget_step, forget_momentum])
def test_a_checkpoint_that_forgets_something_would_be_noticed(
    fault: Callable[[State, dict[str, torch.Tensor]], State],
    make_task: Callable[..., Task],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    undisturbed = weights_after(make_task(), tmp_path / "one")
    stop_after(9, make_task(), tmp_path / "two")  # leaves a checkpoint of step 8
    real = Checkpoints.load

    def forgetful(self: Checkpoints) -> Loaded | None:
        found = real(self)
        return found and (fault(found[0], found[2]), found[1], found[2])

    monkeypatch.setattr(Checkpoints, "load", forgetful)
    resumed = weights_after(make_task(), tmp_path / "two")
    assert not all(torch.equal(resumed[name], undisturbed[name]) for name in undisturbed)


CHILD = """
    import sys, torch
    sys.path.insert(0, {tests!r})
    from pathlib import Path
    from training_world import RandomExamples, random_examples, tiny_model
    from dragoman.batches.stream import BatchStream, collate
    from dragoman.bundle import save_tensors
    from dragoman.recipe.training import TrainSettings
    from dragoman.runlog import RunLog
    from dragoman.train.loop import Task, train

    out = Path(sys.argv[1])
    settings = TrainSettings(steps=60, batch_tokens=512, evaluate_every=10, checkpoint_every=5, dropout=0.1)
    task = Task(
        settings=settings, stream=lambda p: BatchStream(RandomExamples(), 256, 7, p),
        dev=[collate(random_examples(20, 99))], seed=5, label="child",
    )
    model = tiny_model(dropout=0.1)
    train(model, task, out, RunLog(quiet=True), torch.float32)
    save_tensors(out / "final.safetensors", dict(model.state_dict()))
"""


def start_child(out: Path) -> subprocess.Popen[bytes]:
    code = textwrap.dedent(CHILD.format(tests=str(Path(__file__).parents[1])))
    return subprocess.Popen([sys.executable, "-c", code, str(out)], env={**os.environ, "OMP_NUM_THREADS": "1"})


@pytest.mark.slow
def test_sigkill_and_restart_ends_with_bit_identical_weights(tmp_path: Path) -> None:
    assert start_child(tmp_path / "calm").wait(timeout=120) == 0
    kills = 0
    for wanted in (5, 25, 45):  # kill once a checkpoint at or after this step exists
        child = start_child(tmp_path / "stormy")
        state = tmp_path / "stormy" / "checkpoint" / "state.json"
        while child.poll() is None:
            if state.exists() and step_of(state.read_text()) >= wanted:
                child.send_signal(signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.002)
        child.wait(timeout=120)
    assert kills >= 2, "the child was never caught in the middle"
    assert start_child(tmp_path / "stormy").wait(timeout=120) == 0
    calm, stormy = (load_tensors(tmp_path / name / "final.safetensors") for name in ("calm", "stormy"))
    assert all(torch.equal(calm[name], stormy[name]) for name in calm)


def step_of(state: str) -> int:
    return int(state.split('"step": ')[1].split(",")[0]) if '"step": ' in state else 0


def test_damaged_checkpoint_is_named_and_nothing_is_lost(make_task: Callable[..., Task], out: Path) -> None:
    weights_after(make_task(), out)
    weights = next((out / "checkpoint").glob("weights-*.safetensors"))
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(BundleError, match="checkpoint is damaged"):
        weights_after(make_task(), out)
    assert weights.exists()
