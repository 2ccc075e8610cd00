"""The cleaning of one document, slow and obvious: the truth that the batch function (`clean.py`) is tested against.

No arrays, no hashes, no bounds: characters are asked one by one, runs of words are compared as words. It is also what
benchmarks/curate.py gives to frameworks that work row by row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress

from dragoman.corpus.characters import Kind, kind_of, small
from dragoman.corpus.clean import LINE_LOOK, MOST_FOREIGN, SURE
from dragoman.corpus.lid import identify
from dragoman.corpus.mask import mask
from dragoman.corpus.measures import BULLETS, ELLIPSES
from dragoman.corpus.pages import cut_furniture
from dragoman.corpus.phrases import Lists
from dragoman.corpus.repair import repair
from dragoman.corpus.repetition import DUPLICATE_SIZES, TOP_SIZES
from dragoman.corpus.rules import first_objection
from dragoman.recipe.corpus import CurateSettings

_SENTENCE_END = re.compile("[.!?][\"'“”‘’«»›‹)\\]*]*$")


@dataclass(frozen=True)
class Pieces:
    """Lines or paragraphs of one document."""

    texts: Sequence[str]

    @property
    def pieces(self) -> int:
        return len(self.texts)

    @property
    def chars(self) -> int:
        return sum(map(len, self.texts))

    @property
    def _again(self) -> list[str]:
        seen: set[str] = set()
        again = []
        for text in map(small, self.texts):
            if text in seen:
                again.append(text)
            seen.add(text)
        return again

    @property
    def again(self) -> int:
        return len(self._again)

    @property
    def again_chars(self) -> int:
        return sum(map(len, self._again))


class Measured:
    """What the rules ask about one repaired text without furniture."""

    def __init__(self, text: str, settings: CurateSettings, lists: Lists) -> None:
        self.text, self.settings, self.lists = text, settings, lists
        kinds = Counter(map(kind_of, text))
        self.chars = len(text)
        self._words = text.split()
        self.words = len(self._words)
        self.symbols, self.digits, self.capitals = kinds[Kind.SYMBOL], kinds[Kind.DIGIT], kinds[Kind.CAPITAL]
        self.letters = self.capitals + kinds[Kind.SMALL]
        self.visible = len(text) - kinds[Kind.SPACE]
        self._looked = list(map(small, self._words[: settings.type_token_words]))
        self.looked_words, self.different_words = len(self._looked), len(set(self._looked))
        lines = [line for line in text.split("\n") if line]
        self.lines, self.paragraphs = Pieces(lines), Pieces(re.split("\n\n+", text) if text else [])
        self.bullet_lines = sum(line[0] in BULLETS for line in lines)
        self.ellipsis_lines = sum(line.endswith(ELLIPSES) for line in lines)
        self.sentence_end_lines = sum(_SENTENCE_END.search(line) is not None for line in lines)

    @property
    def boilerplate_head(self) -> bool:
        return self.lists.head_holds(self.text, self.settings.head_chars)

    @property
    def blocked_pattern(self) -> bool:
        return self.lists.matches_pattern(self.text)

    @property
    def blocked_words(self) -> int:
        return self.lists.count_words(self.text)

    @cached_property
    def _running(self) -> list[str]:
        return list(map(small, self._words)) if self.words >= self.settings.repetition_min_words else []

    @property
    def top_runs(self) -> list[bool]:
        limits = self.settings.max_top_ngram_chars
        return [self._top(n) > limit * self.visible for n, limit in zip(TOP_SIZES, limits, strict=True)]

    def _top(self, n: int) -> int:
        """Most characters in the occurrences of one run of n words that occurs more than once."""
        counts = Counter(_runs(self._running, n))
        return max((count * sum(map(len, run)) for run, count in counts.items() if count > 1), default=0)

    @property
    def repeated_runs(self) -> list[bool]:
        limits = self.settings.max_duplicate_ngram_chars
        return [self._repeated(n) > limit * self.visible for n, limit in zip(DUPLICATE_SIZES, limits, strict=True)]

    def _repeated(self, n: int) -> int:
        """Characters of the words in runs of n words that stood earlier, no word counted twice."""
        seen: set[tuple[str, ...]] = set()
        covered: set[int] = set()
        for place, run in enumerate(_runs(self._running, n)):
            if run in seen:
                covered.update(range(place, place + n))
            seen.add(run)
        return sum(len(self._running[place]) for place in covered)


def _runs(words: Sequence[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[place : place + n]) for place in range(len(words) - n + 1)]


def clean_document(text: str, settings: CurateSettings, lists: Lists, language: str | None) -> tuple[str, str | None]:
    """The text as it would be kept, and the reason why it is not (None: it is); `language` None: not checked."""
    text = repair(text)
    if settings.page_lines is not None:
        text = _cut_page(text, settings, lists, language)
    if settings.mask:
        text, _ = mask(text, settings.mask)
    reason = first_objection(Measured(text, settings, lists), settings)
    if reason is None and language is not None and len(text) >= settings.language_min_chars:
        reason = None if _is_in(text, language, settings.language_threshold) else "wrong_language"
    return text, reason


def _is_in(text: str, language: str, threshold: float) -> bool:
    """Whether a text is in a language: surely so by its head, or else by a longer one."""
    (found, probability), (longer, later) = identify([text[:LINE_LOOK], text])
    surely = found == language and probability >= max(SURE, threshold)
    return surely or (longer == language and later >= threshold)


def _cut_page(text: str, settings: CurateSettings, lists: Lists, language: str | None) -> str:
    page_lines = settings.page_lines or 0
    if text.count("\n") + 1 < page_lines:
        return text
    text = cut_furniture(text, (*lists.heads, *lists.lines), page_lines)
    text = _cut_lines_again(text, settings.repeated_line_min_chars)
    if language is None or settings.foreign_line_min_chars is None:
        return text
    lines = text.split("\n")
    foreign = [_foreign(line, settings, language) for line in lines]
    if sum(map(len, compress(lines, foreign))) > MOST_FOREIGN * sum(map(len, lines)):
        return text
    return "\n".join(line for line, strange in zip(lines, foreign, strict=True) if not strange)


def _cut_lines_again(text: str, least: int) -> str:
    seen: set[str] = set()
    kept = []
    for line in text.split("\n"):
        if len(line) < least or line not in seen:
            kept.append(line)
        seen.add(line)
    return "\n".join(kept)


def _foreign(line: str, settings: CurateSettings, language: str) -> bool:
    if len(line) < (settings.foreign_line_min_chars or 0):
        return False
    found, probability = identify([line[:LINE_LOOK]])[0]
    return found not in ("", language) and probability >= settings.foreign_line_threshold
