"""A sentence ends where a reader ends it."""

from __future__ import annotations

import pytest

from dragoman.sentences import sentence_spans, split_sentences


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("de", "Er kam. Sie ging.", ["Er kam.", "Sie ging."]),
        ("de", "Wer? Ich! Gut…", ["Wer?", "Ich!", "Gut…"]),
        ("de", "Dr. Meier kommt am 3. Mai. Gut.", ["Dr. Meier kommt am 3. Mai.", "Gut."]),
        ("de", "Im 19. Jahrhundert. Der 1. FC siegt.", ["Im 19. Jahrhundert.", "Der 1. FC siegt."]),
        ("de", "Ich bin 30. Und du?", ["Ich bin 30.", "Und du?"]),
        ("de", "Es ist z. B. rot usw. und so weiter.", ["Es ist z. B. rot usw. und so weiter."]),
        ("de", "Er sagte: „Geh!“ Sie ging.", ["Er sagte: „Geh!“", "Sie ging."]),
        ("de", "„Halt!“ rief er.", ["„Halt!“ rief er."]),
        ("de", "J. S. Bach lebte hier.", ["J. S. Bach lebte hier."]),
        ("en", "Mr. Smith left at 5 p.m. on Monday. He ran.", ["Mr. Smith left at 5 p.m. on Monday.", "He ran."]),
        ("en", "It cost $5.50. Really?! Yes.", ["It cost $5.50.", "Really?!", "Yes."]),
        ("en", "He is 30. (Nobody knew.) Fine.", ["He is 30.", "(Nobody knew.)", "Fine."]),
        ("zh", "你好。我很好！你呢？", ["你好。", "我很好！", "你呢？"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(language: str, text: str, expected: list[str]) -> None:
    assert split_sentences(text, language) == expected


def test_a_blank_line_has_no_sentence_and_white_space_around_is_none_of_it() -> None:
    assert split_sentences("  \t", "de") == []
    assert split_sentences("  Eins.   Zwei. ", "de") == ["Eins.", "Zwei."]


def test_spans_cover_the_part_that_was_asked_for() -> None:
    text = "Eins. Zwei. Drei."
    assert [text[a:b] for a, b in sentence_spans(text, 6, len(text), "de")] == ["Zwei.", "Drei."]


@pytest.mark.parametrize("unit", [". ", "(„", "!?", "a. "])
def test_long_lines_of_one_thing_take_linear_time(unit: str) -> None:
    """A quadratic scan of so many characters would take minutes, so only finishing is asserted."""
    assert split_sentences(unit * (200_000 // len(unit)), "de")
