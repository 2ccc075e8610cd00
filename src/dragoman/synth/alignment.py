"""Whether a translation lacks a sentence of its passage or has one more: by the lengths of the sentences alone.

    [52, 60, 48] / [50, 110]      agree: the second and third became one
    [52, 60, 48] / [50, 47]       the second is missing

Method: W. A. Gale and K. W. Church, "A Program for Aligning Sentences in Bilingual Corpora", Computational Linguistics
19(1), 1993. Sentences are paired in order, one with one, or up to three with one where a translator joined or parted
them; the cheapest way is compared with the cheapest one that may also leave sentences without a partner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

VARIANCE = 6.8
"""Of the length of a translation, in characters for each character of the original (Gale and Church, section 3.2)."""
ONE_TO_ONE, JOINED, THREE = 0.12, 2.8, 5.0
"""-log of how often translators pair sentences so: 0.89, 0.06 (either way), and three with one."""
ALONE = 4.5
"""-log of how often a sentence has no partner: 0.01."""
_PAIRED = ((1, 1, ONE_TO_ONE), (1, 2, JOINED), (2, 1, JOINED), (2, 2, THREE), (1, 3, THREE), (3, 1, THREE))
_ALONE = ((1, 0, ALONE), (0, 1, ALONE))


def gap_evidence(passage: Sequence[int], text: Sequence[int], ratio: float) -> float:
    """How much likelier (log) it is that a sentence has no partner than that all have one; 0 where it is not.

    passage, text: characters of each sentence, at least one; ratio: characters of a translation for one character.
    """
    return _cost(passage, text, ratio, _PAIRED) - _cost(passage, text, ratio, (*_PAIRED, *_ALONE))


def _cost(left: Sequence[int], right: Sequence[int], ratio: float, moves: Sequence[tuple[int, int, float]]) -> float:
    """-log of the likeliest way to pair all sentences with these moves; infinite where there is none."""
    best = {(0, 0): 0.0}
    for i in range(len(left) + 1):
        for j in range(len(right) + 1):
            for down, across, price in moves:
                before = best.get((i - down, j - across))
                if before is not None:
                    cost = before + price + _misfit(sum(left[i - down : i]), sum(right[j - across : j]), ratio)
                    best[i, j] = min(cost, best.get((i, j), math.inf))
    return best.get((len(left), len(right)), math.inf)


def _misfit(original: int, translation: int, ratio: float) -> float:
    """-log of how often lengths differ by so much or more, over that of the best fit."""
    if not original or not translation:
        return 0.0
    mean = (original + translation / ratio) / 2
    delta = (translation - original * ratio) / math.sqrt(VARIANCE * mean * ratio)
    return -math.log(max(math.erfc(abs(delta) / math.sqrt(2)), 1e-12))
