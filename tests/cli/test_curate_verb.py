"""`dragoman curate`: files in, one file of clean documents out, the same after any interruption."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dragoman import curate_files, embedded
from dragoman.corpus.sources import read_documents
from dragoman.io import open_binary
from dragoman.languages import LANGUAGES, language_code
from dragoman.recipe import TokenizerSettings
from dragoman.recipe.data import MonoSource
from dragoman.recipe.load import curate_settings
from dragoman.rundir import hold
from dragoman.runlog import RunLog
from dragoman.tokenizer import train_tokenizer

Call = Callable[..., Any]
DE, EN = embedded.good_documents("de"), embedded.good_documents("en")
PLAIN = ("--set", "duplicates=none", "--workers", "1")  # nothing but the rules: made-up copies stay


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(name: str, texts: Sequence[str], **fields: object) -> str:
    """A .jsonl file of documents."""
    rows = (json.dumps({"text": text, **fields}, ensure_ascii=False) + "\n" for text in texts)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("".join(rows), encoding="utf-8")
    return name


def rows_of(name: str | Path) -> list[dict[str, str]]:
    with open_binary(Path(name)) as stream:
        return [json.loads(line) for line in stream]


def texts_of(name: str | Path) -> list[str]:
    return [row["text"] for row in rows_of(name)]


def done(result: Any) -> Any:
    assert result.exit_code == 0, result.stderr
    return result


def refused(result: Any) -> str:
    """The last line of a refusal, which left nothing behind but what was there before."""
    assert result.exit_code == 2, result.stderr
    assert result.stdout == ""
    lines: list[str] = result.stderr.splitlines()
    assert lines[-1].startswith("dragoman: ") and sum(line.startswith("dragoman: ") for line in lines) == 1
    assert not [path for path in Path().rglob(".*.curate*")]
    return lines[-1]


# What comes out


@pytest.mark.parametrize(
    "name", [f"o{a}{b}" for a in (".jsonl", ".txt") for b in ("", ".gz", ".xz", ".zst")] + ["o.parquet"]
)
def test_every_format_is_read_back_as_the_same_documents(call: Call, name: str) -> None:
    poems = ["\n".join(DE[i : i + 4]) for i in range(0, 40, 4)]
    put("in.jsonl", poems)
    done(call("curate", "in.jsonl", "--language", "de", "-o", name, *PLAIN))
    first = Path(name).read_bytes()
    source = MonoSource(name="o", language="de", path=name, document="paragraph")
    assert list(read_documents(source, Path())) == poems
    done(call("curate", "in.jsonl", "--language", "de", "-o", name, *PLAIN))
    assert Path(name).read_bytes() == first


def test_blank_lines_in_a_document_do_not_part_it_in_a_text_file(call: Call) -> None:
    put("in.jsonl", ["\n\n".join(DE[:3]), DE[3]])
    done(call("curate", "in.jsonl", "--language", "de", "-o", "o.txt", *PLAIN))
    source = MonoSource(name="o", language="de", path="o.txt", document="paragraph")
    assert list(read_documents(source, Path())) == ["\n".join(DE[:3]), DE[3]]


def test_many_documents_fill_several_row_groups(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyarrow.parquet as pq

    from dragoman.corpus import outputs

    monkeypatch.setattr(outputs, "GROUP_ROWS", 7)
    put("in.jsonl", DE[:20])
    done(call("curate", "in.jsonl", "--language", "de", "-o", "o.parquet", *PLAIN))
    file = pq.ParquetFile("o.parquet")
    assert [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)] == [7, 7, 6]
    assert file.read().column("text").to_pylist() == DE[:20]


@pytest.mark.parametrize("kind", ["jsonl", "txt", "csv", "tsv"])
def test_standard_input_to_standard_output(call: Call, kind: str, tmp_path: Path) -> None:
    head = "text\n" if kind in ("csv", "tsv") else ""
    quote = {"csv": lambda text: '"' + text.replace('"', '""') + '"', "jsonl": lambda text: json.dumps({"text": text})}
    stdin = head + "".join(quote.get(kind, str)(text) + "\n" for text in DE[:9])
    result = done(call("curate", "-", "--language", "de", "-o", "-", "--format", kind, *PLAIN, stdin=stdin))
    assert [json.loads(line) for line in result.stdout.splitlines()] == [{"text": t, "source": "stdin"} for t in DE[:9]]
    assert "9 documents read, 9 kept" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_quiet_says_nothing_and_json_is_the_account(call: Call) -> None:
    put("in.jsonl", [*DE[:30], "Kurz."])
    assert done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", "--quiet")).stderr == ""
    result = done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", "--json", "-q"))
    account = json.loads(result.stdout)
    assert account["documents"] == {"de": 30}
    assert account["funnel"]["total"]["dropped"] == {"too_short": 1} and result.stderr == ""


def test_what_every_rule_took_is_told_on_standard_error(call: Call) -> None:
    put("in.jsonl", [*DE[:30], "Kurz."])
    result = done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl"))
    assert result.stdout == ""
    assert "31 documents read, 30 kept (96.8%)" in result.stderr and "too_short" in result.stderr
    assert result.stderr.splitlines()[-1] == "30 documents in o.jsonl"


def test_samples_are_kept_where_asked(call: Call) -> None:
    put("in.jsonl", [*DE[:30], "Kurz."])
    done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", "--samples", "new/s.jsonl"))
    rows = rows_of("new/s.jsonl")
    assert {row["kept"] for row in rows} == {True, False}
    assert [row["text"] for row in rows if not row["kept"]] == ["Kurz."]


# What goes in


def test_globs_folders_and_two_files_of_one_name(call: Call) -> None:
    put("a/web.jsonl", DE[:3])
    put("b/web.jsonl", DE[3:5])
    put("crawl/x/1.jsonl", DE[5:7])
    put("v1.2/1.jsonl", DE[7:8])
    put("notes.old/web-2.jsonl", DE[8:9])
    files = ("a/web.jsonl", "b/web.jsonl", "crawl/**/*.jsonl", "v1.2/", "notes.old/web-2.jsonl")
    done(call("curate", *files, "--language", "de", "-o", "o.jsonl", *PLAIN))
    found: dict[str, list[str]] = {}
    for row in rows_of("o.jsonl"):
        found.setdefault(row["source"], []).append(row["text"])
    assert found == {"web": DE[:3], "web-2": DE[3:5], "crawl": DE[5:7], "v1.2": DE[7:8], "web-2-2": DE[8:9]}


def test_a_limit_counts_from_the_head_of_each_file(call: Call) -> None:
    files = put("a.jsonl", DE[:9]), put("b.jsonl", DE[9:20])
    done(call("curate", *files, "--language", "de", "-o", "o.jsonl", "--limit", "2", *PLAIN))
    assert sorted(texts_of("o.jsonl")) == sorted([*DE[:2], *DE[9:11]])


def test_a_document_of_a_text_file_may_be_a_paragraph_or_the_file(call: Call) -> None:
    Path("in.txt").write_text(f"{DE[0]}\n{DE[1]}\n\n{DE[2]}\n", encoding="utf-8")
    for kind, wanted in (
        ("line", DE[:3]),
        ("paragraph", [f"{DE[0]}\n{DE[1]}", DE[2]]),
        ("file", [f"{DE[0]}\n{DE[1]}\n\n{DE[2]}"]),
    ):
        done(call("curate", "in.txt", "--language", "de", "-o", "o.jsonl", "--document", kind, *PLAIN))
        assert texts_of("o.jsonl") == wanted


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("de-AT", "de"),
        ("deu_Latn", "de"),
        ("ger", "de"),
        ("German", "de"),
        ("cmn_Hani", "zh"),
        ("arb_Arab", "ar"),
        *((other, None) for other in ("xx", "", "deutschlich", "als", "unknown")),
    ],
)
def test_a_language_is_known_by_any_of_its_usual_names(value: str, code: str | None) -> None:
    assert language_code(value) == code


def test_every_language_has_a_long_code() -> None:
    from dragoman.languages import _SHORT

    assert set(_SHORT.values()) == set(LANGUAGES) and all(len(code) == 3 for code in _SHORT)


def mixed(name: str = "in.jsonl") -> str:
    """German under two names, English, five in a language that nobody knows, one bad line."""
    files = [put("1", DE[:20], lang="deu_Latn"), put("2", EN[:30], lang="en"), put("3", DE[20:25], lang="de")]
    files.append(put("4", DE[30:35], lang="xx"))
    Path(name).write_text("".join(map(lambda file: Path(file).read_text("utf-8"), files)) + "{bad\n", encoding="utf-8")
    return name


def test_a_field_tells_the_languages(call: Call) -> None:
    result = done(call("curate", mixed(), "--language-field", "lang", "-o", "o.jsonl", *PLAIN, "--json"))
    assert "left out, no language known here: 5 'xx'" in result.stderr
    account = json.loads(result.stdout)
    assert account["documents"] == {"de": 25, "en": 30} and account["languages_left_out"] == {"xx": 5}
    funnel = account["funnel"]
    assert funnel["total"]["read"] == 56 and funnel["total"]["dropped"] == {"not_json": 1}
    assert {code: count["read"] for code, count in funnel["by_source"]["in"].items()} == {"de": 26, "en": 30}
    assert [(fault["language"], fault["documents"]) for fault in funnel["faults"]] == [("de", 1)]
    rows = rows_of("o.jsonl")
    assert sorted(row["text"] for row in rows if row["language"] == "de") == sorted(DE[:25])
    assert [row["text"] for row in rows if row["language"] == "en"] == EN[:30]


def test_one_language_can_be_chosen_by_its_field(call: Call) -> None:
    done(call("curate", mixed(), "--language-field", "lang", "--language", "de", "-o", "o.jsonl", *PLAIN))
    assert sorted(texts_of("o.jsonl")) == sorted(DE[:25]) and "language" not in rows_of("o.jsonl")[0]


def test_a_rare_language_does_not_stop_the_run_for_the_bad_lines_of_all(call: Call) -> None:
    Path("in.jsonl").write_text(
        Path(put("1", DE, lang="de")).read_text("utf-8")
        + Path(put("2", EN[:1], lang="en")).read_text("utf-8")
        + "{\n" * 9
    )
    done(call("curate", "in.jsonl", "--language-field", "lang", "-o", "o.jsonl", *PLAIN))
    with open("in.jsonl", "a") as stream:
        stream.write("{\n" * 9)
    wrong = refused(call("curate", "in.jsonl", "--language-field", "lang", "-o", "o.jsonl", *PLAIN))
    assert "18 of 259 documents of 'in' are unreadable" in wrong


@pytest.mark.parametrize(
    ("file", "field", "words"),
    [
        ("in.jsonl", "lnag", "no field 'lnag': did you mean 'lang'?"),
        ("in.jsonl", "text", "'text' names no language that is known"),
        ("in.txt", "lang", "a .txt file has no fields"),
    ],
)
def test_a_field_that_names_no_language(call: Call, file: str, field: str, words: str) -> None:
    mixed()
    Path("in.txt").write_text(f"{DE[0]}\n", encoding="utf-8")
    assert words in refused(call("curate", file, "--language-field", field, "-o", "o.jsonl"))


def test_a_language_that_loses_all_is_no_error_beside_others(call: Call) -> None:
    put("1", ["Zu kurz."], lang="de")
    put("2", EN[:5], lang="en")
    Path("in.jsonl").write_text(Path("1").read_text() + Path("2").read_text())
    for name in ("o.jsonl", "o.parquet"):
        done(call("curate", "in.jsonl", "--language-field", "lang", "-o", name, *PLAIN))
    assert [row["language"] for row in rows_of("o.jsonl")] == ["en"] * 5


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokenizer")
    files = {code: folder / f"text.{code}" for code in ("de", "en")}
    for path, texts in zip(files.values(), (DE, EN), strict=True):
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    train_tokenizer(TokenizerSettings(), ("de", "en"), files, {}, folder, 1, RunLog(quiet=True))
    return folder


def test_a_tokenizer_judges_in_a_second_pass(call: Call, tokenizer: Path) -> None:
    strange = "Das Wort " + " ".join(f"Ж{chr(0x430 + i % 30) * 5}" for i in range(9)) + " " + DE[1]
    put("in.jsonl", [*DE[2:30], strange])
    arguments = (
        "in.jsonl",
        "--language",
        "de",
        "-o",
        "o.jsonl",
        "--samples",
        "s.jsonl",
        "--set",
        "language_threshold=0",
    )
    assert strange in texts_of(done(call("curate", *arguments, *PLAIN)) and "o.jsonl")
    for given in (tokenizer, tokenizer / "tokenizer.model"):
        result = done(call("curate", *arguments, "--tokenizer", given, *PLAIN, "--json"))
        assert texts_of("o.jsonl") == DE[2:30]
        account = json.loads(result.stdout)
        assert account["documents"] == {"de": 28} and account["screen_funnel"]["total"]["read"] == 29
        assert any(row["text"] == strange and not row["kept"] for row in rows_of("s.jsonl"))


def test_a_language_without_documents_is_not_screened(call: Call, tokenizer: Path) -> None:
    Path("in.jsonl").write_text(
        Path(put("1", ["Zu kurz."], lang="de")).read_text() + Path(put("2", EN[:5], lang="en")).read_text()
    )
    arguments = ("in.jsonl", "--language-field", "lang", "-o", "o.jsonl", "--tokenizer", tokenizer, *PLAIN)
    assert json.loads(done(call("curate", *arguments, "--json")).stdout)["documents"] == {"de": 0, "en": 5}


def test_bad_lines_are_counted_and_shown(call: Call) -> None:
    put("in.jsonl", DE[:40])
    with open("in.jsonl", "ab") as stream:
        stream.write(b'{"text": "\xff"}\n{"txt": "x"}\n')
    result = done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", *PLAIN))
    assert "1 x not_utf8 in 'in', first in.jsonl line 41" in result.stderr
    assert "    in.jsonl line 42: no field 'text': did you mean 'txt'?" in result.stderr
    assert texts_of("o.jsonl") == DE[:40]
    wrong = refused(call("curate", "in.jsonl", "--language", "de", "-o", "n.jsonl", "--set", "bad_input=stop", *PLAIN))
    assert "in.jsonl line 41" in wrong and not Path("n.jsonl").exists()
    result = done(call("curate", "-", "--language", "de", "-o", "-", *PLAIN, stdin=Path("in.jsonl").read_bytes()))
    assert "first stdin.jsonl line 41" in result.stderr


# What is refused


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["in.jsonl", "-o", "o.jsonl"], "which language is the text in?: give --language"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "German"], "did you mean 'de' (German)?"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "deu"], "did you mean 'de' (German)?"),
        (["in.jsnl", "-o", "o.jsonl", "--language", "de"], "no such file or folder"),
        (["in.jsnl", "-o", "o.jsonl", "--language", "de"], "did you mean 'in.jsonl'?"),
        (["in.doc", "-o", "o.jsonl", "--language", "de"], "documents cannot be read from '.doc'"),
        (["*.tsv", "-o", "o.jsonl", "--language", "de"], "no file matches"),
        (["empty", "-o", "o.jsonl", "--language", "de"], "holds no file"),
        (["in.jsonl", "-o", "o.doc", "--language", "de"], "documents cannot be written as '.doc'"),
        (["in.jsonl", "-o", "o.parquet.gz", "--language", "de"], "documents cannot be written as '.parquet.gz'"),
        (["in.jsonl", "-o", "o", "--language", "de"], "the name of the output has no ending"),
        (["in.jsonl", "-o", "empty.jsonl", "--language", "de"], "this is a folder (empty.jsonl)"),
        (["in.jsonl", "-o", "in.jsonl", "--language", "de"], "in.jsonl lies in what is read"),
        (["*.jsonl", "-o", "old.jsonl", "--language", "de"], "old.jsonl lies in what is read"),
        (["full", "-o", "full/new/o.jsonl", "--language", "de"], "lies in what is read (full)"),
        (["in.jsonl", "-o", "in.jsonl/o.jsonl", "--language", "de"], "a file where a folder should be"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--samples", "o.jsonl"], "want the same file"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--samples", "in.doc/s"], "a file where a folder should be"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--tokenizer", "none"], "no tokenizer here"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--document", "lin"], "(--document): did you mean 'line'?"),
        (["-", "-o", "o.jsonl", "--language", "de", "--format", "json"], "(--format): did you mean 'jsonl'?"),
        (["-", "-", "-o", "o.jsonl", "--language", "de"], "standard input can be read only once"),
        (["in.jsonl", "-o", "-", "--language", "de", "--json"], "both want standard output"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--set", "max_chrs=5"], "did you mean 'max_chars'?"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--set", "curate.max_chrs=5"], "did you mean 'max_chars'?"),
        (
            ["in.jsonl", "-o", "o.jsonl", "--language", "de", "--set", "max_chars=x"],
            "(--set max_chars=x): it must be a",
        ),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--set", "max_chars"], "for example --set min_chars=200"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--set", "duplicates=nar"], "it must be 'none', 'exact' or"),
        (["in.jsonl", "-o", "o.jsonl", "--language", "de", "--engine", "spark"], "(--engine spark): it must be 'pool'"),
    ],
)
def test_what_cannot_work_is_one_line_before_anything_is_written(call: Call, arguments: list[str], words: str) -> None:
    put("in.jsonl", DE[:2]), put("old.jsonl", DE[:2]), put("full/1.jsonl", DE[:2])
    Path("in.doc").touch(), Path("empty").mkdir(), Path("empty.jsonl").mkdir()
    before = sorted(Path().rglob("*"))
    result = call("curate", *arguments, stdin="")
    assert words in refused(result) and result.stderr.count("\n") == 1
    assert sorted(Path().rglob("*")) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(call: Call) -> None:
    put("in.jsonl", DE[:2])
    Path("closed").mkdir(mode=0o500)
    assert "cannot write here (" in refused(call("curate", "in.jsonl", "--language", "de", "-o", "closed/o.jsonl"))


def test_a_folder_that_does_not_exist_is_made(call: Call) -> None:
    put("in.jsonl", DE[:2])
    done(call("curate", "in.jsonl", "--language", "de", "-o", "new/deep/o.jsonl", *PLAIN))
    assert texts_of("new/deep/o.jsonl") == DE[:2] and len(list(Path("new/deep").iterdir())) == 1


def test_nothing_left_is_refused_with_the_funnel_and_changes_nothing(call: Call) -> None:
    put("in.jsonl", ["Kurz.", "Auch."])
    Path("old.jsonl").write_text("old")
    for name in ("new/o.jsonl", "old.jsonl"):
        words = refused(call("curate", "in.jsonl", "--language", "de", "-o", name))
        assert "no 'de' document survived curation: 2 read, 0 kept, dropped 2 too_short" in words
    assert not Path("new").exists() and Path("old.jsonl").read_text() == "old"
    assert call("curate", "-", "--language", "de", "-o", "-", stdin="").exit_code == 2


# Interruption

DRIVER = """
import contextlib, functools, multiprocessing, os, signal
from pathlib import Path
from dragoman.corpus.sources import plan
from dragoman.corpus.sources.shards import Sizes
from dragoman.runlog import RunLog

