"""Pair sources are read as they lie, and what is wrong with them is said with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from dragoman.corpus.sources import read_pairs, source_files
from dragoman.errors import DataError
from dragoman.recipe.data import DataSettings, MonoSource, PairSource


def mono(path: str, **more: object) -> MonoSource:
    return MonoSource.model_validate({"name": "m", "language": "de", "path": path, **more})


def pairs(**more: object) -> PairSource:
    return PairSource.model_validate({"name": "p", **more})


def test_pairs_from_files_and_tsv_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.de").write_text("Ja.\nNein.\n")
    (tmp_path / "a.en").write_text("Yes.\nNo.\n")
    (tmp_path / "a.tsv").write_text("level\ten\tde\nA1\tYes.\tJa.\nA1\tNo.\tNein.\n")
    want = [{"de": "Ja.", "en": "Yes."}, {"de": "Nein.", "en": "No."}]
    files = pairs(files={"de": "a.de", "en": "a.en", "fr": "not_needed.fr"})
    assert list(read_pairs(files, tmp_path, ("de", "en"))) == want
    assert list(read_pairs(pairs(tsv="a.tsv"), tmp_path, ("de", "en"))) == want
    assert list(read_pairs(pairs(tsv="a.tsv", limit=1), tmp_path, ("de", "en"))) == want[:1]


def test_embedded_pairs_are_a_source_like_any_other(tmp_path: Path) -> None:
    assert set(next(read_pairs(pairs(embedded="natural/train"), tmp_path, ("en", "de")))) == {"de", "en"}


def write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


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


def test_source_files_holds_every_file_of_a_folder_and_of_a_glob(tmp_path: Path) -> None:
    for name in ("crawl/a2.txt", "crawl/a10.txt", "crawl/deep/b.jsonl.gz", "crawl/README.md", "crawl/.hidden.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / name, b"x\n")
    data = DataSettings(mono=(mono("crawl"), mono("crawl/*.txt"), mono("crawl/a2.txt")))
    names = ["crawl/a2.txt", "crawl/a10.txt", "crawl/deep/b.jsonl.gz"]
    assert source_files(data, tmp_path) == [tmp_path / name for name in names]
