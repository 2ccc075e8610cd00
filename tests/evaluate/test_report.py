"""The report shows every section it has figures for, leaves out the others, and is one safe, self-contained page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from dragoman.evaluate.report import write_report
from dragoman.evaluate.report.corpus import steps
from dragoman.evaluate.report.training import curve, head_start, score_curve
from dragoman.evaluate.report.words import duration, percent
from dragoman.io import write_jsonl
from dragoman.recipe import Recipe

RECIPE = Recipe.model_validate({"name": "multi30k", "languages": ["de", "en"]}).model_dump(mode="json")
SECTIONS = {
    "data": {"curate", "pairs"},
    "tokenizer": {"tokenizer"},
    "training": {"pretrain", "finetune", "scratch"},
    "scores": {"evaluate"},
    "samples": {"evaluate"},
    "run": {"curate", "pairs", "tokenizer", "pretrain", "finetune", "scratch", "evaluate"},
    "recipe": set[str](),
}
STAGES = ("curate", "pairs", "tokenizer", "pretrain", "finetune", "scratch", "evaluate")
VOID = {"meta", "br", "hr", "img", "input", "link"}
HOSTILE = "</td><script>alert('1')</script><img src=x onerror=\"alert(2)\">"


class Page(HTMLParser):
    """A page taken apart: tags, attributes, text; asserts that every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def ids(self) -> set[str]:
        return {value for name, value in self.attributes if name == "id"}


def page(manifests: dict[str, Any], folders: dict[str, Path], out: Path, recipe: dict[str, Any] = RECIPE) -> Page:
    result = write_report(recipe, manifests, folders, out)
    text = (out / "report.html").read_text(encoding="utf-8")
    assert result == {"file": "report.html", "bytes": len(text.encode())}
    return Page(text)


def test_a_full_run_shows_every_section(manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path) -> None:
    shown = page(manifests, folders, tmp_path)
    assert set(SECTIONS) <= shown.ids
    for words in (
        "8.7 million parameters", "German and English", "38.4", "37.0–39.8", "nrefs:1|bs:1000|seed:12345",
        "18,240 documents were read and 12,700 kept (69.6%)", "wrong language", "12.1%", "length ratio 61",
        "4,096 pieces", "1.62", "0.018%", "␣Männe", "What pre-training gave", "from scratch", "p = 0.001",
        "A Boston terrier running across", "Example CPU 3000", "2.13.0+cpu", "15 min 12 s", "1,612 MB", "best_by: chrf",
        "with uncommitted changes", "test set test2016 (1,000 pairs)",
    ):  # fmt: skip
        assert words in shown.text, words


@pytest.mark.parametrize(
    "present", [STAGES[:n] for n in (0, 1, 4, 5)] + [tuple(s for s in STAGES if s != n) for n in STAGES]
)
def test_what_did_not_run_is_left_out(
    present: tuple[str, ...], manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path
) -> None:
    shown = page({n: manifests[n] for n in present}, {n: folders[n] for n in present}, tmp_path)
    expected = {name for name, stages in SECTIONS.items() if not stages or stages & set(present)}
    assert set(SECTIONS) & shown.ids == expected
    links = {value[1:] for name, value in shown.attributes if name == "href"}
    assert links == expected
    assert ("What pre-training gave" in shown.text) == ({"finetune", "scratch"} <= set(present))


def test_stages_without_figures_do_no_harm(manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path) -> None:
    empty = {name: {**manifest, "result": {}} for name, manifest in manifests.items()}
    shown = page(empty, {name: tmp_path / "nowhere" for name in folders}, tmp_path)
    assert {"run", "recipe"} == set(SECTIONS) & shown.ids
    bare = {name: {"stage": name, "result": None} for name in manifests}
    assert "run" in page(bare, {}, tmp_path).ids
    page({}, {}, tmp_path, recipe={})


