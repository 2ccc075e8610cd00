"""Patterns with zu-infinitives: after verbs and judgements, for purposes, and with ohne."""

from __future__ import annotations

from dataclasses import replace

from . import lexicon
from . import situations as world
from .activities import activity
from .clauses import clause, english, finish, german, middle
from .conjugation import english_verb
from .english import join
from .model import Activity, Pair, Predicate
from .morphology import PRONOUNS
from .patterns_complex import say
from .phrases import Context
from .verbs import make_verb

_TRIES: tuple[tuple[str, str, str], ...] = (
    ("versuchen", "try", "to"),
    ("beschließen", "decide", "to"),
    ("hoffen", "hope", "to"),
    ("planen", "plan", "to"),
)


def _zu(pred: Predicate) -> str:
    return join(*middle(pred), pred.verb.zu_infinitive)


def to_infinitive(ctx: Context) -> Pair:
    """Ich versuche, mehr Sport zu machen."""
    subject = ctx.subject()
    verb, en, to = ctx.pick(_TRIES)
    goals = [
        g for g in lexicon.GOALS if "d" in g.flags or verb == "hoffen" or (verb == "versuchen" and "x" not in g.flags)
    ]
    goal = ctx.fixed(ctx.pick(goals), subject)
    main = Predicate(
        make_verb(verb), en, join(to, goal.en, goal.tail), flags="s" if verb in ("hoffen", "planen") else ""
    )
    past = verb == "beschließen" or ctx.chance(0.35)
    de, text = clause(subject, main, "past" if past else "now")
    return finish(f"{de}, {_zu(goal)}", text)


def forgot_to(ctx: Context) -> Pair:
    """Sie hat vergessen, die Tür abzuschließen."""
    subject = ctx.subject()
    goal = ctx.fixed(ctx.pick(lexicon.TO_DO), subject)
    main = Predicate(make_verb("vergessen"), "forget", join("to", goal.en, goal.tail))
    adverb = ctx.pick((None, ctx.pick(lexicon.PAST_DAY)))
    de = german(subject, main, "perfect", time=adverb.de if adverb else "")
    if adverb:
        de = german(subject, main, "perfect", "front", front=adverb.de)
    return finish(f"{de}, {_zu(goal)}", english(subject, main, "past", front=adverb.en if adverb else ""))


def ask_to(ctx: Context) -> Pair:
    """Er hat mich gebeten, das Fenster zu schließen."""
    subject = ctx.third() if ctx.chance(0.5) else PRONOUNS[ctx.pick(("er", "sie"))]
    other = ctx.person(subject)
    goal = ctx.fixed(ctx.pick(lexicon.TO_DO), other)
    objects, pronouns = ((), (other.cases[1],)) if other.pronoun else ((other.cases[1],), ())
    main = Predicate(make_verb("bitten"), "ask", join(other.en_obj, "to", goal.en, goal.tail), pronouns, objects)
    de, en = clause(subject, main, "past")
    return finish(f"{de}, {_zu(goal)}", en)


_EVALUATIONS: tuple[Pair, ...] = (
    ("es ist wichtig", "it is important"),
    ("es ist schwer", "it is hard"),
    ("es ist leicht", "it is easy"),
    ("es macht Spaß", "it is fun"),
    ("es ist gesund", "it is healthy"),
    ("es ist nicht einfach", "it is not easy"),
    ("es ist schön", "it is nice"),
    ("es ist teuer", "it is expensive"),
)


_EVALUATED = tuple(
    tuple(activity(text.strip()) for text in line.split("/"))
    for line in """
genug Wasser trinken = drink enough water / pünktlich sein = be on time /
Fremdsprachen lernen = learn foreign languages / gut schlafen = sleep well;
eine gute Wohnung finden = find a good apartment / früh auf·stehen = get up early /
Deutsch lernen = learn German / mit dem Rauchen auf·hören = stop smoking;
dieses Wort aus·sprechen = pronounce this word / diese Aufgabe lösen = solve this problem /
den Weg finden = find the way;
zusammen kochen = cook together / mit Freunden reisen = travel with friends /
im See schwimmen = swim in the lake / Karten spielen = play cards;
viel Gemüse essen = eat a lot of vegetables / jeden Tag spazieren gehen = go for a walk every day /
wenig Zucker essen = eat little sugar;
einen guten Job finden = find a good job / alte Gewohnheiten ändern = change old habits /
allein leben = live alone;
am Meer sitzen = sit by the sea / alte Freunde treffen = meet old friends / im Park lesen = read in the park;
in der Stadt leben = live in the city / jeden Tag im Restaurant essen = eat at a restaurant every day /
ein Haus bauen = build a house
""".replace("\n", " ").split(";")
)


