"""Nothing is lost in the funnel, and neither shards nor the order of events show in it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from dragoman.corpus.account import waterfall
from dragoman.corpus.funnel import SAMPLES, Funnel
from dragoman.corpus.samples import PLACES

ORDER = ("too_short", "duplicate_lines", "wrong_language", "duplicate", "near_duplicate")


def fill(rows: list[tuple[str, str | None]]) -> Funnel:
    funnel = Funnel()
    for text, reason in rows:
        funnel.add("src", "de", {"text": text}, reason)
    return funnel


def rows(count: int) -> list[tuple[str, str | None]]:
    rng = random.Random(count)
    return [(f"Text {i} {'x' * rng.randint(0, 9)}", rng.choice([None, "too_short", "duplicate"])) for i in range(count)]


def balances(account: dict[str, Any]) -> bool:
    parts = [part for source in account["by_source"].values() for part in source.values()]
    for part in (account["total"], *parts):
        cut = {unit: sum(cut[unit] for cut in part["cut"].values()) for unit in ("chars", "tokens")}
        lost = {name: sum(part[name].values()) for name in ("dropped", "chars_dropped", "tokens_dropped")}
        assert part["read"] == part["kept"] + lost["dropped"]
        assert part["chars_read"] == part["chars_kept"] + lost["chars_dropped"] + cut["chars"]
        assert part["tokens_read"] == part["tokens_kept"] + lost["tokens_dropped"] + cut["tokens"]
        assert list(part["dropped"]) == list(part["chars_dropped"]) == list(part["tokens_dropped"])
    for name in ("read", "kept", "chars_read", "chars_kept", "tokens_read", "tokens_kept"):
        assert account["total"][name] == sum(part[name] for part in parts)
    return True


def test_read_is_kept_plus_dropped_in_all_and_by_source() -> None:
    funnel = Funnel()
    for i, (text, reason) in enumerate(rows(300)):
        funnel.add(f"s{i % 3}", "de" if i % 2 else "en", {"text": text}, reason, chars_read=len(text) + 1)
    account = funnel.as_dict()
    assert balances(account) and len(account["by_source"]) == 3
    assert account["total"]["chars_read"] == sum(len(text) + 1 for text, _ in rows(300))
    assert account["total"]["chars_kept"] == sum(len(text) for text, reason in rows(300) if reason is None)
    assert account["total"]["cut"] == {"repair": {"documents": 300, "chars": 300, "tokens": 0}}


@pytest.mark.parametrize("name", ["read", "kept", "chars_read", "chars_kept", "tokens_read", "tokens_kept"])
def test_a_figure_that_was_lost_is_noticed(name: str) -> None:
    funnel = fill(rows(10))
    setattr(funnel.counts["src", "de"], name, getattr(funnel.counts["src", "de"], name) + 1)
    with pytest.raises(AssertionError, match="does not balance"):
        funnel.as_dict()


@pytest.mark.parametrize("cut", [{}, {"furniture": (4, 1)}, {"furniture": (5, 0)}, {"furniture": (5, 2)}])
def test_a_cut_must_account_for_the_whole_difference(cut: dict[str, tuple[int, int]]) -> None:
    one, many = Funnel(), Funnel()
    with pytest.raises(AssertionError, match="does not balance"):
        one.add("web", "de", {"text": "x" * 10}, None, chars_read=15, tokens_read=3, tokens=2, cut=cut)
    sums = {kind: (1, *lost) for kind, lost in cut.items()}
    with pytest.raises(AssertionError, match="does not balance"):
        many.add_batch("web", "de", ["x" * 10], [None], tokens=[2], chars_read=15, tokens_read=3, cut=sums)
    assert one.counts == many.counts == {}
    one.add("web", "de", {"text": "x" * 10}, None, chars_read=15, tokens_read=3, tokens=2, cut={"furniture": (5, 1)})
    assert balances(one.as_dict())


def test_more_cannot_be_discarded_than_was_kept() -> None:
    funnel = Funnel()
    funnel.add("web", "de", {"text": "a"}, None)
    funnel.discard("web", "de", {"text": "a"}, "duplicate")
    assert funnel.as_dict()["total"]["dropped"] == {"duplicate": 1}
    funnel.discard("web", "de", {"text": "a"}, "duplicate")
    with pytest.raises(AssertionError, match="more was dropped than was kept"):
        funnel.as_dict()


@dataclass
class Document:
    """What happens to one document: in its shard, and later."""

    source: str
    text: str
    reason: str | None
    cut: dict[str, tuple[int, int]] = field(default_factory=dict)
    trimmed: str | None = None
    later: str | None = None

    def read(self) -> dict[str, Any]:
        chars, tokens = (sum(lost[i] for lost in self.cut.values()) for i in (0, 1))
        words = len(self.text.split())
        figures = {"chars_read": len(self.text) + chars, "tokens_read": words + tokens, "tokens": words}
        return {**figures, "cut": self.cut}

    def enter(self, funnel: Funnel) -> None:
        funnel.add(self.source, "de", {"text": self.text}, self.reason, **self.read())

    def settle(self, funnel: Funnel) -> None:
        """What is found out once all shards are done: repeated lines are cut, then duplicates dropped."""
        left = self.trimmed or self.text
        if self.trimmed:
            words = len(self.text.split()) - len(left.split())
            row, rest = {"text": self.text}, {"text": left}
            funnel.trim(self.source, "de", row, rest, "repeated_line", tokens=words, removed=self.text[len(left) :])
        if self.later:
            funnel.discard(self.source, "de", {"text": left}, self.later, tokens=len(left.split()))

    def at_once(self, funnel: Funnel) -> None:
        """The same, known beforehand."""
        self.enter(funnel)
        self.settle(funnel)


def documents(rng: random.Random, number: int) -> list[Document]:
    def document(i: int) -> Document:
        words = [rng.choice(["Haus", "Baum", "sehr", "3", "été"]) for _ in range(rng.randint(1, 6))]
        text = " ".join(["Wort", *words, str(rng.randrange(number))])
        reason = rng.choice([None, None, "too_short", "wrong_language", "duplicate_lines"])
        cut = {kind: (rng.randint(-2, 9), rng.randint(-1, 3)) for kind in ("repair", "furniture") if rng.random() < 0.4}
        made = Document(rng.choice("abc"), text, reason, cut)
        if reason is None:
            made.trimmed = "Wort" if rng.random() < 0.1 else None
            made.later = rng.choice([None, None, "duplicate", "near_duplicate"])
        return made

    return [document(i) for i in range(number)]


def shards(rng: random.Random, given: list[Any], enter: Callable[[Any, Funnel], None], into: Funnel) -> Funnel:
    """`given` in random parts, each in a funnel of its own that has been a file, merged in random order."""
    parts = [Funnel(ORDER) for _ in range(rng.randint(1, 7))]
    for one in rng.sample(given, len(given)):
        enter(one, rng.choice(parts))
    for part in rng.sample(parts, len(parts)):
        read = Funnel.from_json(json.loads(json.dumps(part.to_json())))
        assert read.to_json() == part.to_json() and list(read.samples()) == list(part.samples())
        into.merge(read)
    return into


@pytest.mark.parametrize("seed", range(12))
def test_shards_in_any_order_are_the_one_funnel(seed: int) -> None:
    rng = random.Random(seed)
    given, faults = documents(rng, 600), [(f"f.txt line {rng.randrange(99)}", str(i)) for i in range(40)]
    whole = Funnel(ORDER)
    for one in given:
        one.at_once(whole)
    for place in faults:
        whole.fault("a", "de", "not_utf8", *place)
    merged = shards(rng, given, Document.enter, Funnel(ORDER))
    shards(rng, faults, lambda place, part: part.fault("a", "de", "not_utf8", *place), merged)
    shards(rng, given, Document.settle, merged)  # a funnel of its own for what is decided later, negative by itself
    assert json.dumps(merged.to_json()) == json.dumps(whole.to_json())
    assert merged.as_dict() == whole.as_dict() and balances(merged.as_dict())
    assert list(merged.samples()) == list(whole.samples())


@pytest.mark.parametrize("seed", range(4))
def test_a_batch_counts_like_its_documents(seed: int) -> None:
    rng = random.Random(seed)
    given = documents(rng, 200)
    one, many = Funnel(ORDER), Funnel(ORDER)
    for name in "abc":
        batch = [doc for doc in given if doc.source == name]
        for doc in batch:
            doc.enter(one)
        read = [doc.read() for doc in batch]
        cut = {
            kind: (len(lost), sum(chars for chars, _ in lost), sum(tokens for _, tokens in lost))
            for kind in ("repair", "furniture")
            for lost in [[doc.cut[kind] for doc in batch if kind in doc.cut]]
        }
        many.add_batch(
            name, "de", [doc.text for doc in batch], [doc.reason for doc in batch],
            tokens=[row["tokens"] for row in read], cut=cut,
            chars_read=sum(row["chars_read"] for row in read), tokens_read=sum(row["tokens_read"] for row in read),
        )  # fmt: skip
    assert many.to_json() == one.to_json()


def test_the_kept_samples_are_those_kept_to_the_end() -> None:
    """Four in five documents fall later; the samples are the ones that an account of the survivors would show."""
    texts = [f"Text {i}" for i in range(2000)]
    late, survivors = Funnel(), Funnel()
    for text in texts:
        late.add("web", "de", {"text": text}, None)
    for i, text in enumerate(texts):
        if i % 5:
            late.discard("web", "de", {"text": text}, "duplicate")
        else:
            survivors.add("web", "de", {"text": text}, None)
    shown = [row for row in late.samples() if row["kept"]]
    expected = list(survivors.samples())
    assert expected[: len(shown)] == shown and len(shown) >= SAMPLES // 2


def test_of_two_equal_texts_the_one_that_stays_is_still_a_sample() -> None:
    funnel = Funnel()
    for _ in range(2):
        funnel.add("web", "de", {"text": "a"}, None)
    funnel.discard("web", "de", {"text": "a"}, "duplicate")
    assert [row["reason"] for row in funnel.samples()] == [None, "duplicate"]


def test_samples_are_few_different_and_do_not_depend_on_the_order() -> None:
    given = rows(500)
    shuffled = given * 2
    random.Random(1).shuffle(shuffled)
    first, second = (list(fill(order).samples()) for order in (given, shuffled))
    assert first == second
    count: dict[Any, int] = {}
    for row in first:
        assert row["kept"] == (row["reason"] is None) and (row["text"], row["reason"]) in given
        count[row["reason"]] = count.get(row["reason"], 0) + 1
    assert count == {None: SAMPLES, "too_short": SAMPLES, "duplicate": SAMPLES}


def test_texts_that_differ_in_the_middle_only_are_different_samples() -> None:
    texts = [f"{'a' * 100}{i:03d}{'b' * 100}" for i in range(10)]
    assert sorted(row["text"] for row in fill([(text, None) for text in texts]).samples()) == texts


def test_a_sample_shows_its_head_its_note_and_can_be_written_to_a_file() -> None:
    funnel = Funnel()
    funnel.add("web", "de", {"text": "x" * 5000}, None)
    funnel.add("web", "de", {"text": "half a \ud83d"}, "low_score", note={"score": 4.5})
    funnel.sample_cut("web", "de", "Startseite", "furniture")
    shown = {row["reason"]: row for row in funnel.samples()}
    kept, dropped, cut = shown[None], shown["low_score"], shown["furniture"]
    assert kept["text"].endswith("x…") and len(kept["text"]) == 2001
    assert dropped["score"] == 4.5 and dropped["text"].encode()
    assert cut["cut"] and cut["reason"] == "furniture" and not cut["kept"]
    assert funnel.total.read == 2


def test_faults_are_counted_and_the_first_places_named() -> None:
    funnel = Funnel(ORDER)
    for number in (30, 9, 10, 200, 8, 7, 31):
        funnel.fault("web", "de", "not_utf8", f"web.txt line {number}", "byte 0xe4")
    funnel.fault("web", "de", "damaged_file", "b.gz", "ends early")
    account = funnel.as_dict()
    assert balances(account)
    assert account["total"]["dropped"] == {"damaged_file": 1, "not_utf8": 7} and account["total"]["chars_read"] == 0
    damaged, broken = account["faults"]
    assert damaged["documents"] == 1 and damaged["places"] == [{"where": "b.gz", "detail": "ends early"}]
    assert broken["documents"] == 7 and len(broken["places"]) == PLACES
    assert [place["where"][13:] for place in broken["places"]] == ["7", "8", "9", "10", "30"]


def planted(order: tuple[str, ...]) -> Funnel:
    funnel = Funnel(order)
    funnel.fault("web", "de", "not_json", "f line 1", "")
    read = {"chars_read": 15, "tokens_read": 4, "tokens": 2, "cut": {"furniture": (5, 2)}}
    for reason in ("wrong_language", "wrong_language", "too_short", "odd", None):
        funnel.add("web", "de", {"text": f"{reason or 'kept'!s:>10.10}"}, reason, **read)
    row, left = {"text": "      kept"}, {"text": "kept"}
    funnel.trim("web", "de", row, left, "repeated_line", tokens=1)
    return funnel


def test_the_waterfall_follows_the_rules_and_ends_at_what_was_kept() -> None:
    steps = waterfall(planted(ORDER).as_dict())
    assert [(row["step"], row["kind"]) for row in steps] == [
        ("read", "read"), ("not_json", "fault"), ("furniture", "cut"), ("too_short", "drop"),
        ("wrong_language", "drop"), ("odd", "drop"), ("repeated_line", "cut"), ("kept", "kept"),
    ]  # fmt: skip
    assert [row["documents_left"] for row in steps] == [6, 5, 5, 4, 2, 1, 1, 1]
    assert [row["chars_left"] for row in steps] == [75, 75, 50, 40, 20, 10, 4, 4]
    assert [row["tokens_left"] for row in steps] == [20, 20, 10, 8, 4, 2, 1, 1]
    assert [row["documents"] for row in steps] == [0, 1, 5, 1, 2, 1, 1, 0]
    unordered = [row["step"] for row in waterfall(planted(()).as_dict())]
    assert unordered[1:-1] == ["not_json", "furniture", "wrong_language", "odd", "too_short", "repeated_line"]
    cut_first = [row["step"] for row in waterfall(planted(("repeated_line", *ORDER, "furniture")).as_dict())]
    assert cut_first[1:5] == ["not_json", "repeated_line", "too_short", "wrong_language"]


def test_funnels_of_different_rules_are_not_mixed() -> None:
    for other in (Funnel(ORDER), Funnel(token_kind="pieces")):
        with pytest.raises(ValueError, match="cannot be merged"):
            Funnel().merge(other)


def test_the_line_says_it_all() -> None:
    assert fill([("a", None), ("b", "empty"), ("c", "empty")]).line() == "3 read, 1 kept, dropped 2 empty"
    assert Funnel().line() == "0 read, 0 kept"
