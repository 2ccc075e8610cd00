"""What a synthesis asks: passages of documents, or what a journal that is replayed was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Protocol

from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.synth import prompt
from dragoman.synth.items import Passage, Request
from dragoman.synth.passages import Chosen, passages
from dragoman.synth.teachers import Teacher
from dragoman.synth.teachers.recorded import RecordedTeacher

Directions = tuple[tuple[str, str], ...]


class Questions(Protocol):
    """The questions of both rounds, the same each time they are asked for."""

    def first(self) -> Iterator[Request]:
        """Those of the first round, in their order."""

    def again(self, passage: Passage) -> Request | None:
        """The second question for a passage whose first answer failed; None: there is none."""


class Written:
    """Questions about documents."""

    def __init__(
        self, settings: SynthesizeSettings, documents: Mapping[str, Path], directions: Directions, model: str
    ) -> None:
        """Raises `RecipeError` for a prompt that does not exist."""
        prompt.load_prompt(settings.prompt)
        self._settings, self._documents, self._directions, self._model = settings, documents, directions, model

    def first(self) -> Iterator[Request]:
        return prompt.requests(self._chosen, self._settings, self._model)

    @cached_property
    def _chosen(self) -> Chosen:
        return passages(self._documents, self._settings, self._directions)

    def again(self, passage: Passage) -> Request | None:
        # A model on this machine would say the same again.
        if not self._settings.ask_again or self._settings.teacher.kind == "model":
            return None
        return prompt.strict_request(passage, self._settings, self._model)


class Replayed:
    """Questions that a journal holds the answers to. Its second ones are held in memory: they are few."""

    def __init__(self, settings: SynthesizeSettings, directions: Directions, teacher: RecordedTeacher) -> None:
        self._settings, self._directions, self._teacher = settings, frozenset(directions), teacher

    def first(self) -> Iterator[Request]:
        left = self._settings.passages
        for request in self._teacher.requests():
            if not self._wanted(request):
                continue
            left = None if left is None else left - len(request.payload.passages)
            if left is not None and left < 0:
                return
            yield request

    def again(self, passage: Passage) -> Request | None:
        return self._second.get(passage.id) if self._settings.ask_again else None

    @cached_property
    def _second(self) -> dict[str, Request]:
        asked = self._teacher.requests(attempt=1)
        return {passage.id: request for request in asked for passage in request.payload.passages}

    def _wanted(self, request: Request) -> bool:
        return all((passage.src, passage.tgt) in self._directions for passage in request.payload.passages)


def directions_of(
    settings: SynthesizeSettings, languages: tuple[str, str], documents: Mapping[str, Path]
) -> Directions:
    """The directions of a synthesis, in the recipe's order; from every language that has documents, unless it says."""
    pairs = (languages, (languages[1], languages[0]))
    if settings.directions:
        asked = {tuple(name.split("-")) for name in settings.directions}
        return tuple(pair for pair in pairs if pair in asked)
    return tuple(pair for pair in pairs if settings.teacher.journal is not None or pair[0] in documents)


def make_questions(
    settings: SynthesizeSettings, languages: tuple[str, str], documents: Mapping[str, Path], teacher: Teacher
) -> Questions:
    """The questions that fit the teacher."""
    directions = directions_of(settings, languages, documents)
    if isinstance(teacher, RecordedTeacher):
        return Replayed(settings, directions, teacher)
    return Written(settings, documents, directions, teacher.model)
