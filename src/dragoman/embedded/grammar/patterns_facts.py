"""Patterns for describing: copula, professions, belonging, genitive circumstances, wishes."""

from __future__ import annotations

from dataclasses import replace

from . import adjectives, lexicon
from .activities import activity
from .adjectives import BY_KIND
from .clauses import clause, english, finish, german
from .english import join, possessive, with_article
from .model import Adjective, Adverbial, Pair, Predicate
from .morphology import PRONOUNS, german_phrase, noun_phrase
from .nouns import BY_TAG
from .phrases import Context
from .verbs import make_verb

SEIN = make_verb("sein")


def copula(de: str, en: str) -> Predicate:
    return Predicate(SEIN, "be", en, late=(de,))


def feeling(ctx: Context) -> Pair:
    """Meine Schwester ist sehr müde."""
    subject, state = ctx.subject(), ctx.pick(adjectives.STATES)
    degree = ctx.pick((("", ""), ("sehr", "very"), ("ein bisschen", "a little"), ("ziemlich", "quite"), ("", "")))
    if state.de in ("allein", "verliebt", "pünktlich", "fertig", "gesund"):
        degree = ("", "")
    pred = copula(join(degree[0], state.de), join(degree[1], state.en))
    neg = degree[0] in ("", "sehr") and ctx.chance(0.25)
    if ctx.chance(0.5):
        return finish(*clause(subject, pred, "past", adverb=ctx.pick(lexicon.PAST_DAY), neg=neg))
    return finish(*clause(subject, pred, "now", neg=neg))


def trait(ctx: Context) -> Pair:
    """Der neue Lehrer ist freundlich und geduldig."""
    subject = ctx.subject(0.3)
    first, second = ctx.pick(adjectives.TRAITS[:8]), ctx.pick(adjectives.TRAITS[9:14])
    joiner = ctx.pick((("und", "and"), ("", "")))
    if joiner[0]:
        return finish(*clause(subject, copula(f"{first.de} und {second.de}", f"{first.en} and {second.en}"), "now"))
    pred = copula(f"sehr {second.de}", f"very {second.en}")
    return finish(*clause(subject, pred, ctx.pick(("now", "past")), neg=ctx.chance(0.3)))


_JOBS = tuple(noun for noun in BY_TAG["job"] if noun.de not in ("Bauer", "Koch"))


def profession(ctx: Context) -> Pair:
    """Mein Vater ist Lehrer. / Sie möchte Ärztin werden."""
    woman = ctx.chance(0.5)
    gender = "f" if woman else "m"
    noun = ctx.pick([n for n in _JOBS if n.gender == gender])
    subject = PRONOUNS["sie" if woman else "er"] if ctx.chance(0.2) else ctx.kin() if ctx.chance(0.5) else ctx.name()
    while subject.gender != gender:
        subject = ctx.kin() if ctx.chance(0.5) else ctx.name()
    kind = ctx.rng.randrange(3)
    if kind == 0 and subject.key not in AGES:
        become = Predicate(make_verb("werden"), "become", with_article(noun.en), late=(noun.de,))
        return finish(*clause(subject, become, "habit", modal=ctx.pick(("möchten", "wollen"))))
    time = ctx.pick((None, ctx.pick(lexicon.SINCE_LONG)))
    pred = copula(noun.de, with_article(noun.en))
    if time is None or kind == 1:
        return finish(*clause(subject, pred, ctx.pick(("now", "now", "past"))))
    return finish(german(subject, pred, "present", time=time.de), english(subject, pred, "perfect", time))


def describe_thing(ctx: Context) -> Pair:
    """Dieses Buch ist sehr interessant."""
    noun = ctx.fresh([n for n in BY_TAG[ctx.pick(_DESCRIBED)] if n.kind in BY_KIND])
    adj = ctx.pick(BY_KIND[noun.kind])
    plural = bool(noun.plural) and ctx.chance(0.3)
    owned = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], ctx.address, PRONOUNS["er"], PRONOUNS["sie"])).poss
    style = ctx.pick(("def", "this", owned[0])) if noun.kind in OWNABLE else ctx.pick(("def", "this"))
    subject = noun_phrase(noun, style, owned[1], plural)
    degree = (
        ctx.pick((("", ""), ("sehr ", "very "), ("zu ", "too "), ("wirklich ", "really ")))
        if adj.de not in ABSOLUTE
        else ("", "")
    )
    past = ctx.chance(0.25)
    neg = degree[0] in ("", "sehr ") and ctx.chance(0.2)
    pred = copula(degree[0] + adj.de, degree[1] + adj.en)
    return finish(*clause(subject, pred, "past" if past else "now", neg=neg))


_DESCRIBED = (
    "buyable",
    "watchable",
    "readable",
    "room",
    "understood",
    "sight",
    "clothes",
    "shop",
    "furniture",
    "vehicle",
    "device",
)


