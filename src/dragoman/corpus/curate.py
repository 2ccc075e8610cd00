"""The curate stage: raw monolingual documents in, clean ones out, every lost one accounted for.

    data.mono:  web.jsonl (de), books.txt (de), news.txt.xz (en)
    out/        documents.de.jsonl   {"text": "Es war einmal ...", "source": "books"}
                documents.en.jsonl
                samples.jsonl        {"kept": false, "reason": "too_short", "source": "web", "language": "de", ...}

Each document is repaired, freed of page furniture, judged by the rules, checked for its language, and dropped if an
earlier one was equal. Batches stream through; memory holds one batch and one hash for each kept document.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dragoman.corpus.dedup import Seen, text_key
from dragoman.corpus.funnel import Funnel
from dragoman.corpus.lid import checkable
from dragoman.corpus.pages import cut_furniture
from dragoman.corpus.repair import repair
from dragoman.corpus.rules import judge, line_phrases
from dragoman.corpus.sources import read_documents
from dragoman.errors import DataError
from dragoman.io import write_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import Advance, RunLog

BATCH_DOCUMENTS = 1000
BATCH_CHARS = 4_000_000  # whatever comes first ends a batch


def judge_batch(
    texts: list[str], settings: CurateSettings, language: str | None, seen: Seen
) -> tuple[list[str], list[str | None]]:
    """Repaired texts, without page furniture, and one verdict each; `language` None: it cannot be checked."""
    texts = [repair(text) for text in texts]
    if settings.page_lines is not None:
        phrases = line_phrases(settings.boilerplate_phrases)
        texts = [cut_furniture(text, phrases, settings.page_lines) for text in texts]
    verdicts = judge(texts, settings, language)
    kept = [i for i, verdict in enumerate(verdicts) if verdict is None]
    for i, first in zip(kept, seen.first([text_key(texts[i]) for i in kept]), strict=True):
        if not first:
            verdicts[i] = "duplicate"
    return texts, verdicts


def _batches(source: MonoSource, root: Path) -> Iterator[list[str]]:
    batch: list[str] = []
    chars = 0
    for document in read_documents(source, root):
        batch.append(document)
        chars += len(document)
        if len(batch) == BATCH_DOCUMENTS or chars >= BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _clean_documents(
    sources: list[MonoSource], settings: CurateSettings, root: Path, checked: bool, funnel: Funnel, advance: Advance
) -> Iterator[dict[str, str]]:
    """The kept documents of one language, in source order."""
    seen = Seen()
    for source in sources:
        for batch in _batches(source, root):
            judged = judge_batch(batch, settings, source.language if checked else None, seen)
            for raw, text, reason in zip(batch, *judged, strict=True):
                funnel.add(source.name, source.language, {"text": text}, reason, chars_read=len(raw))
                if reason is None:
                    yield {"text": text, "source": source.name}
            advance(len(batch))


def curate(settings: CurateSettings, data: DataSettings, out: Path, log: RunLog) -> dict[str, Any]:
    """Write the clean documents and samples of `data.mono` to `out`; the result holds the funnel and the counts.

    Raises `DataError` when a language has sources but no document survives.
    """
    root = Path(data.root).expanduser()
    languages = sorted({source.language for source in data.mono})
    checked = checkable(languages, log)
    funnel, documents = Funnel(), dict[str, int]()
    for language in languages:
        sources = [source for source in data.mono if source.language == language]
        with log.progress(f"curate {language}", unit="documents") as advance:
            rows = _clean_documents(sources, settings, root, language in checked, funnel, advance)
            documents[language] = write_jsonl(out / f"documents.{language}.jsonl", rows)
        if documents[language] == 0:
            raise DataError(
                f"no '{language}' document survived curation: {funnel.line()}",
                do="loosen `curate:` or check the sources",
            )
    if data.mono:
        write_jsonl(out / "samples.jsonl", funnel.samples())
        log.say(f"curate: {funnel.line()}")
    return {"funnel": funnel.as_dict(), "documents": documents}
