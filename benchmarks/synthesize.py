"""Synthesis: finished requests a second through the journal, memory at a million rows, a run of 80,000 passages.

    python benchmarks/synthesize.py [--only journal http memory stage] [--requests 20000] [--rows 1000000] [--json]

The teacher answers at once, so what is measured is what we add to it. Groups of rows:

    journal   a teacher in this process: add, claim, ask, answer on the disk, 8 and 64 requests at once
    http      the OpenAI client against a server in a process of its own (the one of the tests), the same
    memory    a journal of a tenth and of all --rows: added, asked (one in ten: they all take the same), read
    stage     documents in, pairs out: --passages passages, 4 a request, against the server, checks included

Every measurement is a process of its own. Seconds are of the wall clock; the server needs a core to itself. `peak` is
the largest resident memory of the process that asks, `start` what it has before the first request.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dragoman.provenance import environment
from dragoman.recipe.synthesize import TeacherSettings
from dragoman.runlog import RunLog
from dragoman.synth.budget import Caps
from dragoman.synth.items import Passage, Payload, Prices, Reply, Request, answer_text
from dragoman.synth.journal import Journal
from dragoman.synth.manners import Manners
from dragoman.synth.runner import Asker
from dragoman.synth.teachers import make_teacher

GROUPS = ("journal", "http", "memory", "stage")
TESTS = Path(__file__).resolve().parents[1] / "tests"
PASSAGES = 4  # of one request
SYSTEM = "You are a careful translator. " * 20  # as long as a real prompt
SENTENCES_A_DOCUMENT = 9
QUIET = RunLog(quiet=True)
Row = dict[str, Any]


class AtOnce:
    """A teacher in this process that answers at once."""

    name, model, prices, batch = "at once", "none", Prices(0.1, 0.4), False

    async def check(self) -> None:
        """Fine."""

    async def ask(self, request: Request) -> Reply:
        """The passages themselves."""
        return Reply(answer_text([passage.text for passage in request.payload.passages]), 700, 120)

    async def close(self) -> None:
        """Nothing to close."""


def questions(count: int) -> Iterator[Request]:
    """So many requests of four passages, about 2.5 kB each."""
    for number in range(count):
        texts = [f"Satz {number}.{part}: Der Hund schläft, die Katze wacht, und es regnet." for part in range(PASSAGES)]
        passages = tuple(
            Passage.of(source="none", document="0" * 32, place=number, src="de", tgt="en", text=text, sentences=1)
            for text in texts
        )
        user = "\n".join(f'<passage id="{number}">{text}</passage>' for number, text in enumerate(texts, start=1))
        yield Request("tiny", "translate-v1", Payload(SYSTEM, user, passages, 400, 0.3))


def start_and_peak_mb() -> tuple[float, Callable[[], float]]:
    """Resident memory now, and a function for its largest value so far."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


@contextlib.contextmanager
def server() -> Iterator[str]:
    """The address of the tests' server, in a process of its own."""
    path = os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "synth.openai_server"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def journal(folder: Path, count: int, concurrency: int) -> Row:
    """Requests through the journal to a teacher in this process."""
    return _asked(folder, AtOnce(), count, concurrency)


def http(folder: Path, count: int, concurrency: int) -> Row:
    """Requests through the journal and the OpenAI client to a server."""
    with server() as url:
        settings = TeacherSettings(kind="openai", model="tiny", base_url=url, price_in=0.1, price_out=0.4)
        return _asked(folder, make_teacher(settings), count, concurrency)


def _asked(folder: Path, teacher: Any, count: int, concurrency: int) -> Row:
    with (
        Journal.open(folder / "journal.sqlite") as kept,
        Asker(teacher, kept, Manners(concurrency=concurrency), Caps(cost=1e6), log=QUIET) as asker,
    ):
        asker.check()
        began = time.perf_counter()
        kept.add(questions(count))
        added = time.perf_counter()
        cpu = time.process_time()
        ended = asker.ask()
        seconds = time.perf_counter() - added
        assert ended.answered == count == kept.counts()["done"], ended
        return {
            "requests": count,
            "concurrency": concurrency,
            "added/s": round(count / (added - began)),
            "finished/s": round(count / seconds),
            "cpu_ms": round((time.process_time() - cpu) / count * 1e3, 3),
        }


def memory(folder: Path, rows: int) -> Row:
    """The peak of a process that adds `rows` requests, asks a tenth of them and reads all."""
    start, peak = start_and_peak_mb()
    began = time.perf_counter()
    with (
        Journal.open(folder / "journal.sqlite") as kept,
        Asker(AtOnce(), kept, Manners(concurrency=64), Caps(requests=rows // 10), log=QUIET) as asker,
    ):
        kept.add(questions(rows))
        added = time.perf_counter()
        asker.ask()
        assert sum(1 for _ in kept.entries()) == sum(1 for _ in kept.look_up(questions(rows))) == rows
        assert kept.counts()["done"] == rows // 10
    size = (folder / "journal.sqlite").stat().st_size
    return {
        "rows": rows,
        "start_mb": round(start),
        "peak_mb": round(peak()),
        "file_mb": round(size / 1e6),
        "added/s": round(rows / (added - began)),
        "seconds": round(time.perf_counter() - began),
    }


def stage(folder: Path, passages: int) -> Row:
    """Documents in, pairs out."""
    sys.path.insert(0, str(TESTS))
    from synth.phrasebook import Phrasebook
    from synth.synthesis import synthesise, write_documents

    write_documents(folder, Phrasebook.shipped(), passages // 4, SENTENCES_A_DOCUMENT)
    start, peak = start_and_peak_mb()
    with server() as url:
        began = time.perf_counter()
        teacher = {"base_url": url, "concurrency": 16, "passages_per_request": PASSAGES}
        result = synthesise(folder, teacher, passages=passages)
        seconds = time.perf_counter() - began
    total = result["funnel"]["total"]
    with Journal.open(folder / "journal.sqlite") as kept:
        counts, spent = kept.counts(), kept.spent()
    assert spent.requests == counts["done"], "something was asked twice"
    return {
        "passages": total["read"],
        "pairs": total["kept"],
        "dropped": total["dropped"],
        "requests": counts["done"],
        "seconds": round(seconds),
        "passages/s": round(total["read"] / seconds),
        "start_mb": round(start),
        "peak_mb": round(peak()),
    }


def measured(name: str, **options: int) -> Row:
    """One row, by a process of its own."""
    command = [sys.executable, __file__, "--one", name, json.dumps(options)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return {"group": name, **json.loads(done.stdout)}


def plan(arguments: argparse.Namespace) -> Iterator[tuple[str, dict[str, int]]]:
    """What to measure."""
    for name in ("journal", "http"):
        for concurrency in (8, 64):
            yield name, {"count": arguments.requests, "concurrency": concurrency}
    for rows in (arguments.rows // 10, arguments.rows):
        yield "memory", {"rows": rows}
    yield "stage", {"passages": arguments.passages}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=GROUPS)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--passages", type=int, default=80_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        with tempfile.TemporaryDirectory(prefix="dragoman-synthesize-") as folder:
            row = globals()[arguments.one[0]](Path(folder), **json.loads(arguments.one[1]))
        print(json.dumps(row))
        return
    rows = []
    for name, options in plan(arguments):
        if name in arguments.only:
            rows.append({**measured(name, **options), "load": round(os.getloadavg()[0], 1)})
            if not arguments.json:
                print("  ".join(f"{key} {value}" for key, value in rows[-1].items()), flush=True)
    if arguments.json:
        print(json.dumps({"environment": environment(), "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
