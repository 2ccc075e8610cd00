"""Which languages a file says its documents are in, before they are read as sources of one language each.

{"text": "Es war einmal ...", "lang": "deu_Latn"}     ->     {"deu_Latn": 512, "eng_Latn": 498, "": 3}
"""

from __future__ import annotations

import contextlib
import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dragoman.corpus.engine import run_tasks
from dragoman.corpus.sources import Fault, Shard, plan_shards, read_shard
from dragoman.corpus.sources.plan import form
from dragoman.errors import DataError, RecipeError
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import MonoSource
from dragoman.runlog import RunLog

MOST_VALUES, VALUE_CHARS = 10_000, 40  # what is more or longer is no language
FIELDLESS = (".txt", ".warc", ".html")


@dataclass
class Census:
    """How often a field has each value, and how many documents do not say it, by reason; where the first one is."""

    values: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    first: Fault | None = None

    def add(self, texts: Iterable[str], faults: Sequence[Fault]) -> None:
        """Count some documents."""
        self.values.update(text[:VALUE_CHARS] for text in texts)
        self.unreadable.update(fault.reason for fault in faults)
        self.first = self.first or next(iter(faults), None)

    def merge(self, other: Census) -> None:
        """Take in another part of the same file."""
        self.values.update(other.values)
        self.unreadable.update(other.unreadable)
        self.first = self.first or other.first


def take_census(path: str, name: str, root: Path, running: CurateSettings, log: RunLog) -> Census:
    """What the field `name` says in the files that `path` names.

    Raises `DragomanError` for files without fields, a field that nothing has, and one that holds no languages.
    """
    source = MonoSource(name="languages", language="und", path=path, text_field=name)
    shards = plan_shards(source, root)
    for file in (file for shard in shards for file in shard.names):
        if form(file) in FIELDLESS:
            raise RecipeError(f"a {form(file)} file has no fields", where=file, do="give --language alone")
    census, work = Census(), functools.partial(_census_of, source)
    total = float(sum(max(shard.size, 1) for shard in shards))
    results = run_tasks(work, shards, engine=running.engine, workers=running.workers, log=log)
    with log.progress("languages", total=total, unit="bytes") as advance, contextlib.closing(results):
        for index, found in results:
            census.merge(found)
            if len(census.values) > MOST_VALUES:
                what = f"'{name}' holds more than {MOST_VALUES:,} different values"
                raise DataError(what, where="--language-field", do="name the field that holds the language")
            advance(float(max(shards[index].size, 1)))
    if not census.values and census.first is not None:
        raise DataError(f"no document names its language: {census.first.detail}", where=census.first.where)
    return census


def _census_of(source: MonoSource, shard: Shard) -> Census:
    """One shard, up to too many different values."""
    census = Census()
    for batch in read_shard(shard, source):
        census.add(batch.texts, batch.faults)
        if len(census.values) > MOST_VALUES:
            break
    return census


def count_once(account: dict[str, Any], name: str, languages: Sequence[str], unreadable: Mapping[str, int]) -> None:
    """Correct a funnel's JSON in place: `languages` are those of the sources `name`, and each has met `unreadable`.

    What a document that says no language was counted stays with the first of the languages.
    """
    sources = account["by_source"].get(name, {})
    for language, times in Counter(languages).items():
        for reason, documents in unreadable.items():
            extra = documents * (times - (language == min(languages)))
            for count in (sources[language], account["total"]):
                _take_out(count, reason, extra)
            for fault in account["faults"]:
                if (fault["source"], fault["language"], fault["reason"]) == (name, language, reason):
                    fault["documents"] -= extra
    account["faults"] = [fault for fault in account["faults"] if fault["documents"]]


def _take_out(count: dict[str, Any], reason: str, documents: int) -> None:
    count["read"] -= documents
    count["dropped"][reason] -= documents
    if not count["dropped"][reason]:
        for name in ("dropped", "chars_dropped", "tokens_dropped"):
            del count[name][reason]
