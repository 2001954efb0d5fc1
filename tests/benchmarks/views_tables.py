"""Tables and the tape at the speed of the market: sorted updates, a watchlist of 500 rows, 100,000 prints.

The yardstick of frames is that of a bare pyqtgraph PlotWidget, panned, measured in turns; that of sorted updates is how
often Python sorts the same rows a second. The share of the GUI thread is what frames take at 30 a second. Times are
those of the thread on its core, so that others on the machine do not count.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterable

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QApplication

from app.models.orders_model import OrdersModel
from app.models.watchlist_columns import KEPT, SHOWN
from app.models.watchlist_model import WatchlistModel
from app.state.workstation import Workstation
from server.protocol import control
from server.protocol.records import BAR_RECORD, NO_PRICE, QUOTE_RECORD
from tests.benchmarks.measure import MeasureGroup, Result
from widgets.table import BlotterView
from widgets.table.column_layout import ColumnLayout
from widgets.tape import PRINT, TapeView
from widgets.theme import Theme
from widgets.watchlist import WatchlistView

ORDERS, UPDATES = 10_000, 2_000
ROWS, UPDATES_PER_S, FRAMES_PER_S = 500, 20_000, 30
PRINTS, PRINTS_PER_FRAME = 100_000, 100
ROUNDS, FRAMES = 5, 30
SIZE = (1280, 720)
LEAVES = 7
NAMES = (
    "blotter.sorted_updates_per_s", "blotter.sorted_frame_ms", "watchlist.gui_share",
    "tape.frame_ms", "tape.scroll.frame_ms",
)  # fmt: skip


def _state(count: int) -> Workstation:
    """A market of instruments with quotes and courses."""
    state = Workstation()
    listed = [
        control.Instrument(
            instrument=number, symbol=f"S{number:04d}", name=f"Share {number}", group="Shares", currency="USD",
            price_decimals=2, quantity_decimals=0, money_decimals=2, tick_size=1, lot_size=1, price_min=1,
            price_max=10**6, quantity_max=10**6, cash_scale=1, reference_price=5_000, phase=1,
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    state.apply_instruments(control.Instruments(instruments=listed))
    bars = np.zeros(40, BAR_RECORD)
    bars["time_ns"] = np.arange(1, 41) * 900 * 10**9
    for number in range(1, count + 1):
        bars["close"] = 5_000 + np.random.default_rng(number).integers(-60, 60, 40)
        state.market.apply_sparkline(number, bars)
    return state


def _quotes(rng: np.random.Generator, numbers: np.ndarray, time_ns: int) -> np.ndarray:
    quotes = np.zeros(len(numbers), QUOTE_RECORD)
    quotes["instrument"], quotes["time_ns"], quotes["last_time_ns"] = numbers, time_ns, time_ns
    last = 5_000 + rng.integers(-80, 80, len(numbers))
    quotes["last_price"], quotes["bid_price"], quotes["ask_price"] = last, last - 1, last + 1
    quotes["open_price"], quotes["high_price"], quotes["low_price"] = 5_000, 5_100, 4_900
    quotes["previous_close"], quotes["volume"] = NO_PRICE, rng.integers(1, 10**6, len(numbers))
    return quotes


def _watchlist(theme: Theme) -> tuple[WatchlistView, Callable[[int], None]]:
    """A frame takes in what came in a thirtieth of a second, conflated as the link does, and shows it."""
    state, rng, clock = _state(ROWS), np.random.default_rng(1), [1]
    model = WatchlistModel(state, lambda: clock[0], lambda _: 0)
    view = WatchlistView(theme, model.headings, None, ColumnLayout(model.headings, SHOWN, KEPT, drops=True))
    view.set_model(model)
    model.relist()
    view.sort_by(3, descending=True)

    def frame(_: int) -> None:
        clock[0] += 10**9 // FRAMES_PER_S
        numbers = np.unique(rng.integers(1, ROWS + 1, UPDATES_PER_S // FRAMES_PER_S)).astype(np.uint32)
        state.market.apply_quotes(numbers, _quotes(rng, numbers, 41 * 900 * 10**9 + clock[0]), clock[0])
        model.update(state.take_changes().quotes)

    return view, frame


def _blotter(theme: Theme) -> tuple[BlotterView, OrdersModel, Workstation]:
    state, rng = _state(20), np.random.default_rng(2)
    for key in range(ORDERS):
        row = state.orders.append(key)
        order = state.orders.rows[row]
        order["instrument"], order["side"], order["state"] = key % 20 + 1, key % 2, 1
        order["order_type"], order["time_in_force"], order["price"] = 1, 1, 5_000 + key % 50
        order["quantity"] = order["leaves"] = rng.integers(1, 10_000)
        order["time_ns"] = order["state_ns"] = key
    model = OrdersModel(state, lambda: ORDERS)
    model.reset()
    view = BlotterView(theme, model.headings)
    view.set_model(model)
    view.sort_by(LEAVES, descending=True)
    return view, model, state


def _updates_per_s(view: BlotterView, model: OrdersModel, state: Workstation) -> float:
    """Each update is told by itself and the rows are in order after it."""
    rng = np.random.default_rng(3)
    assert view.rows is not None
    begin = time.thread_time()
    for row, leaves in zip(
        rng.integers(0, ORDERS, UPDATES).tolist(), rng.integers(0, 10_000, UPDATES).tolist(), strict=True
    ):
        state.orders.rows["leaves"][row] = leaves
        model.refresh((row,))
        view.rows.reorder()
    taken = time.thread_time() - begin
    order = [view.rows.source_row(place) for place in range(ORDERS)]
    assert (np.diff(state.orders.rows["leaves"][order].astype(np.int64)) <= 0).all(), "the rows are not in order"
    return UPDATES / taken


def _sorts_per_s(state: Workstation) -> float:
    keys = state.orders.rows["leaves"].tolist()
    begin = time.thread_time()
    for _ in range(20):
        sorted(range(ORDERS), key=keys.__getitem__, reverse=True)
    return 20 / (time.thread_time() - begin)


def _tape(theme: Theme) -> TapeView:
    view = TapeView(theme)
    view.set_instrument(2)
    view.replace(_prints(0, PRINTS))
    return view


def _prints(first: int, count: int) -> np.ndarray:
    prints = np.zeros(count, PRINT)
    prints["number"] = np.arange(first + 1, first + count + 1)
    prints["time_ns"] = prints["number"] * 10**6
    prints["price"], prints["quantity"] = 5_000 + prints["number"] % 7, prints["number"] % 990 + 1
    prints["side"], prints["group"] = prints["number"] // 3 % 2, prints["number"] // 3
    return prints


def _median_ms(change: Callable[[int], None]) -> float:
    frames = []
    for i in range(FRAMES):
        begin = time.thread_time()
        change(i)
        QApplication.processEvents()
        frames.append((time.thread_time() - begin) * 1e3)
    return statistics.median(frames)


def _bare_plot() -> tuple[pg.PlotWidget, Callable[[int], None]]:
    plot = pg.PlotWidget()
    plot.plot(np.random.default_rng(1).normal(size=300))
    return plot, lambda i: plot.setXRange(3 * i, 3 * i + 100, padding=0)


def measure_tables() -> Iterable[Result]:
    """All of `NAMES`, in turns with the yardsticks."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = Theme.load("dark")
    theme.apply(app)
    bare, pan = _bare_plot()
    watchlist, watch = _watchlist(theme)
    blotter, model, state = _blotter(theme)
    tape, scrolled = _tape(theme), _tape(theme)
    tape.set_grouped(True)
    rng, came = np.random.default_rng(4), [PRINTS]

    def orders(_: int) -> None:
        rows = np.unique(rng.integers(0, ORDERS, 5_000 // 60)).tolist()
        state.orders.rows["leaves"][rows] = rng.integers(0, 10_000, len(rows))
        model.refresh(rows)

    def prints(_: int) -> None:
        tape.append(_prints(came[0], PRINTS_PER_FRAME))
        came[0] += PRINTS_PER_FRAME

    subjects = (
        (bare, pan), (blotter, orders), (watchlist, watch), (tape, prints),
        (scrolled, lambda i: scrolled.scroll_to(37 * (i + 1) % 10_000)),
    )  # fmt: skip
    for widget, _ in subjects:
        widget.resize(*SIZE)
        widget.show()
    QApplication.processEvents()
    speeds = [(_updates_per_s(blotter, model, state), _sorts_per_s(state)) for _ in range(3)]
    rounds = [[_median_ms(change) for _, change in subjects] for _ in range(ROUNDS)]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    for widget, _ in subjects:
        widget.close()
    yield Result(NAMES[0], "1/s", *(statistics.median(column) for column in zip(*speeds, strict=True)))
    yield Result(NAMES[1], "ms", medians[1], medians[0])
    share = 100 * FRAMES_PER_S / 1000
    yield Result(NAMES[2], "%", medians[2] * share, medians[0] * share)
    yield Result(NAMES[3], "ms", medians[3], medians[0])
    yield Result(NAMES[4], "ms", medians[4], medians[0])


MEASURES = [MeasureGroup(NAMES, measure_tables)]
