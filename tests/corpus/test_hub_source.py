"""The Hub as a source: the right files of the right commit, read to the last byte through whatever goes wrong."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import logging
import multiprocessing
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("huggingface_hub", reason="the Hub needs the extra `hub`")

from huggingface_hub import constants

from dragoman.corpus.sources import Sizes, hub_net, plan_shards, read_shard
from dragoman.corpus.sources import hub as hub_module
from dragoman.corpus.sources.hub import HubUnreachable, RemoteFile, hub_files, open_hub
from dragoman.corpus.sources.hub_card import (
    choose,
    fixed_folder,
    in_split,
    matching,
    patterns_of,
    some,
    subsets,
)
from dragoman.corpus.sources.hub_net import Patience
from dragoman.errors import DataError
from dragoman.recipe.data import HubSource, MonoSource
from hub_server import SIGNATURE, TOKEN, HubServer, Trouble, read_in_worker

SHORT = Patience(tries=4, first_wait=0.01, longest_wait=0.02, timeout=5.0)
BRIEF = Patience(tries=2, first_wait=0.01, longest_wait=0.02, timeout=0.2)
SET = "owner/name"
CARD = """---
license: cc0-1.0
configs:
- config_name: deu_Latn
  data_files:
  - split: train
    path: data/deu_Latn/train/*
  - split: test
    path: data/deu_Latn/test/*
- config_name: "fra_Latn"
  data_files:
  - {split: train, path: [data/fra_Latn/train/*]}
---
# Texts
"""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    """A Hub with a small storage limit and pages of three files; no token, no cache."""
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    with HubServer(page=3) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


def content(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


def names(files: tuple[RemoteFile, ...]) -> list[str]:
    return [file.path.split("/", 5)[5] for file in files]


def one_file(hub: HubServer, body: bytes, name: str = "a.jsonl") -> str:
    return f"hf://datasets/{SET}@{hub.add(SET, {name: body})}/{name}"


# Which files


def test_the_files_of_a_data_set_come_from_all_pages_in_natural_order(hub: HubServer) -> None:
    numbers = [10, 9, 2, 1, 100]
    commit = hub.add(SET, {f"data/{n}.jsonl.gz": b"x" * n for n in numbers} | {"a.bin": b"", "LICENSE.txt": b""})
    files = hub_files(HubSource(repo=SET), SHORT)
    assert files == tuple(RemoteFile(f"hf://datasets/{SET}@{commit}/data/{n}.jsonl.gz", n) for n in [1, 2, 9, 10, 100])
    assert hub.count("tree") == 3


def test_a_subset_of_the_card_lists_only_its_own_folder(hub: HubServer) -> None:
    folders = [f"data/{code}/{split}" for code in ("deu_Latn", "fra_Latn") for split in ("train", "test")]
    files = {f"{folder}/{n}.parquet": b"x" for folder in folders for n in (1, 2)}
    hub.add(SET, files | {"README.md": CARD.encode()})
    assert names(hub_files(HubSource(repo=SET, subset="deu_Latn"), SHORT)) == [
        "data/deu_Latn/train/1.parquet",
        "data/deu_Latn/train/2.parquet",
    ]
    assert hub.count("tree") == 1
    assert names(hub_files(HubSource(repo=SET, subset="deu_Latn", split="test"), SHORT))[0].startswith(
        "data/deu_Latn/te"
    )


@pytest.mark.parametrize(
    ("said", "split", "patterns"),
    [
        ("data_files: a.csv", "train", ("a.csv",)),
        ("data_files: [a.csv, ./b/*.csv]", "train", ("a.csv", "b/*.csv")),
        ("data_files: {train: a.csv, dev: [b.csv, c.csv]}", "dev", ("b.csv", "c.csv")),
        ("data_files: [{split: '2024', path: a.csv}]", "2024", ("a.csv",)),
        ("data_files: [{split: on, path: [a.csv, b.csv]}]", "on", ("a.csv", "b.csv")),
        ("{data_dir: ./sub/, data_files: '*.csv'}", "train", ("sub/*.csv",)),
    ],
)
def test_every_form_of_data_files_is_understood(said: str, split: str, patterns: tuple[str, ...]) -> None:
    entry = said if said.startswith("{") else "{" + said + "}"
    listed = subsets(f"---\nconfigs:\n- {entry[0]}config_name: one, {entry[1:]}\n---\n", "card")
    alone = subsets(f"\ufeff---\r\nconfigs: {entry}\r\n---\r\ntext\r\n", "card")
    assert patterns_of(listed["one"], split, "card") == patterns_of(alone["default"], split, "card") == patterns


@pytest.mark.parametrize(
    ("card", "subset", "message"),
    [
        (CARD, "deu_latn", "no subset 'deu_latn' (card): did you mean 'deu_Latn'?"),
        (CARD, "xyz", "no subset 'xyz' (card): there are deu_Latn, fra_Latn"),
        (CARD, None, "several subsets (card): choose a `subset`: deu_Latn, fra_Latn"),
        ("# Only words\n", "de", "its card declares none: name its files"),
        ("---\nconfigs: [a: b: c\n---\n", "de", "not valid YAML"),
        ("---\nconfigs: yes\n---\n", "de", "no list of subsets"),
        (
            "---\nconfigs:\n- config_name: de\n  data_files: https://example.org/x.csv\n---\n",
            "de",
            "outside the data set",
        ),
        (
            "---\nconfigs:\n- config_name: de\n  data_files: [{split: train}]\n---\n",
            "de",
            "`data_files` cannot be read",
        ),
    ],
)
def test_a_card_that_does_not_say_the_subset_is_told(card: str, subset: str | None, message: str) -> None:
    with pytest.raises(DataError) as caught:
        choose(subsets(card, "card"), subset, "card")
    assert message in str(caught.value)


def test_names_of_subsets_stay_words_and_the_default_is_taken() -> None:
    card = "---\nconfigs:\n- config_name: no\n- config_name: nb\n  default: true\n  data_dir: nb\n---\n"
    known = subsets(card, "card")
    assert list(known) == ["no", "nb"]
    assert choose(known, None, "card").folder == "nb"
    assert (
        choose(subsets("---\nconfigs:\n- config_name: only\n  data_dir: x\n---\n", "card"), None, "card").folder == "x"
    )


@pytest.mark.parametrize(
    ("paths", "split", "expected"),
    [
        (["a.csv", "b/c.csv"], "train", ["a.csv", "b/c.csv"]),
        (["train.csv", "test.csv", "more.csv"], "train", ["train.csv"]),
        (["my-train_2.csv", "dev.csv"], "validation", ["dev.csv"]),
        (["trainers.csv", "latest.csv"], "train", ["trainers.csv", "latest.csv"]),
        (["data/train/1.csv", "data/test/1.csv", "train.csv"], "train", ["data/train/1.csv"]),
        (["de_train/1.csv", "de-eval.v2/1.csv"], "test", ["de-eval.v2/1.csv"]),
        (["data/web-00000-of-00002.csv", "data/train-00000-of-00001-ab12.csv", "train/x.csv"], "web",
         ["data/web-00000-of-00002.csv"]),
        (["README.txt", "license.txt", ".hidden/a.txt", "__x/a.txt", "a.txt"], "train", ["a.txt"]),
    ],
)  # fmt: skip
def test_splits_are_guessed_from_names_as_at_the_hub(paths: list[str], split: str, expected: list[str]) -> None:
    assert in_split(paths, split, "set") == expected


def test_a_split_that_no_name_says_is_told() -> None:
    with pytest.raises(DataError, match=r"no split 'trian' \(set\): did you mean 'train'"):
        in_split(["train.csv", "test.csv"], "trian", "set")
    with pytest.raises(DataError, match="all of it is `train`"):
        in_split(["a.csv"], "test", "set")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.txt", ["a.txt"]),
        ("**/*.txt", ["a.txt", "x/b.txt", "x/y/c.txt"]),
        ("x/**", ["x/b.txt", "x/y/c.txt"]),
        ("x/[!c].txt", ["x/b.txt"]),
        ("**/.*", [".h.txt"]),
        ("x/y/c.txt", ["x/y/c.txt"]),
    ],
)
def test_a_glob_means_what_it_means_at_the_hub(pattern: str, expected: list[str]) -> None:
    assert matching(pattern, ["a.txt", "x/b.txt", "x/y/c.txt", ".h.txt"], "set") == expected


