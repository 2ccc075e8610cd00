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
END = SPELLED = -1
DRAWS = 1 << 32

Edge = tuple[int, int, int]


class SegmentationSampler:
    """Draws segmentations for one `alpha`. Safe to call from several threads."""

    def __init__(self, pieces: Mapping[str, tuple[int, float]], byte_ids: Sequence[int], alpha: float) -> None:
        """`pieces`: text -> (id, score), no specials and no bytes; `byte_ids[b]`: the id of byte b."""
        self._byte_ids = byte_ids
        self._pieces: dict[str, tuple[int, float] | None] = {
            piece: (number, alpha * score) for piece, (number, score) in pieces.items()
        }
        for piece in pieces:
            for end in range(1, len(piece)):
                self._pieces.setdefault(piece[:end])
        worst = min((score for _, score in pieces.values()), default=0.0)
        self._spelled_weight = alpha * (worst - UNKNOWN_PENALTY)
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
            self._starts[word] = start
            self._n_nodes += len(lattice)
            for edges in lattice:
                self._new += edges
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

    def _lattice(self, word: str, first: int) -> list[list[Edge]]:
        """The edges of each node of a word whose nodes are numbered from `first`.

        Node i < len(word) is the place before character i; the nodes after those spell characters in bytes, one edge
        each. Probabilities by backward filtering: total[i] is the log of the summed weights of all ways from i on.
        """
        size = len(word)
        total = [0.0] * (size + 1)
        nodes: list[list[Edge]] = [[] for _ in range(size)]
        for i in range(size - 1, -1, -1):
            found, weights = self._pieces_at(word, i, total)
            top = max(weights)
            shares = [math.exp(weight - top) for weight in weights]
            total[i] = top + math.log(sum(shares))
            for (piece, end), key in zip(found, _keys(shares, first + i), strict=True):
                after = END if end == size else first + end
                if piece == SPELLED:
                    piece, after = self._spell(word[i], after, first, nodes)
                nodes[i].append((piece, after, key))
        return nodes

    def _pieces_at(self, word: str, i: int, total: Sequence[float]) -> tuple[list[tuple[int, int]], list[float]]:
        """(id, end) of the pieces that start at character i, and the log weight of all ways that go on with each."""
        found: list[tuple[int, int]] = []
        weights: list[float] = []
        for end in range(i + 1, len(word) + 1):
            entry = self._pieces.get(word[i:end], MISSING)
            if entry is MISSING:
                break
            if entry is not None:
                found.append((entry[0], end))
                weights.append(entry[1] + total[end])
        if not found or found[0][1] != i + 1:
            found.append((SPELLED, i + 1))
            weights.append(self._spelled_weight + total[i + 1])
        return found, weights

    def _spell(self, character: str, after: int, first: int, nodes: list[list[Edge]]) -> tuple[int, int]:
        """Adds the nodes of a character's bytes to `nodes`, the last leading to node `after`, all but the first byte's;
        that one's id and the node it leads to are returned."""
        raw = (BLANK if character == LITERAL_BLANK else character).encode()
        for byte in reversed(raw[1:]):
            node = first + len(nodes)
            nodes.append([(self._byte_ids[byte], after, _keys([1.0], node)[0])])
            after = node
        return self._byte_ids[raw[0]], after


def _words(text: str) -> list[str]:
    """The words of a text as the vocabulary sees them, each with the blank before it: `a b` -> [`▁a`, `▁b`]."""
    if not text:
        return []
    return [BLANK + word for word in text.replace(BLANK, LITERAL_BLANK).split(" ")]


def _keys(shares: Sequence[float], node: int) -> list[int]:
    """For each share the largest 32-bit draw that takes it, behind the node's number: shares 1 3 of node 0 ->
    2**30 - 1, 2**32 - 1. Whole numbers, so that a word's place among the nodes cannot change a choice."""
    base, scale, reached = node << 32, DRAWS / sum(shares), 0.0
    keys: list[int] = []
    for share in shares:
        reached += share * scale
        keys.append(base + max(int(reached) - 1, 0))
    keys[-1] = base + DRAWS - 1
    return keys
