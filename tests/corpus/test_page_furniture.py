"""Menus and banners are cut out of pages; text that is no page stays whole."""

from __future__ import annotations

from curation_world import DEFAULT, lists_of
from dragoman.corpus.block import Block
from dragoman.corpus.pages import cut_furniture, furniture, is_code, is_sentence

MENU = ["Startseite", "Über uns", "Aktuelles", "Kontakt", "Zum Inhalt springen", "Impressum", "Suche"]
ARTICLE = [
    "Der Wald im Herbst",
    "Im Oktober färben sich die Buchen, und viele Menschen gehen wandern.",
    "Besonders schön ist es am frühen Morgen.",
    "Tipps für den Ausflug",
    "Nehmen Sie warme Kleidung und etwas zu trinken mit!",
]
BANNER = ["Diese Website verwendet Cookies. Mehr erfahren Sie hier.", "var x = {a: [1, 2], b: {c: 3}};"]


LISTS = lists_of(DEFAULT)


def cut(lines: list[str], min_lines: int = 10) -> list[str]:
    """What is left by the definition, which a batch must find, too."""
    left = cut_furniture("\n".join(lines), (*LISTS.heads, *LISTS.lines), min_lines).split("\n")
    block = Block(["\n".join(lines)])
    gone = furniture(block, LISTS.find(block).boilerplate(block), min_lines)
    assert [line for line, flag in zip(lines, gone.tolist(), strict=True) if not flag] == left
    return left


def test_a_page_keeps_its_article_and_the_headings_inside_it() -> None:
    title, *text = ARTICLE
    assert cut(MENU + ARTICLE + BANNER + MENU) == text  # a title right under a menu cannot be told from it
    assert cut([*text, title, *text, *BANNER, *MENU]) == [*text, title, *text]


def test_text_of_few_lines_is_left_alone() -> None:
    assert cut(MENU[:4] + ARTICLE) == MENU[:4] + ARTICLE


def test_verse_is_no_menu() -> None:
    verse = [f"Es war einmal ein Reim, der lief durch Zeile {word}," for word in ("eins", "zwei", "drei", "vier")] * 4
    assert cut(verse) == verse


def test_hard_wrapped_text_is_no_menu() -> None:
    wrapped = ["Diese lange Zeile wurde nach wenigen Worten", "umbrochen und geht darum in der nächsten weiter"] * 6
    assert cut([*wrapped, "bis zum Ende."])[:-1] == wrapped


def test_a_lone_button_goes_and_a_lone_heading_stays() -> None:
    sentence = "Das hat mir sehr gut gefallen."
    assert cut([sentence, "Antworten"] * 5 + [sentence, "Die Antwort des Hauses", sentence]) == [
        *[sentence] * 6,
        "Die Antwort des Hauses",
        sentence,
    ]


def test_two_headings_stay_and_three_lines_are_a_menu() -> None:
    sentence = "Das hat mir sehr gut gefallen."
    two, three = ["Teil eins", "Der Anfang"], ["Teil eins", "Der Anfang", "Mehr dazu"]
    assert cut([sentence] * 9 + two + [sentence]) == [sentence] * 9 + two + [sentence]
    assert cut([sentence] * 9 + three + [sentence]) == [sentence] * 10


def test_sentences_and_source_text_are_told_apart() -> None:
    assert is_sentence("Das ist gut.") and is_sentence("»Wirklich?«") is False and is_sentence("»Ist das wahr?«")
    assert not is_sentence("Weiterlesen...") and not is_sentence("Mehr zu diesem Thema...")
    assert is_code("if (a == b) { c[0] = d; }") and not is_code("Das kostet (ungefähr) 3 = drei Euro.")
