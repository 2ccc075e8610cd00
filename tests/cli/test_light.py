"""What must be quick loads nothing heavy: asserted on what is loaded, never on a clock."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "numpy", "pydantic", "sentencepiece", "sacrebleu", "rich.progress", "yaml", "typer")


def loaded(code: str) -> set[str]:
    """The heavy packages that are loaded after `code` has run in a fresh process."""
    tail = f"\nimport sys; sys.stderr.write(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    call = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(call.stderr.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded("import dragoman; dragoman.__version__") == set()


def test_the_translator_is_there_when_asked_for() -> None:
    assert "torch" in loaded("import dragoman; assert dragoman.Translator.__name__ == 'Translator'")


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert loaded("import dragoman\ntry: dragoman.Tranlator\nexcept AttributeError: pass\nelse: 1/0") == set()


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["--version"], ["options", "finetune"]])
def test_words_about_the_command_line_come_without_torch(arguments: list[str]) -> None:
    code = f"from dragoman.cli import app\ntry: app({arguments!r})\nexcept SystemExit: pass"
    assert not loaded(code) & {"torch", "numpy", "sentencepiece", "sacrebleu"}
