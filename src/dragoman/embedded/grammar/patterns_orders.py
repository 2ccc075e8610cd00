"""Patterns for imperatives in the three forms of address, suggestions and wishes."""

from __future__ import annotations

from . import lexicon
from .activities import activity
from .clauses import finish, middle
from .conjugation import imperative
from .english import join
from .model import Frame, Pair, Phrase
from .morphology import PRONOUNS
from .patterns_questions import HUMAN
from .phrases import Context, frames_with


def _ordered(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    unsuited = (
        "reparieren",
        "gratulieren",
        "verkaufen",
        "backen",
        "malen",
        "organisieren",
        "planen",
        "kaufen",
        "mieten",
        "besichtigen",
        "treffen",
        "lösen",
        "benutzen",
    )
    return tuple(f for f in frames if f.verb.infinitive not in unsuited)


_ORDERED = _ordered(frames_with("i"))


_ORDERED_ACTIVITIES = (
    *lexicon.TO_DO,
    *map(
        activity,
        (
            "zu Hause bleiben = stay home",
            "früh ins Bett gehen = go to bed early",
            "sich aus·ruhen = rest",
            "leise sein = be quiet",
            "sich3 die Hände waschen = wash @ hands",
            "sich3 die Zähne putzen = brush @ teeth",
            "@e Hausaufgaben machen = do @ homework",
            "den Müll raus·bringen = take out the trash",
            "das Geschirr spülen = wash the dishes",
            "zum Arzt gehen = go to the doctor",
            "vorsichtig sein = be careful",
            "langsam fahren = drive slowly",
            "laut sprechen = speak loudly",
            "hier warten = wait here",
            "sich beeilen = hurry",
            "sich hin·setzen = sit down",
            "rein·kommen = come in",
            "in die Küche gehen = go into the kitchen",
        ),
    ),
)


_FORBIDDEN = tuple(
    f
    for f in HUMAN
    if f.verb.infinitive
    in [
        "essen",
        "trinken",
        "verkaufen",
        "vergessen",
        "verlieren",
        "öffnen",
        "zumachen",
        "anrufen",
        "fragen",
        "einladen",
        "unterschreiben",
        "ausmachen",
        "anmachen",
        "absagen",
        "verschieben",
        "löschen",
        "benutzen",
        "streicheln",
        "besuchen",
        "schicken",
        "zeigen",
        "erzählen",
        "antworten",
        "packen",
        "ausziehen",
    ]
)


_FORBIDDEN_ACTIVITIES = tuple(
    map(
        activity,
        (
            "zu spät kommen = be late",
            "so schnell fahren = drive so fast",
            "so laut sprechen = speak so loudly",
            "zu lange warten = wait too long",
            "zu viel arbeiten = work too much",
            "@e Hausaufgaben vergessen = forget @ homework",
            "so viel Schokolade essen = eat so much chocolate",
            "traurig sein = be sad",
            "nervös sein = be nervous",
            "so spät ins Bett gehen = go to bed so late",
            "die Tür ab·schließen = lock the door",
            "das Fenster zu·machen = close the window",
            "den Hund füttern = feed the dog",
            "ohne mich gehen = go without me",
            "das Auto waschen = wash the car",
        ),
    )
)


def _order(ctx: Context, addressee: Phrase, neg: bool = False) -> Pair:
    if ctx.chance(0.35):
        pred = ctx.fixed(ctx.pick(_FORBIDDEN_ACTIVITIES if neg else _ORDERED_ACTIVITIES), addressee)
    else:
        ctx.address = addressee
        pred = ctx.predicate(ctx.pick(_FORBIDDEN if neg else _ORDERED), addressee, neg or None)
    please = not neg and ctx.chance(0.5)
    adverb = None if neg or not ctx.chance(0.2) else ctx.pick(lexicon.FUTURE_DAY[:3])
    inner = middle(pred, join("bitte" if please else "", adverb.de if adverb else ""), neg)
    de = join(imperative(pred.verb, addressee.slot), *inner, pred.verb.prefix)
    en = join("please" if please else "don't" if neg else "", pred.en, pred.tail, adverb.en if adverb else "")
    return finish(de, en, "." if please else "!")


def order_du(ctx: Context) -> Pair:
    """Ruf bitte deine Mutter an."""
    return _order(ctx, PRONOUNS["du"])


def order_ihr(ctx: Context) -> Pair:
    """Räumt euer Zimmer auf!"""
    return _order(ctx, PRONOUNS["ihr"])


def order_sie(ctx: Context) -> Pair:
    """Unterschreiben Sie bitte den Vertrag."""
    return _order(ctx, PRONOUNS["Sie"])


def order_not(ctx: Context) -> Pair:
    """Vergiss den Schlüssel nicht!"""
    return _order(ctx, ctx.pick((PRONOUNS["du"], PRONOUNS["ihr"], PRONOUNS["Sie"])), neg=True)


def suggestion(ctx: Context) -> Pair:
    """Lass uns morgen ins Kino gehen. / Wollen wir ...?"""
    subject = PRONOUNS["wir"]
    pred = ctx.action(subject, "i", 0.6)
    while pred.pronouns:
        pred = ctx.action(subject, "i", 0.6)
    adverb = ctx.pick(lexicon.FUTURE_DAY)
    inner = join(*middle(pred, adverb.de), pred.verb.infinitive)
    if ctx.chance(0.5):
        opening = {"du": "lass uns", "ihr": "lasst uns", "Sie": "lassen Sie uns"}[ctx.address.cases[0]]
        return finish(f"{opening} {inner}", join("let's", pred.en, pred.tail, adverb.en))
    return finish(f"wollen wir {inner}", join("shall we", pred.en, pred.tail, adverb.en), "?")


def would_like(ctx: Context) -> Pair:
    """Ich hätte gern einen Kaffee und ein Käsebrot."""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], PRONOUNS["ich"]))
    first = ctx.thing(("ordered",), "i", subject, 0.3)
    second = ctx.thing(("drink", "ordered"), "i", subject, 0.2) if ctx.chance(0.6) else None
    form = "hätte" if subject.slot == 0 else "hätten"
    de = join(subject.cases[0], form, "gern", first.cases[1], f"und {second.cases[1]}" if second else "")
    return finish(de, join(subject.en, "would like", first.en, f"and {second.en}" if second else ""))


PATTERNS = (order_du, order_ihr, order_sie, order_not, suggestion, would_like)
