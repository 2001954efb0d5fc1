"""The heat map: what is painted is what the source says, the view follows or is held, unknown is never empty."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.made_heat import FIRST_NS, MIDDLE, SECOND_NS, MadeSource
from widgets.heat_map import HeatMapView, OwnSpan
from widgets.heat_map.colour_scale import ColourScale, ScaleKind
from widgets.heat_map.marks import Bubbles, Trades
from widgets.heat_map.row_view import RowView
from widgets.heat_map.source import KNOWN, NOT_RECORDED
from widgets.heat_map.time_view import TimeView
from widgets.theme import Theme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]


@pytest.fixture
def source() -> MadeSource:
    """Ten minutes of a book."""
    return MadeSource(600)


@pytest.fixture
def view(theme: Theme, shown: Shown, source: MadeSource) -> HeatMapView:
    """A map of it."""
    made = HeatMapView(theme)
    made.set_instrument("VLTA", 2)
    made.set_source(source, 1)
    shown(made, 628, 828)
    made.canvas.show_span(300 * SECOND_NS)
    return made


def rgb(view: HeatMapView, x: int, y: int) -> int:
    """The colour of a pixel of the canvas, 0xFFRRGGBB."""
    return int(view.canvas.grab().toImage().pixel(x, y))


def expected(view: HeatMapView, number: int, cell: int) -> int:
    """The colour that a cell has to have, asked from the source alone."""
    scene = view.canvas.scene
    assert scene.source is not None
    width_ns, per_cell = scene.time.width_ns, scene.rows.per_cell
    block = scene.source.read(number * width_ns, width_ns, 1, cell * per_cell, 1, per_cell)
    return int(view.canvas.scale.colours(block.quantities)[0, 0])


def bare(view: HeatMapView) -> None:
    """Leave out what lies over the columns."""
    view.canvas.shows_key = False
    view.canvas.scene.bubbles = Bubbles()


def test_a_painted_column_has_the_colours_of_its_quantities(view: HeatMapView) -> None:
    bare(view)
    scene = view.canvas.scene
    number = scene.time.last - 20
    x = scene.time.x_of(number) + scene.time.column_px // 2
    picture = view.canvas.grab().toImage()
    shades = set()
    for cell in range(scene.rows.bottom_cell + 2, scene.rows.top_cell):
        if abs(cell - MIDDLE) < 3:
            continue  # the best prices are drawn over it
        y = scene.rows.y_of_row(cell) + 2
        assert int(picture.pixel(x, y)) == expected(view, number, cell), cell
        shades.add(int(picture.pixel(x, y)))
    assert len(shades) > 4


@pytest.mark.parametrize("steps", [-12, -6, -2, 0, 3])
@pytest.mark.parametrize("rows", [-16, -10, 0, 2])
def test_at_any_zoom_a_cell_is_the_greatest_of_what_it_covers(view: HeatMapView, steps: int, rows: int) -> None:
    scene, source = view.canvas.scene, view.canvas.scene.source
    scene.time.zoom(steps, 0)
    scene.rows.zoom(rows, 300)
    view.canvas.moved()
    assert isinstance(source, MadeSource)
    pixels, per_cell = scene.image.pixels(), scene.rows.per_cell
    for number in range(scene.time.first, scene.time.last + 1, 13):
        seconds = source.greatest(number * scene.time.width_ns, (number + 1) * scene.time.width_ns)
        for place in range(0, scene.rows.cells, 7):
            cell = scene.rows.bottom_cell + place
            covered = [seconds.get(row, NOT_RECORDED) for row in range(cell * per_cell, (cell + 1) * per_cell)]
            wanted = max(covered) if seconds else NOT_RECORDED
            assert scene.image.quantity_at(number, place) == wanted
            color = view.canvas.scale.colours(np.array([[wanted]]))[0, 0]
            assert pixels[scene.rows.cells - 1 - place, number - scene.time.first] == color


def test_a_live_column_is_read_alone_and_the_rest_stays(view: HeatMapView, source: MadeSource) -> None:
    before, reads = view.canvas.scene.image.pixels().copy(), view.canvas.scene.image.reads
    width = view.canvas.scene.time.width_ns // SECOND_NS
    source.go_on(width)
    view.refresh()
    assert view.canvas.scene.image.reads - reads <= 2
    after = view.canvas.scene.image.pixels()
    assert (after[:, :-2] == before[:, 1:-1]).all()
    assert not (after[:, -1] == before[:, -1]).all()


def test_held_in_the_past_nothing_moves(view: HeatMapView, source: MadeSource) -> None:
    scene = view.canvas.scene
    scene.time.pan(30)
    view.canvas.moved()
    first, pixels = scene.time.first, scene.image.pixels().copy()
    source.go_on(50)
    view.refresh()
    assert (scene.time.first, scene.time.follows) == (first, False)
    assert (scene.image.pixels() == pixels).all()
    view.canvas.go_live()
    assert scene.time.follows
    assert scene.time.last == (source.now_ns - 1) // scene.time.width_ns


def test_panning_past_the_newest_column_follows_again(view: HeatMapView) -> None:
    time = view.canvas.scene.time
    time.pan(5)
    assert not time.follows
    time.pan(-50)
    assert time.follows


def test_older_history_is_asked_for_once(view: HeatMapView, qtbot: QtBot) -> None:
    asked: list[object] = []
    view.canvas.olderNeeded.connect(asked.append)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Home)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Left)
    assert asked == [FIRST_NS]
    view.canvas.reload()
    assert asked == [FIRST_NS, FIRST_NS]


def test_a_gap_is_hatched_and_so_is_the_time_before_the_beginning(
    theme: Theme, view: HeatMapView, source: MadeSource
) -> None:
    bare(view)
    scene = view.canvas.scene
    source.lost = range(560, 580)
    view.canvas.reload()
    number = (FIRST_NS + 570 * SECOND_NS) // scene.time.width_ns
    assert not int(scene.image.states()[number - scene.time.first]) & KNOWN
    x = scene.time.x_of(number)
    hatch = {theme.color("stale_tint").rgb(), theme.color("stale_hatch").rgb()}
    seen = {rgb(view, x + dx, 400) for dx in range(3)} | {rgb(view, x + 1, 400 + dy) for dy in range(8)}
    assert seen == hatch
    scene.time.go_to(FIRST_NS)
    view.canvas.moved()
    assert rgb(view, 4, 700) == theme.color("chrome").rgb()


def test_rows_outside_of_what_was_recorded_are_not_empty(theme: Theme, view: HeatMapView) -> None:
    view.canvas._scroll_prices(400)
    assert rgb(view, 300, 300) == theme.color("stale_tint").rgb()


def test_rows_are_those_of_the_ladder_beside(view: HeatMapView) -> None:
    rows = view.canvas.scene.rows
    view.canvas.join_rows(4850, 0)
    assert (rows.y_of_row(4850), rows.y_of_row(4849)) == (0, 20)
    view.canvas.join_rows(4850, 34)
    assert (rows.y_of_row(4850), rows.y_of_row(4849)) == (34, 54)
    view.canvas.join_rows(4850, -50)
    assert rows.y_of_row(4850) == -50
    moves: list[int] = []
    view.canvas.rowsScrolled.connect(moves.append)
    view.canvas._scroll_prices(2)
    assert moves == [2]
    view.canvas.part_rows()
    assert not rows.joined


def test_the_read_out_says_what_is_under_the_pointer(view: HeatMapView, source: MadeSource) -> None:
    scene = view.canvas.scene
    number = scene.time.last - 5
    y = scene.rows.middle_of_row(MIDDLE - 4)
    begin_ns = number * scene.time.width_ns
    view.set_trades(Trades.of([begin_ns + 1, begin_ns + 2], [MIDDLE - 4] * 2, [30, 12], [1, 1]))
    view.canvas.point(QPoint(scene.time.x_of(number) + 1, y))
    said = dict(scene.read_out())
    quantity = source.greatest(begin_ns, begin_ns + scene.time.width_ns)[MIDDLE - 4]
    assert said["Price"] == "48.32"
    assert said["Resting"] == f"{quantity:,}"
    assert (said["Orders"], said["Sold"]) == ("3", "42")
    assert "Bought" not in said


def test_the_wheel_zooms_time_and_with_control_prices(view: HeatMapView) -> None:
    scene = view.canvas.scene
    span, cell_px = scene.time.span_ns, scene.rows.cell_px
    wheel(view, 120)
    assert scene.time.span_ns < span
    wheel(view, -120, Qt.KeyboardModifier.ControlModifier)
    assert scene.rows.cell_px < cell_px
    assert scene.time.follows


def wheel(view: HeatMapView, delta: int, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Turn the wheel in the middle."""
    middle = QPointF(view.canvas.rect().center())
    event = QWheelEvent(
        middle, view.canvas.mapToGlobal(middle), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.canvas, event)


