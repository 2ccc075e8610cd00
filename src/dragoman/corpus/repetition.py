"""Text that repeats itself: the rules of Gopher (Rae et al. 2021, table A1) for runs of words, on a whole block.

    "Jetzt kaufen! Jetzt kaufen! Jetzt kaufen! ..."  the run "jetzt kaufen!" holds all characters: too many

Two questions, for words in small letters and characters without blanks:
- n = 2, 3, 4: do the occurrences of ONE run of n words hold more than a share of the characters?
- n = 5 ... 10: do runs of n words that stood earlier hold more than a share of the characters, no word counted twice?

Runs are compared by 48 bits of their hashes within one text. Most texts are cleared by a bound from above (number
of repetitions times the longest word), so sorting the hashes is nearly all the work: twenty times the speed of the
definition in `reference.py`, with the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dragoman.corpus.block import Block, Flags, Hashes, Places

TOP_SIZES = (2, 3, 4)
DUPLICATE_SIZES = (5, 6, 7, 8, 9, 10)
_STEP = np.uint64(0xD6E8FEB86659FD93)  # an odd multiplier: the order of the words in a run counts
_TEXT_SHIFT = np.uint64(48)
_REST = np.uint64(16)
_FILTER = np.uint64(0xFFFF)


@dataclass(frozen=True)
class Words:
    """The words of some texts of a block, and what is known of each text."""

    hashes: Hashes
    owner: Places
    length: Places  # characters of each word
    visible: Places  # by text: characters that are not white space
    longest: Places  # by text: characters of the longest word

    def of(self, texts: Flags) -> Words:
        """The words of the chosen texts alone."""
        chosen = texts[self.owner]
        return Words(self.hashes[chosen], self.owner[chosen], self.length[chosen], self.visible, self.longest)


def words_of(block: Block, texts: Flags) -> Words:
    """The words of the chosen texts of `block`."""
    spans = block.words
    length = spans.length
    longest, visible = np.zeros(len(block), dtype=np.int64), np.zeros(len(block), dtype=np.int64)
    present, first = np.unique(spans.owner, return_index=True)
    if len(present):
        longest[present] = np.maximum.reduceat(length, first)
        visible[present] = np.add.reduceat(length, first)
    return Words(block.word_hashes, spans.owner, length, visible, longest).of(texts)


class Runs:
    """All runs of n words of each text, n growing by `longer`."""

    def __init__(self, words: Words) -> None:
        self.words, self.n = words, 1
        self._grams = words.hashes

    def longer(self) -> None:
        """Go on to runs of one word more."""
        self.n += 1
        self._grams = self._grams[:-1] * _STEP + self.words.hashes[self.n - 1 :]

    @property
    def keys(self) -> tuple[Hashes, Places]:
        """(text and hash of each run in 64 bits, its first word); runs that cross into another text are left out."""
        owner = self.words.owner
        inside = np.flatnonzero(owner[: len(self._grams)] == owner[self.n - 1 :])
        keys = (owner[inside].astype(np.uint64) << _TEXT_SHIFT) | (self._grams[inside] >> _REST)
        return keys, inside


def repeats_one_run(words: Words, limits: Sequence[float]) -> list[Flags]:
    """For n = 2, 3, 4: the texts in which one run's occurrences hold more than `limits[n - 2]` of all characters."""
    answers = []
    most = np.full(len(words.visible), len(words.hashes))  # by text: how often its most frequent shorter run occurs
    for n, limit in zip(TOP_SIZES, limits, strict=True):
        # A run occurs no more often than its head does.
        asked = most * n * words.longest > limit * words.visible
        runs = Runs(words.of(asked))
        if len(runs.words.hashes) < n:
            answers.append(np.zeros(len(words.visible), dtype=bool))
            continue
        for _ in range(n - 1):
            runs.longer()
        flags, found = _top(runs, limit)
        answers.append(flags)
        most[asked] = np.minimum(most, found)[asked]  # of the others nothing new is known
    return answers


