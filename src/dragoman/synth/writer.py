"""The journal's writer: whatever ends at the same time shares one transaction and one fsync.

    finished = await writer.do(partial(journal.finish, id, reply, teacher="gemini", cost=0.0002))

`do` returns when the change is on the disk. While a commit is under way further changes gather, and go together into
the next: nobody waits for a timer, and under load a commit holds as many changes as there are requests at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from dragoman.synth.journal import Journal

T = TypeVar("T")


class Writer:
    """Changes of a journal, made in a thread of their own so that the event loop goes on."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thread = ThreadPoolExecutor(1, "journal")
        self._gathered: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        self._work: asyncio.Task[None] | None = None

    async def do(self, change: Callable[[], T]) -> T:
        """Make a change, or read, and hand on what it returns. What it raises undoes its whole transaction."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._gathered.append((change, future))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._commits())
        return await future

    async def _commits(self) -> None:
        while self._gathered:
            together, self._gathered = self._gathered, []
            try:
                changes = [change for change, _ in together]
                results = await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, changes)
            except Exception as error:
                for _, future in together:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), result in zip(together, results, strict=True):
                    if not future.done():
                        future.set_result(result)

    def _commit(self, changes: list[Callable[[], Any]]) -> list[Any]:
        with self._journal.transaction():
            return [change() for change in changes]

    async def close(self) -> None:
        """Finish what was gathered, and end the thread."""
        if self._work is not None:
            await self._work
        self._thread.shutdown()
