"""The text that ships with the package: enough to try every stage without a download.

- `documents("mono/de")`: good documents with planted bad ones among them, so that curation has something to do;
- `pairs("natural/train")`: hand-written everyday sentences; `pairs("grammar/train")`: sentences from a small grammar;
- `journal("natural")`: the natural pairs for training as the recorded answers of a teacher, for `synthesize:`.

The natural pairs are split by a hash of the German sentence (without regard to case and white space), of 1,000 parts
DEV_PARTS to dev, TEST_PARTS to test, the rest to train: a pair stays where it is when others are added, and equal
German sentences stay together. A training pair whose English side equals one in dev or test is left out.
The grammar's test pairs are drawn first; training leaves out every sentence of theirs, in either language.
"""

from __future__ import annotations

import functools
import importlib
import json
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import xxhash

from dragoman.errors import DataError, nearest

DOCUMENTS = ("mono/de", "mono/en")
PAIRS = ("natural/train", "natural/dev", "natural/test", "grammar/train", "grammar/test")
JOURNALS = ("natural",)
DEV_PARTS, TEST_PARTS = 60, 90  # of 1,000: about 300 and 460 of 5,200 pairs
GRAMMAR_TRAIN, GRAMMAR_TEST = 20_000, 200


def _known(name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise DataError(f"no text '{name}' ships with the package", do=nearest(name, names))


def _folder(name: str) -> Traversable:
    return files(__name__).joinpath(name)


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(" ".join(text.casefold().split()).encode())


def good_documents(language: str) -> list[str]:
    """The documents that curation should keep."""
    return [line for line in _folder("mono").joinpath(f"good.{language}.txt").read_text("utf-8").split("\n") if line]


def planted_documents(language: str) -> list[tuple[str, str]]:
    """(text, the reason for which curation should drop it)."""
    lines = _folder("mono").joinpath(f"planted.{language}.jsonl").read_text("utf-8").split("\n")
    return [(row["text"], row["expected"]) for row in map(json.loads, filter(None, lines))]


def documents(name: str) -> list[str]:
    """The good and planted documents of `mono/de` or `mono/en`, in an order that is a hash of their text."""
    _known(name, DOCUMENTS)
    language = name.removeprefix("mono/")
    return sorted(
        [*good_documents(language), *(text for text, _ in planted_documents(language))], key=lambda t: (_hash(t), t)
    )


def _natural_rows() -> Iterator[dict[str, str]]:
    """topic, level, de, en of every hand-written pair, by file and line."""
    for path in sorted(_folder("pairs").iterdir(), key=lambda entry: entry.name):
        if path.name.endswith(".tsv"):
            header, *lines = path.read_text("utf-8").rstrip("\n").split("\n")
            for line in lines:
                yield dict(zip(header.split("\t"), line.split("\t"), strict=True))


def _part(german: str) -> str:
    place = _hash(german) % 1000
    return "dev" if place < DEV_PARTS else "test" if place < DEV_PARTS + TEST_PARTS else "train"


def details(name: str) -> list[dict[str, str]]:
    """`topic`, `level`, `de` and `en` of each natural pair, in the order of `pairs(name)`."""
    _known(name, tuple(known for known in PAIRS if known.startswith("natural/")))
    rows = list(_natural_rows())
    part = name.removeprefix("natural/")
    held_out = {_hash(row["en"]) for row in rows if _part(row["de"]) != "train"}
    return [row for row in rows if _part(row["de"]) == part and (part != "train" or _hash(row["en"]) not in held_out)]


@functools.cache
def _grammar() -> dict[str, list[tuple[str, str]]]:
    """`train` and `test`, made once a process."""
    generate = importlib.import_module("dragoman.embedded.grammar").generate
    test = list(dict.fromkeys(generate(2 * GRAMMAR_TEST, seed=2)))[:GRAMMAR_TEST]
    taken = {side for pair in test for side in pair}
    drawn = dict.fromkeys(generate(GRAMMAR_TRAIN + GRAMMAR_TRAIN // 4, seed=1))
    train = [pair for pair in drawn if not taken.intersection(pair)][:GRAMMAR_TRAIN]
    return {"train": train, "test": test}


def pairs(name: str) -> list[dict[str, str]]:
    """The pairs of one set as rows of `de` and `en`."""
    _known(name, PAIRS)
    kind, part = name.split("/")
    if kind == "grammar":
        return [{"de": de, "en": en} for de, en in _grammar()[part]]
    return [{"de": row["de"], "en": row["en"]} for row in details(name)]


def journal(name: str) -> Path:
    """The file of a recorded journal (JSON Lines, zstd), made by scripts/natural_journal.py."""
    _known(name, JOURNALS)
    return Path(str(_folder("journals").joinpath(f"{name}.jsonl.zst")))
