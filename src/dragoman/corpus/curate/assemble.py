"""The documents that survived, written in their order; those that did not, entered in the account."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np
import orjson

from dragoman.corpus.block import Block, Flags, Places
from dragoman.corpus.clean import Cleaner
from dragoman.corpus.curate.resolve import KEPT, VERDICTS, Pool
from dragoman.corpus.curate.shard import line_of
from dragoman.corpus.funnel import Funnel
from dragoman.corpus.measures import Measures
from dragoman.corpus.rules import RULES, first_objections
from dragoman.io import atomic_writer

_AT_ONCE = 500
MOST_OPEN = 100  # files
_BLANK_LINES = re.compile("\n{3,}")


class Reader:
    """Documents of the pool by their places. Read, not mapped: mapped pages would count as memory of this process."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._bounds = [files.load_rows()["at"] for files in pool.files]
        self._open: dict[int, io.FileIO] = {}  # those used last come last

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._open.values():
            one.close()

    def rows(self, first: int, last: int) -> bytes:
        """Documents that follow each other in a shard, as the worker wrote them."""
        shard, pool = int(self.pool.shard[first]), self.pool
        start, end = (int(self._bounds[shard][row]) for row in (pool.row[first], pool.row[last] + 1))
        return os.pread(self._documents(shard).fileno(), end - start, start)

    def _documents(self, shard: int) -> io.FileIO:
        """The file of a shard's documents; there may be thousands of shards, and only so many open files."""
        stream = self._open.pop(shard, None)
        if stream is None:
            if len(self._open) >= MOST_OPEN:
                self._open.pop(next(iter(self._open))).close()
            stream = io.FileIO(self.pool.files[shard].documents)
        self._open[shard] = stream
        return stream

    def text(self, place: int) -> str:
        """Its text."""
        text: str = orjson.loads(self.rows(place, place))["text"]
        return text


class Assembly:
    """The last step for one language: `names` are its sources, `funnel` holds what the workers counted."""

    def __init__(self, pool: Pool, names: list[str], language: str, cleaner: Cleaner, funnel: Funnel) -> None:
        self.pool, self.names, self.language, self.cleaner, self.funnel = pool, names, language, cleaner, funnel
        self.changed: dict[int, str] = {}

    def cut_lines(self, reader: Reader, lost: dict[int, Flags], lines_of: Callable[[str], Iterator[str]]) -> None:
        """Take the repeated lines out of their documents, and judge what is left by the rules."""
        places = sorted(lost)
        for start in range(0, len(places), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            before = [reader.text(place) for place in some]
            after = [_without(text, lost[place], lines_of) for place, text in zip(some, before, strict=True)]
            block = Block(after)
            verdicts = first_objections(
                Measures(block, self.cleaner.settings, self.cleaner.lists), self.cleaner.settings
            )
            tokens = block.words_of
            for i, place in enumerate(some):
                self._trim(place, before[i], after[i], int(tokens[i]), int(verdicts[i]))

    def _trim(self, place: int, before: str, after: str, tokens: int, verdict: int) -> None:
        source = self.names[int(self.pool.source[place])]
        left = set(after.split("\n"))
        gone = [line for line in before.split("\n") if line not in left]
        self.funnel.trim(
            source,
            self.language,
            {"text": before},
            {"text": after},
            "repeated_line",
            tokens=int(self.pool.columns["tokens"][place]) - tokens,
            removed="\n".join(gone),
        )
        self.pool.columns["tokens"][place], self.pool.columns["chars"][place] = tokens, len(after)
        self.changed[place] = after
        if verdict >= 0:
            self.pool.verdict[place] = len(VERDICTS)  # dropped, by a rule of its own
            self.funnel.discard(source, self.language, {"text": after}, tuple(RULES)[verdict], tokens=tokens)

    def discard(self, reader: Reader) -> None:
        """Enter the documents that were dropped as copies or over the budget."""
        for place in np.flatnonzero((self.pool.verdict != KEPT) & (self.pool.verdict < len(VERDICTS))).tolist():
            reason = VERDICTS[int(self.pool.verdict[place])]
            text = self.changed[place] if place in self.changed else reader.text(place)
            source = self.names[int(self.pool.source[place])]
            tokens = int(self.pool.columns["tokens"][place])
            self.funnel.discard(source, self.language, {"text": text}, str(reason), tokens=tokens)

    def write(self, reader: Reader, order: Places, path: Path) -> int:
        """Write the documents at `order`; returns how many."""
        with atomic_writer(path) as stream:
            for run in self._runs(order):
                text = self.changed.get(int(run[0]))
                source = self.names[int(self.pool.source[run[0]])]
                stream.write(reader.rows(int(run[0]), int(run[-1])) if text is None else line_of(text, source))
        return len(order)

    def _runs(self, order: Places) -> list[Places]:
        """`order` in pieces that lie one behind the other in a shard; a document that was changed is its own."""
        pool = self.pool
        breaks = (np.diff(pool.row[order]) != 1) | (np.diff(pool.shard[order]) != 0)
        if self.changed:
            changed = np.isin(order, list(self.changed))
            breaks |= changed[1:] | changed[:-1]
        return np.split(order, np.flatnonzero(breaks) + 1) if len(order) else []


def _without(text: str, gone: Flags, lines_of: Callable[[str], Iterator[str]]) -> str:
    """`text` without the compared lines that are flagged, in the order in which they were compared."""
    flags = dict[str, list[bool]]()
    for line, flag in zip(lines_of(text), gone.tolist(), strict=True):
        flags.setdefault(line, []).append(flag)
    left = [line for line in text.split("\n") if not (line in flags and flags[line].pop(0))]
    return _BLANK_LINES.sub("\n\n", "\n".join(left)).strip("\n")
