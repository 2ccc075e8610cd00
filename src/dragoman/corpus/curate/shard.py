"""One shard, cleaned: what a worker does, and the files it leaves.

    shards/000-000017.jsonl        kept documents as they go out: {"text": "Es war einmal ...", "source": "books"}
    shards/000-000017.signatures   one MinHash signature a kept document (uint32, 112 each), if near copies are dropped
    shards/000-000017.lines        keys of the kept documents' longer lines (uint64), if repeated lines are cut
    shards/000-000017.npz          one row a kept document: where it lies in the files above, its keys and sizes
    shards/000-000017.json         the account; written last: a shard without it is not done

Every file appears complete or not at all, so a killed run goes on with the shards that have no account.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import orjson
import xxhash
from numpy.typing import NDArray

from dragoman.corpus.block import Block, Places
from dragoman.corpus.clean import Cleaned, Cleaner
from dragoman.corpus.funnel import Funnel
from dragoman.corpus.lines import line_keys
from dragoman.corpus.minhash import PERMUTATIONS, signatures
from dragoman.corpus.phrases import load_lists
from dragoman.corpus.rules import ORDER
from dragoman.corpus.sources import Batch, Shard, Sizes, read_shard
from dragoman.errors import DataError
from dragoman.io import atomic_writer, read_json, write_json
from dragoman.memory import keep_freed_memory
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import MonoSource

SIZES = Sizes(documents=8000, chars=1_000_000)  # a batch whose arrays stay in the processor's cache
INT_COLUMNS = ("at", "in_file", "position", "chars", "tokens", "line_at")
COLUMNS = (*INT_COLUMNS, "key", "content")


@dataclass(frozen=True)
class ShardFiles:
    """The names of a shard's files."""

    stem: Path

    @classmethod
    def of(cls, folder: Path, source_number: int, shard: Shard) -> ShardFiles:
        return cls(folder / f"{source_number:03d}-{shard.number:06d}")

    @property
    def documents(self) -> Path:
        return self.stem.with_suffix(".jsonl")

    @property
    def signatures(self) -> Path:
        return self.stem.with_suffix(".signatures")

    @property
    def lines(self) -> Path:
        return self.stem.with_suffix(".lines")

    @property
    def rows(self) -> Path:
        return self.stem.with_suffix(".npz")

    @property
    def account(self) -> Path:
        return self.stem.with_suffix(".json")

    def done(self) -> bool:
        """Whether the shard is finished."""
        return self.account.exists()

    def load_rows(self) -> dict[str, Places]:
        """The arrays of the kept documents; `at` and `line_at` have one entry more, where the last one ends."""
        with np.load(self.rows, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in COLUMNS}

    def load_signatures(self, count: int) -> NDArray[np.uint32]:
        """The signatures (count, 112), memory-mapped."""
        if count == 0:
            return np.empty((0, PERMUTATIONS), dtype=np.uint32)
        return np.memmap(self.signatures, dtype=np.uint32, mode="r", shape=(count, PERMUTATIONS))

    def load_lines(self, count: int) -> NDArray[np.uint64]:
        """The line keys (count,), memory-mapped."""
        return np.memmap(self.lines, dtype=np.uint64, mode="r", shape=(count,)) if count else np.empty(0, np.uint64)


class Task(NamedTuple):
    """A shard, and the number of its source among those of the recipe."""

    source: int
    shard: Shard

    def __str__(self) -> str:
        return f"shard {self.shard.number} of '{self.shard.source}' ({self.shard.names[0]})"


@dataclass(frozen=True)
class CurateShard:
    """The work on one shard, ready to be sent to a worker."""

    settings: CurateSettings
    sources: tuple[MonoSource, ...]
    pattern_files: tuple[Path, ...]
    checked: frozenset[str]
    folder: Path

    def __call__(self, task: Task) -> dict[str, int]:
        """Clean a shard; the result says what was read, unreadable and kept."""
        keep_freed_memory()
        number, shard = task
        source = self.sources[number]
        funnel = Funnel(ORDER)
        cleaner = self.cleaner(source.language)
        files = ShardFiles.of(self.folder, number, shard)
        with _Output(files, cleaner.settings) as output:
            for batch in read_shard(shard, source, SIZES):
                self._count_faults(batch, source, funnel)
                if batch.texts:
                    cleaned = cleaner.clean(batch.texts)
                    _enter(funnel, source, cleaned)
                    output.add(source.name, cleaned, shard.file, batch.position)
        count = funnel.total
        unreadable = sum(count.dropped[reason] for *_, reason in funnel.faults())
        result = {"read": count.read, "unreadable": unreadable, "kept": count.kept, "chars": count.chars_kept}
        write_json(files.account, {**result, "bytes": shard.size, "funnel": funnel.to_json()})
        return {**result, "bytes": shard.size}

    def cleaner(self, language: str) -> Cleaner:
        """The rules of a language."""
        own = self.settings.for_language(language)
        lists = load_lists(self.pattern_files, own.boilerplate_phrases, own.blocked_patterns)
        return Cleaner(own, lists, language if language in self.checked else None)

    def _count_faults(self, batch: Batch, source: MonoSource, funnel: Funnel) -> None:
        for fault in batch.faults:
            if self.settings.bad_input == "stop":
                raise DataError(
                    f"{fault.reason}: {fault.detail}",
                    where=f"{source.name}: {fault.where}",
                    do="mend it, or set curate.bad_input=skip to count such documents and go on",
                )
            funnel.fault(source.name, source.language, fault.reason, fault.where, fault.detail)


