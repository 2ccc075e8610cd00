"""What several tests of curation need: a cleaner, verdicts, small files to curate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dragoman.corpus.clean import Cleaner
from dragoman.corpus.phrases import Lists, load_lists
from dragoman.recipe.corpus import CurateSettings

DEFAULT = CurateSettings(workers=1)


def lists_of(settings: CurateSettings) -> Lists:
    return load_lists((), settings.boilerplate_phrases, settings.blocked_patterns)


def cleaner(language: str | None, settings: CurateSettings = DEFAULT) -> Cleaner:
    """The rules of a language as a worker has them; None: the language is not checked."""
    own = settings if language is None else settings.for_language(language)
    return Cleaner(own, lists_of(own), language)


def judge(texts: Sequence[str], settings: CurateSettings = DEFAULT, language: str | None = "de") -> list[str | None]:
    """The reasons for which a batch of documents is dropped."""
    return cleaner(language, settings).clean(texts).reasons


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write_rows(path: Path, texts: Sequence[str], **fields: Any) -> Path:
    """A .jsonl file of documents."""
    path.write_text("".join(json.dumps({"text": text, **fields}) + "\n" for text in texts), encoding="utf-8")
    return path


def dropped(result: Mapping[str, Any], source: str, language: str = "de") -> dict[str, int]:
    """What a source lost, by reason."""
    lost: dict[str, int] = result["funnel"]["by_source"][source][language]["dropped"]
    return lost
