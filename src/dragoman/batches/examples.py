"""From text on disk to examples of token ids, pool by pool.

A pool is a few thousand lines, drawn in a new random order each epoch. Everything about it (order, sampled
segmentations, noise) is a pure function of seed, epoch and pool number, so a training that resumes needs to
remember three integers and nothing else.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from dragoman.batches.noise import noise_spans, span_corruption, text_infilling
from dragoman.errors import DataError
from dragoman.io import digest_json
from dragoman.tokenizer import EOS_ID, MASK_ID, N_SENTINELS, Tokenizer

POOL_LINES = 20_000


class Example(NamedTuple):
    """Source ids with tag and </s>; target ids with </s> (<s> is put before it when a batch is made)."""

    src: list[int]
    tgt: list[int]


class Examples(Protocol):
    """What a batch stream draws from."""

    n_pools: int

    def pool(self, epoch: int, index: int) -> list[Example]: ...


def derived_seed(*parts: int | str) -> int:
    """A 63-bit seed that depends on every part."""
    return int(digest_json(list(parts))[:16], 16) >> 1


class LineFile:
    """Lines of a text file by number, mapped into memory: a corpus larger than memory costs its offsets only."""

    def __init__(self, path: Path) -> None:
        try:
            with open(path, "rb") as stream:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (FileNotFoundError, ValueError):
            raise DataError("no text here", where=path, do="run the pairs stage again") from None
        ends = np.flatnonzero(np.frombuffer(self._map, dtype=np.uint8) == ord("\n"))
        self._ends = ends.astype(np.int64)
        self._starts = np.concatenate(([0], self._ends[:-1] + 1)) if len(ends) else self._ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, number: int) -> str:
        return self._map[self._starts[number] : self._ends[number]].decode("utf-8")


def pool_lines(n_lines: int, n_pools: int, seed: int, epoch: int, index: int) -> list[int]:
    """The line numbers of pool `index`: a slice of the epoch's own random order."""
    order = np.random.default_rng(derived_seed(seed, "order", epoch)).permutation(n_lines)
    return [int(number) for number in np.array_split(order, n_pools)[index]]


class TranslationExamples:
    """Sentence pairs in one or more directions; each epoch shows every pair once a direction."""

    def __init__(
        self,
        files: Mapping[str, Path],
        directions: Sequence[tuple[str, str]],
        tokenizer: Tokenizer,
        *,
        max_tokens: int,
        alpha: float,
        seed: int,
    ) -> None:
        self.lines = {language: LineFile(path) for language, path in files.items()}
        self.directions, self.tokenizer = directions, tokenizer
        self.max_tokens, self.alpha, self.seed = max_tokens, alpha, seed
        self.n_lines = len(next(iter(self.lines.values())))
        self.n_pools = max(1, -(-self.n_lines // POOL_LINES))

    def pool(self, epoch: int, index: int) -> list[Example]:
        """Examples of one pool; pairs with more than `max_tokens` on a side are left out (and counted elsewhere)."""
        chosen = pool_lines(self.n_lines, self.n_pools, self.seed, epoch, index)
        ids = {}
        for language, lines in self.lines.items():
            texts = [lines[number] for number in chosen]
            if self.alpha:
                ids[language] = self.tokenizer.sample_batch(
                    texts, self.alpha, derived_seed(self.seed, language, epoch, index)
                )
            else:
                ids[language] = self.tokenizer.encode_batch(texts)
        rows = [
            Example([self.tokenizer.tag(tgt), *src_ids, EOS_ID], [*tgt_ids, EOS_ID])
            for src, tgt in self.directions
            for src_ids, tgt_ids in zip(ids[src], ids[tgt], strict=True)
        ]
        return [row for row in rows if max(len(row.src), len(row.tgt)) <= self.max_tokens]

    def count_too_long(self) -> int:
        """Examples that never reach training because a side has more than `max_tokens` tokens, unsampled."""
        count = 0
        for start in range(0, self.n_lines, POOL_LINES):
            numbers = range(start, min(start + POOL_LINES, self.n_lines))
            lengths = {
                language: [len(ids) + 2 for ids in self.tokenizer.encode_batch([lines[n] for n in numbers])]
                for language, lines in self.lines.items()
            }
            count += sum(
                max(src_length, tgt_length - 1) > self.max_tokens
                for src, tgt in self.directions
                for src_length, tgt_length in zip(lengths[src], lengths[tgt], strict=True)
            )
        return count


class DenoisingExamples:
    """Monolingual text made into (damaged, original) examples; every epoch damages it anew.

    `files` holds one JSON object a line with the text under `text` (documents), or plain lines (`.txt` and others).
    """

    def __init__(
        self,
        files: Sequence[tuple[str, Path]],
        tokenizer: Tokenizer,
        *,
        objective: str,
        noise_rate: float,
        mean_span: float,
        max_tokens: int,
        alpha: float,
        seed: int,
    ) -> None:
        self.sources = [(language, LineFile(path), path.suffix == ".jsonl") for language, path in files]
        self.tokenizer, self.objective = tokenizer, objective
        self.noise_rate, self.mean_span = noise_rate, mean_span
        self.max_tokens, self.alpha, self.seed = max_tokens, alpha, seed
        self._first = np.cumsum([0] + [len(lines) for _, lines, _ in self.sources])
        self.n_lines = int(self._first[-1])
        self.n_pools = max(1, -(-self.n_lines // POOL_LINES))

    def _read(self, number: int) -> tuple[str, str]:
        """Language and text of document `number`, counted over all files."""
        which = int(np.searchsorted(self._first, number, side="right")) - 1
        language, lines, is_json = self.sources[which]
        line = lines[number - int(self._first[which])]
        return language, json.loads(line)["text"] if is_json else line

    def pool(self, epoch: int, index: int) -> list[Example]:
        """Examples of one pool, long documents cut into pieces of at most `max_tokens`."""
        seed = derived_seed(self.seed, "noise", epoch, index)
        documents = [self._read(n) for n in pool_lines(self.n_lines, self.n_pools, self.seed, epoch, index)]
        texts = [text for _, text in documents]
        batch = (
            self.tokenizer.sample_batch(texts, self.alpha, seed) if self.alpha else self.tokenizer.encode_batch(texts)
        )
        rng = np.random.default_rng(seed)
        return [
            self._damage(piece, language, rng)
            for (language, _), ids in zip(documents, batch, strict=True)
            for piece in cut(ids, self.max_tokens - 2)
        ]

    def _damage(self, ids: list[int], language: str, rng: np.random.Generator) -> Example:
        corrupt = self.objective == "span_corruption" or (self.objective == "both" and rng.random() < 0.5)
        # The last sentinel closes the list of spans, so there is one less to hide them behind.
        max_spans = N_SENTINELS - 1 if corrupt else None
        spans = noise_spans(len(ids), self.noise_rate, self.mean_span, rng, max_spans=max_spans)
        if corrupt:
            src, tgt = span_corruption(ids, spans, self.tokenizer.sentinel)
        else:
            src, tgt = text_infilling(ids, spans, MASK_ID)
        return Example([self.tokenizer.tag(language), *src, EOS_ID], [*tgt, EOS_ID])


def cut(ids: list[int], length: int) -> list[list[int]]:
    """Pieces of at most `length`, as equal as possible; nothing shorter than two tokens is worth hiding from."""
    n_pieces = -(-len(ids) // length)
    bounds = [round(i * len(ids) / n_pieces) for i in range(n_pieces + 1)] if n_pieces else []
    pieces = [ids[start:end] for start, end in pairwise(bounds)]
    return [piece for piece in pieces if len(piece) >= 2]
