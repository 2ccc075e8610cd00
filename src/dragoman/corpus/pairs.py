"""The pairs stage: given pairs and clean documents in, training text out that shares nothing with the test sets.

    data.pairs: web (de, en), tatoeba (de, en)      data.dev, data.test: newstest2013, newstest2014
    out/        train.de train.en                   line i belongs to line i; shuffled, repeated as the recipe says
                dev.de dev.en  test.newstest2014.de test.newstest2014.en     as given, unchanged
                mono.de.jsonl  mono.en.jsonl        curated documents that hold no development or test text
                samples.jsonl                       kept and dropped pairs to look at

Development and test sets are never repaired, filtered or shortened: what is scored is what the recipe names. A pair
that the rules keep goes to disk once before the shuffle, twice more where a model scores it; memory holds one or two
hashes for each kept pair, the index of the development and test sets, and one batch.
"""

from __future__ import annotations

import contextlib
import heapq
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import xxhash

from dragoman.corpus.decontaminate import TestIndex
from dragoman.corpus.funnel import Funnel
from dragoman.corpus.lid import checkable
from dragoman.corpus.pair_rules import REASONS, Earlier, Pair, judge_pairs
from dragoman.corpus.pair_scores import Ranking, Score
from dragoman.corpus.repair import repair_all
from dragoman.corpus.shuffle import shuffled
from dragoman.corpus.sources import read_pairs
from dragoman.errors import DataError, RecipeError
from dragoman.io import atomic_writer, read_jsonl, write_jsonl
from dragoman.recipe.corpus import PairsSettings
from dragoman.recipe.data import DataSettings, PairSource
from dragoman.runlog import RunLog

BATCH_PAIRS = 2000
DEV_SHARE = 10  # at most one pair in so many becomes a development pair


def new_index(settings: PairsSettings) -> TestIndex:
    """An empty index with the recipe's thresholds."""
    return TestIndex(settings.ngram, settings.overlap, settings.document_min_words)


def judge_pair_batch(
    pairs: Sequence[Pair],
    settings: PairsSettings,
    languages: Pair,
    checked: Collection[str],
    earlier: Earlier,
    index: TestIndex,
) -> tuple[list[Pair], list[str | None]]:
    """Repaired pairs and one verdict each: the pair rules, then duplicates, then contaminated."""
    repaired = repair_pairs(pairs)
    verdicts = judge_pairs(repaired, settings, languages, checked)
    kept = [i for i, verdict in enumerate(verdicts) if verdict is None]
    for i, reason in zip(kept, earlier.judge([repaired[i] for i in kept]), strict=True):
        verdicts[i] = reason or ("contaminated" if contaminated(repaired[i], index) else None)
    return repaired, verdicts


def repair_pairs(pairs: Sequence[Pair]) -> list[Pair]:
    """Both sides of each pair repaired and on one line."""
    texts = repair_all([side for pair in pairs for side in pair])
    lines = [" ".join(text.split()) if "\n" in text else text for text in texts]
    return list(zip(lines[::2], lines[1::2], strict=True))


def contaminated(pair: Pair, index: TestIndex) -> bool:
    """Whether either side holds a development or test segment."""
    return any(index.holds_segment(side) for side in pair)


def dev_rank(pair: Pair) -> int:
    """The place of a pair in the queue for the development set: a hash of its text alone."""
    return xxhash.xxh3_64_intdigest("\x1f".join(("dev", *pair)).encode())


def write_parallel(paths: Sequence[Path], rows: Iterable[Sequence[str]]) -> int:
    """Write column i of `rows` to paths[i], one segment a line, all files atomically; returns the number of rows."""
    count = 0
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(atomic_writer(path)) for path in paths]
        for row in rows:
            for stream, text in zip(streams, row, strict=True):
                if "\n" in text:
                    raise ValueError(f"row {count + 1} for {paths[0]} holds a newline")
                stream.write(text.encode() + b"\n")
            count += 1
    return count


def read_held_out(sources: Iterable[PairSource], root: Path, languages: Pair) -> Iterator[Pair]:
    """Development or test pairs as they lie; an empty side is an error, because it would be scored."""
    for source in sources:
        number = 0
        for number, row in enumerate(read_pairs(source, root, languages), start=1):
            pair = (row[languages[0]], row[languages[1]])
            for language, text in zip(languages, pair, strict=True):
                if not text.strip():
                    raise DataError(
                        f"segment {number} of '{source.name}' is empty in '{language}'", do="correct the set"
                    )
            yield pair
        if number == 0:
            raise DataError(f"'{source.name}' holds no pairs", do="check the source")


