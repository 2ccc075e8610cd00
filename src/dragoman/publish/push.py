"""`dragoman push --data`: a finished data folder becomes a data set at the Hugging Face Hub, in one commit.

    parcel = look_through(folder)                          nothing is sent that must not leave
    pushed = push_data(parcel, Wanted("owner/name"), log)  Pushed(url="https://.../datasets/owner/name", ...)

The upload is huggingface_hub's own (`create_commit`): what the Hub has already is not sent again, neither a file that
did not change nor one that an interrupted push had brought there; so the same call goes on after a failure, and a
second call with nothing new makes no commit. The token is that of the user (HF_TOKEN or `hf auth login`); no error
shows it or an address signed with it. Nothing is deleted at the Hub.
"""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from dragoman.corpus.sources.hub_net import LOG_IN, Patience, persist
from dragoman.errors import DataError, DragomanError, RunError
from dragoman.publish.parcel import Parcel
from dragoman.runlog import RunLog

T = TypeVar("T")
KIND = "dataset"
MAIN = "main"
ASKING = Patience(tries=4, timeout=30.0)  # the first calls: without a network the user learns it soon
SENDING = Patience(tries=3, timeout=300.0)  # a commit of many files; the library tries every part six times itself
NO_ROOM = re.compile(r"(?i)storage|quota|limit|exceed|payment|plan\b")
TOKENS = re.compile(r"\bhf_[A-Za-z0-9]+|\?\S+")  # and signed addresses
QUIET = 50  # above every level of the library's log
STORAGE = (ConnectionError, TimeoutError)  # of hf_xet, which has tried often; plain HTTP has classes of its own
SHOWN = 160  # characters of what a server says


@dataclass(frozen=True)
class Wanted:
    """Where the data goes."""

    repo: str
    """OWNER/NAME; NAME alone is the user's own."""
    revision: str = MAIN
    """A branch; made where there is none."""
    message: str | None = None
    """Of the commit; None: how many rows and files."""
    public: bool | None = None
    """None: a new data set is private, one that is there stays as it is."""


@dataclass(frozen=True)
class Pushed:
    """What is at the Hub now."""

    repo: str
    url: str
    commit: str
    private: bool
    changed: bool
    """False: all of it was there."""
    others: tuple[str, ...]
    """Files of the data set that the folder does not have. They stay."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**vars(self), "others": list(self.others)}


def push_data(parcel: Parcel, wanted: Wanted, log: RunLog, *, patience: Patience | None = None) -> Pushed:
    """Send a parcel. Raises `DragomanError` in one line for whatever stands in the way.

    `patience`: instead of ASKING and SENDING.
    """
    if wanted.message is not None and not wanted.message.strip():
        raise DataError("the message of the commit is empty", where="--message", do="write one, or leave it out")
    token = _token()
    with _quiet_library(log):
        hub = _Hub(token, wanted, patience or ASKING, patience or SENDING)
        repo = hub.owned(wanted.repo)
        private, head, there = hub.prepare(repo)
        log.say(f"push: {len(parcel.files):,} files, {parcel.size / 1e6:,.1f} MB, to {repo}")
        commit = hub.send(repo, parcel, wanted.message or f"{parcel.rows:,} rows, {len(parcel.files):,} files")
    others = sorted(there - parcel.files.keys() - {".gitattributes"})
    return Pushed(repo, f"{hub.api.endpoint}/datasets/{repo}", commit, private, commit != head, tuple(others))


def _token() -> str:
    """The user's own, from where huggingface_hub keeps it."""
    try:
        from huggingface_hub import get_token, is_offline_mode
    except ImportError:
        raise DragomanError("pushing needs a package that is not installed", do="pip install 'dragoman[hub]'") from None
    if is_offline_mode():
        raise DragomanError("offline mode is on", where="HF_HUB_OFFLINE", do="unset it to push")
    token = get_token()
    if token is None:
        raise DragomanError("pushing needs a token of the Hub", do=LOG_IN)
    return token


@contextlib.contextmanager
def _quiet_library(log: RunLog) -> Iterator[None]:
    """The library's warnings name signed addresses, and its bars belong on a terminal only."""
    from huggingface_hub import get_session
    from huggingface_hub.utils import (  # type: ignore[attr-defined]
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
        logging,
    )

    level, timeout, silent = logging.get_verbosity(), get_session().timeout, are_progress_bars_disabled()
    logging.set_verbosity(QUIET)
    if not log.interactive and not silent:
        disable_progress_bars()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        get_session().timeout = timeout
        if not log.interactive and not silent:
            enable_progress_bars()


