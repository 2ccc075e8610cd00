"""A world for the tests of asking: requests, a teacher that does as it is told, and an event loop whose time jumps."""

from __future__ import annotations

import asyncio
import selectors
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import pytest

from dragoman.synth.items import Passage, Payload, Permanent, Prices, Reply, Request, Retryable, answer_text
from dragoman.synth.teachers import JobState

ANSWER_S = 1.0
Act = Callable[[Request, int], Reply | Exception | float]
"""(request, how often it was asked before) -> what happens; a number: seconds until it is answered rightly."""


def request(number: int, *, attempt: int = 0, model: str = "tiny", passages: int = 1, max_tokens: int = 200) -> Request:
    """The request with this number."""
    texts = [f"Satz {number} Teil {part}: Der Hund schläft, die Katze wacht." for part in range(passages)]
    asked = tuple(
        Passage.of(source="test", document=f"{number:032x}", place=part, src="de", tgt="en", text=text, sentences=1)
        for part, text in enumerate(texts)
    )
    user = "\n".join(f"[{part}] {text}" for part, text in enumerate(texts, start=1))
    return Request(model, "translate-v1", Payload("Translate.", user, asked, max_tokens, 0.3, attempt))


def requests(count: int, **options: Any) -> Iterator[Request]:
    """The first `count` requests."""
    return (request(number, **options) for number in range(count))


def right(asked: Request) -> Reply:
    """The answer that a request gets."""
    return Reply(answer_text([passage.text.upper() for passage in asked.payload.passages]), 50, 30, model="tiny-1")


class FakeTeacher:
    """A `Teacher` in this process. Counts what it is asked."""

    name, model, batch = "fake", "tiny", False

    def __init__(self, act: Act | None = None, prices: Prices | None = None) -> None:
        self.prices: Prices | None = prices or Prices(1.0, 2.0)
        self.act = act or (lambda asked, times: ANSWER_S)
        self.asked: Counter[str] = Counter()
        self.times: list[tuple[float, str]] = []
        self.at_once = self.most_at_once = 0
        self.closed = False

    async def check(self) -> None:
        """Fine."""

    async def ask(self, asked: Request) -> Reply:
        """Do as told."""
        times = self.asked[asked.id]
        self.asked[asked.id] += 1
        self.times.append((asyncio.get_running_loop().time(), asked.id))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            act = self.act(asked, times)
            await asyncio.sleep(act if isinstance(act, float) else ANSWER_S)
            if isinstance(act, Exception):
                raise act
            return act if isinstance(act, Reply) else right(asked)
        finally:
            self.at_once -= 1

    async def close(self) -> None:
        """Note it."""
        self.closed = True


class FakeJobs(FakeTeacher):
    """A `BatchTeacher` whose service keeps its jobs in `service`, which outlives it."""

    batch, largest_job = True, 1000

    def __init__(self, service: dict[str, list[Request]], act: Act | None = None, lasts_s: float = 3600.0) -> None:
        super().__init__(act)
        self.service, self.lasts_s = service, lasts_s
        self.started: dict[str, float] = {}
        self.state: Callable[[str], JobState] = lambda job: "ended"

    async def submit(self, asked: Sequence[Request], label: str) -> str:
        """A job is called after its label; its requests count when it is made."""
        if label not in self.service:
            self.service[label] = list(asked)
            self.asked.update(one.id for one in asked)
        return label

    async def poll(self, job: str) -> JobState:
        """Ended after `lasts_s` seconds, or whatever `state` says then."""
        if job not in self.service:
            raise Permanent("no such job")
        now = asyncio.get_running_loop().time()
        return "running" if now < self.started.setdefault(job, now) + self.lasts_s else self.state(job)

    async def fetch(self, job: str) -> AsyncIterator[tuple[str, Reply | Retryable | Permanent]]:
        """The answers; those that take time come late, so not at all."""
        for one in reversed(self.service[job]):
            act = self.act(one, self.asked[one.id] - 1)
            if isinstance(act, Reply | Retryable | Permanent):
                yield one.id, act
            elif isinstance(act, Exception):
                raise act
            else:
                yield one.id, right(one)


class VirtualLoop(asyncio.SelectorEventLoop):
    """Time stands still while there is work and jumps to the next timer when there is none."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future


class _Jumping(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events and timeout != 0:
            assert timeout is not None, "everything waits and nothing will ever happen"
            self.loop.now += timeout
        return events


@pytest.fixture
def virtual_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every event loop made in the test is a `VirtualLoop`."""
    monkeypatch.setattr("asyncio.runners.events.new_event_loop", VirtualLoop)
