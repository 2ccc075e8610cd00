"""Charts draw what is finite, and nothing at all where there is nothing; labels are escaped."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from dragoman.evaluate.report.charts import Dot, Line, Point, dot_chart, line_chart, number, thinned, ticks

NAN, INF = float("nan"), float("inf")


def parsed(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(chart)


def coordinates(chart: str) -> list[float]:
    """Every number in the drawing."""
    lists = re.findall(r'(?:points|x1|x2|y1|y2|cx|cy|x|y)="([^"]*)"', chart)
    return [float(value) for found in lists for value in re.split(r"[ ,]", found)]


def highest(chart: str) -> float:
    """The topmost number of the y axis."""
    return max(float(text) for text in re.findall(r'tick end"[^>]*>([\d.]+)<', chart))


@pytest.mark.parametrize("points", [[], [(NAN, 1.0)], [(1.0, INF)], [(NAN, NAN), (INF, 0.0)]])
def test_nothing_to_draw_draws_nothing(points: list[Point]) -> None:
    assert line_chart("Loss", [Line("a", points)], "steps", "nats") == ""
    assert line_chart("Loss", [], "steps", "nats") == ""
    assert dot_chart("BLEU", [Dot("x", NAN)], "BLEU") == ""
    assert dot_chart("BLEU", [], "BLEU") == ""


@pytest.mark.parametrize(
    "points",
    [
        [(5.0, 2.0)],
        [(0.0, 0.0)],
        [(1.0, 3.0), (2.0, 3.0)],
        [(1.0, 1.0), (1.0, 2.0)],
        [(1.0, NAN), (2.0, 1.0), (3.0, INF), (4.0, 2.0)],
        [(1.0, -1e9), (2.0, 1e9)],
        [(1.0, 1e-9), (2.0, 2e-9)],
        [(float(i), math.sin(i)) for i in range(5000)],
    ],
)
def test_drawings_are_well_formed_and_finite(points: list[Point]) -> None:
    chart = line_chart("Loss", [Line("a", points), Line("b", points, 2, True)], "steps", "nats")
    parsed(chart)
    assert all(map(math.isfinite, coordinates(chart)))


def test_one_point_is_a_dot_and_several_are_a_line() -> None:
    one = parsed(line_chart("Loss", [Line("a", [(5, 2)])], "steps", "nats"))
    assert len(one.findall(".//circle")) == 1
    assert not one.findall(".//polyline")
    many = parsed(line_chart("Loss", [Line("a", [(5, 2), (6, 1), (7, NAN)])], "steps", "nats"))
    (curve,) = many.findall(".//polyline")
    assert len(curve.attrib["points"].split()) == 2


def test_larger_values_lie_higher_and_later_ones_further_right() -> None:
    chart = line_chart("chrF", [Line("a", [(10, 20.0), (0, 10.0), (20, 50.0)])], "steps", "chrF")
    (curve,) = parsed(chart).findall(".//polyline")
    places = [tuple(map(float, pair.split(","))) for pair in curve.attrib["points"].split()]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)


def test_the_head_does_not_stretch_the_axis() -> None:
    lines = [Line("a", [(float(step), 100.0 if step < 3 else 2.0 + step / 100) for step in range(101)])]
    assert highest(line_chart("Loss", lines, "steps", "nats")) == 100
    assert highest(line_chart("Loss", lines, "steps", "nats", head=0.05)) == 3


def test_intervals_are_drawn_where_they_are_known() -> None:
    dots = [Dot("with", 38.0, 36.5, 39.5), Dot("without", 30.0), Dot("broken", 31.0, NAN, 33.0)]
    chart = parsed(dot_chart("BLEU", dots, "BLEU", [("ours", 1)]))
    assert len(chart.findall(".//circle")) == 3
    (bar,) = [line for line in chart.findall(".//line") if line.attrib["class"].startswith("interval")]
    assert float(bar.attrib["x1"]) < float(bar.attrib["x2"])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 93, [0, 20, 40, 60, 80, 100]),
        (0, 4000, [0, 1000, 2000, 3000, 4000]),
        (1.62, 5.2, [1, 2, 3, 4, 5, 6]),
        (3, 3, [2.6, 2.8, 3, 3.2, 3.4]),
        (0, 0, [-1, -0.5, 0, 0.5, 1]),
    ],
)
def test_ticks_are_round_and_cover_the_range(low: float, high: float, expected: Sequence[float]) -> None:
    found = ticks(low, high)
    assert found == pytest.approx(list(expected))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.25, "0.25"), (4000, "4,000"), (12_000, "12k"), (1.5e6, "1.5M"), (2.5e9, "2.5G"), (-3, "-3")],
)
def test_axis_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_thinning_keeps_the_ends_and_the_mean() -> None:
    points = [(float(i), float(i % 2)) for i in range(1001)]
    found = thinned(points, 100)
    assert (len(found), found[0], found[-1]) == (100, points[0], points[-1])
    assert all(abs(y - 0.5) < 0.1 for _, y in found[1:-1])
    assert thinned(points[:100], 100) == points[:100]


def test_labels_are_escaped() -> None:
    hostile = "<script>\"&'"
    lines = [Line(hostile, [(1, 1)]), Line("b", [(1, 2)])]
    chart = line_chart(hostile, lines, hostile, hostile) + dot_chart(
        hostile, [Dot(hostile, 1.0)], hostile, [(hostile, 1)]
    )
    assert "<script" not in chart
    for part in re.findall(r"<figure.*?</figure>", chart, re.S):
        parsed(part)
    assert parsed(line_chart(hostile, lines, "", ""))[2].attrib["aria-label"] == hostile
