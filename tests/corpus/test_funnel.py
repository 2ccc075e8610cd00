"""Nothing is lost in the funnel, and its samples depend on the rows alone."""

from __future__ import annotations

import random
from typing import Any

import pytest

from dragoman.corpus.funnel import SAMPLES, Funnel


def fill(rows: list[tuple[str, str | None]]) -> Funnel:
    funnel = Funnel()
    for text, reason in rows:
        funnel.add("src", "de", {"text": text}, reason)
    return funnel


def rows(count: int) -> list[tuple[str, str | None]]:
    rng = random.Random(count)
    return [(f"Text {i} {'x' * rng.randint(0, 9)}", rng.choice([None, "too_short", "duplicate"])) for i in range(count)]


def test_read_is_kept_plus_dropped_in_all_and_by_source() -> None:
    funnel = Funnel()
    for i, (text, reason) in enumerate(rows(300)):
        funnel.add(f"s{i % 3}", "de" if i % 2 else "en", {"text": text}, reason, chars_read=len(text) + 1)
    account = funnel.as_dict()
    parts = [part for source in account["by_source"].values() for part in source.values()]
    assert len(parts) == 6
    for part in [account["total"], *parts]:
        assert part["read"] == part["kept"] + sum(part["dropped"].values())
    for name in ("read", "kept", "chars_read", "chars_kept"):
        assert account["total"][name] == sum(part[name] for part in parts)
    assert account["total"]["chars_read"] == sum(len(text) + 1 for text, _ in rows(300))
    assert account["total"]["chars_kept"] == sum(len(text) for text, reason in rows(300) if reason is None)


def test_a_row_that_was_lost_is_noticed() -> None:
    funnel = fill(rows(10))
    funnel.counts["src", "de"].read += 1
    with pytest.raises(AssertionError):
        funnel.as_dict()


def test_samples_are_few_and_do_not_depend_on_the_order() -> None:
    given = rows(500)
    shuffled = given.copy()
    random.Random(1).shuffle(shuffled)
    first, second = (list(fill(order).samples()) for order in (given, shuffled))
    assert first == second
    count: dict[Any, int] = {}
    for row in first:
        assert row["kept"] == (row["reason"] is None) and (row["text"], row["reason"]) in given
        count[row["reason"]] = count.get(row["reason"], 0) + 1
    assert count == {None: SAMPLES, "too_short": SAMPLES, "duplicate": SAMPLES}


def test_a_long_sample_is_shown_by_its_head() -> None:
    (row,) = fill([("x" * 5000, None)]).samples()
    assert row["text"].endswith("x…") and len(row["text"]) == 2001


def test_the_line_says_it_all() -> None:
    assert fill([("a", None), ("b", "empty"), ("c", "empty")]).line() == "3 read, 1 kept, dropped 2 empty"
    assert Funnel().line() == "0 read, 0 kept"
