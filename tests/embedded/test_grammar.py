"""The grammar must be deterministic, varied and - above all - right about German endings."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from dragoman.embedded.grammar import generate
from dragoman.embedded.grammar.adjectives import adjective, comparative, superlative
from dragoman.embedded.grammar.conjugation import finite, imperative, present
from dragoman.embedded.grammar.english import article, ing, past, plural, possessive
from dragoman.embedded.grammar.english import comparative as english_comparative
from dragoman.embedded.grammar.lexicon import clock, number
from dragoman.embedded.grammar.model import ACC, DAT, GEN, NOM, Adjective, Noun
from dragoman.embedded.grammar.morphology import german_phrase, reflexive, with_preposition
from dragoman.embedded.grammar.nouns import NOUNS
from dragoman.embedded.grammar.patterns import LONGEST, PATTERNS, SHORTEST, draw
from dragoman.embedded.grammar.verbs import make_verb

ALT, KLEIN, KALT = adjective("alt", "old"), adjective("klein", "small"), adjective("kalt", "cold")
TEUER, DUNKEL = adjective("teuer", "expensive"), adjective("dunkel", "dark")


def noun(de: str, en: str = "") -> Noun:
    """The noun from the lexicon, by its German and, where that is ambiguous, its English."""
    return next(entry for entry in NOUNS if entry.de == de and en in ("", entry.en))


def test_generate_is_a_pure_function_of_n_and_seed() -> None:
    assert generate(200, 7) == generate(200, 7)
    assert generate(200, 7) != generate(200, 8)


def test_a_shorter_list_is_the_beginning_of_a_longer_one() -> None:
    assert generate(500, 3)[:123] == generate(123, 3)


def test_generate_gives_distinct_well_formed_pairs() -> None:
    pairs = generate(3000, 1)
    assert len(set(pairs)) == len({german for german, _ in pairs}) == 3000
    for pair in pairs:
        for text in pair:
            assert SHORTEST <= len(text.split()) <= LONGEST
            assert text[0] == text[0].upper() and text[-1] in ".?!"
            assert "  " not in text and "@" not in text and "·" not in text and "sich3" not in text


def test_generate_rejects_a_negative_number() -> None:
    with pytest.raises(ValueError, match="negative"):
        generate(-1, 0)


def test_no_pattern_dominates_and_lengths_vary() -> None:
    drawn = list(islice(draw(11), 4000))
    counts = Counter(name for name, _ in drawn)
    assert len(PATTERNS) >= 45 and len(counts) == len(PATTERNS)
    assert max(counts.values()) <= 0.05 * len(drawn)
    lengths = [len(german.split()) for _, (german, _) in drawn]
    assert 7 <= sum(lengths) / len(lengths) <= 9


@pytest.mark.parametrize(
    ("word", "kind", "case", "many", "adj", "expected"),
    [
        (noun("Mann", "man"), "def", DAT, False, ALT, "dem alten Mann"),
        (noun("Mann", "man"), "def", GEN, False, None, "des Mannes"),
        (noun("Regen"), "def", GEN, False, None, "des Regens"),
        (noun("Hund"), "ein", ACC, False, KLEIN, "einen kleinen Hund"),
        (noun("Hund"), "ein", NOM, False, KLEIN, "ein kleiner Hund"),
        (noun("Haus"), "ein", NOM, False, TEUER, "ein teures Haus"),
        (noun("Küche"), "def", NOM, False, DUNKEL, "die dunkle Küche"),
        (noun("Katze"), "mein", DAT, False, ALT, "meiner alten Katze"),
        (noun("Wasser"), "bare", NOM, False, KALT, "kaltes Wasser"),
        (noun("Bier"), "bare", DAT, False, KALT, "kaltem Bier"),
        (noun("Milch"), "bare", DAT, False, KALT, "kalter Milch"),
        (noun("Kollege"), "mein", ACC, False, None, "meinen Kollegen"),
        (noun("Student"), "def", GEN, False, None, "des Studenten"),
        (noun("Nachbar"), "euer", DAT, False, None, "eurem Nachbarn"),
        (noun("Kind"), "def", DAT, True, KLEIN, "den kleinen Kindern"),
        (noun("Auto"), "def", DAT, True, None, "den Autos"),
        (noun("Kirche"), "many", ACC, True, ALT, "viele alte Kirchen"),
        (noun("Kirche"), "def", GEN, True, ALT, "der alten Kirchen"),
        (noun("Freund"), "mein", GEN, False, None, "meines Freundes"),
        (noun("Sturm"), "def", GEN, False, None, "des Sturms"),
        (noun("Buch"), "this", NOM, False, ALT, "dieses alte Buch"),
        (noun("Zug"), "every", ACC, False, None, "jeden Zug"),
        (noun("Film"), "which", ACC, False, None, "welchen Film"),
        (noun("Idee"), "kein", NOM, False, None, "keine Idee"),
    ],
)
def test_noun_phrases(word: Noun, kind: str, case: int, many: bool, adj: Adjective | None, expected: str) -> None:
    assert german_phrase(word, kind, case, many, adj) == expected


@pytest.mark.parametrize(
    ("verb", "slot", "expected"),
    [
        ("fahren", 1, "fährst"),
        ("fahren", 4, "fahrt"),
        ("essen", 1, "isst"),
        ("lesen", 1, "liest"),
        ("nehmen", 2, "nimmt"),
        ("arbeiten", 2, "arbeitet"),
        ("öffnen", 1, "öffnest"),
        ("halten", 2, "hält"),
        ("ein·laden", 2, "lädt"),
        ("wissen", 0, "weiß"),
        ("streicheln", 0, "streichle"),
        ("sein", 4, "seid"),
        ("haben", 1, "hast"),
    ],
)
def test_present(verb: str, slot: int, expected: str) -> None:
    assert present(make_verb(verb), slot) == expected


@pytest.mark.parametrize(
    ("verb", "slot", "tense", "modal", "expected"),
    [
        ("essen", 2, "perfect", "", ("hat", ["gegessen"])),
        ("fahren", 2, "perfect", "", ("ist", ["gefahren"])),
        ("auf·stehen", 0, "perfect", "", ("bin", ["aufgestanden"])),
        ("besuchen", 3, "perfect", "", ("haben", ["besucht"])),
        ("reparieren", 1, "perfect", "", ("hast", ["repariert"])),
        ("an·rufen", 2, "present", "", ("ruft", ["an"])),
        ("gehen", 3, "preterite", "", ("gingen", [])),
        ("sein", 1, "preterite", "", ("warst", [])),
        ("kochen", 4, "preterite", "", ("kochtet", [])),
        ("kommen", 0, "modal_past", "können", ("konnte", ["kommen"])),
        ("kommen", 4, "modal", "müssen", ("müsst", ["kommen"])),
        ("helfen", 1, "would", "", ("würdest", ["helfen"])),
        ("gehen", 5, "pluperfect", "", ("waren", ["gegangen"])),
    ],
)
def test_finite(verb: str, slot: int, tense: str, modal: str, expected: tuple[str, list[str]]) -> None:
    assert finite(make_verb(verb), slot, tense, modal) == expected


def test_imperatives_and_infinitives() -> None:
    assert [imperative(make_verb("geben"), slot) for slot in (1, 4, 5)] == ["gib", "gebt", "geben Sie"]
    assert imperative(make_verb("fahren"), 1) == "fahr"
    assert imperative(make_verb("warten"), 1) == "warte"
    assert make_verb("ab·schließen").zu_infinitive == "abzuschließen"
    assert make_verb("öffnen").zu_infinitive == "zu öffnen"


def test_small_german_words() -> None:
    assert reflexive(0, DAT) == "mir" and reflexive(0) == "mich" and reflexive(5) == "sich"
    assert with_preposition("in", "dem Park") == "im Park"
    assert with_preposition("zu", "der Schule") == "zur Schule"
    assert with_preposition("auf", "dem Tisch") == "auf dem Tisch"
    assert (comparative("alt"), superlative("alt"), comparative("teuer")) == ("älter", "ältest", "teurer")
    assert number(21) == ("einundzwanzig", "twenty-one")
    assert clock(7, 2) == ("halb acht", "half past seven")
    assert clock(12, 3) == ("Viertel vor eins", "a quarter to one")


def test_english_forms() -> None:
    assert [article(word) for word in ("apple", "hour", "university", "umbrella", "dog")] == [
        "an",
        "an",
        "a",
        "an",
        "a",
    ]
    assert (past("go"), past("stop"), past("try"), ing("lie"), ing("run")) == (
        "went",
        "stopped",
        "tried",
        "lying",
        "running",
    )
    assert (plural("city"), plural("bus"), english_comparative("big")) == ("cities", "buses", "bigger")
    assert (possessive("the waitress"), possessive("my parents", True)) == ("the waitress's", "my parents'")
