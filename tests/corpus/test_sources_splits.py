"""However a file is cut (bytes, lanes, blocks, row groups), all together are what a plain slow reading finds."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import pickle
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from dragoman.corpus.sources import Fault, Shard, Sizes, plan_shards, read_shard
from dragoman.corpus.sources.blocks import blocks
from dragoman.recipe.data import MonoSource

PACK = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress, ".zst": zstandard.compress}
LONGEST = 60


def mono(path: str, **more: Any) -> MonoSource:
    return MonoSource.model_validate({"name": "m", "language": "de", "path": path, **more})


def in_order(shards: list[Shard], source: MonoSource, sizes: Sizes) -> tuple[list[str], list[Fault]]:
    """As the stage puts them together: by file and position; also checks what is promised of the positions."""
    placed: list[tuple[int, int, str]] = []
    faults: list[Fault] = []
    for shard in reversed(shards):
        batches = list(read_shard(shard, source, sizes))
        for one, two in pairwise([batch for batch in batches if batch.texts]):
            assert one.position + len(one.texts) <= two.position
        for batch in batches:
            assert batch.texts or batch.faults
            assert len(batch.texts) <= sizes.documents
            assert len(batch.texts) == 1 or sum(map(len, batch.texts)) <= sizes.chars
            placed += [(shard.file, batch.position + i, text) for i, text in enumerate(batch.texts)]
            faults += batch.faults
    assert len({(file, position) for file, position, _ in placed}) == len(placed)
    return [text for _, _, text in sorted(placed)], faults


def some_lines(draw: random.Random, jsonl: bool) -> Iterator[bytes]:
    """Lines of all kinds: long, blank, broken, with odd ends."""
    for i in range(draw.randrange(1, 60)):
        text = f"{i} ".encode() + draw.choice(["", "ä", "日本", "x" * draw.randrange(99), "\r", "\u2028"]).encode()
        kind = draw.randrange(12)
        if jsonl:
            row = json.dumps({"text": text.decode()}, ensure_ascii=kind > 6).encode()
            yield [b"", b'{"text": 7}', b"{", b'{"t": "a"}', b'"a\xff"', b"\x00"][kind] if kind < 6 else row
        else:
            yield [b"", text + b"\xff", b"\x00" + text][kind] if kind < 3 else text


def slowly(data: bytes, jsonl: bool) -> tuple[list[str], list[tuple[str, int]]]:
    """(documents, (reason, line)), line by line as the standard library reads."""
    texts: list[str] = []
    faults: list[tuple[str, int]] = []
    for number, raw in enumerate(io.BytesIO(data), start=1):
        line = raw.removesuffix(b"\n")
        if len(line) > LONGEST:
            faults.append(("line_too_long", number))
        elif b"\x00" in line:
            faults.append(("nul_byte", number))
        else:
            try:
                text = line.decode().removesuffix("\r")
            except UnicodeDecodeError:
                faults.append(("not_utf8", number))
                continue
            if not jsonl:
                texts.append(text)
            elif text.strip():
                try:
                    value = json.loads(text)["text"]
                    texts.append(value) if isinstance(value, str) else faults.append(("wrong_type", number))
                except (ValueError, KeyError) as error:
                    faults.append(("missing_field" if isinstance(error, KeyError) else "not_json", number))
    return texts, faults


def line_of(fault: Fault, data: bytes) -> int:
    kind, place = fault.where.split()[1:]
    return int(place) if kind == "line" else data[: int(place)].count(b"\n") + 1


@pytest.mark.parametrize("kind", [".txt", ".jsonl"])
@pytest.mark.parametrize("packed", PACK)
def test_parts_and_lanes_together_are_the_slow_reading(tmp_path: Path, kind: str, packed: str) -> None:
    counts = set()
    for seed in range(10):
        draw = random.Random(seed)
        data = b"".join(line + draw.choice([b"\n", b"\n", b"\r\n"]) for line in some_lines(draw, kind == ".jsonl"))
        data = data.removesuffix(b"\n") if draw.random() < 0.5 else data
        (tmp_path / f"a{kind}{packed}").write_bytes(PACK[packed](data))
        texts, faults = slowly(data, kind == ".jsonl")
        for block in (1, 7, 64, 10_000):
            sizes = Sizes(block, draw.choice([1, 3, 1000]), draw.choice([20, 5000]), draw.choice([1, 10, 97, 9999]),
                          draw.choice([20, 100, 9999]), LONGEST)  # fmt: skip
            source = mono(f"a{kind}{packed}")
            shards = plan_shards(source, tmp_path, sizes)
            counts.add(len(shards))
            found, wrong = in_order(shards, source, sizes)
            assert found == texts, (seed, sizes)
            assert sorted((f.reason, line_of(f, data)) for f in wrong) == sorted(faults), (seed, sizes)
    assert len(counts) > 1 and max(counts) > 1


def test_several_files_in_one_shard_or_many_are_the_same(tmp_path: Path) -> None:
    want = []
    for i in range(30):
        texts = [f"{i}.{j} " + "x" * (i % 5) for j in range(i % 7)]
        want += texts
        name, data = f"d{i // 10}/f{i}", "\n".join(texts).encode()
        (tmp_path / name).parent.mkdir(exist_ok=True)
        if i % 3 == 0:
            rows = b"".join(json.dumps({"text": text}).encode() + b"\n" for text in texts)
            (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(rows))
        elif i % 3 == 1:
            (tmp_path / f"{name}.csv").write_bytes(b"text\n" + data)
        else:
            (tmp_path / f"{name}.txt").write_bytes(data)
    source = mono(".")
    for split in (1, 30, 100, 1000, 10**9):
        sizes = Sizes(split=split, block=10)
        shards = plan_shards(source, tmp_path, sizes)
        assert [shard.number for shard in shards] == list(range(len(shards)))
        assert in_order(shards, source, sizes)[0] == want
    assert len(shards) == 1


@pytest.mark.parametrize("packed", PACK)
def test_csv_records_may_cross_blocks(tmp_path: Path, packed: str) -> None:
    texts = ["a\n" * 30, "", 'b "c", d\r\n', "ä" * 50, "\n\n"] * 9
    lines = ["id,text", *(f'{i},"{text.replace(chr(34), chr(34) * 2)}"' for i, text in enumerate(texts))]
    (tmp_path / f"a.csv{packed}").write_bytes(PACK[packed]("\n".join(lines).encode()))
    for block in (1, 13, 10_000):
        sizes = Sizes(block=block, split=50)
        assert in_order(plan_shards(mono(f"a.csv{packed}"), tmp_path, sizes), mono(f"a.csv{packed}"), sizes) == (
            texts,
            [],
        )


def test_paragraphs_may_cross_blocks(tmp_path: Path) -> None:
    texts = ["a\nb\nc" * n for n in range(1, 20)]
    (tmp_path / "a.txt").write_text("\n\n \n".join(texts))
    for block in (1, 13, 10_000):
        sizes = Sizes(block=block, split=50)
        source = mono("a.txt", document="paragraph")
        assert in_order(plan_shards(source, tmp_path, sizes), source, sizes) == (texts, [])


TEXTS = [None if i % 50 == 7 else f"Text {i} ä" * (i % 5) for i in range(500)]
COLUMNS = {
    "string": pa.array(TEXTS),
    "large_string": pa.array(TEXTS, pa.large_string()),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
    "binary": pa.array(TEXTS, pa.string()).cast(pa.binary()),
    "string_view": pa.array(TEXTS, pa.string_view()),
}


@pytest.mark.parametrize("column", COLUMNS)
def test_row_groups_together_are_the_whole_table(tmp_path: Path, column: str) -> None:
    table = pa.table({"id": list(range(500)), "text": COLUMNS[column], "lang": ["de", "de", "en", "de"] * 125})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=33)
    source = mono("a.parquet", language_field="lang")
    rows = [(i, text) for i, text in enumerate(TEXTS) if i % 4 != 2]
    for split in (200, 1000, 10**9):
        sizes = Sizes(split=split, documents=10, block=500)
        shards = plan_shards(source, tmp_path, sizes)
        assert (len(shards) > 1) == (split < 10**9)
        texts, faults = in_order(shards, source, sizes)
        assert texts == [text for _, text in rows if text is not None]
        assert sorted(int(fault.where.split()[-1]) for fault in faults) == [i + 1 for i, text in rows if text is None]
        assert {(fault.reason, fault.detail) for fault in faults} == {("wrong_type", "'text' is null, not text")}


def test_a_table_that_cannot_be_used_is_one_fault_over_all_parts(tmp_path: Path) -> None:
    table = pa.table({"body": ["a"] * 1000, "n": list(range(1000)), "blank": pa.nulls(1000)})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=10)
    pq.write_table(table.slice(0, 0), tmp_path / "empty.parquet")
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    cases = [
        ("a.parquet", "text", "missing_field", "no column 'text': known are blank, body, n"),
        ("a.parquet", "n", "wrong_type", "column 'n' is int64, not text"),
        ("a.parquet", "blank", "wrong_type", "column 'blank' is null, not text"),
        ("empty.parquet", "body", "empty_file", "the table has no rows"),
        ("cut.parquet", "body", "damaged_file", "arquet"),
    ]
    for name, field, reason, detail in cases:
        source, sizes = mono(name, text_field=field), Sizes(split=300)
        shards = plan_shards(source, tmp_path, sizes)
        assert len(shards) > 1
        texts, faults = in_order(shards, source, sizes)
        assert texts == [] and [(fault.reason, fault.where) for fault in faults] == [(reason, name)]
        assert detail in faults[0].detail


def test_broken_bytes_in_a_table_cost_their_row_only(tmp_path: Path) -> None:
    raw = [b"a", b"\xff", "ä".encode(), b"x\x00"]
    broken = pa.Array.from_buffers(pa.string(), 4, pa.array(raw, pa.binary()).buffers())
    pq.write_table(pa.table({"text": broken}), tmp_path / "a.parquet")
    sizes = Sizes()
    texts, faults = in_order(plan_shards(mono("a.parquet"), tmp_path), mono("a.parquet"), sizes)
    assert texts == ["a", "ä"]
    assert [(f.reason, f.where) for f in faults] == [("not_utf8", "a.parquet row 2"), ("nul_byte", "a.parquet row 4")]


def test_only_one_lane_reports_what_concerns_the_file(tmp_path: Path) -> None:
    data = zstandard.compress("".join(f"{i * 2654435761 % 2**32:x}\n" for i in range(3000)).encode())
    files = {"cut.txt.zst": data[:-20], "alien.txt.zst": zstandard.compress("a\n".encode("utf-16") * 999)}
    for name, packed in files.items():
        (tmp_path / name).write_bytes(packed)
        for block in (1, 100, 5000, 10**6):
            sizes = Sizes(block=block, lane=5, split=5)
            shards = plan_shards(mono(name), tmp_path, sizes)
            assert len(shards) > 2
            assert len(in_order(shards, mono(name), sizes)[1]) == 1


def test_only_the_first_part_says_that_a_file_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("Zeile\n".encode("utf-16") * 99)
    shards = plan_shards(mono("a.txt"), tmp_path, Sizes(split=100))
    texts, faults = in_order(shards, mono("a.txt"), Sizes())
    assert len(shards) > 9 and not texts and [fault.reason for fault in faults] == ["not_utf8"]


def test_a_line_belongs_to_the_part_in_which_it_starts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\nbcdef\ng\n")
    shards = plan_shards(mono("a.txt"), tmp_path, Sizes(split=2))
    assert [[batch.texts for batch in read_shard(shard, mono("a.txt"))] for shard in shards] == [
        [["a"]], [["bcdef"]], [], [], [["g"]],
    ]  # fmt: skip


def test_a_long_line_that_breaks_off_is_no_document(tmp_path: Path) -> None:
    draw = random.Random(1)
    data = gzip.compress(b"whole\n" + bytes(draw.choices(range(97, 123), k=5000)) + b"\n")
    (tmp_path / "a.txt.gz").write_bytes(data[: len(data) // 2])
    for block in (3, 600, 10_000):
        for longest in (1000, 10_000):
            sizes = Sizes(block=block, longest=longest)
            texts, faults = in_order(plan_shards(mono("a.txt.gz"), tmp_path), mono("a.txt.gz"), sizes)
            assert texts == ["whole"] and [(f.reason, f.where) for f in faults] == [
                ("damaged_file", "a.txt.gz after line 1")
            ]


def test_pieces_of_any_length_make_the_same_blocks() -> None:
    data = b"".join(b"x" * (i * i % 37) + b"\n" for i in range(400)) + b"y" * 90 + b"\nend"

    class Dripping(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            return self.read(min(size or 1, self.tell() % 5 + 1))

    for size in (1, 10, 50, 5000):
        sizes = Sizes(block=size, longest=LONGEST)
        assert list(blocks(Dripping(data), "a", sizes)) == list(blocks(io.BytesIO(data), "a", sizes))


def test_shards_are_plain_data(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("x\n" * 100)
    for sizes in (Sizes(), Sizes(split=50)):
        for shard in plan_shards(mono("."), tmp_path, sizes):
            assert (
                Shard.from_json(json.loads(json.dumps(shard.to_json()))) == shard == pickle.loads(pickle.dumps(shard))
            )


MEMORY = """
import gzip, resource, sys
from pathlib import Path
from dragoman.corpus.sources import plan_shards, read_shard
from dragoman.recipe.data import MonoSource
source = MonoSource(name="m", language="de", path=sys.argv[1])
texts = faults = 0
for shard in plan_shards(source, Path(".")):
    for batch in read_shard(shard, source):
        texts, faults = texts + len(batch.texts), faults + len(batch.faults)
