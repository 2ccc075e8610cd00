"""Which training pairs are translations of each other, as far as rules can tell.

Order (the first that objects names the reason): empty, too_long, identical, length_ratio, wrong_language. The pairs
stage adds `duplicate` and `contaminated`. A rule either keeps a pair as it is or drops it; none cuts or changes text.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dragoman.corpus.lid import identify
from dragoman.recipe.corpus import PairsSettings

REASONS: tuple[str, ...] = (
    "empty",
    "too_long",
    "identical",
    "length_ratio",
    "wrong_language",
    "duplicate",
    "contaminated",
)


def empty(src: str, tgt: str, s: PairsSettings) -> bool:
    return not src.strip() or not tgt.strip()


def too_long(src: str, tgt: str, s: PairsSettings) -> bool:
    return max(len(src), len(tgt)) > s.max_chars


def identical(src: str, tgt: str, s: PairsSettings) -> bool:
    # "Windows 11, Version 1703" and "... version 1703" is a translation: case counts
    return src == tgt and len(src.split()) > s.identical_max_words and any(char.isalpha() for char in src)


def length_ratio(src: str, tgt: str, s: PairsSettings) -> bool:
    short, long = sorted((len(src), len(tgt)))
    return long - short > s.length_slack and long > s.max_length_ratio * short


RULES = (empty, too_long, identical, length_ratio)


def judge_pairs(
    pairs: Sequence[tuple[str, str]], settings: PairsSettings, languages: tuple[str, str], checked: Collection[str]
) -> list[str | None]:
    """One verdict a pair (source side, target side); only sides in a language of `checked` are identified."""
    verdicts = [next((rule.__name__ for rule in RULES if rule(*pair, settings)), None) for pair in pairs]
    for side, language in enumerate(languages):
        if language not in checked:
            continue
        asked = [
            i for i, pair in enumerate(pairs) if verdicts[i] is None and len(pair[side]) >= settings.language_min_chars
        ]
        for i, (found, probability) in zip(asked, identify([pairs[i][side] for i in asked]), strict=True):
            if found != language and probability >= settings.language_threshold:
                verdicts[i] = "wrong_language"
    return verdicts
