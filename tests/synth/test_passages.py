"""Passages are whole sentences, and what is asked is balanced, the same each time, and from the documents alone."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import pytest

from dragoman import embedded
from dragoman.errors import DataError, RecipeError
from dragoman.io import digest_bytes
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.sentences import split_sentences
from dragoman.synth.cut import REASONS, balanced, cut, fault, paragraphs
from dragoman.synth.items import Passage
from dragoman.synth.passages import Cell, Chosen, level_shares, passages, shares

BOTH = (("de", "en"), ("en", "de"))


def settings(**more: Any) -> SynthesizeSettings:
    return SynthesizeSettings.model_validate({"teacher": {"kind": "openai", "model": "m"}, **more})


def write(folder: Path, documents: Mapping[str, Sequence[tuple[str, str]]]) -> dict[str, Path]:
    """JSON Lines of (source, text) by language."""
    folder.mkdir(exist_ok=True)
    for language, rows in documents.items():
        lines = (json.dumps({"text": text, "source": source}, ensure_ascii=False) + "\n" for source, text in rows)
        (folder / f"{language}.jsonl").write_text("".join(lines), encoding="utf-8")
    return {language: folder / f"{language}.jsonl" for language in documents}


def made(count: int, language: str, source: str, seed: int, longest: int = 9) -> list[tuple[str, str]]:
    """Documents of 1 to `longest` shipped sentences."""
    rng = random.Random(f"{language}{source}{seed}")
    known = [row[language] for row in embedded.pairs("grammar/train")[:5000]]
    return [(source, " ".join(rng.sample(known, rng.randint(1, longest)))) for _ in range(count)]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two languages, two and three sources of very different sizes."""
    german = [*made(900, "de", "web", 1), *made(400, "de", "news", 2)]
    english = [*made(300, "en", "web", 3), *made(1500, "en", "books", 4), *made(100, "en", "mail", 5, longest=2)]
    return write(tmp_path_factory.mktemp("documents"), {"de": german, "en": english})


def test_every_passage_is_whole_sentences_of_one_document(world: dict[str, Path]) -> None:
    known = {
        (language, row["source"], digest_bytes(row["text"].encode())): row["text"]
        for language, path in world.items()
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    }
    found = list(passages(world, settings(), BOTH))
    assert len(found) > 1000
    for passage in found:
        parts = split_sentences(known[passage.src, passage.source, passage.document], passage.src)
        assert passage.tgt != passage.src
        at = [i for i in range(len(parts)) if " ".join(parts[i : i + passage.sentences]) == passage.text]
        assert at and 1 <= passage.sentences <= 7


def test_no_sentence_is_asked_twice(world: dict[str, Path]) -> None:
    places: Counter[tuple[str, str, str]] = Counter()
    for passage in passages(world, settings(), BOTH):
        places.update((passage.tgt, passage.document, one) for one in split_sentences(passage.text, passage.src))
    assert max(places.values()) == 1


@pytest.mark.parametrize("bounds", [(1, 7), (2, 3), (4, 4), (1, 1)])
def test_lengths_keep_the_bounds(world: dict[str, Path], bounds: tuple[int, int]) -> None:
    found = Counter(passage.sentences for passage in passages(world, settings(sentences=bounds), BOTH))
    assert sorted(found) == list(range(bounds[0], bounds[1] + 1))


def cells(found: Sequence[Passage]) -> Counter[Cell]:
    return Counter(Cell((one.src, one.tgt), one.source, one.sentences) for one in found)


def test_directions_sources_and_lengths_are_balanced(world: dict[str, Path]) -> None:
    found = list(passages(world, settings(passages=420), BOTH))
    assert len(found) == 420
    assert Counter(one.src for one in found) == {"de": 210, "en": 210}
    german = Counter(one.source for one in found if one.src == "de")
    assert german == {"web": 105, "news": 105}
    english = Counter(one.source for one in found if one.src == "en")
    assert max(english.values()) - min(english.values()) <= 1
    for (_, source, _), count in cells(found).items():
        assert source == "mail" or count == 15 or (source in ("web", "books") and count == 10)


def test_what_a_source_cannot_give_the_others_give(world: dict[str, Path]) -> None:
    chosen = passages(world, settings(passages=900), BOTH)
    assert len(list(chosen)) == 900
    english = {cell: count for cell, count in chosen.asked.items() if cell.direction[0] == "en"}
    assert sum(english.values()) == 450
    mail = sum(count for cell, count in chosen.supply.items() if cell.source == "mail")
    assert sum(count for cell, count in english.items() if cell.source == "mail") == mail < 150


