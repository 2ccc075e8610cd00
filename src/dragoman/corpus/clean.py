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
from typing import Any

import numpy as np
import pyarrow as pa

from dragoman.corpus.block import Block, Flags, Places, Runs, Spans, mix
from dragoman.corpus.characters import Codes
from dragoman.corpus.lid import LOOK_CHARS, identify_codes, languages
from dragoman.corpus.mask import mask
from dragoman.corpus.measures import Measures
from dragoman.corpus.pages import furniture
from dragoman.corpus.phrases import Found, Lists
from dragoman.corpus.repair import repair_block
from dragoman.corpus.rules import RULES, first_objections
from dragoman.recipe.corpus import CurateSettings

_NAMES = tuple(RULES)
MOST_FOREIGN = 0.5  # of the characters of a page
LINE_LOOK = 250  # characters of a line that show its language: at 200 no German or English line was taken for another
SURE = 0.9  # so probable by its first LINE_LOOK characters a text needs no longer look
CUTS = ("repair", "furniture", "again", "foreign_line", "mask")
SAMPLED = 8  # of so many texts one shows what was cut out of it
MOST_TEXTS = 1 << 16  # in one batch: some keys have 16 bits for the number of the text


@dataclass(frozen=True)
class Cleaner:
    """The rules of one language: settings (already `for_language`), lists, and whether the language can be checked."""

    settings: CurateSettings
    lists: Lists
    language: str | None

    def __call__(self, table: pa.Table) -> pa.Table:
        """Column `text` cleaned; new are `reason` (null: kept), `chars_read`, `tokens_read`, `tokens` and `cut_*`."""
        if len(table) > MOST_TEXTS:
            return pa.concat_tables([self(table.slice(at, MOST_TEXTS)) for at in range(0, len(table), MOST_TEXTS)])
        cleaned = self.clean(table.column("text").to_pylist())
        table = table.set_column(
            table.schema.get_field_index("text"), "text", pa.array(cleaned.texts, type=pa.string())
        )
        for name, column in cleaned.columns().items():
            table = table.append_column(name, column)
        return table

    def clean(self, texts: Sequence[str]) -> Cleaned:
        """The same for a list of at most `MOST_TEXTS` texts."""
        if len(texts) > MOST_TEXTS:
            raise ValueError(f"at most {MOST_TEXTS:,} texts at once, not {len(texts):,}")
        raw = Block(texts)
        result = Cleaned(raw.lengths, repair_block(raw))
        result.record("repair", raw.lengths - result.block.lengths, np.zeros_like(raw.lengths))
        lines = result.block.lines
        result.tokens_read = _sums(result.block, lines.owner, result.block.line_words)[0]
        if self.settings.page_lines is not None:
            self._cut_lines(result, self.settings.page_lines)
        if self.settings.mask:
            self._mask(result)
        self._judge(result)
        return result

    def _cut_lines(self, result: Cleaned, page_lines: int) -> None:
        """Page furniture, then lines that stand twice, then lines in another language."""
        block = result.block
        page = (np.bincount(block.lines.owner, minlength=len(block)) >= page_lines)[block.lines.owner]
        if not page.any():
            return
        hits = self.lists.find(block)
        cut = furniture(block, hits.boilerplate(block), page_lines)
        again = self._lines_again(block, page & ~cut)
        foreign = self._foreign_lines(block, page & ~cut & ~again)
        gone = cut | again | foreign
        left = block.without_lines(gone)
        emptied = (left.lengths == 0) & (block.lengths > 0)
        for name, flags in (("furniture", cut), ("again", again), ("foreign_line", foreign)):
            chosen = np.flatnonzero(flags)
            spans = block.lines.where(chosen)
            chars, tokens = _sums(block, spans.owner, spans.length + 1, block.line_words[chosen])
            last = emptied & (chars > 0)  # a text of n lines has n - 1 newlines
            result.record(name, chars - last, tokens)
            emptied &= ~last
            result.cut_texts[name] = _some_texts(block, spans)
        result.found = Found.of(hits.outside(block, gone), block, left.texts, self.settings.head_chars)
        result.block = left

    def _lines_again(self, block: Block, left: Flags) -> Flags:
        """Which of the longer lines that are left stand earlier in their page: teasers, captions, slides."""
        again = np.zeros(len(block.lines), dtype=bool)
        asked = np.flatnonzero(left & (block.lines.length >= self.settings.repeated_line_min_chars))
        asked = asked[_may_be_alike(block, block.lines.where(asked))]
        spans = block.lines.where(asked)
        joined, seen = block.joined, set[tuple[int, str]]()
        columns = (asked, spans.owner, spans.start, spans.end)
        for line, owner, start, end in zip(*(column.tolist() for column in columns), strict=True):
            text = joined[start:end]
            again[line] = (owner, text) in seen
            seen.add((owner, text))
        return again

    def _foreign_lines(self, block: Block, left: Flags) -> Flags:
        """Which of the lines that are left in pages are surely in another language.

        Where these are most of the page it stays whole, for the language rule to judge: what is left would be scraps.
        """
        foreign = np.zeros(len(block.lines), dtype=bool)
        least = self.settings.foreign_line_min_chars
        if self.language is None or least is None:
            return foreign
        asked = np.flatnonzero(left & (block.lines.length >= least))
        found, probability = identify_codes(*_heads(block, block.lines.where(asked), LINE_LOOK))
        other = (found >= 0) & (found != _index(self.language))
        foreign[asked] = other & (probability >= np.float32(self.settings.foreign_line_threshold))
        owner, length = block.lines.owner, block.lines.length
        strange, all_left = (
            np.bincount(owner[some], weights=length[some], minlength=len(block)) for some in (foreign, left)
        )
        return foreign & (strange <= MOST_FOREIGN * all_left)[owner]

    def _mask(self, result: Cleaned) -> None:
        before = result.block
        masked = {i: mask(text, self.settings.mask)[0] for i, text in enumerate(before.texts)}
        changes = {i: text for i, text in masked.items() if text is not before.texts[i]}
        if changes:
            result.block = before.replaced(changes)
            result.record("mask", before.lengths - result.block.lengths, before.words_of - result.block.words_of)
            result.found = None

    def _judge(self, result: Cleaned) -> None:
        block = result.block
        if result.found is None:
            result.found = self.lists.found_in(block, self.settings.head_chars)
        verdicts = first_objections(Measures(block, self.settings, self.lists, result.found), self.settings)
        result.tokens = block.words_of
        result.reasons = [_NAMES[number] if number >= 0 else None for number in verdicts.tolist()]
        if self.language is None:
            return
        least = self.settings.language_threshold
        asked = np.flatnonzero((verdicts < 0) & (block.lengths >= self.settings.language_min_chars))
        for look, threshold in ((LINE_LOOK, max(SURE, least)), (LOOK_CHARS, least)):
            found, probability = identify_codes(*_heads(block, block.whole.where(asked), look))
            asked = asked[(found != _index(self.language)) | (probability < np.float32(threshold))]
        for i in asked.tolist():
            result.reasons[i] = "wrong_language"


