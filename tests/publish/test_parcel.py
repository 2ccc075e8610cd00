"""What is published is looked through: card, licence, data, and nothing that belongs to this machine alone."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dragoman.errors import DataError
from dragoman.publish.parcel import Parcel, look_through

CARD = """---
language:
- de
- en
license: cc-by-4.0
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train.parquet
  - split: validation
    path: data/dev.tsv.gz
---
# Letters
"""
KEY = "hf_" + "q" * 34
KEYS = (KEY, "sk-proj-" + "Ab1_" * 6, "AIza" + "x" * 35, "ghp_" + "a1" * 18, "AKIA" + "Q" * 16)


def table(path: Path, texts: list[str], notes: dict[str, str] | None = None) -> None:
    made = pa.table({"de": texts, "count": list(range(len(texts)))})
    pq.write_table(made.replace_schema_metadata(notes), path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "letters"
    (home / "data").mkdir(parents=True)
    (home / "README.md").write_text(CARD, encoding="utf-8")
    table(home / "data" / "train.parquet", ["Guten Tag.", "Bis bald!"])
    (home / "data" / "dev.tsv.gz").write_bytes(gzip.compress(b"de\ten\nHallo.\tHello.\n"))
    return home


def refusal(folder: Path) -> str:
    with pytest.raises(DataError) as caught:
        look_through(folder)
    words = str(caught.value)
    assert "\n" not in words and not any(key in words for key in KEYS)
    return words


def card(folder: Path, old: str, new: str) -> None:
    assert old in CARD
    (folder / "README.md").write_text(CARD.replace(old, new), encoding="utf-8")


def test_a_good_folder_is_counted(folder: Path) -> None:
    (folder / "LICENSE").write_text("CC-BY 4.0\n")
    parcel = look_through(folder)
    assert list(parcel.files) == ["LICENSE", "README.md", "data/dev.tsv.gz", "data/train.parquet"]
    assert parcel.rows == 3 and parcel.licence == "cc-by-4.0" and parcel.languages == ("de", "en")
    assert parcel.size == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_what_is_about_the_work_and_not_the_data_stays_here(folder: Path, tmp_path: Path) -> None:
    for name in (
        ".hidden/x.json",
        "session.json",
        "samples.jsonl",
        "journal.sqlite",
        "journal.jsonl",
        "checkpoint/a.tsv",
    ):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(KEY)
    (folder / "model.bin").write_bytes(b"\0")
    (tmp_path / "secret.json").write_text(KEY)
    (folder / "outside.json").symlink_to(tmp_path / "secret.json")
    parcel = look_through(folder)
    assert set(parcel.files) == {"README.md", "data/dev.tsv.gz", "data/train.parquet"}
    assert len(parcel.left_out) == 8 and "outside.json" in parcel.left_out


def test_an_excluded_file_stays_here(folder: Path) -> None:
    (folder / "manifest.json").write_text(f'{{"root": "{Path.home()}/data"}}')
    with pytest.raises(DataError, match=r"path of this machine .*--exclude manifest.json"):
        look_through(folder)
    parcel: Parcel = look_through(folder, ["*.json"])
    assert "manifest.json" in parcel.left_out


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("license: cc-by-4.0\n", "", "does not say the licence"),
        ("cc-by-4.0", "unknown", "does not say the licence"),
        ("cc-by-4.0", "null", "does not say the licence"),
        ("- de\n- en\n", "", "does not say the languages"),
        ("- de\n", "- klingon\n", "'klingon' is no language"),
        ("---\nlanguage", "language", "the card has no header"),
        ("license: cc", "license: [cc", "not valid YAML (line"),
        ("data/train.parquet", "data/*.csv", "names 'data/*.csv', which is not there"),
        ("configs:", "other:", "names no data files"),
        ("data/train.parquet", "../train.parquet", "outside the data set"),
    ],
)
def test_a_card_that_the_hub_or_readers_cannot_use_is_told(folder: Path, old: str, new: str, said: str) -> None:
    card(folder, old, new)
    assert said in refusal(folder)


def test_missing_parts_are_told(folder: Path, tmp_path: Path) -> None:
    assert "no such folder" in refusal(tmp_path / "nothing")
    (folder / "README.md").unlink()
    assert "the data has no card" in refusal(folder)


def test_data_without_rows_is_told(folder: Path) -> None:
    table(folder / "data" / "train.parquet", [])
    (folder / "data" / "dev.tsv.gz").write_bytes(gzip.compress(b"de\ten\n"))
    assert "hold no rows" in refusal(folder)


def test_damaged_files_are_told(folder: Path) -> None:
    whole = (folder / "data" / "train.parquet").read_bytes()
    (folder / "data" / "train.parquet").write_bytes(whole[:-20])
    assert "no complete Parquet file" in refusal(folder)
    (folder / "data" / "train.parquet").write_bytes(whole)
    packed = gzip.compress(bytes(range(256)) * 90)
    (folder / "data" / "dev.tsv.gz").write_bytes(packed[:-30])
    assert "the compressed file is damaged" in refusal(folder)


# Keys and places


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("where", ["card", "json", "gz", "parquet", "notes"])
def test_a_key_is_found_wherever_it_stands(folder: Path, key: str, where: str) -> None:
    plant(folder, where, f"Der Schlüssel ist {key}, sagte er.")
    assert "holds a key" in refusal(folder)


@pytest.mark.parametrize("where", ["json", "gz", "parquet"])
def test_the_value_of_a_key_of_the_environment_is_found(
    folder: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("MY_SERVICE_API_KEY", "correct-horse-battery")
    plant(folder, where, "x correct-horse-battery x")
    assert "holds a key" in refusal(folder)


@pytest.mark.parametrize("where", ["card", "json", "gz", "parquet", "notes"])
def test_a_path_of_this_machine_is_found(folder: Path, where: str) -> None:
    plant(folder, where, f"read from {folder.absolute()}/raw.txt")
    assert "a path of this machine" in refusal(folder)


def test_any_home_folder_is_found_in_words_and_allowed_in_data(folder: Path) -> None:
    for where in ("gz", "parquet"):
        plant(folder, where, "Die Dateien liegen in /home/benutzer/Dokumente.")
    look_through(folder)
    for text in ("/home/anna/data", "/Users/anna/data", "C:\\\\Users\\\\anna"):
        plant(folder, "json", text)
        assert "a path of this machine" in refusal(folder)


def test_a_short_home_folder_is_found_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/r")
    plant(folder, "parquet", "read from /r/raw.txt")
    assert "a path of this machine" in refusal(folder)
    plant(folder, "parquet", "read from /rest/raw.txt")
    look_through(folder)


def test_a_key_across_two_blocks_is_found(folder: Path) -> None:
    (folder / "data" / "dev.tsv.gz").write_bytes(
        gzip.compress(b"de\n" + b"x " * ((1 << 19) - 10) + KEY.encode() + b"\n")
    )
    assert "holds a key" in refusal(folder)


def test_words_that_only_look_alike_are_no_keys(folder: Path) -> None:
    plant(
        folder,
        "gz",
        "Das Risk-Management-Informationssystem-Konzept, hf_token, sk-learn, AKIAhnlich, eyJhbGciOiJub25lIn0",
    )
    look_through(folder)


def plant(folder: Path, where: str, text: str) -> None:
    if where == "card":
        (folder / "README.md").write_text(CARD + text, encoding="utf-8")
    elif where == "json":
        (folder / "manifest.json").write_text(text, encoding="utf-8")
    elif where == "gz":
        (folder / "data" / "dev.tsv.gz").write_bytes(gzip.compress(f"de\ten\n{text}\tx\n".encode()))
    elif where == "parquet":
        table(folder / "data" / "train.parquet", ["Guten Tag.", text])
    else:
        table(folder / "data" / "train.parquet", ["Guten Tag."], {"made by": text})
