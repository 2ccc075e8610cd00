"""Which translations become pairs. The first check that objects names the reason.

    check(Passage(..., text="Er ist 40."), "He is 14.", settings)       -> "numbers"

The order is that of causes before consequences: an answer that is a copy is also in the wrong language, one that
repeats itself is also too long. Each knows one passage and its translation; duplicates are found over all pairs
(`judge.without_copies`). How often each is wrong, measured on translations made by people, stands in LOG.md.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Sequence

from dragoman.corpus import agreement, pair_rules
from dragoman.corpus.lid import identify
from dragoman.recipe.corpus import PairsSettings
from dragoman.recipe.synthesize import CheckSettings
from dragoman.synth import shape, talk
from dragoman.synth.items import Passage
from dragoman.synth.names import names_differ

Checked = tuple[Passage, str]
"""A passage and what is said to be its translation."""
Check = Callable[[Passage, str, CheckSettings], bool]

SENTENCES_A_SLACK = 4
PROSE_WORDS = 5
LONG_TEXT, SURE = 50, 0.8
"""Text with fewer characters is in another language only where this is at least so probable: names mislead."""
_ADDRESS = re.compile(r"\S*(?:@|://|www\.)\S*")
_LETTER = re.compile(r"[^\W_]")


def empty(passage: Passage, text: str, s: CheckSettings) -> bool:
    return _LETTER.search(text) is None


def refusal(passage: Passage, text: str, s: CheckSettings) -> bool:
    return talk.refuses(passage.text, text)


def preamble(passage: Passage, text: str, s: CheckSettings) -> bool:
    return talk.comments(passage.text, text)


def markdown(passage: Passage, text: str, s: CheckSettings) -> bool:
    return talk.formats(passage.text, text)


def copied(passage: Passage, text: str, s: CheckSettings) -> bool:
    """Whether the passage, or a whole sentence of it, was not translated."""
    words = passage.text.split()
    if text.split() == words and len(words) > s.identical_max_words:
        return True
    if pair_rules.copied(passage.text, text, _pairs_settings(s)):
        return True
    own = set(shape.sentences_of(passage.text, passage.src))
    return any(one in own and _is_prose(one) for one in shape.sentences_of(text, passage.tgt))


def _is_prose(sentence: str) -> bool:
    """Whether a sentence is more than a name or an address, which stay as they are."""
    words = sentence.split()
    small = sum(len(word) > 1 and word.islower() and word.isalpha() for word in words)
    return len(words) >= PROSE_WORDS and small > 1


def repetition(passage: Passage, text: str, s: CheckSettings) -> bool:
    """Whether a run of words or a sentence is said again and again, and the passage does not do the like."""
    times = shape.longest_loop(text, s.max_repeats)
    if times > 1 and times > shape.longest_loop(passage.text, s.max_repeats):
        return True
    return shape.says_twice(text, passage.tgt) and not shape.says_twice(passage.text, passage.src)


def truncated(passage: Passage, text: str, s: CheckSettings) -> bool:
    return shape.breaks_off(passage.text, text, (passage.src, passage.tgt))


def length_ratio(passage: Passage, text: str, s: CheckSettings) -> bool:
    return pair_rules.length_ratio(passage.text, text, _pairs_settings(s))


def sentence_count(passage: Passage, text: str, s: CheckSettings) -> bool:
    """Whether there are too many sentences or too few, or their lengths say that one has no counterpart."""
    wanted, found = passage.sentences, len(shape.sentences_of(text, passage.tgt))
    if abs(found - wanted) > s.sentence_slack + wanted // SENTENCES_A_SLACK:
        return True
    return shape.sentence_evidence(passage.text, text, (passage.src, passage.tgt)) > s.max_gap_evidence


def urls(passage: Passage, text: str, s: CheckSettings) -> bool:
    return s.urls_agree and agreement.urls_differ(passage.text, text)


def placeholders(passage: Passage, text: str, s: CheckSettings) -> bool:
    return s.placeholders_agree and agreement.placeholders_differ(passage.text, text)


def numbers(passage: Passage, text: str, s: CheckSettings) -> bool:
    return s.numbers_agree and agreement.numbers_differ(passage.text, text, (passage.src, passage.tgt))


def names(passage: Passage, text: str, s: CheckSettings) -> bool:
    return s.names_agree and names_differ(passage.text, text, passage.src)


BEFORE: tuple[Check, ...] = (empty, refusal, preamble, markdown, copied)
LANGUAGE = "wrong_language"
AFTER: tuple[Check, ...] = (repetition, truncated, length_ratio, sentence_count, urls, placeholders, numbers, names)
REASONS = (*(one.__name__ for one in BEFORE), LANGUAGE, *(one.__name__ for one in AFTER))
"""In the order in which the checks are asked."""


def check(passage: Passage, text: str, settings: CheckSettings) -> str | None:
    """The reason why `text` is no translation of `passage`, or None. `judge` is quicker for many."""
    return judge([(passage, text)], settings)[0]


def judge(pairs: Sequence[Checked], settings: CheckSettings) -> list[str | None]:
    """One verdict a pair: the first reason in the order of `REASONS`, or None."""
    verdicts = [_first(BEFORE, *pair, settings) for pair in pairs]
    asked = [i for i, verdict in enumerate(verdicts) if verdict is None]
    for i, wrong in zip(asked, _wrong_languages([pairs[i] for i in asked], settings), strict=True):
        verdicts[i] = LANGUAGE if wrong else _first(AFTER, *pairs[i], settings)
    return verdicts


def _first(checks: Sequence[Check], passage: Passage, text: str, settings: CheckSettings) -> str | None:
    return next((one.__name__ for one in checks if one(passage, text, settings)), None)


def _wrong_languages(pairs: Sequence[Checked], s: CheckSettings) -> list[bool]:
    """For each pair whether the text, or a long sentence of it, is in another language than it should be."""
    asked = [
        (i, _ADDRESS.sub(" ", part).strip())
        for i, (passage, text) in enumerate(pairs)
        for part in (text, *_long_parts(shape.sentences_of(text, passage.tgt)))
    ]
    wrong = [shape.foreign_letters(passage.text, text) for passage, text in pairs]
    for (i, part), (language, probability) in zip(asked, identify([part for _, part in asked]), strict=True):
        needed = s.language_threshold if len(part) >= LONG_TEXT else max(s.language_threshold, SURE)
        if language != pairs[i][0].tgt and probability >= needed and len(part) >= s.language_min_chars:
            wrong[i] = True
    return wrong


def _long_parts(parts: Sequence[str]) -> list[str]:
    return [part for part in parts if len(part) >= LONG_TEXT] if len(parts) > 1 else []


@functools.cache
def _pairs_settings(s: CheckSettings) -> PairsSettings:
    """The thresholds that these checks share with those of the pairs stage."""
    shared = ("max_length_ratio", "length_slack", "max_copied_words")
    return PairsSettings(**{name: getattr(s, name) for name in shared})
