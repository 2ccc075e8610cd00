"""Put the report together and write it: manifests and metrics files in, one HTML page out.

The page needs nothing beside itself (no script, no font, no image, no address), so it can be mailed, printed and
kept. A section whose stage did not run is left out. All text from outside is escaped by the template.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from dragoman.evaluate.report import corpus, funnels, results, training, words
from dragoman.io import write_text

Manifest = Mapping[str, Any]

REPORT = "report.html"


def stage_rows(manifests: Mapping[str, Manifest]) -> list[dict[str, Any]]:
    """Time, memory and speed of each stage."""
    rows = []
    for name, manifest in manifests.items():
        result = manifest.get("result") or {}
        rows.append(
            {
                "name": name,
                "seconds": manifest.get("seconds"),
                "time": words.duration(manifest.get("seconds")),
                "memory_mb": manifest.get("peak_memory_mb"),
                "steps": result.get("steps"),
                "tokens_per_s": result.get("tokens_per_s"),
                "finished": str(manifest.get("finished") or "")[:16].replace("T", " "),
                "key": str(manifest.get("key") or "")[:8],
            }
        )
    return rows


def environment(manifests: Mapping[str, Manifest]) -> list[tuple[str, str]]:
    """Machine, commit and versions, as the last stage that ran recorded them."""
    if not manifests:
        return []
    last = list(manifests.values())[-1]
    machine = last.get("machine") or {}
    commit = str(last.get("commit") or "")[:12]
    rows = [
        ("processor", " · ".join(filter(None, [str(machine.get("cpu") or ""), _cores(machine.get("cores"))]))),
        ("commit", commit + (" with uncommitted changes" if commit and last.get("dirty") else "")),
        ("Python", str(last.get("python") or "")),
        *((str(name), str(version)) for name, version in (last.get("packages") or {}).items()),
    ]
    return [(name, value) for name, value in rows if value]


def _cores(cores: object) -> str:
    return f"{cores} cores" if cores else ""


def contents(
    recipe: Mapping[str, Any], manifests: Mapping[str, Manifest], folders: Mapping[str, Path]
) -> dict[str, Any]:
    """Everything the template shows, by section."""
    evaluated = corpus.figures_of(manifests, "evaluate")
    scores, samples = evaluated.get("scores") or [], evaluated.get("samples") or []
    rows = stage_rows(manifests)
    return {
        "name": recipe.get("name") or "model",
        "sentence": results.sentence(recipe, manifests),
        "headline": results.headline(scores),
        "funnels": funnels.funnels(manifests, folders),
        "held_out": corpus.held_out(manifests),
        "tokenizer": corpus.tokenizer(manifests),
        "training": training.charts(manifests, folders),
        "head_start": training.head_start(folders),
        "scores": results.score_rows(scores),
        "score_charts": results.score_charts(scores),
        "signatures": results.signatures(scores),
        "verdicts": results.verdicts(evaluated.get("comparisons") or []),
        "warnings": evaluated.get("warnings") or [],
        "samples": results.sample_groups(samples),
        "stages": rows,
        "total_time": words.duration(sum(row["seconds"] or 0 for row in rows)),
        "environment": environment(manifests),
        "recipe": yaml.safe_dump(dict(recipe), allow_unicode=True, sort_keys=False, width=100),
    }


def render(shown: Mapping[str, Any]) -> str:
    """The page, from what `contents` gathered."""
    here = files("dragoman.evaluate.report")
    env = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    env.filters["n"] = lambda value: "" if value is None else f"{value:,.0f}"
    env.filters["f"] = lambda value, digits=1: "" if value is None else f"{value:.{digits}f}"
    env.filters["percent"] = words.percent
    template = env.from_string((here / "page.html.j2").read_text(encoding="utf-8"))
    style = Markup((here / "style.css").read_text(encoding="utf-8"))
    return template.render(shown, style=style)


def write_report(
    recipe_values: Mapping[str, Any], manifests: Mapping[str, Manifest], folders: Mapping[str, Path], out: Path
) -> dict[str, Any]:
    """Write `out`/report.html; `manifests` and `folders` by stage name, in the order in which the stages ran."""
    page = render(contents(recipe_values, manifests, folders))
    write_text(out / REPORT, page)
    return {"file": REPORT, "bytes": len(page.encode())}
