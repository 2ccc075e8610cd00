"""English word forms: regular rules, and the irregular verbs and adjectives that the lexicon uses."""

from __future__ import annotations

_VOWELS = "aeiou"
_DOUBLING = frozenset(
    [
        "get",
        "let",
        "put",
        "sit",
        "run",
        "swim",
        "cut",
        "stop",
        "plan",
        "win",
        "shop",
        "forget",
        "begin",
        "hug",
        "set",
        "jog",
        "pet",
        "quit",
        "chat",
    ]
)
_IRREGULAR_TEXT = """
be was been; have had had; do did done; go went gone; eat ate eaten; drink drank drunk; read read read;
write wrote written; buy bought bought; sell sold sold; find found found; lose lost lost; give gave given;
forget forgot forgotten; see saw seen; take took taken; wear wore worn; put put put; bring brought brought;
meet met met; know knew known; get got gotten; understand understood understood; show showed shown;
send sent sent; lend lent lent; tell told told; think thought thought; feel felt felt; win won won;
feed fed fed; build built built; cut cut cut; sing sang sung; swim swam swum; run ran run; sleep slept slept;
sit sat sat; lie lay lain; stand stood stood; leave left left; come came come; drive drove driven;
fly flew flown;
ride rode ridden; speak spoke spoken; say said said; make made made; hear heard heard; hurt hurt hurt;
begin began begun; become became become; spend spent spent; pay paid paid; teach taught taught;
quit quit quit;
break broke broken; fall fell fallen; rise rose risen; hang hung hung; catch caught caught; keep kept kept;
oversleep overslept overslept; let let let; wake woke woken; shine shone shone
"""
_IRREGULAR = {
    base: (past, participle)
    for base, past, participle in (entry.split() for entry in _IRREGULAR_TEXT.replace("\n", " ").split(";"))
}
_COMPARISON = {"good": ("better", "best"), "bad": ("worse", "worst"), "shy": ("shyer", "shyest")}
_ER_TWO_SYLLABLES = frozenset(["narrow", "quiet", "simple", "clever"])


def join(*parts: str) -> str:
    """The non-empty parts with single spaces."""
    return " ".join(part for part in parts if part)


def _sibilant(word: str) -> bool:
    return word.endswith(("s", "x", "z", "ch", "sh"))


def _consonant_y(word: str) -> bool:
    return word.endswith("y") and word[-2:-1] not in _VOWELS


def plural(noun: str) -> str:
    """The regular plural; irregular ones stand in the noun table."""
    if _consonant_y(noun):
        return noun[:-1] + "ies"
    return noun + ("es" if _sibilant(noun) else "s")


def third(verb: str) -> str:
    """The he/she/it form of the present."""
    if verb == "have":
        return "has"
    if verb in ("do", "go"):
        return verb + "es"
    return plural(verb)


def _regular_past(verb: str) -> str:
    if verb in _DOUBLING:
        return verb + verb[-1] + "ed"
    if _consonant_y(verb):
        return verb[:-1] + "ied"
    return verb + ("d" if verb.endswith("e") else "ed")


def past(verb: str) -> str:
    """The simple past (for be: the singular)."""
    return _IRREGULAR[verb][0] if verb in _IRREGULAR else _regular_past(verb)


def participle(verb: str) -> str:
    """The past participle."""
    return _IRREGULAR[verb][1] if verb in _IRREGULAR else _regular_past(verb)


def ing(verb: str) -> str:
    """The -ing form."""
    if verb == "be":
        return "being"
    if verb in _DOUBLING:
        return verb + verb[-1] + "ing"
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + "ing"


def article(following: str) -> str:
    """a or an, by the sound that follows."""
    word = following.lower()
    if word.startswith(("uni", "use", "eu", "one")):
        return "a"
    return "an" if word[0] in _VOWELS or word.startswith(("hour", "honest")) else "a"


def with_article(following: str) -> str:
    """The phrase with a or an before it."""
    return f"{article(following)} {following}"


def _short(adjective: str) -> bool:
    groups = 0
    previous = False
    for letter in adjective:
        vowel = letter in "aeiouy"
        groups += vowel and not previous
        previous = vowel
    if adjective.endswith("e") and groups > 1:
        groups -= 1
    return groups == 1 or (groups == 2 and adjective.endswith("y")) or adjective in _ER_TWO_SYLLABLES


def _er_stem(adjective: str) -> str:
    if _consonant_y(adjective):
        return adjective[:-1] + "i"
    if adjective.endswith("e"):
        return adjective[:-1]
    closed = adjective[-1] not in "aeiouywx" and adjective[-2] in _VOWELS and adjective[-3] not in _VOWELS
    return adjective + adjective[-1] if closed and len(adjective) <= 4 else adjective


def comparative(adjective: str) -> str:
    """older, more expensive, better."""
    if adjective in _COMPARISON:
        return _COMPARISON[adjective][0]
    return _er_stem(adjective) + "er" if _short(adjective) else f"more {adjective}"


def superlative(adjective: str) -> str:
    """oldest, most expensive, best (without the article)."""
    if adjective in _COMPARISON:
        return _COMPARISON[adjective][1]
    return _er_stem(adjective) + "est" if _short(adjective) else f"most {adjective}"


def possessive(owner: str, plural: bool = False) -> str:
    """Anna's, the waitress's, my parents'."""
    return owner + ("'" if plural and owner.endswith("s") else "'s")
