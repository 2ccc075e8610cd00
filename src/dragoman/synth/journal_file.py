"""The file of a journal: its tables, what a row says, and what can be wrong with it. See `journal`."""

from __future__ import annotations

import contextlib
import errno
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from dragoman.errors import RunError
from dragoman.io import disk_error
from dragoman.synth.items import Prices, Reply, Request

FORMAT = 1
APPLICATION = 0x44524147  # "DRAG", so that `file` and we know whose database it is
CHUNK = 512  # rows of one query or of one transaction of `add`
CACHE_KIB = 16_384
State = Literal["open", "asked", "done", "failed"]
_SCHEMA = f"""
CREATE TABLE requests (
  place INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  round INTEGER NOT NULL,
  request TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'asked', 'done', 'failed')),
  permanent INTEGER,
  tries INTEGER NOT NULL DEFAULT 0,
  batch INTEGER REFERENCES batches,
  teacher TEXT, model TEXT, answer TEXT, finish TEXT, error TEXT,
  tokens_in INTEGER, tokens_out INTEGER, cost REAL,
  added REAL NOT NULL, asked REAL, finished REAL
);
CREATE INDEX states ON requests (state, round, place);
CREATE INDEX batched ON requests (batch) WHERE batch IS NOT NULL;
CREATE TABLE batches (
  number INTEGER PRIMARY KEY,
  label TEXT NOT NULL UNIQUE,
  job TEXT,
  teacher TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('prepared', 'submitted', 'ended')),
  prepared REAL NOT NULL, submitted REAL, ended REAL
);
CREATE TABLE spent (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  requests INTEGER NOT NULL, tokens_in INTEGER NOT NULL, tokens_out INTEGER NOT NULL, cost REAL NOT NULL
);
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO spent VALUES (1, 0, 0, 0, 0);
INSERT INTO meta VALUES ('round', 0), ('created', strftime('%s', 'now'));
PRAGMA application_id = {APPLICATION};
PRAGMA user_version = {FORMAT};
"""
ENTRY = "request, state, permanent, tries, teacher, model, answer, finish, error, tokens_in, tokens_out, cost, finished"


@dataclass(frozen=True)
class Spent:
    """What was used up, by all runs on a journal."""

    requests: int = 0
    """Calls made, repeated ones counted again."""
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    """USD; calls whose price is not known count 0."""

    def __add__(self, other: Spent) -> Spent:
        return Spent(*(mine + its for mine, its in zip(self._all(), other._all(), strict=True)))

    def __sub__(self, other: Spent) -> Spent:
        return Spent(*(mine - its for mine, its in zip(self._all(), other._all(), strict=True)))

    def _all(self) -> tuple[int, int, int, Any]:
        return self.requests, self.tokens_in, self.tokens_out, self.cost

    @classmethod
    def on(cls, tokens_in: int, tokens_out: int, prices: Prices | None) -> Spent:
        """One call."""
        return cls(1, tokens_in, tokens_out, prices.cost(tokens_in, tokens_out) if prices else 0.0)

    @classmethod
    def guess(cls, request: Request, prices: Prices | None) -> Spent:
        """One call as it is estimated."""
        return cls.on(request.tokens_in, request.tokens_out, prices)


@dataclass(frozen=True)
class Entry:
    """A row: a request and what came of it."""

    request: Request
    state: State
    reply: Reply | None = None
    """Where `state` is done."""
    error: str | None = None
    """The last failure; where `state` is failed, why."""
    permanent: bool = False
    """Asking again would not help."""
    tries: int = 0
    """How often it was asked."""
    cost: float | None = None
    """USD for the answer; None: not known."""


@dataclass(frozen=True)
class Added:
    """What `add` found."""

    new: int = 0
    waiting: int = 0
    """Known, and still to be asked."""
    finished: int = 0
    """Known, and answered or failed for good."""


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the journal at `path` for this process. Raises `RunError` where another one holds it."""
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise RunError("another run writes to this journal", where=path, do="wait for it or stop it") from None
    except OSError as error:
        raise disk_error(error, path) from error
    try:
        yield
    finally:
        lock.release()


def connected(path: Path, *, make: bool) -> sqlite3.Connection:
    """A connection to a journal's file; `make`: to write to, and new if need be. `RunError` for what is no journal."""
    with in_words(path):
        connection = sqlite3.connect(_address(path, make), uri=True, isolation_level=None)
        try:
            if make and not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                connection.executescript(f"BEGIN;{_SCHEMA}COMMIT;")
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            format = connection.execute("PRAGMA user_version").fetchone()[0]
            if application != APPLICATION:
                raise RunError("not a journal of dragoman", where=path, do="name another file")
            if format != FORMAT:
                raise RunError(f"a journal of unknown format {format}", where=path, do="update dragoman")
        except BaseException:
            connection.close()
            raise
    return connection


def _address(path: Path, make: bool) -> str:
    if make:
        return path.absolute().as_uri()
    left_over = path.with_name(f"{path.name}-wal").exists()  # else it may lie in a folder that cannot be written to
    return f"{path.absolute().as_uri()}?mode=ro" + ("" if left_over else "&immutable=1")


def unpacked(row: Any) -> Entry:
    """The entry of a row of `ENTRY`."""
    text, state, permanent, tries, teacher, model, answer, finish, error, tokens_in, tokens_out, cost, finished = row
    request = Request.from_dict(orjson.loads(text))
    if state != "done":
        return Entry(request, state, None, error, bool(permanent), tries, cost)
    reply = Reply(answer, tokens_in, tokens_out, finish, model, teacher, finished)
    return Entry(request, state, reply, None, False, tries, cost)


def packed(request: Request) -> str:
    """A request as its row holds it."""
    return orjson.dumps(request.as_dict()).decode()


def spend(sql: sqlite3.Connection, spent: Spent) -> None:
    """Add to what was used up."""
    sql.execute(
        "UPDATE spent SET requests = requests + ?, tokens_in = tokens_in + ?, tokens_out = tokens_out + ?,"
        " cost = cost + ?",
        (spent.requests, spent.tokens_in, spent.tokens_out, spent.cost),
    )


def clean(text: str) -> str:
    """`text` without half surrogates, which JSON may hold and UTF-8 may not."""
    return text.encode("utf-8", "replace").decode()


@contextlib.contextmanager
def in_words(path: Path) -> Iterator[None]:
    """What SQLite cannot do, as a `RunError` of one line."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith("SQLITE_FULL"):
            raise disk_error(OSError(errno.ENOSPC, "the disk is full"), path) from error
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            raise RunError(
                "the journal is damaged, or is none", where=path, do="restore it, or delete it and ask anew"
            ) from error
        raise RunError(
            f"the journal cannot be used ({error})", where=path, do="check the file and its folder"
        ) from error
