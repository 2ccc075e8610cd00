"""A journal as JSON Lines, to ship it, and back.

    write_export(journal, Path("journal.jsonl.zst"))     {"journal": "dragoman", "format": 1}
                                                         {"id": "8f3c...", "request": {...}, "state": "done", ...}
    read_export(journal, Path("journal.jsonl.zst"))

Only what came to an end is written, in the order of asking; the same journal gives the same bytes.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import orjson

from dragoman.errors import DataError
from dragoman.io import atomic_writer, read_jsonl
from dragoman.synth.items import Reply, Request
from dragoman.synth.journal import Entry, Journal
from dragoman.synth.journal_file import FORMAT
from dragoman.synth.journal_reader import CHUNK

HEAD = {"journal": "dragoman", "format": FORMAT}
ZSTD_LEVEL = 19  # written once, read by everyone


def write_export(journal: Journal, path: Path) -> int:
    """Write what is done or failed to `path` (.jsonl or .jsonl.zst), atomically; returns how many."""
    count = 0
    with atomic_writer(path) as raw, _packing(raw, path) as stream:
        stream.write(orjson.dumps(HEAD) + b"\n")
        for entry in journal.entries():
            if entry.state in ("done", "failed"):
                stream.write(orjson.dumps(_row(entry)) + b"\n")
                count += 1
    return count


def read_export(journal: Journal, path: Path) -> int:
    """Take in what `write_export` wrote; returns how many rows were new. What they cost is not counted as spent.

    Raises `DataError` with the line for what is no export, or whose request is not the one its id stands for.
    """
    rows = enumerate(read_jsonl(path), start=1)
    _, head = next(rows, (0, {}))
    if head.get("journal") != HEAD["journal"] or head.get("format") != FORMAT:
        raise DataError("not the export of a journal", where=path, do=f"its first line is {HEAD}")
    count = 0
    while chunk := list(itertools.islice(rows, CHUNK)):
        with journal.transaction():
            count += sum(journal.take_in(_entry(row, path, number)) for number, row in chunk)
    return count


@contextlib.contextmanager
def _packing(raw: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != ".zst":
        yield raw
        return
    import zstandard

    with zstandard.ZstdCompressor(level=ZSTD_LEVEL).stream_writer(raw, closefd=False) as stream:
        yield cast(IO[bytes], stream)


def _row(entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"id": entry.request.id, "request": entry.request.as_dict(), "state": entry.state}
    row |= {"tries": entry.tries, "cost": entry.cost}
    if entry.reply is None:
        return {**row, "error": entry.error, "permanent": entry.permanent}
    return {**row, "reply": vars(entry.reply)}


def _entry(row: dict[str, Any], path: Path, number: int) -> Entry:
    try:
        request = Request.from_dict(row["request"])
        known = request.id == row["id"]
        reply = Reply(**row["reply"]) if row["state"] == "done" else None
        entry = Entry(
            request, row["state"], reply, row.get("error"), row.get("permanent", False), row["tries"], row["cost"]
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"line {number} is no row of a journal ({error})", where=path, do="export it again") from None
    if not known or entry.state not in ("done", "failed"):
        raise DataError(f"line {number} was changed: its id belongs to another request", where=path, do="export again")
    return entry
