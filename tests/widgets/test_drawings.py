"""Drawings in pixels: where points land, what is hit, what is seen, and that placing and moving change just that."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.widgets.drawing_plane import COUNT, HEIGHT, MINUTE, WIDTH, frame_of, plane_of
from widgets.chart.drawing_plane import ChartPlane
from widgets.chart.value_scale import ScaleKind
from widgets.drawing.drawing import KINDS, PRICE_MAX, TIME_MAX_NS, Anchor, Drawing, DrawingKind, problem_of
from widgets.drawing.figures import RETRACEMENTS, figure_of, measure_texts
from widgets.drawing.geometry import MARGIN_PX, clipped, distance_to_segment
from widgets.drawing.hit import distance, hit_at
from widgets.drawing.index import DrawingIndex
from widgets.drawing.snapping import MAGNET_PX, snapped
from widgets.drawing.tool import DrawingTool, Pointer

PLANES = {kind: plane_of(kind=kind) for kind in (ScaleKind.LINEAR, ScaleKind.LOG)}
SCALES = st.sampled_from(list(PLANES))
TIMES = st.integers(-300, COUNT + 800).map(lambda minute: minute * MINUTE)
ANCHORS = st.builds(Anchor, TIMES, st.integers(900, 1100).map(lambda tick: tick * 5))
XS, YS = st.floats(0, WIDTH - 1), st.floats(0, HEIGHT - 90)
FAR = st.floats(-1e7, 1e7)


@st.composite
def drawings(draw: st.DrawFn) -> Drawing:
    """Drawings in and around the plot."""
    kind = draw(st.sampled_from(DrawingKind))
    count = KINDS[kind].anchor_count
    return Drawing(
        1, kind, tuple(draw(st.lists(ANCHORS, min_size=count, max_size=count))), text=draw(st.text(max_size=5))
    )


def tool_of(*held: Drawing) -> tuple[DrawingTool, list[Drawing]]:
    """A tool and what came out of it; it takes each edit as the book would."""
    put: list[Drawing] = []

    def take(drawing: Drawing) -> None:
        put.append(drawing)
        rest = tuple(one for one in tool.index.drawings if one.number != drawing.number)
        tool.set_drawings((*rest, drawing))

    tool = DrawingTool(take)
    tool.set_drawings(held)
    return tool, put


@given(FAR, FAR, FAR, FAR, st.booleans(), st.booleans())
def test_a_clipped_line_lies_in_the_plot_and_on_the_line(
    x1: float, y1: float, x2: float, y2: float, before: bool, after: bool
) -> None:
    cut = clipped((x1, y1), (x2, y2), WIDTH, HEIGHT, before=before, after=after)
    length = math.hypot(x2 - x1, y2 - y1)
    if cut is None or length < 1:
        return
    for x, y in (cut[:2], cut[2:]):
        assert (
            -MARGIN_PX - 0.01 <= x <= WIDTH + MARGIN_PX + 0.01 and -MARGIN_PX - 0.01 <= y <= HEIGHT + MARGIN_PX + 0.01
        )
        assert abs((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)) / length < 0.05


@given(XS, YS, XS, YS)
def test_a_line_inside_is_not_clipped(x1: float, y1: float, x2: float, y2: float) -> None:
    assert clipped((x1, y1), (x2, y2), WIDTH, HEIGHT) == pytest.approx((x1, y1, x2, y2), abs=1e-6)


@given(SCALES, XS, YS)
def test_a_point_lands_on_its_bar_and_on_the_tick_grid(scale: ScaleKind, x: float, y: float) -> None:
    plane = PLANES[scale]
    anchor = snapped(plane, x, y, magnet=False)
    assert anchor.price % 5 == 0
    nearest = min(abs(plane.y_of(anchor.price + step) - y) for step in (-5, 5))
    assert abs(plane.y_of(anchor.price) - y) <= nearest + 1e-6
    assert abs(plane.x_of(anchor.time_ns) - x) <= plane._frame.bar_px / 2 + 1.5


@given(SCALES, XS, YS)
def test_the_magnet_takes_the_nearest_of_four_prices_within_its_reach_and_nothing_else(
    scale: ScaleKind, x: float, y: float
) -> None:
    plane = PLANES[scale]
    anchor, free = snapped(plane, x, y, magnet=True), snapped(plane, x, y, magnet=False)
    bar = plane.bar_near(x)
    if bar is None:
        assert anchor == free
        return
    rows = sorted((abs(plane.y_of(price) - y), price) for price in bar[1])
    assert anchor == (Anchor(bar[0], rows[0][1]) if rows[0][0] <= MAGNET_PX else free)


@given(drawings(), SCALES, st.data())
def test_every_painted_line_is_hit_and_hits_are_near(drawing: Drawing, scale: ScaleKind, data: st.DataObject) -> None:
    figure = figure_of(drawing, PLANES[scale])
    segments = [*figure.lines, *figure.weak]
    if segments:
        x1, y1, x2, y2 = data.draw(st.sampled_from(segments))
        share = data.draw(st.floats(0, 1))
        hit = hit_at([figure], x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)
        assert hit is not None and hit.drawing is drawing
    x, y = data.draw(XS), data.draw(YS)
    brute = min((distance_to_segment(x, y, segment) for segment in segments), default=math.inf)
    assert distance(figure, x, y) <= brute
    if not figure.words:
        assert (hit_at([figure], x, y) is not None) == (brute <= 5.0)


@given(st.lists(drawings(), max_size=8), SCALES)
def test_what_the_index_leaves_out_paints_nothing(held: list[Drawing], scale: ScaleKind) -> None:
    plane = PLANES[scale]
    span = plane._frame.span
    margin = 400 / span.bar_px
    seen = DrawingIndex(held).within(
        span.time_of(span.x_first - margin), span.time_of(span.x_last + margin), plane.price_at(HEIGHT + 120),
        plane.price_at(-120),
    )  # fmt: skip
    for drawing in held:
        if not any(one is drawing for one in seen):
            assert figure_of(drawing, plane).is_empty


@given(drawings(), st.integers(-40, 40), st.integers(-20, 20))
def test_a_drag_of_the_body_moves_every_anchor_alike(drawing: Drawing, bars: int, ticks: int) -> None:
    plane = PLANES[ScaleKind.LINEAR]
    tool, put = tool_of(drawing)
    figure = figure_of(drawing, plane)
    segments = [*figure.lines, *figure.weak]
    if not segments:
        return
    x, y = (segments[0][0] + segments[0][2]) / 2, (segments[0][1] + segments[0][3]) / 2
    assert tool.press(plane, [figure], Pointer(x, y))
    end = Pointer(x + bars * plane._frame.bar_px, y - ticks * 5 * plane._frame.scale.height / 1000)
    tool.move(plane, end)
    tool.release(plane, end)
    assert len(put) <= 1
    if put:
        rises = {new.price - old.price for new, old in zip(put[0].anchors, drawing.anchors, strict=True)}
        steps = [
            plane.bars_between(old.time_ns, new.time_ns)
            for new, old in zip(put[0].anchors, drawing.anchors, strict=True)
        ]
        assert len(rises) == 1 and rises.pop() % 5 == 0
        assert max(steps) - min(steps) <= 1


@given(drawings(), st.data())
def test_a_locked_drawing_is_selected_and_never_moved(drawing: Drawing, data: st.DataObject) -> None:
    locked = Drawing(drawing.number, drawing.kind, drawing.anchors, locked=True)
    plane = PLANES[ScaleKind.LINEAR]
    tool, put = tool_of(locked)
    figure = figure_of(locked, plane)
    if not figure.lines:
        return
    x, y = figure.lines[0][:2]
    assert tool.press(plane, [figure], Pointer(x, y)) and tool.selected == locked.number
    end = Pointer(data.draw(XS), data.draw(YS))
    tool.move(plane, end)
    tool.release(plane, end)
    tool.step(plane, 3, 3)
    assert put == []


@given(st.sampled_from(DrawingKind), st.lists(st.tuples(XS, YS), min_size=3, max_size=3), st.booleans())
def test_as_many_clicks_as_anchors_make_one_drawing(
    kind: DrawingKind, points: list[tuple[float, float]], magnet: bool
) -> None:
    plane = PLANES[ScaleKind.LINEAR]
    tool, put = tool_of()
    tool.start(kind)
    count = KINDS[kind].anchor_count
    for x, y in points[:count]:
        assert put == []
        at = Pointer(x, y, magnet)
        tool.move(plane, at)
        assert tool.preview is not None
        tool.press(plane, [], at)
        tool.release(plane, at)
    assert [one.kind for one in put] == [kind]
    assert put[0].anchors == tuple(snapped(plane, x, y, magnet=magnet) for x, y in points[:count])
    assert not tool.is_placing and tool.preview is None and tool.selected == put[0].number
    assert problem_of(put[0]) == ""


@given(drawings(), st.data())
def test_escape_and_a_change_from_outside_take_a_drag_back(drawing: Drawing, data: st.DataObject) -> None:
    plane = PLANES[ScaleKind.LINEAR]
    figure = figure_of(drawing, plane)
    if not figure.lines:
        return
    tool, put = tool_of(drawing)
    tool.press(plane, [figure], Pointer(*figure.lines[0][:2]))
    tool.move(plane, Pointer(data.draw(XS), data.draw(YS)))
    if data.draw(st.booleans()):
        tool.cancel()
    else:
        tool.set_drawings(())
    tool.release(plane, Pointer(0, 0))
    assert put == [] and tool.preview is None


@given(drawings(), st.integers(-30, 30), st.integers(-30, 30))
def test_keys_there_and_back_give_the_same_drawing(drawing: Drawing, bars: int, ticks: int) -> None:
    plane = PLANES[ScaleKind.LINEAR]
    anchors = tuple(Anchor(plane.time_at(plane.x_of(a.time_ns)), a.price) for a in drawing.anchors)
    tool, _ = tool_of(Drawing(1, drawing.kind, anchors))
    tool.selected = 1
    tool.step(plane, bars, ticks)
    tool.step(plane, -bars, -ticks)
    assert tool.index.drawings[0].anchors == anchors


@settings(max_examples=40)
@given(drawings())
def test_anchors_far_outside_cost_and_break_nothing(drawing: Drawing) -> None:
    far = tuple(Anchor(TIME_MAX_NS, PRICE_MAX if i % 2 else -PRICE_MAX) for i in range(len(drawing.anchors)))
    for kind in (ScaleKind.LINEAR, ScaleKind.LOG):
        for anchors in (far, (far[0], *drawing.anchors[1:])):
            figure = figure_of(Drawing(1, drawing.kind, anchors), PLANES[kind])
            for segment in (*figure.lines, *figure.weak):
                assert all(abs(value) < 10_000 for value in segment)


def test_without_bars_everything_still_answers() -> None:
    plane = plane_of(0)
    anchor = snapped(plane, 10.0, 10.0, magnet=True)
    drawing = Drawing(1, DrawingKind.MEASURE, (anchor, anchor))
    assert figure_of(drawing, plane).handles
    assert plane.bar_near(3) is None


def test_drawings_stand_on_the_same_bars_after_older_history_and_in_other_bar_sizes() -> None:
    frame = frame_of()
    plane = ChartPlane(frame)
    anchor = Anchor(int(frame.bars.time_ns[-50]), 5000)
    before = plane.x_of(anchor.time_ns)
    older = (np.arange(300) - 300) * MINUTE
    frame.bars.prepend(older, [np.full(300, 5000)] * 5)
    assert plane.x_of(anchor.time_ns) == before
    hour = frame_of(20)
    times = np.arange(20) * 60 * MINUTE
    hour.bars.set(times, [np.full(20, 5000)] * 5)
    hour.span.bar_size_ns = 60 * MINUTE
    hour.span.use_bars(hour.bars)
    inside = ChartPlane(hour).x_of(int(times[7]) + 25 * MINUTE)
    assert ChartPlane(hour).x_of(int(times[7])) < inside < ChartPlane(hour).x_of(int(times[8]))


def test_the_levels_are_shares_of_the_prices() -> None:
    plane = PLANES[ScaleKind.LINEAR]
    first = plane.time_at(100)
    figure = figure_of(
        Drawing(1, DrawingKind.RETRACEMENT, (Anchor(first, 5200), Anchor(plane.time_at(500), 4800))), plane
    )
    rows = sorted(round(segment[1], 6) for segment in (*figure.lines, *figure.weak) if segment[1] == segment[3])
    assert rows == sorted(round(plane.y_of(4800 + 400 * share), 6) for share in RETRACEMENTS)
    assert "61.8 %  50.47" in [words.text for words in figure.words]


def test_a_measure_says_price_percent_bars_time_and_volume() -> None:
    frame = frame_of()
    plane = ChartPlane(frame)
    begin, end = int(frame.bars.time_ns[-60]), int(frame.bars.time_ns[-50])
    volume = int(frame.bars.column("volume")[-60:-49].sum())
    texts = measure_texts(Anchor(begin, 5000), Anchor(end, 4900), plane)
    assert texts == ("−1.00  −2.00 %", f"10 bars · 10:00 · vol {volume}")


def test_the_page_about_charts_names_every_tool_with_its_key_and_points() -> None:
    page = (Path(__file__).parents[2] / "resources" / "docs" / "CHART.md").read_text(encoding="utf-8")
    for terms in KINDS.values():
        assert f"| {terms.key} | {terms.name} | {terms.anchor_count} |" in page
    assert len({terms.key for terms in KINDS.values()}) == len(KINDS)
