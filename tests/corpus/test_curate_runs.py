"""However the work of curation is divided, ordered, broken off and taken up again: the same output, to the byte."""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from curation_world import contents, dropped, write_rows
from dragoman import embedded
from dragoman.corpus import curate as stage
from dragoman.corpus.curate import curate, shard
from dragoman.corpus.sources import Sizes, plan_shards
from dragoman.errors import DataError
from dragoman.io import read_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

LOG = RunLog(quiet=True)
NOTICE = "Dieser Beitrag wurde von der Redaktion des Tageblatts geprüft."
SMALL = Sizes(split=12_000)  # bytes of a shard


@pytest.fixture(autouse=True)
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "plan_shards", partial(plan_shards, sizes=SMALL))


def article(rng: random.Random, sentences: Sequence[str]) -> str:
    return "\n".join([*rng.sample(sentences, 4), *([NOTICE] if rng.random() < 0.3 else [])])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> DataSettings:
    """Two German sources and an English one, with copies, near copies, repeated lines, damage and bad documents."""
    root, rng = tmp_path_factory.mktemp("world"), random.Random(5)
    german, english = embedded.good_documents("de"), embedded.good_documents("en")
    web = [*(article(rng, german[:120]) for _ in range(60)), *embedded.documents("mono/de")[:60], "Kurz."]
    web += [web[3].upper(), web[4] + " Und noch ein Satz.", web[5]]
    write_rows(root / "web.jsonl", web)
    with open(root / "web.jsonl", "ab") as stream:
        stream.write(b'{"text": "\xff"}\n{"text": 3}\n')
    (root / "crawl").mkdir()
    for number in range(12):
        texts = [article(rng, german[100:]).replace("\n", " ") for _ in range(8)] + german[number : number + 2]
        with gzip.open(root / "crawl" / f"part{number}.txt.gz", "wt", encoding="utf-8") as packed:
            packed.write("\n".join(texts) + "\n")
    (root / "news.txt").write_text("\n".join([*english, *english[:3]]) + "\n", encoding="utf-8")
    sources = (
        MonoSource(name="web", language="de", path="web.jsonl", weight=2),
        MonoSource(name="crawl", language="de", path="crawl"),
        MonoSource(name="news", language="en", path="news.txt"),
    )
    return DataSettings(root=str(root), mono=sources)


@dataclass(frozen=True)
class Outcome:
    """Result and files of a run."""

    result: dict[str, Any]
    files: dict[str, bytes]

    def __eq__(self, other: object) -> bool:
        """Compared piece by piece: pytest takes minutes to show how long values differ."""
        assert isinstance(other, Outcome)
        differ = [name for name in {*self.files, *other.files} if self.files.get(name) != other.files.get(name)]
        differ += [name for name in {*self.result, *other.result} if self.result.get(name) != other.result.get(name)]
        print("these differ:", differ)
        return not differ

    def __repr__(self) -> str:
        return f"Outcome({sorted(self.files)})"


def run(options: CurateSettings, data: DataSettings, out: Path) -> Outcome:
    return Outcome(curate(options, data, out, LOG), contents(out))