OWNABLE = frozenset(["clothes", "vehicle", "device", "furniture", "room", "home", "thing", "document"])


ABSOLUTE = frozenset(["rot", "blau", "grün", "gelb", "schwarz", "weiß", "braun", "grau", "lecker"])


def sort_of_thing(ctx: Context) -> Pair:
    """Das ist ein sehr altes Haus. / Was für ein schöner Garten!"""
    noun = ctx.noun(
        "vehicle",
        "clothes",
        "sight",
        "readable",
        "watchable",
        "rented",
        "room",
        "pet",
        "device",
        "young",
        "furniture",
    )
    pool = BY_KIND.get(noun.kind) or BY_KIND["person"]
    adj = ctx.pick(pool)
    phrase = noun_phrase(noun, "ein", adj=adj)
    kind = ctx.rng.randrange(3)
    if kind == 0:
        return finish(f"was für {phrase.cases[0]}", f"what {phrase.en}", "!")
    if kind == 1 and adj.de not in ABSOLUTE:
        very = noun_phrase(noun, "ein", adj=Adjective(adj.de, f"sehr {adj.stem}", f"very {adj.en}", adj.kinds))
        return finish(f"das ist {very.cases[0]}", f"that is {very.en}")
    who = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], PRONOUNS["er"], PRONOUNS["sie"], ctx.third()))
    verb = ("lesen", "read") if noun.kind in ("media", "message", "task") else ("sehen", "see")
    pred = Predicate(make_verb(verb[0]), verb[1], phrase.en, objects=(phrase.cases[1],))
    return finish(*clause(who, pred, "past", adverb=ctx.pick(lexicon.PAST_DAY)))


AGES = dict.fromkeys(("Sohn", "Tochter", "Neffe", "Nichte"), (2, 25)) | dict.fromkeys(("Oma", "Opa"), (60, 95))


AGES |= dict.fromkeys(("Vater", "Mutter", "Onkel", "Tante"), (35, 80)) | {
    "Junge": (4, 15),
    "Student": (18, 30),
}


_GENITIVE_THINGS = ("vehicle", "rented", "belonging", "pet", "clothes", "fixed")


def possession(ctx: Context) -> Pair:
    """Das Auto meines Vaters ist kaputt. / Annas Hund ist sehr groß."""
    noun = ctx.noun(*_GENITIVE_THINGS)
    adj = ctx.pick(BY_KIND[noun.kind])
    degree = ctx.pick((("", ""), ("sehr ", "very "))) if adj.de not in ABSOLUTE else ("", "")
    plural = ctx.chance(0.15)
    if ctx.chance(0.4):
        owner = ctx.name()
        owned = noun_phrase(noun, "bare", plural=plural)
        cases, en = f"{owner.cases[3]} {owned.cases[0]}", f"{possessive(owner.en)} {owned.en}"
    else:
        owner = ctx.pick((ctx.kin(), ctx.worker(), ctx.kin(), ctx.group(PRONOUNS["ich"])))
        owned = noun_phrase(noun, "def", plural=plural)
        cases, en = (
            f"{owned.cases[0]} {owner.cases[3]}",
            f"{possessive(owner.en, owner.slot == 5)} {noun.en_plural if plural else noun.en}",
        )
    subject = replace(owned, cases=(cases,) * 4, en=en)
    pred = copula(degree[0] + adj.de, degree[1] + adj.en)
    return finish(*clause(subject, pred, ctx.pick(("now", "now", "past"))))


_CLOSE = tuple(
    noun for noun in (*BY_TAG["mate"], *BY_TAG["human"]) if noun.de in ("Chef", "Chefin", "Kollege", "Kollegin")
)


def possession_object(ctx: Context) -> Pair:
    """Ich kenne den Bruder deiner Freundin. / Er hat das Handy seines Vaters gefunden."""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], ctx.address, PRONOUNS["er"], PRONOUNS["sie"]))
    kind = ctx.rng.randrange(3)
    owner = ctx.worker("mate") if kind == 0 else ctx.worker("job") if kind == 1 else ctx.worker("adult")
    if ctx.chance(0.4):
        owner = noun_phrase(ctx.pick(_CLOSE), subject.poss[0], subject.poss[1])
    if ctx.chance(0.5):
        noun = ctx.noun("sib")
        verb, en, when, flags = ctx.pick(
            (
                ("kennen", "know", "now", "s"),
                ("treffen", "meet", "past", ""),
                ("an·rufen", "call", "past", ""),
            )
        )
    else:
        noun = ctx.noun("belonging", "fixed", "pet")
        verb, en, when, flags = ctx.pick(
            (("finden", "find", "past", ""), ("suchen", "look for", "now", ""), ("sehen", "see", "past", ""))
        )
    thing = noun_phrase(noun, "def")
    base, _, particle = en.partition(" ")
    pred = Predicate(
        make_verb(verb),
        base,
        join(particle, possessive(owner.en), noun.en),
        objects=(f"{thing.cases[1]} {owner.cases[3]}",),
        flags=flags,
    )
    return finish(*clause(subject, pred, when))


