"""Patterns with subordinate clauses of reason, condition and report, and with two main clauses."""

from __future__ import annotations

from . import adjectives, lexicon
from . import situations as world
from .activities import activity, spec
from .clauses import clause, english, finish, german, now_tense, past_tense
from .conjugation import english_verb, whole
from .english import join
from .model import Adverbial, Pair, Phrase, Predicate, Spec
from .morphology import PRONOUNS, anaphor
from .phrases import PLACED, Context, frames_with
from .verbs import make_verb


def acting_person(ctx: Context) -> Phrase:
    return ctx.subject(0.5)


def say(
    ctx: Context, item: Spec, subject: Phrase, when: str, order: str = "main", adverb: Adverbial | None = None
) -> Pair:
    """A ready-made clause content as a clause."""
    pred = ctx.spec(item, subject)
    return clause(subject, pred, when, order, item.modal, item.negative, adverb)


def _cause(ctx: Context, item: Spec, happened: bool, who: Phrase, past: bool, order: str) -> Pair:
    if happened and past:
        pred = ctx.spec(item, who)
        return german(who, pred, "pluperfect", order), english(who, pred, "pluperfect")
    return say(ctx, item, who, "past" if happened or past else "now", order)


def _reasoned(ctx: Context, order: str) -> tuple[Pair, Pair]:
    subject = acting_person(ctx)
    effects, causes = ctx.pick(world.REASONS)
    item, happened = ctx.pick(causes)
    past = ctx.chance(0.4)
    effect = say(ctx, ctx.pick(effects), subject, "past" if past else "now")
    return effect, _cause(ctx, item, happened, anaphor(subject), past, order)


def because(ctx: Context) -> Pair:
    """Ich bleibe zu Hause, weil ich krank bin."""
    effect, cause = _reasoned(ctx, "last")
    return finish(f"{effect[0]}, weil {cause[0]}", f"{effect[1]} because {cause[1]}")


def for_reason(ctx: Context) -> Pair:
    """Er kann nicht kommen, denn er hat Fieber."""
    effect, cause = _reasoned(ctx, "main")
    return finish(f"{effect[0]}, denn {cause[0]}", f"{effect[1]}, for {cause[1]}")


def therefore(ctx: Context) -> Pair:
    """Sie hat Fieber, deshalb bleibt sie zu Hause."""
    subject = acting_person(ctx)
    effects, causes = ctx.pick(world.REASONS)
    item, happened = ctx.pick(causes)
    past = ctx.chance(0.4)
    cause = _cause(ctx, item, happened, subject, past, "main")
    effect = ctx.pick(effects)
    who = anaphor(subject)
    de = say(ctx, effect, who, "past" if past else "now", "question")[0]
    en = say(ctx, effect, who, "past" if past else "now")[1]
    return finish(f"{cause[0]}, deshalb {de}", f"{cause[1]}, so {en}")


def because_weather(ctx: Context) -> Pair:
    """Wir bleiben zu Hause, weil es regnet."""
    subject = acting_person(ctx)
    effects, causes = ctx.pick(world.WEATHER)
    now, past = ctx.pick(causes)
    if ctx.chance(0.5):
        de, en = say(ctx, ctx.pick(effects), subject, "now")
        return finish(f"{de}, weil {now[0]}", f"{en} because {now[1]}")
    de, en = say(ctx, ctx.pick(effects), subject, "past")
    return finish(f"{de}, weil {past[0]}", f"{en} because {past[1]}")


