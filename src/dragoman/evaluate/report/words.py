"""Figures and short names as a person reads them."""

from __future__ import annotations

from dragoman.languages import LANGUAGES

ARMS = {"pretrained": "pre-trained", "scratch": "from scratch", "model": "this model"}
REASONS = {
    "too_short": "too short",
    "duplicate": "seen before",
    "contaminated": "holds test or development text",
    "development": "set aside for development",
}
CHOSEN = {
    "last": "The weights are those of the last step",
    "best": "The weights are those that scored best on the development set",
    "average": "The weights are the mean of the last evaluations, which scored best on the development set",
}


def arm(name: str) -> str:
    """`scratch` -> `from scratch`."""
    return ARMS.get(name, name.replace("_", " "))


def reason(name: str) -> str:
    """A counted reason: `wrong_language` -> `wrong language`."""
    return REASONS.get(name, name.replace("_", " "))


def language(code: str) -> str:
    """`de` -> `German`."""
    return LANGUAGES.get(code, code)


def direction(name: str) -> str:
    """`de-en` -> `German → English`."""
    return " → ".join(map(language, name.split("-")))


def millions(n: float) -> str:
    """8_700_000 -> `8.7 million`."""
    return f"{n / 1e6:.1f} million" if n >= 1e5 else f"{n:,.0f}"


def duration(seconds: float | None) -> str:
    """47.2 -> `47 s`, 3725 -> `1 h 2 min`."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def percent(value: float) -> str:
    """12.34 -> `12.3%`; what is there but would be shown as nothing is `<0.1%`, what is nearly all `>99.9%`."""
    if 0 < value < 0.05:
        return "<0.1%"
    return ">99.9%" if 99.95 <= value < 100 else f"{value:.1f}%"
