"""A batch of texts as arrays: every character, word and line of the batch at once, so that rules are array arithmetic.

    ["Ja. Nein", "Gut"]  ->  codes    J a . _ N e i n | G u t |      a newline (|) ends every text
                             texts    [0, 9, 13]                     text i is codes[texts[i] : texts[i + 1] - 1]
                             words    [0:3, 4:8, 9:12]               runs of what is no white space
                             lines    [0:8, 9:12]                    what stands between newlines

Hashes of words and lines are 64-bit polynomials over the small letters, taken from one running sum: the hash of
codes[a:b] is (S[b] - S[a]) * B^-a, with S the sums of code * B^i modulo 2^64 and B odd (so that it has an inverse).
They are the same on every machine and in every batch.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus import characters
from dragoman.corpus.characters import Codes, Kind, Latin

Places = NDArray[np.int64]
Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]

Number = TypeVar("Number", bound=np.generic)

NEWLINE, BLANK = 10, 32
_BASE = 0x9E3779B97F4A7C15  # any odd number whose powers are spread out
_POWERS = 1 << 16  # powers are kept up to here; a block is hashed in pieces of this many characters


@dataclass(frozen=True)
class Spans:
    """Pieces of a block: piece i is codes[start[i] : end[i]] and belongs to text owner[i]."""

    start: Places
    end: Places
    owner: Places

    def __len__(self) -> int:
        return len(self.start)

    @property
    def length(self) -> Places:
        """Characters of each piece."""
        return self.end - self.start

    def where(self, chosen: Flags | Places) -> Spans:
        """The pieces that are chosen, by flag or by number."""
        return Spans(self.start[chosen], self.end[chosen], self.owner[chosen])


class Block:
    """The arrays of a batch of texts; each is made when it is first asked for."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.lengths: Places = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        self.bounds: Places = np.concatenate(([0], np.cumsum(self.lengths + 1)))

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def joined(self) -> str:
        """All texts, each followed by a newline."""
        return "\n".join([*self.texts, ""])

    @cached_property
    def codes(self) -> Codes:
        """The code points of `joined`."""
        return np.frombuffer(self.joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)

    @cached_property
    def _latin(self) -> Latin:
        return Latin.of(self.codes)

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """The kind of every character."""
        return characters.kinds(self.codes, self._latin)

    @cached_property
    def traits(self) -> NDArray[np.uint8]:
        """The traits of every character."""
        return characters.traits(self.codes, self._latin)

    @property
    def low(self) -> bytes:
        """Every character as a byte, 255 for all that are higher: plain ASCII is found in it fastest."""
        return self._latin.low

    @cached_property
    def small(self) -> bytes:
        """The small letters as bytes, 255 for all that are higher."""
        return characters.fold_bytes(self.codes, self._latin)

    def count_by_line(self, flags: Flags) -> Places:
        """How many characters of each line are flagged (a newline must not be)."""
        if not len(self.lines):
            return np.zeros(0, dtype=np.int64)
        counts: Places = np.add.reduceat(flags.view(np.uint8), self.lines.start, dtype=np.int64)
        return counts

    @cached_property
    def line_words(self) -> Places:
        """How many words each line has; in repaired text exactly one blank parts two of them."""
        return self.count_by_line(self.codes == BLANK) + (self.lines.length > 0)

    def replaced(self, changes: Mapping[int, str]) -> Block:
        """The block with other texts at some numbers; what is known of the others is kept."""
        if not changes:
            return self
        numbers = sorted(changes)
        new = Block([changes.get(i, text) for i, text in enumerate(self.texts)])
        fresh = Block([changes[i] for i in numbers])
        for name in ("codes", "kinds", "traits"):
            if name in self.__dict__:
                new.__dict__[name] = _spliced(
                    self.__dict__[name], self.bounds, getattr(fresh, name), fresh.bounds, numbers
                )
        return new

    def without_lines(self, cut: Flags) -> Block:
        """The block without some lines; a text that loses none stays the object it was."""
        lines = self.lines
        owner = lines.owner
        touched = np.bincount(owner, weights=cut, minlength=len(self)) > 0
        if not touched.any():
            return self
        start = np.where(cut, lines.end + 1, lines.start)
        left = np.bincount(owner, weights=~cut, minlength=len(self)) > 0
        last = np.cumsum(np.bincount(owner, minlength=len(self))) - 1
        start[last[~left]] -= 1  # the newline that ends an empty text
        kept = Runs.of(start, lines.end + 1)
        sizes = np.bincount(owner, weights=lines.end + 1 - start, minlength=len(self)).astype(np.int64)
        bounds = np.concatenate(([0], np.cumsum(sizes)))
        codes = kept.copied(self.codes)
        texts = list(self.texts)
        for i in np.flatnonzero(touched).tolist():
            texts[i] = codes[bounds[i] : bounds[i + 1] - 1].tobytes().decode("utf-32-le", "surrogatepass")
        new = Block(texts)
        new.__dict__.update(codes=codes, kinds=kept.copied(self.kinds), traits=kept.copied(self.traits))
        return new

    def count(self, flags: Flags) -> Places:
        """How many characters of each text are flagged (the newline that ends it not among them)."""
        if not len(self):
            return np.zeros(0, dtype=np.int64)
        counts = np.add.reduceat(flags.view(np.uint8), self.bounds[:-1], dtype=np.int32).astype(np.int64)
        return counts - flags[self.bounds[1:] - 1]

    def count_kind(self, kind: Kind) -> Places:
        """How many characters of a kind each text has."""
        return self.count(self.kinds == kind)

    def owners(self, places: Places) -> Places:
        """The text to which each place belongs; `places` ascend."""
        return np.repeat(np.arange(len(self)), np.diff(np.searchsorted(places, self.bounds)))

    @cached_property
    def words(self) -> Spans:
        """What white space separates."""
        ink = self.kinds != Kind.SPACE
        before = np.concatenate(([False], ink[:-1]))
        start = np.flatnonzero(ink & ~before)
        return Spans(start, np.flatnonzero(before & ~ink), self.owners(start))

    @cached_property
    def lines(self) -> Spans:
        """What newlines separate, empty lines included."""
        end = np.flatnonzero(self.codes == NEWLINE)
        start = np.concatenate(([0], end[:-1] + 1)) if len(end) else end
        return Spans(start, end, self.owners(end))

    @property
    def whole(self) -> Spans:
        """Every text."""
        return Spans(self.bounds[:-1], self.bounds[1:] - 1, np.arange(len(self)))

    @cached_property
    def paragraphs(self) -> Spans:
        """What empty lines separate; empty ones are left out."""
        lines = self.lines.where(self.lines.length > 0)
        after_gap = np.ones(len(lines), dtype=bool)
        after_gap[1:] = (lines.start[1:] != lines.end[:-1] + 1) | (lines.owner[1:] != lines.owner[:-1])
        first = np.flatnonzero(after_gap)
        last = np.append(first[1:], len(lines))[: len(first)] - 1
        return Spans(lines.start[first], lines.end[last], lines.owner[first])

    @cached_property
    def words_of(self) -> Places:
        """How many words each text has."""
        return np.bincount(self.words.owner, minlength=len(self))

    @cached_property
    def word_hashes(self) -> Hashes:
        """A well-mixed 64-bit hash of each word in small letters."""
        return self.hashes(self.words)

    @cached_property
    def _sums(self) -> Hashes:
        """Running sums of small letters times powers; entry i is the sum before place i."""
        weighted = characters.fold(self.codes, self._latin).astype(np.uint64)
        powers, _ = _powers()
        for piece in range(0, len(weighted), _POWERS):
            part = weighted[piece : piece + _POWERS]
            part *= powers[: len(part)]
        sums = np.empty(len(weighted) + 1, dtype=np.uint64)
        sums[0] = 0
        np.cumsum(weighted, out=sums[1:])
        return sums

    def hashes(self, spans: Spans) -> Hashes:
        """A well-mixed 64-bit hash of each piece in small letters, the same wherever the piece stands.

        Powers start anew every `_POWERS` characters. A piece that lies across such a border is hashed in its parts, the
        second one shifted to where it would stand had the powers gone on.
        """
        _, inverses = _powers()
        whole = (self._sums[spans.end] - self._sums[spans.start]) * inverses[spans.start % _POWERS]
        across = np.flatnonzero((spans.start // _POWERS != (spans.end - 1) // _POWERS) & (spans.length > 0))
        for i in across:  # at most one word and one line in 65,536 characters, but long paragraphs
            whole[i] = self._hash_across(int(spans.start[i]), int(spans.end[i]))
        return mix(whole + spans.length.astype(np.uint64))

    def _hash_across(self, start: int, end: int) -> int:
        _, inverses = _powers()
        total, place = 0, start
        while place < end:
            border = min(end, (place // _POWERS + 1) * _POWERS)
            part = (int(self._sums[border]) - int(self._sums[place])) * int(inverses[place % _POWERS])
            total += part * pow(_BASE, place - start, 1 << 64)
            place = border
        return total % (1 << 64)


@dataclass(frozen=True)
class Runs:
    """Pieces of an array: few of them are copied faster one by one than many places by a mask."""

    pieces: list[slice]

    @classmethod
    def of(cls, start: Places, end: Places) -> Runs:
        """The pieces [start, end) in their order: empty ones left out, neighbours joined."""
        filled = np.flatnonzero(end > start)
        start, end = start[filled], end[filled]
        apart = start[1:] != end[:-1]
        first = np.concatenate((start[:1], start[1:][apart])).tolist()
        last = np.concatenate((end[:-1][apart], end[-1:])).tolist()
        return cls(list(map(slice, first, last)))

    def copied(self, values: NDArray[Number]) -> NDArray[Number]:
        """What stands there, in one array."""
        return np.concatenate([values[piece] for piece in self.pieces] or [values[:0]])


def _spliced(
    old: NDArray[Number], bounds: Places, fresh: NDArray[Number], fresh_bounds: Places, numbers: Sequence[int]
) -> NDArray[Number]:
    """An array of a block with the parts of some texts taken from a block of these texts alone."""
    parts, at = [], 0
    for place, number in enumerate(numbers):
        parts += [old[at : bounds[number]], fresh[fresh_bounds[place] : fresh_bounds[place + 1]]]
        at = bounds[number + 1]
    return np.concatenate([*parts, old[at:]])


@functools.cache
def _powers() -> tuple[Hashes, Hashes]:
    """The powers of the base and of its inverse modulo 2^64."""

    def powers(base: int) -> Hashes:
        factors = np.full(_POWERS, base, dtype=np.uint64)
        factors[0] = 1
        return np.cumprod(factors, dtype=np.uint64)

    return powers(_BASE), powers(pow(_BASE, -1, 1 << 64))


def mix(hashes: Hashes) -> Hashes:
    """Spread every bit over all 64 (the finaliser of SplitMix64, Steele et al. 2014)."""
    mixed = hashes ^ (hashes >> np.uint64(30))
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed
