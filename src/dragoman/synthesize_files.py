"""Synthesis alone, without a recipe: documents in, a folder of checked pairs out.

    dragoman synthesize clean.de.jsonl --from de --to en --output letters --teacher openai --model ...

It is the synthesize stage over documents read from the command line's files. What was answered stays in the journal
beside the output, so that the same command goes on where it stopped, and other checks cost nothing:

    letters/                       README.md, data/train.parquet, data/train.tsv, ...
    letters.journal.sqlite         every request with its answer; what `--teacher recorded` replays
    .letters.synthesize/           while it works; one command at a time
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

from dragoman import stages
from dragoman.errors import DataError, RecipeError, RunError, nearest
from dragoman.io import atomic_writer, write_jsonl
from dragoman.languages import LANGUAGES, language_code, nearest_language
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import MonoSource
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.rundir import disk_errors, hold
from dragoman.runlog import RunLog
from dragoman.synth.stage import SYNTHESIS, WORK, Task

PIPE = "-"
DOCUMENTS = ("line", "paragraph", "file")
STDIN_FORMATS = ("jsonl", "txt", "csv", "tsv")
Row = dict[str, str]


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    files: tuple[str, ...]
    output: Path
    src: str
    tgt: str
    settings: SynthesizeSettings
    language_field: str | None = None
    text_field: str = "text"
    document: str = "line"
    stdin_format: str = "jsonl"
    dry_run: bool = False

    @property
    def sources(self) -> list[str]:
        """The languages of the documents that are translated."""
        return list(dict.fromkeys(direction.partition("-")[0] for direction in self.settings.directions))


def directions(src: str, tgt: str, both: bool) -> tuple[str, ...]:
    """`--from de --to en` as the recipe says it."""
    return (f"{src}-{tgt}", f"{tgt}-{src}") if both else (f"{src}-{tgt}",)


def synthesize_files(request: Request, log: RunLog) -> dict[str, Any]:
    """The pairs of `request` in its folder; returns the stage's figures, or the estimate of a dry run.

    Raises `DragomanError` for what is wrong with it. What was in the folder stays until the new pairs are complete.
    """
    request = replace(request, output=request.output.expanduser().absolute())
    _check(request)
    new = [folder for folder in request.output.parents if not folder.exists()]
    try:
        with _held(request.output) as home:
            return _in(home, request, log)
    finally:
        for folder in new:
            with contextlib.suppress(OSError):  # not empty: there is an output or a journal
                folder.rmdir()


def _in(home: Path, request: Request, log: RunLog) -> dict[str, Any]:
    """Work in the folder `home`, and put what came out in its place."""
    with disk_errors(home):
        documents = _documents(home, request, log)
        output = request.output
        journal = output.with_name(f"{output.name}.journal.sqlite")
        task = Task(output.name, (request.src, request.tgt), documents, journal)
        if request.dry_run:
            return stages.foresight(request.settings, task, Path())
        result = stages.synthesis(request.settings, task, Path(), home / "pairs", log)
        _replace(output, home)
    return result


def _replace(output: Path, home: Path) -> None:
    """Put the finished folder in the place of an older one."""
    shutil.rmtree(home / "pairs" / WORK, ignore_errors=True)
    if output.exists():
        os.replace(output, home / "before")
    os.replace(home / "pairs", output)


@contextlib.contextmanager
def _held(output: Path) -> Iterator[Path]:
    """The working folder beside the output, for this process alone; nothing in it is needed to go on."""
    home = output.with_name(f".{output.name}.synthesize")
    with hold(home):
        try:
            yield home
        finally:
            shutil.rmtree(home, ignore_errors=True)


def _check(request: Request) -> None:
    """What can be said before anything is read."""
    for option, value, known in (
        ("--document", request.document, DOCUMENTS),
        ("--format", request.stdin_format, STDIN_FORMATS),
    ):
        if value not in known:
            raise RecipeError(f"unknown value '{value}'", where=option, do=nearest(value, known))
    for option, language in (("--from", request.src), ("--to", request.tgt)):
        if language not in LANGUAGES:
            short = language_code(language)
            do = f"did you mean '{short}' ({LANGUAGES[short]})?" if short else nearest_language(language)
            raise RecipeError(f"unknown language '{language}'", where=option, do=do)
    if request.src == request.tgt:
        raise RecipeError(f"both languages are '{request.src}'", where="--to", do="name two different ones")
    _check_files(request)
    _check_output(request.output)


def _check_files(request: Request) -> None:
    replay = request.settings.teacher.journal is not None
    if replay and request.files:
        do = "leave the files out: a journal holds what was asked"
        raise RecipeError("a recorded teacher reads no documents", where=request.files[0], do=do)
    if not replay and not request.files:
        raise RecipeError("no documents to translate", where="FILE", do="name files, or - for standard input")
    if request.files.count(PIPE) > 1:
        raise RecipeError("standard input can be read only once", where="FILE", do="write one - only")
    if not replay and len(request.sources) > 1 and request.language_field is None:
        do = "give --language-field, the field that names a document's language"
        raise RecipeError("which language is a document in?", where="--both", do=do)
    if PIPE in request.files and not request.settings.yes and not request.dry_run and _costs(request.settings):
        do = "add --yes, or write the documents into a file"
        raise RecipeError("standard input holds the documents, so nobody can be asked", where="FILE", do=do)


def _costs(settings: SynthesizeSettings) -> bool:
    return settings.teacher.kind not in ("model", "recorded")


def _check_output(output: Path) -> None:
    """Raise for a folder that could not be written after hours of work, or holds something else."""
    if output.exists() and not output.is_dir():
        raise RecipeError("the output is a folder, this is a file", where=output, do="name a folder")
    if output.is_dir() and any(output.iterdir()) and not (output / SYNTHESIS).is_file():
        raise RecipeError("this folder holds something else", where=output, do="name a new one")
    place = output.parent
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise RunError("cannot write here: there is a file where a folder should be", where=place, do="name another")
    if not os.access(place, os.W_OK | os.X_OK):
        raise RunError("cannot write here", where=place, do="check its permissions, or name another folder")


def _documents(home: Path, request: Request, log: RunLog) -> dict[str, Path]:
    """The documents of each language as the stage reads them."""
    if PIPE in request.files:
        with atomic_writer(home / f"stdin.{request.stdin_format}") as stream:
            shutil.copyfileobj(sys.stdin.buffer, stream)
    found = {}
    for language in request.sources if request.files else ():
        path = home / f"documents.{language}.jsonl"
        if write_jsonl(path, _rows(home, language, request, log)):
            found[language] = path
    if request.files and not found:
        what = f"no document in {' or '.join(request.sources)}"
        raise DataError(what, where=", ".join(request.files), do="check the files, --from and --language-field")
    return found


def _rows(home: Path, language: str, request: Request, log: RunLog) -> Iterator[Row]:
    """{"text", "source"} of every document in one language, file by file."""
    from dragoman.corpus.sources import read_documents

    paths = [str(home / f"stdin.{request.stdin_format}") if name == PIPE else name for name in request.files]
    with log.progress(f"read {language}", unit="documents") as advance:
        for name, path in zip(_names(request.files), paths, strict=True):
            for value in _values(path, language, request, log):
                for text in read_documents(_source(name, path, language, value, request), Path()):
                    advance(1)
                    if text.strip():
                        yield {"text": text, "source": name}


def _values(path: str, language: str, request: Request, log: RunLog) -> list[str | None]:
    """What the language field of a file says for `language`: `de`, `deu_Latn`; [None] where there is no field."""
    from dragoman.corpus.census import take_census

    if request.language_field is None:
        return [None]
    census = take_census(path, request.language_field, Path(), CurateSettings(workers=1), log)
    return [value for value in sorted(census.values) if language_code(value) == language]


def _names(files: Sequence[str]) -> list[str]:
    """`web` for a/web.jsonl.gz; a second one is web-2."""
    names: list[str] = []
    for name in files:
        stem = "stdin" if name == PIPE else Path(name).name.split(".")[0].strip("*?[]") or "text"
        free = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(files) + 2))
        names.append(next(name for name in free if name not in names))
    return names


def _source(name: str, path: str, language: str, value: str | None, request: Request) -> MonoSource:
    return MonoSource(
        name=name,
        language=language,
        path=path,
        text_field=request.text_field,
        language_field=request.language_field,
        language_value=value,
        document=cast(Literal["line", "paragraph", "file"], request.document),
    )
