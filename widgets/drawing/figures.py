"""A drawing as lines, fills and words in pixels of a plot.

Rules: lines are straight on the screen whatever the scale is; levels of a Fibonacci set are shares of the prices;
everything is cut to the plot, so that an anchor far away costs nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from widgets.drawing.drawing import Anchor, Drawing, DrawingKind
from widgets.drawing.geometry import Point, Segment, clipped, row_at
from widgets.drawing.plane import Plane
from widgets.formatting import format_duration, format_percent, format_price

RETRACEMENTS = (0.0, 0.236, 0.382, 0.5, 0.618, 0.786, 1.0)
EXTENSIONS = (0.0, 0.618, 1.0, 1.272, 1.618, 2.618)
LEVELS_LEAST_PX = 90.0
LABEL_PX = 120.0


@dataclass(frozen=True, slots=True)
class Words:
    """Text at a place: `align` is "left", "right" or "centre"; on a plate if `plate`."""

    x: float
    y: float
    text: str
    align: str = "left"
    plate: bool = False


@dataclass(slots=True)
class Figure:
    """What is painted of a drawing: `lines` in its style, `weak` as hairlines, `areas` (x, y, width, height) filled."""

    drawing: Drawing
    lines: list[Segment] = field(default_factory=list)
    weak: list[Segment] = field(default_factory=list)
    areas: list[tuple[float, float, float, float]] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    handles: list[Point] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it can be seen."""
        return not (self.lines or self.weak or self.areas or self.words)


def figure_of(drawing: Drawing, plane: Plane) -> Figure:
    """The drawing on a plot; empty where nothing of it can be seen or an anchor has no row on this scale."""
    points = [(plane.x_of(a.time_ns), plane.y_of(a.price)) for a in drawing.anchors]
    figure = Figure(drawing)
    if not all(math.isfinite(x) and math.isfinite(y) for x, y in points):
        return figure
    figure.handles = points
    _BUILD[drawing.kind](figure, points, plane)
    return figure


def _add(into: list[Segment], segment: Segment | None) -> None:
    if segment is not None:
        into.append(segment)


def _line(before: bool, after: bool) -> Callable[[Figure, list[Point], Plane], None]:
    def build(figure: Figure, points: list[Point], plane: Plane) -> None:
        a, b = points
        _add(figure.lines, clipped(a, b, plane.width, plane.height, before=before, after=after))
        if figure.drawing.text and figure.lines:
            middle = (a[0] + b[0]) / 2
            figure.words.append(Words(middle, row_at(a, b, middle) - 9, figure.drawing.text, "centre"))

    return build


def _channel(figure: Figure, points: list[Point], plane: Plane) -> None:
    a, b, c = points
    lift = c[1] - row_at(a, b, c[0])
    for share, into in ((0.0, figure.lines), (1.0, figure.lines), (0.5, figure.weak)):
        first, second = (a[0], a[1] + lift * share), (b[0], b[1] + lift * share)
        _add(into, clipped(first, second, plane.width, plane.height))


def _levels(figure: Figure, plane: Plane, left: float, right: float, prices: list[tuple[float, float]]) -> None:
    """Lines at prices, each with its share in percent and its price."""
    right = max(right, left + LEVELS_LEAST_PX)
    for share, price in prices:
        y = plane.y_of(price)
        if not math.isfinite(y):
            continue
        into = figure.lines if share in (0.0, 1.0) else figure.weak
        segment = clipped((left, y), (right, y), plane.width, plane.height)
        if segment is None:
            continue
        into.append(segment)
        text = f"{share * 100:.1f} %  {format_price(round(price), plane.price_decimals)}"
        outside = left > LABEL_PX
        figure.words.append(Words(left - 5, y, text, "right") if outside else Words(max(left, 0) + 4, y - 9, text))


def _retracement(figure: Figure, points: list[Point], plane: Plane) -> None:
    begin, end = (float(a.price) for a in figure.drawing.anchors)
    prices = [(share, end + (begin - end) * share) for share in RETRACEMENTS]
    _levels(figure, plane, min(points[0][0], points[1][0]), max(points[0][0], points[1][0]), prices)
    _add(figure.weak, clipped(points[0], points[1], plane.width, plane.height))


def _extension(figure: Figure, points: list[Point], plane: Plane) -> None:
    begin, end, back = (float(a.price) for a in figure.drawing.anchors)
    prices = [(share, back + (end - begin) * share) for share in EXTENSIONS]
    _levels(figure, plane, points[2][0], max(p[0] for p in points), prices)
    _add(figure.weak, clipped(points[0], points[1], plane.width, plane.height))
    _add(figure.weak, clipped(points[1], points[2], plane.width, plane.height))


