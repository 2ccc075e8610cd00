"""Patterns with positions and numbers: where things lie, quantities, prices, ages, weather."""

from __future__ import annotations

from dataclasses import replace

from . import lexicon
from .clauses import clause, english, finish, german
from .conjugation import whole
from .english import join
from .model import Adjective, Noun, Pair, Phrase, Predicate
from .morphology import PRONOUNS, noun_phrase, with_preposition
from .nouns import BY_TAG
from .patterns_facts import AGES, SEIN, copula
from .phrases import Context
from .verbs import make_verb

_SPOTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("auf", "on", ("Tisch", "Stuhl", "Bett", "Sofa", "Schreibtisch", "Regal", "Teppich")),
    ("unter", "under", ("Tisch", "Bett", "Stuhl", "Sofa", "Schreibtisch", "Decke", "Kissen")),
    ("neben", "next to", ("Bett", "Computer", "Lampe", "Sofa", "Tür", "Fernseher", "Schrank", "Telefon")),
    (
        "in",
        "in",
        ("Schrank", "Tasche", "Koffer", "Küche", "Schlafzimmer", "Rucksack", "Auto", "Kiste", "Korb"),
    ),
    ("vor", "in front of", ("Tür", "Fernseher", "Haus", "Spiegel")),
    ("hinter", "behind", ("Tür", "Sofa", "Schrank", "Computer")),
)


_ALL: dict[str, Noun] = {noun.de: noun for tag in sorted(BY_TAG) for noun in BY_TAG[tag]}


def _spot(ctx: Context, thing: Noun) -> tuple[str, str, Phrase]:
    de, en, names = ctx.pick(_SPOTS)
    fitting = [name for name in names if name in _ALL and name != thing.de]
    return de, en, noun_phrase(_ALL[ctx.pick(fitting)], "def")


def _placeable(ctx: Context) -> tuple[Noun, bool]:
    standing = ctx.chance(0.3)
    return ctx.noun("standing" if standing else "layable"), standing


def lies(ctx: Context) -> Pair:
    """Das Buch liegt auf dem Tisch. / Die Tasse steht neben dem Computer."""
    noun, standing = _placeable(ctx)
    owner = ctx.pick((PRONOUNS["ich"], ctx.address, PRONOUNS["er"], PRONOUNS["sie"])).poss
    subject = noun_phrase(
        noun,
        ctx.pick(("def", owner[0])),
        owner[1],
        bool(noun.plural) and ctx.chance(0.25),
        ctx.describe(noun, 0.2),
    )
    preposition, en, spot = _spot(ctx, noun)
    place = with_preposition(preposition, spot.cases[2])
    verb = make_verb("stehen" if standing else "liegen")
    pred = Predicate(verb, "stand" if standing else "lie", f"{en} {spot.en}", late=(place,))
    if standing:
        pred = replace(pred, en="be", flags="s")
    if ctx.chance(0.25):
        return finish(
            german(subject, pred, "preterite"),
            english(subject, pred, "past" if standing else "past_progressive"),
        )
    return finish(*clause(subject, pred, "now"))


def puts(ctx: Context) -> Pair:
    """Ich habe das Buch auf den Tisch gelegt."""
    noun, standing = _placeable(ctx)
    subject = ctx.subject()
    thing = noun_phrase(noun, ctx.pick(("def", subject.poss[0], "ein")), subject.poss[1], adj=ctx.describe(noun, 0.2))
    preposition, en, spot = _spot(ctx, noun)
    place = with_preposition(preposition, spot.cases[1])
    pred = Predicate(
        make_verb("stellen" if standing else "legen"),
        "put",
        f"{thing.en} {en} {spot.en}",
        objects=(thing.cases[1],),
        late=(place,),
    )
    return finish(*clause(subject, pred, ctx.pick(("now", "past", "past"))))


