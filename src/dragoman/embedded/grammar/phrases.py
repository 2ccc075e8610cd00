"""The context of one sentence: a random source that picks words which fit together.

It keeps one form of address per sentence (du, ihr or Sie) and never uses a noun or name twice, so that
"Anna besucht Anna" or a mixture of du and Sie cannot arise.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

from . import adjectives, lexicon, nouns
from .english import join
from .model import ACC, DAT, Activity, Adjective, Frame, Noun, Phrase, Predicate, Slot, Spec
from .morphology import PRONOUNS, ein_word, name_phrase, noun_phrase, reflexive, with_preposition
from .verbs import FRAMES, splits

T = TypeVar("T")

_GROUPS = (
    ("Eltern", "parents"),
    ("Großeltern", "grandparents"),
    ("Kinder", "children"),
    ("Nachbarn", "neighbors"),
    ("Freunde", "friends"),
    ("Kollegen", "colleagues"),
)
_PLURALS = (
    ("die Kinder", "the children"),
    ("die Mädchen", "the girls"),
    ("die Jungen", "the boys"),
    ("die Studenten", "the students"),
    ("die Schüler", "the students"),
    ("die Gäste", "the guests"),
    ("die Touristen", "the tourists"),
)


def _frames_by_subject() -> dict[str, tuple[Frame, ...]]:
    subjects = sorted({frame.subject for frame in FRAMES})
    return {subject: tuple(frame for frame in FRAMES if frame.subject == subject) for subject in subjects}


FRAMES_BY_SUBJECT = _frames_by_subject()


def group_phrase(german: str, english: str, stem: str, owner: str) -> Phrase:
    """A plural group with its possessive: unsere Eltern, our parents."""
    dative = german if german.endswith("n") else german + "n"
    forms = [ein_word(stem, "p", case) for case in range(4)]
    cases = (f"{forms[0]} {german}", f"{forms[1]} {german}", f"{forms[2]} {dative}", f"{forms[3]} {german}")
    text = f"{owner} {english}"
    return Phrase(cases, text, text, 5, "p", ("ihr", "their"), definite=True, key=german)


class Context:
    """What one sentence draws its words from."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.address = PRONOUNS[("du", "du", "ihr", "Sie", "Sie")[int(rng.random() * 5)]]
        self.used: set[str] = set()

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, uniformly."""
        return items[int(self.rng.random() * len(items))]

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.rng.random() < probability

    def fresh(self, items: Sequence[Noun]) -> Noun:
        """A noun that this sentence has not used yet."""
        for _ in range(20):
            noun = self.pick(items)
            if noun.de not in self.used and noun.plural not in self.used:
                break
        self.used.add(noun.de)
        return noun

    def noun(self, *tags: str) -> Noun:
        """A noun with one of the tags."""
        return self.fresh(nouns.BY_TAG[tags[int(self.rng.random() * len(tags))]])

    # People

    def name(self, full: bool = True) -> Phrase:
        """A first name, or Herr/Frau with a surname."""
        roll = self.rng.random()
        if full and roll < 0.15:
            surname = self._unused(lexicon.SURNAMES)
            return name_phrase(f"Frau {surname}", "f", english=f"Ms. {surname}")
        if full and roll < 0.3:
            surname = self._unused(lexicon.SURNAMES)
            return name_phrase(f"Herr {surname}", "m", f"Herrn {surname}s", f"Herrn {surname}", f"Mr. {surname}")
        woman = self.chance(0.5)
        return name_phrase(self._unused(lexicon.WOMEN if woman else lexicon.MEN), "f" if woman else "m")

    def _unused(self, names: Sequence[str]) -> str:
        for _ in range(20):
            name = self.pick(names)
            if name not in self.used:
                break
        self.used.add(name)
        return name

    def kin(self, owner: Phrase | None = None, described: float = 0.3) -> Phrase:
        """A relative with a possessive (mein Bruder), sometimes "my little brother"."""
        noun = self.noun("kin")
        while noun.de in _PARTNERS and not _may_have(owner or PRONOUNS["ich"], noun):
            noun = self.noun("kin")
        self.used.update(_PARTNERS if noun.de in _PARTNERS else ())
        adj = self.pick(adjectives.BIG_SIBLING) if noun.de in _SIBLINGS and self.chance(described) else None
        stem, english = (owner or PRONOUNS["ich"]).poss
        return noun_phrase(noun, stem, english, adj=adj)

    def worker(self, tag: str = "human", kind: str = "def") -> Phrase:
        """A person by profession or role; bosses, colleagues and neighbors belong to somebody."""
        noun = self.noun(tag)
        if noun.tags & _PERSONAL or noun.de in _BOSSES:
            return noun_phrase(noun, "mein", "my")
        adj = self.pick(adjectives.BY_KIND["person"]) if self.chance(0.2) else None
        return noun_phrase(noun, kind, adj=adj)

    def group(self, owner: Phrase | None = None) -> Phrase:
        """Several people."""
        if owner is None and self.chance(0.4):
            german, english = self.pick(_PLURALS)
            noun = german.split()[1]
            dative = "den " + (noun if noun.endswith("n") else noun + "n")
            cases = (german, german, dative, f"der {noun}")
            return Phrase(cases, english, english, 5, "p", ("ihr", "their"), definite=True, key=noun)
        german, english = self.pick(_GROUPS)
        self.used.update((german, german[:-1]))
        return group_phrase(german, english, *(owner or PRONOUNS[self.pick(("ich", "wir"))]).poss)

    def subject(self, pronouns: float = 0.45) -> Phrase:
        """Somebody who acts."""
        if self.chance(pronouns):
            return self.pick(
                (
                    PRONOUNS["ich"],
                    PRONOUNS["ich"],
                    self.address,
                    PRONOUNS["er"],
                    PRONOUNS["sie"],
                    PRONOUNS["wir"],
                )
            )
        return self.third()

    def third(self) -> Phrase:
        """Somebody in the third person, not a pronoun."""
        roll = self.rng.random()
        if roll < 0.4:
            return self.name()
        if roll < 0.65:
            return self.kin()
        if roll < 0.85:
            return self.worker(self.pick(("job", "job", "mate", "adult", "job", "human")))
        return self.group()

    def person(self, subject: Phrase, own: bool = True) -> Phrase:
        """Somebody who is acted on, different from the subject; `own` relatives are the subject's."""
        if self.chance(0.35):
            if subject.slot in (0, 3):
                return self.pick((self.address, PRONOUNS["er"], PRONOUNS["sie"]))
            if subject.slot in (1, 4) or subject == PRONOUNS["Sie"]:
                return self.pick((PRONOUNS["ich"], PRONOUNS["wir"], PRONOUNS["er"], PRONOUNS["sie"]))
            return self.pick((PRONOUNS["ich"], PRONOUNS["wir"], self.address))
        roll = self.rng.random()
        if roll < 0.3:
            return self.name()
        if roll < 0.65 and subject.en != "who":
            return self.kin(subject if own else self.address if subject.slot in (0, 3) else PRONOUNS["ich"])
        return self.group(subject) if roll > 0.85 and subject.en != "who" else self.worker()

    # Things

    def describe(self, noun: Noun, probability: float = 0.4) -> Adjective | None:
        """An adjective that fits the noun, some of the time."""
        options = adjectives.BY_KIND.get(noun.kind)
        return self.pick(options) if options and self.chance(probability) else None

    def thing(self, tags: Sequence[str], styles: str, subject: Phrase, adjective: float = 0.4) -> Phrase:
        """A thing of the class with a determiner among the styles (see verbs.py)."""
        noun = self.noun(*tags)
        style = self.pick(styles)
        mass = not noun.plural
        shared = style == "p" and subject.gender == "p" and subject != PRONOUNS["Sie"] and noun.kind in _WORN
        plural = (style in "nDPT" or shared) and not mass
        adj = self.describe(noun, adjective)
        if style in "pP":
            return noun_phrase(noun, subject.poss[0], subject.poss[1], plural, adj)
        if style == "b" or (style in "in" and mass):
            return noun_phrase(noun, "bare", adj=adj)
        return noun_phrase(noun, {"i": "ein", "n": "ein", "t": "this", "T": "this"}.get(style, "def"), "", plural, adj)

    # Predicates

    def predicate(self, frame: Frame, subject: Phrase, definite: bool | None = None) -> Predicate:
        """The frame with its complements; `definite` asks for definite or indefinite objects only."""
        parts = _Parts(frame)
        for slot in frame.slots:
            self._fill(parts, slot, subject, definite)
        return parts.finish(frame)

    def _fill(self, parts: _Parts, slot: Slot, subject: Phrase, definite: bool | None) -> None:
        if slot.marker in ("sich", "sich3"):
            parts.pronouns.append(reflexive(subject.slot, ACC if slot.marker == "sich" else DAT))
        elif slot.marker == "lit":
            parts.late.append(slot.tags[0])
            parts.prep_en.append(slot.en_prep)
        else:
            styles = slot.styles
            if definite:
                styles = "".join(s for s in styles if s not in "in").strip("0") or "d"
            elif definite is False and "i" in styles:
                styles = "i0" if "0" in styles else "i"
            phrase = self._object(slot, styles, subject)
            parts.add(slot, phrase)

    def _object(self, slot: Slot, styles: str, subject: Phrase) -> Phrase:
        if "person" in slot.tags or "other" in slot.tags:
            return self.person(subject, "person" in slot.tags)
        return self.thing(slot.tags, styles.replace("0", ""), subject, 0.0 if "0" in slot.styles else 0.4)

    def fixed(self, item: Activity, subject: Phrase) -> Predicate:
        """A ready-made activity with the subject's possessive and reflexive put in."""
        stem, english = subject.poss
        pronouns = tuple(reflexive(subject.slot, DAT if p == "sich3" else ACC) for p in item.pronouns)
        return Predicate(
            verb=item.verb,
            en=item.en,
            tail=item.tail.replace("@", english),
            pronouns=pronouns,
            objects=tuple(_possess(text, stem) for text in item.objects),
            late=tuple(_possess(text, stem) for text in item.late),
            flags=item.flags,
        )

    def spec(self, item: Spec, subject: Phrase) -> Predicate:
        """The predicate of a clause content (its modal and negation are the caller's business)."""
        return self.fixed(item.activity, subject)

    def action(self, subject: Phrase, flag: str, activities: float = 0.35, definite: bool | None = None) -> Predicate:
        """Something a person does, with the given flag."""
        if self.chance(activities):
            pool = _ACTIVITIES_BY_FLAG.get((flag, bool(definite)), ())
            if pool:
                return self.fixed(self.pick(pool), subject)
        return self.predicate(self.pick(frames_with(flag)), subject, definite)


