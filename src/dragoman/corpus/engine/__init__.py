"""Who does the work: processes on this machine or a Ray cluster, the same function and the same results.

    for index, counts in run_tasks(CurateShard(settings, out), shards, engine="pool", workers=None, log=log):
        ...

`work` writes its own output atomically and hands back something small, and the caller passes only tasks that are not
done yet: resuming is calling again. Results come as they are ready, in any order; what is made of them must not depend
on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import Literal, TypeVar

from dragoman.errors import RecipeError
from dragoman.memory import release_memory
from dragoman.runlog import RunLog

CGROUP_V2, CGROUP_V1 = "cpu.max", ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")
T = TypeVar("T")
R = TypeVar("R")


def usable_cores(cgroups: Path = Path("/sys/fs/cgroup")) -> int:
    """The cores this process may keep busy: its affinity, and at most what its container is given (rounded down)."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        if (cgroups / CGROUP_V2).exists():
            quota, period = (cgroups / CGROUP_V2).read_text(encoding="ascii").split()
        else:
            quota, period = ((cgroups / name).read_text(encoding="ascii").strip() for name in CGROUP_V1)
        return max(1, min(cores, int(quota) // int(period))) if int(quota) > 0 else cores
    except (OSError, ValueError):  # no container, or no limit ("max")
        return cores


def run_tasks(
    work: Callable[[T], R],
    tasks: Sequence[T],
    *,
    engine: Literal["pool", "ray"],
    workers: int | None,
    log: RunLog,
) -> Generator[tuple[int, R], None, None]:
    """Pairs of a task's place in `tasks` and its result, as they are ready.

    `work` and the tasks are pickled, unless one worker of the pool is enough: then all happens in this process. The
    caller may stop early: closing the generator ends the workers where they are. `workers` None: one a usable core, or
    what the Ray cluster has.

    Raises what `work` raises, with the worker's traceback as cause, and `RunError` naming a task at which a worker was
    lost `MAX_ATTEMPTS` times.
    """
    if engine not in ("pool", "ray"):
        raise RecipeError(f"no engine '{engine}'", where="curate.engine", do="known are pool, ray")
    if not tasks:
        return
    here = min(workers or usable_cores(), len(tasks))
    if engine == "ray":
        from dragoman.corpus.engine.cluster import run_on_ray

        yield from run_on_ray(work, tasks, workers, here, log)
    elif here == 1:
        yield from _run_here(work, tasks)
    else:
        from dragoman.corpus.engine.pool import run_in_processes

        yield from run_in_processes(work, tasks, here, log)


def _run_here(work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[int, R]]:
    for index, task in enumerate(tasks):
        yield index, work(task)
        release_memory()
