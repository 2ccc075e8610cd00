"""A teacher that speaks OpenAI's protocol: what it sends, and what it makes of every answer.

    python -m pytest tests/synth/test_openai.py

All of it goes through the official SDK to a local server that speaks the same protocol.
"""

from __future__ import annotations

import json
from email.utils import formatdate
from typing import Any

import pytest

from dragoman.synth.items import Fatal, Permanent, Retryable, answer_text, estimated_tokens
from dragoman.synth.teachers.chat import reply_in
from dragoman.synth.teachers.wire import seconds_to_wait
from synth.openai_server import SAID, WAY, Faults, OpenAIServer
from synth.openai_world import KEY, ask, bare, request, run, server, settings

__all__ = ["bare", "server"]


def test_an_answer_comes_as_it_was_written_with_its_tokens(server: OpenAIServer) -> None:
    reply = ask(server)
    assert reply.text == answer_text(["HALLO.", "UND TSCHÜSS!"])
    assert (reply.finish, reply.model) == ("stop", "tiny-2026")
    assert reply.tokens_in > 10 and reply.tokens_out == len(reply.text) // 4 + 1


def test_what_is_sent_is_the_request_and_the_schema_of_the_answer(server: OpenAIServer) -> None:
    server.bodies = []
    ask(server)
    (said,) = server.bodies
    assert (said["model"], said["temperature"], said["max_tokens"]) == ("tiny", 0.3, 200)
    assert [one["role"] for one in said["messages"]] == ["system", "user"]
    schema = said["response_format"]["json_schema"]
    assert schema["strict"] and schema["schema"]["required"] == ["translations"]


def test_tokens_are_estimated_where_a_server_counts_none(server: OpenAIServer) -> None:
    server.usage = False
    reply, asked = ask(server), request("Hallo.", "Und tschüss!")
    assert (reply.tokens_in, reply.tokens_out) == (asked.tokens_in, estimated_tokens(reply.text))


@pytest.mark.parametrize(("said", "finish"), [("truncated", "length"), ("filtered", "blocked"), ("half_json", "stop")])
def test_why_an_answer_ends_is_handed_on(server: OpenAIServer, said: str, finish: str) -> None:
    server.faults = Faults({said: 1.0})
    assert ask(server).finish == finish


@pytest.mark.parametrize(
    ("choice", "text", "finish"),
    [
        ({"message": {"content": None, "refusal": "No."}, "finish_reason": "stop"}, "", "blocked"),
        ({"message": {"content": [{"type": "thinking"}, {"type": "text", "text": "ja"}]}}, "ja", "stop"),
        ({"message": {}, "finish_reason": None}, "", "stop"),
        ({"message": {"content": "x"}, "finish_reason": ["odd"][0]}, "x", "stop"),
    ],
)
def test_answers_of_other_shapes_are_read(choice: dict[str, Any], text: str, finish: str) -> None:
    reply = reply_in({"choices": [choice], "usage": None}, 7)
    assert (reply.text, reply.finish, reply.tokens_in) == (text, finish, 7)


@pytest.mark.parametrize(
    "answer", [None, "<html>", [], {}, {"choices": []}, {"choices": None}, {"error": {"code": 429}}, {"choices": [3]}]
)
def test_json_that_is_no_answer_may_be_asked_again(answer: object) -> None:
    with pytest.raises(Retryable, match="no chat completion"):
        reply_in(answer, 0)


@pytest.mark.parametrize(
    ("fault", "reason", "billed", "wait"),
    [
        ("limited", "HTTP 429", False, 7.5),
        ("limited_bare", "HTTP 429", False, None),
        ("broken", "HTTP 500", False, None),
        ("hangs", "timeout", True, None),
        ("cut", "connection cut", True, None),
        ("garbled", "no chat completion", True, None),
    ],
)
def test_faults_of_the_way_may_be_asked_again(
    server: OpenAIServer, fault: str, reason: str, billed: bool, wait: float | None
) -> None:
    server.faults = Faults({fault: 1.0}, retry_after="7.5")
    with pytest.raises(Retryable) as caught:
        ask(server, timeout_s=0.3 if fault == "hangs" else 20)
    assert (caught.value.reason, caught.value.billed, caught.value.retry_after) == (reason, billed, wait)
    assert server.asked.total() == 1, "the SDK asked again by itself"


def test_an_answer_that_trickles_in_is_lost_after_the_timeout(server: OpenAIServer) -> None:
    """Each piece comes in good time, which is all that the HTTP library looks at."""
    server.drip_s = 0.1
    with pytest.raises(Retryable, match="timeout"):
        ask(server, timeout_s=0.5)


def test_a_server_that_is_not_there_was_not_sent_anything() -> None:
    with pytest.raises(Retryable, match="no connection") as caught:
        run(settings(base_url="http://127.0.0.1:9/v1"), lambda teacher: teacher.ask(request()))
    assert not caught.value.billed


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (400, {"message": "too long", "code": "context_length_exceeded"}, Permanent("HTTP 400")),
        (400, {"message": "filtered", "code": "content_filter"}, Permanent("blocked by the service")),
        (403, {"message": "moderation"}, Permanent("HTTP 403")),
        (413, {}, Permanent("HTTP 413")),
        (401, {"message": f"Incorrect API key provided: {KEY}"}, Fatal("the key is refused")),
        (402, {"message": "Insufficient Balance"}, Fatal("the account has no credit left")),
        (429, {"message": "You exceeded your quota", "code": "insufficient_quota"}, Fatal("no credit left")),
        (404, {"message": "model 'tiny' not found"}, Fatal("HTTP 404: model 'tiny' not found")),
        (503, {"message": "overloaded"}, Retryable("HTTP 503")),
        (529, {"message": "overloaded"}, Retryable("HTTP 529")),
        (409, {"message": "try again"}, Retryable("HTTP 409")),
        (504, {"message": "gateway"}, Retryable("HTTP 504", billed=True)),
    ],
)
def test_refusals_are_told_apart(
    server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    error: dict[str, str],
    expected: Retryable | Permanent | Fatal,
) -> None:
    monkeypatch.setenv("MINE", KEY)
    monkeypatch.setattr(server, "chat", lambda *_: (status, {}, json.dumps({"error": error}).encode()))
    with pytest.raises(type(expected)) as caught:
        ask(server, api_key_env="MINE")
    assert str(expected) in str(caught.value) and KEY not in str(caught.value)
    if isinstance(expected, Retryable):
        assert caught.value.billed == expected.billed  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ({"retry-after": "3"}, 3),
        ({"retry-after-ms": "250"}, 0.25),
        ({"retry-after": formatdate(1060, usegmt=True)}, 60),
        ({"retry-after": formatdate(900, usegmt=True)}, 0),
        ({"retry-after": "-4"}, 0),
        ({}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: dict[str, str], seconds: float | None) -> None:
    assert seconds_to_wait(header, lambda: 1000.0) == seconds


def test_the_server_meets_out_the_share_of_faults_it_is_told() -> None:
    """Of the server itself: what the tests at 30% faults rest on."""
    faults = Faults.spread(0.3, seed=3)
    struck = [(faults.draw(WAY, n, 0), faults.draw(SAID, n)) for n in range(20_000)]
    assert 0.29 < sum(way is not None or said is not None for way, said in struck) / 20_000 < 0.31
    kinds = {kind for both in struck for kind in both} - {None}
    assert kinds == set(WAY + SAID)
