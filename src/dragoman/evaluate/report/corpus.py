"""What the report says about the text: the funnels of documents and pairs, and the tokenizer's figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dragoman.evaluate.report import words

Manifest = Mapping[str, Any]

MOST_EXAMPLES = 3  # segmentations shown a language
EXAMPLE_CHARS = 60  # those of about this length: long enough to show something, short enough to read
SPACE, VISIBLE_SPACE = "\u2581", "\u2423"  # sentencepiece's mark of a blank, and the one we print


def figures_of(manifests: Mapping[str, Manifest], stage: str) -> Mapping[str, Any]:
    """What a stage returned; empty where it did not run."""
    return manifests.get(stage, {}).get("result") or {}


def share(part: float, whole: float) -> float:
    """`part` in percent of `whole`; 0 where there is nothing."""
    return 100.0 * part / whole if whole else 0.0


def steps(count: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The bars of a funnel, as shares of what was read: read, what each reason took away, kept.

    `start` and `width` are in percent: a reason's bar begins where what is left after it ends, so that the bars form a
    staircase from all to kept.
    """
    read = count["read"]
    rows = [{"label": "read", "kind": "read", "n": read, "start": 0.0, "width": share(read, read)}]
    left = read
    for reason, n in count["dropped"].items():
        left -= n
        rows.append({"label": words.reason(reason), "kind": "lost", "n": n, "start": share(left, read)})
    rows.append({"label": "kept", "kind": "kept", "n": count["kept"], "start": 0.0})
    return [{**row, "width": share(row["n"], read), "percent": share(row["n"], read)} for row in rows]


def sources(by_source: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """One row a source and language: what was read and kept, and the reasons that cost most."""
    rows = []
    for source, languages in by_source.items():
        for language, count in languages.items():
            reasons = [f"{words.reason(reason)} {n:,}" for reason, n in list(count["dropped"].items())[:3]]
            more = len(count["dropped"]) - 3
            rows.append(
                {
                    "source": source,
                    "language": language,
                    "read": count["read"],
                    "kept": count["kept"],
                    "percent": share(count["kept"], count["read"]),
                    "chars": count.get("chars_kept", 0),
                    "reasons": ", ".join(reasons) + (f", {more} more" if more > 0 else ""),
                }
            )
    return rows


def funnel(title: str, unit: str, found: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """One funnel as the page shows it, in a list; an empty list where nothing was read."""
    if not found or not found.get("total", {}).get("read"):
        return []
    total = found["total"]
    return [
        {
            "title": title,
            "unit": unit,
            "read": total["read"],
            "kept": total["kept"],
            "percent": share(total["kept"], total["read"]),
            "chars_read": total.get("chars_read", 0),
            "chars_kept": total.get("chars_kept", 0),
            "steps": steps(total),
            "sources": sources(found.get("by_source", {})),
        }
    ]


def funnels(manifests: Mapping[str, Manifest]) -> list[dict[str, Any]]:
    """Every account the stages kept: documents, pairs, and documents against the test sets."""
    curate = figures_of(manifests, "curate")
    pairs = figures_of(manifests, "pairs")
    shown = funnel("Documents", "documents", curate.get("funnel"))
    shown += funnel("Sentence pairs", "pairs", pairs.get("funnel"))
    checked = pairs.get("mono_funnel")
    if checked and checked.get("total", {}).get("dropped"):
        shown += funnel("Clean documents, checked against the test sets", "documents", checked)
    return shown


def held_out(manifests: Mapping[str, Manifest]) -> list[tuple[str, int]]:
    """Name and size of the development set and the test sets."""
    result = figures_of(manifests, "pairs")
    dev = [("development set", int(result["dev"]))] if result.get("dev") else []
    return dev + [(f"test set {name}", int(n)) for name, n in (result.get("test") or {}).items()]


def tokenizer(manifests: Mapping[str, Manifest]) -> dict[str, Any] | None:
    """The tokenizer's figures, one row a language, or None where there is no tokenizer yet."""
    result = figures_of(manifests, "tokenizer")
    if not result:
        return None
    rows = [
        {
            "language": language,
            **figures,
            "examples": [
                [piece.replace(SPACE, VISIBLE_SPACE) for piece in example["pieces"]]
                for example in sorted(figures.get("examples", ()), key=_readable)[:MOST_EXAMPLES]
            ],
        }
        for language, figures in result.get("languages", {}).items()
    ]
    return {
        "vocab_size": result.get("vocab_size"),
        "characters": result.get("characters"),
        "sentences": result.get("sentences"),
        "rows": rows,
    }


def _readable(example: Mapping[str, Any]) -> int:
    return abs(len(example["text"]) - EXAMPLE_CHARS)
