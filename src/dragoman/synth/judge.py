"""What an answer is worth: every passage of a request ends as a translation or with the reason why not.

    Entry(request of 2 passages, reply)  ->  Verdict(passage 1, "Good day.", None), Verdict(passage 2, "", "numbers")

Order of the reasons: no question (`not_asked`), no answer (`no_answer`), an answer that cannot be read, the checks, and
last what only the whole set shows (`duplicate`, `near_duplicate`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from dragoman.corpus.pair_rules import Earlier
from dragoman.recipe.synthesize import CheckSettings
from dragoman.synth import answers, checks
from dragoman.synth.items import Passage
from dragoman.synth.journal_file import Entry
from dragoman.synth.output import SynthPair

NOT_ASKED, NO_ANSWER = "not_asked", "no_answer"
COPIES = ("duplicate", "near_duplicate")
ORDER = (NOT_ASKED, NO_ANSWER, *answers.REASONS, *checks.REASONS, *COPIES)
PASSED = " ".join((*checks.REASONS, *COPIES))
ENTRIES = 128  # judged together


@dataclass(frozen=True)
class Verdict:
    """A passage, what came back for it, and why that is no translation (None: it is one)."""

    passage: Passage
    text: str
    reason: str | None
    teacher: str = ""
    model: str = ""
    prompt: str = ""
    attempt: int = 0
    written: float = 0.0
    error: str | None = None
    """Why there is no answer."""

    @property
    def answered(self) -> bool:
        """Whether the teacher said anything."""
        return self.reason not in (NOT_ASKED, NO_ANSWER)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Verdict:
        """The verdict that `as_dict` wrote, among whatever else."""
        known = {name: value[name] for name in cls.__dataclass_fields__}
        return cls(**{**known, "passage": Passage(**value["passage"])})

    def pair(self) -> SynthPair:
        """The pair of an accepted translation."""
        whence = self.teacher, self.model, self.prompt, self.attempt, self.written
        return SynthPair(self.passage, self.text, *whence, PASSED)


def judge_all(entries: Iterable[Entry], settings: CheckSettings) -> Iterator[Verdict]:
    """A verdict for every passage of every entry, in order; all but whether it is a duplicate."""
    stream = iter(entries)
    while some := list(islice(stream, ENTRIES)):
        read = [verdict for entry in some for verdict in _read(entry)]
        asked = [index for index, verdict in enumerate(read) if verdict.reason is None]
        reasons = checks.judge([(read[index].passage, read[index].text) for index in asked], settings)
        found = dict(zip(asked, reasons, strict=True))
        yield from (replace(verdict, reason=found.get(i, verdict.reason)) for i, verdict in enumerate(read))


def _read(entry: Entry) -> list[Verdict]:
    """What an entry says about each of its passages, unchecked."""
    request, reply = entry.request, entry.reply
    passages = request.payload.passages
    if reply is None:
        reason = NO_ANSWER if entry.state == "failed" else NOT_ASKED
        error = entry.error if entry.state == "failed" else None
        return [Verdict(passage, "", reason, attempt=request.payload.attempt, error=error) for passage in passages]
    whence = reply.teacher, reply.model or request.model, request.prompt, request.payload.attempt, reply.written or 0.0
    parts = answers.read_answer(reply, passages)
    found = zip(passages, parts, strict=True)
    return [Verdict(passage, part.text or "", part.reason, *whence) for passage, part in found]


def without_copies(verdicts: Sequence[Verdict], languages: tuple[str, str], earlier: Earlier) -> list[Verdict]:
    """The verdicts, with a reason for the accepted ones whose pair came before, whichever side was translated.

    Call in the order of the output.
    """
    kept = [index for index, verdict in enumerate(verdicts) if verdict.reason is None]
    found = earlier.judge([_sides(verdicts[index], languages) for index in kept])
    reasons = dict(zip(kept, found, strict=True))
    return [replace(verdict, reason=reasons.get(i, verdict.reason)) for i, verdict in enumerate(verdicts)]


def _sides(verdict: Verdict, languages: tuple[str, str]) -> tuple[str, str]:
    sides = {verdict.passage.src: verdict.passage.text, verdict.passage.tgt: verdict.text}
    return sides[languages[0]], sides[languages[1]]
