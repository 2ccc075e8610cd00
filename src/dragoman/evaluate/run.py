"""The evaluate stage: translate every test set with every arm, score it, and keep samples to look at.

    pairs/      test.news.de  test.news.en
    arms        pretrained -> <the finetune stage>, scratch -> <the same model trained without pre-training>
    out/        pretrained.news.de-en.txt  pretrained.news.de-en.json   translations, and how they were made
                scores.json                                             everything below

    {"scores": [{"arm", "test", "direction": "de-en", "n", "bleu": {...}, "chrf": {...}, "seconds", "sentences_per_s"}],
     "comparisons": [{"test", "direction", "arm", "against", "bleu": {"difference", "p_value", ...}, "chrf": {...}}],
     "samples": [{"test", "direction", "line", "src", "ref", "hyp", "others": {"scratch": "..."}}],
     "warnings": ["..."]}

The first arm is "ours": samples show it as `hyp`, and the others are compared with it. A finished translation file is
kept, so that a run that was stopped goes on where it was.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dragoman.decode.options import DecodeOptions
from dragoman.decode.translator import Translator
from dragoman.errors import DataError
from dragoman.evaluate.scores import affordable, compare, score
from dragoman.io import read_json, read_lines, read_parallel, write_json, write_lines
from dragoman.recipe import EvaluateSettings, Recipe
from dragoman.runlog import RunLog

CONTROLS = {
    code: " " for code in range(32) if code != ord("\t")
}  # what a model can spell in bytes and a line cannot hold
DEV = "dev"  # the name under which the development set is scored where no test set is given


@dataclass(frozen=True)
class Task:
    """One test set in one direction; line i of `sources` belongs to line i of `references`."""

    test: str
    src: str
    tgt: str
    sources: list[str]
    references: list[str]

    @property
    def direction(self) -> str:
        """`de-en`"""
        return f"{self.src}-{self.tgt}"

    @property
    def label(self) -> str:
        """`news de-en`"""
        return f"{self.test} {self.direction}"


def spread(n: int, wanted: int) -> list[int]:
    """`wanted` of the numbers 0..n-1, evenly spread and never chosen by what they hold: spread(10, 2) == [2, 7]."""
    wanted = min(wanted, n)
    return [(2 * i + 1) * n // (2 * wanted) for i in range(wanted)]


def held_out_sets(recipe: Recipe, pairs_dir: Path) -> tuple[dict[str, str], list[str]]:
    """Name -> stem of the files of each test set; the development set stands in where there is none."""
    if recipe.data.test:
        return {source.name: f"test.{source.name}" for source in recipe.data.test}, []
    if (pairs_dir / f"dev.{recipe.languages[0]}").exists():
        return {DEV: "dev"}, ["no test set is given: the scores are of the development set, which chose the weights"]
    return {}, ["neither a test nor a development set is given: nothing was scored"]


def tasks(recipe: Recipe, pairs_dir: Path) -> tuple[list[Task], list[str]]:
    """Every test set in every direction of the recipe, and what a reader of the scores must know."""
    found, (names, warnings) = [], held_out_sets(recipe, pairs_dir)
    for test, stem in names.items():
        rows = list(read_parallel({lang: pairs_dir / f"{stem}.{lang}" for lang in recipe.languages}))
        for src, tgt in recipe.directions():
            found.append(Task(test, src, tgt, [row[src] for row in rows], [row[tgt] for row in rows]))
    return found, warnings


class _Arm:
    """One model, loaded when a translation is missing and not before."""

    def __init__(self, name: str, folder: Path, options: DecodeOptions) -> None:
        self.name, self.folder, self.options = name, folder, options
        self._translator: Translator | None = None

    def translator(self) -> Translator:
        """The model of this arm."""
        if self._translator is None:
            self._translator = Translator.load(self.folder / "model", device=best_device())
        return self._translator

    def translations(self, task: Task, out: Path, log: RunLog) -> tuple[list[str], dict[str, Any]]:
        """The translations of `task` and how they were made, from `out` where an earlier run finished them."""
        stem = out / f"{self.name}.{task.test}.{task.direction}"
        text, made = stem.with_name(stem.name + ".txt"), stem.with_name(stem.name + ".json")
        if made.exists() and text.exists():
            return list(read_lines(text)), read_json(made)
        translator = self.translator()
        with log.progress(f"{self.name}: {task.label}", total=len(task.sources), unit="lines") as advance:
            started = time.perf_counter()
            found = translator.translate_with_report(task.sources, task.src, task.tgt, self.options, advance)
            seconds = time.perf_counter() - started
        lines = [line.translate(CONTROLS) for line in found.lines]
        rate = len(lines) / max(seconds, 1e-9)
        warnings = [f"{self.name}, {task.label}: {warning}" for warning in found.report.warnings()]
        figures = {"seconds": round(seconds, 3), "sentences_per_s": round(rate, 2), "warnings": warnings}
        write_lines(text, lines)
        write_json(made, figures)
        return lines, figures


def decode_options(recipe: Recipe) -> DecodeOptions:
    """How to search, as the recipe says; lines are split where they are longer than training has seen."""
    chosen = recipe.evaluate
    return DecodeOptions(
        beam=chosen.beam,
        length_penalty=chosen.length_penalty,
        batch_tokens=chosen.batch_tokens,
        max_source_tokens=recipe.finetune.max_tokens,
    )


def best_device() -> str:
    """The accelerator where there is one, else the CPU."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def samples(task: Task, hypotheses: Mapping[str, list[str]], wanted: int) -> list[dict[str, Any]]:
    """Lines of `task` spread over the file, as translated by each arm; `line` counts from 1."""
    ours, *others = hypotheses
    return [
        {
            "test": task.test,
            "direction": task.direction,
            "line": i + 1,
            "src": task.sources[i],
            "ref": task.references[i],
            "hyp": hypotheses[ours][i],
            "others": {name: hypotheses[name][i] for name in others},
        }
        for i in spread(len(task.sources), wanted)
    ]


