"""What a result was made with: commit, package versions, machine and memory, for the manifest."""

from __future__ import annotations

import contextlib
import os
import platform
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

PACKAGES = ("dragoman", "torch", "numpy", "sentencepiece", "safetensors", "pydantic", "polars", "ftfy", "sacrebleu")


def environment() -> dict[str, Any]:
    """Commit, versions and machine as the manifest holds them."""
    return {
        **commit(),
        "packages": versions(),
        "python": platform.python_version(),
        "machine": {"cpu": _cpu(), "cores": os.cpu_count(), "system": platform.system()},
    }


def versions() -> dict[str, str]:
    """Versions of the packages that the results depend on, where installed."""
    from importlib import metadata

    found = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def commit() -> dict[str, Any]:
    """The commit of the source tree this package runs from; both None for an installed package or without git."""
    source = Path(__file__).parent

    def git(*arguments: str) -> str:
        call = subprocess.run(
            ["git", "-C", str(source), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
        return call.stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "errors.py")  # else this is somebody else's repository
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain", "--", "."))}
    except (OSError, subprocess.SubprocessError):
        return {"commit": None, "dirty": None}


def _cpu() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def reset_peak_memory() -> None:
    """Start the peak anew where the kernel can (Linux); elsewhere a stage's peak is the process's so far."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_memory_mb() -> int:
    """Largest resident memory since `reset_peak_memory`, in MB (10^6 bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6)
