"""The records the grammar passes around: words as stored, and phrases as built.

Everything is frozen: a sentence is assembled from values, so no pattern can spoil another one's words.
"""

from __future__ import annotations

from dataclasses import dataclass, field

NOM, ACC, DAT, GEN = 0, 1, 2, 3

Pair = tuple[str, str]


@dataclass(frozen=True)
class Noun:
    """A noun in both languages; `plural` is empty for mass nouns, `weak` marks the n-declension."""

    de: str
    gender: str
    plural: str
    en: str
    en_plural: str
    weak: bool
    kind: str
    tags: frozenset[str]


@dataclass(frozen=True)
class Adjective:
    """An adjective with the kinds of noun it sensibly describes; `stem` is the form that takes endings."""

    de: str
    stem: str
    en: str
    kinds: frozenset[str]


@dataclass(frozen=True)
class Verb:
    """A German verb; `change` is the stem of du/er where the vowel changes, `prefix` is separable."""

    prefix: str
    base: str
    change: str
    preterite: str
    participle: str
    aux: str

    @property
    def infinitive(self) -> str:
        """The form used after modals and werden."""
        return self.prefix + self.base

    @property
    def zu_infinitive(self) -> str:
        """The form with zu, which goes between a separable prefix and the verb."""
        return f"{self.prefix}zu{self.base}" if self.prefix else f"zu {self.base}"


@dataclass(frozen=True)
class Phrase:
    """A noun phrase in all four cases with its English; `slot` 0-5 is ich, du, er, wir, ihr, sie/Sie."""

    cases: tuple[str, str, str, str]
    en: str
    en_obj: str
    slot: int
    gender: str = "m"
    poss: Pair = ("sein", "his")
    pronoun: bool = False
    definite: bool = False
    key: str = ""
    en_slot: int = -1

    @property
    def agreement(self) -> int:
        """The person that the English verb agrees with."""
        return self.slot if self.en_slot < 0 else self.en_slot


@dataclass(frozen=True)
class Predicate:
    """A verb with its complements already inflected, ready to be put into any clause type."""

    verb: Verb
    en: str
    tail: str
    pronouns: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    flags: str = ""


@dataclass(frozen=True)
class Slot:
    """One complement of a verb frame: German case or preposition, noun tags, English preposition."""

    marker: str
    case: int
    tags: tuple[str, ...]
    en_prep: str
    styles: str


@dataclass(frozen=True)
class Frame:
    """A verb with the classes of its subject and complements, so that only sensible clauses arise."""

    verb: Verb
    en: str
    particle: str
    subject: str
    slots: tuple[Slot, ...]
    flags: str


@dataclass(frozen=True)
class Activity:
    """A fixed verb phrase ("Fußball spielen"); `@` is the subject's possessive, sich its reflexive."""

    verb: Verb
    pronouns: tuple[str, ...]
    objects: tuple[str, ...]
    late: tuple[str, ...]
    en: str
    tail: str
    flags: str


@dataclass(frozen=True)
class Spec:
    """An activity with an optional modal and negation: a ready-made clause content for complex sentences."""

    activity: Activity
    modal: str = ""
    negative: bool = False


@dataclass(frozen=True)
class Adverbial:
    """An adverbial with its English position: at the end of the clause or before the main verb ("mid")."""

    de: str
    en: str
    mid: bool = field(default=False)
