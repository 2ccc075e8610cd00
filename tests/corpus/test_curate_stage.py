"""The curate stage: every document accounted for, the same output every time, errors that show the funnel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from curation_world import cleaner, contents, dropped, judge, write_rows
from dragoman import embedded
from dragoman.corpus.curate import curate, shard
from dragoman.corpus.dedup import text_key
from dragoman.corpus.repair import repair
from dragoman.corpus.sources import Sizes, plan_shards, read_shard
from dragoman.errors import DataError
from dragoman.io import read_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

LOG = RunLog(quiet=True)
HERE = CurateSettings(workers=1)
OWN = DataSettings(mono=tuple(MonoSource(name="own", language=code, embedded=f"mono/{code}") for code in ("de", "en")))


def test_documents_go_out_clean_and_accounted_for(tmp_path: Path) -> None:
    result = curate(HERE, OWN, tmp_path, LOG)
    assert set(contents(tmp_path)) == {"documents.de.jsonl", "documents.en.jsonl", "samples.jsonl"}
    for language in ("de", "en"):
        rows = list(read_jsonl(tmp_path / f"documents.{language}.jsonl"))
        account = result["funnel"]["by_source"]["own"][language]
        assert len(rows) == account["kept"] == result["documents"][language]
        assert account["read"] == len(embedded.documents(f"mono/{language}"))
        assert account["chars_kept"] == sum(len(row["text"]) for row in rows)
        good = {text_key(repair(text)) for text in embedded.good_documents(language)}
        assert good <= {text_key(row["text"]) for row in rows} and all(row["source"] == "own" for row in rows)
    json.dumps(result)


@pytest.mark.parametrize("language", ["de", "en"])
def test_planted_documents_are_dropped_for_their_reason(language: str) -> None:
    planted = [row for row in embedded.planted_documents(language) if row[1] != "duplicate"]
    assert set(judge(embedded.good_documents(language), language=language)) == {None}
    cleaned = cleaner(language).clean([text for text, _ in planted])
    wrong = [
        (expected, verdict, text[:60])
        for (_, expected), verdict, text in zip(planted, cleaned.reasons, cleaned.texts, strict=True)
        if verdict != (None if expected == "repaired" else expected)
    ]
    assert len(wrong) <= 0.05 * len(planted), wrong
    assert not any(
        "Ã" in text or "â€" in text
        for text, (_, expected) in zip(cleaned.texts, planted, strict=True)
        if expected == "repaired"
    )


@pytest.mark.parametrize("language", ["de", "en"])
def test_planted_copies_are_dropped_as_such(language: str, tmp_path: Path) -> None:
    copies = [text for text, expected in embedded.planted_documents(language) if expected == "duplicate"]
    good = embedded.good_documents(language)
    (tmp_path / "good.txt").write_text("\n".join(good) + "\n")
    write_rows(tmp_path / "copies.jsonl", copies)
    sources = tuple(MonoSource(name=name[:4], language=language, path=name) for name in ("good.txt", "copies.jsonl"))
    result = curate(HERE, DataSettings(root=str(tmp_path), mono=sources), tmp_path / "out", LOG)
    assert dropped(result, "good", language) == {} and result["documents"] == {language: len(good)}
    assert set(dropped(result, "copi", language)) <= {"duplicate", "near_duplicate"}


def test_the_output_is_the_same_every_time_and_in_any_batch_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    curate(HERE, OWN, tmp_path / "a", LOG)
    monkeypatch.setattr(shard, "SIZES", Sizes(documents=7, chars=1500))
    curate(HERE, OWN, tmp_path / "b", LOG)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_a_batch_is_bounded_in_documents_and_characters(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("".join("x" * size + "\n" for size in (3, 3, 3, 12, 1, 30, 2)))
    source = MonoSource(name="a", language="de", path="a.txt")
    (whole,) = plan_shards(source, tmp_path)
    batches = [[len(text) for text in batch.texts] for batch in read_shard(whole, source, Sizes(documents=3, chars=12))]
    assert batches == [[3, 3, 3], [12], [1], [30], [2]]


def test_a_duplicate_across_sources_goes_to_the_first(tmp_path: Path) -> None:
    good = embedded.good_documents("de")[:3]
    (tmp_path / "one.txt").write_text("\n".join(good[:2]) + "\n")
    (tmp_path / "two.txt").write_text("\n".join([good[1].upper().title(), good[1], good[2]]) + "\n")
    sources = tuple(MonoSource(name=name, language="de", path=f"{name}.txt") for name in ("one", "two"))
    result = curate(HERE, DataSettings(root=str(tmp_path), mono=sources), tmp_path / "out", LOG)
    rows = [(row["source"], row["text"]) for row in read_jsonl(tmp_path / "out" / "documents.de.jsonl")]
    assert rows == [("one", good[0]), ("two", good[2]), ("one", good[1])]  # sources take turns
    assert result["funnel"]["by_source"]["two"]["de"]["dropped"] == {"duplicate": 2}


def test_a_page_is_freed_of_its_menu_or_kept_whole(tmp_path: Path) -> None:
    article = embedded.good_documents("de")[:2]
    page = "\n".join(["Start", "Suche", "Kontakt", "Zum Inhalt springen", "A", "B", "C", "D", *article])
    (tmp_path / "web.jsonl").write_text(json.dumps({"text": page}) + "\n")
    data = DataSettings(root=str(tmp_path), mono=(MonoSource(name="web", language="de", path="web.jsonl"),))
    result: dict[str, Any] = curate(HERE, data, tmp_path / "out", LOG)
    (row,) = read_jsonl(tmp_path / "out" / "documents.de.jsonl")
    total = result["funnel"]["total"]
    assert row["text"] == "\n".join(article) and (total["chars_read"], total["chars_kept"]) == (
        len(page),
        len(row["text"]),
    )
    with pytest.raises(DataError, match="1 boilerplate_head"):
        curate(CurateSettings(page_lines=None, workers=1), data, tmp_path / "whole", LOG)


def test_no_sources_are_a_valid_result_and_write_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = curate(HERE, DataSettings(), out, LOG)
    assert result["funnel"]["total"]["read"] == 0 and result["documents"] == {}
    assert not out.exists()


def test_a_language_the_model_does_not_know_is_kept_unchecked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(embedded.good_documents("de")[0] + "\n")
    data = DataSettings(root=str(tmp_path), mono=(MonoSource(name="a", language="tlh", path="a.txt"),))
    assert curate(HERE, data, tmp_path / "out", RunLog())["documents"] == {"tlh": 1}
    assert "language check skipped for tlh" in capsys.readouterr().err


def test_nothing_left_is_an_error_that_shows_the_funnel_and_leaves_no_samples(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Kurz.\n\n")
    data = DataSettings(root=str(tmp_path), mono=(MonoSource(name="a", language="de", path="a.txt"),))
    with pytest.raises(DataError, match="2 read, 0 kept, dropped 2 too_short"):
        curate(HERE, data, tmp_path / "out", LOG)
    assert not (tmp_path / "out" / "samples.jsonl").exists()
