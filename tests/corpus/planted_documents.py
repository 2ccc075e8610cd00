"""Invented documents that one rule is there for, each beside a near twin that must stay.

PLANTED[language][reason] is a list of (what it is, the document, its twin): the document is dropped for `reason` and
the twin is kept. CUT[language][cut] is a list of (what it is, the document, what is left of it, a twin that stays).
COPIES[language][reason] is a list of (what it is, the first document, its copy, a twin that is no copy).
All of it is invented; longer stretches of prose are the documents that ship with the package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import repeat

from dragoman import embedded

Rows = Sequence[tuple[str, str, str]]

DE = (
    "Am Morgen ging die Nachbarin mit ihrem Hund durch den Park und traf dort einen alten Freund aus der Schule.",
    "Sie sprachen lange über die Jahre, die seitdem vergangen waren, und tranken danach zusammen einen Kaffee.",
    "Später kam der Bruder dazu, der gerade aus Kiel zurückgekehrt war und viel zu erzählen hatte.",
    "Als es dunkel wurde, brachte er die beiden nach Hause, denn der letzte Bus war schon abgefahren.",
    "Im Garten blühten noch die Astern, obwohl es nachts bereits recht kühl geworden war.",
    "Niemand dachte an diesem Abend daran, dass der Winter in wenigen Wochen beginnen würde.",
    "Die Kinder schliefen schon, und in der Küche brannte nur noch eine kleine Lampe.",
    "Auf dem Tisch lag ein Brief, den keiner geöffnet hatte.",
)
EN = (
    "In the morning our neighbour walked her dog through the park and met an old friend from school there.",
    "They talked for a long time about the years that had passed, and had a cup of coffee together.",
    "Later her brother joined them, who had just come back from Leeds and had a great deal to tell.",
    "When it grew dark he drove the two of them home, because the last bus had already left.",
    "The asters were still in bloom in the garden, although the nights had become rather cold.",
    "Nobody thought that evening about the winter, which would begin in a few weeks.",
    "The children were asleep, and only one small lamp was burning in the kitchen.",
    "A letter lay on the table that nobody had opened.",
)
PROSE, ENGLISH = " ".join(DE), " ".join(EN)


def page(language: str, *lines: str) -> str:
    """A page of these lines and an article."""
    return "\n".join([*lines, *(DE if language == "de" else EN)])


def spelled(text: str) -> str:
    """49 pieces of one letter and of two: from 50 words on so few different ones would fall before."""
    letters = iter(text.replace(" ", ""))
    return " ".join(next(letters) + (next(letters) if i % 2 else "") for i in range(49))


LIMITS = {2: 0.20, 3: 0.18, 4: 0.16, 5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
OFTEN = {  # runs that come back again and again, with different words after them
    "de": ("immer wieder einmal dort", "gestern Abend noch lange", "unten am Fluss daheim", "mein guter alter Onkel"),
    "en": ("again and once more", "late last night still", "down by that river", "my dear old uncle"),
}


def _words(language: str, variant: int) -> Iterator[str]:
    """The words of some documents, without those that would bring a pair of words back."""
    good = embedded.good_documents(language)
    pairs, last = set[tuple[str, str]](), ""
    for word in " ".join(good[5 * variant : 5 * variant + 12] + good[160:]).split():
        if (last.lower(), word.lower()) not in pairs:
            pairs.add((last.lower(), word.lower()))
            last = word
            yield word


def _share(held: Sequence[str], pieces: Sequence[str]) -> float:
    return sum(map(len, held)) / sum(map(len, pieces))


def _often(n: int, language: str, variant: int, low: float, high: float) -> str:
    """Prose in which the occurrences of one run of n words hold between `low` and `high` of the characters."""
    run = OFTEN[language][variant].split()[:n]
    for times in range(3, 30):
        rest = _words(language, variant)
        pieces = [word for _ in range(times) for word in (*run, next(rest), next(rest))]
        while len(pieces) < 105 or _share(run * times, pieces) > high:
            pieces.append(next(rest))
        if _share(run * times, pieces) > low:
            return " ".join(pieces)
    raise AssertionError(f"no text with runs of {n} words between {low} and {high}")


def _again(n: int, language: str, variant: int, low: float, high: float) -> str:
    """Prose in which several runs of n words, but none of more, come twice and hold between `low` and `high`."""
    for first in range(variant, 40, 4):  # where by chance other runs come twice, try other words
        rest = _words(language, first)
        runs = [[next(rest) for _ in range(n)] for _ in range(-(-24 // n))]
        pieces = [word for run in runs for word in (*run, next(rest), next(rest))]
        pieces += [word for run in runs for word in (*run, next(rest), next(rest), next(rest))]
        while _held(n, pieces) > high:
            pieces.append(next(rest))
        if low < _held(n, pieces) and (n == 5 or _held(n - 1, pieces) <= LIMITS[n - 1]) and len(pieces) > 100:
            return " ".join(pieces)
    raise AssertionError(f"no text with runs of {n} words between {low} and {high}")


def _held(n: int, pieces: Sequence[str]) -> float:
    """The share of the characters in runs of n words that stood earlier."""
    runs = [" ".join(pieces[at : at + n]).lower() for at in range(len(pieces) - n + 1)]
    again = {at + k for at, run in enumerate(runs) if run in runs[:at] for k in range(n)}
    return _share([pieces[at] for at in again], pieces)


def _runs(language: str) -> Iterator[tuple[str, Rows]]:
    for n, limit in LIMITS.items():
        make, name = (_often, f"top_{n}_gram") if n < 5 else (_again, f"duplicate_{n}_gram")
        above = limit + (0.006 if n > 5 else 0.012)  # the next shorter run has 0.01 more
        rows = [(make(n, language, i, limit, above), make(n, language, i, limit - 0.01, limit)) for i in range(4)]
        yield name, [(f"runs of {n} words, {i}", *row) for i, row in enumerate(rows)]


def _numbers(language: str) -> Rows:
    """A quarter digits and three quarters letters, beside dates, prices and laws."""
    words = [
        word for word in map(str.strip, _words(language, 3), repeat(".,?!:;–")) if word.isalpha() and len(word) > 4
    ][:60]
    triples = [" ".join(words[at : at + 3]) for at in range(0, 60, 3)]
    money, law = (" Das machte 4,50 € & 10 %.", LAW_DE) if language == "de" else (" That made $4.50 & 10 %.", LAW_EN)
    prose = PROSE if language == "de" else ENGLISH
    return [
        (
            "results",
            " ".join(f"{word} {11 + i}" for i, word in enumerate(words)),
            prose + " 3:1, 2:2, 14:30, 24.12.2025",
        ),
        ("years", " ".join(f"{three} {194710 + 317 * i}" for i, three in enumerate(triples)), law),
        ("codes", " ".join(f"{word}{10 + i}" for i, word in enumerate(words)), prose + money),
        ("numbers", " ".join(f"{three} 0228 {i + 10}" for i, three in enumerate(triples)), prose + " 030 23125 123"),
    ]


def _marks(language: str) -> Rows:
    """Words that drown in punctuation, beside talk."""
    prose, talk = (PROSE, TALK_DE) if language == "de" else (ENGLISH, TALK_EN)
    form = {
        "de": "Name ........... Ort ........... Tag ...........",
        "en": "Name ........... Town ........... Day ...........",
    }
    dotted, barred, quoted, cut = (
        " ".join(mark.format(word) for word in prose.split()[:30]) for mark in ("{}...", "({})!?", "“‘{}’”", "{}%&/")
    )
    return [
        ("dots", dotted, prose + " Und so weiter ... und so fort ..."),
        ("brackets", barred, talk),
        ("quotes", quoted, " ".join(f"“{text}”" for text in (DE if language == "de" else EN))),
        ("signs", cut, prose + " " + form[language]),
    ]


def _ends(language: str) -> Rows:
    """Pages whose lines are text and end in no sentence, beside those where a sixth does."""
    texts = " ".join(embedded.good_documents(language)[60:70])
    sentences = [text.rstrip(".") for text in re.split(r"(?<=[.!?]) ", texts) if text.endswith(".")]
    rows = []
    for i, mark in enumerate((",", ";", " –", ",”")):
        some = sentences[3 * i : 3 * i + 12]
        assert len(some) == 12
        rows.append((f"{mark}", "\n".join(text + mark for text in some),
                     "\n".join(text + ("." if n % 6 == 5 else mark) for n, text in enumerate(some))))  # fmt: skip
    return rows


def _lines(language: str) -> Iterator[tuple[str, Rows]]:
    """Lines that come again: many short ones, and few long ones."""
    short = {"de": "Da geht er hin.", "en": "There he goes."}[language]
    by_number, by_chars = [], []
    for i in range(4):
        texts = embedded.good_documents(language)[20 + 8 * i : 28 + 8 * i]
        bad, fine = [short, texts[0], short, *texts[1 : 2 + i % 2], short], [short, *texts[:6], short]
        by_number.append((f"{i}", "\n".join(bad), "\n".join(fine)))
        bad, fine = [texts[0], *texts[1:3], texts[0]], [texts[0], *texts[1:5], texts[0][:120]]
        by_chars.append((f"{i}", "\n".join(bad), "\n".join(fine)))
    yield "duplicate_lines", by_number
    yield "duplicate_line_chars", by_chars


def _paragraphs(language: str) -> Iterator[tuple[str, Rows]]:
    """Paragraphs that come again although their lines are few, or short, among the lines."""
    prose, refrain = (DE, "Da geht er hin.") if language == "de" else (EN, "There he goes.")
    by_number, by_chars = [], []
    for i in range(4):
        inside = "\n".join(prose[(i + k) % 8] for k in range(5))
        by_number.append(
            (f"{i}", f"{refrain}\n\n{inside}\n\n{refrain}", f"{refrain}\n\n{inside}\n\n{prose[(i + 5) % 8]}")
        )
        verse, others = (
            "\n".join(text[:20].strip() for text in prose[i : i + 2]),
            [prose[(i + 2 + k) % 8][:30].strip() for k in range(3)],
        )
        filler = " ".join(prose[(i + 5 + k) % 8] for k in range(5))
        by_chars.append((f"{i}", *_at_a_fifth(verse, others, filler)))
    yield "duplicate_paragraphs", by_number
    yield "duplicate_paragraph_chars", by_chars


def _at_a_fifth(verse: str, others: Sequence[str], filler: str) -> tuple[str, str]:
    """The verse twice: of all characters more than a fifth with its newline, and less without it. And once."""
    rest = sum(map(len, others))
    lines = len(verse.replace("\n", ""))
    size = next(n for n in range(1, 400) if lines <= 0.2 * (2 * lines + rest + n))
    ending = filler[: size + (filler[size - 1] == " ")]
    return tuple("\n\n".join([verse, *others, last, ending]) for last in (verse, verse[::-1].title()))  # type: ignore[return-value]


def _planted(language: str) -> dict[str, Rows]:
    return {**(GERMAN if language == "de" else ENGLISH_ROWS), **_repeating(language)}


def _repeating(language: str) -> dict[str, Rows]:
    made = {"digit_share": _numbers(language), "letter_share": _marks(language), "sentence_end_lines": _ends(language)}
    return {**made, **dict([*_lines(language), *_paragraphs(language), *_runs(language)])}


POEM_DE = (
    "Der Mond steht über dem alten Tor,\nda geht er hin, der Wind.\nEin Kauz sitzt oben und lauscht ins Rohr,\n"
    "da geht er hin, der Wind.\nDie Magd trägt Wasser, der Knecht trägt Holz,\nund beide sind müde und doch so stolz,\n"
    "und keiner weiß, wo die Kinder sind.\nDa geht er hin, der Wind."
)
POEM_EN = (
    "The moon is above the old stone gate,\nand off he goes, the wind.\nAn owl on the roof is staying up late,\n"
    "and off he goes, the wind.\nThe maid brings water, the boy brings wood,\nand both are weary and both are good,\n"
    "and nobody knows what the children find.\nAnd off he goes, the wind."
)
TALK_DE = (
    "– Wohin gehst du denn so früh?\n– In die Stadt, ich muss zum Amt.\n– Bei diesem Wetter?\n– Es ist ja nicht weit.\n"
    "– Dann nimm wenigstens den Schirm mit, er steht hinter der Tür."
)
TALK_EN = (
    "– Where are you going so early?\n– To town, I have to see the clerk.\n– In this weather?\n– It is not far.\n"
    "– Then at least take the umbrella with you, it stands behind the door."
)
LAW_DE = (
    "Die §§ 12 bis 14 der Verordnung vom 3. Mai 1998 in der Fassung vom 7. Juni 2004 gelten ab dem 1. Januar 2006 auch "
    "für Anlagen nach § 5 Abs. 2 Satz 1 Nr. 3, soweit nicht § 19 Abs. 1 etwas anderes bestimmt."
)
LAW_EN = (
    "Sections 12 to 14 of the Order of 3 May 1998, as amended on 7 June 2004, shall also apply from 1 January 2006 to "
    "plants under section 5(2)(c), unless section 19(1) or regulation 7 of 2001 provides otherwise."
)

GERMAN: dict[str, Rows] = {
    "too_short": [
        ("a greeting", "Guten Morgen, liebe Leser!", DE[0]),
        (
            "few long words",
            "Donaudampfschifffahrtsgesellschaft " * 5,
            "Die Donaudampfschifffahrtsgesellschaft " + DE[0],
        ),
        ("a caption", "Foto: Blick vom Turm auf die Altstadt", "Auf dem Foto sieht man den Blick vom Turm. " + DE[1]),
        ("only words of one letter, 98 characters", "ab " * 33, DE[7] + " " + DE[6]),
    ],
    "too_long": [
        ("40,001 words", "Wort " * 40_001, PROSE),
        ("200,001 characters", ("Wörterbuch " * 20_000)[:200_002], PROSE),
        (
            "a book without lines",
            " ".join([PROSE] * 340),
            " ".join(embedded.good_documents("de")),
        ),
        ("one letter", "a " * 40_001, DE[0]),
    ],
    "boilerplate_head": [
        ("consent", "Diese Website verwendet Cookies. " + PROSE, "Viele Seiten verwenden heute Cookies. " + PROSE),
        ("a menu", "Zum Inhalt springen " + PROSE, "Springen ist gesund, zum Beispiel am Morgen. " + PROSE),
        ("a shop", "In den Warenkorb 12,90 EUR " + PROSE, "Der Korb lag voller Waren auf dem Wagen. " + PROSE),
        (
            "a phrase",
            "Bitte aktivieren Sie JavaScript. " + PROSE,
            PROSE + " Auf der Seite stand: Aktivieren Sie JavaScript.",
        ),
    ],
    "blocked_pattern": [
        (
            "placeholder text",
            PROSE + " Lorem ipsum dolor sit amet.",
            PROSE + " Lorem ipsum heißt der Blindtext der Setzer.",
        ),
        ("a script", PROSE + " $(document).ready(los)", PROSE + " Das Dokument war bereit zur Unterschrift."),
        (
            "a query",
            PROSE + " SELECT name FROM leute WHERE nr = 3",
            PROSE + " Mit Select und From beginnt jede Abfrage.",
        ),
        (
            "spam",
            PROSE + " Online Casino mit Bonus und Jackpot!",
            PROSE + " Online-Casinos sind in vielen Ländern verboten.",
        ),
        (
            "an error page",
            "404 - Seite nicht gefunden. " + PROSE,
            "Von den 404 Seiten des Buchs fehlten zwei. " + PROSE,
        ),
    ],
    "blocked_words": [
        (
            "adult",
            PROSE + " Porno, Camsex, Telefonsex, Sexchat.",
            PROSE + " Über Porno und Telefonsex urteilte das Gericht.",
        ),
        (
            "adult, other words",
            "Titten, Nutten, Muschi, Pornos! " + PROSE,
            "Analyse und Pornosucht, Nuttenmilieu, Titten: " + PROSE,
        ),
        (
            "spam",
            PROSE + " Sofortkredit! Viagra, Cialis, Levitra.",
            PROSE + " Viagra und Cialis sind Arzneimittel, Levitra auch.",
        ),
        (
            "at umlauts",
            PROSE + " Pornos? Übel: Sexcam, Sexvideo, Camgirls.",
            PROSE + " Überporno, Pornoöde, Sexcamäh, Sexvideoß.",
        ),
    ],
    "symbol_share": [
        (
            "hash tags",
            "#Meer #Sonne #Strand #Liebe #Freude #Sommer #Eis #Boot #Wind #Sand #Wasser #Kind #Reise #Insel #Wolke",
            DE[0] + " Das Bild hieß #Sommer.",
        ),
        (
            "bars of a menu",
            " | ".join(
                [
                    *[
                        "Start",
                        "Verein",
                        "Jugend",
                        "Spielplan",
                        "Presse",
                        "Kontakt",
                        "Anfahrt",
                        "Archiv",
                        "Partner",
                        "Satzung",
                        "Fotos",
                        "Shop",
                    ],
                    DE[7],
                    DE[6][:20],
                ]
            ),
            DE[0] + " (Seite 1 | 2)",
        ),
        ("hearts", DE[0] + " ♥ ★ ♥ ★ ♥ ★ ♥ ★ ♥", DE[0] + " ♥ ★ Bis bald!"),
        ("arrows", DE[1] + " → ← ↑ ↓ → ← ↑ ↓ →", DE[1] + " → Fortsetzung auf Seite drei"),
    ],
    "uppercase_share": [
        ("shouting", " ".join(DE[:3]).upper(), PROSE + " ACHTUNG: NICHT VERGESSEN!"),
        (
            "every other word",
            " ".join(w.upper() if i % 2 else w for i, w in enumerate(PROSE.split())),
            " ".join(w.upper() if i % 5 == 0 else w for i, w in enumerate(PROSE.split())),
        ),
        (
            "headings",
            "BERLIN: WAHL. HAMBURG: HAFEN. KIEL: WOCHE. BREMEN: MUSIK. MAINZ: RHEIN. " * 1 + DE[0],
            "BERLIN. " + PROSE,
        ),
        (
            "abbreviations",
            "CDU, SPD, FDP, ARD, ZDF, BGB, EU, UN, USA, BMW, VW, DGB, IG, ADAC und DIN sind Abkürzungen von Namen.",
            "Die CDU, die SPD und die FDP berieten in Bonn über den Haushalt. " + DE[1],
        ),
    ],
    "type_token_ratio": [
        ("a chant", "Wir singen und tanzen, wir tanzen und singen, und dann singen wir wieder. " * 6, POEM_DE),
        (
            "a list of two words",
            "rot und blau " * 20,
            "Rot und blau, grün und gelb, so bunt war noch kein Herbst in unserer Stadt. " + PROSE,
        ),
        (
            "counting",
            "noch ein Tag und noch ein Tag und dann noch ein Tag, " * 6,
            "Noch ein Tag und noch ein Tag, dann war es geschafft. " + PROSE,
        ),
        (
            "a slogan",
            "Unser Haus, Ihr Haus, sein Haus: ein gutes Haus für alle. " * 6,
            "Unser Haus, Ihr Haus, sein Haus. " + PROSE,
        ),
    ],
    "word_length": [
        (
            "torn words",
            "Wi r ha be n he ut e ei ne n sc hö ne n Ta g am Se e ve rb ra ch t un d vi el Ku ch en ge ge ss en " * 2,
            DE[0],
        ),
        ("spaced letters", spelled(PROSE), "E i n l a d u n g\n" + PROSE),
        (
            "compounds",
            "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz Wohnungsbauförderungsgesetzentwurf " * 8,
            "Das Wohnungsbauförderungsgesetz trat im Januar in Kraft. " + PROSE,
        ),
        ("words run together", " ".join(text.replace(" ", "") for text in DE * 2), PROSE),
    ],
    "bullet_lines": [
        ("a list", "\n".join(f"• {text}" for text in DE), "\n".join([DE[0], *(f"• {text}" for text in DE[1:])])),
        ("hyphens", "\n".join(f"- {text}" for text in DE[:6]), "\n".join([*(f"- {text}" for text in DE[:4]), DE[5]])),
        ("stars", "\n".join(f"* {text}" for text in DE[2:]), "\n".join(f"* {text}" for text in DE[:4])),
        ("triangles", "\n".join(f"► {text}" for text in DE), TALK_DE),
    ],
    "ellipsis_lines": [
        ("teasers", "\n".join(text[:-1] + "..." for text in DE), "\n".join([DE[0][:-1] + "...", *DE[1:]])),
        ("one character", "\n".join(text[:-1] + "…" for text in DE[:6]), "\n".join([DE[0][:-1] + "…", *DE[1:6]])),
        (
            "half of them",
            "\n".join([*DE[:4], *(text[:-1] + " ..." for text in DE[4:])]),
            "\n".join([*DE[:6], *(text[:-1] + " ..." for text in DE[6:])]),
        ),
        ("a poem that breaks off", POEM_DE.replace(",\n", "...\n"), POEM_DE.replace("Rohr,", "Rohr ...")),
    ],
    "wrong_language": [
        ("English", ENGLISH, PROSE),
        (
            "French",
            "Ce matin, la voisine est allée au marché avec son fils et a rencontré un vieil ami devant la mairie.",
            PROSE + " Das nennt man dort savoir-vivre.",
        ),
        (
            "Dutch",
            "Vanochtend ging de buurvrouw met haar hond door het park en kwam daar een oude vriend van school tegen.",
            "Moin, sagte der Nachbar, wat mutt, dat mutt. " + PROSE,
        ),
        (
            "mostly English",
            EN[0] + " " + EN[1] + " " + EN[2] + " Das war alles.",
            DE[0] + " " + DE[1] + " He said: I am fine, thank you.",
        ),
    ],
}
ENGLISH_ROWS: dict[str, Rows] = {
    "too_short": [
        ("a greeting", "Good morning, dear readers!", EN[0]),
        ("few long words", "internationalisation-and-localisation " * 5, "Internationalisation takes time. " + EN[0]),
        ("a caption", "Photo: the old town from the tower", "The photo shows the old town from the tower. " + EN[1]),
        ("only short words, 98 characters", "ab " * 33, EN[7] + " " + EN[6]),
    ],
    "too_long": [
        ("40,001 words", "word " * 40_001, ENGLISH),
        ("200,001 characters", ("dictionary " * 20_000)[:200_002], ENGLISH),
        (
            "a book without lines",
            " ".join([ENGLISH] * 360),
            " ".join(embedded.good_documents("en")),
        ),
        ("one letter", "a " * 40_001, EN[0]),
    ],
    "boilerplate_head": [
        ("consent", "This website uses cookies. " + ENGLISH, "Most websites set cookies nowadays. " + ENGLISH),
        ("a menu", "Skip to content " + ENGLISH, "They skipped the rest, content with their work. " + ENGLISH),
        ("a shop", "Add to cart $12.90 " + ENGLISH, "The cart was full of hay. " + ENGLISH),
        ("a phrase", "Please enable JavaScript. " + ENGLISH, ENGLISH + " The page said: Please enable JavaScript."),
    ],
    "blocked_pattern": [
        (
            "placeholder text",
            ENGLISH + " Lorem ipsum dolor sit amet.",
            ENGLISH + " Printers call their dummy text lorem ipsum.",
        ),
        (
            "a script",
            ENGLISH + " function go(a, b) { return a; }",
            ENGLISH + " The function (or use) of the tower is unknown.",
        ),
        (
            "a traceback",
            ENGLISH + "\nTraceback (most recent call last):",
            ENGLISH + " The police could trace back the call.",
        ),
        (
            "spam",
            ENGLISH + " Buy cheap Viagra without prescription",
            ENGLISH + " Viagra was first studied in a small town in Kent.",
        ),
        ("an error page", "404 page not found. " + ENGLISH, "The 404 runs through the village. " + ENGLISH),
    ],
    "blocked_words": [
        ("adult", ENGLISH + " Porn, hentai, gangbang, blowjob.", ENGLISH + " The court ruled on porn and on hentai."),
        (
            "adult, other words",
            "Camgirls, MILF, xnxx, xvideos! " + ENGLISH,
            "Milford, camgirlsy, pornography, hentais: " + ENGLISH,
        ),
        (
            "spam",
            ENGLISH + " Payday loan, free spins, levitra, casino bonus.",
            ENGLISH + " A payday loan is dear, and free spins are not free.",
        ),
        (
            "inside words",
            ENGLISH + " Porn! Slutty; threesome, cumshot.",
            ENGLISH + " Pornic, éporn, pornö, threesomes, slutty-looking.",
        ),
    ],
    "symbol_share": [
        (
            "hash tags",
            "#sea #sun #beach #love #joy #summer #ice #boat #wind #sand #water #child #travel #island #cloud #happy",
            EN[0] + " The picture was called #summer.",
        ),
        (
            "bars of a menu",
            " | ".join(
                [
                    *[
                        "Home",
                        "Club",
                        "Youth",
                        "Fixtures",
                        "Press",
                        "Contact",
                        "Travel",
                        "Archive",
                        "Partners",
                        "Rules",
                        "Photos",
                        "Shop",
                    ],
                    EN[7],
                    EN[6][:20],
                ]
            ),
            EN[0] + " (page 1 | 2)",
        ),
        ("hearts", EN[0] + " ♥ ★ ♥ ★ ♥ ★ ♥ ★ ♥", EN[0] + " ♥ ★ See you soon!"),
        ("arrows", EN[1] + " → ← ↑ ↓ → ← ↑ ↓ →", EN[1] + " → continued on page three"),
    ],
    "uppercase_share": [
        ("shouting", " ".join(EN[:3]).upper(), ENGLISH + " CAUTION: DO NOT FORGET!"),
        (
            "every other word",
            " ".join(w.upper() if i % 2 else w for i, w in enumerate(ENGLISH.split())),
            " ".join(w.upper() if i % 5 == 0 else w for i, w in enumerate(ENGLISH.split())),
        ),
        (
            "headings",
            "LONDON: ELECTION. LEEDS: HARBOUR. YORK: WEEK. DOVER: MUSIC. BATH: RIVER. " + EN[0],
            "LONDON. " + ENGLISH,
        ),
        (
            "abbreviations",
            "The BBC, the NHS, the EU, the UN, the USA, NASA, BMW, NATO, IBM, UNESCO, FIFA and ITV are well known.",
            "The BBC and the NHS met the UN in London and talked about the budget. " + EN[1],
        ),
    ],
    "type_token_ratio": [
        ("a chant", "We sing and dance, we dance and sing, and then we sing again and again. " * 6, POEM_EN),
        (
            "a list of two words",
            "red and blue " * 20,
            "Red and blue, green and yellow, no autumn in our town was ever so bright. " + ENGLISH,
        ),
        (
            "counting",
            "one more day and one more day and then one more day, " * 6,
            "One more day and one more day, then it was done. " + ENGLISH,
        ),
        (
            "a slogan",
            "Our house, your house, his house: a good house for all. " * 6,
            "Our house, your house, his house. " + ENGLISH,
        ),
    ],
    "word_length": [
        (
            "torn words",
            "We ha d a lo ve ly da y at th e la ke an d at e a lo t of ca ke wi th al l of ou r fr ie nd s " * 2,
            EN[0],
        ),
        ("spaced letters", spelled(ENGLISH), "I n v i t a t i o n\n" + ENGLISH),
        (
            "long words",
            "internationalisation counterrevolutionaries electroencephalography incomprehensibilities " * 8,
            "Counterrevolutionaries met in the cellar of the inn. " + ENGLISH,
        ),
        ("words run together", " ".join(text.replace(" ", "") for text in EN * 2), ENGLISH),
    ],
    "bullet_lines": [
        ("a list", "\n".join(f"• {text}" for text in EN), "\n".join([EN[0], *(f"• {text}" for text in EN[1:])])),
        ("hyphens", "\n".join(f"- {text}" for text in EN[:6]), "\n".join([*(f"- {text}" for text in EN[:4]), EN[5]])),
        ("stars", "\n".join(f"* {text}" for text in EN[2:]), "\n".join(f"* {text}" for text in EN[:4])),
        ("triangles", "\n".join(f"► {text}" for text in EN), TALK_EN),
    ],
    "ellipsis_lines": [
        ("teasers", "\n".join(text[:-1] + "..." for text in EN), "\n".join([EN[0][:-1] + "...", *EN[1:]])),
        ("one character", "\n".join(text[:-1] + "…" for text in EN[:6]), "\n".join([EN[0][:-1] + "…", *EN[1:6]])),
        (
            "half of them",
            "\n".join([*EN[:4], *(text[:-1] + " ..." for text in EN[4:])]),
            "\n".join([*EN[:6], *(text[:-1] + " ..." for text in EN[6:])]),
        ),
        ("a poem that breaks off", POEM_EN.replace(",\n", "...\n"), POEM_EN.replace("late,", "late ...")),
    ],
    "wrong_language": [
        ("German", PROSE, ENGLISH),
        (
            "French",
            "Ce matin, la voisine est allée au marché avec son fils et a rencontré un vieil ami devant la mairie.",
            ENGLISH + " They call it savoir-vivre.",
        ),
        (
            "Scottish Gaelic",
            "Sa mhadainn chaidh an nàbaidh a-mach leis a' chù aice tron phàirc agus choinnich i ri seann charaid.",
            "Aye, said the neighbour, it is a braw day. " + ENGLISH,
        ),
        (
            "mostly German",
            DE[0] + " " + DE[1] + " " + DE[2] + " That was all.",
            EN[0] + " " + EN[1] + " Er sagte: Mir geht es gut.",
        ),
    ],
}
PLANTED: dict[str, dict[str, Rows]] = {"de": _planted("de"), "en": _planted("en")}


def _cuts(language: str) -> dict[str, list[tuple[str, str, str, str]]]:
    strange = EN if language == "de" else DE
    own = (*(DE if language == "de" else EN), *embedded.good_documents(language)[:2])
    german = language == "de"
    article, more = "\n".join(own), own[0].replace("Hund" if german else "dog", "Pferd" if german else "horse")
    whole = f"{article}\n{more}\n{own[1][:60]}!\n{own[2][:50]}!"
    menu = ("Startseite", "Über uns", "Aktuelles", "Kontakt") if german else ("Home", "About us", "News", "Contact")
    consent = "Diese Website verwendet Cookies." if german else "This website uses cookies."
    comments = (
        "Ihre E-Mail-Adresse wird nicht veröffentlicht." if german else "Your email address will not be published."
    )
    heading, button = ("Der lange Abend", "Weiterlesen") if german else ("The long evening", "Reply")
    about = (
        "Über Cookies wird viel gestritten, und das zu Recht."
        if german
        else "People argue about cookies, and rightly so."
    )
    quote = "Sie sagte nur: Well, that is it." if german else "She only said: Na ja, das war es."
    long = f"{strange[0]} {strange[1]}"
    mailed = {"de": "Fragen an {} bis Montag. ", "en": "Questions to {} by Monday. "}[language]
    prose = " ".join(own)
    broken = prose.encode().decode("windows-1252") if german else prose.replace(".", "â€™.", 1)
    mended = prose if german else prose.replace(".", "’.", 1)
    return {
        "repair": [
            ("mojibake", broken, mended, prose + " Ã, Âme, São Tomé"),
            ("soft hyphens", prose.replace("e", "e\u00ad"), prose, prose + " co-op 1–2"),
            ("blanks", prose.replace(" ", "\u00a0 \t"), prose, article),
            ("controls", "\ufeff" + prose.replace(". ", ".\x07 "), prose, prose + " “ﬁ” …"),
        ],
        "furniture": [
            ("a menu", "\n".join([*menu, article]), article, "\n".join([heading, article])),
            ("consent", f"{consent}\n{comments}\n{article}", article, f"{about}\n{article}\n{own[1][:40]}!"),
            ("teasers", "\n".join([article, *(text[:50].strip() + " ..." for text in own[:4])]), article, whole),
            ("buttons", f"\n{button}\n".join(own), article, f"\n{heading}\n".join([*own[:3], "\n".join(own[3:])])),
            (
                "a script",
                f"{article}\nvar a = {{b: [1, 2], c: {{}}}};\n{more}",
                f"{article}\n{more}",
                f"{whole}\n(a = b)!?",
            ),
        ],
        "again": [
            ("a caption", f"{article}\n{own[2]}\n{more}", f"{article}\n{more}", whole),
            ("the same at the end", f"{article}\n{own[0]}\n{own[1]}", article, f"{article}\n{own[0]} {own[1]}\n{more}"),
            ("a teaser before", f"{own[3]}\n{article}\n{more}", "\n".join([own[3], *own[:3], *own[4:], more]), whole),
            ("thrice", f"{article}\n{own[4]}\n{own[4]}", article, f"{article}\n{own[7][:30]}!\n{own[7][:30]}!"),
        ],
        "foreign_line": [
            ("a paragraph", f"{article}\n{long}\n{more}", f"{article}\n{more}", f"{whole}\n{quote}"),
            ("the first line", f"{long}\n{article}\n{more}", f"{article}\n{more}", f"{whole}\n{strange[5][:110]}"),
            (
                "two",
                f"{long}\n{article}\n{strange[2]} {strange[3]}",
                article,
                "\n".join([*strange, quote, quote[:20] + "!"]),
            ),
            ("French", f"{article}\n{FRENCH}\n{more}", f"{article}\n{more}", f"{whole}\n{own[0]} Voilà!"),
        ],
        "mask": [
            (
                "mail",
                mailed.format("k.muster@firma.de") + prose,
                mailed.format("name@example.org") + prose,
                prose + " a@b",
            ),
            (
                "iban",
                mailed.format("AT611904300234573201") + prose,
                mailed.format("DE89370400440532013000") + prose,
                prose + " DE02",
            ),
            (
                "phone",
                mailed.format("+49 228 4455667") + prose,
                mailed.format("+49 30 23125 123") + prose,
                prose + " 1998/2004",
            ),
            (
                "two",
                mailed.format("a@b.de, c@d.com") + prose,
                mailed.format("name@example.org, name@example.org") + prose,
                prose + " § 5",
            ),
        ],
    }


def _copies(language: str) -> dict[str, list[tuple[str, str, str, str]]]:
    good = embedded.good_documents(language)
    long = [" ".join(good[at : at + 6]) for at in range(0, 60, 6)]
    last = " Das war alles, was er sagte." if language == "de" else " That was all he said."
    shorter = [text.rsplit(". ", 1)[0] + "." for text in long]
    return {
        "duplicate": [
            ("equal", good[0], good[0], good[1]),
            ("case", good[2], good[2].lower(), good[3]),
            ("lines", good[4], good[4].replace(" ", "\n", 3), good[5]),
            ("damage", good[6], good[6].replace(" ", " \u200b "), good[7]),
        ],
        "near_duplicate": [
            ("a word more", long[0] + last, long[0], long[1]),
            ("a word changed", long[2] + last, long[2].replace(" ", " so ", 1), long[3][:300]),
            ("an end cut off", long[4] + last, shorter[4], long[5]),
            ("a date added", long[6] + " 24.12.2025 18:30", long[6] + " 1.1.2024", " ".join([long[7], long[6][:200]])),
        ],
    }


FRENCH = (
    "Ce matin, la voisine est allée au marché avec son fils et a rencontré un vieil ami de l'école devant la mairie, "
    "qui revenait de Lyon."
)
CUT = {language: _cuts(language) for language in ("de", "en")}
COPIES = {language: _copies(language) for language in ("de", "en")}
