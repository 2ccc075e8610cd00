"""The journal keeps what was answered, in the caller's order, whatever happens to the process, the disk or the file."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from dragoman.errors import DataError, RunError
from dragoman.synth.exchange import read_export, write_export
from dragoman.synth.items import Passage, Prices, Reply, Request
from dragoman.synth.journal import Added, Entry, Journal, Spent
from dragoman.synth.journal_reader import JournalReader
from synth_world import request, requests, right

PRICES = Prices(1.0, 2.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"


def answered(journal: Journal, number: int) -> None:
    one = request(number)
    journal.claim(one.id)
    journal.finish(one.id, right(one), teacher="fake", cost=0.0001)


def test_adding_again_adds_nothing_and_says_what_is_known(path: Path) -> None:
    with Journal.open(path) as journal:
        assert journal.add(requests(10)) == Added(10, 0, 0)
        answered(journal, 3)
        assert journal.add(requests(12)) == Added(2, 9, 1)
    with Journal.open(path) as journal:
        assert journal.add([request(1), request(1), request(3)]) == Added(0, 2, 1)
        assert journal.counts() == {"open": 11, "asked": 0, "done": 1, "failed": 0}


def test_a_request_is_known_by_what_is_asked_and_by_nothing_else() -> None:
    one = request(1)
    assert one.id == request(1).id == Request.from_dict(json.loads(json.dumps(one.as_dict()))).id
    others = [request(2), request(1, attempt=1), request(1, model="large"), request(1, max_tokens=100)]
    assert len({one.id, *(other.id for other in others)}) == 5
    noted = Passage(**{**vars(one.payload.passages[0]), "notes": {"level": "B1"}})
    assert Request(one.model, one.prompt, type(one.payload)(**{**vars(one.payload), "passages": (noted,)})).id == one.id


def test_what_came_is_handed_out_in_the_order_of_the_question(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(2000))
        for number in (1999, 0, 700):
            answered(journal, number)
        entries = list(journal.look_up(request(number) for number in reversed(range(2001))))
        by_id = list(journal.look_up([request(700).id, "unknown", request(0).id]))
    assert [entry.request for entry in entries] == [request(number) for number in reversed(range(2000))]
    assert [entry.request for entry in entries if entry.reply] == [request(1999), request(700), request(0)]
    assert [entry.request for entry in by_id] == [request(700), request(0)]


def test_what_was_on_its_way_at_a_kill_is_open_again_and_counts_as_spent(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(3))
        journal.claim(request(1).id)
    with Journal.open(path, PRICES) as journal:
        assert journal.counts() == {"open": 3, "asked": 0, "done": 0, "failed": 0}
        assert journal.spent() == Spent.guess(request(1), PRICES)
    with Journal.open(path, PRICES) as journal:
        assert journal.spent().requests == 1, "one loss was counted twice"


def test_an_answer_counts_once_however_often_it_comes(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(2))
        answered(journal, 0)
        one = request(0)
        assert not journal.finish(one.id, Reply("other", 9, 9), teacher="fake", cost=1.0)
        assert not journal.fail(one.id, "late", permanent=True, spent=Spent(requests=1))
        assert not journal.reopen(one.id, "late", Spent(requests=1))
        assert journal.spent() == Spent(1, 50, 30, 0.0001)
        (entry,) = journal.look_up([one])
        assert entry.reply is not None and entry.reply.text == right(one).text
        with pytest.raises(AssertionError):
            journal.claim(one.id)


def test_a_run_asks_what_it_added_and_not_what_another_left_open(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(6))
    with Journal.open(path) as journal:
        journal.add(request(number) for number in (4, 2, 9))
        assert [one for _, one in journal.waiting()] == [request(2), request(4), request(9)]


def test_open_requests_are_handed_out_piece_by_piece(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(10))
        seen, place = [], 0
        while found := journal.waiting(place, 3):
            journal.claim(found[0][1].id)
            seen += [one for _, one in found]
            place = found[-1][0]
    assert seen == list(requests(10))


def test_a_given_up_request_gets_another_chance_in_a_later_run_and_a_refused_one_does_not(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(2))
        for number, permanent in ((0, False), (1, True)):
            journal.claim(request(number).id)
            journal.fail(request(number).id, "HTTP 500", permanent=permanent, spent=Spent(requests=1))
        assert journal.add(requests(2)) == Added(0, 0, 2), "the same run would ask for ever"
    with Journal.open(path) as journal:
        assert [one.id for one in journal.unfinished(requests(3))] == [request(0).id, request(2).id]
        assert journal.add(requests(2)) == Added(0, 1, 1)


def test_a_transaction_is_written_whole_or_not_at_all(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(3))
        with pytest.raises(ZeroDivisionError), journal.transaction():
            answered(journal, 0)
            raise ZeroDivisionError
        assert journal.counts()["done"] == 0 and journal.spent() == Spent()


def test_text_that_is_no_text_is_kept(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(1))
        journal.claim(request(0).id)
        journal.finish(request(0).id, Reply("half \ud800 nul \x00 end", 1, 1), teacher="fake", cost=None)
        (entry,) = journal.look_up([request(0)])
    assert entry.reply is not None and entry.reply.text == "half ? nul \x00 end" and entry.cost is None


def test_an_export_is_the_same_again_whoever_took_it_in(path: Path, tmp_path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(700))
        for number in (5, 1, 600):
            answered(journal, number)
        journal.claim(request(2).id)
        journal.fail(request(2).id, "HTTP 400", permanent=True, spent=Spent(requests=1))
        assert write_export(journal, tmp_path / "a.jsonl") == 4
        assert write_export(journal, tmp_path / "a.jsonl.zst") == 4
    with Journal.open(tmp_path / "other.sqlite") as other:
        assert read_export(other, tmp_path / "a.jsonl.zst") == 4
        assert read_export(other, tmp_path / "a.jsonl") == 0
        assert write_export(other, tmp_path / "b.jsonl") == 4
        assert other.spent() == Spent(), "what another run paid is not spent here"
        assert other.add(requests(3)) == Added(1, 0, 2)
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()
    assert json.loads((tmp_path / "a.jsonl").read_text().splitlines()[0]) == {"journal": "dragoman", "format": 1}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"id": "x"}', "line 3 is no row of a journal"),
        (b"not json", "line 3 is not JSON"),
        (b"changed", "line 3 was changed: its id belongs to another request"),
    ],
)
def test_a_damaged_export_names_the_line(path: Path, tmp_path: Path, line: bytes, words: str) -> None:
    export = tmp_path / "a.jsonl"
    with Journal.open(path) as journal:
        journal.add(requests(2))
        answered(journal, 0)
        answered(journal, 1)
        write_export(journal, export)
    head, first, second = export.read_bytes().splitlines()
    if line == b"changed":
        line = second.replace(b"Satz 1", b"Satz 7")
    export.write_bytes(b"\n".join([head, first, line]))
    with Journal.open(tmp_path / "other.sqlite") as other, pytest.raises(DataError, match=words):
        read_export(other, export)
    export.write_bytes(first)
    with (
        Journal.open(tmp_path / "other.sqlite") as other,
        pytest.raises(DataError, match="not the export of a journal"),
    ):
        read_export(other, export)


def test_a_file_that_is_no_journal_is_refused_in_one_line(path: Path) -> None:
    path.write_bytes(b"something else altogether" * 200)
    with pytest.raises(RunError, match="the journal is damaged, or is none"):
        Journal.open(path)
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(RunError, match="not a journal of dragoman"):
        Journal.open(path)
    path.unlink()
    Journal.open(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 9")
    newer.close()
    with pytest.raises(RunError, match=r"a journal of unknown format 9 .*: update dragoman"):
        JournalReader.open(path)


def test_two_runs_cannot_share_a_journal(path: Path) -> None:
    holder = (
        "import sys; from pathlib import Path; from dragoman.synth.journal import Journal\n"
        "with Journal.open(Path(sys.argv[1])):\n    print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holder, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdout.readline() == b"open\n"
        with pytest.raises(RunError, match="another run writes to this journal"):
            Journal.open(path)
        other.communicate(b"")
    Journal.open(path).close()


def test_a_journal_is_read_where_nothing_can_be_written(path: Path) -> None:
    with Journal.open(path) as journal:
        journal.add(requests(3))
        answered(journal, 0)
    before = sorted(file.name for file in path.parent.iterdir())
    with JournalReader.open(path) as reader:
        assert [entry.state for entry in reader.entries()] == ["done", "open", "open"]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader._connection.execute("DELETE FROM requests")
        assert sorted(file.name for file in path.parent.iterdir()) == before


def test_memory_does_not_grow_with_the_rows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("journal", "journal_reader", "exchange"):
        monkeypatch.setattr(f"dragoman.synth.{module}.CHUNK", 16)

    def peak(count: int) -> int:
        tracemalloc.start()
        with Journal.open(path.with_name(f"{count}.sqlite")) as journal:
            journal.add(requests(count))
            place = handed_out = 0
            while found := journal.waiting(place, 16):
                place, handed_out = found[-1][0], handed_out + len(found)
            assert handed_out == count == sum(1 for _ in journal.entries())
            assert count == sum(1 for _ in journal.look_up(requests(count)))
            assert count == sum(1 for _ in journal.unfinished(requests(count)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is loaded at first use
    assert peak(400) < peak(100) + 300 * 500, "a row held takes more than 2,000 bytes"


def test_an_entry_of_another_journal_is_taken_in_once(path: Path) -> None:
    entry = Entry(request(0), "done", Reply("{}", 0, 0, "stop", "written for dragoman", "dragoman", 1_700_000_000.0))
    with Journal.open(path) as journal:
        assert journal.take_in(entry) and not journal.take_in(entry)
        (found,) = journal.entries()
    assert found.reply == entry.reply and found.cost is None
