"""Documents of .csv, .tsv and .parquet files: one column holds the text.

    title,text                                   columns are named by the header; a comma, semicolon, tab or bar
    Eins,"Erste Zeile,                      ->   parts them; a quoted cell may hold line ends and them
    zweite Zeile"

A .tsv quotes nothing: a tab always parts two columns. A table without the column is one fault, not one a row.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from dragoman.corpus.sources.blocks import Block
from dragoman.corpus.sources.faults import MAX_LINE_BYTES, Damaged, Fault, not_text, not_wanted
from dragoman.corpus.sources.lines import batches_of
from dragoman.corpus.sources.shards import Batch, Shard, Sizes
from dragoman.errors import nearest
from dragoman.recipe.data import MonoSource

DELIMITERS = ",;\t|"
SKIPPED = "\udfff"  # stands in a csv row where a line too long to be read stood; no text can hold it
MANY = 1000  # rows of a .parquet file that are read at once, at most

Row = tuple[int, list[str] | Fault]  # (line in which it starts, cells)


def csv_batches(blocks: Iterable[Block], name: str, source: MonoSource) -> Iterator[Batch]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE_BYTES))  # of the process; 131,072 would lose documents
    lines = _csv_lines(blocks)
    first = next(lines, "")
    headers = [next(csv.reader([first], delimiter=delimiter), []) for delimiter in DELIMITERS]
    header = next((cells for cells in headers if source.text_field in cells), headers[0])
    delimiter = DELIMITERS[headers.index(header)]
    yield from _table(header, _csv_rows(lines, delimiter, name), name, source)


def _csv_lines(blocks: Iterable[Block]) -> Iterator[str]:
    """The lines with their ends; bytes that are not UTF-8 as lone surrogates, so that only their cells suffer."""
    for block in blocks:
        if block.too_long:
            yield f"{SKIPPED}\n"
        else:
            text = block.data.decode("utf-8-sig" if block.offset == 0 else "utf-8", errors="surrogateescape")
            lines = text.split("\n")
            yield from (f"{line}\n" for line in lines[:-1])
            if lines[-1]:
                yield lines[-1]


def _csv_rows(lines: Iterator[str], delimiter: str, name: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 2  # behind the header, and lines count from 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            end = reader.line_num + 1
            lost = f"lines {start} to {end} make no row" if end > start else "the line makes no row"
            yield start, Fault("bad_row", f"{name} line {start}", f"{lost}: {error}")
            continue
        if row:
            yield start, row


def tsv_batches(blocks: Iterable[Block], name: str, source: MonoSource) -> Iterator[Batch]:
    lines = _tsv_lines(blocks)
    _, header = next(lines, (1, []))
    if isinstance(header, Fault):
        raise Damaged(f"the header cannot be read: {header.detail}", header.reason)
    yield from _table(header, lines, name, source)


def _tsv_lines(blocks: Iterable[Block]) -> Iterator[Row]:
    number = 0
    for block in blocks:
        for _, rows in block.rows():
            for row in rows:
                number += 1
                if row:
                    yield number, row if isinstance(row, Fault) else row.split("\t")


def _table(header: Sequence[str], rows: Iterable[Row], name: str, source: MonoSource) -> Iterator[Batch]:
    text, language = _column(header, source.text_field), None
    if source.language_field is not None:
        language = _column(header, source.language_field)

    def documents() -> Iterator[tuple[int, str | Fault | None]]:
        for number, (line, cells) in enumerate(rows):
            found: str | Fault | None
            if isinstance(cells, Fault):
                found = cells
            else:
                judged = _cell(cells, len(header), text, language, source)
                found = Fault(judged[0], f"{name} line {line}", judged[1]) if isinstance(judged, tuple) else judged
            yield number, found

    yield from batches_of(documents())


def _cell(
    cells: list[str], columns: int, text: int, language: int | None, source: MonoSource
) -> str | tuple[str, str] | None:
    if any(SKIPPED in cell for cell in cells):
        return "line_too_long", "the row holds a line too long to be read"
    if len(cells) != columns:
        return "bad_row", f"{len(cells)} columns, the header has {columns}"
    if language is not None and cells[language] != (source.language_value or source.language):
        return None
    return not_text(cells[text], source.text_field) or cells[text]


def _column(header: Sequence[str], name: str) -> int:
    if name not in header:
        known = nearest(name, header)
        raise Damaged(f"no column '{name}': {known or 'the header is empty'}", "missing_field")
    return list(header).index(name)


def parquet_batches(stream: BinaryIO, shard: Shard, name: str, source: MonoSource, sizes: Sizes) -> Iterator[Batch]:
    """The rows of the row groups that start in the shard's bytes; only the columns needed are read.

    What concerns the whole file is a fault of its first part.
    """
    import pyarrow as pa

    fields = [source.text_field, *([source.language_field] if source.language_field is not None else [])]
    try:
        file = _parquet_file(stream, fields)
    except Damaged:
        if shard.start == 0:
            raise
        return
    row = 0
    try:
        for group, row in _groups(file, shard):
            for rows in file.iter_batches(_many(file, group, sizes), [group], list(dict.fromkeys(fields)), False):
                yield from batches_of(_parquet_rows(rows, row, name, source))
                row += rows.num_rows
    except (pa.ArrowException, OSError) as error:
        raise Damaged(str(error), place=f"after row {row}") from error


def _parquet_file(stream: BinaryIO, fields: Sequence[str]) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    if stream.seek(0, os.SEEK_END) == 0:
        raise Damaged("the file is empty", "empty_file")
    try:
        file = pq.ParquetFile(stream, pre_buffer=False, buffer_size=1 << 20)
    except (pa.ArrowException, OSError) as error:
        raise Damaged(str(error)) from error
    _check_columns(file.schema_arrow, fields, file.metadata.num_rows)
    return file


def _check_columns(schema: Any, fields: Sequence[str], rows: int) -> None:
    import pyarrow.types as types

    for name in fields:
        if name not in schema.names:
            raise Damaged(f"no column '{name}': {nearest(name, schema.names)}", "missing_field")
        kind = schema.field(name).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        checks = (types.is_string, types.is_large_string, types.is_string_view, types.is_binary, types.is_large_binary)
        if not any(check(kind) for check in checks):
            raise Damaged(f"column '{name}' is {kind}, not text", "wrong_type")
    if rows == 0:
        raise Damaged("the table has no rows", "empty_file")


def _groups(file: Any, shard: Shard) -> Iterator[tuple[int, int]]:
    """(row group, number of its first row) of those whose first byte lies in the shard."""
    row = 0
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        column = group.column(0)
        start = column.dictionary_page_offset or column.data_page_offset
        if shard.start <= start and (shard.stop is None or start < shard.stop):
            yield number, row
        row += group.num_rows


def _many(file: Any, group: int, sizes: Sizes) -> int:
    """Rows of a group that are about `Sizes.block` bytes."""
    found = file.metadata.row_group(group)
    rows: int = found.num_rows * sizes.block // max(1, found.total_byte_size)
    return max(1, min(MANY, sizes.documents, rows))


def _parquet_rows(rows: Any, first: int, name: str, source: MonoSource) -> Iterator[tuple[int, str | Fault | None]]:
    texts = _values(rows.column(source.text_field))
    languages = _values(rows.column(source.language_field)) if source.language_field is not None else None
    wanted = source.language_value or source.language
    for index, text in enumerate(texts):
        bad = None
        if languages is not None and languages[index] != wanted:
            bad = not_wanted(languages[index], str(source.language_field))
            if bad is None:
                continue
        bad = bad or not_text(text, source.text_field)
        yield first + index, Fault(bad[0], f"{name} row {first + index + 1}", bad[1]) if bad else text


def _values(column: Any) -> list[Any]:
    """The texts of an Arrow column; bytes that are not UTF-8 as lone surrogates."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not pa.types.is_binary(column.type) and not pa.types.is_large_binary(column.type):
        try:
            return list(column.to_pylist())
        except UnicodeDecodeError:
            column = column.cast(pa.large_binary())
    return [None if value is None else value.decode("utf-8", "surrogateescape") for value in column.to_pylist()]
