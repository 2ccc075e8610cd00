"""Noise: as much as asked for, never all, and nothing lost."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from dragoman.batches.noise import Span, noise_spans, span_corruption, text_infilling

MASK = 4


def sentinel(index: int) -> int:
    return 900 + index


def reconstruct(source: list[int], target: list[int]) -> list[int]:
    """The text a (source, target) pair of span corruption came from."""
    spans: dict[int, list[int]] = {}
    for token in target:
        if token >= 900:
            spans[token] = current = []
        else:
            current.append(token)
    return list(itertools.chain.from_iterable(spans[token] if token >= 900 else [token] for token in source))


@pytest.mark.parametrize(
    ("ids", "spans", "corrupted", "listed", "infilled"),
    [
        (
            [1, 2, 3, 4, 5, 6, 7, 8],
            [(1, 3), (6, 7)],
            [1, 900, 4, 5, 6, 901, 8],
            [900, 2, 3, 901, 7, 902],
            [1, 4, 4, 5, 6, 4, 8],
        ),
        ([1, 2, 3], [(0, 1)], [900, 2, 3], [900, 1, 901], [4, 2, 3]),
        ([1, 2, 3], [(2, 3)], [1, 2, 900], [900, 3, 901], [1, 2, 4]),
        ([1, 2, 3], [(0, 1), (2, 3)], [900, 2, 901], [900, 1, 901, 3, 902], [4, 2, 4]),
        ([1, 2], [(0, 1)], [900, 2], [900, 1, 901], [4, 2]),
        ([1], [], [1], [900], [1]),
        ([], [], [], [900], []),
    ],
)
def test_examples_made_by_hand(
    ids: list[int], spans: list[Span], corrupted: list[int], listed: list[int], infilled: list[int]
) -> None:
    assert span_corruption(ids, spans, sentinel) == (corrupted, listed)
    assert text_infilling(ids, spans, MASK) == (infilled, ids)


@pytest.mark.parametrize("rate", [0.01, 0.15, 0.3, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("mean_span", [1.0, 3.0, 3.5, 10.0])
def test_spans_are_ordered_apart_and_of_the_right_sum(rate: float, mean_span: float) -> None:
    rng = np.random.default_rng(3)
    for length in [*range(2, 40), 128, 513]:
        spans = noise_spans(length, rate, mean_span, rng)
        flat = [place for span in spans for place in span]
        assert flat == sorted(set(flat)) and flat[0] >= 0 and flat[-1] <= length
        hidden = sum(end - start for start, end in spans)
        assert hidden == min(max(round(length * rate), 1), length - 1)
        assert 1 <= len(spans) <= max(1, round(hidden / mean_span))


@pytest.mark.parametrize(("rate", "mean_span"), [(0.15, 3.0), (0.3, 3.0), (0.3, 1.5), (0.5, 5.0)])
def test_rate_and_mean_length_are_hit_over_many_draws(rate: float, mean_span: float) -> None:
    rng = np.random.default_rng(4)
    lengths = rng.integers(60, 300, size=400).tolist()
    draws = [noise_spans(length, rate, mean_span, rng) for length in lengths]
    hidden = sum(end - start for spans in draws for start, end in spans)
    assert hidden / sum(lengths) == pytest.approx(rate, rel=0.01)
    assert hidden / sum(map(len, draws)) == pytest.approx(mean_span, rel=0.03)


def test_lengths_of_spans_differ_and_every_place_is_hidden_at_times() -> None:
    rng = np.random.default_rng(5)
    draws = [noise_spans(20, 0.3, 2.0, rng) for _ in range(4000)]
    hidden = np.zeros(20)
    for start, end in itertools.chain.from_iterable(draws):
        hidden[start:end] += 1
    assert hidden.min() > 400
    np.testing.assert_allclose(hidden, hidden[::-1], atol=200)
    assert {end - start for spans in draws for start, end in spans} == {1, 2, 3, 4}


def test_every_way_of_hiding_is_alike_probable() -> None:
    rng = np.random.default_rng(6)
    counts: dict[tuple[Span, ...], int] = {}
    for _ in range(6000):
        spans = tuple(noise_spans(5, 0.6, 1.5, rng))
        counts[spans] = counts.get(spans, 0) + 1
    assert len(counts) == 6
    assert all(850 < count < 1150 for count in counts.values())


@pytest.mark.parametrize(
    ("length", "ways"), [(0, [[]]), (1, [[]]), (2, [[(0, 1)], [(1, 2)]]), (3, [[(0, 1)], [(1, 2)], [(2, 3)]])]
)
def test_short_texts(length: int, ways: list[list[Span]]) -> None:
    rng = np.random.default_rng(7)
    drawn = [noise_spans(length, 0.3, 3.0, rng) for _ in range(100)]
    assert sorted(map(tuple, ways)) == sorted(set(map(tuple, drawn)))


def test_no_more_spans_than_allowed_and_no_less_noise() -> None:
    spans = noise_spans(1000, 0.3, 1.0, np.random.default_rng(8), max_spans=63)
    assert len(spans) == 63
    assert sum(end - start for start, end in spans) == 300


def test_span_corruption_loses_nothing() -> None:
    rng = np.random.default_rng(9)
    for length in [*range(30), 128, 500]:
        ids = rng.integers(100, 800, size=length).tolist()
        spans = noise_spans(length, 0.3, 3.0, rng)
        source, target = span_corruption(ids, spans, sentinel)
        assert reconstruct(source, target) == ids
        assert len(source) + len(target) == length + 2 * len(spans) + 1


def test_infilling_keeps_the_target_whole_and_masks_once_a_span() -> None:
    rng = np.random.default_rng(10)
    ids = rng.integers(100, 800, size=200).tolist()
    spans = noise_spans(200, 0.3, 3.0, rng)
    before = list(ids)
    source, target = text_infilling(ids, spans, MASK)
    assert target == before == ids and target is not ids
    assert source.count(MASK) == len(spans)
    assert len(source) == 200 - 60 + len(spans)


def test_tokens_outside_the_spans_are_never_touched() -> None:
    ids = [2, 69, *range(100, 120), 3]
    spans = [(2 + start, 2 + end) for start, end in noise_spans(20, 0.5, 2.0, np.random.default_rng(11))]
    for source in (span_corruption(ids, spans, sentinel)[0], text_infilling(ids, spans, MASK)[0]):
        assert (source[:2], source[-1]) == ([2, 69], 3)
        hidden = {place for start, end in spans for place in range(start, end)}
        assert [token for token in source if token < 900 and token != MASK] == [
            token for place, token in enumerate(ids) if place not in hidden
        ]


def test_the_generator_decides() -> None:
    def draw(seed: int) -> list[list[Span]]:
        rng = np.random.default_rng(seed)
        return [noise_spans(length, 0.3, 3.0, rng) for length in range(2, 60)]

    assert draw(1) == draw(1) != draw(2)