def test_any_beginning_is_balanced_too(world: dict[str, Path]) -> None:
    chosen = passages(world, settings(passages=840), BOTH)
    whole = cells(list(chosen))
    for part in (0.25, 0.5, 0.8):
        found = cells(list(islice(chosen, int(part * 840))))
        for cell, count in whole.items():
            assert abs(found[cell] - part * count) <= 1.5, cell


def test_iterating_again_gives_the_same_and_so_does_another_order_of_documents(
    world: dict[str, Path], tmp_path: Path
) -> None:
    chosen = passages(world, settings(passages=300), BOTH)
    first = list(chosen)
    assert list(chosen) == first == list(passages(world, settings(passages=300), BOTH))
    turned = {}
    for language, path in world.items():
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(1).shuffle(lines)
        turned[language] = tmp_path / path.name
        turned[language].write_text("".join(lines), encoding="utf-8")
    assert {one.text for one in passages(turned, settings(passages=300), BOTH)} == {one.text for one in first}


def test_fewer_are_a_part_of_more(world: dict[str, Path]) -> None:
    """So a synthesis that grows asks nothing again."""
    few, many = ({one.id for one in passages(world, settings(passages=n), BOTH)} for n in (200, 500))
    assert few < many


def test_documents_of_no_direction_are_not_read(world: dict[str, Path], tmp_path: Path) -> None:
    only = passages({"de": world["de"], "en": tmp_path / "missing"}, settings(passages=50), [("de", "en")])
    assert {one.src for one in only} == {"de"} and len(only) == 50


def test_a_language_may_be_translated_into_several(world: dict[str, Path]) -> None:
    found = list(passages(world, settings(passages=60), [("de", "en"), ("de", "fr")]))
    assert Counter(one.tgt for one in found) == {"en": 30, "fr": 30}


def test_the_same_text_is_asked_once(tmp_path: Path) -> None:
    text = "Der Hund schläft heute lange."
    paths = write(
        tmp_path, {"de": [("a", text), ("b", text.upper().capitalize()), ("a", text), ("c", "Die Katze isst.")]}
    )
    chosen = passages(paths, settings(), [("de", "en")])
    assert sorted(one.text for one in chosen) == [text, "Die Katze isst."]
    assert len(chosen) == 2 and chosen.supply.total() == 2


def test_documents_without_a_sentence_give_nothing_and_say_why(tmp_path: Path) -> None:
    paths = write(tmp_path, {"de": [("a", "Eine Überschrift\n- ein Punkt"), ("a", "und dann ging er.")]})
    chosen = passages(paths, settings(), [("de", "en")])
    assert list(chosen) == [] and len(chosen) == 0
    assert chosen.left_out == {"no_end": 2, "no_beginning": 1}


def test_missing_documents_are_one_line(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no documents in 'fr'"):
        passages({}, settings(), [("fr", "de")])
    with pytest.raises(DataError, match="no such file"):
        passages({"de": tmp_path / "de.jsonl"}, settings(), [("de", "en")])


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Der Zug kommt gleich.", None),
        ("„Komm herein!“", None),
        ("(Das wusste niemand.)", None),
        ("2019 zog sie nach Bonn.", None),
        ("¿Dónde está la estación?", None),
        ("今日は雨です。", None),
        ("Kommt der Zug gleich", "no_end"),
        ("Wetter, Sport und mehr", "no_end"),
        ("Und dann kam er ...", "no_end"),
        ("Und dann kam er…", "no_end"),
        ("Im Angebot:", "no_end"),
        ("kam dann doch noch.", "no_beginning"),
        ("- Ein Punkt der Liste.", "no_beginning"),
        ("• Ein Punkt der Liste.", "no_beginning"),
        ("…und ging.", "no_beginning"),
        ("JETZT NEU IM ANGEBOT!", "no_prose"),
        ("12.05. 13:00 | 14:30 | 16:00.", "no_prose"),
        ("Ein " + "sehr " * 200 + "langer Satz.", "too_long"),
    ],
)
def test_fragments_and_headlines_are_no_sentences(sentence: str, reason: str | None) -> None:
    assert fault(sentence) == reason


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("„Ja“, sagte er (leise).", True),
        ('"Yes," he said.', True),
        ("“Yes,” he said.", True),
        ("»Ja«, sagte er. «Oui», dit-il.", True),
        ("Don't! It's Anna's.", True),
        ("„Ja, sagte er.", False),
        ('He said, "Yes.', False),
        ("Er kam (leise.", False),
        ("»Ja, sagte er.", False),
        ("“Yes, he said.", False),
    ],
)
def test_open_quotations_are_noticed(text: str, expected: bool) -> None:
    assert balanced(text) is expected


