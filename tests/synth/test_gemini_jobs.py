"""The Gemini teacher's jobs: a file up, a job made once, its results read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import pytest

from dragoman.synth.items import Permanent, Reply, Request, Retryable
from dragoman.synth.teachers import BatchTeacher
from dragoman.synth.teachers.gemini import GeminiTeacher
from dragoman.synth.teachers.gemini_wire import body, result_of
from synth.bad_server import Faults, passages_in
from synth.gemini_server import GeminiServer, Job, question
from synth.gemini_world import MODEL, clean_environment, request, texts, told, use

T = TypeVar("T")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean_environment(monkeypatch, tmp_path)


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


async def fetched(teacher: GeminiTeacher, job: str) -> dict[str, Reply | Retryable | Permanent]:
    async with aclosing(teacher.fetch(job)) as results:
        return {id: result async for id, result in results}


async def finished(teacher: GeminiTeacher, job: str) -> str:
    for looks in range(9):
        state = await teacher.poll(job)
        if state != "running":
            assert looks
            return state
    raise AssertionError("never over")


def job_of(teacher: GeminiTeacher, questions: Sequence[Request]) -> Awaitable[str]:
    return teacher.submit(questions, "dragoman-1")


def test_a_job_answers_every_request_once(server: GeminiServer) -> None:
    questions = [request(f"Satz {number}.", "Grüße aus Köln.") for number in range(20)]

    async def work(teacher: GeminiTeacher) -> dict[str, Any]:
        assert isinstance(teacher, BatchTeacher)
        job = await job_of(teacher, questions)
        assert await finished(teacher, job) == "ended"
        return await fetched(teacher, job)

    results = use(server, work, batch=True)
    assert {id: texts(reply) for id, reply in results.items()} == {
        asked.id: [f"SATZ {number}.", "GRÜSSE AUS KÖLN."] for number, asked in enumerate(questions)
    }
    assert server.asked == {question(body(asked)): 1 for asked in questions}
    assert all(reply.tokens_in > 0 and reply.tokens_out > 7 for reply in results.values())


def test_a_job_with_our_label_is_found_again_behind_others_and_not_made_twice(server: GeminiServer) -> None:
    questions = [request("Ja.")]

    async def work(teacher: GeminiTeacher) -> tuple[str, str, str]:
        first = await job_of(teacher, questions)
        for number in range(5):
            await teacher.submit([request(f"Satz {number}.")], f"another-{number}")
        return first, await job_of(teacher, questions), await teacher.submit(questions, "dragoman-2")

    first, again, new = use(server, work, batch=True)
    assert first == again != new
    assert len(server.jobs) == 7 and len(server.uploads) == 7


def test_a_job_that_was_made_before_the_answer_was_lost_is_found_by_a_new_process(server: GeminiServer) -> None:
    server.refused_after_work = True
    with pytest.raises(Retryable, match="HTTP 500"):
        use(server, lambda teacher: job_of(teacher, [request("Ja.")]), batch=True)
    assert use(server, lambda teacher: job_of(teacher, [request("Ja.")]), batch=True) == "batches/b0000"
    assert len(server.jobs) == 1


def test_a_job_that_is_refused_for_a_while_is_uploaded_once(server: GeminiServer) -> None:
    async def work(teacher: GeminiTeacher) -> str:
        server.full = 3
        for _ in range(server.full):
            with pytest.raises(Retryable, match="HTTP 429"):
                await job_of(teacher, [request("Ja.")])
        return await job_of(teacher, [request("Ja.")])

    assert use(server, work, batch=True) == "batches/b0000"
    assert len(server.uploads) == 1


@pytest.mark.parametrize(
    ("fate", "state"),
    [
        ("SUCCEEDED", "ended"),
        ("PARTIALLY_SUCCEEDED", "ended"),
        ("FAILED", "failed"),
        ("CANCELLED", "failed"),
        ("EXPIRED", "failed"),
    ],
)
@pytest.mark.filterwarnings("ignore:BATCH_STATE_PARTIALLY_SUCCEEDED")
def test_every_fate_of_a_job_has_its_word(server: GeminiServer, fate: str, state: str) -> None:
    server.fate = fate

    async def work(teacher: GeminiTeacher) -> str:
        job = await job_of(teacher, [request("Ja.")])
        ended = await finished(teacher, job)
        if ended == "failed":
            with pytest.raises(Permanent, match="job without results"):
                await fetched(teacher, job)
        return ended

    assert use(server, work, batch=True) == state


def test_an_expired_job_with_results_hands_them_out(server: GeminiServer) -> None:
    job = Job("batches/b0", f"models/{MODEL}", "l", "files/0", 5, "BATCH_STATE_EXPIRED", "files/r")
    server.jobs["batches/b0"] = job
    server.files["files/r"] = b'{"key": "a", "response": {"candidates": [{"finishReason": "STOP"}]}}\n'

    async def work(teacher: GeminiTeacher) -> tuple[str, dict[str, Any]]:
        return await teacher.poll("batches/b0"), await fetched(teacher, "batches/b0")

    state, results = use(server, work, batch=True)
    assert state == "ended" and results == {"a": Reply("", 0, 0, "stop")}


@pytest.mark.parametrize("job", ["batches/none", "nothing", "batches/../files", ""])
def test_a_job_that_does_not_exist_is_permanent(server: GeminiServer, job: str) -> None:
    with pytest.raises(Permanent, match="no such job"):
        use(server, lambda teacher: teacher.poll(job), batch=True)


def test_results_that_were_deleted_are_permanent(server: GeminiServer) -> None:
    server.jobs["batches/b0"] = Job("batches/b0", MODEL, "l", "files/0", 5, "BATCH_STATE_SUCCEEDED", "files/gone")
    with pytest.raises(Permanent, match="no such results"):
        use(server, lambda teacher: fetched(teacher, "batches/b0"), batch=True)


@pytest.mark.parametrize("fault", ["cut", "limited_info", "unavailable"])
def test_a_fault_on_any_way_of_a_job_is_retryable_and_the_job_is_made_once(fault: str) -> None:
    """Everything is asked for until it works, as the runner does; an upload that fails half-way starts anew."""
    questions = [request(f"Satz {number}.") for number in range(5)]

    async def until(work: Callable[[], Awaitable[T]]) -> T:
        for _ in range(30):
            try:
                return await work()
            except Retryable:
                continue
        raise AssertionError("never done")

    async def work(teacher: GeminiTeacher) -> dict[str, Any]:
        job = await until(lambda: job_of(teacher, questions))
        while await until(lambda: teacher.poll(job)) == "running":
            await asyncio.sleep(0)
        return await until(lambda: fetched(teacher, job))

    # Pieces of an upload meet only a cut: the SDK itself repeats them after a refusal, for seven seconds.
    with GeminiServer(faults=Faults({fault: 0.5}, seed=2), page=50) as server:
        server.faults = FreeUploads(server.faults) if fault != "cut" else server.faults
        results = use(server, work, batch=True)
        assert len(server.jobs) == 1 and server.met[fault] > 2
    assert sorted(results) == sorted(asked.id for asked in questions)


class FreeUploads(Faults):
    """No faults for the pieces of an upload."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(faults.rates, faults.seed)

    def draw(self, kinds: tuple[str, ...], *of: object) -> str | None:
        return None if any(str(part).startswith("/sessions/") for part in of) else super().draw(kinds, *of)


