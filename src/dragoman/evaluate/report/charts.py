"""Charts as inline SVG: no script, no file beside the page, colours and fonts from its style sheet.

A chart of nothing is the empty string, so that a template can leave it out. Points that are not finite are left out.
Sizes are in units of the view box, about one pixel on a wide screen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markupsafe import Markup, escape

WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 34
ROW, SUB_ROW = 32, 18  # height of a row of a dot chart, and of one without a label, which belongs to the one above
LABEL = 150  # width of its labels
MOST_POINTS = 200  # more do not show at this width

Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """One curve. `tone` 1-4 picks its colour; `markers` draws its points, for curves with few of them."""

    name: str
    points: Sequence[Point]
    tone: int = 1
    markers: bool = False

    def finite(self) -> list[Point]:
        """The points that can be drawn, by x."""
        return sorted(point for point in self.points if all(map(math.isfinite, point)))


@dataclass(frozen=True)
class Dot:
    """One row of a dot chart: a score and its interval, where it has one."""

    label: str
    score: float
    low: float | None = None
    high: float | None = None
    tone: int = 1
    note: str = ""
    """What a pointer resting on the dot is told."""

    def values(self) -> list[float]:
        """All numbers that must fit on the axis."""
        return [value for value in (self.score, self.low, self.high) if value is not None and math.isfinite(value)]


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` points: the means of runs of neighbours, with the first and the last as they are."""
    if len(points) <= most:
        return list(points)
    inner, runs = points[1:-1], most - 2
    edges = [i * len(inner) // runs for i in range(runs + 1)]
    means = [_mean(inner[a:b]) for a, b in pairwise(edges)]
    return [points[0], *means, points[-1]]


def _mean(points: Sequence[Point]) -> Point:
    return sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """About `wanted` round numbers from at or below `low` to at or above `high`: ticks(0, 93) == [0, 20, ... 100]."""
    if not high > low:
        pad = abs(low) * 0.1 or 1.0
        low, high = low - pad, high + pad
    rough = (high - low) / wanted
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(i * step, 10) for i in range(first, last + 1)]


def number(value: float) -> str:
    """A figure on an axis: 12k, 1.5M, 0.25, 30."""
    for size, suffix in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if suffix == 'k' else size):g}{suffix}"
    return f"{value:,.6g}"


def line_chart(title: str, lines: Sequence[Line], x_label: str, y_label: str, *, head: float = 0.0) -> Markup:
    """Curves over a common axis, with a legend where there are several.

    `head` is the share of the x axis whose heights do not stretch the y axis: a loss that starts at ten and ends
    at two is drawn around two, and enters from above.
    """
    drawn = [(line, thinned(line.finite())) for line in lines]
    drawn = [(line, points) for line, points in drawn if points]
    if not drawn:
        return Markup("")
    everything = [point for _, points in drawn for point in points]
    x_max = max(x for x, _ in everything)
    tail = [y for x, y in everything if x >= head * x_max] or [y for _, y in everything]
    plot = _Plot(ticks(min(x for x, _ in everything), x_max), ticks(min(tail), max(tail)))
    body = [plot.grid(), plot.labels(x_label), plot.window(_curve(plot, line, points) for line, points in drawn)]
    legend = _legend((line.name, line.tone) for line, _ in drawn) if len(drawn) > 1 else Markup("")
    return _figure(title, y_label, legend, Markup("").join(body), WIDTH, HEIGHT)


def dot_chart(title: str, dots: Sequence[Dot], x_label: str, tones: Sequence[tuple[str, int]] = ()) -> Markup:
    """Scores as dots on one axis, intervals as bars; `tones` names the colours."""
    dots = [dot for dot in dots if math.isfinite(dot.score)]
    if not dots:
        return Markup("")
    values = [value for dot in dots for value in dot.values()]
    places = list(accumulate(ROW if dot.label else SUB_ROW for dot in dots))
    height = TOP + BOTTOM + places[-1]
    plot = _Plot(ticks(min(values), max(values)), [0, 1], left=LABEL, height=height)
    rows = [_dot(plot, dot, TOP + place - SUB_ROW / 2) for dot, place in zip(dots, places, strict=True)]
    body = [plot.x_grid(), plot.labels(x_label, heights=False), *rows]
    return _figure(title, "", _legend(tones), Markup("").join(body), WIDTH, height)


