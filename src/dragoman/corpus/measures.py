"""What the rules ask about documents, counted for a whole batch: every field holds one number a document.

`reference.measure` counts the same for one document, slowly and obviously; the rules take either.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dragoman.corpus.block import Block, Flags, Places, Spans
from dragoman.corpus.characters import Kind
from dragoman.corpus.pages import last_before_closers
from dragoman.corpus.phrases import Found, Lists
from dragoman.corpus.repetition import Words, repeats_many_runs, repeats_one_run, words_of
from dragoman.recipe.corpus import CurateSettings

BULLETS = "•‣◦⁃▪▫●○■□-*►▶→✓✔"
ELLIPSES = ("...", "…")
_SHIFT = np.uint64(48)


@dataclass(frozen=True)
class Repeats:
    """Pieces (lines or paragraphs) of each document, and those that stood earlier in it."""

    pieces: Places
    chars: Places
    again: Places
    again_chars: Places


class Measures:
    """The counts of a batch; each is taken when a rule first asks for it."""

    def __init__(self, block: Block, settings: CurateSettings, lists: Lists, found: Found | None = None) -> None:
        """`found`: what the lists say, if that is known already."""
        self.block, self.settings = block, settings
        self.found = found or lists.found_in(block, settings.head_chars)
        self.chars = block.lengths
        self.words = block.words_of
        self.symbols = block.count_kind(Kind.SYMBOL)
        self.digits = block.count_kind(Kind.DIGIT)
        self.capitals = block.count_kind(Kind.CAPITAL)
        self.letters = self.capitals + block.count_kind(Kind.SMALL)
        self.visible = block.lengths - block.count_kind(Kind.SPACE)

    @property
    def boilerplate_head(self) -> Flags:
        """Whether a boilerplate phrase stands in the head."""
        return self.found.head

    @property
    def blocked_pattern(self) -> Flags:
        """Whether a blocked pattern matches."""
        return self.found.pattern

    @property
    def blocked_words(self) -> Places:
        """How many different blocked words there are."""
        return self.found.words

    @cached_property
    def looked_words(self) -> Places:
        """How many words the type-token ratio is taken over."""
        return np.minimum(self.words, self.settings.type_token_words)

    @cached_property
    def different_words(self) -> Places:
        """How many of them differ."""
        spans = self.block.words
        first = np.concatenate(([0], np.cumsum(self.words)))[spans.owner]
        chosen = np.arange(len(spans)) - first < self.settings.type_token_words
        keys = _keys(spans.owner[chosen], self.block.word_hashes[chosen])
        keys.sort()
        new = keys[np.concatenate(([True], keys[1:] != keys[:-1]))] if len(keys) else keys
        return np.bincount((new >> _SHIFT).astype(np.int64), minlength=len(self.block))

    @cached_property
    def lines(self) -> Repeats:
        """The lines that are not empty."""
        return _repeats(self.block, self._full_lines)

    @cached_property
    def paragraphs(self) -> Repeats:
        """What empty lines separate."""
        return _repeats(self.block, self.block.paragraphs)

    @cached_property
    def _full_lines(self) -> Spans:
        return self.block.lines.where(self.block.lines.length > 0)

    @cached_property
    def bullet_lines(self) -> Places:
        """Lines that start with a bullet."""
        lines = self._full_lines
        return self._lines_where(np.isin(self.block.codes[lines.start], [ord(bullet) for bullet in BULLETS]))

    @cached_property
    def ellipsis_lines(self) -> Places:
        """Lines that end in an ellipsis."""
        codes, lines = self.block.codes, self._full_lines
        dots = np.all([codes[np.maximum(lines.end - k, lines.start)] == ord(".") for k in (1, 2, 3)], axis=0)
        return self._lines_where((codes[lines.end - 1] == ord("…")) | (dots & (lines.length >= 3)))

    @cached_property
    def sentence_end_lines(self) -> Places:
        """Lines whose last character, closing quotes and brackets aside, is a full stop, `!` or `?`."""
        lines = self._full_lines
        last = last_before_closers(self.block, lines)
        ends = np.isin(self.block.codes[last], [ord(mark) for mark in ".!?"])
        return self._lines_where(ends & (last >= lines.start))

    def _lines_where(self, chosen: Flags) -> Places:
        return np.bincount(self._full_lines.owner[chosen], minlength=len(self.block))

    @cached_property
    def _running(self) -> Words:
        return words_of(self.block, self.words >= self.settings.repetition_min_words)

    @cached_property
    def top_runs(self) -> list[Flags]:
        """For runs of 2, 3, 4 words: whether one of them holds too much."""
        return repeats_one_run(self._running, self.settings.max_top_ngram_chars)

    @cached_property
    def repeated_runs(self) -> list[Flags]:
        """For runs of 5 to 10 words: whether repeated ones hold too much."""
        return repeats_many_runs(self._running, self.settings.max_duplicate_ngram_chars)


def _keys(owner: Places, hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Document and hash in 64 bits; two pieces of one document are taken for equal by 48 bits."""
    keys: NDArray[np.uint64] = (owner.astype(np.uint64) << _SHIFT) | (hashes >> np.uint64(16))
    return keys


def _repeats(block: Block, spans: Spans) -> Repeats:
    def total(owner: Places, weights: Places | None = None) -> Places:
        return np.bincount(owner, weights=weights, minlength=len(block)).astype(np.int64)

    keys = _keys(spans.owner, block.hashes(spans))
    order = np.argsort(keys, kind="stable")
    again = np.zeros(len(spans), dtype=bool)
    again[order[1:]] = keys[order[1:]] == keys[order[:-1]]
    repeated = spans.where(again)
    return Repeats(
        total(spans.owner),
        total(spans.owner, spans.length),
        total(repeated.owner),
        total(repeated.owner, repeated.length),
    )