def test_only_the_folder_above_the_first_wildcard_is_listed() -> None:
    assert [fixed_folder(p) for p in ("a/b/*.txt", "a/b/c.txt", "*/x/a.txt", "a.txt", "a/[bc]/d/e.txt")] == [
        "a/b", "a/b", "", "", "a",
    ]  # fmt: skip


def test_messages_name_a_few_of_many() -> None:
    assert some(f"part-{n}" for n in range(1200)).startswith("part-0, part-1, part-2,")
    assert some(str(n) for n in range(1200)).endswith("... (1,200 in all)")


def test_files_by_glob_and_what_it_does_not_find(hub: HubServer) -> None:
    hub.add(SET, {"de/1.jsonl": b"x", "de/2.jsonl": b"x", "fr/1.jsonl": b"x", "de/notes.bin": b""})
    assert names(hub_files(HubSource(repo=SET, files="de/*"), SHORT)) == ["de/1.jsonl", "de/2.jsonl"]
    for files, message in [
        ("d/1.jsonl", "did you mean 'de/1.jsonl'?"),
        ("de/*.bin", "of a known format, only de/notes.bin"),
        ("de/**x", "'de/**x' is no pattern for files"),
    ]:
        with pytest.raises(DataError) as caught:
            hub_files(HubSource(repo=SET, files=files), SHORT)
        assert message in str(caught.value) and "\n" not in str(caught.value)


