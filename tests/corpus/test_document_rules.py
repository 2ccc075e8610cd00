"""Each document rule drops what it is there for, names itself, and lets its near miss pass."""

from __future__ import annotations

import pytest

from curation_world import DEFAULT, judge, lists_of
from dragoman.corpus import rules
from dragoman.corpus.block import Block
from dragoman.corpus.lid import known_languages
from dragoman.corpus.measures import Measures
from dragoman.corpus.reference import Measured
from dragoman.recipe.corpus import CurateSettings

PROSE = (
    "Am Morgen ging die Nachbarin mit ihrem Hund durch den Park und traf dort einen alten Freund aus der Schule. "
    "Sie sprachen lange über die Jahre, die seitdem vergangen waren, und tranken danach zusammen einen Kaffee."
)
ENGLISH = (
    "In the morning our neighbour walked her dog through the park and met an old friend from school there. "
    "They talked for a long time about the years that had passed, and had a cup of coffee together."
)

DROPPED = [
    ("too_short", "Guten Morgen, liebe Leser!"),
    ("too_short", "Donaudampfschifffahrtsgesellschaft " * 5),  # enough characters, too few words
    ("too_long", "Wort " * 40_001),
    ("too_long", ("x" * 10_000 + " ") * 20),
    ("boilerplate_head", "Diese Website verwendet Cookies. " + PROSE),
    ("boilerplate_head", "Skip to content " + PROSE),
    ("boilerplate_head", "<!DOCTYPE html> " + PROSE),
    ("blocked_pattern", PROSE + " Lorem ipsum dolor sit amet."),
    ("blocked_pattern", PROSE + " $(document).ready(function(){ go(); });"),
    ("blocked_pattern", PROSE + "\nTraceback (most recent call last):"),
    ("blocked_pattern", PROSE + " SELECT name FROM users WHERE id = 3"),
    ("digit_share", "Tabelle der Saison " + " ".join(f"{i} Dorf {i + 11} {i + 3} {i + 40}" for i in range(30))),
    ("letter_share", PROSE[:80] + " . . . , , , ; ; ; ( ( ) ) ! ! ? ? - - -" * 4),
    (
        "symbol_share",
        "#Meer #Sonne #Strand #Liebe #Freude #Sommer #Eis #Boot #Wind #Sand #Wasser #Kind #Reise #Insel #Wolke",
    ),
    ("uppercase_share", PROSE.upper()),
    ("type_token_ratio", "Wir singen und tanzen, wir tanzen und singen, und dann singen wir wieder. " * 8),
    (
        "word_length",
        "Wi r ha be n he ut e ei ne n sc hö ne n Ta g am Se e ve rb ra ch t un d vi el Ku ch en ge ge ss en " * 2,
    ),
    (
        "word_length",
        "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz Wohnungsbauförderungsgesetzentwurf " * 8,
    ),
    ("wrong_language", ENGLISH),
]

KEPT = [
    PROSE,
    PROSE + "\n\n" + PROSE.replace("Nachbarin", "Lehrerin"),
    PROSE + " Später sprach man über Cookies und JavaScript, und ob Seiten sie brauchen.",
    # a phrase past the head is what an article is about, not what the page says
    PROSE + " " + PROSE.replace("Park", "Wald") + " Auf jeder Seite steht: Diese Website verwendet Cookies.",
    PROSE + " Die Nummer ist 030 123456, das Treffen am 24.12.2025 um 18:30 Uhr.",
    PROSE + " Sie kauften 3 kg Äpfel für 4,50 € & zahlten mit 10 % Rabatt.",
]


@pytest.mark.parametrize(("reason", "text"), DROPPED, ids=[f"{r}-{i}" for i, (r, _) in enumerate(DROPPED)])
def test_a_planted_document_is_dropped_for_its_reason(reason: str, text: str) -> None:
    assert judge([text], CurateSettings(), "de") == [reason]


@pytest.mark.parametrize("text", KEPT)
def test_prose_is_kept(text: str) -> None:
    assert judge([text], CurateSettings(), "de") == [None]


def test_the_first_rule_in_the_documented_order_names_the_reason() -> None:
    both = "Diese Website verwendet Cookies. Lorem ipsum dolor sit amet. " + PROSE.upper()
    assert judge([both, both[33:]], CurateSettings(), "de") == ["boilerplate_head", "blocked_pattern"]


def test_verdicts_do_not_depend_on_the_batch() -> None:
    texts = [text for _, text in DROPPED] + KEPT
    alone = [judge([text], CurateSettings(), "de")[0] for text in texts]
    assert judge(texts, CurateSettings(), "de") == alone


def test_a_short_document_is_not_held_to_its_language() -> None:
    settings = CurateSettings(language_min_chars=len(ENGLISH) + 1)
    assert judge([ENGLISH], settings, "de") == [None]


def test_no_language_means_no_check() -> None:
    assert "tlh" not in known_languages()
    assert judge([ENGLISH], CurateSettings(), None) == [None]


@pytest.mark.parametrize(
    ("option", "text", "reason"),
    [
        ({"boilerplate_phrases": ("Treffen Der Woche",)}, "Treffen der Woche: " + PROSE, "boilerplate_head"),
        ({"blocked_patterns": (r"alten\s+freund",)}, PROSE, "blocked_pattern"),
        ({"min_words": 60}, PROSE, "too_short"),
        ({"max_words": 10, "min_words": 1}, PROSE, "too_long"),
        ({"max_mean_word_length": 4.0}, PROSE, "word_length"),
        ({"min_type_token_ratio": 1.0, "type_token_min_words": 10}, PROSE, "type_token_ratio"),
        ({"language_threshold": 1.0, "max_uppercase_share": 1.0}, PROSE + " And in English too.", "wrong_language"),
    ],
)
def test_an_option_of_the_recipe_takes_effect(option: dict[str, object], text: str, reason: str) -> None:
    assert judge([text], CurateSettings.model_validate(option), "de") == [reason]


def test_the_ratio_of_a_long_honest_text_is_judged_over_its_first_words_only() -> None:
    # every natural text falls below the ratio when it is long enough; only its first 300 words count
    words = [f"wort{i}" for i in range(200)]
    text = " ".join(words + words[:50] * 40)
    for settings, objects in ((DEFAULT, False), (CurateSettings(type_token_words=5000), True)):
        lists = lists_of(settings)
        assert rules.type_token_ratio(Measured(text, settings, lists), settings) is objects
        assert rules.type_token_ratio(Measures(Block([text]), settings, lists), settings).tolist() == [objects]


def test_every_visible_character_is_counted_once() -> None:
    text = "Äb 1²\n→ (x)"
    one = Measured(text, DEFAULT, lists_of(DEFAULT))
    assert (one.visible, one.letters, one.capitals, one.digits, one.symbols) == (8, 3, 1, 2, 1)
    many = Measures(Block(["", text, text]), DEFAULT, lists_of(DEFAULT))
    found = zip(many.visible, many.letters, many.capitals, many.digits, many.symbols, strict=True)
    assert list(found) == [(0, 0, 0, 0, 0), (8, 3, 1, 2, 1), (8, 3, 1, 2, 1)]
