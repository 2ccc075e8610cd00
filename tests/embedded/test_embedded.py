"""The text that ships with the package: complete, stable, and split without overlap."""

from __future__ import annotations

import pytest

from dragoman import embedded
from dragoman.errors import DataError


def key(text: str) -> str:
    return " ".join(text.casefold().split())


def test_the_natural_sets_share_no_sentence_in_either_language() -> None:
    train, dev, test = (embedded.pairs(f"natural/{part}") for part in ("train", "dev", "test"))
    assert 250 <= len(dev) <= 360 and 400 <= len(test) <= 520 and len(train) > 4000
    for language in ("de", "en"):
        held_out = {key(row[language]) for row in (*dev, *test)}
        assert not held_out & {key(row[language]) for row in train}
    assert not {key(row["de"]) for row in dev} & {key(row["de"]) for row in test}


def test_the_split_is_a_property_of_the_german_sentence() -> None:
    for part in ("train", "dev", "test"):
        assert all(embedded._part(row["de"]) == part for row in embedded.pairs(f"natural/{part}"))
    # fixed once for all: a change here would move test pairs into training
    assert [embedded._part(text) for text in ("Heute ist Montag.", "Das weiß ich leider nicht.")] == ["train", "test"]
    parts = [embedded._part(f"Satz {i}") for i in range(20_000)]
    assert (parts.count("dev"), parts.count("test")) == (1196, 1797)
    assert embedded._part("das  WEISS ich leider nicht.") == "test"


def test_details_belong_to_the_pairs() -> None:
    details, pairs = embedded.details("natural/test"), embedded.pairs("natural/test")
    assert [{"de": row["de"], "en": row["en"]} for row in details] == pairs
    assert {row["level"] for row in details} == {"A1", "A2", "B1", "B2", "C1"}
    assert all(row["topic"] for row in details)


def test_the_grammar_sets_are_complete_and_share_no_sentence() -> None:
    train, test = embedded.pairs("grammar/train"), embedded.pairs("grammar/test")
    assert (len(train), len(test)) == (20_000, 200)
    assert len({tuple(row.values()) for row in train}) == 20_000
    for language in ("de", "en"):
        assert not {row[language] for row in test} & {row[language] for row in train}


@pytest.mark.parametrize("language", ["de", "en"])
def test_documents_mix_good_and_planted_ones_in_a_fixed_order(language: str) -> None:
    good, planted = embedded.good_documents(language), [text for text, _ in embedded.planted_documents(language)]
    mixed = embedded.documents(f"mono/{language}")
    assert sorted(mixed) == sorted(good + planted) and mixed == embedded.documents(f"mono/{language}")
    assert mixed[: len(good)] != good and len(good) > 200 and len(planted) >= 50


@pytest.mark.parametrize(
    ("call", "name", "said"),
    [
        (embedded.documents, "mono/dee", "did you mean 'mono/de'?"),
        (embedded.pairs, "natural/tset", "did you mean 'natural/test'?"),
        (embedded.details, "grammar/test", "natural/"),
        (embedded.pairs, "mono/de", "no text 'mono/de'"),
        (embedded.pairs, "nothing", "known are"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(call: object, name: str, said: str) -> None:
    with pytest.raises(DataError, match=said.replace("?", r"\?")):
        call(name)  # type: ignore[operator]


def test_no_sentence_holds_a_tab_or_a_line_end() -> None:
    for name in embedded.PAIRS:
        assert not any(set(text) & set("\t\n\r\u2028") for row in embedded.pairs(name) for text in row.values())
