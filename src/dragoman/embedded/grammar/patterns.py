"""All sentence patterns together, and the drawing of distinct pairs from them.

Every pattern is drawn with the same chance; a pair that has come before, or that is too short or long
to be useful, is thrown away and the draw repeated, so the sequence of a seed never depends on its length.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from . import (
    patterns_clock,
    patterns_compare,
    patterns_complex,
    patterns_facts,
    patterns_infinitive,
    patterns_main,
    patterns_news,
    patterns_numbers,
    patterns_orders,
    patterns_questions,
    patterns_relative,
    patterns_time,
    patterns_verbs,
)
from .model import Pair
from .phrases import Context

Pattern = Callable[[Context], Pair]

PATTERNS: tuple[Pattern, ...] = (
    *patterns_main.PATTERNS,
    *patterns_verbs.PATTERNS,
    *patterns_questions.PATTERNS,
    *patterns_orders.PATTERNS,
    *patterns_complex.PATTERNS,
    *patterns_time.PATTERNS,
    *patterns_relative.PATTERNS,
    *patterns_infinitive.PATTERNS,
    *patterns_news.PATTERNS,
    *patterns_facts.PATTERNS,
    *patterns_compare.PATTERNS,
    *patterns_numbers.PATTERNS,
    *patterns_clock.PATTERNS,
)
SHORTEST, LONGEST = 3, 18
_PATIENCE = 5000
"""How many draws in a row may yield nothing new before the grammar counts as exhausted."""


def _fits(pair: Pair) -> bool:
    return all(SHORTEST <= len(text.split()) <= LONGEST for text in pair)


def draw(seed: int) -> Iterator[tuple[str, Pair]]:
    """Distinct pairs until exhaustion, each with its pattern's name; no German sentence comes twice."""
    rng = Random(seed)
    seen: set[str] = set()
    misses = 0
    while misses < _PATIENCE:
        pattern = PATTERNS[int(rng.random() * len(PATTERNS))]
        pair = pattern(Context(rng))
        if pair[0] in seen or not _fits(pair):
            misses += 1
            continue
        misses = 0
        seen.add(pair[0])
        yield pattern.__name__, pair
