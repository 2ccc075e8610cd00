"""What is stale runs, nothing else does, and the reason is told part by part."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import DataError, RecipeError
from dragoman.manifest import config_changes
from dragoman.pipeline import Pipeline
from dragoman.rundir import link
from dragoman.runlog import RunLog

Make = Callable[..., Pipeline]
ALL = ["clean", "train", "side", "report"]


def states(pipeline: Pipeline, **options: Any) -> dict[str, str]:
    return {entry.stage.name: entry.state for entry in pipeline.plan(**options)}


def reasons(pipeline: Pipeline, name: str) -> tuple[str, ...]:
    return next(entry.reasons for entry in pipeline.plan() if entry.stage.name == name)


def test_a_second_run_runs_nothing(make: Make, ran: list[str], log: RunLog) -> None:
    make().run(log)
    assert ran == ALL
    make().run(log)
    assert ran == ALL
    assert set(states(make()).values()) == {"fresh"}


def test_planning_and_a_dry_run_write_nothing(make: Make, tmp_path: Path) -> None:
    assert set(states(make()).values()) == {"missing"}
    assert not (tmp_path / "runs").exists()


def test_only_the_changed_stage_and_what_reads_it_run(make: Make, ran: list[str], log: RunLog) -> None:
    make(train={"steps": 1}).run(log)
    ran.clear()
    changed = make(train={"steps": 2})
    assert states(changed) == {"clean": "fresh", "train": "stale", "side": "fresh", "report": "stale"}
    assert reasons(changed, "train") == ("steps 1 -> 2",)
    assert reasons(changed, "report") == ("train changed",)
    changed.run(log)
    assert ran == ["train", "report"]


def test_going_back_finds_the_old_results(make: Make, ran: list[str], log: RunLog) -> None:
    make(train={"steps": 1}).run(log)
    make(train={"steps": 2}).run(log)
    ran.clear()
    make(train={"steps": 1}).run(log)
    assert ran == []


def test_a_changed_file_is_named_and_reaches_everything(make: Make, tmp_path: Path, log: RunLog) -> None:
    make().run(log)
    (tmp_path / "text.txt").write_text("a\nc\n", encoding="utf-8")
    assert set(states(make()).values()) == {"stale"}
    assert reasons(make(), "clean") == ("text.txt changed",)


def test_a_file_that_is_only_touched_changes_nothing(make: Make, tmp_path: Path, log: RunLog) -> None:
    make().run(log)
    text = (tmp_path / "text.txt").read_text()
    (tmp_path / "text.txt").write_text(text)
    assert set(states(make()).values()) == {"fresh"}


def test_a_file_of_the_same_size_and_another_time_is_read_again(make: Make, tmp_path: Path, log: RunLog) -> None:
    make().run(log)
    cache = json.loads((tmp_path / "runs/x/digests.json").read_text())
    assert [len(entry) for entry in cache.values()] == [3]
    (tmp_path / "runs/x/digests.json").write_text("broken")
    assert set(states(make()).values()) == {"fresh"}


def test_a_new_version_is_a_reason(make: Make, log: RunLog) -> None:
    make().run(log)
    assert reasons(make(versions={"train": 2}), "train") == ("version 1 -> 2",)


def test_several_reasons_are_all_told(make: Make, tmp_path: Path, log: RunLog) -> None:
    make(clean={"a": 1}).run(log)
    (tmp_path / "text.txt").write_text("new", encoding="utf-8")
    assert reasons(make(versions={"clean": 3}, clean={"a": 2}), "clean") == (
        "version 1 -> 3",
        "a 1 -> 2",
        "text.txt changed",
    )


def test_a_missing_file_is_said_before_anything_runs(make: Make, ran: list[str], tmp_path: Path, log: RunLog) -> None:
    (tmp_path / "text.txt").unlink()
    with pytest.raises(DataError, match=r"no such file .*text\.txt"):
        make().run(log)
    assert ran == []
    assert not (tmp_path / "runs").exists()


def test_until_stops_early_and_the_rest_follows_later(make: Make, ran: list[str], log: RunLog) -> None:
    make().run(log, until="train")
    assert ran == ["clean", "train"]
    make().run(log)
    assert ran == [*ALL[:2], "side", "report"]


def test_force_runs_the_stage_and_what_reads_it_anew_and_keeps_the_old(
    make: Make, ran: list[str], tmp_path: Path, log: RunLog
) -> None:
    make().run(log)
    before = {path.name for path in (tmp_path / "runs/x").iterdir() if path.is_dir()}
    assert states(make(), force="train") == {"clean": "fresh", "train": "stale", "side": "fresh", "report": "stale"}
    ran.clear()
    make().run(log, force="train")
    assert ran == ["train", "report"]
    assert set(states(make()).values()) == {"fresh"}
    assert before < {path.name for path in (tmp_path / "runs/x").iterdir() if path.is_dir()}
    make().run(log, force="train")
    assert ran == ["train", "report"] * 2


def test_what_was_forced_goes_on_without_force(make: Make, ran: list[str], log: RunLog) -> None:
    make().run(log)

    def stop(work: object) -> dict[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(runs={"train": stop}).run(log, force="train")
    ran.clear()
    assert states(make())["train"] == "unfinished"
    make().run(log)
    assert ran == ["train", "report"]


def test_an_unknown_stage_names_the_nearest(make: Make, log: RunLog) -> None:
    with pytest.raises(RecipeError, match="did you mean 'train'"):
        make().run(log, until="trian")


def test_forcing_what_would_not_run_is_refused(make: Make, tmp_path: Path, log: RunLog) -> None:
    with pytest.raises(RecipeError, match="'report' comes after 'clean'"):
        make().run(log, until="clean", force="report")
    assert not (tmp_path / "runs").exists()


def test_the_manifest_tells_where_a_result_came_from(make: Make, tmp_path: Path, log: RunLog) -> None:
    planned = make(train={"steps": 1}).run(log)
    manifest = json.loads((planned[1].folder / "manifest.json").read_text())
    assert manifest["stage"] == "train"
    assert manifest["key"] == planned[1].key
    assert planned[1].folder.name == f"train-{planned[1].key[:8]}"
    assert manifest["config"] == {"steps": 1}
    assert manifest["upstream"] == {"clean": planned[0].key}
    assert manifest["result"] == {"size": 6}
    assert manifest["outputs"] == {"out.txt": 12}
    assert manifest["seconds"] >= 0
    assert manifest["peak_memory_mb"] > 0
    assert manifest["packages"]["pydantic"]
    assert {"commit", "dirty", "python", "machine", "finished", "format", "version", "files"} <= set(manifest)


CHANGES = [
    ({"a": {"b": 1}}, {"a": {"b": 2}}, ["a.b 1 -> 2"]),
    ({"a": 1.0}, {"a": 0.5}, ["a 1 -> 0.5"]),
    ({"a": None}, {"a": True}, ["a null -> true"]),
    ({"a": [1, 2]}, {"a": [1, 3]}, ["a [1, 2] -> [1, 3]"]),
    ({"a": ["x"]}, {"a": ("x",)}, []),
    ({"a": [{"n": 1}]}, {"a": [{"n": 1}, {"n": 2}]}, ["a.1 added"]),
    ({"a": [{"n": 1}, {"n": 2}]}, {"a": [{"n": 1}]}, ["a.1 removed"]),
    ({"a": [{"n": 1}]}, {"a": [{"n": 5}]}, ["a.0.n 1 -> 5"]),
    ({"a": 1}, {"b": 1}, ["a removed", "b added"]),
    ({"a": "x"}, {"a": "x"}, []),
]


@pytest.mark.parametrize(("old", "new", "words"), CHANGES)
def test_a_change_is_told_under_its_own_name(old: object, new: object, words: list[str]) -> None:
    assert config_changes(old, new) == words


def test_a_link_is_relative_and_moved_in_one_step(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        link(tmp_path / "model", tmp_path / name)
        assert (tmp_path / "model").readlink() == Path(name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model", "one", "two"]
