"""Read a recipe file: YAML, `--set` overrides, strict validation with errors that name the place.

    name: demo                 ->  Recipe(name="demo", languages=("de", "en"),
    languages: [de, en]                   finetune=FinetuneSettings(steps=100), ...)
    finetune: {steps: 100}

Paths stay as written: a relative one starts at `data.root`, and that at the current directory.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from dragoman.errors import RecipeError, nearest
from dragoman.languages import LANGUAGES, nearest_language
from dragoman.recipe.corpus import CurateSettings, PairsSettings
from dragoman.recipe.data import DataSettings
from dragoman.recipe.document import Document, Path_, dotted, put_in, read_document
from dragoman.recipe.options import describe, may_be_absent, section_of
from dragoman.recipe.settings import Settings
from dragoman.recipe.synthesize import SYNTHETIC, SynthesizeSettings
from dragoman.recipe.training import (
    CompareSettings,
    EvaluateSettings,
    FinetuneSettings,
    ModelSettings,
    PretrainSettings,
    TokenizerSettings,
    TrackSettings,
)

NAME = re.compile(r"[A-Za-z0-9][\w-]*(?:\.[\w-]+)*", re.ASCII)  # what may become part of a file name


class Recipe(Settings):
    """One model, from text to scores."""

    name: str
    """Name of the model; runs/<name> holds its stages."""
    seed: int = Field(1, ge=0)
    """Where all randomness starts: two runs with one seed on one machine give the same weights."""
    languages: tuple[str, str]
    """The language pair (ISO 639-1), for example `[de, en]`."""
    data: DataSettings = DataSettings()
    curate: CurateSettings = CurateSettings()
    synthesize: SynthesizeSettings | None = None
    """Pairs made from the curated documents by a language model. None: only the pairs that `data` names."""
    pairs: PairsSettings = PairsSettings()
    tokenizer: TokenizerSettings = TokenizerSettings()
    model: ModelSettings = ModelSettings()
    pretrain: PretrainSettings = PretrainSettings()
    finetune: FinetuneSettings = FinetuneSettings()
    compare: CompareSettings = CompareSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    track: TrackSettings = TrackSettings()

    def directions(self) -> tuple[tuple[str, str], ...]:
        """The (source, target) pairs the model learns."""
        if self.finetune.directions:
            return tuple((src, tgt) for src, _, tgt in (name.partition("-") for name in self.finetune.directions))
        first, second = self.languages
        return ((first, second), (second, first))


def load_recipe(path: Path, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe at `path`, with each `--set` override (`a.b=c`) put in.

    Raises `RecipeError` (`DataError` where the file cannot be read) for the first thing that is wrong, by line.
    """
    document = read_document(path, overrides)
    values = _without_blank_sections(document.value, Recipe)
    try:
        recipe = Recipe.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        raise _first_problem(error, document) from None
    _check_names(recipe, document)
    _check_languages(recipe, document)
    _check_synthesis(recipe, document)
    return recipe


class _CurateAlone(Settings):
    curate: CurateSettings = CurateSettings()


class _SynthesizeAlone(Settings):
    synthesize: SynthesizeSettings


def curate_settings(overrides: Sequence[str], **options: object) -> CurateSettings:
    """The options of `curate:` from `--set` overrides alone (`max_chars=500`), with a recipe's errors.

    `options` come from options of their own (`workers=2` from `--workers 2`); None: not given.
    """
    given = {f"--{name}": (name, value) for name, value in options.items()}
    return _section_alone("curate", _CurateAlone, overrides, given, "min_chars=200").curate


def synthesize_settings(overrides: Sequence[str], given: Mapping[str, tuple[str, object]]) -> SynthesizeSettings:
    """The options of `synthesize:` in the same way; `given` maps `--model` to ("teacher.model", its value)."""
    return _section_alone("synthesize", _SynthesizeAlone, overrides, given, "checks.max_length_ratio=3").synthesize


Alone = TypeVar("Alone", bound=Settings)


