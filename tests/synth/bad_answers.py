"""Bad translations of good passages, at least fifteen for every reason, and good ones that look like them.

    planted("numbers")   ->   (passage, a translation with another number), ...

Most are made from the pairs that ship with the package, so that only the planted fault is wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from dragoman import embedded
from dragoman.sentences import split_sentences
from dragoman.synth.items import Passage

Pair = tuple[Passage, str]

REFUSALS = (
    "I'm sorry, but I can't translate this text.",
    "I'm sorry, I can't assist with that.",
    "I cannot help with that request.",
    "I am unable to provide a translation of this passage.",
    "As an AI language model, I do not translate such content.",
    "As a large language model I have no access to the text.",
    "Unfortunately, I cannot process this request.",
    "I won't be able to assist with this.",
    "I must decline to translate this passage.",
    "Sorry, I can't help with this one.",
    "This request goes against the content policy.",
    "I apologise, but I'm not able to complete this translation.",
    "Es tut mir leid, aber ich kann diesen Text nicht übersetzen.",
    "Es tut mir leid, dabei kann ich nicht helfen.",
    "Als KI-Sprachmodell darf ich solche Inhalte nicht übersetzen.",
    "Ich kann Ihnen bei dieser Anfrage leider nicht helfen.",
    "Ich muss die Übersetzung dieses Textes ablehnen.",
    "Leider kann ich diese Anfrage nicht bearbeiten.",
    "Das verstößt gegen die Nutzungsrichtlinien.",
)

COMMENTS = (
    "Here is the translation: {}",
    "Here's the English translation: {}",
    "Here is your text: {}",
    "Sure! Here it is: {}",
    "Certainly, here is the translation you asked for: {}",
    "Translation: {}",
    "English translation: {}",
    "The translation is: {}",
    "English: {}",
    "Translated text: {}",
    "Output: {}",
    "Hier ist die Übersetzung: {}",
    "Gerne, hier ist die Übersetzung: {}",
    "Übersetzung: {}",
    "Die Übersetzung lautet: {}",
    "Englisch: {}",
    "{} (Note: the tone is informal.)",
    "{} Note: The original is ambiguous.",
    "{} (literally: something else)",
    "{} I hope this helps!",
    "{} Let me know if you need anything else.",
    "{} Alternatively: something else.",
    "{} Anmerkung: Der Satz ist umgangssprachlich.",
    "{} The translation keeps the informal register of the original.",
)

FORMATS = (
    "**{}**",
    "__{}__",
    "*{}*",
    "# {}",
    "## {}",
    "- {}",
    "* {}",
    "• {}",
    "1. {}",
    "2) {}",
    "> {}",
    "```\n{}\n```",
    "```json\n{}\n```",
    "`{}`",
    '{{"translation": "{}"}}',
    '{{"id": 1, "text": "{}"}}',
    '"text": "{}"',
    "<p>{}</p>",
    "<translation>{}</translation>",
    "{}<br>",
    "[{}](translation)",
    "| {} |",
)

EMPTY = ("", " ", "\n", "\t \n", ".", "...", "…", "-", "–", "—", '""', "„“", "???", "!", "_", "***", "( )")

FOREIGN = (
    "Le matin, je prends toujours un café avant de partir au travail.",
    "Nous avons oublié de fermer la fenêtre hier soir.",
    "Elle m'a demandé si je pouvais l'aider à déménager samedi prochain.",
    "Los niños están jugando en el jardín desde esta mañana.",
    "No sé por qué el tren siempre llega tarde los lunes.",
    "¿Puedes decirme dónde está la estación, por favor?",
    "Ieri sera siamo andati al cinema con i nostri amici.",
    "Non ho ancora deciso che cosa fare domani.",
    "Gisteren hebben we de hele dag in de tuin gewerkt.",
    "Ik weet niet of hij morgen nog kan komen.",
    "Igår kväll åkte vi hem tidigt eftersom det regnade.",
    "Wczoraj wieczorem poszliśmy do kina z przyjaciółmi.",
    "Včera večer jsme šli s přáteli do kina.",
    "Вчера вечером мы ходили в кино с друзьями.",
    "昨日の夜、友達と映画を見に行きました。",
    "Ontem à noite fomos ao cinema com os nossos amigos.",
    "Dün akşam arkadaşlarımızla sinemaya gittik.",
    "Me zijn gisteren 谢谢 naar huis gegaan.",
)

NAMES = (
    ("Das Programm heißt „OpenTTD“.", 'The program is called "OpenTDT".'),
    ("Er fliegt mit dem „A380“ nach Rom.", 'He is flying to Rome on the "A308".'),
    ("Die Gruppe „ABBA“ spielt heute.", 'The band "AABB" is playing today.'),
    ("Sie hat ein neues „iPhone“ gekauft.", 'She has bought a new "phone".'),
    ("Das Lager heißt „K2“.", 'The camp is called "K3".'),
    ("Die Firma „BMW“ baut Autos.", 'The company "BWM" builds cars.'),
    ("Alle nennen ihn „Meier“.", 'Everybody calls him "Meyer".'),
    ("Auf dem Schild steht „Müller“.", 'The sign says "Miller".'),
    ("Wir wohnen im Haus „Sonneck“.", 'We live in the house "Sunneck".'),
    ("Das Spiel heißt „YouLead“.", "The game has no name."),
    ('The ship is called "Titanic".', "Das Schiff ist sehr groß."),
    ('He works for "Siemens" now.', "Er arbeitet jetzt woanders."),
    ('Their dog is called "Bella".', "Ihr Hund ist noch jung."),
    ('The song "Yesterday" made them famous.', "Das Lied machte sie berühmt."),
    ('She plays in "Hamlet" tonight.', "Sie spielt heute Abend im Theater."),
    ('The file is called "README".', 'Die Datei heißt "RAEDME".'),
    ('We met at the "Blue Moon" bar.', "Wir trafen uns in einer Kneipe."),
)

URLS = (
    ("Mehr steht auf https://example.org/hilfe.", "There is more at https://example.org/help."),
    ("Siehe www.beispiel.de für Einzelheiten.", "See www.example.com for details."),
    ("Schreiben Sie an info@beispiel.de.", "Write to info@example.de."),
    ("Die Seite https://a.example/x ist neu.", "The page is new."),
    ("Die Seite ist neu und schön.", "The page https://a.example is new and nice."),
)
PLACEHOLDERS = (
    ("Hallo {name}, willkommen zurück!", "Hello, welcome back!"),
    ("Hallo {name}, willkommen zurück!", "Hello {Name}, welcome back!"),
    ("Es wurden %d Dateien gelöscht.", "The files were deleted."),
    ("Es wurden %d Dateien gelöscht.", "%s files were deleted."),
    ("Der Ordner ${HOME} ist voll.", "The folder ${HOUSE} is full."),
    ("Drücken Sie <b>hier</b>, um zu beginnen.", "Press here to begin."),
    ("Noch {{count}} Tage bis zum Fest.", "Still {count} days until the feast."),
    ("Die Datei %1$s fehlt im Ordner.", "The file %2$s is missing in the folder."),
)


def passage(text: str, src: str = "de") -> Passage:
    """A passage into the other of the two languages."""
    tgt = "en" if src == "de" else "de"
    count = len(split_sentences(text, src))
    return Passage.of(source="s", document="d", place=0, src=src, tgt=tgt, text=text, sentences=count)


def natural() -> list[Pair]:
    """The shipped pairs, both ways, as passages and right translations."""
    rows = embedded.pairs("natural/train")
    return [pair for row in rows for pair in ((passage(row["de"]), row["en"]), (passage(row["en"], "en"), row["de"]))]


def joined(size: int, step: int = 1) -> Iterator[Pair]:
    """Passages of `size` shipped sentences each, both ways. `step`: of so many, one."""
    rows = [
        row for row in embedded.pairs("natural/train") if all(len(split_sentences(t, k)) == 1 for k, t in row.items())
    ]
    for at in range(0, len(rows) - size, size * step):
        part = rows[at : at + size]
        german, english = (" ".join(row[code] for row in part) for code in ("de", "en"))
        yield passage(german), english
        yield passage(english, "en"), german


def planted(reason: str) -> list[Pair]:
    """Bad answers that must be rejected for `reason`."""
    return list(_PLANTED[reason]())


def _long(count: int = 200) -> list[Pair]:
    """Single sentences of some length."""
    return [(p, text) for p, text in natural() if len(p.text) > 60 and p.sentences == 1 and len(text) > 60][:count]


def _spread(fillings: Sequence[str]) -> Iterator[Pair]:
    """Each filling around the right translation of another passage, both ways."""
    for (p, text), filling in zip(_long(), [*fillings, *fillings], strict=False):
        yield p, filling.format(text)


def _said(answers: Sequence[str]) -> Iterator[Pair]:
    return ((p, answer) for (p, _), answer in zip(_long(), [*answers, *answers], strict=False))


def _copied() -> Iterator[Pair]:
    for p, _ in natural()[:30]:
        yield p, p.text
    for p, text in list(joined(4, 40))[:20]:  # one sentence left as it was
        parts = split_sentences(text, p.tgt)
        longest = max(split_sentences(p.text, p.src), key=len)
        yield p, " ".join([*parts[:2], longest, *parts[3:]])


def _repeated() -> Iterator[Pair]:
    for p, text in list(joined(3, 40))[:20]:
        parts = split_sentences(text, p.tgt)
        yield p, f"{text} {max(parts, key=len)}"
    for p, text in _long(20):
        words = text.split()
        yield p, " ".join([text] * 6)
        yield p, " ".join([*words[:3], *words[1:3] * 5, *words[3:]])
        yield p, " ".join([*words[:-1], *[words[-1].strip(".!?")] * 6, words[-1]])


def _truncated() -> Iterator[Pair]:
    for p, text in _long(40):
        yield p, text[: len(text) // 2].rstrip(" .,!?")
        yield p, text[: len(text) * 2 // 3].rstrip(" .,!?") + "..."
    for p, text in list(joined(4, 40))[:20]:
        yield p, text.rsplit(" ", 2)[0].rstrip(".!?")


def _other_lengths() -> Iterator[Pair]:
    whole = {p.tgt: text for p, text in joined(3, 100)}
    for p, _ in [pair for pair in _long(400) if len(pair[0].text) < 75][:20]:
        yield p, whole[p.tgt]
    for p, text in list(joined(5, 40))[:20]:
        yield p, split_sentences(text, p.tgt)[0]


def _other_counts() -> Iterator[Pair]:
    more = {p.tgt: split_sentences(text, p.tgt) for p, text in joined(4, 100)}
    for p, text in list(joined(7, 10))[:20]:
        parts = split_sentences(text, p.tgt)
        yield p, " ".join([*parts[:1], *parts[5:]])
        yield p, " ".join([*parts, *more[p.tgt]])


def _other_numbers() -> Iterator[Pair]:
    for p, text in natural():
        found = re.search(r"\b(1[3-9]|[2-9]\d|\d{3,})\b(?![.,:]\d)", text)
        if found and found[0] in p.text:
            yield p, text.replace(found[0], str(int(found[0]) + 7))


def _pairs(rows: Sequence[tuple[str, str]]) -> Iterator[Pair]:
    for src, tgt in rows:
        yield passage(src, "en" if re.search(r"\b(?:the|to|we|their|she|he)\b", src, re.I) else "de"), tgt


def _many(rows: Sequence[tuple[str, str]]) -> Iterator[Pair]:
    """The rows alone, and behind right pairs."""
    for p, text in _pairs(rows):
        yield p, text
        for before, good in [(q, t) for q, t in _long() if q.src == p.src][:3]:
            yield passage(f"{before.text} {p.text}", p.src), f"{good} {text}"


_PLANTED: dict[str, Callable[[], Iterator[Pair]]] = {
    "empty": lambda: _said(EMPTY),
    "refusal": lambda: _said(REFUSALS),
    "preamble": lambda: _spread(COMMENTS),
    "markdown": lambda: _spread(FORMATS),
    "copied": _copied,
    "wrong_language": lambda: _said(FOREIGN),
    "repetition": _repeated,
    "truncated": _truncated,
    "length_ratio": _other_lengths,
    "sentence_count": _other_counts,
    "numbers": _other_numbers,
    "names": lambda: _pairs(NAMES),
    "urls": lambda: _many(URLS),
    "placeholders": lambda: _many(PLACEHOLDERS),
}

GOOD = (
    ("Es tut mir leid, aber ich kann Ihnen nicht helfen.", "I'm sorry, but I can't help you."),
    ("Ich kann das leider nicht übersetzen.", "Unfortunately I cannot translate that."),
    ("Hier ist die Übersetzung, die du wolltest.", "Here is the translation you wanted."),
    ("Gib mir Bescheid, falls du etwas brauchst.", "Let me know if you need anything."),
    ("Soll ich dir beim Abwasch helfen?", "Would you like me to help you with the dishes?"),
    ("Das Ergebnis: Niemand kam.", "Result: Nobody came."),
    ("5. Mai 2020 war ein Dienstag.", "5 May 2020 was a Tuesday."),
    ("Der 5. Mai war ein Montag.", "May 5th was a Monday."),
    ("Er sagte: „Nein, nein, nein!“", 'He said, "No, no, no!"'),
    ("Er las „Krieg und Frieden“ im Zug.", 'He read "War and Peace" on the train.'),
    ("Sein „Schloss“ ist eine Hütte.", "His castle is a hut."),
    ("Um 14:30 Uhr kommt der Zug.", "The train arrives at 2:30 p.m."),
    ("In der Stadt leben 1,5 Millionen Menschen.", "1.5 million people live in the city."),
    ("Das Schiff heißt „Titanic“.", 'The ship is called "Titanic".'),
    ("Schreiben Sie an info@beispiel.de.", "Write to info@beispiel.de."),
    ("Hallo {name}, es gibt %d Nachrichten.", "Hello {name}, there are %d messages."),
    ("Anna Maria Huber.", "Anna Maria Huber!"),
    (
        "Er kam, sah sich um und ging wieder, ohne ein Wort zu sagen.",
        "He came. He looked round. He left without a word.",
    ),
    ("Und dann ...", "And then ..."),
    ("Ich verwende `ls` in der Konsole.", "I use `ls` in the console."),
)
