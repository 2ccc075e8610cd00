"""Files: the only opener of text data, and the only writer of anything that matters.

Reading is strict: a missing, empty, binary or wrongly encoded file is one clear error that names the line, and
two files that should be parallel are never zipped past the end of the shorter one.
Writing is atomic: a file appears under its name complete or not at all.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import lzma
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol, cast

from dragoman.errors import DataError, RunError, nearest

COMPRESSIONS = {".gz", ".xz", ".zst"}
UNPACKED_BYTES = 1 << 20  # what a decompressing reader holds ready


def data_suffix(path: Path) -> str:
    """The ending that tells the format: `.tsv` of `a.tsv.gz`."""
    return Path(path.stem).suffix if path.suffix in COMPRESSIONS else path.suffix


def open_binary(path: Path) -> BinaryIO:
    """`path` as a stream of decompressed bytes; gz, xz and zst are known by their ending."""
    try:
        if path.is_dir():
            raise DataError("expected a file, found a folder", where=path, do="name a file inside it")
        return decompress(open(path, "rb"), path.suffix)
    except FileNotFoundError:
        raise DataError("no such file", where=path, do=_siblings(path)) from None
    except PermissionError:
        raise DataError("not allowed to read the file", where=path, do="check its permissions") from None


def decompress(stream: BinaryIO, suffix: str) -> BinaryIO:
    """The bytes packed in `stream` (.gz, .xz, .zst; any other suffix: the stream itself); closing it closes both.

    Reading raises EOFError where the packed bytes break off and OSError where they are damaged. `read1` hands out all
    that could be unpacked before it raises.
    """
    if suffix not in COMPRESSIONS:
        return stream
    return cast(BinaryIO, io.BufferedReader(_Unpacked(stream, *_unpacker(suffix)), UNPACKED_BYTES))


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def _unpacker(suffix: str) -> tuple[Callable[[], _Decoder], int, type[Exception]]:
    """What unpacks one member, how many bytes it is fed at once, and what it raises.

    No more is fed than unpacks to about 100 MB at the very most (1,000, 7,000 and 30,000 times, for a run of zeros).
    """
    if suffix == ".gz":
        return (lambda: zlib.decompressobj(wbits=31)), 1 << 16, zlib.error
    if suffix == ".xz":
        return lzma.LZMADecompressor, 1 << 14, lzma.LZMAError
    import zstandard

    return (lambda: zstandard.ZstdDecompressor().decompressobj()), 1 << 12, zstandard.ZstdError


class _Unpacked(io.RawIOBase):
    """Packed members (frames, streams), one after another. zstandard's own reader takes a missing end for the end."""

    def __init__(self, packed: BinaryIO, new: Callable[[], _Decoder], feed: int, damaged: type[Exception]) -> None:
        self._packed, self._new, self._feed, self._damaged = packed, new, feed, damaged
        self._read: Callable[[int], bytes] = getattr(packed, "read1", packed.read)
        self._decoder: _Decoder | None = None
        self._rest = b""
        self._ready = memoryview(b"")
        self._members = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            if not self._unpack():
                return 0
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpack(self) -> bool:
        """Unpack the next few bytes; False at a rightful end."""
        data = self._rest or self._read(self._feed)
        self._rest = b""
        if self._decoder is None:
            if not data:
                return False
            data = data.lstrip(b"\0") if self._members else data  # tar and xz pad with zeros behind a member
            if not data:
                return True
            self._decoder = self._new()
        elif not data:
            raise EOFError("the compressed file breaks off")
        try:
            self._ready = memoryview(self._decoder.decompress(data))
        except self._damaged as error:
            raise OSError(str(error)) from error
        if self._decoder.eof:
            self._rest, self._decoder, self._members = self._decoder.unused_data, None, self._members + 1
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()


def _siblings(path: Path) -> str:
    if not path.parent.is_dir():
        return f"the folder {path.parent} does not exist either"
    hint = nearest(path.name, [p.name for p in path.parent.iterdir()][:200])
    return hint if hint.startswith("did you") else "check the path"


def read_lines(path: Path, *, allow_empty_file: bool = False) -> Iterator[str]:
    """The lines of a UTF-8 text file, without their line ends; only `\\n` (or `\\r\\n`) ends a line.

    Raises `DataError` naming file and line for: missing, empty, a NUL byte (binary), bytes that are not UTF-8,
    and a compressed file that breaks off.
    """
    number = 0
    with open_binary(path) as stream:
        try:
            for number, raw in enumerate(stream, start=1):
                yield decode_line(raw, path, number)
        except (EOFError, OSError) as error:
            raise DataError(
                f"the compressed file is damaged after line {number}", where=path, do="fetch it again"
            ) from error
    if number == 0 and not allow_empty_file:
        raise DataError("the file is empty", where=path, do="check how it was made")


