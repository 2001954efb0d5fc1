"""The depth curve: bad books are named and drawn, and what it says of a size is what a walk through the book gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from widgets.depth_curve import DepthCurve
from widgets.depth_walk import slippage_ticks, take, trouble, up_to
from widgets.ladder.levels import Levels
from widgets.side import BUY, SELL
from widgets.theme import Theme

pytestmark = pytest.mark.window
Shown = Callable[..., Any]
BOOKS = {
    "": ([99, 98], [5, 7], [101, 102], [4, 6]), "EMPTY BOOK": ([], [], [], []),
    "NO ASKS": ([99, -98], [5, 7], [], []), "NO BIDS": ([], [], [0, 102], [4, 6]),
    "LOCKED at 1.00": ([100, 98], [5, 7], [100, 102], [4, 6]),
    "CROSSED by 0.03": ([103, 98], [5, 7], [100, 102], [4, 6]),
}  # fmt: skip


@pytest.fixture
def curve(theme: Theme, shown: Shown) -> DepthCurve:
    """A curve of two decimals."""
    made = DepthCurve(theme)
    shown(made, 600, 160)
    made.set_instrument(2, 1)
    made.figures.set_money(1, 2, "USD")
    return made


def move(curve: DepthCurve, x: int, y: int) -> None:
    """Move the pointer over the curve; the cursor of the other tests stays where it is."""
    none = Qt.MouseButton.NoButton
    place = QPointF(x, y)
    event = QMouseEvent(QEvent.Type.MouseMove, place, place, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(curve, event)


@pytest.mark.parametrize("word", BOOKS)
def test_a_bad_book_is_named_and_painted(curve: DepthCurve, word: str, theme: Theme) -> None:
    book = BOOKS[word]
    assert trouble(Levels.of(*book), 2) == word
    curve.set_book(*book)
    picture = curve.grab().toImage()
    warning = theme.color("warning").rgb()
    seen = {picture.pixel(x, y) for x in range(150, 450) for y in range(20, 110)}
    assert (warning in seen) == bool(word)
    for side, prices in ((BUY, book[0]), (SELL, book[2])):
        if prices:
            assert theme.color(("buy", "sell")[side]).rgb() in {
                picture.pixel(x, y) for x in range(600) for y in range(30, 141)
            }


def test_a_price_a_million_times_away_does_not_flatten_the_book(curve: DepthCurve) -> None:
    near = np.arange(8)
    asks = np.append(101 + near, 101_000_000)
    curve.set_book(99 - near, [5] * 8, asks, [5] * 9)
    curve.grab()
    assert curve._scale is not None
    assert curve._scale[1] < 60


@given(
    bids=st.lists(st.integers(1, 500), min_size=1, max_size=8),
    asks=st.lists(st.integers(1, 500), min_size=1, max_size=8), size=st.integers(1, 5000),
)  # fmt: skip
def test_a_size_pays_what_lot_by_lot_would_pay(bids: list[int], asks: list[int], size: int) -> None:
    levels = Levels.of([100 - i for i in range(len(bids))], bids, [101 + 2 * i for i in range(len(asks))], asks)
    for side, prices, quantities in ((BUY, levels.bid_prices, bids), (SELL, levels.ask_prices, asks)):
        lots = [price for price, there in zip(prices.tolist(), quantities, strict=True) for _ in range(there)][:size]
        walk = take(levels, side, size)
        assert (walk.quantity, walk.value, walk.worst) == (len(lots), sum(lots), lots[-1])
        slip = slippage_ticks(levels, side, walk, 1)
        assert slip == pytest.approx(abs(sum(lots) / len(lots) - lots[0]))
        assert up_to(levels, side, lots[-1]).quantity >= walk.quantity


def test_the_read_out_says_what_stands_up_to_a_price(curve: DepthCurve) -> None:
    curve.set_book(*BOOKS[""])
    levels = Levels.of(*BOOKS[""])
    said = {name: value for name, value, _ in curve.figures.read_out(levels, 98)}
    assert said == {
        "Price": "0.98", "Bid up to here": "12", "Notional USD": "11.81", "Average": "0.9842 +0.6 t",
    }  # fmt: skip
    assert [name for name, _, _ in curve.figures.read_out(levels, 100)] == ["Price"]
    assert curve.figures.size_text(levels, SELL, 10) == "buy 10: 1.0160 +0.6 t"
    assert curve.figures.size_text(levels, SELL, 11) == "buy 11: only 10 there"
    before = curve.grab().toImage()
    move(curve, 100, 80)
    assert curve.grab().toImage() != before
