"""A teacher's answer as translations: lenient about form, strict about what belongs to what.

    {"translations": [{"id": 48213, "text": "Good day!"}]}       also in a code fence, after a sentence of introduction,
                                                                 with trailing commas, as a bare list

A passage gets the text with its own number. An answer whose numbers are those of another request, or two texts for
one number, are rejected rather than guessed at; so is an answer that breaks off, because what it lacks is unknown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dragoman.synth.items import Passage, Reply, Request
from dragoman.synth.prompt import numbers

REASONS = ("blocked", "cut_off", "invalid_json", "swapped", "missing", "ambiguous")
"""blocked: the service refused. cut_off: the answer reached its limit. invalid_json: it cannot be read. swapped: it
answers another request. missing: nothing has the passage's number. ambiguous: two texts have it."""

_STRING_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*+")|,(?=\s*[\]}])', re.DOTALL)
_START = re.compile(r"[{\[]")
STARTS_TRIED = 20
"""Brackets from which reading is tried: an introduction may hold some."""
MOST_CHARS = 1_000_000
"""Longest answer that is looked at."""


@dataclass(frozen=True)
class Part:
    """What an answer says about one passage: a text, or the reason why there is none."""

    text: str | None
    reason: str | None = None


def parse(reply: Reply, request: Request) -> dict[str, Part]:
    """The id of each passage of `request` and what `reply` says about it."""
    passages = request.payload.passages
    return {passage.id: part for passage, part in zip(passages, read_answer(reply, passages), strict=True)}


def read_answer(reply: Reply, passages: Sequence[Passage]) -> list[Part]:
    """One part a passage, in their order."""
    if reply.finish == "blocked":
        return [Part(None, "blocked")] * len(passages)
    rows = read_rows(reply.text)
    if rows is None:
        return [Part(None, "cut_off" if reply.finish == "length" else "invalid_json")] * len(passages)
    wanted = numbers(passages)
    if set(rows) == set(range(1, len(passages) + 1)):  # some teachers count for themselves
        wanted = tuple(range(1, len(passages) + 1))
    if rows and not set(rows).intersection(wanted):
        return [Part(None, "swapped")] * len(passages)
    return [_part(rows.get(number, ())) for number in wanted]


def _part(texts: Sequence[str]) -> Part:
    different = {" ".join(text.split()) for text in texts}
    if len(different) > 1:
        return Part(None, "ambiguous")
    return Part(texts[0].strip()) if texts else Part(None, "missing")


def read_rows(answer: str) -> dict[int, list[str]] | None:
    """Number -> the texts that have it; None for what is not in the form that was asked for."""
    value = _read_json(answer[:MOST_CHARS])
    if isinstance(value, Mapping):
        value = value.get("translations")
    if not isinstance(value, list):
        return None
    rows: dict[int, list[str]] = {}
    for row in value:
        number = _number(row.get("id")) if isinstance(row, Mapping) else None
        if number is None:
            return None
        if isinstance(row.get("text"), str):
            rows.setdefault(number, []).append(row["text"])
    return rows


def _number(value: Any) -> int | None:
    """A whole number, also one in quotes."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _read_json(answer: str) -> Any:
    """The first JSON value in `answer` that has the right form, else None; raw line ends in strings are let pass."""
    decoder = json.JSONDecoder(strict=False)
    for text in (answer, _STRING_OR_COMMA.sub(r"\1", answer)):
        at = 0
        for _ in range(STARTS_TRIED):
            start = _START.search(text, at)
            if start is None:
                break
            try:
                value, at = decoder.raw_decode(text, start.start())
            except (json.JSONDecodeError, RecursionError):
                at = start.end()
                continue
            if (isinstance(value, dict) and "translations" in value) or _is_list_of_rows(value):
                return value
    return None


def _is_list_of_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
