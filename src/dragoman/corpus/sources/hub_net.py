"""One file of the Hugging Face Hub as a stream that can be sought, and the patience with which the Hub is asked.

What is here and not in huggingface_hub 2.4: its listing waits for an answer without limit; `HfFileSystem` asks the API
twice in every process (500 such requests are free in five minutes), makes twice the requests, starts a block that
breaks off again from its first byte, fetches 284 MB to read the lines of a file of 100, and believes a server that
answers a range with the whole file. Addresses, tokens, offline mode, redirects and kinds of errors are its own.
"""

from __future__ import annotations

import io
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from dragoman.corpus.sources.faults import Unreachable
from dragoman.errors import DataError

T = TypeVar("T")
SMALLEST_REQUEST = 64 << 10  # bytes; what one read asks for at least
LARGEST_REQUEST = 64 << 20  # bytes asked for in one request when a file is read from front to back
SKIP = 256 << 10  # bytes; a gap of at most this is read over, which is cheaper than a new request
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
CAUSES = (
    ("Timeout", "no answer in time"),
    ("ConnectError", "no connection"),
    ("ConnectionError", "the connection broke off"),
    ("ReadError", "the connection broke off"),
    ("RemoteProtocolError", "the connection broke off"),
    ("ProxyError", "the proxy refuses"),
)
LOG_IN = "log in with `hf auth login` or set HF_TOKEN"


class NoSuchFile(DataError):
    """The data set has no such file."""


class HubUnreachable(Unreachable):
    """The Hub did not answer, however often it was asked. The same request may well succeed later."""


@dataclass(frozen=True)
class Patience:
    """How long one request is waited for, and how often it is made. Times in seconds."""

    tries: int = 8
    """Tries without a single byte of progress."""
    first_wait: float = 1.0
    """Before the second try; twice as long before each further one."""
    longest_wait: float = 60.0
    timeout: float = 30.0
    """For the connection and between two pieces of an answer."""
    longest_pause: float = 600.0
    """The longest pause that a server may ask for (the Hub counts requests in windows of 300 seconds)."""


READING = Patience()
PLANNING = Patience(tries=5)  # without a network the user learns it after 15 seconds


def persist(ask: Callable[[], T], where: str, patience: Patience) -> T:
    """`ask()`, repeated while the Hub or the way to it fails; what no patience mends is a `DataError` at once."""
    from huggingface_hub.errors import HTTPError, OfflineModeIsEnabled  # type: ignore[attr-defined]  # that of httpx2

    for number in range(1, patience.tries + 1):
        try:
            return ask()
        except OfflineModeIsEnabled:
            raise not_cached(where) from None
        except (HTTPError, ConnectionError) as error:
            response = getattr(error, "response", None)
            refuse(error, response, where)
            pause = _pause(response, number, where, patience)
            if number == patience.tries or pause > patience.longest_pause:
                raise _unreachable(_cause(error, response), pause, number, where, patience) from None
            time.sleep(pause)
    raise AssertionError("a Patience has at least one try")


def _pause(response: Any, number: int, where: str, patience: Patience) -> float:
    """Seconds to the next try: what the server asks for, and a share of ours so that workers do not return together."""
    from huggingface_hub.utils import parse_ratelimit_headers  # type: ignore[attr-defined]

    own: float = min(patience.longest_wait, patience.first_wait * 2 ** (number - 1))
    own *= 0.5 + 0.5 * zlib.crc32(f"{where} {number} {os.getpid()}".encode()) / 2**32
    if response is None:
        return own
    stated = response.headers.get("Retry-After", "")
    if stated.isdigit():
        return int(stated) + own
    limit = parse_ratelimit_headers(response.headers) if response.status_code == 429 else None
    return own if limit is None or limit.remaining > 0 else int(limit.reset_in_seconds) + own


def _cause(error: Exception, response: Any) -> str:
    if response is not None:
        return f"HTTP {response.status_code}"
    name = type(error).__name__
    return next((words for part, words in CAUSES if part in name), name)


