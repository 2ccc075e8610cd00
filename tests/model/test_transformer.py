"""The model computes what its docstrings say, and padding never changes a result."""

from __future__ import annotations

import math

import pytest
import torch

from dragoman.model.config import PRESETS, ModelConfig, preset
from dragoman.model.layers import Attention, Dropout, rotary_table, rotate
from dragoman.model.transformer import EncoderDecoder, initialise, n_parameters

CONFIG = ModelConfig(
    vocab_size=60, d_model=32, n_heads=4, n_kv_heads=2, n_encoder_layers=2, n_decoder_layers=2, d_ff=48
)


@pytest.fixture(scope="module")
def model() -> EncoderDecoder:
    made = EncoderDecoder(CONFIG).eval()
    initialise(made, torch.Generator().manual_seed(1))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(1.5)  # far from the harmless first values
    return made


def ids(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(5, 60, shape, generator=torch.Generator().manual_seed(seed))


def all_kept(src: torch.Tensor) -> torch.Tensor:
    return torch.ones_like(src, dtype=torch.bool)


@pytest.mark.parametrize("extra", [1, 5, 20])
@torch.no_grad()
def test_source_and_target_padding_change_nothing(model: EncoderDecoder, extra: int) -> None:
    src, tgt = ids(3, 7), ids(3, 6, seed=1)
    plain = model(src, all_kept(src), tgt)
    for filler in (0, 33):  # what stands in the padding must not matter either
        padded_src = torch.cat((src, torch.full((3, extra), filler)), dim=1)
        keep = torch.arange(7 + extra).expand(3, -1) < 7
        padded_tgt = torch.cat((tgt, torch.full((3, extra), filler)), dim=1)
        padded = model(padded_src, keep, padded_tgt)[:, :6]
        torch.testing.assert_close(padded, plain, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_padding_test_notices_a_missing_mask(model: EncoderDecoder) -> None:
    src, tgt = ids(3, 7), ids(3, 6, seed=1)
    padded_src = torch.cat((src, torch.full((3, 4), 33)), dim=1)
    unmasked = model(padded_src, all_kept(padded_src), tgt)
    assert not torch.allclose(unmasked, model(src, all_kept(src), tgt), rtol=1e-3, atol=1e-3)


@torch.no_grad()
def test_a_batch_gives_what_single_sentences_give(model: EncoderDecoder) -> None:
    lengths = [2, 7, 4]
    src, tgt = ids(3, 7), ids(3, 5, seed=1)
    keep = torch.arange(7)[None] < torch.tensor(lengths)[:, None]
    batched = model(src, keep, tgt)
    for row, length in enumerate(lengths):
        one = src[row : row + 1, :length]
        single = model(one, all_kept(one), tgt[row : row + 1])
        torch.testing.assert_close(batched[row : row + 1], single, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_the_decoder_never_looks_ahead(model: EncoderDecoder) -> None:
    src, tgt = ids(2, 6), ids(2, 8, seed=1)
    changed = tgt.clone()
    changed[:, 5:] = 7
    one, two = (model(src, all_kept(src), t) for t in (tgt, changed))
    torch.testing.assert_close(one[:, :5], two[:, :5])
    assert not torch.allclose(one[:, 5:], two[:, 5:])


@torch.no_grad()
def test_the_order_of_the_source_matters(model: EncoderDecoder) -> None:
    src, tgt = ids(2, 6), ids(2, 4, seed=1)
    assert not torch.allclose(model(src, all_kept(src), tgt), model(src.flip(1), all_kept(src), tgt), atol=1e-3)


@torch.no_grad()
def test_grouped_query_attention_equals_one_head_at_a_time() -> None:
    torch.manual_seed(0)
    attention, x = Attention(CONFIG), torch.randn(2, 5, 32)
    q, (k, v) = attention.project_query(x), attention.project_kv(x)
    keep = torch.tensor([[True] * 5, [True, True, True, False, False]])
    mixed = attention(q, k, v, keep[:, None, None, :])
    heads = []
    for head in range(4):
        scores = q[:, head] @ k[:, head // 2].transpose(1, 2) / math.sqrt(8)
        scores = scores.masked_fill(~keep[:, None, :], float("-inf"))
        heads.append(scores.softmax(-1) @ v[:, head // 2])
    torch.testing.assert_close(mixed, attention.out(torch.cat(heads, dim=-1)), rtol=1e-4, atol=1e-5)


def test_rotation_depends_on_distance_alone() -> None:
    cos, sin = rotary_table(12, 8, 10_000.0, torch.device("cpu"))
    q, k = torch.randn(8), torch.randn(8)
    turned_q, turned_k = (rotate(x.expand(1, 1, 12, 8), cos, sin)[0, 0] for x in (q, k))
    products = turned_q @ turned_k.T
    for distance in range(5):
        diagonal = products.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), rtol=1e-4, atol=1e-4)
    assert not torch.allclose(products[0, 0], products[0, 3])


def test_rotation_by_hand() -> None:
    # Head size 2, position 1: the angle is 1 radian, so (1, 0) becomes (cos 1, sin 1).
    cos, sin = rotary_table(2, 2, 10_000.0, torch.device("cpu"))
    turned = rotate(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), cos, sin)
    expected = torch.tensor([[1.0, 0.0], [math.cos(1), math.sin(1)]])
    torch.testing.assert_close(turned, expected)


@pytest.mark.parametrize(
    ("name", "vocab", "millions"),
    [("tiny", 4000, 3.4), ("small", 4000, 7.3), ("base", 16_000, 46.0), ("150m", 30_000, 149)],
)
def test_presets_have_the_sizes_the_table_tells(name: str, vocab: int, millions: float) -> None:
    config = preset(name, vocab)
    assert set(PRESETS[name]) <= set(config.as_dict())
    d, kv = config.d_model, config.n_kv_heads * config.d_head
    attention, ffn = 2 * d * d + 2 * d * kv, 3 * d * config.d_ff
    layers = config.n_encoder_layers * (attention + ffn + 2 * d) + config.n_decoder_layers * (
        2 * attention + ffn + 3 * d
    )
    expected = vocab * d + layers + 2 * d
    assert expected / 1e6 == pytest.approx(millions, rel=0.01)
    if name == "tiny":
        assert n_parameters(EncoderDecoder(config)) == expected


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_heads": 5}, "multiple of n_heads"),
        ({"n_kv_heads": 4}, "multiple of n_kv_heads"),
        ({"d_model": 36, "n_heads": 12}, "even"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(changes: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        preset("tiny", 1000, **changes)


def test_dropout_is_inverted_and_seeded() -> None:
    dropout, x = Dropout(0.25).train(), torch.ones(40_000)
    draws = []
    for _ in range(2):
        dropout.generator = torch.Generator().manual_seed(3)
        draws.append(dropout(x))
    assert torch.equal(*draws)
    assert float((draws[0] == 0).float().mean()) == pytest.approx(0.25, abs=0.02)
    assert draws[0].unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert torch.equal(dropout.eval()(x), x)


def test_first_logits_have_deviation_one() -> None:
    model = EncoderDecoder(preset("tiny", 2000)).eval()
    src, tgt = ids(4, 10), ids(4, 10, seed=2)
    with torch.no_grad():
        logits = model.logits(model(src, all_kept(src), tgt))
    assert 0.7 < float(logits.std()) < 1.4
