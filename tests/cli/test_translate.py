"""The verbs that use a model, with one that has random weights: what goes in comes out, line for line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman.errors import DragomanError
from dragoman.verbs import chunks, direction

Call = Callable[..., Any]
LINES = ["Guten Morgen.", "", "  Der Zug kommt.", "   ", "Ich 🙂 habe <mask> \t ein Buch.", "Ä" * 40]
BOTH, ONE = [("de", "en"), ("en", "de")], [("de", "en")]


def translate(call: Call, model: Path, *more: object, stdin: str | None = None) -> Any:
    return call("translate", "--model", model, "--beam", 1, "--quiet", *more, stdin=stdin)


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_as_many_lines_come_out_as_go_in_and_empty_ones_stay(call: Call, model: Path, chunk: int) -> None:
    result = translate(call, model, "--from", "de", "--chunk", chunk, stdin="\n".join(LINES) + "\n")
    assert result.exit_code == 0
    assert result.stdout.endswith("\n")
    out = result.stdout[:-1].split("\n")
    assert len(out) == len(LINES)
    assert [out[1], out[3]] == ["", "   "]
    assert out[2].startswith("  ")


def test_a_file_a_pipe_and_a_dash_give_the_same(call: Call, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.txt"
    path.write_text("\n".join(LINES), encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    answers = {
        translate(call, model, "--to", "en", path).stdout,
        translate(call, model, "--to", "en", stdin=text).stdout,
        translate(call, model, "--to", "en", "-", stdin=text).stdout,
    }
    assert len(answers) == 1


def test_no_input_is_no_output(call: Call, model: Path) -> None:
    result = translate(call, model, "--from", "de", stdin="")
    assert (result.exit_code, result.stdout) == (0, "")


def test_json_names_source_and_target(call: Call, model: Path) -> None:
    result = translate(call, model, "--from", "de", "--json", stdin="Guten Morgen.\n\n")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["src"] for row in rows] == ["Guten Morgen.", ""]
    assert all(set(row) == {"src", "tgt"} for row in rows)


def test_the_same_seed_draws_the_same(call: Call, model: Path) -> None:
    def draw(seed: int) -> str:
        more = ("--from", "de", "--sample", "--top-k", 50, "--top-p", 0.9, "--temperature", 1.2, "--seed", seed)
        return str(translate(call, model, *more, stdin="Guten Morgen, wie geht es dir?\n").stdout)

    assert draw(1) == draw(1)
    assert draw(1) != draw(2)


def test_a_model_of_one_direction_needs_no_languages(call: Call, one_way: Path) -> None:
    assert translate(call, one_way, stdin="Guten Morgen.\n").exit_code == 0


REFUSED: dict[str, tuple[list[object], bytes, str]] = {
    "open direction": ([], b"x\n", "choose one of --from de --to en, --from en --to de"),
    "unknown language": (["--from", "fr"], b"x\n", "does not translate from fr"),
    "binary": (["--from", "de"], b"ok\nx\x00y\n", "line 2 holds a NUL byte"),
    "wrong encoding": (["--from", "de"], "grün\n".encode("latin1"), "line 1 is not UTF-8"),
    "missing file": (["--from", "de", "no.txt"], b"", "no such file (no.txt)"),
    "no beam": (["--from", "de", "--beam", 0], b"x\n", "beam is 0"),
    "no temperature": (["--from", "de", "--sample", "--temperature", 0], b"x\n", "temperature is 0"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_one_line(call: Call, model: Path, case: str) -> None:
    arguments, stdin, words = REFUSED[case]
    result = call("translate", "--model", model, "--quiet", *arguments, stdin=stdin)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_what_was_translated_before_a_broken_line_is_not_lost(call: Call, model: Path) -> None:
    result = call("translate", "--model", model, "--from", "de", "--chunk", 1, "--quiet", stdin=b"eins\n\xff\n")
    assert result.exit_code == 2
    assert result.stdout.count("\n") == 1


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    source, reference = tmp_path / "s.de", tmp_path / "r.en"
    source.write_text("Guten Morgen.\nDer Zug kommt.\n", encoding="utf-8")
    reference.write_text("Good morning.\nThe train arrives.\n", encoding="utf-8")
    return source, reference


def test_evaluate_prints_scores_with_signature(
    call: Call, model: Path, files: tuple[Path, Path], tmp_path: Path
) -> None:
    base = ["evaluate", "--model", model, "--from", "de", "--src", files[0], "--ref", files[1], "--beam", 1, "--quiet"]
    text = call(*base, "--output", tmp_path / "out.txt")
    assert text.exit_code == 0
    assert "BLEU" in text.stdout and "tok:13a" in text.stdout
    assert (tmp_path / "out.txt").read_text(encoding="utf-8").count("\n") == 2
    scores = json.loads(call(*base, "--json").stdout)
    assert scores["direction"] == "de-en"
    assert scores["n"] == 2
    assert {"score", "low", "high", "signature"} <= set(scores["bleu"])


def test_evaluate_refuses_unequal_files(call: Call, model: Path, files: tuple[Path, Path]) -> None:
    files[1].write_text("only one\n", encoding="utf-8")
    result = call("evaluate", "--model", model, "--from", "de", "--src", files[0], "--ref", files[1])
    assert result.exit_code == 2
    assert "not parallel: r.en has 1 lines, s.de 2" in result.stderr


def test_the_cache_is_measured(call: Call, model: Path) -> None:
    base = ("bench", "kv-cache", "--lengths", "2,3", "--batch", 2)
    rows = json.loads(call(*base, "--model", model, "--json").stdout)
    assert [row["length"] for row in rows] == [2, 3]
    text = call(*base, "--preset", "tiny").stdout
    assert "cache off" in text and "parameters" in text


DIRECTIONS = [
    (BOTH, "de", None, ("de", "en")),
    (BOTH, None, "de", ("en", "de")),
    (BOTH, "en", "de", ("en", "de")),
    (ONE, None, None, ("de", "en")),
    (BOTH, None, None, "several directions"),
    (ONE, "en", None, "does not translate from en"),
    (BOTH, "de", "de", "does not translate from de to de"),
    ([], None, None, "was not trained to translate"),
]


@pytest.mark.parametrize(("known", "src", "tgt", "expected"), DIRECTIONS)
def test_a_direction_is_what_the_languages_leave_open(
    known: list[tuple[str, str]], src: str | None, tgt: str | None, expected: tuple[str, str] | str
) -> None:
    if isinstance(expected, tuple):
        assert direction(known, src, tgt) == expected
    else:
        with pytest.raises(DragomanError, match=expected):
            direction(known, src, tgt)


@pytest.mark.parametrize(("n", "sizes"), [(0, []), (3, [3]), (4, [4]), (9, [4, 4, 1])])
def test_chunks_hold_every_line_once(n: int, sizes: list[int]) -> None:
    found = list(chunks(map(str, range(n)), 4))
    assert [len(chunk) for chunk in found] == sizes
    assert [line for chunk in found for line in chunk] == [str(number) for number in range(n)]
