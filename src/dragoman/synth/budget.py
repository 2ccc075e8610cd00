"""What a synthesis will cost, and the caps it must not pass.

    estimate(journal.unfinished(requests), prices)   -> Estimate(requests=20000, ..., cost=3.1)
    budget = Budget(Caps(cost=5.0), prices, journal.spent())
    hold = budget.reserve(request)                      None where it might pass a cap, with what is on its way
    budget.settle(hold, Spent.on(reply.tokens_in, reply.tokens_out, prices))

A request is held at the most it can take: its estimate in, and `max_tokens` out, where the service breaks off. So the
caps hold whatever the answers are; the last few per mille below a cap stay unused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dragoman.errors import RecipeError
from dragoman.synth.items import Prices, Request
from dragoman.synth.journal_file import Spent

ROUNDING = 1e-9  # USD; sums of many small floats


@dataclass(frozen=True)
class Estimate:
    """What asking would take."""

    requests: int = 0
    passages: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = None
    """USD; None: the price is not known."""


def estimate(requests: Iterable[Request], prices: Prices | None) -> Estimate:
    """What `requests` would take, each asked once. Streams them."""
    count = passages = tokens_in = tokens_out = 0
    for request in requests:
        count += 1
        passages += len(request.payload.passages)
        tokens_in += request.tokens_in
        tokens_out += request.tokens_out
    return Estimate(count, passages, tokens_in, tokens_out, prices.cost(tokens_in, tokens_out) if prices else None)


@dataclass(frozen=True)
class Caps:
    """The most that all runs on a journal may use up together. None: no cap."""

    cost: float | None = None
    tokens: int | None = None
    requests: int | None = None

    def passed(self, spent: Spent) -> str | None:
        """Which cap `spent` would pass, in words; None: none."""
        if self.requests is not None and spent.requests > self.requests:
            return f"max_requests of {self.requests:,}"
        if self.tokens is not None and spent.tokens_in + spent.tokens_out > self.tokens:
            return f"max_tokens of {self.tokens:,}"
        if self.cost is not None and spent.cost > self.cost + ROUNDING:
            return f"max_cost of {self.cost:g} USD"
        return None


class Budget:
    """Caps, what was spent and what is held for requests on their way."""

    def __init__(self, caps: Caps, prices: Prices | None, spent: Spent) -> None:
        """Raises `RecipeError` where cost is capped and prices are not known."""
        if caps.cost is not None and prices is None:
            raise RecipeError(
                "what the teacher costs is not known, so max_cost cannot be kept",
                where="synthesize.max_cost",
                do="give teacher.price_in and teacher.price_out, or max_tokens instead",
            )
        self._caps, self._prices = caps, prices
        self.spent, self._held, self.holds = spent, Spent(), 0

    @property
    def priced(self) -> bool:
        """Whether costs are known."""
        return self._prices is not None

    def reserve(self, request: Request) -> Spent | None:
        """Hold what `request` may take at most; None, and nothing held, where that might pass a cap."""
        most = self._most(request)
        if self._caps.passed(self.spent + self._held + most):
            return None
        self._held, self.holds = self._held + most, self.holds + 1
        return most

    def reached(self, request: Request) -> str:
        """Which cap is in the way of `request`, in words."""
        return self._caps.passed(self.spent + self._held + self._most(request)) or "no cap"

    def settle(self, hold: Spent, spent: Spent) -> None:
        """A request that was held is over and took `spent`."""
        self.spent, self.holds = self.spent + spent, self.holds - 1
        self._held = self._held - hold if self.holds else Spent()

    def _most(self, request: Request) -> Spent:
        return Spent.on(request.tokens_in, request.payload.max_tokens, self._prices)
