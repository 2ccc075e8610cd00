"""The whole way with a model of toy size: raw text to scores and report, then again from the manifests alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RECIPE = """
name: toy
languages: [de, en]
data:
  mono:
    - {name: m, language: de, embedded: mono/de, limit: 80}
    - {name: m, language: en, embedded: mono/en, limit: 80}
  pairs:
    - {name: natural, embedded: natural/train, limit: 300}
  dev:
    - {name: dev, embedded: natural/dev, limit: 10}
  test:
    - {name: natural, embedded: natural/test, limit: 6}
synthesize: {teacher: {kind: recorded, journal: "embedded:natural"}, passages: 120}
model: {preset: tiny, d_model: 24, n_heads: 2, n_kv_heads: 1, n_encoder_layers: 1, n_decoder_layers: 1, d_ff: 32}
pretrain: {steps: 2, batch_tokens: 256, max_tokens: 64}
finetune: {steps: 3, batch_tokens: 256, max_tokens: 64, dev_sentences: 4}
compare: {from_scratch: true}
evaluate: {beam: 2, bootstrap: 20, samples: 5}
"""
CODE = "import sys; from dragoman.cli import app; app({arguments!r}, standalone_mode=False); {after}"
NO_TORCH = "assert not {'torch', 'numpy'} & set(sys.modules), 'heavy packages were loaded'"


def dragoman(folder: Path, *arguments: str, after: str = "") -> subprocess.CompletedProcess[str]:
    code = CODE.format(arguments=list(arguments), after=after)
    call = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert call.returncode == 0, call.stderr
    return call


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder in which the recipe has run, and what the run printed."""
    folder = tmp_path_factory.mktemp("way")
    (folder / "toy.yaml").write_text(RECIPE, encoding="utf-8")
    return folder, dragoman(folder, "run", "toy.yaml").stdout


@pytest.mark.slow
def test_a_run_ends_with_scores_translations_times_and_places(built: tuple[Path, str]) -> None:
    folder, text = built
    assert text.count("  ref   ") >= 8
    for word in ("BLEU", "chrF", "tok:13a", "pretrained", "scratch", "de-en", "en-de"):
        assert word in text
    for stage in (
        "curate",
        "synthesize",
        "pairs",
        "tokenizer",
        "screen",
        "pretrain",
        "finetune",
        "scratch",
        "evaluate",
        "report",
    ):
        assert f"\n{stage} " in text
    assert "runs/toy/report.html" in text
    assert (folder / "runs/toy/report.html").read_text(encoding="utf-8").lstrip().startswith("<!")
    assert (folder / "runs/toy/model/config.json").is_file()
    assert (folder / "runs/toy/model").is_symlink()
    assert not (folder / "runs/toy/model").readlink().is_absolute()


@pytest.mark.slow
def test_a_second_run_prints_the_same_without_torch(built: tuple[Path, str]) -> None:
    folder, text = built
    again = dragoman(folder, "run", "toy.yaml", after=NO_TORCH)
    assert again.stdout == text
    assert again.stderr.count("done before") == 10


@pytest.mark.slow
def test_rows_and_figures_can_be_inspected(built: tuple[Path, str]) -> None:
    folder, _ = built
    rows = dragoman(folder, "inspect", "toy.yaml", "curate", after=NO_TORCH).stdout
    assert rows.count("kept  (m, ") == 10
    assert rows.count("dropped: ") == 10
    answer = json.loads(dragoman(folder, "inspect", "toy.yaml", "pairs", "--json", "--rows", "3").stdout)
    total = answer["result"]["funnel"]["total"]
    made = json.loads(dragoman(folder, "inspect", "toy.yaml", "synthesize", "--json").stdout)["result"]
    assert made["funnel"]["total"]["read"] == 120 == sum(split["de-en"] for split in made["pairs"].values())
    assert total["read"] == total["kept"] + sum(total["dropped"].values()) == 300 + made["pairs"]["train"]["de-en"]
    words = dragoman(folder, "inspect", "toy.yaml", "synthesize", after=NO_TORCH).stdout
    assert words.startswith("written for dragoman: 15 requests") and "kept  (natural, de-en)" in words
    assert sum(row["kept"] for row in answer["rows"]) == 3
    assert "vocab_size  " in dragoman(folder, "inspect", "toy.yaml", "tokenizer").stdout


@pytest.mark.slow
def test_status_tells_what_a_change_would_cost(built: tuple[Path, str]) -> None:
    folder, _ = built
    call = dragoman(folder, "status", "toy.yaml", "--set", "finetune.steps=4", "--json", after=NO_TORCH)
    found = {entry["stage"]: (entry["state"], entry["reasons"]) for entry in json.loads(call.stdout)}
    assert found["pretrain"] == ("fresh", [])
    assert found["finetune"] == ("stale", ["finetune.steps 3 -> 4"])
    assert found["evaluate"] == ("stale", ["finetune changed", "scratch changed"])


@pytest.mark.slow
def test_the_model_of_a_run_translates(built: tuple[Path, str]) -> None:
    folder, _ = built
    (folder / "in.txt").write_text("Guten Morgen.\n\nDer Zug kommt.\n", encoding="utf-8")
    call = dragoman(folder, "translate", "--model", "runs/toy/model", "--from", "de", "in.txt")
    assert len(call.stdout.splitlines()) == 3
