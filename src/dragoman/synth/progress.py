"""How far asking is, with what it cost so far: a bar on a terminal, and a line every minute anywhere."""

from __future__ import annotations

import contextlib
import time
from types import TracebackType

from dragoman.runlog import RunLog
from dragoman.synth.budget import Budget

EVERY_S = 60.0


class Progress:
    """Counts requests that came to an end. Used as a context."""

    def __init__(self, log: RunLog, total: int, budget: Budget) -> None:
        self.answered = self.failed = 0
        self._log, self._total, self._budget = log, total, budget
        self._stack = contextlib.ExitStack()
        self._start = self._said = time.monotonic()

    def __enter__(self) -> Progress:
        self._advance = self._stack.enter_context(
            self._log.progress("asking the teacher", self._total, unit="requests")
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        if self.answered + self.failed:
            self._log.say(self.words())

    def ended(self, *, failed: bool) -> None:
        """One more request is answered, or has failed for good."""
        self.failed += failed
        self.answered += not failed
        self._advance(1)
        if time.monotonic() - self._said >= EVERY_S:
            self._said = time.monotonic()
            self._log.say(self.words())

    def words(self) -> str:
        """`1,200 of 20,000 requests, 3 failed, 310,000 tokens and 0.21 USD so far, 40/s, 8 min left`"""
        done, spent = self.answered + self.failed, self._budget.spent
        rate = done / max(time.monotonic() - self._start, 1e-3)
        failed = f", {self.failed:,} failed" if self.failed else ""
        cost = f" and {spent.cost:.4g} USD" if self._budget.priced else ""
        left = f", {(self._total - done) / rate / 60:.0f} min left" if done < self._total else ""
        tokens, speed = spent.tokens_in + spent.tokens_out, f"{rate:,.{1 if rate < 10 else 0}f}/s"
        return f"{done:,} of {self._total:,} requests{failed}, {tokens:,} tokens{cost} so far, {speed}{left}"
