"""Bad input ends with one line on standard error and exit code 2; other ends have codes of their own."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dragoman import stages
from dragoman.pipeline import Stage, Work

RECIPE = "name: x\nlanguages: [de, en]\n"
Call = Callable[..., Any]


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "r.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def refused(result: Any) -> str:
    """The one line of a refusal."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("dragoman: ")
    return str(result.stderr)


def test_a_missing_recipe(call: Call, tmp_path: Path) -> None:
    for verb in (["run"], ["status"], ["inspect"]):
        more = ["curate"] if verb == ["inspect"] else []
        assert "no such file" in refused(call(*verb, tmp_path / "no.yaml", *more))


def test_a_wrong_override(call: Call, recipe: Path) -> None:
    assert "did you mean 'steps'?" in refused(call("run", recipe, "--set", "finetune.stpes=1"))


def test_an_unknown_stage(call: Call, recipe: Path, tmp_path: Path) -> None:
    for option in ("--until", "--force"):
        assert "did you mean 'pairs'?" in refused(call("run", recipe, option, "pears", "--runs", tmp_path / "runs"))
    assert not (tmp_path / "runs").exists()


def test_a_stage_that_has_not_run_cannot_be_inspected(call: Call, recipe: Path, tmp_path: Path) -> None:
    assert "stage 'curate' is missing: never run" in refused(call("inspect", recipe, "curate", "--runs", tmp_path))


def test_no_model(call: Call, tmp_path: Path) -> None:
    assert "no model here" in refused(call("translate", "--model", tmp_path, stdin="x"))


def test_no_preset_and_no_lengths(call: Call) -> None:
    assert "known are tiny, small" in refused(call("bench", "kv-cache", "--preset", "smal", "--lengths", "2"))
    assert "--lengths" in refused(call("bench", "kv-cache", "--lengths", "2,x"))


def test_an_unknown_option_section(call: Call) -> None:
    assert "did you mean 'finetune'?" in refused(call("options", "finetun"))


def test_an_unknown_verb_or_flag_is_bad_input_too(call: Call) -> None:
    for arguments in (["tranlate"], ["run"], ["run", "r.yaml", "--untill", "x"]):
        result = call(*arguments)
        assert result.exit_code == 2
        assert result.stdout == ""


def fake(monkeypatch: pytest.MonkeyPatch, run: Callable[[Work], dict[str, Any]]) -> None:
    """Let the recipe's pipeline be one stage."""
    monkeypatch.setattr(stages, "stages", lambda recipe: [Stage("curate", 1, run)])


def test_standard_output_holds_only_the_answer(
    call: Call, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(work: Work) -> dict[str, Any]:
        work.log.say("words")
        return {"n": 1}

    fake(monkeypatch, run)
    result = call("run", recipe, "--runs", tmp_path / "runs", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["results"] == {"curate": {"n": 1}}
    assert "words" in result.stderr
    answer = json.loads(call("status", recipe, "--runs", tmp_path / "runs", "--json").stdout)
    assert [(entry["stage"], entry["state"]) for entry in answer] == [("curate", "fresh")]
    dry = call("run", recipe, "--runs", tmp_path / "runs", "--dry-run", "--force", "curate", "--json")
    assert json.loads(dry.stdout)[0]["reasons"] == ["forced to run anew"]


def test_quiet_says_nothing(call: Call, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(work: Work) -> dict[str, Any]:
        work.log.say("words")
        return {}

    fake(monkeypatch, run)
    assert call("run", recipe, "--runs", tmp_path / "runs", "--quiet").stderr == ""


def test_a_stopped_run_says_how_to_go_on(
    call: Call, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(work: Work) -> dict[str, Any]:
        raise KeyboardInterrupt

    fake(monkeypatch, stop)
    result = call("run", recipe, "--runs", tmp_path / "runs", "--quiet")
    assert result.exit_code == 130
    assert result.stderr == "dragoman: stopped; run the same command to continue\n"
    result = call("run", recipe, "--runs", tmp_path / "runs", "--quiet", "--force", "curate")
    assert result.stderr == "dragoman: stopped; run the same command without --force to continue\n"


SLEEPER = """
import sys, time
from pathlib import Path
from dragoman import stages
from dragoman.cli import main
from dragoman.pipeline import Stage

def run(work):
    (work.out / "started").touch()
    time.sleep(60)
    return {}

stages.stages = lambda recipe: [Stage("curate", 1, run)]
main()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_in_good_order(process: Call, recipe: Path, tmp_path: Path, number: signal.Signals) -> None:
    running = process("run", recipe, "--runs", tmp_path / "runs", code=SLEEPER)
    for _ in range(6000):
        if list((tmp_path / "runs").glob("x/curate-*/started")):
            break
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.01)
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == b""
    assert err.decode().splitlines()[-1] == "dragoman: stopped; run the same command to continue"
    assert b"Traceback" not in err


def test_a_reader_that_goes_away_is_no_fault(process: Call) -> None:
    running = process("options")
    assert running.stdout is not None
    running.stdout.close()
    assert running.wait(timeout=60) == 141
    assert running.stderr.read() == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_output_that_cannot_be_written_is_one_line(process: Call) -> None:
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "dragoman", "options"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert result.returncode == 2
    assert result.stderr.decode().splitlines() == ["dragoman: cannot write the output: No space left on device"]
