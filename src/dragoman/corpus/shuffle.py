"""A shuffle of any number of rows in bounded memory, that depends on the rows and the seed and on nothing else.

Every row gets a 64-bit key, a hash of seed, text and copy number; the shuffled order is the order of the keys. Rows
are first thrown into buckets on disk by the highest bits of their keys, then each bucket is sorted in memory.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import xxhash

BUCKETS = 64  # 10 million pairs of 100 bytes: 16 MB a bucket


def shuffle_key(seed: int, copy: int, row: Sequence[str]) -> int:
    """Where a row goes: 64 bits, the same on every machine."""
    return xxhash.xxh3_64_intdigest("\x1f".join((str(seed), str(copy), *row)).encode())


def shuffled(rows: Iterable[tuple[Sequence[str], int]], seed: int, folder: Path) -> Iterator[list[str]]:
    """Each row of (texts, copies) that many times, in the order of the keys; buckets lie under `folder` meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".shuffle-") as name:
        paths = [Path(name) / str(number) for number in range(BUCKETS)]
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(open(path, "w", encoding="utf-8")) for path in paths]
            for row, copies in rows:
                for copy in range(copies):
                    key = shuffle_key(seed, copy, row)
                    streams[key * BUCKETS >> 64].write(json.dumps([key, *row]) + "\n")
        for path in paths:
            with open(path, encoding="utf-8") as stream:
                for _, *texts in sorted(json.loads(line) for line in stream):
                    yield texts
