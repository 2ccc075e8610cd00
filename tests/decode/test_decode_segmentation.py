"""Whatever the line, its pieces and gaps put together are the line, and every piece fits."""

from __future__ import annotations

import random

import pytest

from dragoman.decode.segmentation import Pieces, split_line

ALPHABET = [
    "a",
    "bc",
    "Dr.",
    " ",
    "  ",
    "\t",
    ".",
    "! ",
    "? ",
    ", ",
    ". ",
    "…",
    "\n",
    "\r\n",
    "\u2028",
    "„",
    "“ ",
    "(",
    ") ",
]
ALPHABET += [
    "Ü",
    "ß",
    "e\u0301",
    "。",
    "、",
    "你好",
    "👩\u200d🔬",
    "3. ",
    "19. Jahrhundert",
    " - ",
    "—",
    "\u00a0",
    "\u3000",
    "x" * 30,
]


def letters(text: str) -> int:
    """A tokenizer with one token a character."""
    return len(text)


@pytest.mark.parametrize("seed", range(200))
def test_pieces_and_gaps_are_the_line_and_every_piece_fits(seed: int) -> None:
    draw = random.Random(seed)
    line = "".join(draw.choices(ALPHABET, k=draw.randrange(60)))
    limit = draw.choice([8, 12, 40, 1000])
    split = split_line(line, letters, limit, draw.choice(["de", "en", "xx"]), sentences=draw.random() < 0.3)
    assert split.join(split.texts) == line
    assert len(split.gaps) == len(split.texts) + 1
    for text in split.texts:
        assert text == text.strip() != ""
        assert letters(text) <= limit
        assert not set(text) & set("\n\r\u2028")
    assert not "".join(split.gaps).strip()


def test_the_round_trip_test_notices_a_lost_piece() -> None:
    split = split_line("Eins. Zwei. Drei.", letters, 8, "de")
    assert split.join([*split.texts[:-1], ""]) != "Eins. Zwei. Drei."


@pytest.mark.parametrize("line", ["", " ", "\t \u00a0", "\n"])
def test_a_blank_line_has_no_piece(line: str) -> None:
    assert split_line(line, letters, 8, "de") == Pieces((), (line,))


def test_a_line_within_the_limit_is_one_piece_with_its_white_space_around() -> None:
    assert split_line("  Eins. Zwei.\t", letters, 20, "de") == Pieces(("Eins. Zwei.",), ("  ", "\t"))


def test_a_longer_line_is_split_into_sentences_and_keeps_the_space_between() -> None:
    assert split_line("Eins.  Zwei? Drei.", letters, 8, "de") == Pieces(
        ("Eins.", "Zwei?", "Drei."), ("", "  ", " ", "")
    )


def test_sentences_can_be_asked_for_in_short_lines_too() -> None:
    assert split_line("Eins. Zwei.", letters, 99, "de", sentences=True).texts == ("Eins.", "Zwei.")


def test_line_breaks_inside_text_always_split() -> None:
    assert split_line("a\n\nb", letters, 99, "de") == Pieces(("a", "b"), ("", "\n\n", ""))


def test_a_long_sentence_is_split_at_clauses_as_few_times_as_needed() -> None:
    split = split_line("als er kam, ging sie, denn es war spät", letters, 25, "de")
    assert split.texts == ("als er kam, ging sie,", "denn es war spät")


def test_without_clauses_it_is_split_at_spaces_and_without_spaces_anywhere() -> None:
    assert split_line("aaa bbb ccc", letters, 8, "de").texts == ("aaa bbb", "ccc")
    assert split_line("abcdefghijkl", letters, 8, "de") == Pieces(("abcdef", "ghijkl"), ("", "", ""))


def test_a_cut_word_keeps_its_accents() -> None:
    split = split_line("e\u0301" * 9, letters, 8, "de")
    assert all(text[0] == "e" for text in split.texts)


@pytest.mark.parametrize("unit", [".", "a", " ", ". ", "a, ", "(„", "!?"])
def test_long_lines_of_one_thing_are_split_in_linear_time(unit: str) -> None:
    """A quadratic scan of so many characters would take minutes, so only finishing is asserted."""
    line = unit * (200_000 // len(unit))
    split = split_line(line, letters, 20_000, "de", sentences=unit != ". ")
    assert split.join(split.texts) == line
