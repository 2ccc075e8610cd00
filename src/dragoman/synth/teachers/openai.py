"""Teachers that speak OpenAI's protocol: hosted services, vLLM, Ollama, llama.cpp servers; through the official SDK.

    POST {base_url}/chat/completions     Request -> Reply
    POST /files, POST /batches, ...      a job of many requests, answered within a day at half the price

`check` costs nothing: it looks the model up in the server's list. Before the first request goes out, when somebody has
agreed to its price, one small question is asked, and asked more simply until the server understands (`chat.Dialect`);
all requests are asked that way. Only where a server does not list the model does `check` ask that question.

Requests go out through the SDK's `post` as plain dictionaries: `chat.completions.create` does the same after a walk
through the types of every message, a third of the time of a request.
"""

from __future__ import annotations

import asyncio
import io
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from dragoman.errors import nearest
from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.items import Fatal, Payload, Permanent, Reply, Request, Retryable, answer_text
from dragoman.synth.prices import list_prices
from dragoman.synth.teachers import JobState
from dragoman.synth.teachers.chat import ENDPOINT, Dialect, job_answers, job_lines, reply_in
from dragoman.synth.teachers.wire import TRANSIENT, WORKED, clean, host_of, key_from, needs_library, seconds_to_wait

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI
    from openai.types import Batch

OFFICIAL = "https://api.openai.com/v1"
KEY = "OPENAI_API_KEY"
NO_CREDIT = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"})
FILTERED = ("content_filter", "content_policy")
PASSAGES_A_JOB = 20_000  # about 60 MB; a service takes 50,000 requests and 200 MB
LABEL = "dragoman"  # the key under which a job's metadata holds our label
CHECK_TOKENS = 64
NO_CONNECTION, TIMEOUT, CUT = "no connection", "timeout", "connection cut"
NO_RESULTS = "no results in the answer"
UNSENT = ("Connect", "Pool", "Proxy", "Write")  # how errors of the HTTP library begin before a request was sent


