"""The text a recipe names, read as it lies: documents and pairs, from files or from the package itself.

    {"name": "news", "language": "de", "path": "news.jsonl.xz"}  ->  'Erster Text', ...
    {"name": "web", "files": {"de": "web.de.gz", "en": "web.en.gz"}}        ->  {"de": "Ja.", "en": "Yes."}, ...

Nothing is repaired, dropped or cut here. What is not there, not text or not parallel is an error that says where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from dragoman import embedded
from dragoman.errors import DataError, nearest
from dragoman.io import data_suffix, read_jsonl, read_lines, read_parallel
from dragoman.recipe.data import DataSettings, MonoSource, PairSource

MONO_FORMATS = (".txt", ".jsonl")


def read_documents(source: MonoSource, root: Path) -> Iterator[str]:
    """The documents of one source, at most `source.limit` of them, in their own order; blank ones included."""
    return islice(_documents(source, root), source.limit)


def _documents(source: MonoSource, root: Path) -> Iterator[str]:
    if source.embedded is not None:
        yield from embedded.documents(source.embedded)
        return
    path = root / str(source.path)
    suffix = data_suffix(path)
    if suffix == ".jsonl":
        yield from _jsonl_documents(source, path)
    elif suffix == ".txt":
        yield from read_lines(path)
    else:
        raise DataError(
            f"documents cannot be read from '{suffix}'",
            where=path,
            do=f"use {' or '.join(MONO_FORMATS)}, plain or .gz, .xz, .zst",
        )


def _jsonl_documents(source: MonoSource, path: Path) -> Iterator[str]:
    for number, row in enumerate(read_jsonl(path), start=1):
        if source.language_field is not None and _text(row, source.language_field, path, number) != source.language:
            continue
        yield _text(row, source.text_field, path, number)


def _text(row: dict[str, Any], name: str, path: Path, number: int) -> str:
    """The text under `name` in a row of a .jsonl file."""
    if name not in row:
        raise DataError(f"line {number} has no field '{name}'", where=path, do=nearest(name, row))
    value = row[name]
    if not isinstance(value, str):
        raise DataError(
            f"field '{name}' of line {number} is {type(value).__name__}, not text", where=path, do="name another field"
        )
    return value


def read_pairs(source: PairSource, root: Path, languages: Sequence[str]) -> Iterator[dict[str, str]]:
    """The pairs of one source as language -> sentence, for `languages` only, at most `source.limit` of them."""
    return islice(_pairs(source, root, languages), source.limit)


def _pairs(source: PairSource, root: Path, languages: Sequence[str]) -> Iterator[dict[str, str]]:
    if source.embedded is not None:
        for row in embedded.pairs(source.embedded):
            yield {language: _side(row, language, source.name) for language in languages}
    elif source.tsv is not None:
        yield from _tsv_pairs(root / source.tsv, languages)
    else:
        files = source.files or {}
        yield from read_parallel({language: root / _side(files, language, source.name) for language in languages})


def _side(row: dict[str, str], language: str, name: str) -> str:
    if language not in row:
        raise DataError(f"pair source '{name}' has no language '{language}'", do=nearest(language, row))
    return row[language]


def _tsv_pairs(path: Path, languages: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows of a .tsv file: the header names the columns, a tab always parts two of them, nothing is quoted."""
    lines = read_lines(path)
    header = next(lines).split("\t")
    for language in languages:
        if language not in header:
            raise DataError(f"the header has no column '{language}'", where=path, do=nearest(language, header))
    places = {language: header.index(language) for language in languages}
    for number, line in enumerate(lines, start=2):
        cells = line.split("\t")
        if len(cells) != len(header):
            raise DataError(
                f"line {number} has {len(cells)} columns, the header {len(header)}",
                where=path,
                do="part columns with one tab",
            )
        yield {language: cells[place] for language, place in places.items()}


def source_files(data: DataSettings, root: Path) -> list[Path]:
    """Every outside file the recipe's data names, once, in the recipe's order: what a content digest must cover."""
    found: dict[Path, None] = {}
    for mono in data.mono:
        if mono.path is not None:
            found[root / mono.path] = None
    for pair in (*data.pairs, *data.dev, *data.test):
        for name in (*(pair.files or {}).values(), *([pair.tsv] if pair.tsv is not None else [])):
            found[root / name] = None
    return list(found)
