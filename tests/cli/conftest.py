"""A tiny untrained model on disk, and a way to call the command line as a user does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from dragoman.cli import app

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    """`call("status", path)`: exit code, stdout and stderr of the command in this process."""

    def invoke(*arguments: object, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)  # type: ignore[return-value]

    return invoke


@pytest.fixture
def process() -> Callable[..., subprocess.Popen[bytes]]:
    """`process("options")`: the command in a process of its own."""

    def start(*arguments: object, code: str | None = None) -> subprocess.Popen[bytes]:
        program = ["-c", code] if code else ["-m", "dragoman"]
        return subprocess.Popen(
            [sys.executable, *program, *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            # A shell that runs the tests in the background lets its children ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


TEXT = [
    ("Guten Morgen, wie geht es dir?", "Good morning, how are you?"),
    ("Der Zug kommt um acht Uhr an.", "The train arrives at eight o'clock."),
    ("Ich habe gestern ein Buch gekauft.", "I bought a book yesterday."),
    ("Das Wetter ist heute sehr schön.", "The weather is very nice today."),
    ("Meine Schwester wohnt in Berlin.", "My sister lives in Berlin."),
    ("Wir fahren morgen in die Berge.", "We are going to the mountains tomorrow."),
]


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle with random weights that knows both directions."""
    return _bundle(tmp_path_factory.mktemp("both"), [("de", "en"), ("en", "de")])


@pytest.fixture(scope="session")
def one_way(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for German to English only."""
    return _bundle(tmp_path_factory.mktemp("one"), [("de", "en")])


def _bundle(folder: Path, directions: list[tuple[str, str]]) -> Path:
    import torch

    from dragoman.bundle import save_bundle
    from dragoman.model.config import ModelConfig
    from dragoman.model.transformer import EncoderDecoder, initialise
    from dragoman.recipe import TokenizerSettings
    from dragoman.runlog import RunLog
    from dragoman.tokenizer import Tokenizer, train_tokenizer

    files = {language: folder / f"text.{language}" for language in ("de", "en")}
    for index, path in enumerate(files.values()):
        path.write_text("".join(f"{pair[index]}\n" for pair in TEXT), encoding="utf-8")
    train_tokenizer(TokenizerSettings(), ("de", "en"), files, {}, folder, 1, RunLog(quiet=True))
    tokenizer = folder / "tokenizer.model"
    sizes = {"d_model": 16, "n_heads": 2, "n_kv_heads": 1, "n_encoder_layers": 1, "n_decoder_layers": 1, "d_ff": 16}
    network = EncoderDecoder(ModelConfig(vocab_size=Tokenizer.load(tokenizer).vocab_size, **sizes))
    initialise(network, torch.Generator().manual_seed(1))
    save_bundle(folder / "model", network, tokenizer, directions, {})
    return folder / "model"