def there_is(ctx: Context) -> Pair:
    """In dieser Stadt gibt es viele alte Kirchen."""
    places = (
        ("in dieser Stadt", "in this city"),
        ("in unserem Dorf", "in our village"),
        ("in meiner Straße", "on my street"),
        ("hier", "here"),
        ("in Berlin", "in Berlin"),
        ("in der Nähe", "nearby"),
    )
    place = ctx.pick(places)
    noun = ctx.noun("shop", "sight", "asked")
    kind = ctx.rng.randrange(4)
    adj = ctx.describe(noun, 0.4)
    if kind == 0:
        phrase = noun_phrase(noun, "many", plural=True, adj=adj)
        return finish(f"{place[0]} gibt es {phrase.cases[1]}", f"there are {phrase.en} {place[1]}")
    if kind == 1:
        phrase = noun_phrase(noun, "kein", "no", adj=adj)
        return finish(f"{place[0]} gibt es {phrase.cases[1]}", f"there is {phrase.en} {place[1]}")
    if kind == 2:
        value = number_phrase(ctx, noun, adj, 2, 4)
        return finish(f"{place[0]} gibt es {value.cases[1]}", f"there are {value.en} {place[1]}")
    phrase = noun_phrase(noun, "ein", adj=adj)
    return finish(f"gibt es {place[0]} {phrase.cases[1]}", f"is there {phrase.en} {place[1]}", "?")


def number_phrase(ctx: Context, noun: Noun, adj: Adjective | None = None, low: int = 2, high: int = 12) -> Phrase:
    """Several of something: drei alte Kirchen."""
    value = lexicon.number(low + ctx.rng.randrange(high - low + 1))
    return noun_phrase(noun, "bare", plural=True, adj=adj, lead=value)


def quantity(ctx: Context) -> Pair:
    """Ich habe drei Katzen. / Er hat zwölf Eier gekauft."""
    subject = ctx.subject()
    verb, en, tags, high = ctx.pick(
        (
            ("haben", "have", ("sib", "pet"), 4),
            ("kaufen", "buy", ("many", "household"), 12),
            ("essen", "eat", ("many",), 4),
            ("lesen", "read", ("readable",), 6),
            ("schreiben", "write", ("written",), 9),
            ("sehen", "see", ("animal",), 9),
        )
    )
    noun = ctx.noun(*tags)
    while verb == "haben" and noun.de in ("Cousin", "Baby"):
        noun = ctx.noun(*tags)
    phrase = number_phrase(ctx, noun, ctx.describe(noun, 0.2), 2, high)
    pred = Predicate(make_verb(verb), en, phrase.en, objects=(phrase.cases[1],), flags="s" if verb == "haben" else "")
    if verb == "haben":
        return finish(*clause(subject, pred, "now"))
    return finish(*clause(subject, pred, "past", adverb=ctx.pick((None, ctx.pick(lexicon.PAST_DAY)))))


_PRICED = (
    ("clothes", 15, 99),
    ("household", 2, 30),
    ("device", 90, 900),
    ("furniture", 60, 700),
    ("media", 2, 25),
    ("luggage", 20, 120),
)


def price(ctx: Context) -> Pair:
    """Das rote Kleid kostet fünfzig Euro."""
    tag, low, high = ctx.pick(_PRICED)
    noun = ctx.fresh([n for n in BY_TAG[tag] if n.kind != "media" or n.de in ("Buch", "Roman")])
    style = ctx.pick(("def", "this"))
    subject = noun_phrase(noun, style, adj=ctx.describe(noun, 0.4))
    raw = low + ctx.rng.randrange(high - low + 1)
    value = raw if raw <= 30 else raw // 5 * 5 if raw < 100 else raw // 50 * 50
    words = lexicon.number(value)
    figure = ctx.chance(0.4)
    pred = Predicate(
        make_verb("kosten"),
        "cost",
        f"{value if figure else words[1]} euros",
        late=(f"{value if figure else words[0]} Euro",),
        flags="s",
    )
    if ctx.chance(0.2):
        return finish(f"wie viel kostet {subject.cases[0]}", f"how much does {subject.en} cost", "?")
    if ctx.chance(0.25):
        who = ctx.subject()
        paid = Predicate(
            make_verb("bezahlen"),
            "pay",
            f"{words[1]} euros for {subject.en_obj}",
            late=(f"{words[0]} Euro für {subject.cases[1]}",),
        )
        return finish(*clause(who, paid, "past"))
    return finish(*clause(subject, pred, "now"))


