"""Gemini's REST format: what a request says, what an answer says, and what a failure of the SDK means to us.

A line of a batch file and the body of a direct call are the same `GenerateContentRequest`:

    {"contents": [{"role": "user", "parts": [{"text": "1. Guten Tag."}]}],
     "systemInstruction": {"parts": [{"text": "You translate ..."}]},
     "generationConfig": {"temperature": 0.3, "maxOutputTokens": 512, "responseMimeType": "application/json", ...}}

Answers are read as the JSON that came and not through the SDK's models, so that a batch file and a direct call are
read by the same lines, and a field that is new tomorrow does no harm.
"""

from __future__ import annotations

import json
import re
import time
from typing import Any

from dragoman.synth.items import ANSWER_SCHEMA, Fatal, Permanent, Reply, Request, Retryable, estimated_tokens
from dragoman.synth.teachers.wire import TRANSIENT, WORKED, clean, seconds_to_wait

LENGTH = ("MAX_TOKENS", "CONTINUATION")
UNBLOCKED = ("OTHER", "MALFORMED_RESPONSE", "FINISH_REASON_UNSPECIFIED", "", None)
"""Ends that are neither the model's own nor the limit, nor the service's filters; filters come and go by name."""
STATUSES = (
    ("OK", True),
    ("CANCELLED", True),
    ("UNKNOWN", True),
    ("INVALID_ARGUMENT", False),
    ("DEADLINE_EXCEEDED", True),
    ("NOT_FOUND", False),
    ("ALREADY_EXISTS", False),
    ("PERMISSION_DENIED", False),
    ("RESOURCE_EXHAUSTED", True),
    ("FAILED_PRECONDITION", False),
    ("ABORTED", True),
    ("OUT_OF_RANGE", False),
    ("UNIMPLEMENTED", False),
    ("INTERNAL", True),
    ("UNAVAILABLE", True),
    ("DATA_LOSS", True),
    ("UNAUTHENTICATED", False),
)
"""The codes of google.rpc.Status by number, and whether the same request may succeed later."""
NO_CONNECTION, TIMEOUT, CUT = "no connection", "timeout", "connection cut"
NOT_AN_ANSWER = "not an answer of Gemini"
UNSENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "WriteError", "WriteTimeout")
"""Errors of the HTTP library before the service has the whole request."""
NO_ADDRESS = ("UnsupportedProtocol", "InvalidURL", "LocalProtocolError", "TooManyRedirects")
TOMORROW = "start the same command again tomorrow, or with a key that has more: what is answered is kept"


def body(request: Request) -> dict[str, Any]:
    """A `GenerateContentRequest` of the REST API."""
    payload = request.payload
    said: dict[str, Any] = {"contents": [{"role": "user", "parts": [{"text": payload.user}]}]}
    if payload.system:
        said["systemInstruction"] = {"parts": [{"text": payload.system}]}
    said["generationConfig"] = {
        "temperature": payload.temperature,
        "maxOutputTokens": payload.max_tokens,
        "responseMimeType": "application/json",
        "responseJsonSchema": dict(ANSWER_SCHEMA),
    }
    return said


def reply_of(answer: Any, tokens_in: int = 0) -> Reply:
    """The reply in a `GenerateContentResponse`; `tokens_in` stands where the service counted none.

    Thoughts are charged as tokens written. Raises `Retryable` for JSON that is no such answer, or an empty one.
    """
    try:
        candidate = next(iter(answer.get("candidates") or ()), None)
        stopped = (answer.get("promptFeedback") or {}).get("blockReason")
        usage = answer.get("usageMetadata") or {}
        if candidate is None and not stopped:
            raise Retryable("empty answer", billed=bool(usage))
        parts = ((candidate or {}).get("content") or {}).get("parts") or ()
        text = "".join(part["text"] for part in parts if "text" in part and not part.get("thought"))
        written = int(usage.get("candidatesTokenCount") or 0) + int(usage.get("thoughtsTokenCount") or 0)
        return Reply(
            text,
            tokens_in=int(usage.get("promptTokenCount") or tokens_in),
            tokens_out=written or estimated_tokens(text),
            finish="blocked" if stopped else _finish((candidate or {}).get("finishReason")),
            model=str(answer.get("modelVersion") or ""),
        )
    except (AttributeError, TypeError, ValueError, KeyError):
        raise Retryable(NOT_AN_ANSWER, billed=True) from None


def _finish(reason: str | None) -> str:
    if reason == "STOP":
        return "stop"
    if reason in LENGTH:
        return "length"
    return "other" if reason in UNBLOCKED else "blocked"