_SET_BACKS = tuple(
    map(
        activity,
        """zu Hause bleiben = stay home|zu spät kommen = be late|den Zug verpassen = miss the train
|die Reise ab·sagen = cancel the trip|lange warten = wait for a long time
|später an·kommen = arrive later""".replace("\n", "").split("|"),
    )
)


_DESPITE = tuple(
    map(
        activity,
        """spazieren gehen = go for a walk|im Garten arbeiten = work in the garden
|Fußball spielen = play soccer
|joggen gehen = go jogging|gut schlafen = sleep well|pünktlich an·kommen = arrive on time""".replace("\n", "").split(
            "|"
        ),
    )
)


def genitive_cause(ctx: Context) -> Pair:
    """Wegen des Regens sind wir zu Hause geblieben."""
    subject = ctx.subject()
    despite = ctx.chance(0.5)
    pool = _DESPITE if despite else _SET_BACKS
    pred = ctx.fixed(ctx.pick(pool), subject)
    noun = ctx.noun("trouble") if not despite else ctx.pick([n for n in BY_TAG["trouble"] if n.de in _HARSH])
    cause = german_phrase(noun, "def", 3)
    word = ("trotz", "in spite of") if despite else ("wegen", "because of")
    if ctx.chance(0.6):
        de = german(subject, pred, "perfect", "front", front=f"{word[0]} {cause}")
        return finish(de, english(subject, pred, "past", front=f"{word[1]} the {noun.en},"))
    adverb = Adverbial(f"{word[0]} {cause}", f"{word[1]} the {noun.en}")
    return finish(*clause(subject, pred, "past", adverb=adverb))


_HARSH = frozenset(["Regen", "Schnee", "Hitze", "Kälte", "Lärm"])


def subjunctive_polite(ctx: Context) -> Pair:
    """Wir hätten gern mehr Zeit. / Es wäre schön, wenn du kommen könntest."""
    subject = ctx.pick((ctx.address, PRONOUNS["er"], PRONOUNS["sie"], ctx.name(), ctx.kin()))
    pred = ctx.action(subject, "i", 0.4)
    opener = ctx.pick(
        (
            ("es wäre schön", "it would be nice"),
            ("ich würde mich freuen", "I would be glad"),
            ("es wäre besser", "it would be better"),
        )
    )
    de = german(subject, pred, "modal", "last", modal="würden" if opener[0] == "es wäre besser" else "könnten")
    tense = "could" if opener[0] != "es wäre besser" else "past"
    return finish(f"{opener[0]}, wenn {de}", f"{opener[1]} if {english(subject, pred, tense)}")


def had(ctx: Context) -> Pair:
    """Gestern hatte ich keine Zeit."""
    subject = ctx.subject()
    things = (
        ("keine Zeit", "no time"),
        ("Glück", "good luck"),
        ("viel Arbeit", "a lot of work"),
        ("einen Unfall", "an accident"),
        ("Fieber", "a fever"),
        ("Besuch", "visitors"),
        ("Streit mit @em Bruder", "an argument with @ brother"),
        ("ein Problem mit dem Auto", "a problem with the car"),
        ("eine gute Idee", "a good idea"),
        ("kein Geld", "no money"),
        ("ein wichtiges Gespräch", "an important conversation"),
    )
    thing = ctx.pick(things)
    pred = ctx.fixed(activity(f"{thing[0]} haben = have {thing[1]}"), subject)
    adverb = ctx.pick(lexicon.PAST_DAY)
    de = german(subject, pred, "preterite", "front", front=adverb.de)
    return finish(de, english(subject, pred, "past", front=adverb.en))


def too_to(ctx: Context) -> Pair:
    """Das Haus ist zu teuer für uns. / Er ist zu müde, um zu arbeiten."""
    subject = ctx.subject()
    state = ctx.pick(adjectives.STATES[:5:4] + adjectives.STATES[1:2])
    pred = ctx.action(subject, "i", 0.7)
    from_state = {
        "müde": ("zu müde", "too tired"),
        "nervös": ("zu nervös", "too nervous"),
        "krank": ("zu krank", "too sick"),
    }[state.de]
    inner = join(*pred.pronouns, *pred.objects, *pred.late, pred.verb.zu_infinitive)
    de = german(subject, copula(*from_state), "present")
    en = english(subject, copula(*from_state), "simple")
    return finish(f"{de}, um {inner}", f"{en} {join('to', pred.en, pred.tail)}")


PATTERNS = (
    feeling,
    trait,
    profession,
    describe_thing,
    sort_of_thing,
    possession,
    possession_object,
    genitive_cause,
    subjunctive_polite,
    had,
    too_to,
)