def _box(figure: Figure, a: Point, b: Point, plane: Plane) -> tuple[float, float, float, float] | None:
    """The part of a box that can be seen; its edges go to the lines."""
    corners = (a, (b[0], a[1]), b, (a[0], b[1]))
    for i, corner in enumerate(corners):
        _add(figure.lines, clipped(corner, corners[(i + 1) % 4], plane.width, plane.height))
    left, right = max(min(a[0], b[0]), 0.0), min(max(a[0], b[0]), float(plane.width))
    top, bottom = max(min(a[1], b[1]), 0.0), min(max(a[1], b[1]), float(plane.height))
    return (left, top, right - left, bottom - top) if left < right and top < bottom else None


def _rectangle(figure: Figure, points: list[Point], plane: Plane) -> None:
    area = _box(figure, points[0], points[1], plane)
    if area is None:
        return
    figure.areas.append(area)
    if figure.drawing.text:
        figure.words.append(Words(area[0] + 4, area[1] + 9, figure.drawing.text))


def _measure(figure: Figure, points: list[Point], plane: Plane) -> None:
    a, b = points
    area = _box(figure, a, b, plane)
    figure.lines.clear()
    if area is not None:
        figure.areas.append(area)
    middle_x, middle_y = (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    _add(figure.lines, clipped((middle_x, a[1]), (middle_x, b[1]), plane.width, plane.height))
    _add(figure.lines, clipped((a[0], middle_y), (b[0], middle_y), plane.width, plane.height))
    if area is None and not figure.lines:
        return
    below = b[1] >= a[1]
    figure.words += [
        Words(middle_x, b[1] + (13 + 17 * i if below else -13 - 17 * (1 - i)), text, "centre", plate=True)
        for i, text in enumerate(measure_texts(*figure.drawing.anchors, plane))
    ]


def measure_texts(first: Anchor, second: Anchor, plane: Plane) -> tuple[str, str]:
    """What a measure says, in two lines: price and percent, and bars, time and volume."""
    distance = second.price - first.price
    bars, volume = plane.span(first, second)
    price = format_price(distance, plane.price_decimals, signed=True)
    percent = format_percent(distance, abs(first.price), signed=True)
    unit = "bar" if abs(bars) == 1 else "bars"
    duration = format_duration(abs(second.time_ns - first.time_ns))
    return f"{price}  {percent} %", f"{bars} {unit} · {duration} · vol {plane.quantity_text(volume)}"


def _text(figure: Figure, points: list[Point], plane: Plane) -> None:
    x, y = points[0]
    if -400 < x < plane.width and -20 < y < plane.height + 20:
        for i, line in enumerate((figure.drawing.text or "Text").splitlines()):
            figure.words.append(Words(x + 6, y + 15 * i, line))


def _price_line(figure: Figure, points: list[Point], plane: Plane) -> None:
    y = points[0][1]
    _add(figure.lines, clipped((0.0, y), (float(plane.width), y), plane.width, plane.height))
    if figure.lines:
        text = format_price(figure.drawing.anchors[0].price, plane.price_decimals)
        figure.words.append(Words(8, y - 9, f"{text}  {figure.drawing.text}".rstrip()))


def _time_line(figure: Figure, points: list[Point], plane: Plane) -> None:
    x = points[0][0]
    _add(figure.lines, clipped((x, 0.0), (x, float(plane.height)), plane.width, plane.height))
    if figure.lines and figure.drawing.text:
        figure.words.append(Words(x + 5, plane.height - 12, figure.drawing.text))


_BUILD: dict[DrawingKind, Callable[[Figure, list[Point], Plane], None]] = {
    DrawingKind.TREND_LINE: _line(before=False, after=False),
    DrawingKind.RAY: _line(before=False, after=True),
    DrawingKind.EXTENDED_LINE: _line(before=True, after=True),
    DrawingKind.CHANNEL: _channel,
    DrawingKind.RETRACEMENT: _retracement,
    DrawingKind.EXTENSION: _extension,
    DrawingKind.RECTANGLE: _rectangle,
    DrawingKind.TEXT: _text,
    DrawingKind.MEASURE: _measure,
    DrawingKind.PRICE_LINE: _price_line,
    DrawingKind.TIME_LINE: _time_line,
}
