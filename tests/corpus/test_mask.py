"""Masking: personal data gives way to examples, everything that only looks like it stays. All data here is invented."""

from __future__ import annotations

import random
import time

import pytest

from dragoman import embedded
from dragoman.corpus.mask import IBAN, MAIL, Kind, mask

ALL: tuple[Kind, ...] = ("email", "phone", "iban")
SHORT_IBAN = IBAN.replace(" ", "")

MAILS = [
    ("Fragen an k.muster@firma.de oder ans Büro.", f"Fragen an {MAIL} oder ans Büro."),
    ("Write to <john_doe+news@mail.company.co.uk>, please.", f"Write to <{MAIL}>, please."),
    ("E-Mail:info@müller-bau.de", f"E-Mail:{MAIL}"),
    ("mailto:A.B@FIRMA.COM", f"mailto:{MAIL}"),
    ("Sie erreicht uns unter kanzlei(at)recht-und-co.de.", f"Sie erreicht uns unter {MAIL}."),
    ("presse [at] verein [dot] org", MAIL),
    ("a@firma.de, b@firma.de; c@firma.de", f"{MAIL}, {MAIL}; {MAIL}"),
    ("Jörg.Öztürk@uni-köln.de schrieb:", f"{MAIL} schrieb:"),
    ("Kontakt: 030112233@web.de", f"Kontakt: {MAIL}"),
    ("„j.d@x-y.info“", f"„{MAIL}“"),
]
PHONES = [
    ("Rufen Sie +49 30 4455667 an.", "Rufen Sie +49 30 23125 123 an."),
    ("+49 (0)30 / 445566-77", "+49 30 23125 123"),
    ("+49-171-4455667", "+49 30 23125 123"),
    ("+49.461.445-5667.", "+49 30 23125 123."),
    ("++49 40 445566", "+49 30 23125 123"),
    ("(+49) 89 445566 77", "+49 30 23125 123"),
    ("aus dem Ausland 0049 89 44556677", "aus dem Ausland 0049 30 23125 123"),
    ("001-415-445-5667", "001 202-555-0123"),
    ("0043 1 4455667", "0049 30 23125 123"),
    ("+43 1 445 56 67 - 0", "+49 30 23125 123"),
    ("+41 44 455 66 77, Zürich", "+49 30 23125 123, Zürich"),
    ("+1 (415) 445-5667", "+1 202-555-0123"),
    ("+1-415-445-5667", "+1 202-555-0123"),
    ("+44 20 4455 6677", "+44 1632 960123"),
    ("Anmeldung: (030) 12345-67", "Anmeldung: (030) 23125 123"),
    ("Praxis (0 30) 4 45 56 67", "Praxis (030) 23125 123"),
    ("0171/1234567", "0171/39200 12"),
    ("mobil unter 0160 4455667", "mobil unter 0171 39200 12"),
    ("oder 0171-4455667", "oder 0171 39200 12"),
    ("0228 / 44 55 66", "030/23125 123"),
    ("0 30/44 55 66", "030/23125 123"),
    ("Anmeldung unter 0228 4455667 bis Freitag", "Anmeldung unter 030 23125 123 bis Freitag"),
    ("Büro: 089 44 55 66 77", "Büro: 030 23125 123"),
    ("044 455 66 77", "030 23125 123"),
    ("ring 020 4455 6677 today", "ring 030 23125 123 today"),
    ("015144556677", "0171 39200 12"),
    ("03871–445566", "030 23125 123"),
    ("(555) 123-4567", "(202) 555-0123"),
    ("call (415) 445-5667 now", "call (202) 555-0123 now"),
    ("415-445-5667", "202-555-0123"),
    ("Newsroom: 415.445.5667", "Newsroom: 202.555.0123"),
    ("1-800-445-5667", "202-555-0123"),
    ("Tel. 445566", "Tel. 23125 123"),
    ("Telefon: 44 55 66", "Telefon: 23125 123"),
    ("Tel.-Nr. 03461/445566", "Tel.-Nr. 030/23125 123"),
    ("Tel.: 030/44 55 66, Fax 44 55 67", "Tel.: 030/23125 123, Fax 23125 123"),
    ("Phone: 415 445 5667", "Phone: 202-555-0123"),
    ("Fax 0221.445566", "Fax 030 23125 123"),
    ("Hotline 0800 445 566", "Hotline 030 23125 123"),
    ("Telefon 030 4455667 10115 Berlin", "Telefon 030 23125 123 10115 Berlin"),
    ("Tel. 030 4455667 9-17 Uhr", "Tel. 030 23125 123 9-17 Uhr"),
    ("Handy 0171 4455667 oder 0160 4455667", "Handy 0171 39200 12 oder 0171 39200 12"),
    ("Call Mary at 445-5667 for details.", "Call Mary at 555-0123 for details."),
    ("Tel.:\xa0030\xa04455667", "Tel.:\xa0030 23125 123"),
    ("(030) 4455667Impressum", "(030) 23125 123Impressum"),
]
IBANS = [
    ("IBAN: DE44 5001 0517 5407 3249 31", f"IBAN: {IBAN}"),
    ("DE44500105175407324931.", f"{SHORT_IBAN}."),
    ("Konto DE44 5001 0517 5407 3249 31 BIC INGDDEFFXXX", f"Konto {IBAN} BIC INGDDEFFXXX"),
    ("AT61 1904 3002 3457 3201", IBAN),
    ("GB29 NWBK 6016 1331 9268 19", IBAN),
    ("FR14 2004 1010 0505 0001 3M02 606", IBAN),
    ("CH93\xa00076\xa02011\xa06238\xa05295\xa07", IBAN),
]
UNTOUCHED = [
    # dates, times, years
    "am 12.03.2008 um 14.30 Uhr", "vom 01.02.2019 bis 03.04.2020", "2019-10-05 08:30:00", "2020-01-01T00:00:00+0100",
    "1914-1918 und 1939–1945", "seit 1998/99", "10/12/2014 06:30", "Mo-Fr 07.30-12.00, 13.00-17.30", "0900 - 1800",
    "Telefon 1876–1880", "Handy 2007-2010", "Tel Aviv, 12.03.2008", "Zeitstempel 1593612345678",
    "Copyright 1996 - 2006",
    # numbers, prices, measures, results
    "12.500.000 Einwohner", "1 250 000 Euro", "0800 000 000 EUR", "3,141592653589793", "Fax 12.500 Seiten",
    "ein Umsatz von 030 123456789 Euro im Jahr", "Handy für 1.299.000 Won", "5:3 (2:1, 1:0, 2:2)",
    "6:4, 3:6, 7:6 (7:5)",
    "+52.520008, +13.404954", "von -922337203685477,58 bis +922337203685477,58", "+500 000 000",
    "100 000 200 000 300 000",
    "0,123456789", "10.000-20.000", "4 711 000", "1 2 3 4 5 6 7 8 9 10 11 12", "001 002 003 004 005",
    "0034 0035 0036 0037", "=F(2000)+49",
    # statutes and file numbers
    "§ 823 Abs. 1 Satz 2 BGB", "Verordnung (EU) Nr. 1308/2013", "2006/437/EG", "(EU) 2016/679 (30)",
    "BGBl. I S. 2955",
    "Az. 012/345678", "Aktenzeichen 0171/445566", "BVerfGE 123, 267 (340)", "Unterposition 0206 2991",
    "Steuernummer 012/345/67890", "HRB 0123456 B", "USt-IdNr. DE 012345678", "Drs. 0123/4455667",
    # standards, articles, books, patents, software, network
    "ISBN 978-3-16-148410-0", "ISBN 0-306-40615-2", "ISSN 0174-9323", "DIN EN ISO 9001:2015", "ISO 0123 4567890",
    "JIS X 0208-1990", "Art.-Nr. 0171 4455667", "Artikelnummer 0123456789", "EAN 4006381333931", "PZN 01234567",
    "Patent No. 0123 456789", "Version 2.10.0.1234567", "192.168.100.200", "10.0.0.1-10.0.0.254", "v1.22.333-4444",
    "No. 3676192", "Order 0123 4455667", "doi:10.1000/0123-4567890", "PMID 11015798", "PLZ 01067-01328",
    "sed 's/0171/1234567/'", "https://host.de/0171/1234567/", "file_0171-1234567", "#40747699", "$030 1234567",
    "4111 1111 1111 1111", "Karte 0012 3456 7890 1234",
    # no mail
    "@handle schrieb", "npm install pkg@1.2.3", "logo@2x.png", "ssh root@server", "a @ b", "user@localhost",
    "https://user:secret@host.de/path", "3 Stück @ 5 Euro", "getty@tty1.service", "info(@)firma.de",
    # no account: wrong check digits, wrong length, no country
    "DE45 5001 0517 5407 3249 31", "DE44 5001 0517 5407 3249", "XX44 5001 0517 5407 3249 31",
    "SERIAL DE4450010517540732493199", "AB12 3456 7890 1234 5678",
    # examples stay what they are
    MAIL, IBAN, SHORT_IBAN, "me@example.com", "me@mail.example.net", "+49 30 23125 999", "030/23125 000",
    "Tel. 23125 123",
    "(202) 555-0123", "+44 1632 960001", "0171 39200 99",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [*MAILS, *PHONES, *IBANS])
