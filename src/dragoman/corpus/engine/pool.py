"""The pool: one process a worker and a pipe to each, so that a lost worker costs its own task and no other.

`concurrent.futures` has one queue for all workers: when the system kills one, it gives up the whole pool, cannot say
whose task it was, and cannot end a worker that is busy; its `max_tasks_per_child` can hang (CPython issue 115634,
Python 3.11 to 3.14). So this stands on `multiprocessing` itself.

Workers are started by `spawn`: no lock, thread or open file of the parent is copied into them. They live as long as
there is work; freed memory goes back to the system after every task.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import pickle
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from dragoman.corpus.engine.outcome import (
    MAX_ATTEMPTS,
    ONE_THREAD,
    Outcome,
    attempt,
    environment,
    task_name,
    worker_lost,
)
from dragoman.runlog import RunLog

END_S = 5.0  # a worker without work has this long to end by itself
T = TypeVar("T")
R = TypeVar("R")


def _serve(packed_work: bytes, pipe: Connection) -> None:
    """What a worker does: tasks in, outcomes out, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    with contextlib.suppress(OSError):
        os.dup2(2, 1)  # stdout is the parent's data
    threading.Thread(target=_end_with_parent, daemon=True).start()
    unpacked = functools.cache(lambda: pickle.loads(packed_work))
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send_bytes(attempt(lambda packed: unpacked()(pickle.loads(packed)), pipe.recv_bytes()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


@contextlib.contextmanager
def _sigint_held_back() -> Iterator[None]:
    """A process started inside inherits this, so that no Ctrl-C can reach it before it has learnt to ignore it."""
    resource_tracker.ensure_running()  # else `spawn` starts it and lets the signal through again
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@dataclass
class _Worker:
    process: SpawnProcess
    pipe: Connection

    @classmethod
    def start(cls, packed_work: bytes) -> _Worker:
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(packed_work, theirs), name="dragoman worker", daemon=True)
        with environment(ONE_THREAD), _sigint_held_back():
            process.start()
        theirs.close()
        return cls(process, ours)

    def last_words(self) -> str:
        """How the process ended, once its end of the pipe is closed."""
        self.end(END_S)
        code = self.process.exitcode
        return f", killed by signal {-code} ({signal.strsignal(-code)})" if code and code < 0 else f", exit code {code}"

    def end(self, patience_s: float) -> None:
        self.pipe.close()
        self.process.join(patience_s)
        if self.process.exitcode is None:
            self.process.kill()
            self.process.join()


class _Crew:
    """Up to `size` workers, each at one task at most."""

    def __init__(self, work: Callable[..., Any], size: int) -> None:
        self.packed_work, self.size = pickle.dumps(work), size
        self.idle: list[_Worker] = []
        self.busy: dict[Connection, tuple[int, _Worker]] = {}

    def give(self, todo: deque[int], tasks: Sequence[Any]) -> None:
        """Tasks to the workers that have none, and to new workers as long as there may be more."""
        while todo and len(self.busy) < self.size:
            packed = pickle.dumps(tasks[todo[0]])
            worker = self.idle.pop() if self.idle else _Worker.start(self.packed_work)
            self.busy[worker.pipe] = todo.popleft(), worker
            with contextlib.suppress(ConnectionError):  # it has died: `wait` will tell
                worker.pipe.send_bytes(packed)

    def wait(self) -> Iterator[tuple[int, Outcome | str]]:
        """At least one task with its outcome, or with the end of the worker that was at it."""
        for pipe in connection.wait(list(self.busy)):
            assert isinstance(pipe, Connection)
            try:
                outcome: Outcome | str = pickle.loads(pipe.recv_bytes())
                index, worker = self.busy.pop(pipe)
                self.idle.append(worker)
            except (EOFError, ConnectionError):
                index, worker = self.busy.pop(pipe)
                outcome = worker.last_words()
            yield index, outcome

    def end(self) -> None:
        """No worker is left: the busy ones are killed, the idle ones leave."""
        for _, worker in self.busy.values():
            worker.process.kill()
        for worker in self.idle:
            worker.pipe.close()
        for worker in [*self.idle, *(worker for _, worker in self.busy.values())]:
            worker.end(END_S)


def run_in_processes(
    work: Callable[[T], R], tasks: Sequence[T], n_workers: int, log: RunLog
) -> Iterator[tuple[int, R]]:
    """See `run_tasks`. At most one task a worker is under way, so any number of tasks costs no memory."""
    todo, losses = deque(range(len(tasks))), Counter[int]()
    crew = _Crew(work, n_workers)
    try:
        crew.give(todo, tasks)
        while crew.busy:
            outcomes = []
            for index, outcome in crew.wait():
                if isinstance(outcome, Outcome):
                    outcomes.append((index, outcome))
                    continue
                losses[index] += 1
                if losses[index] == MAX_ATTEMPTS:
                    raise worker_lost(tasks[index], outcome)
                log.say(f"a worker was lost{outcome}, at {task_name(tasks[index])}: trying again")
                todo.appendleft(index)
            crew.give(todo, tasks)  # before the caller takes its time over the results
            for index, outcome in outcomes:
                yield index, outcome.result()
    finally:
        crew.end()
