"""kill -9 at any point: the final pairs are those of an undisturbed run, and nothing is asked twice but what was on its
way.

    python -m pytest tests/synth/test_kill.py

The stage runs in a process of its own; the server, which lives on, counts what it is asked, and the blow falls at a
question drawn at random, or while the answers are judged and written.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.synth.journal import Journal
from synth.bad_server import SAID, Faults
from synth.openai_server import OpenAIServer
from synth.phrasebook import Phrasebook
from synth.synthesis import pairs, synthesise, write_documents

CONCURRENCY = 6
KILLS = 10
ROOT = Path(__file__).parents[2]
UNSTEADY = ("swapped",)  # what is swapped depends on what came before it


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return Phrasebook.shipped("grammar/train")


def start(folder: Path, said: dict[str, Any]) -> subprocess.Popen[str]:
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "tests")])}
    command = [sys.executable, "-m", "synth.synthesis", str(folder), json.dumps(said)]
    return subprocess.Popen(command, env=paths, stderr=subprocess.PIPE, text=True)


def ended(child: subprocess.Popen[str]) -> bool:
    """Wait for a child. True: it came to its end; False: it was killed."""
    _, words = child.communicate(timeout=300)
    assert child.returncode in (0, -signal.SIGKILL), words
    return child.returncode == 0


def faults() -> Faults:
    """The same fate for the same question, however often it is asked."""
    return Faults.spread(0.15, seed=4, kinds=tuple(kind for kind in SAID if kind not in UNSTEADY))


def undisturbed(folder: Path, book: Phrasebook, **teacher: Any) -> tuple[OpenAIServer, dict[str, Any]]:
    """A run that nobody kills, beside `folder`; the server it asked and its result."""
    calm = folder.with_name("calm")
    calm.mkdir()
    for path in folder.glob("documents.*"):
        shutil.copy(path, calm)
    with OpenAIServer(book.translate, faults=faults()) as server:
        return server, synthesise(calm, {"base_url": server.url, **teacher})


def blows(count: int, questions: int, seed: int) -> list[int]:
    """Numbers of questions at which the process is killed, the same for the same seed."""
    return sorted(random.Random(seed).sample(range(1, questions), count))


def kill_at_questions(server: OpenAIServer, numbers: list[int], begin: Callable[[], subprocess.Popen[str]]) -> int:
    """Run until the end of `numbers`, each time killed when so many questions have come; how often it was killed."""
    killed = 0
    for number in numbers:
        if server.asked.total() >= number:
            continue
        child = begin()
        server.on_asked = lambda count, number=number, child=child: (  # type: ignore[misc]
            child.kill() if count >= number else None
        )
        killed += not ended(child)
        server.on_asked = lambda count: None
    return killed


def kill_at_sight(path: Path, begin: Callable[[], subprocess.Popen[str]], delay: float) -> bool:
    """Run, and kill `delay` seconds after `path` is written anew. True: it was killed in time."""
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    child = begin()
    while child.poll() is None and not path.exists():
        time.sleep(0.002)
    time.sleep(delay)
    child.kill()
    return not ended(child)


@pytest.mark.slow
def test_killed_ten_times_the_pairs_are_the_same_and_nothing_is_asked_twice(tmp_path: Path, book: Phrasebook) -> None:
    folder = tmp_path / "killed"
    folder.mkdir()
    write_documents(folder, book, 60)
    teacher = {"concurrency": CONCURRENCY, "passages_per_request": 1, "timeout_s": 300}
    calm_server, calm = undisturbed(folder, book, **teacher)
    questions = calm_server.asked.total()
    assert questions > 300 and calm["second_answers"] > 10

    with OpenAIServer(book.translate, faults=faults(), delay=0.005) as server:

        def begin() -> subprocess.Popen[str]:
            return start(folder, {"teacher": {**teacher, "base_url": server.url}})

        killed = kill_at_questions(server, blows(KILLS - 3, questions, seed=11), begin)
        for seen, delay in (("out/checkpoint/first.jsonl", 0.0), ("out/data", 0.0), ("out/data", 0.05)):
            killed += kill_at_sight(folder / seen, begin, delay)
        assert ended(begin())

    assert killed >= KILLS - 1
    assert pairs(folder) == pairs(tmp_path / "calm")
    result = json.loads((folder / "out" / "synthesis.json").read_text("utf-8"))
    assert result["funnel"] == calm["funnel"]
    assert set(server.asked) == set(calm_server.asked), "a question was lost, or another one asked"
    again = server.asked.total() - len(server.asked)
    assert again <= killed * CONCURRENCY, f"{again} questions were asked again after {killed} kills"
    with Journal.open(folder / "journal.sqlite") as journal:
        tries = [entry.tries for entry in journal.entries()]
    assert sum(tries) >= server.asked.total(), "a question was asked before it was noted"
    assert len(tries) == questions


class _StrikingServer(OpenAIServer):
    """Kills its client when it has done what the `left`-th request about jobs and files asks for."""

    victim: subprocess.Popen[str] | None = None
    left = 0

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        found = super().answer(method, path, headers, body)
        self.left -= not path.endswith(("/chat/completions", "/models"))
        if self.left == 0 and self.victim is not None:
            self.victim.kill()
        return found


@pytest.mark.slow
def test_jobs_outlive_the_process_that_submitted_them(tmp_path: Path, book: Phrasebook) -> None:
    """Killed after every second request to the service: uploads, submissions and looks among them."""
    folder = tmp_path / "killed"
    folder.mkdir()
    write_documents(folder, book, 12)
    teacher = {"batch": True, "passages_per_request": 1, "timeout_s": 300}
    calm_server, _ = undisturbed(folder, book, **teacher)
    places = [place for place in calm_server.seen if place[1] != "/models"]
    assert places.count(("POST", "/batches")) == 2

    with _StrikingServer(book.translate, faults=faults()) as server:

        def begin() -> subprocess.Popen[str]:
            return start(folder, {"teacher": {**teacher, "base_url": server.url}})

        killed = 0
        for number in range(1, len(places), 2):
            server.victim, server.left = begin(), number
            killed += not ended(server.victim)
        server.victim = None
        assert ended(begin())

    assert killed >= 3
    assert pairs(folder) == pairs(tmp_path / "calm")
    assert len(server.jobs) == 2, "a job was paid for twice"
    assert set(server.asked.values()) == {1}
