"""The data card of a synthesised set: README.md in the Hub's format, made from the figures of the stage.

    Facts(title="Letters", licence="cc-by-4.0", teacher="openai", model="some-model", prompt="translate-v1", ...)
      -> ---
         language: [de, en]
         license: cc-by-4.0
         configs: [{config_name: default, data_files: [{split: train, path: train.parquet}, ...]}]
         ---
         # Letters ...

The header follows the Hub's dataset card specification. Nothing here reads a file, a clock or a random number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from dragoman.corpus.account import waterfall
from dragoman.languages import LANGUAGES

CARD = "README.md"
HUB_SPLITS = {"dev": "validation"}  # what the Hub calls a split; the others have the same name there
SIZES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T")
UNKNOWN_LICENCE = "unknown"  # a value the Hub knows; `dragoman push` refuses it

LIMITS = (
    "Every translation is a machine's. The checks find faults of form (language, length, numbers, names, addresses, "
    "repetition and the like), not of meaning: a fluent wrong translation passes.",
    "A teacher has habits: models trained on these pairs learn its wording, its errors and its choices where the "
    "other language says more or less (gender, forms of address, tense).",
    "It is for training: score models on text that people wrote and translated.",
)


@dataclass(frozen=True)
class Facts:
    """What the stage knows about the set it wrote."""

    title: str
    licence: str
    """Of the source text, as the Hub spells it (`cc-by-4.0`); UNKNOWN_LICENCE where nobody said."""
    teacher: str
    """The kind: gemini, openai, model or recorded."""
    model: str
    prompt: str
    """Its id."""
    pairs: Mapping[str, Mapping[str, int]]
    """Split (train, dev, test) -> direction (`de-en`) -> pairs."""
    files: Mapping[str, Sequence[str]]
    """Split -> the Parquet files, from the folder of the card."""
    funnel: Mapping[str, Any]
    """The account of `Funnel.as_dict`."""
    lengths: Mapping[int, int] = field(default_factory=dict)
    """Sentences a passage -> pairs."""
    sources: Mapping[str, int] = field(default_factory=dict)
    """Source of the passages -> pairs."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Column of the Parquet files -> what it holds."""
    instructions: Mapping[str, str] = field(default_factory=dict)
    """register, domain, terminology, as far as they were asked for."""
    asked_again: int = 0
    """Passages of which a second, stricter question was asked."""
    requests: int = 0
    tokens_in: int | None = None
    """None: nobody counted them."""
    tokens_out: int | None = None
    cost: float | None = None
    """USD; None: the price is unknown or there is none."""
    notes: Sequence[str] = ()
    """Further paragraphs on where the text comes from."""
    limits: Sequence[str] = ()
    """Further known limits."""


def card(facts: Facts) -> str:
    """The whole README.md."""
    head = yaml.safe_dump(header(facts), sort_keys=False, allow_unicode=True, width=110)
    parts = [
        f"# {facts.title}",
        _what(facts),
        "## How it was made\n\n" + _made(facts),
        "## What is in it\n\n" + _contents(facts),
        "## What was left out\n\n" + _funnel(facts.funnel),
        "## Known limits\n\n" + "\n".join(f"- {limit}" for limit in (*LIMITS, *facts.limits)),
        "## How to load it\n\n" + _load(facts),
    ]
    return f"---\n{head}---\n\n" + "\n\n".join(parts) + "\n"


def header(facts: Facts) -> dict[str, Any]:
    """The metadata of the card."""
    files = [
        {"split": HUB_SPLITS.get(split, split), "path": paths[0] if len(paths) == 1 else list(paths)}
        for split, paths in facts.files.items()
        if paths
    ]
    return {
        "pretty_name": facts.title,
        "language": sorted({code for direction in _directions(facts) for code in direction.split("-")}),
        "license": facts.licence,
        "multilinguality": ["translation"],
        "language_creators": ["machine-generated"],
        "task_categories": ["translation"],
        "size_categories": [size_category(total(facts))],
        "tags": ["synthetic", "parallel-corpus", "machine-translation"],
        "configs": [{"config_name": "default", "data_files": files}],
    }


