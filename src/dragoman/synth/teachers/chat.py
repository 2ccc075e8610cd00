"""The chat completion of OpenAI's protocol, read and written: what a server understands, what it answered.

    Dialect().body(request)   {"model", "messages", "temperature", "max_tokens", "response_format"}
    reply_in(answer, 212)     {"choices": [{"message": {"content"}, "finish_reason"}], "usage"}  ->  Reply
    job_lines, job_answers    the same by the line, in the files of a batch job

Servers differ in what they know and say so with a 400: a `Dialect` is how one of them wants to be asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from dragoman.synth.items import ANSWER_SCHEMA, Permanent, Reply, Request, Retryable, estimated_tokens
from dragoman.synth.teachers.wire import TRANSIENT

ENDPOINT: Final = "/v1/chat/completions"
SIMPLER = {"json_schema": "json_object", "json_object": "text"}
RESPONSE_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "json_schema": {
        "type": "json_schema",
        "json_schema": {"name": "translations", "strict": True, "schema": ANSWER_SCHEMA},
    },
    "json_object": {"type": "json_object"},
}
FINISHES = {
    "length": "length",
    "content_filter": "blocked",
}  # whatever else a server says ends an answer as `stop` does


@dataclass(frozen=True)
class Dialect:
    """How a server wants to be asked."""

    format: str = "json_schema"
    """Strictest form of the answer that it knows: json_schema, json_object, or text, which asks for none."""
    limit: str = "max_tokens"
    """What it calls the most tokens of an answer; OpenAI renamed it, the others did not."""
    system: bool = True
    """Whether it knows a system message; the chat template of some local models has none."""

    def simpler(self, words: str) -> Dialect | None:
        """What to try after a refusal in these words; None: nothing is left."""
        if self.limit == "max_tokens" and "max_completion_tokens" in words.lower():
            return replace(self, limit="max_completion_tokens")
        if self.system and "system role" in words.lower():
            return replace(self, system=False)
        return replace(self, format=SIMPLER[self.format]) if self.format in SIMPLER else None

    def body(self, request: Request) -> dict[str, Any]:
        """The JSON of a chat completion."""
        payload = request.payload
        said = [("system", payload.system), ("user", payload.user)]
        if not self.system or not payload.system:
            said = [("user", f"{payload.system}\n\n{payload.user}".strip())]
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": role, "content": content} for role, content in said],
            "temperature": payload.temperature,
            self.limit: payload.max_tokens,
        }
        if self.format in RESPONSE_FORMATS:
            body["response_format"] = RESPONSE_FORMATS[self.format]
        return body


def reply_in(answer: Any, tokens_in: int) -> Reply:
    """The reply in whatever JSON a server sent. Raises `Retryable` where it is no chat completion.

    `tokens_in`: the estimate, where the server counts none (Ollama, for a prompt that it still knows).
    """
    try:
        choice = answer["choices"][0]
        message, usage = choice["message"], answer.get("usage") or {}
        text = _text(message.get("content"))
        finish = "blocked" if message.get("refusal") else FINISHES.get(choice.get("finish_reason"), "stop")
        asked, written = (int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens"))
        model = str(answer.get("model") or "")
    except (TypeError, KeyError, IndexError, AttributeError, ValueError):
        raise Retryable("no chat completion", billed=True) from None
    return Reply(text, asked or tokens_in, written or estimated_tokens(text), finish, model)


def _text(content: Any) -> str:
    """A message's content, which some servers send in parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if part.get("type") == "text")
    return str(content or "")


def job_lines(requests: Iterable[Request], dialect: Dialect) -> Iterator[bytes]:
    """The lines of a job's file: each request under its id."""
    for request in requests:
        row = {"custom_id": request.id, "method": "POST", "url": ENDPOINT, "body": dialect.body(request)}
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def job_answers(lines: Iterable[bytes]) -> Iterator[tuple[str, Reply | Retryable | Permanent]]:
    """What lines of a job's answers and errors say. One that cannot be read is left out: its request stays open."""
    for line in lines:
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            row = json.loads(line)
            yield str(row["custom_id"]), _outcome(row)


def _outcome(row: Mapping[str, Any]) -> Reply | Retryable | Permanent:
    if not row.get("response"):
        return Retryable(str((row.get("error") or {}).get("code") or "no answer in the job"))
    status = int(row["response"]["status_code"])
    if status != 200:
        return Retryable(f"HTTP {status}") if status in TRANSIENT else Permanent(f"HTTP {status}")
    try:
        return reply_in(row["response"].get("body"), 0)
    except Retryable as error:
        return error