def _unreachable(cause: str, pause: float, tries: int, where: str, patience: Patience) -> HubUnreachable:
    if pause > patience.longest_pause:
        return HubUnreachable(
            f"the Hub asks for a pause of {pause / 60:.0f} minutes ({cause})",
            where=where,
            do=f"start the same command again then; {LOG_IN} for a higher limit",
        )
    return HubUnreachable(
        f"the Hub cannot be reached ({cause}, {tries} {'try' if tries == 1 else 'tries'})",
        where=where,
        do="check the network, proxy and HF_ENDPOINT, then start the same command again: what is finished is kept",
    )


def not_cached(where: str) -> DataError:
    return DataError(
        "offline mode is on and this is not in the local cache of the Hub",
        where=where,
        do="unset HF_HUB_OFFLINE, or run `hf download REPO --repo-type dataset` once with a network",
    )


def refuse(error: Exception, response: Any, where: str) -> None:
    """Raises the `DataError` for an answer that another try would not change. Quotes no server: answers hold tokens."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        raise DataError(
            "the data set is gated", where=where, do=f"ask for access on its page at the Hub, then {LOG_IN}"
        ) from None
    if isinstance(error, errors.RepositoryNotFoundError):
        raise DataError(
            "no such data set, or a private one", where=where, do=f"check the name (OWNER/NAME), or {LOG_IN}"
        ) from None
    if isinstance(error, errors.RevisionNotFoundError):
        raise DataError("no such revision", where=where, do="name a branch, tag or commit of the data set") from None
    if isinstance(error, errors.EntryNotFoundError):
        raise NoSuchFile("no such file at the Hub", where=where, do="check the path and the revision") from None
    if isinstance(error, errors.DisabledRepoError):
        raise DataError("the Hub has disabled this data set", where=where, do="see its page at the Hub") from None
    if type(error).__name__ == "UnsupportedProtocol":
        raise DataError("not a web address", where="HF_ENDPOINT", do="begin it with https://") from None
    # A signed address of the storage may run out (403); the next try gets a fresh one.
    if response is None or response.status_code in TRANSIENT or (response.status_code == 403 and response.history):
        return
    if response.status_code in (401, 403):
        raise DataError(f"the Hub refuses access (HTTP {response.status_code})", where=where, do=LOG_IN) from None
    raise DataError(f"the Hub answers HTTP {response.status_code}", where=where, do="check HF_ENDPOINT") from None


def hub_headers() -> dict[str, str]:
    """With the user's token, if there is one. httpx2 leaves it out where the Hub redirects to another host."""
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    return dict(build_hf_headers(library_name="dragoman"))