# Not RUSAGE_SELF, whose maximum a child inherits from the process that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(texts, faults, int(peak.split()[1]) // 1024)
"""


def peak(path: Path) -> tuple[int, int, int]:
    """(documents, faults, MB) of reading a file in a process of its own."""
    done = subprocess.run([sys.executable, "-c", MEMORY, str(path)], capture_output=True, text=True, check=True)
    texts, faults, megabytes = map(int, done.stdout.split())
    return texts, faults, megabytes


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measures memory by /proc")
def test_memory_does_not_grow_with_the_file_or_its_lines(tmp_path: Path) -> None:
    line = json.dumps({"text": "Ein Satz, noch einer und ein dritter. " * 60}).encode() + b"\n"
    count = 200_000_000 // len(line)
    (tmp_path / "small.jsonl").write_bytes(line)
    with open(tmp_path / "large.jsonl", "wb") as plain, gzip.open(tmp_path / "large.jsonl.gz", "wb", 1) as packed:
        for _ in range(count):
            plain.write(line)
            packed.write(line)
    (tmp_path / "long.jsonl.zst").write_bytes(zstandard.compress(line + b"x" * 50_000_000 + b"\n" + line))
    pq.write_table(pa.table({"text": [line.decode()] * count}), tmp_path / "large.parquet", row_group_size=count // 8,
                   use_dictionary=False)  # fmt: skip
    _, _, base = peak(tmp_path / "small.jsonl")
    for name, want in {"large.jsonl": (count, 0), "large.jsonl.gz": (count, 0), "long.jsonl.zst": (2, 1),
                       "large.parquet": (count, 0)}.items():  # fmt: skip
        texts, faults, megabytes = peak(tmp_path / name)
        assert (texts, faults) == want
        assert megabytes - base < 150, name
