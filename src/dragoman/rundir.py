"""The folder of a recipe's runs as something several processes may want: lock, links, leftovers, failing writes."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from dragoman.errors import RunError
from dragoman.io import disk_error, read_json, write_json

_DISK_ERRNOS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)


@contextlib.contextmanager
def disk_errors(folder: Path, *, whatever: bool = False) -> Iterator[None]:
    """A write that fails anywhere inside, in words; `whatever`: nothing but writes happens inside."""
    try:
        yield
    except OSError as error:
        if whatever or error.errno in _DISK_ERRNOS:
            raise disk_error(error, folder) from error
        raise


@contextlib.contextmanager
def hold(home: Path) -> Iterator[None]:
    """Hold the folder `home` for this process, made if need be. Raises `RunError` naming a process that holds it."""
    from filelock import FileLock, Timeout

    holder = home / "holder.json"
    lock = FileLock(home / "lock")
    with disk_errors(home, whatever=True):
        home.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            what = f"another run is at work here{_held_by(holder)}"
            raise RunError(what, where=home, do="wait for it or stop it") from None
    try:
        write_json(holder, {"pid": os.getpid(), "host": os.uname().nodename, "since": time.strftime("%H:%M:%S")})
        yield
    finally:
        with contextlib.suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


def _held_by(holder: Path) -> str:
    with contextlib.suppress(RunError, KeyError, TypeError):
        values = read_json(holder)
        return f", process {values['pid']} on {values['host']} since {values['since']}"
    return ""


def remove_leftovers(folder: Path) -> None:
    """Remove what a killed process left half-written: files not yet renamed and temporary folders begin with a dot."""
    for path in folder.glob(".*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def link(path: Path, target: Path) -> None:
    """Make `path` a relative link to `target`, replacing an older link in one step."""
    relative = os.path.relpath(target, path.parent)
    if path.is_symlink() and os.readlink(path) == relative:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with disk_errors(path.parent, whatever=True):
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(relative)
        os.replace(temporary, path)
