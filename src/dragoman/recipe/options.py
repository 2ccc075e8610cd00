"""Every option of a recipe with its type, default and reason, read off the settings themselves."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The settings class behind a field's type: itself, itself or nothing, or the entries of a tuple of them."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) is tuple:
        return section_of(typing.get_args(annotation)[0])
    if may_be_absent(annotation):
        return section_of(next(part for part in typing.get_args(annotation) if part is not type(None)))
    return None


def may_be_absent(annotation: Any) -> bool:
    """Whether null is a value of the field."""
    union = typing.get_origin(annotation) in (typing.Union, types.UnionType)
    return union and type(None) in typing.get_args(annotation)


def is_list(annotation: Any) -> bool:
    """Whether the field holds several values."""
    return typing.get_origin(annotation) is tuple


def type_name(annotation: Any) -> str:
    """The type as a reader of YAML would call it: `number`, `text`, `a|b`, `list of text`."""
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return "|".join(map(str, parts))
    if origin in (typing.Union, types.UnionType):
        return " or ".join(type_name(part) for part in parts)
    if origin is tuple:
        return f"list of {type_name(parts[0])}{'s' if section_of(parts[0]) is not None else ''}"
    if origin is dict:
        return f"{type_name(parts[0])} -> {type_name(parts[1])}"
    if section_of(annotation) is not None:
        return "section"
    names = {int: "whole number", float: "number", str: "text", bool: "true|false", type(None): "null"}
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def describe(model: type[BaseModel], prefix: str = "") -> Iterator[dict[str, Any]]:
    """One row an option: `name` (dotted, `[]` for each entry of a list), `type`, `default`, `required`, `why`."""
    for name, info in model.model_fields.items():
        section = section_of(info.annotation)
        place = prefix + name + ("[]" if section is not None and is_list(info.annotation) else "")
        if section is None or place.endswith("[]") or may_be_absent(info.annotation):
            yield _row(place, info)
        if section is not None:
            yield from describe(section, f"{place}.")


def _row(name: str, info: FieldInfo) -> dict[str, Any]:
    required = info.is_required()
    default = None if required else info.get_default(call_default_factory=True, validated_data={})
    return {
        "name": name,
        "type": type_name(info.annotation),
        "default": list(default) if isinstance(default, tuple) else default,
        "required": required,
        "why": " ".join((info.description or "").split()),
    }
