"""Asking: every open request of a journal goes to the teacher and comes back as an answer or as a named failure.

    with Journal.open(path) as journal, Asker(teacher, journal, manners, caps, log=log, seed=1) as asker:
        asker.check()
        journal.add(requests)
        ended = asker.ask()                  Ended(answered=19998, failed=2, left=0, stopped=None, spent=Spent(...))

A first Ctrl-C asks nothing more and waits a few seconds for the answers on their way; a second one waits for nothing.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from types import TracebackType

from dragoman.errors import RunError
from dragoman.runlog import RunLog
from dragoman.synth.budget import Budget, Caps
from dragoman.synth.desk import Desk
from dragoman.synth.direct import Direct
from dragoman.synth.jobs import Jobs
from dragoman.synth.journal import Journal, Spent
from dragoman.synth.manners import Manners
from dragoman.synth.progress import Progress
from dragoman.synth.teachers import BatchTeacher, Teacher
from dragoman.synth.writer import Writer


@dataclass(frozen=True)
class Ended:
    """How far asking came."""

    answered: int
    failed: int
    left: int
    """Not at an end, because the run stopped."""
    stopped: str | None
    """The cap that stopped it, in words such as `max_cost of 5 USD`; None: everything was asked."""
    spent: Spent
    """By this call."""


class Asker:
    """One teacher, one journal, one event loop. Used as a context; the teacher is closed at its end."""

    def __init__(
        self, teacher: Teacher, journal: Journal, manners: Manners, caps: Caps, *, log: RunLog, seed: int = 0
    ) -> None:
        """Raises `RecipeError` for a cap on a cost that nobody knows. `seed` spreads the waits between tries."""
        self._teacher, self._journal, self._manners, self._log = teacher, journal, manners, log
        self._prices = teacher.prices
        self._budget = Budget(caps, self._prices, journal.spent())
        self._rng = random.Random(seed)
        self._loop = asyncio.Runner()

    def __enter__(self) -> Asker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._loop.run(self._teacher.close())
        finally:
            self._loop.close()

    def check(self) -> None:
        """Raises `Fatal` where no request would work."""
        self._loop.run(self._teacher.check())

    def ask(self) -> Ended:
        """Ask whatever this round added and is open.

        Raises `Fatal`, `TeacherDown` and `RunError`, and KeyboardInterrupt after Ctrl-C; what was answered is kept.
        """
        return self._loop.run(self._ask())

    async def _ask(self) -> Ended:
        before, counts = self._journal.spent(), self._journal.counts(this_round=True)
        if counts["asked"] and not self._teacher.batch:
            raise RunError(
                f"{counts['asked']:,} requests are in jobs that have not ended",
                where=self._journal.path,
                do="fetch them first: run once more with teacher.batch: true",
            )
        writer = Writer(self._journal)
        try:
            with Progress(self._log, counts["open"] + counts["asked"], self._budget) as progress:
                stopped = await self._way(self._desk(writer, progress)).ask_all()
        finally:
            writer.commit()
        counts = self._journal.counts(this_round=True)
        left = counts["open"] + counts["asked"]
        return Ended(progress.answered, progress.failed, left, stopped, self._journal.spent() - before)

    def _desk(self, writer: Writer, progress: Progress) -> Desk:
        return Desk(
            teacher=self._teacher,
            name=self._teacher.name,
            prices=self._prices,
            journal=self._journal,
            writer=writer,
            manners=self._manners,
            budget=self._budget,
            progress=progress,
            rng=self._rng,
        )

    def _way(self, desk: Desk) -> Direct | Jobs:
        if not self._teacher.batch:
            return Direct(desk)
        assert isinstance(self._teacher, BatchTeacher)
        return Jobs(desk, self._teacher)
