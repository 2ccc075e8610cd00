"""Sentence pairs, read as they lie, from files or from the package itself.

    {"name": "web", "files": {"de": "web.de.gz", "en": "web.en.gz"}}        ->  {"de": "Ja.", "en": "Yes."}, ...

Nothing is repaired, dropped or cut here. What is not there, not text or not parallel is an error that says where.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from dragoman import embedded
from dragoman.corpus.sources.plan import mono_files
from dragoman.errors import DataError, nearest
from dragoman.io import read_lines, read_parallel
from dragoman.recipe.data import DataSettings, PairSource


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
            whole = glob.has_magic(mono.path) or (root / mono.path).is_dir()
            found.update(dict.fromkeys(mono_files(mono.path, root) if whole else [root / mono.path]))
    for pair in (*data.pairs, *data.dev, *data.test):
        for name in (*(pair.files or {}).values(), *([pair.tsv] if pair.tsv is not None else [])):
            found[root / name] = None
    return list(found)
