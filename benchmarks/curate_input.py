"""What benchmarks/curate.py reads: documents of the given files, mixed, cut to size and written as JSONL.

given files, 160 MB  ->  ours.jsonl, 64 MB         documents drawn from all files; drawn anew where these are less
                         peers.jsonl, 8 MB         every eighth of them by file and length: the same mix
                         memory-2000.jsonl, 2 GB   documents again and again, each time other words are exchanged
"""

from __future__ import annotations

import itertools
import json
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.sources import plan_shards, read_shard
from dragoman.recipe.data import MonoSource

CHANGED = 8  # of so many words one is exchanged: two copies share a third of their runs of 5 words, no near duplicates


@dataclass(frozen=True)
class Document:
    """A text and the number of the file it came from."""

    text: str
    file: int

    @property
    def size(self) -> int:
        """Bytes of UTF-8."""
        return len(self.text.encode())


def load(files: Sequence[Path], language: str, language_field: str | None) -> list[Document]:
    """Every document of the files that can be read and is not blank. Raises `DataError` where there is no such file."""
    documents = []
    for number, path in enumerate(files):
        source = MonoSource(name=path.name, language=language, path=str(path.absolute()), language_field=language_field)
        for shard in plan_shards(source, Path(), split=False):
            for batch in read_shard(shard, source):
                texts = (text.encode("utf-8", "replace").decode() for text in batch.texts)
                documents += [Document(text, number) for text in texts if text.strip()]
    return documents


def drawn(documents: Sequence[Document], size: int) -> list[Document]:
    """Documents of `size` bytes in all: shuffled, and shuffled anew with the next seed each time all are used up."""
    chosen: list[Document] = []
    total = 0
    for seed in itertools.count():
        for document in random.Random(seed).sample(documents, len(documents)):
            if total >= size:
                return chosen
            chosen.append(document)
            total += document.size
    raise AssertionError("unreachable")


def thinned(documents: Sequence[Document], size: int) -> list[Document]:
    """About `size` bytes of the documents with the same shares of files and lengths, in their order."""
    step = max(1, round(sum(document.size for document in documents) / size))
    places = sorted(range(len(documents)), key=lambda i: (documents[i].file, documents[i].size, i))
    return [documents[i] for i in sorted(places[step // 2 :: step])]


def perturbed(path: Path, documents: Sequence[Document], size: int, most_bytes: int | None = None) -> tuple[int, int]:
    """Write documents of `size` bytes in all as `write` does, no two alike: round after round with other words.

    A word gives way to another one of as many bytes, so a round is one copy of the first with bytes overwritten.
    """
    lines = [_line(document.text) for document in documents]
    texts = np.cumsum([document.size for document in documents])
    ends = np.cumsum(list(map(len, lines)))
    page = np.frombuffer(b"".join(lines), dtype=np.uint8)
    words = _Words(page)
    left, room, count, written = size, most_bytes or sys.maxsize, 0, 0
    with open(path, "wb") as stream:
        for seed in itertools.count():
            fit = int(min(np.searchsorted(texts, left) + 1, np.searchsorted(ends, room, side="right"), len(lines)))
            if fit:
                stream.write((words.exchanged(page, seed) if seed else page)[: ends[fit - 1]].data)
                count, written = count + fit, written + int(texts[fit - 1])
                left, room = left - int(texts[fit - 1]), room - int(ends[fit - 1])
            if fit < len(lines) or left <= 0:
                return count, written
    raise AssertionError("unreachable")


class _Words:
    """The words of 3 to 20 bytes, of letters alone and between blanks, by their number of bytes."""

    def __init__(self, page: NDArray[np.uint8]) -> None:
        letter = (page >= 0x80) | ((page | 0x20) >= ord("a")) & ((page | 0x20) <= ord("z"))
        edges = np.flatnonzero(letter[1:] != letter[:-1]) + 1
        starts, ends = edges[::2] if letter[edges[0]] else edges[1::2], edges[1::2] if letter[edges[0]] else edges[2::2]
        starts = starts[: len(ends)]
        between = (page[starts - 1] == ord(" ")) & (page[ends] == ord(" "))
        lengths = (ends - starts) * between
        self.starts = {length: starts[lengths == length] for length in range(3, 21)}

    def exchanged(self, page: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
        """A copy of the page in which one word in CHANGED is another."""
        draw, copy = np.random.default_rng(seed), page.copy()
        for length, starts in self.starts.items():
            chosen = starts[draw.random(len(starts)) < 1 / CHANGED]
            if len(chosen):
                others = draw.choice(starts, len(chosen))
                copy[chosen[:, None] + np.arange(length)] = page[others[:, None] + np.arange(length)]
        return copy


def write(path: Path, texts: Iterable[str], most_bytes: int | None = None) -> tuple[int, int]:
    """The texts as JSONL, `{"text": ...}` a line, as many as fit `most_bytes` on disk; how many, and bytes of text."""
    count = size = on_disk = 0
    with open(path, "wb") as stream:
        for text in texts:
            line = _line(text)
            on_disk += len(line)
            if most_bytes is not None and on_disk > most_bytes:
                break
            stream.write(line)
            count, size = count + 1, size + len(text.encode())
    return count, size


def _line(text: str) -> bytes:
    return json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n"