def _top(runs: Runs, limit: float) -> tuple[Flags, Places]:
    """By text: whether one run holds too much, and how often the most frequent one occurs."""
    words = runs.words
    keys, first = runs.keys
    repeated, count = _repeated(keys)
    owner = (repeated >> _TEXT_SHIFT).astype(np.int64)
    most = np.ones(len(words.visible), dtype=np.int64)
    np.maximum.at(most, owner, count)
    possible = count * runs.n * words.longest[owner] > limit * words.visible[owner]
    places, which = _find(keys, repeated[possible])
    held = _run_chars(words, first[places], runs.n) * count[possible][which]
    found = np.zeros(len(words.visible), dtype=bool)
    text = words.owner[first[places]]
    found[text[held > limit * words.visible[text]]] = True
    return found, most


def repeats_many_runs(words: Words, limits: Sequence[float]) -> list[Flags]:
    """For n = 5 ... 10: the texts in which repeated runs hold more than `limits[n - 5]` of the characters.

    Words in a repeated run of 6 are in a repeated run of 5, too: a text that repeats few of these is not asked again.
    """
    least = min(limits)
    answers = []
    asked = np.ones(len(words.visible), dtype=bool)
    for n, limit in zip(DUPLICATE_SIZES, limits, strict=True):
        runs = Runs(words.of(asked))
        if len(runs.words.hashes) < n:
            answers.append(np.zeros_like(asked))
            continue
        for _ in range(n - 1):
            runs.longer()
        held = _repeated_chars(runs, least)
        answers.append(held > limit * words.visible)
        asked &= held > least * words.visible
    return answers


def _repeated_chars(runs: Runs, least: float) -> Places:
    """By text: characters in runs that stood earlier; 0 where it cannot be more than `least` of all."""
    words = runs.words
    keys, first = runs.keys
    repeated, count = _repeated(keys)
    owner = (repeated >> _TEXT_SHIFT).astype(np.int64)
    later = np.bincount(owner, weights=count - 1, minlength=len(words.visible))
    possible = later * runs.n * words.longest > least * words.visible
    places, which = _find(keys, repeated[possible[owner]])
    order = np.argsort(which, kind="stable")
    again = np.concatenate(([False], np.diff(which[order]) == 0)) if len(order) else np.zeros(0, dtype=bool)
    covered = np.zeros(len(words.owner) + 1, dtype=np.int64)
    starts = first[places[order][again]]
    np.add.at(covered, starts, 1)
    np.add.at(covered, starts + runs.n, -1)
    inside = np.cumsum(covered[:-1]) > 0
    return np.bincount(words.owner[inside], weights=words.length[inside], minlength=len(words.visible)).astype(np.int64)


def _repeated(keys: Hashes) -> tuple[Hashes, Places]:
    """The keys that occur more than once, ascending, and how often."""
    ordered = np.sort(keys)
    start = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else np.zeros(0, int)
    count = np.diff(np.append(start, len(ordered)))
    several = count > 1
    return ordered[start[several]], count[several]


def _find(keys: Hashes, wanted: Hashes) -> tuple[Places, Places]:
    """The places of `keys` that hold one of `wanted` (ascending), and which one."""
    if not len(wanted):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    table = np.zeros(int(_FILTER) + 1, dtype=bool)  # most keys are none of them: one look tells
    table[wanted & _FILTER] = True
    maybe = np.flatnonzero(table[keys & _FILTER])
    which = np.searchsorted(wanted, keys[maybe])
    hit = (which < len(wanted)) & (wanted[np.minimum(which, len(wanted) - 1)] == keys[maybe])
    return maybe[hit], which[hit]


def _run_chars(words: Words, first: Places, n: int) -> Places:
    """Characters of the runs of n words that begin at `first`."""
    chars: Places = np.sum([words.length[first + k] for k in range(n)], axis=0, dtype=np.int64)
    return chars
