"""Sampled segmentations of text under a Unigram vocabulary (subword regularisation), reproducible anywhere.

sentencepiece samples too, but its generator is salted with the entropy of the process: one seed gives another
result in every process, and a resumed training run could never equal an uninterrupted one. Here the draws come from
a numpy generator. The distribution is the one of sentencepiece with `nbest_size=-1` (Kudo 2018, Subword
Regularization, sec. 3.2): a segmentation has probability proportional to exp(alpha * sum of its pieces' scores).

No piece holds a blank except at its start, so a text's lattice falls apart into those of its words. A word's lattice
is worked out once and kept:

    node   a place in the word; walking on from it means choosing one of its edges
    edge   (piece id, next node, threshold): taken where a 32-bit draw is at most `threshold` and above the edge
           before; the edges of all nodes lie in one sorted array of `node << 32 | threshold`, so that one
           `searchsorted` moves every word of a batch on by one piece
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

BLANK = "\u2581"
LITERAL_BLANK = "\udc81"
"""Stands for a U+2581 of the text itself. A lone surrogate, which no text can hold."""
UNKNOWN_PENALTY = 10.0
"""A character without a piece scores so much less than the worst piece; the value is sentencepiece's."""
MAX_EDGES = 4_000_000
"""The words kept are dropped at this size (16 bytes an edge); it changes no result."""
MISSING = (-1, 0.0)
"""What a string is that no piece begins with; None: some piece does, but it is none itself."""
END = -1
DRAWS = 1 << 32

Edge = tuple[int, int, int]
Weighted = tuple[int, int, float]


