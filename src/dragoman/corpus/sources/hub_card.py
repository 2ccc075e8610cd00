"""Which files of a data set at the Hub are its subset and split, as its card or the names of the files say.

    configs:
    - config_name: deu_Latn            {"deu_Latn": Subset(splits={"train": ("data/deu_Latn/train/*.parquet",)})}
      data_files:                  ->
      - split: train
        path: data/deu_Latn/train/*.parquet

The rules are the Hub's own, as its documentation ("Manual Configuration", "Automatic splits detection") and the
`datasets` library have them: without `data_files` the splits are guessed from the names of folders and files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import yaml

from dragoman.corpus.sources.plan import natural
from dragoman.errors import DataError, nearest

HEADER = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
NO_DATA = re.compile(r"(?i)(readme|licen[cs]e|requirements|changelog|citation|notice)(\.(md|txt|html|rst))?")
KEYWORDS = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}
PARTED = r"[-._ 0-9]"  # what may stand around a keyword in a name
SHARDED = re.compile(r"data/([^/]+)-\d{5}-of-\d{5}[^/]*\.[^/]*")
SHOWN = 8  # subsets or files named in a message


@dataclass(frozen=True)
class Subset:
    """One configuration of a card."""

    splits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Split -> patterns of files, from the root of the repository. Empty: the card names none."""
    folder: str = ""
    """Where the files lie when the card names none; empty: anywhere."""
    default: bool = False


def subsets(card: str, where: str) -> dict[str, Subset]:
    """The configurations that the header of a README.md declares, in its order; none where it has no `configs`."""
    header = HEADER.match(card)
    try:
        # Texts stay texts: the Norwegian subset `no` is no boolean, and split `2024` no number.
        said = yaml.load(header[1], Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader)) if header else {}
    except yaml.YAMLError:
        raise DataError(
            "the card of the data set is not valid YAML", where=where, do="name its files (`files`)"
        ) from None
    configs = said.get("configs") if isinstance(said, dict) else None
    entries = [configs] if isinstance(configs, dict) else configs or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError("the card's `configs` are no list of subsets", where=where, do="name its files (`files`)")
    return {str(entry.get("config_name") or "default"): _subset(entry, where) for entry in entries}


def _subset(entry: dict[str, Any], where: str) -> Subset:
    folder = str(entry.get("data_dir") or "").strip("./")
    splits = {
        split: tuple(_from_root(pattern, folder, where) for pattern in patterns)
        for split, patterns in _by_split(entry.get("data_files"), where).items()
    }
    return Subset(splits, folder, entry.get("default") == "true")


def _by_split(files: Any, where: str) -> dict[str, list[str]]:
    """Every form of `data_files`: a pattern, a list of them (both: split train), split -> pattern(s), or a list of
    {split, path}."""
    if not files:
        return {}
    if isinstance(files, dict):
        return {split: _texts(value, where) for split, value in files.items()}
    if isinstance(files, list) and all(isinstance(item, dict) for item in files):
        return {str(item.get("split", "train")): _texts(item.get("path"), where) for item in files}
    return {"train": _texts(files, where)}


def _texts(value: Any, where: str) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        raise DataError("the card's `data_files` cannot be read", where=where, do="name the files yourself (`files`)")
    return texts


def _from_root(pattern: str, folder: str, where: str) -> str:
    if "://" in pattern or ".." in pattern.split("/"):
        raise DataError(
            f"the card names files outside the data set ({pattern})", where=where, do="name others (`files`)"
        )
    parts = [part for part in f"{folder}/{pattern}".split("/") if part not in ("", ".")]
    return "/".join(parts)


def choose(known: dict[str, Subset], subset: str | None, where: str) -> Subset:
    """The subset asked for; without a name the card's default, the only one, or (no card) all files."""
    if subset is not None:
        if subset in known:
            return known[subset]
        do = suggestion(subset, known) if known else "its card declares none: name its files (`files`)"
        raise DataError(f"the data set has no subset '{subset}'", where=where, do=do)
    defaults = [one for name, one in known.items() if one.default or name == "default"] or list(known.values())
    if len(known) > 1 and len(defaults) != 1:
        raise DataError("the data set has several subsets", where=where, do=f"choose a `subset`: {some(known)}")
    return defaults[0] if defaults else Subset()


def patterns_of(chosen: Subset, split: str, where: str) -> tuple[str, ...]:
    """The patterns of one split of a subset whose card names files."""
    if split not in chosen.splits:
        raise DataError(f"the subset has no split '{split}'", where=where, do=suggestion(split, chosen.splits))
    return chosen.splits[split]


def in_split(paths: Iterable[str], split: str, where: str) -> list[str]:
    """The files of one split, guessed from their names: sharded files in data/, else folders, else files named after a
    split; where no name says anything, all of them are `train`."""
    data = [path for path in paths if not _hidden(path) and not NO_DATA.fullmatch(PurePosixPath(path).name)]
    guesses: list[Callable[[str], set[str]]] = [_sharded, _by_folder, _by_name]
    for guess in guesses:
        found = {path: guess(path) for path in data}
        names = set[str]().union(*found.values())
        if names:
            if split not in names:
                raise DataError(f"the data set has no split '{split}'", where=where, do=suggestion(split, names))
            return [path for path in data if split in found[path]]
    if data and split != "train":
        raise DataError(f"the data set has no split '{split}'", where=where, do="all of it is `train`")
    return data


def _sharded(path: str) -> set[str]:
    match = SHARDED.fullmatch(path)
    return {match[1]} if match else set()


def _by_folder(path: str) -> set[str]:
    return {split for part in PurePosixPath(path).parts[:-1] for split in _named(part, rf"({PARTED}.*)?")}


def _by_name(path: str) -> set[str]:
    return _named(PurePosixPath(path).name, rf"{PARTED}.*")


def _named(name: str, after: str) -> set[str]:
    return {
        split
        for split, words in KEYWORDS.items()
        if any(re.fullmatch(rf"(.*{PARTED})?{word}{after}", name) for word in words)
    }


def _hidden(path: str) -> bool:
    return any(part.startswith((".", "__")) for part in path.split("/"))


def matching(pattern: str, paths: Iterable[str], where: str) -> list[str]:
    """The paths that a pattern means: `*` stops at a slash, `**` does not; hidden ones only where the pattern asks."""
    from fsspec.utils import glob_translate

    try:
        fits = re.compile(glob_translate(pattern)).match
    except (ValueError, re.error) as error:
        raise DataError(f"'{pattern}' is no pattern for files", where=where, do=str(error)) from None
    return [path for path in paths if fits(path) and (_hidden(pattern) or not _hidden(path))]


def fixed_folder(pattern: str) -> str:
    """The folder above all matches of a pattern, empty for the root: only it has to be listed."""
    parts = pattern.split("/")
    magic = next((number for number, part in enumerate(parts) if re.search(r"[*?\[]", part)), len(parts) - 1)
    return "/".join(parts[:magic])


def suggestion(name: str, known: Iterable[str]) -> str:
    close = nearest(name, known)
    return close if close.startswith("did you mean") else f"there are {some(known)}"


def some(names: Iterable[str]) -> str:
    """`a, b, c` or, of many, `a, b, c, ... (1,204 in all)`."""
    every = list(names)
    shown = ", ".join(sorted(every, key=natural)[:SHOWN])
    return shown if len(every) <= SHOWN else f"{shown}, ... ({len(every):,} in all)"
