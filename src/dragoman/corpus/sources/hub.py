"""A data set of the Hugging Face Hub as a source: which files it has, and each of them as a stream.

    HubSource(repo="HuggingFaceFW/fineweb-2", subset="deu_Latn")
      -> RemoteFile("hf://datasets/HuggingFaceFW/fineweb-2@af9c1333.../data/deu_Latn/train/000_00000.parquet", 4521230)

The revision is resolved to a commit once, and the paths name that commit: whoever opens them later, on whichever
machine, reads the same bytes. Nothing is downloaded whole; a file that `hf download` put into the local cache of the
Hub is read from there, and with HF_HUB_OFFLINE only from there. HF_ENDPOINT and HF_TOKEN mean what they always mean.
Every error is one line; none holds a token or a signed address.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from dragoman.corpus.sources.hub_card import (
    choose,
    fixed_folder,
    in_split,
    matching,
    patterns_of,
    some,
    subsets,
    suggestion,
)
from dragoman.corpus.sources.hub_net import (
    PLANNING,
    READING,
    HubFile,
    HubUnreachable,
    NoSuchFile,
    Patience,
    hub_headers,
    not_cached,
    persist,
)
from dragoman.corpus.sources.plan import FORMATS, form, natural
from dragoman.errors import DataError
from dragoman.recipe.data import HubSource

__all__ = ["HubUnreachable", "Patience", "RemoteFile", "hub_files", "open_hub"]

SCHEME = "hf://datasets/"
NOT_THE_API = (ValueError, KeyError, TypeError, AttributeError)  # what comes of reading another server's answer


@dataclass(frozen=True)
class RemoteFile:
    """One file at the Hub."""

    path: str
    """hf://datasets/OWNER/NAME@COMMIT/path/in/repository"""
    size: int
    """Bytes."""


def hub_files(hub: HubSource, patience: Patience | None = None) -> tuple[RemoteFile, ...]:
    """The files that a source names, in natural order of their paths; none at all is a `DataError` that says why."""
    _needs_library(hub.repo)
    tree = _tree(hub, patience or PLANNING)
    found = _chosen(hub, tree)
    known = {path: size for path, size in found.items() if form(path) in FORMATS}
    if not known:
        raise _nothing(hub, tree, found)
    files = tuple(RemoteFile(tree.path(path), known[path]) for path in sorted(known, key=natural))
    tree.check_access(files[0])
    return files


def _chosen(hub: HubSource, tree: _Tree) -> dict[str, int]:
    """Path -> bytes of what `files`, or else `subset` and `split`, name."""
    if hub.files is not None:
        patterns: tuple[str, ...] = (hub.files,)
    else:
        subset = choose(subsets(tree.card(), tree.path("README.md")), hub.subset, tree.path(""))
        if not subset.splits:
            return _guessed(hub, tree, subset.folder)
        patterns = patterns_of(subset, hub.split, tree.path(""))
    listed = {folder: tree.files(folder) for folder in sorted({fixed_folder(pattern) for pattern in patterns})}
    return {
        path: listed[fixed_folder(pattern)][path]
        for pattern in patterns
        for path in matching(pattern, listed[fixed_folder(pattern)], tree.path(""))
    }


def _guessed(hub: HubSource, tree: _Tree, folder: str) -> dict[str, int]:
    """The files of a split where no card names them. Two formats side by side may be the same text twice."""
    listed = tree.files(folder)
    below = {path.removeprefix(f"{folder}/"): path for path in listed if form(path) in FORMATS}
    found = [below[path] for path in in_split(below, hub.split, tree.path(folder))]
    formats = {form(path) for path in found}
    if len(formats) > 1:
        raise DataError(
            "the data set has files of several formats",
            where=tree.path(folder),
            do=f"choose with `files` ({', '.join(sorted(formats))})",
        )
    return {path: listed[path] for path in found}


def _nothing(hub: HubSource, tree: _Tree, found: dict[str, int]) -> DataError:
    wanted = hub.files or hub.subset
    what = f"the data set has no files '{wanted}'" if wanted else "the data set has no files"
    if found:
        return DataError(
            f"{what} of a known format, only {some(found)}", where=tree.path(""), do=f"known are {', '.join(FORMATS)}"
        )
    listed = [path for path in tree.files() if form(path) in FORMATS]
    do = suggestion(hub.files or "", listed) if listed else f"it holds no {', '.join(FORMATS)}"
    return DataError(what, where=tree.path(""), do=do)


def open_hub(path: str, size: int | None = None, patience: Patience | None = None) -> BinaryIO:
    """A file that `hub_files` named, as a binary stream that can be sought; see `HubFile`. `size` saves a request.

    Reading raises `HubUnreachable` when the Hub stays away for all of `patience` (about three minutes), and `DataError`
    for what no patience mends. Any process with the same environment can open the same path.
    """
    _needs_library(path)
    from huggingface_hub import hf_hub_url, try_to_load_from_cache

    repo, commit, name = _parse(path)
    cached = try_to_load_from_cache(repo, name, revision=commit, repo_type="dataset")
    if isinstance(cached, str):
        return open(cached, "rb")
    url = hf_hub_url(repo, name, repo_type="dataset", revision=commit, endpoint=_endpoint())
    return cast(BinaryIO, HubFile(path, url, size, patience or READING))


