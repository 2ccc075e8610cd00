"""What of a data folder is published, and whether it may be: looked at before anything is sent.

    runs/letters/synthesize-5d0c2a9e/       README.md  data/train.parquet  data/train.tsv  manifest.json
      -> Parcel(files={"README.md": 4123, "data/train.parquet": 812345, ...}, rows=81234, licence="cc-by-4.0", ...)

A card must be there, be valid and name its licence and its files; data must be there; nothing may hold a key or a path
of this machine. The text of Parquet files and of packed ones is looked through as well. The first fault is a
`DataError` that names the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml

from dragoman.corpus.sources.hub_card import HEADER, matching, subsets
from dragoman.errors import DataError
from dragoman.io import COMPRESSIONS, data_suffix, open_binary
from dragoman.languages import language_code

CARD = "README.md"
TABLES = (".parquet", ".tsv", ".csv", ".jsonl")
WORDS = ("", ".md", ".txt", ".json", ".yaml", ".yml", ".bib", ".cff")  # "": LICENSE
LEFT_OUT = ("session.json", "samples.jsonl", "journal*", "checkpoint/*")  # how the work went, not what came of it
NO_LICENCE = ("", "unknown", "none", "null")
BLOCK, OVERLAP = 1 << 20, 512  # bytes looked through at once, and again with the next ones
KEYS = re.compile(
    rb"\b(?:hf_[A-Za-z0-9]{30,}|sk-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{35}|gh[pousr]_[A-Za-z0-9]{36}"
    rb"|github_pat_[A-Za-z0-9_]{36,}|AKIA[A-Z0-9]{16})|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
KEY_NAMES = re.compile(r"(?:_|^)(?:KEY|TOKEN|SECRET|PASSWORD)$")  # environment variables whose values are keys
SHORTEST_KEY = 16
HOMES = re.compile(rb"(?<![A-Za-z0-9])(?:/home/|/Users/|[A-Za-z]:\\\\?Users\\\\?)[^\s/\\\"']+")
SHORTEST_PLACE = 6  # characters of a folder; a shorter one, such as /tmp, may stand in honest text


@dataclass(frozen=True)
class Parcel:
    """A folder that may be sent."""

    folder: Path
    files: Mapping[str, int]
    """Path from the folder -> bytes, sorted."""
    left_out: tuple[str, ...]
    rows: int
    """Of the files that the card names."""
    licence: str
    languages: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(self.files.values())

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "files": dict(self.files),
            "left_out": list(self.left_out),
            "rows": self.rows,
            "bytes": self.size,
            "license": self.licence,
            "language": list(self.languages),
        }


def look_through(folder: Path, exclude: Iterable[str] = ()) -> Parcel:
    """The parcel of `folder`, without what the patterns in `exclude` name. Raises `DataError` for what is wrong."""
    if not folder.is_dir():
        raise DataError("no such folder", where=folder, do="name the folder of finished data, with its README.md")
    files, left_out = _listed(folder, tuple(exclude))
    if CARD not in files:
        raise DataError("the data has no card", where=folder, do="write a README.md as the Hub wants it (dataset card)")
    text = (folder / CARD).read_bytes().decode("utf-8-sig", errors="replace")
    head = _head(text, folder / CARD)
    tables = _tables(text, files, folder)
    rows = sum(_rows(folder / name) for name in tables)
    if not rows:
        raise DataError("the files that the card names hold no rows", where=folder, do="check how they were made")
    for name in files:
        _search(folder, name)
    return Parcel(folder, files, left_out, rows, str(head["license"]), tuple(_texts(head["language"])))


def _listed(folder: Path, exclude: tuple[str, ...]) -> tuple[dict[str, int], tuple[str, ...]]:
    """What is sent, with sizes, and what stays: hidden, about the work and not the data, or of no known kind."""
    files, left_out = dict[str, int](), list[str]()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir():
            continue
        hidden = any(part.startswith(".") for part in name.split("/"))
        outside = not path.resolve().is_relative_to(folder.resolve())  # a link that leads out of the folder
        unwanted = any(fnmatch(name, pattern) for pattern in (*LEFT_OUT, *exclude))
        if hidden or outside or unwanted or data_suffix(path) not in (*TABLES, *WORDS):
            left_out.append(name)
        else:
            files[name] = path.stat().st_size
    return files, tuple(left_out)


def _head(text: str, card: Path) -> dict[str, Any]:
    """The metadata of the card. Raises `DataError` where the Hub would not take it or readers could not use it."""
    found = HEADER.match(text)
    try:
        head = yaml.safe_load(found[1]) if found else None
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 2
        raise DataError(f"the header is not valid YAML (line {line})", where=card, do="correct it") from None
    if not isinstance(head, dict):
        raise DataError("the card has no header", where=card, do="begin it with YAML between two lines of ---")
    if str(head.get("license") or "").lower() in NO_LICENCE:
        do = "set `license` there, or synthesize.licence in the recipe: without one nobody may use the data"
        raise DataError("the card does not say the licence", where=card, do=do)
    languages = _texts(head.get("language"))
    unknown = [name for name in languages if name != "multilingual" and language_code(name) is None]
    if not languages or unknown:
        what = f"'{unknown[0]}' is no language" if unknown else "the card does not say the languages"
        raise DataError(what, where=card, do="set `language`, for example [de, en]")
    return head


def _texts(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)] if value else []


def _tables(text: str, files: Mapping[str, int], folder: Path) -> list[str]:
    """The data files that the card names; every pattern of it must mean one."""
    known, where = subsets(text, str(folder / CARD)), str(folder / CARD)
    patterns = [one for subset in known.values() for split in subset.splits.values() for one in split]
    if not patterns:
        raise DataError("the card names no data files", where=where, do="list them under `configs`, `data_files`")
    tables = dict[str, None]()
    for pattern in patterns:
        found = matching(pattern, files, where)
        if not found:
            raise DataError(f"the card names '{pattern}', which is not there", where=where, do="correct `data_files`")
        tables.update(dict.fromkeys(found))
    return list(tables)


def _rows(path: Path) -> int:
    """Rows of a table. Raises `DataError` where it cannot be read."""
    if data_suffix(path) == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return int(pq.read_metadata(path).num_rows)
        except (pa.ArrowException, OSError):
            raise DataError("this is no complete Parquet file", where=path, do="make it anew") from None
    with open_binary(path) as stream:
        return sum(block.count(b"\n") for block in _blocks(stream, path)) - (data_suffix(path) != ".jsonl")


def _search(folder: Path, name: str) -> None:
    """Raise `DataError` where a file holds a key or a path of this machine; what it is, is not shown."""
    path = folder / name
    own, secrets, rest = _places(folder), _secrets(), b""
    words = data_suffix(path) not in TABLES  # in data `/home/user` may be honest text; a path of this machine never is
    for block in _text_of(path):
        text = rest + block
        if KEYS.search(text) or any(secret in text for secret in secrets):
            raise DataError("the file holds a key", where=path, do="take it out, and withdraw the key where it is from")
        if any(place in text for place in own) or (words and HOMES.search(text)):
            do = f"take it out, or leave the file here with --exclude {name}"
            raise DataError("the file holds a path of this machine", where=path, do=do)
        rest = text[-OVERLAP:]


def _places(folder: Path) -> list[bytes]:
    """The folders of this machine that published text has no reason to name."""
    places = {str(Path.cwd()), str(folder.absolute()), str(folder.resolve())}
    long_enough = {place for place in places if len(place) >= SHORTEST_PLACE}
    homes = {f"{home}/" for home in (Path.home(),) if home != Path(home.anchor)}  # whatever its length
    return [place.encode() for place in sorted(long_enough | homes)]


def _secrets() -> list[bytes]:
    """Values of the environment that are keys by their name."""
    named = (value for name, value in os.environ.items() if KEY_NAMES.search(name.upper()))
    return sorted({value.encode() for value in named if len(value) >= SHORTEST_KEY})


def _text_of(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked, in blocks."""
    if data_suffix(path) == ".parquet":
        yield from _columns(path)
        return
    with open_binary(path) as stream:
        yield from _blocks(stream, path)


def _blocks(stream: Any, path: Path) -> Iterator[bytes]:
    try:
        while block := stream.read(BLOCK):
            yield block
    except (EOFError, OSError):
        kind = "compressed file" if path.suffix in COMPRESSIONS else "file"
        raise DataError(f"the {kind} is damaged", where=path, do="make it anew") from None


def _columns(path: Path) -> Iterator[bytes]:
    """The notes of a Parquet file, then the text of each column, rows joined: they lie side by side in memory."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        yield b"\n".join(part for pair in (file.metadata.metadata or {}).items() for part in pair)
        for batch in file.iter_batches(batch_size=8192):
            for column in batch.columns:
                if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                    yield "\n".join(text for text in column.to_pylist() if text).encode()
                elif pa.types.is_nested(column.type):
                    yield repr(column.to_pylist()).encode()
