"""What the teachers that are asked over HTTP have in common: the key, the words of an error, how long to wait."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from dragoman.synth.items import Fatal

TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
"""Statuses after which the same request may succeed; 52x are those of the proxies that hosted services stand behind."""
WORKED = frozenset({504, 522, 524})
"""Statuses of a proxy that gave up waiting: the service behind it may have answered, and charged."""
LONGEST_WORDS = 160  # characters of a server's own words in an error of ours


def key_from(*names: str) -> tuple[str, str] | None:
    """(name, key) of the first environment variable among `names` that holds something. Raises `Fatal` for no key."""
    for name in names:
        if key := os.environ.get(name, "").strip():
            if not (key.isascii() and key.isprintable() and " " not in key):
                raise Fatal("this is not a key", where=name, do="copy it again, without spaces or quotes")
            return name, key
    return None


def seconds_to_wait(headers: Mapping[str, str], clock: Callable[[], float]) -> float | None:
    """What `Retry-After` (seconds, or a date of HTTP) or `retry-after-ms` asks for; None where they ask for nothing.

    `headers`: a mapping that ignores case, as HTTP libraries have it. `clock`: seconds since 1970.
    """
    for name, factor in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name, "")) * factor
        except ValueError:
            continue
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, parsedate_to_datetime(headers.get("retry-after", "")).timestamp() - clock())
    except (ValueError, TypeError, OverflowError):
        return None


def clean(words: str, key: str = "") -> str:
    """A server's words on one short line, without the key."""
    hidden = words.replace(key, "***") if key else words
    line = " ".join(hidden.split())
    return line if len(line) <= LONGEST_WORDS else line[: LONGEST_WORDS - 1] + "…"


def host_of(address: str) -> str:
    """`https://host:port` of an address: what an error may show of it."""
    split = urlsplit(address)
    return f"{split.scheme}://{split.netloc.rpartition('@')[2]}"


def needs_library(error: ImportError) -> Fatal:
    """The error for an SDK that is not installed."""
    name = (error.name or "the library").partition(".")[0]
    return Fatal(f"this teacher needs the package '{name}'", do="pip install 'dragoman[llm]'")
