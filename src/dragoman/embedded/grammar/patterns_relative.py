"""Patterns with relative clauses: the pronoun's gender is the noun's, its case that of its clause."""

from __future__ import annotations

from dataclasses import replace

from . import adjectives, lexicon
from .clauses import clause, finish
from .english import join
from .model import Frame, Pair, Phrase, Predicate
from .morphology import PRONOUNS, RELATIVE, noun_phrase
from .phrases import FRAMES_BY_SUBJECT, Context
from .verbs import make_verb

_HUMAN = FRAMES_BY_SUBJECT["human"]


def _relation(ctx: Context, phrase: Phrase) -> Pair:
    roll = ctx.rng.random()
    if roll < 0.4:
        return f"ist {(a := ctx.pick(adjectives.TRAITS[:14])).de}", f"is {a.en}"
    if roll < 0.7:
        who = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"])).poss
        role = ctx.pick(_ROLES[phrase.gender])
        return f"ist {who[0] + ('e' if phrase.gender == 'f' else '')} {role[0]}", f"is {who[1]} {role[1]}"
    town = ctx.pick(lexicon.TOWNS)[0]
    return f"kommt aus {town[0].removeprefix('in ')}", f"is from {town[1].removeprefix('in ')}"


_ROLES: dict[str, tuple[Pair, ...]] = {
    "m": (
        ("Onkel", "uncle"),
        ("Nachbar", "neighbor"),
        ("Bruder", "brother"),
        ("Lehrer", "teacher"),
        ("Chef", "boss"),
    ),
    "f": (
        ("Tante", "aunt"),
        ("Nachbarin", "neighbor"),
        ("Schwester", "sister"),
        ("Lehrerin", "teacher"),
        ("Chefin", "boss"),
    ),
}


def _somebody(ctx: Context) -> Phrase:
    noun = ctx.noun("adult", "adult", "young", "job")
    while noun.gender == "n":
        noun = ctx.noun("adult", "young")
    return noun_phrase(noun, "def", adj=ctx.describe(noun, 0.15))


def relative_subject(ctx: Context) -> Pair:
    """Die Frau, die neben uns wohnt, ist Ärztin."""
    head = _somebody(ctx)
    pred = ctx.action(head, ctx.pick(("n", "")), 0.5)
    past = ctx.chance(0.6) or "n" not in pred.flags
    relative = replace(head, cases=(RELATIVE[head.gender][0],) * 4, en="who")
    adverb = ctx.pick(lexicon.PAST_DAY) if past and ctx.chance(0.5) else None
    de, en = clause(relative, pred, "past" if past else "now", "last", adverb=adverb)
    tail = _relation(ctx, head)
    return finish(f"{head.cases[0]}, {de}, {tail[0]}", f"{head.en} {en} {tail[1]}")


_RELATED = tuple(f for f in _HUMAN if len(f.slots) == 1 and "person" in f.slots[0].tags)


def relative_object(ctx: Context) -> Pair:
    """Der Mann, dem ich geholfen habe, ist mein Nachbar. / Die Frau, mit der ..."""
    head, frame = _somebody(ctx), ctx.pick(_RELATED)
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], ctx.address, PRONOUNS["ich"], ctx.name(False)))
    slot = frame.slots[0]
    case = 2 if slot.marker == "dat" else slot.case
    pronoun = RELATIVE[head.gender][case]
    lead = pronoun if slot.marker in ("acc", "dat") else f"{slot.marker} {pronoun}"
    pred = Predicate(frame.verb, frame.en, join(frame.particle, slot.en_prep), flags=frame.flags)
    stative = "s" in frame.flags
    adverb = None if stative or ctx.chance(0.4) else ctx.pick(lexicon.PAST_DAY)
    de, en = clause(subject, pred, "now" if stative else "past", "last", adverb=adverb)
    tail = _relation(ctx, head)
    return finish(f"{head.cases[0]}, {lead} {de}, {tail[0]}", f"{head.en} {en} {tail[1]}")


def _simple_object(frame: Frame) -> bool:
    return (
        [s.marker for s in frame.slots] == ["acc"]
        and not frame.slots[0].en_prep
        and "person" not in frame.slots[0].tags
    )


