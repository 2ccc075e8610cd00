"""Patterns for what verbs ask for: reflexives, datives, two objects, prepositions, places, seit, gern."""

from __future__ import annotations

from dataclasses import replace

from . import lexicon
from .activities import activity
from .adjectives import BY_KIND
from .clauses import clause, english, finish, german
from .conjugation import english_verb
from .english import join, possessive
from .model import Frame, Pair, Predicate
from .morphology import PRONOUNS, noun_phrase, with_preposition
from .nouns import BY_TAG
from .patterns_main import HUMAN, going_to
from .phrases import FRAMES_BY_SUBJECT, Context
from .verbs import make_verb

_REFLEXIVE = tuple(f for f in HUMAN if any(slot.marker.startswith("sich") for slot in f.slots))


_DATIVE = tuple(f for f in HUMAN if len(f.slots) == 1 and f.slots[0].marker == "dat")


_GIVING = tuple(f for f in HUMAN if [slot.marker for slot in f.slots] == ["dat", "acc"])


_GOVERNED = tuple(
    f for f in HUMAN if f.slots[-1].marker not in ("acc", "dat", "lit") and "sich" not in f.slots[0].marker
)


_WORKERS = ("doctor", "teacher", "waiter", "mechanic", "farmer", "hunter")


_LASTING = tuple(
    map(
        activity,
        [
            "warten = wait",
            "schlafen = sleep",
            "arbeiten = work",
            "im Garten arbeiten = work in the garden\n",
            "Klavier spielen = play the piano",
            "Schach spielen = play chess",
            "Deutsch lernen = study German",
            "fern·sehen = watch TV\n",
            "für die Prüfung lernen = study for the exam",
            "auf den Bus warten = wait for the bus",
            "mit @en Freunden spielen = play with @ friends\n",
            "in der Küche arbeiten = work in the kitchen",
            "Musik hören = listen to music",
            "telefonieren = talk on the phone\n",
            "@en Schlüssel suchen = look for @ key",
            "auf eine Antwort warten = wait for an answer",
            "tanzen = dance",
        ],
    )
)


_LASTING_LONG = tuple(
    map(
        activity,
        [
            "Deutsch lernen = study German",
            "Gitarre spielen = play the guitar\n",
            "in einem Krankenhaus arbeiten = work at a hospital",
            "bei dieser Firma arbeiten = work for this company\n",
            "verheiratet sein = be married",
            "krank sein = be sick",
            "hier wohnen = live here",
            "einen Hund haben = have a dog\n",
            "in dieser Straße wohnen = live on this street",
            "allein wohnen = live alone",
            "im Ausland leben = live abroad\n",
            "Englisch unterrichten = teach English",
            "eine neue Wohnung suchen = look for a new apartment",
        ],
    )
)


def likes_doing(ctx: Context) -> Pair:
    """Meine Schwester spielt gern Tennis."""
    subject = ctx.subject()
    pred = ctx.fixed(ctx.pick([a for a in lexicon.ACTIVITIES if "h" in a.flags]), subject)
    not_ = ctx.chance(0.25)
    de = german(subject, pred, "present", time="nicht gern" if not_ else "gern")
    liked = replace(pred, en="like", tail=join("to", pred.en, pred.tail))
    return finish(de, english(subject, liked, "simple", neg=not_))


def would_rather(ctx: Context) -> Pair:
    """Ich würde lieber zu Hause bleiben."""
    subject = ctx.subject()
    pred = ctx.fixed(ctx.pick([a for a in lexicon.ACTIVITIES if "i" in a.flags]), subject)
    de = german(subject, pred, "would", time="lieber")
    return finish(de, join(subject.en, "would rather", pred.en, pred.tail))


def since(ctx: Context) -> Pair:
    """Er wartet seit einer Stunde."""
    subject = ctx.subject()
    long = ctx.chance(0.5)
    pred = ctx.fixed(ctx.pick(_LASTING_LONG if long else _LASTING), subject)
    adverb = ctx.pick(lexicon.SINCE_LONG if long else lexicon.SINCE)
    tense = "perfect" if pred.en in ("be", "have") else "perfect_progressive"
    return finish(german(subject, pred, "present", time=adverb.de), english(subject, pred, tense, adverb))


