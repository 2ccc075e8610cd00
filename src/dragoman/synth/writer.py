"""The journal's writer: whatever ends at the same time shares one transaction and one fsync.

    finished = await writer.do(partial(journal.finish, id, reply, teacher="gemini", cost=0.0002))

`do` returns when the change is on the disk. Changes of all that is ready gather for one turn of the event loop and are
committed there: a thread would let the loop go on meanwhile, but costs twice what it saves (each of its calls into
SQLite waits for the interpreter's lock), and on a slow disk more answers gather while one commit is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from dragoman.synth.journal import Journal

T = TypeVar("T")


class Writer:
    """Changes of a journal, several at once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._gathered: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    async def do(self, change: Callable[[], T]) -> T:
        """Make a change, or read, and hand on what it returns. What it raises undoes its whole transaction."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if not self._gathered:
            loop.call_soon(self.commit)
        self._gathered.append((change, future))
        return await future

    def commit(self) -> None:
        """Make the gathered changes now; who waits for them learns how it went."""
        together, self._gathered = self._gathered, []
        try:
            with self._journal.transaction():
                results = [change() for change, _ in together]
        except Exception as error:
            for _, future in together:
                if not future.done():
                    future.set_exception(error)
        else:
            for (_, future), result in zip(together, results, strict=True):
                if not future.done():
                    future.set_result(result)
