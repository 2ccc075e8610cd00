"""A small grammar that writes correct German-English sentence pairs for a model to learn from.

The hand-written sentences that ship with dragoman show what people say; these show how the languages work:
each noun appears in all its cases, each verb in its tenses and positions, so agreement and word order are
learned from many examples of the same few rules.  Everything here is original and needs no download.
"""

from __future__ import annotations

from itertools import islice

from .patterns import draw

__all__ = ["generate"]


def generate(n: int, seed: int) -> list[tuple[str, str]]:
    """`n` distinct (German, English) pairs, a pure function of `n` and `seed`.

    A shorter list is the beginning of a longer one with the same seed.  Raises ValueError if the grammar
    does not yield `n` distinct pairs.
    """
    if n < 0:
        raise ValueError(f"the number of pairs must not be negative, got {n}")
    pairs = [pair for _, pair in islice(draw(seed), n)]
    if len(pairs) < n:
        raise ValueError(f"the grammar yielded only {len(pairs)} distinct pairs, {n} were asked for")
    return pairs
