"""Asking by jobs: thousands of requests go out together and come back hours later, whoever is at work by then.

    take open requests and hold their budget -> note the job -> submit -> poll -> fetch -> note what came

A job outlives the run: one that is stopped or killed leaves its jobs at the service, and the next run takes them up
where they are. What a job left unanswered goes out again with a later one.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from dragoman.errors import RunError
from dragoman.synth import journal_batches as batches
from dragoman.synth.desk import Desk, Outcome
from dragoman.synth.items import Permanent, Request, Retryable
from dragoman.synth.journal import Spent
from dragoman.synth.journal_batches import Batch
from dragoman.synth.manners import Backoff, TeacherDown
from dragoman.synth.teachers import BatchTeacher

GROUP = 200  # answers of one transaction
TRIES = 20  # failures in a row until the service counts as down: about 15 minutes
FAILED_JOBS = 3  # in a row, until the run ends
LEFT_OUT = "left out by its job"
T = TypeVar("T")


@dataclass(frozen=True)
class _Sent:
    """A request of a job."""

    request: Request
    tries: int
    """How often it was asked, this time included."""
    hold: Spent | None
    """Its budget; None: the job went out before the caps were lowered."""


class Jobs:
    """One run over the open requests of a journal."""

    def __init__(self, desk: Desk, teacher: BatchTeacher) -> None:
        self._desk, self._teacher = desk, teacher
        self._backoff = Backoff(desk.manners, desk.rng)
        self._taking, self._changed = asyncio.Lock(), asyncio.Event()
        self._at_work = self._failed_in_a_row = 0
        self._capped: str | None = None
        self._ending = False
        self._old: deque[Batch] = deque()

    async def ask_all(self) -> str | None:
        """Ask everything; returns the cap that stopped it. Raises `Fatal`, `TeacherDown` and `RunError`."""
        known = await self._desk.writer.do(partial(batches.running, self._desk.journal))
        self._old.extend(batch for batch in known if batch.teacher == self._teacher.name)
        workers = [asyncio.create_task(self._work()) for _ in range(self._desk.manners.jobs)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            for worker in workers:
                worker.cancel()
            results = await asyncio.gather(*workers, return_exceptions=True)
        for error in results:
            if isinstance(error, BaseException) and not isinstance(error, asyncio.CancelledError):
                raise error
        return self._capped

    async def _work(self) -> None:
        while (found := await self._next()) is not None:
            batch, sent = found
            try:
                await self._see_through(batch, sent)
            except BaseException:
                self._ending = True
                raise
            finally:
                self._at_work -= 1
                self._changed.set()

    async def _next(self) -> tuple[Batch, dict[str, _Sent]] | None:
        """A job of an earlier run, or a new one; None when there is nothing more to ask."""
        while not self._ending:
            async with self._taking:
                found = await (self._resumed(self._old.popleft()) if self._old else self._taken())
                if found is not None:
                    self._at_work += 1
            if found is not None or not self._at_work:
                return found
            self._changed.clear()  # a job under way may leave requests open, or budget over
            await self._changed.wait()
        return None

    async def _resumed(self, batch: Batch) -> tuple[Batch, dict[str, _Sent]]:
        asked = await self._desk.writer.do(partial(batches.requests_of, self._desk.journal, batch))
        reserve = self._desk.budget.reserve
        return batch, {request.id: _Sent(request, tries, reserve(request)) for request, tries in asked}

    async def _taken(self) -> tuple[Batch, dict[str, _Sent]] | None:
        desk = self._desk
        most = min(desk.manners.job_requests, self._teacher.largest_job)
        found = await desk.writer.do(partial(desk.journal.waiting, 0, most))
        holds = list(itertools.takewhile(lambda hold: hold, (desk.budget.reserve(request) for _, request in found)))
        if found and not holds and not self._at_work:
            self._capped = desk.budget.reached(found[0][1])
        if not holds or self._ending:
            return None
        requests = [request for _, request in found[: len(holds)]]
        batch = await desk.writer.do(partial(batches.prepare, desk.journal, requests, self._teacher.name))
        asked = await desk.writer.do(partial(batches.requests_of, desk.journal, batch))
        return batch, {
            request.id: _Sent(request, tries, hold) for (request, tries), hold in zip(asked, holds, strict=True)
        }

    async def _see_through(self, batch: Batch, sent: dict[str, _Sent]) -> None:
        writer, journal = self._desk.writer, self._desk.journal
        open_before = len(sent)
        job = batch.job
        if job is None:
            job = await self._submitted(batch, [one.request for one in sent.values()])
            await writer.do(partial(batches.submitted, journal, batch, job))
        try:
            reason = LEFT_OUT if await self._has_ended(job) else "its job failed"
            if reason == LEFT_OUT:
                await self._patiently(partial(self._fetch, job, sent))
        except Permanent as error:
            reason = error.reason
        await writer.do(partial(batches.ended, journal, batch, reason))
        for one in sent.values():
            self._settle(one, Spent(requests=1))
        self._count(reason, nothing=len(sent) == open_before > 0)

    def _count(self, reason: str, *, nothing: bool) -> None:
        self._failed_in_a_row = self._failed_in_a_row + 1 if nothing else 0
        if self._failed_in_a_row >= FAILED_JOBS:
            raise TeacherDown(
                f"{FAILED_JOBS} jobs in a row came to nothing ({reason})",
                do="look at them in the service's console; what was answered is kept",
            )

    async def _submitted(self, batch: Batch, requests: Sequence[Request]) -> str:
        try:
            return await self._patiently(partial(self._teacher.submit, requests, batch.label))
        except Permanent as error:
            self._ending = True  # or another worker takes what is open again, and is refused too
            await self._desk.writer.do(partial(batches.ended, self._desk.journal, batch, error.reason))
            raise RunError(
                f"the service refuses the job ({error.reason})",
                where=f"{self._teacher.name}, {len(requests):,} requests",
                do="see whether the model has a Batch API, or set teacher.batch to false",
            ) from None

    async def _has_ended(self, job: str) -> bool:
        """Wait for a job; False: it failed as a whole."""
        manners, wait = self._desk.manners, self._desk.manners.poll_s
        while (state := await self._patiently(partial(self._teacher.poll, job))) == "running":
            await asyncio.sleep(wait * (0.75 + 0.5 * self._desk.rng.random()))
            wait = min(manners.longest_poll_s, wait * 1.5)
        return state == "ended"

    async def _patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """`call()`, again and again while it fails in passing. While other jobs run, a refusal may be their fault."""
        for tries in itertools.count(1):
            try:
                return await call()
            except Retryable as failure:
                if tries >= TRIES and self._at_work <= 1:
                    raise TeacherDown(
                        f"the teacher is down: {tries} tries ({failure.reason})",
                        do="start the same command again later: its jobs go on meanwhile",
                    ) from None
                await asyncio.sleep(self._backoff.wait(tries, failure.retry_after))
        raise AssertionError("counting never ends")

    async def _fetch(self, job: str, sent: dict[str, _Sent]) -> None:
        """Note what a job brings, and take it out of `sent`; an id that is not there came before, or is not ours."""
        group: list[tuple[_Sent, Outcome]] = []
        try:
            async for id, outcome in self._teacher.fetch(job):
                if id in sent:
                    group.append((sent.pop(id), outcome))
                if len(group) == GROUP:
                    noting, group = group, []
                    await self._note(noting)
        finally:
            await self._note(group)

    async def _note(self, group: list[tuple[_Sent, Outcome]]) -> None:
        desk = self._desk
        rows = [(one, outcome, desk.took(one.request, outcome), self._due(one, outcome)) for one, outcome in group]
        await desk.writer.do(
            lambda: [desk.note(one.request, outcome, spent, again=again) for one, outcome, spent, again in rows]
        )
        for one, outcome, spent, again in rows:
            self._settle(one, spent)
            if not again:
                desk.progress.ended(failed=isinstance(outcome, Retryable | Permanent))

    def _due(self, one: _Sent, outcome: Outcome) -> bool:
        return isinstance(outcome, Retryable) and one.tries < self._desk.manners.tries

    def _settle(self, one: _Sent, spent: Spent) -> None:
        if one.hold is not None:
            self._desk.budget.settle(one.hold, spent)