def test_personal_data_gives_way_to_an_example(text: str, expected: str) -> None:
    masked, count = mask(text, ALL)
    assert masked == expected
    assert count == sum(expected.count(example) for example in _examples(expected)) >= 1
    assert mask(masked, ALL) == (masked, 0)


def _examples(text: str) -> list[str]:
    known = [MAIL, IBAN, SHORT_IBAN, "23125 123", "39200 12", "555-0123", "555.0123", "1632 960123"]
    return [example for example in known if example in text]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_only_looks_like_personal_data_stays_the_same_object(text: str) -> None:
    for shown in (text, f"Hier steht {text} im Satz.", f"und dann: {text}\nNeue Zeile"):
        masked, count = mask(shown, ALL)
        assert masked is shown and count == 0


def test_only_the_kinds_asked_for_are_masked() -> None:
    mail, phone, iban = "k.muster@firma.de", "+49 30 4455667", "DE44 5001 0517 5407 3249 31"
    text = f"{mail}; {phone}; {iban}"
    assert mask(text, ()) == (text, 0)
    assert mask(text, ("email",)) == (f"{MAIL}; {phone}; {iban}", 1)
    assert mask(text, ("phone",)) == (f"{mail}; +49 30 23125 123; {iban}", 1)
    assert mask(text, ("iban",)) == (f"{mail}; {phone}; {IBAN}", 1)
    assert mask(text, ALL) == (f"{MAIL}; +49 30 23125 123; {IBAN}", 3)


