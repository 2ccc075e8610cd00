"""`dragoman push --data`: told before, told after, one line when it cannot be, and it goes on after Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("huggingface_hub", reason="the Hub needs the extra `hub`")

from huggingface_hub import constants

from hub_server import TOKEN, Trouble
from hub_upload_server import UploadHub

Call = Callable[..., Any]
SET = "owner/letters"
CARD = """---
language: [de, en]
license: cc0-1.0
configs:
- config_name: default
  data_files: data/train.tsv
---
# Letters
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[UploadHub]:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_HUB_DISABLE_XET", "1")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    with UploadHub() as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "letters"
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text(CARD)
    (folder / "data" / "train.tsv").write_text("de\ten\n" + "Guten Tag.\tGood day.\n" * 200)
    (folder / "samples.jsonl").write_text("{}\n")
    return folder


def test_a_dry_run_tells_what_would_go_and_asks_nobody(hub: UploadHub, letters: Path, call: Call) -> None:
    result = call("push", "--data", letters, SET, "--dry-run")
    assert result.exit_code == 0, result.stderr
    assert "4,206  data/train.tsv" in result.stdout and "200 rows, licence cc0-1.0" in result.stdout
    assert "left out: samples.jsonl" in result.stdout and "nothing was sent" in result.stdout
    value = json.loads(call("push", "--data", letters, SET, "--dry-run", "--json").stdout)
    assert value["rows"] == 200 and list(value["files"]) == ["README.md", "data/train.tsv"]
    assert hub.seen == []


def test_a_push_prints_where_it_is(hub: UploadHub, letters: Path, call: Call) -> None:
    result = call("push", "--data", letters, SET, "--message", "First letters")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.splitlines()[0] == f"{hub.url}/datasets/{SET}"
    assert result.stdout.splitlines()[1] == f"private, commit {hub.sets[SET].refs['main']}"
    assert "push: 2 files, 0.0 MB, to owner/letters" in result.stderr and TOKEN not in result.output
    assert hub.summaries == ["First letters"]
    again = json.loads(call("push", "--data", letters, SET, "--json", "--quiet").stdout)
    assert again["changed"] is False and again["others"] == [] and again["private"] is True


def test_public_and_exclude_are_understood(hub: UploadHub, letters: Path, call: Call) -> None:
    (letters / "notes.md").write_text("to do")
    assert call("push", "--data", letters, SET, "--public", "--exclude", "notes.*", "--quiet").exit_code == 0
    assert hub.private[SET] is False and "notes.md" not in hub.files(SET)


def test_bad_input_is_one_line_and_exit_code_2(hub: UploadHub, letters: Path, call: Call) -> None:
    (letters / "README.md").unlink()
    result = call("push", "--data", letters, SET)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("dragoman: the data has no card") and result.stderr.count("\n") == 1
    assert hub.seen == []


def test_a_stopped_push_goes_on_with_the_same_command(
    hub: UploadHub, letters: Path, process: Callable[..., subprocess.Popen[bytes]]
) -> None:
    hub.trouble("commit", Trouble(hang=60))
    first = process("push", "--data", letters, SET)
    deadline = time.monotonic() + 120
    while not hub.count("commit") and time.monotonic() < deadline:
        time.sleep(0.02)
    first.send_signal(signal.SIGINT)
    _, words = first.communicate(timeout=60)
    assert first.returncode == 130 and b"run the same command to continue" in words and b"Traceback" not in words
    assert hub.files(SET) == {} and hub.count("put") == 1
    second = process("push", "--data", letters, SET)
    assert second.wait(timeout=120) == 0
    assert set(hub.files(SET)) == {"README.md", "data/train.tsv"} and hub.count("put") == 1