def _section_alone(
    name: str, model: type[Alone], overrides: Sequence[str], given: Mapping[str, tuple[str, object]], example: str
) -> Alone:
    alone = Document("the defaults", {})
    for override in overrides:
        if not override.partition("=")[1]:
            what = "an override has the form option=value"
            raise RecipeError(what, where=f"--set {override}", do=f"for example --set {example}")
        put_in(alone, override.removeprefix(f"{name}."))
    places: dict[Path_, str] = {(name, *path): place for path, place in alone.places.items()}
    for option, (place, value) in given.items():
        if value is not None:
            *sections, last = place.split(".")
            holder = functools.reduce(lambda section, part: section.setdefault(part, {}), sections, alone.value)
            holder[last], places[name, *place.split(".")] = value, f"{option} {_spelled(value)}"
    document = Document("the defaults", {name: alone.value}, places)
    try:
        return model.model_validate_json(json.dumps(document.value, default=str), strict=True)
    except ValidationError as error:
        raise _first_problem(error, document) from None


def _spelled(value: object) -> str:
    """A value as the command line has it."""
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _without_blank_sections(values: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """`curate:` with nothing under it means the defaults, as `curate: {}` does."""

    def blank(name: str, value: Any) -> bool:
        info = model.model_fields.get(name)
        if value is not None or info is None or may_be_absent(info.annotation):
            return False
        return section_of(info.annotation) is not None

    return {name: value for name, value in values.items() if not blank(name, value)}


def _first_problem(error: ValidationError, document: Document) -> RecipeError:
    """The error whose place comes first in the file; unknown names before what may follow from them."""

    problems = [(_real_path(details["loc"], document.value), details) for details in error.errors(include_url=False)]

    def rank(problem: tuple[Path_, ErrorDetails]) -> tuple[bool, int]:
        line = re.search(r"line (\d+)$", document.place(problem[0]))
        return problem[1]["type"] != "extra_forbidden", int(line[1]) if line else 0

    path, first = min(problems, key=rank)
    messages = [details["msg"] for other, details in problems if other == path]
    return _explain(path, first, messages, document)


def _real_path(loc: Iterable[str | int], value: Any) -> Path_:
    """pydantic's place without the names of union members that it puts in."""
    path: Path_ = ()
    for step in loc:
        if isinstance(value, dict):
            path, value = (*path, str(step)), value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int):
            path, value = (*path, step), value[step] if step < len(value) else None
    return path


