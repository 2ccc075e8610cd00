"""A whole synthesis against a local server, as a function and as a process that can be killed.

write_documents(folder, book, 60)                      documents.de.jsonl and documents.en.jsonl
synthesise(folder, server.url)                         the stage: folder/out, folder/journal.sqlite
PYTHONPATH=src:tests python -m synth.synthesis FOLDER '{"base_url": ...}'
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from dragoman.recipe.synthesize import SynthesizeSettings
from dragoman.runlog import RunLog
from dragoman.synth.manners import Manners
from dragoman.synth.stage import Task, synthesize
from dragoman.synth.teachers import make_teacher
from synth.phrasebook import Phrasebook

LANGUAGES = ("de", "en")
SPLITS = ("train", "dev", "test")


def write_documents(folder: Path, book: Phrasebook, count: int, sentences: int = 9) -> None:
    """`count` documents in each language."""
    for language in LANGUAGES:
        rows = (
            json.dumps({"text": text, "source": f"news-{language}"}, ensure_ascii=False)
            for text in book.documents(language, count, sentences)
        )
        folder.joinpath(f"documents.{language}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")


def settings_of(teacher: Mapping[str, Any], **more: Any) -> SynthesizeSettings:
    """The section `synthesize`."""
    return SynthesizeSettings.model_validate(
        {"teacher": {"kind": "openai", "model": "tiny", **teacher}, "yes": True} | more
    )


def documents(folder: Path) -> dict[str, Path]:
    return {language: folder / f"documents.{language}.jsonl" for language in LANGUAGES}


def synthesise(folder: Path, teacher: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Run the stage on the documents in `folder`, with little patience; its result."""
    settings, out = settings_of(teacher, **more), folder / "out"
    task = Task("test", LANGUAGES, documents(folder), folder / "journal.sqlite")
    manners = replace(Manners.of(settings.teacher), first_wait_s=0.02, poll_s=0.05, longest_poll_s=0.05)
    out.mkdir(exist_ok=True)
    with mock.patch.object(Manners, "of", return_value=manners):
        return synthesize(settings, task, make_teacher(settings.teacher), out, RunLog(quiet=True))


def pairs(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """The pairs of every split, in their order, without the time of their writing."""
    from pyarrow import parquet

    found = {}
    for split in SPLITS:
        path = folder / "out" / "data" / f"{split}.parquet"
        rows = parquet.read_table(path).to_pylist() if path.exists() else []
        found[split] = [{name: value for name, value in row.items() if name != "time"} for row in rows]
    return found


if __name__ == "__main__":
    synthesise(Path(sys.argv[1]), **json.loads(sys.argv[2]))
