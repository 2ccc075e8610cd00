"""The synthesize stage: curated documents in, checked pairs out, with an account of every passage that became none.

    documents.de.jsonl --passages--> requests --teacher--> journal --answers, checks--> pairs
                                        ^                     |
                                        +--- stricter ones for what failed, once

    out/  data/train.parquet data/train.tsv  (dev, test)      see `output`
          README.md        the data card
          synthesis.json   the figures of the stage
          samples.jsonl    kept and rejected passages to look at

The journal lies where the caller says and outlives the folder. Two rounds, one after the other: the second asks only
for what failed in the first, so who answered sooner changes nothing, and a run that was killed ends with the same
pairs. They stand in the order of the passages. Memory holds two hashes for each pair, and one chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from dragoman.corpus.funnel import Funnel
from dragoman.corpus.pair_rules import Earlier
from dragoman.errors import DataError, DragomanError
from dragoman.io import atomic_writer, read_jsonl, read_lines, write_json, write_jsonl, write_text
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.runlog import RunLog
from dragoman.synth.budget import Caps, Estimate, estimate
from dragoman.synth.card import CARD, card
from dragoman.synth.confirm import Ask, at_terminal, confirm
from dragoman.synth.items import Request
from dragoman.synth.journal import Journal
from dragoman.synth.journal_reader import JournalReader
from dragoman.synth.judge import ORDER, Verdict, judge_all, without_copies
from dragoman.synth.manners import Manners
from dragoman.synth.output import Figures, PairFiles
from dragoman.synth.questions import Questions, make_questions
from dragoman.synth.runner import Asker
from dragoman.synth.teachers import Teacher
from dragoman.synth.took import Took, facts

SYNTHESIS, SAMPLES = "synthesis.json", "samples.jsonl"
WORK = "checkpoint"  # what only an unfinished stage needs
CHUNK = 512


@dataclass(frozen=True)
class Task:
    """What a synthesis works on, beside its settings."""

    title: str
    """What the card calls the set."""
    languages: tuple[str, str]
    """The order of the columns."""
    documents: Mapping[str, Path]
    """Language -> curated documents; empty where a journal is replayed."""
    journal: Path
    """Where the answers are kept; made if need be."""
    licences: Mapping[str, str] = field(default_factory=dict)
    """Source -> licence of its text, as far as it is known."""


class _Work:
    """One run of the stage: what its steps share."""

    def __init__(
        self,
        settings: SynthesizeSettings,
        teacher: Teacher,
        out: Path,
        log: RunLog,
        journal: Journal,
        questions: Questions,
        asker: Asker,
    ) -> None:
        self.settings, self.teacher, self.out, self.log = settings, teacher, out, log
        self.journal, self.questions, self.asker = journal, questions, asker
        self.funnel, self.took = Funnel(ORDER), Took()
        self.stopped: str | None = None
        self._ids, self._first = out / WORK / "requests.txt", out / WORK / "first.jsonl"
        self._works = self._agreed = False

    def note_first(self) -> Estimate:
        """Enter every first question into the journal; what those will take that have no answer yet.

        Raises `DataError` where there is nothing to ask.
        """
        with atomic_writer(self._ids) as ids:

            def unanswered() -> Iterator[Request]:
                stream = self.questions.first()
                while chunk := list(islice(stream, CHUNK)):
                    ids.writelines(f"{request.id}\n".encode() for request in chunk)
                    yield from self.journal.unfinished(chunk)
                    self.journal.add(chunk)

            left = estimate(unanswered(), self.teacher.prices)
            if not ids.tell():
                do = "check the documents, and sentences and directions of `synthesize:`"
                raise DataError("there is no passage to translate", do=do)
        return left

    def note_second(self) -> Estimate:
        """Judge the first answers, and enter a second question for each passage that failed; what those will take."""

        def rows() -> Iterator[dict[str, Any]]:
            verdicts = self._verdicts(read_lines(self._ids))
            with self.log.progress("check", unit="passages") as advance:
                while chunk := list(islice(verdicts, CHUNK)):
                    seconds = [self._second(verdict) for verdict in chunk]
                    self.journal.add(request for request in seconds if request is not None)
                    for verdict, request in zip(chunk, seconds, strict=True):
                        yield {**verdict.as_dict(), "again": request.id if request is not None else None}
                    advance(len(chunk))

        write_jsonl(self._first, rows())
        entries = self.journal.look_up(row["again"] for row in read_jsonl(self._first) if row["again"] is not None)
        return estimate((entry.request for entry in entries if entry.state == "open"), self.teacher.prices)

    def _second(self, verdict: Verdict) -> Request | None:
        if verdict.reason is None or self.stopped is not None:
            return None
        return self.questions.again(verdict.passage)

    def check(self) -> None:
        """Raise where no question would be answered, for example without a key; once."""
        if not self._works:
            self.asker.check()
            self._works = True

    def ask_all(self, left: Estimate, ask: Ask) -> None:
        """Ask what is open, once somebody has agreed to it."""
        counts = self.journal.counts(this_round=True)
        if self.stopped is not None or not counts["open"] + counts["asked"]:
            return
        if not self._agreed:
            confirm(left, self.teacher.prices, self.settings, self.log, ask)
            self._agreed = True
        self.check()
        self.stopped = self.asker.ask().stopped
        if self.stopped is not None:
            self.log.say(f"synthesize: stopped at the {self.stopped}; raise it and run again to go on")

    def _verdicts(self, ids: Iterable[str]) -> Iterator[Verdict]:
        """What the answers to some questions are worth, passage by passage, in the order of the questions."""
        return judge_all(self.took.counting(self.journal.look_up(ids)), self.settings.checks)

    def last_verdicts(self) -> Iterator[Verdict]:
        """One verdict for each passage, in order: the second where there is a second answer, else the first."""
        rows = read_jsonl(self._first)
        while chunk := list(islice(rows, CHUNK)):
            seconds = self._verdicts(row["again"] for row in chunk if row["again"] is not None)
            better = {verdict.passage.id: verdict for verdict in seconds if verdict.answered}
            for row in chunk:
                first = Verdict.from_dict(row)
                yield better.get(first.passage.id, first) if row["again"] is not None else first

    def write(self, languages: tuple[str, str]) -> tuple[Figures, dict[str, list[str]]]:
        """Write the pairs; what they are, and their files. The funnel counts every passage."""
        shares = self.settings.dev_share, self.settings.test_share
        earlier, verdicts = Earlier(near=True), self.last_verdicts()
        with PairFiles(self.out, languages, *shares) as files:
            while chunk := list(islice(verdicts, CHUNK)):
                for verdict in without_copies(chunk, languages, earlier):
                    self._count(verdict)
                    if verdict.reason is None:
                        files.write(verdict.pair())
        return files.figures, files.files()

    def _count(self, verdict: Verdict) -> None:
        passage = verdict.passage
        row = {passage.src: passage.text, passage.tgt: verdict.text}
        note = {"error": verdict.error} if verdict.error else None
        self.funnel.add(passage.source, f"{passage.src}-{passage.tgt}", row, verdict.reason, note=note)


@contextmanager
def _journal(path: Path, teacher: Teacher) -> Iterator[Journal]:
    """The journal at `path`. One that is new and nothing was asked from is removed again after an error."""
    new = not path.exists()
    with Journal.open(path, teacher.prices) as journal:
        try:
            yield journal
        except BaseException:
            with suppress(DragomanError):
                counts = journal.counts()
                if new and counts["open"] == sum(counts.values()):
                    journal.close()
                    for ending in ("", "-wal", "-shm", ".lock"):
                        path.with_name(path.name + ending).unlink(missing_ok=True)
            raise


def synthesize(
    settings: SynthesizeSettings, task: Task, teacher: Teacher, out: Path, log: RunLog, ask: Ask = at_terminal
) -> dict[str, Any]:
    """Write the pairs to `out`; the result holds the funnel, the sizes of the splits and what it took.

    `ask` is put the question whether to spend the money. Raises `DataError` where no pair survives, `Fatal` where the
    teacher cannot work, `TeacherDown` where it works no more, and `RunError` where the answer is no.
    """
    questions = make_questions(settings, task.languages, task.documents, teacher)
    caps = Caps(settings.max_cost, settings.max_tokens, settings.max_requests)
    new = not task.journal.exists()
    with ExitStack() as stack:
        journal = stack.enter_context(_journal(task.journal, teacher))
        asker = stack.enter_context(Asker(teacher, journal, Manners.of(settings.teacher), caps, log=log, seed=1))
        work = _Work(settings, teacher, out, log, journal, questions, asker)
        if new:
            work.check()
        work.ask_all(work.note_first(), ask)
        work.ask_all(work.note_second(), ask)
        figures, files = work.write(task.languages)
    if not figures.pairs.get("train"):
        do = "look at the reasons, and at the journal; loosen `synthesize.checks`, or ask for more passages"
        raise DataError(f"no passage became a training pair: {work.funnel.line()}", where=task.journal, do=do)
    log.say(f"synthesize: {work.funnel.line()}")
    funnel = work.funnel.as_dict()
    write_jsonl(out / SAMPLES, work.funnel.samples())
    known = facts(settings, task.title, task.languages, task.licences, figures, files, work.took, funnel)
    write_text(out / CARD, card(known))
    result = {**work.took.as_dict(), **figures.as_dict(), "stopped": work.stopped, "funnel": funnel}
    write_json(out / SYNTHESIS, result)
    return result


def foresee(settings: SynthesizeSettings, task: Task, teacher: Teacher) -> tuple[Estimate, Estimate]:
    """What the first round would take as a whole, and what of it the journal does not hold yet. Asks nothing."""
    questions = make_questions(settings, task.languages, task.documents, teacher)
    whole = estimate(questions.first(), teacher.prices)
    if not task.journal.exists():
        return whole, whole
    with JournalReader.open(task.journal) as journal:
        return whole, estimate(journal.unfinished(questions.first()), teacher.prices)
