"""What a synthesis took, and what its card says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dragoman.languages import LANGUAGES
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.synth.card import UNKNOWN_LICENCE, Facts
from dragoman.synth.journal_file import Entry
from dragoman.synth.output import PROVENANCE, Figures


class Took:
    """Questions and answers behind one set of pairs, whenever they were asked."""

    def __init__(self) -> None:
        self.requests = self.answers = self.asked_again = self.tokens_in = self.tokens_out = 0
        self.cost: float | None = 0.0
        self.models, self.teachers, self.prompts = Counter[str](), Counter[str](), Counter[str]()
        self.errors = Counter[str]()

    def counting(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """Pass entries on and count them."""
        for entry in entries:
            self._add(entry)
            yield entry

    def _add(self, entry: Entry) -> None:
        self.requests += 1
        self.asked_again += entry.request.payload.attempt > 0
        if entry.state == "failed":
            self.errors[entry.error or "unknown"] += 1
        if entry.reply is None:
            return
        self.answers += 1
        self.tokens_in += entry.reply.tokens_in
        self.tokens_out += entry.reply.tokens_out
        self.cost = None if self.cost is None or entry.cost is None else self.cost + entry.cost
        self.models[entry.reply.model or entry.request.model] += 1
        self.teachers[entry.reply.teacher] += 1
        self.prompts[entry.request.prompt] += 1

    def as_dict(self) -> dict[str, Any]:
        """As JSON, whatever the order of the entries."""
        return {
            "requests": self.requests,
            "answers": self.answers,
            "asked_again": self.asked_again,
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "cost": None if self.cost is None else round(self.cost, 6),
            "models": dict(sorted(self.models.items())),
            "teachers": dict(sorted(self.teachers.items())),
            "prompts": dict(sorted(self.prompts.items())),
            "errors": dict(sorted(self.errors.items())),
        }


def licence_of(settings: SynthesizeSettings, licences: Mapping[str, str], sources: Iterable[str]) -> str:
    """The licence of the pairs: the one that the recipe names, else that of all their sources, where they have one."""
    if settings.licence is not None:
        return settings.licence
    found = {licences.get(source, UNKNOWN_LICENCE) for source in sources}
    return found.pop() if len(found) == 1 else UNKNOWN_LICENCE


def facts(
    settings: SynthesizeSettings,
    title: str,
    languages: Sequence[str],
    licences: Mapping[str, str],
    figures: Figures,
    files: Mapping[str, Sequence[str]],
    took: Took,
    funnel: Mapping[str, Any],
) -> Facts:
    """What the card says about a set."""
    wishes = {"register": settings.style, "domain": settings.domain, "terminology": settings.terminology}
    counted = took.tokens_in + took.tokens_out > 0
    return Facts(
        title=title,
        licence=licence_of(settings, licences, figures.sources),
        teacher=settings.teacher.kind,
        model=", ".join(name for name, _ in took.models.most_common()),
        prompt=", ".join(name for name, _ in took.prompts.most_common()),
        pairs=figures.as_dict()["pairs"],
        files=files,
        funnel=funnel,
        lengths=figures.lengths,
        sources=figures.sources,
        columns={**{code: f"the {LANGUAGES.get(code, code)} side" for code in languages}, **PROVENANCE},
        instructions={name: wish for name, wish in wishes.items() if wish is not None},
        asked_again=took.asked_again,
        requests=took.requests,
        tokens_in=took.tokens_in if counted else None,
        tokens_out=took.tokens_out if counted else None,
        cost=took.cost if counted else None,
    )
