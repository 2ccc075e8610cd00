"""German finite verb forms and the English verb group, person by person.

Slots 0-5 are ich, du, er/sie/es, wir, ihr, sie/Sie.
"""

from __future__ import annotations

from . import english
from .model import Verb
from .verbs import needs_e, verb_stem

_WHOLE = {
    "sein": "bin bist ist sind seid sind",
    "haben": "habe hast hat haben habt haben",
    "werden": "werde wirst wird werden werdet werden",
    "wissen": "weiß weißt weiß wissen wisst wissen",
    "können": "kann kannst kann können könnt können",
    "müssen": "muss musst muss müssen müsst müssen",
    "wollen": "will willst will wollen wollt wollen",
    "dürfen": "darf darfst darf dürfen dürft dürfen",
    "sollten": "sollte solltest sollte sollten solltet sollten",
    "möchten": "möchte möchtest möchte möchten möchtet möchten",
    "könnten": "könnte könntest könnte könnten könntet könnten",
    "würden": "würde würdest würde würden würdet würden",
    "wären": "wäre wärst wäre wären wärt wären",
    "hätten": "hätte hättest hätte hätten hättet hätten",
    "mögen": "mag magst mag mögen mögt mögen",
}
_MODAL_PAST = {
    "können": "konnte",
    "müssen": "musste",
    "wollen": "wollte",
    "dürfen": "durfte",
    "sollen": "sollte",
}
_PAST_ENDINGS = ("", "st", "", "en", "t", "en")
_ENDINGS = ("e", "st", "t", "en", "t", "en")


def whole(verb: str, slot: int) -> str:
    """A form of a verb that is listed in full: sein, haben, the modals, würde, wäre, hätte."""
    return _WHOLE[verb].split()[slot]


def present(verb: Verb, slot: int) -> str:
    """The finite present form without the separable prefix."""
    base = verb.base
    if base in _WHOLE:
        return whole(base, slot)
    if slot in (3, 5):
        return base
    if slot == 0:
        return (base[:-3] + "l" if base.endswith("eln") else verb_stem(base)) + "e"
    if slot in (1, 2) and verb.change:
        return _changed(verb.change, slot)
    link = "e" if needs_e(base) else ""
    sibilant = verb_stem(base).endswith(("s", "ß", "z", "x"))
    return verb_stem(base) + ("t" if slot == 1 and sibilant else link + _ENDINGS[slot])


def _changed(stem: str, slot: int) -> str:
    if slot == 1:
        return stem + ("t" if stem.endswith(("s", "ß", "z")) else "st")
    return stem if stem.endswith(("t", "rd")) and not stem.endswith("äd") else stem + "t"


def past(stem: str, slot: int) -> str:
    """A preterite form from its ich/er form (ging, machte, konnte)."""
    if stem.endswith("e"):
        return stem + ("", "st", "", "n", "t", "n")[slot]
    ending = _PAST_ENDINGS[slot]
    if stem[-1] in "td" and slot in (1, 4):
        ending = "e" + ending
    return stem + ending


def finite(verb: Verb, slot: int, tense: str, modal: str = "") -> tuple[str, list[str]]:
    """The finite verb and the words that close the clause (participle, infinitive, separable prefix)."""
    if tense in ("modal", "modal_past"):
        form = whole(modal, slot) if tense == "modal" else past(_MODAL_PAST[modal], slot)
        return form, [verb.infinitive]
    if tense in ("future", "would"):
        return whole("werden" if tense == "future" else "würden", slot), [verb.infinitive]
    if tense == "perfect":
        return whole(verb.aux, slot), [verb.participle]
    if tense == "pluperfect":
        return past({"sein": "war", "haben": "hatte"}[verb.aux], slot), [verb.participle]
    form = present(verb, slot) if tense == "present" else past(verb.preterite, slot)
    return form, [verb.prefix] if verb.prefix else []


def imperative(verb: Verb, slot: int) -> str:
    """The imperative for du (1), ihr (4) and Sie (5, with the pronoun), without prefix."""
    if verb.base == "sein":
        return {1: "sei", 4: "seid", 5: "seien Sie"}[slot]
    if slot == 5:
        return f"{verb.base} Sie"
    if slot == 4:
        return present(verb, 4)
    if verb.change and "ä" not in verb.change:
        return verb.change
    stem = verb_stem(verb.base)
    if verb.base.endswith("eln"):
        return present(verb, 0)
    return stem + ("e" if needs_e(verb.base) or verb.base.endswith(("ern", "igen")) else "")


_BE = {
    "simple": ("am", "are", "is", "are", "are", "are"),
    "past": ("was", "were", "was", "were", "were", "were"),
}
_AUX = {"future": "will", "would": "would", "can": "can", "could": "could", "should": "should", "may": "may"}
_NEGATED = {"am": "am not", "will": "won't", "can": "can't", "may": "may not"}
_MODAL_ENGLISH = {
    "können": ("can", "", ""),
    "müssen": ("simple", "have", "to"),
    "wollen": ("simple", "want", "to"),
    "dürfen": ("simple", "be", "allowed to"),
    "sollten": ("should", "", ""),
    "könnten": ("could", "", ""),
    "möchten": ("would", "like", "to"),
}


def english_modal(modal: str, base: str, past_tense: bool) -> tuple[str, str, str]:
    """(tense, head verb, rest) of an English modal construction: have + to work."""
    tense, head, rest = _MODAL_ENGLISH[modal]
    if past_tense:
        tense = {"can": "could", "simple": "past"}.get(tense, tense)
    return (tense, head, f"{rest} {base}") if head else (tense, base, "")


def negated(aux: str) -> str:
    """The spoken negative of an auxiliary: doesn't, won't, am not."""
    return _NEGATED.get(aux, aux + "n't")


def english_verb(slot: int, tense: str, base: str, support: bool) -> tuple[str, str]:
    """(auxiliary, main part); `support` asks for do where there is no auxiliary (questions, negation)."""
    third = slot == 2
    if tense in _AUX:
        return _AUX[tense], base
    if tense == "progressive":
        return _BE["simple"][slot], english.ing(base)
    if tense == "past_progressive":
        return _BE["past"][slot], english.ing(base)
    if tense in ("perfect", "perfect_progressive"):
        main = english.participle(base) if tense == "perfect" else f"been {english.ing(base)}"
        return ("has" if third else "have"), main
    if tense == "pluperfect":
        return "had", english.participle(base)
    if base == "be":
        return _BE[tense][slot], ""
    if support:
        return ("did" if tense == "past" else "does" if third else "do"), base
    if tense == "past":
        return "", english.past(base)
    return "", english.third(base) if third else base
