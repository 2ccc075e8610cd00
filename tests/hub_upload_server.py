"""The stand-in for the Hub that also takes uploads: the protocol of `create_commit` in huggingface_hub 2.4.

    with UploadHub() as hub:
        hub.trouble("commit", Trouble(status=503))
        ... push to hub.url with TOKEN ...
        hub.files("owner/name")        what is there now
        hub.count("put")               how many objects were sent to the storage

who am I, create a repository or a branch, check a card (`yaml`), ask how files are sent (`preupload`), where to put the
large ones (`lfs`), put them (`put`, or `part` by `part` and `complete`), have them checked (`verify`), and `commit` as
lines of JSON. What is put must have the digest it claims, and a commit may name only objects that are there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

from hub_server import SIGNATURE, TOKEN, DataSet, HubServer, Seen, _error, _Hub, _json, _Server, _Storage

Answer = tuple[int, dict[str, str], bytes]
USER = "owner"
READ_TOKEN = "hf_standInTokenThatMayOnlyRead"
NAME = r"([\w.-]+/[\w.-]+)"
ADDRESSES = (
    ("create", r"/api/repos/create"),
    ("yaml", r"/api/validate-yaml"),
    ("branch", rf"/api/datasets/{NAME}/branch/(.+)"),
    ("preupload", rf"/api/datasets/{NAME}/preupload/(.+)"),
    ("commit", rf"/api/datasets/{NAME}/commit/(.+)"),
    ("lfs", rf"/datasets/{NAME}\.git/info/lfs/objects/batch"),
    ("verify", rf"/datasets/{NAME}\.git/info/lfs/objects/verify"),
    ("complete", r"/api/complete_multipart()"),
)


class UploadHub(HubServer):
    """Files of at least `large` bytes, and all Parquet ones, go to the storage; from `parted` bytes on in parts.

    A trouble with a `status` meets a request before it has an effect, `hang` as well; with `cut` the request is done
    and its answer lost.
    """

    def __init__(self, large: int = 1000, parted: int = 1 << 30, part: int = 1 << 20) -> None:
        super().__init__(large=large)
        self.parted, self.part = parted, part
        self.parts: dict[str, dict[int, bytes]] = {}
        self.private: dict[str, bool] = {}
        self.summaries: list[str] = []
        for server in self._servers:
            server.server_close()
        self._servers = [_Server(("127.0.0.1", 0), handler) for handler in (_UploadHub, _UploadStorage)]

    def make(self, name: str, *, private: bool = True, files: dict[str, bytes] | None = None) -> None:
        """A data set that is there before the push."""
        self.add(name, files or {".gitattributes": b"*.parquet filter=lfs\n"})
        self.private[name] = private

    def files(self, name: str, revision: str = "main") -> dict[str, bytes]:
        """What a branch holds."""
        one = self.sets[name]
        return {path: body for path, body in one.commits[one.refs[revision]].items() if path != ".gitattributes"}


class _Uploads:
    """POST and PUT for both handlers: `effect` does what is asked and answers."""

    body: bytes
    server: Any
    headers: Any
    path: str
    command: str
    rfile: Any
    close_connection: bool

    def do_POST(self) -> None:
        self.body = self._read()
        split = urlsplit(self.path)
        place, found = self.place(split.path)
        seen = Seen(place, self.command, self.path, None, "Authorization" in self.headers)
        with self.server.hub.lock:
            self.server.hub.seen.append(seen)
        trouble = self.server.hub.due(place)
        if trouble.status is not None:
            self.send(seen, trouble.status, dict(trouble.headers), b'{"error": "a bad day"}')  # type: ignore[attr-defined]
        elif trouble.page is not None:
            self.send(seen, 200, {"Content-Type": "text/html"}, trouble.page)  # type: ignore[attr-defined]
        elif trouble.hang is not None:
            time.sleep(trouble.hang)
            self.close_connection = True
        else:
            with self.server.hub.lock:
                answer = self.effect(place, found, parse_qs(split.query))
            if trouble.cut is not None:
                self.close_connection = True
            else:
                self.send(seen, *answer)  # type: ignore[attr-defined]

    do_PUT = do_POST

    def _read(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return bytes(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        pieces = []
        while size := int(self.rfile.readline(), 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def place(self, path: str) -> tuple[str, tuple[str, ...]]:
        raise NotImplementedError

    def effect(self, place: str, found: tuple[str, ...], query: dict[str, list[str]]) -> Answer:
        raise NotImplementedError


class _UploadHub(_Uploads, _Hub):
    """The addresses of the Hub that change something."""

    def route(self, path: str, query: dict[str, list[str]]) -> tuple[str, Answer]:
        if path == "/api/whoami-v2":
            return "whoami", self._who()
        return super().route(path, query)

    def info(self, name: str, revision: str) -> Answer:
        found = self.commit(name, revision)
        if len(found) == 3:
            return found
        rows = [{"rfilename": path} for path in sorted(found[1])]
        private = self.server.hub.private.get(name, False)
        return _json({"_id": "0", "id": name, "sha": found[0], "private": private, "siblings": rows})

    def place(self, path: str) -> tuple[str, tuple[str, ...]]:
        for place, address in ADDRESSES:
            if found := re.fullmatch(address, path):
                return place, tuple(map(unquote, found.groups()))
        return "other", ()

    def effect(self, place: str, found: tuple[str, ...], query: dict[str, list[str]]) -> Answer:
        if place == "complete":
            return self._complete(query["oid"][0])
        if (refused := self._refused()) is not None:
            return refused
        value = {} if place == "commit" or not self.body else json.loads(self.body)
        if place == "create":
            return self._create(value)
        if place == "yaml":
            return self._yaml(value["content"])
        if place == "verify":
            return _json({}) if value["oid"] in self.server.hub.stored else _error(404, "", "no such object")
        one = self.server.hub.sets.get(found[0]) if found else None
        if one is None:
            return _error(404, "RepoNotFound", "Repository not found")
        if place == "branch":
            return self._branch(one, found[1])
        if place == "lfs":
            return self._batch(value, found[0])
        if found[1] not in one.refs:
            return _error(404, "RevisionNotFound", f"Invalid rev id: {found[1]}")
        return self._modes(one, value, found[1]) if place == "preupload" else self._commit(found[0], one, found[1])

    def _who(self) -> Answer:
        bearer = self.headers["Authorization"]
        roles = {f"Bearer {TOKEN}": "write", f"Bearer {READ_TOKEN}": "read"}
        if bearer not in roles:
            return _error(401, "", "Invalid credentials in Authorization header")
        return _json({"name": USER, "orgs": [], "auth": {"accessToken": {"role": roles[bearer]}}})

    def _refused(self) -> Answer | None:
        bearer = self.headers["Authorization"]
        if bearer == f"Bearer {TOKEN}":
            return None
        if bearer == f"Bearer {READ_TOKEN}":
            return _error(403, "", "you must use a write token")
        return _error(401, "", f"Invalid credentials in Authorization header: {bearer}")

    def _create(self, value: dict[str, Any]) -> Answer:
        hub, name = self.server.hub, f"{value.get('organization') or USER}/{value['name']}"
        if name.split("/")[0] != USER:
            return _error(403, "", f"You don't have the rights to create a dataset under the namespace of {name}")
        if name in hub.sets:
            status, headers, _ = _error(409, "", "You already created this dataset repo")
            return status, headers, json.dumps({"url": f"{hub.url}/datasets/{name}"}).encode()  # as the Hub does
        hub.make(name, private=value.get("visibility") == "private")
        return _json({"url": f"{hub.url}/datasets/{name}"})

    def _yaml(self, content: str) -> Answer:
        head = yaml.safe_load(content.split("---")[1])
        wrong = [] if isinstance(head.get("license"), str) else [{"message": '"license" must be a string'}]
        status, headers, body = _json({"errors": wrong, "warnings": []})
        return (400 if wrong else status), headers, body

    def _branch(self, one: DataSet, branch: str) -> Answer:
        if branch in one.refs:
            return _error(409, "", "Reference already exists")
        one.refs[branch] = one.refs["main"]
        return _json({})

    def _modes(self, one: DataSet, value: dict[str, Any], revision: str) -> Answer:
        files, rows = one.commits[one.refs[revision]], []
        for file in value["files"]:
            base64.b64decode(file["sample"])
            large = file["size"] >= self.server.hub.large or file["path"].endswith(".parquet")
            there = files.get(file["path"])
            oid = None if there is None else hashlib.sha256(there).hexdigest() if large else git_oid(there)
            mode = "lfs" if large else "regular"
            rows.append({"path": file["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return _json({"files": rows})

    def _batch(self, value: dict[str, Any], name: str) -> Answer:
        hub, rows = self.server.hub, []
        for row in value["objects"]:
            oid, size = row["oid"], row["size"]
            if oid in hub.stored:
                rows.append({"oid": oid, "size": size})
                continue
            upload: dict[str, Any] = {"href": f"{hub.storage}/{oid}?{SIGNATURE}"}
            if size >= hub.parted:
                count = -(-size // hub.part)
                links = {str(n): f"{hub.storage}/{oid}?{SIGNATURE}&part={n}" for n in range(1, count + 1)}
                href = f"{hub.url}/api/complete_multipart?oid={oid}"
                upload = {"href": href, "header": {"chunk_size": str(hub.part), **links}}
            verify = {"href": f"{hub.url}/datasets/{name}.git/info/lfs/objects/verify"}
            rows.append({"oid": oid, "size": size, "actions": {"upload": upload, "verify": verify}})
        return _json({"transfer": "basic", "objects": rows})

    def _complete(self, oid: str) -> Answer:
        parts = self.server.hub.parts[oid]
        asked = [part["partNumber"] for part in json.loads(self.body)["parts"]]
        content = b"".join(parts[number] for number in asked)
        if hashlib.sha256(content).hexdigest() != oid:
            return _error(400, "", "the parts are not the object")
        self.server.hub.stored[oid] = content
        return _json({})

    def _commit(self, name: str, one: DataSet, revision: str) -> Answer:
        hub, files = self.server.hub, dict(one.commits[one.refs[revision]])
        head, *lines = [json.loads(line) for line in self.body.splitlines()]
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile" and value["oid"] in hub.stored:
                files[value["path"]] = hub.stored[value["oid"]]
            else:
                return _error(400, "", "an object of the commit was never put")
        hub.summaries.append(head["value"]["summary"])
        commit = hub.add(name, files, ref=revision)
        return _json({"success": True, "commitOid": commit, "commitUrl": f"{hub.url}/datasets/{name}/commit/{commit}"})


class _UploadStorage(_Uploads, _Storage):
    """Where objects are put: whoever has the signed address may."""

    def place(self, path: str) -> tuple[str, tuple[str, ...]]:
        return ("part" if "part=" in self.path else "put"), (path.removeprefix("/"),)

    def effect(self, place: str, found: tuple[str, ...], query: dict[str, list[str]]) -> Answer:
        hub, oid = self.server.hub, found[0]
        if SIGNATURE not in self.path:
            return 403, {}, b"<Error>AccessDenied</Error>"
        if place == "part":
            hub.parts.setdefault(oid, {})[int(query["part"][0])] = self.body
            return 200, {"ETag": f'"{len(self.body)}"'}, b""
        if hashlib.sha256(self.body).hexdigest() != oid:
            return 400, {}, b"<Error>BadDigest</Error>"
        hub.stored[oid] = self.body
        return 200, {"ETag": f'"{oid}"'}, b""


def git_oid(content: bytes) -> str:
    """The name that git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