def _parse(path: str) -> tuple[str, str, str]:
    """hf://datasets/OWNER/NAME@COMMIT/FILE -> (OWNER/NAME, COMMIT, FILE)"""
    repo, at, rest = path.removeprefix(SCHEME).partition("@")
    commit, _, name = rest.partition("/")
    if not (path.startswith(SCHEME) and at and commit and name):
        raise DataError("not a file at the Hub", where=path, do=f"write {SCHEME}OWNER/NAME@COMMIT/FILE")
    return repo, commit, name


def _endpoint() -> str:
    """Read at every call: the library reads it once, when it is imported."""
    from huggingface_hub import constants

    endpoint = (os.environ.get("HF_ENDPOINT") or constants.ENDPOINT).rstrip("/")
    if not endpoint.startswith(("https://", "http://")):
        raise DataError(f"'{endpoint}' is no web address", where="HF_ENDPOINT", do="begin it with https://")
    return endpoint


def _needs_library(where: str) -> None:
    try:
        import huggingface_hub  # noqa: F401
    except ImportError:
        raise DataError(
            "the Hugging Face Hub needs a package that is not installed", where=where, do="pip install 'dragoman[hub]'"
        ) from None


@dataclass(frozen=True)
class _Tree:
    """The files of a data set at one commit, as the Hub lists them."""

    repo: str
    commit: str
    patience: Patience
    gated: bool = False

    def path(self, name: str) -> str:
        return f"{SCHEME}{self.repo}@{self.commit}/{name}"

    def files(self, folder: str = "") -> dict[str, int]:
        """Path -> bytes of all files below a folder; none where there is no such folder."""
        base = f"{_endpoint()}/api/datasets/{self.repo}/tree/{self.commit}"
        url: str | None = (f"{base}/{quote(folder, safe='')}" if folder else base) + "?recursive=true&expand=false"
        found: dict[str, int] = {}
        try:
            while url is not None:
                page, url = persist(partial(_page, url, self.patience.timeout), self.path(folder), self.patience)
                found.update((item["path"], item["size"]) for item in page if item["type"] == "file")
        except NoSuchFile:
            return {}
        except NOT_THE_API:
            raise _not_the_hub(self.path(folder)) from None
        return found

    def card(self) -> str:
        """The text of README.md; empty where there is none."""
        try:
            with open_hub(self.path("README.md"), patience=self.patience) as stream:
                return stream.read().decode("utf-8", errors="replace")
        except NoSuchFile:
            return ""

    def check_access(self, file: RemoteFile) -> None:
        """All may list a gated data set, but not read it: better told now than by every worker."""
        if self.gated:
            with open_hub(file.path, file.size, self.patience) as stream:
                stream.read(1)


class _CachedTree(_Tree):
    """The same from the local cache of the Hub, for offline mode: complete, or an error."""

    def files(self, folder: str = "") -> dict[str, int]:
        from huggingface_hub import get_cached_repo_tree
        from huggingface_hub.errors import CachedRepoTreeNotFoundError

        try:
            listed = get_cached_repo_tree(self.repo, repo_type="dataset", revision=self.commit)
        except CachedRepoTreeNotFoundError:
            raise not_cached(self.path(folder)) from None
        return {file.path: file.size for file in listed if not folder or file.path.startswith(f"{folder}/")}

    def card(self) -> str:
        return super().card() if "README.md" in self.files() else ""


def _tree(hub: HubSource, patience: Patience) -> _Tree:
    from huggingface_hub import HfApi, is_offline_mode
    from huggingface_hub.errors import HFValidationError

    where = f"{SCHEME}{hub.repo}@{hub.revision}"
    try:
        if is_offline_mode():
            return _CachedTree(hub.repo, _cached_commit(hub, where), patience)
        api = HfApi(endpoint=_endpoint(), library_name="dragoman")
        ask = partial(
            api.dataset_info, hub.repo, revision=hub.revision, expand=["sha", "gated"], timeout=patience.timeout
        )
        info = persist(ask, where, patience)
        return _Tree(hub.repo, str(info.sha), patience, bool(info.gated))
    except HFValidationError:
        raise DataError(
            f"'{hub.repo}' is not the name of a data set", where="hub.repo", do="write OWNER/NAME"
        ) from None
    except NOT_THE_API:
        raise _not_the_hub(where) from None


def _cached_commit(hub: HubSource, where: str) -> str:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    lookup = partial(snapshot_download, repo_type="dataset", local_files_only=True, allow_patterns=[])
    try:
        return Path(lookup(hub.repo, revision=hub.revision)).name  # a snapshot's folder is called after its commit
    except LocalEntryNotFoundError:
        raise not_cached(where) from None


def _page(url: str, timeout: float) -> tuple[list[dict[str, Any]], str | None]:
    """One page of a listing and the address of the next."""
    from huggingface_hub import get_session, hf_raise_for_status

    answer = get_session().get(url, headers=hub_headers(), timeout=timeout)
    hf_raise_for_status(answer)
    return answer.json(), answer.links.get("next", {}).get("url")


def _not_the_hub(where: str) -> DataError:
    return DataError("the answer is not that of a Hub", where=where, do="check HF_ENDPOINT and the proxy")
