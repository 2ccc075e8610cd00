"""Ray Data: the tasks as rows of a data set, one block a task, on a cluster or on local workers that it starts.

Ray Data tries a task whose worker was lost again without end, and cannot say which row it was. A small actor therefore
counts how often each task was begun. Errors of `work` travel as values: Ray neither wraps nor retries them.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import pickle
import signal
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from dragoman.corpus.engine.outcome import MAX_ATTEMPTS, ONE_THREAD, Outcome, attempt, environment, worker_lost
from dragoman.errors import RunError
from dragoman.runlog import RunLog

WAVE = 10_000  # tasks handed to Ray at a time: each costs it a block and a few kilobytes from the start
SETTINGS = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DATA_USAGE_DISABLED": "1",
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # else `uv run` makes Ray upload the working directory
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # else a warning at every start
}
QUIET = {"log_to_driver": False, "logging_level": logging.ERROR}
KNOCK_S = 10.0
ADVICE = "start it, let us in (RAY_AUTH_MODE=token), set RAY_ADDRESS to another, or unset it to work on this machine"
T = TypeVar("T")
R = TypeVar("R")


class _Journal:
    """The actor that counts how often each task was begun."""

    def __init__(self) -> None:
        self.begun: Counter[int] = Counter()

    def begin(self, index: int) -> int:
        self.begun[index] += 1
        return self.begun[index]


def _row_function(packed_work: bytes, journal: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """{"index", "task"} to {"index", "outcome"}; no outcome: this task has cost too many workers."""

    def run(row: dict[str, Any]) -> dict[str, Any]:
        ray, arrow = importlib.import_module("ray"), importlib.import_module("pyarrow")
        arrow.set_cpu_count(1)
        if ray.get(journal.begin.remote(row["index"])) > MAX_ATTEMPTS:
            return {"index": row["index"], "outcome": b""}
        outcome = attempt(lambda task: pickle.loads(packed_work)(pickle.loads(task)), row["task"])
        return {"index": row["index"], "outcome": outcome}

    return run


def run_on_ray(
    work: Callable[[T], R], tasks: Sequence[T], workers: int | None, local_workers: int, log: RunLog
) -> Iterator[tuple[int, R]]:
    """See `run_tasks`; `local_workers` are started where no cluster is found."""
    with _connected(local_workers, log) as ray:
        journal = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Journal).remote()
        run = _row_function(pickle.dumps(work), journal)
        for start in range(0, len(tasks), WAVE):
            wave = range(start, min(start + WAVE, len(tasks)))
            rows = [{"index": index, "task": pickle.dumps(tasks[index])} for index in wave]
            with contextlib.closing(_outcomes(ray, rows, run, workers)) as outcomes:
                for index, packed in outcomes:
                    if not packed:
                        raise worker_lost(tasks[index])
                    outcome: Outcome = pickle.loads(packed)
                    yield index, outcome.result()


def _outcomes(
    ray: Any, rows: list[dict[str, Any]], run: Callable[..., Any], workers: int | None
) -> Generator[tuple[int, bytes], None, None]:
    data = ray.data.from_items(rows, override_num_blocks=len(rows))
    data = data.map(run, num_cpus=1, compute=ray.data.TaskPoolStrategy(workers))
    data.context.enable_progress_bars = False
    data.context.print_on_execution_start = False
    data.context.execution_no_progress_timeout_s = -1  # a large shard may take its time
    blocks = iter(data.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0))
    try:
        with contextlib.closing(blocks):
            for block in blocks:
                yield from zip(block["index"].to_pylist(), block["outcome"].to_pylist(), strict=True)
    except ray.exceptions.RayError as error:  # never one of `work`: those come as values
        last_line = str(error).strip().splitlines()[-1]
        advice = "check that the cluster lives and that every node has the same dragoman installed"
        raise RunError(f"Ray could not go on: {last_line}", do=advice) from error


@contextlib.contextmanager
def _connected(local_workers: int, log: RunLog) -> Iterator[Any]:
    """Ray, connected; what was started here is shut down again, and only that."""
    with environment(SETTINGS):
        ray = _import_ray()
        joined = ray.is_initialized()
        try:
            if not joined:
                _start(ray, local_workers, log)
            yield ray
        finally:
            if not joined:
                ray.shutdown()


def _import_ray() -> Any:
    try:
        ray = importlib.import_module("ray")
        importlib.import_module("ray.data")
    except ImportError as error:
        what = f"the engine 'ray' needs a package that is not installed: {error}"
        advice = "pip install 'dragoman[ray]', or take the engine 'pool'"
        raise RunError(what, where="curate.engine", do=advice) from None
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # what matters is raised
    return ray


def _start(ray: Any, local_workers: int, log: RunLog) -> None:
    """Join the cluster that `RAY_ADDRESS` names, or that `ray start` runs on this machine, or start a local one.

    Never "auto": that would also join the private workers of another run on this machine.
    """
    inherited = {**ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}  # workers find what we find
    named = os.environ.get("RAY_ADDRESS")
    address = named or _address_on_this_machine()
    if named and not _answers(named):
        raise RunError("the Ray cluster does not answer", where=f"RAY_ADDRESS={named}", do=ADVICE)
    with environment(inherited), _own_sigterm():
        if not address or not _answers(address):
            ray.init(address="local", num_cpus=local_workers, include_dashboard=False, **QUIET)
            return
        try:
            ray.init(address=named or None, **QUIET)  # None: the one found, with its token
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise RunError(f"cannot join the Ray cluster: {error}", where=address, do=ADVICE) from error
    log.say(f"on the Ray cluster at {address}")


def _answers(address: str) -> bool:
    """Whether somebody listens at `host:port` or `ray://host:port`; Ray itself would try a dead one for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_S):
            return True
    except (OSError, ValueError):
        return False


def _address_on_this_machine() -> str:
    """Where `ray start` has left the address of its cluster."""
    place = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    try:
        return place.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


@contextlib.contextmanager
def _own_sigterm() -> Iterator[None]:
    """Put our handler of SIGTERM back after Ray has set its own, which would leave without a word."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
