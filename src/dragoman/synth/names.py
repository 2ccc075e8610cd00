"""Names in quotes that a translation must keep.

    Das Boot heißt „A380“.        /  The boat is called "A308".         differ
    Frau „Meier“ kam.             /  Mrs "Meyer" came.                  differ
    The ship is the "Titanic".    /  Das Schiff ist groß.               differ
    Er las „Krieg und Frieden“.   /  He read "War and Peace".           agree: a title is translated, in quotes again

What is written as only names are (iPhone, NASA, A380) must be there letter by letter, on both sides. Any other quoted
words with capital letters have a counterpart in the translation: the same words, in quotes or without, or some
quotation, as long as it is not the same word misspelt.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

CAPITAL_NOUNS = frozenset({"de", "lb"})
"""Languages where a capital letter tells no name: most of their quoted words are ironic and rightly lose the quotes."""
SHORTEST_ALIKE, ALIKE = 5, 0.75
"""Letters, and share of them in common, from which a word is taken for a misspelt other."""
LONGEST = 4  # words of a quoted name; a longer quotation is speech
_QUOTED = re.compile(
    r"(?=[„“\"»«‚‘'`])(?:"  # quick: at nearly all places nothing more is tried
    r'„([^„“”"\n]+)[“”"]|“([^“”"„\n]+)[”"]|"([^"\n]+)"|»([^»«\n]+)«|«([^»«\n]+)»'
    r"|(?<!\w)[‚‘]([^‚‘’\n]+)[‘’](?!\w)|(?<!\w)'([^'\n]+)'(?!\w)|``([^`'\n]+)'')"
)
_MARK = re.compile(r"[„“”\"»«‚‘’]|(?<!\w)'|'(?!\w)|``")
_SPEECH_END = re.compile(r"[.!?,;:…]$")
_ONLY_A_NAME = re.compile(r"[a-z][A-Z]|[A-Z]{2,}|[A-Z]\w*\d|\d[A-Z]")
_WORD = re.compile(r"[^\W_]+")


def names_differ(src: str, tgt: str, language: str) -> bool:
    """Whether a name in quotes has no counterpart on the other side. `language`: that of `src`."""
    if not (_MARK.search(src) or _MARK.search(tgt)):
        return False
    own, other = _gone(src, tgt), _gone(tgt, src)
    if any(_lacks_a_word(name, tgt) for name in own) or any(_lacks_a_word(name, src) for name in other):
        return True
    if any(_misspelt(first, second) for first in own for second in other):
        return True
    capital = [name for name in own if all(word[:1].isupper() for word in name.split())]
    return bool(capital) and language not in CAPITAL_NOUNS and not _MARK.search(tgt)


def _lacks_a_word(name: str, other: str) -> bool:
    """Whether a word that can only be a name, such as `A380`, is missing in `other`."""
    folded = other.casefold()
    return any(_ONLY_A_NAME.search(word) and word.casefold() not in folded for word in _WORD.findall(name))


def _misspelt(name: str, other: str) -> bool:
    """Whether one word is nearly the other, and not another form of it: Meier, Meyer."""
    first, second = name.casefold(), other.casefold()
    if len(name.split()) > 1 or min(len(first), len(second)) < SHORTEST_ALIKE:
        return False
    stem = min(len(first), len(second)) - 2
    return first[:stem] != second[:stem] and SequenceMatcher(None, first, second).ratio() >= ALIKE


def _gone(text: str, other: str) -> list[str]:
    """The quoted names of `text` that stand nowhere in `other`."""
    folded = _folded(other)
    return [name for name in quoted_names(text) if _folded(name) not in folded]


def quoted_names(text: str) -> list[str]:
    """Short quotations that begin with a capital letter or a digit and do not end as speech does."""
    found = ("".join(match.groups("")).strip() for match in _QUOTED.finditer(text))
    return [
        name
        for name in found
        if len(name.split()) <= LONGEST
        and (not name[:1].islower() or _ONLY_A_NAME.search(name))
        and not _SPEECH_END.search(name)
    ]


def _folded(text: str) -> str:
    """Words in small letters without accents, each between blanks."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return f" {' '.join(_WORD.findall(plain))} "
