"""Passages: a few whole sentences each, cut from documents, and which of them are asked for.

    documents.de.jsonl  {"text": "Guten Tag! Wie geht es Ihnen? ...", "source": "letters"}
      -> passages({"de": path}, settings, [("de", "en")])  ->  Passage, Passage, ...

Of all passages that the documents hold, those with the smallest hashes are taken: as many for one direction as for the
other, in it as many from one source as from the other, in it as many of each length, as far as there are so many. They
come in an order of which any beginning is balanced in the same way, so a run that a cap stops half-way is half a run
and not one direction. All of it depends on the documents alone, not on their order.

One reading keeps 36 bytes for each passage that could be asked, and no text: that is read again where it lies.
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xxhash
from numpy.typing import NDArray

from dragoman.errors import RecipeError
from dragoman.io import decode_line, digest_bytes, open_binary
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.synth.cut import cut
from dragoman.synth.items import Passage

Direction = tuple[str, str]
Integers = NDArray[np.int64]


class Cell(NamedTuple):
    """What is balanced: passages that share all three."""

    direction: Direction
    source: str
    sentences: int


@dataclass
class _Candidates:
    """The passages of one cell, a row each."""

    key: array[int] = field(default_factory=lambda: array("Q"))
    line: array[int] = field(default_factory=lambda: array("Q"))
    """Where the document's line begins, in bytes."""
    place: array[int] = field(default_factory=lambda: array("Q"))
    """Number of the first sentence in the document, and in the lower half where it begins, in characters."""
    length: array[int] = field(default_factory=lambda: array("L"))
    """Characters of the document's text."""

    def add(self, key: int, line: int, number: int, start: int, end: int) -> None:
        self.key.append(key)
        self.line.append(line)
        self.place.append(number << 32 | start)
        self.length.append(end - start)


class Chosen:
    """The passages that are asked for. Iterating reads the documents again, each time with the same result."""

    def __init__(
        self,
        documents: Mapping[str, Path],
        cells: Mapping[Cell, _Candidates],
        total: int | None,
        left_out: Counter[str],
    ) -> None:
        self._documents = documents
        self._cells, self._candidates = list(cells), list(cells.values())
        different = _different(self._candidates)
        self.supply = Counter({cell: len(rows) for cell, rows in zip(self._cells, different, strict=True)})
        """Different passages in the documents."""
        self.asked = Counter(shares(self.supply, total))
        """Those of them that are asked for."""
        self.left_out = left_out
        """Sentences, and passages of open quotations, that are none to ask for, by reason (`cut.REASONS`)."""
        self._cell, self._row = _spread(
            [rows[: self.asked[cell]] for cell, rows in zip(self._cells, different, strict=True)]
        )

    def __len__(self) -> int:
        return len(self._row)

    def __iter__(self) -> Iterator[Passage]:
        files = {path: open_binary(path) for path in {self._documents[cell.direction[0]] for cell in self._cells}}
        try:
            for at, row in zip(self._cell.tolist(), self._row.tolist(), strict=True):
                cell, rows = self._cells[at], self._candidates[at]
                stream = files[self._documents[cell.direction[0]]]
                stream.seek(rows.line[row])
                yield _passage(cell, rows, row, json.loads(stream.readline()))
        finally:
            for stream in files.values():
                stream.close()


def passages(documents: Mapping[str, Path], settings: SynthesizeSettings, directions: Sequence[Direction]) -> Chosen:
    """The passages to ask for. `documents`: language -> JSON Lines, unpacked, in the form that curation writes."""
    cells: dict[Cell, _Candidates] = {}
    left_out: Counter[str] = Counter()
    for language in dict.fromkeys(src for src, _ in directions):
        if language not in documents:
            raise RecipeError(f"no documents in '{language}'", where="synthesize.directions", do="curate some")
        targets = [tgt for src, tgt in directions if src == language]
        _scan(documents[language], language, targets, settings.sentences, cells, left_out)
    return Chosen(documents, {cell: cells[cell] for cell in sorted(cells)}, settings.passages, left_out)


