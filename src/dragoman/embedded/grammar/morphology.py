"""German noun phrases: determiners, adjective endings, noun cases, pronouns and contractions.

The tables are small because the system is: three sets of adjective endings chosen by the determiner, and
four noun endings (genitive -s, dative plural -n, n-declension, none).
"""

from __future__ import annotations

import re

from .english import join, with_article
from .model import ACC, DAT, GEN, NOM, Adjective, Noun, Pair, Phrase

Row = tuple[str, str, str, str]

DEFINITE: dict[str, Row] = {
    "m": ("der", "den", "dem", "des"),
    "f": ("die", "die", "der", "der"),
    "n": ("das", "das", "dem", "des"),
    "p": ("die", "die", "den", "der"),
}
_EIN: dict[str, Row] = {
    "m": ("", "en", "em", "es"),
    "f": ("e", "e", "er", "er"),
    "n": ("", "", "em", "es"),
    "p": ("e", "e", "en", "er"),
}
_DIES: dict[str, Row] = {
    "m": ("er", "en", "em", "es"),
    "f": ("e", "e", "er", "er"),
    "n": ("es", "es", "em", "es"),
    "p": ("e", "e", "en", "er"),
}
_WEAK: dict[str, Row] = {
    "m": ("e", "en", "en", "en"),
    "f": ("e", "e", "en", "en"),
    "n": ("e", "e", "en", "en"),
    "p": ("en", "en", "en", "en"),
}
_MIXED: dict[str, Row] = {
    "m": ("er", "en", "en", "en"),
    "f": ("e", "e", "en", "en"),
    "n": ("es", "es", "en", "en"),
    "p": ("en", "en", "en", "en"),
}
_STRONG: dict[str, Row] = {
    "m": ("er", "en", "em", "en"),
    "f": ("e", "e", "er", "er"),
    "n": ("es", "es", "em", "en"),
    "p": ("e", "e", "en", "er"),
}
RELATIVE: dict[str, Row] = {**DEFINITE, "p": ("die", "die", "denen", "deren")}

_SHORT_GENITIVE = frozenset(
    [
        "Park",
        "Chef",
        "Film",
        "Job",
        "Test",
        "Tee",
        "Schnee",
        "See",
        "Koch",
        "Streik",
        "Vertrag",
        "Anzug",
        "Hals",
        "Hut",
        "Schal",
        "Laptop",
        "Drucker",
        "Ring",
        "Ball",
        "Lärm",
        "Sturm",
        "Salat",
        "Käse",
        "Honig",
        "Pass",
        "Ausweis",
        "Bus",
    ]
)
_DIPHTHONGS = re.compile("au|ei|eu|äu|ie|ee|aa|oo", re.IGNORECASE)
_GENITIVES = {
    "Zahnarzt": "Zahnarztes",
    "Pass": "Passes",
    "Ausweis": "Ausweises",
    "Bus": "Busses",
    "Hals": "Halses",
    "Kurs": "Kurses",
}
_CONTRACTIONS = {
    ("in", "dem"): "im",
    ("an", "dem"): "am",
    ("von", "dem"): "vom",
    ("bei", "dem"): "beim",
    ("zu", "dem"): "zum",
    ("zu", "der"): "zur",
    ("in", "das"): "ins",
}

FIRST: tuple[Pair, ...] = (
    ("mein", "my"),
    ("dein", "your"),
    ("sein", "his"),
    ("unser", "our"),
    ("euer", "your"),
    ("ihr", "their"),
)


def gender_key(noun: Noun, plural: bool) -> str:
    """The row of the declension tables: the gender, or p for all plurals."""
    return "p" if plural else noun.gender


def _genitive(noun: Noun) -> str:
    if noun.de in _GENITIVES:
        return _GENITIVES[noun.de]
    vowels = sum(letter in "aeiouäöüAEIOUÄÖÜ" for letter in _DIPHTHONGS.sub("a", noun.de))
    if noun.de.endswith(("s", "ß", "z", "x")):
        return noun.de + "es"
    short = vowels == 1 and noun.de[-1] not in "aeiouyé" and noun.de not in _SHORT_GENITIVE
    return noun.de + ("es" if short else "s")


def decline(noun: Noun, case: int, plural: bool = False) -> str:
    """The noun itself in the given case."""
    if plural:
        return noun.plural + ("n" if case == DAT and noun.plural[-1] not in "ns" else "")
    if noun.weak:
        return noun.de if case == NOM else _weak_singular(noun)
    return _genitive(noun) if case == GEN and noun.gender != "f" else noun.de


def _weak_singular(noun: Noun) -> str:
    return noun.de + ("n" if noun.de[-1] in "er" and noun.plural.endswith(noun.de + "n") else "en")


def ein_word(stem: str, gender: str, case: int) -> str:
    """ein, kein and the possessives: meinen, eurer, unser."""
    ending = _EIN[gender][case]
    return ("eur" if stem == "euer" and ending else stem) + ending


def determiner(kind: str, gender: str, case: int) -> str:
    """The determiner: def, this, every, which, some, many, bare, or the stem of an ein-word."""
    if kind == "def":
        return DEFINITE[gender][case]
    if kind in ("this", "every", "which"):
        return {"this": "dies", "every": "jed", "which": "welch"}[kind] + _DIES[gender][case]
    if kind in ("some", "many"):
        return {"some": "einig", "many": "viel"}[kind] + _STRONG["p"][case]
    if kind == "bare" or (kind == "ein" and gender == "p"):
        return ""
    return ein_word(kind, gender, case)


