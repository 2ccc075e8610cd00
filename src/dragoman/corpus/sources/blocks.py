"""Line files in blocks of whole lines: streamed, whatever a line's length, the same blocks for every reader of a file.

A block ends with the last newline of its first `Sizes.block` bytes; a line longer than that is a block of its own, and
one longer than `Sizes.longest` a block without data. So every lane of a compressed file counts the same blocks.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO

from dragoman.corpus.sources.faults import Damaged, Fault, Unreachable
from dragoman.corpus.sources.shards import Shard, Sizes

ROWS = 1000  # lines that are handed on at once
BOM = b"\xef\xbb\xbf"
FOREIGN = {
    b"\xff\xfe": ("not_utf8", "the file is UTF-16: convert it, for example with iconv -f utf-16 -t utf-8"),
    b"\xfe\xff": ("not_utf8", "the file is UTF-16: convert it, for example with iconv -f utf-16 -t utf-8"),
    b"\x1f\x8b": ("damaged_file", "the file is packed with gzip: its name should end in .gz"),
    b"\xfd7zXZ\x00": ("damaged_file", "the file is packed with xz: its name should end in .xz"),
    b"\x28\xb5\x2f\xfd": ("damaged_file", "the file is packed with zstandard: its name should end in .zst"),
    b"PAR1": ("damaged_file", "the file is a Parquet file: its name should end in .parquet"),
}


@dataclass
class Block:
    """Whole lines of a file, the last with or without its newline."""

    name: str
    data: bytes
    offset: int
    """Bytes of the unpacked file before it."""
    line: int | None
    """Number of its first line, from 1. None: the file is read in parts, and this is not the first."""
    too_long: int = 0
    """Bytes of the one line that the block stands for, where that is too long to be read."""

    def where(self, index: int) -> str:
        """The place of its line `index`, from 0."""
        if self.line is not None:
            return f"{self.name} line {self.line + index}"
        return f"{self.name} byte {self.offset + int(self._starts[index])}"

    @cached_property
    def _starts(self) -> Any:
        import numpy as np  # only when a fault is placed: planning loads no numpy

        ends = np.flatnonzero(np.frombuffer(self.data, dtype=np.uint8) == 10)
        return np.concatenate([[0], ends + 1])  # (lines + 1,) int64

    def rows(self) -> Iterator[tuple[int, list[str | Fault]]]:
        """(index of the first, some following lines without their ends); what is no text is a fault."""
        if self.too_long:
            detail = f"the line has {self.too_long:,} bytes"
            yield 0, [Fault("line_too_long", self.where(0), detail)]
            return
        data = self.data.removeprefix(BOM) if self.offset == 0 else self.data
        lines: list[Any]
        try:
            lines = data.decode().split("\n")
            clean = b"\x00" not in data
        except UnicodeDecodeError:
            clean = False
        if not clean:
            lines = data.split(b"\n")
        if data.endswith(b"\n") or not data:
            lines.pop()
        ends = clean and b"\r" in data
        for first in range(0, len(lines), ROWS):
            part = lines[first : first + ROWS]
            if not clean:
                part = [self._decoded(raw, first + i) for i, raw in enumerate(part)]
            yield first, [line.removesuffix("\r") for line in part] if ends else part

    def _decoded(self, raw: bytes, index: int) -> str | Fault:
        if b"\x00" in raw:
            return Fault("nul_byte", self.where(index), f"a NUL byte at column {raw.index(0) + 1}")
        try:
            return raw.decode().removesuffix("\r")
        except UnicodeDecodeError as error:
            detail = f"byte 0x{raw[error.start]:02x} at column {error.start + 1} is not UTF-8"
            return Fault("not_utf8", self.where(index), detail)


def foreign(head: bytes) -> Damaged | None:
    """What a file is that starts with `head`, where that is no text."""
    for magic, (reason, detail) in FOREIGN.items():
        if head.startswith(magic):
            return Damaged(detail, reason)
    return None


def fill(stream: Any, rest: bytes, size: int) -> tuple[bytes, Damaged | None]:
    """`rest` and more of the stream, `size` bytes where it has so many; and why it has no more, unless it just ends."""
    parts, count = [rest], len(rest)
    read = getattr(stream, "read1", stream.read)
    while count < size:
        try:
            piece = read(size - count)
        except Unreachable as error:
            return b"".join(parts), Damaged(str(error), "unreachable")
        except (EOFError, OSError) as error:
            return b"".join(parts), Damaged(str(error))
        if not piece:
            break
        parts.append(piece)
        count += len(piece)
    return b"".join(parts), None


def _long_line(stream: Any, head: bytes, size: int, longest: int) -> tuple[bytes, int, bytes, Damaged | None]:
    """The line that starts with `head`, empty where it is too long; its bytes; what was read behind it."""
    parts, length = [head], len(head)
    while True:
        piece, broken = fill(stream, b"", size)
        end = piece.find(b"\n") + 1
        part = piece[:end] if end else piece
        length += len(part)
        if length - bool(end) > longest:
            parts.clear()
        else:
            parts.append(part)
        if end or broken or len(piece) < size:
            return b"" if broken and not end else b"".join(parts), length - bool(end), piece[len(part) :], broken


def blocks(stream: Any, name: str, sizes: Sizes, offset: int = 0) -> Iterator[Block]:
    """The blocks of a stream. Of a damaged one, what follows the last newline is left out; then `Damaged` is raised."""
    size = min(sizes.block, sizes.longest)
    line = 1 if offset == 0 else None
    rest, whole = b"", True
    while whole:
        data, broken = fill(stream, rest, size)
        whole = len(data) == size
        cut = data.rfind(b"\n") + 1 if whole or broken else len(data)
        if whole and not cut:
            data, length, rest, broken = _long_line(stream, data, size, sizes.longest)
            too_long = length if length > sizes.longest else 0
            complete = bool(data) or (too_long > 0 and not broken)
            whole = not broken
        else:
            data, rest, length, too_long, complete = data[:cut], data[cut:], cut, 0, cut > 0
        if complete:
            yield Block(name, data, offset, line, too_long)
            line = None if line is None else line + (1 if too_long else data.count(b"\n"))
            offset += max(len(data), too_long + 1 if too_long else 0)
        if broken:
            place = f"after byte {offset}" if line is None else f"after line {line - 1}"
            raise Damaged(broken.detail, broken.reason, place)


class _Until:
    """The next `count` bytes of a stream."""

    def __init__(self, stream: Any, count: int) -> None:
        self._read, self._count = getattr(stream, "read1", stream.read), count

    def read(self, size: int) -> bytes:
        data: bytes = self._read(min(size, self._count)) if self._count else b""
        self._count -= len(data)
        return data


def _line_start(stream: BinaryIO, place: int, size: int) -> int:
    """Where the first line starts that starts at byte `place` or later; the end of the file where none does."""
    if place == 0:
        return 0
    stream.seek(place - 1)
    at = place - 1
    while piece := stream.read(size):
        if (end := piece.find(b"\n")) >= 0:
            return at + end + 1
        at += len(piece)
    return at


def shard_blocks(stream: BinaryIO, shard: Shard, name: str, sizes: Sizes) -> Iterator[Block]:
    """The blocks of one file that are this shard's: those of a byte range, of a lane, or all."""
    if shard.start or shard.stop is not None:
        if shard.start and foreign(stream.read(8)) is not None:
            return  # the first part says so
        first = _line_start(stream, shard.start, sizes.block)
        last = stream.seek(0, os.SEEK_END) if shard.stop is None else _line_start(stream, shard.stop, sizes.block)
        stream.seek(first)
        found = blocks(_Until(stream, last - first), name, sizes, first)
    else:
        found = blocks(stream, name, sizes)
    number = 0
    try:
        for block in found:
            if number == 0 and block.offset == 0 and (alien := foreign(block.data[:8])) is not None:
                raise alien
            if number % shard.lanes == shard.lane:
                yield block
            number += 1
    except Damaged:
        if number % shard.lanes == shard.lane:
            raise
    if number == 0 and shard.start == 0 and shard.lane == 0:
        raise Damaged("the file is empty", "empty_file")