class OpenAITeacher:
    """A `Teacher`, and a `BatchTeacher` where the recipe says `batch: true`."""

    def __init__(self, settings: TeacherSettings) -> None:
        assert settings.model is not None  # the recipe is checked
        self.settings, self.model, self.batch = settings, settings.model, settings.batch
        self.address = settings.base_url or os.environ.get("OPENAI_BASE_URL") or OFFICIAL
        self.dialect = Dialect(limit="max_completion_tokens" if self.official else "max_tokens")
        # OPENAI_BASE_URL may lead elsewhere too, and there the list says nothing
        self.prices = list_prices(settings.model_copy(update={"base_url": None if self.official else self.address}))
        self.largest_job = max(1, PASSAGES_A_JOB // settings.passages_per_request)
        self._secret = ""
        self._made: AsyncOpenAI | None = None
        self._settled, self._settling = False, asyncio.Lock()

    @property
    def official(self) -> bool:
        """Whether this is OpenAI's own service."""
        return host_of(self.address) == host_of(OFFICIAL)

    @property
    def name(self) -> str:
        return "openai" if self.official else "openai-compatible"

    async def check(self) -> None:
        try:
            if not await self._is_listed():
                await self._settle()
        except Retryable as trouble:
            if trouble.reason in (NO_CONNECTION, TIMEOUT):
                raise self._fatal(f"no answer ({trouble.reason})", "check base_url and the network") from None
            return  # a bad day: the run has more patience than this call
        if self.batch:
            await self._check_batches()

    async def ask(self, request: Request) -> Reply:
        await self._settle()
        return reply_in(await self._post(request), request.tokens_in)

    async def close(self) -> None:
        if self._made is not None:
            await self._made.close()

    async def submit(self, requests: Sequence[Request], label: str) -> str:
        await self._settle()
        client = self._client()
        try:
            async for job in client.batches.list(limit=100):
                if (job.metadata or {}).get(LABEL) == label:
                    return job.id
            lines = b"".join(job_lines(requests, self.dialect))
            file = await client.files.create(file=(f"{label}.jsonl", lines), purpose="batch")
            job = await client.batches.create(
                input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h", metadata={LABEL: label}
            )
            return job.id
        except Exception as error:
            raise self._job_failure(error) from error

    async def poll(self, job: str) -> JobState:
        batch = await self._job(job)
        if batch.status in ("completed", "expired", "cancelled"):
            return "ended" if batch.output_file_id or batch.error_file_id else "failed"
        if batch.status != "failed":
            return "running"
        first = next(iter((batch.errors and batch.errors.data) or ()), None)
        if first is not None and first.code != "token_limit_exceeded":  # which passes when other jobs have ended
            raise Permanent(clean(f"the job is refused: {first.message or first.code}", self._secret))
        return "failed"

    async def fetch(self, job: str) -> AsyncIterator[tuple[str, Reply | Retryable | Permanent]]:
        import openai

        batch, client = await self._job(job), self._client()
        try:
            for file in filter(None, (batch.output_file_id, batch.error_file_id)):
                content = (await client.files.content(file)).content  # whole: no larger than `largest_job` makes it
                read = False
                for answer in job_answers(io.BytesIO(content)):
                    read = True
                    yield answer
                if not read:  # the page of a proxy: else its requests would be paid for twice
                    raise Retryable(NO_RESULTS)
        except openai.NotFoundError:
            raise Permanent("its results are gone") from None
        except Exception as error:
            raise self._job_failure(error) from error

    async def _job(self, job: str) -> Batch:
        import openai

        try:
            batch = await self._client().batches.retrieve(job)
        except openai.NotFoundError:
            raise Permanent("no such job") from None
        except Exception as error:
            raise self._job_failure(error) from error
        if not isinstance(batch, openai.types.Batch):
            raise Retryable(NO_RESULTS)
        return batch

    def _key(self) -> str:
        """The key, "" for a server that needs none. One that was not named for this server goes to https only."""
        if not self.address.startswith(("https://", "http://")):
            raise Fatal(f"'{self.address}' is no web address", where="OPENAI_BASE_URL", do="begin it with https://")
        named = self.settings.api_key_env
        if key := key_from(named or KEY):
            return key[1] if named or self.address.startswith("https://") else ""
        if named or self.official:
            raise Fatal("there is no key", where=named or KEY, do="set this environment variable to it")
        return ""

    def _client(self) -> AsyncOpenAI:
        """The SDK's client, made inside the running loop. Its own retries are off: ours are counted."""
        if self._made is None:
            try:
                from openai import AsyncOpenAI, DefaultAioHttpClient
            except ImportError as error:
                raise needs_library(error) from None
            self._secret = self._key()
            self._made = AsyncOpenAI(
                api_key=self._secret or "none",  # the SDK asks for one
                base_url=self.address,
                timeout=self.settings.timeout_s,
                max_retries=0,
                http_client=DefaultAioHttpClient(),  # half the processor time a request
            )
        return self._made

    async def _post(self, request: Request) -> object:
        client = self._client()
        try:
            async with asyncio.timeout(self.settings.timeout_s):  # the SDK's is one for each piece of an answer
                return await client.post("/chat/completions", cast_to=object, body=self.dialect.body(request))
        except Exception as error:
            raise self._failure(error) from error

    async def _is_listed(self) -> bool:
        """Whether the server lists the model. Raises `Fatal` where the key is refused, or OpenAI itself has none such,
        and `Retryable`; not all servers have a list, and some list `tiny:latest` for `tiny`."""
        client = self._client()
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                known = [model.id async for model in client.models.list()]
        except Exception as error:
            failure = self._failure(error)
            if isinstance(failure, Retryable) or (isinstance(failure, Fatal) and failure.do is not None):
                raise failure from error
            return False
        if self.official and self.model not in known:
            raise self._fatal(f"there is no model '{self.model}'", nearest(self.model, known))
        return any(name.removesuffix(":latest") == self.model for name in known)

    async def _settle(self) -> None:
        """Find out, once, how the server wants to be asked. Raises `Fatal`, or `Retryable` where it has a bad day."""
        async with self._settling:
            if not self._settled:
                words = f"Answer with exactly this JSON: {answer_text([])}"
                payload = Payload("Answer with JSON.", words, (), CHECK_TOKENS, self.settings.temperature)
                await self._settle_dialect(Request(self.model, "check", payload))
                self._settled = True

    async def _settle_dialect(self, question: Request) -> None:
        """Ask until the server understands."""
        while True:
            try:
                reply_in(await self._post(question), 0)
                return
            except Permanent as refusal:
                words = _words(refusal.__cause__)
                simpler = self.dialect.simpler(words)
                if "temperature" in words:
                    raise self._fatal(words, "set the teacher's temperature: 1") from None
                if simpler is None or refusal.reason == "HTTP 403":
                    raise self._fatal(f"{refusal.reason}: {words}", await self._advice()) from None
                self.dialect = simpler
            except Fatal as error:
                if error.do is not None:
                    raise
                raise self._fatal(error.what, await self._advice()) from None

    async def _check_batches(self) -> None:
        import openai

        try:
            await self._client().batches.list(limit=1)
        except openai.APIStatusError as error:
            if error.status_code not in TRANSIENT:
                raise self._fatal(f"there is no Batch API (HTTP {error.status_code})", "set batch: false") from None
        except Exception:
            return  # a bad moment is met again by `submit`, which is repeated

    async def _advice(self) -> str:
        """Which model may have been meant; not all servers list theirs."""
        with suppress(Exception):
            known = [model.id async for model in self._client().models.list()]
            if known and self.model not in known:
                return f"there is no model '{self.model}', {nearest(self.model, known[:20])}"
        return "check model and base_url"

    def _fatal(self, what: str, do: str | None = None) -> Fatal:
        return Fatal(clean(what, self._secret), where=host_of(self.address), do=do)

    def _failure(self, error: Exception) -> Exception:
        """What an exception of the SDK means for a request."""
        import openai

        if isinstance(error, openai.APIStatusError):
            return self._refusal(error)
        if isinstance(error, TimeoutError | openai.APIConnectionError):
            if type(error.__cause__).__name__.startswith(UNSENT):
                return Retryable(NO_CONNECTION)
            late = isinstance(error, TimeoutError | openai.APITimeoutError)
            return Retryable(TIMEOUT if late else CUT, billed=True)
        if isinstance(error, ValueError):  # of the JSON parser
            return Retryable("answer is not JSON", billed=True)
        return error

    def _refusal(self, error: APIStatusError) -> Retryable | Permanent | Fatal:
        status, code = error.status_code, str(error.code or error.type or "")
        if status == 401:
            return self._fatal("the key is refused", f"check {self.settings.api_key_env or KEY}")
        if status == 402 or code in NO_CREDIT:
            return self._fatal("the account has no credit left", "pay in, then run again: nothing is lost")
        if status == 404:
            return self._fatal(f"HTTP 404: {_words(error)}")
        if status in TRANSIENT:
            wait = seconds_to_wait(error.response.headers, time.time)
            return Retryable(f"HTTP {status}", retry_after=wait, billed=status in WORKED)
        return Permanent("blocked by the service" if any(name in code for name in FILTERED) else f"HTTP {status}")

    def _job_failure(self, error: Exception) -> Exception:
        """The same for a call that is about no single request: a refusal then ends the run."""
        if isinstance(error, Retryable | AttributeError | TypeError):  # the SDK hands on text that is no JSON
            return error if isinstance(error, Retryable) else Retryable(NO_RESULTS)
        failure = self._failure(error)
        return self._fatal(f"{failure.reason}: {_words(error)}") if isinstance(failure, Permanent) else failure


def _words(error: BaseException | None) -> str:
    """What a server said about its refusal, without the SDK's own `Error code: 400 - `."""
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, Mapping) else body
    return clean(f"{getattr(error, 'param', None) or ''} {message or error}".strip())
