"""No training text holds a test segment, and the fast index answers as the slow search does."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from dragoman.corpus.decontaminate import TestIndex, holds_segment_slow, normal_words

SEGMENT = "Der kleine Hund schläft heute in der warmen Küche."  # nine words


def index(segments: list[str], ngram: int = 6, overlap: float = 0.8, document_min_words: int = 8) -> TestIndex:
    made = TestIndex(ngram, overlap, document_min_words)
    made.add(segments)
    return made


CAUGHT = [
    SEGMENT,
    SEGMENT.upper(),
    "der kleine hund... schläft heute, in der warmen küche",
    "derkleinehundschläftheuteinderwarmenküche",
    "Er sagt: Der kleine Hund schläft heute in der warmen Küche, und geht.",
    "Der kleine Hund schläft heute in der warmen Stube.",  # eight of nine words in shared runs
    "Der kleine Hund schla\u0308ft heute in der warmen Ku\u0308che.",  # decomposed: NFKC
]
FREE = [
    "",
    "?!",
    "Der kleine Hund schläft gern in der warmen Küche.",  # runs of four: none of six
    "Der kleine Hund schläft heute in einer Hütte.",  # six of nine
    "heute in der warmen Küche",
]


@pytest.mark.parametrize("text", CAUGHT)
def test_a_test_segment_and_its_near_copies_are_caught(text: str) -> None:
    assert index([SEGMENT]).holds_segment(text)


@pytest.mark.parametrize("text", FREE)
def test_common_phrases_are_free(text: str) -> None:
    assert not index([SEGMENT]).holds_segment(text)


def test_a_short_segment_is_caught_only_as_a_whole() -> None:
    short = index(["Guten Morgen, Tom!"])
    assert short.holds_segment("guten morgen tom")
    assert not short.holds_segment("Sie sagte: Guten Morgen, Tom! Und er antwortete nicht.")


def test_a_document_is_caught_for_longer_segments_only() -> None:
    seven = "Was willst du denn heute abend tun"
    text = f"Sie fragte: {seven}? Er wusste es nicht."
    assert index([seven]).holds_segment(text)
    assert not index([seven]).holds_segment(text, document=True)
    assert index([seven]).holds_segment(seven + "?", document=True)  # the document is the segment
    assert index([SEGMENT]).holds_segment(f"Am Abend.\n{SEGMENT}\nEnde.", document=True)


def test_text_without_words_is_never_a_segment() -> None:
    empty = index(["?!", "...", ""])
    assert len(empty) == 0 and not empty.holds_segment("!")


def sentences(rng: random.Random, count: int, most: int) -> Iterator[str]:
    for _ in range(count):
        yield " ".join(rng.choice(["a", "b", "C", "ä.", "d,", "!"]) for _ in range(rng.randint(0, most)))


@pytest.mark.parametrize("document", [False, True])
def test_the_index_answers_as_the_slow_search(document: bool) -> None:
    rng = random.Random(11)
    hits = 0
    for _ in range(300):
        segments = list(sentences(rng, 6, 9))
        fast = index(segments, rng.randint(2, 4), rng.choice([0.5, 0.75, 0.8, 1.0]), rng.randint(1, 6))
        for text in sentences(rng, 8, 14):
            want = holds_segment_slow(text, segments, fast, document=document)
            assert fast.holds_segment(text, document=document) == want, (text, segments)
            hits += want
    assert 200 < hits < 2200  # both answers are met often enough to tell the versions apart


def test_words_are_compared_without_case_width_and_punctuation() -> None:
    assert normal_words("Die „STRASSE“, ﬁn: ＡＢ x²") == ["die", "strasse", "fin", "ab", "x2"]
    assert normal_words("Straße") == ["strasse"]
