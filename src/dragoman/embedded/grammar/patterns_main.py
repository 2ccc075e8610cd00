"""Patterns for plain statements: tense, word order after a fronted adverbial, modals, negation."""

from __future__ import annotations

from dataclasses import replace

from . import lexicon
from .clauses import clause, english, finish, german, past_tense
from .english import ing, join, with_article
from .model import Adverbial, Pair, Phrase, Predicate
from .morphology import noun_phrase
from .phrases import FRAMES_BY_SUBJECT, Context, frames_with
from .verbs import make_verb

HUMAN = FRAMES_BY_SUBJECT["human"]


_SEPARABLE = tuple(f for f in HUMAN if f.verb.prefix and "i" in f.flags)


def acting(ctx: Context, flag: str, definite: bool | None = None) -> tuple[Phrase, Predicate]:
    subject = ctx.subject()
    return subject, ctx.action(subject, flag, definite=definite)


def ongoing(ctx: Context) -> Pair:
    """Der Arzt liest eine Zeitung."""
    subject, pred = acting(ctx, "n")
    return finish(*clause(subject, pred, "now"))


def right_now(ctx: Context) -> Pair:
    """Anna telefoniert gerade."""
    subject, pred = acting(ctx, "n")
    return finish(*clause(subject, pred, "now", adverb=ctx.pick(lexicon.NOW)))


def stative(ctx: Context) -> Pair:
    """Ich verstehe die Frage."""
    subject = ctx.subject()
    return finish(*clause(subject, ctx.predicate(ctx.pick(frames_with("s")), subject), "now"))


def habit(ctx: Context) -> Pair:
    """Mein Bruder spielt oft Tennis."""
    subject, pred = acting(ctx, "h", definite=False)
    return finish(*clause(subject, pred, "habit", adverb=ctx.pick(lexicon.HABIT)))


def habit_fronted(ctx: Context) -> Pair:
    """Jeden Tag trinkt er einen Kaffee."""
    subject, pred = acting(ctx, "h", definite=False)
    adverb = ctx.pick(lexicon.HABIT_FRONT)
    de = german(subject, pred, "present", "front", front=adverb.de)
    return finish(de, english(subject, pred, "simple", front=adverb.en))


def past_plain(ctx: Context) -> Pair:
    """Wir haben den Zug verpasst."""
    subject, pred = acting(ctx, "")
    return finish(*clause(subject, pred, "past"))


def _past_adverb(ctx: Context) -> tuple[str, Adverbial]:
    wide = ctx.chance(0.4)
    return ("w", ctx.pick(lexicon.PAST_WIDE)) if wide else ("", ctx.pick(lexicon.PAST_DAY))


def past_adverb(ctx: Context) -> Pair:
    """Ich habe gestern meine Tante besucht."""
    flag, adverb = _past_adverb(ctx)
    subject, pred = acting(ctx, flag)
    return finish(*clause(subject, pred, "past", adverb=adverb))


def past_fronted(ctx: Context) -> Pair:
    """Letzte Woche hat Paul sein Auto verkauft."""
    flag, adverb = _past_adverb(ctx)
    subject, pred = acting(ctx, flag)
    de = german(subject, pred, past_tense(pred), "front", front=adverb.de)
    return finish(de, english(subject, pred, "past", front=adverb.en))


def going_to(pred: Predicate) -> Predicate:
    """The English of a plan; motion takes the plain progressive (is going home, is flying to Rome)."""
    if pred.en in ("go", "fly", "drive", "travel"):
        return replace(pred, en="be", tail=join(ing(pred.en), pred.tail))
    return replace(pred, en="be", tail=join("going to", pred.en, pred.tail))


def _plan_adverb(ctx: Context) -> tuple[str, Adverbial]:
    return ("w", ctx.pick(lexicon.FUTURE_WIDE)) if ctx.chance(0.4) else ("i", ctx.pick(lexicon.FUTURE_DAY))


def _planned(ctx: Context) -> tuple[Phrase, Predicate, Adverbial]:
    flag, adverb = _plan_adverb(ctx)
    subject = ctx.subject()
    pool = tuple(f for f in frames_with(flag) if "i" in f.flags)
    pred = ctx.action(subject, flag) if ctx.chance(0.3) and flag == "i" else ctx.predicate(ctx.pick(pool), subject)
    return subject, pred, adverb


def plan_present(ctx: Context) -> Pair:
    """Morgen besuche ich meine Oma."""
    subject, pred, adverb = _planned(ctx)
    de = german(subject, pred, "present", "front", front=adverb.de)
    return finish(de, english(subject, going_to(pred), "simple", front=adverb.en))


