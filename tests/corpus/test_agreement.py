"""Numbers, addresses and placeholders: what both sides say passes however it is written, what one lacks does not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from dragoman import embedded
from dragoman.corpus import agreement
from dragoman.corpus.agreement import addresses, numbers_differ, placeholders, placeholders_differ, urls_differ
from dragoman.corpus.number_words import roman, spelled
from dragoman.io import read_parallel

DATA = Path(__file__).parents[3] / "shared/data"

SAME_NUMBERS = [
    ("Es kostet 1.000,5 Euro.", "It costs 1,000.5 euros."),
    ("Das sind 12 500 Leute.", "That is 12,500 people."),
    ("Der Preis ist 1,50 Euro.", "The price is 1.5 euros."),
    ("Am 3.4.2024 ging es los.", "It began on 4/3/2024."),
    ("Am 3.4.2024 ging es los.", "It began on April 3, 2024."),
    ("Am 03.04.2024 ging es los.", "It began on 2024-04-03."),
    ("Das 1. Kapitel", "The 1st chapter"),
    ("Das 3. Kapitel", "The third chapter"),
    ("Kapitel 4", "Chapter IV"),
    ("das ganze 20. Jahrhundert", "the whole XXth century"),
    ("Ludwig XIV. von Frankreich", "Louis 14 of France"),
    ("Wir treffen uns um 14:30 Uhr.", "We meet at 2:30 pm."),
    ("Wir treffen uns um 14.30 Uhr.", "We meet at 2:30 p.m."),
    ("Wir treffen uns um 18 Uhr.", "We meet at 6:00."),
    ("Wir treffen uns um halb sieben.", "We meet at 6:30."),
    ("Um 19:15 Uhr esse ich.", "I eat at a quarter past seven."),
    ("Zwei Hunde", "2 dogs"),
    ("Beide kamen um 7.", "The 2 came at seven."),
    ("Er ist zweiundzwanzig.", "He is 22."),
    ("Jene Häuser sind fünfhundert Jahre alt.", "Those houses are 500 years old."),
    ("5 Millionen Menschen", "5,000,000 people"),
    ("300.000 bis 450.000 Kronen", "300 to 450 thousand crowns"),
    ("1,5 Milliarden", "1500 million"),
    ("3 Mio. Euro", "3,000,000 euros"),
    ("Der Monitor misst 61 cm.", 'It is a 24" monitor.'),
    ("die späten Sechziger", "the late 1960s"),
    ("im 19. Jahrhundert", "in the 1800s"),
    ("1984", "nineteen eighty-four"),
    ("Er ist 1,83 m groß.", "He is six feet tall."),
    ("Das Programm spielt alles.", "MP3Gain and ext4 play everything, see mount(8)."),
    ("Die Nummer ist 867-3549.", "The number is 867 35 49."),
    ("10 % der Leute", "10% of the people"),
    ("Es ist vollständig in Java geschrieben.", "It is 100% Java."),
    ("Schwarz &#38; Weiß", "black and white"),
]  # fmt: skip
OTHER_NUMBERS = [
    ("Es sind 40 Leute.", "There are 14 people."),
    ("Kapitel 13 und 14", "Chapters 12 and 14"),
    ("Seit 1878 lebt er hier.", "He has lived here since 1978."),
    ("Er kam 2011.", "He came during the year."),
    ("Er kam in dem Jahr.", "He came in 2011."),
    ("Version 7 ist da.", "Version 8 is here."),
    ("Sie fuhren 150 km weit.", "They drove 180 km."),
    ("1.000,5", "1,000.6"),
    ("66 Prozent glauben es.", "68 percent believe it."),
    ("250 Gramm Milch", "350 grams of milk"),
    ("Der Mai 2011 war mild.", "May 2012 was mild."),
    ("Peters Hund wiegt 15 Kilo.", "Peter's dog weighs 25 kilos."),
]  # fmt: skip


@pytest.mark.parametrize(("german", "english"), SAME_NUMBERS)
def test_a_number_may_be_written_in_another_way(german: str, english: str) -> None:
    assert not numbers_differ(german, english, ("de", "en"))
    assert not numbers_differ(english, german, ("en", "de"))


@pytest.mark.parametrize(("german", "english"), OTHER_NUMBERS)
def test_another_number_is_noticed(german: str, english: str) -> None:
    assert numbers_differ(german, english, ("de", "en"))
    assert numbers_differ(english, german, ("en", "de"))


def test_small_numbers_of_an_unknown_language_may_be_words() -> None:
    assert not numbers_differ("12 œufs", "twelve eggs", ("fr", "en"))
    assert not numbers_differ("douze œufs", "12 eggs", ("fr", "en"))
    assert numbers_differ("douze œufs", "13 eggs", ("fr", "en"))
    assert numbers_differ("12 œufs", "nine eggs", ("fr", "en"))  # the side without digits is English, and known


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_number_has_a_word(language: str) -> None:
    numbers = [spelled(number, language, "xyz") for number in range(120)]
    assert not any(numbers)
    words = {
        "de": {0: "null", 7: "der siebte", 17: "siebzehn", 30: "dreißig", 31: "einunddreißig", 99: "neunundneunzig"},
        "en": {0: "zero", 7: "the seventh", 17: "seventeen", 30: "thirtieth", 31: "thirty-one", 99: "ninety nine"},
    }
    for number, word in words[language].items():
        assert spelled(number, language, word), word
        assert not spelled(number + 1, language, word), word


def test_roman_numerals() -> None:
    assert [bool(roman(n).search("XIV IV XC XLIX")) for n in (4, 14, 49, 90, 5, 15)] == [True] * 4 + [False] * 2
    assert not roman(1).search("In the Inn")


SAME_ADDRESSES = [
    ("Siehe https://www.example.org/a.", "See http://example.org/a"),
    ("(http://Example.ORG/Path)", "http://example.org/Path!"),
    ("https://docs.example.com/de-de/help", "https://docs.example.com/en-us/help"),
    ("https://de.wikipedia.org/wiki/Linux", "https://en.wikipedia.org/wiki/Linux"),
    ("https://x.org/?lang=de", "https://x.org/?lang=en"),
    ("„www.example.org“", "www.example.org/,"),
    ("Mail an Rita@example.org.", "Mail to Rita@example.org,"),
    ("die info@example.org-Adresse", "the info@example.org address"),
    ("a @ b, 5 @ 3", "a at b, five at three"),
]
OTHER_ADDRESSES = [
    ("Siehe www.libreoffice.org.", "See the site."),
    ("Siehe https://a.org", "See https://b.org"),
    ("https://a.org/x", "https://a.org/y"),
    ("info@a.org", "info@b.org"),
]  # fmt: skip


@pytest.mark.parametrize(("src", "tgt"), SAME_ADDRESSES)
def test_an_address_may_be_written_in_another_way(src: str, tgt: str) -> None:
    assert not urls_differ(src, tgt), (addresses(src), addresses(tgt))


@pytest.mark.parametrize(("src", "tgt"), OTHER_ADDRESSES)
def test_another_address_is_noticed(src: str, tgt: str) -> None:
    assert urls_differ(src, tgt) and urls_differ(tgt, src)


FOUND = [
    ("%s von %1$d, %(name)s: %5.2f %%", ["%s", "%1$d", "%(name)s", "%5.2f"]),
    ("Öffne %1 in %PATH%", ["%1", "%PATH%"]),
    ("{0} {name} {{x.y}} {} ${HOME} $(PWD)", ["{0}", "{name}", "{{x.y}}", "{}", "${HOME}", "$(PWD)"]),
    ('<b>fett</b> <a href="x">Link</a> <ph id=1/> <br/>', ["<b", "</b", "<a", "</a", "<ph", "<br"]),
    ("&lt;x&gt; &#8211;", ["&lt;", "&gt;", "&#8211;"]),
    ("Zeile\\n\\tMehr\\n __NAME__", ["\\n", "\\t", "\\n", "__NAME__"]),
    ("100 % davon, 5 %zu, 50%ig, 3 < 4, a > b, AT&T, R&D; C:\\new\\temp, <Datei>, a__b, Q&amp;A", []),
    ("https://x.org/%20a?b={c}", []),
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_placeholders_are_found_and_prose_is_left(text: str, expected: list[str]) -> None:
    assert placeholders(text) == Counter(expected)


def test_placeholders_are_counted_in_any_order() -> None:
    assert not placeholders_differ("%s von %d", "%d of %s")
    assert not placeholders_differ('<a href="de">x</a>', '<a href="en">y</a>')
    assert placeholders_differ("%s und %s", "%s")
    assert placeholders_differ("<b>x", "<b>x</b>")
    assert placeholders_differ("{name}", "{Name}")


def test_the_cheap_question_never_hides_a_difference() -> None:
    pairs = [*OTHER_NUMBERS, *OTHER_ADDRESSES, *((text, "") for text, expected in FOUND if expected)]
    assert all(agreement.has_marks(src, tgt) and agreement.has_marks(tgt, src) for src, tgt in pairs)
    assert not agreement.has_marks("Ein ganz normaler Satz, nicht?", "A perfectly ordinary sentence, isn't it?")


@pytest.mark.parametrize("name", ["natural/train", "natural/dev", "natural/test", "grammar/test"])
def test_no_clean_pair_of_our_own_is_dropped(name: str) -> None:
    pairs = [(row["de"], row["en"]) for row in embedded.pairs(name)]
    assert [pair for pair in pairs if _differs(*pair)] == []


@pytest.mark.parametrize("corpus", ["tatoeba", "multi30k"])
def test_at_most_one_clean_pair_in_a_thousand_is_dropped(corpus: str) -> None:
    paths = {language: DATA / corpus / f"train.{language}.xz" for language in ("de", "en")}
    if not all(path.exists() for path in paths.values()):
        pytest.skip(f"{corpus} is not here")
    pairs = [(row["de"], row["en"]) for _, row in zip(range(30_000), read_parallel(paths), strict=False)]
    assert sum(_differs(*pair) for pair in pairs) <= len(pairs) / 1000
    with_numbers = [i for i, pair in enumerate(pairs[:-1]) if any(char.isdigit() for char in pair[0])]
    wrong = [(pairs[i][0], pairs[i + 1][1]) for i in with_numbers]  # each sentence with the translation of the next
    assert sum(_differs(*pair) for pair in wrong) >= 0.8 * len(wrong)


def _differs(src: str, tgt: str) -> bool:
    return urls_differ(src, tgt) or placeholders_differ(src, tgt) or numbers_differ(src, tgt, ("de", "en"))