def total(facts: Facts) -> int:
    """Pairs in all splits and directions."""
    return sum(count for split in facts.pairs.values() for count in split.values())


def size_category(count: int) -> str:
    """`1K<n<10K` for 5,126: the Hub's classes by powers of ten."""
    if count < 1000:
        return "n<1K"
    place = len(str(count)) - 4
    return f"{SIZES[place]}<n<{SIZES[place + 1]}" if place + 1 < len(SIZES) else f"n>{SIZES[-1]}"


def _directions(facts: Facts) -> list[str]:
    return sorted({direction for split in facts.pairs.values() for direction in split})


def _what(facts: Facts) -> str:
    named = [" to ".join(LANGUAGES.get(code, code) for code in one.split("-")) for one in _directions(facts)]
    what = f"{total(facts):,} pairs of text and its translation by a machine: {', '.join(named)}."
    licence = (
        "Nobody said under which licence the source text stands: find out, and set `license` above, before this is "
        "published."
        if facts.licence == UNKNOWN_LICENCE
        else "The licence is that of the source text; the teacher's provider may set terms for what its model writes."
    )
    return f"{what} {licence}"


def _made(facts: Facts) -> str:
    how = {
        "recorded": "replayed from a journal of recorded answers",
        "model": "a translation model",
        "gemini": "a language model, asked through the Gemini API",
        "openai": "a language model, asked through an OpenAI-compatible endpoint",
    }
    rows = [("Teacher", f"`{facts.model}` ({how.get(facts.teacher, facts.teacher)})"), ("Prompt", f"`{facts.prompt}`")]
    rows += [(name.capitalize(), value) for name, value in facts.instructions.items() if value]
    rows += [("Requests", f"{facts.requests:,}"), ("Passages asked twice", f"{facts.asked_again:,}")]
    rows += [("Tokens in", _count(facts.tokens_in)), ("Tokens out", _count(facts.tokens_out))]
    rows.append(("Cost", "not known" if facts.cost is None else f"{facts.cost:,.2f} USD"))
    words = [
        "Passages of whole sentences were cut from documents and translated by the teacher. Every answer went through "
        "the checks below; one that failed was asked for again at most once, with a stricter prompt. Texts that share "
        "a document are in the same split.",
        _table(("", ""), rows),
    ]
    return "\n\n".join([*words, *facts.notes])


def _count(tokens: int | None) -> str:
    return "not counted" if tokens is None else f"{tokens:,}"


def _contents(facts: Facts) -> str:
    directions = _directions(facts)
    rows = [(split, *(f"{counts.get(one, 0):,}" for one in directions)) for split, counts in facts.pairs.items()]
    lengths = [(str(length), f"{facts.lengths[length]:,}") for length in sorted(facts.lengths)]
    sources = sorted(facts.sources.items(), key=lambda item: (-item[1], item[0]))
    tables: list[tuple[Sequence[str], Sequence[Sequence[str]]]] = [
        (("split", *directions), rows),
        (("sentences", "pairs"), lengths),
        (("source", "pairs"), [(name, f"{count:,}") for name, count in sources]),
        (("column", "what it holds"), [(f"`{name}`", words) for name, words in facts.columns.items()]),
    ]
    return "\n\n".join(_table(head, rows) for head, rows in tables if rows)


def _funnel(funnel: Mapping[str, Any]) -> str:
    """Passages that were asked for, and what each check took of them."""
    rows = [
        (step["step"], f"{step['documents']:,}" if step["kind"] == "drop" else "", f"{step['documents_left']:,}")
        for step in waterfall(funnel)
        if step["kind"] != "cut"
    ]
    return _table(("step", "rejected", "left"), rows)


def _load(facts: Facts) -> str:
    first = next(iter(facts.files), "train")
    call = f'pairs = load_dataset("OWNER/NAME", split="{HUB_SPLITS.get(first, first)}")'
    code = f"```python\nfrom datasets import load_dataset\n\n{call}\n```"
    return f"{code}\n\nThe TSV files hold the same rows, with a header line, for tools without Parquet."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; what would break it is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    cells = ([" ".join(cell.replace("|", "\\|").split()) for cell in line] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |" for line in cells)