def _explain(path: Path_, details: ErrorDetails, messages: list[str], document: Document) -> RecipeError:
    where = document.place(path)
    if details["type"] == "extra_forbidden":
        return RecipeError(f"unknown option '{dotted(path)}'", where=where, do=_nearest_option(path))
    if details["type"] == "missing":
        return RecipeError(
            f"'{dotted(path)}' is missing", where=where, do="add it; `dragoman options` tells what it is"
        )
    if details["type"] == "value_error":
        message = details["msg"].removeprefix("Value error, ")
        return RecipeError(f"'{dotted(path)}': {message}", where=where, do="correct it there")
    shown = json.dumps(details["input"], ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    wanted = " or ".join(message.removeprefix("Input should be ") for message in messages)
    for pydantic, ours in _PLAIN_WORDS.items():
        wanted = wanted.replace(pydantic, ours)
    return RecipeError(f"'{dotted(path)}' is {shown}", where=where, do=f"it must be {wanted}")


_PLAIN_WORDS = {
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "text (in quotes where it looks like something else)",
    "a valid boolean": "true or false",
    "a valid array": "a list",
    "a valid tuple": "a list",
    "a valid dictionary": "a section of `option: value` lines",
    "an object": "a section of `option: value` lines",
    "greater than or equal to": "at least",
    "less than or equal to": "at most",
    "greater than": "more than",
}


def _nearest_option(path: Path_) -> str:
    """The nearest name in the same section, else the same name in another section, else what the section knows."""
    model: type[BaseModel] = Recipe
    for step in path[:-1]:
        info = model.model_fields.get(str(step))
        model = (section_of(info.annotation) if info is not None else None) or model
    name, known = str(path[-1]), list(model.model_fields)
    if difflib.get_close_matches(name, known, n=1, cutoff=0.6):
        return nearest(name, known)
    elsewhere = [row["name"] for row in describe(Recipe) if row["name"].rpartition(".")[2] == name]
    return f"did you mean {' or '.join(repr(option) for option in elsewhere)}?" if elsewhere else nearest(name, known)


def _check_names(recipe: Recipe, document: Document) -> None:
    """Names that become part of file names must be able to; two sources of one kind may not share one."""
    if not NAME.fullmatch(recipe.name):
        raise _problem(document, ("name",), f"'{recipe.name}' cannot be the name of a folder", _NAME_ADVICE)
    for kind in ("mono", "pairs", "dev", "test"):
        names: list[str] = []
        for index, source in enumerate(getattr(recipe.data, kind)):
            path: Path_ = ("data", kind, index, "name")
            if kind == "test" and not NAME.fullmatch(source.name):
                raise _problem(document, path, f"'{source.name}' cannot be part of a file name", _NAME_ADVICE)
            if kind != "mono" and source.name in names:
                raise _problem(document, path, f"two sources of data.{kind} are called '{source.name}'", "rename one")
            names.append(source.name)


_NAME_ADVICE = "use letters, digits, '-', '_'"


def _check_languages(recipe: Recipe, document: Document) -> None:
    """Languages exist, differ, and are the only ones that sources and directions speak of."""
    first, second = recipe.languages
    for index, code in enumerate(recipe.languages):
        if code not in LANGUAGES:
            raise _problem(document, ("languages", index), f"'{code}' is not a language code", nearest_language(code))
    if first == second:
        raise _problem(document, ("languages",), f"both languages are '{first}'", "name two different ones")
    both = {f"{first}-{second}", f"{second}-{first}"}
    for index, direction in enumerate(recipe.finetune.directions):
        if direction not in both:
            what = f"'{direction}' is not a direction of this recipe"
            raise _problem(document, ("finetune", "directions", index), what, nearest(direction, both))
    for index, mono in enumerate(recipe.data.mono):
        if mono.language not in recipe.languages:
            what = f"'{mono.language}' is not a language of this recipe"
            raise _problem(
                document, ("data", "mono", index, "language"), what, nearest(mono.language, recipe.languages)
            )
    for kind in ("pairs", "dev", "test"):
        for index, source in enumerate(getattr(recipe.data, kind)):
            _check_pair_files(source.files, ("data", kind, index, "files"), recipe, document)


def _check_synthesis(recipe: Recipe, document: Document) -> None:
    """The directions of `synthesize:` are the recipe's, and there are documents to start from."""
    settings = recipe.synthesize
    if settings is None:
        return
    both = ["-".join(pair) for pair in (recipe.languages, recipe.languages[::-1])]
    written = {mono.language for mono in recipe.data.mono}
    for index, direction in enumerate(settings.directions):
        path: Path_ = ("synthesize", "directions", index)
        if direction not in both:
            what = f"'{direction}' is not a direction of this recipe"
            raise _problem(document, path, what, nearest(direction, both))
        if settings.teacher.journal is None and (src := direction.partition("-")[0]) not in written:
            what = f"there are no '{src}' documents to start from"
            raise _problem(document, path, what, f"add some to data.mono, or leave '{direction}' out")
    if settings.teacher.journal is None and not written:
        do = "add documents to data.mono, or replay a journal (teacher: {kind: recorded})"
        raise _problem(document, ("synthesize",), "there are no documents to translate", do)
    if any(source.name == SYNTHETIC for source in recipe.data.pairs):
        what = f"a source of data.pairs is called '{SYNTHETIC}', as the pairs of `synthesize:` are"
        raise _problem(document, ("data", "pairs"), what, "rename it")


def _check_pair_files(files: dict[str, str] | None, path: Path_, recipe: Recipe, document: Document) -> None:
    for language in recipe.languages if files is not None else ():
        if language not in (files or {}):
            given = ", ".join(sorted(files or {})) or "none"
            raise _problem(document, path, f"'{dotted(path)}' has no '{language}' file", f"given are: {given}")


def _problem(document: Document, path: Path_, what: str, do: str) -> RecipeError:
    return RecipeError(what, where=document.place(path), do=do)
