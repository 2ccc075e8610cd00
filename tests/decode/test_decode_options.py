"""Bad decoding options are one clear line; good ones mean what they say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from dragoman.decode.options import DecodeOptions, Sampling
from dragoman.errors import DragomanError
from dragoman.model import precision
from dragoman.model.precision import compute_dtype


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: DecodeOptions(beam=0), "beam"),
        (lambda: DecodeOptions(beam=65), "beam"),
        (lambda: DecodeOptions(length_penalty=-1), "length_penalty"),
        (lambda: DecodeOptions(length_penalty=float("nan")), "length_penalty"),
        (lambda: DecodeOptions(batch_tokens=0), "batch_tokens"),
        (lambda: DecodeOptions(max_source_tokens=3), "max_source_tokens"),
        (lambda: DecodeOptions(max_length_ratio=-1), "max_length_ratio"),
        (lambda: DecodeOptions(max_length_extra=0), "max_length_extra"),
        (lambda: DecodeOptions(threads=-1), "threads"),
        (lambda: DecodeOptions(precision="fp8"), "precision"),  # type: ignore[arg-type]
        (lambda: Sampling(temperature=0), "temperature"),
        (lambda: Sampling(temperature=float("inf")), "temperature"),
        (lambda: Sampling(top_k=-1), "top_k"),
        (lambda: Sampling(top_p=0), "top_p"),
        (lambda: Sampling(top_p=1.1), "top_p"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_name(make: Callable[[], object], name: str) -> None:
    with pytest.raises(DragomanError, match=rf"{name} is .*must be"):
        make()


def test_the_limit_grows_with_the_source() -> None:
    assert DecodeOptions().limit(10) == 40
    assert DecodeOptions(max_length_ratio=1.5, max_length_extra=3).limit(3) == 7


def test_sampling_keeps_one_hypothesis() -> None:
    assert DecodeOptions(beam=5).width == 5
    assert DecodeOptions(beam=5, sampling=Sampling()).width == 1


def test_bf16_is_chosen_where_the_device_has_units_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert compute_dtype("cpu", "fp32") == compute_dtype("cuda", "fp32") == torch.float32
    assert compute_dtype("cpu", "bf16") == compute_dtype("cuda") == torch.bfloat16
    for fast, dtype in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(precision, "_cpu_multiplies_bf16", lambda fast=fast: fast)
        assert compute_dtype("cpu") == compute_dtype(torch.device("cpu"), "auto") == dtype
    assert compute_dtype("mps") == torch.float32
    with pytest.raises(ValueError, match="fp16"):
        compute_dtype("cpu", "fp16")
