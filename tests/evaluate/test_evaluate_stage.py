"""The evaluate stage end to end, with two tiny models of random weights: what it writes is what it scored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from dragoman.bundle import save_bundle
from dragoman.decode.translator import Report, Translations, Translator
from dragoman.errors import BundleError, DataError
from dragoman.evaluate.run import evaluate, held_out_sets, spread
from dragoman.evaluate.scores import score
from dragoman.io import read_lines, write_lines
from dragoman.model.config import ModelConfig
from dragoman.model.transformer import EncoderDecoder, initialise
from dragoman.recipe import Recipe, TokenizerSettings
from dragoman.runlog import RunLog
from dragoman.tokenizer import Tokenizer, train_tokenizer

pytestmark = pytest.mark.slow

QUIET = RunLog(quiet=True)
GERMAN = [
    "Der Hund schläft.",
    "Die Katze trinkt Milch.",
    "Wir gehen heute ins Kino.",
    "Es regnet.",
    "Wo ist der Bahnhof?",
]
ENGLISH = [
    "The dog sleeps.",
    "The cat drinks milk.",
    "We go to the cinema today.",
    "It rains.",
    "Where is the station?",
]


def recipe(**changes: Any) -> Recipe:
    values: dict[str, Any] = {
        "name": "tiny",
        "languages": ["de", "en"],
        "data": {"test": [{"name": "news", "embedded": "natural/test"}]},
        "evaluate": {"beam": 2, "bootstrap": 20, "samples": 3},
    }
    return Recipe.model_validate(values | changes)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two arms, each a stage folder that holds `model/`."""
    root = tmp_path_factory.mktemp("arms")
    files = {"de": root / "train.de", "en": root / "train.en"}
    write_lines(files["de"], GERMAN * 20)
    write_lines(files["en"], ENGLISH * 20)
    train_tokenizer(TokenizerSettings(), ["de", "en"], files, {}, root / "tokenizer", 1, QUIET)
    vocab_size = Tokenizer.load(root / "tokenizer" / "tokenizer.model").vocab_size
    arms = {}
    for seed, name in enumerate(("pretrained", "scratch"), start=1):
        model = EncoderDecoder(ModelConfig(vocab_size, 16, 2, 1, 1, 1, 24))
        initialise(model, torch.Generator().manual_seed(seed))
        directions = [("de", "en"), ("en", "de")]
        save_bundle(root / name / "model", model, root / "tokenizer" / "tokenizer.model", directions, {})
        arms[name] = root / name
    return arms


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    for stem in ("test.news", "dev"):
        write_lines(tmp_path / "pairs" / f"{stem}.de", GERMAN)
        write_lines(tmp_path / "pairs" / f"{stem}.en", ENGLISH)
    return tmp_path / "pairs"


