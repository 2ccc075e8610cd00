"""Personal data in text: mail addresses, phone numbers and bank accounts give way to examples that belong to nobody.

    Fragen an k.muster@firma.de oder Tel. 0228/4455667  ->  Fragen an name@example.org oder Tel. 030/23125 123

A natural example stands in the place, not a mark, so that the text stays text. Phone numbers are found by their
shape, precisely rather than completely: a number without a label is taken only if it is written as phone numbers are
written, because dates, prices, statutes and article numbers are far more frequent than phone numbers.

Most text holds no such thing, so the searches ask cheap questions first: is there an `@`, is there a digit, are there
eight digits or separators in a row? Only around such runs do the patterns look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

Kind = Literal["email", "phone", "iban"]
Hit = tuple[int, int, str]  # from, to, what takes the place

MAIL = "name@example.org"  # RFC 2606 keeps the domain for examples
IBAN = "DE89 3704 0044 0532 0130 00"  # Germany's example in the IBAN registry (ISO 13616)

# Numbers nobody will ever be given: Bundesnetzagentur, Mitteilung 148/2021 (030 23125 000 to 999; mobile, by their
# operator, 0171 39200 00 to 99), the North American plan's 555-0100 to 0199, Ofcom's 01632 960000 to 960999. Germany's
# stand in for every other country's.
LANDLINE, MOBILE = ("030", "23125 123"), ("0171", "39200 12")
NORTH_AMERICAN = ("202", "555", "0123")
INTERNATIONAL = {"49": "49 30 23125 123", "1": "1 202-555-0123", "44": "44 1632 960123"}
RESERVED = re.compile(
    r"(?:00)?(?:49|44|1)?0?(?:(?:30)?23125\d{3}|(?:6990009|4066969|2214710|8999998)\d{3}|17139200\d\d"
    r"|(?:[2-9]\d\d)?55501\d\d|1632960\d{3})\Z"
)

_NAME = r"(?<![\w.%+=-])[a-z0-9à-öø-ÿ][\wà-öø-ÿ.%+=-]{0,63}(?<![.])"
_AT_SIGNS = (("@", "@"), (")", "(at)"), ("]", "[at]"))  # each after one character of it, which is found much faster
_AT = r"(?:@| ?(?:\(at\)|\[at\]) ?)"
_DOT = r"(?:\.| ?[(\[](?:dot|punkt)[)\]] ?)"
_MAIL = re.compile(
    rf"(?i:{_NAME}{_AT}(?P<domain>(?:[a-z0-9à-öø-ÿ](?:[a-z0-9à-öø-ÿ-]*[a-z0-9à-öø-ÿ])?{_DOT}){{1,6}}(?P<top>[a-z]{{2,18}})))"
    r"(?![\w@-])"
)
_NO_TOP = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "py", "service", "local"})
_EXAMPLE = re.compile(r"(?i)(?:^|\.)(?:example\.(?:org|com|net|edu)|example|invalid|test|localhost)$")

_SEPARATORS = " \xa0-/().+"
_RUNS = bytes(ord("0" if chr(code) in "0123456789" + _SEPARATORS else "a") for code in range(256))
_RUN = b"0" * 8  # a shorter run of digits and separators is no phone number that we could tell

_STROKE = r" ?[-–‑/] ?(?!\d\d?[.,:]\d\d(?!\d))"  # but not before a time of day
_GAP = rf"(?:{_STROKE}|[ \xa0](?!\d\d?[.,:]\d\d(?!\d))|\.)"  # between two groups of digits
_MORE = rf"(?:{_GAP}\d{{2,15}}|{_STROKE}\d){{0,9}}"  # more groups; a single digit only after a stroke: 12345-0
_AREA = rf"(?:{_GAP}?\(\d{{1,5}}\){_GAP}?|{_GAP}?)"  # (0) or (30) after a country, or just a gap
_START = r"(?<![\w@#§$€£%,:/=&.+-])(?<!\d[ \xa0])"
_END = r"(?![\w@%€$£°²]|[.,:/–-]?\d| ?[-–/] ?\d|[ \xa0]\d|[ \xa0](?:EUR|Euro|USD|Dollar|DM|[€$%]))"
_CERTAIN = (  # whatever letters follow: web pages run words together
    rf"(?<![\w+])(?<!\d )(?:\(\+\d{{1,3}}\)|\+{{1,2}}[1-9]\d{{0,2}}){_AREA}\d{{1,15}}{_MORE}",  # +49 (0)30 / 12345-67
    rf"(?<![\w(])\(0[1-9 ](?: ?\d){{1,4}}\)[ /–-]{{0,3}}[1-9]\d{{0,12}}{_MORE}",  # (030) 12345-67, (0 30) 12 34 56
    r"(?<![\w(])\(0[1-9]\) ?[1-9]\d{3} \d{4}",  # (02) 5550 1234
    r"(?<![\w(])\([2-9]\d\d\) ?\d{3}[-. –]\d{4}",  # (202) 555-0143
)
_LIKELY = (
    rf"{_START}00 ?(?:1(?=\D?\d{{3}}\D\d{{3}}\D\d{{4}})|[349]\d){_AREA}[1-9]\d{{0,14}}{_MORE}",  # 0049 30 1234567
    rf"{_START}0(?:[1-9]\d{{1,4}}| ?[1-9]\d(?: \d\d)?) ?/ ?[1-9]\d{{1,12}}{_MORE}",  # 0171/1234567, 0 30 / 12 34 56
    rf"{_START}0[1-9]\d{{1,4}} ?[-–‑] ?[1-9]\d{{2,12}}{_MORE}",  # 0171-1234567, 030 - 123 45 67
    rf"{_START}0[1-9]\d{{1,3}}\.[1-9]\d{{5,9}}",  # 0171.1234567
    # 030 1234567, 0171 123 45 67, 020 7946 0958
    rf"{_START}(?=(?:[ \xa0]?\d){{9}})0[1-9]\d{{1,3}}[ \xa0][1-9]\d{{1,9}}(?:[ \xa0]\d{{2,9}}){{0,5}}"
    r"(?: ?[-–] ?\d{1,4})?",
    rf"{_START}01(?:5\d|6[0-3]|7\d)\d{{7,8}}",  # 01711234567
    rf"{_START}(?:1[-.])?[2-9]\d\d([-.])\d{{3}}\1\d{{4}}",  # 202-555-0143, 1-800-555-0143
)
_PHONE = re.compile(f"(?=[+(0-9])(?:(?:{'|'.join(_CERTAIN)})(?![\\d@%€$£°]|[.,:]\\d)|(?:{'|'.join(_LIKELY)}){_END})")
_MAYBE = re.compile(r"\+[1-9]|(?<!\d)0|\([02-9]|\d{3}[-.]\d{3}[-.]\d{4}")  # what any of them holds
_LABELLED = re.compile(
    r"\+{0,2}(?:\d{1,3}[ .-]?)?(?:\(\+?\d(?: ?\d){0,5}\)[ /–-]{0,3}){0,2}"
    r"\d{1,15}(?:(?: ?[-–‑/] ?|[ \xa0.])\d{2,15}(?! ?(?:Uhr|Std|Stunden|h\b))| ?[-–‑/] ?\d(?!\d| ?Uhr)){0,9}(?!\d)"
)
_LABEL_PARTS = (
    "tel", "fon", "ph", "fax", "mobil", "handy", "cell", "hotline", "ruf", "durchwahl", "whatsapp", "call", "contact",
)  # fmt: skip
_LABEL = re.compile(
    r"(?i)(?<![^\W_])(?:tel(?:ef(?:on|ax)|ephone)?|fone?|(?:tele)?phone|ph|(?:tele)?fax|mobil(?:e|funk|telefon)?|handy"
    r"|cell(?:phone)?|hotline|ruf(?:en sie|nummer)?|durchwahl|whatsapp|call(?: us)?(?: at| on)?)"
    r"(?:\.?[ -]?(?:nr|nummer|numbers?|no))?[\s.:/*=)\]-]{0,5}$"
)
_LOCAL = re.compile(r"[2-9]\d\d-\d{4}(?![\w-])")  # 555-0143 is a phone number where someone is to be called
_CALLED = re.compile(r"(?i)\b(?:call|contact|phone|fax|tel)\b[^\n.;!?]{0,32} (?:at|to|or|on) $")
_NO_PHONE = re.compile(
    r"(?i)(?:\b(?:is[bs]n|ean|gtin|pzn|din|en|iso|art|artikel|nr|no|nummer|number|num|id|h?r[ab]|blz|konto|kto|az"
    r"|aktenzeichen|best|ref|ust|steuernummer|vers|version|seiten?|s|pp?|pages?|eur|euro|usd|rs|pat|patent|bd|vol|doi|arxiv"
    r"|pmid|order|item|model|serial|sku|part|cas|ip|lot|vin|upc|asin|abs|bgbl|rn|rz|drs|drucksache)|[#§$€£])[\s.:#(-]*$"
)
_LIKE_NUMBER = re.compile(
    r"\+?\d{1,3}(?:[. ]\d{3})*[. ]000\Z"  # 12.500.000
    r"|\+\d{1,3}\.\d+\Z|\+\d{14}|\+1(?!(?:\D*\d){10})"  # +52.520008, +922337203685477, +124437
    r"|\(?(?:1[4-9]|20)\d\d ?[-–/] ?(?:1[4-9]|20)?\d\d\b"  # 1914-1918
    r"|\d{1,2}\.\d{1,2}\.(?:\d\d){1,2}\b|\d{4}-\d\d-\d\d"  # 12.03.2008
    r"|\d{1,3}(?:\.\d{3})+\Z"  # 12.500
    r"|\d{2,3}/\d{3}/\d{4,5}\Z"  # tax number
    r"|0\d{3} ?[-–] ?\d{4}\Z|0\d{4} ?[-–] ?0\d{4}\Z"  # 0900-1800, JIS 0208-1990, ISSN; post codes from and to
)
_LAST_GROUP = re.compile(r"[^\d]+\d+\Z")
_TO_DIGITS = str.maketrans("", "", " \xa0-–‑/().+")

# ISO 13616 registry: how long an account number is in each country.
_IBAN_LENGTHS = {
    country: int(length)
    for length, *countries in map(
        str.split,
        (
            "15 NO", "16 BE", "18 DK FI FO GL NL", "19 MK SI", "20 AT BA EE KZ LT LU XK", "21 CH HR LI LV",
            "22 BG BH CR DE GB GE IE ME RS VA", "23 AE GI IL IQ TL", "24 AD CZ ES MD PK RO SA SE SK TN VG", "25 PT",
            "26 IS TR", "27 FR GR IT MC MR SM", "28 AL AZ BY CY DO GT HU LB PL", "29 BR EG PS QA UA", "30 JO KW MU",
            "31 MT SC", "32 LC",
        ),
    )
    for country in countries
}  # fmt: skip
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])([A-Z]{2})\d{2}(?=[ \xa0]?[A-Z0-9])")


def mask(text: str, kinds: Sequence[Kind]) -> tuple[str, int]:
    """`text` with examples in the place of personal data of these kinds, and how many took a place.

    Where there is none, the very same string comes back. Examples are none themselves, so masking twice changes
    nothing more.
    """
    hits = list(_mails(text)) if "email" in kinds else []
    if "iban" in kinds or "phone" in kinds:
        for start, stop in _runs(text):
            if "iban" in kinds and stop - start >= 10:
                hits += _ibans(text, start, stop)
            if "phone" in kinds:
                hits += _phones(text, start, stop)
    if not hits:
        return text, 0
    parts, at, count = list[str](), 0, 0
    for start, stop, example in sorted(hits, key=lambda hit: hit[0]):
        if start >= at:  # otherwise it lies in another one, as a number in a mail address does
            parts += (text[at:start], example)
            at, count = stop, count + 1
    return "".join((*parts, text[at:])), count


def _mails(text: str) -> Iterator[Hit]:
    for character, sign in _AT_SIGNS:
        at = text.find(sign) if character in text else -1
        while at >= 0:
            for match in _MAIL.finditer(text, max(at - 64, 0), at + 160):
                if match.start() < at < match.end() and _is_personal(text, match):
                    yield match.start(), match.end(), MAIL
            at = text.find(sign, at + 1)


def _is_personal(text: str, match: re.Match[str]) -> bool:
    domain, top = match["domain"].lower(), match["top"].lower()
    in_url = "://" in text[max(match.start() - 80, 0) : match.start()].rpartition(" ")[2]
    return not in_url and top not in _NO_TOP and not _EXAMPLE.search(domain)


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """Where digits and separators stand in rows of eight and more with at least six digits among them."""
    if any(map(text.__contains__, "1029384756")):
        # One byte a character, so that places are the same.
        shape = text.replace("–", "-").encode("latin-1", "replace").translate(_RUNS)
        start = shape.find(_RUN)
        while start >= 0:
            stop = start + len(_RUN)
            while shape[stop : stop + 1] == b"0":
                stop += 1
            if len(_digits(text[start:stop])) >= 6:
                yield start, stop
            start = shape.find(_RUN, stop)


def _phones(text: str, start: int, stop: int) -> Iterator[Hit]:
    """The phone numbers that start in one run: after a label in any form, otherwise only in the known shapes."""
    run = text[start:stop]
    first = start + next(i for i, c in enumerate(run) if c in "+(0123456789")
    before = text[max(first - 48, 0) : first]
    if any(map(before.lower().__contains__, _LABEL_PARTS)):
        match = _LABELLED.match(text, first) if _LABEL.search(before) else None
        match = match or (_LOCAL.match(text, first) if _CALLED.search(before) else None)
        number = _shortened(match[0]) if match else ""
        if len(_digits(number)) >= 6 and not _LIKE_NUMBER.match(number):
            yield from _stand_in(number, first)
    if _MAYBE.search(run):
        for match in _PHONE.finditer(text, start, stop + 48):
            number = _shortened(match[0])
            before = text[max(match.start() - 24, 0) : match.start()]
            if match.start() >= stop:
                return
            if len(_digits(number)) >= 8 and not _LIKE_NUMBER.match(number) and not _NO_PHONE.search(before):
                yield from _stand_in(number, match.start())


def _digits(number: str) -> str:
    return number.translate(_TO_DIGITS)


def _shortened(number: str) -> str:
    """`number` without groups at its end that no phone number has room for: a post code, the hours."""
    longest = 15 if number.startswith(("+", "00")) else 12
    while len(_digits(number)) > longest and (cut := _LAST_GROUP.search(number)):
        number = number[: cut.start()]
    return number


def _stand_in(number: str, start: int) -> Iterator[Hit]:
    """The example for `number`, written as it was, unless it is itself one."""
    digits = _digits(number)
    if not RESERVED.match(digits):
        yield start, start + len(number), _fiction(number, digits)


def _fiction(number: str, digits: str) -> str:
    if digits.startswith("00") or number.startswith(("+", "(+")):
        prefix = "00" if digits.startswith("00") else "+"
        country = next((code for code in INTERNATIONAL if digits.removeprefix("00").startswith(code)), "49")
        return prefix + INTERNATIONAL[country]
    if len(digits) == 7 and "-" in number:
        return "-".join(NORTH_AMERICAN[1:])
    if digits[0] != "0" and len(digits) in (10, 11):
        area, exchange, line = NORTH_AMERICAN
        stroke = "." if number.count(".") > 1 else "-"
        return f"({area}) {exchange}-{line}" if "(" in number else stroke.join(NORTH_AMERICAN)
    area, line = MOBILE if re.match("01(?:5[1-9]|6[0-3]|7)", digits) else LANDLINE
    if digits[0] != "0":
        return line
    if number.startswith("("):
        return f"({area}) {line}"
    return f"{area}/{line}" if "/" in number else f"{area} {line}"


def _ibans(text: str, start: int, stop: int) -> Iterator[Hit]:
    """The account numbers in and around one run whose length and check digits are right."""
    for match in _IBAN_START.finditer(text, max(start - 12, 0), stop):
        length = _IBAN_LENGTHS.get(match[1])
        whole = _iban_of(length).match(text, match.start()) if length else None
        if whole and _checks(compact := re.sub("[ \xa0]", "", whole[0])) and compact != IBAN.replace(" ", ""):
            yield *whole.span(), IBAN if len(whole[0]) > len(compact) else IBAN.replace(" ", "")


@lru_cache
def _iban_of(length: int) -> re.Pattern[str]:
    return re.compile(rf"[A-Z]{{2}}\d\d(?:[ \xa0]?[A-Z0-9]){{{length - 4}}}(?![A-Za-z0-9])")


def _checks(iban: str) -> bool:
    """ISO 7064: the first four to the end, letters as 10 to 35, the whole number leaves 1 over 97."""
    return int("".join(str(int(c, 36)) for c in iban[4:] + iban[:4])) % 97 == 1
