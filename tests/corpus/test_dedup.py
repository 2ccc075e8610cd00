"""The first copy in source order survives, however the stream is cut or the shards finish."""

from __future__ import annotations

import random

from dragoman.corpus.dedup import Seen, survivors, text_key


def test_case_and_white_space_do_not_part_copies_but_words_do() -> None:
    assert text_key("Die  Straße\n ist lang") == text_key("die STRASSE ist lang")
    assert text_key("Die Straße ist lang") != text_key("Die Straße ist lang.")
    assert text_key("ab", "c") != text_key("a", "bc") != text_key("ab c")


def test_batches_and_shards_give_the_same_survivors() -> None:
    rng = random.Random(3)
    for _ in range(200):
        keys = [rng.randint(0, 15) for _ in range(rng.randint(0, 40))]
        seen, got, start = Seen(), list[bool](), 0
        while start < len(keys):
            size = rng.randint(1, 7)
            got += seen.first(keys[start : start + size])
            start += size
        rows = list(enumerate(keys))
        rng.shuffle(rows)
        assert {i for i, first in enumerate(got) if first} == survivors(rows)
        assert got == [key not in keys[:i] for i, key in enumerate(keys)]
