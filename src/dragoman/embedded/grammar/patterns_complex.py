"""Patterns with more than one clause: subordination, relative clauses, infinitives, coordination, news."""

from __future__ import annotations

from dataclasses import replace

from . import adjectives, lexicon
from . import situations as world
from .activities import activity
from .clauses import clause, english, finish, german, middle, now_tense, past_tense
from .conjugation import english_verb, whole
from .english import join, with_article
from .model import Activity, Adverbial, Frame, Pair, Phrase, Predicate, Spec
from .morphology import PRONOUNS, RELATIVE, anaphor, noun_phrase
from .phrases import FRAMES_BY_SUBJECT, Context, frames_with
from .verbs import make_verb

_HUMAN = FRAMES_BY_SUBJECT["human"]


def _person(ctx: Context) -> Phrase:
    return ctx.subject(0.5)


def say(ctx: Context, item: Spec, subject: Phrase, when: str, order: str = "main", adverb: Adverbial | None = None) -> Pair:
    """A ready-made clause content as a clause."""
    pred = ctx.spec(item, subject)
    return clause(subject, pred, when, order, item.modal, item.negative, adverb)


def _cause(ctx: Context, item: Spec, happened: bool, who: Phrase, past: bool, order: str) -> Pair:
    if happened and past:
        pred = ctx.spec(item, who)
        return german(who, pred, "pluperfect", order), english(who, pred, "pluperfect")
    return say(ctx, item, who, "past" if happened or past else "now", order)


def _reasoned(ctx: Context, order: str) -> tuple[Pair, Pair]:
    subject = _person(ctx)
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
    subject = _person(ctx)
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
    subject = _person(ctx)
    effects, causes = ctx.pick(world.WEATHER)
    now, past = ctx.pick(causes)
    if ctx.chance(0.5):
        de, en = say(ctx, ctx.pick(effects), subject, "now")
        return finish(f"{de}, weil {now[0]}", f"{en} because {now[1]}")
    de, en = say(ctx, ctx.pick(effects), subject, "past")
    return finish(f"{de}, weil {past[0]}", f"{en} because {past[1]}")


def if_weather(ctx: Context) -> Pair:
    """Wenn es regnet, werden wir zu Hause bleiben."""
    subject = _person(ctx)
    effects, causes = ctx.pick(world.WEATHER)
    item = ctx.pick(tuple(e for e in effects if not e.modal))
    pred = ctx.spec(item, subject)
    now = ctx.pick(causes)[0]
    day = ctx.pick((("morgen", "tomorrow"), ("am Wochenende", "on the weekend"), ("heute Nachmittag", "this afternoon")))
    condition = now[0].split()
    cut = 1 if condition[0] == "es" else 2
    de_if = join(*condition[:cut], day[0], *condition[cut:])
    en_if = now[1].replace("is raining", "rains").replace("is snowing", "snows").replace("is shining", "shines")
    de = german(subject, pred, "future", "question")
    return finish(f"wenn {de_if}, {de}", f"if {en_if} {day[1]}, {english(subject, pred, 'future')}")


_OFFERS = tuple(map(activity, """ins Kino gehen = go to the movies|@e Schwester an·rufen = call @ sister
|spazieren gehen = go for a walk|in der Küche helfen = help in the kitchen|eine Pause machen = take a break
|zusammen essen = eat together|einen Kaffee trinken = have a coffee|nach Hause gehen = go home
|in den Park gehen = go to the park|Karten spielen = play cards|das Auto nehmen = take the car""".replace("\n", "").split("|")))


def if_you(ctx: Context) -> Pair:
    """Wenn du Zeit hast, können wir ins Kino gehen."""
    you = ctx.address
    condition = say(ctx, ctx.pick(world.CONDITIONS), you, "habit", "last")
    subject = ctx.pick((PRONOUNS["wir"], you))
    pred = ctx.fixed(ctx.pick(_OFFERS), subject)
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
    rows = (line.split(":") for line in table.strip().splitlines())
    return {state: tuple(Spec(activity(item.strip())) for item in items.split("/")) for state, items in rows}