def evaluation(ctx: Context) -> Pair:
    """Es ist wichtig, genug Wasser zu trinken."""
    index = ctx.rng.randrange(len(_EVALUATIONS))
    de, en = _EVALUATIONS[index]
    pred = ctx.fixed(ctx.pick(_EVALUATED[index]), PRONOUNS["wir"])
    who = (
        ctx.pick((None, ctx.kin(), ctx.name(False), ctx.group(PRONOUNS["ich"]), ctx.worker()))
        if "Spaß" not in de
        else None
    )
    for_de, for_en = (f" für {who.cases[1]}", f" for {who.en_obj}") if who else ("", "")
    return finish(f"{de}{for_de}, {_zu(pred)}", f"{en}{for_en} {join('to', pred.en, pred.tail)}")


def feel_like(ctx: Context) -> Pair:
    """Ich habe keine Lust, heute zu kochen."""
    subject = ctx.subject()
    pred = ctx.fixed(ctx.pick([a for a in lexicon.ACTIVITIES if "i" in a.flags]), subject)
    head, noun, en = ctx.pick(_ATTITUDES)
    main = Predicate(make_verb(head), en, join(noun[1], pred.en, pred.tail), late=(noun[0],), flags="s")
    if en == "feel":
        return finish(
            f"{german(subject, main, 'present')}, {_zu(pred)}",
            english(subject, replace(main, tail=_gerund_tail(pred)), "simple", neg=noun[0].startswith("keine")),
        )
    return finish(f"{german(subject, main, 'present')}, {_zu(pred)}", english(subject, main, "simple"))


_ATTITUDES: tuple[tuple[str, Pair, str], ...] = (
    ("haben", ("keine Lust", "like"), "feel"),
    ("haben", ("Lust", "like"), "feel"),
    ("haben", ("keine Zeit", "no time to"), "have"),
    ("haben", ("vor", "to"), "intend"),
    ("haben", ("keine Zeit", "no time to"), "have"),
)


def _gerund_tail(pred: Predicate) -> str:
    return join("like", english_verb(0, "progressive", pred.en, False)[1], pred.tail)


def purpose(ctx: Context) -> Pair:
    """Ich gehe in den Supermarkt, um Brot zu kaufen."""
    subject = ctx.subject()
    main, goal = ctx.pick(world.PURPOSES)
    de, en = say(ctx, main, subject, ctx.pick(("now", "past", "past")), adverb=None)
    pred = ctx.spec(goal, subject)
    return finish(f"{de}, um {_zu(pred)}", f"{en} {join('to', pred.en, pred.tail)}")


def without_doing(ctx: Context) -> Pair:
    """Er ist gegangen, ohne sich zu verabschieden."""
    subject = ctx.subject()
    first, second = ctx.pick(_OHNE)
    de, en = clause(subject, ctx.fixed(first, subject), "past")
    pred = ctx.fixed(second, subject)
    gerund = english_verb(0, "progressive", pred.en, False)[1]
    return finish(f"{de}, ohne {_zu(pred)}", f"{en} without {join(gerund, pred.tail)}")


_OHNE: tuple[tuple[Activity, Activity], ...] = tuple(
    (activity(first.strip()), activity(second.strip()))
    for first, second in (
        line.split("->")
        for line in """
das Haus verlassen = leave the house -> sich verabschieden = say goodbye
das Haus verlassen = leave the house -> die Tür ab·schließen = lock the door
ins Bett gehen = go to bed -> das Licht aus·machen = turn off the light
das Restaurant verlassen = leave the restaurant -> die Rechnung bezahlen = pay the bill
den Vertrag unterschreiben = sign the contract -> den Text lesen = read the text
zur Arbeit gehen = go to work -> frühstücken = have breakfast
das Zimmer betreten = enter the room -> an·klopfen = knock
""".strip().splitlines()
    )
)


PATTERNS = (to_infinitive, forgot_to, ask_to, evaluation, feel_like, purpose, without_doing)
