"""The verbs: strong forms once per base verb, and the frames that say who does what to whom.

STRONG: "infinitive change preterite participle"; "-" means no vowel change.  Weak verbs need no entry.
FRAMES: "subject | infinitive | english | complements | flags"; the separable prefix ends in "·".
A complement reads marker:tags>english_preposition/styles, where the marker is acc, dat, preposition+case,
sich, sich3, or lit:Word for a fixed word.  Styles: d definite, i indefinite, b bare, p possessive, t this,
n bare plural, D/P/T plural, 0 without adjective.  Flags: h habit, n ongoing now, i intentional (modals,
imperative), w suits "last month", s stative, - past only.
"""

from __future__ import annotations

from functools import cache

from .model import ACC, DAT, Frame, Slot, Verb

STRONG_TABLE = """
essen iss aß gegessen; trinken - trank getrunken; lesen lies las gelesen; sehen sieh sah gesehen;
geben gib gab gegeben; nehmen nimm nahm genommen; sprechen sprich sprach gesprochen;
treffen triff traf getroffen;
helfen hilf half geholfen; vergessen vergiss vergaß vergessen; fahren fähr fuhr gefahren;
schlafen schläf schlief geschlafen; verschlafen verschläf verschlief verschlafen; laufen läuf lief gelaufen;
tragen träg trug getragen; waschen wäsch wusch gewaschen; fallen fäll fiel gefallen;
halten hält hielt gehalten;
unterhalten unterhält unterhielt unterhalten; laden läd lud geladen; fangen fäng fing gefangen;
verlassen verläss verließ verlassen; gefallen gefäll gefiel gefallen; kommen - kam gekommen;
bekommen - bekam bekommen; gehen - ging gegangen; stehen - stand gestanden; verstehen - verstand verstanden;
bestehen - bestand bestanden; finden - fand gefunden; beginnen - begann begonnen;
schwimmen - schwamm geschwommen; singen - sang gesungen; bleiben - blieb geblieben;
schreiben - schrieb geschrieben; unterschreiben - unterschrieb unterschrieben;
verschreiben - verschrieb verschrieben; verschieben - verschob verschoben; steigen - stieg gestiegen;
leihen - lieh geliehen; ziehen - zog gezogen; fliegen - flog geflogen; verlieren - verlor verloren;
gewinnen - gewann gewonnen; rufen - rief gerufen; sitzen - saß gesessen; liegen - lag gelegen;
bringen - brachte gebracht; verbringen - verbrachte verbracht; denken - dachte gedacht;
kennen - kannte gekannt; wissen - wusste gewusst; werden wird wurde geworden; schneiden - schnitt geschnitten;
schließen - schloss geschlossen; beschließen - beschloss beschlossen; bitten - bat gebeten;
sein - war gewesen;
haben - hatte gehabt; tun - tat getan; backen - backte gebacken; empfehlen empfiehl empfahl empfohlen;
umarmen - umarmte umarmt; gießen - goss gegossen; reiten - ritt geritten; brechen brich brach gebrochen;
hängen - hing gehangen; spazieren - spazierte spaziert; mögen - mochte gemocht; sinken - sank gesunken;
lassen läss ließ gelassen;
betreten betritt betrat betreten; enden - endete geendet
"""
_SEIN_VERBS = frozenset(
    [
        "sein",
        "bleiben",
        "gehen",
        "kommen",
        "fahren",
        "laufen",
        "fliegen",
        "schwimmen",
        "steigen",
        "fallen",
        "reisen",
        "werden",
        "wandern",
        "reiten",
        "auf·stehen",
        "um·ziehen",
        "ein·schlafen",
        "auf·wachen",
        "joggen",
        "sinken",
    ]
)
_INSEPARABLE = ("be", "ver", "er", "ent", "zer", "ge", "emp", "über", "unter", "wieder")
_WITH_GE = frozenset(["bellen", "beten"])
_PARTICLES = frozenset(["up", "off", "on", "out", "back", "in"])

