"""Clauses from a subject and a predicate: German word order here, the English verb group there.

German clauses differ only in where the finite verb stands ("main", "front", "question", "last"), so one
function makes them all; the English function does the same with do-support and mid-position adverbs.
"""

from __future__ import annotations

from .conjugation import english_modal, english_verb, finite, negated
from .english import join
from .model import Adverbial, Pair, Phrase, Predicate

_PLAIN_PAST = frozenset(["sein", "haben", "wissen", "mögen"])
_STATIVE = frozenset(
    [
        "be",
        "have",
        "know",
        "need",
        "want",
        "like",
        "love",
        "understand",
        "believe",
        "trust",
        "remember",
        "miss",
        "belong",
        "live",
    ]
)


def middle(pred: Predicate, time: str = "", neg: bool = False) -> list[str]:
    """The middle field: pronouns, time, objects, nicht, and what stays close to the verb."""
    return [*pred.pronouns, time, *pred.objects, "nicht" if neg else "", *pred.late]


def german(
    subject: Phrase,
    pred: Predicate,
    tense: str,
    order: str = "main",
    time: str = "",
    neg: bool = False,
    front: str = "",
    modal: str = "",
) -> str:
    """The German clause; `order` is main, front (with `front`), question, or last."""
    verb, closing = finite(pred.verb, subject.slot, tense, modal)
    inner = middle(pred, time, neg)
    nominative = subject.cases[0]
    if order == "last":
        if tense in ("present", "preterite"):
            return join(nominative, *inner, "".join(closing) + verb)
        return join(nominative, *inner, *closing, verb)
    if order == "front":
        return join(front, verb, nominative, *inner, *closing)
    if order == "question":
        return join(verb, nominative, *inner, *closing)
    return join(nominative, verb, *inner, *closing)


def english(
    subject: Phrase,
    pred: Predicate,
    tense: str,
    adverb: Adverbial | None = None,
    neg: bool = False,
    question: bool = False,
    modal: str = "",
    front: str = "",
) -> str:
    """The English clause; with `modal`, `tense` is only asked whether it is past."""
    head, rest = pred.en, ""
    if modal:
        tense, head, rest = english_modal(modal, pred.en, tense == "past")
    aux, main = english_verb(subject.agreement, tense, head, neg or question)
    aux = negated(aux) if neg else aux
    mid = adverb.en if adverb and adverb.mid else ""
    end = adverb.en if adverb and not adverb.mid else ""
    start = (aux, subject.en) if question else (subject.en, aux)
    return join(front, *start, mid, main, rest, pred.tail, end)


def past_tense(pred: Predicate, modal: str = "") -> str:
    """The German past of speech: preterite for modals, sein, haben, wissen; otherwise the perfect."""
    if modal:
        return "modal_past"
    return "preterite" if pred.verb.base in _PLAIN_PAST and not pred.verb.prefix else "perfect"


def now_tense(pred: Predicate) -> str:
    """The English present that a German present without adverb means."""
    return "simple" if "s" in pred.flags or pred.en in _STATIVE else "progressive"


def clause(
    subject: Phrase,
    pred: Predicate,
    when: str,
    order: str = "main",
    modal: str = "",
    neg: bool = False,
    adverb: Adverbial | None = None,
) -> Pair:
    """Both languages at once for the usual correspondences: now, habit, past, future, would."""
    time = adverb.de if adverb else ""
    if when == "past":
        tenses = past_tense(pred, modal), "past"
    elif when in ("future", "would"):
        tenses = when, when
    else:
        tenses = "modal" if modal else "present", "simple" if when == "habit" else now_tense(pred)
    question = order == "question"
    de = german(subject, pred, tenses[0], order, time, neg, modal=modal)
    return de, english(subject, pred, tenses[1], adverb, neg, question, modal)


def finish(de: str, en: str, mark: str = ".") -> Pair:
    """Capital letter and final mark on both sides."""
    return de[0].upper() + de[1:] + mark, en[0].upper() + en[1:] + mark
