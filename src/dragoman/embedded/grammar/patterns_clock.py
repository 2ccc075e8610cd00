"""Patterns with clock times and dates: timetables, routines, appointments, birthdays."""

from __future__ import annotations

from dataclasses import replace

from . import lexicon
from .activities import activity
from .clauses import clause, english, finish, german
from .conjugation import whole
from .english import join, possessive
from .model import Adverbial, Pair, Phrase, Predicate
from .phrases import Context
from .verbs import make_verb


def clock_time(ctx: Context) -> Pair:
    return lexicon.clock(1 + ctx.rng.randrange(12), ctx.rng.randrange(4))


_SCHEDULED: tuple[tuple[str, str, str, str], ...] = (
    ("der Zug", "the train", "ab·fahren", "leave"),
    ("der Bus", "the bus", "ab·fahren", "leave"),
    ("der Film", "the movie", "beginnen", "begin"),
    ("das Konzert", "the concert", "beginnen", "begin"),
    ("der Unterricht", "the class", "beginnen", "begin"),
    ("die Besprechung", "the meeting", "an·fangen", "start"),
    ("der Laden", "the store", "öffnen", "open"),
    ("die Bank", "the bank", "schließen", "close"),
    ("das Museum", "the museum", "öffnen", "open"),
    ("der Supermarkt", "the supermarket", "schließen", "close"),
    ("das Flugzeug", "the plane", "landen", "land"),
    ("die Party", "the party", "an·fangen", "start"),
)


def schedule(ctx: Context) -> Pair:
    """Der Zug fährt um halb acht ab."""
    de, en, verb, en_verb = ctx.pick(_SCHEDULED)
    time = clock_time(ctx)
    subject = Phrase((de,) * 4, en, en, 2)
    pred = Predicate(make_verb(verb), en_verb, f"at {time[1]}", late=(f"um {time[0]}",), flags="s")
    day = ctx.pick((None, *lexicon.FUTURE_DAY[:1], ctx.pick(lexicon.FUTURE_DAY[6:13])))
    if day and ctx.chance(0.5):
        text = german(subject, pred, "present", "front", front=day.de)
        return finish(text, english(subject, pred, "simple", front=day.en))
    return finish(*clause(subject, pred, "habit", adverb=day))


_ROUTINE = tuple(
    (activity(text.strip()), int(low), int(high))
    for text, low, high in (
        line.split("@@")
        for line in """auf·stehen = get up@@5@@9
ins Bett gehen = go to bed@@8@@11
frühstücken = have breakfast@@6@@10
zur Arbeit gehen = go to work@@6@@9
nach Hause kommen = come home@@3@@9
zu Mittag essen = have lunch@@11@@12
auf·wachen = wake up@@5@@9
das Haus verlassen = leave the house@@6@@10
zu Abend essen = have dinner@@5@@9
zum Bahnhof gehen = go to the train station@@5@@11""".splitlines()
    )
)


def routine(ctx: Context) -> Pair:
    """Meine Mutter steht jeden Tag um sechs Uhr auf."""
    subject = ctx.subject()
    item, low, high = ctx.pick(_ROUTINE)
    time = lexicon.clock(low + ctx.rng.randrange(high - low + 1), ctx.rng.randrange(4))
    pred = ctx.fixed(item, subject)
    timed = replace(pred, tail=join(pred.tail, f"at {time[1]}"))
    if ctx.chance(0.5):
        adverb = ctx.pick((*lexicon.HABIT[:1], *lexicon.HABIT[4:7], lexicon.HABIT[8], lexicon.HABIT[12]))
        de = german(subject, pred, "present", time=f"{adverb.de} um {time[0]}")
        return finish(de, english(subject, timed, "simple", adverb))
    adverb = ctx.pick((lexicon.PAST_DAY[0], *lexicon.PAST_DAY[6:13]))
    de = german(subject, pred, "perfect", time=f"{adverb.de} um {time[0]}")
    return finish(de, english(subject, timed, "past", adverb))


def tell_time(ctx: Context) -> Pair:
    """Es ist schon Viertel nach drei."""
    time = clock_time(ctx)
    lead = ctx.pick(
        (
            ("es ist", "it is"),
            ("es ist jetzt", "it is now"),
            ("es ist schon", "it is already"),
            ("es war", "it was"),
        )
    )
    return finish(f"{lead[0]} {time[0]}", f"{lead[1]} {time[1]}")


def appointment(ctx: Context) -> Pair:
    """Wir treffen uns am Montag um drei Uhr am Bahnhof."""
    time, day = clock_time(ctx), ctx.pick(lexicon.FUTURE_DAY[6:13] + lexicon.FUTURE_DAY[:1])
    place = ctx.pick(lexicon.PLACES[:16])[0]
    if ctx.chance(0.5):
        return finish(
            f"wir treffen uns {day.de} um {time[0]} {place[0]}",
            f"we are meeting {place[1]} {day.en} at {time[1]}",
        )
    subject = ctx.subject()
    what = ctx.pick((("einen Termin", "an appointment"), ("eine Besprechung", "a meeting"), ("Unterricht", "class")))
    pred = Predicate(make_verb("haben"), "have", f"{what[1]} at {time[1]}", late=(f"um {time[0]} {what[0]}",))
    return finish(*clause(subject, pred, "habit", adverb=day))


def _date(ctx: Context) -> tuple[Pair, Pair]:
    month = ctx.pick(lexicon.MONTHS)
    if ctx.chance(0.4):
        ordinal = ctx.pick(lexicon.ORDINALS)
        return (f"der {ordinal[0]}e {month[0]}", f"am {ordinal[0]}en {month[0]}"), (
            f"the {ordinal[1]} of {month[1]}",
            f"on the {ordinal[1]} of {month[1]}",
        )
    day = 1 + ctx.rng.randrange(28)
    return (f"der {day}. {month[0]}", f"am {day}. {month[0]}"), (f"{month[1]} {day}", f"on {month[1]} {day}")


_DATED = tuple(
    map(
        activity,
        """@en Geburtstag feiern = celebrate @ birthday|in den Urlaub fahren = go on vacation
|heiraten = get married
|nach Spanien fliegen = fly to Spain|@e Großeltern besuchen = visit @ grandparents|um·ziehen = move
|eine Prüfung haben = have an exam|eine Party geben = give a party
|zum Zahnarzt gehen = go to the dentist""".replace("\n", "").split("|"),
    )
)


def date(ctx: Context) -> Pair:
    """Heute ist der dritte Mai. / Am 3. Mai fliegen wir nach Spanien."""
    de, en = _date(ctx)
    roll = ctx.rng.randrange(6)
    if roll == 0:
        return finish(f"heute ist {de[0]}", f"today is {en[0]}")
    if roll == 1:
        subject = ctx.subject(0.5)
        text = join(
            subject.cases[0],
            "hat" if subject.slot == 2 else whole("haben", subject.slot),
            de[1],
            "Geburtstag",
        )
        return finish(
            text,
            join(
                possessive(subject.en, subject.slot == 5) if not subject.pronoun else subject.poss[1],
                "birthday is",
                en[1],
            ),
        )
    subject = ctx.subject()
    pred = ctx.fixed(ctx.pick(_DATED), subject)
    if ctx.chance(0.5):
        text = german(subject, pred, "future", "front", front=de[1])
        return finish(text, english(subject, pred, "future", front=en[1] + ","))
    adverb = Adverbial(de[1], en[1])
    return finish(*clause(subject, pred, "future", adverb=adverb))


PATTERNS = (schedule, routine, tell_time, appointment, date)
