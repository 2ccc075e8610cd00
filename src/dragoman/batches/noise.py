"""Noise for denoising pre-training: which tokens to hide, and the source and target that come of it.

    ids                1 2 3 4 5 6 7 8      spans [(1, 3), (6, 7)]
    span corruption    1 <x0> 4 5 6 <x1> 8  ->  <x0> 2 3 <x1> 7 <x2>      Raffel et al. 2020 (T5), sec. 3.1.4
    text infilling     1 <m>  4 5 6 <m>  8  ->  1 2 3 4 5 6 7 8           Lewis et al. 2020 (BART), sec. 2.2

Start, end and language ids are the batch builder's business: nothing here adds, reads or changes one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Span = tuple[int, int]


def noise_spans(
    length: int, rate: float, mean_span: float, rng: np.random.Generator, max_spans: int | None = None
) -> list[Span]:
    """Random spans (start, end) to hide in `length` tokens, in order, with at least one kept token between two.

    Hides round(length * rate) tokens, at least 1 and at most length - 1, in about hidden / mean_span spans, at most
    `max_spans` (more tokens a span then). Lengths of spans and of the stretches between are uniform among the ways to
    divide their sum, as in T5's random_spans_noise_mask; unlike there, the stretch before the first span may be empty
    and one may follow the last, so that no text always begins kept and ends hidden. Fewer than 2 tokens: nothing can
    be hidden, [].
    """
    if length < 2:
        return []
    hidden = min(max(round(length * rate), 1), length - 1)
    n_spans = min(max(round(hidden / mean_span), 1), hidden, length - hidden + 1, max_spans or length)
    sizes = _divide(hidden, n_spans, rng)
    # The stretches before, between and after: those in the middle hold a token at least, so two are lent to the ends.
    gaps = _divide(length - hidden + 2, n_spans + 1, rng)
    gaps[0] -= 1
    spans, at = [], 0
    for gap, size in zip(gaps, sizes, strict=False):
        spans.append((at + gap, at + gap + size))
        at += gap + size
    return spans


def _divide(total: int, parts: int, rng: np.random.Generator) -> list[int]:
    """`parts` sizes of at least 1 that add up to `total`, each way alike probable: cuts at distinct random places."""
    if parts == 1:
        return [total]
    cuts = sorted(rng.permutation(total - 1)[: parts - 1].tolist())
    return [b - a for a, b in zip([-1, *cuts], [*cuts, total - 1], strict=True)]


def span_corruption(
    ids: Sequence[int], spans: Sequence[Span], sentinel: Callable[[int], int]
) -> tuple[list[int], list[int]]:
    """(source, target) of T5: span k becomes sentinel(k) in the source; the target lists sentinel(k) and the span's
    tokens for each k, and closes with the next sentinel. Needs len(spans) + 1 sentinels."""
    source: list[int] = []
    target: list[int] = []
    kept = 0
    for k, (start, end) in enumerate(spans):
        mark = sentinel(k)
        source += ids[kept:start]
        source.append(mark)
        target.append(mark)
        target += ids[start:end]
        kept = end
    source += ids[kept:]
    target.append(sentinel(len(spans)))
    return source, target


def text_infilling(ids: Sequence[int], spans: Sequence[Span], mask_id: int) -> tuple[list[int], list[int]]:
    """(source, target) of BART: each span becomes one `mask_id` in the source, however long it is; the target is the
    whole text."""
    source: list[int] = []
    kept = 0
    for start, end in spans:
        source += ids[kept:start]
        source.append(mask_id)
        kept = end
    source += ids[kept:]
    return source, list(ids)
