"""Repetition loops: how one is recognised, and how a second decoding is kept out of it.

A model that has lost its place says the same thing again and again until the length limit. The usual remedy, to
forbid repeated n-grams from the start, damages good sentences, so it is used only on what has been caught in a loop.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

LONGEST = 16
"""Longest n-gram, in tokens, that is looked for."""
TIMES = 4
"""So often in a row makes a loop..."""
TOKENS = 8
"""...if the repetitions are together at least so many tokens: `!!!!` is none."""


def repetition(ids: Sequence[int]) -> int:
    """Most tokens covered by one n-gram said at least `TIMES` times in a row; 0 if there is none.

    `5 1 2 1 2 1 2 1 2 9` holds `1 2` four times in a row: 8. Tokens i and i + n are equal all along such a run, so
    a run of r equalities at distance n is an n-gram said r / n + 1 times: here 6 equalities at distance 2.
    """
    return max((_longest_run(ids, n) for n in range(1, min(LONGEST, len(ids) // TIMES) + 1)), default=0)


def _longest_run(ids: Sequence[int], n: int) -> int:
    longest = run = 0
    for here, there in zip(ids, ids[n:], strict=False):  # shorter by n, which is the point
        run = run + 1 if here == there else 0
        longest = max(longest, run)
    return longest + n if longest + n >= TIMES * n else 0


def is_loop(ids: Sequence[int], source: Sequence[int]) -> bool:
    """Whether `ids` repeats itself beyond what its source does: a translation of `ha ha ha ha ha` may."""
    covered = repetition(ids)
    return covered >= TOKENS and covered > 2 * repetition(source)


def block_repeats(logits: Tensor, history: Tensor, n: int) -> None:
    """Forbid, in place, each token that would complete an n-gram which the history already holds.

    logits (N, V), history (N, t). With n = 3 and history `4 7 9 4 7`, token 9 is forbidden: `4 7` has been
    followed by it before.
    """
    if history.size(1) < n:
        return
    grams = history.unfold(1, n, 1)  # (N, t - n + 1, n)
    tail = history[:, history.size(1) - n + 1 :]  # (N, n - 1)
    said = (grams[:, :, :-1] == tail[:, None]).all(-1)  # (N, t - n + 1)
    row, place = said.nonzero(as_tuple=True)
    logits[row, grams[row, place, -1]] = float("-inf")
