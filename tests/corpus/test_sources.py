"""Sources are read as they lie, and what is wrong with them is said with its place."""

from __future__ import annotations

import gzip
import json
import lzma
from pathlib import Path

import pytest
import zstandard

from dragoman.corpus.sources import read_documents, read_pairs, source_files
from dragoman.errors import DataError
from dragoman.recipe.data import DataSettings, MonoSource, PairSource

TEXT = "Erster Text.\n\nZweiter Text.\n"


def mono(path: str, **more: object) -> MonoSource:
    return MonoSource.model_validate({"name": "m", "language": "de", "path": path, **more})


def pairs(**more: object) -> PairSource:
    return PairSource.model_validate({"name": "p", **more})


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zst"])
def test_documents_come_line_by_line_from_any_compression(tmp_path: Path, suffix: str) -> None:
    packed = {
        "": TEXT.encode(),
        ".gz": gzip.compress(TEXT.encode()),
        ".xz": lzma.compress(TEXT.encode()),
        ".zst": zstandard.compress(TEXT.encode()),
    }[suffix]
    (tmp_path / f"a.txt{suffix}").write_bytes(packed)
    assert list(read_documents(mono(f"a.txt{suffix}"), tmp_path)) == ["Erster Text.", "", "Zweiter Text."]


def test_jsonl_documents_are_chosen_by_language_and_limit(tmp_path: Path) -> None:
    rows = [{"body": f"{language}{i}", "lang": language} for i in range(3) for language in ("de", "en")]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source = mono("a.jsonl", text_field="body", language_field="lang", limit=2)
    assert list(read_documents(source, tmp_path)) == ["de0", "de1"]


def test_pairs_from_files_and_tsv_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.de").write_text("Ja.\nNein.\n")
    (tmp_path / "a.en").write_text("Yes.\nNo.\n")
    (tmp_path / "a.tsv").write_text("level\ten\tde\nA1\tYes.\tJa.\nA1\tNo.\tNein.\n")
    want = [{"de": "Ja.", "en": "Yes."}, {"de": "Nein.", "en": "No."}]
    files = pairs(files={"de": "a.de", "en": "a.en", "fr": "not_needed.fr"})
    assert list(read_pairs(files, tmp_path, ("de", "en"))) == want
    assert list(read_pairs(pairs(tsv="a.tsv"), tmp_path, ("de", "en"))) == want
    assert list(read_pairs(pairs(tsv="a.tsv", limit=1), tmp_path, ("de", "en"))) == want[:1]


def test_embedded_text_is_a_source_like_any_other(tmp_path: Path) -> None:
    documents = MonoSource(name="own", language="de", embedded="mono/de", limit=3)
    assert len(list(read_documents(documents, tmp_path))) == 3
    assert set(next(read_pairs(pairs(embedded="natural/train"), tmp_path, ("en", "de")))) == {"de", "en"}


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


MONO_ERRORS = [
    ("missing", "a.txt", None, {}, "no such file"),
    ("empty", "a.txt", b"", {}, "empty"),
    ("binary", "a.txt", b"PK\x03\x04\x00\x00", {}, "binary"),
    ("latin1", "a.txt", "schön\n".encode("latin-1"), {}, "line 1 is not UTF-8"),
    ("utf16", "a.txt", "Hallo\n".encode("utf-16"), {}, "UTF-16"),
    ("damaged", "a.txt.gz", gzip.compress(b"Hallo\n" * 999)[:-9], {}, "damaged"),
    ("format", "a.docx", b"x\n", {}, ".docx"),
    ("json", "a.jsonl", b'{"text": "a"}\n{"text": \n', {}, "line 2 is not JSON"),
    ("field", "a.jsonl", b'{"text": "a"}\n{"txet": "b"}\n', {}, "line 2 has no field 'text'"),
    ("near field", "a.jsonl", b'{"content": "a"}\n', {"text_field": "contents"}, "did you mean 'content'?"),
    ("type", "a.jsonl", b'{"text": 3}\n', {}, "is int, not text"),
    ("language", "a.jsonl", b'{"text": "a"}\n', {"language_field": "lang"}, "no field 'lang'"),
]


@pytest.mark.parametrize(
    ("name", "data", "more", "said"), [row[1:] for row in MONO_ERRORS], ids=[r[0] for r in MONO_ERRORS]
)
def test_a_faulty_document_file_is_one_clear_line(
    tmp_path: Path, name: str, data: bytes | None, more: dict[str, object], said: str
) -> None:
    if data is not None:
        write(tmp_path / name, data)
    with pytest.raises(DataError) as caught:
        list(read_documents(mono(name, **more), tmp_path))
    assert said in str(caught.value) and name in str(caught.value) and "\n" not in str(caught.value)


PAIR_ERRORS = [
    ("unequal", {"files": {"de": "a.de", "en": "short.en"}}, "a.de has 2 lines|short.en has 1 lines, a.de 2"),
    ("no language", {"files": {"de": "a.de", "fr": "a.de"}}, "no language 'en'"),
    ("no column", {"tsv": "column.tsv"}, "no column 'en'"),
    ("ragged", {"tsv": "ragged.tsv"}, "line 3 has 3 columns, the header 2"),
    ("unknown set", {"embedded": "natural/trian"}, "did you mean 'natural/train'?"),
]


@pytest.mark.parametrize(("options", "said"), [row[1:] for row in PAIR_ERRORS], ids=[row[0] for row in PAIR_ERRORS])
def test_a_faulty_pair_source_is_one_clear_line(tmp_path: Path, options: dict[str, object], said: str) -> None:
    write(tmp_path / "a.de", b"Ja.\nNein.\n")
    write(tmp_path / "short.en", b"Yes.\n")
    write(tmp_path / "column.tsv", b"de\ten_GB\nJa.\tYes.\n")
    write(tmp_path / "ragged.tsv", b"de\ten\nJa.\tYes.\nNein.\tNo.\tNope.\n")
    with pytest.raises(DataError) as caught:
        list(read_pairs(pairs(**options), tmp_path, ("de", "en")))
    assert any(part in str(caught.value) for part in said.split("|")), caught.value


def test_source_files_names_every_outside_file_once_in_order() -> None:
    data = DataSettings(
        mono=(mono("m.txt"), MonoSource(name="own", language="de", embedded="mono/de")),
        pairs=(pairs(files={"de": "a.de", "en": "a.en"}), pairs(tsv="b.tsv"), pairs(embedded="natural/train")),
        dev=(pairs(tsv="b.tsv"),),
        test=(pairs(tsv="t.tsv.xz"),),
    )
    root = Path("data")
    assert source_files(data, root) == [root / name for name in ("m.txt", "a.de", "a.en", "b.tsv", "t.tsv.xz")]
