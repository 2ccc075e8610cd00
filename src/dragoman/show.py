"""What the command line prints: plain text made from manifests, the same on a terminal, in a file and in a pipe."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dragoman.corpus.account import waterfall
from dragoman.pipeline import Planned

SAMPLES = 8  # translations at the end of a run
ROW_CHARS = 240  # of a text shown by `inspect`
TABLE_WIDTH = 110  # a table of sources that is wider goes on below
FUNNELS = {"funnel": "", "mono_funnel": "Documents, checked against the development and test sets"}
_ROW_FIELDS = ("kept", "reason", "source", "language", "cut")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns parted by two blanks; those whose cells all are numbers stand to the right."""
    cells = [list(map(str, row)) for row in rows]
    right = [bool(cells) and all(row[i][:1] in "-0123456789(<>" for row in cells) for i in range(len(header))]
    widths = [max(width(row[i]) for row in [list(header), *cells]) for i in range(len(header))]

    def line(row: Sequence[str]) -> str:
        padded = []
        for cell, wide, to_right in zip(row, widths, right, strict=True):
            gap = " " * (wide - width(cell))
            padded.append(gap + cell if to_right else cell + gap)
        return "  ".join(padded).rstrip()

    return "\n".join(map(line, [list(header), *cells]))


def width(text: str) -> int:
    """Columns that `text` takes on a terminal."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def duration(seconds: float) -> str:
    """47.21 -> `47 s`, 3725 -> `1 h 02 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60, 1)
    return f"{minutes:.1f} min" if minutes < 60 else f"{int(minutes // 60)} h {int(minutes % 60):02d} min"


def one_line(text: str, longest: int = ROW_CHARS) -> str:
    """A text on one line, line breaks shown as ⏎, long ones cut with the number of characters left out."""
    flat = " ⏎ ".join(text.splitlines())
    return flat if len(flat) <= longest else f"{flat[:longest]}… (+{len(flat) - longest})"


def plan_lines(planned: Sequence[Planned]) -> Iterator[str]:
    """`status` and `--dry-run`: each stage, its state and every reason."""
    rows: list[tuple[str, str, str, str]] = []
    for entry in planned:
        first, *more = entry.reasons or ("",)
        rows.append((entry.stage.name, entry.state, entry.folder.name, first))
        rows += [("", "", "", reason) for reason in more]
    yield table(("stage", "state", "folder", "why"), rows)


def plan_json(planned: Sequence[Planned]) -> list[dict[str, Any]]:
    """The same for a program."""
    return [
        {
            "stage": entry.stage.name,
            "state": entry.state,
            "key": entry.key,
            "folder": str(entry.folder),
            "reasons": list(entry.reasons),
        }
        for entry in planned
    ]


def run_summary(manifests: Mapping[str, Mapping[str, Any]], links: Mapping[str, Path]) -> Iterator[str]:
    """What a run ends with: scores, translations of held-out sentences, time a stage, and where things lie."""
    result = manifests.get("evaluate", {}).get("result", {})
    if result.get("scores"):
        yield "Scores on held-out text"
        yield scores_table(result["scores"])
        yield from sorted({f"  {row[name]['signature']}" for row in result["scores"] for name in ("bleu", "chrf")})
        yield ""
        yield "Translations of held-out sentences"
        yield from sample_lines(pick_samples(result.get("samples", []), SAMPLES))
    for warning in result.get("warnings", []):
        yield f"note: {warning}"
    if result.get("warnings"):
        yield ""
    yield "Time"
    yield time_table(manifests)
    yield ""
    if "model" in links:
        src, _, tgt = str(manifests["finetune"]["config"]["finetune"]["directions"][0]).partition("-")
        yield f"model   {links['model']}  (dragoman translate --model {links['model']} --from {src} --to {tgt} FILE)"
    else:
        yield "no model: fine-tuning was not part of this run"
    if "report.html" in links:
        yield f"report  {links['report.html']}"


def scores_table(scores: Sequence[Mapping[str, Any]]) -> str:
    """One row for each arm, test set and direction, with intervals."""
    rows = [
        (row["test"], row["direction"], row["arm"], str(row["n"]), *_score(row["bleu"]), *_score(row["chrf"]))
        for row in scores
    ]
    return table(("test", "direction", "arm", "n", "BLEU", "95%", "chrF", "95%"), rows)


def _score(score: Mapping[str, Any]) -> tuple[str, str]:
    low, high = score.get("low"), score.get("high")
    return f"{score['score']:.1f}", f"{low:.1f}-{high:.1f}" if low is not None and high is not None else "-"


def pick_samples(samples: Sequence[Mapping[str, Any]], wanted: int) -> list[Mapping[str, Any]]:
    """`wanted` samples, taken in turn from every test set and direction, in the order in which they stand."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for sample in samples:
        groups.setdefault((sample["test"], sample["direction"]), []).append(sample)
    chosen: list[Mapping[str, Any]] = []
    for turn in range(max(map(len, groups.values()), default=0)):
        chosen += [group[turn] for group in groups.values() if turn < len(group)]
    chosen = chosen[: max(wanted, len(groups))]
    return [sample for group in groups.values() for sample in group if any(sample is one for one in chosen)]


def sample_lines(samples: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Source, our translation and the reference of each sample."""
    for sample in samples:
        src, _, tgt = str(sample["direction"]).partition("-")
        yield f"  {src}    {one_line(sample['src'])}"
        yield f"  {tgt}    {one_line(sample['hyp'])}"
        yield f"  ref   {one_line(sample['ref'])}"
        yield ""


def time_table(manifests: Mapping[str, Mapping[str, Any]]) -> str:
    """Seconds and memory of each stage, and the sum."""
    rows = [
        (name, duration(float(manifest.get("seconds", 0))), f"{manifest.get('peak_memory_mb', 0)} MB")
        for name, manifest in manifests.items()
    ]
    total = sum(float(manifest.get("seconds", 0)) for manifest in manifests.values())
    return table(("stage", "time", "peak memory"), [*rows, ("all", duration(total), "")])


def funnels_of(result: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The accounts in what a data stage returned, by name; those in which nothing was read are left out."""
    return {name: result[name] for name in FUNNELS if result.get(name, {}).get("total", {}).get("read")}


def stage_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """All accounts of a data stage."""
    found = funnels_of(result)
    if not found:
        yield "nothing was read"
    if "teachers" in result:
        yield from synthesis_lines(result)
        yield ""
    for name, account in found.items():
        if FUNNELS[name]:
            yield FUNNELS[name]
        yield from funnel_lines(account)


def synthesis_lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Who wrote the pairs of a synthesis, what it took, and how they are split."""
    cost = "" if result["cost"] is None else f", {result['cost']:,.2f} USD"
    tokens = f"{result['tokens_in']:,} tokens in and {result['tokens_out']:,} out"
    yield f"{', '.join(result['models']) or 'no answer'}: {result['requests']:,} requests, {tokens}{cost}"
    if result["asked_again"]:
        again = result["asked_again"]
        yield f"{again:,} passages were asked for again, {result['second_answers']:,} of them became pairs"
    for error, count in result["errors"].items():
        yield f"{count:,} requests without an answer: {error}"
    if result["stopped"] is not None:
        yield f"stopped at the {result['stopped']}"
    directions = sorted({direction for split in result["pairs"].values() for direction in split})
    rows = [(split, *(f"{of.get(name, 0):,}" for name in directions)) for split, of in result["pairs"].items()]
    yield from table(("pairs", *directions), rows).split("\n")


def foresight_lines(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """`synthesize --dry-run`: requests, tokens and cost, of all and of what the journal does not hold yet."""
    header, rows = ("", "requests", "passages", "tokens in", "tokens out", "cost (USD)"), list[tuple[str, ...]]()
    for name, one in found.items():
        counts = [f"{one[unit]:,}" for unit in ("requests", "passages", "tokens_in", "tokens_out")]
        cost = "unknown" if one["cost"] is None else f"{one['cost']:,.2f}"
        rows.append((name.replace("_", " "), *counts, cost))
    yield table(header, rows)
    yield "An estimate; answers that fail a check are asked for once more. No cap that is given will be passed."


def funnel_lines(account: Mapping[str, Any]) -> Iterator[str]:
    """A funnel's JSON for a person: what each step took and left, who lost what, and what could not be read."""
    total, unit = account["total"], _unit(account)
    share = 100 * total["kept"] / max(1, total["read"])
    yield f"{total['read']:,} {unit if total['read'] != 1 else unit[:-1]} read, {total['kept']:,} kept ({share:.1f}%)"
    yield ""
    yield _waterfall_table(account, unit)
    if total["cut"]:
        yield f"(in brackets: {unit} that lost some of their text and went on)"
    yield ""
    yield from _source_tables(account)
    yield from _fault_lines(account["faults"])


def _unit(account: Mapping[str, Any]) -> str:
    languages = {language for source in account["by_source"].values() for language in source}
    return "pairs" if any("-" in language for language in languages) else "documents"


def _waterfall_table(account: Mapping[str, Any], unit: str) -> str:
    total, steps = account["total"], waterfall(account)
    header, rows = ["step"], [[row["step"]] for row in steps]
    columns = [("documents", unit, "read"), ("chars", "characters", "chars_read")]
    if total["tokens_read"]:
        columns.append(("tokens", account["token_kind"], "tokens_read"))
    for name, words, whole in columns:
        header += [words, "%", "left"]
        for cells, row in zip(rows, steps, strict=True):
            lost, left = row[name], f"{row[f'{name}_left']:,}"
            taken = ("", "") if row["kind"] in ("read", "kept") else (f"{lost:,}", _percent(lost, total[whole]))
            if name == "documents" and row["kind"] == "cut":
                taken = (f"({lost:,})", "")
            cells += [*taken, left]
    return table(header, rows)


def _percent(part: int, whole: int) -> str:
    share = 100 * part / max(1, whole)
    return "<0.1" if 0 < share < 0.05 else f"{share:.1f}"


def _source_tables(account: Mapping[str, Any]) -> Iterator[str]:
    """Steps by sources and languages, where there are several; as many beside each other as fit."""
    counts = {f"{source} {lang}": count for source, by in account["by_source"].items() for lang, count in by.items()}
    if len(counts) < 2:
        return
    names = ["read", *account["order"], "kept"]
    first, block = max(map(len, names)), list[str]()
    for label in [*counts, None]:
        if block and (label is None or first + sum(len(one) + 4 for one in [*block, label]) > TABLE_WIDTH):
            yield table(["step", *block], [[name, *(_taken(counts[one], name) for one in block)] for name in names])
            yield ""
            block = []
        block += [label] if label else []


def _taken(count: Mapping[str, Any], name: str) -> str:
    if name in ("read", "kept"):
        return f"{count[name]:,}"
    dropped, cut = count["dropped"].get(name), count["cut"].get(name)
    return f"{dropped:,}" if dropped else f"({cut['documents']:,})" if cut else ""


def _fault_lines(faults: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if faults:
        yield "Unreadable"
    for fault in faults:
        yield f"  {fault['reason']}  ({fault['source']}, {fault['language']})  {fault['documents']:,}"
        for place in fault["places"]:
            yield f"    {one_line(place['where'])}" + (f": {one_line(place['detail'])}" if place["detail"] else "")
        if fault["documents"] > len(fault["places"]):
            yield f"    and {fault['documents'] - len(fault['places']):,} more"
    if faults:
        yield ""


def choose_rows(rows: Iterable[Mapping[str, Any]], wanted: int) -> list[Mapping[str, Any]]:
    """`wanted` kept rows, dropped ones and cuts, the latter two in turn from every reason and at least one of each."""
    kept: list[Mapping[str, Any]] = []
    lost: tuple[dict[str, list[Mapping[str, Any]]], ...] = ({}, {})
    for row in rows:
        if row["kept"]:
            kept.append(row)
        else:
            lost[bool(row.get("cut"))].setdefault(str(row["reason"]), []).append(row)
    return [*kept[:wanted], *(row for groups in lost for row in _in_turn(groups, wanted))]


def _in_turn(groups: Mapping[str, list[Mapping[str, Any]]], wanted: int) -> Iterator[Mapping[str, Any]]:
    """`wanted` rows, and at least one of each group, group by group in their order."""
    turns = sorted((turn, place) for place, rows in enumerate(groups.values()) for turn in range(len(rows)))
    chosen = set(turns[: max(wanted, len(groups)) if wanted else 0])
    for place, rows in enumerate(groups.values()):
        yield from (row for turn, row in enumerate(rows) if (turn, place) in chosen)


def row_lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Sampled rows, each under its verdict."""
    for row in rows:
        verdict = "kept" if row["kept"] else f"{'cut' if row.get('cut') else 'dropped'}: {row['reason']}"
        yield f"{verdict}  ({row['source']}, {row['language']})"
        for name, text in row.items():
            if name not in _ROW_FIELDS:
                yield f"  {name}: {one_line(str(text))}"


def figure_lines(value: Any, place: str = "") -> Iterator[str]:
    """Any figures as `name  value` lines; lists of records one line each."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from figure_lines(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list) and value and isinstance(value[0], Mapping):
        for index, inner in enumerate(value):
            yield f"{place}.{index}  {one_line(json.dumps(inner, ensure_ascii=False))}"
    else:
        value = float(f"{value:.6g}") if isinstance(value, float) else value
        shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield f"{place}  {one_line(shown)}"


def option_lines(options: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Every option of a recipe with its type, default and reason."""
    for option in options:
        default = "required" if option["required"] else f"default {json.dumps(option['default'], ensure_ascii=False)}"
        yield f"{option['name']}  ({option['type']}, {default})"
        yield f"    {option['why']}"


def kv_cache_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Milliseconds a token with the cache on and off, by output length."""
    header = ("length", "batch", "beam", "cache on (ms/token)", "cache off (ms/token)", "times faster")
    yield table(
        header,
        [
            (
                str(row["length"]),
                str(row["batch"]),
                str(row["beam"]),
                f"{row['cached_ms']:.3f}",
                f"{row['uncached_ms']:.3f}",
                f"{row['speedup']:.1f}",
            )
            for row in rows
        ],
    )
    if rows:
        yield f"{rows[0]['parameters']:,} parameters; {rows[0]['machine']}"
