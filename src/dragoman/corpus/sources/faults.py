"""What is unreadable: one document, or the rest of a damaged file, with its place. Found here, counted by the stage."""

from __future__ import annotations

from dataclasses import dataclass

from dragoman.errors import DataError

MAX_LINE_BYTES = 8_000_000  # a longer line, row or page is no document: the longest novel has 4 million characters

FAULTS = (
    "not_utf8",
    "nul_byte",
    "line_too_long",
    "not_json",
    "missing_field",
    "wrong_type",
    "bad_row",
    "bad_record",
    "damaged_file",
    "empty_file",
    "unreadable",
    "unreachable",
)


@dataclass(frozen=True)
class Fault:
    """One unreadable document, or the unread rest of a file.

    `reason` is one of FAULTS; `where` says the file, as the recipe's root sees it, and the place in it (`line 17`;
    `byte 70000123` in a later part of a file that is read in parts); `detail` is a line for the user.
    """

    reason: str
    where: str
    detail: str


class Unreachable(DataError):
    """A remote file that does not answer, after all tries: the rest of it becomes one fault `unreachable`."""


class Damaged(Exception):
    """A file of which no more can be read, from inside a reader: the rest of it becomes one fault."""

    def __init__(self, detail: str, reason: str = "damaged_file", place: str = "") -> None:
        self.detail, self.reason, self.place = " ".join(detail.split()), reason, place
        super().__init__(self.detail)


def wants(value: object) -> str:
    """What a value that should be text is, in the words of JSON."""
    names = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return "null" if value is None else names.get(type(value), type(value).__name__)


def not_text(value: object, name: str, longest: int = MAX_LINE_BYTES) -> tuple[str, str] | None:
    """(reason, detail) where what stands under `name` is no text that can be written down again."""
    if not isinstance(value, str):
        return "wrong_type", f"'{name}' is {wants(value)}, not text"
    if "\x00" in value:
        return "nul_byte", f"a NUL at character {value.index(chr(0)) + 1} of '{name}'"
    if len(value) > longest:
        return "line_too_long", f"'{name}' has {len(value):,} characters"
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            return "not_utf8", f"character {error.start + 1} of '{name}' is half a surrogate pair or a broken byte"
    return None


def not_wanted(value: object, name: str) -> tuple[str, str] | None:
    """None where a document is rightly of another language, else why its language is unknown."""
    return None if isinstance(value, str) else ("wrong_type", f"'{name}' is {wants(value)}, not text")
