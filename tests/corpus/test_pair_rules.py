"""Each pair rule drops what it is there for, names itself, and lets its near miss pass."""

from __future__ import annotations

import pytest

from dragoman.corpus.pair_rules import judge_pairs
from dragoman.recipe.corpus import PairsSettings

LONG_DE = "Am Morgen ging die Nachbarin mit ihrem Hund durch den Park und traf einen Freund."
LONG_EN = "In the morning our neighbour walked her dog through the park and met a friend."
LONG_FR = "Chaque matin, ma grand-mère ouvre les volets de la cuisine et salue le boulanger."

TABLE = [
    ("empty", "", "Yes."),
    ("empty", "Ja.", " \t"),
    ("too_long", "a " * 501, "b " * 400),
    (None, "a" * 999, "b" * 1000),
    ("identical", "The quick brown fox jumps", "The quick brown fox jumps"),
    (None, "Windows 11 Pro", "Windows 11 Pro"),
    (None, "Windows 11, Version 22", "Windows 11, version 22"),
    (None, "1 2 3 4 5 6 : 7 8", "1 2 3 4 5 6 : 7 8"),
    ("length_ratio", "Ja.", "Yes, of course, and the day after tomorrow we will come."),
    ("length_ratio", "Ja, natürlich, und übermorgen kommen wir auch.", "Yes."),
    (None, "Danke.", "Thank you very much."),
    (None, "Er sah aus dem Fenster.", "He looked out of the window, and the sun shone."),
    ("wrong_language", LONG_DE, LONG_DE[:-1] + "!"),
    ("wrong_language", LONG_EN + "!", LONG_EN),
    ("wrong_language", LONG_FR, LONG_EN),
    ("wrong_language", LONG_DE, LONG_FR),
    (None, "Bonjour madame!", "Good day, madam!"),
    (None, LONG_DE, LONG_EN),
]


@pytest.mark.parametrize(("reason", "src", "tgt"), TABLE)
def test_a_pair_gets_its_verdict(reason: str | None, src: str, tgt: str) -> None:
    assert judge_pairs([(src, tgt)], PairsSettings(), ("de", "en"), {"de", "en"}) == [reason]


def test_verdicts_do_not_depend_on_the_batch() -> None:
    pairs = [(src, tgt) for _, src, tgt in TABLE]
    assert judge_pairs(pairs, PairsSettings(), ("de", "en"), {"de", "en"}) == [reason for reason, _, _ in TABLE]


def test_an_unchecked_language_is_not_identified() -> None:
    assert judge_pairs([(LONG_FR, LONG_EN)], PairsSettings(), ("tlh", "en"), {"en"}) == [None]
    assert judge_pairs([(LONG_FR, LONG_FR + "!")], PairsSettings(), ("tlh", "en"), {"en"}) == ["wrong_language"]


def test_options_take_effect() -> None:
    def one(src: str, tgt: str, **options: object) -> str | None:
        settings = PairsSettings.model_validate(options)
        return judge_pairs([(src, tgt)], settings, ("de", "en"), {"de", "en"})[0]

    assert one("Berlin", "Berlin", identical_max_words=0) == "identical"
    assert one("Danke.", "Thank you very much.", length_slack=5) == "length_ratio"
    assert one(LONG_FR, LONG_EN, language_min_chars=500) is None
    assert one("kurz", "short", max_chars=4) == "too_long"
