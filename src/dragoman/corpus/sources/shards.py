"""Shard: a part of a source that one worker reads. Batch: what comes out of it.

    web.jsonl (150 MB)    -> 3 shards of one file, bytes 0-50, 50-100, 100-150 MB
    web.jsonl.zst (90 MB) -> 5 shards of one file, each with every fifth block of it (lanes)
    crawl/ (9,000 .html)  -> shards of many small files each

The order of the documents of a source is (`shard.file`, position), where the i-th text of a batch stands at
`batch.position + i`. Shards are numbered in that order; only the lanes of one file (`lanes` > 1) lie across each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dragoman.corpus.sources.faults import MAX_LINE_BYTES, Fault


@dataclass(frozen=True)
class Shard:
    """Plain data: the same for the same files, whatever reads them."""

    source: str
    """Name of the source."""
    language: str
    number: int
    """From 0 in each source."""
    file: int
    """Number of the shard's first file among the files of the source; no other shard of an unsplit file has it."""
    paths: tuple[str, ...]
    """Absolute local paths, `hf://...` or `embedded:mono/de`. More than one: whole files, read one after another."""
    names: tuple[str, ...]
    """What faults call these files: the path below the root."""
    size: int
    """About how many bytes of the disk this shard stands for: large ones should start first."""
    start: int = 0
    stop: int | None = None
    """Bytes of a file that is read in parts: the lines (row groups of .parquet) that start in [start, stop)."""
    lane: int = 0
    lanes: int = 1
    """Of a compressed file: the blocks whose number leaves `lane` when divided by `lanes`."""

    @property
    def path(self) -> str:
        """The first file."""
        return self.paths[0]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Shard:
        return cls(**{**row, "paths": tuple(row["paths"]), "names": tuple(row["names"])})


@dataclass
class Batch:
    """Some documents that follow each other, and what was unreadable among or before them.

    `position` (fits an int64) grows from batch to batch within a file by at least the number of texts. It is the
    number of the document, row or record, and in a .jsonl or .txt file of lines the byte at which the block starts.
    """

    texts: list[str]
    faults: list[Fault] = field(default_factory=list)
    position: int = 0


@dataclass(frozen=True)
class Sizes:
    """How input is cut. Nothing that comes out of a whole source depends on it; tests make it small."""

    block: int = 4 << 20
    """Bytes that are read and split at once."""
    documents: int = 1000
    chars: int = 4_000_000
    """Whatever comes first ends a batch."""
    split: int = 16 << 20
    """Bytes of a part of a large file, and of small files in one shard."""
    lane: int = 16 << 20
    """Compressed bytes for which one more lane pays."""
    longest: int = MAX_LINE_BYTES
    """Longest line, row or page in bytes."""
