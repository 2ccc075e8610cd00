"""A block is its texts as arrays: the same pieces as `str.split`, the same hashes wherever a piece stands."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from dragoman.corpus import characters
from dragoman.corpus.block import Block, Spans
from dragoman.corpus.characters import Kind
from dragoman.corpus.reference import small

BORDER = 1 << 16
ALPHABET = "ab Ä\n\n 7.\t\u2003\u2028\x1c\x85ßİΣ語👩\u0301\ud800"


def texts_of(seed: int, count: int = 30, longest: int = 60) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices(ALPHABET, k=rng.randrange(longest))) for _ in range(count)]


def pieces(block: Block, spans: Spans) -> list[list[str]]:
    """The pieces of each text."""
    found: list[list[str]] = [[] for _ in block.texts]
    joined = "\n".join([*block.texts, ""])
    for start, end, owner in zip(spans.start.tolist(), spans.end.tolist(), spans.owner.tolist(), strict=True):
        found[owner].append(joined[start:end])
    return found


@pytest.mark.parametrize("seed", range(40))
def test_words_lines_and_paragraphs_are_those_of_split(seed: int) -> None:
    texts = texts_of(seed)
    block = Block(texts)
    assert pieces(block, block.words) == [text.split() for text in texts]
    assert pieces(block, block.lines) == [text.split("\n") for text in texts]
    assert pieces(block, block.paragraphs) == [
        list(filter(None, re.split("\n\n+", text.strip("\n")))) for text in texts
    ]
    assert block.words_of.tolist() == [len(text.split()) for text in texts]
    for kind in Kind:
        found = block.count_kind(kind).tolist()
        assert found == [sum(characters.kind_of(char) == kind for char in text) for text in texts]


def test_no_text_is_an_empty_block_and_an_empty_text_has_one_empty_line() -> None:
    nothing, empty = Block([]), Block([""])
    for spans in (nothing.words, nothing.lines, nothing.paragraphs, empty.words, empty.paragraphs):
        assert len(spans) == 0
    assert (empty.lines.start.tolist(), empty.lines.end.tolist()) == ([0], [0])
    assert nothing.words_of.tolist() == [] and nothing.count_kind(Kind.SMALL).tolist() == []


def test_every_character_is_looked_up_as_it_is_defined() -> None:
    codes = np.arange(0x110000, dtype=np.uint32)
    some = np.concatenate((codes[:0x3000], codes[0xD000:0x12000], codes[0x1F000:0x20000:7], codes[-3:]))
    assert characters.kinds(some).tolist() == [characters.kind_of(chr(code)) for code in some]
    assert characters.traits(some).tolist() == [characters.traits_of(chr(code)) for code in some]
    assert characters.fold(some).tolist() == [characters.fold_of(chr(code)) for code in some]


@pytest.mark.parametrize("seed", range(30))
def test_a_block_without_some_lines_is_the_block_of_the_texts_without_them(seed: int) -> None:
    texts = texts_of(seed)
    block, rng = Block(texts), np.random.default_rng(seed)
    cut = rng.random(len(block.lines)) < rng.choice([0.0, 0.2, 0.8, 1.0])
    flags = iter(cut.tolist())
    expected = ["\n".join(line for line in text.split("\n") if not next(flags)) for text in texts]
    left, fresh = block.without_lines(cut), Block(expected)
    assert list(left.texts) == expected
    assert [left.codes.tolist(), left.kinds.tolist(), left.traits.tolist(), left.bounds.tolist()] == [
        fresh.codes.tolist(), fresh.kinds.tolist(), fresh.traits.tolist(), fresh.bounds.tolist()
    ]  # fmt: skip


def hashes(block: Block, spans: Spans) -> dict[str, set[int]]:
    """The hashes of each piece by its small letters."""
    found: dict[str, set[int]] = {}
    joined = "\n".join([*block.texts, ""])
    for start, end, value in zip(spans.start, spans.end, block.hashes(spans).tolist(), strict=True):
        found.setdefault(small(joined[start:end]), set()).add(value)
    return found


@pytest.mark.parametrize("seed", range(20))
def test_a_hash_depends_on_the_small_letters_alone(seed: int) -> None:
    rng = random.Random(seed)
    texts = [text for text in texts_of(seed, longest=400) if text.strip()]
    rng.shuffle(texts)
    block = Block([*texts, *(text.upper() for text in texts if len(text.upper()) == len(text))])
    for spans in (block.words, block.lines.where(block.lines.length > 0), block.paragraphs):
        by_piece = hashes(block, spans)
        assert all(len(values) == 1 for values in by_piece.values())
        assert len({value for (value,) in by_piece.values()}) == len(by_piece)  # and different pieces differ


@pytest.mark.parametrize("gap", [*range(BORDER - 12, BORDER + 2), 2 * BORDER - 5, 3 * BORDER - 1])
def test_a_hash_does_not_depend_on_the_border_at_which_powers_start_anew(gap: int) -> None:
    word, line = "Donaudampfer", "Die Donau, 2.850 km lang, fließt ins Schwarze Meer."
    alone = Block([f"{word}\n{line}"])
    there = Block(["ä" * gap, f"{word}\n{line}"])
    expected = alone.hashes(alone.lines).tolist()
    assert there.hashes(there.lines).tolist()[1:] == expected
    assert there.hashes(there.words)[1] == expected[0]


def test_pieces_that_lie_across_several_borders_are_hashed_whole() -> None:
    rng = random.Random(1)
    long = "".join(rng.choices("abcdefgäöü ß", k=3 * BORDER + 77)).strip()
    other = long[:-1] + chr(ord(long[-1]) + 1)
    block = Block([long, "x" * 1000 + "\n" + long.upper().replace("SS", "ß") + "\n\n" + other, other])
    first, _, again, _, different, alone = block.hashes(block.lines).tolist()
    assert first == again and different == alone != first
