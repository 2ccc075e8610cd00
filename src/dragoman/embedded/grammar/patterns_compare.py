"""Patterns with comparatives, superlatives and the passive."""

from __future__ import annotations

from dataclasses import replace

from . import adjectives, lexicon
from .adjectives import BY_KIND
from .clauses import clause, english, finish, german
from .conjugation import english_verb
from .english import comparative, join, superlative
from .model import Adjective, Adverbial, Noun, Pair, Phrase, Predicate
from .morphology import PRONOUNS, noun_phrase, with_preposition
from .nouns import BY_TAG
from .patterns_facts import ABSOLUTE, OWNABLE, copula
from .phrases import Context
from .verbs import make_verb


def comparable(noun: Noun) -> list[Adjective]:
    return [a for a in BY_KIND.get(noun.kind, ()) if a.de not in ABSOLUTE]


_COMPARED = ("vehicle", "device", "clothes", "furniture", "sight", "readable", "watchable", "rented", "room")


def compare_things(ctx: Context) -> Pair:
    """Dein Auto ist teurer als mein Fahrrad."""
    tag = ctx.pick(_COMPARED)
    noun, other = ctx.fresh(BY_TAG[tag]), ctx.fresh(BY_TAG[tag])
    adj = ctx.pick(
        [a for a in comparable(noun) if a in comparable(other)] or [adjectives.adjective("schön", "beautiful")]
    )
    kind = ctx.pick(("def", "this", "mein") if noun.kind in OWNABLE and other.kind in OWNABLE else ("def", "this"))
    left = noun_phrase(noun, kind, "my")
    right = noun_phrase(other, "dein" if kind == "mein" else "def", "your")
    if ctx.chance(0.4):
        neg = ctx.chance(0.4)
        pred = copula(f"so {adj.de} wie {right.cases[0]}", f"as {adj.en} as {right.en}")
        return finish(*clause(left, pred, "now", neg=neg))
    much = ctx.pick((("", ""), ("", ""), ("viel ", "much ")))
    pred = copula(
        f"{much[0]}{adjectives.comparative(adj.de)} als {right.cases[0]}",
        f"{much[1]}{comparative(adj.en)} than {right.en}",
    )
    return finish(*clause(left, pred, "now"))


def compare_people(ctx: Context) -> Pair:
    """Mein Bruder ist größer als ich."""
    subject, other = ctx.subject(0.3), ctx.name() if ctx.chance(0.4) else ctx.kin(None, 0)
    adj = ctx.pick(adjectives.TRAITS)
    if ctx.chance(0.25):
        other = (
            ctx.pick((PRONOUNS["ich"], ctx.address)) if subject.slot in (2, 5) and subject != PRONOUNS["Sie"] else other
        )
    right_en = {"I": "me"}.get(other.en, other.en)
    if ctx.chance(0.35):
        pred = copula(f"so {adj.de} wie {other.cases[0]}", f"as {adj.en} as {right_en}")
        return finish(*clause(subject, pred, "now", neg=ctx.chance(0.5)))
    pred = copula(f"{adjectives.comparative(adj.de)} als {other.cases[0]}", f"{comparative(adj.en)} than {right_en}")
    return finish(*clause(subject, pred, "now"))


_WORLD = (
    ("der Welt", "in the world"),
    ("der Stadt", "in the city"),
    ("Deutschland", "in Germany"),
    ("Europa", "in Europe"),
)


def superlative_(ctx: Context) -> Pair:
    """Das ist das schönste Schloss der Stadt."""
    noun = ctx.noun("sight", "shop", "sight", "watchable", "readable")
    fits = comparable(noun)
    adj = ctx.pick([a for a in fits if a.de != "neu"])
    top = Adjective(adj.de, adjectives.superlative(adj.de), superlative(adj.en), adj.kinds)
    phrase = noun_phrase(noun, "def", adj=top)
    if noun.kind in ("building", "sight"):
        where = ctx.pick(_WORLD[1:])
        german_where = f"in {where[0]}"
        if ctx.chance(0.5):
            bare = noun_phrase(noun, "this")
            return finish(
                f"{bare.cases[0]} ist {phrase.cases[0].split(' ', 1)[0]} {top.stem}e {german_where}",
                f"{bare.en} is the {top.en} {where[1]}",
            )
        return finish(f"das ist {phrase.cases[0]} {german_where}", f"that is {phrase.en} {where[1]}")
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], PRONOUNS["er"], PRONOUNS["sie"], ctx.third()))
    verb = ("lesen", "read") if noun.kind in ("media", "message") else ("sehen", "see")
    pronoun = {"m": "den", "f": "die", "n": "das"}[noun.gender]
    seen = Predicate(make_verb(verb[0]), verb[1], "")
    de = german(subject, seen, "perfect", "last", time="je")
    return finish(
        f"das ist {phrase.cases[0]}, {pronoun} {de}",
        f"that is {phrase.en} {english(subject, seen, 'perfect', _EVER)}",
    )


