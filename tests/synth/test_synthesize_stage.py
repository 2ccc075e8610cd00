"""The synthesize stage: every passage ends as a pair or as a counted reason, and nothing is asked or lost twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import DataError, DragomanError, RunError
from dragoman.io import read_json, read_jsonl, write_jsonl
from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.runlog import RunLog
from dragoman.synth.card import CARD
from dragoman.synth.exchange import write_export
from dragoman.synth.items import Fatal, Passage, Permanent, Prices, Reply, Request, answer_text
from dragoman.synth.journal import Journal
from dragoman.synth.judge import ORDER
from dragoman.synth.stage import Task, foresee, synthesize
from dragoman.synth.teachers import Teacher, make_teacher
from synth.phrasebook import Phrasebook
from synth.synthesis import write_documents

LANGUAGES = ("de", "en")
BOOK = Phrasebook.shipped("natural/train")
WRITTEN = 1_700_000_000.0
PRICES = Prices(1.0, 2.0)
Say = Callable[[Passage, int], str]


def right(passage: Passage, attempt: int) -> str:
    return BOOK.translate(passage.text)


def some(passage: Passage, one_in: int = 4) -> bool:
    """Every fourth passage of more than a few words or so, always the same."""
    return int(passage.id[:8], 16) % one_in == 0 and len(passage.text.split()) > 4


def is_some(row: dict[str, Any], one_in: int = 4) -> bool:
    """`some` of a row of the output."""
    return int(row["passage"][:8], 16) % one_in == 0 and len(row[row["src"]].split()) > 4


class Book:
    """A teacher in this process that says what it is told to, and counts what it is asked."""

    name, model, batch = "book", "tiny", False

    def __init__(self, say: Say = right, prices: Prices | None = PRICES) -> None:
        self.say = say
        self.prices: Prices | None = prices
        self.asked: Counter[str] = Counter()
        self.checked = 0

    async def check(self) -> None:
        self.checked += 1

    async def ask(self, request: Request) -> Reply:
        self.asked[request.id] += 1
        await asyncio.sleep(0)
        texts = [self.say(passage, request.payload.attempt) for passage in request.payload.passages]
        return Reply(answer_text(texts), 100, 50, model="tiny-1", written=WRITTEN)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """A folder with documents in both languages."""
    write_documents(tmp_path, BOOK, 24, sentences=8)
    return tmp_path


def settings_of(**more: Any) -> SynthesizeSettings:
    teacher = {
        "kind": "openai",
        "model": "tiny",
        "concurrency": 4,
        "passages_per_request": 3,
        **more.pop("teacher", {}),
    }
    return SynthesizeSettings.model_validate({"teacher": teacher, "yes": True, **more})


def run(world: Path, asked: Teacher, out: str = "out", journal: str = "journal.sqlite", **more: Any) -> dict[str, Any]:
    ask = more.pop("ask", lambda question: pytest.fail("nobody is to be asked"))
    documents = {language: world / f"documents.{language}.jsonl" for language in LANGUAGES}
    task = Task("test", LANGUAGES, documents, world / journal, {"news-de": "cc0-1.0", "news-en": "cc0-1.0"})
    return synthesize(settings_of(**more), task, asked, world / out, RunLog(quiet=True), ask)


def rows_of(world: Path, out: str = "out") -> dict[str, dict[str, Any]]:
    """Every pair, by its passage."""
    found = [row for split in read_splits(world / out).values() for row in split]
    assert len({row["passage"] for row in found}) == len(found)
    return {row["passage"]: row for row in found}


def read_splits(out: Path) -> dict[str, list[dict[str, Any]]]:
    import pyarrow.parquet as pq

    return {path.stem: pq.read_table(path).to_pylist() for path in sorted((out / "data").glob("*.parquet"))}


def bytes_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((out / "data").iterdir())}


def dropped(result: dict[str, Any]) -> dict[str, int]:
    return dict(result["funnel"]["total"]["dropped"])


# Every passage is accounted for


def test_what_is_right_becomes_a_pair_with_its_provenance(world: Path) -> None:
    result = run(world, Book())
    rows = rows_of(world)
    total = result["funnel"]["total"]
    assert total["read"] == total["kept"] + sum(total["dropped"].values())
    assert len(rows) == total["kept"] > 60
    assert {row["src"] for row in rows.values()} == set(LANGUAGES)
    for row in rows.values():
        assert BOOK.translate(row[row["src"]]) == row[row["tgt"]]
        assert (row["teacher"], row["model"], row["prompt"]) == ("book", "tiny-1", "translate-v1")
        assert row["attempt"] == 0 and row["time"] == "2023-11-14T22:13:20Z"
        assert "wrong_language" in row["checks"].split()


def test_the_result_is_what_the_files_hold(world: Path) -> None:
    result = run(world, Book())
    assert read_json(world / "out" / "synthesis.json") == result
    splits = read_splits(world / "out")
    counted = {
        split: dict(sorted(Counter(f"{row['src']}-{row['tgt']}" for row in found).items()))
        for split, found in splits.items()
    }
    assert result["pairs"] == {split: counted[split] for split in result["pairs"]} and len(counted) == len(splits)
    assert result["tokens_in"] == 100 * result["requests"] and result["answers"] == result["requests"]
    assert result["cost"] == pytest.approx(result["requests"] * (100 * 1 + 50 * 2) / 1e6)
    card = (world / "out" / CARD).read_text(encoding="utf-8")
    assert "license: cc0-1.0" in card and f"{result['funnel']['total']['kept']:,} pairs" in card
    samples = list(read_jsonl(world / "out" / "samples.jsonl"))
    assert samples and {"kept", "reason", "source", "language", "de", "en"} <= set(samples[0])


FAULTS: dict[str, tuple[Callable[[Passage], str], str]] = {
    "empty text": (lambda passage: "", "empty"),
    "not translated": (lambda passage: passage.text, "copied"),
    "a comment": (lambda passage: f"Here is the translation: {BOOK.translate(passage.text)}", "preamble"),
    "a fence": (lambda passage: f"```\n{BOOK.translate(passage.text)}\n```", "markdown"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_answer_is_dropped_with_its_reason(world: Path, fault: str) -> None:
    say, reason = FAULTS[fault]
    before = run(world, Book(), "good", "good.sqlite")
    result = run(world, Book(lambda passage, attempt: say(passage) if some(passage) else right(passage, attempt)))
    bad = {id for id, row in rows_of(world, "good").items() if is_some(row)}
    assert bad and set(rows_of(world)) == set(rows_of(world, "good")) - bad
    assert dropped(result)[reason] >= len(bad) + dropped(before).get(reason, 0) - len(bad) // 4
    assert result["funnel"]["total"]["read"] == before["funnel"]["total"]["read"]


def test_reasons_are_listed_in_the_order_in_which_they_are_asked(world: Path) -> None:
    def say(passage: Passage, attempt: int) -> str:
        return ("" if some(passage, 3) else passage.text) if some(passage, 2) else right(passage, attempt)

    order = run(world, Book(say))["funnel"]["order"]
    assert order == sorted(order, key=ORDER.index) and {"empty", "copied"} <= set(order)


def test_the_same_pair_from_both_directions_is_kept_once(world: Path) -> None:
    sentences = BOOK.sentences["de"][:40]
    for language, texts in (("de", sentences), ("en", [BOOK.translate(text) for text in sentences])):
        rows = [{"text": " ".join(texts[i : i + 4]), "source": "x"} for i in range(0, 40, 4)]
        write_jsonl(world / f"documents.{language}.jsonl", rows)
    result = run(world, Book(), sentences=(4, 4))
    assert result["funnel"]["total"]["read"] == 20
    assert result["funnel"]["total"]["kept"] == 10 and dropped(result) == {"duplicate": 10}


# The second question


def test_what_failed_is_asked_once_more_alone_and_stricter(world: Path) -> None:
    systems: dict[str, set[int]] = {}

    class Listening(Book):
        async def ask(self, request: Request) -> Reply:
            payload = request.payload
            systems.setdefault(payload.system, set()).add(len(payload.passages) if payload.attempt else 0)
            return await super().ask(request)

    teacher = Listening(lambda passage, attempt: "" if some(passage) and not attempt else right(passage, attempt))
    result = run(world, teacher)
    good = run(world, Book(), "good", "good.sqlite")
    assert result["asked_again"] == sum(map(some, _planned(world))) + good["asked_again"]
    again = [row for row in rows_of(world).values() if row["attempt"] == 1]
    assert len(again) == result["second_answers"] > 10
    assert {id for id, row in rows_of(world).items() if row["attempt"] == 1} == {row["passage"] for row in again}
    assert set(rows_of(world)) == set(rows_of(world, "good"))
    assert sorted(map(sorted, systems.values())) == [[0], [0], [1], [1]]  # both directions, each with its stricter one


def _planned(world: Path) -> list[Passage]:
    """All passages that were asked for."""
    with Journal.open(world / "good.sqlite") as journal:
        entries = [entry for entry in journal.entries() if entry.request.payload.attempt == 0]
    return [passage for entry in entries for passage in entry.request.payload.passages]


def test_the_last_answer_names_the_reason(world: Path) -> None:
    def say(passage: Passage, attempt: int) -> str:
        return (passage.text if attempt else "") if some(passage) else right(passage, attempt)

    result = run(world, Book(say))
    assert dropped(result)["copied"] > 10 and "empty" not in dropped(result)


def test_nothing_is_asked_again_where_the_recipe_says_so(world: Path) -> None:
    teacher = Book(lambda passage, attempt: "" if some(passage) and not attempt else right(passage, attempt))
    result = run(world, teacher, ask_again=False)
    assert result["asked_again"] == 0 and dropped(result)["empty"] > 10


def test_a_request_that_can_never_work_costs_only_the_passage_that_is_to_blame(world: Path) -> None:
    class Choosy(Book):
        async def ask(self, request: Request) -> Reply:
            if any(some(passage, 8) for passage in request.payload.passages):
                raise Permanent("HTTP 400")
            return await super().ask(request)

    result = run(world, Choosy())
    run(world, Book(), "good", "good.sqlite")
    lost = set(rows_of(world, "good")) - set(rows_of(world))
    assert lost == {id for id, row in rows_of(world, "good").items() if is_some(row, 8)} != set()
    assert dropped(result)["no_answer"] >= len(lost) and set(result["errors"]) == {"HTTP 400"}
    samples = [row for row in read_jsonl(world / "out" / "samples.jsonl") if row["reason"] == "no_answer"]
    assert samples and {row["error"] for row in samples} == {"HTTP 400"}


# What was paid for is never asked again


def test_another_run_with_other_checks_asks_nothing(world: Path) -> None:
    run(world, Book())
    teacher = Book()
    result = run(world, teacher, "again", checks={"max_length_ratio": 1.05, "length_slack": 0}, ask_again=False)
    assert not teacher.asked and not teacher.checked
    assert dropped(result)["length_ratio"] > 30


def test_another_prompt_or_wish_asks_anew_and_leaves_the_old_answers(world: Path) -> None:
    run(world, Book())
    teacher = Book()
    run(world, teacher, "again", style="formal")
    assert len(teacher.asked) > 30
    back = Book()
    run(world, back, "back")
    assert not back.asked and bytes_of(world / "back") == bytes_of(world / "out")


def test_a_cap_stops_the_run_cleanly_and_a_higher_one_goes_on(world: Path) -> None:
    run(world, Book(), "whole", "whole.sqlite")
    first = Book()
    result = run(world, first, max_requests=20)
    assert result["stopped"] == "max_requests of 20" and sum(first.asked.values()) == 20 == result["answers"]
    assert dropped(result)["not_asked"] > 20 and result["funnel"]["total"]["kept"] > 20
    second = Book()
    result = run(world, second, "more")
    assert result["stopped"] is None and not set(first.asked) & set(second.asked)
    assert bytes_of(world / "more") == bytes_of(world / "whole")


@pytest.mark.parametrize("error", [Fatal("the key was withdrawn"), KeyboardInterrupt()])
def test_a_run_that_broke_off_goes_on_and_ends_the_same(world: Path, error: BaseException) -> None:
    def fragile(passage: Passage, attempt: int) -> str:
        if sum(broken.asked.values()) > 20:
            raise error
        return "" if some(passage) and not attempt else right(passage, attempt)

    def whole(passage: Passage, attempt: int) -> str:
        return "" if some(passage) and not attempt else right(passage, attempt)

    broken = Book(fragile)
    with pytest.raises(type(error)):
        run(world, broken)
    rest = Book(whole)
    run(world, rest)
    run(world, Book(whole), "whole", "whole.sqlite")
    assert bytes_of(world / "out") == bytes_of(world / "whole")
    twice = set(broken.asked) & set(rest.asked)
    assert len(twice) <= 4  # those on their way


def test_who_answers_sooner_changes_nothing(world: Path) -> None:
    class Slow(Book):
        async def ask(self, request: Request) -> Reply:
            await asyncio.sleep(int(request.id[:4], 16) / 0xFFFF / 50)
            return await super().ask(request)

    def say(passage: Passage, attempt: int) -> str:
        return "" if some(passage) and not attempt else right(passage, attempt)

    run(world, Book(say), "a", "a.sqlite")
    run(world, Slow(say), "b", "b.sqlite", teacher={"concurrency": 32})
    assert bytes_of(world / "a") == bytes_of(world / "b")


# Money


def test_the_first_question_that_costs_is_confirmed(world: Path) -> None:
    asked: list[str] = []

    def answer(value: bool | None) -> Callable[[str], bool | None]:
        return lambda question: asked.append(question) or value

    for value, words in ((False, "not asked"), (None, "nobody is here")):
        teacher = Book()
        with pytest.raises(RunError, match=words):
            run(world, teacher, yes=False, ask=answer(value))
        assert not teacher.asked and not list(world.glob("journal*"))
    run(world, Book(), yes=False, ask=answer(True))
    assert len(asked) == 3
    run(world, Book(), "again", yes=False)  # all is in the journal: nothing to confirm


def test_what_is_free_is_not_confirmed(world: Path) -> None:
    run(world, Book(prices=Prices(0, 0)), yes=False)


def test_a_cost_that_nobody_knows_cannot_be_capped(world: Path) -> None:
    teacher = Book(prices=None)
    with pytest.raises(DragomanError, match="max_cost"):
        run(world, teacher, max_cost=1.0)
    assert not teacher.asked
    assert run(world, teacher)["cost"] is None


def test_an_estimate_asks_and_writes_nothing(world: Path) -> None:
    documents = {language: world / f"documents.{language}.jsonl" for language in LANGUAGES}
    task = Task("test", LANGUAGES, documents, world / "journal.sqlite")
    before = sorted(world.rglob("*"))
    whole, left = foresee(settings_of(), task, Book())
    assert whole == left and sorted(world.rglob("*")) == before
    result = run(world, Book(), max_requests=20)
    assert whole.passages == result["funnel"]["total"]["read"]
    again, left = foresee(settings_of(), task, Book())
    assert again == whole and left.requests == whole.requests - 20
    assert 0 < left.cost < whole.cost  # type: ignore[operator]


# Nothing to do, and nothing left


def test_a_teacher_that_cannot_work_says_so_before_any_work(world: Path) -> None:
    class Locked(Book):
        async def check(self) -> None:
            raise Fatal("no key", do="set OPENAI_API_KEY")

    (world / "documents.de.jsonl").write_text("no JSON: it is not read", encoding="utf-8")
    with pytest.raises(Fatal, match="set OPENAI_API_KEY"):
        run(world, Locked())
    assert not list(world.glob("journal*"))


def test_documents_without_a_passage_are_an_error(world: Path) -> None:
    for language in LANGUAGES:
        write_jsonl(world / f"documents.{language}.jsonl", [{"text": "Ja", "source": "x"}])
    with pytest.raises(DataError, match="no passage to translate"):
        run(world, Book())


def test_a_run_without_a_single_pair_is_an_error_that_names_the_reasons(world: Path) -> None:
    with pytest.raises(DataError, match=r"no passage became a training pair: .* empty") as caught:
        run(world, Book(lambda passage, attempt: ""))
    assert "\n" not in str(caught.value)
    assert not (world / "out" / "synthesis.json").exists()


# Replayed


@pytest.mark.parametrize("form", ["sqlite", "jsonl", "jsonl.zst"])
def test_a_journal_that_is_replayed_gives_the_same_pairs(world: Path, form: str) -> None:
    teacher = Book(lambda passage, attempt: "" if some(passage) and not attempt else right(passage, attempt))
    result = run(world, teacher)
    path = world / "journal.sqlite"
    if form != "sqlite":
        path = world / f"journal.{form}"
        with Journal.open(world / "journal.sqlite") as journal:
            write_export(journal, path)
    before = path.read_bytes()
    replay = {"kind": "recorded", "model": None, "journal": str(path)}
    settings = settings_of(teacher=replay)
    task = Task("test", LANGUAGES, {}, world / "new" / "journal.sqlite")
    again = synthesize(
        settings, task, make_teacher(settings.teacher, journal=path), world / "new" / "out", RunLog(quiet=True)
    )
    assert bytes_of(world / "new" / "out") == bytes_of(world / "out")
    assert again["funnel"] == result["funnel"] and again["second_answers"] == result["second_answers"] > 0
    assert path.read_bytes() == before and again["cost"] == 0


def test_a_replay_keeps_to_the_directions_and_the_number_of_passages(world: Path) -> None:
    run(world, Book())
    path = world / "journal.sqlite"
    settings = settings_of(
        teacher={"kind": "recorded", "model": None, "journal": str(path)}, directions=("en-de",), passages=30
    )
    task = Task("test", LANGUAGES, {}, world / "new" / "journal.sqlite")
    teacher = make_teacher(settings.teacher, journal=path)
    result = synthesize(settings, task, teacher, world / "new" / "out", RunLog(quiet=True))
    assert list(result["funnel"]["by_source"]["news-en"]) == ["en-de"] and len(result["funnel"]["by_source"]) == 1
    assert 27 < result["funnel"]["total"]["read"] <= 30
