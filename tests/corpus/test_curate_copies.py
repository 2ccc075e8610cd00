"""What only all documents together can tell: copies, shared lines, and thresholds that differ between languages."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from curation_world import dropped, write_rows
from dragoman import embedded
from dragoman.corpus.curate import curate
from dragoman.errors import DataError
from dragoman.io import read_jsonl
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

LOG = RunLog(quiet=True)
GOOD = embedded.good_documents("de")
LONG = " ".join(GOOD[:6])  # enough words that one more sentence leaves it a near copy
NOTICE = "Dieser Beitrag wurde zuerst im Tageblatt der Kreisstadt veröffentlicht."


def run(
    root: Path, sources: dict[str, list[str]], language: str = "de", **options: Any
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Result and (source, text) rows of some sources of one language."""
    mono = []
    for name, texts in sources.items():
        write_rows(root / f"{name}.jsonl", texts)
        mono.append(MonoSource(name=name, language=language, path=f"{name}.jsonl"))
    settings = CurateSettings.model_validate({"workers": 1, **options})
    result = curate(settings, DataSettings(root=str(root), mono=tuple(mono)), root / "out", LOG)
    return result, [(row["source"], row["text"]) for row in read_jsonl(root / "out" / f"documents.{language}.jsonl")]


def test_of_equal_documents_the_one_of_the_first_source_stays(tmp_path: Path) -> None:
    other = GOOD[0][0].lower() + GOOD[0][1:40].upper() + GOOD[0][40:]
    assert len(other) == len(GOOD[0])
    texts = {"a": [GOOD[0]], "b": [GOOD[0].replace(" ", "\n", 3), GOOD[1], other]}
    result, rows = run(tmp_path, texts, duplicates="exact")
    assert sorted(rows) == [("a", GOOD[0]), ("b", GOOD[1])]
    assert dropped(result, "b") == {"duplicate": 2} and dropped(result, "a") == {}


def test_of_near_copies_in_one_source_the_longer_stays_and_of_two_sources_the_first(tmp_path: Path) -> None:
    longer = LONG + " " + "Das war alles, was es dazu zu sagen gab."
    result, rows = run(tmp_path, {"a": [LONG, longer]})
    assert rows == [("a", longer)] and dropped(result, "a") == {"near_duplicate": 1}
    result, rows = run(tmp_path, {"b": [LONG], "c": [longer]})
    assert rows == [("b", LONG)] and dropped(result, "c") == {"near_duplicate": 1}


@pytest.mark.parametrize(("duplicates", "left"), [("none", 4), ("exact", 3), ("near", 2)])
def test_which_copies_are_dropped_is_an_option(duplicates: str, left: int, tmp_path: Path) -> None:
    near = LONG + " Das war alles, was es dazu zu sagen gab."
    _, rows = run(tmp_path, {"a": [LONG, LONG, near, GOOD[100]]}, duplicates=duplicates, repeated_line_documents=None)
    assert len(rows) == left


def pages(first: int, count: int, line: str = NOTICE) -> list[str]:
    return [f"{GOOD[first + 2 * i]}\n{line}\n{GOOD[first + 2 * i + 1]}" for i in range(count)]


def without(page: str) -> str:
    return "\n".join(line for line in page.split("\n") if line != NOTICE)


def test_a_line_of_many_documents_stays_in_the_first_source_in_its_longest_document(tmp_path: Path) -> None:
    first, second = pages(0, 3), pages(20, 4)
    result, rows = run(tmp_path, {"a": first, "b": second}, repeated_line_documents=7)
    holder = max(first, key=len)
    assert {text for source, text in rows if source == "a"} == {
        page if page == holder else without(page) for page in first
    }
    assert {text for source, text in rows if source == "b"} == set(map(without, second))
    cut = result["funnel"]["total"]["cut"]["repeated_line"]
    assert cut == {"documents": 6, "chars": 6 * (len(NOTICE) + 1), "tokens": 6 * len(NOTICE.split())}
    assert result["funnel"]["total"]["chars_kept"] == sum(len(text) for _, text in rows)
    assert result["funnel"]["total"]["tokens_kept"] == sum(len(text.split()) for _, text in rows)
    (shown,) = [row for row in read_jsonl(tmp_path / "out" / "samples.jsonl") if row.get("cut")][:1]
    assert shown["text"] == NOTICE and shown["reason"] == "repeated_line"


@pytest.mark.parametrize(("documents", "cut"), [(7, True), (8, False), (None, False)])
def test_a_line_of_too_few_documents_stays_everywhere(documents: int | None, cut: bool, tmp_path: Path) -> None:
    _, rows = run(tmp_path, {"a": pages(0, 7)}, repeated_line_documents=documents)
    assert sum(NOTICE in text for _, text in rows) == (1 if cut else 7)


def test_short_lines_and_documents_of_one_line_are_not_compared(tmp_path: Path) -> None:
    short = "Vielen Dank fürs Lesen!"
    texts = pages(0, 6, short) + [NOTICE + " " + text for text in GOOD[40:46]]
    _, rows = run(tmp_path, {"a": texts})
    assert sorted(text for _, text in rows) == sorted(texts)


def test_a_line_that_is_cut_between_paragraphs_leaves_one_blank_line(tmp_path: Path) -> None:
    texts = [page.replace("\n", "\n\n") for page in pages(0, 6)]
    _, rows = run(tmp_path, {"a": texts})
    assert sum(NOTICE in text for _, text in rows) == 1
    assert not any("\n\n\n" in text for _, text in rows)