def adjective_ending(kind: str, gender: str, case: int) -> str:
    """Weak after der-words, mixed after ein-words, strong where no determiner shows the case."""
    if kind in ("def", "this", "every", "which"):
        return _WEAK[gender][case]
    if kind in ("bare", "some", "many") or (kind == "ein" and gender == "p"):
        return _STRONG[gender][case]
    return _MIXED[gender][case]


def german_phrase(noun: Noun, kind: str, case: int, plural: bool = False, adj: Adjective | None = None) -> str:
    """The whole phrase in one case: "dem alten Mann"."""
    gender = gender_key(noun, plural)
    described = adj.stem + adjective_ending(kind, gender, case) if adj else ""
    return join(determiner(kind, gender, case), described, decline(noun, case, plural))


_ENGLISH = {"def": "the", "every": "every", "which": "which", "some": "some", "many": "many", "bare": ""}


def english_phrase(noun: Noun, kind: str, owner: str = "", plural: bool = False, adj: Adjective | None = None) -> str:
    """The English of the same phrase: "an old man", "these apples", "my sister"."""
    core = join(adj.en if adj else "", noun.en_plural if plural else noun.en)
    if kind == "ein":
        return core if plural else with_article(core)
    if kind == "this":
        return join("these" if plural else "this", core)
    return join(_ENGLISH.get(kind, owner), core)


def noun_phrase(
    noun: Noun,
    kind: str,
    owner: str = "",
    plural: bool = False,
    adj: Adjective | None = None,
    lead: Pair = ("", ""),
) -> Phrase:
    """All cases of a phrase; `kind` as for `determiner`, `owner` the English possessive, `lead` a number."""
    german = [join(lead[0], german_phrase(noun, kind, case, plural, adj)) for case in (NOM, ACC, DAT, GEN)]
    english = join(lead[1], english_phrase(noun, kind, owner, plural, adj))
    return Phrase(
        cases=(german[0], german[1], german[2], german[3]),
        en=english,
        en_obj=english,
        slot=5 if plural else 2,
        gender=gender_key(noun, plural),
        poss=_poss(gender_key(noun, plural)),
        definite=kind not in ("ein", "bare", "some", "many"),
        key=noun.de,
    )


def _poss(gender: str) -> Pair:
    return {"m": ("sein", "his"), "f": ("ihr", "her"), "n": ("sein", "its"), "p": ("ihr", "their")}[gender]


def name_phrase(name: str, gender: str, genitive: str = "", dative: str = "", english: str = "") -> Phrase:
    """A proper name; `dative` covers Herr, which is declined (Herrn Schmidt)."""
    oblique = dative or name
    cases = (name, oblique, oblique, genitive or name + "s")
    en = english or name
    return Phrase(cases, en, en, 5 if gender == "p" else 2, gender, _poss(gender), definite=True, key=name)


def _pronoun(forms: str, en: str, en_obj: str, slot: int, poss: Pair, gender: str = "m") -> Phrase:
    nom, acc, dat = forms.split()
    return Phrase((nom, acc, dat, ""), en, en_obj, slot, gender, poss, True, True, nom)


PRONOUNS: dict[str, Phrase] = {
    "ich": _pronoun("ich mich mir", "I", "me", 0, ("mein", "my")),
    "du": _pronoun("du dich dir", "you", "you", 1, ("dein", "your")),
    "er": _pronoun("er ihn ihm", "he", "him", 2, ("sein", "his")),
    "sie": _pronoun("sie sie ihr", "she", "her", 2, ("ihr", "her"), "f"),
    "es": _pronoun("es es ihm", "it", "it", 2, ("sein", "its"), "n"),
    "wir": _pronoun("wir uns uns", "we", "us", 3, ("unser", "our"), "p"),
    "ihr": _pronoun("ihr euch euch", "you", "you", 4, ("euer", "your"), "p"),
    "Sie": _pronoun("Sie Sie Ihnen", "you", "you", 5, ("Ihr", "your"), "p"),
    "they": _pronoun("sie sie ihnen", "they", "them", 5, ("ihr", "their"), "p"),
}
_REFLEXIVE = {
    ACC: ("mich", "dich", "sich", "uns", "euch", "sich"),
    DAT: ("mir", "dir", "sich", "uns", "euch", "sich"),
}


def reflexive(slot: int, case: int = ACC) -> str:
    """mich/mir, dich/dir, sich, uns, euch, sich."""
    return _REFLEXIVE[case][slot]


def anaphor(phrase: Phrase) -> Phrase:
    """The pronoun that takes a phrase up again in a second clause; pronouns stay what they are."""
    if phrase.pronoun:
        return phrase
    return PRONOUNS[{"m": "er", "f": "sie", "n": "es", "p": "they"}[phrase.gender]]


def with_preposition(preposition: str, phrase: str) -> str:
    """The preposition and a phrase already in its case, contracted where usage demands it (im, zur)."""
    first, _, rest = phrase.partition(" ")
    contracted = _CONTRACTIONS.get((preposition, first))
    return f"{contracted} {rest}" if contracted and rest else f"{preposition} {phrase}"
