"""The screen stage: the token rules over the clean documents, once a tokenizer is trained.

    mono.de.jsonl  {"text": "Es war einmal ...", "source": "books"}     ->   mono.de.jsonl   without what they dropped
    mono.en.jsonl                                                            mono.en.jsonl   samples.jsonl

Documents stream through in batches; the account counts their pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.funnel import Funnel
from dragoman.corpus.token_rules import TOKEN_REASONS, flatten, judge_tokens
from dragoman.errors import DataError
from dragoman.io import read_jsonl, write_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.runlog import Advance, RunLog

BATCH_DOCUMENTS = 1000
BATCH_CHARS = 4_000_000  # whatever comes first ends a batch

Encode = Callable[[Sequence[str]], list[list[int]]]
Row = dict[str, Any]


@dataclass(frozen=True)
class Vocabulary:
    """What the rules must know of a tokenizer: text to ids, which ids are strange (vocab_size,), how many there are."""

    encode: Encode
    strange: NDArray[np.bool_]
    size: int


def screen(
    settings: CurateSettings,
    mono: Mapping[str, Path],
    encode: Encode,
    byte_or_unknown: NDArray[np.bool_],
    vocab_size: int,
    out: Path,
    log: RunLog,
    *,
    all_languages: bool = True,
) -> dict[str, Any]:
    """Write the documents of `mono` (language -> file) that pass, and samples, to `out`; returns funnel and counts.

    `byte_or_unknown` (vocab_size,): the pieces that are one byte or unknown. Raises `DataError` when no document
    is left (`all_languages`: none of a language).
    """
    funnel, documents = Funnel(TOKEN_REASONS, token_kind="pieces"), dict[str, int]()
    vocabulary = Vocabulary(encode, without_line_end(byte_or_unknown, encode), vocab_size)
    for language, path in sorted(mono.items()):
        with log.progress(f"screen {language}", unit="documents") as advance:
            rows = _passing(path, settings.for_language(language), language, vocabulary, funnel, advance)
            documents[language] = write_jsonl(out / f"mono.{language}.jsonl", rows)
        if documents[language] == 0:
            (out / f"mono.{language}.jsonl").unlink()
    empty = [language for language in sorted(mono) if documents[language] == 0]
    if empty and (all_languages or len(empty) == len(mono)):
        what = f"the tokenizer's rules leave no '{empty[0]}' document: {funnel.line()}"
        raise DataError(what, where=mono[empty[0]], do="loosen `curate.token_max_...`")
    if mono:
        write_jsonl(out / "samples.jsonl", funnel.samples())
        log.say(f"screen: {funnel.line()}")
    return {"funnel": funnel.as_dict(), "documents": documents}


def without_line_end(byte_or_unknown: NDArray[np.bool_], encode: Encode) -> NDArray[np.bool_]:
    """`byte_or_unknown` without the byte that ends a line: every tokenizer of ours spells it so, it is not strange."""
    strange = byte_or_unknown.copy()
    strange[encode(["\n"])[0][-1:]] = False
    return strange


def _passing(
    path: Path, settings: CurateSettings, language: str, vocabulary: Vocabulary, funnel: Funnel, advance: Advance
) -> Iterator[Row]:
    for rows in batches(read_jsonl(path)):
        yield from judge_rows(rows, settings, language, vocabulary, funnel)
        advance(len(rows))


def batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """`rows` in order, so many at a time that memory is bounded."""
    batch, chars = list[Row](), 0
    for row in rows:
        batch.append(row)
        chars += len(row["text"])
        if len(batch) == BATCH_DOCUMENTS or chars >= BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def judge_rows(
    rows: Sequence[Row], settings: CurateSettings, language: str, vocabulary: Vocabulary, funnel: Funnel
) -> Iterator[Row]:
    """The rows of one batch that pass; all are counted."""
    texts = [row["text"] for row in rows]
    ids, offsets = flatten(vocabulary.encode(texts))
    words = np.array([len(text.split()) for text in texts], np.int64)
    verdicts = judge_tokens(ids, offsets, words, vocabulary.strange, vocabulary.size, settings, language)
    for row, reason, pieces in zip(rows, verdicts, np.diff(offsets).tolist(), strict=True):
        funnel.add(row["source"], language, {"text": row["text"]}, reason, tokens=pieces)
        if reason is None:
            yield row
