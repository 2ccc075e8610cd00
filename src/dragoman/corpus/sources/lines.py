"""Documents of .txt and .jsonl files, from blocks of lines.

{"id": 7, "text": "Erster Satz.\\nZweiter."}     ->  "Erster Satz.\\nZweiter."
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import orjson

from dragoman.corpus.sources.blocks import BOM, ROWS, Block, fill, foreign
from dragoman.corpus.sources.faults import Damaged, Fault, not_text, not_wanted
from dragoman.corpus.sources.shards import Batch
from dragoman.errors import nearest
from dragoman.recipe.data import MonoSource


def txt_lines(blocks: Iterable[Block]) -> Iterator[Batch]:
    """Every line is a document, blank ones too."""
    for block in blocks:
        for first, rows in block.rows():
            texts = [row for row in rows if isinstance(row, str)]
            faults = [row for row in rows if isinstance(row, Fault)] if len(texts) < len(rows) else []
            yield Batch(texts, faults, block.offset + first)


def txt_paragraphs(blocks: Iterable[Block], longest: int) -> Iterator[Batch]:
    """Runs of lines with something in them. One with an unreadable line is one fault, the first."""
    lines: list[str] = []
    fault: Fault | None = None
    size = number = 0

    def finished() -> Batch:
        return Batch([], [fault], number) if fault else Batch(["\n".join(lines)], [], number)

    for block in blocks:
        for first, rows in block.rows():
            for index, row in enumerate(rows, first):
                if isinstance(row, Fault):
                    fault, lines = fault or row, []
                elif row.strip():
                    size += len(row) + 1
                    if fault is None and size > longest:
                        fault, lines = Fault("line_too_long", block.where(index), "a paragraph is too long"), []
                    if fault is None:
                        lines.append(row)
                elif lines or fault:
                    yield finished()
                    lines, fault, size, number = [], None, 0, number + 1
    if lines or fault:
        yield finished()


def txt_file(stream: BinaryIO, name: str, longest: int) -> Iterator[Batch]:
    """The whole file is one document."""
    data, broken = fill(stream, b"", longest + 1)
    if broken or (broken := foreign(data[:8])):
        raise broken
    if not data:
        raise Damaged("the file is empty", "empty_file")
    if len(data) > longest:
        raise Damaged(f"the file has more than {longest:,} bytes", "line_too_long")
    if b"\x00" in data:
        raise Damaged("a NUL byte: this is no text", "nul_byte", f"byte {data.index(0)}")
    try:
        text = data.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise Damaged(
            f"byte 0x{error.object[error.start]:02x} is not UTF-8", "not_utf8", f"byte {error.start}"
        ) from None
    yield Batch([text.replace("\r\n", "\n").removesuffix("\n")])


def jsonl(blocks: Iterable[Block], source: MonoSource) -> Iterator[Batch]:
    """The text field of every object; a line of mere white space holds none."""
    for block in blocks:
        for first, rows in block.rows():
            texts = _sound(rows, source)
            faults: list[Fault] = []
            if texts is not None:
                yield Batch(texts, faults, block.offset + first)
                continue
            texts = []
            for index, row in enumerate(rows, first):
                found = row if isinstance(row, Fault) else _document(row, source)
                if isinstance(found, str):
                    texts.append(found)
                elif isinstance(found, Fault):
                    faults.append(found)
                elif found is not None:
                    faults.append(Fault(found[0], block.where(index), found[1]))
            yield Batch(texts, faults, block.offset + first)


def _sound(rows: Sequence[str | Fault], source: MonoSource) -> list[str] | None:
    """The texts of lines that are all sound and wanted, parsed at once; None where they must be asked one by one."""
    if source.language_field is not None:
        return None
    try:
        joined = ",\n".join(rows)  # type: ignore[arg-type]  # a fault among them is a TypeError
        whole = joined[:1] == "{" and joined[-1:] == "}" and joined.count("},\n{") == len(rows) - 1
        if not whole or "\\u" in joined:  # an object over two lines would pass for one
            return None
        texts = [row[source.text_field] for row in orjson.loads(f"[{joined}]")]
    except (TypeError, KeyError, IndexError, orjson.JSONDecodeError):
        return None
    return texts if len(texts) == len(rows) and set(map(type, texts)) == {str} else None


def _document(line: str, source: MonoSource) -> str | tuple[str, str] | None:
    """The text of a line, (reason, detail) where it has none, None where it is of another language or blank."""
    try:
        row = _parsed(line)
        if source.language_field is not None and row[source.language_field] != (
            source.language_value or source.language
        ):
            return not_wanted(row[source.language_field], source.language_field)
        text = row[source.text_field]
    except (ValueError, RecursionError) as error:
        return ("not_json", _json_words(error)) if line and not line.isspace() else None
    except (KeyError, TypeError):
        return _no_field(row, source)
    if not isinstance(text, str) or "\\u" in line:
        return not_text(text, source.text_field) or str(text)
    return text


def _parsed(line: str) -> Any:
    """The value of a line: by orjson at twice the speed, by json what orjson refuses (NaN, half surrogate pairs)."""
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line)


def _no_field(row: Any, source: MonoSource) -> tuple[str, str]:
    if not isinstance(row, dict):
        return "not_json", "the line is not a JSON object"
    name = source.text_field if source.language_field in (None, *row) else str(source.language_field)
    return "missing_field", f"no field '{name}': {nearest(name, row)}"


def _json_words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "too deeply nested" if isinstance(error, RecursionError) else "a number has too many digits"


def batches_of(rows: Iterable[tuple[int, str | Fault | None]]) -> Iterator[Batch]:
    """(number of the row, its text or fault, None: of another language) in batches."""
    batch = Batch([])
    try:
        for number, found in rows:
            if len(batch.texts) + len(batch.faults) == ROWS:
                yield batch
                batch = Batch([])
            if isinstance(found, Fault):
                batch.faults.append(found)
            elif found is not None:
                batch.position = batch.position if batch.texts else number
                batch.texts.append(found)
    except Damaged:
        yield batch
        raise
    yield batch
