"""What a model says beside a translation: refusals, introductions and comments, formatting.

    "I'm sorry, but I can't translate that."     refusal
    "Here is the translation: Guten Tag!"        preamble
    "**Guten Tag!**"                             markdown

People say such things too, so what the passage itself says, in either language, is never held against its
translation. Models talk about their work in the language of the reader or in English: phrases are known in
German and English, whatever the languages of the pair.
"""

from __future__ import annotations

import re

_I = r"\b(?:i|we)(?: am|'m|’m| are|'re|’re)?"
_ICH = r"\b(?:ich|wir)"
_MODEL = re.compile(
    r"\bas an? (?:ai\b|artificial|large language|language model)"
    r"|\b(?:large )?language model\b|\bai (?:language model|assistant|model)\b"
    r"|\bals (?:eine? )?(?:ki\b|künstliche|(?:großes |ki[- ])?sprachmodell)|\bki-?(?:sprachmodell|assistent|modell)"
    r"|\b(?:content|usage|safety) (?:policy|policies|guidelines)\b|\binhaltsrichtlinie|\bnutzungsrichtlinie",
    re.IGNORECASE,
)
_UNABLE = re.compile(
    rf"{_I} (?:can(?:not|'t|’t| not)|won['’]?t|will not|(?:not |un)able to|not allowed to|(?:must )?decline to)\b"
    r"[^.!?]{0,40}\b(?:translat|assist|help(?! but\b| it\b)|fulfil|complete|comply|provide|process|continue"
    r"|answer|generate|create|respond|discuss|engage|support)"
    rf"|{_I} (?:must |have to )?(?:decline|refuse)\b"
    rf"|{_ICH} (?:kann|können|darf|dürfen|werde|möchte|muss)\b[^.!?]{{0,80}}\b(?:nicht|kein\w*|ablehnen)\b"
    r"[^.!?]{0,60}(?:übersetz|helfen|weiterhelfen|behilflich|unterstütz|erfüllen|beantwort|ablehn|erstell|verarbeit"
    r"|bereitstell|ausführ|nachkommen|antworten|entsprechen)"
    rf"|{_ICH} (?:muss|müssen|lehne|lehnen)\b[^.!?]{{0,60}}\bab(?:lehnen)?\b",
    re.IGNORECASE,
)
_SORRY = re.compile(
    r"^\W*(?:i'?m |i’m |i am |we'?re |we are )?(?:so |very |really |terribly )?(?:sorry|afraid)\b[^.!?]{0,20}"
    r"\b(?:can(?:not|'t|’t)|unable|not able|won't)"
    r"|^\W*(?:i |we )?apologi[sz]e\b|^\W*(?:my |our )?apologies\b|^\W*unfortunately,? i\b"
    r"|^\W*(?:es tut (?:mir|uns) leid|tut mir leid|entschuldigung|leider kann ich|ich bedaure)\b[^.!?]{0,60}"
    r"\b(?:nicht|kein\w*)\b",
    re.IGNORECASE,
)
_NO = re.compile(
    r"n[o']t\b|n’t\b|\bcannot\b|\bunable\b|\bsorry\b|\bafraid\b|\bapolog|\bpardon|\bexcuse|\bregret|\bunfortunately"
    r"|\bdeclin|\brefus|\breject|\bnicht\b|\bkein|\bleid\b|\bleider\b|\bentschuldig|\bverzeih|\bbedau|\bablehn"
    r"|\bweiger|\bunfähig|\blehn|\bnever\b|\bunmöglich|\bimpossib|\bnichts\b|\bnothing\b|\bnie(?:mals)?\b|\bno\b"
    r"|\bout of\b|\baußerstande",
    re.IGNORECASE,
)
"""What a passage says whose translation may apologise or decline."""
_TRANSLATE = re.compile(r"translat|übersetz", re.IGNORECASE)
_TASK = re.compile(r"translat|übersetz|\b(?:this|that|your|diese\w*|ihre?\w*) (?:text|request|passage|anfrage)", re.I)