_OBJECT_VERBS = tuple(
    f
    for f in _HUMAN
    if _simple_object(f)
    and f.flags
    and "s" not in f.flags
    and f.verb.infinitive
    in [
        "lesen",
        "kaufen",
        "reparieren",
        "übersetzen",
        "anprobieren",
        "besichtigen",
        "mieten",
        "bestellen",
        "probieren",
        "schreiben",
        "suchen",
        "finden",
        "ausdrucken",
        "verkaufen",
        "packen",
        "waschen",
    ]
)


def _object_relative(ctx: Context, subject: Phrase) -> tuple[Phrase, Pair]:
    frame = ctx.pick(_OBJECT_VERBS)
    noun = ctx.noun(*frame.slots[0].tags)
    head = noun_phrase(noun, "def", adj=ctx.describe(noun, 0.15))
    pred = Predicate(frame.verb, frame.en, frame.particle)
    adverb = ctx.pick((None, ctx.pick(lexicon.PAST_DAY), ctx.pick(lexicon.PAST_WIDE)))
    de, en = clause(subject, pred, "past", "last", adverb=adverb)
    return replace(head, key=noun.kind), (f"{RELATIVE[noun.gender][1]} {de}", en)


_JUDGED = {
    "food": "lecker frisch",
    "dish": "lecker",
    "media": "interessant langweilig spannend",
    "clothes": "schön teuer billig",
    "vehicle": "teuer schnell kaputt",
    "device": "kaputt modern teuer",
    "furniture": "bequem teuer schön",
    "home": "groß klein teuer",
    "show": "interessant langweilig",
    "task": "schwierig interessant",
    "building": "berühmt alt",
    "thing": "neu teuer alt",
    "date": "wichtig",
    "message": "wichtig kurz",
    "document": "neu alt",
    "sight": "schön alt",
    "paper": "wichtig",
    "foodmass": "frisch lecker teuer",
    "drink": "kalt",
    "person": "nett",
}


_ENGLISH_JUDGED = {a.de: a.en for a in adjectives.ADJECTIVES} | {"kaputt": "broken"}


def relative_thing(ctx: Context) -> Pair:
    """Das Buch, das ich gestern gekauft habe, ist spannend."""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], ctx.address, PRONOUNS["er"], PRONOUNS["sie"], ctx.third()))
    head, (de, en) = _object_relative(ctx, subject)
    word = ctx.pick(_JUDGED.get(head.key, "schön").split())
    more = ctx.pick((("", ""), ("sehr ", "very ")) if word != "kaputt" else (("", ""),))
    return finish(f"{head.cases[0]}, {de}, ist {more[0]}{word}", f"{head.en} {en} is {more[1]}{_ENGLISH_JUDGED[word]}")


def relative_final(ctx: Context) -> Pair:
    """Wo ist das Buch, das du gekauft hast? / Das ist der Mantel, den ..."""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], ctx.address, PRONOUNS["er"], PRONOUNS["sie"], ctx.third()))
    head, (de, en) = _object_relative(ctx, subject)
    if ctx.chance(0.4):
        return finish(f"wo ist {head.cases[0]}, {de}", f"where is {head.en} {en}", "?")
    return finish(f"das ist {head.cases[0]}, {de}", f"that is {head.en} {en}")


def relative_place(ctx: Context) -> Pair:
    """Das Haus, in dem meine Großeltern wohnen, ist sehr alt."""
    subject = ctx.third() if ctx.chance(0.5) else ctx.subject(1.0)
    house = ctx.chance(0.5)
    noun = ctx.noun("rented") if house else ctx.noun("shop")
    while house and noun.kind != "home":
        noun = ctx.noun("sold")
    head = noun_phrase(noun, "def")
    pred = Predicate(
        make_verb("wohnen" if house else "arbeiten"),
        "live" if house else "work",
        "in" if house else "at",
        flags="s",
    )
    adj = ctx.pick(adjectives.BY_KIND[noun.kind])
    past = ctx.chance(0.3)
    de, en = clause(subject, pred, "past" if past else "now", "last")
    de_rel = f"in {RELATIVE[noun.gender][2]} {de}"
    return finish(f"{head.cases[0]}, {de_rel}, ist {adj.de}", f"{head.en} {en} is {adj.en}")


PATTERNS = (relative_subject, relative_object, relative_thing, relative_final, relative_place)
