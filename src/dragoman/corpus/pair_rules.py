"""Which training pairs are translations of each other, as far as rules can tell.

Order (the first that objects names the reason): empty, too_long, identical, length_ratio, copied, urls_differ,
placeholders_differ, numbers_differ, wrong_language. The pairs stage adds `duplicate`, `near_duplicate`, `contaminated`,
`low_score` and `development`. A rule either keeps a pair as it is or drops it; none cuts or changes text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import xxhash

from dragoman.corpus import agreement
from dragoman.corpus.dedup import Seen, text_key
from dragoman.corpus.lid import identify
from dragoman.recipe.corpus import PairsSettings

REASONS: tuple[str, ...] = (
    "empty",
    "too_long",
    "identical",
    "length_ratio",
    "copied",
    "urls_differ",
    "placeholders_differ",
    "numbers_differ",
    "wrong_language",
    "duplicate",
    "near_duplicate",
    "contaminated",
    "low_score",
    "development",
)
Pair = tuple[str, str]

_PUNCTUATION = "\"'„“”‚‘’«»‹›()[]{}<>.,;:!?…*_-–—/"
_DIGITS = re.compile(r"\d+")
_ASCII_DIGITS = re.compile(rb"[0-9]+")
_ASCII_MARKS = bytes(code for code in range(128) if not chr(code).isalnum())
_OTHER_MARKS = re.compile(r"[^\w\x00-\x7f]+")


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


def copied(src: str, tgt: str, s: PairsSettings) -> bool:
    """Whether one side was not translated: nearly all words of a side stand in the other as well.

    Only words in small letters count. Of 550,000 pairs of ten corpora, capitalised ones counted too, 620 had more than
    0.8 in common, nearly all of them good: names, titles, lists of products, paths. Without them 55 are left, in
    tatoeba and multi30k none, and most of these are English in German text.
    """
    first, second = src.split(), tgt.split()
    if min(len(first), len(second)) <= s.identical_max_words:
        return False
    if len(set(first).intersection(second)) < min(2, s.identical_max_words + 1):  # most pairs end here
        return False
    left, right = _plain_words(first), _plain_words(second)
    if min(len(left), len(right)) <= s.identical_max_words:
        return False
    return max(_share(right, left), _share(left, right)) > s.max_copied_words


def _plain_words(tokens: Sequence[str]) -> list[str]:
    """The words of two letters or more that are written in small letters."""
    words = (token.strip(_PUNCTUATION) for token in tokens)
    return [word for word in words if len(word) > 1 and word.isalpha() and word == word.lower()]


def _share(words: Sequence[str], others: Sequence[str]) -> float:
    known = set(others)
    return sum(word in known for word in words) / len(words)


RULES = (empty, too_long, identical, length_ratio, copied)


def disagreement(src: str, tgt: str, s: PairsSettings, languages: Pair) -> str | None:
    """What of that both sides must share is different, by the name of the reason."""
    if not agreement.has_marks(src, tgt):
        return None
    if s.urls_agree and agreement.urls_differ(src, tgt):
        return "urls_differ"
    if s.placeholders_agree and agreement.placeholders_differ(src, tgt):
        return "placeholders_differ"
    if s.numbers_agree and agreement.numbers_differ(src, tgt, languages):
        return "numbers_differ"
    return None


def judge_pairs(
    pairs: Sequence[Pair], settings: PairsSettings, languages: Pair, checked: Collection[str]
) -> list[str | None]:
    """One verdict a pair (source side, target side); only sides in a language of `checked` are identified."""
    verdicts = [_judge(*pair, settings, languages) for pair in pairs]
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


def _judge(src: str, tgt: str, settings: PairsSettings, languages: Pair) -> str | None:
    for rule in RULES:
        if rule(src, tgt, settings):
            return rule.__name__
    return disagreement(src, tgt, settings, languages)


def near_key(src: str, tgt: str) -> int | None:
    """The 64-bit key that near-duplicate pairs share; None for a pair without letters, which is like no other.

    Case, punctuation and white space never count. Numbers count as "some number" where both sides hold the same
    ("Version 1.2" / "Version 1.3": one example of copying is enough), and by their value where the translation
    changes them: "16:00 Uhr" / "4 p.m." and "22:00 Uhr" / "10 p.m." teach two things.
    """
    left, right = _letters(src), _letters(tgt)
    numbers = _DIGITS.findall(src)
    if numbers and sorted(numbers) == sorted(_DIGITS.findall(tgt)):
        left, right = _ASCII_DIGITS.sub(b"0", left), _ASCII_DIGITS.sub(b"0", right)
        if left == right == b"0":
            return None
    elif not left and not right:
        return None
    return xxhash.xxh3_64_intdigest(left + b"\x1f" + right)


def _letters(text: str) -> bytes:
    """The letters and digits of `text`, case-folded."""
    text = text.casefold()
    if not text.isascii():
        text = _OTHER_MARKS.sub("", text)
    return text.encode().translate(None, _ASCII_MARKS)


class Earlier:
    """Remembers the pairs that passed the rules: one hash a pair, two with `near`. Ask in source order."""

    def __init__(self, near: bool) -> None:
        self._exact = Seen()
        self._near = Seen() if near else None

    def judge(self, pairs: Sequence[Pair]) -> list[str | None]:
        """For each pair: `duplicate` or `near_duplicate` of an earlier one, or None."""
        firsts = self._exact.first([text_key(*pair) for pair in pairs])
        verdicts: list[str | None] = [None if first else "duplicate" for first in firsts]
        if self._near is None:
            return verdicts
        keyed = [(i, key) for i, pair in enumerate(pairs) if firsts[i] and (key := near_key(*pair)) is not None]
        for (i, _), first in zip(keyed, self._near.first([key for _, key in keyed]), strict=True):
            if not first:
                verdicts[i] = "near_duplicate"
        return verdicts
