"""The adjectives, each with the kinds of noun it can describe, and the irregular German comparison."""

from __future__ import annotations

from .model import Adjective

ADJECTIVE_TABLE = """
alt | old | vehicle device furniture home building sight clothes animal person document door
neu | new | thing vehicle device furniture clothes home media paper building document door
groß | big | furniture home building sight room animal nature thing vehicle door gift
klein | small | furniture home building sight room animal nature thing door gift
schön | beautiful | clothes home sight nature room
teuer | expensive | clothes vehicle device furniture home
billig | cheap | clothes vehicle device furniture
gut | good | media show dish
interessant | interesting | media show task
langweilig | boring | media show
spannend | exciting | media
lang | long | media message
kurz | short | media message
rot | red | clothes vehicle thing
blau | blue | clothes vehicle thing
grün | green | clothes vehicle thing
gelb | yellow | clothes thing
schwarz | black | clothes vehicle thing
weiß | white | clothes furniture
braun | brown | furniture animal clothes
grau | gray | clothes
frisch | fresh | foodmass food
lecker | delicious | dish food
kalt | cold | drink
nett | nice | person
freundlich | friendly | person
jung | young | person animal
intelligent | intelligent | person
berühmt | famous | sight
ruhig | quiet | room home
hell | bright | room home
dunkel | dark | room
schmutzig | dirty | clothes room
gemütlich | cozy | room home
bequem | comfortable | furniture
modern | modern | building device home
schwierig | difficult | task
leicht | easy | task
wichtig | important | task date paper message
schnell | fast | vehicle
praktisch | practical | device
elegant | elegant | clothes
lustig | funny | show
hübsch | pretty | clothes
"""

STATE_TABLE = """
müde = tired; krank = sick; glücklich = happy; traurig = sad; nervös = nervous; zufrieden = satisfied;
stolz = proud; wütend = angry; enttäuscht = disappointed; überrascht = surprised; allein = alone;
gesund = healthy; beschäftigt = busy; aufgeregt = excited; hungrig = hungry; durstig = thirsty;
fertig = ready; besorgt = worried; verliebt = in love; pünktlich = on time;
neugierig = curious; eifersüchtig = jealous
"""

TRAIT_TABLE = """
nett = nice; freundlich = friendly; klug = smart; fleißig = hard-working; geduldig = patient;
höflich = polite;
lustig = funny; ehrlich = honest; faul = lazy; großzügig = generous; vorsichtig = careful; mutig = brave;
streng = strict; schüchtern = shy; hilfsbereit = helpful; alt = old; jung = young; groß = tall;
stark = strong;
sportlich = athletic
"""

_STEMS = {"teuer": "teur", "dunkel": "dunkl", "hoch": "hoh"}
_COMPARATIVES = {
    "alt": ("älter", "ältest"),
    "groß": ("größer", "größt"),
    "jung": ("jünger", "jüngst"),
    "kurz": ("kürzer", "kürzest"),
    "lang": ("länger", "längst"),
    "warm": ("wärmer", "wärmst"),
    "kalt": ("kälter", "kältest"),
    "stark": ("stärker", "stärkst"),
    "gut": ("besser", "best"),
    "hoch": ("höher", "höchst"),
    "teuer": ("teurer", "teuerst"),
    "dunkel": ("dunkler", "dunkelst"),
    "klug": ("klüger", "klügst"),
    "gesund": ("gesünder", "gesündest"),
    "spannend": ("spannender", "spannendst"),
}


def adjective(de: str, en: str, kinds: str = "") -> Adjective:
    """An adjective with its inflecting stem (teuer -> ein teures Auto)."""
    return Adjective(de, _STEMS.get(de, de), en, frozenset(kinds.split()))


def _pairs(table: str) -> tuple[Adjective, ...]:
    entries = (entry.split(" = ") for entry in table.replace("\n", " ").split(";"))
    return tuple(adjective(de.strip(), en.strip()) for de, en in entries)


ADJECTIVES = tuple(
    adjective(*(part.strip() for part in line.split("|"))) for line in ADJECTIVE_TABLE.strip().splitlines()
)
STATES = _pairs(STATE_TABLE)
TRAITS = _pairs(TRAIT_TABLE)
BIG_SIBLING = (adjective("klein", "little"), adjective("älter", "older"), adjective("jünger", "younger"))


def _by_kind() -> dict[str, tuple[Adjective, ...]]:
    kinds = sorted({kind for adj in ADJECTIVES for kind in adj.kinds})
    return {kind: tuple(adj for adj in ADJECTIVES if kind in adj.kinds) for kind in kinds}


BY_KIND = _by_kind()
"""Noun kind -> the adjectives that fit, in table order."""


def comparative(de: str) -> str:
    """älter, schöner, teurer."""
    return _COMPARATIVES[de][0] if de in _COMPARATIVES else de + "er"


def superlative(de: str) -> str:
    """The superlative stem: ältest-, schönst-, interessantest-."""
    if de in _COMPARATIVES:
        return _COMPARATIVES[de][1]
    if de.endswith("isch"):
        return de + "st"
    return de + ("est" if de.endswith(("d", "t", "s", "ß", "z", "sch")) else "st")