def if_weather(ctx: Context) -> Pair:
    """Wenn es regnet, werden wir zu Hause bleiben."""
    subject = acting_person(ctx)
    effects, causes = ctx.pick(world.WEATHER)
    item = ctx.pick(tuple(e for e in effects if not e.modal))
    pred = ctx.spec(item, subject)
    now = ctx.pick(causes)[0]
    day = ctx.pick(
        (("morgen", "tomorrow"), ("am Wochenende", "on the weekend"), ("heute Nachmittag", "this afternoon"))
    )
    condition = now[0].split()
    cut = 1 if condition[0] == "es" else 2
    de_if = join(*condition[:cut], day[0], *condition[cut:])
    en_if = now[1].replace("is raining", "rains").replace("is snowing", "snows").replace("is shining", "shines")
    de = german(subject, pred, "future", "question")
    return finish(f"wenn {de_if}, {de}", f"if {en_if} {day[1]}, {english(subject, pred, 'future')}")


_TO_YOU = ("mich", "den Lehrer", "Frau")


def if_you(ctx: Context) -> Pair:
    """Wenn du Zeit hast, können wir ins Kino gehen."""
    you = ctx.address
    conditions, offers = ctx.pick(world.OFFERS)
    condition = say(ctx, ctx.pick(conditions), you, "habit", "last")
    offer = ctx.pick(offers)
    subject = (
        you
        if " ".join(offer.activity.objects + offer.activity.late).startswith(_TO_YOU)
        else ctx.pick((PRONOUNS["wir"], you))
    )
    pred = ctx.spec(offer, subject)
    de = german(subject, pred, "modal", "question", modal="können")
    return finish(f"wenn {condition[0]}, {de}", f"if {condition[1]}, {english(subject, pred, 'can')}")


def when_state(ctx: Context) -> Pair:
    """Wenn ich müde bin, gehe ich früh ins Bett."""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"], ctx.third(), ctx.name(False)))
    state = ctx.pick(adjectives.STATES[:5] + adjectives.STATES[14:16])
    who = anaphor(subject)
    reaction = ctx.spec(ctx.pick(_REACTIONS[state.de]), who)
    de_if = join(subject.cases[0], state.de, whole("sein", subject.slot))
    en_if = join(subject.en, english_verb(subject.agreement, "simple", "be", False)[0], state.en)
    de = german(who, reaction, "present", "question")
    return finish(f"wenn {de_if}, {de}", f"when {en_if}, {english(who, reaction, 'simple')}")


def _reactions(table: str) -> dict[str, tuple[Spec, ...]]:
    rows = (row.split(":") for row in table.replace("\n", " ").split(";"))
    return {state.strip(): tuple(Spec(activity(item.strip())) for item in items.split("/")) for state, items in rows}


_REACTIONS = _reactions("""
müde: früh ins Bett gehen = go to bed early / einen Kaffee trinken = drink a coffee /
sich hin·legen = lie down;
krank: zu Hause bleiben = stay home / viel schlafen = sleep a lot / Tee trinken = drink tea /
zum Arzt gehen = go to the doctor;
glücklich: viel lachen = laugh a lot / laut singen = sing loudly / @e Freunde an·rufen = call @ friends;
traurig: Musik hören = listen to music / Schokolade essen = eat chocolate /
mit @er Mutter sprechen = talk to @ mother;
nervös: viel reden = talk a lot / wenig essen = eat little / schlecht schlafen = sleep badly;
hungrig: einen Apfel essen = eat an apple / ein Brot essen = eat some bread /
in die Küche gehen = go into the kitchen;
durstig: ein Glas Wasser trinken = drink a glass of water / Saft trinken = drink juice
""")


def unreal(ctx: Context) -> Pair:
    """Wenn ich mehr Zeit hätte, würde ich um die Welt reisen."""
    subject = ctx.subject(0.7)
    german_part, english_part = ctx.pick(world.UNREAL)
    who = anaphor(subject)
    pred = ctx.spec(ctx.pick(world.RICH), who)
    condition = join(subject.cases[0], german_part[0], whole(german_part[1], subject.slot))
    en_if = join(subject.en, english_part[1], english_part[0])
    de = german(who, pred, "would", "question")
    return finish(f"wenn {condition}, {de}", f"if {en_if}, {english(who, pred, 'would')}")


