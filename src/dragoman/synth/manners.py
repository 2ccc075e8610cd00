"""How a teacher is spoken to: not faster than it allows, patiently when it fails, and not at all when it is down.

    Manners.of(settings)                       the limits of a recipe
    Pace(600)      600 requests a minute       await pace.take(1)
    Backoff(rng)   waits between tries         backoff.wait(tries=2, retry_after=None) -> 1 to 2 seconds
    Breaker(...)   a teacher that is down      probe = await breaker.enter(); breaker.worked()

All times are those of the event loop, in seconds.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from dragoman.errors import DragomanError
from dragoman.recipe.synthesize import TeacherSettings

BURST = 1 / 600
"""Share of a minute's limit that may go at once: so many requests that late timers cost no speed."""
GUARD_S = 5.0  # the teacher's own timeout comes first: it knows more


class TeacherDown(DragomanError):
    """The teacher has failed for so long that the run ends. Whatever was answered is kept."""


@dataclass(frozen=True)
class Manners:
    """The limits of one teacher. `of` takes those of a recipe."""

    concurrency: int = 8
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    timeout_s: float | None = None
    """Seconds until a request counts as lost, whatever trickles in; None: never, for a teacher on this machine."""
    tries: int = 8
    """How often a request is asked before it is given up. At 30% faults one in 15,000 is."""
    first_wait_s: float = 1.0
    """Before the second try; twice as long before each further one."""
    longest_wait_s: float = 60.0
    longest_retry_after_s: float = 900.0
    """The longest pause a service may ask for; beyond it the run ends, and goes on when it is started again."""
    failures: int = 20
    """Failures in a row, over all requests, that mean the teacher is down."""
    pause_s: float = 15.0
    """The first pause then; twice as long after each further failure."""
    longest_pause_s: float = 300.0
    pauses: int = 6
    """After so many pauses without a single answer the run ends: 15+30+60+120+240+300 seconds."""
    poll_s: float = 10.0
    """Between two looks at a job, at first; up to `longest_poll_s` for a job of hours."""
    longest_poll_s: float = 120.0
    jobs: int = 4
    """Jobs at the service at once."""
    job_requests: int = 10_000
    """Most requests of one job, which are held in memory."""

    @classmethod
    def of(cls, settings: TeacherSettings) -> Manners:
        """The manners towards the teacher of a recipe."""
        remote = settings.kind in ("gemini", "openai")
        return cls(
            concurrency=settings.concurrency,
            requests_per_minute=settings.requests_per_minute,
            tokens_per_minute=settings.tokens_per_minute,
            timeout_s=settings.timeout_s + GUARD_S if remote else None,
            failures=max(20, 2 * settings.concurrency),
        )


class Pace:
    """A token bucket, taken from in the order of asking: no minute holds more than `per_minute`.

    It fills at a steady rate up to `BURST` of the limit or what the next one needs, so that a large request is paid
    for before it goes; burst and one minute of filling are together less than `per_minute` + 1. Where amounts are
    larger than the burst (tokens, at a low limit), a minute may begin with one that was saved up before it.
    """

    def __init__(self, per_minute: float | None) -> None:
        self._unlimited = per_minute is None
        limit = per_minute or 1.0
        self._burst = max(1.0, limit * BURST)
        self._rate = (limit + 1 - self._burst) / 60
        self._level, self._when = self._burst, -1.0
        self._turn = asyncio.Lock()

    async def take(self, amount: float) -> None:
        """Wait until `amount` may go."""
        if self._unlimited:
            return
        async with self._turn:
            self._fill(self._burst)
            while (short := amount - self._level) > 1e-9:
                await asyncio.sleep(short / self._rate)
                self._fill(max(self._burst, amount))
            self._level -= amount

    def correct(self, amount: float) -> None:
        """What was taken turned out to be `amount` more (or less, where negative)."""
        self._level = min(self._burst, self._level - amount) if amount < 0 else self._level - amount

    def _fill(self, most: float) -> None:
        now = asyncio.get_running_loop().time()
        passed = now - self._when if self._when >= 0 else 0.0
        self._level, self._when = min(most, self._level + passed * self._rate), now


class Backoff:
    """Waits between tries, spread by `rng` so that requests which failed together do not return together."""

    def __init__(self, manners: Manners, rng: random.Random) -> None:
        self._manners, self._rng = manners, rng

    def wait(self, tries: int, retry_after: float | None = None) -> float:
        """Seconds from the failure of try number `tries` (from 1) to the next. Never less than the service asks for."""
        own = min(self._manners.longest_wait_s, self._manners.first_wait_s * 2.0 ** (min(tries, 32) - 1))
        own *= 0.5 + 0.5 * self._rng.random()
        return own if retry_after is None else max(0.0, retry_after) + own * self._rng.random()


class Breaker:
    """One gate for all requests: shut while the service asks for quiet, and while it seems to be down.

    Down means so many failures in a row. After each pause one request goes first, the probe; the gate opens as soon as
    anything is answered.
    """

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._failures = self._pauses = 0
        self._quiet_until = 0.0
        self._probing = False
        self._changed = asyncio.Event()

    async def enter(self) -> bool:
        """Wait until a request may go; True: as the probe. `worked`, `failed` or `untried` must follow."""
        loop = asyncio.get_running_loop()
        while True:
            if (left := self._quiet_until - loop.time()) > 0:
                await asyncio.sleep(left)
            elif self._probing:
                self._changed.clear()
                await self._changed.wait()
            else:
                self._probing = self._pauses > 0
                return self._probing

    def is_open(self) -> bool:
        """Whether a request may go at once."""
        return not self._pauses and asyncio.get_running_loop().time() >= self._quiet_until

    def quiet(self, seconds: float) -> None:
        """The service asks all to pause. Raises `TeacherDown` where it asks for more than the run can wait."""
        if seconds > self._manners.longest_retry_after_s:
            raise TeacherDown(
                f"the teacher asks for a pause of {seconds / 60:.0f} minutes",
                do="start the same command again then: what was answered is kept",
            )
        self._quiet_until = max(self._quiet_until, asyncio.get_running_loop().time() + seconds)

    def worked(self) -> None:
        """The teacher has answered, if only with a refusal of that one request."""
        self._failures = self._pauses = 0
        self.untried(self._probing)

    def untried(self, probe: bool) -> None:
        """A request that was let through was not asked after all, or its failure says nothing."""
        if probe:
            self._probing = False
            self._changed.set()

    def failed(self, probe: bool, reason: str) -> None:
        """The teacher has failed. Raises `TeacherDown` when it has failed for long enough."""
        self._failures += 1
        if probe or (not self._pauses and self._failures >= self._manners.failures):
            if self._pauses >= self._manners.pauses:
                raise TeacherDown(
                    f"the teacher is down: no answer after {self._pauses} pauses ({reason})",
                    do="start the same command again later: what was answered is kept",
                )
            self.quiet(min(self._manners.longest_pause_s, self._manners.pause_s * 2**self._pauses))
            self._pauses += 1
        self.untried(probe)
