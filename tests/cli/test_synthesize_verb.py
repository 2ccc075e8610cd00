"""`dragoman synthesize`: documents in, a folder of pairs out; every word of money is said before it is spent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dragoman.io import read_json
from synth.openai_server import OpenAIServer
from synth.phrasebook import Phrasebook

Call = Callable[..., Any]
BOOK = Phrasebook.shipped("natural/train")
DE, EN = BOOK.documents("de", 12, 8), BOOK.documents("en", 12, 8)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own, without a key."""
    monkeypatch.chdir(tmp_path)
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def server() -> Iterator[OpenAIServer]:
    with OpenAIServer(BOOK.translate) as running:
        yield running


def put(name: str, texts: Sequence[str], **fields: object) -> str:
    """A .jsonl file of documents."""
    rows = (json.dumps({"text": text, **fields}, ensure_ascii=False) + "\n" for text in texts)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(rows), encoding="utf-8")
    return name


def asking(server: OpenAIServer, *more: str, output: str = "out") -> list[str]:
    """The options of a synthesis that asks `server`."""
    whom = ["--teacher", "openai", "--model", "tiny", "--base-url", server.url]
    return ["synthesize", "--from", "de", "--to", "en", "-o", output, *whom, *more]


def rows_of(output: str = "out") -> list[dict[str, Any]]:
    return [row for path in sorted(Path(output, "data").glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def texts_of(output: str = "out") -> list[tuple[str, str]]:
    return [(row["de"], row["en"]) for row in rows_of(output)]


def done(result: Any) -> Any:
    assert result.exit_code == 0, result.stderr
    return result


def refused(result: Any) -> str:
    """The last line of a refusal."""
    assert result.exit_code == 2, result.stderr
    assert result.stdout == ""
    lines: list[str] = result.stderr.splitlines()
    assert lines[-1].startswith("dragoman: ") and sum(line.startswith("dragoman: ") for line in lines) == 1
    return lines[-1]


# What comes out


def test_documents_become_pairs_with_a_card(call: Call, server: OpenAIServer) -> None:
    put("clean.de.jsonl", DE)
    result = done(call(*asking(server, "clean.de.jsonl", "--yes")))
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == f"{len(rows_of())} pairs in out"
    assert "tiny" in result.stderr and "pairs read" in result.stderr
    assert len(rows_of()) > 15 and all(BOOK.translate(de) == en for de, en in texts_of())
    assert {(row["source"], row["src"], row["teacher"]) for row in rows_of()} == {("clean", "de", "openai-compatible")}
    names = {path.relative_to("out").as_posix() for path in Path("out").rglob("*")}
    assert {"README.md", "samples.jsonl", "synthesis.json", "data/train.tsv", "data/train.parquet"} <= names
    assert sorted(path.name for path in Path().iterdir() if not path.name.endswith(".lock")) == [
        "clean.de.jsonl",
        "out",
        "out.journal.sqlite",
    ]


def test_json_is_the_account_and_quiet_says_nothing(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    result = done(call(*asking(server, "in.jsonl", "--yes", "--json", "-q")))
    account = json.loads(result.stdout)
    assert result.stderr == "" and account == read_json(Path("out/synthesis.json"))
    assert account["funnel"]["total"]["kept"] == len(rows_of())


@pytest.mark.parametrize("kind", ["jsonl", "txt", "csv", "tsv"])
def test_standard_input_is_read_in_every_form(call: Call, server: OpenAIServer, kind: str) -> None:
    head = "text\n" if kind in ("csv", "tsv") else ""
    quote = {"csv": lambda text: '"' + text.replace('"', '""') + '"', "jsonl": lambda text: json.dumps({"text": text})}
    stdin = head + "".join(quote.get(kind, str)(text) + "\n" for text in DE)
    done(call(*asking(server, "-", "--yes", "--format", kind), stdin=stdin))
    assert {row["source"] for row in rows_of()} == {"stdin"} and len(rows_of()) > 15


def test_both_directions_from_files_that_name_their_languages(call: Call, server: OpenAIServer) -> None:
    lines = [Path(put("1", DE, lang="deu_Latn")), Path(put("2", EN, lang="en")), Path(put("3", DE[:2], lang="fr"))]
    Path("in.jsonl").write_text("".join(path.read_text(encoding="utf-8") for path in lines), encoding="utf-8")
    done(call(*asking(server, "in.jsonl", "--both", "--language-field", "lang", "--yes")))
    ways = {(row["src"], row["tgt"]) for row in rows_of()}
    assert ways == {("de", "en"), ("en", "de")} and all(BOOK.translate(de) == en for de, en in texts_of())
    done(call(*asking(server, "in.jsonl", "--language-field", "lang", "--yes", output="one")))
    assert {row["src"] for row in rows_of("one")} == {"de"}


def test_sources_are_named_after_their_files(call: Call, server: OpenAIServer) -> None:
    files = put("a/web.jsonl", DE[:4]), put("b/web.jsonl", DE[4:8]), put("news.de.jsonl", DE[8:])
    done(call(*asking(server, *files, "--yes")))
    assert {row["source"] for row in rows_of()} == {"web", "web-2", "news"}


def test_options_reach_the_prompt_and_the_checks(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    server.bodies = []
    more = ("--set", "style=informal, as between friends", "--set", "teacher.passages_per_request=1")
    done(call(*asking(server, "in.jsonl", "--passages", "5", "--yes", *more, "--set", "sentences=[2, 3]")))
    asked = [words for body in server.bodies if "translator" in (words := body["messages"][0]["content"])]
    assert len(asked) >= 5 and all("informal, as between friends" in words for words in asked)
    assert {row["sentences"] for row in rows_of()} <= {2, 3} and len(rows_of()) <= 5


# Money


def test_a_dry_run_tells_requests_tokens_and_cost_and_asks_nothing(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    prices = ("--set", "teacher.price_in=1000", "--set", "teacher.price_out=2000")
    result = done(call(*asking(server, "in.jsonl", "--dry-run", *prices)))
    assert "requests  passages  tokens in  tokens out  cost (USD)" in result.stdout.splitlines()[0]
    account = json.loads(done(call(*asking(server, "in.jsonl", "--dry-run", "--json", *prices))).stdout)
    whole = account["first_round"]
    assert whole == account["left"] and whole["passages"] > 15
    assert whole["cost"] == pytest.approx((whole["tokens_in"] * 1000 + whole["tokens_out"] * 2000) / 1e6)
    assert not server.asked and sorted(path.name for path in Path().iterdir()) == ["in.jsonl"]
    done(call(*asking(server, "in.jsonl", "--max-requests", "2", "--yes")))
    left = json.loads(done(call(*asking(server, "in.jsonl", "--dry-run", "--json"))).stdout)["left"]
    assert left["requests"] == whole["requests"] - 2 and left["cost"] is None


def test_nothing_is_spent_without_a_yes(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    words = refused(call(*asking(server, "in.jsonl"), stdin="y\n"))  # no terminal: nobody was asked
    assert "nobody is here" in words and "--yes" in words
    assert not server.asked and sorted(path.name for path in Path().iterdir()) == ["in.jsonl"]


def test_the_caps_hold_over_all_runs_and_a_higher_one_goes_on(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    result = done(call(*asking(server, "in.jsonl", "--yes", "--max-requests", "3")))
    assert "stopped at the max_requests of 3" in result.stderr and server.asked.total() == 3
    done(call(*asking(server, "in.jsonl", "--yes", "--max-requests", "3")))
    assert server.asked.total() == 3
    done(call(*asking(server, "in.jsonl", "--yes")))
    assert set(server.asked.values()) == {1} and len(rows_of()) > 15


def test_other_checks_ask_nothing_anew_and_replace_the_pairs(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    done(call(*asking(server, "in.jsonl", "--yes")))
    before, asked = rows_of(), server.asked.total()
    done(call(*asking(server, "in.jsonl", "--set", "dev_share=0.4", "--set", "ask_again=false")))  # no --yes needed
    assert server.asked.total() == asked and sorted(map(str, rows_of())) == sorted(map(str, before))
    assert Path("out/data/dev.tsv").exists()
    done(call(*asking(server, "in.jsonl", "--set", "dev_share=0", "--set", "test_share=0")))
    assert sorted(path.name for path in Path("out/data").iterdir()) == ["train.parquet", "train.tsv"]


def test_a_second_question_is_not_asked_without_a_yes_either(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    done(call(*asking(server, "in.jsonl", "--yes")))
    asked = server.asked.total()
    assert "nobody is here" in refused(
        call(*asking(server, "in.jsonl", "--set", "checks.max_length_ratio=1", "--set", "checks.length_slack=0"))
    )
    assert server.asked.total() == asked


# Other teachers


def test_what_ships_is_replayed_without_a_network(call: Call) -> None:
    whom = ("--teacher", "recorded", "--journal", "embedded:natural", "--passages", "60")
    done(call("synthesize", "--from", "de", "--to", "en", "-o", "out", *whom))
    assert len(rows_of()) > 50 and {row["src"] for row in rows_of()} == {"de"}
    assert "license: mit" in Path("out/README.md").read_text(encoding="utf-8")


def test_a_journal_of_ones_own_is_replayed_to_the_same_pairs(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    done(call(*asking(server, "in.jsonl", "--yes")))
    whom = ("--teacher", "recorded", "--journal", "out.journal.sqlite")
    done(call("synthesize", "--from", "de", "--to", "en", "-o", "again", *whom))
    assert rows_of("again") == rows_of()


def test_a_model_of_ours_is_a_teacher(call: Call, model: Path) -> None:
    put("in.jsonl", DE[:2])
    whom = ("--teacher", "model", "--model", str(model), "--set", "checks.language_threshold=1")
    result = call("synthesize", "in.jsonl", "--from", "de", "--to", "en", "-o", "out", *whom)
    # Random weights write nonsense: what counts is that they were asked, by a name that changes with them.
    assert result.exit_code == 2 and "no passage became a training pair" in result.stderr
    replayed = ("--teacher", "recorded", "--journal", "out.journal.sqlite", "--dry-run", "--json")
    account = json.loads(done(call("synthesize", "--from", "de", "--to", "en", "-o", "x", *replayed)).stdout)
    assert account["first_round"]["passages"] > 1
    assert f"{model.parent.name}/model@".encode() in Path("out.journal.sqlite").read_bytes()


# What is refused

OK = ["in.jsonl", "--from", "de", "--to", "en", "-o", "out", "--teacher", "openai", "--model", "tiny", "--yes"]


BAD: dict[str, tuple[list[str], str]] = {
    "no files": (OK[1:], "no documents to translate"),
    "a language by name": ([*OK, "--from", "German"], "did you mean 'de' (German)?"),
    "one language": ([*OK, "--to", "de"], "both languages are 'de'"),
    "no such file": (["in.jsnl", *OK[1:]], "did you mean 'in.jsonl'?"),
    "a file for a folder": ([*OK, "-o", "in.jsonl"], "the output is a folder, this is a file"),
    "someone else's folder": ([*OK, "-o", "full"], "this folder holds something else"),
    "below a file": ([*OK, "-o", "in.jsonl/x"], "a file where a folder should be"),
    "an unknown teacher": ([*OK, "--teacher", "gpt"], "(--teacher gpt): it must be 'gemini', 'openai', 'model' or"),
    "a cap of nothing": ([*OK, "--max-cost", "0"], "(--max-cost 0.0): it must be more than 0"),
    "an unknown option": ([*OK, "--set", "teacher.temprature=1"], "did you mean 'temperature'?"),
    "a key in the address": ([*OK, "--base-url", "http://me:key@host/v1"], "with no key or name in it"),
    "a key for its name": ([*OK, "--set", "teacher.api_key_env=sk-12345678"], "never the key"),
    "both without a field": ([*OK, "--both"], "give --language-field"),
    "documents for a journal": (
        ["in.jsonl", *OK[1:7], "--teacher", "recorded", "--journal", "embedded:natural"],
        "a recorded teacher reads no documents",
    ),
    "no journal": ([*OK[1:7], "--teacher", "recorded"], "kind recorded needs a journal"),
    "a journal that is none": ([*OK[1:7], "--teacher", "recorded", "--journal", "in.jsonl"], "not the export"),
    "a journal that is not there": ([*OK[1:7], "--teacher", "recorded", "--journal", "x.sqlite"], "no such journal"),
    "a journal that ships": (
        [*OK[1:7], "--teacher", "recorded", "--journal", "embedded:naturel"],
        "did you mean 'natural'?",
    ),
    "no model": ([*OK[:7], "--teacher", "openai", "--yes"], "kind openai needs a model"),
    "no prompt": ([*OK, "--set", "prompt=translate-v0"], "did you mean 'translate-v1'?"),
    "an unknown price": ([*OK, "--base-url", "http://127.0.0.1:9/v1", "--max-cost", "1"], "max_cost"),
    "no key": ([*OK[:7], "--teacher", "gemini", "--model", "gemini-3.5-flash", "--yes"], "GEMINI_API_KEY"),
    "no network": ([*OK, "--base-url", "http://127.0.0.1:9/v1"], "127.0.0.1:9"),
    "a question through a pipe": (["-", *OK[1:-1]], "standard input holds the documents"),
    "a stream twice": (["-", "-", *OK[1:]], "standard input can be read only once"),
    "a form": ([*OK, "--format", "json"], "did you mean 'jsonl'?"),
    "no model folder": ([*OK[:7], "--teacher", "model", "--model", "none"], "no model here"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_work_is_one_line_and_leaves_nothing(call: Call, case: str) -> None:
    arguments, words = BAD[case]
    put("in.jsonl", DE[:2]), put("full/1.jsonl", DE[:2])
    before = sorted(Path().rglob("*"))
    result = call("synthesize", *arguments, stdin="")
    assert words in refused(result) and result.stderr.count("\n") == 1
    assert sorted(Path().rglob("*")) == before


def test_a_wrong_model_name_is_told_before_any_work(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    words = refused(call(*asking(server, "in.jsonl", "--model", "tny", "--yes")))
    assert "tny" in words and not server.asked


def test_a_failed_run_leaves_the_pairs_of_the_one_before(call: Call, server: OpenAIServer) -> None:
    put("in.jsonl", DE)
    done(call(*asking(server, "in.jsonl", "--yes")))
    before = rows_of()
    wrong = call(*asking(server, "in.jsonl", "--yes", "--set", "sentences=[19, 20]"))
    assert "no passage to translate" in refused(wrong) and rows_of() == before
    assert not list(Path().glob(".*"))


# Interruption


def test_a_run_that_is_stopped_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    put("in.jsonl", BOOK.documents("de", 60, 8))
    with OpenAIServer(BOOK.translate, delay=0.05) as server:
        command = [
            sys.executable,
            "-m",
            "dragoman",
            *asking(server, "in.jsonl", "--yes"),
            "--set",
            "teacher.concurrency=2",
        ]
        first = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        while server.asked.total() < 6 and first.poll() is None:
            time.sleep(0.01)
        first.send_signal(signal.SIGINT)
        assert b"stopped; run the same command to continue" in first.communicate()[1]
        assert first.returncode == 130 and not Path("out").exists() and not list(Path().glob(".*"))
        assert 6 <= server.asked.total() < 20
        subprocess.run(command, check=True, stderr=subprocess.PIPE)
        assert set(server.asked.values()) == {1}
    assert len(rows_of()) > 60