def evaluate(recipe: Recipe, arms: dict[str, Path], pairs_dir: Path, out: Path, log: RunLog) -> dict[str, Any]:
    """Translate and score; `arms` maps a name to the stage folder that holds `model/`, ours first.

    Raises `DataError` where a test set cannot be read, `BundleError` where a model cannot.
    """
    if not arms:
        raise DataError("there is no model to evaluate", do="train one first")
    todo, warnings = tasks(recipe, pairs_dir)
    options = decode_options(recipe)
    models = [_Arm(name, folder, options) for name, folder in arms.items()]
    result: dict[str, Any] = {"scores": [], "comparisons": [], "samples": [], "warnings": warnings}
    for task in todo:
        hypotheses = {}
        for arm in models:
            lines, figures = arm.translations(task, out, log)
            hypotheses[arm.name] = lines
            warnings += figures.pop("warnings")
            row = {"arm": arm.name, "test": task.test, "direction": task.direction}
            result["scores"].append({**row, **score(lines, task.references, recipe.evaluate.bootstrap), **figures})
        _add_comparisons(result, task, hypotheses, recipe.evaluate)
    for line in warnings:
        log.say(f"evaluate: {line}")
    write_json(out / "scores.json", result)
    return result


def _add_comparisons(
    result: dict[str, Any], task: Task, hypotheses: dict[str, list[str]], settings: EvaluateSettings
) -> None:
    """What one task adds beyond its scores: samples, tests between arms, a warning."""
    result["samples"] += samples(task, hypotheses, settings.samples)
    ours, *others = hypotheses
    for other in others:
        found = compare(hypotheses[ours], hypotheses[other], task.references, settings.bootstrap)
        if found:
            row = {"test": task.test, "direction": task.direction, "arm": ours, "against": other}
            result["comparisons"].append({**row, **found})
    if affordable(settings.bootstrap, len(task.references)) < settings.bootstrap:
        result["warnings"].append(f"{task.label} is large: its interval comes from fewer resamples (see the signature)")