class DevQueue:
    """Picks the pairs of lowest rank out of a stream: the development set, where the recipe names none."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self._heap: list[tuple[int, Pair]] = []  # negated ranks: the worst of the chosen stands on top

    def watch(self, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Pass rows on, remembering the best so far."""
        for row in rows:
            pair = (row["src"], row["tgt"])
            if len(self._heap) < self.wanted:
                heapq.heappush(self._heap, (-dev_rank(pair), pair))
            elif self.wanted:
                heapq.heappushpop(self._heap, (-dev_rank(pair), pair))
            yield row

    def chosen(self, total: int) -> list[Pair]:
        """The chosen pairs by rank, at most every tenth of `total` (but one, where there are two or more)."""
        most = min(self.wanted, max(total // DEV_SHARE, 1)) if total > 1 else 0
        return [pair for _, pair in sorted(self._heap, reverse=True)[:most]]


class _Build:
    """One run of the stage: what its steps share."""

    def __init__(self, settings: PairsSettings, data: DataSettings, languages: Pair, out: Path, log: RunLog) -> None:
        self.settings, self.data, self.languages, self.out, self.log = settings, data, languages, out, log
        self.root = Path(data.root).expanduser()
        self.index = new_index(settings)
        self.funnel, self.mono_funnel = Funnel(REASONS), Funnel()
        self.scores: dict[str, dict[str, Any]] = {}
        self.repeat = {source.name: source.repeat for source in data.pairs}
        self.sources: dict[str, dict[str, Any]] = {
            name: {"pairs": 0, "repeat": repeat, "chars": dict.fromkeys(languages, 0)}
            for name, repeat in self.repeat.items()
        }

    def paths(self, stem: str) -> list[Path]:
        return [self.out / f"{stem}.{language}" for language in self.languages]

    def write_held_out(self, stem: str, pairs: Iterable[Pair]) -> int:
        """Write development or test pairs as they are and, unless the recipe says otherwise, wall them off."""

        def walled() -> Iterator[Pair]:
            for pair in pairs:
                if self.settings.decontaminate:
                    self.index.add(pair)
                yield pair

        return write_parallel(self.paths(stem), walled())

    def count(self, source: str, pair: Pair, reason: str | None, score: float | None = None) -> None:
        """Enter one pair into the account, and a kept one into the sizes of its source."""
        row = dict(zip(self.languages, pair, strict=True))
        note = None if score is None else {"score": score}
        self.funnel.add(source, "-".join(self.languages), row, reason, note=note)
        if reason is None:
            size = self.sources[source]
            size["pairs"] += 1
            for language, text in row.items():
                size["chars"][language] += len(text)

    def clean(self) -> Iterator[dict[str, Any]]:
        """The pairs that pass rules, deduplication and the given wall, with their source; the others are counted."""
        checked, earlier = checkable(self.languages, self.log), Earlier(self.settings.near_duplicates)
        src, tgt = self.languages
        for source in self.data.pairs:
            rows = ((row[src], row[tgt]) for row in read_pairs(source, self.root, self.languages))
            with self.log.progress(f"pairs {source.name}", unit="pairs") as advance:
                while batch := list(islice(rows, BATCH_PAIRS)):
                    judged = judge_pair_batch(batch, self.settings, self.languages, checked, earlier, self.index)
                    for pair, reason in zip(*judged, strict=True):
                        if reason is None:
                            yield {"source": source.name, "src": pair[0], "tgt": pair[1]}
                        else:
                            self.count(source.name, pair, reason)
                    advance(len(batch))

    def best(self, score: Score, folder: Path) -> Iterator[dict[str, Any]]:
        """The clean pairs with their scores, without the worst of each source, which are counted."""
        ranking = Ranking(score, self.settings.score_keep)
        ranking.write(self.clean(), folder / "scored.jsonl")
        self.scores = ranking.summary()
        for row in ranking.read(folder / "scored.jsonl") if self.scores else ():
            if row.pop("keep"):
                yield row
            else:
                self.count(row["source"], (row["src"], row["tgt"]), "low_score", row["score"])

    def train_rows(self, clean: Path, dev: Sequence[Pair]) -> Iterator[tuple[Pair, int]]:
        """The clean pairs to train on with their number of copies, without the split-off ones and their like."""
        chosen, wall = set(dev), new_index(self.settings)
        for pair in dev if self.settings.decontaminate else ():
            wall.add(pair)
        for row in read_jsonl(clean):
            pair = (row["src"], row["tgt"])
            reason = "development" if pair in chosen else "contaminated" if contaminated(pair, wall) else None
            self.count(row["source"], pair, reason, row.get("score"))
            if reason is None:
                yield pair, self.repeat[row["source"]]

    def write_train(self, seed: int, score: Score | None) -> int:
        """Write train.*, and dev.* where it is split off; returns the number of pairs split off."""
        with tempfile.TemporaryDirectory(dir=self.out, prefix=".pairs-") as folder:
            clean = Path(folder) / "clean.jsonl"
            queue = DevQueue(0 if self.data.dev else self.settings.dev_pairs)
            rows = self.clean() if score is None else self.best(score, Path(folder))
            total = write_jsonl(clean, queue.watch(rows))
            dev = queue.chosen(total)
            if dev:
                self.write_held_out("dev", dev)
            if total:
                write_parallel(self.paths("train"), shuffled(self.train_rows(clean, dev), seed, Path(folder)))
        if self.funnel.total.kept == 0:
            raise DataError(
                f"no training pair survived: {self.funnel.line()}", do="loosen `pairs:` or check the sources"
            )
        return len(dev)

    def write_mono(self, curated: Path) -> None:
        """Copy the curated documents that hold no development or test text; no file where none is left."""
        for language in self.languages:
            path = curated / f"documents.{language}.jsonl"
            if not path.exists():
                continue
            rows = self.mono_rows(path, language)
            if (first := next(rows, None)) is None:
                self.log.say(f"pairs: no '{language}' document is free of development and test text")
            else:
                write_jsonl(self.out / f"mono.{language}.jsonl", chain([first], rows))

    def mono_rows(self, path: Path, language: str) -> Iterator[dict[str, Any]]:
        """The rows of one curated file that are not contaminated; all are counted."""
        for row in read_jsonl(path):
            reason = "contaminated" if self.index.holds_segment(row["text"], document=True) else None
            self.mono_funnel.add(row["source"], language, {"text": row["text"]}, reason)
            if reason is None:
                yield row


def _refuse_clashes(data: DataSettings, languages: Pair) -> None:
    if languages[0] == languages[1]:
        raise RecipeError(f"both sides are '{languages[0]}'", do="give two languages")
    for kind, sources in (("pairs", data.pairs), ("dev", data.dev), ("test", data.test)):
        names = [source.name for source in sources]
        for name in names:
            if names.count(name) > 1:
                raise RecipeError(f"two sources are called '{name}'", where=f"data.{kind}", do="give each its own name")
            if kind == "test" and not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", name):
                raise RecipeError(
                    f"'{name}' cannot be part of a file name", where="data.test", do="use letters, digits, '-', '_'"
                )


def build_pairs(
    settings: PairsSettings,
    data: DataSettings,
    languages: Pair,
    curated: Path,
    out: Path,
    log: RunLog,
    seed: int,
    score: Score | None = None,
) -> dict[str, Any]:
    """Write training, development, test and monolingual text to `out`; `curated` is the folder of the curate stage.

    `score` gives each pair a number, lower is better; of every source the best `score_keep` stay. The result holds both
    accounts, the size of each source, the distribution of its scores and the number of development and test pairs.
    Raises `DataError` when no training pair survives, `RecipeError` when two sources share a name.
    """
    _refuse_clashes(data, languages)
    out.mkdir(parents=True, exist_ok=True)
    build = _Build(settings, data, languages, out, log)
    test = {
        source.name: build.write_held_out(f"test.{source.name}", read_held_out([source], build.root, languages))
        for source in data.test
    }
    dev = build.write_held_out("dev", read_held_out(data.dev, build.root, languages)) if data.dev else 0
    dev += build.write_train(seed, score)
    log.say(f"pairs: {build.funnel.line()}")
    build.write_mono(curated)
    write_jsonl(out / "samples.jsonl", chain(build.funnel.samples(), build.mono_funnel.samples()))
    return {
        "funnel": build.funnel.as_dict(),
        "mono_funnel": build.mono_funnel.as_dict(),
        "sources": build.sources,
        "scores": build.scores,
        "dev": dev,
        "test": test,
    }
