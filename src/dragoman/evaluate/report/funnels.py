"""What the report says about the text that was read: what each step took and left, from which source, and samples.

A funnel is shown four times, from far to near: as a staircase of bars, by source, as a table of reasons by sources,
and as texts that were kept, dropped and cut out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dragoman.corpus.account import waterfall
from dragoman.evaluate.report import words
from dragoman.evaluate.report.corpus import figures_of
from dragoman.io import read_jsonl

Manifest = Mapping[str, Any]
Row = Mapping[str, Any]

KEPT_SAMPLES, LOST_SAMPLES = 5, 3  # texts shown of the kept ones, and of each reason and each cut
SAMPLE_CHARS = 400  # of one text
MOST_REASONS = 3  # named for each source


def share(part: float, whole: float) -> float:
    """`part` in percent of `whole`; 0 where there is nothing."""
    return 100.0 * part / whole if whole else 0.0


def steps(account: Row) -> list[dict[str, Any]]:
    """The rows of the staircase: read, what each cut and each reason took away, kept.

    `start` and `width` are in percent of what was read, in characters where something was cut and in documents
    otherwise: the bar of a step begins where what it leaves ends, so that the bars lead down from all to kept.
    """
    total, rows = account["total"], []
    unit, whole = ("chars", "chars_read") if total["cut"] else ("documents", "read")
    for step in waterfall(account):
        kind, left = step["kind"], step[f"{unit}_left"]
        ends = kind in ("read", "kept")
        size = left if ends else max(0, step[unit])
        start = 0.0 if ends else share(left, total[whole])
        rows.append(
            {
                **step,
                "label": words.reason(step["step"]),
                "start": min(start, 100.0),
                "width": min(share(size, total[whole]), 100.0 - min(start, 100.0)),
                "percent": share(step["documents_left"] if ends else step["documents"], total["read"]),
                "chars_percent": share(step["chars_left"] if ends else step["chars"], total["chars_read"]),
            }
        )
    return rows


def sources(by_source: Mapping[str, Mapping[str, Row]]) -> list[dict[str, Any]]:
    """One row a source and language: what was read and kept, and the reasons that cost most."""
    rows = []
    for source, languages in by_source.items():
        for language, count in languages.items():
            lost = sorted(count["dropped"].items(), key=lambda item: (-item[1], item[0]))
            reasons = [f"{words.reason(reason)} {n:,}" for reason, n in lost[:MOST_REASONS]]
            more = len(lost) - MOST_REASONS
            rows.append(
                {
                    "source": source,
                    "language": language,
                    "read": count["read"],
                    "kept": count["kept"],
                    "percent": share(count["kept"], count["read"]),
                    "chars": count["chars_kept"],
                    "reasons": ", ".join(reasons) + (f", {more} more" if more > 0 else ""),
                }
            )
    return rows


def matrix(account: Row) -> dict[str, Any] | None:
    """Reasons and cuts by sources and languages, in documents; None where there is but one column or no row."""
    counts = [
        ((source, language), count)
        for source, languages in account["by_source"].items()
        for language, count in languages.items()
    ]
    if len(counts) < 2 or not account["order"]:
        return None
    rows = []
    for name in account["order"]:
        dropped = [count["dropped"].get(name) for _, count in (*counts, ("", account["total"]))]
        touched = [count["cut"].get(name, {}).get("documents") for _, count in (*counts, ("", account["total"]))]
        rows += [{"label": words.reason(name), "kind": "drop", "cells": dropped}] if any(dropped) else []
        rows += [{"label": words.reason(name), "kind": "cut", "cells": touched}] if any(touched) else []
    return {"columns": [column for column, _ in counts], "rows": rows, "cuts": bool(account["total"]["cut"])}


def faults(account: Row) -> list[dict[str, Any]]:
    """What could not be read, with the first places of each kind."""
    return [
        {**fault, "label": words.reason(fault["reason"]), "more": fault["documents"] - len(fault["places"])}
        for fault in account["faults"]
    ]


def sample_groups(rows: Iterable[Row], account: Row) -> list[dict[str, Any]]:
    """Sampled texts by verdict, in the order in which they stand in the file, with how many there were of each."""
    groups: dict[tuple[bool, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((bool(row.get("cut")), str(row["reason"] or "")), []).append(row)
    shown = []
    for (cut, reason), members in groups.items():
        total = account["total"]
        of = total["cut"].get(reason, {}).get("documents", 0) if cut else total["dropped"].get(reason, 0)
        shown.append(
            {
                "kind": "cut" if cut else "drop" if reason else "kept",
                "label": words.reason(reason) if reason else "kept",
                "of": of if reason else total["kept"],
                "rows": [_sample(row) for row in members[: LOST_SAMPLES if reason else KEPT_SAMPLES]],
            }
        )
    return shown


def _sample(row: Row) -> dict[str, Any]:
    apart = ("kept", "cut", "reason", "source", "language")
    texts = [(name, str(value)) for name, value in row.items() if name not in apart]
    cut = [(name, text if len(text) <= SAMPLE_CHARS else text[:SAMPLE_CHARS] + "…") for name, text in texts]
    return {"source": row["source"], "language": row["language"], "texts": cut}


def funnel(title: str, unit: str, found: Row | None, rows: Sequence[Row] = (), note: str = "") -> list[dict[str, Any]]:
    """One funnel as the page shows it, in a list; an empty list where nothing was read. `note`: a sentence above it."""
    if not found or not found.get("total", {}).get("read"):
        return []
    total = found["total"]
    return [
        {
            "title": title,
            "unit": unit,
            "note": note,
            "token_kind": found["token_kind"],
            **{
                name: total[name] for name in ("read", "kept", "chars_read", "chars_kept", "tokens_read", "tokens_kept")
            },
            "percent": share(total["kept"], total["read"]),
            "bar": "characters" if total["cut"] else unit,
            "steps": steps(found),
            "sources": sources(found["by_source"]),
            "matrix": matrix(found),
            "faults": faults(found),
            "samples": sample_groups(rows, found),
        }
    ]


def samples(folders: Mapping[str, Path], stage: str) -> list[Row]:
    """The rows that a data stage kept for a person to look at."""
    path = folders[stage] / "samples.jsonl" if stage in folders else None
    return list(read_jsonl(path)) if path and path.exists() and path.stat().st_size else []


def teacher_words(made: Row) -> str:
    """Who translated the passages of a synthesis, and what that took."""
    whom, cost = ", ".join(made["models"]) or "nobody", "" if made["cost"] is None else f" for {made['cost']:,.2f} USD"
    tokens = made["tokens_in"] + made["tokens_out"]
    took = f"{tokens:,} tokens{cost}" if tokens else "tokens were not counted"
    words = f"Translated by “{whom}”: {made['requests']:,} requests, {took}."
    if made["asked_again"]:
        better = made["second_answers"]
        words += f" {made['asked_again']:,} passages were asked for again, {better:,} of them became pairs."
    return words + (f" Asking stopped at the {made['stopped']}." if made["stopped"] else "")


def funnels(manifests: Mapping[str, Manifest], folders: Mapping[str, Path]) -> list[dict[str, Any]]:
    """Every account the stages kept: documents, passages, pairs, documents against the test sets and the tokenizer."""
    found = {stage: figures_of(manifests, stage) for stage in ("curate", "synthesize", "pairs", "screen")}
    of_pairs, of_documents = list[Row](), list[Row]()
    for row in samples(folders, "pairs"):
        (of_documents if "text" in row else of_pairs).append(row)
    shown = funnel("Documents", "documents", found["curate"].get("funnel"), samples(folders, "curate"))
    made = found["synthesize"]
    title, rows = "Passages that a teacher translated", samples(folders, "synthesize")
    shown += funnel(title, "passages", made.get("funnel"), rows, teacher_words(made) if made else "")
    shown += funnel("Sentence pairs", "pairs", found["pairs"].get("funnel"), of_pairs)
    checked = found["pairs"].get("mono_funnel")
    if checked and checked.get("total", {}).get("dropped"):
        shown += funnel("Clean documents, checked against the test sets", "documents", checked, of_documents)
    title = "Clean documents, judged by the pieces the tokenizer cuts them into"
    return shown + funnel(title, "documents", found["screen"].get("funnel"), samples(folders, "screen"))
