"""Curation alone, without a recipe: files in, one file of clean documents out.

    dragoman curate web.jsonl.gz crawl/ --language de --output clean.jsonl.zst

It is the curate stage over sources made from the command line, and, with a tokenizer, the screen stage after it. What
is done stands beside the output until that is complete, so that the same command goes on where it stopped:

    .clean.jsonl.zst.curate/                      one command at a time
    .clean.jsonl.zst.curate/5d0c2a9e/             another folder for other files or settings
    .clean.jsonl.zst.curate/5d0c2a9e/curated/     what the curate stage leaves
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from dragoman import __version__
from dragoman.corpus.outputs import check_output, json_lines, write_documents
from dragoman.errors import DataError, RecipeError, RunError, nearest
from dragoman.io import atomic_writer, digest_json, read_json, write_json
from dragoman.languages import LANGUAGES, language_code, nearest_language
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.rundir import disk_errors, hold
from dragoman.runlog import RunLog

if TYPE_CHECKING:
    from dragoman.tokenizer import Tokenizer

PIPE = "-"
DOCUMENTS = ("line", "paragraph", "file")
STDIN_FORMATS = ("jsonl", "txt", "csv", "tsv")
RUNNING_ONLY = {"engine", "workers"}
SHOWN = 8


@dataclass(frozen=True)
class Request:
    """What the command line asked for."""

    files: tuple[str, ...]
    output: str
    settings: CurateSettings
    language: str | None = None
    language_field: str | None = None
    text_field: str = "text"
    document: str = "line"
    limit: int | None = None
    stdin_format: str = "jsonl"
    tokenizer: Path | None = None
    samples: Path | None = None

    @property
    def names_language(self) -> bool:
        """Whether every document of the output says its language."""
        return self.language is None


@dataclass
class Outcome:
    """The accounts of both passes, what was written, and the documents in languages nobody knows."""

    documents: dict[str, int]
    funnel: dict[str, Any]
    screened: dict[str, Any] | None = None
    languages_left_out: dict[str, int] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        found = {"documents": self.documents, "funnel": self.funnel}
        found |= {"screen_funnel": self.screened} if self.screened is not None else {}
        return found | ({"languages_left_out": self.languages_left_out} if self.languages_left_out else {})


def curate_files(request: Request, log: RunLog) -> Outcome:
    """Curate `request.files` into `request.output`. Raises `DragomanError` for what is wrong with them.

    What was there under the name of the output stays until the new one is complete.
    """
    _check(request)
    if request.output == PIPE or PIPE in request.files:
        with tempfile.TemporaryDirectory(prefix="dragoman-curate-") as temporary:
            return _curate_in(Path(temporary), request, log)
    output, key = Path(request.output), _key(request)
    new = [folder for folder in output.absolute().parents if not folder.exists()]
    try:
        with _held(output) as home:
            _tell_of_others(home, home / key, log)
            return _in_work_folder(home / key, request, log)
    finally:
        for folder in new:
            with contextlib.suppress(OSError):  # not empty: there is an output, or something to go on with
                folder.rmdir()


def _in_work_folder(work: Path, request: Request, log: RunLog) -> Outcome:
    """Curate, and leave the folder only where the same command can go on with it."""
    try:
        outcome = _curate_in(work, request, log)
    except (DataError, RecipeError):  # the next command will be another one
        shutil.rmtree(work, ignore_errors=True)
        raise
    shutil.rmtree(work, ignore_errors=True)
    return outcome


@contextlib.contextmanager
def _held(output: Path) -> Iterator[Path]:
    """The folder beside the output, for this process alone; removed where nothing is left in it."""
    home = output.with_name(f".{output.name}.curate")
    with hold(home):
        for path in output.parent.glob(f".{glob.escape(output.name)}.*.tmp"):
            path.unlink(missing_ok=True)  # half-written by a killed process
        try:
            yield home
        finally:
            if not any(path.is_dir() for path in home.iterdir()):
                shutil.rmtree(home, ignore_errors=True)


def _check(request: Request) -> None:
    """What can be said before anything is written."""
    for option, value, known in (
        ("--document", request.document, DOCUMENTS),
        ("--format", request.stdin_format, STDIN_FORMATS),
    ):
        if value not in known:
            raise RecipeError(f"unknown value '{value}'", where=option, do=nearest(value, known))
    _check_language(request)
    if request.files.count(PIPE) > 1:
        raise RecipeError("standard input can be read only once", where="FILE", do="write one - only")
    if request.output != PIPE:
        check_output(Path(request.output))
        _check_place(Path(request.output), request)
    if request.samples is not None:
        _check_place(request.samples, request)
        if request.samples.absolute() == Path(request.output).absolute():
            raise RecipeError("the samples and the documents want the same file", where=request.samples, do="rename")
    if request.tokenizer is not None:
        _tokenizer(request.tokenizer)


def _check_language(request: Request) -> None:
    if request.language is None and request.language_field is None:
        do = "give --language, such as --language de, or --language-field for files that say it"
        raise RecipeError("which language is the text in?", do=do)
    if request.language is not None and request.language not in LANGUAGES:
        short = language_code(request.language)
        do = f"did you mean '{short}' ({LANGUAGES[short]})?" if short else nearest_language(request.language)
        raise RecipeError(f"unknown language '{request.language}'", where="--language", do=do)


def _check_place(path: Path, request: Request) -> None:
    """Raise for a file that could not be written after hours of work, or that is read."""
    if path.is_dir():
        raise RecipeError("this is a folder", where=path, do="name a file in it")
    place = path.absolute().parent
    while not place.exists() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        raise RunError("cannot write here: there is a file where a folder should be", where=place, do="name another")
    if not os.access(place, os.W_OK | os.X_OK):
        raise RunError("cannot write here", where=place, do="check its permissions, or name another folder")
    for name in request.files:
        folder = Path(name).resolve()
        inside = name != PIPE and folder.is_dir() and path.resolve().is_relative_to(folder)
        if inside or (name != PIPE and path.exists() and any(path.samefile(file) for file in _files(name))):
            raise RecipeError(f"{path} lies in what is read ({name})", where="--output", do="name a file elsewhere")


def _files(name: str) -> list[Path]:
    """What a FILE of the command line names. Raises `DataError` where it is nothing that can be read."""
    from dragoman.corpus.sources.plan import mono_files

    return mono_files(name, Path())


def _absolute(name: str) -> str:
    return str(Path(name).expanduser().absolute())


def _key(request: Request) -> str:
    """Changes with everything that changes what the curate stage does."""
    files = [(_absolute(name), _stamps(_files(name))) for name in request.files]
    settings = request.settings.model_dump(mode="json", exclude=RUNNING_ONLY)
    patterns = _stamps([Path(_absolute(name)) for name in request.settings.pattern_files])
    rest = [request.language, request.language_field, request.text_field, request.document, request.limit]
    return digest_json([__version__, settings, rest, files, patterns])[:8]


def _stamps(paths: Sequence[Path]) -> list[list[Any]]:
    statuses = [(path, path.stat()) for path in paths if path.exists()]
    return [[str(path), status.st_size, status.st_mtime_ns] for path, status in statuses]


def _tell_of_others(home: Path, work: Path, log: RunLog) -> None:
    others = sorted(path for path in home.iterdir() if path.is_dir() and path != work)
    if work.is_dir():
        log.say("curate: goes on where an earlier run stopped")
    elif others:
        log.say(f"curate: unfinished runs with other files or settings are kept in {home}")


def _curate_in(folder: Path, request: Request, log: RunLog) -> Outcome:
    with disk_errors(folder):
        outcome, documents = _documents(folder, request, log)
    if request.output == PIPE:
        for line in json_lines(documents, name_language=request.names_language):
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    else:
        write_documents(documents, Path(request.output), name_language=request.names_language)
    if request.samples is not None:
        with atomic_writer(request.samples) as stream:
            for path in sorted(folder.glob("*/samples.jsonl")):
                stream.write(path.read_bytes())
    return outcome


def _documents(folder: Path, request: Request, log: RunLog) -> tuple[Outcome, dict[str, Path]]:
    """Both passes; the documents of each language that has some."""
    from dragoman.corpus.curate import curate

    if PIPE in request.files:
        _spool(folder, request, log)
    sources, left_out = _sources(folder, request, log)
    curated = folder / "curated"
    done = curated / "result.json"
    if not done.exists():
        data = DataSettings(root=str(_root(folder, request)), mono=tuple(sources))
        result = curate(_settings(request), data, curated, log, all_languages=False)
        if request.language_field is not None and request.limit is None:
            _count_once(folder, result["funnel"], sources, request.settings)
        write_json(done, result)
    result = read_json(done)
    outcome = Outcome(result["documents"], result["funnel"], languages_left_out=left_out)
    documents = {lang: curated / f"documents.{lang}.jsonl" for lang, count in outcome.documents.items() if count}
    if request.tokenizer is not None:
        documents = _screen(request, documents, folder / "screened", outcome, log)
    return outcome, documents


def _root(folder: Path, request: Request) -> Path:
    """Where the names of files start in messages."""
    return folder if PIPE in request.files else Path()


def _settings(request: Request) -> CurateSettings:
    """A file of several languages is a source for each, and every one meets its bad lines: they are judged together."""
    changes: dict[str, Any] = {"max_bad_share": 1.0} if request.language_field else {}
    changes["pattern_files"] = tuple(_absolute(name) for name in request.settings.pattern_files)
    return request.settings.model_copy(update=changes)


def _count_once(folder: Path, funnel: dict[str, Any], sources: Sequence[MonoSource], settings: CurateSettings) -> None:
    """Correct the account of files with several languages. Raises `DataError` where too much of one is unreadable."""
    from dragoman.corpus.census import count_once
    from dragoman.corpus.curate import refuse_unreadable

    for name in {source.name for source in sources}:
        languages = [source.language for source in sources if source.name == name]
        count_once(funnel, name, languages, read_json(_census_file(folder, name))["unreadable"])
        read = sum(count["read"] for count in funnel["by_source"][name].values())
        unreadable = sum(fault["documents"] for fault in funnel["faults"] if fault["source"] == name)
        refuse_unreadable(name, unreadable, read, settings)


def _spool(folder: Path, request: Request, log: RunLog) -> None:
    """Standard input as a file, because it is read in shards."""
    if sys.stdin.isatty():
        log.say("curate: reading standard input, up to Ctrl-D")
    with atomic_writer(folder / f"stdin.{request.stdin_format}") as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)


def _sources(folder: Path, request: Request, log: RunLog) -> tuple[list[MonoSource], dict[str, int]]:
    """A source for each file and language; and the languages nobody knows, with their documents."""
    root, files = _root(folder, request), list(request.files)
    if PIPE in files:
        files = [f"stdin.{request.stdin_format}" if name == PIPE else _absolute(name) for name in files]
    names = _names(files, root)
    if request.language_field is None:
        language = str(request.language)
        return [_source(name, path, request, language) for name, path in zip(names, files, strict=True)], {}
    made, left_out = list[MonoSource](), Counter[str]()
    for name, path in zip(names, files, strict=True):
        for value, count in _languages_in(_census_file(folder, name), path, root, request, log).items():
            code = language_code(value)
            if code is None:
                left_out[value] += count
            elif request.language in (None, code):
                made.append(_source(name, path, request, code, value))
    if left_out:
        shown = ", ".join(f"{count:,} '{value}'" for value, count in left_out.most_common(SHOWN))
        more = f" and {len(left_out) - SHOWN:,} more" if len(left_out) > SHOWN else ""
        log.say(f"curate: left out, no language known here: {shown}{more}")
    if not made:
        wanted = f"the language '{request.language}'" if request.language else "no language that is known"
        what = f"'{request.language_field}' {'never ' if request.language else ''}names {wanted}"
        raise DataError(what, where=", ".join(request.files), do="check --language-field and what it holds")
    return made, dict(left_out)


def _census_file(folder: Path, name: str) -> Path:
    return folder / f"languages.{name}.json"


def _languages_in(known: Path, path: str, root: Path, request: Request, log: RunLog) -> dict[str, int]:
    """What the language field of a file says, and how often; kept in `known`."""
    from dragoman.corpus.census import take_census

    if not known.exists():
        census = take_census(path, str(request.language_field), root, request.settings, log)
        write_json(known, {"values": dict(sorted(census.values.items())), "unreadable": census.unreadable})
    return cast(dict[str, int], read_json(known)["values"])


def _names(files: Sequence[str], root: Path) -> list[str]:
    """`web` for a/web.jsonl.gz, `crawl` for crawl/**/*.gz; a second one is web-2."""
    names: list[str] = []
    for path in (Path(_absolute(str(root / Path(name).expanduser()))) for name in files):
        fixed = next(part for part in (path, *path.parents) if not glob.has_magic(str(part)) or part.exists())
        stem = (fixed.name if fixed.is_dir() else fixed.name.split(".")[0]) or "text"
        free = (name for number in range(1, len(files) + 2) if (name := f"{stem}-{number}" if number > 1 else stem))
        names.append(next(name for name in free if name not in names))
    return names


def _source(name: str, path: str, request: Request, language: str, value: str | None = None) -> MonoSource:
    return MonoSource(
        name=name,
        language=language,
        path=path,
        text_field=request.text_field,
        language_field=request.language_field,
        language_value=value,
        document=cast(Literal["line", "paragraph", "file"], request.document),
        limit=request.limit,
    )


def _tokenizer(path: Path) -> Tokenizer:
    from dragoman.tokenizer import Tokenizer

    return Tokenizer.load(path / "tokenizer.model" if path.is_dir() else path)


def _screen(
    request: Request, documents: Mapping[str, Path], out: Path, outcome: Outcome, log: RunLog
) -> dict[str, Path]:
    """The second pass, by the rules that ask a tokenizer."""
    from dragoman.corpus.screen import screen

    tokenizer = _tokenizer(cast(Path, request.tokenizer))
    vocabulary = tokenizer.encode_batch, tokenizer.spelling_ids(), tokenizer.vocab_size
    result = screen(request.settings, documents, *vocabulary, out, log, all_languages=False)
    outcome.documents, outcome.screened = outcome.documents | result["documents"], result["funnel"]
    return {language: out / f"mono.{language}.jsonl" for language in documents if result["documents"][language]}
