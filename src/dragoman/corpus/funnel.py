"""The account of what came in, what stayed and why the rest did not: nothing is lost between read and kept.

    {"total": {"read": 3, "kept": 1, "dropped": {"too_short": 2},
               "chars_read": 90, "chars_kept": 50, "chars_dropped": {"too_short": 30},
               "tokens_read": 18, "tokens_kept": 10, "tokens_dropped": {"too_short": 6},
               "cut": {"furniture": {"documents": 1, "chars": 10, "tokens": 2}}},
     "by_source": {"news": {"de": {...the same...}}},
     "faults": [{"source": "news", "language": "de", "reason": "not_utf8", "documents": 7,
                 "places": [{"where": "news.txt line 3", "detail": "byte 0xe4 at column 8"}, ...]}],
     "order": ["repair", "too_short", ...], "token_kind": "words"}

    read == kept + dropped,  chars_read == chars_kept + chars_dropped + cut chars,  the same for tokens

What is cut out of a document counts whether it is kept or dropped later; what a reason takes is the document as it was
judged, after the cuts. A cut may be negative: repair and masking can lengthen a text.

A funnel is a sum: those of shards, merged in any order, are the funnel of the whole, and what is decided later
(`discard`, `trim`) may be entered in the shard's funnel, the merged one or one of its own. That holds for the samples
too, because they are the rows with the smallest hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from dragoman.corpus.account import Count, Cut, balance
from dragoman.corpus.samples import Lowest, Place, earlier, first_places, key, rank, ranks, shown

SAMPLES = 20  # rows shown of the kept ones, of each reason and of each cut
SPARE = 5  # so many times as many kept ones are remembered, because some are dropped later
EARLY_CUTS = ("repair", "furniture", "again", "foreign_line")  # before the first rule, unless the order says otherwise
LATE_CUTS = ("mask", "repeated_line")  # made after the last

Row = Mapping[str, str]
TokenKind = Literal["words", "pieces"]


class Funnel:
    """Counts verdicts by source and language, and keeps samples.

    `order`: the rules, and if need be the cuts among them, in the order in which they are asked; the account lists
    what it lost in that order, without one by frequency. `token_kind`: what `tokens` are, white-space words or the
    pieces of a tokenizer.
    """

    def __init__(self, order: Sequence[str] = (), token_kind: TokenKind = "words") -> None:
        self.order, self.token_kind = tuple(order), token_kind
        self.counts: dict[tuple[str, str], Count] = {}
        self._samples: dict[str, Lowest] = {}  # by reason or kind of cut; "" holds the kept ones
        self._gone = Lowest(SAMPLES * SPARE)  # the smallest hashes of kept rows that were dropped or trimmed later
        self._faults: dict[tuple[str, str, str], list[Place]] = {}

    def add(
        self,
        source: str,
        language: str,
        row: Row,
        reason: str | None,
        *,
        chars_read: int | None = None,
        tokens_read: int | None = None,
        tokens: int | None = None,
        cut: Mapping[str, tuple[int, int]] | None = None,
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """Count one row (field -> text, as it was judged) as kept (`reason` None) or dropped.

        `chars_read` and `tokens_read` are those of the row as it was read, `tokens` those of `row`; what is left out
        follows from the rest. `cut` says what was taken out in between, (characters, tokens) by kind, and must
        account for the whole difference (else `AssertionError`); without it a difference counts as `repair`.
        `note` is shown with a sample and not counted, for example a score.
        """
        chars = sum(map(len, row.values()))
        cut_chars, cut_tokens = map(sum, zip(*cut.values(), strict=True)) if cut else (0, 0)
        tokens = (tokens_read or 0) - cut_tokens if tokens is None else tokens
        chars_read = chars + cut_chars if chars_read is None else chars_read
        tokens_read = tokens + cut_tokens if tokens_read is None else tokens_read
        if cut is None and (chars_read, tokens_read) != (chars, tokens):
            cut = {"repair": (chars_read - chars, tokens_read - tokens)}
        elif cut is not None:
            balance(f"characters of a document of {source}", chars_read, chars, cut_chars)
            balance(f"tokens of a document of {source}", tokens_read, tokens, cut_tokens)
        count = self._count(source, language)
        count.enter(1, chars_read, tokens_read)
        for kind, (lost_chars, lost_tokens) in (cut or {}).items():
            count.cut.setdefault(kind, Cut()).add(1, lost_chars, lost_tokens)
        if reason is None:
            count.keep(1, chars, tokens)
        else:
            count.drop(reason, 1, chars, tokens)
        self._sample(source, language, row, reason or "", note)

    def add_batch(
        self,
        source: str,
        language: str,
        texts: Sequence[str],
        reasons: Sequence[str | None],
        *,
        tokens: Sequence[int],
        chars_read: int,
        tokens_read: int,
        cut: Mapping[str, tuple[int, int, int]],
    ) -> None:
        """The same as `add` of every document {"text": texts[i]}, and several times as fast.

        tokens[i] are those of texts[i]; `chars_read`, `tokens_read` and `cut` (documents, characters, tokens) by kind
        are sums over the batch, which must balance (else `AssertionError`).
        """
        chars = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
        counted = np.asarray(tokens, dtype=np.int64)
        cut_chars, cut_tokens = (sum(amounts[which] for amounts in cut.values()) for which in (1, 2))
        balance(f"characters of a batch of {source}", chars_read, int(chars.sum()), cut_chars)
        balance(f"tokens of a batch of {source}", tokens_read, int(counted.sum()), cut_tokens)
        count = self._count(source, language)
        count.enter(len(texts), int(chars_read), int(tokens_read))
        for kind, amounts in cut.items():
            if any(amounts):
                count.cut.setdefault(kind, Cut()).add(*map(int, amounts))
        numbers: dict[str | None, int] = {}
        verdicts = np.array([numbers.setdefault(reason, len(numbers)) for reason in reasons], dtype=np.int64)
        places = ranks(source, language, texts)
        for reason, number in numbers.items():
            mine = np.flatnonzero(verdicts == number)
            lost = len(mine), int(chars[mine].sum()), int(counted[mine].sum())
            if reason is None:
                count.keep(*lost)
            else:
                count.drop(reason, *lost)
            lowest = self._lowest(reason or "")
            wanted = mine[places[mine] <= lowest.bar]
            for i in wanted[np.argsort(places[wanted])].tolist():
                if not lowest.wants(int(places[i])):
                    break
                self._sample(source, language, {"text": texts[i]}, reason or "")

    def discard(
        self,
        source: str,
        language: str,
        row: Row,
        reason: str,
        *,
        tokens: int = 0,
        note: Mapping[str, Any] | None = None,
    ) -> None:
        """A row that was added as kept, as it was added, is dropped after all: a later look found a duplicate."""
        chars = sum(map(len, row.values()))
        count = self._count(source, language)
        count.keep(-1, -chars, -tokens)
        count.drop(reason, 1, chars, tokens)
        self._forget(source, language, row)
        self._sample(source, language, row, reason, note)

    def trim(
        self, source: str, language: str, row: Row, left: Row, kind: str, *, tokens: int = 0, removed: str = ""
    ) -> None:
        """A row that was added as kept loses some of its text (`tokens` of them, `removed` as a sample) and stays."""
        chars = sum(map(len, row.values())) - sum(map(len, left.values()))
        count = self._count(source, language)
        count.keep(0, -chars, -tokens)
        count.cut.setdefault(kind, Cut()).add(1, chars, tokens)
        self._forget(source, language, row)
        self._sample(source, language, left, "")
        if removed:
            self.sample_cut(source, language, removed, kind)

    def sample_cut(self, source: str, language: str, text: str, kind: str) -> None:
        """Offer what was cut out of a document as a sample; it is counted where its document is."""
        self._sample(source, language, {"text": text}, kind, {"cut": True})

    def fault(self, source: str, language: str, reason: str, where: str, detail: str) -> None:
        """Count one document that could not be read; the first places, in natural order, are listed."""
        count = self._count(source, language)
        count.enter(1, 0, 0)
        count.drop(reason, 1, 0, 0)
        if earlier((where, detail), self._faults.setdefault((source, language, reason), [])):
            self._note_places((source, language, reason), [(where, detail)])

    def faults(self) -> dict[tuple[str, str, str], list[Place]]:
        """The first places of what could not be read, by (source, language, reason)."""
        return {asked: self._faults[asked] for asked in sorted(self._faults)}

    def merge(self, other: Funnel) -> None:
        """Take in another funnel; whatever the order of merging, the sum is the same.

        Raises `ValueError` where the two count different tokens or ask rules in different orders.
        """
        if (self.order, self.token_kind) != (other.order, other.token_kind):
            raise ValueError("funnels with different orders or kinds of tokens cannot be merged")
        for place, count in other.counts.items():
            self._count(*place).add(count)
        for reason, lowest in other._samples.items():
            self._lowest(reason).add(lowest.entries())
        self._gone.add(other._gone.entries())
        for asked, places in other._faults.items():
            self._note_places(asked, places)

    @property
    def total(self) -> Count:
        """All sources and languages together."""
        total = Count()
        for count in self.counts.values():
            total.add(count)
        return total

    def as_dict(self) -> dict[str, Any]:
        """The whole account as JSON. Refuses to leave (`AssertionError`) with a sum that is wrong."""
        total, by_source = self.total, dict[str, dict[str, Any]]()
        place_of = self._ranks(total)
        for (source, language), count in sorted(self.counts.items()):
            count.check()
            by_source.setdefault(source, {})[language] = count.as_dict(place_of)
        return {
            "total": total.as_dict(place_of),
            "by_source": by_source,
            "faults": [
                {
                    "source": source,
                    "language": language,
                    "reason": reason,
                    "documents": self.counts[source, language].dropped[reason],
                    "places": [{"where": where, "detail": detail} for where, detail in places],
                }
                for (source, language, reason), places in sorted(self._faults.items())
            ],
            "order": sorted({*total.dropped, *total.cut}, key=place_of),
            "token_kind": self.token_kind,
        }

    def line(self) -> str:
        """The account in one line for a person: `1,000 read, 900 kept, dropped 80 too_short, 20 duplicate`."""
        total = self.total
        lost = sorted(total.dropped.items(), key=lambda item: (-item[1], item[0]))
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in lost)
        return f"{total.read:,} read, {total.kept:,} kept" + (f", dropped {reasons}" if reasons else "")

    def samples(self) -> Iterator[dict[str, Any]]:
        """The sampled rows: kept ones first, then what each rule dropped and each cut took out, in the funnel's order.

        {"kept": false, "reason": "too_short", "source": "web", "language": "de", "text": "Ja."}; what was only cut out
        of a document says `"cut": true` as well.
        """
        place_of = self._ranks(self.total)
        for name in sorted(self._samples, key=lambda name: (name != "", place_of(name))):
            rows = self._samples[name].entries()
            if name == "":
                gone = {chosen: times for chosen, times, _ in self._gone.entries()}
                rows = [entry for entry in rows if entry[1] > gone.get(entry[0], 0)]
            yield from (row for _, _, row in rows[:SAMPLES])

    def to_json(self) -> dict[str, Any]:
        """Everything, unchecked, the same for the same content: what a shard leaves behind and `from_json` reads."""
        return {
            "order": list(self.order),
            "token_kind": self.token_kind,
            "counts": [[*place, count.as_dict()] for place, count in sorted(self.counts.items())],
            "samples": {name: self._samples[name].entries() for name in sorted(self._samples)},
            "gone": [[chosen, times, {}] for chosen, times, _ in self._gone.entries()],
            "faults": [[*asked, [list(place) for place in places]] for asked, places in sorted(self._faults.items())],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Funnel:
        """The funnel that `to_json` wrote."""
        funnel = cls(value["order"], value["token_kind"])
        for source, language, count in value["counts"]:
            funnel.counts[source, language] = Count.from_dict(count)
        for name, entries in value["samples"].items():
            funnel._lowest(name).add(entries)
        funnel._gone.add(value["gone"])
        for source, language, reason, places in value["faults"]:
            funnel._note_places((source, language, reason), [(where, detail) for where, detail in places])
        return funnel

    def _count(self, source: str, language: str) -> Count:
        count = self.counts.get((source, language))
        if count is None:
            count = self.counts[source, language] = Count()
        return count

    def _lowest(self, name: str) -> Lowest:
        if name not in self._samples:
            self._samples[name] = Lowest(SAMPLES if name else SAMPLES * SPARE)
        return self._samples[name]

    def _sample(self, source: str, language: str, row: Row, name: str, note: Mapping[str, Any] | None = None) -> None:
        lowest = self._samples.get(name) or self._lowest(name)
        text = _joined(row)
        if lowest.wants(place := rank(source, language, text)):
            verdict = {"kept": not name, "reason": name or None, "source": source, "language": language}
            lowest.put(key(place, text), {**verdict, **(note or {}), **{name: shown(row[name]) for name in row}})

    def _forget(self, source: str, language: str, row: Row) -> None:
        text = _joined(row)
        if self._gone.wants(place := rank(source, language, text)):
            self._gone.put(key(place, text), {})

    def _note_places(self, asked: tuple[str, str, str], places: Iterable[Place]) -> None:
        self._faults[asked] = first_places([*self._faults.get(asked, ()), *places])

    def _ranks(self, total: Count) -> Callable[[str], tuple[int, int, str]]:
        """Where a reason or a cut stands: unreadable ones, early cuts, the rules as they are asked, late cuts."""
        unreadable = {reason for _, _, reason in self._faults}
        asked = {name: place for place, name in enumerate(self.order)}

        def place_of(name: str) -> tuple[int, int, str]:
            if name in asked:
                return 2, asked[name], name
            for group, names in ((0, unreadable), (1, EARLY_CUTS), (4, LATE_CUTS)):
                if name in names:
                    return group, names.index(name) if isinstance(names, tuple) else 0, name
            return 3, -total.dropped[name], name

        return place_of


def _joined(row: Row) -> str:
    return "\x1f".join(row.values())  # the very same string where there is one field
