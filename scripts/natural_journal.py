"""Make the journal that ships: the natural pairs for training, as the answers they would be to a teacher's requests.

    python scripts/natural_journal.py            writes src/dragoman/embedded/journals/natural.jsonl.zst

The pairs were written in a conversation and not through a service (see the card beside them). So each row says who
wrote it and when, and neither tokens nor a price: nobody counted them. Only pairs for training are in it. The same
pairs give the same bytes; run it again whenever they, or the prompt, change.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from dragoman import embedded
from dragoman.io import digest_bytes
from dragoman.recipe.synthesize import SynthesizeSettings, TeacherSettings
from dragoman.sentences import split_sentences
from dragoman.synth.exchange import write_export
from dragoman.synth.items import Passage, Reply
from dragoman.synth.journal import Entry, Journal
from dragoman.synth.prompt import numbers, requests

SOURCE = "natural"
MODEL = "written for dragoman"
TEACHER = "claude (in conversation)"
WRITTEN = datetime(2026, 11, 23, tzinfo=UTC)
PASSAGES = 8  # a request: of one topic and level, as they were written


def entries() -> Iterator[Entry]:
    """The rows of the journal, in the order of the pairs."""
    rows = embedded.details("natural/train")
    english = {passage.id: row["en"] for row in rows for passage in [passage_of(row)]}
    teacher = TeacherSettings(kind="recorded", journal="embedded:natural", passages_per_request=PASSAGES)
    settings = SynthesizeSettings(teacher=teacher)
    for request in requests(map(passage_of, rows), settings, MODEL):
        passages = request.payload.passages
        said = [
            {"id": number, "text": english[passage.id]}
            for number, passage in zip(numbers(passages), passages, strict=True)
        ]
        answer = json.dumps({"translations": said}, ensure_ascii=False)
        reply = Reply(answer, 0, 0, model=MODEL, teacher=TEACHER, written=WRITTEN.timestamp())
        yield Entry(request, "done", reply, tries=1, cost=None)


def passage_of(row: dict[str, str]) -> Passage:
    """The German side of a pair; each is a document of its own."""
    return Passage.of(
        source=SOURCE,
        document=digest_bytes(row["de"].encode()),
        place=0,
        src="de",
        tgt="en",
        text=row["de"],
        sentences=len(split_sentences(row["de"], "de")),
        notes={"level": row["level"], "topic": row["topic"]},
    )


def write(path: Path) -> int:
    """Write the journal to `path`; returns how many requests it holds."""
    with tempfile.TemporaryDirectory() as folder, Journal.open(Path(folder) / "journal.sqlite") as journal:
        with journal.transaction():
            for entry in entries():
                journal.take_in(entry)
        return write_export(journal, path)


if __name__ == "__main__":
    target = embedded.journal("natural")
    print(f"{write(target):,} requests, {target.stat().st_size:,} bytes in {target.name}")