def lines(text: str) -> list[str]:
    return [text[start:end] for start, end in paragraphs(text)]


def test_a_line_is_a_paragraph_and_wrapped_lines_are_put_together() -> None:
    assert lines("Titel\nEin Satz. Noch einer.\n\n  Ein dritter. \n") == [
        "Titel",
        "Ein Satz. Noch einer.",
        "Ein dritter.",
    ]
    wrapped = "Der alte Mann ging\nlangsam durch den\nWald und sah sich\num. Dann kam er\nheim.\n\nAm Abend las er."
    assert [" ".join(line.split()) for line in lines(wrapped)] == [
        "Der alte Mann ging langsam durch den Wald und sah sich um. Dann kam er heim.",
        "Am Abend las er.",
    ]
    assert lines("") == lines(" \n\t\n") == []


def pieces(text: str, bounds: tuple[int, int] = (1, 7)) -> tuple[list[str], Counter[str]]:
    left_out: Counter[str] = Counter()
    return [" ".join(text[one.start : one.end].split()) for one in cut(text, "de", bounds, left_out)], left_out


def test_a_passage_does_not_reach_over_what_was_left_out_or_into_the_next_paragraph() -> None:
    text = "Eins kam an. Zwei kam an. und drei kam an\nVier kam an.\nSport und Wetter\nFünf kam an."
    found, left_out = pieces(text, (1, 2))
    assert all(any(one in line for line in text.split("\n")) for one in found)
    assert not any("drei" in one or "Sport" in one for one in found)
    assert left_out["no_end"] == 2 and set(left_out) <= set(REASONS)


def test_numbers_count_the_sentences_of_the_document() -> None:
    text = "Eins kam heute an. Und noch eins kam an. Titel ohne Ende\nZwei kam heute an.\nSport\nDrei kam heute an."
    found = list(cut(text, "de", (1, 1), Counter()))
    assert [one.number for one in found] == [0, 1, 3, 5]


@pytest.mark.parametrize("seed", range(30))
def test_any_text_is_cut_into_passages_in_their_order(seed: int) -> None:
    rng = random.Random(seed)
    parts = ["Der Hund bellt laut. ", "und weiter ", "\n", "\n\n", "„Ja!“ ", "Dr. Meier kam. ", "1. ", "... ", "(", " "]
    text = "".join(rng.choices(parts, k=60))
    found = list(cut(text, "de", (1, 5), Counter()))
    assert all(one.end <= other.start for one, other in pairwise(found))
    for one in found:
        words = text[one.start : one.end]
        assert words == words.strip() and 1 <= one.sentences <= 5 and balanced(words)


def test_shares_are_equal_as_far_as_the_supply_allows() -> None:
    assert level_shares([2, 9, 9], 15) == [2, 6, 7] or level_shares([2, 9, 9], 15) == [2, 7, 6]
    assert level_shares([5, 5], 100) == [5, 5]
    assert level_shares([0, 3], 2) == [0, 2]
    assert level_shares([], 5) == []
    rng = random.Random(2)
    for _ in range(200):
        supply = [rng.randrange(30) for _ in range(rng.randrange(1, 6))]
        total = rng.randrange(120)
        parts = level_shares(supply, total)
        assert sum(parts) == min(total, sum(supply)) and all(p <= s for p, s in zip(parts, supply, strict=True))
        free = [part for part, there in zip(parts, supply, strict=True) if part < there]
        assert not free or max(parts) - min(free) <= 1


def test_without_a_limit_all_are_asked(world: dict[str, Path]) -> None:
    chosen: Chosen = passages(world, settings(), BOTH)
    assert chosen.asked == chosen.supply and len(chosen) == chosen.supply.total()
    assert shares(chosen.supply, 10**9) == chosen.supply