def test_two_formats_without_a_card_are_not_read_twice(hub: HubServer) -> None:
    hub.add(SET, {"a.csv": b"x", "a.parquet": b"x"})
    with pytest.raises(DataError, match=r"several formats .*: choose with `files` \(.csv, .parquet\)"):
        hub_files(HubSource(repo=SET), SHORT)


def test_the_revision_becomes_a_commit_and_later_commits_change_nothing(hub: HubServer) -> None:
    first = hub.add(SET, {"a.jsonl": b"old"})
    hub.add(SET, {"a.jsonl": b"side"}, ref="refs/convert/parquet")
    files = hub_files(HubSource(repo=SET), SHORT)
    hub.add(SET, {"a.jsonl": b"new"})
    assert f"@{first}/" in files[0].path
    assert open_hub(files[0].path).read() == b"old"
    assert open_hub(hub_files(HubSource(repo=SET), SHORT)[0].path).read() == b"new"
    assert open_hub(hub_files(HubSource(repo=SET, revision=first), SHORT)[0].path).read() == b"old"
    side = hub_files(HubSource(repo=SET, revision="refs/convert/parquet"), SHORT)
    assert open_hub(side[0].path).read() == b"side"


# Reading


@pytest.mark.parametrize("size", [0, 1, 999, 1000, 300_000])
def test_a_file_is_read_whole_with_and_without_its_size(hub: HubServer, size: int) -> None:
    body = content(size)
    path = one_file(hub, body)
    assert open_hub(path).read() == open_hub(path, size).read() == body
    assert open_hub(path).seek(0, io.SEEK_END) == size
    assert list(open_hub(path)) == list(io.BytesIO(body))
    assert open_hub(path).seek(size + 5) == size + 5


