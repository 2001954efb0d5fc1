"""The ladder: it stands still under the pointer, and a click says what was on the screen."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QEnterEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from widgets.controls import FlatButton
from widgets.ladder import LadderClick, LadderView, OwnLevel
from widgets.ladder.painting import HEADER_PX
from widgets.ladder.scene import ROW_PX
from widgets.side import BUY, SELL
from widgets.theme import Theme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]


def book_at(best_bid: int, depth: int = 12) -> tuple[np.ndarray, ...]:
    """A book with a spread of one tick."""
    distance = np.arange(depth)
    return best_bid - distance, 100 + distance, best_bid + 1 + distance, 200 + distance


@pytest.fixture
def ladder(theme: Theme, shown: Shown) -> LadderView:
    """A ladder that shows a book around 4836."""
    view = LadderView(theme)
    view.set_instrument("VLTA", 2, 1)
    view.set_presets([100, 500], 1)
    shown(view)
    view.set_book(*book_at(4836), revision=7)
    view.grab()
    return view


def cell(view: LadderView, column: str, price: int) -> QPoint:
    """The middle of a cell."""
    columns, canvas = view.canvas.columns(), view.canvas
    y = HEADER_PX + canvas.scene.row_of(price) * ROW_PX + ROW_PX // 2
    return QPoint((columns.left(column) + columns.right(column)) // 2, y)


def press(view: LadderView, column: str, price: int, qtbot: QtBot) -> None:
    """Press the left button in a cell."""
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=cell(view, column, price))


def enter(view: LadderView) -> None:
    """Bring the pointer in."""
    middle = QPointF(view.canvas.rect().center())
    QApplication.sendEvent(view.canvas, QEnterEvent(middle, middle, middle))


def clicks(view: LadderView) -> list[LadderClick]:
    """Collects what clicks say."""
    said: list[LadderClick] = []
    view.priceClicked.connect(said.append)
    view.cancelClicked.connect(said.append)
    return said


def test_the_first_book_is_centred(ladder: LadderView) -> None:
    scene = ladder.canvas.scene
    assert abs(scene.row_of(4836) - scene.rows // 2) <= 1


def test_it_does_not_move_under_the_pointer(ladder: LadderView) -> None:
    enter(ladder)
    top = ladder.canvas.scene.top_price
    for best_bid in range(4836, 5200, 7):
        ladder.set_book(*book_at(best_bid))
    assert ladder.canvas.scene.top_price == top
    ladder.set_last_trade(5190)
    ladder.set_own_orders([OwnLevel(BUY, 5000, 10)])
    assert ladder.canvas.scene.top_price == top


def test_it_follows_when_the_pointer_leaves(ladder: LadderView) -> None:
    enter(ladder)
    ladder.set_book(*book_at(5200))
    QApplication.sendEvent(ladder.canvas, QEvent(QEvent.Type.Leave))
    scene = ladder.canvas.scene
    assert 0 <= scene.row_of(5200) < scene.rows


def test_without_the_pointer_it_moves_only_when_the_market_leaves(ladder: LadderView) -> None:
    top = ladder.canvas.scene.top_price
    ladder.set_book(*book_at(4838))
    assert ladder.canvas.scene.top_price == top
    ladder.set_book(*book_at(4936))
    assert ladder.canvas.scene.top_price != top


def test_a_click_says_what_was_shown(ladder: LadderView, qtbot: QtBot) -> None:
    said = clicks(ladder)
    press(ladder, "bid", 4833, qtbot)
    press(ladder, "ask", 4840, qtbot)
    assert said == [
        LadderClick("VLTA", BUY, 4833, 500, 103, 4836, 4837, 7, False),
        LadderClick("VLTA", SELL, 4840, 500, 203, 4836, 4837, 7, False),
    ]


def test_a_click_says_what_was_painted_even_if_the_book_is_newer_by_now(ladder: LadderView, qtbot: QtBot) -> None:
    enter(ladder)
    said = clicks(ladder)
    ladder.set_book(*book_at(4830), revision=8)
    press(ladder, "bid", 4835, qtbot)
    assert (said[0].revision, said[0].best_bid, said[0].shown_quantity) == (7, 4836, 101)
    ladder.canvas.repaint()
    ladder.grab()
    press(ladder, "bid", 4829, qtbot)
    assert (said[1].revision, said[1].best_bid, said[1].shown_quantity) == (8, 4830, 101)


def test_an_own_order_is_cancelled_where_it_stands(ladder: LadderView, qtbot: QtBot) -> None:
    ladder.set_own_orders([OwnLevel(BUY, 4833, 500, 40)])
    ladder.grab()
    cancelled: list[LadderClick] = []
    ladder.cancelClicked.connect(cancelled.append)
    press(ladder, "bid_own", 4833, qtbot)
    press(ladder, "bid_own", 4832, qtbot)
    press(ladder, "ask_own", 4833, qtbot)
    assert [(click.side, click.price) for click in cancelled] == [(BUY, 4833)]


@pytest.mark.parametrize("state", ["stale", "disconnected", "error", "empty", "loading"])
def test_what_is_not_live_takes_no_click(ladder: LadderView, qtbot: QtBot, state: str) -> None:
    ladder.set_state(state, "no")
    ladder.grab()
    said = clicks(ladder)
    press(ladder, "bid", 4833, qtbot)
    assert not said


def test_rows_that_just_moved_take_no_click(ladder: LadderView, qtbot: QtBot) -> None:
    ladder.set_book(*book_at(4950))
    ladder.grab()
    said = clicks(ladder)
    press(ladder, "bid", 4948, qtbot)
    assert not said


def test_the_keyboard_trades_at_the_cursor(ladder: LadderView, qtbot: QtBot) -> None:
    said = clicks(ladder)
    ladder.canvas.setFocus()
    qtbot.keyClick(ladder.canvas, Qt.Key.Key_Down)
    ladder.grab()
    price = ladder.canvas.scene.cursor_price
    qtbot.keyClick(ladder.canvas, Qt.Key.Key_B)
    qtbot.keyClick(ladder.canvas, Qt.Key.Key_S)
    assert [(click.side, click.price) for click in said] == [(BUY, price), (SELL, price)]


def test_the_wheel_moves_it_and_space_brings_it_back(ladder: LadderView, qtbot: QtBot) -> None:
    top = ladder.canvas.scene.top_price
    where = QPointF(100, 100)
    wheel = QWheelEvent(
        where, where, QPoint(), QPoint(0, 1200), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(ladder.canvas, wheel)
    assert ladder.canvas.scene.top_price == top + 30
    qtbot.keyClick(ladder.canvas, Qt.Key.Key_Space)
    assert ladder.canvas.scene.top_price == top


EMPTY = np.empty(0, np.int64)
BOOKS = {
    "empty": (EMPTY, EMPTY, EMPTY, EMPTY),
    "bids alone": (np.array([4836, 4835]), np.array([10, 20]), EMPTY, EMPTY),
    "asks alone": (EMPTY, EMPTY, np.array([4837]), np.array([5])),
    "crossed": (np.array([4840, 4839]), np.array([10, 20]), np.array([4836, 4838]), np.array([7, 8])),
    "locked": (np.array([4836]), np.array([1]), np.array([4836]), np.array([1])),
    "far apart": (np.array([1]), np.array([1]), np.array([10**12]), np.array([10**12])),
    "huge sizes": (np.array([4836]), np.array([2**61]), np.array([4837]), np.array([2**61])),
    "negative prices": (np.array([-3, -5]), np.array([10, 20]), np.array([2]), np.array([7])),
}


@pytest.mark.parametrize("name", BOOKS)
@pytest.mark.parametrize("width", [120, 260, 448, 900])
def test_no_book_and_no_width_is_too_odd(each_theme: Theme, shown: Shown, name: str, width: int) -> None:
    view = LadderView(each_theme)
    view.set_instrument("ODD", 2, 1)
    view.set_book(*BOOKS[name])
    shown(view, width, 400)
    view.set_last_trade(4836)
    view.set_own_orders([OwnLevel(BUY, 4836, 5, 2), OwnLevel(SELL, 4837, 5, None, pending=True)])
    view.set_traded_volume(np.array([4836, 4837]), np.array([0, 12]))
    view.set_average_price(4836.5)
    assert not view.grab().isNull()
    for other in BOOKS.values():
        view.set_book(*other)
        view.grab()


def test_partial_paints_give_the_same_picture_as_a_whole_one(ladder: LadderView) -> None:
    rng = np.random.default_rng(5)
    enter(ladder)
    best_bid, traded = 4836, np.full(20, 1000)
    for i in range(60):
        best_bid += int(rng.integers(-3, 4))
        bids, quantities, asks, ask_quantities = book_at(best_bid)
        if i % 2:
            ladder.set_book(bids, quantities + rng.integers(0, 3, len(bids)), asks, ask_quantities)
        else:
            ladder.set_last_trade(4836 + int(rng.integers(-9, 10)))
            traded[rng.integers(0, len(traded), 3)] += int(rng.integers(1, 400))
            ladder.set_traded_volume(np.arange(4826, 4846), traded.copy())
            ladder.set_day_range(4840 + i // 9, 4830 - i // 9)
        QApplication.processEvents()
    # A screen keeps what was painted in parts, a grab paints anew.
    kept = ladder.screen().grabWindow(ladder.winId()).toImage()
    whole = ladder.grab().toImage()
    assert kept.convertToFormat(whole.format()) == whole


def test_only_changed_rows_are_told(ladder: LadderView) -> None:
    scene = ladder.canvas.scene
    before = scene.levels
    bids, quantities, asks, ask_quantities = book_at(4836)
    quantities = quantities.copy()
    quantities[2] += 1
    ladder.set_book(bids, quantities, asks, ask_quantities)
    changed = scene.changed_rows(before)
    assert changed is not None
    assert np.flatnonzero(changed).tolist() == [scene.row_of(4834)]


def test_another_instrument_starts_anew(ladder: LadderView) -> None:
    ladder.set_own_orders([OwnLevel(BUY, 4833, 500)])
    ladder.set_last_trade(4836)
    ladder.set_instrument("JUNO", 3, 5)
    scene = ladder.canvas.scene
    assert scene.top_price is None and scene.last_price is None and not scene.own
    ladder.set_book(np.array([12335]), np.array([10]), np.array([12340]), np.array([10]))
    assert scene.top_price is not None and scene.top_price % 5 == 0


def test_other_presets_take_the_place_of_the_old_ones(ladder: LadderView) -> None:
    ladder.set_presets([1, 2, 3], 0)
    shown_words = [b.text() for b in ladder.findChildren(FlatButton) if b.isVisibleTo(ladder) and b.isCheckable()]
    assert shown_words == ["Sum", "1", "2", "3"]
    assert ladder.canvas.quantity == 1


def test_the_cursor_is_read_out(ladder: LadderView, qtbot: QtBot) -> None:
    ladder.set_own_orders([OwnLevel(BUY, 4833, 500, 40)])
    ladder.canvas.scene.cursor_price = 4834
    qtbot.keyClick(ladder.canvas, Qt.Key.Key_Down)
    assert ladder.canvas.accessibleDescription() == "48.33, bid 103, 406 up to here, own 500"


def test_sums_show_what_stands_up_to_each_price_and_a_click_still_says_what_stands_there(
    ladder: LadderView, qtbot: QtBot
) -> None:
    ladder.set_sums(True)
    ladder.grab()
    scene, said = ladder.canvas.scene, clicks(ladder)
    assert scene.depth_by_row(BUY)[scene.row_of(4833)] == 100 + 101 + 102 + 103
    press(ladder, "bid", 4833, qtbot)
    assert said[0].shown_quantity == 103


def test_orders_of_a_level_and_the_imbalance(ladder: LadderView) -> None:
    prices, sizes, asks, ask_sizes = book_at(4836)
    ladder.set_book(prices, sizes, asks, ask_sizes, 9, np.arange(1, 13), np.arange(1, 13))
    scene = ladder.canvas.scene
    assert scene.orders_by_row(BUY)[scene.row_of(4834)] == 3
    assert scene.levels.up_to(BUY, 4834) == (303, 6)
    assert "3 orders" in scene.sentence_at(4834)
    bid, ask = int(sizes[:10].sum()), int(ask_sizes[:10].sum())
    assert scene.imbalance_percent() == round((bid - ask) / (bid + ask) * 100)
    ladder.set_book([], [], [], [])
    assert scene.imbalance_percent() is None


def test_a_changed_number_of_orders_is_painted(ladder: LadderView) -> None:
    ladder.resize(560, 700)
    assert ladder.canvas.columns().width("bid_orders")
    prices, sizes, asks, ask_sizes = book_at(4836)
    ladder.set_book(prices, sizes, asks, ask_sizes, 9, np.ones(12), np.ones(12))
    before = ladder.grab().toImage()
    ladder.set_book(prices, sizes, asks, ask_sizes, 9, np.full(12, 88), np.ones(12))
    assert ladder.grab().toImage() != before
