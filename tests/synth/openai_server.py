"""A local server that speaks OpenAI's protocol, translates what it knows, and has bad days.

    with OpenAIServer(book.translate, faults=Faults.spread(0.3, seed=1)) as server:
        ... requests to server.url ...
        server.asked        how often each question came; server.answered: how often it was answered whole
        server.met          how often each fault struck

    PYTHONPATH=src:tests python -m synth.openai_server     serves in a process of its own and prints its address

Chat completions, models, files and batches.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from synth.bad_server import SAID, WAY, Answer, BadServer, Faults, passages_in, share

__all__ = ["SAID", "WAY", "Answer", "Faults", "OpenAIServer"]


@dataclass
class Job:
    """A batch: what the API shows of it."""

    id: str
    input_file_id: str
    metadata: dict[str, str]
    created_at: int
    status: str = "validating"
    output_file_id: str | None = None
    error_file_id: str | None = None
    errors: Any = None
    endpoint: str = "/v1/chat/completions"
    completion_window: str = "24h"
    object: str = "batch"


class OpenAIServer(BadServer):
    """Serves until the `with` block ends."""

    def __init__(
        self,
        translate: Callable[[str], str] = str.upper,
        *,
        faults: Faults | None = None,
        delay: float = 0.0,
        key: str | None = None,
        models: tuple[str, ...] = ("tiny",),
        formats: tuple[str, ...] = ("json_schema", "json_object"),
        limit: str = "max_tokens",
        usage: bool = True,
        batches: bool = True,
    ) -> None:
        super().__init__(translate, faults, delay)
        self.key, self.models, self.formats, self.limit = key, models, formats, limit
        self.usage, self.batches = usage, batches
        self.bodies: list[dict[str, Any]] | None = None
        """Set it to [] to keep what is said to /chat/completions."""
        self.files: dict[str, bytes] = {}
        self.jobs: dict[str, Job] = {}
        self.fate = "completed"
        """How jobs end: completed, expired (half the lines unanswered) or failed."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[Answer, str | None]:
        """The answer to a request, and the fault of the way that it meets."""
        self.headers = headers
        split = urlsplit(path)
        place = split.path.removeprefix("/v1")
        if self.key is not None and headers.get("authorization") != f"Bearer {self.key}":
            words = f"Incorrect API key provided: {headers.get('authorization', '')}."
            return _error(401, words, "invalid_api_key"), None
        chat = (method, place) == ("POST", "/chat/completions")
        if not chat:
            self.seen.append((method, place))
        said = json.loads(body) if chat else {}
        passages = passages_in(said["messages"][-1]["content"]) if chat else []
        digest = hashlib.blake2b(body, digest_size=16).hexdigest()
        counted = bool(passages)
        what = (method, place, digest if chat else "")
        came = self.came[what]
        self.came[what] += 1
        if counted:
            self.asked[digest] += 1
            self.on_asked(self.asked.total())
        fault = self.faults.draw(WAY, *what, came)
        if fault is not None:
            self.met[fault] += 1
        refusal = self._refused(fault)
        if refusal is not None:
            return refusal, None
        found = self.chat(said, passages, digest) if chat else self.manage(method, place, split.query, headers, body)
        if counted and found[0] == 200 and fault in (None, "slow"):
            self.answered[digest] += 1
        return found, fault

    def _refused(self, fault: str | None) -> Answer | None:
        if fault == "limited":
            return _error(429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": self.faults.retry_after})
        if fault == "limited_bare":
            return _error(429, "Too many requests", "rate_limit_exceeded")
        if fault == "broken":
            return _error(500, "The server had an error while processing your request", "server_error")
        if fault == "garbled":
            return 200, {"Content-Type": "text/html"}, b"<html><body>Bad Gateway</body></html>"
        return None

    def chat(self, said: dict[str, Any], passages: Sequence[tuple[int, str]], digest: str) -> Answer:
        """A chat completion."""
        if self.bodies is not None:
            self.bodies.append(said)
        if said["model"] not in self.models:
            return _error(404, f"The model `{said['model']}` does not exist", "model_not_found")
        form = said.get("response_format", {}).get("type", "text")
        if form != "text" and form not in self.formats:
            return _error(400, f"response_format of type '{form}' is not supported", None, param="response_format")
        if other := {"max_tokens", "max_completion_tokens"}.intersection(said) - {self.limit}:
            words = f"Unsupported parameter: '{other.pop()}' is not supported. Use '{self.limit}' instead."
            return _error(400, words, "unsupported_parameter")
        content, finish = self.say(passages, digest)
        message = {"role": "assistant", "content": content, "refusal": None}
        answer = {
            "id": f"chatcmpl-{digest[:12]}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": f"{said['model']}-2026",
            "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        }
        if self.usage:
            sent = sum(len(one["content"]) for one in said["messages"]) // 4 + 8
            answer["usage"] = {"prompt_tokens": sent, "completion_tokens": len(content) // 4 + 1}
        return _json(answer)

    def manage(self, method: str, place: str, query: str, headers: dict[str, str], body: bytes) -> Answer:
        """Models, files and batches."""
        parts = place.strip("/").split("/")
        if parts[0] == "models":
            return _json({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})
        if not self.batches or parts[0] not in ("files", "batches"):
            return _error(404, f"Unknown request URL: {method} {place}", None)
        if parts[0] == "files":
            return self._file(method, parts[1:], headers, body)
        if method == "POST" and len(parts) == 1:
            return self._new_job(json.loads(body))
        if len(parts) == 1:
            return self._listed(parse_qs(query))
        return self._job(self.jobs[parts[1]]) if parts[1] in self.jobs else _error(404, "No such batch", None)

    def _file(self, method: str, parts: list[str], headers: dict[str, str], body: bytes) -> Answer:
        if method == "POST":
            boundary = headers["content-type"].partition("boundary=")[2].strip('"').encode()
            fields = [piece.partition(b"\r\n\r\n") for piece in body.split(b"--" + boundary)[1:-1]]
            content = next(value for head, _, value in fields if b"filename=" in head)[:-2]
            assert any(value == b"batch\r\n" for head, _, value in fields if b'name="purpose"' in head)
            return _json({"id": self.keep(content), "object": "file", "bytes": len(content), "purpose": "batch"})
        if parts[0] not in self.files:
            return _error(404, "No such File object", None)
        return 200, {"Content-Type": "application/octet-stream"}, self.files[parts[0]]

    def keep(self, content: bytes) -> str:
        name = f"file-{len(self.files):04d}"
        self.files[name] = content
        return name

    def _new_job(self, said: dict[str, Any]) -> Answer:
        job = Job(f"batch_{len(self.jobs):04d}", said["input_file_id"], said.get("metadata") or {}, int(time.time()))
        self.jobs[job.id] = job
        return _json(vars(job))

    def _listed(self, query: dict[str, list[str]]) -> Answer:
        """Newest first, in pages."""
        names = sorted(self.jobs, reverse=True)
        after, limit = query.get("after", [""])[0], int(query.get("limit", ["20"])[0])
        start = names.index(after) + 1 if after else 0
        page = [vars(self.jobs[name]) for name in names[start : start + limit]]
        return _json({"object": "list", "data": page, "has_more": start + limit < len(names)})

    def _job(self, job: Job) -> Answer:
        """A job goes a step further whenever somebody looks."""
        if job.status == "validating":
            job.status = "in_progress"
        elif job.status == "in_progress":
            self._end(job)
        return _json(vars(job))

    def _end(self, job: Job) -> None:
        job.status = self.fate
        if self.fate == "failed":
            job.errors = {"object": "list", "data": [{"code": "invalid_json_line", "message": "line 1 is not JSON"}]}
            return
        rows: tuple[list[Any], list[Any]] = ([], [])
        for line in self.files[job.input_file_id].splitlines():
            row = self._line(json.loads(line))
            rows[(row["response"] or {}).get("status_code") == 200].append(row)
        wrong, right = (b"".join(json.dumps(row).encode() + b"\n" for row in part) for part in rows)
        job.output_file_id = self.keep(right) if right else None
        job.error_file_id = self.keep(wrong) if wrong else None

    def _line(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to one line of a job."""
        digest = hashlib.blake2b(json.dumps(asked["body"]).encode(), digest_size=16).hexdigest()
        self.asked[digest] += 1
        row = {"id": f"batch_req_{digest[:8]}", "custom_id": asked["custom_id"]}
        if self.fate == "expired" and share(digest) < 0.5:
            words = "This request could not be executed before the completion window expired."
            return {**row, "response": None, "error": {"code": "batch_expired", "message": words}}
        fault = self.faults.draw(WAY, digest, self.asked[digest])
        refusal = self._refused(fault) if fault != "garbled" else None
        status, _, body = refusal or self.chat(
            asked["body"], passages_in(asked["body"]["messages"][-1]["content"]), digest
        )
        self.met.update([fault] if refusal else [])
        self.answered[digest] += status == 200
        return {**row, "response": {"status_code": status, "request_id": "r", "body": json.loads(body)}}


def _json(value: Any) -> Answer:
    return 200, {}, json.dumps(value).encode()


def _error(
    status: int, words: str, code: str | None, headers: Mapping[str, str] | None = None, param: str | None = None
) -> Answer:
    error = {"message": words, "type": "invalid_request_error", "param": param, "code": code}
    return status, headers or {}, json.dumps({"error": error}).encode()


async def _serve() -> None:
    from synth.phrasebook import Phrasebook

    server = OpenAIServer(Phrasebook.shipped().translate)
    async with await server.listen() as listening:
        print(server.url, flush=True)
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve())