def test_any_walk_through_a_file_reads_what_stands_there(hub: HubServer) -> None:
    body = content(700_000)
    stream, plain, rng = open_hub(one_file(hub, body)), io.BytesIO(body), random.Random(3)
    for _ in range(150):
        action, number = rng.choice("srrre"), rng.choice([1, 100, 70_000, 300_000])
        if action == "s":
            assert stream.seek(rng.randrange(len(body) + 10)) == plain.seek(stream.tell())
        elif action == "e":
            assert stream.seek(-number, io.SEEK_END) == plain.seek(-number, io.SEEK_END)
        else:
            assert stream.read(number) == plain.read(number)
        assert stream.tell() == plain.tell()
    assert stream.readable() and stream.seekable() and not stream.writable()


def test_compressed_readers_work_on_the_stream(hub: HubServer) -> None:
    body = content(100_000)
    with gzip.open(open_hub(one_file(hub, gzip.compress(body), "a.txt.gz"))) as stream:
        assert stream.read() == body


def test_reading_from_front_to_back_takes_few_requests(hub: HubServer) -> None:
    body = content(4 << 20)
    stream = open_hub(one_file(hub, body), len(body))
    assert b"".join(iter(lambda: stream.read(100_000), b"")) == body
    assert hub.count("storage") <= 8
    assert hub.served("storage") == len(body)


def test_a_connection_that_breaks_is_taken_up_at_the_byte_where_it_broke(hub: HubServer) -> None:
    body, rng = content(3_000_000), random.Random(5)
    for _ in range(25):
        hub.trouble(rng.choice(["storage", "storage", "resolve"]), Trouble(cut=rng.randrange(100_000)))
    stream = open_hub(one_file(hub, body), patience=SHORT)
    assert b"".join(iter(lambda: stream.read(rng.randrange(1, 400_000)), b"")) == body
    assert len(body) <= hub.served("storage") < len(body) + 25 * 65536


def test_an_answer_without_a_length_that_ends_early_is_not_the_end_of_the_file(hub: HubServer) -> None:
    body = content(200_000)
    hub.trouble("storage", Trouble(cut=70_000, unsized=True), times=2)
    assert open_hub(one_file(hub, body), patience=SHORT).read() == body


def test_a_server_that_falls_silent_is_asked_again(hub: HubServer) -> None:
    body = content(200_000)
    hub.trouble("storage", Trouble(silent=50_000))
    hub.trouble("resolve", Trouble(hang=0.5))
    assert open_hub(one_file(hub, body), patience=Patience(tries=3, first_wait=0.01, timeout=0.2)).read() == body


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_errors_are_waited_out(hub: HubServer, status: int) -> None:
    body = content(50_000)
    path = one_file(hub, body)
    for place in ("info", "tree", "resolve"):
        hub.trouble(place, Trouble(status=status), times=3)
    assert hub_files(HubSource(repo=SET, files="*"), SHORT)[0].path == path
    assert open_hub(path, patience=SHORT).read() == body
    hub.trouble("resolve", Trouble(status=status), times=3)
    assert open_hub(path, patience=SHORT).seek(0, io.SEEK_END) == len(body)


