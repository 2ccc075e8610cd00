"""A local server that speaks the Gemini API, translates what it knows, and has bad days.

    with GeminiServer(book.translate, faults=Faults.spread(0.3, seed=1)) as server:
        ... requests to server.url ...
        server.asked        how often each question came (digest of its JSON); server.answered: how often it was
                            answered whole
        server.met          how often each fault struck

generateContent, models, files (the resumable upload and the download) and batches, in the REST form that google-genai
3.4 sends and reads; a field that the API does not know is refused. Three faults are Gemini's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from synth import bad_server
from synth.bad_server import Answer, BadServer, Faults, passages_in

WAY = (*bad_server.WAY, "limited_info", "unavailable")
"""Also 429 with google.rpc.RetryInfo, which is what Gemini really sends, and 503."""
SAID = (*bad_server.SAID, "prompt_blocked")
"""Also a question that is blocked before the model reads it: no candidate at all."""
KEY = "AIzaStandInKeyOfNobody"
FIELDS = {"contents", "systemInstruction", "generationConfig"}
SETTINGS = {"temperature", "maxOutputTokens", "responseMimeType", "responseJsonSchema"}
"""What the API is told here; it refuses a field it does not know."""
STEPS = ("BATCH_STATE_PENDING", "BATCH_STATE_RUNNING")
TYPE = "type.googleapis.com/google.rpc."


@dataclass
class Job:
    """A batch, as the API shows it."""

    name: str
    model: str
    label: str
    source: str
    looks: int = 0
    state: str = STEPS[0]
    results: str | None = None

    def shown(self) -> dict[str, Any]:
        metadata: dict[str, Any] = {
            "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
            "model": self.model,
            "displayName": self.label,
            "state": self.state,
            "createTime": "2026-11-23T05:00:00.123456789Z",
            "batchStats": {"requestCount": "1"},
            "name": self.name,
        }
        if self.results:
            metadata["output"] = {"responsesFile": self.results}
        return {"name": self.name, "metadata": metadata, "done": self.state not in STEPS}


@dataclass
class Upload:
    """A file on its way."""

    name: str
    size: int
    label: str
    content: bytearray = field(default_factory=bytearray)


class GeminiServer(BadServer):
    """Serves until the `with` block ends."""

    def __init__(
        self,
        translate: Callable[[str], str] = str.upper,
        *,
        faults: Faults | None = None,
        delay: float = 0.0,
        key: str | None = KEY,
        models: tuple[str, ...] = ("gemini-2.5-flash", "gemini-2.5-pro", "gemini-embedding-001"),
        thoughts: int = 7,
        page: int = 2,
    ) -> None:
        super().__init__(translate, faults, delay)
        self.key, self.models, self.thoughts, self.page = key, models, thoughts, page
        self.files: dict[str, bytes] = {}
        self.uploads: dict[str, Upload] = {}
        self.jobs: dict[str, Job] = {}
        self.fate = "SUCCEEDED"
        """How jobs end: SUCCEEDED, PARTIALLY_SUCCEEDED, FAILED, CANCELLED, EXPIRED; the last three without results."""
        self.refusal: Answer | None = None
        """Set it to have every request answered by it."""
        self.full = 0
        """So many jobs are refused, as when too many tokens wait."""
        self.refused_after_work = False
        """The next job is made, and then the connection breaks."""

    async def listen(self, port: int = 0) -> asyncio.Server:
        server = await super().listen(port)
        self.url = self.url.removesuffix("/v1")
        return server

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[Answer, str | None]:
        """The answer to a request, and the fault of the way that it meets."""
        self.headers = headers
        split = urlsplit(path)
        place = re.sub(r"/v1(beta)?(?=/)", "", split.path, count=1)
        generating = place.endswith(":generateContent")
        if not generating:
            self.seen.append((method, place))
        if self.refusal is not None:
            return self.refusal, None
        if not place.startswith("/sessions/") and self.key is not None and headers.get("x-goog-api-key") != self.key:
            return _wrong_key(), None
        said = json.loads(body) if generating else {}
        digest = question(said)
        came = self.asked[digest] if generating else self.seen.count((method, place))
        if generating:
            self.asked[digest] += 1
            self.on_asked(self.asked.total())
        fault = self.faults.draw(WAY, method, place, digest if generating else "", came)
        self.met.update([fault] if fault else [])
        if refusal := self._refused(fault):
            return refusal, None
        if generating:
            found = self.generate(place, said, digest)
            self.answered[digest] += found[0] == 200 and fault in (None, "slow")
            return found, fault
        return self._manage(method, place, parse_qs(split.query), headers, body), fault

    def _refused(self, fault: str | None) -> Answer | None:
        words = "Resource has been exhausted (e.g. check quota)."
        if fault in ("limited", "limited_bare"):
            more = {"Retry-After": self.faults.retry_after} if fault == "limited" else {}
            return error(429, "RESOURCE_EXHAUSTED", words, headers=more)
        if fault == "limited_info":
            return error(429, "RESOURCE_EXHAUSTED", words, [{"@type": f"{TYPE}RetryInfo", "retryDelay": "0.01s"}])
        if fault == "unavailable":
            return error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        if fault == "broken":
            return error(500, "INTERNAL", "An internal error has occurred.")
        page = b"<html><body>Bad Gateway</body></html>"
        return (200, {"Content-Type": "text/html"}, page) if fault == "garbled" else None

    def generate(self, place: str, said: Mapping[str, Any], digest: str) -> Answer:
        """generateContent; `said`: a GenerateContentRequest."""
        name = place.removeprefix("/models/").partition(":")[0]
        if name not in self.models:
            return _no_model(name)
        settings = said.get("generationConfig", {})
        if unknown := (set(said) - FIELDS) | (set(settings) - SETTINGS):
            words = f'Invalid JSON payload received. Unknown name "{unknown.pop()}": Cannot find field.'
            return error(400, "INVALID_ARGUMENT", words)
        return _json(self.response(name, said, digest))

    def response(self, name: str, said: Mapping[str, Any], digest: str) -> dict[str, Any]:
        """A GenerateContentResponse."""
        asked = said["contents"][0]["parts"][0]["text"]
        sent = len(json.dumps(said)) // 4
        answer: dict[str, Any] = {"modelVersion": f"{name}-2026", "responseId": digest[:12]}
        if self.faults.draw(SAID, digest) == "prompt_blocked":
            self.met["prompt_blocked"] += 1
            usage = {"promptTokenCount": sent, "totalTokenCount": sent}
            return {**answer, "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": usage}
        content, finish = self.say(passages_in(asked), digest)
        parts = [{"text": "The user wants a translation.", "thought": True}] if self.thoughts else []
        parts.append({"text": content, "thoughtSignature": "c2lnbmVk"})
        reason = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}[finish]
        candidate: dict[str, Any] = {"index": 0, "finishReason": reason, "fieldOfTomorrow": {"a": 1}}
        if content:
            candidate["content"] = {"role": "model", "parts": parts}
        usage = {"promptTokenCount": sent, "candidatesTokenCount": len(content) // 4 + 1}
        usage |= {"thoughtsTokenCount": self.thoughts} if self.thoughts else {}
        return {**answer, "candidates": [candidate], "usageMetadata": usage | {"totalTokenCount": sum(usage.values())}}

    def _manage(
        self, method: str, place: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Models, files and batches."""
        if place == "/upload/files":
            return self._begin(headers, json.loads(body))
        if place.startswith("/sessions/"):
            return self._take(self.uploads[place.removeprefix("/sessions/")], headers, body)
        if place.startswith("/files/") and place.endswith(":download"):
            name = place.removeprefix("/").removesuffix(":download")
            gone = error(404, "NOT_FOUND", f"File {name} does not exist.")
            return (200, {"Content-Type": "application/octet-stream"}, self.files[name]) if name in self.files else gone
        if place.endswith(":batchGenerateContent"):
            return self._make(place.removeprefix("/").partition(":")[0], json.loads(body)["batch"])
        if place == "/batches":
            return self._page("operations", [job.shown() for job in reversed(self.jobs.values())], query)
        if place.startswith("/batches/"):
            return self._look(place.removeprefix("/"))
        if place == "/models":
            return self._page("models", [model(name) for name in self.models], query)
        name = place.removeprefix("/models/")
        return _json(model(name)) if name in self.models else _no_model(name)

    def _page(self, name: str, rows: list[dict[str, Any]], query: dict[str, list[str]]) -> Answer:
        """Pages are short: who reads only the first one is found out."""
        start = int(query.get("pageToken", ["0"])[0])
        page: dict[str, Any] = {name: rows[start : start + self.page]} if rows else {}
        return _json(page | ({"nextPageToken": str(start + self.page)} if start + self.page < len(rows) else {}))

    def _begin(self, headers: Mapping[str, str], said: Mapping[str, Any]) -> Answer:
        """The first request of a resumable upload: the answer says where the bytes go."""
        assert (headers["x-goog-upload-protocol"], headers["x-goog-upload-command"]) == ("resumable", "start")
        if headers["x-goog-upload-header-content-type"] != "application/jsonl":
            return error(400, "INVALID_ARGUMENT", "Unsupported MIME type")
        id = f"{len(self.uploads):04d}"
        size = int(headers["x-goog-upload-header-content-length"])
        self.uploads[id] = Upload(f"files/{id}", size, said["file"]["display_name"])
        address = {"X-Goog-Upload-URL": f"{self.url}/sessions/{id}", "X-Goog-Upload-Status": "active"}
        return 200, address, b"{}"

    def _take(self, upload: Upload, headers: Mapping[str, str], body: bytes) -> Answer:
        """Bytes of a file."""
        assert int(headers["x-goog-upload-offset"]) == len(upload.content), "a piece is missing or came twice"
        upload.content += body
        if "finalize" not in headers["x-goog-upload-command"]:
            return 200, {"X-Goog-Upload-Status": "active"}, b""
        assert len(upload.content) == upload.size
        self.files[upload.name] = bytes(upload.content)
        file = {"name": upload.name, "displayName": upload.label, "sizeBytes": str(upload.size), "state": "ACTIVE"}
        return 200, {"X-Goog-Upload-Status": "final"}, json.dumps({"file": file}).encode()

    def _make(self, name: str, said: Mapping[str, Any]) -> Answer:
        source = said["inputConfig"]["fileName"]
        if name.removeprefix("models/") not in self.models:
            return _no_model(name.removeprefix("models/"))
        if source not in self.files:
            return error(400, "INVALID_ARGUMENT", f"File {source} does not exist.")
        if self.full:
            self.full -= 1
            return error(429, "RESOURCE_EXHAUSTED", "Enqueued tokens limit reached.")
        job = Job(f"batches/b{len(self.jobs):04d}", name, said["displayName"], source)
        self.jobs[job.name] = job
        if self.refused_after_work:
            self.refused_after_work = False
            return error(500, "INTERNAL", "An internal error has occurred.")
        return _json(job.shown())

    def _look(self, name: str) -> Answer:
        """A job goes a step further whenever somebody looks."""
        job = self.jobs.get(name)
        if job is None:
            return error(404, "NOT_FOUND", "Requested entity was not found.")
        job.looks += 1
        if job.looks == len(STEPS) and job.state in STEPS:
            job.state = f"BATCH_STATE_{self.fate}"
            if self.fate.endswith("SUCCEEDED"):
                job.results = f"files/batch-{name.removeprefix('batches/')}"
                lines = self.files[job.source].splitlines()
                self.files[job.results] = b"".join(self._line(job, json.loads(line)) for line in lines)
        elif job.state in STEPS:
            job.state = STEPS[1]
        return _json(job.shown())

    def _line(self, job: Job, row: dict[str, Any]) -> bytes:
        """The result of one line of a job."""
        digest = question(row["request"])
        self.asked[digest] += 1
        fault = self.faults.draw(("broken", "limited"), "line", digest, self.asked[digest])
        if fault:
            self.met[fault] += 1
            status = {"code": 13, "message": "Internal error"} if fault == "broken" else {"code": 8, "message": "busy"}
            return json.dumps({"key": row["key"], "error": status}).encode() + b"\n"
        status, _, body = self.generate(f"/{job.model}:", row["request"], digest)
        self.answered[digest] += status == 200
        result = {"response": json.loads(body)} if status == 200 else {"error": {"code": 3, "message": "refused"}}
        return json.dumps({"key": row["key"], **result}, ensure_ascii=False).encode() + b"\n"


def question(said: Mapping[str, Any]) -> str:
    """Digest of what is asked, whether in a call of its own or on a line of a batch file."""
    return hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).hexdigest()


def model(name: str) -> dict[str, Any]:
    methods = ["embedContent"] if "embedding" in name else ["generateContent", "countTokens", "batchGenerateContent"]
    return {"name": f"models/{name}", "version": "001", "supportedGenerationMethods": methods}


def error(
    code: int, status: str, words: str, details: list[Any] | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """An answer that refuses, as all services of Google write it."""
    said: dict[str, Any] = {"code": code, "message": words, "status": status}
    return code, headers or {}, json.dumps({"error": said | ({"details": details} if details else {})}).encode()


def _wrong_key() -> Answer:
    details = [{"@type": f"{TYPE}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]
    return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", details)


def _no_model(name: str) -> Answer:
    words = f"models/{name} is not found for API version v1, or is not supported for generateContent."
    return error(404, "NOT_FOUND", words)


def _json(value: Any) -> Answer:
    return 200, {}, json.dumps(value).encode()
