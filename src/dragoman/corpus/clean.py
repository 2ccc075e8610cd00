"""The rules as one function of a batch: an Arrow table of raw documents in, an Arrow table of verdicts out.

    text                                  text                      reason        cut_furniture_chars ...
    'Startseite\\nKontakt\\n...'      ->    'Im Oktober ...'          null          412
    'Kontakt'                             'Kontakt'                 'too_short'   0

Repair, page furniture, lines in another language, masking, rules, language: the steps of `reference.clean_document`,
each for the whole batch at once. A row is one document, rows keep their order, columns that are not ours pass through.
The function knows nothing of files, shards or workers, and what it says of a document does not depend on the others:
a process pool, Ray (`map_batches(..., batch_format="pyarrow")`) and a test call it alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dragoman.corpus.block import Block, Flags, Places
from dragoman.corpus.lid import identify_indices, languages
from dragoman.corpus.mask import mask
from dragoman.corpus.measures import Measures
from dragoman.corpus.pages import furniture
from dragoman.corpus.phrases import Lists
from dragoman.corpus.repair import repair_all
from dragoman.corpus.rules import RULES, first_objections
from dragoman.recipe.corpus import CurateSettings

_NAMES = tuple(RULES)
MOST_FOREIGN = 0.5  # of the characters of a page


@dataclass(frozen=True)
class Cleaner:
    """The rules of one language: settings (already `for_language`), lists, and whether the language can be checked."""

    settings: CurateSettings
    lists: Lists
    language: str | None

    def __call__(self, table: pa.Table) -> pa.Table:
        """Column `text` cleaned; new are `reason` (null: kept), `chars_read`, `tokens_read`, `tokens` and `cut_*`."""
        cleaned = self.clean(table.column("text").to_pylist())
        table = table.set_column(
            table.schema.get_field_index("text"), "text", pa.array(cleaned.texts, type=pa.string())
        )
        for name, column in cleaned.columns().items():
            table = table.append_column(name, column)
        return table

    def clean(self, texts: Sequence[str]) -> Cleaned:
        """The same for a list of texts."""
        repaired = repair_all(texts)
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        result = Cleaned(repaired, lengths, repaired_block := Block(repaired))
        result.tokens_read = result.tokens = repaired_block.words_of
        result.record("repair", lengths - repaired_block.lengths, np.zeros_like(lengths))
        if self.settings.page_lines is not None:
            self._cut_lines(result, self.settings.page_lines)
        if self.settings.mask:
            self._mask(result)
        self._judge(result)
        return result

    def _cut_lines(self, result: Cleaned, page_lines: int) -> None:
        """Page furniture first, then what is left in another language."""
        block = result.block
        if not (np.bincount(block.lines.owner, minlength=len(block)) >= page_lines).any():
            return
        lines = pc.list_flatten(pc.split_pattern(pa.array(result.texts, type=pa.large_string()), "\n"))
        page = (np.bincount(block.lines.owner, minlength=len(block)) >= page_lines)[block.lines.owner]
        cut = furniture(block, self.lists.boilerplate(lines), page_lines)
        again = self._lines_again(block, lines, page & ~cut)
        foreign = self._foreign_lines(block, lines, page & ~cut & ~again)
        texts = _without_lines(result.texts, block, lines, cut | again | foreign)
        emptied = np.array([old != "" and new == "" for old, new in zip(result.texts, texts, strict=True)], dtype=bool)
        for name, flags in (("furniture", cut), ("again", again), ("foreign_line", foreign)):
            chosen = block.lines.where(flags)
            chars, tokens = _sums(block, chosen.owner, chosen.length + 1, _words_in(block, flags))
            last = emptied & (chars > 0)  # a text of n lines has n - 1 newlines
            result.record(name, chars - last, tokens)
            emptied &= ~last
            result.cut_texts[name] = _joined(lines, flags, block)
        result.replace(texts)

    def _lines_again(self, block: Block, lines: pa.Array, left: Flags) -> Flags:
        """Which of the longer lines that are left stand earlier in their page: teasers, captions, slides."""
        again = np.zeros(len(block.lines), dtype=bool)
        asked = np.flatnonzero(left & (block.lines.length >= self.settings.repeated_line_min_chars))
        if len(asked):
            same = pc.dictionary_encode(lines.take(pa.array(asked))).indices.to_numpy().astype(np.int64)
            keys = block.lines.owner[asked] * (same.max() + 1) + same
            order = np.argsort(keys, kind="stable")
            again[asked[order[1:]]] = keys[order[1:]] == keys[order[:-1]]
        return again

    def _foreign_lines(self, block: Block, lines: pa.Array, left: Flags) -> Flags:
        """Which of the lines that are left in pages are surely in another language.

        Where these are most of the page it stays whole, for the language rule to judge: what is left would be scraps.
        """
        foreign = np.zeros(len(block.lines), dtype=bool)
        least = self.settings.foreign_line_min_chars
        if self.language is None or least is None:
            return foreign
        asked = np.flatnonzero(left & (block.lines.length >= least))
        found, probability = identify_indices(lines.take(pa.array(asked)).to_pylist())
        other = (found >= 0) & (found != _index(self.language))
        foreign[asked] = other & (probability >= np.float32(self.settings.foreign_line_threshold))
        owner, length = block.lines.owner, block.lines.length
        strange, all_left = (
            np.bincount(owner[some], weights=length[some], minlength=len(block)) for some in (foreign, left)
        )
        return foreign & (strange <= MOST_FOREIGN * all_left)[owner]

    def _mask(self, result: Cleaned) -> None:
        texts = [mask(text, self.settings.mask)[0] for text in result.texts]
        before = result.block
        if any(new is not old for new, old in zip(texts, result.texts, strict=True)):
            result.replace(texts)
            result.record("mask", before.lengths - result.block.lengths, before.words_of - result.block.words_of)

    def _judge(self, result: Cleaned) -> None:
        measures = Measures(result.block, self.settings, self.lists)
        result.tokens = result.block.words_of
        verdicts = first_objections(measures, self.settings)
        result.reasons = [_NAMES[number] if number >= 0 else None for number in verdicts.tolist()]
        if self.language is None:
            return
        asked = np.flatnonzero((verdicts < 0) & (result.block.lengths >= self.settings.language_min_chars))
        found, probability = identify_indices([result.texts[i] for i in asked.tolist()])
        wrong = (found != _index(self.language)) | (probability < np.float32(self.settings.language_threshold))
        for i in asked[wrong].tolist():
            result.reasons[i] = "wrong_language"


@dataclass
class Cleaned:
    """A batch on its way: its texts as they stand, their arrays, and the account of what was cut."""

    texts: list[str]
    chars_read: Places
    block: Block
    tokens_read: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tokens: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    cuts: dict[str, tuple[Places, Places]] = field(default_factory=dict)
    cut_texts: dict[str, list[str]] = field(default_factory=dict)
    reasons: list[str | None] = field(default_factory=list)

    def record(self, what: str, chars: Places, tokens: Places) -> None:
        """Enter what a step took from each text."""
        if chars.any() or tokens.any():
            self.cuts[what] = (chars, tokens)

    def replace(self, texts: list[str]) -> None:
        """Go on with other texts."""
        self.texts, self.block = texts, Block(texts)

    def columns(self) -> dict[str, pa.Array]:
        """What is known of each document, as columns."""
        columns: dict[str, Any] = {
            "reason": pa.array(self.reasons, type=pa.string()),
            "chars_read": pa.array(self.chars_read),
            "tokens_read": pa.array(self.tokens_read),
            "tokens": pa.array(self.tokens),
        }
        for what, (chars, tokens) in self.cuts.items():
            columns[f"cut_{what}_chars"], columns[f"cut_{what}_tokens"] = pa.array(chars), pa.array(tokens)
        return columns


def _index(language: str) -> int:
    return languages().index(language)


def _sums(block: Block, owner: Places, *columns: Places) -> list[Places]:
    return [np.bincount(owner, weights=column, minlength=len(block)).astype(np.int64) for column in columns]


def _words_in(block: Block, lines: Flags) -> Places:
    """Words of each chosen line."""
    spans, starts = block.lines.where(lines), block.words.start
    counts: Places = np.searchsorted(starts, spans.end) - np.searchsorted(starts, spans.start)
    return counts


def _without_lines(texts: Sequence[str], block: Block, lines: pa.Array, cut: Flags) -> list[str]:
    """The texts without the lines that are cut; a text that loses none stays the object it was."""
    touched = np.bincount(block.lines.owner, weights=cut, minlength=len(block)) > 0
    parts = iter(_joined(lines, ~cut, block, touched))
    return [next(parts) if change else text for text, change in zip(texts, touched.tolist(), strict=True)]


def _joined(lines: pa.Array, chosen: Flags, block: Block, texts: Flags | None = None) -> list[str]:
    """The chosen lines of each text, as texts; of `texts`, or of those with any."""
    counts = np.bincount(block.lines.owner, weights=chosen, minlength=len(block)).astype(np.int64)
    texts = counts > 0 if texts is None else texts
    rows = lines.filter(pa.array(chosen & texts[block.lines.owner])).to_pylist()
    ends = accumulate(counts[texts].tolist())
    return ["\n".join(rows[end - count : end]) for end, count in zip(ends, counts[texts].tolist(), strict=True)]
