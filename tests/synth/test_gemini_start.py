"""The Gemini teacher before any work: the key, the model, the network, in one line each."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from dragoman.synth.items import Fatal, Permanent, Retryable
from dragoman.synth.teachers.gemini import GeminiTeacher
from synth.bad_server import Faults
from synth.gemini_server import KEY, GeminiServer, error
from synth.gemini_world import MODEL, clean_environment, outcome, request, texts, use


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clean_environment(monkeypatch, tmp_path)


@pytest.fixture
def server() -> Iterator[GeminiServer]:
    with GeminiServer() as running:
        yield running


def test_without_a_key_the_first_line_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMINI_API_KEY")
    with pytest.raises(Fatal) as failure:
        use("http://127.0.0.1:9", lambda teacher: teacher.check())
    assert str(failure.value) == "there is no key for Gemini (GEMINI_API_KEY): set this variable to your key"
    with pytest.raises(Fatal, match="MY_KEY"):
        use("http://127.0.0.1:9", lambda teacher: teacher.check(), api_key_env="MY_KEY")


def test_the_key_is_found_where_the_recipe_or_the_sdk_says(
    server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "wrong")
    monkeypatch.setenv("GOOGLE_API_KEY", KEY)
    assert texts(outcome(server, request("Ja."))) == ["JA."]
    monkeypatch.setenv("GOOGLE_API_KEY", "wrong")
    monkeypatch.setenv("MY_KEY", f" {KEY}\n")
    assert texts(outcome(server, request("Ja."), api_key_env="MY_KEY")) == ["JA."]


@pytest.mark.parametrize("key", ["AIza two words", "AIza\tkey", "ключ", "AIza\x00key"[:4] + "\x7f"])
def test_what_cannot_be_a_key_is_not_sent(server: GeminiServer, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", key)
    with pytest.raises(Fatal, match=r"this is not a key \(GEMINI_API_KEY\)") as failure:
        use(server, lambda teacher: teacher.check())
    assert key not in str(failure.value) and not server.seen


def test_a_wrong_key_is_said_before_any_work_and_in_one_line(
    server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEMINI_API_KEY", "AIzaOfSomebodyElse")
    with pytest.raises(Fatal) as failure:
        use(server, lambda teacher: teacher.check())
    words = "API key not valid. Please pass a valid API key."
    assert str(failure.value) == f"Gemini refuses the key (GEMINI_API_KEY): {words}"
    assert not server.asked


@pytest.mark.parametrize("status", ["INVALID_ARGUMENT", "FAILED_PRECONDITION", "NOT_FOUND"])
def test_no_error_holds_the_key(server: GeminiServer, status: str) -> None:
    async def work(teacher: GeminiTeacher) -> None:
        for code in (400, 401, 403, 404, 429, 500, 302):
            server.refusal = error(code, status, f"API key not valid: {KEY}\nsee ?key={KEY}")
            with pytest.raises((Retryable, Permanent, Fatal)) as failure:
                await teacher.ask(request("Ja."))
            said = "".join(traceback.format_exception(failure.value))
            assert KEY not in said and "\n" not in str(failure.value)

    use(server, work)


def test_a_redirect_to_a_stranger_goes_without_the_key(server: GeminiServer) -> None:
    with GeminiServer(key=None) as stranger:
        elsewhere = stranger.url.replace("127.0.0.1", "localhost")
        server.refusal = (307, {"Location": f"{elsewhere}/v1/models/{MODEL}:generateContent"}, b"")
        assert texts(outcome(server, request("Ja."))) == ["JA."]
        assert server.headers["x-goog-api-key"] == KEY
        assert stranger.asked.total() == 1 and KEY not in str(stranger.headers)


# Before any work


def test_a_good_start_costs_one_small_call(server: GeminiServer) -> None:
    use(server, lambda teacher: teacher.check())
    assert server.seen == [("GET", f"/models/{MODEL}")] and not server.asked


def test_an_unknown_model_is_said_with_the_nearest_name(server: GeminiServer) -> None:
    with pytest.raises(Fatal) as failure:
        use(server, lambda teacher: teacher.check(), model="gemini-2.5-flahs")
    assert str(failure.value) == (
        f"Gemini knows no model 'gemini-2.5-flahs' ({server.url}): did you mean 'gemini-2.5-flash'?"
    )


def test_a_model_that_is_like_none_is_said_with_where_to_look(server: GeminiServer) -> None:
    with pytest.raises(Fatal, match=r"knows no model 'x' \(.*\): see https://ai.google.dev/gemini-api/docs/models"):
        use(server, lambda teacher: teacher.check(), model="x")


@pytest.mark.parametrize("model", ["a/../b", "gemini?key=1", "gemini 2.5", "x&y"])
def test_what_is_no_name_of_a_model_is_not_sent(server: GeminiServer, model: str) -> None:
    with pytest.raises(Fatal, match="knows no model"):
        use(server, lambda teacher: teacher.check(), model=model)
    assert not server.seen


def test_a_model_that_does_not_write_is_said(server: GeminiServer) -> None:
    with pytest.raises(Fatal, match=r"does not write text \(gemini-embedding-001\)"):
        use(server, lambda teacher: teacher.check(), model="models/gemini-embedding-001")
    with pytest.raises(Fatal, match="has no Batch API"):
        use(server, lambda teacher: teacher.check(), model="gemini-embedding-001", batch=True)


def test_no_network_is_said_in_one_line() -> None:
    with pytest.raises(Fatal) as failure:
        use("http://127.0.0.1:9", lambda teacher: teacher.check())
    assert str(failure.value) == (
        "Gemini cannot be reached (http://127.0.0.1:9): check the network, the proxy and base_url"
    )


def test_a_service_that_hangs_is_said_and_one_that_is_busy_passes() -> None:
    with GeminiServer(faults=Faults({"hangs": 1.0})) as server, pytest.raises(Fatal, match="it does not answer"):
        use(server, lambda teacher: teacher.check(), timeout_s=1.5)
    for fault in ("limited", "unavailable", "broken"):
        with GeminiServer(faults=Faults({fault: 1.0})) as server:
            use(server, lambda teacher: teacher.check())


def test_another_server_is_said(server: GeminiServer) -> None:
    server.refusal = (404, {}, b"<html>nothing here</html>")
    with pytest.raises(Fatal, match=r"this is not the Gemini API \(HTTP 404\)"):
        use(server, lambda teacher: teacher.check())


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(Fatal, match=r"pip install 'dragoman\[llm\]'"):
        use("http://127.0.0.1:9", lambda teacher: teacher.check())
