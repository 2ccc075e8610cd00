"""One process, several, or Ray: the same results, whatever happens to the workers; and nothing is left behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from dragoman.corpus.engine import run_tasks, usable_cores
from dragoman.errors import DataError, DragomanError, RecipeError, RunError
from dragoman.runlog import RunLog
from engine_world import Work, arrow_threads, nothing

LOG = RunLog(quiet=True)
needs_ray = [pytest.mark.slow, pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed")]
POOL, RAY = pytest.param("pool", id="pool"), pytest.param("ray", id="ray", marks=needs_ray)


@pytest.fixture(scope="module")
def ray_cluster() -> Iterator[None]:
    """Local Ray workers that all tests share; `run_tasks` joins them and may not shut them down."""
    from dragoman.corpus.engine.cluster import _connected

    before = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RAY_ADDRESS", raising=False)
        with _connected(2, LOG) as ray:
            assert signal.getsignal(signal.SIGTERM) == before, "Ray took SIGTERM away from us"
            yield
            assert ray.is_initialized(), "a task run shut down a cluster that it had not started"
        assert not ray.is_initialized()


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> Any:
    if request.param == "ray":
        request.getfixturevalue("ray_cluster")
    return request.param


both = pytest.mark.parametrize("engine", [POOL, RAY], indirect=True)


def run(work: Callable[[int], Any], tasks: Sequence[int], engine: Any = "pool", workers: int = 2) -> dict[int, Any]:
    done = list(run_tasks(work, tasks, engine=engine, workers=workers, log=LOG))
    assert len(done) == len({index for index, _ in done}), "a task came twice"
    return dict(done)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def folder(path: Path) -> Path:
    path.mkdir()
    return path


@both
def test_several_workers_give_what_one_process_gives(tmp_path: Path, engine: Any) -> None:
    one, many = Work(folder(tmp_path / "one")), Work(folder(tmp_path / "many"))
    tasks = range(10, 40)
    assert (
        run(one, tasks, workers=1)
        == run(many, tasks, engine)
        == {i: {"task": t, "square": t * t} for i, t in enumerate(tasks)}
    )
    assert contents(one.out) == contents(many.out)
    assert {path.read_text() for path in one.begun()} == {str(os.getpid())}
    assert str(os.getpid()) not in {path.read_text() for path in many.begun()}
    if engine == "pool":
        assert len({path.read_text() for path in many.begun()}) == 2


@both
def test_a_lost_worker_costs_its_task_one_more_try_and_no_other(tmp_path: Path, engine: Any) -> None:
    work = Work(tmp_path, ((3, "die_once"), (2, "pause"), (4, "pause")))
    assert run(work, range(12), engine) == {t: {"task": t, "square": t * t} for t in range(12)}
    assert len(contents(tmp_path)) == 12
    assert {task: len(work.begun(task)) for task in range(12)} == {task: 1 + (task == 3) for task in range(12)}


@both
def test_a_task_that_always_loses_its_worker_is_named_after_three_tries(tmp_path: Path, engine: Any) -> None:
    work = Work(tmp_path, ((5, "die"),))
    with pytest.raises(RunError, match=r"3 workers were lost at the same task.* \(5\): it may be memory"):
        run(work, range(8), engine)
    assert len(work.begun(5)) == 3


@both
def test_bad_input_arrives_with_its_fields_and_is_not_tried_again(tmp_path: Path, engine: Any) -> None:
    work = Work(tmp_path, ((1, "bad_input"),))
    with pytest.raises(DataError) as caught:
        run(work, range(2), engine)
    error = caught.value
    assert type(error) is DataError
    assert (error.what, error.where, error.do) == ("a column is missing", tmp_path / "web.parquet", "name another")
    assert str(error) == str(DataError(error.what, where=error.where, do=error.do))
    assert len(work.begun(1)) == 1


@both
def test_a_fault_of_ours_arrives_as_itself_with_the_traceback_of_the_worker(tmp_path: Path, engine: Any) -> None:
    with pytest.raises(KeyError, match="1") as caught:
        run(Work(tmp_path, ((1, "bug"),)), range(2), engine)
    assert "engine_world.py" in str(caught.value.__cause__)
    assert "raise KeyError(task)" in str(caught.value.__cause__)


@both
def test_an_error_that_cannot_be_sent_arrives_in_words(tmp_path: Path, engine: Any) -> None:
    with pytest.raises(RuntimeError, match="OwnError: one two"):
        run(Work(tmp_path, ((0, "own_error"),)), range(2), engine)


@both
def test_a_worker_that_leaves_counts_as_lost(tmp_path: Path, engine: Any) -> None:
    with pytest.raises(RunError, match="3 workers were lost at the same task"):
        run(Work(tmp_path, ((0, "leave"),)), range(2), engine)


@both
def test_stopping_early_stops_the_workers(tmp_path: Path, engine: Any) -> None:
    work = Work(tmp_path, tuple((task, "pause") for task in range(1, 40)))
    results = run_tasks(work, range(40), engine=engine, workers=2, log=LOG)
    assert next(results)
    results.close()
    time.sleep(1.0 if engine == "ray" else 0)
    n_begun = len(work.begun())
    assert multiprocessing.active_children() == []
    time.sleep(1.5)
    assert len(work.begun()) == n_begun < 12


@both
def test_a_worker_is_one_thread(engine: Any) -> None:
    assert set(run(arrow_threads, range(4), engine).values()) == {1}


@both
def test_no_task_is_no_work(engine: Any) -> None:
    assert run(nothing, [], engine) == {}


@pytest.mark.parametrize("workers", [1, 2])
def test_one_worker_is_this_process_and_never_more_workers_than_tasks(tmp_path: Path, workers: int) -> None:
    work = Work(tmp_path)
    run(work, [7], workers=workers)
    assert work.begun(7)[0].read_text() == str(os.getpid())


def test_tasks_are_taken_when_they_are_needed() -> None:
    class Tasks(Sequence[int]):
        asked = 0

        def __len__(self) -> int:
            return 1_000_000

        def __getitem__(self, index: Any) -> Any:
            self.asked = max(self.asked, index)
            return index

    tasks = Tasks()
    results = run_tasks(nothing, tasks, engine="pool", workers=2, log=LOG)
    for count in range(100):
        assert next(results)
        assert tasks.asked <= count + 4
    results.close()


def test_each_loss_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dict(run_tasks(Work(tmp_path, ((1, "die_once"),)), range(3), engine="pool", workers=2, log=RunLog()))
    assert "a worker was lost, killed by signal 9 (Killed), at 1: trying again" in capsys.readouterr().err


def test_what_workers_print_stays_out_of_the_data(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(Work(tmp_path, ((1, "chat"),)), range(3))
    out, err = capfd.readouterr()
    assert out == ""
    assert "a library that talks" in err
    assert "and one written in C" in err


def test_work_that_cannot_be_sent_is_said_before_a_process_starts() -> None:
    with pytest.raises((pickle.PicklingError, AttributeError)):
        run(lambda task: task, range(2))
    assert multiprocessing.active_children() == []


def test_the_environment_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    before, mask = dict(os.environ), signal.pthread_sigmask(signal.SIG_BLOCK, [])
    run(nothing, range(3))
    assert dict(os.environ) == before
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({}, 3),
        ({"cpu.max": "max 100000"}, 3),
        ({"cpu.max": "200000 100000"}, 2),
        ({"cpu.max": "50000 100000"}, 1),
        ({"cpu.max": "900000 100000"}, 3),
        ({"cpu.max": "nonsense"}, 3),
        ({"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"}, 3),
        ({"cpu/cpu.cfs_quota_us": "150000", "cpu/cpu.cfs_period_us": "100000"}, 1),
    ],
)
def test_a_container_gets_no_more_workers_than_its_cores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2}, raising=False)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text + "\n")
    assert usable_cores(tmp_path) == cores


def test_a_missing_ray_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RunError, match=r"the engine 'ray' needs .*pip install 'dragoman\[ray\]'"):
        run(nothing, range(2), "ray")


@pytest.mark.skipif(find_spec("ray") is None, reason="ray is not installed")
@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nonsense"])
def test_a_cluster_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    from dragoman.corpus.engine.cluster import _start

    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(RunError, match=rf"the Ray cluster does not answer \(RAY_ADDRESS={address}\)"):
        _start(None, 2, LOG)


def test_an_unknown_engine_is_refused() -> None:
    with pytest.raises(RecipeError, match="no engine 'spark'"):
        run(nothing, range(2), "spark")


@pytest.mark.parametrize("kind", [DragomanError, *DragomanError.__subclasses__()])
def test_every_error_of_ours_survives_the_way_between_processes(kind: type[DragomanError]) -> None:
    for error in [kind("what", where=Path("a") / "b", do="do"), kind("two  words\nand a line"), kind("x", do="y")]:
        there = pickle.loads(pickle.dumps(error))
        assert (type(there), str(there), vars(there)) == (kind, str(error), vars(error))


# A run in a process of its own, which the test kills. All its descendants carry MARK in their environment.
SCRIPT = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from dragoman.corpus.engine import run_tasks
    from dragoman.runlog import RunLog
    from engine_world import Work

    if __name__ == "__main__":
        work = Work(Path(sys.argv[2]), ((1, "wait"), (2, "wait")))
        try:
            for index, result in run_tasks(work, range(9), engine=sys.argv[1], workers=2, log=RunLog()):
                print(index, flush=True)
        except KeyboardInterrupt:
            sys.exit(130)
    """
)


