"""Rules that ask the trained tokenizer: text it cannot spell in known pieces is not the text it was trained for.

    Der Zug fährt heute nicht ab.         7 pieces   0 bytes   1.2 a word  ->  kept
    Поезд сегодня не отправляется.       57 pieces  52 bytes  14.2 a word  ->  byte_share
    xqzvk jwpqf zzkxv wqqrt pjkkd        23 pieces   0 bytes   4.6 a word  ->  tokens_per_word

Pieces of many documents come as one flat array with offsets, so that every figure is one pass of numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dragoman.recipe.corpus import UNSPACED, CurateSettings

TOKEN_REASONS = ("byte_share", "tokens_per_word", "mean_token_id")  # in the order in which they are asked


def flatten(batch: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The ids of all documents in a row, and offsets (documents + 1,): `ids[offsets[i]:offsets[i + 1]]` is number i."""
    offsets = np.zeros(len(batch) + 1, np.int64)
    np.cumsum([len(ids) for ids in batch], out=offsets[1:])
    return np.fromiter(chain.from_iterable(batch), np.int32, count=int(offsets[-1])), offsets


def judge_tokens(
    ids: NDArray[np.int32],
    offsets: NDArray[np.int64],
    words: NDArray[np.int64],
    byte_or_unknown: NDArray[np.bool_],
    vocab_size: int,
    settings: CurateSettings,
    language: str | None = None,
) -> list[str | None]:
    """The first reason that speaks against each document, None for a good one.

    `words` (documents,): words of each; `byte_or_unknown` (vocab_size,): the pieces that are one byte or unknown, which
    have no rank among the others and are left out of the mean. A document without words, or in a language written
    without blanks, is not judged by them; one without pieces is kept.
    """
    pieces = np.diff(offsets)
    strange = byte_or_unknown[ids]
    n_strange = _sums(strange, offsets)
    id_sum = _sums(np.where(strange, 0, ids), offsets)
    spaced = language not in UNSPACED
    found = (
        n_strange / np.maximum(pieces, 1) > settings.token_max_byte_share,
        spaced & (words > 0) & (pieces / np.maximum(words, 1) > settings.token_max_per_word),
        id_sum / np.maximum(pieces - n_strange, 1) / vocab_size > settings.token_max_mean_id,
    )
    which = np.select(found, range(len(found)), len(found))
    return [(*TOKEN_REASONS, None)[reason] for reason in which.tolist()]


def _sums(values: NDArray[np.bool_] | NDArray[np.int32], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sum of each document's values: exact whole numbers, 0 for an empty document."""
    total = np.concatenate(([0], np.cumsum(values, dtype=np.int64)))
    return total[offsets[1:]] - total[offsets[:-1]]
