"""Before the first question: keys, addresses, models, and how a server wants to be asked.

    python -m pytest tests/synth/test_openai_start.py

All of it goes through the official SDK to a local server that speaks the same protocol.
"""

from __future__ import annotations

import asyncio
import json
import sys

import pytest

from dragoman.synth.items import Fatal, Prices, Reply, Retryable
from dragoman.synth.teachers.chat import Dialect
from dragoman.synth.teachers.openai import OpenAITeacher
from dragoman.synth.teachers.wire import clean
from synth.openai_server import Faults, OpenAIServer
from synth.openai_world import KEY, ask, bare, check, request, run, server, settings, settled

__all__ = ["bare", "server"]


@pytest.mark.parametrize("formats", [("json_schema", "json_object"), ("json_object",), ()])
def test_the_strictest_form_that_a_server_knows_is_asked_for(formats: tuple[str, ...]) -> None:
    with OpenAIServer(str.upper, formats=formats) as server:
        assert settled(settings(server)).format == (*formats, "text")[0]


def test_a_server_that_renamed_the_limit_is_understood(server: OpenAIServer) -> None:
    server.limit = "max_completion_tokens"
    assert settled(settings(server)) == Dialect(limit="max_completion_tokens")


def test_the_first_question_decides_once_for_all_requests() -> None:
    async def work(teacher: OpenAITeacher) -> None:
        await teacher.ask(request("Guten Tag."))
        server.bodies = []
        await asyncio.gather(*(teacher.ask(request(f"Nummer {number}.")) for number in range(5)))

    with OpenAIServer(str.upper, formats=("json_object",), limit="max_completion_tokens") as server:
        run(settings(server), work, fresh=True)
        assert server.bodies is not None and len(server.bodies) == 5
        assert {one["response_format"]["type"] for one in server.bodies} == {"json_object"}


def test_a_template_without_a_system_message_gets_one_message() -> None:
    dialect = Dialect().simpler("System role not supported")
    assert dialect == Dialect(system=False)
    assert dialect.body(request())["messages"][0]["content"].startswith("Translate.\n\n[{")


def test_no_key_is_said_before_any_call_and_only_where_one_is_needed(server: OpenAIServer) -> None:
    with pytest.raises(Fatal, match=r"there is no key \(OPENAI_API_KEY\)"):
        check(settings())
    with pytest.raises(Fatal, match=r"there is no key \(MINE\)"):
        check(settings(server, api_key_env="MINE"))
    check(settings(server))


def test_a_key_goes_to_the_server_it_was_named_for(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-for-openai")
    ask(server)
    assert "sk-for-openai" not in server.headers["authorization"], "a key went over the wire unasked and unencrypted"
    monkeypatch.setenv("MINE", KEY)
    server.key = KEY
    assert ask(server, api_key_env="MINE").finish == "stop"


@pytest.mark.parametrize("key", ["sk-ÄÖÜ", "sk one two", "sk-\x07"])
def test_what_cannot_be_a_key_is_said_and_not_shown(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("MINE", key)
    with pytest.raises(Fatal, match=r"this is not a key \(MINE\)") as caught:
        check(settings(server, api_key_env="MINE"))
    assert key not in str(caught.value)


def test_an_address_from_the_environment_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "localhost:8000/v1")
    with pytest.raises(Fatal, match="'localhost:8000/v1' is no web address"):
        check(settings())


def test_a_wrong_key_is_said_in_one_line_without_the_key(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", KEY)
    server.key = "another"
    with pytest.raises(Fatal) as caught:
        check(settings(server, api_key_env="MINE"))
    assert "the key is refused" in str(caught.value) and "check MINE" in str(caught.value)
    assert KEY not in str(caught.value) and "\n" not in str(caught.value)


def test_a_wrong_model_is_said_with_the_one_that_was_meant(server: OpenAIServer) -> None:
    server.models = ("tiny", "large")
    with pytest.raises(Fatal, match="there is no model 'tyny', did you mean 'tiny'"):
        check(settings(server, model="tyny"))


def test_a_server_that_is_down_is_said_at_once() -> None:
    with pytest.raises(Fatal, match=r"no answer \(no connection\) \(http://127.0.0.1:9\)"):
        check(settings(base_url="http://127.0.0.1:9/v1"))


def test_a_temperature_that_a_model_has_not_is_said(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    error = {
        "message": "Unsupported value: 'temperature' does not support 0.3 with this model.",
        "param": "temperature",
    }
    monkeypatch.setattr(server, "chat", lambda *_: (400, {}, json.dumps({"error": error}).encode()))
    with pytest.raises(Fatal, match="set the teacher's temperature: 1"):
        settled(settings(server))


def test_a_server_that_refuses_every_form_is_said_with_its_words(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "chat", lambda *_: (400, {}, b'{"error": {"message": "none of us chats"}}'))
    with pytest.raises(Fatal, match="HTTP 400: none of us chats"):
        settled(settings(server))


def test_the_check_asks_nothing_that_costs(server: OpenAIServer) -> None:
    server.bodies = []
    check(settings(server))
    assert server.bodies == []


@pytest.mark.parametrize("listed", [("tiny:latest",), ("tiny", "large")])
def test_a_listed_model_is_known_by_its_tag_too(server: OpenAIServer, listed: tuple[str, ...]) -> None:
    server.models, server.bodies = listed, []
    check(settings(server))
    assert server.bodies == []


def test_a_bad_day_is_left_to_the_patience_of_the_run(server: OpenAIServer) -> None:
    async def work(teacher: OpenAITeacher) -> Reply:
        await teacher.check()
        with pytest.raises(Retryable, match="HTTP 500"):
            await teacher.ask(request())
        server.faults = Faults()
        return await teacher.ask(request())

    server.faults = Faults({"broken": 1.0})
    assert run(settings(server), work, fresh=True).finish == "stop"


def test_without_the_library_it_is_said_how_to_get_it(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(Fatal, match=r"pip install 'dragoman\[llm\]'"):
        check(settings(server))


def test_prices_are_known_for_the_official_service_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OpenAITeacher(settings(model="gpt-4o-mini")).prices == Prices(0.15, 0.6)
    assert OpenAITeacher(settings(model="gpt-4o-mini", batch=True)).prices == Prices(0.075, 0.3)
    assert OpenAITeacher(settings(model="gpt-4o-mini", base_url="https://elsewhere.example/v1")).prices is None
    monkeypatch.setenv("OPENAI_BASE_URL", "https://elsewhere.example/v1")
    teacher = OpenAITeacher(settings(model="gpt-4o-mini"))
    assert teacher.prices is None and teacher.name == "openai-compatible"


def test_servers_words_are_short_and_hold_no_key() -> None:
    assert clean(f"a\n{KEY} b " + "x" * 500, KEY).startswith("a *** b x")
    assert len(clean("x" * 500)) == 160
