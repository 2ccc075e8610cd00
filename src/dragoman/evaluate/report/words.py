"""Figures and short names as a person reads them."""

from __future__ import annotations

from dragoman.languages import LANGUAGES

ARMS = {"pretrained": "pre-trained", "scratch": "from scratch", "model": "this model"}
REASONS = {
    # unreadable
    "not_utf8": "not UTF-8",
    "nul_byte": "holds a NUL byte",
    "line_too_long": "line too long to be text",
    "not_json": "not JSON",
    "missing_field": "no such field",
    "wrong_type": "field holds no text",
    "bad_row": "row with too few or too many columns",
    "bad_record": "broken record of a web archive",
    "damaged_file": "file breaks off",
    "empty_file": "empty file",
    "unreadable": "file cannot be read",
    "unreachable": "the hub did not answer",
    # cut out of documents
    "repair": "repaired characters",
    "furniture": "menus and notices cut",
    "again": "lines repeated in a page cut",
    "foreign_line": "lines in other languages cut",
    "repeated_line": "lines of other documents cut",
    "mask": "personal data masked",
    # documents
    "too_short": "too short",
    "too_long": "too long",
    "boilerplate_head": "opens with boilerplate",
    "blocked_pattern": "blocked pattern",
    "blocked_words": "blocked words",
    "digit_share": "too many digits",
    "letter_share": "too few letters",
    "symbol_share": "too many symbols",
    "uppercase_share": "too many capitals",
    "type_token_ratio": "too few different words",
    "word_length": "words too short or too long",
    "bullet_lines": "mostly bullet points",
    "ellipsis_lines": "many lines trail off …",
    "sentence_end_lines": "few lines end a sentence",
    "duplicate_lines": "repeats its lines",
    "duplicate_line_chars": "repeats its lines, by characters",
    "duplicate_paragraphs": "repeats its paragraphs",
    "duplicate_paragraph_chars": "repeats its paragraphs, by characters",
    **{f"top_{n}_gram": f"full of one run of {n} words" for n in (2, 3, 4)},
    **{f"duplicate_{n}_gram": f"repeats runs of {n} words" for n in range(5, 11)},
    "wrong_language": "wrong language",
    "duplicate": "seen before",
    "near_duplicate": "nearly seen before",
    "contaminated": "holds test or development text",
    "over_budget": "beyond the budget",
    "byte_share": "spelled in bytes",
    "tokens_per_word": "too many pieces a word",
    "mean_token_id": "rare pieces only",
    # pairs
    "empty": "a side is empty",
    "identical": "both sides are equal",
    "copied": "not translated",
    "length_ratio": "length ratio",
    "numbers_differ": "numbers differ",
    "urls_differ": "addresses differ",
    "placeholders_differ": "placeholders differ",
    "low_score": "scored low by the model",
    "development": "set aside for development",
    # synthetic pairs
    "not_asked": "not asked, a cap was reached",
    "no_answer": "the teacher gave no answer",
    "blocked": "refused by the service",
    "cut_off": "answer reached its limit",
    "invalid_json": "answer cannot be read",
    "swapped": "answer to another question",
    "missing": "passage missing in the answer",
    "ambiguous": "two answers for one passage",
    "refusal": "the teacher refused",
    "preamble": "comment beside the translation",
    "markdown": "formatted",
    "repetition": "repeats itself",
    "truncated": "breaks off",
    "sentence_count": "sentences missing or added",
    "numbers": "numbers do not match",
    "names": "names do not match",
    "urls": "addresses do not match",
    "placeholders": "placeholders do not match",
}
CHOSEN = {
    "last": "The weights are those of the last step",
    "best": "The weights are those that scored best on the development set",
    "average": "The weights are the mean of the last evaluations, which scored best on the development set",
}


def arm(name: str) -> str:
    """`scratch` -> `from scratch`."""
    return ARMS.get(name, name.replace("_", " "))


def reason(name: str) -> str:
    """A counted reason: `wrong_language` -> `wrong language`."""
    return REASONS.get(name, name.replace("_", " "))


def language(code: str) -> str:
    """`de` -> `German`."""
    return LANGUAGES.get(code, code)


def direction(name: str) -> str:
    """`de-en` -> `German → English`."""
    return " → ".join(map(language, name.split("-")))


def millions(n: float) -> str:
    """8_700_000 -> `8.7 million`."""
    return f"{n / 1e6:.1f} million" if n >= 1e5 else f"{n:,.0f}"


def duration(seconds: float | None) -> str:
    """47.2 -> `47 s`, 3725 -> `1 h 2 min`."""
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def percent(value: float) -> str:
    """12.34 -> `12.3%`; what is there but would be shown as nothing is `<0.1%`, what is nearly all `>99.9%`."""
    if 0 < value < 0.05:
        return "<0.1%"
    return ">99.9%" if 99.95 <= value < 100 else f"{value:.1f}%"
