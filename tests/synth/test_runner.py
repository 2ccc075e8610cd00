"""Asking: everything ends once, whatever the teacher does; caps hold; what is slow or down is treated with patience."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from dragoman.errors import RecipeError, RunError
from dragoman.recipe.synthesize import TeacherSettings
from dragoman.runlog import RunLog
from dragoman.synth.budget import Budget, Caps, estimate
from dragoman.synth.exchange import write_export
from dragoman.synth.items import Fatal, Permanent, Prices, Reply, Request, Retryable, answer_text
from dragoman.synth.journal import Entry, Journal, Spent
from dragoman.synth.manners import Manners, TeacherDown
from dragoman.synth.runner import Asker, Ended
from dragoman.synth.teachers import Teacher, make_teacher
from synth_world import FakeTeacher, request, requests, right, virtual_time  # noqa: F401 - a fixture

LOG = RunLog(quiet=True)
in_virtual_time = pytest.mark.usefixtures("virtual_time")


def asked(
    path: Path, teacher: Teacher, count: int, manners: Manners | None = None, caps: Caps | None = None
) -> tuple[Ended, list[Entry]]:
    with (
        Journal.open(path / "journal.sqlite", teacher.prices) as journal,
        Asker(teacher, journal, manners or Manners(), caps or Caps(), log=LOG) as asker,
    ):
        asker.check()
        journal.add(requests(count))
        ended = asker.ask()
        return ended, list(journal.look_up(requests(count)))


@in_virtual_time
def test_everything_is_asked_once_and_answered(tmp_path: Path) -> None:
    teacher = FakeTeacher()
    ended, entries = asked(tmp_path, teacher, 1300, Manners(concurrency=16))
    assert ended == Ended(1300, 0, 0, None, Spent(1300, 65_000, 39_000, pytest.approx(0.143)))
    assert [entry.reply.text for entry in entries if entry.reply] == [right(one).text for one in requests(1300)]
    assert set(teacher.asked.values()) == {1} and teacher.most_at_once == 16 and teacher.closed
    assert {entry.reply.teacher for entry in entries if entry.reply} == {"fake"}


@in_virtual_time
def test_what_is_answered_is_not_asked_by_a_later_run(tmp_path: Path) -> None:
    asked(tmp_path, FakeTeacher(), 30)
    teacher = FakeTeacher()
    ended, entries = asked(tmp_path, teacher, 40)
    assert ended.answered == 10 and sum(teacher.asked.values()) == 10 and len(entries) == 40


@in_virtual_time
def test_retries_wait_longer_each_time_and_as_long_as_the_service_asks(tmp_path: Path) -> None:
    def act(one: Request, times: int) -> Exception | float:
        return [Retryable("HTTP 500"), Retryable("HTTP 500"), Retryable("HTTP 429", retry_after=40.0), 0.0][times]

    teacher = FakeTeacher(act)
    ended, entries = asked(tmp_path, teacher, 1)
    times = [when for when, _ in teacher.times]
    first, second, third = (b - a - 1.0 for a, b in pairwise(times))
    assert 0.5 <= first <= 1 and 1 <= second <= 2 and 40 <= third <= 44
    assert ended.answered == 1 and entries[0].tries == 4 and ended.spent.requests == 4


@in_virtual_time
def test_a_pause_that_the_service_asks_for_holds_for_all(tmp_path: Path) -> None:
    def act(one: Request, times: int) -> Exception | float:
        return Retryable("HTTP 429", retry_after=100.0) if sum(teacher.asked.values()) == 20 else 1.0

    teacher = FakeTeacher(act)
    asked(tmp_path, teacher, 60, Manners(concurrency=4))
    times = [when for when, _ in teacher.times]
    longest = max(b - a for a, b in pairwise(times))
    assert longest >= 99, "others went on while the service had asked for quiet"


@in_virtual_time
def test_a_refused_request_is_not_repeated_and_one_without_luck_is_given_up(tmp_path: Path) -> None:
    acts = {request(3).id: Permanent("HTTP 400"), request(5).id: Retryable("HTTP 503")}
    teacher = FakeTeacher(lambda one, times: acts.get(one.id, 1.0))
    ended, entries = asked(tmp_path, teacher, 10, Manners(tries=4, failures=100))
    assert (ended.answered, ended.failed, ended.left) == (8, 2, 0)
    assert (entries[3].error, entries[3].permanent, entries[3].tries) == ("HTTP 400", True, 1)
    assert (entries[5].error, entries[5].permanent, entries[5].tries) == ("HTTP 503", False, 4)


@in_virtual_time
def test_a_busy_service_is_not_held_against_the_request(tmp_path: Path) -> None:
    teacher = FakeTeacher(lambda one, times: Retryable("HTTP 429") if times < 10 else 1.0)
    ended, _ = asked(tmp_path, teacher, 3, Manners(tries=4, failures=1000))
    assert ended.answered == 3


@in_virtual_time
def test_a_request_that_trickles_for_ever_counts_as_lost_and_as_charged(tmp_path: Path) -> None:
    teacher = FakeTeacher(lambda one, times: 1e6 if times == 0 else 1.0)
    ended, _ = asked(tmp_path, teacher, 1, Manners(timeout_s=30))
    guess = Spent.guess(request(0), teacher.prices)
    assert ended.answered == 1 and teacher.times[1][0] == pytest.approx(30.75, abs=0.3)
    assert ended.spent == guess + Spent.on(50, 30, teacher.prices)


@in_virtual_time
def test_faults_at_thirty_percent_leave_nothing_out(tmp_path: Path) -> None:
    rng = random.Random(7)
    faults: list[Callable[[], Exception]] = [
        lambda: Retryable("HTTP 429", retry_after=1.0),
        lambda: Retryable("HTTP 429"),
        lambda: Retryable("HTTP 500"),
        lambda: Retryable("timeout", billed=True),
    ]
    teacher = FakeTeacher(lambda one, times: rng.choice(faults)() if rng.random() < 0.3 else rng.random())
    ended, entries = asked(tmp_path, teacher, 600, Manners(concurrency=16))
    assert ended.answered + ended.failed == 600 == len(entries) and ended.failed < 5
    assert ended.spent.requests == sum(teacher.asked.values())
    assert all(entry.tries == teacher.asked[entry.request.id] for entry in entries)


@in_virtual_time
def test_a_teacher_that_is_down_is_left_alone_and_asked_again_later(tmp_path: Path) -> None:
    def act(one: Request, times: int) -> Exception | float:
        now = teacher.times[-1][0]
        return Retryable("HTTP 503") if 10 < now < 200 else 1.0

    teacher = FakeTeacher(act)
    ended, entries = asked(tmp_path, teacher, 400, Manners(concurrency=8))
    assert ended.answered == 400
    down = [when for when, _ in teacher.times if 20 < when < 200]
    assert len(down) < 45, "a teacher that is down was asked over and over"
    assert max(entry.tries for entry in entries) < 8


@in_virtual_time
def test_a_teacher_that_stays_down_ends_the_run_and_burns_no_request(tmp_path: Path) -> None:
    teacher = FakeTeacher(lambda one, times: Retryable("HTTP 503"))
    with pytest.raises(
        TeacherDown, match=r"the teacher is down: no answer after 6 pauses \(HTTP 503\): start the same"
    ):
        asked(tmp_path, teacher, 400)
    assert sum(teacher.asked.values()) < 60 and teacher.times[-1][0] > 700
    ended, entries = asked(tmp_path, FakeTeacher(), 400)
    assert ended.answered + sum(entry.state == "failed" for entry in entries) == 400


@in_virtual_time
def test_a_pause_of_hours_ends_the_run(tmp_path: Path) -> None:
    teacher = FakeTeacher(lambda one, times: Retryable("HTTP 429", retry_after=7200.0))
    with pytest.raises(TeacherDown, match="a pause of 120 minutes: start the same command again then"):
        asked(tmp_path, teacher, 10)


@in_virtual_time
@pytest.mark.parametrize(("per_minute", "seconds"), [(60, 119), (6000, 1.19)])
def test_no_more_requests_a_minute_than_allowed(tmp_path: Path, per_minute: int, seconds: float) -> None:
    teacher = FakeTeacher(lambda one, times: 0.1)
    asked(tmp_path, teacher, 120, Manners(concurrency=64, requests_per_minute=per_minute))
    when = [moment for moment, _ in teacher.times]
    assert when[-1] >= seconds * 0.9
    assert max(sum(start <= other < start + 60 for other in when) for start in when) <= per_minute


@in_virtual_time
def test_no_more_tokens_a_minute_than_allowed(tmp_path: Path) -> None:
    teacher = FakeTeacher(lambda one, times: Reply("{}", one.tokens_in + 50, one.tokens_out, "stop"))
    asked(tmp_path, teacher, 100, Manners(concurrency=64, tokens_per_minute=3000))
    each = request(0).tokens_in + request(0).tokens_out
    assert teacher.times[-1][0] > 60 * 95 * (each + 50) / 3000, "tokens that the estimate left out were forgotten"


@in_virtual_time
@pytest.mark.parametrize("caps", [Caps(cost=0.003), Caps(tokens=2500), Caps(requests=37)])
def test_no_cap_is_passed_whatever_the_answers_are(tmp_path: Path, caps: Caps) -> None:
    rng = random.Random(3)

    def act(one: Request, times: int) -> Reply | Exception | float:
        if rng.random() < 0.2:
            return Retryable("timeout", billed=True)
        return Reply("{}", one.tokens_in, rng.randrange(1, one.payload.max_tokens + 1), "stop")

    teacher = FakeTeacher(act)
    ended, entries = asked(tmp_path, teacher, 200, Manners(concurrency=8), caps)
    assert ended.stopped and ended.left > 0 and caps.passed(ended.spent) is None
    assert ended.spent.requests == sum(teacher.asked.values())
    most = Spent.on(request(0).tokens_in, 200, teacher.prices)
    assert caps.passed(ended.spent + most), "it stopped long before the cap"
    again, _ = asked(tmp_path, teacher, 200, Manners(concurrency=8), caps)
    assert again.spent == Spent() and again.stopped == ended.stopped, "a second run was given the cap anew"
    last, entries = asked(tmp_path, FakeTeacher(), 200)
    assert last.left == 0 and all(entry.state == "done" for entry in entries)


def test_a_cost_that_nobody_knows_cannot_be_capped() -> None:
    with pytest.raises(RecipeError, match=r"not known.*synthesize.max_cost.*price_in"):
        Budget(Caps(cost=1.0), None, Spent())


def test_an_estimate_counts_what_would_be_asked(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.add(requests(3))
        journal.claim(request(1).id)
        journal.finish(request(1).id, right(request(1)), teacher="fake", cost=None)
        found = estimate(journal.unfinished(requests(4, passages=1)), Prices(1.0, 2.0))
    one = request(0)
    assert found.requests == found.passages == 3
    assert (found.tokens_in, found.tokens_out) == (3 * one.tokens_in, 3 * one.tokens_out)
    assert found.cost == pytest.approx((found.tokens_in + 2 * found.tokens_out) / 1e6)
    assert estimate(requests(1), None).cost is None


@in_virtual_time
def test_a_fatal_error_ends_the_run_at_once_and_keeps_what_is_answered(tmp_path: Path) -> None:
    def act(one: Request, times: int) -> Exception | float:
        return Fatal("the key is not valid") if sum(teacher.asked.values()) == 21 else 1.0

    teacher = FakeTeacher(act)
    with pytest.raises(Fatal, match="the key is not valid"):
        asked(tmp_path, teacher, 100, Manners(concurrency=4))
    assert sum(teacher.asked.values()) <= 24
    later = FakeTeacher()
    ended, _ = asked(tmp_path, later, 100)
    assert ended.left == 0 and sum(later.asked.values()) <= 80


@in_virtual_time
def test_a_full_disk_ends_the_run_and_nothing_counts_as_answered(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.add(requests(50))
        with journal.transaction() as sql:
            pages = sql.execute("PRAGMA page_count").fetchone()[0]
        journal._connection.execute(f"PRAGMA max_page_count = {pages}")
        long = Reply("x" * 10_000, 1, 1)
        with Asker(FakeTeacher(lambda *_: long), journal, Manners(), Caps(), log=LOG) as asker:
            with pytest.raises(RunError, match="the disk is full"):
                asker.ask()
            assert not journal.counts()["done"]


CHILD = """
    import os, sys, time
    from pathlib import Path
    from dragoman.runlog import RunLog
    from dragoman.synth.budget import Caps
    from dragoman.synth.journal import Journal
    from dragoman.synth.manners import Manners
    from dragoman.synth.runner import Asker
    from synth_world import FakeTeacher, requests

    log = os.open(sys.argv[1] + "/asked.txt", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    def act(one, times):
        os.write(log, (one.id + "\\n").encode())
        return float(sys.argv[3])
    teacher = FakeTeacher(act)
    with Journal.open(Path(sys.argv[1]) / "journal.sqlite", teacher.prices) as journal, Asker(
        teacher, journal, Manners(concurrency=8), Caps(), log=RunLog(quiet=True)
    ) as asker:
        journal.add(requests(int(sys.argv[2])))
        print("asking", flush=True)
        ended = asker.ask()
"""


def child(folder: Path, count: int, answer_s: float) -> subprocess.Popen[str]:
    source = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(source / "src"), str(source / "tests")])
    command = [sys.executable, "-c", textwrap.dedent(CHILD), str(folder), str(count), str(answer_s)]
    return subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("times", [2, pytest.param(10, marks=pytest.mark.slow)])
def test_killed_again_and_again_it_asks_nothing_twice_but_what_was_on_its_way(tmp_path: Path, times: int) -> None:
    rng, count, kills = random.Random(11), 300 * times, 0
    for _ in range(times):
        with child(tmp_path, count, 0.002) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.25))
            kills += process.poll() is None
            process.kill()
    with child(tmp_path, count, 0.0) as process:
        _, words = process.communicate()
    assert process.returncode == 0, words
    asked_of_it = Counter((tmp_path / "asked.txt").read_text().split())
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        entries = list(journal.look_up(requests(count)))
    assert [entry.reply.text for entry in entries if entry.reply] == [right(one).text for one in requests(count)]
    assert set(asked_of_it) == {one.id for one in requests(count)}
    assert kills > times / 2 and asked_of_it.total() - count <= 8 * kills


def test_ctrl_c_waits_for_the_answers_on_their_way_and_asks_nothing_more(tmp_path: Path) -> None:
    with child(tmp_path, 1000, 0.4) as process:
        assert process.stdout is not None
        process.stdout.readline()
        while not (tmp_path / "asked.txt").exists() or not (tmp_path / "asked.txt").read_text():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in words
    asked_of_it = (tmp_path / "asked.txt").read_text().split()
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        counts = journal.counts()
    assert len(asked_of_it) <= 16 and counts["done"] == len(asked_of_it) and counts["asked"] == 0


@in_virtual_time
@pytest.mark.parametrize("form", ["journal.sqlite", "export.jsonl", "export.jsonl.zst"])
def test_a_recorded_run_answers_the_same_again(tmp_path: Path, form: str) -> None:
    teacher = FakeTeacher(lambda one, times: Permanent("HTTP 400") if one.id == request(4).id else 1.0)
    _, before = asked(tmp_path, teacher, 20)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        write_export(journal, tmp_path / "export.jsonl")
        write_export(journal, tmp_path / "export.jsonl.zst")
    settings = TeacherSettings(kind="recorded", journal=form)
    recorded = make_teacher(settings, journal=tmp_path / form)
    (tmp_path / "new").mkdir()
    assert recorded.model == "tiny"
    assert [one.id for one in recorded.requests()] == [one.id for one in requests(20)]  # type: ignore[attr-defined]
    ended, after = asked(tmp_path / "new", recorded, 21)
    assert (ended.answered, ended.failed, ended.spent.cost) == (19, 2, 0.0)
    assert [entry.reply for entry in after[:20]] == [entry.reply for entry in before]
    assert [after[4].error, after[20].error] == ["HTTP 400", "not recorded"]
    assert not list(tmp_path.glob("*.tmp"))


def test_a_model_of_our_own_sees_passages_by_direction_and_many_at_once(tmp_path: Path) -> None:
    calls: list[int] = []

    def translate(texts: list[str], src: str, tgt: str) -> list[str]:
        assert (src, tgt) == ("de", "en")
        calls.append(len(texts))
        return [text.lower() for text in texts]

    teacher = make_teacher(TeacherSettings(kind="model", model="runs/mine"), translate=translate)
    with (
        Journal.open(tmp_path / "journal.sqlite") as journal,
        Asker(teacher, journal, Manners(concurrency=32), Caps(cost=0.01), log=LOG) as asker,
    ):
        journal.add(requests(200, passages=3))
        assert asker.ask().answered == 200
        entries = list(journal.look_up(requests(200, passages=3)))
    expected = [answer_text([p.text.lower() for p in one.payload.passages]) for one in requests(200, passages=3)]
    assert [entry.reply.text for entry in entries if entry.reply] == expected
    assert sum(calls) == 600 and len(calls) < 100


def test_a_fault_of_the_model_is_raised(tmp_path: Path) -> None:
    def translate(texts: list[str], src: str, tgt: str) -> list[str]:
        raise ZeroDivisionError

    teacher = make_teacher(TeacherSettings(kind="model", model="runs/mine"), translate=translate)
    with pytest.raises(ZeroDivisionError):
        asked(tmp_path, teacher, 20)


def test_progress_says_what_was_spent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (
        Journal.open(tmp_path / "journal.sqlite") as journal,
        Asker(FakeTeacher(lambda *_: 0.0), journal, Manners(), Caps(), log=RunLog()) as asker,
    ):
        journal.add(requests(1000))
        asker.ask()
    out, err = capsys.readouterr()
    assert not out and "1,000 of 1,000 requests, 80,000 tokens and 0.11 USD so far" in err
    assert json.dumps(err).count("\\n") == 1
