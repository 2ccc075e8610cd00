"""What asking one by one and asking by jobs share: who is asked, where it is noted, what it may cost."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from dragoman.synth.budget import Budget
from dragoman.synth.items import Permanent, Prices, Reply, Request, Retryable
from dragoman.synth.journal import Journal, Spent
from dragoman.synth.manners import Manners
from dragoman.synth.progress import Progress
from dragoman.synth.teachers import Teacher
from dragoman.synth.writer import Writer

Outcome = Reply | Retryable | Permanent


@dataclass(frozen=True)
class Desk:
    """Everything that asking needs."""

    teacher: Teacher
    name: str
    """Of the teacher."""
    prices: Prices | None
    journal: Journal
    writer: Writer
    manners: Manners
    budget: Budget
    progress: Progress
    rng: random.Random

    def took(self, request: Request, outcome: Outcome) -> Spent:
        """What one call used up: as counted where there is a reply, as estimated where it may have been charged."""
        if isinstance(outcome, Reply):
            return Spent.on(outcome.tokens_in, outcome.tokens_out, self.prices)
        if isinstance(outcome, Retryable) and outcome.billed:
            return Spent.guess(request, self.prices)
        return Spent(requests=1)

    def note(self, request: Request, outcome: Outcome, spent: Spent, *, again: bool) -> bool:
        """Write down what came of a request on its way; `again`: it is open once more. False: it was known already."""
        journal, id = self.journal, request.id
        if isinstance(outcome, Reply):
            cost = spent.cost if self.prices else None
            return journal.finish(id, outcome, teacher=self.name, cost=cost)
        if again:
            return journal.reopen(id, outcome.reason, spent)
        return journal.fail(id, outcome.reason, permanent=isinstance(outcome, Permanent), spent=spent)

    async def noted(self, request: Request, outcome: Outcome, spent: Spent, *, again: bool) -> None:
        """The same, on the disk when it returns, and counted."""
        await self.writer.do(partial(self.note, request, outcome, spent, again=again))
        if not again:
            self.progress.ended(failed=not isinstance(outcome, Reply))