def test_the_example_account_has_right_check_digits() -> None:
    moved = SHORT_IBAN[4:] + SHORT_IBAN[:4]
    assert int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


@pytest.mark.parametrize("language", ["de", "en"])
def test_clean_prose_is_returned_as_it_is(language: str) -> None:
    for document in embedded.good_documents(language):
        assert mask(document, ALL)[0] is document


def test_what_stands_around_is_untouched_wherever_the_data_stands() -> None:
    draw = random.Random(7)
    text = "Der Zug um 8.30 Uhr fährt am 3.10.2019 nach Köln; 12.500 Leute (bis zwei) – 日本語, „ja“.\n"
    prose = text.split(" ")
    for _ in range(300):
        words, wanted = list[str](), list[str]()
        for word in draw.choices(prose, k=12):
            found, example = draw.choice(
                [(word, word)] * 4 + [("k@firma.de", MAIL), ("(030) 44556677", "(030) 23125 123")]
            )
            words.append(found)
            wanted.append(example)
        text = " ".join(words)
        assert mask(text, ALL)[0] == " ".join(wanted)


HOSTILE = [
    "0" * 100_000, "01 23 45 67 " * 9_000, "@" * 10_000, "a@b." * 3_000, "+49 " * 25_000, "(0" * 50_000,
    "Tel. 12 " * 12_000,
    "DE02 1203 " * 10_000, "a" * 100_000 + "@", "a." * 50_000 + "@b.de", "0171/" * 20_000, "202-555-" * 12_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_hostile_text_takes_linear_time(text: str) -> None:
    start = time.process_time()
    mask(text, ALL)
    assert time.process_time() - start < 4
