"""The question before the first request that costs money."""

from __future__ import annotations

import sys
from collections.abc import Callable

from dragoman.errors import RunError
from dragoman.recipe.synthesize import SynthesizeSettings, TeacherSettings
from dragoman.runlog import RunLog
from dragoman.synth.budget import Estimate
from dragoman.synth.items import Prices
from dragoman.synth.prices import read_on

Ask = Callable[[str], bool | None]
"""Puts a question that yes or no answers; None: there is nobody to ask."""
FREE = Prices(0.0, 0.0)


def in_words(found: Estimate) -> str:
    """`20,000 requests for 80,000 passages, about 4,100,000 tokens in and 3,900,000 out, about 3.10 USD`"""
    cost = "at a price that is not known" if found.cost is None else f"about {found.cost:,.2f} USD"
    tokens = f"about {found.tokens_in:,} tokens in and {found.tokens_out:,} out"
    return f"{found.requests:,} requests for {found.passages:,} passages, {tokens}, {cost}"


def confirm(left: Estimate, prices: Prices | None, settings: SynthesizeSettings, log: RunLog, ask: Ask) -> None:
    """Go on, or raise `RunError`. Nobody is asked where nothing can be charged or the answer was given before."""
    if prices == FREE:
        log.say(f"synthesize: {left.requests:,} requests for {left.passages:,} passages, free of charge")
        return
    log.say(f"synthesize: {in_words(left)}{_source(settings.teacher, prices)}")
    if settings.yes:
        return
    answer = ask("synthesize: ask them? [y/N] ")
    if not answer:
        what = "nobody is here to say whether to spend that" if answer is None else "not asked"
        raise RunError(what, do="give --yes (in a recipe: synthesize.yes=true), and a cap such as max_cost")


def _source(teacher: TeacherSettings, prices: Prices | None) -> str:
    """Where the prices come from, if they are those of a list: services change them."""
    listed = None if prices is None or teacher.price_in is not None else read_on(teacher.kind)
    return f" by the list prices of {listed[0]} ({listed[1]})" if listed else ""


def at_terminal(question: str) -> bool | None:
    """Ask the person at the terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