def built_in(ctx: Context) -> Pair:
    """Die alte Kirche wurde 1895 gebaut."""
    noun = ctx.noun("built")
    subject = noun_phrase(noun, ctx.pick(("def", "this")), adj=ctx.describe(noun))
    year, town = (
        str((1801 if noun.kind == "sight" else 1960) + ctx.rng.randrange(60)),
        ctx.pick(lexicon.TOWNS[:8])[0],
    )
    pred = Predicate(make_verb("werden"), "be", f"built in {year}", late=(year, "gebaut"))
    if ctx.chance(0.3):
        anew = noun_phrase(noun, "ein")
        return finish(f"{year} wurde {town[0]} {anew.cases[0]} gebaut", f"in {year} {anew.en} was built {town[1]}")
    return finish(german(subject, pred, "preterite"), english(subject, pred, "past"))


def age(ctx: Context) -> Pair:
    """Meine Tochter ist acht Jahre alt."""
    subject = ctx.subject(0.4)
    low, high = AGES.get(subject.key, (18, 80))
    value = low + ctx.rng.randrange(high - low + 1)
    if subject.gender == "p" and subject.slot == 5:
        subject = ctx.name(False)
    words = lexicon.number(value) if ctx.chance(0.6) else (str(value), str(value))
    roll = ctx.rng.randrange(4)
    if roll == 0:
        born = str(2025 - value)
        pred = Predicate(SEIN, "be", f"born in {born}", late=(born, "geboren"))
        text = join(subject.cases[0], whole("sein", subject.slot), born, "geboren")
        return finish(text, english(subject, pred, "past"))
    if roll == 1:
        town = ctx.pick(lexicon.TOWNS)[0]
        text = join(subject.cases[0], whole("sein", subject.slot), town[0], "geboren")
        return finish(text, english(subject, copula("", f"born {town[1]}"), "past"))
    return finish(*clause(subject, copula(f"{words[0]} Jahre alt", f"{words[1]} years old"), "now"))


_SKY = (("regnet", "regnen", "geregnet", "rain"), ("schneit", "schneien", "geschneit", "snow"))


_CONDITIONS = (
    ("kalt", "cold"),
    ("warm", "warm"),
    ("heiß", "hot"),
    ("windig", "windy"),
    ("sonnig", "sunny"),
    ("kühl", "cool"),
    ("neblig", "foggy"),
)


def weather(ctx: Context) -> Pair:
    """Morgen wird es in Hamburg regnen. / Gestern war es sehr kalt."""
    town = ctx.pick(lexicon.TOWNS)[0]
    roll = ctx.rng.randrange(4)
    degree = ctx.pick((("", ""), ("sehr", "very"), ("ziemlich", "quite")))
    state = ctx.pick(_CONDITIONS)
    sky = ctx.pick(_SKY)
    if roll == 0:
        time = ctx.pick(lexicon.PAST_DAY)
        return finish(
            join(time.de, "war es", town[0], degree[0], state[0]),
            join("it was", degree[1], state[1], town[1], time.en),
        )
    if roll == 1:
        time = ctx.pick(lexicon.FUTURE_DAY)
        return finish(join(time.de, "wird es", town[0], sky[1]), join("it will", sky[3], town[1], time.en))
    if roll == 2:
        time = ctx.pick(lexicon.PAST_DAY)
        return finish(join(time.de, "hat es", town[0], sky[2]), join("it", sky[3] + "ed", town[1], time.en))
    season = ctx.pick(
        (
            ("im Winter", "in winter"),
            ("im Sommer", "in summer"),
            ("im Herbst", "in fall"),
            ("im Frühling", "in spring"),
        )
    )
    often = ctx.pick((("oft", "often"), ("selten", "rarely"), ("manchmal", "sometimes")))
    return finish(
        join(season[0], sky[0], "es", town[0], often[0]),
        join("it", often[1], sky[3] + "s", town[1], season[1]),
    )


PATTERNS = (lies, puts, there_is, quantity, price, built_in, age, weather)
