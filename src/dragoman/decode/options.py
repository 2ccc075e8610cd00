"""What a caller may choose about decoding: two frozen records, checked when made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from dragoman.errors import DragomanError


def _check(good: bool, name: str, value: object, need: str) -> None:
    if not good:
        raise DragomanError(f"decoding option {name} is {value}", do=f"it must be {need}")


@dataclass(frozen=True)
class Sampling:
    """Draw the next token instead of taking the best. The same seed and input give the same output."""

    temperature: float = 1.0
    """Logits are divided by it: below 1 likely tokens gain, above 1 unlikely ones do."""
    top_k: int = 0
    """Draw from the so many most likely tokens only. 0: from all."""
    top_p: float = 1.0
    """Draw from the fewest most likely tokens that together have this probability (nucleus sampling, Holtzman et al.
    2020). 1: from all."""
    seed: int = 0
    """Any integer. Each sentence draws from a generator made of it and of the sentence's number."""

    def __post_init__(self) -> None:
        good = math.isfinite(self.temperature) and self.temperature > 0
        _check(good, "temperature", self.temperature, "a positive number (for the best token each time, do not sample)")
        _check(self.top_k >= 0, "top_k", self.top_k, "0 (all tokens) or more")
        _check(0 < self.top_p <= 1, "top_p", self.top_p, "above 0 and at most 1")


@dataclass(frozen=True)
class DecodeOptions:
    """How to turn source ids into target ids."""

    beam: int = 5
    """Hypotheses kept by beam search. 1: greedy. Without effect when sampling."""
    length_penalty: float = 1.0
    """Exponent of the length that a hypothesis's summed log-probability is divided by: 0 favours short output, 1 ranks
    by the mean log-probability of a token."""
    sampling: Sampling | None = None
    """Draw at random in this way. None: search for the best."""
    batch_tokens: int = 4096
    """Source tokens, padding included, times hypotheses of one batch: what bounds the memory."""
    max_source_tokens: int = 256
    """Longest source in tokens, tag and </s> included: what the model was trained for. Longer lines are split."""
    split_sentences: bool = False
    """Translate every sentence of a line on its own, not only those of lines that are too long: for models trained on
    single sentences, which tend to drop the second one."""
    max_length_ratio: float = 2.0
    """Target tokens allowed for each source token."""
    max_length_extra: int = 20
    """Target tokens allowed beside those."""
    retry: bool = True
    """Decode a second time, with repeated trigrams forbidden, what ran into its length limit or into a loop."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Type of the matrix products; `auto`: bf16 where the device multiplies it fast."""
    threads: int = 0
    """Batches decoded at the same time on a CPU, one core each. 0: as many as there are cores."""

    def __post_init__(self) -> None:
        _check(1 <= self.beam <= 64, "beam", self.beam, "between 1 and 64")
        penalty = self.length_penalty
        _check(math.isfinite(penalty) and penalty >= 0, "length_penalty", penalty, "0 or more")
        _check(self.batch_tokens > 0, "batch_tokens", self.batch_tokens, "positive")
        _check(self.max_source_tokens >= 8, "max_source_tokens", self.max_source_tokens, "at least 8")
        _check(self.max_length_ratio >= 0, "max_length_ratio", self.max_length_ratio, "0 or more")
        _check(self.max_length_extra >= 1, "max_length_extra", self.max_length_extra, "at least 1")
        _check(self.threads >= 0, "threads", self.threads, "0 (all cores) or more")
        _check(self.precision in ("auto", "fp32", "bf16"), "precision", self.precision, "auto, fp32 or bf16")

    @property
    def width(self) -> int:
        """Hypotheses alive for each sentence."""
        return 1 if self.sampling else self.beam

    def limit(self, n_source: int) -> int:
        """Most target tokens, </s> included, for `n_source` source tokens: 2 S + 20 unless changed."""
        return int(self.max_length_ratio * n_source) + self.max_length_extra
