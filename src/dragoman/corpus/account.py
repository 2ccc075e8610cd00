"""Counts that must balance: what was read is what was kept, dropped and cut out, in documents, characters and tokens.

`Count` is the account of one source in one language, `waterfall` what a person reads: what is left after each step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Cut:
    """What was taken out of documents: how many of them, and how much."""

    documents: int = 0
    chars: int = 0
    tokens: int = 0

    def add(self, documents: int, chars: int, tokens: int) -> None:
        """Take in more."""
        self.documents += documents
        self.chars += chars
        self.tokens += tokens


@dataclass(slots=True)
class Count:
    """The account of one source in one language."""

    read: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    chars_read: int = 0
    chars_kept: int = 0
    chars_dropped: Counter[str] = field(default_factory=Counter)
    tokens_read: int = 0
    tokens_kept: int = 0
    tokens_dropped: Counter[str] = field(default_factory=Counter)
    cut: dict[str, Cut] = field(default_factory=dict)

    def enter(self, documents: int, chars: int, tokens: int) -> None:
        """Documents come in."""
        self.read += documents
        self.chars_read += chars
        self.tokens_read += tokens

    def drop(self, reason: str, documents: int, chars: int, tokens: int) -> None:
        """Documents fall for `reason`."""
        self.dropped[reason] += documents
        self.chars_dropped[reason] += chars
        self.tokens_dropped[reason] += tokens

    def keep(self, documents: int, chars: int, tokens: int) -> None:
        """Documents stay; negative numbers take them out again."""
        self.kept += documents
        self.chars_kept += chars
        self.tokens_kept += tokens

    def check(self) -> None:
        """Raise `AssertionError` where a sum is wrong or more was taken than was there."""
        cut = self.cut.values()
        balance("documents", self.read, self.kept, self.dropped.total())
        balance("characters", self.chars_read, self.chars_kept, self.chars_dropped.total(), sum(c.chars for c in cut))
        balance("tokens", self.tokens_read, self.tokens_kept, self.tokens_dropped.total(), sum(c.tokens for c in cut))
        for name in ("kept", "chars_kept", "tokens_kept"):
            if getattr(self, name) < 0:
                raise AssertionError(f"{name} is {getattr(self, name)}: more was dropped than was kept before")

    def as_dict(self, rank: Callable[[str], Any] = str) -> dict[str, Any]:
        """The account as JSON, unchecked; reasons and cuts by `rank`."""
        reasons = sorted(self.dropped, key=rank)
        return {
            "read": self.read,
            "kept": self.kept,
            "dropped": {reason: self.dropped[reason] for reason in reasons},
            "chars_read": self.chars_read,
            "chars_kept": self.chars_kept,
            "chars_dropped": {reason: self.chars_dropped[reason] for reason in reasons},
            "tokens_read": self.tokens_read,
            "tokens_kept": self.tokens_kept,
            "tokens_dropped": {reason: self.tokens_dropped[reason] for reason in reasons},
            "cut": {
                kind: {"documents": cut.documents, "chars": cut.chars, "tokens": cut.tokens}
                for kind, cut in sorted(self.cut.items(), key=lambda item: rank(item[0]))
            },
        }

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Count:
        """The account that `as_dict` wrote."""
        found: dict[str, Any] = dict(value)
        for name in ("dropped", "chars_dropped", "tokens_dropped"):
            found[name] = Counter(value[name])
        found["cut"] = {kind: Cut(**figures) for kind, figures in value["cut"].items()}
        return cls(**found)

    def add(self, other: Count) -> None:
        """Take in another account."""
        self.enter(other.read, other.chars_read, other.tokens_read)
        self.keep(other.kept, other.chars_kept, other.tokens_kept)
        for name in ("dropped", "chars_dropped", "tokens_dropped"):
            getattr(self, name).update(getattr(other, name))
        for kind, cut in other.cut.items():
            self.cut.setdefault(kind, Cut()).add(cut.documents, cut.chars, cut.tokens)


def balance(unit: str, read: int, kept: int, *lost: int) -> None:
    """Raise `AssertionError` unless everything that was read was kept or lost."""
    if read != kept + sum(lost):
        raise AssertionError(f"the account of {unit} does not balance: {read} read != {kept} kept + {sum(lost)} lost")


def waterfall(account: Mapping[str, Any], count: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What is left after each step of a funnel's JSON: `read` first, `kept` last, in between every reason and cut.

        {"step": "too_short", "kind": "drop", "documents": 2, "chars": 30, "tokens": 6,
         "documents_left": 1, "chars_left": 50, "tokens_left": 10}

    A cut (`"kind": "cut"`) changes `documents` and drops none. `count` is one of the accounts below `by_source`;
    without it the total is shown.
    """
    count = account["total"] if count is None else count
    left = {"documents": count["read"], "chars": count["chars_read"], "tokens": count["tokens_read"]}
    unreadable = {fault["reason"] for fault in account["faults"]}
    rows = [_step("read", "read", dict.fromkeys(left, 0), left)]
    for name in account["order"]:
        if name in count["cut"]:
            lost = count["cut"][name]
            left = {unit: left[unit] - (lost[unit] if unit != "documents" else 0) for unit in left}
            rows.append(_step(name, "cut", lost, left))
        if name in count["dropped"]:
            units = {"documents": "dropped", "chars": "chars_dropped", "tokens": "tokens_dropped"}
            lost = {unit: count[key][name] for unit, key in units.items()}
            left = {unit: left[unit] - lost[unit] for unit in left}
            rows.append(_step(name, "fault" if name in unreadable else "drop", lost, left))
    return [*rows, _step("kept", "kept", dict.fromkeys(left, 0), left)]


def _step(name: str, kind: str, lost: Mapping[str, int], left: Mapping[str, int]) -> dict[str, Any]:
    return {"step": name, "kind": kind, **lost, **{f"{unit}_left": n for unit, n in left.items()}}
