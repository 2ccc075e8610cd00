"""Patterns with clauses of time (als, während, bevor, nachdem), and narration in the preterite."""

from __future__ import annotations

from dataclasses import replace

from . import situations as world
from .clauses import clause, english, finish, german, past_tense
from .conjugation import past as past_form
from .model import Pair
from .morphology import PRONOUNS, anaphor
from .patterns_complex import acting_person, say
from .phrases import Context


def as_child(ctx: Context) -> Pair:
    """Als ich jung war, wollte ich Arzt werden."""
    subject = ctx.pick(
        (
            PRONOUNS["ich"],
            PRONOUNS["ich"],
            PRONOUNS["wir"],
            ctx.kin(),
            ctx.name(False),
            PRONOUNS["er"],
            PRONOUNS["sie"],
        )
    )
    age = ctx.pick(world.YOUNG[:2] + world.YOUNG[3:5] if subject.slot == 3 else world.YOUNG[:5])
    who = anaphor(subject)
    item = ctx.pick(world.CHILDHOOD)
    de = say(ctx, item, who, "past", "question")[0]
    en = say(ctx, item, who, "past")[1]
    was = "waren" if subject.slot in (3, 5) else "war"
    were = "were" if subject.slot in (3, 5) else "was"
    return finish(f"als {subject.cases[0]} {age[0]} {was}, {de}", f"when {subject.en} {were} {age[1]}, {en}")


def when_arrived(ctx: Context) -> Pair:
    """Als ich nach Hause kam, hat Paul geschlafen."""
    subject, other = acting_person(ctx), ctx.third()
    pred = ctx.spec(ctx.pick(world.BACKGROUND), other)
    came = past_form("kam", subject.slot)
    place = ctx.pick((("nach Hause", "home"), ("nach Hause", "home"), ("zurück", "back")))
    de = f"als {subject.cases[0]} {place[0]} {came}".replace("zurück ", "zurück")
    main = german(other, pred, past_tense(pred), "question", time="gerade")
    return finish(f"{de}, {main}", f"when {subject.en} came {place[1]}, {english(other, pred, 'past_progressive')}")


def while_(ctx: Context) -> Pair:
    """Während ich gekocht habe, hat mein Bruder ferngesehen."""
    subject, other = acting_person(ctx), ctx.third()
    first, second = ctx.pick(world.BACKGROUND), ctx.pick(world.BACKGROUND)
    if first.activity.verb == second.activity.verb or subject.key == other.key:
        return while_(ctx)
    pred, pred2 = ctx.spec(first, subject), ctx.spec(second, other)
    main = german(other, pred2, past_tense(pred2), "question")
    de = f"während {german(subject, pred, past_tense(pred), 'last')}, {main}"
    en = f"while {english(subject, pred, 'past_progressive')}, {english(other, pred2, 'past_progressive')}"
    return finish(de, en)


def before(ctx: Context) -> Pair:
    """Bevor ich ins Bett gehe, lese ich die Zeitung."""
    subject = acting_person(ctx)
    main, later = ctx.pick(world.BEFORE_MAIN), ctx.pick(world.BEFORE)
    who = anaphor(subject)
    when = ctx.pick(("habit", "past"))
    tense = "past" if when == "past" else "simple"
    pred, pred2 = ctx.spec(main, subject), ctx.spec(later, who)
    german_tense = past_tense(pred) if when == "past" else "present"
    if ctx.chance(0.5):
        pred, pred2 = ctx.spec(main, who), ctx.spec(later, subject)
        clause_de = german(who, pred, german_tense, "question")
        de = f"bevor {german(subject, pred2, german_tense, 'last')}, {clause_de}"
        return finish(de, f"before {english(subject, pred2, tense)}, {english(who, pred, tense)}")
    de = f"{german(subject, pred, german_tense)}, bevor {german(who, pred2, german_tense, 'last')}"
    return finish(de, f"{english(subject, pred, tense)} before {english(who, pred2, tense)}")


def after_(ctx: Context) -> Pair:
    """Nachdem er gefrühstückt hatte, ist er zur Arbeit gegangen."""
    subject = acting_person(ctx)
    who = anaphor(subject)
    pred, pred2 = ctx.spec(ctx.pick(world.BEFORE_MAIN), subject), ctx.spec(ctx.pick(world.BEFORE[:4]), who)
    de = f"nachdem {german(subject, pred, 'pluperfect', 'last')}, {german(who, pred2, 'perfect', 'question')}"
    return finish(de, f"after {english(subject, pred, 'pluperfect')}, {english(who, pred2, 'past')}")


def two_clauses(ctx: Context) -> Pair:
    """Anna liest ein Buch und Paul hört Musik."""
    first, second = ctx.third(), ctx.third()
    when = ctx.pick(("now", "past"))
    one, two = (ctx.spec(ctx.pick(world.BACKGROUND), who) for who in (first, second))
    if one.verb == two.verb or first.key == second.key:
        return two_clauses(ctx)
    joiner = ctx.pick((("und", "and"), (", aber", ", but")))
    left, right = clause(first, one, when), clause(second, two, when)
    return finish(
        f"{left[0]} {joiner[0]} {right[0]}".replace(" ,", ","),
        f"{left[1]} {joiner[1]} {right[1]}".replace(" ,", ","),
    )


def narration(ctx: Context) -> Pair:
    """Anna öffnete die Tür und ging in die Küche."""
    subject = ctx.pick((PRONOUNS["er"], PRONOUNS["sie"], ctx.name(), ctx.name(), ctx.worker(), ctx.kin()))
    first, second = ctx.pick(world.NARRATION)
    one, two = ctx.spec(first, subject), ctx.spec(second, subject)
    end = replace(subject, cases=("",) * 4, en="")
    de = f"{german(subject, one, 'preterite')} und {german(end, two, 'preterite')}"
    return finish(de, f"{english(subject, one, 'past')} and {english(end, two, 'past')}")


PATTERNS = (as_child, when_arrived, while_, before, after_, two_clauses, narration)
