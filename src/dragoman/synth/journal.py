"""The journal: one row a request in SQLite, so that nothing that was answered is ever asked again.

    with Journal.open(folder / "journal.sqlite") as journal:
        journal.add(requests)                          those it knows already cost nothing
        journal.claim("8f3c..."); journal.finish("8f3c...", reply, cost=0.0002)
        for entry in journal.look_up(requests): ...    in the order of `requests`

    open ---claim---> asked ---finish---> done         an answer, paid for
                        |-------fail----> failed       an error, with its reason
                        |-------reopen--> open         asked again later

Every method is a transaction, and those called inside `with journal.transaction()` are one together. A row that a
killed run left `asked` is open again when the journal is opened next, and its estimate stands under what was spent: the
service may have charged for it. What a run is about is its round: rows that an earlier run added and did not ask stay
where they are, and are not asked unless this run adds them too.

WAL with synchronous=FULL: a commit is on the disk before it returns. Commits are shared by all requests that end at the
same time, so this costs one fsync for many rows. No key is ever written: a row holds what is asked, not how.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

import orjson

from dragoman.synth.items import Prices, Reply, Request
from dragoman.synth.journal_file import Added, Entry, Spent, State, clean, connected, held, in_words, packed, spend
from dragoman.synth.journal_reader import CHUNK, JournalReader

__all__ = ["Added", "Entry", "Journal", "Spent", "State"]

CACHE_KIB = 16_384


class Journal(JournalReader):
    """A journal that this process alone writes to. For one thread."""

    @classmethod
    def open(cls, path: Path, prices: Prices | None = None) -> Self:
        """The journal at `path`, made if need be; `prices`: of what a killed run left on its way.

        Raises `RunError` for a file that is no journal, is damaged, of another format, or held by another process.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(held(path))
            connection = connected(path, make=True)
            stack.callback(connection.close)
            with in_words(path):
                for setting in ("journal_mode = WAL", "synchronous = FULL", f"cache_size = -{CACHE_KIB}"):
                    connection.execute(f"PRAGMA {setting}")
            journal = cls(path, connection)
            journal._begin(prices)
            journal._at_end = stack.pop_all()
        return journal

    def _begin(self, prices: Prices | None) -> None:
        with self.transaction() as sql:
            sql.execute("UPDATE meta SET value = value + 1 WHERE name = 'round'")
            self._round = sql.execute("SELECT value FROM meta WHERE name = 'round'").fetchone()[0]
            lost = sql.execute("SELECT id, request FROM requests WHERE state = 'asked' AND batch IS NULL").fetchall()
            for id, text in lost:
                self.reopen(id, "killed on its way", Spent.guess(Request.from_dict(orjson.loads(text)), prices))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that happens inside is written at once, or not at all."""
        with self.reading():
            if self._inside:
                yield self._connection
                return
            self._connection.execute("BEGIN IMMEDIATE")
            self._inside = True
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
            finally:
                self._inside = False

    def add(self, requests: Iterable[Request]) -> Added:
        """Note what this run wants to have asked, in this order. Streams `requests`; one twice counts as known."""
        total = [0, 0, 0]
        stream = iter(requests)
        while chunk := list(itertools.islice(stream, CHUNK)):
            with self.transaction() as sql:
                for request in chunk:
                    total[self._add(sql, request)] += 1
        return Added(*total)

    def _add(self, sql: sqlite3.Connection, request: Request) -> int:
        found = sql.execute(
            "SELECT place, state, permanent, round FROM requests WHERE id = ?", (request.id,)
        ).fetchone()
        if found is None:
            row = (request.id, self._round, packed(request), time.time())
            sql.execute("INSERT INTO requests (id, round, request, state, added) VALUES (?, ?, ?, 'open', ?)", row)
            return 0
        place, state, permanent, round = found
        if state == "done" or (state == "failed" and (permanent or round == self._round)):
            return 2
        again = "open" if state == "failed" else state  # one that an earlier run gave up gets another chance
        sql.execute("UPDATE requests SET round = ?, state = ? WHERE place = ?", (self._round, again, place))
        return 1

    def waiting(self, after: int = 0, most: int = CHUNK) -> list[tuple[int, Request]]:
        """The next open requests of this round behind place `after`, and their places."""
        with self.transaction() as sql:
            found = sql.execute(
                "SELECT place, request FROM requests WHERE state = 'open' AND round = ? AND place > ?"
                " ORDER BY place LIMIT ?",
                (self._round, after, most),
            ).fetchall()
        return [(place, Request.from_dict(orjson.loads(text))) for place, text in found]

    def claim(self, id: str) -> None:
        """An open request goes on its way."""
        with self.transaction() as sql:
            changed = sql.execute(
                "UPDATE requests SET state = 'asked', tries = tries + 1, asked = ? WHERE id = ? AND state = 'open'",
                (time.time(), id),
            )
            if changed.rowcount != 1:
                raise AssertionError(f"request {id} is not open")

    def finish(self, id: str, reply: Reply, *, teacher: str, cost: float | None) -> bool:
        """An answer has come. False, and nothing is counted, where the request is not on its way (any more)."""
        with self.transaction() as sql:
            changed = sql.execute(
                "UPDATE requests SET state = 'done', batch = NULL, answer = ?, finish = ?, model = ?, teacher = ?,"
                " tokens_in = ?, tokens_out = ?, cost = ?, finished = ? WHERE id = ? AND state = 'asked'",
                (
                    clean(reply.text),
                    reply.finish,
                    clean(reply.model),
                    clean(reply.teacher or teacher),
                    reply.tokens_in,
                    reply.tokens_out,
                    cost,
                    time.time() if reply.written is None else reply.written,
                    id,
                ),
            )
            if changed.rowcount:
                spend(sql, Spent(1, reply.tokens_in, reply.tokens_out, cost or 0.0))
            return bool(changed.rowcount)

    def fail(self, id: str, reason: str, *, permanent: bool, spent: Spent) -> bool:
        """A request on its way came to nothing. `permanent`: no later run asks it again. False as in `finish`."""
        with self.transaction() as sql:
            changed = sql.execute(
                "UPDATE requests SET state = 'failed', batch = NULL, error = ?, permanent = ?, finished = ?"
                " WHERE id = ? AND state = 'asked'",
                (clean(reason), permanent, time.time(), id),
            )
            if changed.rowcount:
                spend(sql, spent)
            return bool(changed.rowcount)

    def reopen(self, id: str, reason: str, spent: Spent) -> bool:
        """A request on its way has to be asked again. False as in `finish`."""
        with self.transaction() as sql:
            changed = sql.execute(
                "UPDATE requests SET state = 'open', batch = NULL, error = ? WHERE id = ? AND state = 'asked'",
                (clean(reason), id),
            )
            if changed.rowcount:
                spend(sql, spent)
            return bool(changed.rowcount)

    def take_in(self, entry: Entry) -> bool:
        """A row of another journal that came to an end. False where its request is known already."""
        reply = entry.reply or Reply("", 0, 0)
        done = entry.state == "done"
        row = (
            *(entry.request.id, packed(entry.request), entry.state, entry.permanent, entry.tries, entry.error),
            *((reply.teacher, reply.model, clean(reply.text), reply.finish) if done else (None,) * 4),
            *((reply.tokens_in, reply.tokens_out, entry.cost, reply.written) if done else (None,) * 4),
            time.time(),
        )
        with self.transaction() as sql:
            changed = sql.execute(
                "INSERT OR IGNORE INTO requests (round, id, request, state, permanent, tries, error, teacher, model,"
                f" answer, finish, tokens_in, tokens_out, cost, finished, added) VALUES (0{', ?' * len(row)})",
                row,
            )
            return bool(changed.rowcount)