class HubFile(io.BufferedIOBase):
    """A file of the Hub, read by range requests; `size` in bytes saves a request where the caller knows it.

    A request asks for what is read, and for as much again as has been read without a gap (up to `LARGEST_REQUEST`):
    jumping about costs no more than the bytes wanted, reading from front to back one request for 64 MB. The answer is
    taken from the connection as it is needed, so a reader holds one network chunk, whatever the size of the request.
    A connection that breaks is opened again at the byte where it broke.
    """

    def __init__(self, path: str, url: str, size: int | None = None, patience: Patience = READING) -> None:
        self.name, self._url, self._size, self._patience = path, url, size, patience
        self._position = 0  # of the next byte to hand out
        self._run = 0  # where reading without a gap began
        self._held = memoryview(b"")  # what came from the connection and is not handed out yet
        self._response: Any = None
        self._body: Iterator[bytes] = iter(())
        self._stop = 0  # where the open answer ends
        self._wanted = 0  # bytes the caller is waiting for

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def close(self) -> None:
        self._drop()
        super().close()

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            self._fill(LARGEST_REQUEST)  # the first answer says how long the file is
            size = self._length() - self._position
        missing = size
        pieces = []
        while missing > 0 and (piece := self._take(missing)):
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def read1(self, size: int = -1, /) -> bytes:
        return self._take(size if size >= 0 else SMALLEST_REQUEST)

    def peek(self, size: int = 0, /) -> bytes:
        """Some bytes from the present position on, without passing over them; readline() is slow without it."""
        self._fill(max(size, 1))
        return bytes(self._held)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}.get(whence)
        target = offset + (self._length() if base is None else base)
        if target < 0:
            raise ValueError(f"negative seek position {target}")
        gap = target - self._position
        if 0 <= gap <= len(self._held) or (0 <= gap <= SKIP and self._response is not None and target <= self._stop):
            self.read(gap)
        else:
            self._drop()
            self._position = self._run = target
        return self._position

    def _take(self, most: int) -> bytes:
        self._fill(most)
        piece = bytes(self._held[:most])
        self._held = self._held[most:]
        self._position += len(piece)
        return piece

    def _fill(self, wanted: int) -> None:
        """Holds at least one byte afterwards, or the file is at its end."""
        if not self._held and wanted > 0:
            self._wanted = wanted
            self._held = memoryview(persist(self._chunk, self.name, self._patience))

    def _chunk(self) -> bytes:
        """The next piece of the answer; opens the next request where none is open."""
        try:
            while self._size is None or self._position < self._size:
                if self._response is None and not self._open():
                    break
                piece = next(self._body, b"")
                done = self._position + len(piece) >= self._stop
                if done or not piece:
                    self._finish()
                if piece or done:
                    return piece
                raise ConnectionError("the answer ended too early")
            return b""
        except BaseException:
            self._drop()
            raise

    def _open(self) -> bool:
        """Asks for a range from the present position on; False where the file ends before it."""
        from huggingface_hub import get_session, hf_raise_for_status

        ahead = min(self._position - self._run, LARGEST_REQUEST)
        stop = self._position + max(self._wanted, ahead, SMALLEST_REQUEST)
        asked = {"Range": f"bytes={self._position}-{stop - 1}", "Accept-Encoding": "identity"}
        session = get_session()
        request = session.build_request("GET", self._url, headers=hub_headers() | asked, timeout=self._patience.timeout)
        self._response = session.send(request, stream=True, follow_redirects=True)
        if self._response.status_code == 416 and self._size is None:
            stated = re.fullmatch(r"bytes \*/(\d+)", self._response.headers.get("Content-Range", ""))
            self._size = int(stated[1]) if stated else self._position
            self._drop()
            return False
        hf_raise_for_status(self._response)
        self._begin(self._response)
        return True

    def _begin(self, response: Any) -> None:
        """Takes an answer whose range is the one that was asked for; `self._stop` and the size are known afterwards."""
        stated = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", response.headers.get("Content-Range", ""))
        length = response.headers.get("Content-Length", "")
        start = stop = size = -1
        if response.status_code == 206 and stated:
            start, stop, size = int(stated[1]), int(stated[2]) + 1, int(stated[3])
        elif response.status_code == 200 and length.isdigit():
            start, stop, size = 0, int(length), int(length)
        if start != self._position or "Content-Encoding" in response.headers:
            self._wrong("the server does not serve ranges of bytes", "use a mirror that does (HF_ENDPOINT), or the Hub")
        if self._size not in (None, size):
            self._wrong(f"the file has {size:,} bytes, not {self._size:,}", "start again with a fresh run folder")
        self._stop, self._size, self._body = stop, size, response.iter_bytes()

    def _wrong(self, what: str, do: str) -> NoReturn:
        raise DataError(what, where=self.name, do=do)

    def _length(self) -> int:
        if self._size is None:
            self._size = persist(self._ask_size, self.name, self._patience)
        return self._size

    def _ask_size(self) -> int:
        from huggingface_hub import get_hf_file_metadata

        size = get_hf_file_metadata(self._url, timeout=self._patience.timeout).size
        if size is None:
            self._wrong("the server does not say how long the file is", "use the Hub itself (HF_ENDPOINT)")
        return size

    def _finish(self) -> None:
        """Reads the end mark of an answer, so that its connection serves the next request too."""
        next(self._body, b"")
        self._response, self._body = None, iter(())

    def _drop(self) -> None:
        """Forgets what is held and closes the open answer with its connection."""
        self._held = memoryview(b"")
        if self._response is not None:
            self._response.close()
        self._response, self._body = None, iter(())
