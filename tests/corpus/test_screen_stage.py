"""The screen stage: what the trained tokenizer cannot spell goes, all else passes unchanged and accounted for."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dragoman import embedded
from dragoman.corpus import screen as stage
from dragoman.corpus.screen import screen
from dragoman.errors import DataError
from dragoman.io import read_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.training import TokenizerSettings
from dragoman.runlog import RunLog
from dragoman.tokenizer import UNK_ID, Tokenizer, train_tokenizer

LOG = RunLog(quiet=True)
LANGUAGES = ("de", "en")
RUSSIAN = "Поезд сегодня не отправляется, потому что на путях лежит снег. Мы ждём на вокзале и пьём чай."


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    folder = tmp_path_factory.mktemp("screen")
    files = {language: folder / f"train.{language}" for language in LANGUAGES}
    for language, path in files.items():
        lines = [line for text in embedded.good_documents(language) for line in text.split("\n")]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    train_tokenizer(TokenizerSettings(), LANGUAGES, files, {}, folder, 1, LOG)
    return Tokenizer.load(folder / "tokenizer.model")


def gibberish() -> str:
    draw = random.Random(1)
    return " ".join("".join(draw.choices("bcdfghjklmnpqrstvwxz", k=9)) for _ in range(60))


def write(folder: Path, **documents: Sequence[str]) -> dict[str, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    files = {language: folder / f"mono.{language}.jsonl" for language in documents}
    for language, path in files.items():
        rows = [{"text": text, "source": f"own{i % 2}", "extra": i} for i, text in enumerate(documents[language])]
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return files


def run(tokenizer: Tokenizer, mono: dict[str, Path], out: Path, **settings: Any) -> dict[str, Any]:
    strange = np.array([token == UNK_ID or tokenizer.is_byte(token) for token in range(tokenizer.vocab_size)])
    return screen(CurateSettings(**settings), mono, tokenizer.encode_batch, strange, tokenizer.vocab_size, out, LOG)


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_strange_documents_go_and_good_ones_stay_as_they_are(tokenizer: Tokenizer, tmp_path: Path) -> None:
    good = embedded.good_documents("de")
    mono = write(tmp_path / "in", de=[RUSSIAN, *good, gibberish()], en=embedded.good_documents("en"))
    result = run(tokenizer, mono, tmp_path / "out")
    assert set(tree(tmp_path / "out")) == {"mono.de.jsonl", "mono.en.jsonl", "samples.jsonl"}
    assert (tmp_path / "out" / "mono.en.jsonl").read_bytes() == mono["en"].read_bytes()
    rows = list(read_jsonl(mono["de"]))
    assert list(read_jsonl(tmp_path / "out" / "mono.de.jsonl")) == rows[1:-1]
    funnel = result["funnel"]
    assert funnel["total"]["dropped"] == {"byte_share": 1, "tokens_per_word": 1}
    assert result["documents"] == {"de": len(good), "en": len(embedded.good_documents("en"))}
    samples = list(read_jsonl(tmp_path / "out" / "samples.jsonl"))
    assert {row["reason"]: row["text"] for row in samples if not row["kept"]} == {
        "byte_share": RUSSIAN,
        "tokens_per_word": gibberish(),
    }
    json.dumps(result)


def test_the_account_counts_pieces(tokenizer: Tokenizer, tmp_path: Path) -> None:
    good = embedded.good_documents("de")
    result = run(tokenizer, write(tmp_path / "in", de=[*good, RUSSIAN]), tmp_path / "out")
    total = result["funnel"]["total"]
    assert result["funnel"]["token_kind"] == "pieces"
    assert total["tokens_kept"] == sum(map(len, tokenizer.encode_batch(good)))
    assert total["tokens_dropped"] == {"byte_share": len(tokenizer.encode(RUSSIAN))}
    assert set(result["funnel"]["by_source"]) == {"own0", "own1"}


def test_line_ends_are_not_held_against_a_document(tokenizer: Tokenizer, tmp_path: Path) -> None:
    poem = "\n".join(text.split(". ")[0] for text in embedded.good_documents("de")).replace(" ", "\n")
    assert sum(map(tokenizer.is_byte, tokenizer.encode(poem))) > 0.2 * len(tokenizer.encode(poem))
    result = run(tokenizer, write(tmp_path / "in", de=[poem]), tmp_path / "out", token_max_per_word=50)
    assert result["documents"] == {"de": 1}


def test_thresholds_may_differ_by_language(tokenizer: Tokenizer, tmp_path: Path) -> None:
    mono = write(tmp_path / "in", de=[*embedded.good_documents("de"), RUSSIAN], ru=[RUSSIAN])
    loose = {"token_max_byte_share": 1.0, "token_max_per_word": 100}
    result = run(tokenizer, mono, tmp_path / "out", per_language={"ru": loose})
    assert result["documents"] == {"de": len(embedded.good_documents("de")), "ru": 1}


def test_the_output_is_the_same_in_any_batch_size(
    tokenizer: Tokenizer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mono = write(tmp_path / "in", de=[*embedded.good_documents("de"), RUSSIAN], en=embedded.good_documents("en"))
    first = run(tokenizer, mono, tmp_path / "a")
    monkeypatch.setattr(stage, "BATCH_DOCUMENTS", 3)
    monkeypatch.setattr(stage, "BATCH_CHARS", 400)
    assert run(tokenizer, mono, tmp_path / "b") == first
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_a_batch_is_bounded_in_documents_and_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "BATCH_DOCUMENTS", 3)
    monkeypatch.setattr(stage, "BATCH_CHARS", 12)
    rows = [{"text": "x" * size} for size in (3, 3, 3, 12, 1, 30, 2)]
    assert [[len(row["text"]) for row in batch] for batch in stage.batches(rows)] == [[3, 3, 3], [12], [1, 30], [2]]


def test_nothing_left_is_an_error_that_shows_the_funnel_and_leaves_no_file(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="1 read, 0 kept, dropped 1 byte_share"):
        run(tokenizer, write(tmp_path / "in", de=[RUSSIAN]), tmp_path / "out")
    assert not tree(tmp_path / "out")


def test_no_documents_are_a_valid_result_and_write_nothing(tokenizer: Tokenizer, tmp_path: Path) -> None:
    result = run(tokenizer, {}, tmp_path / "out")
    assert result["documents"] == {} and result["funnel"]["total"]["read"] == 0
    assert not (tmp_path / "out").exists()