class _Hub:
    """The Hub as one user sees it."""

    def __init__(self, token: str, wanted: Wanted, asking: Patience, sending: Patience) -> None:
        from huggingface_hub import HfApi

        # The library reads HF_ENDPOINT once, when it is imported.
        endpoint = (os.environ.get("HF_ENDPOINT") or "").rstrip("/") or None
        self.api: Any = HfApi(endpoint=endpoint, token=token, library_name="dragoman")
        self.wanted, self.asking, self.sending = wanted, asking, sending

    def owned(self, repo: str) -> str:
        """OWNER/NAME. Raises `DragomanError` for a name that cannot be, a bad token, or one that may only read."""
        from huggingface_hub.errors import HFValidationError
        from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

        try:
            validate_repo_id(repo)
        except HFValidationError:
            raise DragomanError(f"'{repo}' is not the name of a data set", do="write OWNER/NAME") from None
        user = ask(self.api.whoami, self.api.endpoint, self.asking)
        access = (user.get("auth") or {}).get("accessToken") or {}
        if access.get("role") == "read":
            raise DragomanError("the token may only read", where=repo, do=f"make one that may write, then {LOG_IN}")
        return repo if "/" in repo else f"{user['name']}/{repo}"

    def prepare(self, repo: str) -> tuple[bool, str | None, set[str]]:
        """(private, commit, files) of the data set and branch, which are made where they are missing."""
        info: Any = None
        if ask(lambda: self.api.repo_exists(repo, repo_type=KIND), repo, self.asking):
            info = ask(lambda: self.api.dataset_info(repo), repo, self.asking)
        if info is None:
            private = not self.wanted.public
            create = {"repo_type": KIND, "private": private, "exist_ok": True}
            ask(lambda: self.api.create_repo(repo, **create), repo, self.asking)
        else:
            private = bool(info.private)
            self._same_visibility(repo, private)
        if self.wanted.revision != MAIN:
            branch = {"branch": self.wanted.revision, "repo_type": KIND, "exist_ok": True}
            ask(lambda: self.api.create_branch(repo, **branch), repo, self.asking)
        if info is None or self.wanted.revision != MAIN:
            info = ask(lambda: self.api.dataset_info(repo, revision=self.wanted.revision), repo, self.asking)
        return private, info.sha, {file.rfilename for file in info.siblings or ()}

    def _same_visibility(self, repo: str, private: bool) -> None:
        if self.wanted.public is not None and self.wanted.public == private:
            there, asked = ("private", "public") if private else ("public", "private")
            do = f"change it at {self.api.endpoint}/datasets/{repo}/settings, or leave out --{asked}"
            raise DragomanError(f"the data set is {there} at the Hub", where=repo, do=do)

    def send(self, repo: str, parcel: Parcel, message: str) -> str:
        """The commit that holds the parcel. A second try finds what the first one brought, its commit included."""
        from huggingface_hub import CommitOperationAdd

        def once() -> Any:
            files = [CommitOperationAdd(name, str(parcel.folder / name)) for name in parcel.files]
            revision = {"repo_type": KIND, "revision": self.wanted.revision}
            return self.api.create_commit(repo, files, commit_message=message, **revision)

        return str(ask(once, repo, self.sending).oid)


def ask(call: Callable[[], T], where: str, patience: Patience) -> T:
    """`call()`, repeated while the Hub or the way to it fails; every other failure becomes one line."""

    def once() -> T:
        from huggingface_hub import get_session

        get_session().timeout = patience.timeout  # the library waits for ever
        try:
            return call()
        except Exception as error:
            raise _translated(error, where) from None

    return persist(once, where, patience)


def _translated(error: Exception, where: str) -> Exception:
    """The error for the user, or one that `persist` knows what to do with."""
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # that of httpx2

    if isinstance(error, RuntimeError) and isinstance(error.__cause__, Exception):
        error = error.__cause__  # the library's wrapper around a failed upload of one file
    response = getattr(error, "response", None)
    if response is not None:
        return _refused(error, response, where) or error
    if isinstance(error, RuntimeError) or type(error) in STORAGE:
        do = "run the same command again; HF_HUB_DISABLE_XET=1 sends by plain HTTP"
        return RunError("the Hub's storage did not take the files", where=where, do=do)
    if isinstance(error, (HTTPError, ConnectionError, DragomanError)):
        return error
    if isinstance(error, OSError):
        return RunError(f"a file cannot be read: {error.strerror or error}", where=error.filename, do="check it")
    if isinstance(error, ValueError) and str(error).startswith("Invalid metadata"):
        return DataError(f"the Hub does not take the card: {_clean(str(error).partition(chr(10))[2])}", where=where)
    if isinstance(error, ValueError) and "LFS batch" in str(error):
        return _no_room(str(error), where)
    if isinstance(error, (ValueError, KeyError, TypeError, AttributeError)):
        return DragomanError("the answer is not that of a Hub", where=where, do="check HF_ENDPOINT and the proxy")
    return error


def _refused(error: Exception, response: Any, where: str) -> DragomanError | None:
    """The line for an answer that another try would not change; None where it would, or where `persist` says it."""
    said = response.headers.get("X-Error-Message") or ""
    code = response.status_code
    again = f"make one that may write, then {LOG_IN}"
    if code == 401 and "RepoNotFound" not in response.headers.get("X-Error-Code", ""):
        return DragomanError("the Hub does not know the token", where=where, do=again)
    if code in (402, 413) or (code == 403 and NO_ROOM.search(said)):
        return _no_room(said, where)
    if code == 403:
        return DragomanError("the token may not write here", where=where, do=f"name a place of your own, or {again}")
    if code == 404 and type(error).__name__ != "RevisionNotFoundError":
        return DragomanError("no such data set at the Hub, or not yours to see", where=where, do="check the name")
    if code in (409, 412):
        return DragomanError("the data set is being changed by somebody else", where=where, do="run the command again")
    if code == 400:
        do = _clean(said) or "check the names of its files"
        return DragomanError("the Hub does not take the commit", where=where, do=do)
    return None


def _no_room(said: str, where: str) -> DragomanError:
    words = f" ({_clean(said)})" if said else ""
    do = "make room at the Hub, or push to a public data set"
    return DragomanError(f"the account has no room for the files{words}", where=where, do=do)


def _clean(said: str) -> str:
    """What a server says, without what it must not."""
    return " ".join(TOKENS.sub("...", said).split())[:SHOWN].strip(" -")
