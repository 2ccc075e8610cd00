"""Clean documents as one file for other programs, in the format and the packing that its ending names.

    {"text": "Es war einmal ...", "source": "books"}     ->   clean.jsonl, .parquet, .txt;  .jsonl and .txt also packed

Several languages in one file: every document says its own.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import lzma
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, cast

from dragoman.errors import RecipeError
from dragoman.io import COMPRESSIONS, atomic_writer, data_suffix

OUTPUTS = (".jsonl", ".parquet", ".txt")
GROUP_ROWS, GROUP_CHARS = 20_000, 32_000_000  # of a .parquet row group, whatever comes first

Row = dict[str, str]


def check_output(path: Path) -> None:
    """Raise `RecipeError` for a name whose ending is no format of ours."""
    if data_suffix(path) in OUTPUTS and not (data_suffix(path) == ".parquet" and path.suffix in COMPRESSIONS):
        return
    ending = "".join(path.suffixes[-2:])
    what = f"documents cannot be written as '{ending}'" if ending else "the name of the output has no ending"
    known = "name it .jsonl, .parquet or .txt; .jsonl and .txt also .gz, .xz or .zst"
    raise RecipeError(what, where=path, do=f"{known}; or give - for standard output")


def write_documents(documents: Mapping[str, Path], path: Path, *, name_language: bool) -> None:
    """All documents of `documents` (language -> JSON Lines) into `path`, atomically; the same bytes every time."""
    with atomic_writer(path) as stream:
        if path.suffix == ".parquet":
            _write_parquet(_rows(documents, name_language), stream, name_language)
            return
        with _packed(stream, path.suffix) as packed:
            lines = json_lines(documents, name_language=name_language)
            if data_suffix(path) == ".txt":
                lines = map(_paragraph, _rows(documents, name_language))
            for line in lines:
                packed.write(line)


def json_lines(documents: Mapping[str, Path], *, name_language: bool) -> Iterator[bytes]:
    """All documents, one JSON object a line."""
    if name_language:
        for row in _rows(documents, name_language):
            yield json.dumps(row, ensure_ascii=False).encode() + b"\n"
        return
    for path in documents.values():
        with open(path, "rb") as stream:
            yield from stream


def _rows(documents: Mapping[str, Path], name_language: bool) -> Iterator[Row]:
    for language, path in documents.items():
        with open(path, "rb") as stream:
            for line in stream:
                row: Row = json.loads(line)
                yield {**row, "language": language} if name_language else row


def _paragraph(row: Row) -> bytes:
    """A document as its lines; a blank line ends it, so its own blank lines go."""
    return "\n".join([*(line for line in row["text"].split("\n") if line.strip()), "", ""]).encode()


@contextlib.contextmanager
def _packed(stream: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    """`stream`, or what compresses into it."""
    makers: dict[str, Callable[[], Any]] = {
        ".gz": lambda: gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=stream, mtime=0),
        ".xz": lambda: lzma.LZMAFile(stream, "wb"),  # noqa: SIM115
        ".zst": lambda: _zst(stream),
    }
    if suffix not in makers:
        yield stream
        return
    with makers[suffix]() as packed:
        yield packed


def _zst(stream: IO[bytes]) -> io.BufferedWriter:
    import zstandard

    return cast(io.BufferedWriter, zstandard.ZstdCompressor(level=9).stream_writer(stream, closefd=False))


def _write_parquet(rows: Iterable[Row], stream: IO[bytes], name_language: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("text", "source", "language") if name_language else ("text", "source")
    schema = pa.schema([(name, pa.string()) for name in names])
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        for group in _groups(rows):
            writer.write_table(pa.Table.from_pylist(group, schema=schema))


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    group, chars = list[Row](), 0
    for row in rows:
        group.append(row)
        chars += len(row["text"])
        if len(group) == GROUP_ROWS or chars >= GROUP_CHARS:
            yield group
            group, chars = [], 0
    if group:
        yield group
