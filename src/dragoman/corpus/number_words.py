"""Numbers that are not written in digits: words of German and English, months, Roman numerals, scales, clock times.

    spelled(22, "de", "zweiundzwanzig jahre")      -> True
    spelled(2, "en", "the 2nd one" or "both men")  -> True: ordinals and what says two without the word

Made to excuse, not to parse: a number in digits on one side of a pair is excused when its word seems to stand on the
other. A wrong excuse lets a doubtful pair pass, a missing one costs a true pair, so every pattern is generous.
"""

from __future__ import annotations

import functools
import re

KNOWN = ("de", "en")
"""Languages whose number words are known here."""

_DE_UNITS = (
    ("null", "kein", "nicht", "leer", "mitternacht"),
    ("ein", "eins", "erst", "allein", "nur", "jede", "pro ", "de[rsmn]", "die", "das"),
    ("zwei", "zwo", "beid", "doppel", "paar", "halb", "hälfte", "dual", "stereo"),
    ("drei", "dritt", "trio", "tripel"),
    ("vier", "quad", "quart"),
    ("fünf",),
    ("sechs", "halb"),
    ("sieben", "siebt"),
    ("acht",),
    ("neun",),
    ("zehn", "zig"),
    ("elf",),
    ("zwölf", "dutzend", "mittag", "mitternacht"),
    ("dreizehn",),
    ("vierzehn",),
    ("fünfzehn", "viertel"),
    ("sechzehn",),
    ("siebzehn",),
    ("achtzehn",),
    ("neunzehn",),
)
_DE_TENS = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_EN_UNITS = (
    ("zero", "nonzero", "nought", "no", "not", "none", "nil", "null", "midnight", "without"),
    ("one", "first", "once", "single", "an?", "the", "only", "each", "per", "alone", "every"),
    ("two", "second", "twice", "double", "both", "pair", "couple", "half", "halves", "dual", "twin", "two-"),
    ("three", "third", "thrice", "triple", "trio"),
    ("four", "quad", "quart"),
    ("five", "fifth"),
    ("six", "half"),
    ("seven",),
    ("eight", "eighth"),
    ("nine", "nin"),
    ("ten",),
    ("eleven",),
    ("twelve", "twelfth", "dozen", "noon", "midnight", "midday"),
    ("thirteen",),
    ("fourteen", "fortnight"),
    ("fifteen", "quarter"),
    ("sixteen",),
    ("seventeen",),
    ("eighteen",),
    ("nineteen",),
)
_EN_TENS = ("", "", "twent", "thirt", "fort", "fift", "sixt", "sevent", "eight", "ninet")
_ALLES, _ALL = "hundert|voll|ganz|gesamt", "hundred|full|all|complete|entire|whole"
_SHARES = {
    "de": {**dict.fromkeys((15, 25, 45), "viertel"), 30: "halb", 50: "halb|hälfte|hundert", 100: _ALLES},
    "en": {**dict.fromkeys((15, 25, 45), "quarter"), 30: "half", 50: "half|halves|hundred", 100: _ALL},
}
_MONTHS = {
    "de": ("jan", "feb", "mär|mrz", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"),
    "en": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
}
SCALE = re.compile(
    r"hundre[dt]|hundert|tausend|thousand|mill?i(?:on|ard)|bill?i(?:on|ard)|trill?ion|centur"
    r"|\b(?:mio|mil|mrd|tsd|mln|bn|dozens?|dutzende?n?)\b"
    r"|\d ?[km]\b|[百千万萬億亿兆]"
)
"""Words that stand for zeros."""
CLOCK = re.compile(
    r"\d[:.]\d\d|\b(?:uhr|o'?clock|noon|midnight|mitta|mittern|halb|viertel|quarter|half|abend|morgen|früh|nachmitta"
    r"|nachts|tonight|morning|evening|night|afternoon)|\b(?:\d ?)?[ap]\.? ?m\b"
)
"""What shows that numbers are hours and minutes."""
SPOKEN_CLOCK = re.compile(
    r"\b(?:halb|viertel|dreiviertel|quarter|half|past|noon|midnight|midday|mitta|mittern|vor|nach)"
)
"""Clock times in words ("halb sieben"), which share no number with the same time in digits (6:30)."""
_IMPERIAL = re.compile(
    r"(?:\b|\d)(?:feet|foot|ft|fu(?:ß|ss)|inch|zoll|miles?|mph|meilen?|yards?|acres?|pounds?|lbs?|pfund|gallon|ounces?"
    r"|unzen?|cups?\b)|fahrenheit|° ?f\b|\d ?['\"″′]"
)
_METRIC = re.compile(
    r"met(?:er|re)|lit(?:er|re)|gram|hektar|hectare|celsius|kilo|zentner|° ?c\b|\d ?[kcm]?m[²2]?\b|km|\d ?k?g\b"
)
_ROMAN = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def spelled(number: int, language: str, text: str) -> bool:
    """Whether case-folded `text` in `language` (one of `KNOWN`) seems to say `number` (0 or more) in words."""
    if number > 100:
        return SCALE.search(text) is not None or _said_in_two(number, language, text)
    return _pattern(number, language).search(text) is not None


def _said_in_two(number: int, language: str, text: str) -> bool:
    """'nineteen eighty-four', 'zwanzig zwanzig'."""
    head, tail = divmod(number, 100)
    return 10 <= head < 100 and all(_pattern(part, language).search(text) for part in (head, tail) if part)


@functools.cache
def _pattern(number: int, language: str) -> re.Pattern[str]:
    words = [_german(number) if language == "de" else _english(number)] if number < 100 else []
    if 1 <= number <= 12:
        words.append(rf"\b(?:{_MONTHS[language][number - 1]})")
    if number in _SHARES[language]:
        words.append(rf"\b(?:\w*{_SHARES[language][number]})")
    return re.compile("|".join(words))


def _german(number: int) -> str:
    tens, units = divmod(number, 10)
    if number < len(_DE_UNITS):
        # Small numbers stand in other words ("Nacht", "Elfe"): only where a word begins.
        start = r"\b" if number < 13 else ""
        return f"{start}(?:{'|'.join(_DE_UNITS[number])})"
    return (f"{_DE_UNITS[units][0]}und" if units else "") + _DE_TENS[tens].replace("ß", "(?:ß|ss)")


def _english(number: int) -> str:
    tens, units = divmod(number, 10)
    if number < len(_EN_UNITS):
        return rf"\b(?:{'|'.join(_EN_UNITS[number])})"
    return rf"\b{_EN_TENS[tens]}(?:y|ie)" + (f"[- ]?(?:{'|'.join(_EN_UNITS[units])})" if units else "")


@functools.cache
def roman(number: int) -> re.Pattern[str]:
    """Matches `number` (1 to 99) as a Roman numeral in text that keeps its case: 14 -> XIV."""
    digits = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        digits += sign * count
    return re.compile(rf"(?<![A-Za-z]){digits}(?:th|st|nd|rd)?(?![A-Za-z])")


def measured_differently(src: str, tgt: str) -> bool:
    """Whether one side measures in feet and pounds and the other in metres: every number then differs rightly."""
    return any(_IMPERIAL.search(a) and _METRIC.search(b) for a, b in ((src, tgt), (tgt, src)))
