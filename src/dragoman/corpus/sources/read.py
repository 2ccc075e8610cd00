"""One shard read: texts and faults in batches, streamed.

A file that cannot be read to its end gives what comes before, and one fault for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from dragoman import embedded
from dragoman.corpus.sources.blocks import shard_blocks
from dragoman.corpus.sources.faults import Damaged, Fault, Unreachable
from dragoman.corpus.sources.lines import batches_of, jsonl, txt_file, txt_lines, txt_paragraphs
from dragoman.corpus.sources.plan import EMBEDDED, REMOTE, form, packing, plan_shards
from dragoman.corpus.sources.shards import Batch, Shard, Sizes
from dragoman.corpus.sources.tables import csv_batches, parquet_batches, tsv_batches
from dragoman.corpus.sources.web import html_batches, warc_batches
from dragoman.errors import DataError
from dragoman.io import decompress
from dragoman.recipe.data import MonoSource


def read_shard(shard: Shard, source: MonoSource, sizes: Sizes | None = None) -> Iterator[Batch]:
    """The documents of a shard, at most `source.limit` of them; blank ones included, those of other languages not.

    Raises `DataError` only for what no other file would mend: a missing package, a hub that wants a login.
    """
    sizes = sizes or Sizes()
    found = _one_after_another(shard, source, sizes) if len(shard.paths) > 1 else _file(shard, 0, source, sizes)
    return _limited(_even(found, sizes), source.limit)


def _one_after_another(shard: Shard, source: MonoSource, sizes: Sizes) -> Iterator[Batch]:
    """Positions go on from file to file; they are numbers of documents then."""
    count = 0
    for index in range(len(shard.paths)):
        for batch in _file(shard, index, source, sizes):
            yield Batch(batch.texts, batch.faults, count)
            count += len(batch.texts)


def _file(shard: Shard, index: int, source: MonoSource, sizes: Sizes) -> Iterator[Batch]:
    name = shard.names[index]
    try:
        if shard.paths[index].startswith(EMBEDDED):
            texts = embedded.documents(shard.paths[index].removeprefix(EMBEDDED))
            yield from batches_of(enumerate(texts))
        else:
            with closing(_opened(shard.paths[index])) as stream:
                yield from _documents(stream, shard, name, source, sizes)
    except Unreachable as error:
        yield Batch([], [Fault("unreachable", name, str(error))])
    except Damaged as error:
        yield Batch([], [Fault(error.reason, f"{name} {error.place}".strip(), error.detail)])


def _opened(path: str) -> BinaryIO:
    if path.startswith(REMOTE):
        from dragoman.corpus.sources.hub import open_hub

        return open_hub(path)
    try:
        return open(path, "rb")
    except OSError as error:
        raise Damaged(error.strerror or str(error), "unreadable") from None


def _documents(stream: BinaryIO, shard: Shard, name: str, source: MonoSource, sizes: Sizes) -> Iterator[Batch]:
    kind, packed = form(name), packing(name)
    if kind == ".parquet":
        yield from parquet_batches(stream, shard, name, source, sizes)
        return
    if not (kind == ".warc" and packed == ".zst"):
        stream = decompress(stream, packed)
    if kind == ".warc":
        yield from warc_batches(stream, name, sizes.longest)
    elif kind == ".html":
        yield from html_batches(stream, name, sizes.longest)
    elif kind == ".txt" and source.document == "file":
        yield from txt_file(stream, name, sizes.longest)
    else:
        blocks = shard_blocks(stream, shard, name, sizes)
        if kind == ".jsonl":
            yield from jsonl(blocks, source)
        elif kind == ".csv":
            yield from csv_batches(blocks, name, source)
        elif kind == ".tsv":
            yield from tsv_batches(blocks, name, source)
        elif source.document == "paragraph":
            yield from txt_paragraphs(blocks, sizes.longest)
        else:
            yield from txt_lines(blocks)


def _even(batches: Iterator[Batch], sizes: Sizes) -> Iterator[Batch]:
    """Batches of `sizes`: small ones that follow each other without a gap are joined, large ones are cut."""
    joined, chars = Batch([]), 0
    for batch in batches:
        for part in _cut(batch, sizes):
            more = sum(map(len, part.texts))
            full = len(joined.texts) + len(part.texts) > sizes.documents or chars + more > sizes.chars
            gap = joined.texts and part.texts and part.position != joined.position + len(joined.texts)
            full = full or len(joined.faults) + len(part.faults) > sizes.documents
            if (full or gap) and (joined.texts or joined.faults):
                yield joined
                joined, chars = Batch([]), 0
            joined.position = (joined if joined.texts else part).position
            joined.texts += part.texts
            joined.faults += part.faults
            chars += more
    if joined.texts or joined.faults:
        yield joined


def _cut(batch: Batch, sizes: Sizes) -> Iterator[Batch]:
    if len(batch.texts) <= sizes.documents and sum(map(len, batch.texts)) <= sizes.chars:
        yield batch
        return
    first = chars = 0
    for index, text in enumerate(batch.texts):
        if index > first and (chars + len(text) > sizes.chars or index - first == sizes.documents):
            yield Batch(batch.texts[first:index], [], batch.position + first)
            first, chars = index, 0
        chars += len(text)
    yield Batch(batch.texts[first:], batch.faults, batch.position + first)


def _limited(batches: Iterator[Batch], limit: int | None) -> Iterator[Batch]:
    left = limit
    for batch in batches:
        if left is not None and len(batch.texts) >= left:
            yield Batch(batch.texts[:left], batch.faults, batch.position)
            return
        left = None if left is None else left - len(batch.texts)
        yield batch


def read_documents(source: MonoSource, root: Path, sizes: Sizes | None = None) -> Iterator[str]:
    """The documents of one source in their order, in one process; the first fault is a `DataError`."""
    for shard in plan_shards(source, root, sizes, split=False):
        for batch in read_shard(shard, source, sizes):
            yield from batch.texts
            for fault in batch.faults:
                raise DataError(fault.detail, where=f"{fault.where}, {fault.reason}")
