"""Invented documents that one rule is there for, each beside a near twin that must stay.

PLANTED[reason][language] is a list of (what it is, the document, its twin). The document is dropped for `reason` and
nothing before it, the twin is kept; both come from no one's page.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def table(language: str, rows: int) -> str:
    place = ("Dorf", "verlor gegen") if language == "de" else ("Town", "lost against")
    return " ".join(f"{place[0]} {i} {place[1]} {i + 11} {i + 3}:{i + 40}" for i in range(rows))


def twice(*parts: str) -> str:
    return " ".join([*parts, *parts])


def spell(text: str) -> str:
    return " ".join(text)


def run_of(n: int, repeated: int, language: str) -> str:
    """Prose of fresh words in which one run of n words comes back `repeated` times, no longer run with it."""
    start = ("die Reise nach dem fernen Land hinter den blauen Bergen" if language == "de" else
             "the journey to the distant country behind those blue hills").split()  # fmt: skip
    fresh = iter(FRESH[language])
    pieces = [*start[:n]]
    for _ in range(repeated):
        pieces += [next(fresh) for _ in range(GAP[n])] + start[:n]
    return " ".join([*pieces, *fresh]) + "."


GAP = {2: 1, 3: 1, 4: 2, 5: 3, 6: 3, 7: 3, 8: 3, 9: 3, 10: 3}
_SYLLABLES = {
    "de": ("wan", "der", "hei", "mat", "stra", "schif", "bla", "kor", "nel", "fung", "lich", "tal", "berg", "hof"),
    "en": ("wan", "der", "home", "land", "strea", "ship", "bla", "cor", "nel", "ing", "ly", "dale", "hill", "yard"),
}
_GLUE = {
    "de": (
        "und",
        "der",
        "mit",
        "auf",
        "nicht",
        "eine",
        "wird",
        "sich",
        "auch",
        "noch",
        "über",
        "hatte",
        "wurde",
        "dass",
    ),
    "en": ("and", "the", "with", "upon", "not", "have", "will", "were", "also", "still", "about", "had", "was", "that"),
}
FRESH = {
    code: [
        word
        for i in range(7)
        for j, first in enumerate(_SYLLABLES[code])
        for word in (first + _SYLLABLES[code][(i + j + 3) % 14], _GLUE[code][(3 * i + j) % 14])
    ]
    for code in ("de", "en")
}
