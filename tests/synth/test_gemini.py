"""The Gemini teacher, asked directly: what is sent, what is read, and what every failure means."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterator, Mapping
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from dragoman.synth.items import Fatal, Permanent, Reply, Request, Retryable
from dragoman.synth.teachers.gemini import GeminiTeacher
from dragoman.synth.teachers.gemini_wire import body, reply_of
from synth.bad_server import Faults
from synth.gemini_server import SAID, WAY, GeminiServer, error, question
from synth.gemini_world import MODEL, clean_environment, outcome, request, settings, texts, told, use

RPC = "type.googleapis.com/google.rpc."


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean_environment(monkeypatch, tmp_path)


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


def test_a_call_and_a_line_of_a_batch_file_are_the_same_question(server: GeminiServer) -> None:
    server.bodies = []
    asked = request("Guten Tag.", "Wie geht's?")
    assert texts(outcome(server, asked)) == ["GUTEN TAG.", "WIE GEHT'S?"]
    assert list(server.asked) == [question(body(asked))], "the SDK adds or drops something"


def test_without_a_system_text_none_is_sent(server: GeminiServer) -> None:
    asked = request("Ja.", system="")
    assert texts(outcome(server, asked)) == ["JA."]
    assert "systemInstruction" not in body(asked)
    assert list(server.asked) == [question(body(asked))]


def test_the_reply_counts_thoughts_as_written_and_leaves_them_out_of_the_text(server: GeminiServer) -> None:
    asked = request("Guten Tag.")
    reply = outcome(server, asked)
    assert isinstance(reply, Reply)
    written = len(reply.text) // 4 + 1
    assert (reply.tokens_out, reply.finish, reply.model) == (written + 7, "stop", f"{MODEL}-2026")
    assert reply.tokens_in == len(json.dumps(body(asked))) // 4
    assert "wants a translation" not in reply.text


class Unfinished(GeminiServer):
    """Its answers could be continued by a second request, with the token that comes with them."""

    def response(self, name: str, said: Mapping[str, Any], digest: str) -> dict[str, Any]:
        answer = super().response(name, said, digest)
        answer["candidates"][0] |= {"finishReason": "CONTINUATION", "continuationToken": "bW9yZQ=="}
        return answer


def test_the_sdk_does_not_continue_a_long_answer_on_its_own() -> None:
    with Unfinished() as server:
        reply = outcome(server, request("Ja."))
        assert server.asked.total() == 1
    assert isinstance(reply, Reply) and reply.finish == "length"


def test_the_sdk_is_silent(server: GeminiServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        outcome(server, request("Ja."))
    assert not caplog.records


def test_settings_of_googles_cloud_do_not_lead_elsewhere(server: GeminiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "somebody")
    assert texts(outcome(server, request("Ja."))) == ["JA."]


def test_the_sdks_own_variable_names_another_address(server: GeminiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
    assert texts(outcome("", request("Ja."), base_url=None)) == ["JA."]


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("SAFETY", "blocked"),
        ("RECITATION", "blocked"),
        ("PROHIBITED_CONTENT", "blocked"),
        ("A_FILTER_OF_TOMORROW", "blocked"),
        ("OTHER", "other"),
        ("MALFORMED_RESPONSE", "other"),
        (None, "other"),
    ],
)
def test_every_end_of_an_answer_has_its_word(reason: str | None, finish: str) -> None:
    candidate = {"content": {"parts": [{"text": "a"}, {"text": "b"}]}, "finishReason": reason}
    assert reply_of({"candidates": [candidate]}, tokens_in=11) == Reply("ab", 11, 1, finish)


def test_a_question_that_is_blocked_is_a_reply_that_cost_something() -> None:
    answer = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 9}}
    assert reply_of(answer) == Reply("", 9, 0, "blocked")


@pytest.mark.parametrize("answer", [None, [], "text", 3, {"candidates": 3}, {"candidates": [{"content": []}, 1]}, {}])
def test_json_that_is_no_answer_is_asked_for_again(answer: Any) -> None:
    if answer == {"candidates": [{"content": []}, 1]}:
        assert reply_of(answer).text == ""
        return
    with pytest.raises(Retryable):
        reply_of(answer)


# How asking fails


FAILURES: list[tuple[str, tuple[int, dict[str, str], bytes], tuple[Any, ...]]] = [
    ("429", error(429, "RESOURCE_EXHAUSTED", "slow down"), (Retryable, "HTTP 429", None, False)),
    (
        "429 with Retry-After",
        error(429, "RESOURCE_EXHAUSTED", "slow down", headers={"Retry-After": "7"}),
        (Retryable, "HTTP 429", 7.0, False),
    ),
    (
        "429 with RetryInfo",
        error(429, "RESOURCE_EXHAUSTED", "x", [{"@type": f"{RPC}RetryInfo", "retryDelay": "34.07s"}]),
        (Retryable, "HTTP 429", 34.07, False),
    ),
    (
        "429 of the day",
        error(429, "RESOURCE_EXHAUSTED", "x", [{"violations": [{"quotaId": "GenerateRequestsPerDayPerProject"}]}]),
        (Fatal, "today's quota of the key is spent"),
    ),
    (
        "429 of the minute",
        error(429, "RESOURCE_EXHAUSTED", "x", [{"violations": [{"quotaId": "GenerateRequestsPerMinute"}]}]),
        (Retryable, "HTTP 429", None, False),
    ),
    ("500", error(500, "INTERNAL", "oops"), (Retryable, "HTTP 500", None, False)),
    ("503", error(503, "UNAVAILABLE", "overloaded"), (Retryable, "HTTP 503", None, False)),
    ("504", error(504, "DEADLINE_EXCEEDED", "late"), (Retryable, "HTTP 504", None, True)),
    ("502 of a proxy", (502, {"Content-Type": "text/html"}, b"<html>Bad"), (Retryable, "HTTP 502", None, False)),
    ("503 as a list", (503, {}, b'[{"error": {"code": 503}}]'), (Retryable, "HTTP 503", None, False)),
    ("503 as two", (503, {}, b'[{"error": {}}, {}]'), (Retryable, "HTTP 503", None, False)),
    ("400", error(400, "INVALID_ARGUMENT", "no such field"), (Permanent, "HTTP 400 INVALID_ARGUMENT")),
    ("413", (413, {}, b"too large"), (Permanent, "HTTP 413")),
    ("501", error(501, "UNIMPLEMENTED", "x"), (Permanent, "HTTP 501 UNIMPLEMENTED")),
    (
        "400 of the key",
        error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
        (Fatal, "Gemini refuses the key"),
    ),
    ("401", error(401, "UNAUTHENTICATED", "who?"), (Fatal, "Gemini refuses the key")),
    ("403", error(403, "PERMISSION_DENIED", "not you"), (Fatal, "Gemini refuses the key")),
    (
        "400 of the country",
        error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
        (Fatal, "Gemini does not serve this key"),
    ),
    ("404", error(404, "NOT_FOUND", "x"), (Fatal, f"Gemini knows no model '{MODEL}'")),
    ("404 of another server", (404, {}, b"<html>"), (Fatal, "this is not the Gemini API (HTTP 404)")),
    ("204", (204, {}, b""), (Fatal, "this is not the Gemini API (HTTP 204)")),
    ("200 and a page", (200, {}, b"<html>"), (Retryable, "not an answer of Gemini", None, True)),
    ("200 and nothing", (200, {}, b""), (Retryable, "not an answer of Gemini", None, True)),
    ("200 and {}", (200, {}, b"{}"), (Retryable, "empty answer", None, False)),
    ("200 and a list", (200, {}, b"[]"), (Retryable, "not an answer of Gemini", None, True)),
    ("200 and no UTF-8", (200, {}, b'{"candidates": "\xff'), (Retryable, "not an answer of Gemini", None, True)),
]


@pytest.mark.parametrize(("answer", "expected"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_every_refusal_has_its_meaning_and_is_asked_once(
    server: GeminiServer, answer: tuple[int, dict[str, str], bytes], expected: tuple[Any, ...]
) -> None:
    server.refusal = answer
    assert told(outcome(server, request("Ja."))) == expected
    assert len(server.seen) == 0
    server.refusal = None


@pytest.mark.parametrize("fault", WAY)
def test_the_sdk_asks_once_whatever_happens(fault: str) -> None:
    with GeminiServer(faults=Faults({fault: 1.0}, slow_s=0.05)) as server:
        answer = outcome(server, request("Ja."), timeout_s=1.5 if fault == "hangs" else 60)
        assert server.asked.total() == 1 and server.met == {fault: 1}
    expected = {
        "limited": (Retryable, "HTTP 429", 0.0, False),
        "limited_bare": (Retryable, "HTTP 429", None, False),
        "limited_info": (Retryable, "HTTP 429", 0.01, False),
        "broken": (Retryable, "HTTP 500", None, False),
        "unavailable": (Retryable, "HTTP 503", None, False),
        "hangs": (Retryable, "timeout", None, True),
        "cut": (Retryable, "connection cut", None, True),
        "garbled": (Retryable, "not an answer of Gemini", None, True),
    }
    assert isinstance(answer, Reply) if fault == "slow" else told(answer) == expected[fault]


@pytest.mark.parametrize(
    ("fault", "finish", "text"),
    [
        ("half_json", "stop", '{"translations": [{"id'),
        ("prose", "stop", "I'm sorry, but I can't help with that."),
        ("other_language", "stop", "Le chat"),
        ("empty", "stop", '{"translations": [{"id": 1, "text": ""}]}'),
        ("filtered", "blocked", ""),
        ("truncated", "length", '{"translations": [{"id'),
        ("prompt_blocked", "blocked", ""),
    ],
)
def test_whatever_a_model_says_is_a_reply(fault: str, finish: str, text: str) -> None:
    with GeminiServer(faults=Faults({fault: 1.0})) as server:
        reply = outcome(server, request("Heute ist ein schöner Tag."))
        assert server.asked.total() == server.answered.total() == 1
    assert isinstance(reply, Reply) and reply.finish == finish and text in reply.text and reply.tokens_in > 0


def test_an_answer_that_trickles_in_is_given_up_after_the_timeout() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        try:
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        except (ConnectionError, asyncio.CancelledError):
            writer.close()

    async def run() -> tuple[Any, ...]:
        listening = await asyncio.start_server(trickle, "127.0.0.1", 0)
        teacher = GeminiTeacher(settings(f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", timeout_s=1))
        try:
            await teacher.ask(request("Ja."))
        except Retryable as failure:
            return told(failure)
        finally:
            await teacher.close()
            listening.close()
        raise AssertionError("there was no answer")

    assert asyncio.run(run()) == (Retryable, "timeout", None, True)


def test_a_date_in_retry_after_is_seconds_to_wait(server: GeminiServer) -> None:
    server.refusal = error(
        429, "RESOURCE_EXHAUSTED", "x", headers={"Retry-After": formatdate(time.time() + 90, usegmt=True)}
    )
    failure = outcome(server, request("Ja."))
    assert isinstance(failure, Retryable) and failure.retry_after is not None and 60 < failure.retry_after <= 91


def test_nobody_listening_is_no_connection_and_costs_nothing() -> None:
    assert told(outcome("http://127.0.0.1:9", request("Ja."))) == (Retryable, "no connection", None, False)


def test_a_cancelled_question_stays_cancelled() -> None:
    here = threading.Event()

    async def run(url: str) -> None:
        teacher = GeminiTeacher(settings(url))
        task = asyncio.create_task(teacher.ask(request("Ja.")))
        await asyncio.to_thread(here.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await teacher.close()

    with GeminiServer(faults=Faults({"hangs": 1.0})) as server:
        server.on_asked = lambda _: here.set()
        asyncio.run(run(server.url))


def test_at_thirty_percent_faults_every_question_ends_and_each_asking_is_one_request() -> None:
    questions = [request(f"Satz {number}.") for number in range(60)]
    calls = 0

    async def all_of_them(teacher: GeminiTeacher) -> list[Reply]:
        few = asyncio.Semaphore(6)

        async def one(asked: Request) -> Reply:
            nonlocal calls
            for _ in range(20):
                async with few:
                    calls += 1
                    try:
                        return await teacher.ask(asked)
                    except Retryable:
                        continue
            raise AssertionError("never answered")

        return await asyncio.gather(*(one(asked) for asked in questions))

    with GeminiServer(faults=Faults(dict.fromkeys(WAY + SAID, 0.3 / len(WAY + SAID)), seed=3, slow_s=0.01)) as server:
        replies = use(server, all_of_them, timeout_s=1.5)
        assert len(questions) < server.asked.total() <= calls
        assert server.met.total() > 0.2 * len(questions) and len(server.met) > 8
        assert all(reply.tokens_in > 0 for reply in replies)
    right = sum(reply.finish == "stop" and reply.text.startswith("{") for reply in replies)
    assert right > 0.7 * len(questions)


def test_many_questions_at_once_do_not_wait_for_connections() -> None:
    """The HTTP library would open a hundred; whoever waits for one would run into the timeout."""
    here = threading.Event()

    async def many(teacher: GeminiTeacher) -> None:
        tasks = [asyncio.create_task(teacher.ask(request(f"Satz {number}."))) for number in range(150)]
        assert await asyncio.to_thread(here.wait, 60), f"only {server.asked.total()} came"
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    with GeminiServer(faults=Faults({"hangs": 1.0})) as server:
        server.on_asked = lambda count: here.set() if count == 150 else None
        use(server, many, timeout_s=100)