_PERSONAL = frozenset(["mate"])
_BOSSES = frozenset(["Chef", "Chefin"])
_SIBLINGS = frozenset(noun.de for noun in nouns.BY_TAG["sib"])


_WORN = frozenset(["clothes", "thing", "document", "device"])
_PARTNERS = {"Mann": "m", "Freund": "m", "Frau": "f", "Freundin": "f"}


def _may_have(owner: Phrase, partner: Noun) -> bool:
    """One wife per husband: no partners of groups, and none that would need explaining."""
    return (
        owner.slot not in (3, 4)
        and (owner.slot != 5 or owner.pronoun)
        and not (owner.slot == 2 and owner.gender == _PARTNERS[partner.de])
    )


def _possess(text: str, stem: str) -> str:
    words = []
    for word in text.split():
        if word.startswith("@"):
            base = "eur" if stem == "euer" and len(word) > 1 else stem
            word = base + word[1:]
        words.append(word)
    return " ".join(words)


class _Parts:
    """The complements of one predicate while they are collected."""

    def __init__(self, frame: Frame) -> None:
        self.particle = frame.particle
        self.pronouns: list[str] = []
        self.objects: list[str] = []
        self.late: list[str] = []
        self.bare_en: list[str] = []
        self.prep_en: list[str] = []

    def add(self, slot: Slot, phrase: Phrase) -> None:
        """File a complement under its place in German and in English."""
        if slot.marker not in ("acc", "dat"):
            self.late.append(with_preposition(slot.marker, phrase.cases[slot.case]))
        elif phrase.pronoun:
            self.pronouns.append(phrase.cases[DAT if slot.marker == "dat" else ACC])
        else:
            self.objects.append(phrase.cases[DAT if slot.marker == "dat" else ACC])
        if slot.en_prep:
            self.prep_en.append(f"{slot.en_prep} {phrase.en_obj}")
        elif phrase.pronoun and splits(self.particle):
            self.bare_en.append(f"{phrase.en_obj} {self.particle}")
            self.particle = ""
        else:
            self.bare_en.append(phrase.en_obj)

    def finish(self, frame: Frame) -> Predicate:
        """The finished predicate."""
        tail = join(self.particle, *self.bare_en, *self.prep_en)
        return Predicate(
            frame.verb,
            frame.en,
            tail,
            tuple(self.pronouns),
            tuple(self.objects),
            tuple(self.late),
            frame.flags,
        )


