"""Teachers: what every kind can do, and the one that a recipe names.

    teacher = make_teacher(settings)             kind gemini, openai, model or recorded
    await teacher.check()                        Fatal now rather than in the middle of the night
    reply = await teacher.ask(request)           Reply, or raises Retryable, Permanent or Fatal

A teacher asks once: it holds back, waits, repeats and counts nothing, which is the runner's business, so the retries
of a library are switched off. It knows no checks either: whatever text came is a `Reply`. All methods run in one event
loop, `ask` many times at once; clients are made at the first call, inside that loop.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from dragoman.errors import RecipeError
from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.items import Permanent, Prices, Reply, Request, Retryable

JobState = Literal["running", "ended", "failed"]
"""`ended`: `fetch` hands out what there is (also of a job that expired or was cancelled half-way); `failed`: nothing
will come, and the job's requests are open again."""
Translate = Callable[[list[str], str, str], list[str]]
"""(texts, source language, target language) -> translations, one for each text, in order."""


class Teacher(Protocol):
    """Who answers requests one by one."""

    @property
    def name(self) -> str:
        """What provenance calls it, such as `gemini`."""

    @property
    def model(self) -> str:
        """The model's name, as requests carry it."""

    @property
    def prices(self) -> Prices | None:
        """None: unknown. Prices(0, 0): free of charge."""

    @property
    def batch(self) -> bool:
        """Whether it is asked by jobs (it is a `BatchTeacher` then) and not one by one."""

    async def check(self) -> None:
        """One cheap call. Raises `Fatal`, one line, for a missing or wrong key, an unknown model, no network."""

    async def ask(self, request: Request) -> Reply:
        """Ask once. Raises `Retryable`, `Permanent` or `Fatal`, nothing else."""

    async def close(self) -> None:
        """Close connections and files. May be called twice, and without any call before."""


@runtime_checkable
class BatchTeacher(Teacher, Protocol):
    """Who answers jobs of many requests, hours later."""

    @property
    def largest_job(self) -> int:
        """Most requests of one job."""

    async def submit(self, requests: Sequence[Request], label: str) -> str:
        """The id of a job that answers `requests`. Raises as `ask` does.

        `label` is ours and unique: it goes into the job's display name or metadata. A job that carries it already is
        handed back instead of a second one: we may have been killed after submitting it and before noting its id.
        """

    async def poll(self, job: str) -> JobState:
        """How far a job is. Raises `Retryable` or `Fatal`, and `Permanent` where there is no such job (any more)."""

    def fetch(self, job: str) -> AsyncIterator[tuple[str, Reply | Retryable | Permanent]]:
        """Pairs of a request's id and its reply or error, in any order, streamed; an async generator.

        Raises `Retryable` where reading breaks off: it is called again then, from the start.
        """


def make_teacher(
    settings: TeacherSettings, *, journal: Path | None = None, translate: Translate | None = None
) -> Teacher:
    """The teacher of a recipe.

    `journal`: for `recorded`, the file of `settings.journal`. `translate`: for `model`, the model at work.
    """
    if settings.kind == "gemini":
        from dragoman.synth.teachers.gemini import GeminiTeacher

        return GeminiTeacher(settings)
    if settings.kind == "openai":
        from dragoman.synth.teachers.openai import OpenAITeacher

        return OpenAITeacher(settings)
    if settings.kind == "model":
        from dragoman.synth.teachers.model import ModelTeacher

        if translate is None:
            raise RecipeError("this teacher needs a loaded model", where="synthesize.teacher.kind")
        return ModelTeacher(settings, translate)
    from dragoman.synth.teachers.recorded import RecordedTeacher

    if journal is None:
        raise RecipeError("this teacher needs a journal", where="synthesize.teacher.kind")
    return RecordedTeacher(journal)
