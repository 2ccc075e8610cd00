"""Pushing data: it arrives whole and once, whatever the Hub does; every failure is one line without a key."""

from __future__ import annotations

import logging
import logging.handlers
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("huggingface_hub", reason="the Hub needs the extra `hub`")

import pyarrow as pa
import pyarrow.parquet as pq
from huggingface_hub import constants, get_session

from dragoman.corpus.sources import hub_net
from dragoman.corpus.sources.hub_net import Patience
from dragoman.errors import DragomanError
from dragoman.publish.parcel import look_through
from dragoman.publish.push import Pushed, Wanted, push_data
from dragoman.runlog import RunLog
from hub_server import TOKEN, Trouble
from hub_upload_server import READ_TOKEN, UploadHub

SHORT = Patience(tries=3, first_wait=0.01, longest_wait=0.02, timeout=5.0, longest_pause=1.0)
SET = "owner/letters"
CARD = """---
language: [de, en]
license: cc0-1.0
configs:
- config_name: default
  data_files:
  - {split: train, path: data/train.parquet}
---
# Letters
"""


class Clock:
    """The module `time` for one module, in which sleeping takes no time."""

    def __init__(self) -> None:
        self.pauses: list[float] = []
        self.sleep = self.pauses.append

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[UploadHub]:
    """A Hub that knows TOKEN, and a library that waits for nothing and sends by plain HTTP."""
    from huggingface_hub.utils import _http

    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(_http, "time", Clock())
    with UploadHub(large=1000) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder as the stage leaves it."""
    home = tmp_path / "letters"
    (home / "data").mkdir(parents=True)
    (home / "README.md").write_text(CARD, encoding="utf-8")
    rows = [{"de": f"Brief {n}.", "en": f"Letter {n}."} for n in range(300)]
    pq.write_table(pa.Table.from_pylist(rows), home / "data" / "train.parquet")
    lines = ["de\ten", *(f"{row['de']}\t{row['en']}" for row in rows)]
    (home / "data" / "train.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (home / "manifest.json").write_text('{"format": 1}\n', encoding="utf-8")
    (home / "samples.jsonl").write_text("{}\n", encoding="utf-8")
    return home


def push(folder: Path, patience: Patience = SHORT, **wanted: object) -> Pushed:
    target = Wanted(**{"repo": SET, **wanted})  # type: ignore[arg-type]
    return push_data(look_through(folder), target, RunLog(quiet=True), patience=patience)


def contents(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in look_through(folder).files}


def refusal(folder: Path, **wanted: object) -> str:
    with pytest.raises(DragomanError) as caught:
        push(folder, **wanted)
    words = str(caught.value)
    assert "\n" not in words and TOKEN not in words and READ_TOKEN not in words and "Signature" not in words
    return words


# What arrives


def test_a_pushed_folder_is_at_the_hub_byte_for_byte(hub: UploadHub, folder: Path) -> None:
    pushed = push(folder)
    assert hub.files(SET) == contents(folder)
    assert set(hub.files(SET)) == {"README.md", "data/train.parquet", "data/train.tsv", "manifest.json"}
    assert (pushed.url, pushed.private, pushed.changed, pushed.others) == (f"{hub.url}/datasets/{SET}", True, True, ())
    assert pushed.commit == hub.sets[SET].refs["main"] and hub.summaries == ["300 rows, 4 files"]
    assert hub.count("put") == 2 and hub.count("commit") == 1  # Parquet and the long TSV


def test_a_second_push_sends_only_what_changed(hub: UploadHub, folder: Path) -> None:
    first = push(folder)
    again = push(folder)
    assert (again.commit, again.changed) == (first.commit, False)
    assert (hub.count("put"), hub.count("commit")) == (2, 1)
    (folder / "README.md").write_text(CARD + "\nMore words.\n", encoding="utf-8")
    assert push(folder, message="A better card").changed
    assert (hub.count("put"), hub.summaries[-1]) == (2, "A better card")
    assert hub.files(SET) == contents(folder)


def test_large_files_go_in_parts(hub: UploadHub, folder: Path) -> None:
    hub.parted, hub.part = 2000, 700
    push(folder)
    assert hub.files(SET) == contents(folder)
    assert hub.count("part") > 4 and hub.count("complete") == 2


def test_a_branch_is_made_and_main_stays(hub: UploadHub, folder: Path) -> None:
    hub.make(SET)
    push(folder, revision="v2/draft")
    assert hub.files(SET) == {} and hub.files(SET, "v2/draft") == contents(folder)
    push(folder, revision="v2/draft")
    assert hub.count("commit") == 1


def test_files_that_only_the_hub_has_stay_and_are_told(hub: UploadHub, folder: Path) -> None:
    hub.make(SET, files={"old.parquet": b"x", ".gitattributes": b""})
    assert push(folder).others == ("old.parquet",)
    assert hub.files(SET)["old.parquet"] == b"x"


def test_a_name_without_owner_is_the_users_own(hub: UploadHub, folder: Path) -> None:
    assert push(folder, repo="letters").repo == SET


# Who may see it


def test_a_new_data_set_is_private_unless_asked_otherwise(hub: UploadHub, folder: Path) -> None:
    assert push(folder).private and hub.private[SET]
    assert not push(folder, repo="owner/open", public=True).private and not hub.private["owner/open"]


@pytest.mark.parametrize("private", [True, False])
def test_a_data_set_that_is_there_stays_as_it_is(hub: UploadHub, folder: Path, private: bool) -> None:
    hub.make(SET, private=private)
    assert push(folder).private == private == hub.private[SET]
    assert push(folder, public=not private).private == private


@pytest.mark.parametrize("private", [True, False])
def test_nothing_is_sent_where_the_visibility_is_not_the_one_asked_for(
    hub: UploadHub, folder: Path, private: bool
) -> None:
    hub.make(SET, private=private)
    words = refusal(folder, public=private)
    assert f"the data set is {'private' if private else 'public'} at the Hub" in words and "settings" in words
    assert hub.files(SET) == {} and hub.count("preupload") == 0


# Bad days


@pytest.mark.parametrize("place", ["whoami", "info", "create", "yaml", "preupload", "lfs", "put", "verify", "commit"])
@pytest.mark.parametrize(
    "trouble",
    [Trouble(status=500), Trouble(status=503), Trouble(status=429, headers=(("Retry-After", "0"),)), Trouble(hang=0.0)],
    ids=["500", "503", "429", "broken"],
)
def test_one_bad_answer_anywhere_changes_nothing(hub: UploadHub, folder: Path, place: str, trouble: Trouble) -> None:
    hub.trouble(place, trouble)
    push(folder)
    assert hub.files(SET) == contents(folder) and len(hub.summaries) == 1
    assert not hub._troubles


@pytest.mark.parametrize("place", ["create", "put", "verify", "commit"])
def test_an_answer_that_is_lost_repeats_no_effect(hub: UploadHub, folder: Path, place: str) -> None:
    hub.trouble(place, Trouble(cut=0))
    push(folder)
    assert hub.files(SET) == contents(folder) and len(hub.summaries) == 1


def test_the_pause_the_hub_asks_for_is_kept(hub: UploadHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(hub_net, "time", clock)
    hub.trouble("commit", Trouble(status=429, headers=(("Retry-After", "7"),)))
    push(folder, Patience(tries=3, first_wait=0.01, timeout=5.0))
    assert len(clock.pauses) == 1 and 7 <= clock.pauses[0] < 7.1


def test_a_push_that_failed_goes_on_with_what_is_missing(hub: UploadHub, folder: Path) -> None:
    hub.trouble("commit", Trouble(status=500), times=SHORT.tries)
    assert "cannot be reached (HTTP 500, 3 tries)" in refusal(folder)
    put = hub.count("put")
    assert hub.files(SET) == {} and put == 2
    push(folder)
    assert hub.count("put") == put and hub.files(SET) == contents(folder)


@pytest.mark.parametrize(
    ("place", "status", "headers", "said"),
    [
        ("whoami", 401, {}, "does not know the token"),
        ("create", 403, {"X-Error-Message": "no rights"}, "the token may not write here"),
        ("commit", 403, {"X-Error-Message": "no rights"}, "the token may not write here"),
        ("commit", 403, {"X-Error-Message": "Private storage limit reached"}, "no room for the files (Private storage"),
        ("lfs", 402, {}, "no room for the files"),
        ("put", 413, {}, "no room for the files"),
        ("commit", 409, {}, "being changed by somebody else"),
        ("commit", 412, {}, "being changed by somebody else"),
        ("preupload", 404, {"X-Error-Code": "RepoNotFound"}, "no such data set"),
        ("commit", 400, {"X-Error-Message": f"bad {TOKEN} at https://x/?Signature=a"}, "does not take the commit"),
        ("commit", 418, {}, "HTTP 418"),
    ],
)
def test_a_refusal_is_one_line(
    hub: UploadHub, folder: Path, place: str, status: int, headers: dict[str, str], said: str
) -> None:
    hub.trouble(place, Trouble(status=status, headers=tuple(headers.items())))
    assert said in refusal(folder)
    assert len(hub.summaries) == 0


def test_a_long_pause_is_told_and_not_waited_for(hub: UploadHub, folder: Path) -> None:
    hub.trouble("whoami", Trouble(status=429, headers=(("Retry-After", "1800"),)), times=9)
    assert "pause of 30 minutes" in refusal(folder)


def test_a_page_instead_of_an_answer_is_told(hub: UploadHub, folder: Path) -> None:
    hub.trouble("preupload", Trouble(page=b"<html>Log in to the hotel</html>"))
    assert "not that of a Hub" in refusal(folder)


def test_a_hub_that_never_answers_is_given_up(hub: UploadHub, folder: Path) -> None:
    hub.trouble("preupload", Trouble(hang=0.5), times=40)
    with pytest.raises(DragomanError, match="no answer in time"):
        push(folder, Patience(tries=1, timeout=0.1))


def test_the_card_is_judged_by_the_hub_too(hub: UploadHub, folder: Path) -> None:
    (folder / "README.md").write_text(CARD.replace("cc0-1.0", "[cc0-1.0, mit]"), encoding="utf-8")
    assert 'does not take the card: "license" must be a string' in refusal(folder)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"repo": "a/b/c"}, "'a/b/c' is not the name of a data set"),
        ({"repo": "some body/x"}, "is not the name of a data set"),
        ({"repo": "another/letters"}, "the token may not write here"),
        ({"message": "  "}, "the message of the commit is empty"),
    ],
)
def test_what_is_asked_wrongly_is_told(hub: UploadHub, folder: Path, wanted: dict[str, str], said: str) -> None:
    assert said in refusal(folder, **wanted)


# Tokens


def test_no_token_is_told_before_any_request(hub: UploadHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_TOKEN")
    assert "needs a token" in refusal(folder) and hub.seen == []


def test_the_token_of_the_login_is_used(
    hub: UploadHub, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "token").write_text(TOKEN)
    assert push(folder).changed


@pytest.mark.parametrize(("token", "said"), [(READ_TOKEN, "may only read"), ("hf_nobody", "does not know the token")])
def test_a_token_that_cannot_push_is_told_before_anything_is_made(
    hub: UploadHub, folder: Path, monkeypatch: pytest.MonkeyPatch, token: str, said: str
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    assert said in refusal(folder) and SET not in hub.sets


def test_offline_mode_and_no_network_are_told(hub: UploadHub, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert "cannot be reached (no connection, 3 tries)" in refusal(folder)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "offline mode is on" in refusal(folder)


def test_the_library_is_left_as_it_was(hub: UploadHub, folder: Path) -> None:
    from huggingface_hub.utils import are_progress_bars_disabled
    from huggingface_hub.utils.logging import get_verbosity

    before = (get_verbosity(), get_session().timeout, are_progress_bars_disabled())
    hub.trouble("commit", Trouble(status=409))
    refusal(folder)
    assert (get_verbosity(), get_session().timeout, are_progress_bars_disabled()) == before


def test_the_library_says_nothing_because_it_would_show_signed_addresses(
    hub: UploadHub, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    said = logging.handlers.BufferingHandler(100)
    logger = logging.getLogger("huggingface_hub")
    logger.addHandler(said)
    hub.trouble("put", Trouble(status=503))
    push(folder)
    logger.removeHandler(said)
    assert said.buffer == [] and capfd.readouterr() == ("", "")


@pytest.mark.parametrize("status", [401, 404])
def test_a_storage_that_does_not_take_the_files_is_told(
    hub: UploadHub, folder: Path, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    pytest.importorskip("hf_xet", reason="without it the library sends by plain HTTP")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", False)
    hub.trouble("other", Trouble(status=status), times=99)  # nobody hands out a token for the storage
    assert "HF_HUB_DISABLE_XET=1" in refusal(folder)
    assert hub.summaries == []
