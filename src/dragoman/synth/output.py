"""The pairs as files: Parquet and TSV, one of each a split, every row with where it comes from.

    data/train.parquet  data/train.tsv      training reads the TSV
    data/dev.parquet    data/dev.tsv
    data/test.parquet   data/test.tsv

    de              en               src  tgt  source  document  passage  sentences  teacher  model  ...
    Guten Morgen.   Good morning.    de   en   news    51aa...   8f3c...  1          gemini   gemini-2.5-flash

A split is chosen by the document, so that no document is in two. A split without pairs has no file.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import xxhash

from dragoman.io import atomic_writer
from dragoman.synth.items import Passage

DATA = "data"
ORDER = ("train", "dev", "test")
PROVENANCE: Mapping[str, str] = {
    "src": "language of the text that was translated",
    "tgt": "language of the translation",
    "source": "the source of the text",
    "document": "digest of the document that the text was cut from; a document is in one split only",
    "passage": "digest of the passage and its place",
    "sentences": "sentences of the text",
    "notes": "what else is known of the text, as JSON; empty: nothing",
    "teacher": "who translated: the kind of teacher",
    "model": "the exact model, as it named itself",
    "prompt": "id of the prompt",
    "attempt": "0: the first answer, 1: the second one, to a stricter prompt",
    "time": "when it was translated (UTC)",
    "checks": "the checks it passed",
}
NUMBERS = ("sentences", "attempt")
GROUP_ROWS, GROUP_CHARS = 20_000, 32_000_000  # of a Parquet row group, whatever comes first
BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")


@dataclass(frozen=True)
class SynthPair:
    """A passage and its checked translation, with the answer it was taken from."""

    passage: Passage
    text: str
    teacher: str
    model: str
    prompt: str
    attempt: int
    written: float
    """When the answer was written, in seconds since 1970."""
    checks: str

    def row(self) -> dict[str, Any]:
        """The row of the files; the sides stand under their languages."""
        passage = self.passage
        return {
            passage.src: one_line(passage.text),
            passage.tgt: one_line(self.text),
            "src": passage.src,
            "tgt": passage.tgt,
            "source": passage.source,
            "document": passage.document,
            "passage": passage.id,
            "sentences": passage.sentences,
            "notes": json.dumps(passage.notes, ensure_ascii=False, sort_keys=True) if passage.notes else "",
            "teacher": self.teacher,
            "model": self.model,
            "prompt": self.prompt,
            "attempt": self.attempt,
            "time": datetime.fromtimestamp(self.written, UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "checks": self.checks,
        }


def one_line(text: str) -> str:
    """Line ends and tabs as single blanks: what a line of a TSV can hold."""
    return BREAKS.sub(" ", text).strip()


def split_of(document: str, dev_share: float, test_share: float) -> str:
    """`train`, `dev` or `test` for a document's digest: by a hash, whatever other documents there are."""
    place = xxhash.xxh3_64_intdigest(f"split\x1f{document}".encode()) / 2**64
    return "dev" if place < dev_share else "test" if place < dev_share + test_share else "train"


@dataclass
class Figures:
    """Counts of what was written."""

    pairs: dict[str, Counter[str]] = field(default_factory=dict)
    """Split -> direction -> pairs."""
    lengths: Counter[int] = field(default_factory=Counter)
    """Sentences of the passage -> pairs."""
    sources: Counter[str] = field(default_factory=Counter)
    chars: Counter[str] = field(default_factory=Counter)
    """By language, both sides."""
    again: int = 0
    """Pairs from a second answer."""

    def add(self, split: str, pair: SynthPair) -> None:
        """Count one pair."""
        passage = pair.passage
        self.pairs.setdefault(split, Counter())[f"{passage.src}-{passage.tgt}"] += 1
        self.lengths[passage.sentences] += 1
        self.sources[passage.source] += 1
        self.chars[passage.src] += len(passage.text)
        self.chars[passage.tgt] += len(pair.text)
        self.again += pair.attempt > 0

    @property
    def total(self) -> int:
        """All pairs."""
        return self.lengths.total()

    def as_dict(self) -> dict[str, Any]:
        """As JSON, in an order that does not depend on the order of the pairs."""
        return {
            "pairs": {split: dict(sorted(self.pairs[split].items())) for split in ORDER if split in self.pairs},
            "lengths": {str(length): self.lengths[length] for length in sorted(self.lengths)},
            "sources": dict(sorted(self.sources.items())),
            "chars": dict(sorted(self.chars.items())),
            "second_answers": self.again,
        }


class PairFiles:
    """Writes pairs into the files of their splits, which appear when the `with` block ends without an error."""

    def __init__(self, out: Path, languages: Sequence[str], dev_share: float, test_share: float) -> None:
        self.out, self.columns = out, (*languages, *PROVENANCE)
        self.shares = dev_share, test_share
        self.figures = Figures()
        self._open: dict[str, _Split] = {}
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> PairFiles:
        return self

    def write(self, pair: SynthPair) -> None:
        """Append one pair."""
        split = split_of(pair.passage.document, *self.shares)
        if split not in self._open:
            self._open[split] = self._stack.enter_context(_split(self.out / DATA, split, self.columns))
        self._open[split].write(pair.row())
        self.figures.add(split, pair)

    def files(self) -> dict[str, list[str]]:
        """Split -> its Parquet files, as named from the folder of the card."""
        return {split: [f"{DATA}/{split}.parquet"] for split in ORDER if split in self._open}

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


@contextlib.contextmanager
def _split(folder: Path, split: str, columns: Sequence[str]) -> Iterator[_Split]:
    with (
        atomic_writer(folder / f"{split}.tsv") as lines,
        atomic_writer(folder / f"{split}.parquet") as table,
        contextlib.closing(_Split(lines, table, columns)) as opened,
    ):
        yield opened


class _Split:
    """Both files of one split."""

    def __init__(self, lines: IO[bytes], table: IO[bytes], columns: Sequence[str]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.columns, self._lines = columns, lines
        kinds = {name: pa.int32() if name in NUMBERS else pa.string() for name in columns}
        self._schema = pa.schema(list(kinds.items()))
        self._table = pq.ParquetWriter(table, self._schema, compression="zstd")
        self._group, self._chars = list[dict[str, Any]](), 0
        self._lines.write("\t".join(columns).encode() + b"\n")

    def write(self, row: Mapping[str, Any]) -> None:
        cells = [str(row[name]) for name in self.columns]
        self._lines.write("\t".join(map(one_line, cells)).encode() + b"\n")
        self._group.append(dict(row))
        self._chars += sum(map(len, cells))
        if len(self._group) == GROUP_ROWS or self._chars >= GROUP_CHARS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._group:
            self._table.write_table(pa.Table.from_pylist(self._group, schema=self._schema))
        self._group, self._chars = [], 0

    def close(self) -> None:
        self._flush()
        self._table.close()