_WORK = r"(?:translation|translated (?:text|version|passage|sentences?)|übersetzung|übersetzter? text)"
_TONGUE = r"(?:english|german|french|spanish|deutsch|englisch|deutsche|englische|final|corrected|revised)"
_TEXT = r"(?:text|passage|version|sentence|result|output|answer|fassung|satz|sätze|ergebnis|ausgabe|antwort)s?"
_HERE = r"(?:here(?: is|'s|’s| are|'re)|hier (?:ist|sind|kommt|folgt))"
_NAMED_WORK = re.compile(
    # Here is the translation
    rf"^\W*(?:{_HERE}|below (?:is|are)|this is|(?:the )?following is|nachfolgend|im folgenden|anbei|das ist)\b"
    rf"[^\n:.]{{0,60}}{_WORK}"
    # The German translation of the passage is:
    rf"|^\W*(?:the |die |my |meine )?(?:{_TONGUE} )?{_WORK}"
    r"(?: (?:in|into|ins|to|is|lautet|of|for|von|nach|der|des|auf)\b[^\n:.]{0,60})?\s*(?:\([^)]*\)\s*)?[:\n]"
    r"|^\W*(?:translated|übersetzt)\b[^\n:.]{0,60}:"
    # The translation keeps the tone of the original.
    r"|\b(?:the|this|my) translation (?:keeps|preserves|uses|maintains|captures|conveys|above)\b"
    r"|\b(?:translator['’]?s? |translation )notes?\b|\banmerkung(?:en)? de[sr] übersetz",
    re.IGNORECASE,
)
_LABEL = re.compile(
    # Sure! Here it is:
    r"^\W*(?:(?:sure|certainly|of course|absolutely|okay|ok|gladly|gerne?|natürlich|selbstverständlich|klar)\b[,.!: ]+"
    r"(?:here|below|this|the|i|hier|das|die|nachfolgend|anbei)\b[^\n]{0,80}:(?=\s|$)"
    # Here is your text:
    rf"|{_HERE} (?:the|a|your|my|der|die|das|deine?|ihre?)\b[^\n.]{{0,60}}\b{_TEXT}\b[^\n.]{{0,40}}:"
    # English:
    rf"|(?:in |auf )?(?:{_TONGUE}|français|español|en|de)(?: text| version)?\s*[:\n]"
    r"|(?:output|result|answer|response|assistant|ausgabe|ergebnis|antwort)\s*:"
    r"|passage \d+\s*:|(?<![\"'])\[?id\W{0,3}\d+\]?\s*[:,])",
    re.IGNORECASE,
)
_COLON_NEAR_BEGIN = re.compile(r"^.{0,100}?:", re.DOTALL)
_COMMENT = re.compile(
    # (Note: the second word ...)
    r"(?:^|[.!?\n(\[*]\s*)(?:notes?|anmerkung(?:en)?|hinweise?|explanation|erklärung|erläuterung|n\.b\.)\s*:"
    # (literally: ...)
    r"|\((?:lit(?:erally|eral|\.)?|wörtlich|wörtl\.|or|oder|alternativ(?:e|ely)?|also|auch|formal|informal|formell"
    r"|informell|note|anm\.)\s*[:,]"
    r"|\b(?:alternative(?:ly)?|another option|literal(?:ly)?|alternativ|wörtlich)\s*:"
    r"|\bi(?:'ve| have)? (?:translated|kept|used(?! to)|chose|left)\b[^.!?]{0,60}\b(?:as|because|since|tone)\b"
    r"|\bin this context\b.{0,40}\bmeans\b|\b(?:original(?:text)?|source text)\s*:"
    # Let me know if you need anything else.
    r"|\b(?:i hope (?:this|that|it) helps|let me know if|please let me know|feel free to (?:ask|let)"
    r"|would you like me to|do you want me to translate|if you (?:need|have) any (?:further|more|other|questions)"
    r"|ich hoffe,? (?:das|dies) hilft|lass(?:en sie)? (?:es )?mich wissen"
    r"|sag(?:en sie)? (?:mir )?bescheid, (?:wenn|falls)|möchte(?:st du|n sie), dass ich)\b",
    re.IGNORECASE,
)
_OWN_COMMENT = re.compile(
    r"translat|übersetz|\breference|\bnotes?\b|anmerk|hinweis|explain|explan|erklär|erläut|liter|wörtlich|alternativ"
    r"|original|\bn\.b\.|\bhope|\bhoff|\blet me know|\bwissen\b|bescheid|\bask\b|\bfrag|\bneed|\bbrauch|\bbenötig"
    r"|\bmöchte|\bwould you|\bsoll(?:en)? (?:ich|wir)|\bsagt?\b|\bsagen|\btell|\bwant|\bor[:,]|\boder[:,]|\balso[:,]"
    r"|\bauch\b|\bformal|\bformell|\binform|\bcontext|\bkontext|zusammenhang|\(",
    re.IGNORECASE,
)
"""What a passage says whose translation may speak of texts, notes and questions."""

