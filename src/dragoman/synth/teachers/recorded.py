"""The teacher `recorded`: answers what a journal holds, and nothing else.

    teacher = RecordedTeacher(Path("journal.jsonl.zst"))     an export, or a journal's own file; neither is changed
    requests = teacher.requests()                            what was asked there first, in order
    reply = await teacher.ask(request)                       as it was written then: same text, teacher, time, tokens

So a run can be repeated without a key or a network, and a data set can ship as what its teacher said.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from dragoman.errors import DataError
from dragoman.io import data_suffix
from dragoman.synth.exchange import read_export
from dragoman.synth.items import Permanent, Prices, Reply, Request
from dragoman.synth.journal import Journal
from dragoman.synth.journal_reader import JournalReader

NOT_RECORDED = "not recorded"


class RecordedTeacher:
    """A `Teacher` that is free of charge and needs no network."""

    name = "recorded"
    prices: Prices | None = Prices(0.0, 0.0)
    batch = False

    def __init__(self, path: Path) -> None:
        self._path, self._stack = path, contextlib.ExitStack()

    @cached_property
    def _journal(self) -> JournalReader:
        path = self._path
        if not path.is_file():
            raise DataError("no such journal", where=path, do="check synthesize.teacher.journal")
        if data_suffix(path) == ".jsonl":
            folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="dragoman-journal-"))
            path = Path(folder) / "journal.sqlite"
            with Journal.open(path) as journal:
                read_export(journal, self._path)
        return self._stack.enter_context(JournalReader.open(path))

    @cached_property
    def model(self) -> str:
        """The model that the journal's first request names."""
        for request in self.requests():
            return request.model
        raise DataError("the journal holds no request", where=self._path)

    def requests(self, attempt: int = 0) -> Iterator[Request]:
        """What was asked there first (1: again, after checks), in its order: each of these has an end there."""
        for entry in self._journal.entries():
            if entry.state in ("done", "failed") and entry.request.payload.attempt == attempt:
                yield entry.request

    async def check(self) -> None:
        """Raises `DataError` or `RunError` for a journal that cannot be read or is empty."""
        assert self.model is not None

    async def ask(self, request: Request) -> Reply:
        """What was answered then. Raises `Permanent` with the failure noted then, or `not recorded`."""
        for entry in self._journal.look_up([request]):
            if entry.reply is not None:
                return entry.reply
            if entry.state == "failed":
                raise Permanent(entry.error or NOT_RECORDED)
        raise Permanent(NOT_RECORDED)

    async def close(self) -> None:
        """Close the journal, and remove the copy that an export was unpacked into."""
        self._stack.close()
        self.__dict__.pop("_journal", None)
