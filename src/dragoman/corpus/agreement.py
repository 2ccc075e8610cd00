"""What both sides of a pair must share: addresses, placeholders, numbers.

    'Version 1.000,5 vom 3.4.2024'  /  'version 1,000.5 of April 3, 2024'     agree
    'Öffnen Sie {0}'                /  'Open it'                               placeholders differ
    'Es sind 40 Leute'              /  'There are 14 people'                   numbers differ

Each rule first asks cheaply whether the sides hold anything of its kind, and then whether they hold the same written
the same way: nearly all pairs end there. Only the others are looked at in detail, and with generosity, because a
writer may spell a number out, count the hours to 12 or to 24, or measure in feet.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections import Counter
from urllib.parse import unquote

from dragoman.corpus.number_words import CLOCK, KNOWN, SCALE, SPOKEN_CLOCK, measured_differently, roman, spelled

SMALL = 13
"""Numbers below may be written as a word in any language; where the words are not known, they are not compared."""

_ADDRESS = re.compile(
    r"\b(?:https?|ftp|file)://[^\s<>\"“”„«»]+|\bwww\.[^\s<>\"“”„«»]+|[\w.+-]*\w@(?:[\w-]+\.)+[^\W\d_]{2,}",
    re.IGNORECASE,
)
_ADDRESS_HINTS = ("://", "www.", "@")
_MARKS = re.compile(r"[0-9%{$<&\\]")  # one class of ASCII characters: three times as fast as with \d or an alternative
_LANGUAGE_PART = re.compile(r"(?<=[/.=?&_-])(?:[a-z]{2}[-_][a-z]{2}|de|en|deu|eng)(?=[/.=?&_#-]|$)", re.IGNORECASE)
_QUERY_LANGUAGE = re.compile(r"[?&](?:lang|language|locale|hl|l)=[\w-]*", re.IGNORECASE)

_PLACEHOLDER_HINT = re.compile(r"[%{$<&\\]|__")
_TAGS = "a|abbr|b|bdi|big|br|cite|code|div|em|font|g|h[1-6]|hr|i|img|input|kbd|li|link|ol|p|ph|pre|q|s|samp|small|span|"
_TAGS += "strong|sub|sup|svg|table|tbody|td|th|thead|tr|tt|u|ul|var|x|bpt|ept|it|mrk"
_PLACEHOLDER = re.compile(
    r"(?<![\w%])(?<!\d )%(?:\d+\$)?(?:\([A-Za-z_]\w*\))?[-+#0]*\d*(?:\.\d+)?(?:hh?|ll?|[Lzjt])?"
    r"[diuoxXeEfFgGcsSp@](?![A-Za-z%])"
    r"|(?<![\w%])%\d{1,2}(?![\w%])"
    r"|%[A-Za-z_]\w*%"
    r"|\$\{[^{}\s]*\}|\$\([A-Za-z_]\w*\)|\{\{?[A-Za-z_0-9.:]*\}?\}"
    rf"|</?(?:{_TAGS})(?=[\s/>])[^<>]*>"
    r"|&(?!amp;|nbsp;|quot;|apos;|shy;|#38;|#39;|#160;|#34;)(?:[A-Za-z]{2,}|#\d+|#x[0-9A-Fa-f]+);"
    r"|(?<!\\)\\[nrt](?![a-z])"
    r"|(?<!\w)__[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*__(?!\w)"
)
_TAG_NAME = re.compile(r"</?[\w-]+")

_DIGITS = re.compile(r"\d+")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,'’ ]\d{3})+(?!\d)")
_NOT_DIGITS = re.compile(r"\D")
_ZERO_FRACTION = re.compile(r"(?<=\d)[.,:]0+(?!\d|[.,:]\d)")
# A digit after a letter belongs to a name ("ext4", "MP3", "Win32_Fan", "mount(8)"), which a writer may leave out.
_NUMBER = re.compile(r"(?<![A-Za-zÀ-ɏͰ-ӿ_\d])(?<![A-Za-z]\()\d+")


def has_marks(src: str, tgt: str) -> bool:
    """Whether a side holds anything that these rules could compare; three pairs of four, in prose, do not."""
    both = f"{src} {tgt}"
    return _MARKS.search(both) is not None or "__" in both or any(hint in both for hint in _ADDRESS_HINTS)


def urls_differ(src: str, tgt: str) -> bool:
    """Whether the sides hold different web or mail addresses, but for punctuation behind them and their language."""
    if not any(hint in src or hint in tgt for hint in _ADDRESS_HINTS):
        return False
    return addresses(src) != addresses(tgt)


def addresses(text: str) -> set[str]:
    """The addresses in `text` as they are compared: without scheme, `www.`, language and trailing punctuation."""
    return {plain for found in _ADDRESS.findall(text) if (plain := _plain_address(found))}


def _plain_address(found: str) -> str:
    scheme, mark, rest = found.partition("://")
    text = _QUERY_LANGUAGE.sub("", unquote(rest if mark else scheme))
    host, slash, path = text.rstrip(".,;:!?'’»)]}*…").partition("/")
    host = host.lower().removeprefix("www.")
    text = _LANGUAGE_PART.sub("", "/" + host + slash + path)
    return re.sub(r"[/.]+", "/", text).strip("/").removesuffix("#")


def placeholders_differ(src: str, tgt: str) -> bool:
    """Whether the sides hold different placeholders, tags or entities; of a tag only its name counts."""
    if not (_PLACEHOLDER_HINT.search(src) or _PLACEHOLDER_HINT.search(tgt)):
        return False
    return placeholders(src) != placeholders(tgt)


def placeholders(text: str) -> Counter[str]:
    """The placeholders in `text` and how often each stands there; `<a href="x">` counts as `<a`."""
    return Counter(
        _TAG_NAME.match(found)[0].lower() if found[0] == "<" else found  # type: ignore[index]
        for found in _PLACEHOLDER.findall(_ADDRESS.sub(" ", text))
    )


def numbers_differ(src: str, tgt: str, languages: tuple[str, str]) -> bool:
    """Whether a number in digits on one side has no counterpart on the other, in digits or in words."""
    if not (_DIGITS.search(src) or _DIGITS.search(tgt)):
        return False
    if set(_DIGITS.findall(src)) == set(_DIGITS.findall(tgt)):
        return False
    return _numbers_differ(_plain(src), _plain(tgt), languages)


def _plain(text: str) -> str:
    """`text` with numbers written one way: no addresses or entities, no thousands separators, no zero fractions."""
    text = unicodedata.normalize("NFKC", _ADDRESS.sub(" ", html.unescape(text)))
    text = _THOUSANDS.sub(lambda found: _NOT_DIGITS.sub("", found[0]), text)
    return _ZERO_FRACTION.sub("", text)


def _numbers_differ(src: str, tgt: str, languages: tuple[str, str]) -> bool:
    """The same for sides that are plain already and hold different digits."""
    left, right = _numbers(src), _numbers(tgt)
    only_left = [number for number in left if number not in right]
    only_right = [number for number in right if number not in left]
    folded = (src.casefold(), tgt.casefold())
    if _same_digits(only_left, only_right, *folded) or measured_differently(*folded):
        return False
    clock = bool(CLOCK.search(folded[0]) or CLOCK.search(folded[1]))
    return any(
        not _excused(number, own, other, language, numbers, clock)
        for missing, numbers, own, other, language in (
            (only_left, right, src, tgt, languages[1]),
            (only_right, left, tgt, src, languages[0]),
        )
        for number in missing
    )


def _numbers(text: str) -> dict[int, None]:
    """The numbers in plain `text`, each once, in order; '3.04' holds 3 and 4."""
    return dict.fromkeys(int(found) for found in _NUMBER.findall(text))


def _same_digits(left: list[int], right: list[int], src: str, tgt: str) -> bool:
    """Whether the numbers are equal when read without blanks and trailing zeros: 1.5 / 1.50, 35 49 / 3549. Where a side
    says thousand or million, one by one too: 300,000 to 450,000 / 300 to 450 thousand."""
    if not (left and right):
        return False
    digits = [[str(number).rstrip("0") for number in numbers] for numbers in (left, right)]
    if "".join(digits[0]) == "".join(digits[1]):
        return True
    return set(digits[0]) == set(digits[1]) and any(SCALE.search(side) for side in (src, tgt))


def _excused(number: int, own: str, other: str, language: str, numbers: dict[int, None], clock: bool) -> bool:
    """Whether `number`, missing among the `numbers` of `other`, may yet be said there."""
    if number == 0 or (number < SMALL and language not in KNOWN):  # a zero is lost in "6:00" and ".5"
        return True
    folded = other.casefold()
    if _same_years(number, numbers) or (
        number >= 1000 and language in KNOWN and spelled(number % 100, language, folded)
    ):
        return True
    if language in KNOWN and spelled(number, language, folded):
        return True
    if number >= 100 and SCALE.search(folded):
        return True
    if 1 <= number < 100 and roman(number).search(other):
        return True
    return clock and _same_time(number, folded, language, numbers)


def _same_years(number: int, numbers: dict[int, None]) -> bool:
    """Whether one of `numbers` names the same year, decade or century: 1990s and '90s, 1800s and 19th century."""
    if number >= 1000:
        return number % 100 in numbers or (number % 100 == 0 and number // 100 + 1 in numbers)
    return number < 100 and any(year % 100 == number or year == 100 * (number - 1) for year in numbers if year >= 1000)


def _same_time(number: int, other: str, language: str, numbers: dict[int, None]) -> bool:
    """Whether `number` may be the hour or minute of a clock time in `other`: 14 and 2 pm, 6:30 and half past six."""
    if number > 59:
        return False
    hours = {(number + 12) % 24, (number - 12) % 24} if number <= 24 else set()
    if any(hour in numbers or (language in KNOWN and spelled(hour, language, other)) for hour in hours):
        return True
    return SPOKEN_CLOCK.search(other) is not None
