"""A pipeline of four small stages over one outside file, which count how often they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from dragoman.pipeline import Pipeline, Stage, Work
from dragoman.runlog import RunLog

Make = Callable[..., Pipeline]


@pytest.fixture
def log() -> RunLog:
    return RunLog(quiet=True)


@pytest.fixture
def ran() -> list[str]:
    """Names of the stages in the order in which they ran."""
    return []


@pytest.fixture
def make(tmp_path: Path, ran: list[str]) -> Make:
    """`make(clean={...}, train={...}, version={...})`: text > clean > train > report, and side beside train."""
    source = tmp_path / "text.txt"
    source.write_text("a\nb\n", encoding="utf-8")

    def stage(name: str, upstream: tuple[str, ...], config: Mapping[str, Any], version: int, run: Any) -> Stage:
        def default(work: Work) -> dict[str, Any]:
            assert set(work.folders) == set(work.manifests) == set(upstream)
            before = "".join((folder / "out.txt").read_text() for folder in work.folders.values())
            (work.out / "out.txt").write_text(f"{before}{name}\n")
            return {"size": len(before)}

        def counted(work: Work) -> Mapping[str, Any]:
            ran.append(name)
            return (run or default)(work)

        files = {"text.txt": [source]} if name == "clean" else {}
        return Stage(name, version, counted, config, upstream, files)

    def build(
        versions: Mapping[str, int] | None = None, runs: Mapping[str, Any] | None = None, **configs: Any
    ) -> Pipeline:
        order = {"clean": (), "train": ("clean",), "side": ("clean",), "report": ("train",)}
        stages = [
            stage(name, upstream, configs.get(name, {}), (versions or {}).get(name, 1), (runs or {}).get(name))
            for name, upstream in order.items()
        ]
        return Pipeline(tmp_path / "runs" / "x", stages)

    return build
