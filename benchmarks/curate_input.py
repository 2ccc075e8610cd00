"""What benchmarks/curate.py reads: documents of the given files, mixed, cut to size and written as JSONL.

given files, 160 MB  ->  ours.jsonl, 64 MB         documents drawn from all files; drawn anew where these are less
                         peers.jsonl, 8 MB         every eighth of them by file and length: the same mix
                         memory-2000.jsonl, 2 GB   documents again and again, each time other words are exchanged
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dragoman.corpus.sources import plan_shards, read_shard
from dragoman.recipe.data import MonoSource

CHANGED = 12  # every so many words one is exchanged: two copies share 60% of their runs of 5 words, no near duplicates


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


def perturbed(documents: Sequence[Document], size: int) -> Iterator[str]:
    """Texts of `size` bytes in all, no two alike: round after round with other words exchanged for words of others."""
    words = random.Random(0).choices([word for document in documents for word in document.text.split()[:50]], k=1000)
    total = 0
    for seed in itertools.count():
        draw = random.Random(seed)
        for document in draw.sample(documents, len(documents)):
            if total >= size:
                return
            text = _exchanged(document.text, words, draw) if seed else document.text
            total += len(text.encode())
            yield text


def _exchanged(text: str, words: Sequence[str], draw: random.Random) -> str:
    parts = text.split(" ")
    for place in range(draw.randrange(CHANGED), len(parts), CHANGED):
        parts[place] = words[int(draw.random() * len(words))]
    return " ".join(parts)


def write(path: Path, texts: Iterable[str], most_bytes: int | None = None) -> tuple[int, int]:
    """The texts as JSONL, `{"text": ...}` a line, as many as fit `most_bytes` on disk; how many, and bytes of text."""
    count = size = on_disk = 0
    with open(path, "wb") as stream:
        for text in texts:
            line = json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n"
            on_disk += len(line)
            if most_bytes is not None and on_disk > most_bytes:
                break
            stream.write(line)
            count, size = count + 1, size + len(text.encode())
    return count, size