def test_a_signed_address_that_ran_out_is_asked_for_again(hub: HubServer) -> None:
    body = content(50_000)
    hub.trouble("storage", Trouble(status=403), times=2)
    assert open_hub(one_file(hub, body), patience=SHORT).read() == body


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        ((("Retry-After", "7"),), 7.0),
        ((("RateLimit", '"resolvers";r=0;t=55'),), 55.0),
        ((("RateLimit", '"resolvers";r=12;t=55'),), 0.0),
        ((), 0.0),
    ],
)
def test_a_server_that_names_a_pause_gets_it(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, headers: tuple[tuple[str, str], ...], least: float
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(hub_net.time, "sleep", waits.append)
    path = one_file(hub, b"x")
    hub.trouble("resolve", Trouble(status=429, headers=headers))
    open_hub(path, patience=SHORT).read()
    assert len(waits) == 1 and least < waits[0] <= least + 0.02


def test_progress_renews_the_patience(hub: HubServer) -> None:
    body = content(400_000)
    hub.trouble("storage", Trouble(cut=10_000), times=20)
    assert open_hub(one_file(hub, body), patience=BRIEF).read() == body


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        (Trouble(status=503), "HTTP 503"),
        (Trouble(cut=0), "the connection broke off"),
        (Trouble(hang=0.4), "no answer in time"),
    ],
)
def test_after_so_many_tries_it_gives_up_and_says_how_to_go_on(hub: HubServer, trouble: Trouble, cause: str) -> None:
    path = one_file(hub, content(50_000))
    hub.trouble("storage", trouble, times=2)
    with pytest.raises(HubUnreachable) as caught, open_hub(path, patience=BRIEF) as stream:
        stream.read()
    assert str(caught.value) == (
        f"the Hub cannot be reached ({cause}, 2 tries) ({path}): check the network, proxy and HF_ENDPOINT, "
        "then start the same command again: what is finished is kept"
    )
    assert hub.count("storage") == 2


@pytest.mark.parametrize("place", ["info", "tree", "resolve"])
def test_no_question_waits_without_limit(hub: HubServer, place: str) -> None:
    hub.add(SET, {"a.jsonl": content(50_000), "README.md": b""})
    hub.trouble(place, Trouble(hang=1.0), times=2)
    with pytest.raises(HubUnreachable, match="no answer in time"):
        hub_files(HubSource(repo=SET), BRIEF)


def test_the_question_for_the_size_waits_no_longer_than_the_others(hub: HubServer) -> None:
    path = one_file(hub, content(50_000))
    hub.trouble("resolve", Trouble(hang=1.0), times=2)
    with pytest.raises(HubUnreachable, match="no answer in time"):
        open_hub(path, patience=BRIEF).seek(0, io.SEEK_END)


def test_a_stream_that_gave_up_can_be_read_on(hub: HubServer) -> None:
    body = content(200_000)
    stream = open_hub(one_file(hub, body), patience=BRIEF)
    head = stream.read(70_000)
    hub.trouble("storage", Trouble(cut=0), times=2)
    with pytest.raises(HubUnreachable):
        stream.read()
    assert head + stream.read() == body[: stream.tell()] == body


def test_no_network_is_one_line(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubUnreachable, match="no connection, 2 tries"):
        hub_files(HubSource(repo=SET), BRIEF)
    for endpoint in ("huggingface.co", "ftp://huggingface.co"):
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        with pytest.raises(DataError, match=r"is no web address \(HF_ENDPOINT\): begin it with https://"):
            hub_files(HubSource(repo=SET), BRIEF)


def test_a_pause_longer_than_the_patience_ends_the_run(hub: HubServer) -> None:
    path = one_file(hub, b"x")
    hub.trouble("resolve", Trouble(status=429, headers=(("Retry-After", "7200"),)))
    with pytest.raises(HubUnreachable, match=r"pause of 120 minutes \(HTTP 429\)"):
        open_hub(path, patience=SHORT).read()


def test_a_server_without_ranges_is_no_silent_damage(hub: HubServer) -> None:
    body = content(100_000)
    path = one_file(hub, body)
    hub.trouble("storage", Trouble(whole=True), times=5)
    assert open_hub(path).read() == body
    stream = open_hub(path)
    stream.seek(10)
    with pytest.raises(DataError, match="does not serve ranges"):
        stream.read(10)
    with pytest.raises(DataError, match="has 100,000 bytes, not 5"):
        open_hub(path, 5).read(1)


# What cannot be had


def refused(action: Any) -> str:
    with pytest.raises(DataError) as caught:
        action()
    assert not isinstance(caught.value, HubUnreachable)
    return str(caught.value)


