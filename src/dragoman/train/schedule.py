"""The learning rate as a pure function of the step."""

from __future__ import annotations


def rate_factor(step: int, steps: int, warmup: float, decay: float) -> float:
    """Factor in [0, 1] on the peak rate for `step` (1-based) of `steps`.

    Linear rise over the first `warmup` share, constant, then linear fall to 0 over the last `decay` share
    (warm-up, stable, decay: Hu et al. 2024; a linear fall to zero: Bergsma et al. 2025). Where the two overlap
    the smaller one counts. Example: 100 steps, warmup 0.1, decay 0.5 -> 0.1 at step 1, 1.0 from 10 to 50, 0.02 at 100.
    """
    rise = step / max(1.0, warmup * steps)
    fall = (steps + 1 - step) / max(1.0, decay * steps)
    return max(0.0, min(1.0, rise, fall))
