"""The files of the pairs: Parquet and TSV say the same, no document is in two splits, nothing breaks a line."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dragoman.corpus.sources import read_pairs
from dragoman.recipe.data import PairSource
from dragoman.synth import output
from dragoman.synth.items import Passage
from dragoman.synth.output import DATA, ORDER, PROVENANCE, PairFiles, SynthPair, split_of

SHARES = 0.1, 0.2


def pair(number: int, *, src: str = "de", text: str = "", translation: str = "", attempt: int = 0) -> SynthPair:
    tgt = "en" if src == "de" else "de"
    passage = Passage.of(
        source="news" if number % 2 else "books",
        document=f"document {number // 3}",
        place=number,
        src=src,
        tgt=tgt,
        text=text or f"Satz {number}.",
        sentences=1 + number % 7,
        notes={"level": "B1"} if number % 5 == 0 else None,
    )
    written = 1_700_000_000.0 + number
    return SynthPair(passage, translation or f"Sentence {number}.", "openai", "m-1", "p-v1", attempt, written, "empty")


def write(out: Path, pairs: list[SynthPair]) -> PairFiles:
    with PairFiles(out, ("de", "en"), *SHARES) as files:
        for one in pairs:
            files.write(one)
    return files


def tsv_rows(path: Path) -> list[dict[str, str]]:
    header, *lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    return pq.read_table(path).to_pylist()


def test_both_formats_hold_the_same_rows_in_the_same_order(tmp_path: Path) -> None:
    pairs = [pair(number, src="de" if number % 2 else "en") for number in range(600)]
    files = write(tmp_path, pairs)
    assert set(files.files()) == set(ORDER)
    seen = 0
    for split in ORDER:
        table, lines = (parquet_rows(tmp_path / DATA / f"{split}.parquet"), tsv_rows(tmp_path / DATA / f"{split}.tsv"))
        assert [{name: str(value) for name, value in row.items()} for row in table] == lines
        assert list(lines[0]) == ["de", "en", *PROVENANCE]
        seen += len(table)
    assert seen == 600 == files.figures.total


def test_a_row_says_where_it_comes_from(tmp_path: Path) -> None:
    one = pair(5, src="en", text="One.", translation="Eins.", attempt=1)
    write(tmp_path, [one])
    split = split_of(one.passage.document, *SHARES)
    (row,) = parquet_rows(tmp_path / DATA / f"{split}.parquet")
    assert row == {
        "de": "Eins.",
        "en": "One.",
        "src": "en",
        "tgt": "de",
        "source": "news",
        "document": "document 1",
        "passage": one.passage.id,
        "sentences": 6,
        "notes": json.dumps({"level": "B1"}),
        "teacher": "openai",
        "model": "m-1",
        "prompt": "p-v1",
        "attempt": 1,
        "time": "2023-11-14T22:13:25Z",
        "checks": "empty",
    }


def test_no_document_is_in_two_splits_and_the_shares_are_those_asked_for(tmp_path: Path) -> None:
    write(tmp_path, [pair(number) for number in range(9000)])
    splits: dict[str, set[str]] = defaultdict(set)
    for split in ORDER:
        for row in parquet_rows(tmp_path / DATA / f"{split}.parquet"):
            splits[row["document"]].add(split)
    assert len(splits) == 3000
    assert all(len(found) == 1 for found in splits.values())
    share = {split: sum(split in found for found in splits.values()) / 3000 for split in ORDER}
    assert abs(share["dev"] - SHARES[0]) < 0.02 and abs(share["test"] - SHARES[1]) < 0.025


def test_a_document_stays_in_its_split_when_others_come_and_only_larger_shares_move_it() -> None:
    names = [f"d{number}" for number in range(2000)]
    small = {name: split_of(name, 0.05, 0.05) for name in names}
    large = {name: split_of(name, 0.1, 0.05) for name in names}
    assert all(large[name] == "dev" for name in names if small[name] == "dev")
    assert {split_of(name, 0, 0) for name in names} == {"train"}


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "a\r\nb", "a\u2028b", "a\x1eb", "a\x85b"])
def test_what_would_break_a_line_becomes_a_blank(tmp_path: Path, text: str) -> None:
    write(tmp_path, [pair(0, translation=text)])
    (path,) = (tmp_path / DATA).glob("*.tsv")
    assert [row["en"] for row in tsv_rows(path)] == ["a b"]
    assert [row["en"] for row in parquet_rows(path.with_suffix(".parquet"))] == ["a b"]


def test_training_reads_the_tsv_as_a_source_of_pairs(tmp_path: Path) -> None:
    write(tmp_path, [pair(number, src="de" if number % 2 else "en") for number in range(30)])
    source = PairSource(name="synthetic", tsv=str(tmp_path / DATA / "train.tsv"))
    rows = list(read_pairs(source, Path(), ("de", "en")))
    assert rows and rows == [
        {"de": row["de"], "en": row["en"]} for row in parquet_rows(tmp_path / DATA / "train.parquet")
    ]


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), PairFiles(tmp_path, ("de", "en"), *SHARES) as files:
        for number in range(100):
            files.write(pair(number))
        raise RuntimeError
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_the_same_pairs_are_the_same_bytes(tmp_path: Path) -> None:
    pairs = [pair(number) for number in range(200)]
    for name in ("a", "b"):
        write(tmp_path / name, pairs)
    for path in (tmp_path / "a" / DATA).iterdir():
        assert path.read_bytes() == (tmp_path / "b" / DATA / path.name).read_bytes()


def test_many_pairs_fill_several_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "GROUP_ROWS", 7)
    with PairFiles(tmp_path, ("de", "en"), 0, 0) as files:
        for number in range(20):
            files.write(pair(number))
    file = pq.ParquetFile(tmp_path / DATA / "train.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [7, 7, 6]


def test_figures_count_what_was_written(tmp_path: Path) -> None:
    pairs = [pair(number, src="de" if number % 3 else "en", attempt=number % 2) for number in range(300)]
    figures = write(tmp_path, pairs).figures.as_dict()
    assert sum(count for split in figures["pairs"].values() for count in split.values()) == 300
    assert sum(figures["pairs"][split].get("en-de", 0) for split in figures["pairs"]) == 100
    assert sum(figures["lengths"].values()) == 300 and list(figures["lengths"]) == list("1234567")
    assert figures["sources"] == {"books": 150, "news": 150}
    assert figures["second_answers"] == 150
    assert figures["chars"]["de"] == sum(
        len(one.passage.text if one.passage.src == "de" else one.text) for one in pairs
    )
