"""Patterns for questions: yes or no, w-words in every case, polite requests, the way to places."""

from __future__ import annotations

from . import lexicon
from .adjectives import adjective
from .clauses import clause, english, finish, german, past_tense
from .english import join
from .model import Pair, Phrase, Predicate, Slot
from .morphology import PRONOUNS, noun_phrase, with_preposition
from .phrases import FRAMES_BY_SUBJECT, PLACED, Context, frames_with
from .verbs import make_verb

HUMAN = FRAMES_BY_SUBJECT["human"]


_NEAREST = adjective("nächst", "nearest")


def asked_subject(ctx: Context) -> Phrase:
    """The subject of a question: mostly the person spoken to, never the speaker."""
    return ctx.address if ctx.chance(0.55) else ctx.pick((PRONOUNS["er"], PRONOUNS["sie"], ctx.third(), ctx.third()))


def yes_no_present(ctx: Context) -> Pair:
    """Kennst du meinen Bruder?"""
    subject = asked_subject(ctx)
    flag = ctx.pick(("s", "n", "h"))
    pred = ctx.predicate(ctx.pick(frames_with(flag)), subject, False if flag == "h" else None)
    adverb = ctx.pick((*lexicon.HABIT[:2], *lexicon.HABIT[6:7])) if flag == "h" else None
    return finish(*clause(subject, pred, "habit" if flag == "h" else "now", "question", adverb=adverb), "?")


def yes_no_past(ctx: Context) -> Pair:
    """Hast du gestern deine Tante angerufen?"""
    subject = asked_subject(ctx)
    adverb = ctx.pick(lexicon.PAST_DAY) if ctx.chance(0.5) else None
    return finish(*clause(subject, ctx.action(subject, ""), "past", "question", adverb=adverb), "?")


def yes_no_modal(ctx: Context) -> Pair:
    """Willst du morgen schwimmen gehen?"""
    subject = asked_subject(ctx)
    modal = ctx.pick(("wollen", "müssen", "möchten", "können"))
    adverb = ctx.pick(lexicon.FUTURE_DAY) if ctx.chance(0.6) else None
    return finish(*clause(subject, ctx.action(subject, "i"), "habit", "question", modal, adverb=adverb), "?")


_REQUESTED = tuple(
    f
    for f in frames_with("i")
    if f.verb.infinitive
    in [
        "helfen",
        "zeigen",
        "geben",
        "erklären",
        "öffnen",
        "zumachen",
        "anmachen",
        "ausmachen",
        "wiederholen",
        "anrufen",
        "abholen",
        "reparieren",
        "schicken",
        "leihen",
        "putzen",
        "aufräumen",
        "ausdrucken",
        "übersetzen",
        "unterschreiben",
        "bezahlen",
        "mitbringen",
        "zuhören",
        "beantworten",
        "fragen",
    ]
)


def polite_request(ctx: Context) -> Pair:
    """Könnten Sie mir bitte das Foto zeigen?"""
    subject = ctx.address
    pred = ctx.predicate(ctx.pick(_REQUESTED), subject)
    de = german(subject, pred, "modal", "question", time="bitte", modal="könnten")
    return finish(de, english(subject, pred, "could", question=True).replace("you ", "you please ", 1), "?")


def permission(ctx: Context) -> Pair:
    """Darf ich das Fenster öffnen?"""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], PRONOUNS["ich"]))
    adverb = ctx.pick(lexicon.FUTURE_DAY) if ctx.chance(0.4) else None
    pred = ctx.action(subject, "i", definite=True)
    de = german(subject, pred, "modal", "question", time=adverb.de if adverb else "", modal="dürfen")
    return finish(de, english(subject, pred, "may", adverb, question=True), "?")


_WHEN_WHY = (("wann", "when"), ("warum", "why"), ("wo", "where"))


def w_past(ctx: Context) -> Pair:
    """Wann haben Sie das Haus gekauft?"""
    subject = asked_subject(ctx)
    word = ctx.pick(_WHEN_WHY)
    pool = PLACED if word[0] == "wo" else frames_with("")
    pred = ctx.predicate(ctx.pick(pool), subject, definite=True)
    de = german(subject, pred, past_tense(pred), "question")
    return finish(f"{word[0]} {de}", f"{word[1]} {english(subject, pred, 'past', question=True)}", "?")


