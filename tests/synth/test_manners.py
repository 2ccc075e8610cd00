"""Pace, patience and the gate, in a time that jumps."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import pytest

from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.manners import Backoff, Breaker, Manners, Pace, TeacherDown
from synth_world import VirtualLoop


def run(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def now() -> float:
    return asyncio.get_running_loop().time()


@pytest.mark.parametrize("per_minute", [1, 7, 60, 601, 30_000, 250_000])
@pytest.mark.parametrize("largest", [1, 40])
def test_no_minute_holds_more_than_its_limit_and_none_is_wasted(per_minute: int, largest: int) -> None:
    rng = random.Random(per_minute)
    amounts = [min(per_minute, rng.randint(1, largest)) for _ in range(600)]

    async def takes() -> list[tuple[float, int]]:
        pace, taken = Pace(per_minute), []
        for amount in amounts:
            await asyncio.sleep(rng.random() * 3 if rng.random() < 0.02 else 0.0)
            await pace.take(amount)
            taken.append((now(), amount))
        return taken

    taken = run(takes())
    saved_up = largest if largest > 1 else 0
    for start, _ in taken:
        assert sum(amount for when, amount in taken if start <= when < start + 59.999) <= per_minute + saved_up
    idle = 600 * 0.02 * 3 * 2
    assert taken[-1][0] <= sum(amounts) / per_minute * 60 * 1.02 + idle


def test_tokens_that_were_guessed_too_low_are_made_up_for() -> None:
    async def second_take() -> float:
        pace = Pace(600)
        await pace.take(10)
        pace.correct(90)
        await pace.take(10)
        return now()

    assert run(second_take()) == pytest.approx(10.9, abs=0.2)


def test_without_a_limit_nobody_waits() -> None:
    async def takes() -> float:
        pace = Pace(None)
        for _ in range(100):
            await pace.take(1e9)
        return now()

    assert run(takes()) == 0.0


def test_waits_double_up_to_a_bound_and_are_spread() -> None:
    backoff = Backoff(Manners(first_wait_s=1, longest_wait_s=60), random.Random(1))
    for tries in range(1, 60):
        waits = [backoff.wait(tries) for _ in range(50)]
        most = min(60.0, 2.0 ** (tries - 1))
        assert most / 2 <= min(waits) < most * 0.6 and most * 0.9 < max(waits) <= most
    assert all(30 <= backoff.wait(1, retry_after=30.0) <= 31 for _ in range(50))
    assert backoff.wait(1, retry_after=-5.0) >= 0


def test_waits_come_from_the_generator_alone() -> None:
    first, second = (Backoff(Manners(), random.Random(5)) for _ in range(2))
    assert [first.wait(n) for n in range(1, 9)] == [second.wait(n) for n in range(1, 9)]


def test_after_a_pause_one_goes_first_and_the_others_when_it_is_answered() -> None:
    async def scene() -> list[tuple[str, float, bool]]:
        breaker, seen = Breaker(Manners(failures=3, pause_s=15)), []

        async def worker(name: str) -> None:
            probe = await breaker.enter()
            seen.append((name, now(), probe))
            await asyncio.sleep(2)
            breaker.worked()

        for _ in range(3):
            breaker.failed(await breaker.enter(), "HTTP 500")
        assert not breaker.is_open()
        await asyncio.gather(*(worker(name) for name in "abc"))
        assert breaker.is_open()
        return seen

    (_, first, probe), *others = run(scene())
    assert (first, probe) == (15.0, True)
    assert [(when, probed) for _, when, probed in others] == [(17.0, False)] * 2


def test_a_probe_that_is_called_off_lets_the_next_one_through() -> None:
    async def scene() -> bool:
        breaker = Breaker(Manners(failures=1))
        breaker.failed(await breaker.enter(), "HTTP 500")
        breaker.untried(await breaker.enter())
        return await breaker.enter()

    assert run(scene())


def test_pauses_grow_and_then_the_run_ends() -> None:
    async def scene() -> list[float]:
        breaker, whens = Breaker(Manners(failures=2, pause_s=15, longest_pause_s=60, pauses=4)), []
        with pytest.raises(TeacherDown, match=r"no answer after 4 pauses \(HTTP 500\)"):
            while True:
                probe = await breaker.enter()
                whens.append(now())
                breaker.failed(probe, "HTTP 500")
        return whens

    assert run(scene()) == [0, 0, 15, 45, 105, 165]


def test_failures_that_were_on_their_way_when_the_gate_shut_cost_no_pause() -> None:
    async def scene() -> float:
        breaker = Breaker(Manners(failures=2, pause_s=15))
        probes = [await breaker.enter() for _ in range(30)]
        for probe in probes:
            breaker.failed(probe, "HTTP 500")
        await breaker.enter()
        return now()

    assert run(scene()) == 15


def test_single_failures_among_answers_shut_no_gate() -> None:
    async def scene() -> float:
        breaker = Breaker(Manners(failures=3))
        for _ in range(100):
            for _ in range(2):
                breaker.failed(await breaker.enter(), "HTTP 500")
            breaker.worked()
        return now()

    assert run(scene()) == 0


def test_a_recipe_sets_the_limits_and_a_teacher_at_home_has_no_timeout() -> None:
    settings = TeacherSettings(kind="openai", model="m", concurrency=50, requests_per_minute=9, timeout_s=7)
    manners = Manners.of(settings)
    assert (manners.concurrency, manners.requests_per_minute, manners.timeout_s, manners.failures) == (50, 9, 12, 100)
    assert Manners.of(TeacherSettings(kind="model", model="m")).timeout_s is None
