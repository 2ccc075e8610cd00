"""What the verbs of the command line do, without a command line: everything here returns values or raises."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dragoman.errors import DragomanError, RunError
from dragoman.io import decode_line, read_jsonl, read_lines, read_parallel
from dragoman.manifest import read_manifest
from dragoman.pipeline import Pipeline, Planned
from dragoman.runlog import RunLog

if TYPE_CHECKING:
    from dragoman.decode.options import DecodeOptions
    from dragoman.decode.translator import Translator

STDIN = Path("-")
CHUNK_LINES = 512  # lines translated together: enough for full batches of sentences of like length


def open_pipeline(recipe: Path, overrides: Sequence[str], runs: Path) -> Pipeline:
    """The pipeline of the recipe at `recipe`."""
    from dragoman import stages
    from dragoman.recipe import load_recipe

    return stages.pipeline(load_recipe(recipe, overrides), runs)


def manifests_of(planned: Sequence[Planned]) -> dict[str, dict[str, Any]]:
    """The manifests of the stages that are fresh, in order."""
    return {entry.stage.name: read_manifest(entry.folder) for entry in planned if entry.state == "fresh"}


def finished_stage(pipeline: Pipeline, name: str) -> Planned:
    """The stage `name`, which must be fresh."""
    entry = pipeline.plan(until=name)[-1]
    if entry.state != "fresh":
        raise RunError(
            f"stage '{name}' is {entry.state}: {'; '.join(entry.reasons)}", do=f"dragoman run RECIPE --until {name}"
        )
    return entry


def sampled_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The kept and dropped rows a data stage keeps for a person to look at; none where there was nothing to judge."""
    path = folder / "samples.jsonl"
    return read_jsonl(path) if path.exists() and path.stat().st_size else iter(())


def read_input(source: Path) -> Iterator[str]:
    """The lines of a file or, for `-`, of standard input. Raises `DataError` for what is not UTF-8 text."""
    if source != STDIN:
        yield from read_lines(source, allow_empty_file=True)
        return
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        yield decode_line(raw, Path("standard input"), number)


def chunks(lines: Iterator[str], size: int) -> Iterator[list[str]]:
    """Lists of `size` lines, the last one shorter."""
    while chunk := list(islice(lines, size)):
        yield chunk


def direction(known: Sequence[tuple[str, str]], src: str | None, tgt: str | None) -> tuple[str, str]:
    """The one direction that `--from` and `--to` leave open. Raises `DragomanError` where there is none or several."""
    fitting = [pair for pair in known if src in (None, pair[0]) and tgt in (None, pair[1])]
    if len(fitting) == 1:
        return fitting[0]
    names = ", ".join(f"--from {a} --to {b}" for a, b in known)
    if not known:
        raise DragomanError("this model was not trained to translate", do="name the folder of a fine-tuned model")
    if not fitting:
        asked = " ".join(filter(None, (f"from {src}" if src else "", f"to {tgt}" if tgt else "")))
        raise DragomanError(f"the model does not translate {asked}", do=f"it knows {names}")
    raise DragomanError("the model translates in several directions", do=f"choose one of {names}")


def load_translator(model: Path) -> Translator:
    """The model at `model` on the best device there is."""
    from dragoman.decode.translator import Translator
    from dragoman.evaluate.run import best_device

    return Translator.load(model, best_device())


def translate_lines(
    translator: Translator, lines: Iterator[str], pair: tuple[str, str], options: DecodeOptions, size: int, log: RunLog
) -> Iterator[tuple[str, str]]:
    """(line, translation) of every line, in order; a chunk is handed on before the next is read."""
    with log.progress("translate", unit="lines") as advance:
        done = 0
        for chunk in chunks(lines, size):
            found = translator.translate_with_report(chunk, *pair, options, advance)
            for warning in found.report.warnings(first_line=done + 1):
                log.say(f"warning: {warning}")
            done += len(chunk)
            yield from zip(chunk, found.lines, strict=True)


def score_files(
    translator: Translator,
    files: Mapping[str, Path],
    pair: tuple[str, str],
    options: DecodeOptions,
    bootstrap: int,
    log: RunLog,
) -> dict[str, Any]:
    """Translate files["src"] and score against files["ref"]; `hypotheses` holds the translations.

    Raises `DataError` when the files are not parallel.
    """
    from dragoman.evaluate.scores import score

    rows = list(read_parallel(files))
    with log.progress("translate", len(rows), unit="lines") as advance:
        lines = translator.translate([row["src"] for row in rows], *pair, options, advance)
    scores = score(lines, [row["ref"] for row in rows], bootstrap)
    return {"direction": "-".join(pair), "beam": options.width, **scores, "hypotheses": lines}


def kv_cache_rows(
    preset: str, model: Path | None, lengths: Sequence[int], batch: int, beam: int, log: RunLog
) -> list[dict[str, Any]]:
    """Time a token with the cache on and off, of a trained model or of a preset with random weights."""
    import torch

    from dragoman.evaluate.speed import kv_cache
    from dragoman.model.config import PRESETS
    from dragoman.model.config import preset as make_config
    from dragoman.model.transformer import EncoderDecoder, initialise

    if model is not None:
        return kv_cache(load_translator(model).bundle.model, lengths, batch, beam, log)
    if preset not in PRESETS:
        raise DragomanError(f"no preset '{preset}'", do=f"known are {', '.join(PRESETS)}")
    fresh = EncoderDecoder(make_config(preset, 4096))
    initialise(fresh, torch.Generator().manual_seed(1))
    return kv_cache(fresh.eval(), lengths, batch, beam, log)
