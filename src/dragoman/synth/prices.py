"""What a teacher costs: the prices of the recipe, else the list prices of its service that ship with dragoman.

    list_prices(settings)   model: gemini-2.5-flash, batch: true   ->   Prices(tokens_in=0.15, tokens_out=1.25)

The list (`prices.json`) names its source and the day it was read. It holds only what a service asks at its own
address: whoever speaks to another one (`base_url`) says what that costs, or the cost is unknown. Services charge less
for a prefix they have in their cache; the list leaves that out, so a cost is an upper bound.
"""

from __future__ import annotations

import json
import re
from datetime import date
from importlib.resources import files
from typing import Any

from dragoman.recipe.synthesize import TeacherSettings
from dragoman.synth.items import Prices

VERSION = re.compile(r"-(\d{3}|\d{4}-\d{2}-\d{2})$")
"""What a service hangs on a model's name to pin it, such as `-001` or `-2025-08-07`, at the same price."""


def list_prices(settings: TeacherSettings, today: date | None = None) -> Prices | None:
    """Prices of a teacher; None: unknown. Prices of the recipe are taken as they are, batch or not."""
    if settings.price_in is not None and settings.price_out is not None:
        return Prices(settings.price_in, settings.price_out)
    listed = _listed()
    service = listed["services"].get(settings.kind)
    if service is None or settings.base_url is not None or settings.model is None:
        return None
    name = settings.model.removeprefix("models/")
    rates = service["models"].get(name) or service["models"].get(VERSION.sub("", name))
    if rates is None:
        return None
    rate, share = _valid(rates, today or date.today()), listed["batch_share"] if settings.batch else 1.0
    return Prices(rate["tokens_in"] * share, rate["tokens_out"] * share)


def read_on(kind: str) -> tuple[date, str] | None:
    """(day, address) where the list prices of a kind of teacher were read; None: it has none."""
    service = _listed()["services"].get(kind)
    return (date.fromisoformat(service["as_of"]), service["source"]) if service else None


def _valid(rates: list[dict[str, Any]], today: date) -> dict[str, Any]:
    """The first rate that has not run out; the last one never does."""
    return next((rate for rate in rates if today <= date.fromisoformat(rate.get("until", "9999-12-31"))), rates[-1])


def _listed() -> Any:
    return json.loads(files("dragoman.synth").joinpath("prices.json").read_text(encoding="utf-8"))
