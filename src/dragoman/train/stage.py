"""The two training stages: pre-training by denoising, and fine-tuning for translation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from dragoman.batches.examples import DenoisingExamples, Example, LineFile, TranslationExamples, derived_seed
from dragoman.batches.stream import Batch, BatchStream, collate, group
from dragoman.bundle import Bundle, load_weights, save_bundle
from dragoman.errors import DataError
from dragoman.model.config import ModelConfig, preset
from dragoman.model.precision import compute_dtype
from dragoman.model.transformer import EncoderDecoder, initialise, n_parameters
from dragoman.recipe import PretrainSettings, Recipe, TrainSettings
from dragoman.runlog import RunLog, Tracker
from dragoman.tokenizer import EOS_ID, Tokenizer
from dragoman.train.loop import Task, train

DevSet = dict[tuple[str, str], tuple[list[str], list[str]]]
"""Direction -> (source lines, reference lines) of the development pairs to translate."""
ScoreBundle = Callable[[Bundle, DevSet], dict[str, float]]

MAX_DEV_LINES = 2_000


def pretrain(
    recipe: Recipe,
    tokenizer_dir: Path,
    pairs_dir: Path,
    mono_dir: Path,
    out: Path,
    log: RunLog,
    tracker: Tracker | None = None,
) -> dict[str, Any]:
    """Denoise monolingual text; without any, both sides of the pairs serve. Writes out/model and out/metrics.jsonl."""
    settings = recipe.pretrain
    tokenizer = Tokenizer.load(tokenizer_dir / "tokenizer.model")
    model = new_model(recipe, tokenizer, settings)
    files = [(lang, mono_dir / f"mono.{lang}.jsonl") for lang in recipe.languages]
    files = [(lang, path) for lang, path in files if path.exists() and path.stat().st_size]
    files += [(lang, pairs_dir / f"train.{lang}") for lang in recipe.languages]
    examples = _denoising(files, tokenizer, settings, recipe.seed, settings.subword_alpha)
    dev_files = [(lang, pairs_dir / f"dev.{lang}") for lang in recipe.languages]
    dev = _denoising(dev_files, tokenizer, settings, recipe.seed, 0.0).pool(0, 0)[:MAX_DEV_LINES]
    result = _run(model, recipe, settings, examples, dev, out, log, "pretrain", tracker)
    save_bundle(out / "model", model, tokenizer_dir / "tokenizer.model", [], {"stage": "pretrain", **result})
    return result | {"lines": examples.n_lines}


def _denoising(
    files: Sequence[tuple[str, Path]], tokenizer: Tokenizer, settings: PretrainSettings, seed: int, alpha: float
) -> DenoisingExamples:
    return DenoisingExamples(
        files, tokenizer, objective=settings.objective, noise_rate=settings.noise_rate, mean_span=settings.mean_span,
        max_tokens=settings.max_tokens, alpha=alpha, seed=derived_seed(seed, "pretrain"),
    )  # fmt: skip


def finetune(
    recipe: Recipe,
    tokenizer_dir: Path,
    pairs_dir: Path,
    start: Path | None,
    out: Path,
    log: RunLog,
    score: ScoreBundle,
    tracker: Tracker | None = None,
) -> dict[str, Any]:
    """Train translation in every direction of the recipe, from the weights in `start`/model or from scratch."""
    settings, directions = recipe.finetune, recipe.directions()
    tokenizer = Tokenizer.load(tokenizer_dir / "tokenizer.model")
    model = new_model(recipe, tokenizer, settings)
    if start is not None:
        load_weights(model, start / "model" / "weights.safetensors")
    seed = derived_seed(recipe.seed, "finetune")
    files = {lang: pairs_dir / f"train.{lang}" for lang in recipe.languages}
    examples = TranslationExamples(
        files, directions, tokenizer, max_tokens=settings.max_tokens, alpha=settings.subword_alpha, seed=seed
    )
    too_long = examples.count_too_long()
    if too_long:
        log.say(f"finetune: {too_long} examples have more than {settings.max_tokens} tokens on a side and are left out")
    dev_lines = {lang: read_all(pairs_dir / f"dev.{lang}") for lang in recipe.languages}
    to_translate: DevSet = {
        (src, tgt): (dev_lines[src][: settings.dev_sentences], dev_lines[tgt][: settings.dev_sentences])
        for src, tgt in directions
    }

    def dev_score(trained: EncoderDecoder) -> dict[str, float]:
        return score(Bundle(trained, tokenizer, directions), to_translate)

    dev = dev_examples(dev_lines, directions, tokenizer)
    translated = bool(settings.dev_sentences)
    scored, best_by = (dev_score, settings.best_by) if translated else (None, "loss")
    label = out.name.split("-")[0]
    result = _run(model, recipe, settings, examples, dev, out, log, label, tracker, scored, best_by)
    figures = result | {"lines": examples.n_lines, "too_long": too_long}
    provenance = {"stage": "finetune", "pretrained": start is not None, **figures}
    save_bundle(out / "model", model, tokenizer_dir / "tokenizer.model", directions, provenance)
    return figures


def new_model(recipe: Recipe, tokenizer: Tokenizer, settings: TrainSettings) -> EncoderDecoder:
    """A freshly initialised model of the recipe's shape, on the best device there is."""
    model = EncoderDecoder(model_config(recipe, tokenizer.vocab_size, settings.dropout))
    initialise(model, torch.Generator().manual_seed(derived_seed(recipe.seed, "weights")))
    return model.to("cuda" if torch.cuda.is_available() else "cpu")


