"""Questions for the Gemini teacher, and what comes of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.items import Fatal, Passage, Payload, Permanent, Reply, Request, Retryable
from dragoman.synth.teachers.gemini import GeminiTeacher
from synth.gemini_server import KEY, GeminiServer

T = TypeVar("T")
MODEL = "gemini-2.5-flash"


def clean_environment(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """One key and nothing else that the SDK or the HTTP library would listen to; and no certificates to load, which
    takes them 0.1 seconds a client."""
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    for name in ("GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", KEY)


def settings(url: str | None, **more: Any) -> TeacherSettings:
    return TeacherSettings(**{"kind": "gemini", "model": MODEL, "base_url": url, "timeout_s": 60} | more)


def request(*texts: str, system: str = "You translate.") -> Request:
    found = tuple(
        Passage.of(source="s", document="d", place=i, src="de", tgt="en", text=text, sentences=1)
        for i, text in enumerate(texts)
    )
    user = json.dumps({"passages": [{"id": i, "text": text} for i, text in enumerate(texts, start=1)]})
    return Request(MODEL, "translate-v1", Payload(system, user, found, max_tokens=512, temperature=0.3))


def use(server: GeminiServer | str, work: Callable[[GeminiTeacher], Awaitable[T]], **more: Any) -> T:
    """`work` with a teacher that speaks to `server`, in a loop of its own."""

    async def run() -> T:
        url = server if isinstance(server, str) else server.url
        teacher = GeminiTeacher(settings(url, **more))
        try:
            return await work(teacher)
        finally:
            await teacher.close()
            await teacher.close()

    return asyncio.run(run())


def outcome(server: GeminiServer | str, asked: Request, **more: Any) -> Reply | Exception:
    async def ask(teacher: GeminiTeacher) -> Reply | Exception:
        try:
            return await teacher.ask(asked)
        except (Retryable, Permanent, Fatal) as failure:
            return failure

    return use(server, ask, **more)


def told(answer: Any) -> tuple[Any, ...]:
    """What the runner sees of a failure."""
    assert isinstance(answer, (Retryable, Permanent, Fatal)), answer
    if isinstance(answer, Retryable):
        return Retryable, answer.reason, answer.retry_after, answer.billed
    return type(answer), answer.reason if isinstance(answer, Permanent) else answer.what


def texts(reply: Any) -> list[str]:
    assert isinstance(reply, Reply), reply
    return [row["text"] for row in json.loads(reply.text)["translations"]]
