"""The ways that benchmarks/curate.py compares, each run and timed in a process of its own.

    python benchmarks/curate_ways.py '{"way": "datatrove", "input": "peers.jsonl", ...}'

A way is a function of an input file, an empty folder and the language; it makes everything ready and hands back what is
to be timed. That one returns the file of the kept documents, where there is one. Before the clock starts, the way has
worked on a few documents: imports, models and lists are loaded. The result is written as JSON.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import curate_frameworks as frameworks
import curate_minhash as minhash

from dragoman.corpus.curate import curate
from dragoman.errors import DataError
from dragoman.io import read_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

Work = Callable[[], Path | None]
Way = Callable[[Path, Path, str], Work]


def stage(path: Path, folder: Path, language: str, *, workers: int = 1, copies: bool = False) -> Work:
    """`dragoman curate` from JSONL to JSONL; `copies`: duplicates and repeated lines are looked for too."""
    others = {} if copies else {"duplicates": "none", "repeated_line_documents": None}
    settings = CurateSettings(workers=workers, **others)
    data = DataSettings(mono=(MonoSource(name="given", language=language, path=str(path)),))
    out = folder / "out"
    output = out / f"documents.{language}.jsonl"
    return lambda: (curate(settings, data, out, RunLog(quiet=True), all_languages=False), output)[1]


WAYS: dict[str, Way] = {
    "stage": stage,
    "stage_two_workers": partial(stage, workers=2),
    "stage_copies": partial(stage, copies=True),
    "stage_copies_two_workers": partial(stage, copies=True, workers=2),
    "datasets": frameworks.in_datasets,
    "datasets_batched": frameworks.in_datasets_batched,
    "datatrove": frameworks.in_datatrove,
    "datatrove_own": frameworks.in_datatrove_own,
    "minhash": minhash.from_texts,
    "minhash_after_rules": minhash.after_rules,
    "minhash_datasketch": minhash.in_datasketch,
    "minhash_rensa": minhash.in_rensa,
    "minhash_datatrove": minhash.in_datatrove,
    "minhash_datatrove_blanks": partial(minhash.in_datatrove, blanks=True),
}


@dataclass(frozen=True)
class Order:
    """What one process is to do; the files are given as text, `warm_up` may be None."""

    way: str
    input: str
    warm_up: str | None
    folder: str
    language: str
    result: str


def cpu_seconds() -> float:
    """Of this process and of the workers it has seen end."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def peak_mb() -> float | None:
    """Largest memory of this process. `ru_maxrss` would not do: it starts with that of the process before `exec`."""
    with contextlib.suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024 / 1e6
    return None


def worker_peak_mb() -> float:
    """Largest memory of a worker that has ended; those of the stage start when this process is still small."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def carried_out(order: Order) -> dict[str, Any]:
    """Time a way, and say what it kept."""
    folder = Path(order.folder)
    if order.warm_up is not None:
        with contextlib.suppress(DataError):  # none of so few documents may survive
            WAYS[order.way](Path(order.warm_up), folder / "warm-up", order.language)()
    work = WAYS[order.way](Path(order.input), folder / "run", order.language)
    cpu, start = cpu_seconds(), time.perf_counter()
    kept = work()
    seconds, cpu = time.perf_counter() - start, cpu_seconds() - cpu
    worker = worker_peak_mb() or peak_mb()  # no worker: one shard, done here
    measured = {"seconds": seconds, "cpu_s": cpu, "peak_mb": peak_mb(), "worker_peak_mb": worker}
    return measured if kept is None else {**measured, **_kept(kept)}


def _kept(path: Path) -> dict[str, Any]:
    """How many documents were kept, and a digest of them in their order."""
    count, digest = 0, hashlib.blake2b(digest_size=16)
    for row in read_jsonl(path) if path.exists() and path.stat().st_size else ():
        text = row["text"].encode()
        digest.update(len(text).to_bytes(8, "little") + text)
        count += 1
    return {"kept": count, "digest": digest.hexdigest()}


if __name__ == "__main__":
    asked = Order(**json.loads(sys.argv[1]))
    Path(asked.result).write_text(json.dumps(carried_out(asked)), encoding="utf-8")
