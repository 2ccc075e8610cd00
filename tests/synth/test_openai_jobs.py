"""Jobs of the Batch API: they answer as direct calls do, survive a crash, and are never submitted twice.

    python -m pytest tests/synth/test_openai_jobs.py

All of it goes through the official SDK to a local server that speaks the same protocol.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from dragoman.synth.items import Fatal, Permanent, Reply, Retryable
from dragoman.synth.teachers import BatchTeacher, make_teacher
from dragoman.synth.teachers.openai import OpenAITeacher
from synth.openai_server import Faults, OpenAIServer
from synth.openai_world import T, bare, check, request, run, server, settings

__all__ = ["bare", "server"]


async def collect(answers: AsyncIterator[tuple[str, T]]) -> dict[str, T]:
    return {id: answer async for id, answer in answers}


async def to_the_end(teacher: OpenAITeacher, job: str) -> str:
    while (state := await teacher.poll(job)) == "running":
        pass
    return state


def batch(server: OpenAIServer, work: Callable[[OpenAITeacher], Awaitable[T]]) -> T:
    return run(settings(server, batch=True), work)


REQUESTS = [request(f"Satz {number}.", f"Noch {number}.") for number in range(40)]


def test_the_teacher_of_a_recipe_is_one_for_jobs(server: OpenAIServer) -> None:
    teacher = make_teacher(settings(server, batch=True))
    assert isinstance(teacher, BatchTeacher) and teacher.batch and teacher.largest_job == 5000


def test_a_job_answers_as_direct_calls_do(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> dict[str, Reply | Retryable | Permanent]:
        await teacher.check()
        job = await teacher.submit(REQUESTS, "label-1")
        assert await to_the_end(teacher, job) == "ended"
        return await collect(teacher.fetch(job))

    answers = batch(server, work)
    assert set(answers) == {one.id for one in REQUESTS}
    direct = run(settings(server), lambda teacher: teacher.ask(REQUESTS[7]))
    assert answers[REQUESTS[7].id] == direct


def test_a_job_that_was_submitted_before_a_crash_is_found_among_many(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> tuple[str, str, str]:
        first = await teacher.submit(REQUESTS[:2], "label-1")
        for number in range(230):
            server._new_job({"input_file_id": "file-0000", "metadata": {"dragoman": f"other-{number}"}})
        return first, await teacher.submit(REQUESTS[:2], "label-1"), await teacher.submit(REQUESTS[:2], "label-2")

    first, again, second = batch(server, work)
    assert first == again != second
    assert len(server.jobs) == 232


def test_a_job_whose_receipt_is_lost_is_not_submitted_twice(server: OpenAIServer) -> None:
    """The connection is cut after the service made the job: the worst moment."""

    async def work(teacher: OpenAITeacher) -> str:
        draw = Faults.draw
        with pytest.MonkeyPatch.context() as patch:
            cut = lambda self, kinds, *of: "cut" if of[:2] == ("POST", "/batches") else draw(self, kinds, *of)  # noqa: E731
            patch.setattr(Faults, "draw", cut)
            with pytest.raises(Retryable, match="connection cut"):
                await teacher.submit(REQUESTS, "label-1")
        return await teacher.submit(REQUESTS, "label-1")

    assert batch(server, work) == "batch_0000"
    assert len(server.jobs) == 1


def test_requests_of_an_expired_job_are_open_again_and_the_others_answered(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> dict[str, Reply | Retryable | Permanent]:
        job = await teacher.submit(REQUESTS, "label-1")
        assert await to_the_end(teacher, job) == "ended"
        return await collect(teacher.fetch(job))

    server.fate = "expired"
    answers = batch(server, work)
    failed = [answer for answer in answers.values() if isinstance(answer, Retryable)]
    assert len(answers) == 40 and 5 < len(failed) < 35
    assert {one.reason for one in failed} == {"batch_expired"}


def test_a_job_that_the_service_refuses_is_at_an_end_and_says_why(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> None:
        job = await teacher.submit(REQUESTS, "label-1")
        await to_the_end(teacher, job)

    server.fate = "failed"
    with pytest.raises(Permanent, match="the job is refused: line 1 is not JSON"):
        batch(server, work)


def test_a_job_that_waits_for_others_may_be_submitted_again(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(teacher: OpenAITeacher) -> str:
        return await to_the_end(teacher, await teacher.submit(REQUESTS, "label-1"))

    def fail(job: Any) -> None:
        job.status, job.errors = "failed", {"data": [{"code": "token_limit_exceeded", "message": "enqueued limit"}]}

    monkeypatch.setattr(server, "_end", fail)
    assert batch(server, work) == "failed"


def test_a_job_that_is_gone_is_said(server: OpenAIServer) -> None:
    with pytest.raises(Permanent, match="no such job"):
        batch(server, lambda teacher: teacher.poll("batch_9999"))


def test_a_job_whose_results_the_service_deleted_is_at_an_end(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> None:
        job = await teacher.submit(REQUESTS, "label-1")
        await to_the_end(teacher, job)
        server.files.clear()
        with pytest.raises(Permanent, match="its results are gone"):
            await collect(teacher.fetch(job))

    batch(server, work)


def test_each_line_of_a_job_ends_as_what_it_met(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> dict[str, Reply | Retryable | Permanent]:
        job = await teacher.submit(REQUESTS, "label-1")
        server.faults = Faults({"limited": 0.2, "broken": 0.2, "filtered": 0.2})
        await to_the_end(teacher, job)
        server.faults = Faults()
        return await collect(teacher.fetch(job))

    answers = batch(server, work)
    ends = [one.finish if isinstance(one, Reply) else one.reason for one in answers.values()]
    assert len(ends) == 40 and set(ends) == {"stop", "blocked", "HTTP 429", "HTTP 500"}


def test_results_that_break_off_may_be_fetched_again(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> int:
        job = await teacher.submit(REQUESTS, "label-1")
        await to_the_end(teacher, job)
        server.faults = Faults({"cut": 1.0})
        with pytest.raises(Retryable, match="connection cut"):
            await collect(teacher.fetch(job))
        server.faults = Faults()
        return len(await collect(teacher.fetch(job)))

    assert batch(server, work) == 40


def test_the_page_of_a_proxy_in_place_of_a_job_may_be_asked_for_again(server: OpenAIServer) -> None:
    """The SDK hands on text that is no JSON as it is."""

    async def work(teacher: OpenAITeacher) -> dict[str, Reply | Retryable | Permanent]:
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: teacher.submit(REQUESTS, "label-1"),
            lambda: to_the_end(teacher, "batch_0000"),
            lambda: collect(teacher.fetch("batch_0000")),
        ]
        for call in calls:
            server.faults = Faults({"garbled": 1.0})
            with pytest.raises(Retryable, match="no results in the answer"):
                await call()
            server.faults = Faults()
            found = await call()
        return found  # type: ignore[return-value]

    assert len(batch(server, work)) == 40
    assert len(server.jobs) == 1


def test_results_that_are_no_results_are_not_taken_for_none(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(teacher: OpenAITeacher) -> None:
        job = await teacher.submit(REQUESTS, "label-1")
        await to_the_end(teacher, job)
        server.files[server.jobs[job].output_file_id or ""] = b"<html>busy</html>"
        with pytest.raises(Retryable, match="no results"):
            await collect(teacher.fetch(job))

    batch(server, work)


def test_a_server_without_jobs_says_so_before_any_work(server: OpenAIServer) -> None:
    server.batches = False
    with pytest.raises(Fatal, match=r"there is no Batch API \(HTTP 404\).*set batch: false"):
        check(settings(server, batch=True))
