"""What the report says about training: loss and score curves of each stage, and one arm against the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from dragoman.evaluate.report import words
from dragoman.evaluate.report.charts import Line, Point, line_chart
from dragoman.runlog import read_metrics

Row = Mapping[str, Any]

STAGES = {"pretrain": "Pre-training", "finetune": "Fine-tuning", "scratch": "From scratch, without pre-training"}
HEAD = 0.05  # share of the steps whose losses do not stretch the y axis
SCORE = "chrf"  # development figures `chrf.de-en`, or `chrf`


def curve(rows: Sequence[Row], event: str, figure: str) -> list[Point]:
    """(step, figure) of the rows of one event that have both as numbers."""
    found = [(row.get("step"), row.get(figure)) for row in rows if row.get("event") == event]
    return [(float(step), float(value)) for step, value in found if _number(step) and _number(value)]  # type: ignore[arg-type]


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def score_curve(rows: Sequence[Row]) -> list[Point]:
    """(step, development chrF), the mean over the directions."""
    points = []
    for row in rows:
        scores = [value for name, value in row.items() if name.split(".")[0] == SCORE and _number(value)]
        if row.get("event") == "dev" and _number(row.get("step")) and scores:
            points.append((float(row["step"]), sum(scores) / len(scores)))
    return points


def score_curves(rows: Sequence[Row]) -> list[tuple[str, list[Point]]]:
    """One development chrF curve a direction."""
    names = sorted({name for row in rows if row.get("event") == "dev" for name in row if name.startswith(SCORE + ".")})
    return [(name.partition(".")[2], curve(rows, "dev", name)) for name in names]


def stage_charts(rows: Sequence[Row]) -> list[Markup]:
    """The charts of one stage: its losses, and its development score where it has one."""
    losses = [
        Line("training", curve(rows, "train", "loss"), tone=3),
        Line("development", curve(rows, "dev", "loss"), tone=1, markers=True),
    ]
    directions = enumerate(score_curves(rows)[:4], start=1)
    scores = [Line(direction, points, tone, markers=True) for tone, (direction, points) in directions]
    unit = f"development chrF, {scores[0].name}" if len(scores) == 1 else "development chrF"
    return [
        line_chart("Loss", losses, "optimiser steps", "nats a token", head=HEAD),
        line_chart("Translation", scores, "optimiser steps", unit, head=HEAD),
    ]


def arm_charts(rows: Mapping[str, Sequence[Row]]) -> list[Markup]:
    """The pre-trained arm against the one from scratch: development score and loss by step."""
    arms = (("pre-trained", "finetune", 1), ("from scratch", "scratch", 2))
    scores = [Line(label, score_curve(rows[stage]), tone, True) for label, stage, tone in arms]
    losses = [Line(label, curve(rows[stage], "dev", "loss"), tone, True) for label, stage, tone in arms]
    return [
        line_chart("Development chrF", scores, "optimiser steps", "mean over directions", head=HEAD),
        line_chart("Development loss", losses, "optimiser steps", "nats a token", head=HEAD),
    ]


def summary(result: Mapping[str, Any]) -> str:
    """How long a stage trained, on how much, and which weights it kept."""
    parts = [f"{result['steps']:,} steps"] if result.get("steps") else []
    parts += [f"{words.millions(result['tokens'])} tokens"] if result.get("tokens") else []
    parts += [f"{words.duration(result['train_seconds'])} of training"] if result.get("train_seconds") else []
    parts += [str(result["precision"])] if result.get("precision") else []
    told = [", ".join(parts), words.CHOSEN.get(str(result.get("chosen")), "")]
    return "".join(f"{part}. " for part in told if part).rstrip()


def charts(manifests: Mapping[str, Mapping[str, Any]], folders: Mapping[str, Path]) -> dict[str, Any]:
    """All charts that the metrics files of the stages allow: `stages` (one list a stage) and `arms`."""
    rows = {name: read_metrics(folders[name] / "metrics.jsonl") for name in STAGES if name in folders}
    rows = {name: found for name, found in rows.items() if found}
    arms = arm_charts(rows) if {"finetune", "scratch"} <= rows.keys() else []
    stages = [
        {
            "name": STAGES[name],
            "summary": summary(manifests.get(name, {}).get("result") or {}),
            "charts": [chart for chart in stage_charts(rows[name]) if chart],
        }
        for name in rows
    ]
    return {"stages": [stage for stage in stages if stage["charts"]], "arms": [chart for chart in arms if chart]}


def first_step(points: Sequence[Point], goal: float) -> float | None:
    """The first step at which a curve reaches `goal`, or None where it never does."""
    return next((step for step, value in points if value >= goal), None)


def head_start(folders: Mapping[str, Path]) -> str:
    """One sentence: when the pre-trained arm reaches the best score of the other. Empty if it cannot be said."""
    if not {"finetune", "scratch"} <= folders.keys():
        return ""
    ours, other = (score_curve(read_metrics(folders[name] / "metrics.jsonl")) for name in ("finetune", "scratch"))
    if not ours or not other:
        return ""
    goal = max(value for _, value in other)
    reached = first_step(ours, goal)
    at = first_step(other, goal)
    if reached is None or at is None:
        return f"The pre-trained model never reaches the best development chrF of the other ({goal:.1f})."
    return (
        f"The pre-trained model reaches the best development chrF of the other ({goal:.1f}) "
        f"at step {reached:,.0f}; from scratch it took {at:,.0f}."
    )