def w_modal(ctx: Context) -> Pair:
    """Warum musst du so früh aufstehen?"""
    subject = asked_subject(ctx)
    word = ctx.pick(_WHEN_WHY[:2])
    modal = ctx.pick(("müssen", "wollen", "können") if word[0] == "wann" else ("müssen", "wollen"))
    pred = ctx.action(subject, "i", definite=True)
    de, en = clause(subject, pred, "habit", "question", modal)
    return finish(f"{word[0]} {de}", f"{word[1]} {en}", "?")


def why_not(ctx: Context) -> Pair:
    """Warum hast du ihn nicht angerufen?"""
    subject = asked_subject(ctx)
    de, en = clause(subject, ctx.action(subject, "i", definite=True), "past", "question", neg=True)
    return finish(f"warum {de}", f"why {en}", "?")


def who_did(ctx: Context) -> Pair:
    """Wer hat den Kuchen gegessen?"""
    who = Phrase(("wer", "wen", "wem", "wessen"), "who", "whom", 2, poss=("sein", "his"), definite=True)
    pool = tuple(
        f for f in HUMAN if "s" not in f.flags and f.slots[0].marker != "sich" and "p" not in f.slots[-1].styles
    )
    pred = ctx.predicate(ctx.pick(pool), who)
    adverb = ctx.pick(lexicon.PAST_DAY) if ctx.chance(0.4) else None
    return finish(*clause(who, pred, "past", adverb=adverb), "?")


_WHOM = tuple(f for f in HUMAN if len(f.slots) == 1 and "person" in f.slots[0].tags and "s" not in f.flags)


def _question_word(slot: Slot) -> str:
    word = "wem" if slot.marker == "dat" or (slot.marker != "acc" and slot.case == 2) else "wen"
    return word if slot.marker in ("acc", "dat") else f"{slot.marker} {word}"


def whom_did(ctx: Context) -> Pair:
    """Wem hast du geholfen? / Auf wen wartet ihr?"""
    frame = ctx.pick(_WHOM)
    subject = asked_subject(ctx)
    slot = frame.slots[0]
    pred = Predicate(frame.verb, frame.en, join(frame.particle, slot.en_prep), flags=frame.flags)
    when = "now" if "n" in frame.flags and ctx.chance(0.4) else "past"
    adverb = ctx.pick(lexicon.PAST_DAY) if when == "past" and ctx.chance(0.5) else None
    de, en = clause(subject, pred, when, "question", adverb=adverb)
    return finish(f"{_question_word(slot)} {de}", f"who {en}", "?")


_WHAT = tuple(
    f
    for f in HUMAN
    if [s.marker for s in f.slots] == ["acc"]
    and not f.slots[0].en_prep
    and "person" not in f.slots[0].tags
    and f.verb.infinitive
    in [
        "essen",
        "trinken",
        "lesen",
        "kaufen",
        "suchen",
        "schreiben",
        "bestellen",
        "malen",
        "planen",
        "backen",
        "reparieren",
        "mitbringen",
        "organisieren",
    ]
)


def what_did(ctx: Context) -> Pair:
    """Was hat deine Schwester gestern gekauft?"""
    frame = ctx.pick(_WHAT)
    subject = asked_subject(ctx)
    when = "now" if "n" in frame.flags and ctx.chance(0.4) else "past"
    adverb = ctx.pick(lexicon.PAST_DAY) if when == "past" and ctx.chance(0.7) else None
    de, en = clause(subject, Predicate(frame.verb, frame.en, ""), when, "question", adverb=adverb)
    return finish(f"was {de}", f"what {en}", "?")


_WHICH = tuple(
    f
    for f in HUMAN
    if f.verb.infinitive
    in [
        "lesen",
        "kaufen",
        "essen",
        "reparieren",
        "übersetzen",
        "bezahlen",
        "löschen",
        "unterschreiben",
        "anprobieren",
        "mieten",
        "besichtigen",
        "verstehen",
        "ausdrucken",
    ]
    and f.slots[0].marker == "acc"
)


