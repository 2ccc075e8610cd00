"""What becomes of one task in a worker, and how that is told to the process that waits for it."""

from __future__ import annotations

import contextlib
import os
import pickle
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dragoman.errors import RunError
from dragoman.memory import release_memory

MAX_ATTEMPTS = 3
TASK_CHARS = 200
ONE_THREAD = {  # a worker is one core: threads inside it would only fight those of the others
    name: "1"
    for name in (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "RAYON_NUM_THREADS",
        "POLARS_MAX_THREADS",
        "ARROW_IO_THREADS",
    )
}


@contextlib.contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables for the processes that are started inside."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class WorkerTraceback(Exception):
    """The traceback of an error in the worker it happened in; the cause of the error that the caller sees."""

    def __str__(self) -> str:
        return f"in a worker\n{self.args[0]}"


@dataclass(frozen=True)
class Outcome:
    """The value of a task, or the error that it raised and its traceback in words."""

    value: Any = None
    error: Exception | None = None
    trace: str = ""

    def result(self) -> Any:
        """The value. Raises the error."""
        if self.error is not None:
            raise self.error from WorkerTraceback(self.trace)
        return self.value


def attempt(work: Callable[[Any], Any], task: Any) -> bytes:
    """The pickled `Outcome` of one task; what cannot be pickled arrives as an error that says so."""
    try:
        packed = pickle.dumps(Outcome(work(task)))
    except Exception as error:
        packed = _packed_error(error, "".join(traceback.format_exception(error)))
    release_memory()
    return packed


def _packed_error(error: Exception, trace: str) -> bytes:
    with contextlib.suppress(Exception):
        packed = pickle.dumps(Outcome(error=error, trace=trace))
        pickle.loads(packed)  # some errors can be written, but not read back
        return packed
    return pickle.dumps(Outcome(error=RuntimeError(f"{type(error).__name__}: {error}"), trace=trace))


def task_name(task: object) -> str:
    """The task on one line, for messages."""
    words = " ".join(str(task).split())
    return words if len(words) <= TASK_CHARS else f"{words[:TASK_CHARS]}..."


def worker_lost(task: object, how: str = "") -> RunError:
    """The error for a task that cost `MAX_ATTEMPTS` workers."""
    what = f"{MAX_ATTEMPTS} workers were lost at the same task{how}"
    advice = "it may be memory: give fewer workers; if it is not, this input crashes a library: leave it out"
    return RunError(what, where=task_name(task), do=advice)
