"""MinHash here and in other packages, as ways of benchmarks/curate.py (see curate_ways.py).

Each makes signatures of 112 numbers over runs of 5 words, from texts that are in memory.
"""

from __future__ import annotations

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from curate_frameworks import quiet_datatrove

from dragoman.io import read_jsonl

BATCH_CHARS = 1_000_000  # what the stage gives its rules and its MinHash at once
SHINGLE, BANDS, ROWS = 5, 14, 8

Work = Callable[[], None]


def texts_of(path: Path) -> list[str]:
    return [row["text"] for row in read_jsonl(path)]


def _run_through(results: Iterable[Any]) -> None:
    deque(results, maxlen=0)


def _batches(texts: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    chars = 0
    for text in texts:
        if batch and chars + len(text) > BATCH_CHARS:
            yield batch
            batch, chars = [], 0
        batch.append(text)
        chars += len(text)
    yield batch


def _word_hashes(texts: Sequence[str]) -> tuple[Any, Any]:
    """Hashes of all words of a batch, and where those of each text start."""
    import numpy as np

    from dragoman.corpus.block import Block

    block = Block(texts)
    return block.word_hashes, np.concatenate(([0], np.cumsum(block.words_of)))


def from_texts(path: Path, folder: Path, language: str) -> Work:
    """Ours, from the texts: words are found and hashed first."""
    from dragoman.corpus.minhash import signatures

    batches = list(_batches(texts_of(path)))
    return lambda: _run_through(signatures(*_word_hashes(batch)) for batch in batches)


def after_rules(path: Path, folder: Path, language: str) -> Work:
    """What MinHash adds in the stage: the hashes of the words are there, the rules need them too."""
    from dragoman.corpus.minhash import signatures

    batches = [_word_hashes(batch) for batch in _batches(texts_of(path))]
    return lambda: _run_through(signatures(*batch) for batch in batches)


def _runs(text: str) -> list[str]:
    words = text.lower().split()
    return [" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))]


def in_datasketch(path: Path, folder: Path, language: str) -> Work:
    """datasketch, many documents at once, with a faster hash function than its own."""
    import xxhash
    from datasketch import MinHash

    texts = texts_of(path)

    def work() -> None:
        sets = ([run.encode() for run in _runs(text)] for text in texts)
        _run_through(MinHash.generator(sets, num_perm=BANDS * ROWS, hashfunc=xxhash.xxh32_intdigest))

    return work


def in_rensa(path: Path, folder: Path, language: str) -> Work:
    """rensa's R-MinHash (another family of hash functions), many documents at once."""
    from rensa import RMinHash

    batches = list(_batches(texts_of(path)))

    def signed(batch: Sequence[str]) -> Any:
        return RMinHash.digest_matrix_from_token_sets([_runs(text) for text in batch], BANDS * ROWS, 42)

    return lambda: _run_through(map(signed, batches))


def in_datatrove(path: Path, folder: Path, language: str, *, blanks: bool = False) -> Work:
    """datatrove's step with its own normalisation, signatures written to files; `blanks`: words are split as ours."""
    import xxhash
    from datatrove.data import Document
    from datatrove.pipeline.dedup import MinhashDedupSignature
    from datatrove.pipeline.dedup.minhash import MinhashConfig

    quiet_datatrove()
    config = MinhashConfig(n_grams=SHINGLE, num_buckets=BANDS, hashes_per_bucket=ROWS)
    step = MinhashDedupSignature(str(folder / "signatures"), config=config, language=language)
    step._hash_func = lambda run: xxhash.xxh64_intdigest(run.encode())  # it hands on text, which xxhash 4 refuses
    if blanks:  # datatrove's own WhitespaceTokenizer asks spaCy
        step.word_tokenizer = SimpleNamespace(word_tokenize=str.split)
    documents = [Document(text=text, id=str(i)) for i, text in enumerate(texts_of(path))]

    def work() -> None:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            _run_through(step.run(documents) or ())

    return work
