"""What a run says while it works: progress bars and words on stderr, figures in a JSONL file.

Standard output belongs to data, so nothing here ever writes to it. Bars are drawn only on a terminal; in a log file
a long step leaves its closing line and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dragoman.io import disk_error

if TYPE_CHECKING:
    from rich.progress import Progress

Advance = Callable[[float], None]


class Tracker(Protocol):
    """Where figures also go: an experiment tracker behind one small hook."""

    def log(self, figures: Mapping[str, Any]) -> None: ...

    def finish(self) -> None: ...


class RunLog:
    """Words and bars for a person. `quiet` silences both; errors are not its business."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.interactive = not quiet and sys.stderr.isatty()

    def say(self, text: str) -> None:
        """One line for the person at the terminal."""
        if not self.quiet:
            print(text, file=sys.stderr, flush=True)

    @contextlib.contextmanager
    def progress(
        self, label: str, total: float | None = None, *, unit: str = "items", done: float = 0
    ) -> Iterator[Advance]:
        """A bar with rate and time left; yields the function that moves it on by so many `unit`s."""
        if not self.interactive:
            yield lambda amount: None
            return
        with _rich_progress(unit) as bar:
            task = bar.add_task(label, total=total, completed=int(done))

            def advance(amount: float) -> None:
                bar.advance(task, amount)

            yield advance


def _rich_progress(unit: str) -> Progress:
    from rich.console import Console
    from rich.filesize import decimal
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    def amount(count: float) -> str:
        return decimal(int(count)) if unit == "bytes" else f"{count:,.0f}"

    class Done(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(amount(task.completed) + (f" of {amount(task.total)}" if task.total else ""))

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{amount(task.speed)}{'' if unit == 'bytes' else f' {unit}'}/s" if task.speed else "")

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        Done(),
        Rate(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        speed_estimate_period=300,  # seconds: work may come in large pieces
    )


class Metrics:
    """Figures of a training run, one JSON object a line, each with the seconds since the epoch.

    A line that a killed run left half-written is dropped when the file is opened again, and so is every line past
    the step the run resumes from: the file then reads as if the run had never been interrupted.
    """

    def __init__(self, path: Path, *, resume_step: int | None = None, tracker: Tracker | None = None) -> None:
        self.path, self.tracker = path, tracker
        kept = [] if resume_step is None else [row for row in read_metrics(path) if row.get("step", 0) <= resume_step]
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._stream = open(path, "w", encoding="utf-8")  # noqa: SIM115 - open for the whole run, see close()
            for row in kept:
                self._write(row)
        except OSError as error:
            raise disk_error(error, path) from error

    def _write(self, row: Mapping[str, Any]) -> None:
        try:
            self._stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            self._stream.flush()
        except OSError as error:
            raise disk_error(error, self.path) from error

    def log(self, **figures: Any) -> None:
        """Append one row; `step` is the optimiser step the figures belong to."""
        row = {"time": round(time.time(), 3), **figures}
        self._write(row)
        if self.tracker is not None:
            self.tracker.log(figures)

    def close(self) -> None:
        """Close the file and the tracker."""
        self._stream.close()
        if self.tracker is not None:
            self.tracker.finish()


def read_metrics(path: Path) -> list[dict[str, Any]]:
    """The rows of a metrics file; a half-written last line is left out."""
    if not path.exists():
        return []
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            rows.append(json.loads(line))
    return rows
