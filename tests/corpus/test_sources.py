"""Sources are read as they lie: every document comes out, or a fault that names its place."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import pytest
import zstandard

from dragoman.corpus.sources import FAULTS, Fault, Sizes, plan_shards, read_documents, read_shard
from dragoman.errors import DataError
from dragoman.recipe.data import MonoSource

PACK = {".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}
LONG = 40
SMALL = Sizes(longest=LONG)


def mono(path: str, **more: Any) -> MonoSource:
    return MonoSource.model_validate({"name": "m", "language": "de", "path": path, **more})


def read(source: MonoSource, root: Path, sizes: Sizes | None = None) -> tuple[list[str], list[Fault]]:
    batches = [batch for shard in plan_shards(source, root, sizes) for batch in read_shard(shard, source, sizes)]
    return [text for batch in batches for text in batch.texts], [fault for batch in batches for fault in batch.faults]


def rows(*values: object) -> bytes:
    return b"".join(json.dumps(value, ensure_ascii=False).encode() + b"\n" for value in values)


L = {"language_field": "lang"}
LV = {"language_field": "lang", "language_value": "deu_Latn"}
# name, content, options, documents, (reason, place behind the name, part of the detail)
TABLE: list[tuple[str, bytes, dict[str, Any], list[str], list[tuple[str, str, str]]]] = [
    ("a.txt", "Ä.\n\n b \nc".encode(), {}, ["Ä.", "", " b ", "c"], []),
    ("a.txt", b"\n", {}, [""], []),
    ("a.txt", b"a\r\nb\r\r\nc\rd\r", {}, ["a", "b\r", "c\rd"], []),
    ("a.txt", b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", {}, ["a", "\ufeffb"], []),
    ("a.txt", "a\u2028b\x0bc\x85d\n".encode(), {}, ["a\u2028b\x0bc\x85d"], []),
    ("a.txt", b"", {}, [], [("empty_file", "", "empty")]),
    ("a.txt", b"\xef\xbb\xbf", {}, [], []),
    ("a.txt", b"a\r\nsch\xf6n\r\nc\r\n", {}, ["a", "c"], [("not_utf8", "line 2", "0xf6 at column 4")]),
    ("a.txt", b"a\nb\x00b\n\xff\nd", {}, ["a", "d"], [("nul_byte", "line 2", "column 2"), ("not_utf8", "line 3", "1")]),
    ("a.txt", "Hallo\n".encode("utf-16"), {}, [], [("not_utf8", "", "UTF-16")]),
    ("a.txt", gzip.compress(b"a\n"), {}, [], [("damaged_file", "", "should end in .gz")]),
    ("a.txt", b"a\n" + b"x" * LONG + b"\nb\n", {}, ["a", "x" * LONG, "b"], []),
    ("a.txt", b"a\n" + b"x" * (LONG + 1) + b"\nb\n", {}, ["a", "b"], [("line_too_long", "line 2", str(LONG + 1))]),
    ("a.txt", b"x" * 500 + b"\nb\n" + b"y" * 99, {}, ["b"], [("line_too_long", f"line {i}", "") for i in (1, 3)]),
    ("a.txt", b"\n\na\nb\n \n\nc\n", {"document": "paragraph"}, ["a\nb", "c"], []),
    ("a.txt", b"a\n\xff\nb\n\n\xff\n\nc", {"document": "paragraph"}, ["c"],
     [("not_utf8", "line 2", ""), ("not_utf8", "line 5", "")]),
    ("a.txt", b"a\n\n" + b"x\n" * LONG + b"\nb", {"document": "paragraph"}, ["a", "b"],
     [("line_too_long", "line 23", "")]),
    ("a.txt", b"\xef\xbb\xbfa\r\n\r\nb\r\n", {"document": "file"}, ["a\n\nb"], []),
    ("a.txt", b"a\n\xff", {"document": "file"}, [], [("not_utf8", "byte 2", "0xff")]),
    ("a.txt", b"a\n" * LONG, {"document": "file"}, [], [("line_too_long", "", "40 bytes")]),
    ("a.txt", b"", {"document": "file"}, [], [("empty_file", "", "")]),
    ("a.jsonl", rows({"text": "ä\nb"}, {"text": ""}) + b" \n" + rows({"text": "c"}), {}, ["ä\nb", "", "c"], []),
    ("a.jsonl", b'{"text": "a"}\n{"text": \n[1]\n"text"\n7\n{"text": "b"}', {}, ["a", "b"],
     [("not_json", "line 2", "column 10"), *(("not_json", f"line {i}", "not a JSON object") for i in (3, 4, 5))]),
    ("a.jsonl", rows({"txet": "a"}), {}, [], [("missing_field", "line 1", "did you mean 'txet'?")]),
    ("a.jsonl", rows({"text": None}, {"text": 3}, {"text": True}, {"text": ["a"]}, {"text": {}}), {}, [],
     [("wrong_type", f"line {i}", f"'text' is {what}, not text") for i, what in
      enumerate(["null", "a number", "true or false", "a list", "an object"], 1)]),
    ("a.jsonl", b'{"text": "a\\u0000b"}\n{"text": "\\ud83d"}\n{"text": "\\ud83d\\ude00"}\n', {}, ["\U0001f600"],
     [("nul_byte", "line 1", "character 2"), ("not_utf8", "line 2", "half a surrogate pair")]),
    ("a.jsonl", b'{"text": "a"}\n{"text": "\xff"}\n', {}, ["a"], [("not_utf8", "line 2", "")]),
    ("two.jsonl", b'{"text": "a"}, {"text": "b"}\n{"text": "c"\n"n": 1}\n', {}, [],
     [("not_json", "line 1", ""), ("not_json", "line 2", ""), ("not_json", "line 3", "")]),
    ("deep.jsonl", b'{"text":' + b"[" * 100_000 + b"\n" + rows({"text": "a"}), {}, ["a"],
     [("not_json", "line 1", "deep")]),
    ("big.jsonl", b'{"text":' + b"1" * 5000 + b"}\n", {}, [], [("not_json", "line 1", "digits")]),
    ("a.jsonl", rows(*({"body": str(i), "lang": lang} for i in range(2) for lang in ("de", "en"))),
     {"text_field": "body", **L}, ["0", "1"], []),
    ("a.jsonl", rows({"text": "a", "lang": "deu_Latn"}, {"text": "b", "lang": "de"}), LV, ["a"], []),
    ("a.jsonl", rows({"text": "a"}, {"text": "b", "lang": None}), L, [],
     [("missing_field", "line 1", "no field 'lang'"), ("wrong_type", "line 2", "'lang' is null")]),
    ("a.csv", b'id,text\n1,"a, ""b""\nc"\n2,d\n\n3,\n', {}, ['a, "b"\nc', "d", ""], []),
    ("a.csv", '\ufeffid;text\r\n1;"ä;b"\r\n'.encode(), {}, ["ä;b"], []),
    ("a.csv", b"text\na b\n\nc\n", {}, ["a b", "c"], []),
    ("a.csv", b"id,text\n1,a\n2\n3,b,c\n4,d\n", {}, ["a", "d"],
     [("bad_row", "line 3", "1 columns, the header has 2"), ("bad_row", "line 4", "3 columns")]),
    ("a.csv", b'id,text\n1,"a"b\n2,c\n', {}, ["c"], [("bad_row", "line 2", "the line makes no row")]),
    ("a.csv", b'id,text\n1,"a\n2,b\n3,c\n', {}, [], [("bad_row", "line 2", "lines 2 to 4 make no row")]),
    ("a.csv", b"id,text\n1,a\xff\n\xff,b\n3,c\x00\n", {}, ["b"],
     [("not_utf8", "line 2", ""), ("nul_byte", "line 4", "")]),
    ("a.csv", b"id,text\n1," + b"x" * 50 + b"\n2,b\n", {}, ["b"], [("line_too_long", "line 2", "")]),
    ("a.csv", b'id,text\n1,"a\n' + b"x" * 50 + b'\nc"\n2,b\n', {}, ["b"], [("line_too_long", "line 2", "")]),
    ("a.csv", b"id,body\n1,a\n2,b\n", {}, [], [("missing_field", "", "known are body, id")]),
    ("a.csv", b"text,lang\na,de\nb,en\n", L, ["a"], []),
    ("a.csv", b"text\na\n", L, [], [("missing_field", "", "no column 'lang'")]),
    ("a.csv", b"", {}, [], [("empty_file", "", "")]),
    ("a.csv", b"\xef\xbb\xbf", {}, [], [("missing_field", "", "the header is empty")]),
    ("a.tsv", b'text\tid\n"a\t1\nb"\t2\n', {}, ['"a', 'b"'], []),
    ("a.tsv", b"text\tid\na\nb\t2\tx\nc\t3\r\n\xff\t4\n", {}, ["c"],
     [("bad_row", "line 2", ""), ("bad_row", "line 3", ""), ("not_utf8", "line 5", "")]),
    ("a.tsv", b"t\xffxt\tid\na\t1\n", {}, [], [("not_utf8", "", "header")]),
    ("a.tsv", b"\n", {}, [], [("missing_field", "", "")]),
]  # fmt: skip


@pytest.mark.parametrize("packed", ["", ".gz", ".xz", ".zst"])
@pytest.mark.parametrize(("name", "data", "options", "documents", "faults"), TABLE)
def test_every_document_comes_out_or_is_a_fault(
    tmp_path: Path,
    name: str,
    data: bytes,
    options: dict[str, Any],
    documents: list[str],
    faults: list[tuple[str, str, str]],
    packed: str,
) -> None:
    name += packed
    (tmp_path / name).write_bytes(PACK[packed](data) if packed else data)
    texts, found = read(mono(name, **options), tmp_path, SMALL if name < "b" else None)
    assert texts == documents
    assert [fault.reason for fault in found] == [reason for reason, _, _ in faults]
    for fault, (_, place, detail) in zip(found, faults, strict=True):
        assert fault.where == f"{name} {place}".strip() and detail in fault.detail and "\n" not in fault.detail
        assert fault.reason in FAULTS


@pytest.mark.parametrize("suffix", PACK)
@pytest.mark.parametrize("kind", [".txt", ".jsonl", ".csv", ".tsv"])
def test_a_truncated_file_gives_what_comes_before_and_one_fault(tmp_path: Path, kind: str, suffix: str) -> None:
    lines = [f"{i} {i * 2654435761 % 2**32:x}" for i in range(5000)]
    body = [json.dumps({"text": line}) for line in lines] if kind == ".jsonl" else lines
    data = "\n".join((["text"] if kind in (".csv", ".tsv") else []) + body).encode()
    packed = PACK[suffix](data)
    for cut in (len(packed) * 2 // 3, len(packed) - 3):
        (tmp_path / f"a{kind}{suffix}").write_bytes(packed[:cut])
        texts, faults = read(mono(f"a{kind}{suffix}"), tmp_path)
        assert [fault.reason for fault in faults] == ["damaged_file"]
        assert texts == lines[: len(texts)] and (suffix == ".zst" or len(texts) > 1000)
        header = kind in (".csv", ".tsv")
        assert faults[0].where == f"a{kind}{suffix} after line {len(texts) + (header and len(texts) > 0)}"


@pytest.mark.parametrize("suffix", PACK)
def test_members_and_padding_are_read_and_garbage_behind_them_is_a_fault(tmp_path: Path, suffix: str) -> None:
    two = PACK[suffix](b"a\nb") + PACK[suffix](b"") + PACK[suffix](b"c\nd\n")
    for name, data in (("a", two), ("b", two + bytes(1024)), ("c", two + b"garbage")):
        (tmp_path / f"{name}.txt{suffix}").write_bytes(data)
    assert read(mono(f"a.txt{suffix}"), tmp_path) == (["a", "bc", "d"], [])
    assert read(mono(f"b.txt{suffix}"), tmp_path) == (["a", "bc", "d"], [])
    texts, faults = read(mono(f"c.txt{suffix}"), tmp_path)
    assert texts == ["a", "bc", "d"] and [fault.reason for fault in faults] == ["damaged_file"]


def test_a_file_that_is_not_what_its_name_says_is_a_fault(tmp_path: Path) -> None:
    for name in ("a.txt.gz", "b.txt.xz", "c.txt.zst", "d.parquet"):
        (tmp_path / name).write_bytes(b"Hallo, this is no packed file.\n")
    for name in ("e.txt.gz", "f.txt.xz", "g.txt.zst", "h.parquet"):
        (tmp_path / name).write_bytes(b"")
    texts, faults = read(mono("."), tmp_path)
    assert texts == []
    assert [fault.reason for fault in faults] == ["damaged_file"] * 4 + ["empty_file"] * 4


def test_a_file_that_goes_away_after_planning_is_a_fault(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(b"Text.\n")
    (shard,) = plan_shards(mono("."), tmp_path)
    (tmp_path / "a.txt").unlink()
    (batch,) = read_shard(shard, mono("."))
    assert batch.texts == ["Text."] and [(f.reason, f.where) for f in batch.faults] == [("unreadable", "a.txt")]


def test_a_limit_counts_documents_over_all_files(tmp_path: Path) -> None:
    for i in range(1, 12):
        (tmp_path / f"part{i}.txt").write_text(f"a{i}\n\nb{i}\n")
    want = [text for i in range(1, 12) for text in (f"a{i}", "", f"b{i}")]
    for limit in (1, 2, 3, 10, 11, 99):
        source = mono(".", limit=limit)
        assert len(plan_shards(source, tmp_path)) == 1
        assert read(source, tmp_path, Sizes(documents=3))[0] == want[:limit] == list(read_documents(source, tmp_path))


def test_embedded_text_is_a_source_like_any_other(tmp_path: Path) -> None:
    source = MonoSource(name="own", language="de", embedded="mono/de")
    (shard,) = plan_shards(source, tmp_path)
    assert shard.path == "embedded:mono/de"
    texts, faults = read(source, tmp_path)
    assert len(texts) > 100 and not faults
    assert read(source.model_copy(update={"limit": 3}), tmp_path)[0] == texts[:3]


def test_reading_strictly_raises_the_first_fault_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(rows({"text": "a"}, {"txet": "b"}))
    with pytest.raises(DataError, match=r"no field 'text': did you mean 'txet'\? \(a.jsonl line 2, missing_field\)"):
        list(read_documents(mono("a.jsonl"), tmp_path))
