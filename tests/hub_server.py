"""A stand-in for the Hugging Face Hub on this machine: its protocol as huggingface_hub 2.4 uses it, and its bad days.

    with HubServer() as hub:
        commit = hub.add("owner/name", {"README.md": b"...", "data/a.parquet": b"..."})
        hub.trouble("resolve", Trouble(status=503), times=2)
        ... requests to hub.url ...
        hub.served("resolve")

Data sets have commits, the branch `main`, tags, a card, pages of the file list with a `Link` to the next, access
conditions (401, 403, `X-Error-Code`), and files: small ones are served by the Hub, larger ones by a storage on another
port to which `resolve` redirects with a signed address, as at the real Hub. All of them take `Range`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

SIGNATURE = "Signature=s3cr3t"
TOKEN = "hf_standInTokenOfNobody"  # the one token that opens gated data sets


@dataclass(frozen=True)
class Trouble:
    """What goes wrong with one request; the first that is set."""

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    hang: float | None = None
    """Seconds without an answer."""
    cut: int | None = None
    """The connection ends after so many bytes of the body."""
    whole: bool = False
    """The range is ignored: 200 and all of the file."""
    page: bytes | None = None
    """200 and this text, as a proxy answers."""
    silent: int | None = None
    """After so many bytes of the body nothing more comes for a second."""
    unsized: bool = False
    """The length of the body is not said: its end is the end of the connection."""


@dataclass
class Seen:
    """One request."""

    place: str
    """info, tree, resolve or storage."""
    method: str
    path: str
    range: str | None
    token: bool
    status: int = 0
    sent: int = 0
    """Bytes of the body handed to the connection."""


@dataclass
class DataSet:
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    gated: bool = False


class HubServer:
    """Serves until the `with` block ends. `page` files stand on a page of a list; from `large` bytes on a file lies in
    the storage."""

    def __init__(self, page: int = 1000, large: int = 1000) -> None:
        self.page, self.large = page, large
        self.sets: dict[str, DataSet] = {}
        self.stored: dict[str, bytes] = {}
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self._troubles: list[tuple[str, Trouble]] = []
        self._servers = [_Server(("127.0.0.1", 0), handler) for handler in (_Hub, _Storage)]

    def __enter__(self) -> HubServer:
        for server in self._servers:
            server.hub = self
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._servers[0].server_port}"

    @property
    def storage(self) -> str:
        return f"http://127.0.0.1:{self._servers[1].server_port}"

    def add(self, name: str, files: dict[str, bytes], *, gated: bool = False, ref: str = "main") -> str:
        """A new commit of a data set; returns its id."""
        commit = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        one = self.sets.setdefault(name, DataSet())
        one.commits[commit], one.refs[ref], one.gated = files, commit, gated
        for content in files.values():
            self.stored[_sha256(content)] = content
        return commit

    def trouble(self, place: str, trouble: Trouble, times: int = 1) -> None:
        """The next `times` requests to a place (info, tree, resolve, storage) meet with it."""
        self._troubles += [(place, trouble)] * times

    def due(self, place: str) -> Trouble:
        with self.lock:
            for number, (at, trouble) in enumerate(self._troubles):
                if at == place:
                    del self._troubles[number]
                    return trouble
        return Trouble()

    def served(self, *places: str, method: str = "GET") -> int:
        """Bytes of bodies sent from these places."""
        return sum(one.sent for one in self.seen if one.place in places and one.method == method)

    def count(self, *places: str) -> int:
        return sum(one.place in places for one in self.seen)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    hub: HubServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        place, answer = self.route(split.path, parse_qs(split.query))
        seen = Seen(place, self.command, self.path, self.headers["Range"], "Authorization" in self.headers)
        with self.server.hub.lock:
            self.server.hub.seen.append(seen)
        trouble = self.server.hub.due(place)
        if trouble.hang is not None:
            time.sleep(trouble.hang)
            self.close_connection = True
        elif trouble.status is not None:
            self.send(seen, trouble.status, dict(trouble.headers), b'{"error": "a bad day"}')
        elif trouble.page is not None:
            self.send(seen, 200, {"Content-Type": "text/html"}, trouble.page)
        else:
            status, headers, body = answer
            if place == "storage" or (place == "resolve" and status == 200):
                status, headers, body = self.ranged(headers, body, trouble.whole)
            self.send(seen, status, headers, body, trouble)

    def route(self, path: str, query: dict[str, list[str]]) -> tuple[str, tuple[int, dict[str, str], bytes]]:
        raise NotImplementedError

    def ranged(self, headers: dict[str, str], body: bytes, whole: bool) -> tuple[int, dict[str, str], bytes]:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if wanted is None or whole:
            return 200, headers, body
        start, stop = int(wanted[1]), min(int(wanted[2] or len(body)) + 1, len(body))
        if start >= len(body):
            return 416, headers | {"Content-Range": f"bytes */{len(body)}"}, b""
        return 206, headers | {"Content-Range": f"bytes {start}-{stop - 1}/{len(body)}"}, body[start:stop]

    def send(
        self, seen: Seen, status: int, headers: dict[str, str], body: bytes, trouble: Trouble | None = None
    ) -> None:
        seen.status, trouble = status, trouble or Trouble()
        self.send_response(status)
        length = {"Connection": "close"} if trouble.unsized else {"Content-Length": str(len(body))}
        for name, value in (headers | length).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        end = next((n for n in (trouble.cut, trouble.silent) if n is not None), len(body))
        for piece in _pieces(body[:end]):
            self.wfile.write(piece)
            seen.sent += len(piece)
        if end < len(body):
            time.sleep(1.0 if trouble.silent is not None else 0.0)
            self.close_connection = True


def _pieces(body: bytes, size: int = 1 << 16) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


class _Hub(_Handler):
    """The addresses of the Hub itself."""

    def route(self, path: str, query: dict[str, list[str]]) -> tuple[str, tuple[int, dict[str, str], bytes]]:
        name = r"([\w.-]+/[\w.-]+)"
        if found := re.fullmatch(rf"/api/datasets/{name}(?:/revision/([^/]+))?", path):
            return "info", self.info(found[1], unquote(found[2] or "main"))
        if found := re.fullmatch(rf"/api/datasets/{name}/tree/([^/]+)(?:/([^/]+))?", path):
            return "tree", self.tree(found[1], unquote(found[2]), unquote(found[3] or ""), query)
        if found := re.fullmatch(rf"/datasets/{name}/resolve/([^/]+)/(.+)", path):
            return "resolve", self.resolve(found[1], unquote(found[2]), unquote(found[3]))
        return "other", _error(404, "", "Sorry, we can't find the page you are looking for.")

    def commit(self, name: str, revision: str) -> tuple[str, dict[str, bytes]] | tuple[int, dict[str, str], bytes]:
        """The commit and its files, or the error."""
        one = self.server.hub.sets.get(name)
        if one is None:
            missing = 404 if "Authorization" in self.headers else 401
            return _error(missing, "RepoNotFound", "Repository not found")
        commit = one.refs.get(revision, revision)
        if commit not in one.commits:
            return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return commit, one.commits[commit]

    def info(self, name: str, revision: str) -> tuple[int, dict[str, str], bytes]:
        found = self.commit(name, revision)
        if len(found) == 3:
            return found
        gated = "auto" if self.server.hub.sets[name].gated else False
        return _json({"_id": "0", "id": name, "sha": found[0], "gated": gated, "private": False})

    def tree(
        self, name: str, revision: str, folder: str, query: dict[str, list[str]]
    ) -> tuple[int, dict[str, str], bytes]:
        found = self.commit(name, revision)
        if len(found) == 3:
            return found
        rows = _listing(found[1], folder, recursive=query.get("recursive", ["false"])[0].lower() == "true")
        if folder and not rows:
            return _error(404, "EntryNotFound", f"{folder} does not exist on {revision}")
        start, page = int(query.get("cursor", ["0"])[0]), self.server.hub.page
        status, headers, body = _json(rows[start : start + page])
        if start + page < len(rows):
            address = f"{self.server.hub.url}{urlsplit(self.path).path}?recursive=true&cursor={start + page}"
            headers["Link"] = f'<{address}>; rel="next"'
        return status, headers, body

    def resolve(self, name: str, revision: str, path: str) -> tuple[int, dict[str, str], bytes]:
        found = self.commit(name, revision)
        if len(found) == 3:
            return found
        commit, files = found
        bearer = self.headers["Authorization"]
        if self.server.hub.sets[name].gated and path != "README.md" and bearer != f"Bearer {TOKEN}":
            words = f"Access to dataset {name} is restricted. {bearer} is not in the authorized list."
            return _error(403 if bearer else 401, "GatedRepo", words)
        if path not in files:
            return _error(404, "EntryNotFound", "Entry not found")
        content = files[path]
        headers = {"X-Repo-Commit": commit, "ETag": f'"{_sha1(content)}"', "Accept-Ranges": "bytes"}
        if len(content) < self.server.hub.large:
            return 200, headers, content
        key = _sha256(content)
        linked = {"X-Linked-Size": str(len(content)), "X-Linked-Etag": f'"{key}"'}
        return 302, headers | linked | {"Location": f"{self.server.hub.storage}/{key}?{SIGNATURE}"}, b"Found."


class _Storage(_Handler):
    """Where large files lie: whoever has the signed address may read."""

    def route(self, path: str, query: dict[str, list[str]]) -> tuple[str, tuple[int, dict[str, str], bytes]]:
        content = self.server.hub.stored.get(path.removeprefix("/"))
        if content is None or SIGNATURE not in self.path:
            return "storage", (403, {}, b"<Error>AccessDenied</Error>")
        return "storage", (200, {"ETag": f'"{path[1:]}"', "Accept-Ranges": "bytes"}, content)


def _listing(files: dict[str, bytes], folder: str, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    below = {path: content for path, content in files.items() if path.startswith(prefix)}
    parents = {"/".join(path.split("/")[:end]) for path in below for end in range(1, path.count("/") + 1)}
    rows: list[dict[str, Any]] = [
        {"type": "directory", "oid": hashlib.sha1(quote(path).encode()).hexdigest(), "size": 0, "path": path}
        for path in parents
        if path.startswith(prefix)
    ]
    for path, content in below.items():
        rows.append({"type": "file", "oid": _sha1(content), "size": len(content), "path": path})
    flat = [row for row in rows if recursive or "/" not in row["path"].removeprefix(prefix)]
    return sorted(flat, key=lambda row: row["path"])


@lru_cache
def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@lru_cache
def _sha1(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()


def _json(value: Any) -> tuple[int, dict[str, str], bytes]:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _error(status: int, code: str, words: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"X-Error-Message": words, "Content-Type": "application/json"}
    return status, headers | ({"X-Error-Code": code} if code else {}), json.dumps({"error": words}).encode()


def read_in_worker(path: str) -> tuple[str, int]:
    """SHA-256 of a file at the Hub, as a worker process reads it, and the most bytes of Python objects on the way."""
    import tracemalloc

    from dragoman.corpus.sources.hub import open_hub

    digest = hashlib.sha256()
    with open_hub(path) as stream:
        stream.read(1)
        stream.seek(0)
        tracemalloc.start()
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest(), tracemalloc.get_traced_memory()[1]