plan.Sizes = functools.partial(Sizes, split=4000)
ends = 0

@contextlib.contextmanager
def progress(self, label, total=None, *, unit="items", done=0):
    def advance(amount):
        global ends
        ends += label == {label!r}
        if ends and ends == {stop}:
            Path("workers").write_text(" ".join(str(child.pid) for child in multiprocessing.active_children()))
            os.kill(os.getpid(), {number})
        Path("ends").write_text(str(ends))
    yield advance

RunLog.progress = progress
from dragoman.cli import main
main()
"""
COMMAND = ("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", "--workers", "2")


@pytest.fixture
def driven(process: Call) -> Call:
    """`driven(7, SIGKILL, *arguments)`: small shards; when the 7th is done a signal comes. Returns (code, stderr)."""

    def drive(stop: int, number: int, *arguments: str, label: str = "curate") -> tuple[int, str]:
        Path("ends").write_text("0")
        code = DRIVER.format(stop=stop, number=int(number), label=label)
        running = process(*arguments, code=code)
        out, err = running.communicate(timeout=120)
        assert out == b""
        return running.returncode, err.decode()

    return drive


def documents(count: int) -> list[str]:
    """Different ones, and every fifth a copy."""
    return [f"{DE[i % len(DE)]} {EN[i * 7 % len(EN)]}" if i % 5 else DE[i % 50] for i in range(count)]


def undisturbed(call: Call) -> bytes:
    done(call("curate", "in.jsonl", "--language", "de", "-o", "whole.jsonl", "--workers", "1"))
    return Path("whole.jsonl").read_bytes()


def finished_shards() -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in Path().glob(".o.jsonl.curate/*/curated/shards/0*.json")}


def work_folders() -> list[Path]:
    return [path for path in Path().glob(".o.jsonl.curate/*") if path.is_dir()]


def gone(pids: Sequence[str]) -> bool:
    for _ in range(500):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
def test_a_killed_command_goes_on_with_the_shards_that_are_not_done(call: Call, driven: Call) -> None:
    put("in.jsonl", documents(400))
    whole = undisturbed(call)
    assert driven(7, signal.SIGKILL, *COMMAND)[0] == -signal.SIGKILL
    first = finished_shards()
    (folder,) = work_folders()
    total = len(json.loads((folder / "curated/shards/plan.json").read_text()))
    assert 7 <= len(first) < total and not Path("o.jsonl").exists()
    assert gone(Path("workers").read_text().split())
    done_before = len(finished_shards())
    # other workers, another engine's name for the same thing: the same folder
    code, err = driven(3, signal.SIGKILL, *COMMAND, "--workers", "1", "--set", "engine=pool")
    assert code == -signal.SIGKILL and work_folders() == [folder] and len(finished_shards()) == done_before + 3
    assert "goes on where an earlier run stopped" in err
    assert first.items() <= finished_shards().items()
    code, err = driven(0, signal.SIGKILL, *COMMAND)
    assert (code, int(Path("ends").read_text())) == (0, total - done_before - 3), err
    assert Path("o.jsonl").read_bytes() == whole
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith(".")) == []


def test_who_does_the_work_does_not_change_what_is_done(call: Call) -> None:
    put("in.jsonl", DE[:2])
    requests = [
        curate_files.Request(("in.jsonl",), "o.jsonl", curate_settings([], **options), language="de")
        for options in ({}, {"workers": 7}, {"engine": "ray"}, {"min_chars": 99})
    ]
    keys = [curate_files._key(request) for request in requests]
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_other_settings_or_files_start_anew_and_keep_the_unfinished(call: Call, driven: Call) -> None:
    put("in.jsonl", documents(100))
    assert driven(2, signal.SIGKILL, *COMMAND)[0] == -signal.SIGKILL
    (folder,) = work_folders()
    result = done(call(*COMMAND, "--set", "min_chars=150"))
    assert "unfinished runs with other files or settings are kept in .o.jsonl.curate" in result.stderr
    assert min(map(len, texts_of("o.jsonl"))) >= 150
    assert work_folders() == [folder]
    os.utime("in.jsonl", ns=(1, 1))
    assert "unfinished runs" in done(call(*COMMAND)).stderr and work_folders() == [folder]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_command_leaves_no_worker_and_says_how_to_go_on(
    call: Call, driven: Call, number: signal.Signals
) -> None:
    put("in.jsonl", documents(400))
    code, err = driven(5, number, *COMMAND)
    assert code == 130
    assert err == "dragoman: stopped; run the same command to continue\n"
    pids = Path("workers").read_text().split()
    assert len(pids) == 2 and not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert finished_shards()
    done(call(*COMMAND))
    assert Path("o.jsonl").read_bytes() == undisturbed(call) and work_folders() == []


def test_a_stopped_second_pass_does_not_repeat_the_first(call: Call, driven: Call, tokenizer: Path) -> None:
    put("in.jsonl", documents(100))
    arguments = (*COMMAND, "--tokenizer", str(tokenizer))
    assert driven(1, signal.SIGKILL, *arguments, label="screen de")[0] == -signal.SIGKILL
    code, err = driven(0, signal.SIGKILL, *arguments)
    assert (code, Path("ends").read_text()) == (0, "0"), err
    assert texts_of("o.jsonl")


def test_nothing_can_go_on_from_a_pipe(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(request: object, log: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(curate_files, "curate_files", stop)
    put("in.jsonl", DE[:3])
    for files, output in ((["-"], "o.jsonl"), (["in.jsonl"], "-")):
        result = call("curate", *files, "--language", "de", "-o", output, stdin="")
        assert (result.exit_code, result.stderr) == (130, "dragoman: stopped\n")


def test_one_command_at_a_time_for_one_output(call: Call) -> None:
    put("in.jsonl", DE[:5])
    with hold(Path(".o.jsonl.curate")):
        for more in ((), ("--set", "min_chars=150")):
            result = call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", *PLAIN, *more)
            assert result.exit_code == 2
            assert result.stderr.startswith(f"dragoman: another run is at work here, process {os.getpid()} on ")
        assert Path(".o.jsonl.curate/holder.json").exists() and not Path("o.jsonl").exists()
        done(call("curate", "in.jsonl", "--language", "de", "-o", "other.jsonl", *PLAIN))
    done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", *PLAIN))
    assert not Path(".o.jsonl.curate").exists()


def test_a_full_or_failing_disk_keeps_what_is_done(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    put("in.jsonl", DE[:5])
    with monkeypatch.context() as patch:
        patch.setattr(curate_files, "write_json", full)
        result = call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", *PLAIN)
    assert result.exit_code == 2 and result.stderr.splitlines()[-1].startswith("dragoman: the disk is full")
    assert work_folders()
    done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", *PLAIN))
    assert texts_of("o.jsonl") == DE[:5]


def test_half_written_outputs_of_killed_commands_are_removed(call: Call) -> None:
    put("in.jsonl", DE[:5])
    Path(".o.jsonl.123.tmp").write_text("half"), Path(".other.jsonl.123.tmp").write_text("half")
    done(call("curate", "in.jsonl", "--language", "de", "-o", "o.jsonl", *PLAIN))
    assert [path.name for path in Path().glob(".*")] == [".other.jsonl.123.tmp"]


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="no shell")
def test_a_reader_that_takes_one_line_ends_it_quietly() -> None:
    put("in.jsonl", [f"{DE[i % len(DE)]} {EN[i % len(EN)]} {i}" for i in range(2000)])
    line = (
        f'{{ "{sys.executable}" -m dragoman curate in.jsonl --language de --set duplicates=none --set '
        "language_threshold=0 -o - --workers 1 -q; echo $? > code; } | head -n 1"
    )
    result = subprocess.run(["/bin/sh", "-c", line], capture_output=True, timeout=120, check=False)
    assert json.loads(result.stdout)["source"] == "in" and result.stderr == b""
    assert Path("code").read_text() == "141\n"


def test_packed_input_of_several_members_is_read_whole(call: Call) -> None:
    whole = Path(put("in.jsonl", DE[:6])).read_bytes().splitlines(keepends=True)
    Path("p.jsonl.gz").write_bytes(gzip.compress(b"".join(whole[:3])) + gzip.compress(b"".join(whole[3:])))
    done(call("curate", "p.jsonl.gz", "--language", "de", "-o", "o.jsonl", *PLAIN))
    assert texts_of("o.jsonl") == DE[:6] and rows_of("o.jsonl")[0]["source"] == "p"
