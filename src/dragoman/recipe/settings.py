"""The base of every section of a recipe: frozen, strict, and every field explained."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A section of a recipe. Unknown keys are refused; values are never changed after reading.

    A section documents each option with a string under the field (`use_attribute_docstrings`), which says what
    it is, its unit, and why its default is what it is; `dragoman options` prints them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
