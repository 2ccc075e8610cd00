"""Work for the engines that misbehaves on demand; it stands here so that worker processes can import it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from dragoman.errors import DataError
from dragoman.io import write_text


class OwnError(Exception):
    """An error that can be pickled but not read back."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} {second}")


@dataclass(frozen=True)
class Work:
    """Writes `<out>/<task>.json` and hands back the square; `faults` maps tasks to how they misbehave."""

    out: Path
    faults: tuple[tuple[int, str], ...] = ()

    def __call__(self, task: int) -> dict[str, int]:
        earlier = len(self.begun(task))
        (self.out / f"begun-{task}-{earlier}").write_text(str(os.getpid()))
        fault = dict(self.faults).get(task)
        if fault is not None:
            getattr(self, fault)(task, earlier)
        write_text(self.out / f"{task}.json", json.dumps({"task": task, "square": task**2}) + "\n")
        return {"task": task, "square": task**2}

    def begun(self, task: int | str = "*") -> list[Path]:
        """One file for every time that a task was begun; it holds the worker's process id."""
        return list(self.out.glob(f"begun-{task}-*"))

    def die_once(self, task: int, earlier: int) -> None:
        if not earlier:
            self.die(task, earlier)

    def die(self, task: int, earlier: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def leave(self, task: int, earlier: int) -> None:
        sys.exit(3)

    def bad_input(self, task: int, earlier: int) -> None:
        raise DataError("a column is missing", where=self.out / "web.parquet", do="name another")

    def bug(self, task: int, earlier: int) -> None:
        raise KeyError(task)

    def own_error(self, task: int, earlier: int) -> None:
        raise OwnError("one", "two")

    def wait(self, task: int, earlier: int) -> None:
        time.sleep(60)

    def pause(self, task: int, earlier: int) -> None:
        time.sleep(0.5)

    def chat(self, task: int, earlier: int) -> None:
        print("a library that talks", flush=True)
        os.write(1, b"and one written in C\n")


def nothing(task: int) -> int:
    return task


def arrow_threads(task: int) -> int:
    import pyarrow

    return pyarrow.cpu_count()
