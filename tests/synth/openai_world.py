"""What the tests of the teacher that speaks OpenAI's protocol have in common. `bare` and `server` are fixtures."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.items import Passage, Payload, Reply, Request
from dragoman.synth.teachers.chat import Dialect
from dragoman.synth.teachers.openai import OpenAITeacher
from synth.openai_server import OpenAIServer

T = TypeVar("T")
KEY = "sk-not-a-key-of-anybody"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no address from outside."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(str.upper) as server:
        yield server


def settings(server: OpenAIServer | None = None, **more: Any) -> TeacherSettings:
    if server is not None:
        more.setdefault("base_url", server.url)
    return TeacherSettings(**{"kind": "openai", "model": "tiny", "timeout_s": 20.0, **more})


def request(*texts: str, model: str = "tiny") -> Request:
    passages = tuple(
        Passage.of(source="s", document="d", place=place, src="de", tgt="en", text=text, sentences=1)
        for place, text in enumerate(texts or ("Hallo.",))
    )
    user = json.dumps([{"id": place, "text": one.text} for place, one in enumerate(passages, 1)], ensure_ascii=False)
    return Request(model, "test", Payload("Translate.", user, passages, 200, 0.3))


def run(settings: TeacherSettings, work: Callable[[OpenAITeacher], Awaitable[T]], *, fresh: bool = False) -> T:
    """`work` with a teacher; unless `fresh`, one that has asked how the server wants to be asked."""

    async def inside() -> T:
        teacher = OpenAITeacher(settings)
        teacher._settled = not fresh
        try:
            return await work(teacher)
        finally:
            await teacher.close()

    return asyncio.run(inside())


def ask(server: OpenAIServer, **more: Any) -> Reply:
    return run(settings(server, **more), lambda teacher: teacher.ask(request("Hallo.", "Und tschüss!")))


def check(settings: TeacherSettings) -> None:
    run(settings, lambda teacher: teacher.check(), fresh=True)


def settled(settings: TeacherSettings) -> Dialect:
    """How a teacher asks after its first question."""

    async def work(teacher: OpenAITeacher) -> Dialect:
        await teacher.ask(request())
        return teacher.dialect

    return run(settings, work, fresh=True)
