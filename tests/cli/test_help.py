"""The command line as users see it: frozen, every verb with examples that can be parsed.

After a wanted change:  COLUMNS=80 .venv/bin/python tests/cli/test_help.py > tests/cli/help.txt
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from dragoman.cli import app

HELP = Path(__file__).with_name("help.txt")


def commands() -> Iterator[tuple[list[str], Any]]:
    """Every command below `dragoman` with the words that call it."""
    pending: list[tuple[list[str], Any]] = [([], typer.main.get_command(app))]
    while pending:
        words, command = pending.pop(0)
        yield words, command
        pending += [([*words, name], inner) for name, inner in getattr(command, "commands", {}).items()]


VERBS = {" ".join(words): command for words, command in commands() if not hasattr(command, "commands")}


def pages() -> str:
    """All help pages, one after the other."""
    runner, texts = CliRunner(), []
    for words, _ in commands():
        result = runner.invoke(app, [*words, "--help"], env={"COLUMNS": "80"}, prog_name="dragoman")
        texts.append(f"$ dragoman {' '.join([*words, '--help'])}\n{result.stdout}")
    return "\n".join(texts)


def test_the_command_line_is_what_it_was() -> None:
    assert pages() == HELP.read_text(encoding="utf-8"), "see the head of this file"


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_a_page_with_words_and_examples(name: str) -> None:
    command = VERBS[name]
    assert command.help
    assert f"dragoman {name}" in command.epilog
    for parameter in command.params:
        assert getattr(parameter, "help", None), parameter.name


EXAMPLES = [
    (name, line.strip())
    for name, command in VERBS.items()
    for line in command.epilog.splitlines()
    if "dragoman " in line
]


@pytest.mark.parametrize(("name", "line"), EXAMPLES)
def test_an_example_can_be_parsed(name: str, line: str) -> None:
    words = shlex.split(line[line.index("dragoman ") :].split(">")[0])[1:]
    assert " ".join(words).startswith(name)
    command = VERBS[name]
    command.make_context(name, words[len(name.split()) :])


if __name__ == "__main__":
    print(pages(), end="")
