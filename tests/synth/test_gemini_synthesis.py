"""A whole synthesis with Gemini: direct calls and jobs, on good days and on bad ones, end with the same right pairs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dragoman.synth.judge import ORDER
from synth import bad_server
from synth.bad_server import Faults
from synth.gemini_server import SAID, WAY, GeminiServer
from synth.gemini_world import MODEL, clean_environment
from synth.phrasebook import Phrasebook
from synth.synthesis import pairs, synthesise, write_documents

AT_ONCE = tuple(kind for kind in WAY if kind != "hangs")
"""Without the fault that only a timeout ends: with a long one, a busy machine makes no faults of its own."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean_environment(monkeypatch, tmp_path)


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return Phrasebook.shipped()


def spread(total: float, kinds: tuple[str, ...]) -> Faults:
    return Faults(dict.fromkeys(kinds, total / len(kinds)), seed=4, slow_s=0.02)


def run(folder: Path, server: GeminiServer, book: Phrasebook, **teacher: Any) -> dict[str, Any]:
    """The stage in a folder of its own, and what must be so after every run of it."""
    folder.mkdir()
    write_documents(folder, book, 20)
    said: Mapping[str, Any] = {"kind": "gemini", "model": MODEL, "base_url": server.url, "passages_per_request": 2}
    total = synthesise(folder, {**said, **teacher})["funnel"]["total"]
    rows = [row for split in pairs(folder).values() for row in split]
    assert total["read"] == total["kept"] + sum(total["dropped"].values()) and set(total["dropped"]) <= set(ORDER)
    assert len({row["passage"] for row in rows}) == len(rows) == total["kept"] > 0
    assert all(row[row["tgt"]] == book.translate(row[row["src"]]) for row in rows), "a faulty answer became a pair"
    assert set(server.answered.values()) == {1}, "what was answered was asked again"
    return dict(total["dropped"])


def test_direct_calls_and_jobs_give_the_same_pairs_on_good_days_and_on_bad_ways(
    tmp_path: Path, book: Phrasebook
) -> None:
    with GeminiServer(book.translate) as server:
        assert not run(tmp_path / "good", server, book)
        questions = set(server.asked)
    with GeminiServer(book.translate, faults=spread(0.3, AT_ONCE)) as server:
        assert not run(tmp_path / "bad", server, book, concurrency=16)
        assert server.met.total() > 10 and set(server.asked) == questions
    with GeminiServer(book.translate, faults=spread(0.2, ("broken", "limited"))) as server:
        assert not run(tmp_path / "jobs", server, book, batch=True)
        assert server.met.total() > 5 and set(server.asked) == questions and len(server.jobs) > 1
        assert len({job.label for job in server.jobs.values()}) == len(server.jobs)
    assert pairs(tmp_path / "good") == pairs(tmp_path / "bad") == pairs(tmp_path / "jobs")


def test_at_thirty_percent_faults_every_passage_ends_as_a_right_pair_or_a_named_rejection(
    tmp_path: Path, book: Phrasebook
) -> None:
    assert set(bad_server.SAID) < set(SAID)
    with GeminiServer(book.translate, faults=spread(0.3, AT_ONCE + SAID)) as server:
        dropped = run(tmp_path / "bad", server, book, concurrency=16)
        assert server.met.total() > 20 and "no_answer" not in dropped
