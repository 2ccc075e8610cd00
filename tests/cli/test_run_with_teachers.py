"""`dragoman run` with a `synthesize:` section: every kind of teacher, asked at a local server, feeds the pairs."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dragoman.synth.journal_reader import JournalReader
from dragoman.synth.manners import Manners
from synth.gemini_server import GeminiServer
from synth.gemini_world import MODEL, clean_environment
from synth.openai_server import OpenAIServer
from synth.phrasebook import Phrasebook

Call = Callable[..., Any]
BOOK = Phrasebook.shipped("natural/train")
RECIPE = """
name: toy
languages: [de, en]
data:
  mono: [{{name: letters, language: de, path: letters.jsonl}}]
  pairs: [{{name: natural, embedded: natural/train, limit: 20}}]
  dev: [{{name: dev, embedded: natural/dev, limit: 5}}]
  test: [{{name: test, embedded: natural/test, limit: 5}}]
synthesize: {{teacher: {teacher}, yes: true, dev_share: 0, test_share: 0}}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with text, a key for Gemini, and jobs that are looked at often."""
    monkeypatch.chdir(tmp_path)
    clean_environment(monkeypatch, tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    patient = Manners.of
    monkeypatch.setattr(Manners, "of", lambda teacher: replace(patient(teacher), poll_s=0.05, longest_poll_s=0.05))
    rows = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in BOOK.documents("de", 12, 12))
    (tmp_path / "letters.jsonl").write_text("".join(rows), encoding="utf-8")
    return tmp_path


def recipe(teacher: dict[str, Any]) -> str:
    Path("toy.yaml").write_text(RECIPE.format(teacher=json.dumps(teacher)), encoding="utf-8")
    return "toy.yaml"


@contextlib.contextmanager
def asked(kind: str) -> Iterator[dict[str, Any]]:
    """A local server of that kind, and the teacher that asks it."""
    if kind == "openai":
        with OpenAIServer(BOOK.translate) as server:
            yield {"kind": kind, "model": "tiny", "base_url": server.url}
    else:
        with GeminiServer(BOOK.translate) as gemini:
            yield {"kind": kind, "model": MODEL, "base_url": gemini.url}


def made() -> list[dict[str, Any]]:
    """The pairs of the run, which must be right, and which the pairs stage must have read."""
    (table,) = Path("runs/toy").glob("synthesize-*/data/train.parquet")
    rows: list[dict[str, Any]] = pq.read_table(table).to_pylist()
    assert len(rows) > 10 and all(BOOK.translate(row["de"]) == row["en"] for row in rows)
    (train,) = Path("runs/toy").glob("pairs-*/train.de")
    assert {row["de"] for row in rows} & set(train.read_text(encoding="utf-8").splitlines())
    return [{name: value for name, value in row.items() if name not in ("time", "teacher", "model")} for row in rows]


@pytest.mark.parametrize("batch", [False, True], ids=["direct", "batch"])
@pytest.mark.parametrize("kind", ["openai", "gemini"])
def test_a_service_is_asked_once_and_replayed_offline(call: Call, kind: str, batch: bool) -> None:
    with asked(kind) as teacher:
        first = call("run", recipe({**teacher, "batch": batch}), "--until", "pairs")
        assert first.exit_code == 0, first.stderr
    pairs = made()
    journal = Path("runs/toy/synthesize.journal.sqlite").rename("kept.sqlite")
    again = call("run", recipe({"kind": "recorded", "journal": str(journal)}), "--until", "pairs", "--runs", "replayed")
    assert again.exit_code == 0, again.stderr
    (table,) = Path("replayed/toy").glob("synthesize-*/data/train.parquet")
    assert [{name: row[name] for name in pairs[0]} for row in pq.read_table(table).to_pylist()] == pairs


def test_a_model_on_this_machine_is_asked(call: Call, model: Path) -> None:
    result = call("run", recipe({"kind": "model", "model": str(model)}), "--until", "pairs")
    # Random weights write nonsense, which the checks find: what counts is that every passage was asked.
    assert result.exit_code == 2 and "no passage became a training pair" in result.stderr
    with JournalReader.open(Path("runs/toy/synthesize.journal.sqlite")) as journal:
        counts = journal.counts()
    assert counts["done"] > 5 and not counts["open"] + counts["failed"]


@pytest.mark.parametrize("kind", ["openai", "gemini"])
def test_without_a_key_a_run_ends_before_anything_is_asked(
    call: Call, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.delenv("GEMINI_API_KEY")
    result = call("run", recipe({"kind": kind, "model": "gpt-5" if kind == "openai" else MODEL}), "--until", "pairs")
    assert result.exit_code == 2 and "_API_KEY" in result.stderr.splitlines()[-1]
    assert not Path("runs/toy/synthesize.journal.sqlite").exists()
