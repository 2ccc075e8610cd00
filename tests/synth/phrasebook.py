"""A translator that knows the sentences which ship with the package, both ways: right answers at no cost.

book = Phrasebook.shipped()
book.translate("Heute ist Montag. Wie spät ist es?")   ->  "Today is Monday. What time is it?"
book.documents("de", 100)                              documents of its sentences, for a synthesis to ask about
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping

from dragoman import embedded

BOUND = re.compile(r"(?<=[.!?…“”\"'’)])\s+")


class Phrasebook:
    """Single sentences and their translations, those left out that read the same in both languages or two ways."""

    def __init__(self, pairs: Iterable[Mapping[str, str]]) -> None:
        self.sentences: dict[str, list[str]] = {"de": [], "en": []}
        self._other: dict[str, str] = {}
        for pair in pairs:
            de, en = pair["de"], pair["en"]
            known = de in self._other or en in self._other or de == en
            if not (known or BOUND.search(de) or BOUND.search(en)):
                self._other |= {de: en, en: de}
                self.sentences["de"].append(de)
                self.sentences["en"].append(en)

    @classmethod
    def shipped(cls, *names: str) -> Phrasebook:
        """Of the embedded pairs, all training sets if none is named."""
        return cls(pair for name in names or ("natural/train", "grammar/train") for pair in embedded.pairs(name))

    def translate(self, text: str) -> str:
        """Sentence by sentence, the longest known one first; what is not known stays as it is."""
        pieces, found = BOUND.split(text), []
        while pieces:
            for end in range(len(pieces), 0, -1):
                if known := self._other.get(" ".join(pieces[:end])):
                    break
            found.append(known or pieces[0])
            del pieces[: end if known else 1]
        return " ".join(found)

    def documents(self, language: str, count: int, sentences: int = 9, seed: int = 0) -> list[str]:
        """Documents of so many sentences each; none holds a sentence twice."""
        rng = random.Random(f"{language} {seed}")
        return [" ".join(rng.sample(self.sentences[language], sentences)) for _ in range(count)]
