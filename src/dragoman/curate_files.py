"""Curation alone, without a recipe: files in, one file of clean documents out.

    dragoman curate web.jsonl.gz crawl/ --language de --output clean.jsonl.zst

It is the curate stage over sources made from the command line, and, with a tokenizer, the screen stage after it. What
is done stands in a folder beside the output until that is complete, so the same command goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import lzma
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, cast

from dragoman.errors import DragomanError, RecipeError, nearest
from dragoman.io import COMPRESSIONS, atomic_writer, data_suffix, digest_json, read_jsonl
from dragoman.languages import LANGUAGES, nearest_language
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

PIPE = "-"
OUTPUTS = (".jsonl", ".parquet", ".txt")
DOCUMENTS = ("line", "paragraph", "file")
STDIN_FORMATS = ("jsonl", "txt", "csv", "tsv")
RUNNING_ONLY = {"engine", "workers"}
_ROWS = 1000


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


@dataclass
class Outcome:
    """The accounts of both passes and what was written."""

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
    """Curate `request.files` into `request.output`. Raises `DragomanError` for what is wrong with them."""
    _check(request)
    if request.output == PIPE or PIPE in request.files:
        with tempfile.TemporaryDirectory(prefix="dragoman-curate-") as temporary:
            return _curate_in(Path(temporary), request, log)
    output = Path(request.output)
    folder = output.with_name(f".{output.name}.curate-{_key(request)}")
    outcome = _curate_in(folder, request, log)
    shutil.rmtree(folder, ignore_errors=True)
    return outcome


def _check(request: Request) -> None:
    if request.language is not None and request.language not in LANGUAGES:
        raise RecipeError(
            f"unknown language '{request.language}'", where="--language", do=nearest_language(request.language)
        )
    if request.language is None and request.language_field is None:
        raise RecipeError(
            "which language is the text in?", do="give --language, such as --language de, or --language-field"
        )
    if request.document not in DOCUMENTS:
        raise RecipeError(
            f"a document is no '{request.document}'", where="--document", do=nearest(request.document, DOCUMENTS)
        )
    if request.stdin_format not in STDIN_FORMATS:
        what = f"standard input cannot be '{request.stdin_format}'"
        raise RecipeError(what, where="--format", do=nearest(request.stdin_format, STDIN_FORMATS))
    suffix = ".jsonl" if request.output == PIPE else data_suffix(Path(request.output))
    if suffix not in OUTPUTS or (suffix == ".parquet" and Path(request.output).suffix in COMPRESSIONS):
        do = f"use {', '.join(OUTPUTS)}; the first and the last also with .gz, .xz, .zst; or - for standard output"
        raise RecipeError(
            f"documents cannot be written to '{''.join(Path(request.output).suffixes)}'", where=request.output, do=do
        )


def _key(request: Request) -> str:
    """Changes with everything that changes the output."""
    settings = request.settings.model_dump(mode="json", exclude=RUNNING_ONLY)
    rest = [request.language, request.language_field, request.text_field, request.document, request.limit]
    return digest_json([settings, rest, [_state(name) for name in request.files], str(request.tokenizer)])[:8]


def _state(name: str) -> list[Any]:
    path = Path(name)
    if not path.exists():
        return [name]
    return [name, *((str(one), one.stat().st_size, one.stat().st_mtime_ns) for one in sorted([path, *path.rglob("*")]))]


def _curate_in(folder: Path, request: Request, log: RunLog) -> Outcome:
    from dragoman.corpus.curate import curate

    folder.mkdir(parents=True, exist_ok=True)
    files = [str(_spooled(folder, request)) if name == PIPE else str(Path(name).absolute()) for name in request.files]
    sources, left_out = _sources(files, request, log)
    curated = folder / "curated"
    result = curate(request.settings, DataSettings(root=".", mono=tuple(sources)), curated, log, all_languages=False)
    outcome = Outcome(result["documents"], result["funnel"], languages_left_out=left_out)
    documents = {language: curated / f"documents.{language}.jsonl" for language in sorted(outcome.documents)}
    samples = [curated / "samples.jsonl"]
    if request.tokenizer is not None:
        documents = _screen(request, documents, folder / "screened", outcome, log)
        samples.append(folder / "screened" / "samples.jsonl")
    _write(documents, request.output)
    if request.samples is not None:
        with atomic_writer(request.samples) as stream:
            stream.write(b"".join(path.read_bytes() for path in samples))
    return outcome


def _spooled(folder: Path, request: Request) -> Path:
    """Standard input as a file, because it is read in shards."""
    path = folder / f"stdin.{request.stdin_format}"
    with atomic_writer(path) as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream)
    return path


def _sources(files: Sequence[str], request: Request, log: RunLog) -> tuple[list[MonoSource], dict[str, int]]:
    """One source a file and language, with a name of its own; and the languages nobody knows, with their documents."""
    names = _names(files)
    made: list[MonoSource] = []
    left_out = dict[str, int]()
    for name, path in zip(names, files, strict=True):
        if request.language is not None:
            made.append(_source(name, path, request, request.language))
            continue
        for value, count in _languages_in(name, path, request).items():
            code = value.replace("-", "_").split("_")[0].lower()
            if code in LANGUAGES:
                made.append(_source(name, path, request, code, value))
            else:
                left_out[value] = left_out.get(value, 0) + count
    if left_out:
        log.say("left out, no language code: " + ", ".join(f"{n:,} '{value}'" for value, n in left_out.items()))
    if not made:
        raise DragomanError(f"'{request.language_field}' names no language that is known", do="give --language instead")
    return made, left_out


def _names(files: Sequence[str]) -> list[str]:
    """`web` for a/web.jsonl.gz; a second one is web-2."""
    names: list[str] = []
    for path in files:
        stem = Path(path.rstrip("/*")).name.split(".")[0] or "text"
        same = sum(name == stem or name.rpartition("-")[0] == stem for name in names)
        names.append(f"{stem}-{same + 1}" if same else stem)
    return names


def _source(name: str, path: str, request: Request, language: str, value: str | None = None) -> MonoSource:
    wanted = request.language_field if value is not None or request.language_field is not None else None
    return MonoSource(
        name=name,
        language=language,
        path=path,
        text_field=request.text_field,
        language_field=wanted,
        language_value=value,
        document=cast(Literal["line", "paragraph", "file"], request.document),
        limit=request.limit,
    )


def _languages_in(name: str, path: str, request: Request) -> dict[str, int]:
    """What the language field says, and how often."""
    from dragoman.corpus.sources import plan_shards, read_shard

    counts = dict[str, int]()
    field_as_text = MonoSource(name=name, language="und", path=path, text_field=request.language_field or "")
    for shard in plan_shards(field_as_text, Path()):
        for batch in read_shard(shard, field_as_text):
            for value in batch.texts:
                counts[value] = counts.get(value, 0) + 1
    return dict(sorted(counts.items()))


def _screen(request: Request, documents: dict[str, Path], out: Path, outcome: Outcome, log: RunLog) -> dict[str, Path]:
    """The second pass, by the rules that ask a tokenizer."""
    from dragoman.corpus.screen import screen
    from dragoman.tokenizer import Tokenizer

    path = cast(Path, request.tokenizer)
    tokenizer = Tokenizer.load(path / "tokenizer.model" if path.is_dir() else path)
    vocabulary = tokenizer.encode_batch, tokenizer.spelling_ids(), tokenizer.vocab_size
    result = screen(request.settings, documents, *vocabulary, out, log)
    outcome.documents, outcome.screened = result["documents"], result["funnel"]
    return {language: out / f"mono.{language}.jsonl" for language in documents}


def _write(documents: dict[str, Path], output: str) -> None:
    rows = _rows(documents)
    if output == PIPE:
        _write_lines((_json(row) for row in rows), sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    with atomic_writer(path) as stream:
        if path.suffix == ".parquet":
            _write_parquet(rows, stream, several=len(documents) > 1)
            return
        with _packed(stream, path.suffix) as packed:
            _write_lines(map(_text if data_suffix(path) == ".txt" else _json, rows), packed)


def _rows(documents: dict[str, Path]) -> Iterator[dict[str, str]]:
    """All documents; where there are several languages, each says its own."""
    for language, path in documents.items():
        for row in read_jsonl(path) if path.stat().st_size else ():
            yield {**row, "language": language} if len(documents) > 1 else row


def _json(row: dict[str, str]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _text(row: dict[str, str]) -> bytes:
    """A document as its lines; a blank line ends it, so its own blank lines go."""
    lines = [line for line in row["text"].split("\n") if line]
    return "\n".join([*lines, "", ""]).encode()


def _write_lines(lines: Iterable[bytes], stream: IO[bytes] | BinaryIO) -> None:
    for line in lines:
        stream.write(line)


@contextlib.contextmanager
def _packed(stream: IO[bytes], suffix: str) -> Iterator[IO[bytes]]:
    """`stream`, or what compresses into it; the same bytes on every run."""
    makers: dict[str, Callable[[], Any]] = {
        ".gz": lambda: gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0),
        ".xz": lambda: lzma.LZMAFile(stream, "wb"),  # noqa: SIM115
        ".zst": lambda: _zst(stream),
    }
    if suffix not in makers:
        yield stream
        return
    with makers[suffix]() as packed:
        yield packed


def _zst(stream: IO[bytes]) -> io.BufferedWriter:
    import zstandard

    return cast(io.BufferedWriter, zstandard.ZstdCompressor(level=9).stream_writer(stream, closefd=False))


def _write_parquet(rows: Iterable[dict[str, str]], stream: IO[bytes], *, several: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = ("text", "source", "language") if several else ("text", "source")
    schema = pa.schema([(name, pa.string()) for name in names])
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        batch: list[dict[str, str]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _ROWS:
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                batch = []
        if batch:
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
