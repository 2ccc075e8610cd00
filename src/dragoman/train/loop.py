"""THE training loop. Pre-training and fine-tuning differ only in the batches and the development score they hand in."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dragoman.batches.examples import derived_seed
from dragoman.batches.stream import Batch, BatchStream, Position
from dragoman.errors import RunError
from dragoman.memory import keep_freed_memory
from dragoman.model.precision import autocast
from dragoman.model.transformer import EncoderDecoder
from dragoman.recipe.training import TrainSettings
from dragoman.runlog import Metrics, RunLog, Tracker
from dragoman.train.checkpoint import Checkpoints, State
from dragoman.train.loss import naive_loss
from dragoman.train.optim import Optimizer
from dragoman.train.parallel import GradientWorkers, core_count, intraop_threads
from dragoman.train.schedule import rate_factor

Score = Callable[[EncoderDecoder], dict[str, float]]
LOG_EVERY = 10


@dataclass(frozen=True)
class Task:
    """What is trained on what. `score` returns development figures (larger is better); `best_by` names one of them."""

    settings: TrainSettings
    stream: Callable[[Position], BatchStream]
    dev: Sequence[Batch]
    seed: int
    label: str
    score: Score | None = None
    best_by: str = "loss"


def train(
    model: EncoderDecoder, task: Task, out: Path, log: RunLog, dtype: torch.dtype, tracker: Tracker | None = None
) -> dict[str, Any]:
    """Train `model` in place to the end of the schedule, resuming from `out`/checkpoint; returns the figures.

    The model ends with the weights that score best on the development set among: the last step, the best evaluation,
    and the mean of the last `keep` evaluations.
    """
    keep_freed_memory()
    cores = core_count(model.embedding.weight.device)
    n_workers = min(cores, task.settings.accumulate)
    with intraop_threads(cores // n_workers):
        run = _Run(model, task, out, log, dtype, tracker, n_workers)
        try:
            run.to_the_end()
            return run.finish()
        finally:
            run.close()


class _Run:
    """The state of one call of `train`."""

    def __init__(
        self,
        model: EncoderDecoder,
        task: Task,
        out: Path,
        log: RunLog,
        dtype: torch.dtype,
        tracker: Tracker | None,
        n_workers: int,
    ) -> None:
        self.model, self.task, self.log, self.settings, self.dtype = model, task, log, task.settings, dtype
        if task.settings.compile:
            for layer in (*model.encoder, *model.decoder):
                layer.compile(dynamic=True)
        self.workers = GradientWorkers(model, n_workers, smoothing=self.settings.label_smoothing, dtype=dtype)
        self.optimizer = Optimizer(
            model,
            self.settings.learning_rate,
            self.settings.adam_learning_rate,
            self.settings.weight_decay,
            self.workers.map,
        )
        self.checkpoints = Checkpoints(out / "checkpoint")
        self.state = self._resume()
        self.metrics = Metrics(out / "metrics.jsonl", resume_step=self.state.step or None, tracker=tracker)
        self.stream = task.stream(self.state.position)

    def _resume(self) -> State:
        found = self.checkpoints.load()
        if found is None:
            return State()
        state, weights, optimizer = found
        self.model.load_state_dict(weights)
        self.optimizer.load(optimizer)
        self.log.say(f"{self.task.label}: resuming after step {state.step} of {self.settings.steps}")
        return state

    def to_the_end(self) -> None:
        """Step until the schedule is over, looking at the development set and saving on the way."""
        settings = self.settings
        with self.log.progress(self.task.label, settings.steps, unit="steps", done=self.state.step) as advance:
            for _ in self._timed_steps():
                advance(1)
                step = self.state.step
                if step % settings.evaluate_every == 0 or step == settings.steps:
                    self._evaluate()
                if step % settings.checkpoint_every == 0 or step == settings.steps:
                    self._save()

    def _timed_steps(self) -> Iterator[None]:
        """One optimiser step an iteration; only time spent here counts as training time."""
        while self.state.step < self.settings.steps:
            started = time.perf_counter()
            self._step()
            self.state.seconds += time.perf_counter() - started
            yield

    def _step(self) -> None:
        settings, step = self.settings, self.state.step + 1
        self.model.train()
        for replica in self.workers.replicas:
            replica.model.train()
        batches = list(islice(self.stream, settings.accumulate))
        started = time.perf_counter()
        seeds = [derived_seed(self.task.seed, "dropout", step, index) for index in range(len(batches))]
        loss, n_gold = self.workers.accumulate(batches, seeds)
        norm = float(torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip))
        if not math.isfinite(loss) or not math.isfinite(norm):
            raise RunError(
                f"the loss is no longer a number at step {step}",
                where=self.task.label,
                do="lower learning_rate and run again",
            )
        factor = rate_factor(step, settings.steps, settings.warmup, settings.decay)
        self.optimizer.step(step, factor)
        self.model.zero_grad(set_to_none=True)
        n_tokens = sum(batch.n_tokens for batch in batches)
        self.state = replace(self.state, step=step, position=self.stream.position, tokens=self.state.tokens + n_tokens)
        if step % LOG_EVERY == 0 or step == 1:
            rate = n_tokens / (time.perf_counter() - started)
            self.metrics.log(
                step=step, event="train", loss=loss, grad_norm=norm, lr=settings.learning_rate * factor,
                tokens_per_s=round(rate, 1), tgt_tokens=n_gold, tokens=self.state.tokens,
            )  # fmt: skip

    def _figures(self) -> dict[str, float]:
        """Development figures of the model as it is now; `loss` is always among them."""
        self.model.eval()
        loss = dev_loss(self.model, self.task.dev, self.dtype, self.workers)
        figures = {"loss": loss, "perplexity": math.exp(min(loss, 50.0))}
        return figures | (self.task.score(self.model) if self.task.score else {})

    def _rank(self, figures: dict[str, float]) -> float:
        """Larger is better. A score that covers several directions (`chrf.de-en`) counts by their mean."""
        chosen = [v for k, v in figures.items() if k.split(".")[0] == self.task.best_by]
        return -figures["loss"] if self.task.best_by == "loss" or not chosen else sum(chosen) / len(chosen)

    def _evaluate(self) -> None:
        figures = self._figures()
        self.metrics.log(step=self.state.step, event="dev", seconds=round(self.state.seconds, 1), **figures)
        shown = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
        self.log.say(f"{self.task.label}: step {self.state.step}, {self.state.seconds:.0f} s, dev {shown}")
        name = self.checkpoints.snapshot(self.state.step, self._weights())
        self.state.kept = [*self.state.kept, name][-self.settings.keep :]
        rank = self._rank(figures)
        if self.state.best_score is None or rank > self.state.best_score:
            self.state.best, self.state.best_score, self.state.best_step = name, rank, self.state.step

    def _weights(self) -> dict[str, Tensor]:
        return dict(self.model.state_dict())

    def _save(self) -> None:
        self.checkpoints.save(self.state, self._weights(), self.optimizer.state)

    def finish(self) -> dict[str, Any]:
        """Load the best of last, best and average into the model."""
        candidates = {"last": self._weights()}
        if self.state.best and self.state.best_step != self.state.step:
            candidates["best"] = self.checkpoints.read(self.state.best)
        if len(self.state.kept) > 1:
            candidates["average"] = self.checkpoints.average(self.state.kept)
        candidates = {name: {k: t.clone() for k, t in weights.items()} for name, weights in candidates.items()}
        ranks, figures = {}, {}
        for name, weights in candidates.items():
            self.model.load_state_dict(weights)
            figures[name] = self._figures()
            ranks[name] = self._rank(figures[name])
        chosen = max(ranks, key=lambda name: ranks[name])
        self.model.load_state_dict(candidates[chosen])
        self.model.eval()
        state = self.state
        return {
            "steps": state.step,
            "tokens": state.tokens,
            "train_seconds": round(state.seconds, 1),
            "epochs": state.position.epoch,
            "tokens_per_s": round(state.tokens / max(state.seconds, 1e-9), 1),
            "chosen": chosen,
            "dev": figures,
            "best_step": state.best_step,
            "precision": str(self.dtype).split(".")[1],
        }

    def close(self) -> None:
        """End threads and the metrics file."""
        self.workers.close()
        self.metrics.close()


@torch.no_grad()
def dev_loss(model: EncoderDecoder, batches: Sequence[Batch], dtype: torch.dtype, workers: GradientWorkers) -> float:
    """Mean cross entropy a target token (nats), without smoothing or dropout."""
    device = model.embedding.weight.device

    def one(batch: Batch) -> float:
        on_device = batch.to(device)
        with torch.no_grad(), autocast(device, dtype):
            hidden = model(on_device.src, on_device.src_keep, on_device.tgt_in)[on_device.tgt_keep]
            return float(naive_loss(hidden, model.embedding.weight, on_device.gold, 0.0))

    n_tokens = sum(len(batch.gold) for batch in batches)
    return sum(workers.map(one, batches)) / max(n_tokens, 1)