_MARKS = {
    "fence": re.compile(r"```|~~~|^\s*json\s*$", re.MULTILINE),
    "json": re.compile(r'^\s*[\[{]\s*["{\[]|["\']?\b(?:translations?|text|id)\b["\']\s*:'),
    "bold": re.compile(
        r"(?<![\w*])\*\*(?=\S)[^*\n]+(?<=\S)\*\*(?![\w*])|(?<![\w_])__(?=[^\W_])[^_\n]*(?<=\S)__(?![\w_])"
    ),
    "italic": re.compile(r"(?<![\w*])\*(?=[^\s*])[^*\n]{0,200}(?<=[^\s*])\*(?![\w*])"),
    "heading": re.compile(r"^\s*#{1,6} \S", re.MULTILINE),
    "bullet": re.compile(r"^\s*[-*+•] \S|\n\s*(?:–|\d{1,2}[.)]) \S", re.MULTILINE),
    "quote": re.compile(r"^\s*> \S", re.MULTILINE),
    "code": re.compile(r"`[^`'\n]+`"),
    "link": re.compile(r"\[[^\]\n]+\]\([^)\s]+\)"),
    "table": re.compile(r"^\s*\|.*\|\s*$|\|\s*:?-{3,}", re.MULTILINE),
    "tag": re.compile(r"</?(?:p|br|div|translation|text|passage|think|answer)\b[^<>]*>", re.IGNORECASE),
}
_FIRST_NUMBER = re.compile(r"^\s*\(?(\d{1,2})[.)](?= \D)")
_ANY_MARK = re.compile(r"[*_`~#|<>\[{}•\n]|[\"']\s*:|^\s*[-+(\d]|json")
"""What stands in every text in which one of the marks is found."""


def refuses(passage: str, text: str) -> bool:
    """Whether `text` declines to translate, or speaks of itself as a model."""
    if _MODEL.search(text) and not _MODEL.search(passage):
        return True
    if _UNABLE.search(text) is None and _SORRY.search(text) is None:
        return False
    return _NO.search(passage) is None or bool(_TASK.search(text) and not _TASK.search(passage))


def comments(passage: str, text: str) -> bool:
    """Whether `text` introduces or explains a translation."""
    if _NAMED_WORK.search(text) and not _TRANSLATE.search(passage):
        return True
    if _LABEL.search(text) and not _COLON_NEAR_BEGIN.search(passage):
        return True
    return _COMMENT.search(text) is not None and _OWN_COMMENT.search(passage) is None


def formats(passage: str, text: str) -> bool:
    """Whether `text` has marks of Markdown, HTML or JSON, of a kind that the passage has not."""
    if not _ANY_MARK.search(text):
        return False
    number = _FIRST_NUMBER.match(text)
    if number and number[1] not in passage:  # else it may be a date: "May 5th" / "5. Mai"
        return True
    return any(mark.search(text) and not mark.search(passage) for mark in _MARKS.values())
