"""Each pair rule drops what it is there for, names itself, and lets its near miss pass."""

from __future__ import annotations

import pytest

from dragoman.corpus.pair_rules import REASONS, RULES, Earlier, judge_pairs, near_key
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
    ("copied", LONG_DE, LONG_DE[:-1] + "!"),
    ("copied", LONG_EN + "!", LONG_EN),
    (
        "copied",
        "Wait for the response of the guest. (Auf die Antwort des Gastes warten.)",
        "Wait for the response of the guest.",
    ),
    ("copied", "Wir warten auf die Antwort des Gastes.", "We wait for it (wir warten auf die Antwort des Gastes)."),
    (None, "Windows Installer 5.0 auf Windows Server 2012 R2", "Windows Installer 5.0 on Windows Server 2012 R2"),
    (None, "Der Film heißt „The show must go on“.", 'The film is called "The show must go on".'),
    (None, "k a t r i n", "k a t r i n."),
    ("urls_differ", "Siehe www.example.org.", "See there."),
    ("placeholders_differ", "Öffne {0}.", "Open {1}."),
    ("numbers_differ", "Es sind 40 Leute.", "There are 14 people."),
    (None, "Siehe www.example.org/de, Seite 2, {0}.", "See www.example.org/en, page two, {0}."),
    ("wrong_language", "Il a plu hier, et la rue est encore toute mouillée ce matin.", LONG_EN),
    ("wrong_language", LONG_FR, LONG_EN),
    ("wrong_language", LONG_DE, "Jeden Morgen öffnet die Großmutter das Fenster und grüßt den Bäcker gegenüber."),
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
    settings = PairsSettings(max_copied_words=1)
    assert judge_pairs([(LONG_FR, LONG_FR + "!")], settings, ("tlh", "en"), {"en"}) == ["wrong_language"]


def test_options_take_effect() -> None:
    def one(src: str, tgt: str, **options: object) -> str | None:
        settings = PairsSettings.model_validate(options)
        return judge_pairs([(src, tgt)], settings, ("de", "en"), {"de", "en"})[0]

    assert one("Berlin", "Berlin", identical_max_words=0) == "identical"
    assert one("Danke.", "Thank you very much.", length_slack=5) == "length_ratio"
    assert one(LONG_FR, LONG_EN, language_min_chars=500) is None
    assert one("kurz", "short", max_chars=4) == "too_long"
    assert one(LONG_DE, LONG_DE + "!", max_copied_words=1, language_min_chars=500) is None
    assert one("Siehe www.example.org.", "See there.", urls_agree=False) is None
    assert one("Öffne {0}.", "Open it.", placeholders_agree=False, numbers_agree=False) is None
    assert one("Es sind 40 Leute.", "There are 14 people.", numbers_agree=False) is None


def test_every_verdict_is_a_known_reason() -> None:
    assert {reason for reason, _, _ in TABLE if reason} | {rule.__name__ for rule in RULES} <= set(REASONS)
    assert len(set(REASONS)) == len(REASONS)


LIKE = [
    (("Version 1.2", "Version 1.2"), ("Version 1.3", "Version 1.3")),
    (("Bild 7 von 12", "Image 7 of 12"), ("Bild 8 von 9", "Image 8 of 9")),
    (("Ja, richtig", "Yes, correct."), ("ja richtig.", "Yes: correct")),
    (("Es ist 801-714-3310.", "It is 801-714-3310."), ("Es ist 12 99.", "It is 12 99")),
    (("„Straße“", "street"), ("STRASSE", "Street!")),
]
UNLIKE = [
    (("Um 16:00 Uhr", "At 4:00 p.m."), ("Um 22:00 Uhr", "At 10:00 p.m.")),  # the translation changes the number
    (("Kapitel 2", "Chapter two"), ("Kapitel 3", "Chapter three")),
    (("Windows", "Windows"), ("Windows 7", "Windows 7")),
    (("Er geht.", "He walks."), ("Er geht.", "He goes.")),
    (("Er geht.", "He walks."), ("Sie geht.", "He walks.")),
    (("ab", "c"), ("a", "bc")),
]


@pytest.mark.parametrize(("first", "second"), LIKE)
def test_pairs_that_differ_in_numbers_and_marks_only_are_alike(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert near_key(*first) == near_key(*second) is not None
    assert Earlier(near=True).judge([first, second]) == [None, "near_duplicate"]
    assert Earlier(near=False).judge([first, second]) == [None, None]


@pytest.mark.parametrize(("first", "second"), UNLIKE)
def test_pairs_that_teach_two_things_are_not_alike(first: tuple[str, str], second: tuple[str, str]) -> None:
    assert near_key(*first) != near_key(*second)


def test_pairs_without_letters_are_like_no_other() -> None:
    pairs = [("1", "1"), ("2", "2"), ("?", "?"), ("!", "!"), ("3,5", "3.5")]
    assert Earlier(near=True).judge(pairs) == [None] * 5


def test_the_first_of_its_kind_stays_in_any_batch() -> None:
    pairs = [("Bild 1", "Image 1"), ("bild  1", "image 1"), ("Bild 2", "Image 2"), ("Bild 2", "Image 2"), ("x", "y")]
    expected = [None, "duplicate", "near_duplicate", "duplicate", None]
    assert Earlier(near=True).judge(pairs) == expected
    earlier = Earlier(near=True)
    assert [earlier.judge([pair])[0] for pair in pairs] == expected
