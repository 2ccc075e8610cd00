"""The data card: the Hub can read it, its figures are those of the stage, and it says what it does not know."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from dragoman.corpus.funnel import Funnel
from dragoman.corpus.sources.hub_card import choose, subsets
from dragoman.synth.card import UNKNOWN_LICENCE, Facts, card, size_category, total


def funnel() -> dict[str, Any]:
    account = Funnel(("refusal", "numbers"))
    for number in range(1234):
        reason = {0: "numbers", 1: "refusal"}.get(number % 100)
        account.add("news|web", "de", {"text": f"Satz {number}."}, reason)
    return account.as_dict()


FACTS = Facts(
    title="Letters, German and English: a test",
    licence="cc-by-4.0",
    teacher="openai",
    model="some-model",
    prompt="translate-v1",
    pairs={"train": {"de-en": 1000, "en-de": 150}, "dev": {"de-en": 30}, "test": {"de-en": 28}},
    files={
        "train": ["data/train.parquet"],
        "dev": ["data/dev.parquet"],
        "test": ["data/test-*.parquet", "more.parquet"],
    },
    funnel=funnel(),
    lengths={1: 1000, 7: 208},
    sources={"news|web": 1208},
    columns={"de": "German text"},
    instructions={"register": "informal", "domain": ""},
    asked_again=12,
    requests=310,
    tokens_in=1_234_567,
    tokens_out=654_321,
    cost=1.5,
)


def test_the_hubs_own_reader_reads_the_header(tmp_path: Path) -> None:
    hub = pytest.importorskip("huggingface_hub", reason="the Hub needs the extra `hub`")
    (tmp_path / "README.md").write_text(card(FACTS), encoding="utf-8")
    read = hub.DatasetCard.load(tmp_path / "README.md")
    assert isinstance(read.data, hub.DatasetCardData)
    assert read.data.pretty_name == FACTS.title and read.data.license == "cc-by-4.0"
    assert (read.data.language, read.data.size_categories) == (["de", "en"], ["1K<n<10K"])
    assert read.data.task_categories == ["translation"] and read.data.multilinguality == ["translation"]
    assert read.text.startswith("\n# Letters, German and English: a test\n")


def test_the_splits_lead_to_their_files() -> None:
    chosen = choose(subsets(card(FACTS), "card"), None, "card")
    assert chosen.splits == {
        "train": ("data/train.parquet",),
        "validation": ("data/dev.parquet",),
        "test": ("data/test-*.parquet", "more.parquet"),
    }


def test_the_figures_of_the_stage_stand_in_the_card() -> None:
    text = card(FACTS)
    for said in (
        "1,208 pairs", "German to English, English to German", "| train | 1,000 | 150 |", "| dev | 30 | 0 |",
        "| 7 | 208 |", "| news\\|web | 1,208 |", "| refusal | 13 | 1,221 |", "| numbers | 13 | 1,208 |",
        "| kept |  | 1,208 |", "`some-model`", "`translate-v1`", "| Register | informal |", "| Tokens in | 1,234,567 |",
        "| Cost | 1.50 USD |", "| Passages asked twice | 12 |", 'split="train"',
    ):  # fmt: skip
        assert said in text, said
    assert "Domain" not in text and total(FACTS) == 1208


def test_what_is_not_known_is_said() -> None:
    unknown = dataclasses.replace(
        FACTS, tokens_in=None, tokens_out=None, cost=None, licence=UNKNOWN_LICENCE, limits=["Only letters."]
    )
    text = card(unknown)
    assert "| Tokens in | not counted |" in text and "| Cost | not known |" in text and "- Only letters." in text
    assert "Nobody said under which licence" in text and "license: unknown" in text


def test_the_same_facts_give_the_same_card_and_tables_stay_whole() -> None:
    odd = dataclasses.replace(FACTS, model="a|b\nc", notes=["One.", "Two."])
    assert card(odd) == card(dataclasses.replace(odd))
    assert "`a\\|b c`" in card(odd)
    tables = [line for line in card(odd).splitlines() if line.startswith("|")]
    assert all(line.endswith(" |") for line in tables)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (9999, "1K<n<10K"), (10_000, "10K<n<100K"),
        (5_000_000, "1M<n<10M"), (10**11, "100B<n<1T"), (10**12, "n>1T"), (10**15, "n>1T"),
    ],
)  # fmt: skip
def test_the_size_is_one_of_the_hubs_classes(count: int, said: str) -> None:
    assert size_category(count) == said
