"""Stages that run once: keys, manifests, locks, and the reason why a stage is stale. Knows no room and no torch.

    runs/demo/
        curate-1f0c9a2b/manifest.json    written last, by rename: without it the stage is not done
        finetune-77ab31c0/...            no manifest yet: unfinished, the same key goes on in the same folder
        model -> finetune-.../model      set after a run, like report.html
        digests.json                     content digests by path, size and time of change
        attempts.json                    how often a stage was forced to run anew
        lock, holder.json                one run at a time, and which process that is

A stage's key is the digest of its name, version, own configuration, the keys of the stages whose output it reads, the
contents of the outside files it reads, and how often it was forced. So every change leads to a new folder, nothing
finished is ever overwritten, and going back to an old recipe finds its results where they were.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from dragoman.errors import RecipeError, RunError, nearest
from dragoman.io import digest_file, digest_json, read_json, write_json
from dragoman.manifest import (
    CHECKPOINT,
    FORMAT,
    MANIFEST,
    SESSION,
    config_changes,
    damage,
    digest_changes,
    list_outputs,
    read_manifest,
)
from dragoman.provenance import environment, peak_memory_mb, reset_peak_memory
from dragoman.rundir import disk_errors, hold, remove_leftovers
from dragoman.runlog import RunLog

State = Literal["fresh", "stale", "unfinished", "missing", "damaged"]


@dataclass(frozen=True)
class Work:
    """What a stage function gets: its folder to fill, and the folders and manifests of the stages it reads."""

    out: Path
    folders: Mapping[str, Path]
    manifests: Mapping[str, Mapping[str, Any]]
    log: RunLog


@dataclass(frozen=True)
class Stage:
    """One step of a pipeline.

    `config` holds JSON values under the recipe's own names, and only those that change the output. `files` maps
    names to the outside files whose contents count. `run` fills `Work.out` and returns figures for the manifest; called
    again in a folder that was left unfinished it goes on or starts over, with the same result. What it needs only to
    go on it keeps in `checkpoint/`, which is removed when the manifest is written.
    """

    name: str
    version: int
    run: Callable[[Work], Mapping[str, Any]]
    config: Mapping[str, Any] = field(default_factory=dict)
    upstream: tuple[str, ...] = ()
    files: Mapping[str, Sequence[Path]] = field(default_factory=dict)


@dataclass(frozen=True)
class Planned:
    """A stage with its key, its folder, and what has to be done about it; `reasons` say why."""

    stage: Stage
    key: str
    folder: Path
    files: Mapping[str, str]
    upstream: Mapping[str, str]
    attempt: int
    state: State = "missing"
    reasons: tuple[str, ...] = ()


class Digests:
    """Content digests of outside files, remembered by path, size and time of change."""

    def __init__(self, store: Path) -> None:
        self.store, self._changed = store, False
        try:
            self._known: dict[str, list[Any]] = dict(read_json(store)) if store.exists() else {}
        except (RunError, TypeError, ValueError):
            self._known = {}  # only a cache: it is made anew

    def of(self, paths: Sequence[Path]) -> str:
        """The digest of one file or of several, in order. Raises `DataError` where one is missing."""
        digests = [self._of(path) for path in paths]
        return digests[0] if len(digests) == 1 else digest_json(digests)

    def _of(self, path: Path) -> str:
        if not path.is_file():
            return digest_file(path)
        place, status = str(path.resolve()), path.stat()
        stamp = [status.st_size, status.st_mtime_ns]
        if self._known.get(place, [])[:2] != stamp:
            self._known[place] = [*stamp, digest_file(path)]
            self._changed = True
        return str(self._known[place][2])

    def save(self) -> None:
        """Keep what was computed, where the folder of the runs exists already."""
        if self._changed and self.store.parent.is_dir():
            write_json(self.store, self._known)


class Pipeline:
    """The stages of one recipe, in order, and their folder `home` (`runs/<recipe>`)."""

    def __init__(self, home: Path, stages: Sequence[Stage]) -> None:
        self.home, self.stages = home, tuple(stages)

    def check_stage(self, name: str) -> None:
        """Raise `RecipeError` for a stage that this pipeline does not have."""
        names = [stage.name for stage in self.stages]
        if name not in names:
            raise RecipeError(f"this recipe has no stage '{name}'", do=nearest(name, names))

    def plan(self, *, until: str | None = None, force: str | None = None) -> list[Planned]:
        """Every stage up to `until` with its state, as it would be if `force` were to run anew.

        Raises `DataError` when an outside file is missing. Writes nothing but the cache of digests.
        """
        for name in filter(None, (until, force)):
            self.check_stage(name)
        names = [stage.name for stage in self.stages]
        if until and force and names.index(force) > names.index(until):
            raise RecipeError(f"stage '{force}' comes after '{until}'", where="--force", do="leave one of the two out")
        planned = self._plan(self._attempts())
        if force:
            planned = self._plan(self._forced(planned, force))
        return planned[: 1 + names.index(until)] if until else planned

    def _plan(self, attempts: Mapping[str, int]) -> list[Planned]:
        digests, planned = Digests(self.home / "digests.json"), dict[str, Planned]()
        for stage in self.stages:
            files = {name: digests.of(paths) for name, paths in stage.files.items()}
            upstream = {name: planned[name].key for name in stage.upstream}
            base = _base_key(stage, upstream, files)
            attempt = attempts.get(f"{stage.name}-{base[:8]}", 0)
            key = digest_json([base, attempt]) if attempt else base
            folder = self.home / f"{stage.name}-{key[:8]}"
            planned[stage.name] = self._with_state(Planned(stage, key, folder, files, upstream, attempt))
        digests.save()
        return list(planned.values())

    def _with_state(self, planned: Planned) -> Planned:
        folder = planned.folder
        if (folder / MANIFEST).exists():
            problem = damage(folder, planned.key)
            return replace(planned, state="damaged", reasons=(problem,)) if problem else replace(planned, state="fresh")
        if folder.is_dir():
            return replace(planned, state="unfinished", reasons=("was interrupted, goes on",))
        if last := self._last_finished(planned.stage.name):
            return replace(planned, state="stale", reasons=_why_stale(planned, last))
        return replace(planned, state="missing", reasons=("never run",))

    def _last_finished(self, name: str) -> dict[str, Any] | None:
        """The readable manifest of the stage that was finished last, under any key."""
        found = []
        for folder in self.home.glob(f"{name}-????????"):
            with contextlib.suppress(RunError):
                found.append(read_manifest(folder))
        return max(found, key=lambda manifest: str(manifest.get("finished", "")), default=None)

    def _attempts(self) -> dict[str, int]:
        path = self.home / "attempts.json"
        return {str(name): int(count) for name, count in read_json(path).items()} if path.exists() else {}

    def _forced(self, planned: Sequence[Planned], name: str) -> dict[str, int]:
        """The attempts with one more for `name`; the keys of the stages that depend on it follow by themselves."""
        entry = next(entry for entry in planned if entry.stage.name == name)
        base = _base_key(entry.stage, entry.upstream, entry.files)
        return {**self._attempts(), f"{name}-{base[:8]}": entry.attempt + 1}

    def run(self, log: RunLog, *, until: str | None = None, force: str | None = None) -> list[Planned]:
        """Run what is not fresh, up to `until`; returns the stages, all fresh.

        Raises `RunError` when another process holds the folder, a manifest is damaged or the disk is full. What
        finished before stays; an interrupted stage goes on where it stopped.
        """
        planned = self.plan(until=until, force=force)  # what cannot work is said before anything is written
        with hold(self.home):
            if force:
                write_json(self.home / "attempts.json", self._forced(self._plan(self._attempts()), force))
            planned = self.plan(until=until)
            for entry in planned:
                if entry.state == "damaged":
                    raise RunError(entry.reasons[0])
            for number, entry in enumerate(planned, start=1):
                why = "done before" if entry.state == "fresh" else _in_short(entry.reasons)
                log.say(f"[{number}/{len(planned)}] {entry.stage.name}: {why}")
                if entry.state != "fresh":
                    self._run_stage(entry, {before.stage.name: before.folder for before in planned}, log)
            return [replace(entry, state="fresh", reasons=()) for entry in planned]

    def _run_stage(self, planned: Planned, folders: Mapping[str, Path], log: RunLog) -> None:
        stage, folder = planned.stage, planned.folder
        inputs = {name: folders[name] for name in stage.upstream}
        manifests = {name: read_manifest(path) for name, path in inputs.items()}
        with disk_errors(folder), _session(folder) as session:
            remove_leftovers(folder)
            reset_peak_memory()
            result = dict(stage.run(Work(folder, inputs, manifests, log)))
            peak = peak_memory_mb()
        write_json(
            folder / MANIFEST,
            {
                "format": FORMAT,
                "stage": stage.name,
                "key": planned.key,
                "attempt": planned.attempt,
                "version": stage.version,
                "config": dict(stage.config),
                "files": dict(planned.files),
                "upstream": dict(planned.upstream),
                "result": result,
                "outputs": list_outputs(folder),
                **session,
                "peak_memory_mb": peak,
                **environment(),
                "finished": datetime.now(UTC).isoformat(timespec="milliseconds"),
            },
        )
        (folder / SESSION).unlink(missing_ok=True)
        shutil.rmtree(folder / CHECKPOINT, ignore_errors=True)


def _base_key(stage: Stage, upstream: Mapping[str, str], files: Mapping[str, str]) -> str:
    """Digest of everything that makes the output what it is."""
    return digest_json([stage.name, stage.version, stage.config, upstream, files])


def _why_stale(planned: Planned, last: Mapping[str, Any]) -> tuple[str, ...]:
    """Every difference from the manifest that was finished last."""
    stage = planned.stage
    reasons = [] if last["version"] == stage.version else [f"version {last['version']} -> {stage.version}"]
    reasons += config_changes(last["config"], stage.config)
    reasons += digest_changes(last["upstream"], planned.upstream)
    reasons += digest_changes(last["files"], planned.files)
    if last.get("attempt", 0) != planned.attempt:
        reasons.append("forced to run anew")
    return tuple(reasons) or ("its key changed",)


def _in_short(reasons: Sequence[str], most: int = 4) -> str:
    return "; ".join(reasons[:most]) + (f"; and {len(reasons) - most} more" if len(reasons) > most else "")


@contextlib.contextmanager
def _session(folder: Path) -> Iterator[dict[str, Any]]:
    """Seconds and sessions of a stage, interrupted ones added up (a killed process leaves no seconds)."""
    folder.mkdir(parents=True, exist_ok=True)
    before = {"seconds": 0.0, "sessions": 0}
    with contextlib.suppress(RunError, ValueError, TypeError):
        before |= read_json(folder / SESSION)
    session = {"seconds": before["seconds"], "sessions": before["sessions"] + 1}
    write_json(folder / SESSION, session)
    start = time.monotonic()
    try:
        yield session
    finally:
        session["seconds"] = round(before["seconds"] + time.monotonic() - start, 2)
        with contextlib.suppress(RunError):
            write_json(folder / SESSION, session)
