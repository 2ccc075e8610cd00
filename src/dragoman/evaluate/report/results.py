"""What the report says about the model: the headline, the scores with their intervals, and sample translations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from markupsafe import Markup

from dragoman.evaluate.report import words
from dragoman.evaluate.report.charts import Dot, dot_chart
from dragoman.evaluate.report.corpus import figures_of

Manifest = Mapping[str, Any]

METRICS = {"bleu": "BLEU", "chrf": "chrF"}
SIGNIFICANT = 0.05
MOST_LABEL = 22  # characters of a row label in a chart


def headline(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The scores to open with: our arm on the first test set, in every direction."""
    if not scores:
        return []
    first = scores[0]
    return [
        {**row, "words": words.direction(row["direction"])}
        for row in scores
        if row["arm"] == first["arm"] and row["test"] == first["test"]
    ]


def sentence(recipe: Mapping[str, Any], manifests: Mapping[str, Manifest]) -> str:
    """What the model is, in one sentence made of what is known."""
    result, names = figures_of(manifests, "finetune"), list(map(words.language, recipe.get("languages", ())))
    size = f" with {words.millions(result['parameters'])} parameters" if result.get("parameters") else ""
    task = f"between {' and '.join(names)}" if names else "text"
    directions = recipe.get("finetune", {}).get("directions") or []
    if len(directions) == 1:
        src, _, tgt = str(directions[0]).partition("-")
        task = f"from {words.language(src)} to {words.language(tgt)}"
    learned = ["pre-trained by denoising"] if "pretrain" in manifests else []
    if pairs := figures_of(manifests, "pairs").get("funnel", {}).get("total", {}).get("kept"):
        learned.append(f"trained on {pairs:,} sentence pairs")
    return f"An encoder-decoder{size} that translates {task}" + "".join(f", {part}" for part in learned) + "."


def score_rows(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Scores with words, by test set and direction; the best of several arms is marked."""
    rows = []
    for _, group in groupby(scores, key=lambda row: (row["test"], row["direction"])):
        members = list(group)
        best = {name: max(row[name]["score"] for row in members) for name in METRICS}
        for row in members:
            marks = {name: len(members) > 1 and row[name]["score"] == best[name] for name in METRICS}
            rows.append({**row, "arm_words": words.arm(row["arm"]), "best": marks, "first": row is members[0]})
    return rows


def score_charts(scores: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """BLEU and chrF of every row as dots with intervals."""
    arms = list(dict.fromkeys(row["arm"] for row in scores))
    tones = {arm: i % 4 + 1 for i, arm in enumerate(arms)}
    key = [(words.arm(arm), tone) for arm, tone in tones.items()] if len(arms) > 1 else []
    found = []
    for name, title in METRICS.items():
        dots = [_dot(row, name, tones[row["arm"]]) for row in score_rows(scores)]
        found.append(dot_chart(title, dots, f"{title}, 95% interval", key))
    return [chart for chart in found if chart]


def _dot(row: Mapping[str, Any], name: str, tone: int) -> Dot:
    figure, label = row[name], f"{row['test']} {row['direction']}"
    short = label if len(label) <= MOST_LABEL else "…" + label[1 - MOST_LABEL :]
    note = f"{label}, {row['arm_words']}: {figure['score']:.1f}"
    return Dot(short if row["first"] else "", figure["score"], figure.get("low"), figure.get("high"), tone, note)


def signatures(scores: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The different signatures, each with the metric it belongs to."""
    found = dict.fromkeys((METRICS[name], row[name]["signature"]) for row in scores for name in METRICS)
    return [{"metric": metric, "signature": signature} for metric, signature in found]


def verdicts(comparisons: Sequence[Mapping[str, Any]]) -> list[str]:
    """One sentence a paired test: how far apart two arms are and whether that may be chance."""
    return [
        f"{row['test']}, {words.direction(row['direction'])}: {words.arm(row['arm'])} against "
        f"{words.arm(row['against'])} {_gap(row, 'bleu')}, {_gap(row, 'chrf')}."
        for row in comparisons
    ]


def _gap(row: Mapping[str, Any], name: str) -> str:
    difference, p_value = row[name]["difference"], row[name]["p_value"]
    chance = "" if p_value < SIGNIFICANT else ": may be chance"
    return f"{difference:+.1f} {METRICS[name]} (p = {p_value:.3f}{chance})"


def sample_groups(samples: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Samples by test set and direction, with the words of each arm."""
    groups = []
    for (test, direction), members in groupby(samples, key=lambda row: (row["test"], row["direction"])):
        rows = [
            {**row, "others": [(words.arm(arm), text) for arm, text in row.get("others", {}).items()]}
            for row in members
        ]
        src, _, tgt = direction.partition("-")
        groups.append({"test": test, "words": words.direction(direction), "src": src, "tgt": tgt, "rows": rows})
    return groups
