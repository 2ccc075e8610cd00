"""The account of what came in, what stayed and why the rest did not: read == kept + dropped, always.

    {"total": {"read": 3, "kept": 1, "dropped": {"too_short": 2}, "chars_read": 90, "chars_kept": 60},
     "by_source": {"news": {"de": {...the same...}}}}

A handful of kept and dropped rows is kept for a person to look at: those with the smallest hashes, so the choice
depends on the text alone, not on the order or the number of rows.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import xxhash

SAMPLES = 20  # rows kept for inspection, of the kept ones and of each reason
SAMPLE_CHARS = 2000  # a longer text is shown by its head


@dataclass(slots=True)
class Count:
    """The account of one source in one language."""

    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    chars_read: int = 0
    chars_kept: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The account as JSON, reasons by frequency; refuses to leave with a sum that is wrong."""
        assert self.read == self.kept + self.dropped.total(), f"{self.read} != {self.kept} + {self.dropped}"
        return {
            "read": self.read,
            "kept": self.kept,
            "dropped": dict(sorted(self.dropped.items(), key=lambda item: (-item[1], item[0]))),
            "chars_read": self.chars_read,
            "chars_kept": self.chars_kept,
        }

    def add(self, other: Count) -> None:
        """Take in another account."""
        self.read += other.read
        self.kept += other.kept
        self.dropped.update(other.dropped)
        self.chars_read += other.chars_read
        self.chars_kept += other.chars_kept


class Funnel:
    """Counts verdicts by source and language, and keeps samples."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], Count] = {}
        self._samples: dict[str | None, list[tuple[int, int, dict[str, Any]]]] = {}
        self._ties = 0

    def add(
        self, source: str, language: str, row: Mapping[str, str], reason: str | None, *, chars_read: int | None = None
    ) -> None:
        """Count one row (field -> text) as kept (`reason` None) or dropped; `chars_read` where the row was longer."""
        count = self.counts.setdefault((source, language), Count())
        chars = sum(map(len, row.values()))
        count.read += 1
        count.chars_read += chars if chars_read is None else chars_read
        if reason is None:
            count.kept += 1
            count.chars_kept += chars
        else:
            count.dropped[reason] += 1
        self._sample(source, language, row, reason)

    def _sample(self, source: str, language: str, row: Mapping[str, str], reason: str | None) -> None:
        rank = -xxhash.xxh3_64_intdigest("\x1f".join((source, language, *row.values())).encode())
        heap = self._samples.setdefault(reason, [])
        if len(heap) == SAMPLES and rank <= heap[0][0]:
            return
        self._ties += 1
        shown = {name: text if len(text) <= SAMPLE_CHARS else text[:SAMPLE_CHARS] + "…" for name, text in row.items()}
        verdict = {"kept": reason is None, "reason": reason, "source": source, "language": language}
        (heapq.heappush if len(heap) < SAMPLES else heapq.heapreplace)(heap, (rank, self._ties, {**verdict, **shown}))

    @property
    def total(self) -> Count:
        """All sources and languages together."""
        total = Count()
        for count in self.counts.values():
            total.add(count)
        return total

    def as_dict(self) -> dict[str, Any]:
        """The whole account as JSON."""
        by_source: dict[str, dict[str, Any]] = {}
        for (source, language), count in self.counts.items():
            by_source.setdefault(source, {})[language] = count.as_dict()
        return {"total": self.total.as_dict(), "by_source": by_source}

    def line(self) -> str:
        """The account in one line for a person: `1,000 read, 900 kept, dropped 80 too_short, 20 duplicate`."""
        total = self.total.as_dict()
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in total["dropped"].items())
        return f"{total['read']:,} read, {total['kept']:,} kept" + (f", dropped {reasons}" if reasons else "")

    def samples(self) -> Iterator[dict[str, Any]]:
        """The sampled rows: kept ones first, then each reason in alphabetical order."""
        for reason in sorted(self._samples, key=lambda name: name or ""):
            for _, _, row in sorted(self._samples[reason], key=lambda entry: (-entry[0], entry[1])):
                yield row