class SegmentationSampler:
    """Draws segmentations for one `alpha`. Safe to call from several threads."""

    def __init__(self, pieces: Mapping[str, tuple[int, float]], byte_ids: Sequence[int], alpha: float) -> None:
        """`pieces`: text -> (id, score), no specials and no bytes; `byte_ids[b]`: the id of byte b."""
        self._byte_ids, self._alpha = byte_ids, alpha
        self._pieces: dict[str, tuple[int, float] | None] = dict(pieces)
        for piece in pieces:
            for end in range(1, len(piece)):
                self._pieces.setdefault(piece[:end])
        self._unknown_score = min((score for _, score in pieces.values()), default=0.0) - UNKNOWN_PENALTY
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._starts: dict[str, int] = {}
        self._n_nodes = self._n_edges = 0
        self._keys = np.empty(0, np.uint64)
        self._ids = np.empty(0, np.int32)
        self._next = np.empty(0, np.int32)
        self._new: list[Edge] = []

    def sample(self, texts: Sequence[str], rng: np.random.Generator) -> list[list[int]]:
        """One sampled segmentation a text; a pure function of the texts and the state of `rng`."""
        words = [_words(text) for text in texts]
        with self._lock:
            if self._n_edges > MAX_EDGES:
                self._forget()
            nodes = np.array([self._start(word) for line in words for word in line], np.int64)
            self._keep_new_edges()
            ids, owners = self._walk(nodes, rng)
        counts = np.bincount(owners, minlength=len(nodes))
        ends = np.concatenate([[0], np.cumsum(counts)])[np.cumsum([0, *map(len, words)])].tolist()
        flat = ids.tolist()
        return [flat[start:end] for start, end in pairwise(ends)]

    def _walk(self, nodes: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Walk every word from its start node to its end: ids in text order (T,), and the word each belongs to (T,)."""
        keys = self._keys[: self._n_edges]
        walkers = np.arange(len(nodes))
        steps, owners = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
        while len(walkers):
            draws = rng.integers(DRAWS, size=len(walkers), dtype=np.uint64)
            edges = np.searchsorted(keys, (nodes.astype(np.uint64) << np.uint64(32)) | draws)
            steps.append(self._ids[edges])
            owners.append(walkers)
            nodes = self._next[edges].astype(np.int64)
            going = nodes != END
            walkers, nodes = walkers[going], nodes[going]
        owner = np.concatenate(owners)
        order = np.argsort(owner, kind="stable")
        return np.concatenate(steps)[order], owner[order]

    def _start(self, word: str) -> int:
        start = self._starts.get(word)
        if start is None:
            start = self._n_nodes
            lattice = self._lattice(word, start)
            for edges in lattice:
                self._new += edges
            self._n_nodes += len(lattice)
            self._starts[word] = start
        return start

    def _keep_new_edges(self) -> None:
        """Move the edges of new words into the arrays, which grow by doubling."""
        if not self._new:
            return
        start, self._n_edges = self._n_edges, self._n_edges + len(self._new)
        if self._n_edges > len(self._keys):
            room = max(self._n_edges, 2 * len(self._keys))
            self._keys, self._ids = np.resize(self._keys, room), np.resize(self._ids, room)
            self._next = np.resize(self._next, room)
        ids, nexts, keys = zip(*self._new, strict=True)
        self._ids[start : self._n_edges] = ids
        self._next[start : self._n_edges] = nexts
        self._keys[start : self._n_edges] = np.array(keys, np.uint64)
        self._new = []

    def _lattice(self, word: str, first: int) -> list[list[Weighted]]:
        """The edges (id, next node, probability) of each node of a word whose nodes are numbered from `first`.

        Node i < len(word) is the place before character i; the nodes after those spell characters in bytes, one edge
        each. Probabilities by backward filtering: total[i] is the log of the summed weights of all ways from i on.
        """
        size = len(word)
        total = [0.0] * (size + 1)
        nodes: list[list[Weighted]] = [[] for _ in range(size)]
        for i in range(size - 1, -1, -1):
            found = self._edges_at(word, i)
            weights = [self._alpha * score + total[end] for _, end, score in found]
            top = max(weights)
            shares = [math.exp(weight - top) for weight in weights]
            whole = sum(shares)
            total[i] = top + math.log(whole)
            for (piece, end, _), share in zip(found, shares, strict=True):
                after = END if end == size else first + end
                if piece < 0:
                    spelled = self._spelled(word[i], first + len(nodes), after)
                    nodes.extend([edge] for edge in spelled[1:])
                    piece, after = spelled[0][:2]
                nodes[i].append((piece, after, share / whole))
        return nodes

    def _edges_at(self, word: str, i: int) -> list[Weighted]:
        """(id, end, score) of the pieces that start at character i; id -1: the character has none of its own."""
        found: list[Weighted] = []
        for end in range(i + 1, len(word) + 1):
            entry = self._pieces.get(word[i:end], MISSING)
            if entry is MISSING:
                break
            if entry is not None:
                found.append((entry[0], end, entry[1]))
        if not found or found[0][1] != i + 1:
            found.append((-1, i + 1, self._unknown_score))
        return found

    def _spelled(self, character: str, first: int, after: int) -> list[Weighted]:
        """The chain of byte edges of a character, through new nodes from `first`, on to node `after`."""
        raw = (BLANK if character == LITERAL_BLANK else character).encode()
        return [(self._byte_ids[byte], first + k if k + 1 < len(raw) else after, 1.0) for k, byte in enumerate(raw)]


def _words(text: str) -> list[str]:
    """The words of a text as the vocabulary sees them, each with the blank before it: `a b` -> [`▁a`, `▁b`]."""
    if not text:
        return []
    return [BLANK + word for word in text.replace(BLANK, LITERAL_BLANK).split(" ")]


def _with_thresholds(edges: Sequence[Weighted], node: int) -> list[Edge]:
    """The edges with, behind the node's number, the largest 32-bit draw that takes each in place of its probability:
    .25 .75 of node 0 -> 2**30 - 1, 2**32 - 1. Whole numbers, so that a word's place among the nodes cannot change a
    choice."""
    kept: list[Edge] = []
    reached, base = 0.0, node << 32
    for piece, after, probability in edges:
        reached += probability * DRAWS
        kept.append((piece, after, base + min(max(int(reached) - 1, 0), DRAWS - 1)))
    piece, after, _ = kept[-1]
    kept[-1] = (piece, after, base + DRAWS - 1)
    return kept