def _activities_by_flag() -> dict[tuple[str, bool], tuple[Activity, ...]]:
    table: dict[tuple[str, bool], tuple[Activity, ...]] = {}
    for flag in "hniwsb":
        fitting = tuple(item for item in lexicon.ACTIVITIES if flag in item.flags)
        table[flag, False] = fitting
        table[flag, True] = tuple(item for item in fitting if "b" not in item.flags)
    table["", False] = lexicon.ACTIVITIES
    table["", True] = tuple(item for item in lexicon.ACTIVITIES if "b" not in item.flags)
    return table


_PLACED_VERBS = frozenset(
    [
        "kaufen",
        "treffen",
        "finden",
        "verlieren",
        "mieten",
        "vergessen",
        "kennenlernen",
        "warten",
        "bestellen",
        "lesen",
    ]
)
_ACTIVITIES_BY_FLAG = _activities_by_flag()
_HUMAN_FRAMES = {
    flag: tuple(f for f in FRAMES_BY_SUBJECT["human"] if flag in f.flags) for flag in ("h", "n", "i", "w", "s", "-")
}
_HUMAN_FRAMES[""] = tuple(f for f in FRAMES_BY_SUBJECT["human"] if "s" not in f.flags)


PLACED = tuple(f for f in FRAMES_BY_SUBJECT["human"] if f.verb.infinitive in _PLACED_VERBS)
"""Frames whose event happens somewhere worth asking about (Wo hast du ...?)."""


def frames_with(flag: str) -> tuple[Frame, ...]:
    """The frames with a human subject that carry the flag ("" for all that are not stative)."""
    return _HUMAN_FRAMES[flag]
