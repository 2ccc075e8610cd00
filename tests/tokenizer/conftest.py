"""A small tokenizer, learned once from made-up German and English sentences."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dragoman.recipe.training import TokenizerSettings
from dragoman.runlog import RunLog
from dragoman.tokenizer import Tokenizer, train_tokenizer

GERMAN = "der Hund die Katze läuft schläft müde Straße Bahnhof Straßenbahn heute, morgen. nicht über Häuser gehört"
ENGLISH = "the dog a cat walks sleeps tired street station tram today, tomorrow. not above houses belongs"
Learn = Callable[..., dict[str, Any]]


def made_up(words: str, n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(draw.choices(words.split(), k=draw.randint(3, 9))) for _ in range(n)]


@pytest.fixture(scope="session")
def learn(tmp_path_factory: pytest.TempPathFactory) -> Learn:
    """learn(de=lines, en=lines, mono=documents, out=folder, seed=..., **settings) -> figures"""

    def run(
        de: Sequence[str] | None = None,
        en: Sequence[str] | None = None,
        mono: Sequence[str] | None = None,
        out: Path | None = None,
        seed: int = 1,
        **settings: Any,
    ) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("text")
        lines = {
            "de": made_up(GERMAN, 300, 1) if de is None else de,
            "en": made_up(ENGLISH, 300, 2) if en is None else en,
        }
        files = {language: folder / f"train.{language}" for language in lines}
        for language, file in files.items():
            file.write_text("".join(line + "\n" for line in lines[language]), encoding="utf-8")
        documents = {}
        if mono is not None:
            documents = {"de": folder / "mono.de.jsonl"}
            rows = "".join(json.dumps({"text": text}) + "\n" for text in mono)
            documents["de"].write_text(rows, encoding="utf-8")
        out = folder if out is None else out
        return train_tokenizer(
            TokenizerSettings(**settings), ("de", "en"), files, documents, out, seed, RunLog(quiet=True)
        ) | {"file": out / "tokenizer.model"}

    return run


@pytest.fixture(scope="session")
def model_file(learn: Learn) -> Path:
    file: Path = learn()["file"]
    return file


@pytest.fixture(scope="session")
def tokenizer(model_file: Path) -> Tokenizer:
    return Tokenizer.load(model_file)
