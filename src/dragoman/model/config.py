"""The shape of a model: one frozen record, and the table of presets."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True)
class ModelConfig:
    """Everything that fixes the parameters of an `EncoderDecoder` and what they compute.

    Sizes are counts. `d_ff` is the inner width of SwiGLU (three matrices, so about 8/3 of `d_model` costs what a
    plain feed-forward layer of 4 `d_model` costs). `dropout` acts only while training.
    """

    vocab_size: int
    d_model: int
    n_heads: int
    n_kv_heads: int
    n_encoder_layers: int
    n_decoder_layers: int
    d_ff: int
    dropout: float = 0.1
    rope_base: float = 10_000.0
    norm_eps: float = 1e-6
    pad_id: int = 0

    def __post_init__(self) -> None:
        if self.d_model % self.n_heads:
            raise ValueError(f"d_model {self.d_model} is not a multiple of n_heads {self.n_heads}")
        if self.d_head % 2:
            raise ValueError(f"rotary positions need an even head size, not {self.d_head}")
        if self.n_heads % self.n_kv_heads:
            raise ValueError(f"n_heads {self.n_heads} is not a multiple of n_kv_heads {self.n_kv_heads}")

    @property
    def d_head(self) -> int:
        """Width of one attention head."""
        return self.d_model // self.n_heads

    def as_dict(self) -> dict[str, Any]:
        """Plain values, as `config.json` holds them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ModelConfig:
        """The inverse of `as_dict`; a missing or unknown key is a `ValueError` that names it."""
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"unknown model option {sorted(unknown)[0]!r}")
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError(str(error)) from None


_COLUMNS = ("d_model", "n_heads", "n_kv_heads", "n_encoder_layers", "n_decoder_layers", "d_ff")
PRESETS: dict[str, dict[str, int]] = {
    name: dict(zip(_COLUMNS, sizes, strict=True))
    for name, sizes in {
        # name   width heads kv enc dec  d_ff    for                                      parameters (vocabulary)
        "tiny": (192, 6, 2, 3, 3, 512),  #       the demo, tests, a few thousand pairs    3.4M  (4k)
        "small": (256, 8, 2, 4, 4, 704),  #      30k to 500k pairs, a laptop              7.3M  (4k)
        "base": (512, 8, 2, 6, 6, 1408),  #      a few million pairs, one GPU             46M   (16k)
        "150m": (640, 8, 2, 10, 12, 2240),  #    many millions of pairs, a large GPU      149M  (30k)
    }.items()
}


def preset(name: str, vocab_size: int, **changes: Any) -> ModelConfig:
    """The preset `name` with its vocabulary filled in and any field changed.

    Raises `KeyError` for an unknown name; the recipe checks names before.
    """
    return replace(ModelConfig(vocab_size=vocab_size, **PRESETS[name]), **changes)
