"""What travels through a synthesis: a passage, the request that asks for it, the reply, and how asking fails.

    Passage("8f3c...", source="news", document="51aa...", src="de", tgt="en", text="Guten Tag! Wie geht's?", ...)
      -> Request(model="gemini-2.5-flash", prompt="translate-v1", payload=Payload(system, user, (passage, ...), ...))
      -> Reply('{"translations": [{"id": 1, "text": "Good day. How are you?"}]}', tokens_in=212, tokens_out=24)

The id of a request is the digest of what is asked (model, prompt id, options, texts, passages) and of nothing else:
not of the teacher's kind, its address or the time. So the same question is known again after a crash, in a later run,
and by `recorded`, which replays the journal of another run.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dragoman.errors import DragomanError
from dragoman.io import digest_bytes, digest_json

# Wordpieces of English prose have about 4 bytes of UTF-8, German ones 3.5; short ones guess on the dear side.
BYTES_PER_TOKEN = 3.2
TOKENS_A_MESSAGE = 16  # what a chat template puts around the two messages
ANSWER_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "translations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": {"type": "integer"}, "text": {"type": "string"}},
                "required": ["id", "text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["translations"],
    "additionalProperties": False,
}
"""JSON schema of every answer: a translation has the number that its passage has in the question."""


def answer_text(translations: Sequence[str]) -> str:
    """The answer that a teacher gives whose i-th passage reads `translations[i]`."""
    rows = [{"id": number, "text": text} for number, text in enumerate(translations, start=1)]
    return json.dumps({"translations": rows}, ensure_ascii=False)


@dataclass(frozen=True)
class Passage:
    """A few whole sentences of one document, on one line. Built by `Passage.of`."""

    id: str
    source: str
    """Name of the source in the recipe."""
    document: str
    """Digest of the document's text."""
    src: str
    tgt: str
    text: str
    sentences: int
    notes: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What else is known, such as {"level": "B1", "topic": "travel"}; no part of the id, kept as provenance."""

    @classmethod
    def of(
        cls,
        *,
        source: str,
        document: str,
        place: int,
        src: str,
        tgt: str,
        text: str,
        sentences: int,
        notes: Mapping[str, str] | None = None,
    ) -> Passage:
        """A passage with its id. `place`: number of its first sentence in the document."""
        if "\n" in text:
            raise ValueError("a passage holds no line break")
        id = digest_bytes(*(part.encode() for part in (source, document, str(place), src, tgt, text)))
        return cls(id, source, document, src, tgt, text, sentences, dict(notes or {}))


@dataclass(frozen=True)
class Payload:
    """What the teacher is told. `user` holds the texts of `passages`, numbered."""

    system: str
    user: str
    passages: tuple[Passage, ...]
    max_tokens: int
    """Most tokens of the answer; the service breaks off there."""
    temperature: float
    attempt: int = 0
    """0: asked first; 1: asked again with the stricter prompt."""


@dataclass(frozen=True)
class Request:
    """One question for a teacher."""

    model: str
    prompt: str
    """Id of the prompt, such as `translate-v1`."""
    payload: Payload

    @cached_property
    def id(self) -> str:
        """32 hex digits: the digest of what is asked."""
        payload = self.payload
        said = [self.model, self.prompt, payload.system, payload.user]
        how = [payload.max_tokens, float(payload.temperature), payload.attempt]
        return digest_json([*said, *how, [passage.id for passage in payload.passages]])

    @cached_property
    def tokens_in(self) -> int:
        """Estimate of the tokens sent."""
        return 2 * TOKENS_A_MESSAGE + estimated_tokens(self.payload.system) + estimated_tokens(self.payload.user)

    @cached_property
    def tokens_out(self) -> int:
        """Estimate of the tokens written: each translation as long as its passage, and the JSON around it."""
        tokens = TOKENS_A_MESSAGE + sum(
            estimated_tokens(passage.text) + TOKENS_A_MESSAGE for passage in self.payload.passages
        )
        return min(tokens, self.payload.max_tokens)

    def as_dict(self) -> dict[str, Any]:
        """The request as JSON."""
        payload = {**vars(self.payload), "passages": [dict(vars(passage)) for passage in self.payload.passages]}
        return {"model": self.model, "prompt": self.prompt, "payload": payload}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Request:
        """The request that `as_dict` wrote. Raises KeyError or TypeError where `value` is none."""
        payload = dict(value["payload"])
        payload["passages"] = tuple(Passage(**passage) for passage in payload["passages"])
        return cls(value["model"], value["prompt"], Payload(**payload))


@dataclass(frozen=True)
class Reply:
    """What a teacher answered, as it came."""

    text: str
    tokens_in: int
    """Tokens the service counted; where it counts none, the estimate."""
    tokens_out: int
    finish: str = "stop"
    """Why the answer ends: `stop`, `length` (cut at max_tokens), `blocked` (refused by the service's filter)."""
    model: str = ""
    """The exact model that answered, where the service says so."""
    teacher: str = ""
    """Who wrote it; empty: the teacher that was asked. Only `recorded` hands on another's name."""
    written: float | None = None
    """When it was written, in seconds since 1970; None: now. Only `recorded` hands on another time."""


@dataclass(frozen=True)
class Prices:
    """USD for a million tokens."""

    tokens_in: float
    tokens_out: float

    def cost(self, tokens_in: float, tokens_out: float) -> float:
        """USD for so many tokens."""
        return (tokens_in * self.tokens_in + tokens_out * self.tokens_out) / 1e6


class Retryable(Exception):
    """Asking failed in a way that may pass: too many requests, a fault of the server or of the way to it."""

    def __init__(self, reason: str, *, retry_after: float | None = None, billed: bool = False) -> None:
        """`reason`: few words that are counted, without figures or addresses, such as `HTTP 429` or `timeout`.
        `retry_after`: seconds the server asks to wait. `billed`: the service may have worked and charged (a timeout,
        a connection cut in mid-answer), so the estimate counts against the caps."""
        super().__init__(reason)
        self.reason, self.retry_after, self.billed = reason, retry_after, billed

    @property
    def busy(self) -> bool:
        """The service has no time now, which says nothing against the request."""
        return self.retry_after is not None or self.reason == "HTTP 429"


class Permanent(Exception):
    """This request will never work: too long, refused as it stands, not recorded."""

    def __init__(self, reason: str) -> None:
        """`reason`: few words that are counted, without figures or addresses, such as `HTTP 400`."""
        super().__init__(reason)
        self.reason = reason


class Fatal(DragomanError):
    """No request will work: the key is missing or wrong, the model unknown, the service cannot be reached."""


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has, rather too many than too few."""
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)