_EVER = Adverbial("je", "ever", True)


_PASSIVES = (
    ("repariert", "repair", "fixed"),
    ("geputzt", "clean", "room"),
    ("verkauft", "sell", "sold"),
    ("geschrieben", "write", "written"),
    ("übersetzt", "translate", "translated"),
    ("geplant", "plan", "planned"),
    ("geöffnet", "open", "opened"),
    ("unterschrieben", "sign", "signed"),
    ("bezahlt", "pay", "paid"),
    ("abgesagt", "cancel", "canceled"),
    ("verschoben", "postpone", "moved"),
    ("gelöscht", "delete", "deleted"),
    ("gewaschen", "wash", "washed"),
    ("gelöst", "solve", "solved"),
    ("beantwortet", "answer", "answered"),
    ("geschlossen", "close", "closed"),
)


def _passive_parts(ctx: Context) -> tuple[Phrase, str, str]:
    participle, en, tag = ctx.pick(_PASSIVES)
    noun = ctx.noun(tag)
    plural = bool(noun.plural) and ctx.chance(0.3)
    subject = noun_phrase(noun, ctx.pick(("def", "this", "def")), "", plural, ctx.describe(noun))
    return subject, participle, english_verb(2, "pluperfect", en, False)[1]


def passive_present(ctx: Context) -> Pair:
    """Das Auto wird gerade repariert."""
    subject, de, en = _passive_parts(ctx)
    pred = Predicate(make_verb("werden"), "be", en, late=(de,))
    if ctx.chance(0.5):
        return finish(
            german(subject, pred, "present", time="gerade"),
            english(subject, replace(pred, tail=f"being {en}"), "simple"),
        )
    adverb = ctx.pick(lexicon.FUTURE_DAY + lexicon.FUTURE_WIDE)
    return finish(german(subject, pred, "present", time=adverb.de), english(subject, pred, "future", adverb))


def passive_past(ctx: Context) -> Pair:
    """Der Brief wurde gestern von meinem Chef geschrieben."""
    subject, de, en = _passive_parts(ctx)
    agent = ctx.pick((None, None, None, ctx.name(), ctx.kin(), ctx.worker("job")))
    by = (with_preposition("von", agent.cases[2]), f"by {agent.en_obj}") if agent else ("", "")
    adverb = ctx.pick(lexicon.PAST_DAY + lexicon.PAST_WIDE)
    pred = Predicate(make_verb("werden"), "be", join(en, by[1]), late=(join(by[0], de),))
    if ctx.chance(0.3):
        de_text = german(subject, pred, "preterite", "front", front=adverb.de)
        return finish(de_text, english(subject, pred, "past", front=adverb.en))
    neg = not agent and ctx.chance(0.25)
    if neg:
        return finish(german(subject, pred, "preterite", neg=True), english(subject, pred, "past", neg=True))
    return finish(german(subject, pred, "preterite", time=adverb.de), english(subject, pred, "past", adverb))


def passive_modal(ctx: Context) -> Pair:
    """Die Rechnung muss morgen bezahlt werden."""
    subject, de, en = _passive_parts(ctx)
    modal = ctx.pick(("müssen", "müssen", "können", "sollten"))
    adverb = ctx.pick((None, ctx.pick(lexicon.FUTURE_DAY)))
    neg = modal == "können" or ctx.chance(0.2)
    pred = Predicate(make_verb("werden"), "be", en, late=(de,))
    return finish(*clause(subject, pred, "habit", modal=modal, neg=neg, adverb=adverb))


PATTERNS = (compare_things, compare_people, superlative_, passive_present, passive_past, passive_modal)
