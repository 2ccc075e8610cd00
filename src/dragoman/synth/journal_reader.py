"""What can be read from a journal, by who writes to it and by who only replays it. See `journal`."""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.synth.items import Request
from dragoman.synth.journal_file import ENTRY, Entry, Spent, State, connected, in_words, unpacked

CHUNK = 512  # rows of one query, or of one transaction of `add`


class JournalReader:
    """A journal that is not written to. For one thread."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection, self._at_end = connection, contextlib.ExitStack()
        self._inside, self._round = False, 0

    @classmethod
    def open(cls, path: Path) -> Self:
        """The journal at `path`. Raises `RunError` for a file that is no journal, is damaged or of another format."""
        reader = cls(path, connected(path, make=False))
        reader._at_end.callback(reader._connection.close)
        return reader

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._at_end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection; what SQLite cannot do is said in words."""
        with in_words(self.path):
            yield self._connection

    def counts(self, *, this_round: bool = False) -> dict[State, int]:
        """How many requests are in each state; `this_round`: of those that this run added and that were not done."""
        where, values = (" WHERE round = ?", (self._round,)) if this_round else ("", ())
        counts: dict[State, int] = {"open": 0, "asked": 0, "done": 0, "failed": 0}
        with self.reading() as sql:
            counts.update(sql.execute(f"SELECT state, count(*) FROM requests{where} GROUP BY state", values).fetchall())
        return counts

    def spent(self) -> Spent:
        """What all runs on this journal used up."""
        with self.reading() as sql:
            return Spent(*sql.execute("SELECT requests, tokens_in, tokens_out, cost FROM spent").fetchone())

    def look_up(self, requests: Iterable[Request | str]) -> Iterator[Entry]:
        """What came of each of `requests` (or their ids), in their order; unknown ones are left out. Streamed."""
        stream = (request if isinstance(request, str) else request.id for request in requests)
        while chunk := list(itertools.islice(stream, CHUNK)):
            with self.reading() as sql:
                marks = ", ".join("?" * len(chunk))
                rows = sql.execute(f"SELECT id, {ENTRY} FROM requests WHERE id IN ({marks})", chunk).fetchall()
            found = {id: rest for id, *rest in rows}
            yield from (unpacked(found[id]) for id in chunk if id in found)

    def unfinished(self, requests: Iterable[Request]) -> Iterator[Request]:
        """Those of `requests` that have to be asked, in their order: not known, or not at an end."""
        stream = iter(requests)
        while chunk := list(itertools.islice(stream, CHUNK)):
            with self.reading() as sql:
                query = (
                    f"SELECT id FROM requests WHERE id IN ({', '.join('?' * len(chunk))})"
                    " AND (state = 'done' OR (state = 'failed' AND permanent))"
                )
                finished = {id for (id,) in sql.execute(query, [request.id for request in chunk])}
            yield from (request for request in chunk if request.id not in finished)

    def entries(self) -> Iterator[Entry]:
        """All rows, in the order in which they were added."""
        after = 0
        while True:
            with self.reading() as sql:
                query = f"SELECT place, {ENTRY} FROM requests WHERE place > ? ORDER BY place LIMIT {CHUNK}"
                rows = sql.execute(query, (after,)).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            yield from (unpacked(row[1:]) for row in rows)