def _of_frames(ctx: Context, frames: tuple[Frame, ...]) -> Pair:
    subject = ctx.subject()
    frame = ctx.pick(frames)
    pred = ctx.predicate(frame, subject)
    if "s" in frame.flags:
        return finish(*clause(subject, pred, "now"))
    if "n" in frame.flags and ctx.chance(0.35):
        return finish(*clause(subject, pred, "now", adverb=ctx.pick(lexicon.NOW)))
    adverb = ctx.pick(lexicon.PAST_DAY) if ctx.chance(0.5) else None
    return finish(*clause(subject, pred, "past", adverb=adverb))


def reflexive_verb(ctx: Context) -> Pair:
    """Wir freuen uns auf den Urlaub."""
    return _of_frames(ctx, _REFLEXIVE)


def dative_verb(ctx: Context) -> Pair:
    """Sie hat ihrem Bruder geholfen."""
    return _of_frames(ctx, _DATIVE)


def giving(ctx: Context) -> Pair:
    """Ich habe meiner Mutter einen Brief geschickt."""
    return _of_frames(ctx, _GIVING)


def governed(ctx: Context) -> Pair:
    """Er denkt an seine Freundin."""
    return _of_frames(ctx, _GOVERNED)


def giving_pronouns(ctx: Context) -> Pair:
    """Ich habe es ihm gegeben."""
    subject = ctx.subject(0.6)
    frame = ctx.pick(tuple(f for f in _GIVING if f.verb.base not in ("erzählen", "kaufen")))
    receiver = ctx.person(subject)
    thing = PRONOUNS["es"]
    given = receiver.cases[2]
    pronouns = (thing.cases[1], given) if receiver.pronoun else (thing.cases[1],)
    objects = () if receiver.pronoun else (given,)
    pred = Predicate(frame.verb, frame.en, f"it to {receiver.en_obj}", pronouns, objects)
    adverb = ctx.pick(lexicon.PAST_DAY) if ctx.chance(0.5) else None
    return finish(*clause(subject, pred, "past", adverb=adverb))


def at_work(ctx: Context) -> Pair:
    """Der Arzt untersucht die Patientin."""
    role = ctx.pick(_WORKERS)
    noun = ctx.noun(role)
    adj = ctx.pick(BY_KIND["person"]) if role != "hunter" and ctx.chance(0.25) else None
    subject = noun_phrase(noun, "def", adj=adj)
    pred = ctx.predicate(ctx.pick(FRAMES_BY_SUBJECT[role]), subject)
    if ctx.chance(0.5) and "n" in pred.flags:
        return finish(*clause(subject, pred, "now", adverb=ctx.pick((None, *lexicon.NOW))))
    return finish(*clause(subject, pred, "past", adverb=ctx.pick((None, ctx.pick(lexicon.PAST_DAY)))))


def belongs(ctx: Context) -> Pair:
    """Das rote Auto gehört meinem Onkel."""
    thing = ctx.thing(("belonging", "vehicle", "sold", "clothes", "pet"), "ddt", PRONOUNS["ich"], 0.4)
    owner = PRONOUNS["ich"] if ctx.chance(0.15) else ctx.person(PRONOUNS["ich"])
    pred = Predicate(make_verb("gehören"), "belong", f"to {owner.en_obj}", objects=(owner.cases[2],), flags="s")
    return finish(*clause(thing, pred, "now", neg=ctx.chance(0.2)))


def pleases(ctx: Context) -> Pair:
    """Das Kleid gefällt meiner Mutter."""
    thing = ctx.thing(
        ("clothes", "vehicle", "watchable", "song", "sold", "furniture", "sight"), "dtt", PRONOUNS["ich"], 0.0
    )
    who = ctx.subject()
    not_ = ctx.chance(0.25)
    front = ctx.chance(0.4)
    pred = Predicate(make_verb("gefallen"), "like", thing.en)
    verb = "gefällt"
    order = (who.cases[2], verb, thing.cases[0]) if front else (thing.cases[0], verb, who.cases[2])
    middle = join(*order, "nicht" if not_ else "")
    return finish(middle, english(who, pred, "simple", neg=not_))


