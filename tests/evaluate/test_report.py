"""The report shows every section it has figures for, leaves out the others, and is one safe, self-contained page."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from dragoman.corpus.funnel import Funnel
from dragoman.evaluate.report import words as report_words
from dragoman.evaluate.report import write_report
from dragoman.evaluate.report.funnels import steps
from dragoman.evaluate.report.training import curve, head_start, score_curve
from dragoman.evaluate.report.words import duration, percent
from dragoman.io import write_jsonl
from dragoman.recipe import Recipe

RECIPE = Recipe.model_validate({"name": "multi30k", "languages": ["de", "en"]}).model_dump(mode="json")
SECTIONS = {
    "data": {"curate", "synthesize", "pairs", "screen"},
    "tokenizer": {"tokenizer"},
    "training": {"pretrain", "finetune", "scratch"},
    "scores": {"evaluate"},
    "samples": {"evaluate"},
    "run": {"curate", "synthesize", "pairs", "tokenizer", "screen", "pretrain", "finetune", "scratch", "evaluate"},
    "recipe": set[str](),
}
STAGES = ("curate", "synthesize", "pairs", "tokenizer", "screen", "pretrain", "finetune", "scratch", "evaluate")
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
    def cells(self) -> str:
        """The text with a blank wherever an element starts or ends."""
        return " ".join(" ".join(self.words).split())

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
        "Translated by “some-model-001”: 625 requests, 123,000 tokens for 0.31 USD.", "40 of them became pairs",
        "2,100 passages were read and 2,000 kept", "Asking stopped at the max_cost of 0.31 USD",
        "with uncommitted changes", "test set test2016 (1,000 pairs)",
    ):  # fmt: skip
        assert words in shown.text, words


@pytest.mark.parametrize(
    "present", [STAGES[:n] for n in (0, 1, 2, 6, 7)] + [tuple(s for s in STAGES if s != n) for n in STAGES]
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
        free = {"by_source", "test", "others", "packages"}
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


def funnel_of(texts: list[tuple[str, str | None]], **more: Any) -> Funnel:
    funnel = Funnel(("too_short", "duplicate"))
    for text, reason in texts:
        funnel.add("web", "de", {"text": text}, reason, **more)
    return funnel


def test_the_staircase_of_a_funnel_ends_at_what_was_kept() -> None:
    given = [("x" * 10, reason) for reason in ["duplicate"] * 5 + ["too_short"] * 10 + [None] * 5]
    plain, cut = funnel_of(given), funnel_of(given, chars_read=20, cut={"furniture": (10, 0)})
    rows = [(row["label"], row["start"], row["width"], row["percent"]) for row in steps(plain.as_dict())]
    assert rows == [
        ("read", 0, 100, 100),
        ("too short", 50, 50, 50),
        ("seen before", 25, 25, 25),
        ("kept", 0, 25, 25),
    ]
    rows = [(row["label"], row["start"], row["width"], row["chars_percent"]) for row in steps(cut.as_dict())]
    assert rows == [
        ("read", 0, 100, 100),
        ("menus and notices cut", 50, 50, 50),
        ("too short", 25, 25, 25),
        ("seen before", 12.5, 12.5, 12.5),
        ("kept", 0, 12.5, 12.5),
    ]


def test_bars_stay_inside_where_a_cut_makes_text_longer() -> None:
    funnel = funnel_of([("x" * 30, None), ("x" * 30, "too_short")], chars_read=20, cut={"repair": (-10, 0)})
    for row in steps(funnel.as_dict()):
        assert 0 <= row["start"] <= row["start"] + row["width"] <= 100, row
    assert all(row["width"] == 0 for row in steps(Funnel().as_dict()))


def table(shown: str, start: str, end: str) -> str:
    """The words of the page from `start` to `end`."""
    place = shown.index(start)
    return shown[place : shown.index(end, place)]


def test_every_step_is_told_in_documents_characters_and_words(
    manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path
) -> None:
    shown = page(manifests, folders, tmp_path).cells
    falls = table(shown, "step share of the characters", "source language read")
    assert "read 18,240 100.0% 100.0% 22,841,200 2,284,120" in falls
    assert "not UTF-8 −7 <0.1% 18,233" in falls
    assert "menus and notices cut in 8,000 18,233 1.8% 22,424,400 2,242,440" in falls
    assert "lines of other documents cut in 120 12,700" in falls and "kept 12,700 69.6%" in falls
    steps = ["not UTF-8", "menus and notices cut", "too short", "opens with boilerplate", "blocked words"]
    places = [falls.index(step) for step in [*steps, "wrong language", "seen before", "lines of other documents cut"]]
    assert places == sorted(places)
    matrix = table(shown, "Every reason by source", "What could not be read")
    assert "books de books en web de all" in matrix
    assert "too short 587 600 1,187" in matrix and "wrong language 2,210 2,210" in matrix
    faults = table(shown, "What could not be read", "Texts that were kept")
    assert "not UTF-8 web de 7 web.jsonl line 3 byte 0xe4 at column 8" in faults and "and 2 more" in faults
    assert "pieces left" in table(shown, "judged by the pieces", "Tokenizer")


def test_texts_of_every_verdict_can_be_read(
    manifests: dict[str, Any], folders: dict[str, Path], tmp_path: Path
) -> None:
    shown = page(manifests, folders, tmp_path).cells
    documents = table(shown, "Texts that were kept", "Passages that a teacher translated")
    assert "kept 5 of 12,700" in documents and documents.count("Der Wald im Herbst") == 5
    assert "menus and notices cut 1 of 8,000 web, de Startseite Kontakt" in documents
    assert "opens with boilerplate 3 of 1,403" in documents and "Cookies & 0 <Partner>" in documents
    assert "wrong language 1 of 2,210 web, de Il pleut" in documents
    assert max(map(len, documents.split("web, de "))) < 500
    pairs = table(shown[shown.index("Sentence pairs") :], "Texts that were kept", "Clean documents, checked")
    assert "numbers differ 1 of 12 captions, de-en de 3 Hunde en 4" in pairs and "Testsatz" not in pairs
    checked = table(shown, "Clean documents, checked", "judged by the pieces")
    assert "holds test or development text 1 of 31 web, de Ein Satz aus dem Testsatz." in checked


def test_every_reason_has_words() -> None:
    from dragoman.corpus import pair_rules, rules, token_rules
    from dragoman.corpus.sources import faults
    from dragoman.synth import judge

    named = {*rules.ORDER, *pair_rules.REASONS, *token_rules.TOKEN_REASONS, *faults.FAULTS, *judge.ORDER}
    assert named <= report_words.REASONS.keys()
    assert len(set(report_words.REASONS.values())) == len(report_words.REASONS)
    assert report_words.reason("a_new_rule") == "a new rule"


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
