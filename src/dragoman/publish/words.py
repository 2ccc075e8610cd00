"""What a person is told about a parcel and its push."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dragoman.publish.parcel import Parcel
from dragoman.publish.push import Pushed, Wanted

SHOWN = 5


def parcel_lines(parcel: Parcel, wanted: Wanted) -> Iterator[str]:
    """What a push would send."""
    for name, size in parcel.files.items():
        yield f"{size:>15,}  {name}"
    yield f"{parcel.size:>15,}  bytes in {len(parcel.files):,} files, {parcel.rows:,} rows, licence {parcel.licence}"
    if parcel.left_out:
        yield f"left out: {_first(parcel.left_out)}"
    who = {None: "private, or as it is there", True: "public", False: "private"}[wanted.public]
    yield f"would go to {wanted.repo}, branch {wanted.revision}, {who}; nothing was sent"


def pushed_lines(pushed: Pushed) -> Iterator[str]:
    """What came of a push."""
    yield pushed.url
    who = "private" if pushed.private else "public"
    yield f"{who}, commit {pushed.commit}" + ("" if pushed.changed else ": all of it was there")
    if pushed.others:
        yield f"files that only the Hub has stay: {_first(pushed.others)}"


def _first(names: Sequence[str]) -> str:
    """`a, b and 3 more`"""
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
