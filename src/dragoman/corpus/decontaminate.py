"""The wall between training and test text: nothing that training reads may hold a development or test segment.

Two ways to be caught, for the segments of all languages alike:
- as a whole: equal after NFKC, case folding and without punctuation and white space ("Ja, gern!" = "ja gern");
- by overlap: the runs of `ngram` words shared with one segment cover at least `overlap` of that segment's words.

Worked example, ngram 3, overlap 0.8: the segment "der kleine hund schläft heute" (5 words) and the training text
"sieh, der kleine hund schläft dort" share the runs "der kleine hund" and "kleine hund schläft", which cover words
0-3: 4 of 5 = 0.8, so the training text is contaminated. With "sieh, der kleine hund bellt" it is 3 of 5: kept.

Where in a long document the shared runs stand does not matter: the doubt goes to the test set.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

import xxhash

_WORD = re.compile(r"\w+")


def normal_words(text: str) -> list[str]:
    """The words of `text` as they are compared: NFKC, case-folded, without punctuation."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _WORD.findall(text.casefold())


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode())


class TestIndex:
    """All development and test segments, as 64-bit hashes of their whole and of their n-grams."""

    __test__ = False  # a class for pytest to leave alone

    def __init__(self, ngram: int, overlap: float, document_min_words: int) -> None:
        self.ngram, self.overlap, self.document_min_words = ngram, overlap, document_min_words
        self._whole: set[int] = set()
        self._places: dict[int, list[tuple[int, int]]] = {}  # n-gram -> (segment, position of its first word)
        self._lengths: list[int] = []  # words of each segment

    def __len__(self) -> int:
        return len(self._whole)

    def add(self, segments: Iterable[str]) -> None:
        """Take in segments; a text without any word (such as '?!') is left out, nothing could be learnt from it."""
        for segment in segments:
            words = normal_words(segment)
            whole = _hash("".join(words))
            if not words or whole in self._whole:
                continue
            self._whole.add(whole)
            number = len(self._lengths)
            self._lengths.append(len(words))
            for position, gram in enumerate(self._grams(words)):
                self._places.setdefault(gram, []).append((number, position))

    def _grams(self, words: Sequence[str]) -> Iterator[int]:
        for start in range(len(words) - self.ngram + 1):
            yield _hash(" ".join(words[start : start + self.ngram]))

    def holds_segment(self, text: str, *, document: bool = False) -> bool:
        """Whether training on `text` would show a test segment; of documents only longer segments are looked for."""
        words = normal_words(text) if self._whole else []
        if not words:
            return False
        return _hash("".join(words)) in self._whole or self._overlaps(words, self.document_min_words if document else 0)

    def _overlaps(self, words: Sequence[str], min_words: int) -> bool:
        covered: dict[int, set[int]] = {}
        for gram in self._grams(words):
            for segment, position in self._places.get(gram, ()):
                covered.setdefault(segment, set()).update(range(position, position + self.ngram))
        return any(
            self._lengths[segment] >= min_words and len(places) >= self.overlap * self._lengths[segment]
            for segment, places in covered.items()
        )


def holds_segment_slow(text: str, segments: Iterable[str], index: TestIndex, *, document: bool = False) -> bool:
    """The same answer with no index and no hash: every segment is held against the text. For tests."""
    n, words = index.ngram, normal_words(text)
    runs = [words[i : i + n] for i in range(len(words) - n + 1)]
    for segment in segments:
        asked = normal_words(segment)
        if asked and "".join(asked) == "".join(words):
            return True
        shared = [p for p in range(len(asked) - n + 1) if asked[p : p + n] in runs]
        covered = {place for p in shared for place in range(p, p + n)}
        long_enough = not document or len(asked) >= index.document_min_words
        if covered and long_enough and len(covered) >= index.overlap * len(asked):
            return True
    return False
