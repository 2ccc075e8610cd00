"""Both sides of the cache benchmark do the same work: the same tokens, as many as asked for."""

from __future__ import annotations

import pytest
import torch

from dragoman.evaluate.speed import SOURCE_TOKENS, cached_search, kv_cache, random_source, uncached_search
from dragoman.model.cache import Cache
from dragoman.model.config import ModelConfig
from dragoman.model.transformer import EncoderDecoder


@pytest.fixture
def model() -> EncoderDecoder:
    generator = torch.Generator().manual_seed(3)
    model = EncoderDecoder(ModelConfig(120, 32, 4, 2, 2, 2, 48)).eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.5, generator=generator)
    return model


@pytest.mark.parametrize("beam", [1, 3, 4])
@pytest.mark.parametrize("length", [1, 9])
def test_cached_and_uncached_make_the_same_tokens(model: EncoderDecoder, beam: int, length: int) -> None:
    with torch.inference_mode():
        src, keep = random_source(model, 3)
        cached = cached_search(model, src, keep, length, beam)
        assert cached.shape == (3, beam, length)
        assert torch.equal(cached, uncached_search(model, src, keep, length, beam))
        assert len({tuple(row) for sentence in cached.tolist() for row in sentence}) > 1


def test_the_comparison_notices_beams_that_are_not_reordered(
    model: EncoderDecoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cache, "select", lambda self, rows: None)
    with torch.inference_mode():
        src, keep = random_source(model, 3)
        assert not torch.equal(cached_search(model, src, keep, 9, 4), uncached_search(model, src, keep, 9, 4))


def test_a_row_says_what_was_measured_and_where(model: EncoderDecoder) -> None:
    rows = kv_cache(model, (2, 4), batch=2, beam=2)
    assert [row["length"] for row in rows] == [2, 4]
    for row in rows:
        assert row["cached_ms"] > 0
        assert row["uncached_ms"] > 0
        assert row["speedup"] == pytest.approx(row["uncached_ms"] / row["cached_ms"])
        assert (row["batch"], row["beam"]) == (2, 2)
        assert "torch" in row["machine"]


def test_the_source_is_the_same_each_time_and_fits_a_small_vocabulary() -> None:
    model = EncoderDecoder(ModelConfig(20, 16, 2, 1, 1, 1, 24))
    src, keep = random_source(model, 2)
    assert src.shape == keep.shape == (2, SOURCE_TOKENS)
    assert torch.equal(src, random_source(model, 2)[0])
    assert int(src.max()) < 20
