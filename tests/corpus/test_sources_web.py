"""Pages of web archives and files of the Hub: main text as lines, and what breaks off is said."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dragoman.corpus.sources import Fault, Sizes, Unreachable, hub, plan_shards, read_shard
from dragoman.corpus.sources.web import page_text
from dragoman.recipe.data import MonoSource

PARAGRAPHS = [
    "Die Größe der Brücke überraschte alle, die sie zum ersten Mal sahen, denn auf den Bildern wirkt sie kleiner.",
    "Am Abend fuhren wir mit dem letzten Zug zurück & lasen in der Zeitung, was am nächsten Tag geschehen sollte.",
]
PAGE = f"""<!DOCTYPE html><html><head><title>Titel</title>{{meta}}<script>var x = "Skript";</script></head><body>
<nav><ul><li><a href="/">Startseite</a></li><li><a href="/k">Kontakt</a></li></ul></nav>
<article><h1>Über die Brücke</h1><p>{PARAGRAPHS[0].replace(" ", chr(10), 3)}</p>
<p>{PARAGRAPHS[1].replace("&", "&amp;")}<br>Ein neuer Absatz beginnt nach dem Umbruch der Zeile.</p></article>
<footer><p>Impressum</p><p>Alle Rechte vorbehalten</p></footer></body></html>"""
TEXT = "\n".join(["Über die Brücke", *PARAGRAPHS, "Ein neuer Absatz beginnt nach dem Umbruch der Zeile."])


def mono(path: str, **more: Any) -> MonoSource:
    return MonoSource.model_validate({"name": "m", "language": "de", "path": path, **more})


def read(source: MonoSource, root: Path, sizes: Sizes | None = None) -> tuple[list[str], list[Fault]]:
    batches = [batch for shard in plan_shards(source, root, sizes) for batch in read_shard(shard, source, sizes)]
    return [text for batch in batches for text in batch.texts], [fault for batch in batches for fault in batch.faults]


def page(encoding: str = "utf-8", meta: str = "") -> bytes:
    return PAGE.format(meta=meta).encode(encoding)


META = '<meta charset="{}">'
ENCODINGS = {
    "declared": (page("iso-8859-15", META.format("iso-8859-15")), None),
    "http header": (page("windows-1252"), "ISO-8859-1"),
    "header before meta": (page("utf-8", META.format("iso-8859-1")), "utf-8"),
    "nothing but bytes": (page("utf-8"), None),
    "latin bytes": (page("windows-1252"), None),
    "byte-order mark": (b"\xef\xbb\xbf" + page("utf-8", META.format("iso-8859-1")), "iso-8859-1"),
    "utf-16": (page("utf-16"), None),
    "unknown charset": (page("utf-8"), "utf-99"),
    "wrongly declared": (page("windows-1252", META.format("utf-8")), "utf-8"),
}


@pytest.mark.parametrize("case", ENCODINGS)
def test_main_text_comes_as_lines_in_any_encoding(case: str) -> None:
    assert page_text(*ENCODINGS[case]) == TEXT


def record(body: bytes, kind: str = "response", content: str = "text/html; charset=utf-8", status: int = 200) -> bytes:
    http = f"HTTP/1.1 {status} OK\r\nContent-Type: {content}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    head = [
        "WARC/1.0", f"WARC-Type: {kind}", "WARC-Target-URI: http://example.org/", "WARC-Date: 2024-01-01T00:00:00Z",
        "WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-000000000000>",
        f"Content-Type: application/http; msgtype={kind}", f"Content-Length: {len(http)}",
    ]  # fmt: skip
    return "\r\n".join(head).encode() + b"\r\n\r\n" + http + b"\r\n\r\n"


def named(number: int) -> bytes:
    return page().replace("Über die Brücke".encode(), f"Seite {number}".encode())


RECORDS = [
    record(b"", "request"), record(named(1)), record(named(9), status=404), record(b"%PDF", content="application/pdf"),
    record(named(2), content="application/xhtml+xml"), record(named(8), "resource"), record(named(3)),
]  # fmt: skip
WHOLE = {
    ".warc": b"".join(RECORDS),
    ".warc.gz": b"".join(map(gzip.compress, RECORDS)),
    ".warc.xz": lzma.compress(b"".join(RECORDS)),
    ".warc.zst": b"".join(map(zstandard.compress, RECORDS)),
}

ENDS = (
    {  # where records end, and an archive cannot be seen to break off
        ending: {sum(map(len, map(pack, RECORDS[:count]))) for count in range(len(RECORDS))}
        for ending, pack in {".warc": bytes, ".warc.gz": gzip.compress, ".warc.zst": zstandard.compress}.items()
    }
    | {".warc.xz": set()}
)


def titles(texts: list[str]) -> list[str]:
    return [text.split("\n")[0] for text in texts]


@pytest.mark.parametrize("ending", WHOLE)
def test_an_archive_gives_the_pages_of_good_answers(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"a{ending}").write_bytes(WHOLE[ending])
    texts, faults = read(mono(f"a{ending}"), tmp_path)
    assert titles(texts) == ["Seite 1", "Seite 2", "Seite 3"] and not faults
    assert texts[0].split("\n")[1:] == TEXT.split("\n")[1:]


@pytest.mark.parametrize("ending", WHOLE)
def test_an_archive_that_breaks_off_is_never_taken_for_whole(tmp_path: Path, ending: str) -> None:
    whole = WHOLE[ending]
    for cut in range(1, len(whole) - 5, 37):
        (tmp_path / f"a{ending}").write_bytes(whole[:cut])
        texts, faults = read(mono(f"a{ending}"), tmp_path)
        assert titles(texts) == [f"Seite {i + 1}" for i in range(len(texts))]
        if cut not in ENDS[ending]:
            assert [fault.reason for fault in faults] == ["damaged_file"], cut
        assert all(text.endswith(TEXT.split("\n")[-1]) for text in texts)


def test_what_is_no_archive_or_too_large_is_a_fault(tmp_path: Path) -> None:
    large = record(b"<p>" + b"x" * 9000) + record(named(1))
    files = {"a.warc": b"", "b.warc": b"Hallo.\n" * 99, "c.warc": large, "d.warc.gz": gzip.compress(b"")}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    texts, faults = read(mono("."), tmp_path, Sizes(longest=5000))
    assert titles(texts) == ["Seite 1"]
    assert [(fault.reason, fault.where) for fault in faults] == [
        ("empty_file", "a.warc"), ("damaged_file", "b.warc after record 0"), ("line_too_long", "c.warc record 1"),
        ("empty_file", "d.warc.gz"),
    ]  # fmt: skip


def test_html_files_are_pages(tmp_path: Path) -> None:
    for name, data in {"a.html": page(), "b.html.gz": gzip.compress(page()), "c.html": b"", "d.html": b"<p>",
                       "e.html": page() + b"x" * 9999, "f.html.gz": gzip.compress(page())[:-9]}.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
    texts, faults = read(mono("."), tmp_path, Sizes(longest=5000))
    assert texts == [TEXT, TEXT, ""]
    assert [(fault.reason, fault.where) for fault in faults] == [
        ("empty_file", "c.html"), ("line_too_long", "e.html"), ("damaged_file", "f.html.gz"),
    ]  # fmt: skip


def test_without_the_extra_pages_are_one_clear_line_and_other_text_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page())
    (tmp_path / "a.txt").write_bytes(b"Text.\n")
    code = """
