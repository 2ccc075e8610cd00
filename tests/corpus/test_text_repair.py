"""Repair undoes damage and nothing else."""

from __future__ import annotations

import random
import unicodedata

import pytest

from dragoman.corpus.repair import repair, repair_all

REPAIRED = [
    ("mojibake, utf-8 as windows-1252", "Die schÃ¶nen StraÃŸen", "Die schönen Straßen"),
    ("mojibake of quotes", "Itâ€™s here", "It’s here"),
    ("mojibake of a pound sign", "Entry is Â£2", "Entry is £2"),
    ("decomposed letters", unicodedata.normalize("NFD", "schön café"), "schön café"),
    ("soft hyphen and zero-width space", "Wort\u00adtrennung und\u200b so", "Worttrennung und so"),
    ("byte-order mark and directions", "\ufeffHallo\u200e \u202aWelt\u202c", "Hallo Welt"),
    ("control characters", "Hallo\x07 Welt\x00", "Hallo Welt"),
    ("joiner between Latin letters", "Auf\u200clage", "Auflage"),
    ("spaces of every kind", "z.\u202fB.\u00a0 so\t\tetwas\u3000", "z. B. so etwas"),
    ("line ends of every kind", "a\r\nb\rc\u2028d\x0ce", "a\nb\nc\nd\ne"),
    ("blank lines", " a \n\n\n\n b \n", "a\n\nb"),
]

UNCHANGED = [
    "“Quotes” stay „so“ und »so«, 'these' and \"those\" too.",
    "Ligatures ﬁ, wide ＡＢＣ, dashes – — ‑, an ellipsis …",
    "Ligne avec « guillemets », Ärger, ÄÖÜ, Ãlvares, Âme, São Tomé, Ñandú",
    "&amp; and <b>tags</b> are what was written",
    "👩‍👩‍👧 bleiben eine Familie; می‌خواهم stays one word",
    "Zeile eins\n\nAbsatz zwei\nZeile drei",
    "",
]


@pytest.mark.parametrize(("what", "broken", "whole"), REPAIRED, ids=[row[0] for row in REPAIRED])
def test_damage_is_undone(what: str, broken: str, whole: str) -> None:
    assert repair(broken) == whole


@pytest.mark.parametrize("text", UNCHANGED)
def test_what_a_reader_calls_text_stays(text: str) -> None:
    assert repair(text) == text


def test_the_repair_of_damage_leaves_the_rest_of_the_text_alone() -> None:
    assert repair("Ã¼ber “ﬁnden” ‚ＡＢ‘ &amp; …") == "über “ﬁnden” ‚ＡＢ‘ &amp; …"


def test_a_batch_is_repaired_as_one_by_one() -> None:
    texts = [*(broken for _, broken, _ in REPAIRED), *UNCHANGED]
    assert repair_all(texts) == [*(whole for *_, whole in REPAIRED), *UNCHANGED]


def test_repairing_twice_changes_nothing_more() -> None:
    alphabet = "ab .\n\t\r\x0b\x85\xa0\xad\u200b\u200c\u200d\u2003\u2028\u3000\ufeffäé👩\x1c"
    rng = random.Random(1)
    for _ in range(3000):
        text = repair("".join(rng.choice(alphabet) for _ in range(rng.randint(0, 8))))
        assert repair(text) == text
