"""What teachers cost: the recipe's prices, or the list that ships."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dragoman.synth.items import Prices
from dragoman.synth.prices import list_prices, read_on
from dragoman.synth.teachers import make_teacher
from synth.gemini_world import settings


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, Prices(0.3, 2.5)),
        ({"batch": True}, Prices(0.15, 1.25)),
        ({"model": "models/gemini-2.5-flash-001"}, Prices(0.3, 2.5)),
        ({"model": "gemini-2.5-flash-preview-04-17"}, None),
        ({"model": "gemini-9"}, None),
        ({"base_url": "https://gateway.example/v1"}, None),
        ({"price_in": 1.0, "price_out": 2.0, "batch": True, "model": "gemini-9"}, Prices(1.0, 2.0)),
        ({"kind": "openai", "model": "gpt-5-nano-2025-08-07"}, Prices(0.05, 0.4)),
        ({"kind": "openai", "model": "gpt-4o-2024-05-13"}, Prices(5.0, 15.0)),
        ({"kind": "model", "model": "folder"}, None),
    ],
)
def test_prices_are_those_of_the_recipe_or_else_of_the_list(more: dict[str, Any], expected: Prices | None) -> None:
    assert list_prices(settings(None, **more)) == expected


def test_a_price_that_runs_out_is_followed_by_the_next() -> None:
    flash = settings(None, model="gemini-3.8-flash")
    assert list_prices(flash, date(2026, 12, 31)) == Prices(0.75, 3.75)
    assert list_prices(flash, date(2027, 1, 1)) == Prices(1.5, 7.5)


def test_the_list_of_prices_says_when_and_where_it_was_read() -> None:
    assert read_on("model") is None
    for kind in ("gemini", "openai"):
        found = read_on(kind)
        assert found is not None and found[0] >= date(2026, 1, 1) and found[1].startswith("https://")


def test_the_teacher_is_the_one_that_a_recipe_names() -> None:
    teacher = make_teacher(settings(None, model="models/gemini-2.5-pro", batch=True))
    assert (teacher.name, teacher.model, teacher.batch) == ("gemini", "gemini-2.5-pro", True)
    assert teacher.prices == Prices(0.625, 5.0)
