"""Rules of curation in Hugging Face datasets and datatrove: ways of benchmarks/curate.py (see curate_ways.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dragoman.corpus.lid import known_languages
from dragoman.corpus.phrases import load_lists
from dragoman.recipe.corpus import CurateSettings

Work = Callable[[], Path | None]


def rules(language: str) -> Callable[[str], tuple[str, str | None]]:
    """The rules of the stage for one document: its text as it would be kept, and why it is not."""
    from dragoman.corpus.reference import clean_document

    own = CurateSettings().for_language(language)
    lists = load_lists((), own.boilerplate_phrases, own.blocked_patterns)
    checked = language if language in known_languages() else None
    return partial(clean_document, settings=own, lists=lists, language=checked)


def in_datasets(path: Path, folder: Path, language: str) -> Work:
    """Hugging Face datasets, a row at a time, in this process (with num_proc=1 it would start another one)."""
    clean = rules(language)

    def judge(row: dict[str, Any]) -> dict[str, Any]:
        text, reason = clean(row["text"])
        return {"text": text, "reason": reason or ""}

    return partial(_mapped, judge, path, folder)


def in_datasets_batched(path: Path, folder: Path, language: str) -> Work:
    """Hugging Face datasets with the stage's own batch function."""
    from dragoman.corpus.clean import Cleaner

    own = CurateSettings().for_language(language)
    lists = load_lists((), own.boilerplate_phrases, own.blocked_patterns)
    cleaner = Cleaner(own, lists, language if language in known_languages() else None)

    def judge(rows: dict[str, Any]) -> dict[str, Any]:
        cleaned = cleaner.clean(rows["text"])
        return {"text": cleaned.texts, "reason": [reason or "" for reason in cleaned.reasons]}

    return partial(_mapped, judge, path, folder, batched=True)


def _mapped(judge: Callable[..., Any], path: Path, folder: Path, **how: Any) -> Path:
    import datasets

    datasets.disable_caching()
    datasets.disable_progress_bars()
    features = datasets.Features({"text": datasets.Value("string")})
    rows = datasets.load_dataset(
        "json", data_files=str(path), split="train", features=features, cache_dir=str(folder / "cache")
    )
    kept = rows.map(judge, **how).filter(lambda reason: reason == "", input_columns="reason")
    kept.remove_columns("reason").to_json(folder / "kept.jsonl", force_ascii=False)
    return folder / "kept.jsonl"


def in_datatrove(path: Path, folder: Path, language: str) -> Work:
    """datatrove with the same rules as a filter that also changes the text."""
    from datatrove.data import Document
    from datatrove.pipeline.filters.base_filter import BaseFilter

    clean = rules(language)

    class Rules(BaseFilter):
        name = "the rules of dragoman"

        def filter(self, doc: Document) -> bool | tuple[bool, str]:
            doc.text, reason = clean(doc.text)
            return True if reason is None else (False, reason)

    return _trove(path, folder, [Rules()])


def in_datatrove_own(path: Path, folder: Path, language: str) -> Work:
    """datatrove's own filters in the order of FineWeb, without English stop words; the same language model."""
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
        LanguageFilter,
    )

    same_model = LanguageFilter([language], language_threshold=CurateSettings().language_threshold)
    same_model.model = _shipped_lid(language)
    quality = GopherQualityFilter(language=language, min_stop_words=0)
    fineweb = FineWebQualityFilter(language=language)
    return _trove(
        path,
        folder,
        [
            same_model,
            GopherRepetitionFilter(language=language),
            quality,
            C4QualityFilter(filter_no_terminal_punct=False, language=language),
            fineweb,
        ],
    )


def _shipped_lid(language: str) -> Any:
    """datatrove's language identification with the model file that dragoman uses, instead of one to download."""
    from datatrove.utils.lid import FT176LID

    from dragoman.corpus.lid.model import shipped_model

    class Shipped(FT176LID):
        @property
        def model(self) -> Any:
            if self._model is None:
                from fasttext.FastText import _FastText

                self._model = _FastText(str(shipped_model()))
            return self._model

    return Shipped([language])


def _trove(path: Path, folder: Path, filters: Sequence[Any]) -> Work:
    from datatrove.executor import LocalPipelineExecutor
    from datatrove.pipeline.readers import JsonlReader
    from datatrove.pipeline.writers import JsonlWriter

    quiet_datatrove()
    reader = JsonlReader(str(path.parent), glob_pattern=path.name)
    writer = JsonlWriter(str(folder / "kept"), compression=None)
    steps = [reader, *filters, writer]
    executor = LocalPipelineExecutor(steps, tasks=1, workers=1, logging_dir=str(folder / "logs"))
    output = folder / "kept" / "00000.jsonl"
    return lambda: (executor.run(), output)[1]


def quiet_datatrove() -> None:
    from loguru import logger

    logger.disable("datatrove")