@pytest.fixture(scope="module")
def truth(world: DataSettings, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What one process gives, shard after shard."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "plan_shards", partial(plan_shards, sizes=SMALL))
        return run(settings(), world, tmp_path_factory.mktemp("truth"))


def settings(**options: Any) -> CurateSettings:
    return CurateSettings.model_validate({"workers": 1, "repeated_line_documents": 3, **options})


def test_the_world_holds_what_is_to_be_divided(truth: Outcome) -> None:
    result = truth.result
    assert set(truth.files) == {"documents.de.jsonl", "documents.en.jsonl", "samples.jsonl"}
    web = dropped(result, "web")
    assert {"duplicate", "near_duplicate", "too_short", "not_utf8", "wrong_type"} <= set(web)
    assert result["funnel"]["total"]["cut"]["repeated_line"]["documents"] > 10
    assert dropped(result, "news", "en") == {"duplicate": 3}


def ordered(order: Callable[[list[int]], list[int]]) -> Callable[..., Iterator[tuple[int, Any]]]:
    """`run_tasks` in another order."""

    def run(work: Callable[[Any], Any], tasks: Sequence[Any], **_: Any) -> Iterator[tuple[int, Any]]:
        for index in order(list(range(len(tasks)))):
            yield index, work(tasks[index])

    return run


ORDERS = {
    "forwards": lambda places: places,
    "backwards": lambda places: places[::-1],
    "shuffled": lambda places: random.Random(3).sample(places, len(places)),
}


@pytest.mark.parametrize("order", ORDERS)
def test_shards_may_be_finished_in_any_order(
    order: str, world: DataSettings, truth: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "run_tasks", ordered(ORDERS[order]))
    assert sum(len(plan_shards(source, Path(world.root), SMALL)) for source in world.mono) > 15
    assert run(settings(), world, tmp_path) == truth


def test_how_sources_are_cut_changes_nothing_but_the_names_of_places(
    world: DataSettings, truth: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "plan_shards", plan_shards)
    whole = run(settings(), world, tmp_path)
    assert "line" in whole.result["funnel"].pop("faults")[0]["places"][0]["where"]
    cut = {
        **truth.result,
        "funnel": {name: value for name, value in truth.result["funnel"].items() if name != "faults"},
    }
    assert whole == Outcome(cut, truth.files)


@pytest.mark.parametrize("sizes", [Sizes(documents=1), Sizes(documents=3, chars=900), Sizes(chars=1)], ids=str)
def test_batches_may_have_any_size(
    sizes: Sizes, world: DataSettings, truth: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shard, "SIZES", sizes)
    assert run(settings(), world, tmp_path) == truth


def test_two_workers_give_what_one_gives(world: DataSettings, truth: Outcome, tmp_path: Path) -> None:
    assert run(settings(workers=2), world, tmp_path) == truth


@pytest.mark.slow
@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed")
def test_ray_gives_what_one_process_gives(
    world: DataSettings, truth: Outcome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    assert run(settings(engine="ray", workers=2), world, tmp_path) == truth


def test_names_and_order_of_files_do_not_change_the_set_of_documents(
    world: DataSettings, truth: Outcome, tmp_path: Path
) -> None:
    root = tmp_path / "renamed"
    (root / "crawl").mkdir(parents=True)
    for number, path in enumerate(sorted(Path(world.root, "crawl").iterdir())):
        (root / "crawl" / f"{(number * 7) % 12:02}.txt.gz").write_bytes(path.read_bytes())
    lines = Path(world.root, "web.jsonl").read_bytes().splitlines(keepends=True)
    (root / "web.jsonl").write_bytes(b"".join(random.Random(1).sample(lines, len(lines))))
    (root / "news.txt").write_bytes(Path(world.root, "news.txt").read_bytes())
    result = curate(settings(), world.model_copy(update={"root": str(root)}), tmp_path / "out", LOG)
    found = contents(tmp_path / "out")
    for name in ("documents.de.jsonl", "documents.en.jsonl"):
        assert sorted(found[name].splitlines()) == sorted(truth.files[name].splitlines())
    assert hash(found["documents.de.jsonl"]) != hash(
        truth.files["documents.de.jsonl"]
    )  # the order is that of the files
    assert result["funnel"]["total"] == truth.result["funnel"]["total"]


class Asked:
    """Which shards were worked on; `fail_at`: after so many of them the run breaks off."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int | None = None) -> None:
        self.shards: list[tuple[str, int]] = []
        real = shard.read_shard

        def read(one: Any, source: MonoSource, sizes: Sizes) -> Any:
            self.shards.append((source.name, one.number))
            batches = list(real(one, source, sizes))
            yield from batches[:1]
            if len(self.shards) == fail_at:
                raise KeyboardInterrupt
            yield from batches[1:]

        monkeypatch.setattr(shard, "read_shard", read)


@pytest.mark.parametrize("fail_at", [1, 2, 9, 14])
def test_a_run_that_broke_off_goes_on_where_it_stood(
    fail_at: int, world: DataSettings, truth: Outcome, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        first = Asked(patch, fail_at)
        with pytest.raises(KeyboardInterrupt):
            curate(settings(), world, tmp_path, LOG)
    assert not any(name.startswith("documents") for name in contents(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        second = Asked(patch)
        assert run(settings(), world, tmp_path) == truth
    assert set(first.shards[:-1]).isdisjoint(second.shards) and first.shards[-1] in second.shards
    assert len(first.shards) + len(second.shards) == 1 + len({*first.shards, *second.shards})


KILLED = """
import os, signal, sys
from pathlib import Path
from functools import partial
from dragoman.corpus import curate as stage
from dragoman.corpus.curate import shard
from dragoman.corpus.sources import Sizes, plan_shards
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings
from dragoman.runlog import RunLog

place, at, out, world, settings = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
stage.plan_shards = partial(plan_shards, sizes=Sizes(split=12_000))
owner, name = {"account": (shard, "write_json"), "rows": (shard, "_packed"), "assembly": (stage, "write_jsonl")}[place]
real, calls = getattr(owner, name), 0

def deadly(*args, **named):
    global calls
    calls += 1
    if calls == at:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **named)

setattr(owner, name, deadly)
data = DataSettings.model_validate_json(world)
stage.curate(CurateSettings.model_validate_json(settings), data, Path(out), RunLog(quiet=True))
"""


@pytest.mark.parametrize(("place", "at"), [("account", 6), ("rows", 4), ("assembly", 1)])
def test_a_killed_run_goes_on_to_the_same_output(
    place: str, at: int, world: DataSettings, truth: Outcome, tmp_path: Path
) -> None:
    arguments = [place, str(at), str(tmp_path), world.model_dump_json(), settings().model_dump_json()]
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), *arguments], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with pytest.MonkeyPatch.context() as patch:
        asked = Asked(patch)
        assert run(settings(), world, tmp_path) == truth
    everything = sum(len(plan_shards(source, Path(world.root), SMALL)) for source in world.mono)
    assert len(asked.shards) == (0 if place == "assembly" else everything - at + 1)


def test_more_shards_than_files_may_be_open(tmp_path: Path) -> None:
    texts = embedded.good_documents("de")[:130]
    (tmp_path / "in").mkdir()
    for number, text in enumerate(texts):
        (tmp_path / "in" / f"{number}.txt.gz").write_bytes(gzip.compress(f"{text}\n".encode()))
    data = DataSettings(root=str(tmp_path), mono=(MonoSource(name="a", language="de", path="in"),))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "plan_shards", partial(plan_shards, sizes=Sizes(split=1)))
        patch.setattr("dragoman.corpus.curate.assemble.MOST_OPEN", 20)
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 40, hard))
        try:
            result = curate(settings(), data, tmp_path / "out", LOG)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(plan_shards(data.mono[0], tmp_path, Sizes(split=1))) == 130
    assert result["documents"] == {"de": 130}
    assert [row["text"] for row in read_jsonl(tmp_path / "out" / "documents.de.jsonl")] == texts


# --- budgets and weights ---------------------------------------------------------------------------------------------


def shares(out: Path) -> dict[str, int]:
    chars: dict[str, int] = {}
    for row in read_jsonl(out / "documents.de.jsonl"):
        chars[row["source"]] = chars.get(row["source"], 0) + len(row["text"])
    return chars


@pytest.mark.parametrize("weight", [0.5, 1, 3])
def test_sources_take_turns_by_their_weights(weight: float, tmp_path: Path) -> None:
    good = embedded.good_documents("de")
    for name, texts in (("a", good[:120]), ("b", good[120:])):
        (tmp_path / f"{name}.txt").write_text("\n".join(texts) + "\n")
    sources = tuple(
        MonoSource(name=name, language="de", path=f"{name}.txt", weight=by) for name, by in (("a", weight), ("b", 1))
    )
    data = DataSettings(root=str(tmp_path), mono=sources)
    curate(settings(), data, tmp_path / "out", LOG)
    rows = list(read_jsonl(tmp_path / "out" / "documents.de.jsonl"))
    assert [row["text"] for row in rows if row["source"] == "a"] == good[:120]  # each in its own order
    assert [row["text"] for row in rows if row["source"] == "b"] == good[120:]
    chars, longest = {"a": 0, "b": 0}, max(map(len, good))
    most = {name: sum(len(row["text"]) for row in rows if row["source"] == name) for name in chars}
    for row in rows:
        chars[row["source"]] += len(row["text"])
        if chars["a"] < most["a"] and chars["b"] < most["b"]:
            assert abs(chars["a"] / weight - chars["b"]) <= longest * max(1, 1 / weight)


def test_a_budget_ends_the_output_and_what_is_over_it_is_counted(
    world: DataSettings, truth: Outcome, tmp_path: Path
) -> None:
    whole = [row["text"] for row in map(json.loads, truth.files["documents.de.jsonl"].splitlines())]
    budget = sum(map(len, whole)) // 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "plan_shards", plan_shards)  # one shard a source: all of it is read
        result = curate(settings(per_language={"de": {"budget_chars": budget}}), world, tmp_path, LOG)
    kept = [row["text"] for row in read_jsonl(tmp_path / "documents.de.jsonl")]
    assert kept == whole[: len(kept)] and sum(map(len, kept)) <= budget < sum(map(len, whole[: len(kept) + 1]))
    assert sum(dropped(result, name).get("over_budget", 0) for name in ("web", "crawl")) == len(whole) - len(kept)
    found = shares(tmp_path)
    assert abs(found["web"] / 2 - found["crawl"]) < 2 * max(map(len, kept))
    assert contents(tmp_path)["documents.en.jsonl"] == truth.files["documents.en.jsonl"]


@pytest.mark.parametrize(("more", "kept"), [(-1, 3), (0, 4), (1, 4)])
def test_a_budget_that_is_met_exactly_holds_the_last_document(more: int, kept: int, tmp_path: Path) -> None:
    good = embedded.good_documents("de")[:8]
    (tmp_path / "a.txt").write_text("\n".join(good) + "\n")
    data = DataSettings(root=str(tmp_path), mono=(MonoSource(name="a", language="de", path="a.txt"),))
    budget = sum(map(len, good[:4])) + more
    result = curate(settings(budget_chars=budget), data, tmp_path / "out", LOG)
    assert result["documents"] == {"de": kept}
    lost = result["funnel"]["total"]
    assert dropped(result, "a") == {"over_budget": lost["read"] - kept}


def test_reading_stops_at_the_budget_and_where_it_stops_does_not_depend_on_the_order(
    world: DataSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results, asked = [], []
    for order in ORDERS:
        monkeypatch.setattr(stage, "run_tasks", ordered(ORDERS[order]))
        with pytest.MonkeyPatch.context() as patch:
            shards = Asked(patch)
            results.append(run(settings(budget_chars=15_000), world, tmp_path / order))
        asked.append(len(shards.shards))
    assert results[0] == results[1] == results[2]
    everything = sum(len(plan_shards(source, Path(world.root), SMALL)) for source in world.mono)
    assert min(asked) == asked[0] < everything
    result = results[0].result
    documents = Path(world.root, "web.jsonl").read_bytes().count(b"\n")
    assert 0 < result["funnel"]["by_source"]["web"]["de"]["read"] < documents
    assert 13_000 < sum(shares(tmp_path / "forwards").values()) <= 15_000


def test_a_budget_that_nothing_fits_is_an_error_with_the_funnel(world: DataSettings, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no 'de' document survived curation: .*over_budget"):
        curate(settings(budget_chars=10), world, tmp_path, LOG)