def test_a_large_job_is_uploaded_in_pieces(server: GeminiServer) -> None:
    long = "Ein langer Satz mit Umlauten wie ä. " * 30_000
    questions = [request(f"{number} {long}") for number in range(9)]
    use(server, lambda teacher: job_of(teacher, questions), batch=True)
    lines = [json.loads(line) for line in server.files["files/0000"].splitlines()]
    assert len(server.files["files/0000"]) > 8 << 20
    assert [line["key"] for line in lines] == [asked.id for asked in questions]
    asked_for = [passages_in(line["request"]["contents"][0]["parts"][0]["text"]) for line in lines]
    assert asked_for == [[(1, asked.payload.passages[0].text)] for asked in questions]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('{"key": "a", "error": {"code": 8, "message": "busy"}}', (Retryable, "RESOURCE_EXHAUSTED", None, False)),
        ('{"key": "a", "error": {"code": 13}}', (Retryable, "INTERNAL", None, False)),
        ('{"key": "a", "status": {"code": 14}}', (Retryable, "UNAVAILABLE", None, False)),
        ('{"key": "a", "error": {"code": 503}}', (Retryable, "HTTP 503", None, False)),
        ('{"key": "a", "error": {"code": 3, "message": "x"}}', (Permanent, "INVALID_ARGUMENT")),
        ('{"key": "a", "error": {"code": 400}}', (Permanent, "HTTP 400")),
        ('{"key": "a", "error": "x"}', (Retryable, "error without a code", None, False)),
        ('{"key": "a"}', (Retryable, "error without a code", None, False)),
        ('{"key": "a", "response": {}}', (Retryable, "empty answer", None, False)),
        ('{"key": "a", "response": null}', (Retryable, "not an answer of Gemini", None, True)),
    ],
)
def test_every_error_of_a_line_has_its_meaning(line: str, expected: tuple[Any, ...]) -> None:
    result = result_of(line.encode())
    assert result is not None and result[0] == "a" and told(result[1]) == expected


@pytest.mark.parametrize("line", ["", "{", '{"response": {}}', "[]", "3", '{"key": 3, "response": {}}', "\xff"])
def test_a_line_that_names_no_request_is_left_out(line: str) -> None:
    assert result_of(line.encode("latin-1")) is None