import sys
sys.modules["resiliparse"] = None
from pathlib import Path
from dragoman.corpus.sources import plan_shards
from dragoman.recipe.data import MonoSource
for path in ("a.txt", "a.html"):
    print(len(plan_shards(MonoSource(name="m", language="de", path=path), Path("."))))
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "1\n" and "pip install 'dragoman[web]'" in done.stderr.splitlines()[-1]


class Breaking(io.BytesIO):
    """A file of the Hub that stays away from some byte on."""

    def __init__(self, data: bytes, until: int | None) -> None:
        super().__init__(data)
        self.until = until

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = len(self.getbuffer()) if size is None or size < 0 else size
        if self.until is not None and self.tell() < self.until < self.tell() + wanted:
            raise Unreachable("the Hub cannot be reached", where="hf://x")
        return super().read(size)

    def read1(self, size: int | None = -1, /) -> bytes:
        if self.until is not None and self.tell() < self.until:
            size = min(-1 if size is None else size, self.until - self.tell())
        elif self.tell() == self.until:
            raise Unreachable("the Hub cannot be reached", where="hf://x")
        return super().read(size)


LINES = [f"Zeile {i} {i * 2654435761 % 2**32:x}" for i in range(20_000)]
REMOTE = {
    "a.jsonl": b"".join(json.dumps({"text": line}).encode() + b"\n" for line in LINES),
    "a.jsonl.zst": zstandard.compress(b"".join(json.dumps({"text": line}).encode() + b"\n" for line in LINES)),
    "a.csv.gz": gzip.compress("\n".join(["text", *LINES]).encode()),
    "a.warc": b"".join(RECORDS),
    "a.warc.gz": b"".join(map(gzip.compress, RECORDS)),
}


def at_the_hub(
    monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, until: int | None
) -> tuple[list[str], list[Fault]]:
    def opened(path: str) -> BinaryIO:
        assert path == f"hf://datasets/x/y@abc/{name}"
        return Breaking(data, until)

    file = hub.RemoteFile(f"hf://datasets/x/y@abc/{name}", len(data))
    monkeypatch.setattr(hub, "hub_files", lambda _: (file,))
    monkeypatch.setattr(hub, "open_hub", opened)
    source = MonoSource(name="m", language="de", hub=hub.HubSource(repo="x/y"), licence="CC0-1.0")
    return read(source, Path("nowhere"), Sizes(block=5000, split=200_000, lane=1000))


@pytest.mark.parametrize("name", REMOTE)
def test_a_file_of_the_hub_gives_what_came_before_the_hub_went_away(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    data = REMOTE[name]
    whole, faults = at_the_hub(monkeypatch, name, data, None)
    assert len(whole) == (3 if "warc" in name else len(LINES)) and not faults
    texts, faults = at_the_hub(monkeypatch, name, data, len(data) * 2 // 3 if "warc" not in name else len(data) - 300)
    assert 0 < len(texts) < len(whole) and set(texts) <= set(whole)
    assert faults and {fault.reason for fault in faults} == {"unreachable"}
    assert "after" in faults[0].where and "cannot be reached" in faults[0].detail


def test_a_table_of_the_hub_too(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"text": LINES}), sink, row_group_size=1000)
    data = sink.getvalue()
    assert at_the_hub(monkeypatch, "a.parquet", data, None) == (LINES, [])
    texts, faults = at_the_hub(monkeypatch, "a.parquet", data, len(data) // 2)
    assert 0 < len(texts) < len(LINES) and {fault.reason for fault in faults} == {"unreachable"}