def test_own_orders_are_drawn_from_their_entry(theme: Theme, view: HeatMapView) -> None:
    bare(view)
    scene = view.canvas.scene
    begin = scene.time.last - 40
    view.set_own([OwnSpan(0, MIDDLE - 8, 500, begin * scene.time.width_ns)])
    y, own = scene.rows.middle_of_row(MIDDLE - 8), theme.color("own").rgb()
    assert rgb(view, scene.time.x_of(begin + 20), y) == own
    assert rgb(view, scene.time.x_of(begin - 20), y) != own


@settings(max_examples=80, deadline=None)
@given(
    moves=st.lists(
        st.one_of(
            st.tuples(st.just("pan"), st.integers(-300, 300)), st.tuples(st.just("zoom"), st.integers(-5, 5)),
            st.tuples(st.just("time"), st.integers(0, 60)), st.tuples(st.just("live"), st.just(0)),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_the_view_follows_exactly_while_the_newest_column_is_the_last(moves: list[tuple[str, int]]) -> None:
    time = TimeView()
    time.plot_px = 600
    now_ns = FIRST_NS + 3600 * SECOND_NS
    time.set_range(FIRST_NS, now_ns)
    for kind, amount in moves:
        held = None if time.follows else (time.last, time.width_ns)
        if kind == "pan":
            time.pan(amount)
        elif kind == "zoom":
            time.zoom(amount, 300)
        elif kind == "live":
            time.go_live()
        else:
            now_ns += amount * SECOND_NS
            time.set_range(FIRST_NS, now_ns)
            assert time.follows or held == (time.last, time.width_ns)
        assert time.last <= time.newest
        assert time.follows == (time.last == time.newest)
        assert (time.last + 1) * time.width_ns > FIRST_NS
        assert time.number_at(time.x_of(time.last)) == time.last


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.integers(-1, 1 << 60), min_size=1, max_size=50), kind=st.sampled_from(ScaleKind),
    contrast=st.integers(-4, 4),
)  # fmt: skip
def test_more_is_never_paler_and_something_is_never_nothing(
    qapp: QApplication, values: list[int], kind: ScaleKind, contrast: int
) -> None:
    theme = Theme.load("dark")
    scale = ColourScale(theme)
    quantities = np.array(values)
    scale.choose(kind, contrast)
    scale.fit(quantities)
    light = {
        int(value): _brightness(int(color)) for value, color in zip(quantities, scale.colours(quantities), strict=True)
    }
    ordered = [light[value] for value in sorted(light) if value > 0]
    assert ordered == sorted(ordered)
    empty = _brightness(int(scale.colours(np.array([0]))[0]))
    assert all(one > empty for one in ordered)
    unknown = int(scale.colours(np.array([NOT_RECORDED]))[0])
    assert unknown == theme.color("stale_tint").rgb()


def _brightness(color: int) -> int:
    return (color >> 16 & 255) + (color >> 8 & 255) + (color & 255)


def test_bubbles_gather_what_traded_in_a_column_and_row() -> None:
    trades = Trades.of([10, 15, 19, 21, 22], [100, 100, 101, 100, 100], [5, 7, 9, 1, 2], [0, 0, 0, 0, 1])
    found = Bubbles.of(trades, 10, 1)
    assert found.numbers.tolist() == [1, 1, 2, 2]
    assert found.quantities.tolist() == [12, 9, 1, 2]
    assert found.at_least(2, 2).quantities.tolist() == [9, 12]


def test_the_middle_stays_in_sight_unless_the_trader_moved_the_rows() -> None:
    rows = RowView()
    rows.resize(720)
    rows.follow(4836)
    assert abs(rows.middle_of_row(4836) - 360) <= 20
    assert not rows.follow(4840)
    assert rows.follow(4900)
    rows.scroll(5)
    assert not rows.follow(9_000_000)
    assert rows.follow(4836_000_000) is False
    rows.held = False
    assert rows.follow(4836_000_000)
    assert 0 <= rows.middle_of_row(4836_000_000) < 720
