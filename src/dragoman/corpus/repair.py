"""Repair of damaged text, without changing what a reader calls the text.

    'schÃ¶n  \\u200bund\\u00a0gut'  ->  'schön und gut'

Only damage is undone: wrongly decoded UTF-8 (ftfy, and only where a fast pattern flags the text, because ftfy runs at
4 MB/s and the pattern at over 200), decomposed letters (NFC), control and invisible characters, white space. Quotes,
ligatures, full-width forms and dashes stay as they are: the model must read what people write.
"""

from __future__ import annotations

import re
import unicodedata

import ftfy

# UTF-8 read as Latin-1 or Windows-1252 shows a lead byte (U+00C2..U+00F4) before a continuation byte (0x80-0xBF, or
# what Windows-1252 made of it). Both orders of case occur in real text only by accident; ftfy decides.
_CONTINUATION = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_FLAG = re.compile(f"[ÂÃÄÅâãðïÎÐÑ][{_CONTINUATION}]|[\x80-\x9f]|[\ud800-\udfff]")
_FLAG_FIRST = re.compile("[ÂÃÄÅâãðïÎÐÑ\x80-\x9f\ud800-\udfff]")  # one character class: three times as fast
_FTFY = ftfy.TextFixerConfig(
    unescape_html=False,
    remove_terminal_escapes=True,
    fix_latin_ligatures=False,
    fix_character_width=False,
    uncurl_quotes=False,
    fix_line_breaks=False,
    remove_control_chars=False,
    normalization=None,
)

_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# C0 and C1 controls but tab and newline; soft hyphen, zero-width space, word joiner, byte-order mark, directions.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
# Joiners carry meaning between non-Latin letters and inside emoji, and none next to Latin ones.
_WIDE = "[\u0250-\u1fff\u2190-\u2fff\u3001-\U0010ffff]"
_JOINER = re.compile(f"(?<!{_WIDE})[\u200c\u200d]+|[\u200c\u200d]+(?!{_WIDE})")
_SPACE_RUN = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_SPACE_AT_LINE_END = re.compile(" ?\n ?")
_BLANK_LINES = re.compile("\n{3,}")
# Whatever the patterns above would change; most text holds none of it and needs no more than these searches.
_DIRTY = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u2069\u3000\ufeff]"
)
_DIRTY_RUNS = ("  ", " \n", "\n ", "\n\n\n")


def _is_clean(text: str) -> bool:
    if any(run in text for run in _DIRTY_RUNS) or _DIRTY.search(text):
        return False
    return not text or not (text[0].isspace() or text[-1].isspace())


def repair(text: str) -> str:
    """`text` repaired; lines and paragraphs are kept (at most one blank line in a row), the ends are stripped."""
    if not text.isascii():
        if _FLAG_FIRST.search(text) and _FLAG.search(text):
            text = ftfy.fix_text(text, _FTFY)
        text = unicodedata.normalize("NFC", text)  # at once where it already is
    if _is_clean(text):
        return text
    text = _LINE_END.sub("\n", text)
    text = _JOINER.sub("", _INVISIBLE.sub("", text))
    text = _SPACE_AT_LINE_END.sub("\n", _SPACE_RUN.sub(" ", text))
    return _BLANK_LINES.sub("\n\n", text).strip()


def repair_segment(text: str) -> str:
    """`text` repaired and on one line: what stands in a pair file."""
    text = repair(text)
    return " ".join(text.split()) if "\n" in text else text
