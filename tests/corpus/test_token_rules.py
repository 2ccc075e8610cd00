"""Token rules: every reason fires where it should, in order, and the fast version equals the obvious one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dragoman.corpus.token_rules import TOKEN_REASONS, flatten, judge_tokens
from dragoman.recipe.corpus import UNSPACED, CurateSettings

VOCAB = 100
STRANGE = np.array([token in {1, *range(10, 20)} for token in range(VOCAB)])
SETTINGS = CurateSettings(token_max_byte_share=0.1, token_max_per_word=4.0, token_max_mean_id=0.5)


def fast(
    documents: Sequence[Sequence[int]], words: Sequence[int], settings: CurateSettings, language: str | None = None
) -> list[str | None]:
    ids, offsets = flatten(documents)
    return judge_tokens(ids, offsets, np.array(words, np.int64), STRANGE, VOCAB, settings, language)


def slow(ids: Sequence[int], words: int, settings: CurateSettings, language: str | None) -> str | None:
    """The rules as one would say them."""
    known = [token for token in ids if not STRANGE[token]]
    if ids and (len(ids) - len(known)) / len(ids) > settings.token_max_byte_share:
        return "byte_share"
    if words and language not in UNSPACED and len(ids) / words > settings.token_max_per_word:
        return "tokens_per_word"
    if known and sum(known) / len(known) / VOCAB > settings.token_max_mean_id:
        return "mean_token_id"
    return None


@pytest.mark.parametrize(
    ("ids", "words", "expected"),
    [
        ([20, 30, 40, 30], 2, None),
        ([20] * 9 + [10], 10, None),  # a tenth of bytes is just allowed
        ([20] * 8 + [10], 10, "byte_share"),
        ([20] * 8 + [1], 10, "byte_share"),  # unknown counts as a byte does
        ([20] * 8, 2, None),
        ([20] * 9, 2, "tokens_per_word"),
        ([50] * 4, 4, None),
        ([50, 50, 50, 51], 4, "mean_token_id"),
        ([20] * 9 + [10], 1, "tokens_per_word"),
        ([99] * 8 + [10], 1, "byte_share"),  # all three speak against it: the first is named
        ([99] * 9, 1, "tokens_per_word"),
        ([55] * 9 + [10], 10, "mean_token_id"),  # the byte does not pull the mean down
        ([], 0, None),
        ([20] * 9, 0, None),  # nothing but punctuation
        ([10, 10], 0, "byte_share"),
    ],
)
def test_each_reason_fires_in_its_turn(ids: list[int], words: int, expected: str | None) -> None:
    assert fast([ids], [words], SETTINGS) == [expected]


def test_languages_without_blanks_are_not_judged_by_words() -> None:
    assert fast([[20] * 90], [1], SETTINGS, "de") == ["tokens_per_word"]
    assert fast([[20] * 90], [1], SETTINGS, "ja") == [None]
    assert fast([[99] * 90], [1], SETTINGS, "ja") == ["mean_token_id"]


@pytest.mark.parametrize("seed", range(20))
def test_the_fast_version_equals_the_obvious_one(seed: int) -> None:
    draw = np.random.default_rng(seed)
    documents = [
        draw.integers(0, VOCAB if draw.random() < 0.5 else 60, draw.integers(0, 30)).tolist() for _ in range(200)
    ]
    words = draw.integers(0, 12, 200).tolist()
    settings = CurateSettings(
        token_max_byte_share=float(draw.choice([0.0, 0.1, 0.25, 1.0])),
        token_max_per_word=float(draw.choice([1.5, 3.0, 4.0])),
        token_max_mean_id=float(draw.choice([0.3, 0.45, 0.5, 1.0])),
    )
    for language in (None, "de", "zh"):
        expected = [slow(ids, n, settings, language) for ids, n in zip(documents, words, strict=True)]
        assert fast(documents, words, settings, language) == expected


def test_the_random_documents_meet_every_reason() -> None:
    draw = np.random.default_rng(1)
    documents = [draw.integers(0, draw.choice([10, 60, VOCAB]), 20).tolist() for _ in range(300)]
    settings = CurateSettings(token_max_byte_share=0.1, token_max_per_word=4.0, token_max_mean_id=0.3)
    assert {*fast(documents, draw.integers(1, 12, 300).tolist(), settings)} == {None, *TOKEN_REASONS}


def test_verdicts_do_not_depend_on_the_batch() -> None:
    draw = np.random.default_rng(1)
    documents = [draw.integers(0, VOCAB, 12).tolist() for _ in range(50)]
    words = [4] * 50
    one_by_one = [fast([ids], [n], SETTINGS)[0] for ids, n in zip(documents, words, strict=True)]
    assert fast(documents, words, SETTINGS) == one_by_one


def test_no_document_is_no_verdict() -> None:
    ids, offsets = flatten([])
    assert ids.dtype == np.int32 and offsets.tolist() == [0]
    assert judge_tokens(ids, offsets, np.zeros(0, np.int64), STRANGE, VOCAB, SETTINGS) == []


def test_offsets_mark_the_documents() -> None:
    ids, offsets = flatten([[5, 6], [], [7]])
    assert (ids.tolist(), offsets.tolist()) == ([5, 6, 7], [0, 2, 2, 3])
