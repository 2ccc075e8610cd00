"""Curation: megabytes a second of the stage against its rules in other frameworks, MinHash, two workers, memory.

    python benchmarks/curate.py --data FILE... [--language de] [--megabytes 64] [--rounds 5] [--json]
    python benchmarks/curate.py --data FILE... --memory        (writes about 6 GB into a temporary folder)

Peers are installed with `pip install datasets 'datatrove[processing,multilingual]' datasketch rensa`; the rows of a
missing one say so. FILE: .jsonl, .txt and whatever else a source may be, packed or not. Groups of rows:

    rules     JSONL to JSONL without the search for duplicates, by one process: the stage, and the same rules document
              by document (`dragoman.corpus.reference`) in Hugging Face datasets and in datatrove. The kept documents
              must be equal, or the benchmark ends. For information: datasets with our batch function, and datatrove
              with its own filters, which are other rules and keep other documents.
    minhash   signatures of 112 numbers over runs of 5 words, from texts in memory
    workers   one worker against two, whole stage, without and with the search for duplicates. Needs an idle machine.
    memory    largest memory of a worker and of the process that leads them, whole stage, two workers, 100 MB and 2 GB

Every measurement is a process of its own on one thread that has worked on a few documents before the clock starts. Rows
are measured in turn, round by round; medians are shown. MB are 10^6 bytes of UTF-8 text that is read; peers get fewer
documents for time, the same mix of files and lengths. MB per CPU second leave out the time that others had the
processor, not that they slow it down: for figures to keep, the machine should be idle.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from curate_input import Document, drawn, load, perturbed, thinned, write

from dragoman.corpus.engine.outcome import ONE_THREAD
from dragoman.corpus.sources import Sizes
from dragoman.errors import DragomanError
from dragoman.provenance import environment

WAYS = Path(__file__).with_name("curate_ways.py")
GROUPS = ("rules", "minhash", "workers", "memory")
PEERS = ("datasets", "datatrove", "datasketch", "rensa", "spacy", "pyarrow", "xxhash")
MEMORY_MB = (100, 2000)
SPREAD = 64  # MB of documents that are varied
WARM_UP_BYTES = 100_000
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
MB = 1_000_000


@dataclass(frozen=True)
class Row:
    """One line of the table. Rows with the same `same` must keep the same documents."""

    group: str
    label: str
    way: str
    input: str
    needs: tuple[str, ...] = ()
    same: str | None = None

    @property
    def missing(self) -> list[str]:
        """Packages that it needs and that are not installed."""
        return [name for name in self.needs if importlib.util.find_spec(name) is None]


ROWS = (
    Row("rules", "dragoman", "stage", "ours"),
    Row("rules", "dragoman, what the peers get", "stage", "peers", same="rules"),
    Row("rules", "datasets, the same rules", "datasets", "peers", ("datasets",), "rules"),
    Row("rules", "datatrove, the same rules", "datatrove", "peers", ("datatrove",), "rules"),
    Row("rules", "(datasets, our batch function)", "datasets_batched", "peers", ("datasets",), "rules"),
    Row(
        "rules",
        "(datatrove, its own rules, not the same)",
        "datatrove_own",
        "peers",
        ("datatrove", "spacy", "fasttext"),
    ),
    Row("minhash", "dragoman", "minhash", "peers"),
    Row("minhash", "dragoman, after the rules", "minhash_after_rules", "peers"),
    Row("minhash", "datasketch", "minhash_datasketch", "peers", ("datasketch",)),
    Row("minhash", "rensa", "minhash_rensa", "peers", ("rensa",)),
    Row("minhash", "datatrove, words split at blanks", "minhash_datatrove_blanks", "peers", ("datatrove", "spacy")),
    Row("minhash", "datatrove", "minhash_datatrove", "peers", ("datatrove", "spacy")),
    Row("workers", "without duplicates, one worker", "stage", "shards", same="stage"),
    Row("workers", "without duplicates, two workers", "stage_two_workers", "shards", same="stage"),
    Row("workers", "with duplicates, one worker", "stage_copies", "shards", same="copies"),
    Row("workers", "with duplicates, two workers", "stage_copies_two_workers", "shards", same="copies"),
)


def rows_of(options: argparse.Namespace) -> list[Row]:
    """The rows that are asked for."""
    if options.memory is None:
        return [row for row in ROWS if row.group in options.groups]
    sizes = options.memory or MEMORY_MB
    return [Row("memory", f"{size} MB", "stage_copies_two_workers", f"memory {size}") for size in sizes]


@dataclass(frozen=True)
class Input:
    """A file of documents and what is in it."""

    path: Path
    documents: int
    mb: float


def made(path: Path, texts: Iterable[str], most_bytes: int | None = None) -> Input:
    """Write an input."""
    documents, size = write(path, texts, most_bytes)
    return Input(path, documents, size / MB)


def made_anew(path: Path, given: Sequence[Document], size: int, most_bytes: int | None = None) -> Input:
    """Write an input of documents that are no copies of each other, however many are asked for."""
    documents, written = perturbed(path, drawn(given, min(size, MB * SPREAD)), size, most_bytes)
    return Input(path, documents, written / MB)


def make_inputs(given: Sequence[Document], options: argparse.Namespace, folder: Path) -> dict[str, Input]:
    """The files that the chosen groups read."""
    ours = drawn(given, round(options.megabytes * MB))
    peers = thinned(ours, round(min(options.peer_megabytes, options.megabytes) * MB))
    texts = {"ours": ours, "peers": peers, "warm-up": thinned(peers, WARM_UP_BYTES)}
    inputs = {name: made(folder / f"{name}.jsonl", (one.text for one in some)) for name, some in texts.items()}
    asked = {row.input for row in rows_of(options)}
    if "shards" in asked:  # as many bytes as fill the shards, so that none is smaller than the others
        full = options.shards * Sizes().split
        inputs["shards"] = made_anew(folder / "shards.jsonl", given, full, full)
    for name in sorted(asked - inputs.keys()):
        size = int(name.removeprefix("memory ")) * MB
        inputs[name] = made_anew(folder / f"{name}.jsonl", given, size)
    return inputs


def measured(row: Row, inputs: dict[str, Input], language: str) -> dict[str, Any]:
    """One measurement in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="run-", dir=inputs["ours"].path.parent) as folder:
        order = {
            "way": row.way,
            "input": str(inputs[row.input].path),
            "warm_up": None if row.group == "memory" else str(inputs["warm-up"].path),
            "folder": folder,
            "language": language,
            "result": f"{folder}/result.json",
        }
        settings = {**os.environ, **ONE_THREAD, **OFFLINE, "HF_HOME": f"{folder}/hub"}
        command = [sys.executable, str(WAYS), json.dumps(order)]
        call = subprocess.run(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if call.returncode:
            raise SystemExit(f"{row.group}, {row.label}: it failed\n{call.stderr[-3000:]}")
        found: dict[str, Any] = json.loads(Path(order["result"]).read_text(encoding="utf-8"))
        return found


def check_equal(runs: dict[Row, list[dict[str, Any]]]) -> None:
    """End the benchmark where rows that must keep the same documents do not."""
    first: dict[str, tuple[Row, dict[str, Any]]] = {}
    for row, found in runs.items():
        for run in found if row.same else ():
            other, expected = first.setdefault(str(row.same), (row, run))
            if run["digest"] != expected["digest"]:
                kept = f"{expected['kept']} and {run['kept']} of them"
                raise SystemExit(f"'{other.label}' and '{row.label}' keep other documents of one file: {kept}")


def measure_all(options: argparse.Namespace, inputs: dict[str, Input]) -> dict[Row, list[dict[str, Any]]]:
    """Every row once a round, back and forth."""
    rows = [row for row in rows_of(options) if not row.missing]
    runs: dict[Row, list[dict[str, Any]]] = {row: [] for row in rows}
    for round_ in range(options.rounds):
        for row in rows[:: -1 if round_ % 2 else 1]:
            runs[row].append(measured(row, inputs, options.language))
            rate = inputs[row.input].mb / runs[row][-1]["seconds"]
            print(f"round {round_ + 1}: {row.group}, {row.label}: {rate:.2f} MB/s", file=sys.stderr)
        check_equal(runs)
    return runs


def figures(row: Row, runs: Sequence[dict[str, Any]], read: Input) -> dict[str, Any]:
    """What the table says of a row; `runs` empty: it could not be measured."""
    about = {"group": row.group, "row": row.label, "mb": round(read.mb, 1), "documents": read.documents}
    if not runs:
        return {**about, "note": f"not installed: {', '.join(row.missing)}"}
    rates = sorted(read.mb / run["seconds"] for run in runs)
    found = {
        **about,
        "mb_per_s": statistics.median(rates),
        "lowest": rates[0],
        "highest": rates[-1],
        "mb_per_cpu_s": statistics.median(read.mb / run["cpu_s"] for run in runs),
        "peak_mb": statistics.median(run["peak_mb"] or 0 for run in runs),
        "worker_peak_mb": statistics.median(run["worker_peak_mb"] or 0 for run in runs),
    }
    return found | ({"kept": runs[0]["kept"]} if "kept" in runs[0] else {})


def add_ratios(rows: Sequence[dict[str, Any]]) -> None:
    """How many times as fast the first of a group is; two workers against one; much input against the first."""
    groups = {name: [row for row in rows if row["group"] == name] for name in GROUPS}
    for name in ("rules", "minhash"):
        for row in groups[name][1:]:
            if "mb_per_s" in row:
                row["ratio"] = groups[name][0]["mb_per_s"] / row["mb_per_s"]
    for one, two in zip(groups["workers"][::2], groups["workers"][1::2], strict=True):
        two["ratio"] = two["mb_per_s"] / one["mb_per_s"]
    for row in groups["memory"][1:] if groups["memory"] and groups["memory"][0]["worker_peak_mb"] else ():
        row["ratio"] = row["worker_peak_mb"] / groups["memory"][0]["worker_peak_mb"]


def versions() -> Iterator[tuple[str, str]]:
    """What is installed of the packages that are compared."""
    for name in PEERS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield name, metadata.version(name)


RATIOS = {"rules": "dragoman is", "minhash": "dragoman is", "workers": "two : one", "memory": "to the first"}


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The rows for a person to read."""
    for group in dict.fromkeys(row["group"] for row in rows):
        memory = group == "memory"
        names = ("worker MB", "leader MB", "") if memory else ("MB/s", "(from - to)", "MB/CPU-s")
        yield ""
        yield f"{group:42} {'MB read':>8} {names[0]:>9} {names[1]:>15} {names[2]:>9} {'kept':>8} {RATIOS[group]:>14}"
        for row in (row for row in rows if row["group"] == group):
            yield f"{row['row']:42} {row['mb']:8.1f} {row.get('note') or _cells(row, memory)}"


def _cells(row: dict[str, Any], memory: bool) -> str:
    spread = f"{row['lowest']:.2f} - {row['highest']:.2f}"
    rates = f"{row['mb_per_s']:9.2f} {spread:>15} {row['mb_per_cpu_s']:9.2f}"
    peaks = f"{row['worker_peak_mb']:9.0f} {row['peak_mb']:15.0f} {'':9}"
    ratio = f"{row['ratio']:.2f} x" if "ratio" in row else ""
    return f"{peaks if memory else rates} {row.get('kept', ''):>8} {ratio:>14}"


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="+", type=Path, required=True, metavar="FILE")
    parser.add_argument("--language", default="de", help="of the documents")
    parser.add_argument("--language-field", help="field that names a document's language: others are left out")
    parser.add_argument("--megabytes", type=float, default=64, help="what dragoman is given")
    parser.add_argument("--peer-megabytes", type=float, default=8, help="what the peers are given")
    parser.add_argument("--shards", type=int, default=16, help="how many shards of 17 MB one and two workers share")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--groups", nargs="+", choices=GROUPS[:-1], default=GROUPS[:-1])
    parser.add_argument("--memory", nargs="*", type=int, metavar="MB", help="measure only that (default: 100 2000)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    options = arguments()
    load_at_start = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="curate-benchmark-") as folder:
        try:
            given = load(options.data, options.language, options.language_field)
        except DragomanError as error:
            raise SystemExit(str(error)) from None
        inputs = make_inputs(given, options, Path(folder))
        given.clear()
        runs = measure_all(options, inputs)
    rows = [figures(row, runs.get(row, []), inputs[row.input]) for row in rows_of(options)]
    add_ratios(rows)
    about = {
        "language": options.language,
        "data": [path.name for path in options.data],
        "rounds": options.rounds,
        "load_at_start": round(load_at_start, 2),
        "peers": dict(versions()),
        **environment(),
    }
    print(json.dumps({**about, "rows": rows} if options.json else about, ensure_ascii=False, indent=1))
    if not options.json:
        print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
