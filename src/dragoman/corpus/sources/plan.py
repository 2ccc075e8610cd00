"""Which files a source has, and how they are cut into shards: the same for the same files, whoever asks.

Cut are .txt (lines) and .jsonl by bytes, .parquet by the bytes at which row groups start, large packed .txt (lines)
and .jsonl into lanes: every lane unpacks all and reads its blocks, for cleaning takes many times what unpacking does.
Other files are read whole; small ones that follow each other share a shard, and so do all files of a limited source.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path, PurePath

from dragoman.corpus.sources.shards import Shard, Sizes
from dragoman.corpus.sources.web import needs_web
from dragoman.errors import DataError, nearest
from dragoman.io import COMPRESSIONS
from dragoman.recipe.data import MonoSource

EMBEDDED, REMOTE = "embedded:", "hf://"
FORMATS = (".txt", ".jsonl", ".csv", ".tsv", ".parquet", ".warc", ".html")
SAME = {".json": ".jsonl", ".ndjson": ".jsonl", ".htm": ".html"}  # C4's .json.gz hold JSON Lines
MOST_LANES = {".zst": 16, ".gz": 6, ".xz": 2}  # n lanes of x MB/s unpacking lose little while n * 12 MB/s < x
UNPACKED = 4  # about how many bytes of text are in a packed one


@dataclass(frozen=True)
class File:
    path: str
    """Absolute, or at the Hub, or in the package."""
    name: str
    """Below the root."""
    size: int


def plan_shards(source: MonoSource, root: Path, sizes: Sizes | None = None, *, split: bool = True) -> list[Shard]:
    """The shards of a source in the order of its documents; `split` False: one shard over all files.

    Raises `DataError` for a missing file or folder, a glob that finds nothing, and files of no known format.
    """
    sizes = sizes or Sizes()
    files = list(_files(source, root))
    if any(form(file.name) in (".warc", ".html") for file in files):
        needs_web(f"source '{source.name}'")
    if source.limit is not None or not split:
        return [_shard(source, 0, files)]
    shards: list[Shard] = []
    for _, group in groupby(_grouped(source, files, sizes), key=lambda item: item[0]):
        members = [(index, file) for _, index, file in group]
        whole = _shard(source, members[0][0], [file for _, file in members])
        shards += _parts(whole, source, sizes) if len(members) == 1 else [whole]
    return [replace(shard, number=number) for number, shard in enumerate(shards)]


def _shard(source: MonoSource, first: int, files: Sequence[File]) -> Shard:
    paths, names = tuple(file.path for file in files), tuple(file.name for file in files)
    return Shard(source.name, source.language, 0, first, paths, names, sum(file.size for file in files))


def _weight(file: File) -> int:
    return file.size * (UNPACKED if packing(file.name) or form(file.name) == ".parquet" else 1)


def _grouped(source: MonoSource, files: Iterable[File], sizes: Sizes) -> Iterator[tuple[int, int, File]]:
    """(number of the group, number of the file, file): following files together while they are small."""
    group, total = -1, 0
    for index, file in enumerate(files):
        weight = _weight(file)
        if group < 0 or total + weight > sizes.split:
            group, total = group + 1, 0
        total += weight
        yield group, index, file


def _parts(whole: Shard, source: MonoSource, sizes: Sizes) -> list[Shard]:
    """One file as shards."""
    name, size = whole.names[0], whole.size
    kind, packed = form(name), packing(name)
    lines = kind == ".jsonl" or (kind == ".txt" and source.document == "line")
    if (lines and not packed) or kind == ".parquet":
        bounds = [*range(0, max(size, 1), sizes.split), None]
        parts = [replace(whole, start=start or 0, stop=stop) for start, stop in pairwise(bounds)]
    elif lines and not whole.path.startswith(REMOTE):
        lanes = max(1, min(MOST_LANES[packed], size // sizes.lane))
        parts = [replace(whole, lane=lane, lanes=lanes) for lane in range(lanes)]
    else:
        return [whole]
    return [replace(part, size=size // len(parts)) for part in parts]


def _files(source: MonoSource, root: Path) -> Iterator[File]:
    if source.embedded is not None:
        yield File(f"{EMBEDDED}{source.embedded}", source.embedded, 0)
    elif source.hub is not None:
        from dragoman.corpus.sources.hub import hub_files

        for remote in hub_files(source.hub):
            yield File(remote.path, remote.path, remote.size)
    else:
        for path in mono_files(str(source.path), root):
            name = path.relative_to(root) if path.is_relative_to(root) else path
            yield File(str(path.absolute()), name.as_posix(), path.stat().st_size)


def mono_files(named: str, root: Path) -> list[Path]:
    """The files that `path` of a source names, in natural order: `a2` before `a10`. Hidden ones are left out."""
    path = root / Path(named).expanduser()
    if path.is_file():
        if form(path.name) not in FORMATS:
            raise DataError(f"documents cannot be read from '{form(path.name) or path.name}'", where=path, do=_known())
        return [path]
    if path.is_dir():
        found, where = _below(path), f"the folder {path}"
    elif glob.has_magic(named):
        found, where = _matches(named, root), f"'{named}'"
    else:
        raise DataError("no such file or folder", where=path, do=_nearby(path))
    known = [file for file in found if form(file.name) in FORMATS]
    if not known:
        endings = sorted({"".join(file.suffixes[-2:]) or file.name for file in found})[:5]
        what = f"only {', '.join(endings)}" if found else "no file"
        raise DataError(f"{where} holds {what}", where=root, do=_known())
    return sorted(known, key=lambda file: natural(file.as_posix()))


def _below(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts)]


def _matches(pattern: str, root: Path) -> list[Path]:
    paths = [root / match for match in glob.glob(str(Path(pattern).expanduser()), root_dir=root, recursive=True)]
    if not paths:
        raise DataError("no file matches", where=root / pattern, do=_nearby(root / _fixed(pattern)))
    files = [path for path in paths if path.is_file()]
    if not files:
        raise DataError(
            "only folders match", where=root / pattern, do=f"write {pattern.rstrip('/')}/** for their files"
        )
    return files


def _fixed(pattern: str) -> PurePath:
    """`crawl/x` of `crawl/x/**/*.gz`."""
    parts = PurePath(pattern).parts
    return PurePath(*parts[: next(i for i, part in enumerate(parts) if glob.has_magic(part))])


def _nearby(path: Path) -> str:
    """What there is near a path that does not exist, in the deepest folder of it that does."""
    missing = path.name
    folder = path
    while not folder.is_dir() and folder != folder.parent:
        missing, folder = folder.name, folder.parent
    names = sorted((entry.name for entry in folder.iterdir() if not entry.name.startswith(".")), key=natural)[:200]
    if folder == path:
        return f"{folder} holds {', '.join(names[:5]) or 'nothing'}"
    hint = nearest(missing, names)
    return hint if hint.startswith("did you") else f"{folder} holds {', '.join(names[:5]) or 'nothing'}"


def _known() -> str:
    return f"use {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, plain or (but .parquet) .gz, .xz, .zst"


def form(name: str) -> str:
    """The ending that tells the format: `.tsv` of `a.tsv.gz`, `.parquet` of `a.parquet`, empty for `a.parquet.gz`."""
    path = PurePath(name)
    ending = PurePath(path.stem).suffix if path.suffix in COMPRESSIONS else path.suffix
    return "" if ending == ".parquet" and path.suffix != ending else SAME.get(ending, ending)


def packing(name: str) -> str:
    """`.gz` of `a.tsv.gz`, empty where nothing is packed."""
    suffix = PurePath(name).suffix
    return suffix if suffix in COMPRESSIONS else ""


def natural(path: str) -> tuple[list[list[str | int]], str]:
    """Sort key: folder by folder, numbers by value."""
    parts = [[int(bit) if i % 2 else bit for i, bit in enumerate(re.split(r"([0-9]+)", p))] for p in path.split("/")]
    return parts, path