def marked(mark: str) -> list[int]:
    """Processes whose environment holds `mark`."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def at_work(work: Work) -> set[int]:
    """The workers that are at tasks 1 and 2."""
    return {int(text) for text in (path.read_text() for path in [*work.begun(1), *work.begun(2)]) if text}


def until(happened: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to look for processes")
@pytest.mark.parametrize("engine", [POOL, RAY])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_of_a_run_that_is_stopped(tmp_path: Path, engine: str, sent: signal.Signals) -> None:
    mark, script, tests = uuid.uuid4().hex, tmp_path / "script.py", str(Path(__file__).parents[1])
    script.write_text(SCRIPT)
    variables = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    variables |= {"MARK": mark, "PYTHONPATH": os.pathsep.join([tests, *filter(None, sys.path)])}
    command = [sys.executable, str(script), engine, str(tmp_path)]
    process = subprocess.Popen(
        command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    work = Work(tmp_path)
    try:
        until(lambda: len(at_work(work)) == 2 or process.poll() is not None, 120, "no task was begun")
        workers = at_work(work)
        for pid in workers if sent == signal.SIGINT else ():  # Ctrl-C goes to the whole group, workers first or last
            os.kill(pid, sent)
        time.sleep(0.3)
        assert len(workers & set(marked(mark))) == 2
        os.kill(process.pid, sent) if sent == signal.SIGKILL else os.killpg(process.pid, sent)
        _, err = process.communicate(timeout=30)
        # After a kill two agents of Ray look for their dead control server for a minute.
        ray_agents = engine == "ray" and sent == signal.SIGKILL
        until(lambda: not workers & set(marked(mark)) if ray_agents else not marked(mark), 30, "processes are left")
    finally:
        for pid in marked(mark):
            os.kill(pid, signal.SIGKILL)
    assert process.returncode == (-sent if sent == signal.SIGKILL else 130)
    assert "Traceback" not in err
    done = {int(path.stem) for path in tmp_path.glob("*.json")}
    assert {1, 2} & done == set()
    assert all(json.loads((tmp_path / f"{task}.json").read_text())["task"] == task for task in done)