def test_a_line_that_stands_twice_in_a_document_goes_twice_and_counts_as_one(tmp_path: Path) -> None:
    texts = [f"{NOTICE}\n{page}" for page in pages(0, 5)]
    _, rows = run(tmp_path, {"a": texts}, max_duplicate_lines=1.0, max_duplicate_line_chars=1.0)
    assert sorted(text.count(NOTICE) for _, text in rows) == [0, 0, 0, 0, 2]
    _, rows = run(tmp_path, {"b": texts[:4]}, max_duplicate_lines=1.0, max_duplicate_line_chars=1.0)
    assert [text.count(NOTICE) for _, text in rows] == [2] * 4


def test_a_document_that_is_little_without_its_repeated_lines_falls_for_a_rule(tmp_path: Path) -> None:
    line = "Alle Angaben auf dieser Seite sind ohne Gewähr, und der Rechtsweg ist ausgeschlossen, wie immer."
    little = [f"{line}\nStand: Tag {word}." for word in ("eins", "zwei", "drei", "vier", "fünf", "sechs")]
    result, rows = run(tmp_path, {"a": [*little, GOOD[0]]}, duplicates="exact")
    assert len(rows) == 2 and dropped(result, "a") == {"too_short": 5}
    assert result["funnel"]["total"]["cut"]["repeated_line"]["documents"] == 5


def test_a_document_that_is_a_copy_holds_no_line_for_others(tmp_path: Path) -> None:
    """Dropped documents neither count for a line nor are they the one that keeps it."""
    texts = pages(0, 4)
    _, rows = run(tmp_path, {"a": texts, "b": texts})
    assert sum(NOTICE in text for _, text in rows) == 4


def test_languages_do_not_share_copies_or_lines(tmp_path: Path) -> None:
    for code in ("de", "en"):
        write_rows(tmp_path / f"{code}.jsonl", embedded.good_documents(code)[:20])
    names = (("one", "de"), ("two", "en"), ("three", "de"))
    mono = tuple(MonoSource(name=name, language=code, path=f"{code}.jsonl") for name, code in names)
    result = curate(CurateSettings(workers=1), DataSettings(root=str(tmp_path), mono=mono), tmp_path / "out", LOG)
    assert result["documents"] == {"de": 20, "en": 20} and dropped(result, "three") == {"duplicate": 20}


@pytest.mark.parametrize(
    "options",
    [
        {"duplicates": "near"},
        {"duplicates": "none"},
        {"repeated_line_documents": 3},
        {"repeated_line_documents": None},
        {"repeated_line_min_chars": 20},
        {"repeated_line_min_chars": 200},
        {"min_chars": 400},
        {"budget_chars": 2000},
        {"page_lines": 2},
        {"mask": ["email"]},
    ],
    ids=str,
)
def test_every_threshold_can_differ_in_a_language(options: dict[str, Any], tmp_path: Path) -> None:
    """What is said for one language gives there what it gives for all, whatever holds for the others."""
    few = "Ein langer Satz, der nur auf vier von allen Seiten steht."
    texts = [*pages(0, 6), *pages(30, 6, "Ein Satz für zwei Dutzend Seiten."), *pages(50, 4, few)]
    texts += [
        LONG,
        LONG,
        LONG + " Ende gut.",
        "a@b.de " + GOOD[60],
        "\n".join(["Start", "Suche", "Kontakt", *GOOD[70:72]]),
    ]
    base = {"duplicates": "exact", "repeated_line_documents": 5}
    (tmp_path / "all").mkdir(), (tmp_path / "one").mkdir()
    expected, rows = run(tmp_path / "all", {"a": texts}, **{**base, **options})
    found, same = run(tmp_path / "one", {"a": texts}, **base, per_language={"de": options, "en": {"min_chars": 1}})
    assert (found, same) == (expected, rows)
    _, plain = run(tmp_path, {"a": texts}, **base)
    assert plain != rows


def test_a_language_may_be_left_empty_where_that_is_asked_for(tmp_path: Path) -> None:
    for code in ("de", "en"):
        write_rows(tmp_path / f"{code}.jsonl", embedded.good_documents(code)[:20])
    mono = tuple(MonoSource(name=code, language=code, path=f"{code}.jsonl") for code in ("de", "en"))
    data, settings = (
        DataSettings(root=str(tmp_path), mono=mono),
        CurateSettings(workers=1, per_language={"en": {"min_chars": 9999}}),
    )
    with pytest.raises(DataError, match="no 'en' document survived"):
        curate(settings, data, tmp_path / "a", LOG)
    assert curate(settings, data, tmp_path / "b", LOG, all_languages=False)["documents"] == {"de": 20, "en": 0}
    assert (tmp_path / "b" / "documents.en.jsonl").read_bytes() == b""


@pytest.mark.parametrize("seed", range(4))
def test_random_sources_balance(seed: int, tmp_path: Path) -> None:
    """Copies, shared lines, rules and a budget at once: the account adds up and says what was written."""
    rng = random.Random(seed)
    lines = [*GOOD[:25], NOTICE, "Kurz.", "Startseite", ""]
    texts = ["\n".join(rng.choices(lines, k=rng.randint(0, 14))) for _ in range(120)]
    budget = rng.choice((None, 9000))
    halves = {"a": texts[:50], "b": texts[50:]}
    result, rows = run(
        tmp_path,
        halves,
        repeated_line_documents=rng.choice((2, 4)),
        budget_chars=budget,
        min_chars=rng.choice((0, 100)),
    )
    total = result["funnel"]["total"]
    lost = sum(total["chars_dropped"].values()) + sum(cut["chars"] for cut in total["cut"].values())
    assert total["kept"] + sum(total["dropped"].values()) == total["read"] == 120
    assert total["chars_kept"] == sum(len(text) for _, text in rows) == total["chars_read"] - lost
    assert total["tokens_kept"] == sum(len(text.split()) for _, text in rows)
