"""Input that cannot be read is counted, named and left out, or ends the run with one line: no loss, no traceback."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from curation_world import dropped
from dragoman import embedded
from dragoman.corpus.curate import curate
from dragoman.corpus.sources import read
from dragoman.corpus.sources.faults import Unreachable
from dragoman.errors import DataError
from dragoman.io import read_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

LOG = RunLog(quiet=True)
GOOD = embedded.good_documents("de")[:40]
LINES = [json.dumps({"text": text}).encode() for text in GOOD]


def _lines(*rows: bytes) -> bytes:
    return b"\n".join([*rows, b""])


def _truncated(packed: bytes) -> bytes:
    return packed[: len(packed) * 2 // 3]


def _parquet(path: Path, **columns: pa.Array) -> None:
    pq.write_table(pa.table(columns), path)


BAD: list[tuple[str, str, int, Callable[[Path], object]]] = [  # file, reason, faults, and how to write it
    (
        "a.jsonl",
        "not_utf8",
        2,
        lambda path: path.write_bytes(_lines(*LINES, b'{"text": "\xff\xfe"}', *LINES, b'{"text": "\xe4"}')),
    ),
    ("a.jsonl", "not_json", 1, lambda path: path.write_bytes(_lines(LINES[0], b'{"text": "offen', *LINES[1:]))),
    ("a.jsonl", "missing_field", 1, lambda path: path.write_bytes(_lines(b'{"body": "Hallo"}', *LINES))),
    (
        "a.jsonl",
        "wrong_type",
        3,
        lambda path: path.write_bytes(_lines(b'{"text": 7}', b'{"text": null}', *LINES, b'{"text": []}')),
    ),
    ("a.jsonl", "nul_byte", 1, lambda path: path.write_bytes(_lines(*LINES, b'{"text": "a\\u0000b"}'))),
    (
        "a.jsonl",
        "line_too_long",
        1,
        lambda path: path.write_bytes(_lines(*LINES, b'{"text": "' + b"x" * 50_000_000 + b'"}', LINES[0])),
    ),
    (
        "a.txt",
        "not_utf8",
        1,
        lambda path: path.write_bytes(_lines(*(text.encode() for text in GOOD), "Grüße".encode("latin-1"))),
    ),
    ("a.txt", "nul_byte", 1, lambda path: path.write_bytes(_lines(b"a\x00b", *(text.encode() for text in GOOD)))),
    (
        "a.txt",
        "line_too_long",
        1,
        lambda path: path.write_bytes(_lines(b"x" * 50_000_000, *(text.encode() for text in GOOD))),
    ),
    ("a.txt", "empty_file", 1, lambda path: path.write_bytes(b"")),
    ("a.jsonl.gz", "damaged_file", 1, lambda path: path.write_bytes(_truncated(gzip.compress(_lines(*LINES, *LINES))))),
    ("a.jsonl.zst", "damaged_file", 1, lambda path: path.write_bytes(_truncated(zstandard.compress(_lines(*LINES))))),
    ("a.jsonl.xz", "damaged_file", 1, lambda path: path.write_bytes(b"kein xz")),
    (
        "a.csv",
        "bad_row",
        1,
        lambda path: path.write_bytes(_lines(b"text,id", *(b'"%b",1' % text.encode() for text in GOOD), b"a,b,c,d")),
    ),
    ("a.csv", "missing_field", 1, lambda path: path.write_bytes(b"body,id\nHallo,1\n")),
    ("a.parquet", "missing_field", 1, lambda path: _parquet(path, body=pa.array(GOOD))),
    ("a.parquet", "wrong_type", 1, lambda path: _parquet(path, text=pa.array(range(40)))),
    ("a.parquet", "damaged_file", 1, lambda path: path.write_bytes(b"PAR1 but no more")),
]
IDS = [f"{name}-{reason}" for name, reason, *_ in BAD]


def data(root: Path, name: str) -> DataSettings:
    """Two sources: a sound one and the one with faults."""
    (root / "sound.txt").write_text("\n".join(GOOD[:5]) + "\n", encoding="utf-8")
    sources = (("sound", "sound.txt"), ("bad", name))
    return DataSettings(root=str(root), mono=tuple(MonoSource(name=n, language="de", path=path) for n, path in sources))


@pytest.mark.parametrize(("name", "reason", "number", "write"), BAD, ids=IDS)
def test_what_is_unreadable_is_counted_and_named_and_the_rest_is_kept(
    name: str,
    reason: str,
    number: int,
    write: Callable[[Path], object],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path / name)
    settings = CurateSettings(workers=1, max_bad_share=1.0)
    result = curate(settings, data(tmp_path, name), tmp_path / "out", RunLog())
    account = result["funnel"]["by_source"]["bad"]["de"]
    assert account["dropped"][reason] == number and account["chars_dropped"][reason] == 0
    (fault,) = result["funnel"]["faults"]
    assert (fault["source"], fault["reason"], fault["documents"]) == ("bad", reason, number)
    assert all(place["where"].startswith(name) and place["detail"] for place in fault["places"])
    said = capsys.readouterr().err
    assert f"{number} x {reason} in 'bad', first {fault['places'][0]['where']}" in said
    kept = {row["text"] for row in read_jsonl(tmp_path / "out" / "documents.de.jsonl")}
    complete = name in ("a.jsonl", "a.txt", "a.csv") and account["read"] > number
    assert kept == set(GOOD) if complete else set(GOOD[:5]) <= kept <= set(GOOD)


@pytest.mark.parametrize(("name", "reason", "number", "write"), BAD, ids=IDS)
def test_the_first_unreadable_document_can_end_the_run(
    name: str, reason: str, number: int, write: Callable[[Path], object], tmp_path: Path
) -> None:
    write(tmp_path / name)
    with pytest.raises(DataError) as caught:
        curate(CurateSettings(workers=1, bad_input="stop"), data(tmp_path, name), tmp_path / "out", LOG)
    said = str(caught.value)
    assert reason in said and f"bad: {name}" in said and "\n" not in said and "bad_input=skip" in said


@pytest.mark.parametrize(("share", "ends"), [(0.0, True), (0.1, True), (0.2, False), (1.0, False)])
def test_a_source_of_which_too_much_is_unreadable_ends_the_run(share: float, ends: bool, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(_lines(*LINES[5:9], b"{"))
    settings = CurateSettings(workers=1, max_bad_share=share)
    if not ends:
        result = curate(settings, data(tmp_path, "a.jsonl"), tmp_path / "out", LOG)
        assert dropped(result, "bad") == {"not_json": 1}
        return
    with pytest.raises(DataError, match="1 of 5 documents of 'bad' are unreadable") as caught:
        curate(settings, data(tmp_path, "a.jsonl"), tmp_path / "out", LOG)
    assert "\n" not in str(caught.value) and "max_bad_share" in str(caught.value)


def test_a_hopeless_source_ends_the_run_before_all_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{\n" * 1500)
    with monkeypatch.context() as patch:
        patch.setattr("dragoman.corpus.curate._bring_together", lambda *_: pytest.fail("all was read"))
        with pytest.raises(DataError, match="1,500 of 1,500 documents of 'bad' are unreadable"):
            curate(CurateSettings(workers=1), data(tmp_path, "a.jsonl"), tmp_path / "out", LOG)


def test_a_hub_that_stops_answering_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_bytes(_lines(*LINES))
    real = read._opened

    def opened(path: str) -> object:
        if path.endswith("a.jsonl"):
            raise Unreachable("no answer in 5 tries", where="hf://x", do="try later")
        return real(path)

    monkeypatch.setattr(read, "_opened", opened)
    result = curate(CurateSettings(workers=1, max_bad_share=1.0), data(tmp_path, "a.jsonl"), tmp_path / "out", LOG)
    assert dropped(result, "bad") == {"unreachable": 1} and result["documents"] == {"de": 5}


def test_a_worker_that_meets_bad_input_ends_the_run_with_the_same_line(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(_lines(*LINES, b"{"))
    said = set()
    for workers in (1, 2):
        with pytest.raises(DataError) as caught:
            settings = CurateSettings(workers=workers, bad_input="stop")
            curate(settings, data(tmp_path, "a.jsonl"), tmp_path / f"out{workers}", LOG)
        said.add(str(caught.value))
    assert len(said) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [("hallo\n", "line 1"), ("[word]\nx\n[wrod]\ny\n", "line 3"), ("[pattern]\n(offen\n", "line 2"), (None, "own.txt")],
    ids=["no section", "unknown section", "expression", "missing"],
)
def test_a_list_that_cannot_be_read_is_an_error_before_the_work(text: str | None, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(_lines(*LINES))
    if text is not None:
        (tmp_path / "own.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        curate(CurateSettings(workers=1, pattern_files=("own.txt",)), data(tmp_path, "a.jsonl"), tmp_path / "out", LOG)
    assert "own.txt" in str(caught.value) and not (tmp_path / "out").exists()


def test_a_list_of_the_user_takes_effect(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(["Ganz besonderer KÄSEKUCHEN hier. " + GOOD[10], GOOD[11]]) + "\n")
    (tmp_path / "own.txt").write_text("# eigene\n[head]\nganz besonderer käsekuchen\n", encoding="utf-8")
    settings = CurateSettings(workers=1, pattern_files=("own.txt",))
    assert dropped(curate(settings, data(tmp_path, "a.txt"), tmp_path / "out", LOG), "bad") == {"boilerplate_head": 1}