def hurts(ctx: Context) -> Pair:
    """Meinem Vater tun die Füße weh."""
    who = ctx.subject()
    while who.slot > 2 and who != PRONOUNS["Sie"]:
        who = ctx.subject()
    noun = ctx.pick(BY_TAG["body"])
    plural = noun.de in ("Bein", "Arm", "Hand", "Fuß", "Knie", "Zahn") and ctx.chance(0.6)
    part = noun_phrase(noun, "def", plural=plural)
    owned = noun_phrase(noun, "mein", who.poss[1] if who.pronoun else possessive(who.en), plural=plural)
    adverb = ctx.pick((None, None, ctx.pick(lexicon.SINCE_LONG)))
    verb = "tun" if plural else "tut"
    tense = "perfect" if adverb else "simple"
    aux, main = english_verb(owned.slot, tense, "hurt", False)
    main = "been hurting" if adverb else main
    de = join(who.cases[2], verb, adverb.de if adverb else "", part.cases[0], "weh")
    return finish(de, join(owned.en, aux, main, adverb.en if adverb else ""))


def location(ctx: Context) -> Pair:
    """Wir waren gestern im Museum."""
    subject, place = ctx.subject(), ctx.pick(lexicon.PLACES + lexicon.TOWNS)[0]
    pred = Predicate(make_verb("sein"), "be", place[1], late=(place[0],))
    adverb = ctx.pick(lexicon.PAST_DAY)
    if ctx.chance(0.4):
        de = german(subject, pred, "preterite", "front", front=adverb.de)
        return finish(de, english(subject, pred, "past", front=adverb.en))
    return finish(*clause(subject, pred, "past", adverb=adverb, neg=ctx.chance(0.25)))


_GOING = (("gehen", "go"), ("gehen", "go"), ("fahren", "drive"), ("fahren", "drive"))


_TRAVEL = (("fliegen", "fly"), ("reisen", "travel"), ("ziehen", "move"))


def direction(ctx: Context) -> Pair:
    """Nächste Woche fliegt er nach Spanien."""
    subject = ctx.subject()
    far = ctx.chance(0.5)
    place = ctx.pick(lexicon.TOWNS if far else lexicon.PLACES)[1]
    verb, en = ctx.pick(_TRAVEL if far else _GOING)
    pred = Predicate(make_verb(verb), en, place[1], late=(place[0],))
    if verb == "ziehen":
        pred = replace(pred, verb=replace(pred.verb, aux="sein"))
    if ctx.chance(0.5):
        adverb = ctx.pick(lexicon.PAST_WIDE if far else lexicon.PAST_DAY)
        return finish(*clause(subject, pred, "past", adverb=adverb))
    adverb = ctx.pick(lexicon.FUTURE_WIDE if far else lexicon.FUTURE_DAY)
    de = german(subject, pred, "present", "front", front=adverb.de)
    return finish(de, english(subject, going_to(pred), "simple", front=adverb.en))


def together(ctx: Context) -> Pair:
    """Ich bin mit meiner Schwester ins Kino gegangen."""
    subject = ctx.subject()
    friend = ctx.person(subject)
    place = ctx.pick(lexicon.PLACES)[1]
    company = with_preposition("mit", friend.cases[2])
    pred = Predicate(make_verb("gehen"), "go", f"{place[1]} with {friend.en_obj}", late=(company, place[0]))
    if ctx.chance(0.3):
        return finish(*clause(subject, pred, "future", adverb=ctx.pick(lexicon.FUTURE_DAY)))
    return finish(*clause(subject, pred, "past", adverb=ctx.pick(lexicon.PAST_DAY)))


PATTERNS = (
    likes_doing,
    would_rather,
    since,
    reflexive_verb,
    dative_verb,
    giving,
    governed,
    giving_pronouns,
    at_work,
    belongs,
    pleases,
    hurts,
    location,
    direction,
    together,
)
