"""Gemini through Google's SDK (google-genai): direct calls, and jobs of the Batch API.

    await teacher.ask(request)                       one call of generateContent
    job = await teacher.submit(requests, label)      a file is uploaded, a job made of it: `batches/8kqz...`
    await teacher.poll(job)                          running, ended or failed
    async for id, answer in teacher.fetch(job)       the lines of the results file

The SDK makes one request for every call: its retries, its following of function calls and its continuing of long
answers are switched off, because each would be a request that nobody counts. (It repeats only the upload of a batch
file, up to three times; uploads are free.) The key comes from the environment and leaves it in one header.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from dragoman.errors import nearest
from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.items import Fatal, Permanent, Reply, Request, Retryable
from dragoman.synth.prices import list_prices
from dragoman.synth.teachers import JobState
from dragoman.synth.teachers.gemini_wire import NO_CONNECTION, TIMEOUT, body, meaning, reply_of, result_of
from dragoman.synth.teachers.wire import host_of, key_from, needs_library

if TYPE_CHECKING:
    import httpx2
    from google import genai
    from google.genai import types

KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")  # in the SDK's order
KEY_HEADER = "x-goog-api-key"
ADDRESS = "https://generativelanguage.googleapis.com"
MODELS = "https://ai.google.dev/gemini-api/docs/models"
CHECK_S = 30.0  # longest wait for the first answer of the service
MODEL = re.compile(r"(tunedModels/)?[\w.-]+", re.ASCII)
OURS_ONLY: dict[str, Any] = {"automatic_function_calling": {"disable": True}, "should_return_http_response": True}
"""Told to the SDK and not to the service: the answer as it came, in which it finds nothing to follow or continue."""
OVER = ("SUCCEEDED", "FAILED", "CANCELLED", "EXPIRED")
"""How the states end from which no job goes on; the SDK says JOB_STATE_..., and BATCH_STATE_... where it knows none."""


class GeminiTeacher:
    """A model of the Gemini API. See `Teacher` and `BatchTeacher`."""

    name = "gemini"
    largest_job = 2_000
    """The service limits the tokens that wait in jobs, for a new customer to about three million."""

    def __init__(self, settings: TeacherSettings) -> None:
        self.model = (settings.model or "").removeprefix("models/")
        self.batch = settings.batch
        self.prices = list_prices(settings)
        self._settings = settings
        self._base_url = settings.base_url or os.environ.get("GOOGLE_GEMINI_BASE_URL") or ADDRESS
        self._address = host_of(self._base_url)
        self._key = ("", "")
        self._client: genai.Client | None = None
        self._http: httpx2.AsyncClient | None = None
        self._uploaded: dict[str, str] = {}

    async def check(self) -> None:
        """Looks the model up. A service that is busy passes: the run has more patience than this call."""
        models = self._open().aio.models
        try:
            with self._faults(Permanent("no such model")):
                async with asyncio.timeout(min(self._settings.timeout_s, CHECK_S)):
                    found = await models.get(model=self.model)
        except Retryable as error:
            if error.reason in (NO_CONNECTION, TIMEOUT):
                raise Fatal("Gemini cannot be reached", where=self._address, do=UNREACHED[error.reason]) from None
            return
        except Permanent:
            raise self._unknown(await self._others()) from None
        needed = "batchGenerateContent" if self.batch else "generateContent"
        if found.supported_actions and needed not in found.supported_actions:
            lacks = "has no Batch API" if self.batch else "does not write text"
            raise Fatal(f"the model {lacks}", where=self.model, do="name another one in synthesize.teacher.model")

    async def ask(self, request: Request) -> Reply:
        """One call of generateContent. An answer that takes longer than `timeout_s` altogether counts as lost."""
        said = body(request)
        told = said.pop("generationConfig") | OURS_ONLY
        config: Any = told | {"systemInstruction": said.get("systemInstruction")}
        with self._faults(self._unknown()):
            client = self._open()
            async with asyncio.timeout(self._settings.timeout_s):
                answer = await client.aio.models.generate_content(
                    model=self.model, contents=request.payload.user, config=config
                )
            came = answer.sdk_http_response.body if answer.sdk_http_response else None
            return reply_of(json.loads(came or "null"), request.tokens_in)

    async def submit(self, requests: Sequence[Request], label: str) -> str:
        """The job called `label`: the one that is there, or else a new one."""
        with self._faults(self._unknown()):
            client = self._open()
            async for job in await client.aio.batches.list(config={"page_size": 100}):
                if job.display_name == label and job.name:
                    return job.name
            source = await self._upload(requests, label)
            made = await client.aio.batches.create(model=self.model, src=source, config={"display_name": label})
            del self._uploaded[label]
            return made.name or ""

    async def _upload(self, requests: Sequence[Request], label: str) -> str:
        """The name of the uploaded file with the requests, one a line; the service deletes it after two days.

        A job may be refused for hours, while others fill the quota: its file is uploaded once.
        """
        if label not in self._uploaded:
            config: Any = {"display_name": label, "mime_type": "application/jsonl"}
            with tempfile.TemporaryFile() as file:
                for request in requests:
                    line = {"key": request.id, "request": body(request)}
                    file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
                file.seek(0)
                stored = await self._open().aio.files.upload(file=cast(io.IOBase, file), config=config)
            self._uploaded[label] = stored.name or ""
        return self._uploaded[label]

    async def poll(self, job: str) -> JobState:
        """A job that is over without results has failed; one that ran out half-way has ended."""
        found = await self._job(job)
        if not (found.state and found.state.value.endswith(OVER)):
            return "running"
        return "ended" if _results(found) else "failed"

    async def fetch(self, job: str) -> AsyncIterator[tuple[str, Reply | Retryable | Permanent]]:
        """The results file is taken whole before its first line is handed out."""
        results = _results(await self._job(job))
        if results is None:
            raise Permanent("job without results")
        with tempfile.TemporaryFile() as file:
            with self._faults(Permanent("no such results")):
                await self._open().aio.files.download(file=results, destination=cast(io.IOBase, file))
            file.seek(0)
            for line in file:
                if result := result_of(line):
                    yield result

    async def close(self) -> None:
        client, self._client = self._client, None
        http, self._http = self._http, None
        if client is not None:
            client.close()
        if http is not None:
            await http.aclose()

    async def _job(self, name: str) -> types.BatchJob:
        missing = Permanent("no such job")
        if not re.fullmatch(r"batches/[\w-]+", name):
            raise missing
        with self._faults(missing):
            return await self._open().aio.batches.get(name=name)

    def _unknown(self, others: Sequence[str] = ()) -> Fatal:
        meant = nearest(self.model, others)
        hint = meant if meant.startswith("did you") else f"see {MODELS}"
        return Fatal(f"Gemini knows no model '{self.model}'", where=self._address, do=hint)

    async def _others(self) -> list[str]:
        """Names of the models there are, for the hint beside an unknown one; none where that fails too."""
        try:
            with self._faults(Permanent("no list")):
                async with asyncio.timeout(CHECK_S):
                    listed = await self._open().aio.models.list(config={"page_size": 1000})
                    return [str(model.name).removeprefix("models/") async for model in listed]
        except (Retryable, Permanent, Fatal):
            return []

    @contextmanager
    def _faults(self, missing: Exception) -> Iterator[None]:
        """Whatever the SDK raises leaves as `Retryable`, `Permanent` or `Fatal`; `missing`: what a 404 means."""
        try:
            yield
        except (Retryable, Permanent, Fatal):
            raise
        except Exception as error:
            raise meaning(error, missing=missing, key=self._key, address=self._address) from None

    def _open(self) -> genai.Client:
        """The client, made at the first call. Raises `Fatal` for what is wrong before any call."""
        if self._client is not None:
            return self._client
        try:
            import httpx2
            from google import genai
            from google.genai import types
        except ImportError as error:
            raise needs_library(error) from None
        self._key = self._find_key()
        if not MODEL.fullmatch(self.model):
            raise self._unknown()
        self._http = httpx2.AsyncClient(
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
            event_hooks={"request": [self._keep_key]},
            follow_redirects=True,
        )
        options = types.HttpOptions(
            base_url=self._base_url,
            timeout=max(1, int(self._settings.timeout_s * 1000)),
            retry_options=types.HttpRetryOptions(attempts=1),
            httpx_async_client=self._http,
        )
        self._client = genai.Client(vertexai=False, api_key=self._key[1], http_options=options)
        return self._client

    def _find_key(self) -> tuple[str, str]:
        names = (self._settings.api_key_env,) if self._settings.api_key_env else KEYS
        found = key_from(*names)
        if found is None:
            raise Fatal("there is no key for Gemini", where=names[-1], do="set this variable to your key")
        if not (found[1].isascii() and found[1].isprintable() and " " not in found[1]):
            raise Fatal("this is not a key", where=found[0], do="copy it again, without spaces or quotes")
        return found

    async def _keep_key(self, request: httpx2.Request) -> None:
        """A redirect to a stranger goes without the key: the HTTP library takes only its own headers off."""
        if KEY_HEADER in request.headers and request.url.host != urlsplit(self._address).hostname:
            del request.headers[KEY_HEADER]


UNREACHED = {
    NO_CONNECTION: "check the network, the proxy and base_url",
    TIMEOUT: "it does not answer; check the network, or try again later",
}


def _results(job: types.BatchJob) -> str | None:
    """Name of the file with a job's results."""
    return job.dest.file_name if job.dest else None