def test_nothing_is_fetched_and_nothing_runs(
    manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path
) -> None:
    shown = page(manifests, folders, tmp_path)
    assert not shown.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "image", "use"}
    for name, value in shown.attributes:
        assert name not in {"src", "srcset", "action", "data", "xlink:href"}, (name, value)
        assert not name.startswith("on"), (name, value)
        assert name != "href" or value.startswith("#")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|url\(|@import|//cdn", text)


def hostile(value: Any) -> Any:
    """`value` with an attack at the end of every text, and of every key that stands for a name."""
    if isinstance(value, dict):
        free = {"by_source", "dropped", "test", "others", "packages"}
        return {
            key: {name + HOSTILE: hostile(inner) for name, inner in found.items()}
            if key in free and isinstance(found, dict)
            else hostile(found)
            for key, found in value.items()
        }
    if isinstance(value, list):
        return [hostile(inner) for inner in value]
    return value + HOSTILE if isinstance(value, str) else value


def test_text_from_outside_stays_text(manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path) -> None:
    bad = {name: {**hostile(manifest), "finished": HOSTILE} for name, manifest in manifests.items()}
    plain = page(manifests, folders, tmp_path)
    write_jsonl(
        folders["finetune"] / "metrics.jsonl", [{"step": 1, "event": "dev", "loss": 1.0, "chrf." + HOSTILE: 3.0}]
    )
    shown = page(bad, folders, tmp_path, hostile(RECIPE))
    assert shown.tags <= plain.tags
    assert {name for name, _ in shown.attributes} <= {name for name, _ in plain.attributes}
    assert shown.text.count("<script>alert('1')</script>") > 100


def test_the_staircase_of_a_funnel_ends_at_what_was_kept() -> None:
    read, *lost, kept = steps({"read": 200, "kept": 50, "dropped": {"duplicate": 100, "too_short": 50}})
    assert (read["width"], kept["width"], kept["start"]) == (100.0, 25.0, 0.0)
    assert [(row["label"], row["start"], row["width"]) for row in lost] == [
        ("seen before", 50, 50),
        ("too short", 25, 25),
    ]
    assert all(row["width"] == 0 for row in steps({"read": 0, "kept": 0, "dropped": {}}))


def test_curves_leave_out_what_is_no_number() -> None:
    rows: list[dict[str, Any]] = [
        {"step": 1, "event": "dev", "loss": 2.0, "chrf.de-en": 10.0, "chrf.en-de": 20.0},
        {"step": 2, "event": "dev", "loss": None, "chrf.de-en": "high"},
        {"event": "dev", "loss": 1.0, "chrf": 3.0},
        {"step": 3, "event": "train", "loss": 1.5},
        {},
    ]
    assert curve(rows, "dev", "loss") == [(1.0, 2.0)]
    assert curve(rows, "train", "loss") == [(3.0, 1.5)]
    assert score_curve(rows) == [(1.0, 15.0)]


def test_the_head_start_is_told_in_steps(tmp_path: Path) -> None:
    def run(name: str, scores: list[float]) -> None:
        rows = [{"step": 10 * i, "event": "dev", "chrf.de-en": score} for i, score in enumerate(scores, start=1)]
        write_jsonl(tmp_path / name / "metrics.jsonl", rows)

    folders = {"finetune": tmp_path / "finetune", "scratch": tmp_path / "scratch"}
    assert head_start(folders) == ""
    run("finetune", [30, 41, 45])
    run("scratch", [10, 30, 40])
    assert "(40.0) at step 20; from scratch it took 30." in head_start(folders)
    run("scratch", [10, 30, 50])
    assert "never reaches" in head_start(folders)


def test_a_model_of_one_direction_is_called_that(
    manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path
) -> None:
    one = {**RECIPE, "finetune": {**RECIPE["finetune"], "directions": ["de-en"]}}
    assert "translates from German to English, pre-trained" in page(manifests, folders, tmp_path, one).text


def test_broken_metrics_do_no_harm(manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path) -> None:
    with open(folders["finetune"] / "metrics.jsonl", "a", encoding="utf-8") as stream:
        stream.write('{"step": 4001, "event": "dev", "loss": NaN, "chrf.de-en": Infinity}\n{"step": 40')
    shown = page(manifests, folders, tmp_path)
    numbers = [value for name, value in shown.attributes if name in {"points", "cx", "cy", "x", "y", "style"}]
    assert not re.search("nan|inf", " ".join(numbers))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0.04, "0.0 s"), (47.2, "47 s"), (60, "1 min 0 s"), (3599.6, "1 h 0 min"), (3725, "1 h 2 min")],
)
def test_times_are_readable(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0.0%"), (0.01, "<0.1%"), (12.34, "12.3%"), (99.99, ">99.9%"), (100, "100.0%")]
)
def test_shares_never_pretend_to_be_nothing_or_all(value: float, text: str) -> None:
    assert percent(value) == text
