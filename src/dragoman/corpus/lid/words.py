"""From texts to the sums of their words' vectors.

fastText's hidden layer is the mean over the vectors of all words and character n-grams of a text, so the sum of a word
is worked out once and remembered. Words are known by a 64-bit hash of their code points. The memory is a table in which
each word has four places; a word that finds all taken takes one over. What a word's sum is never depends on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.lid.model import ABSENT, Floats, Indices, Model

_BASE, _MIX = 0x9E3779B97F4A7C13, 0xD6E8FEB86659FD93  # odd, otherwise arbitrary
_CODES = 0x110000
_LAST_BLANK = 0x3000
_FIRST_BLANK = np.array([32], np.uint32)
_WAYS = 4  # places a word may take, a power of two
_BEGIN, _END = ord("<"), ord(">")
_FNV_START, _FNV_PRIME = 2166136261, np.uint32(16777619)

Hashes = NDArray[np.uint64]
Codes = NDArray[np.uint32]


@dataclass(frozen=True)
class Words:
    """The words of some texts: word i is codes[starts[i]:ends[i]]; text t has the words first[t]:first[t + 1]."""

    codes: Codes
    starts: Indices
    ends: Indices
    hashes: Hashes
    first: Indices


class Splitter:
    """Finds and hashes the words of texts of at most `longest` code points in all, one blank after each included.

    Words stand between blanks as Python's `str.split` sees them, or NULs (as fastText). The hash is the polynomial of
    the mixed code points, modulo 2 ** 64, from running sums over all texts.
    """

    def __init__(self, longest: int) -> None:
        self._powers = _powers(_BASE, longest + 1)
        self._inverse = _powers(pow(_BASE, -1, 2**64), longest + 1)
        self._blank = np.zeros(_CODES, bool)
        self._blank[[0, *(code for code in range(_LAST_BLANK + 1) if chr(code).isspace())]] = True

    def split(self, texts: Sequence[str]) -> Words:
        """The words of `texts`, in order."""
        joined = " ".join([*texts, ""])
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), "<u4")
        return self.split_codes(codes, np.fromiter(map(len, texts), np.int64, len(texts)))

    def split_codes(self, texts: Codes, lengths: Indices) -> Words:
        """The same for code points of texts with these lengths, each followed by a blank."""
        codes = np.concatenate((_FIRST_BLANK, texts))
        blank = self._blank.take(codes)
        edges = np.flatnonzero(blank[1:] != blank[:-1]) + 1
        starts, ends = edges[::2], edges[1::2]
        first = np.searchsorted(starts, np.concatenate(([0], np.cumsum(lengths + 1))))
        return Words(codes, starts, ends, self._hash(codes, starts, ends), first)

    def _hash(self, codes: Codes, starts: Indices, ends: Indices) -> Hashes:
        mixed = codes * np.uint64(_MIX)
        mixed ^= mixed >> np.uint64(32)
        mixed *= self._powers[: len(codes)]
        sums = np.cumsum(mixed)
        return (sums.take(ends - 1) - sums.take(starts - 1)) * self._inverse.take(starts)


def _powers(base: int, count: int) -> Hashes:
    values = np.full(count, base, np.uint64)
    values[0] = 1
    return np.multiply.accumulate(values)


class Sums:
    """The sum of the vectors of a word and of its n-grams: a row of d numbers, then how many vectors these are, then 1
    for the word."""

    def __init__(self, model: Model, splitter: Splitter, memory_bits: int) -> None:
        """Remembers up to 2 ** `memory_bits` words (80 bytes each)."""
        self._model = model
        self._dim = model.vectors.shape[1]
        self._width = self._dim + 2
        self._known, self._known_rows = _known_words(model, splitter)
        self._shift = np.uint64(64 - memory_bits)
        self._keys = np.zeros(2**memory_bits, np.uint64)
        self._rows = np.zeros((2**memory_bits, self._width), np.float32)
        self._keys[0] = 1  # a word whose hash is 0 belongs in place 0 and is not yet there

    def of_texts(self, words: Words) -> Floats:
        """(texts, width) the sums over the words of each text, zeros for a text without a word."""
        sums = np.zeros((len(words.first) - 1, self._width), np.float32)
        filled = np.flatnonzero(words.first[1:] > words.first[:-1])
        if len(filled):
            # As complex numbers there is half as much to add one by one: twice as fast, the same sums.
            rows = self._of_words(words).view(np.complex64)
            sums[filled] = np.add.reduceat(rows, words.first[filled], axis=0).view(np.float32)
        return sums

    def _of_words(self, words: Words) -> Floats:
        """(words, width) from the memory, and into it what was not there."""
        places, new = self._find(words.hashes)
        rows = self._rows.take(places, axis=0)
        if len(new):
            hashes, one, which = np.unique(words.hashes[new], return_index=True, return_inverse=True)
            fresh = self._compute(words, new[one], hashes)
            rows[new] = fresh[which]
            self._remember(hashes, fresh)
        return rows

    def _find(self, hashes: Hashes) -> tuple[Indices, Indices]:
        """The place of each word, and which are in none of their places."""
        places = (hashes >> self._shift).view(np.int64)
        lost = np.flatnonzero(self._keys.take(places) != hashes)
        for step in range(1, _WAYS):
            others = places.take(lost) ^ step
            found = self._keys.take(others) == hashes.take(lost)
            places[lost[found]] = others[found]
            lost = lost[~found]
        return places, lost

    def _remember(self, hashes: Hashes, rows: Floats) -> None:
        """Puts each word into a free place of its set, or else into any; where two want the same, one is left out."""
        sets = (hashes >> self._shift).view(np.int64)
        for step in range(_WAYS + 1):
            places = sets ^ (step if step < _WAYS else (hashes & np.uint64(_WAYS - 1)).view(np.int64))
            free = self._keys[places] == 0 if step < _WAYS else np.ones(len(places), bool)
            self._keys[places[free]] = hashes[free]
            put = self._keys[places] == hashes
            self._rows[places[put]] = rows[put]
            sets, hashes, rows = sets[~put], hashes[~put], rows[~put]

    def _compute(self, words: Words, some: Indices, hashes: Hashes) -> Floats:
        """(some, width) worked out from the model."""
        owners, rows = self._ngrams(words.codes, words.starts[some], words.ends[some] - words.starts[some] + 2)
        counts = np.bincount(owners, minlength=len(some))
        sums = np.zeros((len(some), self._width), np.float32)
        filled = np.flatnonzero(counts)
        if len(filled):
            vectors = self._model.vectors.take(rows, axis=0).view(np.complex64)
            offsets = (np.cumsum(counts) - counts)[filled]
            sums[filled, : self._dim] = np.add.reduceat(vectors, offsets, axis=0).view(np.float32)
        at = np.minimum(np.searchsorted(self._known, hashes), len(self._known) - 1)
        known = np.flatnonzero(self._known[at] == hashes)
        sums[known, : self._dim] += self._model.vectors[self._known_rows[at[known]]]
        counts[known] += 1
        sums[:, self._dim], sums[:, self._dim + 1] = counts, 1
        return sums

    def _ngrams(self, codes: Codes, starts: Indices, lengths: Indices) -> tuple[Indices, NDArray[np.uint16]]:
        """The n-grams of each `<word>` that have a vector: whose they are, in order, and the row of the vector."""
        ends = np.cumsum(lengths)
        owners = np.repeat(np.arange(len(lengths)), lengths)
        position = np.arange(len(owners))
        text = codes.take((starts - 1 - ends + lengths).take(owners) + position)
        text[ends - lengths], text[ends - 1] = _BEGIN, _END
        left = ends.take(owners) - position
        kinds, buckets = self._model.ngrams, np.uint32(len(self._model.bucket_rows))
        rows = np.full((len(text), len(kinds)), ABSENT, np.uint16)
        for length, hashes in _fnv_hashes(text, kinds.stop - 1):
            if length in kinds:
                found = self._model.bucket_rows.take(hashes - hashes // buckets * buckets)  # thrice as fast as %
                across = ABSENT * (left[: len(found)] < length)
                rows[: len(found), length - kinds.start] = np.maximum(found, across)
        present = np.flatnonzero(rows != ABSENT)
        return owners.take(present // len(kinds)), rows.take(present)


def _known_words(model: Model, splitter: Splitter) -> tuple[Hashes, Indices]:
    """The hashes, sorted, of the words that have a vector of their own, and its row.

    Left out are the end of the line (a `</s>` in a text is a word like any other) and words that hold blanks.
    """
    rows = [row for row, word in enumerate(model.words) if row and [word] == word.split()]
    parts = [rows[at : at + 256] for at in range(0, len(rows), 256)]
    hashes = np.concatenate([splitter.split([model.words[row] for row in part]).hashes for part in parts])
    order = np.argsort(hashes)
    return hashes[order], np.array(rows)[order]


def _fnv_hashes(text: Codes, longest: int) -> Iterator[tuple[int, Codes]]:
    """(n, hashes of the n characters from each position on) for n from 1 to `longest`.

    FNV-1a over the UTF-8 bytes, each widened to 32 bits with its sign, as in fastText's Dictionary::hash.
    """
    lead = text.copy()
    tails = []
    for limit, mark, shift in ((0x80, 0xFFFFFFC0, 6), (0x800, 0xFFFFFFE0, 12), (0x10000, 0xFFFFFFF0, 18)):
        wide = np.flatnonzero(text >= limit)
        lead[wide] = np.uint32(mark) | text[wide] >> np.uint32(shift)
        tails.append((wide, np.uint32(0xFFFFFF80) | text[wide] >> np.uint32(shift - 6) & np.uint32(0x3F)))
    state = np.full(len(text), _FNV_START, np.uint32)
    for length in range(1, min(longest, len(text)) + 1):
        state = (state[: len(text) - length + 1] ^ lead[length - 1 :]) * _FNV_PRIME
        for wide, byte in reversed(tails):
            if not len(wide):
                continue
            some = wide >= length - 1
            at = wide[some] - (length - 1)
            state[at] = (state[at] ^ byte[some]) * _FNV_PRIME
        yield length, state