def test_scores_belong_to_the_files_written(trained: dict[str, Path], pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = evaluate(recipe(), trained, pairs, out, QUIET)
    rows = {(row["arm"], row["test"], row["direction"]): row for row in result["scores"]}
    assert set(rows) == {(arm, "news", pair) for arm in trained for pair in ("de-en", "en-de")}
    for (arm, test, direction), row in rows.items():
        lines = list(read_lines(out / f"{arm}.{test}.{direction}.txt"))
        assert len(lines) == row["n"] == len(GERMAN)
        expected = score(lines, ENGLISH if direction == "de-en" else GERMAN, 20)
        assert {name: row[name] for name in ("n", "bleu", "chrf")} == expected
        assert row["seconds"] > 0
        assert row["sentences_per_s"] > 0
    assert json.loads((out / "scores.json").read_text()) == result
    assert [(row["direction"], row["arm"], row["against"]) for row in result["comparisons"]] == [
        ("de-en", "pretrained", "scratch"),
        ("en-de", "pretrained", "scratch"),
    ]


def test_samples_show_what_was_translated(trained: dict[str, Path], pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    found = evaluate(recipe(), trained, pairs, out, QUIET)["samples"]
    assert [(row["direction"], row["line"]) for row in found] == [(d, i) for d in ("de-en", "en-de") for i in (1, 3, 5)]
    for row in found:
        src, ref = (GERMAN, ENGLISH) if row["direction"] == "de-en" else (ENGLISH, GERMAN)
        at = row["line"] - 1
        assert (row["src"], row["ref"]) == (src[at], ref[at])
        assert row["hyp"] == list(read_lines(out / f"pretrained.news.{row['direction']}.txt"))[at]
        assert row["others"] == {"scratch": list(read_lines(out / f"scratch.news.{row['direction']}.txt"))[at]}


def test_a_finished_translation_is_not_made_again(
    trained: dict[str, Path], pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, done = tmp_path / "out", []
    translate = Translator.translate_with_report

    def counted(self: Translator, lines: Any, src: str, tgt: str, *rest: Any) -> Any:
        done.append(f"{src}-{tgt}")
        return translate(self, lines, src, tgt, *rest)

    monkeypatch.setattr(Translator, "translate_with_report", counted)
    first = evaluate(recipe(), trained, pairs, out, QUIET)
    assert done == ["de-en", "de-en", "en-de", "en-de"]
    (out / "scratch.news.en-de.json").unlink()  # as if killed between the two files
    (out / "scores.json").unlink()
    done.clear()
    second = evaluate(recipe(), trained, pairs, out, QUIET)
    assert done == ["en-de"]
    assert [row["bleu"] for row in second["scores"]] == [row["bleu"] for row in first["scores"]]


def test_the_development_set_stands_in_with_a_warning(trained: dict[str, Path], pairs: Path, tmp_path: Path) -> None:
    one = {"pretrained": trained["pretrained"]}
    result = evaluate(recipe(data={}), one, pairs, tmp_path / "out", QUIET)
    assert {row["test"] for row in result["scores"]} == {"dev"}
    assert "development set" in result["warnings"][0]
    assert result["comparisons"] == []
    assert all(row["others"] == {} for row in result["samples"])
    nothing = evaluate(recipe(data={}), one, tmp_path / "no pairs", tmp_path / "out2", QUIET)
    assert nothing["scores"] == []
    assert nothing["warnings"]


def test_what_went_wrong_is_told_once_more_after_a_stop(
    trained: dict[str, Path],
    pairs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Report, "warnings", lambda self: ["2 lines may be incomplete"])
    for _ in range(2):  # the second time from the files
        result = evaluate(recipe(), trained, pairs, tmp_path / "out", RunLog())
        assert "scratch, news en-de: 2 lines may be incomplete" in result["warnings"]
        assert len(result["warnings"]) == 4
        told = capsys.readouterr().err
        assert all(f"evaluate: {warning}\n" in told for warning in result["warnings"])


def test_a_line_break_in_a_translation_moves_no_line(
    trained: dict[str, Path], pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Translator, lines: list[str], *rest: Any) -> Translations:
        return Translations([f"a\nb\r\x00 {number}" for number in range(len(lines))], Report(0, 0, ()))

    monkeypatch.setattr(Translator, "translate_with_report", broken)
    first = evaluate(recipe(), trained, pairs, tmp_path / "out", QUIET)
    assert list(read_lines(tmp_path / "out" / "scratch.news.de-en.txt")) == [f"a b   {number}" for number in range(5)]
    assert evaluate(recipe(), trained, pairs, tmp_path / "out", QUIET) == first


def test_bad_input_is_one_clear_error(trained: dict[str, Path], pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no model"):
        evaluate(recipe(), {}, pairs, tmp_path / "out", QUIET)
    with pytest.raises(BundleError):
        evaluate(recipe(), {"model": tmp_path}, pairs, tmp_path / "out", QUIET)
    write_lines(pairs / "test.news.en", ENGLISH[:3])
    with pytest.raises(DataError, match="not parallel"):
        evaluate(recipe(), trained, pairs, tmp_path / "out", QUIET)


def test_every_test_set_of_the_recipe_is_scored(tmp_path: Path) -> None:
    names = [{"name": name, "embedded": "natural/test"} for name in ("a", "b")]
    assert held_out_sets(recipe(data={"test": names}), tmp_path) == ({"a": "test.a", "b": "test.b"}, [])


@pytest.mark.parametrize(
    ("n", "wanted", "expected"),
    [(10, 2, [2, 7]), (5, 5, [0, 1, 2, 3, 4]), (3, 12, [0, 1, 2]), (7, 0, []), (0, 3, []), (100, 4, [12, 37, 62, 87])],
)
def test_samples_are_spread_evenly(n: int, wanted: int, expected: list[int]) -> None:
    assert spread(n, wanted) == expected