def which_one(ctx: Context) -> Pair:
    """Welchen Film hast du gesehen?"""
    frame = ctx.pick(_WHICH)
    subject, noun = asked_subject(ctx), ctx.noun(*frame.slots[0].tags)
    phrase = noun_phrase(noun, "which", plural=bool(noun.plural) and ctx.chance(0.25))
    pred = Predicate(frame.verb, frame.en, frame.particle, flags=frame.flags)
    when = ctx.pick(("past", "past", "now"))
    if when == "now" and "n" not in frame.flags and "s" not in frame.flags:
        when = "past"
    de, en = clause(subject, pred, when, "question")
    return finish(f"{phrase.cases[1]} {de}", f"{phrase.en} {en}", "?")


def where_is(ctx: Context) -> Pair:
    """Wo ist der Bahnhof? / Wie komme ich zum Bahnhof?"""
    noun = ctx.noun("asked")
    phrase = noun_phrase(noun, "def")
    kind = ctx.rng.randrange(4)
    if kind == 0:
        return finish(f"entschuldigung, wo ist {phrase.cases[0]}", f"excuse me, where is {phrase.en}", "?")
    if kind == 1:
        return finish(f"wie komme ich {with_preposition('zu', phrase.cases[2])}", f"how do I get to {phrase.en}", "?")
    if kind == 2:
        nearest = noun_phrase(noun, "def", adj=_NEAREST)
        return finish(f"wo ist {nearest.cases[0]}", f"where is {nearest.en}", "?")
    a = noun_phrase(noun, "ein")
    return finish(f"gibt es hier in der Nähe {a.cases[1]}", f"is there {a.en} near here", "?")


def where_things(ctx: Context) -> Pair:
    """Wo ist meine Brille? / Wo hast du deinen Schlüssel verloren?"""
    owner = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], ctx.address, PRONOUNS["er"], PRONOUNS["sie"]))
    noun = ctx.noun("belonging", "pet", "vehicle")
    plural = noun.de != "Geldbeutel" and ctx.chance(0.3)
    phrase = noun_phrase(noun, owner.poss[0], owner.poss[1], plural, ctx.describe(noun))
    kind = ctx.rng.randrange(3)
    if kind == 0:
        return finish(
            f"wo {'sind' if plural else 'ist'} {phrase.cases[0]}",
            f"where {'are' if plural else 'is'} {phrase.en}",
            "?",
        )
    pred = Predicate(
        make_verb("sehen" if kind == 1 else "finden"),
        "see" if kind == 1 else "find",
        phrase.en,
        objects=(phrase.cases[1],),
    )
    if kind == 1:
        return finish(*clause(ctx.address, pred, "past", "question", adverb=ctx.pick((None, *lexicon.PAST_DAY))), "?")
    de, en = clause(ctx.address, pred, "past", "question")
    return finish(f"wo {de}", f"where {en}", "?")


def how_often(ctx: Context) -> Pair:
    """Wie oft gehst du ins Kino? / Wie lange arbeitet er schon hier?"""
    subject = asked_subject(ctx)
    pred = ctx.action(subject, "h", 0.6, definite=False)
    de = german(subject, pred, "present", "question")
    return finish(f"wie oft {de}", f"how often {english(subject, pred, 'simple', question=True)}", "?")


def tag_question(ctx: Context) -> Pair:
    """Du kennst meinen Bruder, oder?"""
    subject = ctx.address
    pred = ctx.predicate(ctx.pick(frames_with("s")), subject)
    de, en = clause(subject, pred, "now")
    tag = "aren't you" if pred.en == "be" else "don't you"
    return finish(f"{de}, oder", f"{en}, {tag}", "?")


PATTERNS = (
    yes_no_present,
    yes_no_past,
    yes_no_modal,
    polite_request,
    permission,
    w_past,
    w_modal,
    why_not,
    who_did,
    whom_did,
    what_did,
    which_one,
    where_is,
    where_things,
    how_often,
    tag_question,
)
