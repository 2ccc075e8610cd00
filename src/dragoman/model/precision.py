"""Which type the matrix products run in: one rule for training and decoding."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

PRECISIONS = ("auto", "fp32", "bf16")


def compute_dtype(device: str | torch.device, precision: str = "auto") -> torch.dtype:
    """bfloat16 or float32 for `precision` auto, fp32 or bf16 on `device`.

    `auto` takes bf16 where the device has units for it: CUDA, and CPUs with AVX-512-BF16 or AMX. Other CPUs
    emulate it, some fifty times slower than fp32. Raises `ValueError` for another name.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision {precision!r} is none of {', '.join(PRECISIONS)}")
    kind = torch.device(device).type
    fast = kind == "cuda" or (kind == "cpu" and _cpu_multiplies_bf16())
    return torch.bfloat16 if precision == "bf16" or (precision == "auto" and fast) else torch.float32


def _cpu_multiplies_bf16() -> bool:
    # The checks have no public name, and which exist differs between torch versions.
    checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(check()) for name in checks if (check := getattr(torch.cpu, name, None)) is not None)


def autocast(device: torch.device, dtype: torch.dtype) -> AbstractContextManager[object]:
    """Autocast the products on `device` to `dtype`; nothing for fp32."""
    return torch.autocast(device.type, dtype, enabled=dtype is not torch.float32)