def model_config(recipe: Recipe, vocab_size: int, dropout: float) -> ModelConfig:
    """The preset with the recipe's changes."""
    changes = {k: v for k, v in recipe.model.model_dump(exclude={"preset"}).items() if v is not None}
    try:
        return preset(recipe.model.preset, vocab_size, dropout=dropout, **changes)
    except ValueError as error:
        raise DataError(str(error), where="recipe, section model", do="change one of the sizes") from None


def read_all(path: Path) -> list[str]:
    """All lines of a text file."""
    lines = LineFile(path)
    return [lines[number] for number in range(len(lines))]


def dev_examples(
    lines: dict[str, list[str]], directions: Sequence[tuple[str, str]], tokenizer: Tokenizer
) -> list[Example]:
    """Development examples, unsampled, at most `MAX_DEV_LINES` a direction."""
    ids = {lang: tokenizer.encode_batch(texts[:MAX_DEV_LINES]) for lang, texts in lines.items()}
    return [
        Example([tokenizer.tag(tgt), *src_ids, EOS_ID], [*tgt_ids, EOS_ID])
        for src, tgt in directions
        for src_ids, tgt_ids in zip(ids[src], ids[tgt], strict=True)
    ]


def _run(
    model: EncoderDecoder,
    recipe: Recipe,
    settings: TrainSettings,
    examples: TranslationExamples | DenoisingExamples,
    dev: Sequence[Example],
    out: Path,
    log: RunLog,
    label: str,
    tracker: Tracker | None,
    score: Callable[[EncoderDecoder], dict[str, float]] | None = None,
    best_by: str = "loss",
) -> dict[str, Any]:
    dtype = compute_dtype(model.embedding.weight.device, settings.precision)
    budget = settings.batch_tokens // settings.accumulate
    log.say(f"{label}: {n_parameters(model):,} parameters, {examples.n_lines:,} lines, {settings.steps} steps")
    task = Task(
        settings=settings,
        stream=lambda position: BatchStream(examples, budget, recipe.seed, position),
        dev=_dev_batches(dev, budget),
        seed=derived_seed(recipe.seed, label),
        label=label,
        score=score,
        best_by=best_by,
    )
    return train(model, task, out, log, dtype, tracker) | {"parameters": n_parameters(model)}


def _dev_batches(examples: Sequence[Example], budget: int) -> list[Batch]:
    return [collate([examples[i] for i in indices]) for indices in group(examples, budget)]