@dataclass(frozen=True)
class _Plot:
    """The axes: where a value lies on the page."""

    x_ticks: Sequence[float]
    y_ticks: Sequence[float]
    left: int = LEFT
    height: int = HEIGHT

    def x(self, value: float) -> float:
        """Page x of a value."""
        low, high = self.x_ticks[0], self.x_ticks[-1]
        return round(self.left + (value - low) / (high - low) * (WIDTH - self.left - RIGHT), 1)

    def y(self, value: float) -> float:
        """Page y of a value; larger ones lie higher."""
        low, high = self.y_ticks[0], self.y_ticks[-1]
        return round(self.height - BOTTOM - (value - low) / (high - low) * (self.height - BOTTOM - TOP), 1)

    def grid(self) -> Markup:
        """A line at every y tick."""
        line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>')
        heights = [self.y(value) for value in self.y_ticks]
        return Markup("").join(line.format(self.left, WIDTH - RIGHT, y, y) for y in heights)

    def x_grid(self) -> Markup:
        """A line at every x tick."""
        line = Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>')
        places = [self.x(value) for value in self.x_ticks]
        return Markup("").join(line.format(x, x, TOP, self.height - BOTTOM) for x in places)

    def labels(self, x_label: str, *, heights: bool = True) -> Markup:
        """The numbers on the axes, and what the x axis means."""
        text = Markup('<text class="tick {}" x="{}" y="{}">{}</text>')
        base = self.height - BOTTOM
        shown = [text.format("mid", self.x(value), base + 14, number(value)) for value in self.x_ticks]
        if heights:
            shown += [text.format("end", self.left - 6, self.y(value) + 4, number(value)) for value in self.y_ticks]
        shown.append(text.format("mid axis", (self.left + WIDTH - RIGHT) / 2, self.height - 3, x_label))
        return Markup("").join(shown)

    def window(self, parts: Iterable[Markup]) -> Markup:
        """`parts`, cut off at the edges of the plot (with room for a marker)."""
        x, y, w, h = self.left - 5, TOP - 5, WIDTH - self.left - RIGHT + 10, self.height - TOP - BOTTOM + 10
        frame = Markup('<svg x="{0}" y="{1}" width="{2}" height="{3}" viewBox="{0} {1} {2} {3}">{4}</svg>')
        return frame.format(x, y, w, h, Markup("").join(parts))


def _curve(plot: _Plot, line: Line, points: Sequence[Point]) -> Markup:
    places = [(plot.x(x), plot.y(y)) for x, y in points]
    parts = []
    if len(places) > 1:
        path = " ".join(f"{x:g},{y:g}" for x, y in places)
        parts.append(Markup('<polyline class="curve s{}" points="{}"/>').format(line.tone, path))
    if line.markers or len(places) == 1:
        dot = Markup('<circle class="dot s{}" cx="{}" cy="{}" r="3"><title>{}, {}: {}</title></circle>')
        for (x, y), (step, value) in zip(places, points, strict=True):
            parts.append(dot.format(line.tone, x, y, line.name, number(step), f"{value:.4g}"))
    return Markup("").join(parts)


def _dot(plot: _Plot, dot: Dot, y: float) -> Markup:
    parts = [Markup('<text class="row-label" x="0" y="{}">{}</text>').format(y + 4, dot.label)]
    if dot.low is not None and dot.high is not None and math.isfinite(dot.low) and math.isfinite(dot.high):
        bar = Markup('<line class="interval s{}" x1="{}" x2="{}" y1="{}" y2="{}"/>')
        parts.append(bar.format(dot.tone, plot.x(dot.low), plot.x(dot.high), y, y))
    circle = Markup('<circle class="dot s{}" cx="{}" cy="{}" r="5"><title>{}</title></circle>')
    parts.append(circle.format(dot.tone, plot.x(dot.score), y, dot.note or f"{dot.label} {dot.score:.1f}"))
    return Markup("").join(parts)


def _legend(names: Iterable[tuple[str, int]]) -> Markup:
    entry = Markup('<span class="key"><i class="s{}"></i>{}</span>')
    shown = Markup("").join(entry.format(tone, name) for name, tone in names)
    return Markup('<div class="legend">{}</div>').format(shown) if shown else Markup("")


def _figure(title: str, unit: str, legend: Markup, body: Markup, width: int, height: int) -> Markup:
    caption = Markup('<figcaption>{}<span class="unit">{}</span></figcaption>').format(title, unit)
    drawing = Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>')
    label = f"{title}, {unit}" if unit else title
    return Markup('<figure class="chart">{}{}{}</figure>').format(
        caption, legend, drawing.format(width, height, escape(label), body)
    )
