"""Learning a vocabulary: its size, what it reads, and what it says about text it cannot use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import DataError, DragomanError
from dragoman.tokenizer import Tokenizer, automatic_vocab_size
from dragoman.tokenizer.learning import LONGEST_SENTENCE, TRAINER_RESERVED, cut, evenly

Learn = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("characters", "pieces"),
    [
        (0, 1024),
        (1_000, 1024),
        (260_000, 1024),
        (400_000, 1280),
        (1_000_000, 2048),
        (4_000_000, 4096),
        (16_000_000, 7936),
        (100_000_000, 19968),
        (250_000_000, 31744),
        (256_000_000, 32000),
        (10**12, 32000),
    ],
)
def test_the_automatic_size(characters: int, pieces: int) -> None:
    assert automatic_vocab_size(characters) == pieces


def test_a_size_asked_for_is_the_size_got(learn: Learn) -> None:
    figures = learn(vocab_size=380)
    assert figures["vocab_size"] == 380 == Tokenizer.load(figures["file"]).vocab_size


@pytest.mark.parametrize(
    ("size", "complaint"),
    [
        (
            8000,
            r"8000 pieces is too large for the training text \(tokenizer.vocab_size\): the largest possible value is ",
        ),
        (
            100,
            r"100 pieces is too small for the training text \(tokenizer.vocab_size\): the smallest possible value is ",
        ),
        (0, "0 pieces is too small"),
        (-3, "-3 pieces is too small"),
    ],
)
def test_a_size_the_text_does_not_allow_names_the_one_it_does(learn: Learn, size: int, complaint: str) -> None:
    with pytest.raises(DragomanError, match=complaint) as caught:
        learn(vocab_size=size)
    assert "\n" not in str(caught.value)
    possible = int(str(caught.value).split("possible value is ")[1].split(";")[0])
    assert learn(vocab_size=possible)["vocab_size"] == possible


def test_auto_takes_what_is_possible(learn: Learn) -> None:
    assert learn(vocab_size="auto")["vocab_size"] < 1024
    many = [chr(0x4E00 + i) for i in range(1500)]
    assert learn(de=many, vocab_size="auto", character_coverage=1.0)["vocab_size"] > 1024 + 700


@pytest.mark.parametrize("lines", [[], ["", " ", "\t"]])
def test_no_text_is_one_line(learn: Learn, lines: list[str]) -> None:
    with pytest.raises(DataError, match="no text to learn a vocabulary from") as caught:
        learn(de=lines, en=lines)
    assert "train.de" in str(caught.value) and "\n" not in str(caught.value)


def test_documents_count_as_text(learn: Learn) -> None:
    plain, more = learn(), learn(mono=["Xylophon xylophon.\n\nXylophon!\n" * 30, ""])
    assert more["sentences"] == plain["sentences"] + 60
    assert more["characters"] > plain["characters"]
    assert len(Tokenizer.load(more["file"]).encode("Xylophon")) < len(Tokenizer.load(plain["file"]).encode("Xylophon"))
    assert learn(mono=[])["sentences"] == plain["sentences"]


def test_the_same_text_gives_the_same_model(learn: Learn) -> None:
    assert learn()["file"].read_bytes() == learn()["file"].read_bytes()


def test_the_seed_chooses_the_sentences_when_there_are_too_many(learn: Learn) -> None:
    models = [learn(seed=seed, max_sentences=120)["file"].read_bytes() for seed in (1, 1, 2)]
    assert models[0] == models[1] != models[2]
    assert learn(max_sentences=120)["sentences_used"] == 120


@pytest.mark.parametrize("total", [1, 7, 100])
@pytest.mark.parametrize("wanted", [1, 3, 7, 99, 100, 500])
@pytest.mark.parametrize("offset", [0.0, 0.5, 0.999])
def test_evenly_takes_as_many_as_wanted_at_even_distances(total: int, wanted: int, offset: float) -> None:
    taken = [int(item) for item in evenly(map(str, range(total)), total, wanted, offset)]
    assert len(taken) == min(total, wanted) and taken == sorted(set(taken))
    distances = [b - a for a, b in pairwise(taken)]
    assert max(distances, default=0) - min(distances, default=0) <= 1


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("", [""]),
        ("abc", ["abc"]),
        ("abcd", ["abc", "d"]),
        ("ab cd", ["ab", " cd"]),
        ("abc de", ["abc", " de"]),
        (" abcd", [" ab", "cd"]),
        ("a b c d", ["a b", " c", " d"]),
    ],
)
def test_long_lines_are_cut_and_nothing_is_lost(line: str, parts: list[str]) -> None:
    assert list(cut(line, 3)) == parts


def test_the_trainer_hears_long_lines_and_lines_with_its_mark(learn: Learn) -> None:
    long, four_bytes_each = " ".join(["Quittenbrot"] * LONGEST_SENTENCE), "\U0001f600" * 2 * LONGEST_SENTENCE
    file = learn(de=[long, four_bytes_each, f"Xylophon {TRAINER_RESERVED}"], character_coverage=1.0)["file"]
    tokenizer = Tokenizer.load(file)
    assert not any(map(tokenizer.is_byte, tokenizer.encode("Quittenbrot \U0001f600 Xylophon")))
    assert any(map(tokenizer.is_byte, tokenizer.encode("§")))


def test_figures_are_those_of_the_text(learn: Learn) -> None:
    figures = learn()
    tokenizer = Tokenizer.load(figures["file"])
    german = figures["languages"]["de"]
    assert (figures["sentences"], german["sentences"]) == (600, 300)
    assert 1.0 <= german["tokens_per_word"] < 2.5
    assert german["byte_share"] == 0.0
    assert len(german["examples"]) == 5
    for example in german["examples"]:
        assert "".join(example["pieces"]) == "▁" + example["text"].replace(" ", "▁")
        assert example["pieces"] == tokenizer.pieces(example["text"])
    one = learn(en=["dog dog dog 😀"] * 3, character_coverage=0.99)["languages"]["en"]
    assert one["tokens_per_word"] * one["characters_per_token"] == pytest.approx(13 / 4, rel=1e-3)
    assert one["byte_share"] > 0.25


def test_the_trainer_is_quiet(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from dragoman.tokenizer import train_tokenizer\n"
        "from dragoman.recipe.training import TokenizerSettings; from dragoman.runlog import RunLog\n"
        "here = Path(sys.argv[1]); (here / 't').write_text('ein Haus und ein Hund\\n' * 50)\n"
        "train_tokenizer(TokenizerSettings(), ['de'], {'de': here / 't'}, {}, here, 1, RunLog(quiet=True))"
    )
    shown = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert (shown.stdout, shown.stderr) == ("", "")
