"""A teacher with bad days: whatever it does, every passage ends as a right pair or as a named rejection, none twice.

    python -m pytest tests/synth/test_faults.py

The whole stage, through the official SDK, against a local server that fails at set rates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import DataError
from dragoman.synth import passages
from dragoman.synth.items import Passage
from dragoman.synth.journal import Journal
from dragoman.synth.judge import ORDER
from synth.bad_server import SAID, WAY, Faults
from synth.openai_server import OpenAIServer
from synth.phrasebook import Phrasebook
from synth.synthesis import documents, pairs, settings_of, synthesise, write_documents

AT_ONCE = tuple(kind for kind in WAY if kind != "hangs")
"""Without the fault that a timeout answers: with a long one, no answer is given up that was on its way."""


@pytest.fixture(scope="module")
def book() -> Phrasebook:
    return Phrasebook.shipped()


@pytest.fixture
def folder(tmp_path: Path, book: Phrasebook) -> Path:
    write_documents(tmp_path, book, 40)
    return tmp_path


def asked_passages(folder: Path, **more: Any) -> list[Passage]:
    settings = settings_of({}, **more)
    return list(passages.passages(documents(folder), settings, [("de", "en"), ("en", "de")]))


def written(folder: Path) -> Iterator[dict[str, Any]]:
    for rows in pairs(folder).values():
        yield from rows


def holds(folder: Path, result: dict[str, Any], book: Phrasebook) -> Counter[str]:
    """Assert what must be so after every run; the reasons of the rejections."""
    asked = {passage.id: passage for passage in asked_passages(folder)}
    total = result["funnel"]["total"]
    kept = Counter(row["passage"] for row in written(folder))
    assert total["read"] == len(asked) == total["kept"] + sum(total["dropped"].values())
    assert total["kept"] == len(kept) == kept.total(), "a passage became two pairs"
    assert set(kept) <= set(asked) and set(total["dropped"]) <= set(ORDER)
    wrong = [row for row in written(folder) if row[row["tgt"]] != book.translate(asked[row["passage"]].text)]
    assert not wrong, "a faulty answer became a pair"
    return Counter(total["dropped"])


def test_at_thirty_percent_faults_every_passage_ends_as_a_right_pair_or_a_named_rejection(
    folder: Path, book: Phrasebook
) -> None:
    faults = Faults.spread(0.3, seed=5, kinds=AT_ONCE + SAID, slow_s=0.05)
    with OpenAIServer(book.translate, faults=faults) as server:
        result = synthesise(folder, {"base_url": server.url, "concurrency": 16, "passages_per_request": 2})
    dropped = holds(folder, result, book)
    assert server.met.total() >= 0.25 * server.asked.total() > 30 and set(AT_ONCE + SAID) == set(server.met)
    assert 0 < dropped.total() < 0.2 * result["funnel"]["total"]["read"], "asking again saves most of them"
    assert result["second_answers"] > 0 and "no_answer" not in dropped
    assert set(server.answered.values()) == {1}, "what was answered was asked again"
    with Journal.open(folder / "journal.sqlite") as journal:
        entries = list(journal.entries())
    unsettled = sum(entry.tries for entry in entries) - server.asked.total()
    assert 0 <= unsettled <= 16, "only the small first question may fail in place of a request"
    assert len(entries) == len(server.asked) == len(server.answered)


def test_what_the_way_does_costs_no_pair(folder: Path, book: Phrasebook) -> None:
    """Faults that are no answers are outlasted: the pairs are those of a good day."""
    with OpenAIServer(book.translate) as server:
        synthesise(folder, {"base_url": server.url})
    good = pairs(folder)
    (folder / "journal.sqlite").unlink()
    with OpenAIServer(book.translate, faults=Faults.spread(0.4, seed=2, kinds=AT_ONCE, slow_s=0.02)) as server:
        result = synthesise(folder, {"base_url": server.url, "concurrency": 16})
    assert not holds(folder, result, book) and server.met.total() > 15
    assert pairs(folder) == good


def test_answers_that_never_come_are_given_up_and_asked_again(folder: Path, book: Phrasebook) -> None:
    with OpenAIServer(book.translate, faults=Faults({"hangs": 0.3})) as server:
        result = synthesise(folder, {"base_url": server.url, "concurrency": 16, "timeout_s": 0.5})
    assert not holds(folder, result, book) and server.met["hangs"] > 5


def test_an_answer_to_another_question_becomes_no_pair(folder: Path, book: Phrasebook) -> None:
    with OpenAIServer(book.translate, faults=Faults({"swapped": 0.5})) as server:
        result = synthesise(folder, {"base_url": server.url}, ask_again=False)
    dropped = holds(folder, result, book)
    assert set(dropped) == {"swapped"} and server.met["swapped"] > 10


def test_a_teacher_that_says_only_nonsense_gives_reasons_and_no_pair(folder: Path, book: Phrasebook) -> None:
    with (
        OpenAIServer(book.translate, faults=Faults({"other_language": 1.0})) as server,
        pytest.raises(DataError, match="no passage became a training pair"),
    ):
        synthesise(folder, {"base_url": server.url})


def test_jobs_end_as_direct_calls_do_at_thirty_percent_faults(folder: Path, book: Phrasebook) -> None:
    faults = Faults.spread(0.3, seed=5, kinds=(*AT_ONCE, "half_json", "empty", "filtered", "truncated"), slow_s=0.02)
    with OpenAIServer(book.translate, faults=faults) as server:
        result = synthesise(folder, {"base_url": server.url, "batch": True, "passages_per_request": 2})
    dropped = holds(folder, result, book)
    assert server.met.total() > 30 and "no_answer" not in dropped and 0 < dropped.total() < 40
    labels = [job.metadata["dragoman"] for job in server.jobs.values()]
    assert len(labels) == len(set(labels)) > 1, "a job was submitted twice"
    assert set(server.answered.values()) == {1}
