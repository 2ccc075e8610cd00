"""Page furniture: menus, teasers and consent banners cut out of a web page, so that its article need not go with them.

    Startseite                                 a run of lines that are no sentences: a menu, cut
    Kontakt
    Zum Inhalt springen
    Im Oktober färben sich die Buchen.         a sentence: kept
    Der Wald im Herbst                         one or two such lines alone: headings, kept
    Viele Wanderer lieben diese Zeit.
    Diese Website verwendet Cookies.           a line with a boilerplate phrase, or of source text: cut

Only documents of many lines are pages; a paragraph, a short poem or a letter is left alone. Of 350 real German pages
this saves 334 instead of 240 (the others hold English text or nothing), and of their characters 60%.

`cut_furniture` is the definition, for one text; `furniture` marks the same lines in a whole batch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from dragoman.corpus.block import BLANK, Block, Flags, Places, Spans
from dragoman.corpus.characters import Trait, small

# How a line of running text, verse or dialogue ends. A colon, a bracket or an ellipsis ends menu lines and teasers.
_SENTENCE_END = re.compile("(?:[!?,;–—]|(?<!\\.)\\.)[\"'“”‘’«»›‹)\\]*]*$")
_MARK = re.compile("[.,;!?] ")
_TEASER = re.compile(r"(?:\.\.|…)[\"'“”‘’«»›‹)\]*]*$")
_CODE = re.compile(r"[{}=<>|\\_\[\]]")
CODE_SHARE = 0.03  # more such characters than this, and at least CODE_MIN, and the line is a script
CODE_MIN = 4
SENTENCE_WORDS = 3  # a shorter line is no sentence, however it ends
TEXT_WORDS = 15  # a longer line with a mark is text even where its end is missing; never if it breaks off in dots
MENU_RUN = 3  # so many lines in a row that are no sentences are a menu; fewer are headings
HEADING_WORDS = 2  # a lone word between sentences ("Reply", "Weiter") is a button, no heading


def is_sentence(line: str, following: str = "") -> bool:
    """Whether a line reads like running text; `following`, the next line, goes on in small letters if it is wrapped."""
    words = line.count(" ") + 1
    if words > TEXT_WORDS:
        return (_MARK.search(line) or _SENTENCE_END.search(line)) is not None and _TEASER.search(line) is None
    if words < SENTENCE_WORDS:
        return False
    return following[:1].islower() or _SENTENCE_END.search(line) is not None


def is_code(line: str) -> bool:
    """Whether a line is a script, markup or a template that the extraction took for text."""
    return len(_CODE.findall(line)) >= max(CODE_MIN, CODE_SHARE * len(line))


def cut_furniture(text: str, phrases: Sequence[str], min_lines: int) -> str:
    """`text`, if it has at least `min_lines` lines, without menus and lines that hold one of `phrases` (small letters).

    Blank lines are dropped from a page: in extracted text they part furniture as often as paragraphs.
    """
    if text.count("\n") + 1 < min_lines:
        return text
    page = small(text)
    present = [phrase for phrase in phrases if phrase in page]
    lines = [line for line in text.split("\n") if line]
    kept: list[str] = []
    run: list[str] = []
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if is_code(line) or (present and _holds(small(line), present)):
            continue
        if not is_sentence(line, following):
            run.append(line)
            continue
        if len(run) < MENU_RUN:
            kept.extend(heading for heading in run if heading.count(" ") + 1 >= HEADING_WORDS)
        run.clear()
        kept.append(line)
    return "\n".join(kept)


def _holds(line: str, phrases: Sequence[str]) -> bool:
    return any(phrase in line for phrase in phrases)


def furniture(block: Block, boilerplate: Flags, min_lines: int) -> Flags:
    """Which lines of a repaired block `cut_furniture` leaves out; `boilerplate`: the lines that hold a phrase."""
    lines = block.lines
    page = np.bincount(lines.owner, minlength=len(block))[lines.owner] >= min_lines
    asked = np.flatnonzero(page & (lines.length > 0))
    spans = lines.where(asked)
    sentence = _are_sentences(block, spans, asked)
    skipped = boilerplate[asked] | _are_code(block, spans, asked)
    judged = np.flatnonzero(~skipped)
    keep = np.zeros(len(asked), dtype=bool)
    keep[judged] = _outside_menus(spans.where(judged), sentence[judged], block.line_words[asked[judged]])
    cut = page.copy()
    cut[asked] = ~keep
    return cut


def _are_sentences(block: Block, spans: Spans, numbers: Places) -> Flags:
    """`is_sentence` for every line; `spans` are the non-empty lines of pages, `numbers` theirs among all lines."""
    codes = block.codes
    words = block.line_words[numbers]
    marks = (block.traits & Trait.SENTENCE_MARK) != 0
    marks[:-1] &= codes[1:] == BLANK
    goes_on = np.zeros(len(spans), dtype=bool)
    same = spans.owner[1:] == spans.owner[:-1]
    goes_on[:-1] = same & _is_lower(block, spans.start[1:])
    last = last_before_closers(block, spans)
    closed = _end_like_sentences(block, spans, last)
    breaks_off = (last > spans.start) & (codes[last] == ord(".")) & (codes[last - 1] == ord("."))
    breaks_off |= (last >= spans.start) & (codes[last] == ord("…"))
    long = (closed | (block.count_by_line(marks)[numbers] > 0)) & ~breaks_off
    return np.where(words > TEXT_WORDS, long, (words >= SENTENCE_WORDS) & (goes_on | closed))


def _is_lower(block: Block, places: Places) -> Flags:
    """Whether a small letter stands there (one without case is none)."""
    codes = block.codes[places]
    found: Flags = (codes >= ord("a")) & (codes <= ord("z"))
    odd = np.flatnonzero(codes > 0x7F)
    found[odd] = [chr(code).islower() for code in codes[odd]]
    return found


def last_before_closers(block: Block, spans: Spans) -> Places:
    """Where the last character of each piece stands that is no closing quote or bracket; start - 1 if there is none."""
    last = spans.end - 1
    while len(closing := np.flatnonzero((last >= spans.start) & ((block.traits[last] & Trait.CLOSER) != 0))):
        last[closing] -= 1
    return last


def _end_like_sentences(block: Block, spans: Spans, last: Places) -> Flags:
    """Whether the character at `last` ends a sentence."""
    codes = block.codes
    stop = (codes[last] == ord(".")) & ((codes[last - 1] != ord(".")) | (last == spans.start))
    ends: Flags = (last >= spans.start) & (stop | ((block.traits[last] & Trait.SENTENCE_END) != 0))
    return ends


def _are_code(block: Block, spans: Spans, numbers: Places) -> Flags:
    """`is_code` for every line."""
    found = block.count_by_line((block.traits & Trait.MARKUP) != 0)[numbers]
    code: Flags = found >= np.maximum(CODE_MIN, CODE_SHARE * spans.length)
    return code


def _outside_menus(spans: Spans, sentence: Flags, words: Places) -> Flags:
    """Sentences, and the headings before them: runs of fewer than MENU_RUN other lines."""
    if not len(spans):
        return sentence
    after = np.cumsum(sentence)  # lines between two sentences share this number
    first = np.concatenate(([True], spans.owner[1:] != spans.owner[:-1]))
    run = after + np.cumsum(first)
    size = np.bincount(run[~sentence], minlength=int(run[-1]) + 1 if len(run) else 0)
    following = np.full(len(spans), -1)  # the text of the next sentence
    places = np.flatnonzero(sentence)
    next_sentence = np.searchsorted(places, np.arange(len(spans)))
    known = next_sentence < len(places)
    following[known] = spans.owner[places[next_sentence[known]]]
    heading = (size[run] < MENU_RUN) & (following == spans.owner) & (words >= HEADING_WORDS)
    kept: Flags = sentence | heading
    return kept
