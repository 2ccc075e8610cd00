"""Weights & Biases behind the one hook that training knows (`runlog.Tracker`); never needed, never in the way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dragoman.errors import RunError
from dragoman.recipe import TrackSettings


class WandbTracker:
    """Passes figures on; `step` becomes the run's own step."""

    def __init__(self, run: Any) -> None:
        self._run = run

    def log(self, figures: Mapping[str, Any]) -> None:
        """Send one row, its names under the name of its event: `dev/loss`."""
        event = figures.get("event", "figures")
        named = {f"{event}/{name}": value for name, value in figures.items() if name not in ("event", "step", "time")}
        self._run.log(named, step=figures.get("step"))

    def finish(self) -> None:
        """Close the run."""
        self._run.finish()


def wandb_tracker(settings: TrackSettings, name: str, config: Mapping[str, Any], folder: Path) -> WandbTracker:
    """A run in the project of the recipe. The same folder resumes the same run; its key comes from the environment."""
    try:
        import wandb
    except ImportError:
        advice = "pip install 'dragoman[track]', or set track.wandb=off"
        raise RunError("tracking needs Weights & Biases", do=advice) from None
    folder.mkdir(parents=True, exist_ok=True)
    run = wandb.init(
        project=settings.project,
        name=name,
        id=folder.name,
        resume="allow",
        mode=settings.wandb,
        config=dict(config),
        dir=str(folder.parent),
    )
    return WandbTracker(run)
