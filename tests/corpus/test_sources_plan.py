"""Which files a source has, and that the plan is the same for the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dragoman.corpus.sources import Sizes, plan_shards
from dragoman.corpus.sources.plan import form, mono_files, packing
from dragoman.errors import DataError
from dragoman.recipe.data import MonoSource

NAMES = (
    "crawl/part10.txt", "crawl/part9.txt", "crawl/part9.txt.gz", "crawl/a/x.jsonl.zst", "crawl/a/b/y.csv.xz",
    "crawl/.cache/z.txt", "crawl/.hidden.txt", "crawl/README.md", "crawl/Part1.tsv", "crawl/a-b/x.parquet",
    "odd/notes.md", "odd/table.parquet.gz", "we[i]rd.txt",
)  # fmt: skip
IN_CRAWL = ["Part1.tsv", "a/b/y.csv.xz", "a/x.jsonl.zst", "a-b/x.parquet", "part9.txt", "part9.txt.gz", "part10.txt"]
CHOICES = {
    "crawl": IN_CRAWL,
    "crawl/": IN_CRAWL,
    "crawl/**": IN_CRAWL,
    "crawl/*.txt*": ["part9.txt", "part9.txt.gz", "part10.txt"],
    "crawl/**/*.txt": ["part9.txt", "part10.txt"],
    "crawl/part[0-8]?.txt": ["part10.txt"],
    "crawl/*/x.*": ["a/x.jsonl.zst", "a-b/x.parquet"],
    "crawl/part9.txt": ["part9.txt"],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in NAMES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"Text.\n")
    (tmp_path / "empty").mkdir()
    return tmp_path


def mono(path: str, **more: Any) -> MonoSource:
    return MonoSource.model_validate({"name": "m", "language": "de", "path": path, **more})


@pytest.mark.parametrize("path", CHOICES)
def test_files_come_in_natural_order_without_hidden_and_unknown_ones(root: Path, path: str) -> None:
    want = [f"crawl/{name}" for name in CHOICES[path]]
    assert [file.relative_to(root).as_posix() for file in mono_files(path, root)] == want
    assert [name for shard in plan_shards(mono(path), root) for name in shard.names] == want
    assert [file.as_posix() for file in mono_files(str(root / path), Path("elsewhere"))] == [
        f"{root}/{w}" for w in want
    ]


def test_a_name_that_looks_like_a_glob_is_a_name_first(root: Path) -> None:
    assert mono_files("we[i]rd.txt", root) == [root / "we[i]rd.txt"]


ERRORS = {
    "crawl/part99.txt": "no such file or folder|did you mean 'part9.txt'?",
    "crwal": "did you mean 'crawl'?",
    "crwal/part9.txt": "did you mean 'crawl'?",
    "crwal/*.txt": "no file matches|did you mean 'crawl'?",
    "crawl/*.gzip": "no file matches|holds Part1.tsv",
    "crawl/[a]": "only folders match|crawl/[a]/**",
    "odd": "holds only .md, .parquet.gz|use .txt, .jsonl",
    "odd/*.md": "holds only .md",
    "odd/notes.md": "documents cannot be read from '.md'",
    "odd/table.parquet.gz": "documents cannot be read from|use .txt",
    "empty": "holds no file",
}


@pytest.mark.parametrize("path", ERRORS)
def test_a_source_without_files_is_one_clear_line(root: Path, path: str) -> None:
    with pytest.raises(DataError) as caught:
        plan_shards(mono(path), root)
    assert all(part in str(caught.value) for part in ERRORS[path].split("|")), caught.value
    assert "\n" not in str(caught.value)


def test_endings_tell_format_and_packing() -> None:
    table = {"a.b.tsv.gz": (".tsv", ".gz"), "a.txt": (".txt", ""), "a.warc.zst": (".warc", ".zst"), "a": ("", ""),
             "a.gz": ("", ".gz"), "a.parquet": (".parquet", ""), "a.parquet.xz": ("", ".xz")}  # fmt: skip
    assert {name: (form(name), packing(name)) for name in table} == table


def shape(path: Path, size: int, **more: Any) -> list[tuple[int, int | None, int, int]]:
    with open(path, "wb") as stream:
        stream.truncate(size)
    shards = plan_shards(mono(path.name, **more), path.parent)
    assert [shard.number for shard in shards] == list(range(len(shards)))
    return [(shard.start, shard.stop, shard.lane, shard.lanes) for shard in shards]


def test_what_is_cut_depends_on_format_packing_and_size_alone(tmp_path: Path) -> None:
    whole, mega, part = [(0, None, 0, 1)], 1 << 20, Sizes().split
    parts = [(0, part, 0, 1), (part, None, 0, 1)]
    assert shape(tmp_path / "a.txt", part) == whole
    for name in ("b.txt", "b.jsonl", "b.parquet"):
        assert shape(tmp_path / name, part + 1) == parts
    assert shape(tmp_path / "b.txt", 999 * mega, document="paragraph") == whole
    assert shape(tmp_path / "b.csv", 999 * mega) == whole
    assert shape(tmp_path / "b.jsonl", 999 * mega, limit=5) == whole
    for name, lanes in {"c.jsonl.zst": 16, "c.txt.gz": 6, "c.txt.xz": 2}.items():
        assert shape(tmp_path / name, 999 * mega) == [(0, None, lane, lanes) for lane in range(lanes)]
        assert shape(tmp_path / name, 31 * mega) == whole
        assert len(shape(tmp_path / name, 32 * mega)) == 2
    assert shape(tmp_path / "c.csv.zst", 999 * mega) == whole


def test_small_files_share_shards_and_a_large_one_has_its_own(tmp_path: Path) -> None:
    for i, size in enumerate([3, 3, 3, 3, 50, 1, 1, 9, 4]):
        (tmp_path / f"f{i}.txt").write_bytes(b"x" * size)
    shards = plan_shards(mono("."), tmp_path, Sizes(split=10))
    groups = [(shard.file, len(shard.paths), shard.start) for shard in shards]
    assert groups == [
        (0, 3, 0),
        (3, 1, 0),
        *((4, 1, start) for start in range(0, 50, 10)),
        (5, 2, 0),
        (7, 1, 0),
        (8, 1, 0),
    ]
    assert plan_shards(mono("."), tmp_path, Sizes(split=10)) == shards
