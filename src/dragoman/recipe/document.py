"""A recipe file as plain values, each with the place it was written at; nothing here knows what an option means.

    finetune:
      steps: 100          ->  {"finetune": {"steps": 100}}, line 2 for ("finetune", "steps")

Read by YAML's safe loader with three changes: a key given twice is an error, `1e-3` is a number (YAML 1.1 takes it
for text), and `no` is text (YAML 1.1 takes Norwegian for `false`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from dragoman.errors import RecipeError, nearest
from dragoman.io import read_lines

Path_ = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """YAML 1.2's numbers and truth values in PyYAML's safe loader."""


_FLOAT = re.compile(r"^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$")
_OLD_TYPES = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _OLD_TYPES]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


@dataclass
class Document:
    """The values of one recipe, and where each was written (`file, line 3` or `--set a.b=c`)."""

    source: str
    value: dict[str, Any]
    places: dict[Path_, str] = field(default_factory=dict)

    def place(self, path: Path_) -> str:
        """Where the value at `path` was written, or the nearest thing around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        return self.source


def dotted(path: Path_) -> str:
    """`data.pairs.0.limit`"""
    return ".".join(map(str, path))


def read_document(path: Path, overrides: Sequence[str] = ()) -> Document:
    """The recipe at `path` with `--set` overrides put in. Raises `RecipeError` with line and column for broken YAML."""
    text = "\n".join(read_lines(path, allow_empty_file=True)) + "\n"
    document = Document(str(path), {})
    value = _parse(text, str(path), document.places)
    if value is None:
        raise RecipeError("the recipe is blank", where=path, do="start from one in recipes/, such as recipes/demo.yaml")
    if not isinstance(value, dict):
        raise RecipeError(
            f"a recipe is a list of `option: value` lines, this is {_kind(value)}",
            where=path,
            do="see recipes/demo.yaml",
        )
    document.value = value
    for override in overrides:
        put_in(document, override)
    return document


def _parse(text: str, source: str, places: dict[Path_, str]) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _walk(node, (), source, places)
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, source) from None
    except (yaml.YAMLError, ValueError) as error:
        raise RecipeError(f"not YAML: {error}", where=source, do="correct the text there") from None
    finally:
        loader.dispose()


def _syntax_error(error: yaml.MarkedYAMLError, source: str) -> RecipeError:
    mark = error.problem_mark or error.context_mark
    where = f"{source}, line {mark.line + 1}, column {mark.column + 1}" if mark else source
    what = " ".join(filter(None, (error.problem, error.context)))
    return RecipeError(f"not YAML: {what}", where=where, do="check indentation, colons and quotes there")


def _walk(node: yaml.Node, path: Path_, source: str, places: dict[Path_, str]) -> None:
    """Note the line of everything below `node`; refuse keys that are given twice."""
    if path:
        places[path] = f"{source}, line {node.start_mark.line + 1}"
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _walk(child, (*path, index), source, places)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, child in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen and key.tag != "tag:yaml.org,2002:merge":
                raise RecipeError(
                    f"'{dotted((*path, name))}' is given twice",
                    where=f"{source}, lines {seen[name]} and {line}",
                    do="keep one of them",
                )
            seen[name] = line
            _walk(child, (*path, name), source, places)
            places[(*path, name)] = f"{source}, line {line}"


def put_in(document: Document, override: str) -> None:
    """Put `a.b=c` into the document; `c` is YAML, a number in the path is the index of a list."""
    label = f"--set {override}"
    name, equals, text = override.partition("=")
    if not equals or not name.strip():
        raise RecipeError(
            "an override has the form option=value", where=label, do="for example --set finetune.steps=100"
        )
    value = _parse(text, label, {})
    parts = name.strip().split(".")
    holder: Any = document.value
    path: Path_ = ()
    for depth, part in enumerate(parts):
        step = _step(holder, part, dotted(path), label)
        path = (*path, step)
        if depth == len(parts) - 1:
            holder[step] = value
        elif isinstance(holder, list):
            holder = holder[step]  # type: ignore[index]
        else:
            if holder.get(step) is None:
                holder[step] = {}
            holder = holder[step]
    for old in [known for known in document.places if known[: len(path)] == path]:
        del document.places[old]
    document.places[path] = label


def _step(holder: Any, part: str, place: str, label: str) -> str | int:
    """`part` as a key or an index of `holder`, checked."""
    if isinstance(holder, dict):
        return part
    if not isinstance(holder, list):
        raise RecipeError(f"'{place}' is {_kind(holder)}: it has no '{part}'", where=label, do="shorten the name")
    if not (part.isdecimal() and int(part) < len(holder)):
        known = [str(index) for index in range(len(holder))]
        raise RecipeError(
            f"'{place}' has no entry '{part}'", where=label, do=nearest(part, known) or "the list is empty"
        )
    return int(part)


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "a section"
    return "a list" if isinstance(value, list) else f"the value {value!r}"
