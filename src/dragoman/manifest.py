"""The manifest of a finished stage: read with care, compared part by part.

    {"format": 1, "stage": "pairs", "key": "9c41...", "attempt": 0, "version": 1, "config": {...}, "files": {...},
     "upstream": {"curate": "1f0c..."}, "result": {...}, "outputs": {"train.de": 81234}, "seconds": 2.1, ...}

It is written last and by rename, so a folder without one is unfinished, and a broken one was damaged from outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dragoman.errors import RunError
from dragoman.io import read_json

FORMAT = 1
MANIFEST, SESSION = "manifest.json", "session.json"
CHECKPOINT = "checkpoint"  # folder with the working state of an unfinished stage; goes when the stage is done
_KINDS = {"stage": str, "key": str, "version": int, "config": dict, "files": dict, "upstream": dict, "result": dict}
_ABSENT = object()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a finished stage. Raises `RunError` naming the file when it is damaged."""
    path = folder / MANIFEST
    try:
        value = read_json(path)
        problem = _problem(value)
    except RunError as error:
        problem = error.what
    if problem:
        raise RunError(f"the manifest cannot be used, {problem}", where=path, do=repair_advice(folder))
    return dict(value)


def _problem(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "it is not a JSON object"
    if value.get("format") != FORMAT:
        return f"its format {value.get('format')!r} is not {FORMAT}"
    wrong = [name for name, kind in _KINDS.items() if not isinstance(value.get(name), kind)]
    return f"its '{wrong[0]}' is missing or wrong" if wrong else None


def repair_advice(folder: Path) -> str:
    """What to do about a damaged stage: nothing is deleted or overwritten for the user."""
    return f"restore it, or delete the folder {folder.name} and run again to make that stage anew"


def list_outputs(folder: Path) -> dict[str, int]:
    """Every file a stage left, with its size in bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}
    return {name: size for name, size in sizes.items() if name.split("/")[0] not in (MANIFEST, SESSION, CHECKPOINT)}


def damage(folder: Path, key: str) -> str | None:
    """What is wrong with the finished stage in `folder`, in one line, or None."""
    try:
        manifest = read_manifest(folder)
    except RunError as error:
        return str(error)
    if manifest["key"] != key:
        return f"the manifest belongs to another key ({folder / MANIFEST}): {repair_advice(folder)}"
    for name, size in dict(manifest.get("outputs", {})).items():
        path = folder / name
        if not path.is_file():
            return f"a finished stage has lost a file ({path}): {repair_advice(folder)}"
        if path.stat().st_size != size:
            return f"a file of a finished stage was changed ({path}): {repair_advice(folder)}"
    return None


def config_changes(old: Any, new: Any, place: str = "") -> list[str]:
    """What differs between two configurations, part by part: `finetune.steps 100 -> 200`, `data.pairs.1 added`."""
    if old is _ABSENT or new is _ABSENT:
        return [f"{place} {'added' if old is _ABSENT else 'removed'}"]
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        parts = [(str(name), old.get(name, _ABSENT), new.get(name, _ABSENT)) for name in {**old, **new}]
    elif _is_list(old) and _is_list(new) and any(isinstance(value, Mapping) for value in (*old, *new)):
        length = max(len(old), len(new))
        filled = [[*values, *[_ABSENT] * (length - len(values))] for values in (old, new)]
        parts = [(str(index), before, after) for index, (before, after) in enumerate(zip(*filled, strict=True))]
    else:
        return [] if _plain(old) == _plain(new) else [f"{place} {_shown(old)} -> {_shown(new)}"]
    prefix = f"{place}." if place else ""
    return [change for name, before, after in parts for change in config_changes(before, after, prefix + name)]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _plain(value: Any) -> Any:
    return list(value) if _is_list(value) else value


def _shown(value: Any) -> str:
    """A value as a recipe spells it."""
    if _is_list(value):
        return f"[{', '.join(map(_shown, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def digest_changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Names whose digest changed, came or went: `tokenizer changed`, `train.de.xz removed`."""
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [f"{name} {'removed' if name not in new else 'changed' if name in old else 'added'}" for name in differing]