def _scan(
    path: Path,
    language: str,
    targets: Sequence[str],
    bounds: tuple[int, int],
    cells: dict[Cell, _Candidates],
    left_out: Counter[str],
) -> None:
    """Enter the passages of one file."""
    for at, document in _lines(path):
        text = document["text"]
        for piece in cut(text, language, bounds, left_out):
            words = " ".join(text[piece.start : piece.end].split())
            for target in targets:
                key = xxhash.xxh3_64_intdigest(f"{language}\x1f{target}\x1f{words.casefold()}".encode())
                cell = Cell((language, target), document.get("source", ""), piece.sentences)
                cells.setdefault(cell, _Candidates()).add(key, at, piece.number, piece.start, piece.end)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each document and where its line begins."""
    at = 0
    with open_binary(path) as stream:
        for number, raw in enumerate(stream, start=1):
            yield at, json.loads(decode_line(raw, path, number))
            at += len(raw)


def _different(candidates: Sequence[_Candidates]) -> list[Integers]:
    """Of each cell the rows whose key no row before has, in this cell or an earlier one; smallest key first."""
    if not candidates:
        return []
    keys = np.concatenate([np.frombuffer(one.key, np.uint64) for one in candidates])
    _, first = np.unique(keys, return_index=True)
    bounds = np.cumsum([0, *(len(one.key) for one in candidates)])
    cells = np.searchsorted(bounds, first, side="right") - 1
    by_cell = first[np.argsort(cells, kind="stable")]
    parts = np.split(by_cell, np.searchsorted(np.sort(cells), np.arange(1, len(candidates))))
    return [rows - start for rows, start in zip(parts, bounds.tolist(), strict=False)]  # one bound more


def _spread(rows: Sequence[Integers]) -> tuple[Integers, Integers]:
    """(cell, row) of every passage. Those of a cell are spread evenly over the whole."""
    cells = np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    if not len(cells):
        return cells, cells
    places = np.concatenate([(np.arange(len(one)) + 0.5) / max(len(one), 1) for one in rows])
    order = np.lexsort((cells, places))
    return cells[order], np.concatenate(rows)[order]


def _passage(cell: Cell, rows: _Candidates, row: int, document: Mapping[str, Any]) -> Passage:
    number, start = divmod(rows.place[row], 1 << 32)
    text = document["text"]
    return Passage.of(
        source=cell.source,
        document=digest_bytes(text.encode()),
        place=number,
        src=cell.direction[0],
        tgt=cell.direction[1],
        text=" ".join(text[start : start + rows.length[row]].split()),
        sentences=cell.sentences,
    )


def shares(supply: Mapping[Cell, int], total: int | None) -> dict[Cell, int]:
    """How many of each cell: equal parts for the directions, in each for its sources, in each for the lengths.

    What a part cannot give, because it has not so many, the others give. `total` None: all there is.
    """
    quotas = dict(supply)
    if total is None:
        return quotas
    _divide(list(supply), 0, total, quotas)
    return quotas


def _divide(cells: Sequence[Cell], level: int, total: int, quotas: dict[Cell, int]) -> None:
    """Give the cells `total` together, in equal parts by what they are called at this level of their names."""
    if level == len(Cell._fields):
        quotas[cells[0]] = total
        return
    groups: dict[Any, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell[level], []).append(cell)
    parts = level_shares([sum(quotas[cell] for cell in group) for group in groups.values()], total)
    for group, part in zip(groups.values(), parts, strict=True):
        _divide(group, level + 1, part, quotas)


def level_shares(supply: Sequence[int], total: int) -> list[int]:
    """Parts of `total` as equal as the supply allows: [2, 9, 9] of 15 are [2, 7, 6]."""
    parts, left = [0] * len(supply), min(total, sum(supply))
    open_parts = sorted(range(len(supply)), key=lambda i: (supply[i], i))
    for done, i in enumerate(open_parts):
        parts[i] = min(supply[i], left // (len(supply) - done))
        left -= parts[i]
    return parts