def future(ctx: Context) -> Pair:
    """Er wird nächste Woche ein Auto kaufen."""
    subject, pred, adverb = _planned(ctx)
    return finish(*clause(subject, pred, "future", adverb=adverb))


def separable(ctx: Context) -> Pair:
    """Heute Abend rufe ich dich an."""
    subject = ctx.subject(0.7)
    pred = ctx.predicate(ctx.pick(_SEPARABLE), subject)
    adverb = ctx.pick(lexicon.FUTURE_DAY)
    de = german(subject, pred, "present", time=adverb.de)
    return finish(de, english(subject, going_to(pred), "simple", adverb))


def modal_present(ctx: Context) -> Pair:
    """Ich muss morgen meinen Vater abholen."""
    subject, pred = acting(ctx, "i")
    modal = ctx.pick(("müssen", "wollen", "können", "möchten", "sollten", "müssen"))
    adverb = ctx.pick(lexicon.FUTURE_DAY) if ctx.chance(0.6) else None
    return finish(*clause(subject, pred, "habit", modal=modal, adverb=adverb))


def modal_past(ctx: Context) -> Pair:
    """Sie musste gestern zu Hause bleiben."""
    subject, pred = acting(ctx, "i")
    modal = ctx.pick(("müssen", "wollen", "müssen", "wollen", "dürfen"))
    return finish(*clause(subject, pred, "past", modal=modal, adverb=ctx.pick(lexicon.PAST_DAY)))


def modal_negative(ctx: Context) -> Pair:
    """Wir konnten den Schlüssel nicht finden."""
    subject, pred = acting(ctx, "i", definite=True)
    modal = ctx.pick(("können", "müssen", "wollen", "dürfen"))
    return finish(*clause(subject, pred, ctx.pick(("habit", "past")), modal=modal, neg=True))


def negated_past(ctx: Context) -> Pair:
    """Er hat die Rechnung nicht bezahlt."""
    subject, pred = acting(ctx, "", definite=True)
    adverb = ctx.pick(lexicon.PAST_DAY) if ctx.chance(0.3) else None
    return finish(*clause(subject, pred, "past", neg=True, adverb=adverb))


def negated_present(ctx: Context) -> Pair:
    """Ich verstehe diese Regel nicht."""
    subject = ctx.subject()
    frame = ctx.pick(frames_with(ctx.pick(("s", "n"))))
    return finish(*clause(subject, ctx.predicate(frame, subject, definite=True), "now", neg=True))


def planned_negative(ctx: Context) -> Pair:
    """Wir werden das Haus nicht verkaufen."""
    subject, pred = acting(ctx, "i", definite=True)
    return finish(*clause(subject, pred, "future", neg=True))


_WITHOUT = (
    ("haben", "have", ("pet", "device", "vehicle", "luggage", "belonging")),
    ("kaufen", "buy", ("buyable",)),
    ("brauchen", "need", ("needed", "buyable")),
    ("essen", "eat", ("food",)),
    ("trinken", "drink", ("drink",)),
    ("finden", "find", ("belonging", "mistake")),
    ("bestellen", "order", ("ordered",)),
)


def without(ctx: Context) -> Pair:
    """Ich habe keinen Hund."""
    verb, en, tags = ctx.pick(_WITHOUT)
    subject, noun = ctx.subject(), ctx.noun(*tags)
    plural = bool(noun.plural) and (verb in ("essen", "finden") or (verb == "kaufen" and ctx.chance(0.4)))
    adj = ctx.describe(noun, 0.2)
    phrase = noun_phrase(noun, "kein", "any", plural, adj)
    core = join(adj.en if adj else "", noun.en)
    text = phrase.en if plural or not noun.plural else with_article(core)
    pred = Predicate(make_verb(verb), en, text, objects=(phrase.cases[1],))
    past = verb not in ("haben", "brauchen") or ctx.chance(0.2)
    de = german(subject, pred, past_tense(pred) if past else "present")
    return finish(de, english(subject, pred, "past" if past else "simple", neg=True))


PATTERNS = (
    ongoing,
    right_now,
    stative,
    habit,
    habit_fronted,
    past_plain,
    past_adverb,
    past_fronted,
    plan_present,
    future,
    separable,
    modal_present,
    modal_past,
    modal_negative,
    negated_past,
    negated_present,
    planned_negative,
    without,
)
