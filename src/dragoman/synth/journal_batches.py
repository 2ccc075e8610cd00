"""The jobs of a journal: which requests went out together, and under which name the service knows them.

    prepared ---submitted(job)---> submitted ---ended---> ended

A job is noted before it is submitted, with a label of ours that the teacher puts on it. Killed in between, the next
run submits it again under that label, and the teacher finds it instead of making a second one. Its requests stay
`asked` all the while; those that the answer leaves out are open again when the job has ended.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from dragoman.io import digest_bytes
from dragoman.synth.items import Request
from dragoman.synth.journal import Journal, Spent


@dataclass(frozen=True)
class Batch:
    """A job that has not ended."""

    number: int
    label: str
    teacher: str
    job: str | None
    """Its name at the service; None: whether it was submitted is not known."""


def prepare(journal: Journal, requests: Sequence[Request], teacher: str) -> Batch:
    """Note a job of open requests, which go on their way."""
    ids = [request.id for request in requests]
    now = time.time()
    with journal.transaction() as sql:
        number = sql.execute("SELECT coalesce(max(number), 0) + 1 FROM batches").fetchone()[0]
        created = sql.execute("SELECT value FROM meta WHERE name = 'created'").fetchone()[0]
        # The same requests may go out once more after a job that failed: its number makes the label new.
        label = f"dragoman-{digest_bytes(str(created).encode(), str(number).encode(), *(id.encode() for id in ids))}"
        sql.execute(
            "INSERT INTO batches (number, label, teacher, state, prepared) VALUES (?, ?, ?, 'prepared', ?)",
            (number, label, teacher, now),
        )
        for id in ids:
            journal.claim(id)
        sql.executemany("UPDATE requests SET batch = ? WHERE id = ?", ((number, id) for id in ids))
    return Batch(number, label, teacher, None)


def submitted(journal: Journal, batch: Batch, job: str) -> None:
    """The service has taken the job under the name `job`."""
    with journal.transaction() as sql:
        sql.execute(
            "UPDATE batches SET state = 'submitted', job = ?, submitted = ? WHERE number = ?",
            (job, time.time(), batch.number),
        )


def ended(journal: Journal, batch: Batch, reason: str) -> int:
    """Nothing more will come of a job. Its requests without an answer are open again; returns how many."""
    with journal.transaction() as sql:
        sql.execute("UPDATE batches SET state = 'ended', ended = ? WHERE number = ?", (time.time(), batch.number))
        left = [id for (id,) in sql.execute("SELECT id FROM requests WHERE batch = ?", (batch.number,)).fetchall()]
        return sum(journal.reopen(id, reason, Spent(requests=1)) for id in left)


def running(journal: Journal) -> list[Batch]:
    """The jobs that have not ended, in the order in which they were made."""
    with journal.transaction() as sql:
        query = "SELECT number, label, teacher, job FROM batches WHERE state <> 'ended' ORDER BY number"
        return [Batch(*row) for row in sql.execute(query).fetchall()]


def requests_of(journal: Journal, batch: Batch) -> list[tuple[Request, int]]:
    """The requests of a job that have no answer yet and how often each was asked, in the order of `add`."""
    with journal.transaction() as sql:
        rows = sql.execute("SELECT request, tries FROM requests WHERE batch = ? ORDER BY place", (batch.number,))
        return [(Request.from_dict(orjson.loads(text)), tries) for text, tries in rows]