def decode_line(raw: bytes, path: Path, number: int) -> str:
    """One raw line as text; the first line may start with a byte-order mark."""
    if b"\x00" in raw:
        hint = "it looks like UTF-16; save it as UTF-8" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "text is expected"
        raise DataError(f"line {number} holds a NUL byte: this is a binary file", where=path, do=hint)
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise DataError(
            f"line {number} is not UTF-8 (byte 0x{raw[error.start]:02x} at column {error.start + 1})",
            where=path,
            do="convert it, for example with iconv -f latin1 -t utf-8",
        ) from None
    return text.rstrip("\n").removesuffix("\r")


def read_parallel(paths: Mapping[str, Path]) -> Iterator[dict[str, str]]:
    """Line i of every file, by language; files of unequal length are an error, never a cut."""
    names = list(paths)
    readers = {name: read_lines(path) for name, path in paths.items()}
    done = object()
    count = 0
    while True:
        row = {name: next(readers[name], done) for name in names}
        ended = [name for name in names if row[name] is done]
        if len(ended) == len(names):
            return
        if ended:
            longer = next(name for name in names if row[name] is not done)
            total = count + 1 + sum(1 for _ in readers[longer])
            raise DataError(
                f"the files are not parallel: {paths[ended[0]].name} has {count} lines, {paths[longer].name} {total}",
                where=paths[longer],
                do="give files whose line i belongs together",
            )
        count += 1
        yield cast(dict[str, str], row)


@contextlib.contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """A binary stream whose bytes appear at `path` complete, by fsync and rename, or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise disk_error(error, path) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def disk_error(error: OSError, path: Path) -> RunError:
    """A failed write, in words that say what to do."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return RunError(
            "the disk is full", where=path.parent, do="free some space and run again; finished work is kept"
        )
    return RunError(f"cannot write: {error.strerror or error}", where=path, do="check the folder's permissions")


def write_lines(path: Path, lines: Iterable[str]) -> int:
    """Write `lines` atomically, one a line; returns how many. A line that holds a newline is refused."""
    count = 0
    with atomic_writer(path) as stream:
        for line in lines:
            if "\n" in line:
                raise ValueError(f"line {count + 1} for {path} holds a newline")
            stream.write(line.encode("utf-8") + b"\n")
            count += 1
    return count


def write_text(path: Path, text: str) -> None:
    """Write a whole text file atomically."""
    with atomic_writer(path) as stream:
        stream.write(text.encode("utf-8"))


def write_json(path: Path, value: object) -> None:
    """Write `value` as readable JSON, atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """The JSON value in `path`; a damaged file is a `RunError` that names it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError("no such file", where=path, do="check the path") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RunError(f"the file is damaged ({error})", where=path, do="delete it and run again") from None


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    """The JSON objects of a `.jsonl` file, one a line; a broken line is a `DataError` with its number."""
    for number, line in enumerate(read_lines(path), start=1):
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise DataError(
                f"line {number} is not JSON ({error.msg})", where=path, do="one JSON object a line"
            ) from None
        if not isinstance(value, dict):
            raise DataError(f"line {number} is not a JSON object", where=path, do="one JSON object a line")
        yield value


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write JSON objects atomically, one a line; returns how many."""
    return write_lines(path, (json.dumps(row, ensure_ascii=False) for row in rows))


def digest_bytes(*parts: bytes) -> str:
    """BLAKE2b (128 bit, hex) of length-prefixed parts, so that ('ab','c') and ('a','bc') differ."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def digest_json(value: object) -> str:
    """Digest of a JSON value that does not depend on the order of its keys."""
    return digest_bytes(json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())


def digest_file(path: Path) -> str:
    """Digest of a file's bytes as they lie on disk."""
    state = hashlib.blake2b(digest_size=16)
    try:
        with open(path, "rb") as stream:
            while block := stream.read(1 << 20):
                state.update(block)
    except FileNotFoundError:
        raise DataError("no such file", where=path, do=_siblings(path)) from None
    except IsADirectoryError:
        raise DataError("expected a file, found a folder", where=path, do="name a file inside it") from None
    return state.hexdigest()


def digest_lines(lines: Sequence[str]) -> str:
    """Digest of text that has no file of its own (what the package generates)."""
    return digest_bytes(*(line.encode() for line in lines))
