"""Exact duplicates: the same text but for case and white space.

The survivor is the copy that comes first in the source order (sources as the recipe lists them, lines as they
stand), however the stream is cut into batches or shards. Keys are 64-bit hashes: among 10 million documents the
chance of one false drop is 1 in 370,000; memory is about 60 bytes a document that is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import xxhash


def text_key(*parts: str) -> int:
    """The 64-bit key of a text, or of a pair of texts, without regard to case and white space."""
    return xxhash.xxh3_64_intdigest("\x1f".join(" ".join(part.casefold().split()) for part in parts).encode())


class Seen:
    """Remembers keys: `first(keys)` says which of a batch are met for the first time. Ask in source order."""

    def __init__(self) -> None:
        self._keys: set[int] = set()

    def first(self, keys: Sequence[int]) -> list[bool]:
        """For each key, in order: True where no earlier call and no earlier place in this one had it."""
        answers = []
        for key in keys:
            answers.append(key not in self._keys)
            self._keys.add(key)
        return answers


def survivors(keyed: Iterable[tuple[int, int]]) -> set[int]:
    """The lowest position of every key, from (position, key) rows in any order: what `Seen` gives in source order.

    The form for shards that finish in any order; also the slow, obvious version that `Seen` is tested against.
    """
    lowest: dict[int, int] = {}
    for position, key in keyed:
        lowest[key] = min(position, lowest.get(key, position))
    return set(lowest.values())