_REACTIONS = _reactions("""
müde: früh ins Bett gehen = go to bed early / einen Kaffee trinken = drink a coffee / sich hin·legen = lie down
krank: zu Hause bleiben = stay home / viel schlafen = sleep a lot / Tee trinken = drink tea / zum Arzt gehen = go to the doctor
glücklich: viel lachen = laugh a lot / laut singen = sing loudly / @e Freunde an·rufen = call @ friends
traurig: Musik hören = listen to music / Schokolade essen = eat chocolate / mit @er Mutter sprechen = talk to @ mother
nervös: viel reden = talk a lot / wenig essen = eat little / schlecht schlafen = sleep badly
hungrig: einen Apfel essen = eat an apple / ein Brot essen = eat some bread / in die Küche gehen = go into the kitchen
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
    subject = _person(ctx)
    state = ctx.pick(_OBSTACLES)
    who = anaphor(subject)
    past = ctx.chance(0.5)
    condition = say(ctx, state, subject, "past" if past else "now", "last")
    pred = ctx.action(who, "n", 0.7) if not past else ctx.action(who, "i", 0.5)
    de = german(who, pred, past_tense(pred) if past else "present", "question")
    en = english(who, pred, "past" if past else now_tense(pred))
    return finish(f"obwohl {condition[0]}, {de}", f"although {condition[1]}, {en}")


_OBSTACLES = tuple(Spec(activity(text.strip())) for text in """müde sein = be tired / krank sein = be sick /
wenig Zeit haben = have little time / Kopfschmerzen haben = have a headache / sehr nervös sein = be very nervous /
viel zu tun haben = have a lot to do / traurig sein = be sad / Fieber haben = have a fever""".replace("\n", " ").split("/"))


def as_child(ctx: Context) -> Pair:
    """Als ich jung war, wollte ich Arzt werden."""
    subject = ctx.pick((PRONOUNS["ich"], PRONOUNS["ich"], PRONOUNS["wir"], ctx.kin(), ctx.name(False), PRONOUNS["er"], PRONOUNS["sie"]))
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
    subject, other = _person(ctx), ctx.third()
    pred = ctx.spec(ctx.pick(world.BACKGROUND), other)
    came = ctx.pick(("kam", "kam"))
    ending = {0: "", 1: "st", 2: "", 3: "en", 4: "t", 5: "en"}[subject.slot]
    place = ctx.pick((("nach Hause", "home"), ("ins Zimmer", "into the room"), ("zurück", "back")))
    de = f"als {subject.cases[0]} {place[0]} {came}{ending}" if place[0] != "zurück" else f"als {subject.cases[0]} zurück{came}{ending}"
    main = german(other, pred, past_tense(pred), "question", time="gerade")
    return finish(f"{de}, {main}", f"when {subject.en} came {place[1]}, {english(other, pred, 'past_progressive')}")


def while_(ctx: Context) -> Pair:
    """Während ich gekocht habe, hat mein Bruder ferngesehen."""
    subject, other = _person(ctx), ctx.third()
    first, second = ctx.pick(world.BACKGROUND), ctx.pick(world.BACKGROUND)
    if first == second or subject.key == other.key:
        return while_(ctx)
    pred, pred2 = ctx.spec(first, subject), ctx.spec(second, other)
    de = f"während {german(subject, pred, past_tense(pred), 'last')}, {german(other, pred2, past_tense(pred2), 'question')}"
    en = f"while {english(subject, pred, 'past_progressive')}, {english(other, pred2, 'past_progressive')}"
    return finish(de, en)


def before(ctx: Context) -> Pair:
    """Bevor ich ins Bett gehe, lese ich die Zeitung."""
    subject = _person(ctx)
    main, later = ctx.pick(world.BEFORE_MAIN), ctx.pick(world.BEFORE)
    who = anaphor(subject)
    when = ctx.pick(("habit", "past"))
    tense = "past" if when == "past" else "simple"
    pred, pred2 = ctx.spec(main, subject), ctx.spec(later, who)
    german_tense = past_tense(pred) if when == "past" else "present"
    if ctx.chance(0.5):
        pred, pred2 = ctx.spec(main, who), ctx.spec(later, subject)
        de = f"bevor {german(subject, pred2, german_tense, 'last')}, {german(who, pred, german_tense, 'question')}"
        return finish(de, f"before {english(subject, pred2, tense)}, {english(who, pred, tense)}")
    de = f"{german(subject, pred, german_tense)}, bevor {german(who, pred2, german_tense, 'last')}"
    return finish(de, f"{english(subject, pred, tense)} before {english(who, pred2, tense)}")


def after_(ctx: Context) -> Pair:
    """Nachdem er gefrühstückt hatte, ist er zur Arbeit gegangen."""
    subject = _person(ctx)
    who = anaphor(subject)
    pred, pred2 = ctx.spec(ctx.pick(world.BEFORE_MAIN), subject), ctx.spec(ctx.pick(world.BEFORE[:4]), who)
    de = f"nachdem {german(subject, pred, 'pluperfect', 'last')}, {german(who, pred2, 'perfect', 'question')}"
    return finish(de, f"after {english(subject, pred, 'pluperfect')}, {english(who, pred2, 'past')}")


_CLAIMS: tuple[tuple[str, str, str], ...] = (
    ("glauben", "think", "now"), ("denken", "think", "now"), ("hoffen", "hope", "now"), ("wissen", "know", "now"),
    ("sagen", "say", "past"), ("erzählen", "say", "past0"),
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
    other = ctx.pick((ctx.third(), ctx.third(), PRONOUNS["er"], PRONOUNS["sie"], ctx.address)) if subject.pronoun else ctx.third()
    verb, en, _ = ctx.pick(_CLAIMS[:4] if subject.pronoun else _CLAIMS[:2] + _CLAIMS[2:4])
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


_OPENERS: tuple[Pair, ...] = (
    ("es ist schön", "it is nice"), ("es ist schade", "it is a pity"), ("ich freue mich", "I am glad"),
    ("es tut mir leid", "I am sorry"), ("ich bin sicher", "I am sure"), ("es ist klar", "it is clear"),
    ("ich habe gehört", "I heard"), ("ich wusste nicht", "I didn't know"), ("es stimmt", "it is true"),
)


def impersonal_that(ctx: Context) -> Pair:
    """Es ist schade, dass du keine Zeit hast."""
    de, en = ctx.pick(_OPENERS)
    other = ctx.pick((ctx.third(), ctx.third(), ctx.address, PRONOUNS["er"], PRONOUNS["sie"]))
    pred = ctx.fixed(ctx.pick(lexicon.FEELINGS), other)
    tense = "past" if de in ("ich wusste nicht", "ich habe gehört") else "simple"
    return finish(f"{de}, dass {german(other, pred, 'present', 'last')}", f"{en} that {english(other, pred, tense)}")


_ASKING: tuple[Pair, ...] = (
    ("ich weiß nicht", "I don't know"), ("weißt du", "do you know"), ("wissen Sie", "do you know"),
    ("ich möchte wissen", "I would like to know"), ("können Sie mir sagen", "can you tell me"),
    ("kannst du mir sagen", "can you tell me"), ("wir wissen nicht", "we don't know"),
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
    pred = ctx.predicate(ctx.pick(frames_with("w")), other, definite=True)
    text_de, text_en = clause(other, pred, "past", "last")
    mark = "?" if de.startswith(("weißt", "wissen", "könn", "kannst")) else "."
    return finish(f"{de}, {word[0]} {text_de}", f"{en} {word[1]} {text_en}", mark)


# Relative clauses

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
    "m": (("Onkel", "uncle"), ("Nachbar", "neighbor"), ("Bruder", "brother"), ("Lehrer", "teacher"), ("Chef", "boss")),
    "f": (("Tante", "aunt"), ("Nachbarin", "neighbor"), ("Schwester", "sister"), ("Lehrerin", "teacher"), ("Chefin", "boss")),
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
    return [s.marker for s in frame.slots] == ["acc"] and not frame.slots[0].en_prep and "person" not in frame.slots[0].tags


_OBJECT_VERBS = tuple(
    f for f in _HUMAN if _simple_object(f) and f.flags and "s" not in f.flags
    and f.verb.infinitive in "lesen kaufen reparieren übersetzen anprobieren besichtigen mieten bestellen probieren "
    "schreiben suchen finden löschen ausdrucken verkaufen packen organisieren planen waschen".split()
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
    "food": "lecker frisch", "dish": "lecker", "media": "interessant langweilig spannend", "clothes": "schön teuer billig",
    "vehicle": "teuer schnell kaputt", "device": "kaputt modern teuer", "furniture": "bequem teuer schön", "home": "groß klein teuer",
    "show": "interessant langweilig", "task": "schwierig interessant", "building": "berühmt alt", "thing": "neu teuer alt",
    "date": "wichtig", "paper": "wichtig", "foodmass": "frisch lecker teuer", "drink": "kalt", "person": "nett",
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


_LIVED = (("wohnen", "live", ("home",)), ("arbeiten", "work", ("room", "shop")), ("übernachten", "stay", ("home",)))


def relative_place(ctx: Context) -> Pair:
    """Das Haus, in dem meine Großeltern wohnen, ist sehr alt."""
    subject = ctx.third() if ctx.chance(0.5) else ctx.subject(1.0)
    house = ctx.chance(0.5)
    noun = ctx.noun("rented") if house else ctx.noun("shop")
    while house and noun.kind != "home":
        noun = ctx.noun("sold")
    head = noun_phrase(noun, "def")
    pred = Predicate(make_verb("wohnen" if house else "arbeiten"), "live" if house else "work", "in" if house else "at", flags="s")
    adj = ctx.pick(adjectives.BY_KIND[noun.kind])
    past = ctx.chance(0.3)
    de, en = clause(subject, pred, "past" if past else "now", "last")
    de_rel = f"in {RELATIVE[noun.gender][2]} {de}"
    return finish(f"{head.cases[0]}, {de_rel}, ist {adj.de}", f"{head.en} {en} is {adj.en}")


# Infinitives

_TRIES: tuple[tuple[str, str, str], ...] = (
    ("versuchen", "try", "to"), ("beschließen", "decide", "to"), ("hoffen", "hope", "to"), ("planen", "plan", "to"),
)


def _zu(pred: Predicate) -> str:
    return join(*middle(pred), pred.verb.zu_infinitive)


def to_infinitive(ctx: Context) -> Pair:
    """Ich versuche, mehr Sport zu machen."""
    subject = ctx.subject()
    verb, en, to = ctx.pick(_TRIES)
    goal = ctx.fixed(ctx.pick(lexicon.GOALS), subject)
    main = Predicate(make_verb(verb), en, join(to, goal.en, goal.tail), flags="s" if verb in ("hoffen", "planen") else "")
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
    ("es ist wichtig", "it is important"), ("es ist schwer", "it is hard"), ("es ist leicht", "it is easy"),
    ("es macht Spaß", "it is fun"), ("es ist gesund", "it is healthy"), ("es ist nicht einfach", "it is not easy"),
    ("es ist schön", "it is nice"), ("es ist teuer", "it is expensive"),
)
_EVALUATED = tuple(tuple(activity(text.strip()) for text in line.split("/")) for line in """
genug Wasser trinken = drink enough water / pünktlich sein = be on time / Fremdsprachen lernen = learn foreign languages / gut schlafen = sleep well
eine gute Wohnung finden = find a good apartment / früh auf·stehen = get up early / Deutsch lernen = learn German / mit dem Rauchen auf·hören = stop smoking
dieses Wort aus·sprechen = pronounce this word / Fahrrad fahren lernen = x / diese Aufgabe lösen = solve this problem / den Weg finden = find the way
zusammen kochen = cook together / mit Freunden reisen = travel with friends / im See schwimmen = swim in the lake / Karten spielen = play cards
viel Gemüse essen = eat a lot of vegetables / jeden Tag spazieren gehen = go for a walk every day / wenig Zucker essen = eat little sugar
einen guten Job finden = find a good job / alte Gewohnheiten ändern = change old habits / allein leben = live alone
am Meer sitzen = sit by the sea / alte Freunde treffen = meet old friends / im Park lesen = read in the park
in der Stadt leben = live in the city / jeden Tag im Restaurant essen = eat at a restaurant every day / ein Haus bauen = build a house
""".replace(" / Fahrrad fahren lernen = x", "").strip().splitlines())


def evaluation(ctx: Context) -> Pair:
    """Es ist wichtig, genug Wasser zu trinken."""
    index = ctx.rng.randrange(len(_EVALUATIONS))
    de, en = _EVALUATIONS[index]
    pred = ctx.fixed(ctx.pick(_EVALUATED[index]), PRONOUNS["wir"])
    who = ctx.pick((None, ctx.kin(), ctx.name(False), ctx.group(PRONOUNS["ich"]), ctx.worker())) if "Spaß" not in de else None
    for_de, for_en = (f" für {who.cases[1]}", f" for {who.en_obj}") if who else ("", "")
    return finish(f"{de}{for_de}, {_zu(pred)}", f"{en}{for_en} {join('to', pred.en, pred.tail)}")


def feel_like(ctx: Context) -> Pair:
    """Ich habe keine Lust, heute zu kochen."""
    subject = ctx.subject()
    pred = ctx.fixed(ctx.pick([a for a in lexicon.ACTIVITIES if "i" in a.flags]), subject)
    head, noun, en = ctx.pick(_ATTITUDES)
    main = Predicate(make_verb(head), en, join(noun[1], pred.en, pred.tail), late=(noun[0],), flags="s")
    if en == "feel":
        return finish(f"{german(subject, main, 'present')}, {_zu(pred)}", english(
            subject, replace(main, tail=_gerund_tail(pred)), "simple", neg=noun[0].startswith("keine")))
    return finish(f"{german(subject, main, 'present')}, {_zu(pred)}", english(subject, main, "simple"))


_ATTITUDES: tuple[tuple[str, Pair, str], ...] = (
    ("haben", ("keine Lust", "like"), "feel"), ("haben", ("Lust", "like"), "feel"), ("haben", ("keine Zeit", "no time to"), "have"),
    ("haben", ("vor", "to"), "intend"), ("haben", ("keine Zeit", "no time to"), "have"),
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
    for first, second in (line.split("->") for line in """
das Haus verlassen = leave the house -> sich verabschieden = say goodbye
nach Hause gehen = go home -> ein Wort sagen = saying0
das Haus verlassen = leave the house -> die Tür ab·schließen = lock the door
ins Bett gehen = go to bed -> das Licht aus·machen = turn off the light
das Restaurant verlassen = leave the restaurant -> die Rechnung bezahlen = pay the bill
den Vertrag unterschreiben = sign the contract -> den Text lesen = read the text
zur Arbeit gehen = go to work -> frühstücken = have breakfast
das Zimmer betreten = enter the room -> an·klopfen = knock
das Auto nehmen = take the car -> mich fragen0 = x
""".strip().splitlines() if "0" not in line)
)


def two_clauses(ctx: Context) -> Pair:
    """Anna liest ein Buch und Paul hört Musik."""
    first, second = ctx.third(), ctx.third()
    if first.key == second.key:
        return two_clauses(ctx)
    when = ctx.pick(("now", "past"))
    one, two = (ctx.spec(ctx.pick(world.BACKGROUND), who) for who in (first, second))
    if one.late + one.objects == two.late + two.objects:
        return two_clauses(ctx)
    joiner = ctx.pick((("und", "and"), (", aber", ", but")))
    left, right = clause(first, one, when), clause(second, two, when)
    return finish(f"{left[0]} {joiner[0]} {right[0]}".replace(" ,", ","), f"{left[1]} {joiner[1]} {right[1]}".replace(" ,", ","))


def wanted_but(ctx: Context) -> Pair:
    """Ich wollte schwimmen gehen, aber ich hatte keine Zeit."""
    subject = ctx.subject()
    pred = ctx.action(subject, "i", 0.6)
    who = anaphor(subject)
    reason = ctx.pick(_HINDRANCES)
    left = clause(subject, pred, "past", modal="wollen")
    right = say(ctx, reason, who, "past")
    return finish(f"{left[0]}, aber {right[0]}", f"{left[1]}, but {right[1]}")


_HINDRANCES = tuple(map(world.spec, (
    "keine Zeit haben = have no time", "krank sein = be sick", "müssen: arbeiten = work", "zu müde sein = be too tired",
    "kein Geld haben = have no money", "müssen: zu Hause bleiben = stay home", "Kopfschmerzen haben = have a headache",
)))


def narration(ctx: Context) -> Pair:
    """Anna öffnete die Tür und ging in die Küche."""
    subject = ctx.pick((PRONOUNS["er"], PRONOUNS["sie"], ctx.name(), ctx.name(), ctx.worker(), ctx.kin()))
    first, second = ctx.pick(world.NARRATION)
    one, two = ctx.spec(first, subject), ctx.spec(second, subject)
    end = replace(subject, cases=("",) * 4, en="")
    de = f"{german(subject, one, 'preterite')} und {german(end, two, 'preterite')}"
    return finish(de, f"{english(subject, one, 'past')} and {english(end, two, 'past')}")


# News

_SOURCES: tuple[Pair, ...] = (
    ("die Regierung", "the government"), ("der Minister", "the minister"), ("der Präsident", "the president"),
    ("die Polizei", "the police"), ("das Unternehmen", "the company"), ("der Bürgermeister", "the mayor"),
    ("die Zeitung", "the newspaper"), ("ein Sprecher der Firma", "a spokesman for the company"),
    ("die Stadt Köln", "the city of Cologne"), ("die Partei", "the party"),
)
_SPOKE: tuple[Pair, ...] = (
    ("hat angekündigt", "announced"), ("hat bestätigt", "confirmed"), ("hat erklärt", "explained"), ("teilte mit", "reported"),
    ("sagte am Montag", "said on Monday"), ("sagte am Freitag", "said on Friday"),
)
_EVENTS: tuple[tuple[str, str, str, str], ...] = (
    ("die Preise", "steigen", "prices", "rise"), ("die Steuern", "sinken", "taxes", "fall"), ("die Mieten", "steigen", "rents", "rise"),
    ("der neue Flughafen", "eröffnet werden", "the new airport", "be opened"), ("die Schule", "gebaut werden", "the school", "be built"),
    ("die Straße", "gesperrt werden", "the street", "be closed"), ("das Gesetz", "geändert werden", "the law", "be changed"),
    ("die Brücke", "repariert werden", "the bridge", "be repaired"), ("die Wahl", "verschoben werden", "the election", "be postponed"),
    ("die Gespräche", "beginnen", "the talks", "begin"), ("der Streik", "enden", "the strike", "end"),
    ("das Konzert", "abgesagt werden", "the concert", "be canceled"), ("die Fabrik", "geschlossen werden", "the factory", "be closed"),
)


def news_that(ctx: Context) -> Pair:
    """Die Regierung hat angekündigt, dass die Steuern sinken werden."""
    source, said = ctx.pick(_SOURCES), ctx.pick(_SPOKE)
    de, verb, en, en_verb = ctx.pick(_EVENTS)
    plural = de.startswith(("die Preise", "die Steuern", "die Mieten", "die Gespräche"))
    when = ctx.pick(lexicon.FUTURE_WIDE[:3])
    time = f" {when.de}" if ctx.chance(0.5) else ""
    time_en = f" {when.en}" if time else ""
    will = "werden" if plural else "wird"
    return finish(f"{source[0]} {said[0]}, dass {de}{time} {verb} {will}", f"{source[1]} {said[1]} that {en} will {en_verb}{time_en}")


_ACTS = tuple(map(activity, """eine Fabrik besuchen = visit a factory|mit Studenten sprechen = talk to students
|ein neues Krankenhaus eröffnen = open a new hospital|einen Vertrag unterschreiben = sign a contract
|das Museum besuchen = visit the museum|über die Krise sprechen = talk about the crisis|ein neues Gesetz fordern = demand a new law
|die Opfer besuchen = visit the victims|die neuen Pläne vor·stellen = present the new plans|mit Journalisten sprechen = talk to journalists
|die Wahl gewinnen = win the election|den Plan kritisieren = criticize the plan""".replace("\n", "").split("|")))
_FIGURES: tuple[Pair, ...] = (
    ("der Minister", "the minister"), ("die Ministerin", "the minister"), ("der Präsident", "the president"),
    ("die Präsidentin", "the president"), ("der Bürgermeister", "the mayor"), ("der Politiker", "the politician"),
)


def news_act(ctx: Context) -> Pair:
    """Der Minister besuchte am Montag eine Fabrik in Hamburg."""
    figure = ctx.pick(_FIGURES)
    subject = Phrase((figure[0],) * 4, figure[1], figure[1], 2)
    pred = ctx.fixed(ctx.pick(_ACTS), subject)
    town = ctx.pick(lexicon.TOWNS[:9])[0]
    time = ctx.pick(lexicon.PAST_WIDE[:2] + lexicon.PAST_DAY[6:13])
    de = german(subject, pred, "preterite", time=join(time.de, town[0]))
    return finish(de, join(english(subject, pred, "past"), town[1], time.en))


def news_front(ctx: Context) -> Pair:
    """Am Montag hat die Regierung ein neues Gesetz beschlossen."""
    figure = ctx.pick(_FIGURES)
    subject = Phrase((figure[0],) * 4, figure[1], figure[1], 2)
    pred = ctx.fixed(ctx.pick(_ACTS), subject)
    time = ctx.pick(lexicon.PAST_WIDE[:2] + lexicon.PAST_DAY[6:13])
    town = ctx.pick(lexicon.TOWNS[:9])[0]
    de = german(subject, pred, "perfect", "front", time=town[0], front=time.de)
    return finish(de, english(subject, replace(pred, tail=join(pred.tail, town[1])), "past", front=time.en))


PATTERNS = (
    because, for_reason, therefore, because_weather, if_weather, if_you, when_state, unreal, although, as_child,
    when_arrived, while_, before, after_, that_clause, told_that, impersonal_that, whether, indirect_w,
    relative_subject, relative_object, relative_thing, relative_final, relative_place, to_infinitive, forgot_to, ask_to,
    evaluation, feel_like, purpose, without_doing, two_clauses, wanted_but, narration, news_that, news_act, news_front,
)
_UNUSED = (with_article, _LIVED)
