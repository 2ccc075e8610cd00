"""Every rule drops the documents it is there for, and keeps those that only look like them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from corpus.planted_documents import COPIES, CUT, PLANTED
from curation_world import DEFAULT, cleaner, dropped, write_rows
from dragoman.corpus.clean import CUTS
from dragoman.corpus.curate import curate
from dragoman.corpus.reference import Measured
from dragoman.corpus.rules import REASONS, RULES
from dragoman.recipe.corpus import CurateSettings
from dragoman.recipe.data import DataSettings, MonoSource
from dragoman.runlog import RunLog

LANGUAGES = ("de", "en")


def params(table: Mapping[str, Mapping[str, Iterable[tuple[str, ...]]]]) -> list[Any]:
    return [
        pytest.param(language, reason, *row[1:], id=f"{language}-{reason}-{row[0]}")
        for language in LANGUAGES
        for reason, rows in table[language].items()
        for row in rows
    ]


SETTINGS = {"duplicate_paragraph_chars": CurateSettings(page_lines=None)}  # a page has no paragraphs any more
# Rules that cannot but fall with this one; of the runs of words the longer ones fall with the shorter.
WITH: dict[str, set[str]] = {
    "too_short": {"word_length"},
    "too_long": {"type_token_ratio", "word_length"},
    "duplicate_line_chars": {"duplicate_lines"},
}


@pytest.mark.parametrize(("language", "reason", "document", "twin"), params(PLANTED))
def test_a_planted_document_falls_for_its_reason_and_its_twin_stays(
    language: str, reason: str, document: str, twin: str
) -> None:
    settings = SETTINGS.get(reason, DEFAULT)
    rules = cleaner(language, settings)
    cleaned = rules.clean([document, twin])
    doc = Measured(cleaned.texts[0], settings, rules.lists)
    objections = [name for name, rule in RULES.items() if rule(doc, settings)]
    assert cleaned.reasons == [reason, None], objections
    assert document not in (twin, "") and objections[:1] in ([reason], [])
    others = {name for name in objections if not name.endswith("gram")} - {reason} - WITH.get(reason, set())
    assert not others, others


@pytest.mark.parametrize(("language", "cut", "document", "left", "twin"), params(CUT))
def test_what_is_no_text_is_cut_out_and_its_twin_stays_whole(
    language: str, cut: str, document: str, left: str, twin: str
) -> None:
    settings = CurateSettings(mask=("email", "phone", "iban"), max_symbol_share=1.0)
    cleaned = cleaner(language, settings).clean([document, twin])
    assert cleaned.texts == [left, twin] and cleaned.reasons[0] is None
    assert set(cleaned.cuts) == {cut}
    chars, tokens = cleaned.cuts[cut]
    assert chars.tolist() == [len(document) - len(left), 0]
    assert tokens.tolist() == [len(document.split()) - len(left.split()) if cut != "repair" else 0, 0]


@pytest.mark.parametrize(("language", "reason", "first", "copy", "twin"), params(COPIES))
def test_a_copy_is_dropped_and_a_like_document_stays(
    language: str, reason: str, first: str, copy: str, twin: str, tmp_path: Path
) -> None:
    write_rows(tmp_path / "a.jsonl", [first])
    write_rows(tmp_path / "b.jsonl", [copy, twin])
    mono = tuple(MonoSource(name=name, language=language, path=f"{name}.jsonl") for name in "ab")
    result = curate(DEFAULT, DataSettings(root=str(tmp_path), mono=mono), tmp_path / "out", RunLog(quiet=True))
    assert dropped(result, "b", language) == {reason: 1} and dropped(result, "a", language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_every_cut_has_four_planted_documents(language: str) -> None:
    assert {*PLANTED[language], *COPIES[language], "over_budget"} == set(REASONS)
    assert set(CUT[language]) == set(CUTS)
    for table in (PLANTED, COPIES, CUT):
        assert all(len(rows) >= 4 for rows in table[language].values())
