"""Patterns in the style of news: somebody announced that something will happen, a minister visited a town."""

from __future__ import annotations

from dataclasses import replace

from . import lexicon
from .activities import activity
from .clauses import english, finish, german
from .english import join
from .model import Pair, Phrase
from .phrases import Context

_SOURCES: tuple[Pair, ...] = (
    ("die Regierung", "the government"),
    ("der Minister", "the minister"),
    ("der Präsident", "the president"),
    ("die Polizei", "the police"),
    ("das Unternehmen", "the company"),
    ("der Bürgermeister", "the mayor"),
    ("die Zeitung", "the newspaper"),
    ("ein Sprecher der Firma", "a spokesman for the company"),
    ("die Stadt Köln", "the city of Cologne"),
    ("die Partei", "the party"),
)


_SPOKE: tuple[Pair, ...] = (
    ("hat angekündigt", "announced"),
    ("hat bestätigt", "confirmed"),
    ("hat erklärt", "explained"),
    ("teilte mit", "reported"),
    ("sagte am Montag", "said on Monday"),
    ("sagte am Freitag", "said on Friday"),
)


_EVENTS: tuple[tuple[str, str, str, str], ...] = (
    ("die Preise", "steigen", "prices", "rise"),
    ("die Steuern", "sinken", "taxes", "fall"),
    ("die Mieten", "steigen", "rents", "rise"),
    ("der neue Flughafen", "eröffnet werden", "the new airport", "be opened"),
    ("das Stadion", "eröffnet werden", "the stadium", "be opened"),
    ("die Straße", "gesperrt werden", "the street", "be closed"),
    ("das Gesetz", "geändert werden", "the law", "be changed"),
    ("die Brücke", "repariert werden", "the bridge", "be repaired"),
    ("die Wahl", "verschoben werden", "the election", "be postponed"),
    ("die Gespräche", "beginnen", "the talks", "begin"),
    ("der Streik", "enden", "the strike", "end"),
    ("das Konzert", "abgesagt werden", "the concert", "be canceled"),
    ("die Fabrik", "geschlossen werden", "the factory", "be closed"),
)


def news_that(ctx: Context) -> Pair:
    """Die Regierung hat angekündigt, dass die Steuern sinken werden."""
    source, said = ctx.pick(_SOURCES), ctx.pick(_SPOKE)
    de, verb, en, en_verb = ctx.pick(_EVENTS)
    plural = de.startswith(("die Preise", "die Steuern", "die Mieten", "die Gespräche"))
    when = ctx.pick(lexicon.FUTURE_WIDE[:3])
    time = f" {when.de}" if ctx.chance(0.5) else ""
    time_en = f" {when.en}" if time else ""
    will = "" if verb.endswith(" werden") else " werden" if plural else " wird"
    verb = verb.replace(" werden", " wird")
    return finish(
        f"{source[0]} {said[0]}, dass {de}{time} {verb}{will}",
        f"{source[1]} {said[1]} that {en} will {en_verb}{time_en}",
    )


_ACTS = tuple(
    map(
        activity,
        """eine Fabrik besuchen = visit a factory|mit Studenten sprechen = talk to students
|ein neues Krankenhaus eröffnen = open a new hospital|einen Vertrag unterschreiben = sign a contract
|das Museum besuchen = visit the museum|über die Krise sprechen = talk about the crisis
|ein neues Gesetz fordern = demand a new law
|die Opfer besuchen = visit the victims|die neuen Pläne vor·stellen = present the new plans
|mit Journalisten sprechen = talk to journalists
|die Wahl gewinnen = win the election|den Plan kritisieren = criticize the plan""".replace("\n", "").split("|"),
    )
)


_FIGURES: tuple[Pair, ...] = (
    ("der Minister", "the minister"),
    ("die Ministerin", "the minister"),
    ("der Präsident", "the president"),
    ("die Präsidentin", "the president"),
    ("der Bürgermeister", "the mayor"),
    ("der Politiker", "the politician"),
)


def news_act(ctx: Context) -> Pair:
    """Der Minister besuchte am Montag eine Fabrik in Hamburg."""
    figure = ctx.pick(_FIGURES)
    subject = Phrase((figure[0],) * 4, figure[1], figure[1], 2)
    pred = ctx.fixed(ctx.pick(_ACTS), subject)
    town = ctx.pick(lexicon.TOWNS[:8])[0]
    time = ctx.pick(lexicon.PAST_WIDE[:2] + lexicon.PAST_DAY[6:13])
    de = german(subject, pred, "preterite", time=join(time.de, town[0]))
    return finish(de, join(english(subject, pred, "past"), town[1], time.en))


def news_front(ctx: Context) -> Pair:
    """Am Montag hat die Regierung ein neues Gesetz beschlossen."""
    figure = ctx.pick(_FIGURES)
    subject = Phrase((figure[0],) * 4, figure[1], figure[1], 2)
    pred = ctx.fixed(ctx.pick(_ACTS), subject)
    time = ctx.pick(lexicon.PAST_WIDE[:2] + lexicon.PAST_DAY[6:13])
    town = ctx.pick(lexicon.TOWNS[:8])[0]
    de = german(subject, pred, "perfect", "front", time=town[0], front=time.de)
    return finish(de, english(subject, replace(pred, tail=join(pred.tail, town[1])), "past", front=time.en))


PATTERNS = (news_that, news_act, news_front)
