"""The writer: one commit for all that end together, durable when `do` returns, all or nothing."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from dragoman.synth.journal import Journal
from dragoman.synth.writer import Writer
from synth_world import request, requests, right


def commits(journal: Journal) -> list[str]:
    seen: list[str] = []
    journal._connection.set_trace_callback(lambda text: seen.append(text) if text == "COMMIT" else None)
    return seen


def test_changes_that_end_together_share_a_commit(tmp_path: Path) -> None:
    async def all_at_once(journal: Journal) -> int:
        writer = Writer(journal)
        await asyncio.gather(*(writer.do(partial(journal.claim, one.id)) for one in requests(100)))
        assert journal.counts()["asked"] == 100
        writer.commit()
        return len(seen)

    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.add(requests(100))
        seen = commits(journal)
        assert asyncio.run(all_at_once(journal)) <= 2


def test_a_change_is_in_the_file_when_it_is_done(tmp_path: Path) -> None:
    one = request(0)

    async def change(journal: Journal) -> int:
        writer = Writer(journal)
        await writer.do(partial(journal.claim, one.id))
        assert await writer.do(partial(journal.finish, one.id, right(one), teacher="fake", cost=None))
        found = len(seen)
        writer.commit()
        return found

    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.add(requests(1))
        seen = commits(journal)
        assert asyncio.run(change(journal)) == 2


def test_what_one_change_raises_undoes_all_of_its_commit_and_reaches_all_who_wait(tmp_path: Path) -> None:
    def fault() -> None:
        raise ZeroDivisionError

    async def together(journal: Journal) -> list[object]:
        writer = Writer(journal)
        changes = [partial(journal.claim, request(0).id), fault, partial(journal.claim, request(1).id)]
        results = await asyncio.gather(*map(writer.do, changes), return_exceptions=True)
        await writer.do(partial(journal.claim, request(1).id))
        writer.commit()
        return list(results)

    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.add(requests(2))
        assert [type(result) for result in asyncio.run(together(journal))] == [ZeroDivisionError] * 3
        assert journal.counts() == {"open": 1, "asked": 1, "done": 0, "failed": 0}


def test_what_was_gathered_is_committed_at_the_end(tmp_path: Path) -> None:
    async def gathered(journal: Journal) -> None:
        writer = Writer(journal)
        task = asyncio.create_task(writer.do(partial(journal.claim, request(0).id)))
        await asyncio.sleep(0)
        task.cancel()
        writer.commit()

    with Journal.open(tmp_path / "journal.sqlite") as journal:
        journal.add(requests(1))
        asyncio.run(gathered(journal))
        assert journal.counts()["asked"] == 1