def although(ctx: Context) -> Pair:
    """Obwohl sie müde war, hat sie gearbeitet."""
    subject = acting_person(ctx)
    state = ctx.pick(_OBSTACLES)
    who = anaphor(subject)
    past = ctx.chance(0.5)
    condition = say(ctx, state, subject, "past" if past else "now", "last")
    pred = ctx.fixed(ctx.pick(_EFFORTS_PAST if past else _EFFORTS), who)
    de = german(who, pred, past_tense(pred) if past else "present", "question")
    en = english(who, pred, "past" if past else now_tense(pred))
    return finish(f"obwohl {condition[0]}, {de}", f"although {condition[1]}, {en}")


_EFFORTS_PAST = tuple(
    a
    for a in lexicon.ACTIVITIES
    if "h" in a.flags
    and a.verb.base not in ("bleiben", "schlafen", "ruhen")
    and not {"früh ins Bett", "lange"} & set(a.late)
)


_EFFORTS = tuple(a for a in _EFFORTS_PAST if "n" in a.flags)


_OBSTACLES = tuple(
    Spec(activity(text.strip()))
    for text in """müde sein = be tired / krank sein = be sick /
wenig Zeit haben = have little time / Kopfschmerzen haben = have a headache /
sehr nervös sein = be very nervous /
viel zu tun haben = have a lot to do / traurig sein = be sad / Fieber haben = have a fever""".replace("\n", " ").split(
        "/"
    )
)


_CLAIMS: tuple[Pair, ...] = (
    ("glauben", "think"),
    ("denken", "think"),
    ("hoffen", "hope"),
    ("wissen", "know"),
)


def _that(ctx: Context, who: Phrase, other: Phrase) -> Pair:
    roll = ctx.rng.random()
    if roll < 0.35:
        pred = ctx.action(other, "", 0.3)
        return clause(other, pred, "past", "last", adverb=ctx.pick(lexicon.PAST_DAY))
    if roll < 0.65:
        pred = ctx.predicate(ctx.pick(tuple(f for f in frames_with("i") if "w" in f.flags)), other)
        return clause(other, pred, "future", "last", adverb=ctx.pick(lexicon.FUTURE_DAY + lexicon.FUTURE_WIDE))
    return clause(other, ctx.fixed(ctx.pick(lexicon.FEELINGS), other), "habit", "last")


def that_clause(ctx: Context) -> Pair:
    """Ich glaube, dass sie morgen kommt."""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["ich"], PRONOUNS["wir"], ctx.name(), ctx.kin()))
    other = (
        ctx.pick((ctx.third(), ctx.third(), PRONOUNS["er"], PRONOUNS["sie"], ctx.address))
        if subject.pronoun
        else ctx.third()
    )
    verb, en = ctx.pick(_CLAIMS)
    de, text = _that(ctx, subject, other)
    main = Predicate(make_verb(verb), en, "", flags="s")
    start = clause(subject, main, "habit")
    return finish(f"{start[0]}, dass {de}", f"{start[1]} that {text}")


def told_that(ctx: Context) -> Pair:
    """Mein Bruder hat mir gesagt, dass Anna krank ist."""
    teller, other = ctx.third(), ctx.third()
    hearer = ctx.pick((PRONOUNS["ich"], PRONOUNS["wir"]))
    pred = ctx.fixed(ctx.pick(lexicon.FEELINGS), other)
    de = german(other, pred, "present", "last")
    main = Predicate(make_verb("sagen"), "tell", hearer.en_obj, (hearer.cases[2],))
    start = clause(teller, main, "past")
    return finish(f"{start[0]}, dass {de}", f"{start[1]} that {english(other, pred, 'past')}")


