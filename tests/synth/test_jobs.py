"""Asking by jobs: a job outlives the run that submitted it, and no request goes out twice while one may be answered."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.errors import RunError
from dragoman.runlog import RunLog
from dragoman.synth import journal_batches as batches
from dragoman.synth.budget import Caps
from dragoman.synth.items import Permanent, Reply, Request, Retryable
from dragoman.synth.journal import Entry, Journal, Spent
from dragoman.synth.manners import Manners, TeacherDown
from dragoman.synth.runner import Asker, Ended
from dragoman.synth.teachers import JobState
from synth_world import FakeJobs, FakeTeacher, request, requests, right, virtual_time  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("virtual_time")
LOG = RunLog(quiet=True)
Service = dict[str, list[Request]]


class Stopped(BaseException):
    """The process ends here."""


def asked(
    path: Path, teacher: FakeTeacher, count: int, manners: Manners | None = None, caps: Caps | None = None
) -> tuple[Ended, list[Entry]]:
    manners = manners or Manners(job_requests=100)
    with (
        Journal.open(path / "journal.sqlite", teacher.prices) as journal,
        Asker(teacher, journal, manners, caps or Caps(), log=LOG) as asker,
    ):
        journal.add(requests(count))
        ended = asker.ask()
        return ended, list(journal.look_up(requests(count)))


def test_jobs_answer_everything_once(tmp_path: Path) -> None:
    teacher = FakeJobs(service := {})
    ended, entries = asked(tmp_path, teacher, 950)
    assert ended == Ended(950, 0, 0, None, Spent(950, 47_500, 28_500, pytest.approx(0.1045)))
    assert [entry.reply.text for entry in entries if entry.reply] == [right(one).text for one in requests(950)]
    assert len(service) == 10 and set(teacher.asked.values()) == {1}


@pytest.mark.parametrize("moment", ["before the service has it", "after the service has it", "while it runs"])
def test_a_job_of_a_killed_run_is_found_again(tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    service: Service = {}

    class Dying(FakeJobs):
        async def submit(self, asked: object, label: str) -> str:
            if moment == "before the service has it":
                raise Stopped
            await super().submit(asked, label)  # type: ignore[arg-type]
            if moment == "after the service has it":
                raise Stopped
            return label

        async def poll(self, job: str) -> JobState:
            raise Stopped

    with pytest.raises(Stopped):
        asked(tmp_path, Dying(service), 250)
    before = set(service)
    later = FakeJobs(service)
    ended, entries = asked(tmp_path, later, 250)
    assert ended.left == 0 and len({entry.request.id for entry in entries if entry.reply}) == 250
    assert before <= set(service)
    assert sorted(one.id for job in service.values() for one in job) == sorted(one.id for one in requests(250))


def test_answers_that_come_in_pieces_are_counted_once(tmp_path: Path) -> None:
    breaks = iter([True, True, False])

    class Breaking(FakeJobs):
        async def fetch(self, job: str):  # type: ignore[no-untyped-def, override]
            count = 0
            async for id, outcome in super().fetch(job):
                yield id, outcome
                count += 1
                if count == 60 and next(breaks):
                    raise Retryable("connection broken")

    ended, _ = asked(tmp_path, Breaking({}), 100)
    assert ended == Ended(100, 0, 0, None, Spent(100, 5000, 3000, pytest.approx(0.011)))


def test_what_a_job_leaves_out_or_fails_in_passing_goes_out_again_and_what_it_refuses_does_not(tmp_path: Path) -> None:
    def act(one: Request, times: int) -> Reply | Exception | float:
        if one.id == request(7).id:
            return Permanent("HTTP 400")
        return Retryable("HTTP 500") if one.id == request(8).id and times == 0 else 1.0

    class Leaving(FakeJobs):
        async def fetch(self, job: str):  # type: ignore[no-untyped-def, override]
            async for id, outcome in super().fetch(job):
                if id != request(9).id or self.asked[id] > 1:
                    yield id, outcome

    teacher = Leaving({}, act)
    ended, entries = asked(tmp_path, teacher, 20)
    assert (ended.answered, ended.failed, ended.left) == (19, 1, 0)
    assert {number: entries[number].tries for number in (6, 7, 8, 9)} == {6: 1, 7: 1, 8: 2, 9: 2}
    assert entries[7].error == "HTTP 400" and entries[7].permanent


def test_what_a_job_left_out_holds_no_budget(tmp_path: Path) -> None:
    class Empty(FakeJobs):
        async def fetch(self, job: str):  # type: ignore[no-untyped-def, override]
            async for id, outcome in super().fetch(job):
                if self.asked[id] > 1:
                    yield id, outcome

    once = request(0).tokens_in + request(0).payload.max_tokens
    assert asked(tmp_path, Empty({}), 1, caps=Caps(tokens=once + once // 2))[0].answered == 1


def test_a_request_that_no_job_answers_is_given_up(tmp_path: Path) -> None:
    teacher = FakeJobs({}, lambda one, times: Retryable("HTTP 500") if one.id == request(3).id else 1.0)
    ended, entries = asked(tmp_path, teacher, 10, Manners(tries=3))
    assert (ended.answered, ended.failed) == (9, 1) and entries[3].tries == 3


@pytest.mark.parametrize("fault", ["failed", "gone"])
def test_jobs_that_fail_as_a_whole_end_the_run(tmp_path: Path, fault: str) -> None:
    teacher = FakeJobs(service := {})

    def state(job: str) -> JobState:
        if fault == "failed":
            return "failed"
        del service[job]
        return "running"

    teacher.state = state
    with pytest.raises(TeacherDown, match="3 jobs in a row came to nothing"):
        asked(tmp_path, teacher, 50)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        assert journal.counts() == {"open": 50, "asked": 0, "done": 0, "failed": 0}
        assert not batches.running(journal)


def test_a_job_that_is_refused_says_so(tmp_path: Path) -> None:
    class Refusing(FakeJobs):
        async def submit(self, asked: object, label: str) -> str:
            raise Permanent("HTTP 400")

    with pytest.raises(RunError, match=r"the service refuses the job \(HTTP 400\) .*: see whether the model has"):
        asked(tmp_path, Refusing({}), 50)
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        assert journal.counts()["open"] == 50


def test_a_service_that_does_not_answer_is_asked_with_patience(tmp_path: Path) -> None:
    polls = iter([Retryable("HTTP 503")] * 5)

    class Shaky(FakeJobs):
        async def poll(self, job: str) -> JobState:
            if (error := next(polls, None)) is not None:
                raise error
            return await super().poll(job)

    assert asked(tmp_path, Shaky({}), 10)[0].answered == 10

    class Down(FakeJobs):
        async def poll(self, job: str) -> JobState:
            raise Retryable("HTTP 503")

    with pytest.raises(TeacherDown, match=r"20 tries \(HTTP 503\): start the same command again later"):
        asked(tmp_path, Down({}), 20)


def test_a_cap_holds_back_the_requests_that_might_pass_it(tmp_path: Path) -> None:
    teacher = FakeJobs({})
    ended, _ = asked(tmp_path, teacher, 100, caps=Caps(tokens=5000))
    assert ended.stopped == "max_tokens of 5,000" and ended.left > 0
    used = ended.spent.tokens_in + ended.spent.tokens_out
    assert 5000 - 300 < used <= 5000, "budget that came free was not used, or the cap was passed"


def test_who_turns_from_jobs_to_single_requests_is_told_of_jobs_still_running(tmp_path: Path) -> None:
    class Dying(FakeJobs):
        async def poll(self, job: str) -> JobState:
            raise Stopped

    with pytest.raises(Stopped):
        asked(tmp_path, Dying({}), 50)
    with pytest.raises(RunError, match=r"50 requests are in jobs that have not ended .*teacher.batch: true"):
        asked(tmp_path, FakeTeacher(), 50)
