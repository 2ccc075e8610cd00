"""What a changed option makes stale, in the real wiring: no room runs here, only keys are compared."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dragoman import stages
from dragoman.errors import RecipeError
from dragoman.recipe import load_recipe

RECIPE = """
name: x
languages: [de, en]
data:
  mono: [{name: m, language: de, path: mono.de.txt}]
  pairs: [{name: p, files: {de: p.de, en: p.en}}]
  dev: [{name: d, embedded: natural/dev}]
  test: [{name: t, embedded: natural/test}]
synthesize: {teacher: {kind: openai, model: m}}
pretrain: {steps: 10}
finetune: {steps: 10}
compare: {from_scratch: true}
"""
ALL = ["curate", "synthesize", "pairs", "tokenizer", "screen", "pretrain", "finetune", "scratch", "evaluate", "report"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "r.yaml").write_text(RECIPE, encoding="utf-8")
    for root in ("data", "elsewhere"):
        (tmp_path / root).mkdir()
        for name in ("mono.de.txt", "p.de", "p.en"):
            (tmp_path / root / name).write_text(f"{name}\n", encoding="utf-8")
    return tmp_path


def keys(folder: Path, *overrides: str, root: str = "data") -> dict[str, str]:
    recipe = load_recipe(folder / "r.yaml", [f"data.root={folder / root}", *overrides])
    return {entry.stage.name: entry.key for entry in stages.pipeline(recipe, folder / "runs").plan()}


CHANGES = {
    "track.wandb=offline": [],
    "name=y": ["report"],
    "evaluate.samples=3": ["evaluate", "report"],
    "evaluate.beam=1": ["evaluate", "report"],
    "finetune.steps=20": ["finetune", "scratch", "evaluate", "report"],
    "finetune.checkpoint_every=7": ["report"],
    "pretrain.steps=20": ["pretrain", "finetune", "evaluate", "report"],
    "model.preset=tiny": ["pretrain", "finetune", "scratch", "evaluate", "report"],
    "tokenizer.vocab_size=999": ALL[3:],
    "pairs.max_chars=99": ALL[2:],
    "data.test=[]": ALL[2:],
    "data.pairs.0.repeat=2": ALL[2:],
    "seed=2": ALL[2:],
    "curate.min_chars=99": ALL,
    "curate.workers=3": ["report"],
    "curate.engine=ray": ["report"],
    "curate.token_max_per_word=5.0": ["screen", "pretrain", "finetune", "evaluate", "report"],
    "data.mono.0.limit=9": ALL,
    "synthesize.max_cost=5.0": ALL[1:],
    "synthesize.checks.length_slack=9": ALL[1:],
    "synthesize.teacher.model=n": ALL[1:],
    "synthesize.repeat=2": ALL[2:],
    "synthesize.yes=true": ["report"],
    "synthesize.teacher.concurrency=3": ["report"],
    "synthesize.teacher.batch=true": ["report"],
    "synthesize.teacher.base_url=http://localhost:1/v1": ["report"],
}


@pytest.mark.parametrize("override", CHANGES)
def test_an_option_makes_stale_what_it_changes_and_nothing_else(data: Path, override: str) -> None:
    before, after = keys(data), keys(data, override)
    assert [name for name in ALL if before[name] != after[name]] == CHANGES[override]


def test_moving_the_data_changes_nothing(data: Path) -> None:
    assert keys(data) == keys(data, root="elsewhere")


@pytest.mark.parametrize(("name", "stale"), [("mono.de.txt", ALL), ("p.en", ALL[2:])])
def test_a_changed_file_makes_stale_what_reads_it(data: Path, name: str, stale: list[str]) -> None:
    before = keys(data)
    (data / "data" / name).write_text("other\n", encoding="utf-8")
    after = keys(data)
    assert [stage for stage in ALL if before[stage] != after[stage]] == stale


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("compare.from_scratch=false", [name for name in ALL if name != "scratch"]),
        ("pretrain.steps=0", ["curate", "synthesize", "pairs", "tokenizer", "finetune", "evaluate", "report"]),
        ("finetune.steps=0", ["curate", "synthesize", "pairs", "tokenizer", "screen", "pretrain"]),
        ("synthesize=null", [name for name in ALL if name != "synthesize"]),
    ],
)
def test_stages_that_a_recipe_does_not_ask_for_are_left_out(data: Path, override: str, expected: list[str]) -> None:
    assert list(keys(data, override)) == expected


def test_every_stage_has_a_version(data: Path) -> None:
    assert list(stages.VERSIONS) == list(keys(data)) == ALL


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("data.dev.0.embedded=natural/dve", "did you mean 'natural/dev'"),
        ("synthesize.prompt=translate-v0", "did you mean 'translate-v1'"),
        ("model.n_heads=7", "d_model 256 is not a multiple of n_heads 7"),
    ],
)
def test_what_only_the_rooms_know_is_checked_before_anything_runs(data: Path, override: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        keys(data, override)


def test_embedded_text_counts_by_its_content(data: Path) -> None:
    recipe = load_recipe(data / "r.yaml", [f"data.root={data / 'data'}"])
    pairs = stages.pipeline(recipe, data / "runs").plan(until="pairs")[-1]
    assert list(pairs.files) == ["p.de", "p.en", "package:natural"]


def test_a_journal_that_is_replayed_and_a_model_that_is_asked_count_by_their_content(data: Path) -> None:
    ours = data / "data" / "model"
    ours.mkdir()
    for name in ("config.json", "tokenizer.model", "weights.safetensors"):
        (ours / name).write_text("{}", encoding="utf-8")
    (data / "data" / "j.jsonl").write_text("{}", encoding="utf-8")
    for teacher, file in (("{kind: recorded, journal: j.jsonl}", data / "data" / "j.jsonl"),
                          ("{kind: model, model: model}", ours / "weights.safetensors")):  # fmt: skip
        before = keys(data, f"synthesize.teacher={teacher}")
        file.write_text("another", encoding="utf-8")
        after = keys(data, f"synthesize.teacher={teacher}")
        assert [stage for stage in ALL if before[stage] != after[stage]] == ALL[1:]


def test_planning_loads_no_torch(data: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dragoman import stages; from dragoman.recipe import load_recipe\n"
        f"recipe = load_recipe(Path({str(data / 'r.yaml')!r}), ['data.root={data / 'data'}'])\n"
        f"stages.pipeline(recipe, Path({str(data / 'runs')!r})).plan()\n"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