FRAME_TABLE = """
human | essen | eat | acc:food/di | hni
human | trinken | drink | acc:drink/di | hni
human | lesen | read | acc:readable/didt | hni
human | schreiben | write | acc:written/i0 | hni
human | kaufen | buy | acc:buyable/idt | niw
human | verkaufen | sell | acc:sold/p | niw
human | suchen | look | acc:belonging>for/pd | ni
human | finden | find | acc:belonging/pd | -
human | verlieren | lose | acc:belonging/p | -w
human | vergessen | forget | acc:belonging/p | -
human | reparieren | repair | acc:fixed/dpt | niw
human | waschen | wash | acc:washed/p | hni
human | putzen | clean | acc:room,room,cleaned/d | hni
human | auf·räumen | tidy up | acc:room/dp | hni
human | öffnen | open | acc:opened/d | ni
human | zu·machen | close | acc:closed/d | ni
human | bezahlen | pay | acc:paid/dt | iw
human | bestellen | order | acc:ordered/i | hni
human | probieren | try | acc:tasty/dt | i
human | backen | bake | acc:baked/i0 | hni
human | sich3 an·sehen | watch | acc:watchable/dit | ni
human | sich3 an·hören | listen | acc:song>to/dit | ni
human | malen | paint | acc:painted/i0 | hni
human | tragen | wear | acc:clothes/ipt | n
human | an·ziehen | put on | acc:donned/pd | ni
human | aus·ziehen | take off | acc:donned/pd | ni
human | auf·setzen | put on | acc:hat/pd | ni
human | ab·setzen | take off | acc:hat/pd | ni
human | an·probieren | try on | acc:clothes/dti | ni
human | mit·bringen | bring | acc:brought/i | i
human | ab·holen | pick up | acc:person | hni
human | an·rufen | call | acc:person | hniw
human | besuchen | visit | acc:person | hniw
human | treffen | meet | acc:person | hniw
human | ein·laden | invite | acc:person | iw
human | fragen | ask | acc:person | i
human | kennen | know | acc:other | s
human | kennen·lernen | get to know | acc:acquaintance/i | -w
human | verstehen | understand | acc:understood/dt | s
human | beantworten | answer | acc:answered/dt | ni
human | lösen | solve | acc:solved/dt | niw
human | wiederholen | repeat | acc:repeated/dt | i
human | übersetzen | translate | acc:translated/dti | niw
human | helfen | help | dat:person | hniw
human | danken | thank | dat:person | i
human | gratulieren | congratulate | dat:person | i
human | antworten | answer | dat:person | ni
human | glauben | believe | dat:person | s
human | vertrauen | trust | dat:person | s
human | zu·hören | listen | dat:person>to | ni
human | erklären | explain | dat:person>to acc:explained/dt | i
human | zeigen | show | dat:person acc:shown/pd | i
human | geben | give | dat:person acc:given,lent/di | i
human | schicken | send | dat:person acc:sent/i | iw
human | leihen | lend | dat:person acc:lent/p | iw
human | kaufen | buy | dat:person acc:given/i | iw
human | erzählen | tell | dat:person acc:told/idt | i
human | empfehlen | recommend | dat:person>to acc:advised/dti | iw
human | warten | wait | auf+acc:person>for | ni
human | warten | wait | auf+acc:transport>for/d | ni
human | denken | think | an+acc:person>about | hn
human | sprechen | talk | mit+dat:person>to | hniw
human | sprechen | talk | über+acc:topic>about/dt | niw
human | sich freuen | look forward | auf+acc:event>to/d | n
human | sich interessieren | be interested | für+acc:interest>in/b | s
human | sich erinnern | remember | an+acc:person | s
human | sich erinnern | remember | an+acc:event>/d | s
human | sich kümmern | take care | um+acc:pet>of/dp | hni
human | sich ärgern | be annoyed | über+acc:annoying>about/d | s
human | sich entschuldigen | apologize | bei+dat:person>to | i
human | sich verabschieden | say goodbye | von+dat:person>to | i
human | sich unterhalten | chat | mit+dat:person>with | hni
human | haben | be afraid | lit:Angst vor+dat:scary>of/n | s
human | bitten | ask | acc:person lit:um=Hilfe>for=help | iw
human | teil·nehmen | take part | an+dat:attended>in/dt | iw
human | auf·passen | look | auf+acc:pet>after/dp | ni
human | gewinnen | win | acc:won/d | -
human | unterschreiben | sign | acc:signed/dt | iw
human | benutzen | use | acc:used/dpt | hni
human | aus·machen | turn off | acc:switched/d | i
human | an·machen | turn on | acc:switched/d | i
human | füttern | feed | acc:fed/dP | hni
human | streicheln | pet | acc:pet/d | ni
human | planen | plan | acc:planned/i0 | niw
human | organisieren | organize | acc:planned/i0 | niw
human | ab·sagen | cancel | acc:canceled/dp | iw
human | verschieben | postpone | acc:moved/dp | iw
human | verpassen | miss | acc:missed/d | -
human | besichtigen | visit | acc:sight/dt | niw
human | mieten | rent | acc:rented/i | iw
human | brauchen | need | acc:needed/i | s
human | lieben | love | acc:pet,clothes/pt | s
human | vermissen | miss | acc:person | s
human | begrüßen | greet | acc:person | i
human | umarmen | hug | acc:person | i
human | tragen | carry | acc:luggage/dp | ni
human | packen | pack | acc:luggage/p | ni
human | löschen | delete | acc:deleted,answered/dt | i
human | aus·drucken | print out | acc:printed/dt | ni
human | herunter·laden | download | acc:loaded/dti | niw
human | beobachten | watch | acc:watched/dD | n
human | bemerken | notice | acc:mistake/di | -
human | korrigieren | correct | acc:mistake/dD | ni
human | bauen | build | acc:crafted/i0 | nw
doctor | untersuchen | examine | acc:patient/d | n
doctor | verschreiben | prescribe | dat:patient>for/d acc:medicine/i | -
teacher | loben | praise | acc:pupil/dD | n
teacher | erklären | explain | dat:pupil>to/D acc:explained/d | n
waiter | bedienen | serve | acc:guest/dD | n
waiter | bringen | bring | dat:guest/dD acc:drink,ordered/d | n
mechanic | reparieren | repair | acc:vehicle/dp | nw
farmer | füttern | feed | acc:fed/D | nh
hunter | verfolgen | chase | acc:chased/di | n
"""