_OPENERS: tuple[tuple[str, str, str], ...] = (
    ("es ist schön", "it is nice", "+"),
    ("ich freue mich", "I am glad", "+"),
    ("es ist schade", "it is a pity", "-"),
    ("es tut mir leid", "I am sorry", "-"),
    ("ich bin sicher", "I am sure", ""),
    ("es ist klar", "it is clear", ""),
    ("ich habe gehört", "I heard", ""),
    ("ich wusste nicht", "I didn't know", ""),
    ("es stimmt", "it is true", ""),
)


def impersonal_that(ctx: Context) -> Pair:
    """Es ist schade, dass du keine Zeit hast."""
    de, en, mood = ctx.pick(_OPENERS)
    other = ctx.pick((ctx.third(), ctx.third(), ctx.address, PRONOUNS["er"], PRONOUNS["sie"]))
    pred = ctx.fixed(ctx.pick([f for f in lexicon.FEELINGS if mood in f.flags]), other)
    tense = "past" if de in ("ich wusste nicht", "ich habe gehört") else "simple"
    return finish(f"{de}, dass {german(other, pred, 'present', 'last')}", f"{en} that {english(other, pred, tense)}")


_ASKING: tuple[Pair, ...] = (
    ("ich weiß nicht", "I don't know"),
    ("weißt du", "do you know"),
    ("wissen Sie", "do you know"),
    ("ich möchte wissen", "I would like to know"),
    ("können Sie mir sagen", "can you tell me"),
    ("kannst du mir sagen", "can you tell me"),
    ("wir wissen nicht", "we don't know"),
)


def whether(ctx: Context) -> Pair:
    """Ich weiß nicht, ob er morgen Zeit hat."""
    de, en = ctx.pick(_ASKING)
    other = ctx.pick((ctx.third(), ctx.third(), PRONOUNS["er"], PRONOUNS["sie"]))
    text_de, text_en = _that(ctx, PRONOUNS["ich"], other)
    mark = "?" if de.startswith(("weißt", "wissen", "könn", "kannst")) else "."
    return finish(f"{de}, ob {text_de}", f"{en} if {text_en}", mark)


def indirect_w(ctx: Context) -> Pair:
    """Weißt du, wann der Arzt gekommen ist?"""
    de, en = ctx.pick(_ASKING)
    word = ctx.pick((("wann", "when"), ("warum", "why"), ("wo", "where")))
    other = ctx.pick((ctx.third(), ctx.third(), PRONOUNS["er"], PRONOUNS["sie"]))
    pool = PLACED if word[0] == "wo" else frames_with("w")
    pred = ctx.predicate(ctx.pick(pool), other, definite=True)
    text_de, text_en = clause(other, pred, "past", "last")
    mark = "?" if de.startswith(("weißt", "wissen", "könn", "kannst")) else "."
    return finish(f"{de}, {word[0]} {text_de}", f"{en} {word[1]} {text_en}", mark)


def wanted_but(ctx: Context) -> Pair:
    """Ich wollte schwimmen gehen, aber ich hatte keine Zeit."""
    subject = ctx.subject()
    pred = ctx.action(subject, "i", 0.6)
    who = anaphor(subject)
    reason = ctx.pick(_HINDRANCES)
    left = clause(subject, pred, "past", modal="wollen")
    right = say(ctx, reason, who, "past")
    return finish(f"{left[0]}, aber {right[0]}", f"{left[1]}, but {right[1]}")


_HINDRANCES = tuple(
    map(
        spec,
        (
            "keine Zeit haben = have no time",
            "krank sein = be sick",
            "müssen: arbeiten = work",
            "zu müde sein = be too tired",
            "müssen: zu Hause bleiben = stay home",
            "Kopfschmerzen haben = have a headache",
        ),
    )
)


PATTERNS = (
    because,
    for_reason,
    therefore,
    because_weather,
    if_weather,
    if_you,
    when_state,
    unreal,
    although,
    that_clause,
    told_that,
    impersonal_that,
    whether,
    indirect_w,
    wanted_but,
)