@dataclass
class Cleaned:
    """A batch on its way: its texts as they stand, with their arrays, and the account of what was cut."""

    chars_read: Places
    block: Block
    found: Found | None = None
    tokens_read: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    tokens: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    cuts: dict[str, tuple[Places, Places]] = field(default_factory=dict)
    cut_texts: dict[str, list[str]] = field(default_factory=dict)
    reasons: list[str | None] = field(default_factory=list)

    @property
    def texts(self) -> Sequence[str]:
        """The texts as they stand."""
        return self.block.texts

    def record(self, what: str, chars: Places, tokens: Places) -> None:
        """Enter what a step took from each text."""
        if chars.any() or tokens.any():
            self.cuts[what] = (chars, tokens)

    def columns(self) -> dict[str, pa.Array]:
        """What is known of each document, as columns."""
        columns: dict[str, Any] = {
            "reason": pa.array(self.reasons, type=pa.string()),
            "chars_read": pa.array(self.chars_read),
            "tokens_read": pa.array(self.tokens_read),
            "tokens": pa.array(self.tokens),
        }
        nothing = np.zeros(len(self.texts), dtype=np.int64), np.zeros(len(self.texts), dtype=np.int64)
        for what in CUTS:  # all of them, so that every batch has the same schema
            chars, tokens = self.cuts.get(what, nothing)
            columns[f"cut_{what}_chars"], columns[f"cut_{what}_tokens"] = pa.array(chars), pa.array(tokens)
        return columns


def _index(language: str) -> int:
    return languages().index(language)


def _sums(block: Block, owner: Places, *columns: Places) -> list[Places]:
    return [np.bincount(owner, weights=column, minlength=len(block)).astype(np.int64) for column in columns]


def _may_be_alike(block: Block, spans: Spans) -> Flags:
    """Which pieces share text, length, first and middle character with another: few do, and only these can be equal."""
    first, middle = (block.codes[place].astype(np.uint64) for place in (spans.start, (spans.start + spans.end) // 2))
    keys = mix(first | middle << np.uint64(21) | spans.owner.astype(np.uint64) << np.uint64(42)) + spans.length.astype(
        np.uint64
    )
    order = np.argsort(keys)
    same = keys[order][1:] == keys[order][:-1]
    alike = np.zeros(len(spans), dtype=bool)
    alike[order[1:][same]] = alike[order[:-1][same]] = True
    return alike


def _heads(block: Block, spans: Spans, most: int) -> tuple[Codes, Places]:
    """The heads of some lines or texts as language identification takes them: code points, a blank or a newline after
    each; and lengths."""
    lengths = np.minimum(spans.length, most)
    end = spans.start + lengths
    after = np.where(end == spans.end, end, block.bounds[-1] - 1)  # what ends a line or a text, or else any newline
    runs = Runs.of(np.stack((spans.start, after), axis=1).ravel(), np.stack((end, after + 1), axis=1).ravel())
    return runs.copied(block.codes), lengths


def _some_texts(block: Block, spans: Spans) -> list[str]:
    """What the pieces are, for one text in SAMPLED (by its length, so that every batch chooses alike)."""
    chosen = spans.where(block.lengths[spans.owner] % SAMPLED == 0)
    texts: dict[int, list[str]] = {}
    for owner, start, end in zip(chosen.owner.tolist(), chosen.start.tolist(), chosen.end.tolist(), strict=True):
        texts.setdefault(owner, []).append(block.joined[start:end])
    return ["\n".join(lines) for lines in texts.values()]
