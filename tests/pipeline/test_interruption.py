"""Whatever stops a run, nothing finished is lost, nothing half-done is believed, and the next run goes on."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import RunError
from dragoman.io import write_text
from dragoman.pipeline import Pipeline, Work
from dragoman.runlog import RunLog

Make = Callable[..., Pipeline]

# Two stages; the second counts to 3 in files and goes on after what it finds. `HOLD` names where it waits to be killed.
SCRIPT = textwrap.dedent(
    """
    import os, sys, time
    from pathlib import Path
    from dragoman.pipeline import Pipeline, Stage
    from dragoman.runlog import RunLog

    home, hold = Path(sys.argv[1]), sys.argv[2]

    def wait(place):
        if hold == place:
            (home.parent / "waiting").touch()
            time.sleep(60)

    def first(work):
        (work.out / "out.txt").write_text("first")
        wait("in first")
        return {}

    def second(work):
        wait("between")
        checkpoint = work.out / "checkpoint"
        checkpoint.mkdir(exist_ok=True)
        for number in range(3):
            if not (checkpoint / str(number)).exists():
                (checkpoint / str(number)).touch()
                print("counted", number, flush=True)
                wait(f"after {number}")
        (work.out / "out.txt").write_text("second")
        return {"n": len(list(checkpoint.iterdir()))}

    Pipeline(home, [Stage("first", 1, first), Stage("second", 1, second, upstream=("first",))]).run(RunLog(quiet=True))
    """
)


def start(home: Path, hold: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(home), hold], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for(path: Path, process: subprocess.Popen[str]) -> None:
    for _ in range(6000):
        if path.exists():
            return
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.01)
    raise AssertionError(f"{path} did not appear")


@pytest.mark.parametrize(
    ("hold", "counted_before", "finished"),
    [("in first", [], []), ("between", [], ["first"]), ("after 1", [0, 1], ["first"])],
)
def test_a_killed_run_goes_on_where_it_was(
    tmp_path: Path, hold: str, counted_before: list[int], finished: list[str]
) -> None:
    home = tmp_path / "runs" / "x"
    process = start(home, hold)
    wait_for(home.parent / "waiting", process)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert [path.parent.name.split("-")[0] for path in home.glob("*/manifest.json")] == finished
    stamps = {path: path.stat().st_mtime_ns for path in home.glob("*/manifest.json")}
    out, err = start(home).communicate(timeout=120)
    assert err == ""
    assert out == "".join(f"counted {number}\n" for number in range(3) if number not in counted_before)
    manifests = {path.parent.name.split("-")[0]: json.loads(path.read_text()) for path in home.glob("*/manifest.json")}
    assert manifests["second"]["result"] == {"n": 3}
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert not list(home.glob("*/checkpoint"))
    assert len([path for path in home.iterdir() if path.is_dir()]) == 2


def test_a_second_process_is_told_who_is_at_work(tmp_path: Path) -> None:
    home = tmp_path / "runs" / "x"
    holder = start(home, "in first")
    try:
        wait_for(home.parent / "waiting", holder)
        second = start(home)
        _, err = second.communicate(timeout=120)
        assert second.returncode == 1
        assert f"another run is at work here, process {holder.pid} on {os.uname().nodename}" in err.splitlines()[-1]
    finally:
        holder.kill()
        holder.wait()
    third = start(home)
    assert third.communicate(timeout=120)[0].count("counted") == 3
    assert third.returncode == 0


def test_an_interrupted_stage_is_unfinished_and_its_seconds_count(make: Make, tmp_path: Path, log: RunLog) -> None:
    def stop(work: Work) -> dict[str, Any]:
        time.sleep(0.05)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(runs={"train": stop}).run(log)
    states = {entry.stage.name: entry.state for entry in make().plan()}
    assert states == {"clean": "fresh", "train": "unfinished", "side": "missing", "report": "missing"}
    planned = make().run(log)
    manifest = json.loads((planned[1].folder / "manifest.json").read_text())
    assert manifest["sessions"] == 2
    assert manifest["seconds"] >= 0.05
    assert not (planned[1].folder / "session.json").exists()


def test_what_a_killed_process_left_half_written_is_removed(make: Make, log: RunLog) -> None:
    def die(work: Work) -> dict[str, Any]:
        (work.out / ".out.txt.123.tmp").write_text("half")
        (work.out / ".folder").mkdir()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(runs={"train": die}).run(log)
    folder = make().run(log)[1].folder
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "out.txt"]


def test_a_runs_folder_that_cannot_be_made_is_one_line(make: Make, tmp_path: Path, log: RunLog) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(RunError, match="cannot write"):
        make().run(log)


def test_a_stage_that_fails_leaves_the_lock_free(make: Make, log: RunLog) -> None:
    def fail(work: Work) -> dict[str, Any]:
        raise ValueError("a fault of ours")

    with pytest.raises(ValueError, match="a fault of ours"):
        make(runs={"clean": fail}).run(log)
    make().run(log)


def test_a_full_disk_is_one_line_and_loses_nothing(make: Make, ran: list[str], log: RunLog) -> None:
    def full(work: Work) -> dict[str, Any]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(RunError, match=r"the disk is full .*free some space and run again"):
        make(runs={"train": full}).run(log)
    ran.clear()
    make().run(log)
    assert ran == ["train", "side", "report"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_real_failing_write_inside_a_stage_is_told(make: Make, log: RunLog) -> None:
    def full(work: Work) -> dict[str, Any]:
        with open("/dev/full", "w") as stream:
            stream.write("x")
        return {}

    with pytest.raises(RunError, match="the disk is full"):
        make(runs={"train": full}).run(log)


def test_a_manifest_that_cannot_be_written_leaves_the_stage_unfinished(
    make: Make, monkeypatch: pytest.MonkeyPatch, log: RunLog
) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def run(work: Work) -> dict[str, Any]:
        write_text(work.out / "out.txt", "x")
        monkeypatch.setattr(os, "fsync", no_space)
        return {}

    with pytest.raises(RunError, match="the disk is full"):
        make(runs={"train": run}).run(log)
    monkeypatch.undo()
    folder = next(entry.folder for entry in make().plan() if entry.stage.name == "train")
    assert not (folder / "manifest.json").exists()
    assert not list(folder.glob(".*.tmp"))
    make().run(log)


BROKEN = {
    "cut off": b'{"format": 1, "sta',
    "empty": b"",
    "binary": b"\xff\xfe\x00",
    "a list": b"[]",
    "another format": b'{"format": 99}',
    "parts missing": b'{"format": 1, "stage": "train"}',
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_damaged_manifest_stops_the_run_and_is_named(make: Make, ran: list[str], log: RunLog, case: str) -> None:
    planned = make().run(log)
    path = planned[1].folder / "manifest.json"
    good = path.read_bytes()
    path.write_bytes(BROKEN[case])
    ran.clear()
    entry = make().plan()[1]
    assert entry.state == "damaged"
    with pytest.raises(RunError) as caught:
        make().run(log)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert ran == []
    assert (planned[1].folder / "out.txt").exists()
    path.write_bytes(good)
    make().run(log)
    assert ran == []


def test_damage_elsewhere_does_not_stop_what_can_run(make: Make, log: RunLog) -> None:
    planned = make().run(log)
    (planned[3].folder / "manifest.json").write_text("broken")
    make().run(log, until="train")


def test_an_output_that_was_lost_or_cut_is_noticed(make: Make, log: RunLog) -> None:
    folder = make().run(log)[1].folder
    (folder / "out.txt").write_text("shorter")
    with pytest.raises(RunError, match=r"was changed .*out\.txt"):
        make().run(log)
    (folder / "out.txt").unlink()
    with pytest.raises(RunError, match=r"lost a file .*out\.txt"):
        make().run(log)
    make().run(log, force="train")


def test_a_damaged_stage_can_be_deleted_and_made_again(make: Make, ran: list[str], log: RunLog) -> None:
    folder = make().run(log)[1].folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    ran.clear()
    make().run(log)
    assert ran == ["train"]