@pytest.mark.parametrize("token", [None, "hf_someOtherToken"])
def test_what_the_user_may_not_read_is_told_before_the_work_starts(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, token: str | None
) -> None:
    caplog.set_level(logging.DEBUG, logger="huggingface_hub")
    if token:
        monkeypatch.setenv("HF_TOKEN", token)
    hub.add(SET, {"a.jsonl": b"x"}, gated=True)
    said = [
        refused(lambda: hub_files(HubSource(repo=SET), SHORT)),
        refused(lambda: hub_files(HubSource(repo="owner/other"), SHORT)),
        refused(lambda: hub_files(HubSource(repo=SET, revision="v9"), SHORT)),
        refused(lambda: hub_files(HubSource(repo="no such/name/at all"), SHORT)),
        refused(lambda: open_hub(one_file(hub, b"x") + ".gz").read()),
        refused(lambda: open_hub("hf://datasets/owner/name/a.jsonl")),
    ]
    assert "gated" in said[0] and "HF_TOKEN" in said[0] and "hf auth login" in said[0]
    assert "no such data set" in said[1] and "hf auth login" in said[1]
    assert "no such revision" in said[2]
    assert "OWNER/NAME" in said[3]
    assert "no such file" in said[4] or "gated" in said[4]
    assert "@COMMIT/" in said[5]
    hub.trouble("info", Trouble(status=401))
    said.append(refused(lambda: hub_files(HubSource(repo=SET), SHORT)))
    assert "refuses access (HTTP 401)" in said[6]
    assert all("\n" not in line for line in said)
    assert "hf_some" not in " ".join(said) + caplog.text


def test_the_token_opens_gated_sets_and_never_goes_to_the_storage(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="huggingface_hub")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    body = content(50_000)
    hub.add(SET, {"a.jsonl": body}, gated=True)
    (file,) = hub_files(HubSource(repo=SET), SHORT)
    assert open_hub(file.path).read() == body
    hub.trouble("storage", Trouble(status=503), times=4)
    with pytest.raises(HubUnreachable) as caught:
        open_hub(file.path, patience=SHORT).read()
    assert {one.token for one in hub.seen if one.place == "storage"} == {False}
    assert {one.token for one in hub.seen if one.place != "storage"} == {True}
    for secret in (TOKEN, SIGNATURE):
        assert secret not in str(caught.value) and secret not in caplog.text


def test_another_server_than_a_hub_is_told(hub: HubServer) -> None:
    hub.add(SET, {"a.jsonl": b"x"})
    for place in ("info", "tree"):
        hub.trouble(place, Trouble(page=b"<html>Please log in to this network</html>"))
        assert "not that of a Hub" in refused(lambda: hub_files(HubSource(repo=SET, files="*"), SHORT))


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for action in (lambda: hub_files(HubSource(repo=SET)), lambda: open_hub("hf://datasets/o/n@c/f.txt")):
        assert refused(action).endswith("pip install 'dragoman[hub]'")


# Parquet, workers, offline


def test_of_a_parquet_file_only_the_footer_and_the_wanted_columns_travel(hub: HubServer) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    rows = 3000
    texts = [f"Text number {n}. " * 5 for n in range(rows)]
    table = pa.table({"text": texts, "heavy": [content(1000, n) for n in range(rows)]})
    sink = io.BytesIO()
    parquet.write_table(table, sink, row_group_size=1000)
    body = sink.getvalue()
    path = one_file(hub, body, "a.parquet")

    footer = parquet.ParquetFile(open_hub(path, len(body)))
    assert footer.num_row_groups == 3
    assert hub.served("storage") <= 64 << 10 and hub.count("resolve") == 1

    read = footer.read_row_groups([1], columns=["text"]).column("text").to_pylist()
    assert read == texts[1000:2000]
    assert len(body) > 3_000_000 > 500_000 > hub.served("storage")


