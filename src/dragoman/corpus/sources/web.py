"""Documents of web archives (.warc) and pages (.html): their main text, paragraphs as lines, without menus.

The text is found by resiliparse and archives are read by fastwarc (Bevendorff et al. 2018, 2023), the extra `web`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from dragoman.corpus.sources.blocks import fill
from dragoman.corpus.sources.faults import Damaged, Fault, Unreachable, not_text
from dragoman.corpus.sources.lines import batches_of
from dragoman.corpus.sources.shards import Batch
from dragoman.errors import DataError

PAGES = ("text/html", "application/xhtml+xml")
UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"\xef\xbb\xbf": "utf-8"}


def needs_web(where: str) -> None:
    """Raises `DataError` where the packages of the extra are missing."""
    try:
        import fastwarc  # noqa: F401
        import resiliparse  # noqa: F401
    except ImportError:
        what = "web pages need packages that are not installed"
        raise DataError(what, where=where, do="pip install 'dragoman[web]'") from None


def page_text(page: bytes, charset: str | None = None) -> str:
    """The main text of an HTML page, one block of it a line, for example a paragraph, a heading or an item of a list.

    The encoding is that of a byte-order mark, else `charset` (from the HTTP header), else what the page declares, else
    what its bytes look like; what cannot be decoded becomes U+FFFD, as in a browser.
    """
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding, map_encoding_to_html5

    marked = next((encoding for mark, encoding in UTF16.items() if page.startswith(mark)), None)
    declared = map_encoding_to_html5(charset, False) if charset else None
    encoding = marked or declared or detect_encoding(page, from_html_meta=True) or "utf-8"
    html = bytes_to_str(page, encoding)
    text: str = extract_plain_text(html, main_content=True, list_bullets=False, alt_texts=False)
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _found(page: bytes, charset: str | None, where: str, longest: int) -> str | Fault:
    if len(page) > longest:
        return Fault("line_too_long", where, f"the page has more than {longest:,} bytes")
    try:
        text = page_text(page, charset)
    except (ValueError, LookupError, RuntimeError) as error:
        return Fault("bad_record", where, " ".join(str(error).split()))
    bad = not_text(text, "the page", longest)
    return Fault(bad[0], where, bad[1]) if bad else text


def html_batches(stream: BinaryIO, name: str, longest: int) -> Iterator[Batch]:
    """One page a file."""
    needs_web(name)
    data, broken = fill(stream, b"", longest + 1)
    if broken:
        raise broken
    if not data:
        raise Damaged("the file is empty", "empty_file")
    yield from batches_of([(0, _found(data, None, name, longest))])


def warc_batches(stream: BinaryIO, name: str, longest: int) -> Iterator[Batch]:
    """One page a record: answers of status 200 that hold HTML; others are no documents. .zst is unpacked by fastwarc,
    which knows the dictionaries of web archives and a missing end."""
    needs_web(name)
    yield from batches_of(_records(_Stream(stream), name, longest))


class _Stream:
    """What fastwarc needs of a stream and no more: it would seek where it sees `seek`. Keeps the last bytes in view."""

    def __init__(self, stream: Any) -> None:
        self._read = getattr(stream, "read1", stream.read)
        self._count = 0
        self.tail = b""

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._read(size if size > 0 else 1 << 16)
        self._count += len(data)
        self.tail = (self.tail + data[-4:])[-4:] if data else self.tail
        return data

    def tell(self) -> int:
        return self._count


def _records(stream: _Stream, name: str, longest: int) -> Iterator[tuple[int, str | Fault | None]]:
    """(number of the record from 1, the text of its page)"""
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    number, whole = 0, True
    source: Any = stream
    try:
        for number, record in enumerate(ArchiveIterator(source, record_types=WarcRecordType.any_type), start=1):
            whole = record.record_type == WarcRecordType.response and _is_page(record)
            if whole:
                page = record.reader.read(longest + 1)
                if len(page) < min(record.content_length, longest + 1):
                    raise EOFError("the archive breaks off in the next record")
                yield number, _found(page, record.http_charset, f"{name} record {number}", longest)
    except Unreachable as error:
        raise Damaged(str(error), "unreachable", f"after record {number}") from error
    except (EOFError, OSError, ValueError) as error:
        raise Damaged(str(error), place=f"after record {max(0, number - 1)}") from error
    if number == 0:
        raise Damaged("no record of a web archive", "damaged_file" if stream.tell() else "empty_file")
    if not whole and stream.tail != b"\r\n\r\n" and not name.endswith(".zst"):
        raise Damaged("the archive breaks off in the next record", place=f"after record {number - 1}")


def _is_page(record: Any) -> bool:
    headers = record.http_headers
    if headers is None or headers.status_code != 200:
        return False
    return (record.http_content_type or "").lower() in PAGES