def _e_insertion(stem: str) -> bool:
    return stem.endswith(("t", "d", "chn", "ffn", "ckn", "gn", "tm"))


def verb_stem(infinitive: str) -> str:
    """The present stem: kauf-, but feier-."""
    return infinitive[:-2] if infinitive.endswith("en") else infinitive[:-1]


def needs_e(infinitive: str) -> bool:
    """Whether -st and -t need a linking e (du arbeitest, er öffnet)."""
    return _e_insertion(verb_stem(infinitive))


def _weak_participle(base: str) -> str:
    ending = "et" if needs_e(base) else "t"
    without_ge = base.endswith("ieren") or (base.startswith(_INSEPARABLE) and base not in _WITH_GE)
    return ("" if without_ge else "ge") + verb_stem(base) + ending


def _strong() -> dict[str, tuple[str, str, str]]:
    entries = (entry.split() for entry in STRONG_TABLE.replace("\n", " ").split(";"))
    return {base: (change, preterite, participle) for base, change, preterite, participle in entries}


STRONG = _strong()


@cache
def make_verb(spelled: str) -> Verb:
    """The verb written like "auf·stehen" with all its stored or regular forms."""
    prefix, _, base = spelled.rpartition("·")
    weak = ("-", verb_stem(base) + ("ete" if needs_e(base) else "te"), _weak_participle(base))
    change, preterite, participle = STRONG.get(base, weak)
    moving = spelled in _SEIN_VERBS or base in _SEIN_VERBS
    return Verb(
        prefix=prefix,
        base=base,
        change="" if change == "-" else change,
        preterite=preterite,
        participle=prefix + participle,
        aux="sein" if moving else "haben",
    )


def _parse_slot(text: str) -> Slot:
    marker, _, rest = text.partition(":")
    rest, _, styles = rest.partition("/")
    tags, arrow, en_prep = rest.partition(">")
    preposition, _, case = marker.rpartition("+")
    return Slot(
        marker=preposition or marker,
        case=DAT if case == "dat" else ACC,
        tags=tuple(tags.replace("=", " ").split(",")),
        en_prep=en_prep.replace("=", " ") if arrow else "",
        styles=styles or "di",
    )


def _parse_frame(line: str) -> Frame:
    subject, german, english, slots, flags = (part.strip() for part in line.split("|"))
    words = german.split()
    parsed = [_parse_slot(word) for word in words[:-1]] + [_parse_slot(slot) for slot in slots.split()]
    base, _, particle = english.partition(" ")
    return Frame(make_verb(words[-1]), base, particle, subject, tuple(parsed), flags)


FRAMES = tuple(_parse_frame(line) for line in FRAME_TABLE.strip().splitlines())


def splits(particle: str) -> bool:
    """Whether an English particle goes after a pronoun object (pick me up)."""
    return particle in _PARTICLES