def load_account(files: ShardFiles) -> tuple[dict[str, int], Funnel]:
    """What a finished shard says of itself."""
    account: dict[str, Any] = read_json(files.account)
    return account, Funnel.from_json(account.pop("funnel"))


def _enter(funnel: Funnel, source: MonoSource, cleaned: Cleaned) -> None:
    """A batch into the account."""
    cuts = {
        what: (int(np.count_nonzero(chars)), int(chars.sum()), int(tokens.sum()))
        for what, (chars, tokens) in cleaned.cuts.items()
    }
    funnel.add_batch(
        source.name,
        source.language,
        cleaned.texts,
        cleaned.reasons,
        tokens=cleaned.tokens.tolist(),
        chars_read=int(cleaned.chars_read.sum()),
        tokens_read=int(cleaned.tokens_read.sum()),
        cut=cuts,
    )
    for what, texts in cleaned.cut_texts.items():
        for text in texts:
            funnel.sample_cut(source.name, source.language, text, what)


class _Output:
    """The files of a shard while it is worked on; they appear when the context ends well."""

    def __init__(self, files: ShardFiles, settings: CurateSettings) -> None:
        self.files = files
        self.copies = settings.duplicates != "none"
        self.near = settings.duplicates == "near"
        self.least = settings.repeated_line_min_chars if settings.repeated_line_documents is not None else None
        self.columns: dict[str, list[NDArray[Any]]] = {name: [] for name in COLUMNS}
        self.at = self.line_at = 0

    def __enter__(self) -> _Output:
        with contextlib.ExitStack() as stack:
            self.documents: IO[bytes] = stack.enter_context(atomic_writer(self.files.documents))
            self.signatures = stack.enter_context(atomic_writer(self.files.signatures)) if self.near else None
            self.lines = stack.enter_context(atomic_writer(self.files.lines)) if self.least is not None else None
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *raised: Any) -> None:
        if raised[0] is None:
            for name, end in (("at", self.at), ("line_at", self.line_at)):
                self.columns[name].append(np.array([end]))
            with atomic_writer(self.files.rows) as stream:
                stream.write(_packed(self.columns))
        self.stack.__exit__(*raised)

    def add(self, source: str, cleaned: Cleaned, file: int, position: int) -> None:
        """Write the kept documents of a batch."""
        kept = np.array([i for i, reason in enumerate(cleaned.reasons) if reason is None], dtype=np.int64)
        texts = [cleaned.texts[i] for i in kept.tolist()]
        rows = [line_of(text, source) for text in texts]
        sizes = np.fromiter(map(len, rows), dtype=np.int64, count=len(rows))
        self.documents.write(b"".join(rows))
        self._append("at", self.at + np.cumsum(sizes) - sizes)
        self.at += int(sizes.sum())
        self._append("in_file", np.full(len(kept), file))
        self._append("position", kept + position)
        self._append("chars", cleaned.block.lengths[kept])
        self._append("tokens", cleaned.tokens[kept])
        self._append("content", np.array([xxhash.xxh3_64_intdigest(row) for row in rows], dtype=np.uint64))
        self._add_keys(cleaned.block, kept)
        self._add_lines(texts)

    def _append(self, name: str, values: NDArray[Any]) -> None:
        self.columns[name].append(values)

    def _add_keys(self, block: Block, kept: Places) -> None:
        """Exact keys and signatures, both from the words: white space and case make no difference."""
        if not self.copies:
            self._append("key", np.zeros(len(kept), dtype=np.uint64))
            return
        hashes = block.word_hashes
        bounds = np.concatenate(([0], np.cumsum(block.words_of)))
        raw = hashes.tobytes()
        pieces = (
            raw[start * 8 : end * 8]
            for start, end in zip(bounds[kept].tolist(), bounds[kept + 1].tolist(), strict=True)
        )
        self._append("key", np.fromiter(map(xxhash.xxh3_64_intdigest, pieces), dtype=np.uint64, count=len(kept)))
        if self.signatures is not None:
            chosen = np.zeros(len(block), dtype=bool)
            chosen[kept] = True
            offsets = np.concatenate(([0], np.cumsum(block.words_of[kept])))
            found = signatures(hashes[chosen[block.words.owner]], offsets)
            self.signatures.write(np.ascontiguousarray(found).tobytes())

    def _add_lines(self, texts: Sequence[str]) -> None:
        """Keys of the lines that may be compared over documents."""
        if self.lines is None or self.least is None:
            self._append("line_at", np.zeros(len(texts), dtype=np.int64))
            return
        lines = [list(compared_lines(text, self.least)) for text in texts]
        self.lines.write(line_keys([line for some in lines for line in some]).tobytes())
        counts = list(map(len, lines))
        counted = np.array(counts, dtype=np.int64)
        self._append("line_at", self.line_at + np.cumsum(counted) - counted)
        self.line_at += int(counted.sum())


def compared_lines(text: str, least: int) -> Iterator[str]:
    """The lines of a document of several lines that are long enough to be compared with those of others."""
    if "\n" in text:
        yield from (line for line in text.split("\n") if len(line) >= least)


def line_of(text: str, source: str) -> bytes:
    """A document as it goes out."""
    return orjson.dumps({"text": text, "source": source}, option=orjson.OPT_APPEND_NEWLINE)


def _packed(columns: dict[str, list[NDArray[Any]]]) -> bytes:
    """The columns as an .npz archive."""
    types = {name: np.int64 if name in INT_COLUMNS else np.uint64 for name in COLUMNS}
    arrays = {name: np.concatenate([np.empty(0, types[name]), *parts]) for name, parts in columns.items()}
    archive = io.BytesIO()
    np.savez(archive, allow_pickle=False, **arrays)
    return archive.getvalue()
