"""The fast decoders give what the slow, obvious one gives, on random models, whatever the batch.

The weights are drawn larger than a trained model's, and </s> is made likelier, so that outputs are diverse and end
at many lengths. Each comparison is also run against planted faults, which it must notice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import torch

from dragoman.decode import reference, search
from dragoman.decode.options import DecodeOptions, Sampling
from dragoman.decode.rules import Hypothesis, Rules, next_log_probs
from dragoman.model.cache import Cache
from dragoman.model.config import ModelConfig
from dragoman.model.layers import Attention
from dragoman.model.transformer import EncoderDecoder

V, PAD, BOS, EOS, TAG = 40, 0, 2, 3, 5
BANNED = torch.tensor([PAD, 1, BOS, 4, TAG, 6])
SEEDS = (0, 1, 2)


def rules(penalty: float = 1.0, no_repeat: int = 0) -> Rules:
    return Rules(BANNED, BOS, EOS, penalty, no_repeat)


def tiny_model(seed: int) -> EncoderDecoder:
    model = EncoderDecoder(ModelConfig(V, 24, 4, 2, 2, 2, 32)).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.copy_(0.5 + torch.rand(parameter.shape, generator=generator))
            else:
                parameter.normal_(0.0, 3.0 / parameter.size(1) ** 0.5, generator=generator)
        model.embedding.weight[EOS] *= 1.6
    return model


def some_sources(seed: int, n: int = 8) -> list[list[int]]:
    rng = random.Random(seed)
    return [[TAG, *(rng.randrange(7, V) for _ in range(rng.randrange(1, 12))), EOS] for _ in range(n)]


def some_limits(sources: Sequence[Sequence[int]]) -> list[int]:
    return [len(source) + 6 for source in sources]


def assert_same(found: Sequence[Hypothesis], expected: Sequence[Hypothesis]) -> None:
    assert [one.ids for one in found] == [one.ids for one in expected]
    assert [one.complete for one in found] == [one.complete for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.total == pytest.approx(other.total, abs=1e-3)
        assert one.score == pytest.approx(other.score, abs=1e-4)


def greedy_equals_reference(seed: int = 0) -> None:
    model, sources = tiny_model(seed), some_sources(seed)
    limits = some_limits(sources)
    expected = [reference.greedy(model, *one, rules()) for one in zip(sources, limits, strict=True)]
    assert_same(search.greedy(model, sources, limits, rules()), expected)


def beam_equals_reference(seed: int = 0, width: int = 3, penalty: float = 1.0, no_repeat: int = 0) -> None:
    model, sources = tiny_model(seed), some_sources(seed, 5)
    limits, how = some_limits(sources), rules(penalty, no_repeat)
    found = search.beam(model, sources, width, limits, how)
    for hypotheses, source, limit in zip(found, sources, limits, strict=True):
        assert_same(hypotheses, reference.beam(model, source, width, limit, how))


@pytest.mark.parametrize("seed", SEEDS)
def test_cached_greedy_equals_the_reference(seed: int) -> None:
    greedy_equals_reference(seed)


@pytest.mark.parametrize(
    ("seed", "width", "penalty"), [(0, 2, 1.0), (1, 3, 0.0), (2, 4, 0.6), (3, 3, 2.0), (4, 7, 1.0)]
)
def test_cached_beam_equals_the_reference(seed: int, width: int, penalty: float) -> None:
    beam_equals_reference(seed, width, penalty)


def test_cached_beam_equals_the_reference_when_repeats_are_forbidden() -> None:
    beam_equals_reference(seed=1, width=3, no_repeat=2)


def test_the_random_models_say_different_things_and_end_at_different_lengths() -> None:
    found = [
        one for seed in SEEDS for one in search.greedy(tiny_model(seed), *_with_limits(some_sources(seed)), rules())
    ]
    assert len({one.ids for one in found}) >= 0.9 * len(found)
    assert len({len(one.ids) for one in found if one.complete}) >= 5
    assert 0.2 < sum(one.complete for one in found) / len(found) < 0.95
    assert len({token for one in found for token in one.ids}) >= 20


def _with_limits(sources: list[list[int]]) -> tuple[list[list[int]], list[int]]:
    return sources, some_limits(sources)


# Planted faults


def _shifted_positions(patch: pytest.MonkeyPatch) -> None:
    """Every step believes it is one position further; the first is right, so that only relative angles are wrong."""
    angles = EncoderDecoder.angles
    patch.setattr(EncoderDecoder, "angles", lambda self, n, start=0: angles(self, n, start + (start > 0)))


def _no_cross_mask(patch: pytest.MonkeyPatch) -> None:
    """Decoding attends to the padding of the source."""
    begin = EncoderDecoder.start_cache
    patch.setattr(EncoderDecoder, "start_cache", lambda self, m, keep, *rest: begin(self, m, keep | True, *rest))


def _beams_not_reordered(patch: pytest.MonkeyPatch) -> None:
    """Beam search extends one hypothesis with the keys and values of another."""
    select = Cache.select

    def keep_order(self: Cache, rows: torch.Tensor) -> None:
        first = torch.div(rows, self.width, rounding_mode="floor") * self.width
        select(self, first + torch.arange(len(rows)) % self.width)

    patch.setattr(Cache, "select", keep_order)


def _last_key_forgotten(patch: pytest.MonkeyPatch) -> None:
    """A step does not see the newest position but one."""
    append = Cache.append

    def forget(self: Cache, layer: int, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        keys, values = append(self, layer, k, v)
        return (keys[:, :, 1:], values[:, :, 1:]) if keys.size(2) > 1 else (keys, values)

    patch.setattr(Cache, "append", forget)


def _heads_mixed_up(patch: pytest.MonkeyPatch) -> None:
    """Query head h reads key/value head h % K instead of h // G."""
    attend = Attention.attend_few

    def interleaved(self: Attention, q: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        share = q.size(1) // self.n_kv_heads
        return attend(self, q.unflatten(1, (share, self.n_kv_heads)).transpose(1, 2).flatten(1, 2), *rest)

    patch.setattr(Attention, "attend_few", interleaved)


def _wrong_sentences_dropped(patch: pytest.MonkeyPatch) -> None:
    """When sentences finish, the others go on with the source of a neighbour."""
    select = Cache.select_sources
    patch.setattr(Cache, "select_sources", lambda self, kept: select(self, kept.flip(0)))


FAULTS = [_shifted_positions, _no_cross_mask, _last_key_forgotten, _heads_mixed_up, _wrong_sentences_dropped]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("equal", [greedy_equals_reference, beam_equals_reference])
def test_a_planted_fault_is_noticed(
    fault: Callable[[pytest.MonkeyPatch], None], equal: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        equal()


def test_beams_that_are_not_reordered_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    _beams_not_reordered(monkeypatch)
    with pytest.raises(AssertionError):
        beam_equals_reference()


# Batches


OPTIONS = {
    "greedy": DecodeOptions(beam=1),
    "beam": DecodeOptions(beam=3),
    "sampling": DecodeOptions(sampling=Sampling(temperature=0.8, top_k=20, top_p=0.9, seed=5)),
}


def decode_each_way(options: DecodeOptions, seed: int = 3) -> None:
    """Together, one by one, and in another order in two batches: always the same."""
    model, sources = tiny_model(seed), some_sources(seed, 9)
    numbers = list(range(len(sources)))
    together = search.decode(model, sources, numbers, options, rules())
    alone = [search.decode(model, [source], [n], options, rules())[0] for n, source in enumerate(sources)]
    assert_same(together, alone)
    order = [4, 1, 8, 6, 0, 7, 3, 5, 2]
    halves = [order[:4], order[4:]]
    shuffled = {
        n: found
        for half in halves
        for n, found in zip(half, search.decode(model, [sources[n] for n in half], half, options, rules()), strict=True)
    }
    assert_same([shuffled[n] for n in numbers], alone)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_batched_equals_single(options: DecodeOptions) -> None:
    decode_each_way(options)


@pytest.mark.parametrize("fault", [_no_cross_mask, _wrong_sentences_dropped])
def test_a_fault_in_batching_is_noticed(
    fault: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    with pytest.raises(AssertionError):
        decode_each_way(OPTIONS["greedy"])


def hidden_with_padding(extra: int) -> torch.Tensor:
    """Hidden states of one sentence whose source and target are padded by `extra` (1, T, D)."""
    model, source = tiny_model(0), some_sources(0)[0]
    src = torch.tensor([[*source, *[PAD] * extra]])
    tgt_in = torch.tensor([[BOS, 9, 12, 30, *[PAD] * extra]])
    with torch.inference_mode():
        return model(src, torch.arange(src.size(1))[None] < len(source), tgt_in)[:, :4]


def test_padded_equals_unpadded() -> None:
    torch.testing.assert_close(hidden_with_padding(5), hidden_with_padding(0), atol=1e-4, rtol=1e-4)


def test_padding_that_is_attended_to_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    encode = EncoderDecoder.encode
    monkeypatch.setattr(EncoderDecoder, "encode", lambda self, src, keep: encode(self, src, keep | True))
    with pytest.raises(AssertionError):
        test_padded_equals_unpadded()


def test_padded_equals_unpadded_for_greedy_and_beam() -> None:
    model, short = tiny_model(2), some_sources(2)[0]
    long = [TAG, *[11] * 40, EOS]
    for width in (1, 4):
        alone = search.beam(model, [short], width, [20], rules())[0]
        assert_same(search.beam(model, [short, long], width, [20, 20], rules())[0], alone)


# One decoder against another


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_beam_1_is_greedy(seed: int, penalty: float) -> None:
    model, (sources, limits) = tiny_model(seed), _with_limits(some_sources(seed))
    found = search.beam(model, sources, 1, limits, rules(penalty))
    assert all(len(kept) == 1 for kept in found)
    assert_same([kept[0] for kept in found], search.greedy(model, sources, limits, rules(penalty)))


def test_a_greedy_search_that_takes_the_second_best_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    best = search.best_tokens
    monkeypatch.setattr(search, "best_tokens", lambda scores, k: tuple(x[:, 1:] for x in best(scores, k + 1)))
    with pytest.raises(AssertionError):
        test_beam_1_is_greedy(0, 1.0)


@pytest.mark.parametrize("sampling", [Sampling(temperature=1e-4), Sampling(top_k=1), Sampling(top_p=1e-6)])
def test_sampling_without_chance_is_greedy(sampling: Sampling) -> None:
    model, (sources, limits) = tiny_model(1), _with_limits(some_sources(1))
    found = search.sample(model, sources, range(len(sources)), limits, sampling, rules())
    assert_same(found, search.greedy(model, sources, limits, rules()))


def test_sampling_with_chance_is_not_greedy() -> None:
    model, (sources, limits) = tiny_model(1), _with_limits(some_sources(1))
    found = search.sample(model, sources, range(len(sources)), limits, Sampling(temperature=2.0), rules())
    assert [one.ids for one in found] != [one.ids for one in search.greedy(model, sources, limits, rules())]


# Ties and limits


@pytest.mark.parametrize("width", [1, 3])
def test_of_equals_the_lower_id_wins(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With log-probabilities rounded to halves nearly every choice is between equals."""

    def rounded(*arguments: Any) -> torch.Tensor:
        return (2 * next_log_probs(*arguments)).round() / 2

    monkeypatch.setattr(search, "next_log_probs", rounded)
    monkeypatch.setattr(reference, "next_log_probs", rounded)
    model, (sources, limits) = tiny_model(6), _with_limits(some_sources(6, 6))
    for source, limit, found in zip(sources, limits, search.beam(model, sources, width, limits, rules()), strict=True):
        assert_same(found, reference.beam(model, source, width, limit, rules()))


def test_equal_values_at_the_edge_are_taken_by_id() -> None:
    scores = torch.tensor([[0.0, 3.0, 1.0, 1.0, 1.0, 1.0], [5.0, 4.0, 4.0, 3.0, 2.0, 1.0]])
    values, ids = search.best_tokens(scores, 3)
    assert ids.tolist() == [[1, 2, 3], [0, 1, 2]]
    assert values.tolist() == [[3.0, 1.0, 1.0], [5.0, 4.0, 4.0]]


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_nothing_is_longer_than_its_limit_and_nothing_banned_is_said(options: DecodeOptions) -> None:
    model, sources = tiny_model(7), some_sources(7, 12)
    found = search.decode(model, sources, range(12), options, rules())
    for one, source in zip(found, sources, strict=True):
        limit = options.limit(len(source))
        assert len(one.ids) + one.complete <= limit
        assert one.complete or len(one.ids) == limit
        assert one.ids and not set(one.ids) & {*BANNED.tolist(), EOS}


def test_a_search_may_need_more_room_than_the_cache_had_at_first() -> None:
    model, source = tiny_model(0), some_sources(0)[0]
    how = Rules(torch.tensor([*BANNED.tolist(), EOS]), BOS, EOS)  # never ends, so it fills the cache and beyond
    found = search.beam(model, [source], 2, [70], how)[0]
    assert_same(found, reference.beam(model, source, 2, 70, how))
    assert len(found[0].ids) == 70 and not found[0].complete
