"""`inspect` shows where a data stage lost what: the waterfall, the sources, what was unreadable, and texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman import show, stages
from dragoman.corpus.funnel import Funnel
from dragoman.io import write_jsonl
from dragoman.pipeline import Stage, Work

Call = Callable[..., Any]
ORDER = ("too_short", "wrong_language", "near_duplicate")


def documents(sources: int = 2) -> Funnel:
    """Each source: 60 documents of 100 characters and 20 words, half of it furniture; two in three are dropped."""
    funnel, read = Funnel(ORDER), {"chars_read": 100, "tokens_read": 20, "tokens": 10, "cut": {"furniture": (50, 10)}}
    for source in (f"source{i}" for i in range(sources)):
        for i in range(60):
            reason = (None, "too_short", "wrong_language")[i % 3]
            funnel.add(source, "de", {"text": f"{source} {reason} {i}".ljust(50, ".")}, reason, **read)
        funnel.sample_cut(source, "de", "Startseite\nKontakt", "furniture")
        funnel.fault(source, "de", "not_utf8", f"{source}.txt line 7", "byte 0xe4 at column 8")
    return funnel


def pairs() -> Funnel:
    funnel = Funnel(("numbers_differ",))
    funnel.add("web", "de-en", {"de": "3 Hunde", "en": "3 dogs"}, None)
    funnel.add("web", "de-en", {"de": "3 Hunde", "en": "4 dogs"}, "numbers_differ", note={"score": 7.25})
    return funnel


@pytest.fixture
def inspected(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run a stage that leaves these funnels, then `inspect` it with the arguments."""

    def inspect(stage: str, funnels: dict[str, Funnel], *arguments: object) -> Any:
        def run(work: Work) -> dict[str, Any]:
            write_jsonl(work.out / "samples.jsonl", [row for one in funnels.values() for row in one.samples()])
            return {name: one.as_dict() for name, one in funnels.items()}

        (tmp_path / "r.yaml").write_text("name: x\nlanguages: [de, en]\n", encoding="utf-8")
        monkeypatch.setattr(stages, "stages", lambda recipe: [Stage(stage, 1, run)])
        assert call("run", tmp_path / "r.yaml", "--runs", tmp_path / "runs", "--quiet").exit_code == 0
        result = call("inspect", tmp_path / "r.yaml", stage, "--runs", tmp_path / "runs", *arguments)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    return inspect


def row(text: str, name: str) -> list[str]:
    """The cells of the first row of that name."""
    return re.split("  +", next(line for line in text.splitlines() if re.match(rf"{name}( |$)", line)))


def test_the_waterfall_is_printed_step_by_step(inspected: Callable[..., Any]) -> None:
    text = inspected("curate", {"funnel": documents()})
    assert text.startswith("122 documents read, 40 kept (32.8%)\n")
    assert row(text, "step") == ["step", "documents", "%", "left", "characters", "%", "left", "words", "%", "left"]
    assert row(text, "read") == ["read", "122", "12,000", "2,400"]
    assert row(text, "not_utf8") == ["not_utf8", "2", "1.6", "120", "0", "0.0", "12,000", "0", "0.0", "2,400"]
    assert row(text, "furniture") == ["furniture", "(120)", "120", "6,000", "50.0", "6,000", "1,200", "50.0", "1,200"]
    assert row(text, "too_short") == ["too_short", "40", "32.8", "80", "2,000", "16.7", "4,000", "400", "16.7", "800"]
    assert row(text, "kept") == ["kept", "40", "2,000", "400"]
    names = [line.split()[0] for line in text.splitlines() if line.strip()]
    assert names[1:9] == ["step", "read", "not_utf8", "furniture", "too_short", "wrong_language", "kept", "(in"]


def test_sources_unreadable_places_and_texts_follow(inspected: Callable[..., Any]) -> None:
    text = inspected("curate", {"funnel": documents()}, "--rows", "4")
    by_source = text[text.index("step", text.index("(in brackets")) :]
    assert row(by_source, "step") == ["step", "source0 de", "source1 de"]
    assert row(by_source, "too_short") == ["too_short", "20", "20"]
    assert row(by_source, "furniture") == ["furniture", "(60)", "(60)"]
    assert "not_utf8  (source0, de)  1\n    source0.txt line 7: byte 0xe4 at column 8\n" in text
    assert [text.count(verdict) for verdict in ("kept  (", "dropped: too_short", "dropped: wrong_language")] == [
        4,
        2,
        2,
    ]
    assert "cut: furniture  (source0, de)\n  text: Startseite ⏎ Kontakt\n" in text
    assert "dropped: " not in inspected("curate", {"funnel": documents()}, "--rows", "0")


def test_every_reason_is_shown_once_at_least() -> None:
    rows = [{"kept": False, "reason": f"r{i % 30}", "n": i} for i in range(90)] + [{"kept": True, "reason": None}]
    chosen = show.choose_rows(rows, 10)
    assert [row["reason"] for row in chosen] == [None, *(f"r{i}" for i in range(30))]
    assert [row["n"] for row in show.choose_rows(rows, 31)[1:3]] == [0, 30]


def test_pairs_have_no_words_and_are_called_pairs(inspected: Callable[..., Any]) -> None:
    checked = Funnel()
    checked.add("web", "de", {"text": "Testsatz"}, "contaminated")
    text = inspected("pairs", {"funnel": pairs(), "mono_funnel": checked})
    assert row(text, "step") == ["step", "pairs", "%", "left", "characters", "%", "left"]
    assert "in brackets" not in text and "source" not in text
    assert "Documents, checked against the development and test sets\n1 document read, 0 kept" in text
    assert "dropped: numbers_differ  (web, de-en)\n  score: 7.25\n  de: 3 Hunde\n  en: 4 dogs\n" in text


def test_the_json_holds_the_account_the_waterfall_and_the_rows(inspected: Callable[..., Any]) -> None:
    funnel = documents()
    answer = json.loads(inspected("screen", {"funnel": funnel}, "--json", "--rows", "3"))
    assert answer["stage"] == "screen" and answer["result"]["funnel"] == funnel.as_dict()
    steps = answer["waterfall"]["funnel"]
    assert (steps[0]["documents_left"], steps[-1]["documents_left"], steps[-1]["chars_left"]) == (122, 40, 2000)
    assert [row["reason"] for row in answer["rows"]].count(None) == 3
    assert {row["reason"] for row in answer["rows"]} == {None, "too_short", "wrong_language", "furniture"}


def test_many_sources_are_shown_in_tables_that_fit() -> None:
    lines = "\n".join(show.funnel_lines(documents(20).as_dict())).splitlines()
    assert max(map(len, lines)) <= show.TABLE_WIDTH
    shown = [name for line in lines if line.startswith("step") for name in re.findall(r"source\d+", line)]
    assert shown == sorted(f"source{i}" for i in range(20))


def test_nothing_to_read_is_said_in_words(inspected: Callable[..., Any]) -> None:
    assert inspected("curate", {"funnel": Funnel()}) == "nothing was read\n"
