"""Asking one by one: `concurrency` requests at once, each until it is answered, refused or given up.

    hold its budget -> wait for the gate and the pace -> note it as `asked` -> ask -> note what came

A place among `concurrency` is free again only when the answer is on the disk, so a killed run has never more than that
to ask a second time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import Any

from dragoman.synth.desk import Desk, Outcome
from dragoman.synth.items import Fatal, Permanent, Reply, Request, Retryable
from dragoman.synth.journal import Spent
from dragoman.synth.manners import Backoff, Breaker, Pace

GRACE_S = 10.0
"""How long answers on their way are waited for when the run is stopped."""
BUSY_TRIES = 5
"""A service that has no time does not say it of the request: so many times `tries` before it is given up."""


class Direct:
    """One run over the open requests of a journal."""

    def __init__(self, desk: Desk) -> None:
        self._desk, manners = desk, desk.manners
        self._pace, self._token_pace = Pace(manners.requests_per_minute), Pace(manners.tokens_per_minute)
        self._backoff, self._breaker = Backoff(manners, desk.rng), Breaker(manners)
        self._ahead: deque[Request] = deque()
        self._place, self._filling, self._settled = 0, asyncio.Lock(), asyncio.Event()
        self._capped: str | None = None
        self._ending = False
        self._on_their_way: set[asyncio.Task[Any] | None] = set()

    async def ask_all(self) -> str | None:
        """Ask everything; returns the cap that stopped it. Raises `Fatal`, `TeacherDown` and `RunError`."""
        workers = [asyncio.create_task(self._work()) for _ in range(self._desk.manners.concurrency)]
        try:
            await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
        finally:
            await self._bring_home(workers)
        for worker in workers:
            if not worker.cancelled() and (error := worker.exception()) is not None:
                raise error
        return self._capped

    async def _bring_home(self, workers: list[asyncio.Task[None]]) -> None:
        """Ask nothing more, wait a little for what is on its way, and end."""
        self._ending = True
        for worker in workers:
            if worker not in self._on_their_way:
                worker.cancel()
        try:
            await asyncio.wait(workers, timeout=GRACE_S)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self) -> None:
        while not self._ending and (request := await self._next()) is not None:
            await self._bring(request)

    async def _next(self) -> Request | None:
        async with self._filling:
            if not self._ahead:
                found = await self._desk.writer.do(partial(self._desk.journal.waiting, self._place))
                self._ahead.extend(request for _, request in found)
                self._place = found[-1][0] if found else self._place
            return self._ahead.popleft() if self._ahead and self._capped is None else None

    async def _bring(self, request: Request) -> None:
        """Ask until there is nothing more to ask, or a cap is in the way."""
        tries = {True: 0, False: 0}
        while (hold := await self._hold(request)) is not None:
            failure = await self._once(request, hold, tries)
            if failure is None or self._ending:
                return
            if failure.retry_after is not None:
                self._breaker.quiet(failure.retry_after)
            await asyncio.sleep(self._backoff.wait(sum(tries.values()), failure.retry_after))

    async def _hold(self, request: Request) -> Spent | None:
        """Budget for a request. Near a cap it waits for those on their way, which mostly take less than is held."""
        budget = self._desk.budget
        while self._capped is None:
            if (hold := budget.reserve(request)) is not None:
                return hold
            if not budget.holds:
                self._capped = budget.reached(request)
            else:
                self._settled.clear()
                await self._settled.wait()
        return None

    async def _once(self, request: Request, hold: Spent, tries: dict[bool, int]) -> Retryable | None:
        """One try; its failure where another one is due."""
        spent, probe, again = Spent(), False, False
        try:
            probe = await self._enter(request)
            with self._on_its_way():
                outcome = await self._outcome(request)
                spent = self._desk.took(request, outcome)
                again = isinstance(outcome, Retryable) and self._due(outcome, tries)
                await self._desk.noted(request, outcome, spent, again=again)
            self._learn(request, outcome, probe)
        finally:
            self._breaker.untried(probe)
            self._desk.budget.settle(hold, spent)
            self._settled.set()
        return outcome if again and isinstance(outcome, Retryable) else None

    async def _enter(self, request: Request) -> bool:
        """Wait for the gate and the pace; a gate that was shut meanwhile is waited for again."""
        while True:
            probe = await self._breaker.enter()
            try:
                await self._pace.take(1)
                await self._token_pace.take(request.tokens_in + request.tokens_out)
            except BaseException:
                self._breaker.untried(probe)
                raise
            if probe or self._breaker.is_open():
                return probe

    @contextlib.contextmanager
    def _on_its_way(self) -> Iterator[None]:
        worker = asyncio.current_task()
        self._on_their_way.add(worker)
        try:
            yield
        finally:
            self._on_their_way.discard(worker)

    async def _outcome(self, request: Request) -> Outcome:
        journal = self._desk.journal
        await self._desk.writer.do(partial(journal.claim, request.id))
        try:
            async with asyncio.timeout(self._desk.manners.timeout_s):
                return await self._desk.teacher.ask(request)
        except TimeoutError:
            return Retryable("timeout", billed=True)
        except (Retryable, Permanent) as failure:
            return failure
        except Fatal:
            journal.reopen(request.id, "the run ended", Spent(requests=1))
            raise
        except BaseException:
            journal.reopen(request.id, "stopped on its way", Spent.guess(request, self._desk.prices))
            raise

    def _due(self, failure: Retryable, tries: dict[bool, int]) -> bool:
        """Count a failure; whether the request is asked once more."""
        tries[failure.busy] += 1
        most = self._desk.manners.tries
        return tries[False] < most and tries[True] < BUSY_TRIES * most

    def _learn(self, request: Request, outcome: Outcome, probe: bool) -> None:
        if isinstance(outcome, Retryable):
            self._breaker.failed(probe, outcome.reason)
            return
        self._breaker.worked()
        if isinstance(outcome, Reply):
            took = outcome.tokens_in + outcome.tokens_out
            self._token_pace.correct(took - request.tokens_in - request.tokens_out)
