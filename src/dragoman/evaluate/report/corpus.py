"""What the report says about the text beside its funnels: what is held out, and the tokenizer's figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Manifest = Mapping[str, Any]

MOST_EXAMPLES = 3  # segmentations shown a language
EXAMPLE_CHARS = 60  # those of about this length: long enough to show something, short enough to read
SPACE, VISIBLE_SPACE = "\u2581", "\u2423"  # sentencepiece's mark of a blank, and the one we print


def figures_of(manifests: Mapping[str, Manifest], stage: str) -> Mapping[str, Any]:
    """What a stage returned; empty where it did not run."""
    return manifests.get(stage, {}).get("result") or {}


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
