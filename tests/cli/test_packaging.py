"""What ships fits together: pins for every dependency, layers that hold, text inside the package."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dragoman

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def names(requirements: list[str]) -> set[str]:
    """`sacrebleu>=2.4` -> `sacrebleu`, in lower case with dashes."""
    return {re.split(r"[\[<>=!~ ]", line)[0].lower().replace("_", "-") for line in requirements}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    return {name.lower().replace("_", "-"): version for name, version in found.items()}


def test_every_dependency_is_pinned() -> None:
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    own = {"ct2", "hub", "llm", "ray", "web"}  # what `dragoman[ct2,hub,llm,ray,web]` in dev stands for
    assert f"dragoman[{','.join(sorted(own))}]" in extras["dev"]
    needed = names(project["dependencies"]).union(*(names(extras[extra]) for extra in ("dev", *own))) - {"dragoman"}
    assert needed <= set(pins())
    assert pins()["torch"] == "2.13.0"


def test_the_version_is_said_once() -> None:
    assert PROJECT["project"]["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", dragoman.__version__)


def test_typing_and_data_files_lie_in_the_package() -> None:
    package = Path(dragoman.__file__).parent
    assert (package / "py.typed").exists()
    assert list(package.glob("embedded/pairs/*.tsv"))
    assert {path.name for path in package.glob("corpus/lists/*.txt")} == {"any.txt", "de.txt", "en.txt"}


@pytest.mark.slow
def test_imports_run_one_way() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    if not tool.exists():
        pytest.skip("import-linter is not installed in this environment")
    call = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert call.returncode == 0, call.stdout
