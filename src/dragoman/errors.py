"""The one error a user meets: what happened, where, and what to do, on one line.

Everything that can go wrong because of the outside world (a file, a recipe, a full disk) is raised as a
`DragomanError`; the command line prints it and exits with 2. Any other exception is a fault of ours.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

EXIT_BAD_INPUT = 2


class DragomanError(Exception):
    """Bad input or a failing machine, said in one line: `what` (`where`): `do`."""

    def __init__(self, what: str, *, where: str | Path | None = None, do: str | None = None) -> None:
        self.what, self.where, self.do = what, where, do
        place = f" ({where})" if where is not None else ""
        advice = f": {do}" if do else ""
        super().__init__(" ".join(f"{what}{place}{advice}".split()))


class RecipeError(DragomanError):
    """A recipe that cannot be read, or says something that does not exist."""


class DataError(DragomanError):
    """A data file that is missing, empty, binary, wrongly encoded or unequal to its partner."""


class RunError(DragomanError):
    """A run that cannot go on: a lock held elsewhere, a damaged manifest, a full disk."""


class BundleError(DragomanError):
    """A model or checkpoint on disk that is missing a part, damaged or of an unknown format."""


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` where something known is near `name`, else the list of what is known."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"known are {', '.join(choices)}" if choices else ""