def source_of(files: str) -> MonoSource:
    return MonoSource(name="web", language="de", hub=HubSource(repo=SET, files=files), licence="cc0-1.0")


def formats(texts: list[str]) -> dict[str, bytes]:
    """The same documents as files of three kinds."""
    parquet = pytest.importorskip("pyarrow.parquet")
    import pyarrow as pa

    sink = io.BytesIO()
    parquet.write_table(pa.table({"text": texts}), sink, row_group_size=len(texts) // 4)
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts).encode()
    return {"a.jsonl": lines, "a.jsonl.gz": gzip.compress(lines), "a.parquet": sink.getvalue()}


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_the_shards_of_a_hub_source_give_all_documents_through_a_bad_night(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(hub_module, "READING", SHORT)
    texts = [content(120, n).hex() for n in range(2000)]
    hub.add(SET, formats(texts))
    source, sizes, rng = source_of(name), Sizes(block=20_000, split=100_000), random.Random(9)
    shards = plan_shards(source, tmp_path, sizes)
    assert len(shards) > 1 or name == "a.jsonl.gz"
    hub.trouble("resolve", Trouble(status=503), times=3)
    for _ in range(8):
        hub.trouble("storage", Trouble(cut=rng.randrange(1, 60_000)))
    batches = [batch for shard in shards for batch in read_shard(shard, source, sizes)]
    assert [text for batch in batches for text in batch.texts] == texts
    assert not any(batch.faults for batch in batches)


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.parquet"])
def test_a_hub_that_stays_away_is_a_counted_fault(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setattr(hub_module, "READING", BRIEF)
    hub.add(SET, formats([content(120, n).hex() for n in range(2000)]))
    shards = plan_shards(source_of(name), tmp_path)
    hub.trouble("storage", Trouble(cut=50_000))
    hub.trouble("storage", Trouble(status=503), times=1000)
    faults = [fault for shard in shards for batch in read_shard(shard, source_of(name)) for fault in batch.faults]
    assert [fault.reason for fault in faults] == ["unreachable"]
    assert "the Hub cannot be reached (HTTP 503, 2 tries)" in faults[0].detail


def test_a_spawned_worker_reads_the_same_and_holds_little(hub: HubServer) -> None:
    body = content(12_000_000)
    path = one_file(hub, body)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        digest, peak = pool.apply(read_in_worker, (path,))
    assert digest == hashlib.sha256(body).hexdigest()
    assert peak < 4_000_000


def test_offline_mode_reads_the_local_cache_and_nothing_else(hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import snapshot_download

    folder = "data/deu_Latn/train"
    commit = hub.add(SET, {"README.md": CARD.encode(), f"{folder}/1.jsonl": b"one", f"{folder}/2.jsonl": b"two"})
    hub.add("owner/plain", {"a.txt": b"text"})
    snapshot_download(SET, repo_type="dataset", endpoint=hub.url, allow_patterns=["README.md", f"{folder}/1.jsonl"])
    snapshot_download("owner/plain", repo_type="dataset", endpoint=hub.url)
    asked = len(hub.seen)
    paths = [f"hf://datasets/{SET}@{commit}/{folder}/{n}.jsonl" for n in (1, 2)]
    assert open_hub(paths[0]).read() == b"one"

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert [file.path for file in hub_files(HubSource(repo=SET, subset="deu_Latn"))] == paths
    assert open_hub(paths[0]).read() == b"one"
    assert [file.size for file in hub_files(HubSource(repo="owner/plain"))] == [4]
    for action in (
        lambda: open_hub(paths[1]).read(),
        lambda: hub_files(HubSource(repo="owner/other")),
        lambda: hub_files(HubSource(repo=SET, revision="v2")),
    ):
        said = refused(action)
        assert "offline mode is on and this is not in the local cache" in said and "hf download" in said
    assert len(hub.seen) == asked
