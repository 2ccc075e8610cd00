"""Ranking pairs by a model's score: the worst of every source leave, in two passes over disk.

    clean pairs   --score, a chunk at a time-->  {"source": "web", "src": "Ja.", "tgt": "Yes.", "score": 1.25}
    scored.jsonl  --rank within each source-->   the same rows in the same order, each with "keep": true or false

The score itself comes in as a function; lower is better. Memory holds 17 bytes a pair and one chunk.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from dragoman.errors import DataError
from dragoman.io import read_jsonl, write_jsonl

CHUNK_PAIRS = 8192  # scored in one call: enough to find pairs of like length, 2 MB of text
DECIMALS = 4  # of a score: below it, the order of additions on another machine would decide
QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)

Score = Callable[[Sequence[tuple[str, str]]], Sequence[float]]
Row = Mapping[str, Any]


class Ranking:
    """What the first pass remembers of each source: its scores and the hashes that break ties."""

    def __init__(self, score: Score, share: float) -> None:
        self._score, self.share = score, share
        self._scores: dict[str, array[float]] = {}
        self._ties: dict[str, array[int]] = {}

    def write(self, rows: Iterable[Row], path: Path) -> int:
        """First pass: write `rows` (source, src, tgt) with their scores to `path`; returns how many."""
        return write_jsonl(path, self._scored(iter(rows)))

    def _scored(self, rows: Iterator[Row]) -> Iterator[dict[str, Any]]:
        while chunk := list(islice(rows, CHUNK_PAIRS)):
            pairs = [(row["src"], row["tgt"]) for row in chunk]
            for row, pair, score in zip(chunk, pairs, self._score(pairs), strict=True):
                if not math.isfinite(score):
                    raise DataError(
                        f"the score of a pair is {score}", where=f"'{pair[0][:40]}'", do="check pairs.score_model"
                    )
                rounded, source = round(float(score), DECIMALS), row["source"]
                self._scores.setdefault(source, array("d")).append(rounded)
                self._ties.setdefault(source, array("Q")).append(xxhash.xxh3_64_intdigest("\x1f".join(pair).encode()))
                yield {**row, "score": rounded}

    def read(self, path: Path) -> Iterator[dict[str, Any]]:
        """Second pass: the rows of `path` in order, with `keep`: whether each is among the best of its source."""
        kept = {source: iter(best(*self._arrays(source), self.share).tolist()) for source in self._scores}
        for row in read_jsonl(path):
            yield {**row, "keep": next(kept[row["source"]])}

    def _arrays(self, source: str) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
        return np.frombuffer(self._scores[source]), np.frombuffer(self._ties[source], dtype=np.uint64)

    def summary(self) -> dict[str, dict[str, Any]]:
        """By source: how many were scored and kept, the worst score that was kept, and the quantiles of all."""
        return {source: _summary(*self._arrays(source), self.share) for source in self._scores}


def best(scores: NDArray[np.float64], ties: NDArray[np.uint64], share: float) -> NDArray[np.bool_]:
    """True for the round(share * N) lowest `scores` (N,), at least one; of equal ones for the lowest `ties` (N,)."""
    keep = np.zeros(len(scores), dtype=bool)
    keep[np.lexsort((ties, scores))[: max(1, math.floor(share * len(scores) + 0.5))]] = True
    return keep


def _summary(scores: NDArray[np.float64], ties: NDArray[np.uint64], share: float) -> dict[str, Any]:
    keep = best(scores, ties, share)
    quantiles = np.quantile(scores, QUANTILES, method="lower")
    return {
        "scored": len(scores),
        "kept": int(keep.sum()),
        "worst_kept": float(scores[keep].max()),
        "quantiles": {str(at): float(value) for at, value in zip(QUANTILES, quantiles, strict=True)},
    }