def result_of(line: bytes) -> tuple[str, Reply | Retryable | Permanent] | None:
    """(request id, reply or error) of one line of a batch's results; None: a line that names no request.

    {"key": "8f3c...", "response": {...}}  or  {"key": "8f3c...", "error": {"code": 8, "message": "..."}}
    """
    try:
        row = json.loads(line)
        key = row["key"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(key, str):
        return None
    if "response" not in row:
        return key, _refusal(row.get("error") or row.get("status"))
    try:
        return key, reply_of(row["response"])
    except Retryable as error:
        return key, error


def _refusal(status: Any) -> Retryable | Permanent:
    """What the google.rpc.Status of one request of a batch means; its code may also be one of HTTP."""
    code = status.get("code") if isinstance(status, dict) else None
    if not isinstance(code, int):
        return Retryable("error without a code")
    reason, passing = STATUSES[code] if 0 <= code < len(STATUSES) else (f"HTTP {code}", code in TRANSIENT)
    return Retryable(reason) if passing else Permanent(reason)


def meaning(error: Exception, *, missing: Exception, key: tuple[str, str], address: str) -> Exception:
    """The `Retryable`, `Permanent` or `Fatal` that an exception of the SDK or its HTTP library stands for.

    `missing`: what a 404 means where it came from. `key`: (environment variable, key). `address`: of the service.
    An exception that neither of them raises for an answer is a fault of ours and handed back as it is.
    """
    from google.genai.errors import APIError

    kinds = [kind.__name__ for kind in type(error).__mro__]
    if isinstance(error, APIError):
        return _refused(error, missing, key, address)
    if isinstance(error, TimeoutError) or "TimeoutException" in kinds:
        return Retryable(NO_CONNECTION) if kinds[0] in UNSENT else Retryable(TIMEOUT, billed=True)
    if kinds[0] in NO_ADDRESS:
        return Fatal(f"not an address ({clean(str(error), key[1])})", where=address, do="correct base_url")
    if "HTTPError" in kinds or isinstance(error, OSError):
        return Retryable(NO_CONNECTION) if kinds[0] in UNSENT else Retryable(CUT, billed=True)
    if isinstance(error, (ValueError, KeyError, TypeError, AttributeError)):
        return Retryable(NOT_AN_ANSWER, billed=True)
    return error


def _refused(error: Any, missing: Exception, key: tuple[str, str], address: str) -> Exception:
    """The meaning of an HTTP status other than 200."""
    said = error.details.get("error", error.details) if isinstance(error.details, dict) else {}
    status, words = said.get("status"), clean(str(said.get("message") or ""), key[1])
    details = [detail for detail in said.get("details") or () if isinstance(detail, dict)]
    if error.code in TRANSIENT or (error.code >= 500 and error.code != 501):
        if error.code == 429 and any("PerDay" in quota for quota in _quotas(details)):
            return Fatal("today's quota of the key is spent", where=key[0], do=TOMORROW)
        return Retryable(f"HTTP {error.code}", retry_after=_wait(error, details), billed=error.code in WORKED)
    if error.code in (401, 403) or "API_KEY_INVALID" in _reasons(details) or words.startswith("API key not valid"):
        return Fatal("Gemini refuses the key", where=key[0], do=words or f"HTTP {error.code}")
    if status == "FAILED_PRECONDITION":
        return Fatal("Gemini does not serve this key", where=key[0], do=words)
    if error.code == 404 and status == "NOT_FOUND":
        return missing
    if error.code == 404 or not 400 <= error.code < 600:
        return Fatal(f"this is not the Gemini API (HTTP {error.code})", where=address, do="correct base_url")
    named = status if status in dict(STATUSES) else ""
    return Permanent(f"HTTP {error.code} {named}".rstrip())


def _wait(error: Any, details: list[dict[str, Any]]) -> float | None:
    """Seconds of the header Retry-After, or of google.rpc.RetryInfo, which is what Gemini sends: `"34.07s"`."""
    headers = getattr(error.response, "headers", None) or {}
    asked = seconds_to_wait(headers, time.time)
    if asked is not None:
        return asked
    found = (re.fullmatch(r"(\d+(?:\.\d+)?)s", str(detail.get("retryDelay"))) for detail in details)
    return next((float(delay[1]) for delay in found if delay), None)


def _quotas(details: list[dict[str, Any]]) -> list[str]:
    return [str(violation.get("quotaId")) for detail in details for violation in detail.get("violations") or ()]


def _reasons(details: list[dict[str, Any]]) -> list[str]:
    return [str(detail.get("reason")) for detail in details]
