"""The curate stage: raw monolingual documents in, clean ones out, every lost one accounted for.

    data.mono:  web.jsonl (de), crawl/**/*.warc.gz (de), news.txt.xz (en)
    out/        documents.de.jsonl   {"text": "Es war einmal ...", "source": "books"}
                documents.en.jsonl
                samples.jsonl        {"kept": false, "reason": "too_short", "source": "web", "language": "de", ...}

Three steps: workers clean the shards of the sources, each for itself (`shard.py`); copies and repeated lines are found
over all shards of a language (`resolve.py`); what survived is written in the order of the sources (`assemble.py`).
The output is the same to the byte for every engine and number of workers, and after a kill: finished shards are kept.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from dragoman.corpus.curate.assemble import Assembly, Reader
from dragoman.corpus.curate.resolve import drop_copies, find_repeated_lines, interleaved, keep_budget, load_pool
from dragoman.corpus.curate.shard import CurateShard, ShardFiles, Task, compared_lines, load_account
from dragoman.corpus.engine import run_tasks
from dragoman.corpus.funnel import Funnel
from dragoman.corpus.lid import checkable
from dragoman.corpus.rules import ORDER
from dragoman.corpus.sources import Shard, plan_shards
from dragoman.errors import DataError
from dragoman.io import read_json, write_json, write_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

ENOUGH_TO_TELL = 1000  # so many unreadable documents may end a run before all is read


def curate(
    settings: CurateSettings, data: DataSettings, out: Path, log: RunLog, *, all_languages: bool = True
) -> dict[str, Any]:
    """Write the clean documents and samples of `data.mono` to `out`; the result holds the funnel and the counts.

    Raises `DataError` when no document survives (`all_languages`: none of a language that has sources), or too much
    is unreadable.
    """
    root = Path(data.root).expanduser()
    languages = sorted({source.language for source in data.mono})
    work = CurateShard(
        settings,
        data.mono,
        tuple(root / name for name in settings.pattern_files),
        checkable(languages, log) if languages else frozenset(),
        out / "shards",
    )
    for language in languages:
        work.cleaner(language)  # a list that cannot be read is an error now, not in a worker
    tasks = _clean(work, _planned(data.mono, root, work.folder), log)
    funnel, documents = Funnel(ORDER), dict[str, int]()
    for language in languages:
        mine = [task for task in tasks if data.mono[task[0]].language == language]
        documents[language] = _bring_together(work, mine, language, out, funnel)
        _warn_of_faults(funnel, language, settings, log)
    empty = [language for language in languages if documents[language] == 0]
    if empty and (all_languages or len(empty) == len(languages)):
        what = f"no '{empty[0]}' document survived curation: {funnel.line()}"
        raise DataError(what, do="loosen `curate:` or check the sources")
    if data.mono:
        write_jsonl(out / "samples.jsonl", funnel.samples())
        log.say(f"curate: {funnel.line()}")
    shutil.rmtree(work.folder, ignore_errors=True)
    return {"funnel": funnel.as_dict(), "documents": documents}


def _planned(sources: Sequence[MonoSource], root: Path, folder: Path) -> list[Task]:
    """The shards of all sources. The plan is kept: what a hub holds or a folder lists may change before a resume."""
    path = folder / "plan.json"
    if path.exists():
        return [Task(number, Shard.from_json(row)) for number, row in read_json(path)]
    tasks = [Task(number, shard) for number, source in enumerate(sources) for shard in plan_shards(source, root)]
    if tasks:
        write_json(path, [(number, shard.to_json()) for number, shard in tasks])
    return tasks


def _clean(work: CurateShard, tasks: list[Task], log: RunLog) -> list[Task]:
    """Clean every shard that is not done; the result is the shards that count, all but those beyond a budget."""
    progress = _Progress(work, tasks)
    waiting = progress.waiting()
    if not waiting:
        return progress.counted()
    total = float(sum(max(shard.size, 1) for _, shard in waiting))
    with log.progress("curate", total=total, unit="bytes") as advance:
        results = run_tasks(work, waiting, engine=work.settings.engine, workers=work.settings.workers, log=log)
        with contextlib.closing(results):
            for index, result in results:
                progress.enter(waiting[index], result)
                advance(float(max(result["bytes"], 1)))
                if progress.enough():
                    break
    return progress.counted()


class _Progress:
    """What the finished shards have given, and whether a budget is met."""

    def __init__(self, work: CurateShard, tasks: list[Task]) -> None:
        self.work, self.tasks = work, tasks
        self.results: dict[tuple[int, int], dict[str, int]] = {}
        self.bad: dict[int, tuple[int, int]] = {}  # documents of a source: unreadable, all
        self.budgets = {
            source.language: work.settings.for_language(source.language).budget_chars for source in work.sources
        }
        for number, shard in tasks:
            files = self.files(number, shard)
            if files.done():
                self.enter(Task(number, shard), load_account(files)[0])

    def files(self, number: int, shard: Shard) -> ShardFiles:
        return ShardFiles.of(self.work.folder, number, shard)

    def waiting(self) -> list[Task]:
        """What is to be done: sources in turn by their weights, large shards of equal turn first."""
        if self.enough():
            return []
        turns = dict[int, float]()
        order: list[tuple[float, int, Task]] = []
        for number, shard in self.tasks:
            turn = turns.get(number, 0.0)
            order.append((turn, number, Task(number, shard)))
            turns[number] = turn + max(shard.size, 1) / self.work.sources[number].weight
        return [task for _, _, task in sorted(order, key=lambda row: row[:2]) if self._key(task) not in self.results]

    def _key(self, task: Task) -> tuple[int, int]:
        return task[0], task[1].number

    def enter(self, task: Task, result: dict[str, int]) -> None:
        """A shard is done. Raises `DataError` where so much of a source is unreadable that the recipe must be wrong."""
        self.results[self._key(task)] = result
        unreadable, read = self.bad.get(task[0], (0, 0))
        unreadable, read = self.bad[task[0]] = unreadable + result["unreadable"], read + result["read"]
        if unreadable >= ENOUGH_TO_TELL:
            refuse_unreadable(self.work.sources[task[0]].name, unreadable, read, self.work.settings)

    def _needed(self, number: int) -> int:
        """How many shards of a source, from its first, hold its share of the budget; all of them without a budget."""
        source = self.work.sources[number]
        budget = self.budgets[source.language]
        shards = [shard for other, shard in self.tasks if other == number]
        if budget is None:
            return len(shards)
        weights = [other.weight for other in self.work.sources if other.language == source.language]
        share, chars = budget * source.weight / sum(weights), 0
        for place, shard in enumerate(shards):
            found = self.results.get((number, shard.number))
            if chars >= share or found is None:
                return place if chars >= share else len(shards)
            chars += found["chars"]
        return len(shards)

    def enough(self) -> bool:
        """Whether every source has given what is asked of it."""
        if not any(self.budgets.values()):  # asked after every shard, of which there may be many
            return len(self.results) == len(self.tasks)
        return all((number, shard.number) in self.results for number, shard in self.counted())

    def counted(self) -> list[Task]:
        """The shards that count."""
        needed = {number: self._needed(number) for number in {number for number, _ in self.tasks}}
        return [Task(number, shard) for number, shard in self.tasks if shard.number < needed[number]]


def _bring_together(work: CurateShard, tasks: list[Task], language: str, out: Path, funnel: Funnel) -> int:
    """Drop copies, cut repeated lines and write one language; returns the number of documents."""
    numbers = [number for number, source in enumerate(work.sources) if source.language == language]
    files = [ShardFiles.of(work.folder, number, shard) for number, shard in tasks]
    for one in files:
        funnel.merge(load_account(one)[1])
    settings = work.settings.for_language(language)
    pool = load_pool(files, [numbers.index(number) for number, _ in tasks])
    drop_copies(pool, settings, work.folder / f"signatures.{language}")
    assembly = Assembly(
        pool, [work.sources[number].name for number in numbers], language, work.cleaner(language), funnel
    )
    with Reader(pool) as reader:
        lost = find_repeated_lines(pool, settings, work.folder / f"lines.{language}")
        assembly.cut_lines(reader, lost, partial(compared_lines, least=settings.repeated_line_min_chars))
        order = interleaved(pool, [work.sources[number].weight for number in numbers])
        order = keep_budget(pool, order, settings.budget_chars)
        assembly.discard(reader)
        return assembly.write(reader, order, out / f"documents.{language}.jsonl")


def refuse_unreadable(source: str, unreadable: int, read: int, settings: CurateSettings) -> None:
    """Raise `DataError` where more of a source is unreadable than the recipe allows."""
    if unreadable > settings.max_bad_share * read:
        raise DataError(
            f"{unreadable:,} of {read:,} documents of '{source}' are unreadable",
            do=f"check its format and fields, or raise curate.max_bad_share ({settings.max_bad_share:g})",
        )


def _warn_of_faults(funnel: Funnel, language: str, settings: CurateSettings, log: RunLog) -> None:
    """Say what could not be read; stop where it was too much."""
    unreadable = dict[str, int]()
    for (source, found, reason), places in funnel.faults().items():
        if found != language:
            continue
        number = funnel.counts[source, language].dropped[reason]
        unreadable[source] = unreadable.get(source, 0) + number
        where, detail = places[0]
        log.say(f"curate: {number:,} x {reason} in '{source}', first {where}: {detail}")
    for source, number in unreadable.items():
        refuse_unreadable(source, number, funnel.counts[source, language].read, settings)
