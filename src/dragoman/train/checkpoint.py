"""A training that can be killed at any moment: everything needed to go on, committed by one rename.

    checkpoint/
        state.json                   step, stream position, history, and the names of the files below: written last
        weights-000500.safetensors   parameters after step 500
        optimizer-000500.safetensors
        average-000250.safetensors   parameters at earlier evaluations, for averaging
        best.safetensors             see state.json for its step and score

A file that `state.json` does not name is left over from a killed write and is removed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from dragoman.batches.stream import Position
from dragoman.bundle import load_tensors, save_tensors
from dragoman.errors import BundleError, RunError
from dragoman.io import read_json, write_json


@dataclass
class State:
    """Where a training stands. `kept` are evaluation snapshots, oldest first; `best` the best one so far."""

    step: int = 0
    position: Position = field(default_factory=Position)
    seconds: float = 0.0
    tokens: int = 0
    kept: list[str] = field(default_factory=list)
    best: str | None = None
    best_score: float | None = None
    best_step: int | None = None


class Checkpoints:
    """Reads and writes the checkpoint folder of one training."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> tuple[State, dict[str, Tensor], dict[str, Tensor]] | None:
        """State, weights and optimiser state of the last complete checkpoint; None before the first."""
        path = self.folder / "state.json"
        if not path.exists():
            return None
        try:
            values = read_json(path)
            state = State(**{**values, "position": Position(**values["position"])})
            weights = load_tensors(self.folder / self._name("weights", state.step))
            return state, weights, load_tensors(self.folder / self._name("optimizer", state.step))
        except (RunError, BundleError, TypeError, KeyError) as error:
            raise BundleError(
                f"the checkpoint is damaged: {error}",
                where=self.folder,
                do="delete this folder to train the stage anew",
            ) from None

    def save(self, state: State, weights: dict[str, Tensor], optimizer: dict[str, Tensor]) -> None:
        """Commit a checkpoint of `state.step`, then remove what it no longer needs."""
        save_tensors(self.folder / self._name("weights", state.step), weights)
        save_tensors(self.folder / self._name("optimizer", state.step), optimizer)
        write_json(self.folder / "state.json", asdict(state))
        wanted = {"state.json", self._name("weights", state.step), self._name("optimizer", state.step)}
        self._remove_except(wanted | set(state.kept) | ({state.best} if state.best else set()))

    def snapshot(self, step: int, weights: dict[str, Tensor]) -> str:
        """Store the weights of an evaluation; returns the file's name for `State.kept` or `State.best`."""
        name = self._name("average", step)
        save_tensors(self.folder / name, weights)
        return name

    def read(self, name: str) -> dict[str, Tensor]:
        """The weights of a snapshot."""
        return load_tensors(self.folder / name)

    def average(self, names: list[str]) -> dict[str, Tensor]:
        """Mean of the snapshots' weights, summed in fp64."""
        total: dict[str, Tensor] = {}
        for name in names:
            for key, tensor in self.read(name).items():
                total[key] = total[key] + tensor.double() if key in total else tensor.double()
        return {key: (tensor / len(names)).to(torch.float32) for key, tensor in total.items()}

    def _remove_except(self, wanted: set[str]) -> None:
        for path in self.folder.iterdir():
            if path.name not in wanted:
                path.unlink()

    @staticmethod
    def _name(kind: str, step: int) -> str:
        return f"{kind}-{step:06d}.safetensors"
