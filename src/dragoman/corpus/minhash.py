"""MinHash: 112 numbers a document, from which any two documents' overlap can be told.

    word hashes of the batch      w0 w1 w2 w3 w4 w5 | w6 w7        documents 0 and 1, offsets [0, 6, 8]
    shingles of 5 words           (w0..w4) (w1..w5) | (w6 w7)      a shorter document is one shingle
    signatures                    row r of a document = the smallest value of permutation r over its shingles
    bands                         14 keys a document, each made of 8 rows: two documents with a key in common
                                  are worth comparing

Two documents agree in a row with a probability equal to the Jaccard similarity of their sets of shingles (Broder
1997), so the share of equal rows estimates it: at 0.75 with a standard error of 0.04. They share a band with the
probability 1 - (1 - s^8)^14: .05 at s = .5, .56 at .7, .77 at .75, .92 at .8, .988 at .85, .9996 at .9.

A permutation is x -> a * x + b modulo 2^32 with a odd, a bijection: the linear family that Bohman, Cooper and Frieze
(2000, "Min-wise independent linear permutations") show to be as good as fully random for the minimum of a set without
structure, which hashes are. 32 bits suffice: a document of 20,000 words meets a strange shingle's value with a
probability of 5 in a million.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

BANDS, ROWS = 14, 8
PERMUTATIONS = BANDS * ROWS
SHINGLE = 5  # words

Hashes = NDArray[np.uint64]
Shingles = NDArray[np.uint32]
Signatures = NDArray[np.uint32]
Keys = NDArray[np.uint64]
Places = NDArray[np.int64]

_STEP = np.uint64(0x9E3779B97F4A7C15)  # odd; the base of every polynomial here
_CHUNK_WORDS = 1 << 15  # one permutation of so many shingles, 128 KB, stays in the second-level cache
_CHUNK_DOCUMENTS = 1 << 11  # and so do the minima of 112 permutations of so many documents, 900 KB


def mixed(values: Hashes) -> Hashes:
    """A bijection of 64 bits in which every bit of the input moves every bit of the output (splitmix64's)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


@functools.cache
def _permutations() -> list[tuple[np.uint32, np.uint32]]:
    """The factor (odd) and the summand of each permutation; part of what a signature means, so never to be changed."""
    numbers = mixed(np.arange(1, 2 * PERMUTATIONS + 1, dtype=np.uint64) * _STEP)
    factors, summands = (numbers >> np.uint64(32)).astype(np.uint32).reshape(2, PERMUTATIONS)
    return list(zip(factors | np.uint32(1), summands, strict=True))


def _shingles(words: Hashes, starts: Places, ends: Places) -> Shingles:
    """One shingle a word, (W,): the one that starts there, or the document's last where fewer than 5 words are left.

    The repetition changes no minimum and lets shingles keep the bounds of words. No document may be empty.
    """
    padded = np.concatenate((words, np.zeros(SHINGLE - 1, dtype=np.uint64)))
    sums = words.copy()
    for i in range(1, SHINGLE):
        sums *= _STEP
        sums += padded[i : i + len(words)]
    length = ends - starts
    whole = words[starts]  # the sums of short documents
    for i in range(1, SHINGLE - 1):
        longer = length > i
        whole[longer] = whole[longer] * _STEP + words[starts[longer] + i]
    last = np.where(length < SHINGLE, whole, sums[np.maximum(ends - SHINGLE, 0)])
    for i in range(1, SHINGLE):
        reaching = length >= i
        sums[ends[reaching] - i] = last[reaching]
    return (mixed(sums) >> np.uint64(32)).astype(np.uint32)


def _minima(shingles: Shingles, starts: Places) -> Signatures:
    """The smallest value of each permutation in each document, (documents, 112)."""
    rows = np.empty((PERMUTATIONS, len(starts)), dtype=np.uint32)
    values = np.empty_like(shingles)
    for row, (factor, summand) in zip(rows, _permutations(), strict=True):
        np.multiply(shingles, factor, out=values)
        np.add(values, summand, out=values)
        np.minimum.reduceat(values, starts, out=row)
    return rows.T


def signatures(word_hashes: Hashes, offsets: Places) -> Signatures:
    """The signatures of D documents, (D, 112); document d has the words `word_hashes[offsets[d] : offsets[d + 1]]`.

    The word hashes must be well mixed in all 64 bits. A document without words has the signature of the shingle 0, so
    that all of these are equal. Works in chunks of whole documents: beside the result, memory is about 2 MB, or 30
    bytes a word of the longest document.
    """
    offsets = np.asarray(offsets, dtype=np.int64)
    result = np.empty((len(offsets) - 1, PERMUTATIONS), dtype=np.uint32)
    filled = np.flatnonzero(offsets[1:] > offsets[:-1])
    result[:] = _minima(np.zeros(1, dtype=np.uint32), np.zeros(1, dtype=np.int64))
    starts, ends = offsets[:-1][filled], offsets[1:][filled]
    at = 0
    while at < len(filled):
        fitting = int(np.searchsorted(ends, starts[at] + _CHUNK_WORDS, side="right"))
        stop = min(max(fitting, at + 1), at + _CHUNK_DOCUMENTS)
        first, last = int(starts[at]), int(ends[stop - 1])
        begin = starts[at:stop] - first
        shingles = _shingles(word_hashes[first:last], begin, ends[at:stop] - first)
        result[filled[at:stop]] = _minima(shingles, begin)
        at = stop
    return result


def band(signatures: Signatures, number: int) -> Keys:
    """The keys of one band, (D,): documents share a key when they agree in its 8 rows."""
    rows = signatures[:, number * ROWS : (number + 1) * ROWS].astype(np.uint64)
    keys = rows[:, 0].copy()
    for row in range(1, ROWS):
        keys *= _STEP
        keys += rows[:, row]
        keys ^= keys >> np.uint64(29)
    return keys


def bands(signatures: Signatures) -> Keys:
    """The keys of all bands, (D, 14)."""
    return np.stack([band(signatures, number) for number in range(BANDS)], axis=1)


def equal_rows(signatures: Signatures, signature: Signatures) -> Places:
    """In how many of the 112 rows each of the signatures (D, 112) agrees with one (112,)."""
    agreeing: Places = (signatures == signature).sum(axis=1, dtype=np.int64)
    return agreeing
