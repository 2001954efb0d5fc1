"""A made-up book history for the gallery, and the views of depth filled with it. The same on every run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from widgets.gallery import market, panels
from widgets.gallery.sample import Sample, in_every_state
from widgets.heat_map import HeatMapView, OwnSpan
from widgets.heat_map.marks import Trades
from widgets.heat_map.source import DOUBTED, KNOWN, NO_PRICE, NOT_RECORDED
from widgets.panel_header import PanelHeader
from widgets.queue_view import QueueLevel, QueueView
from widgets.side import BUY, SELL
from widgets.theme import Theme

SECOND_NS = 10**9
SECONDS, ROWS = 900, 160
LOW = market.LAST - ROWS // 2
LOST = slice(520, 545)
WALLS = ((4844, 180, 900, 6200), (4850, 0, 640, 5000), (4829, 360, 900, 5600), (4825, 0, 900, 4100),
         (4840, 560, 820, 3900), (4833, 740, 900, 3400), (4820, 90, 900, 4700))  # fmt: skip
"""Row, from and to second, quantity."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a source hands over."""

    quantities: NDArray[np.int64]
    orders: NDArray[np.int64]
    states: NDArray[np.uint8]
    bids: NDArray[np.int64]
    asks: NDArray[np.int64]


class SampleHistory:
    """A quarter of an hour of one book, up to now."""

    def __init__(self) -> None:
        rng = np.random.default_rng(market.SEED + 4)
        walk = np.cumsum(rng.normal(0, 0.35, SECONDS))
        middle = market.LAST - 0.5 + walk - np.linspace(0, 1, SECONDS) * walk[-1] - 6 * np.linspace(1, 0, SECONDS)
        self.bids = np.floor(middle).astype(np.int64)
        self.asks = self.bids + 1
        self.bids[-1], self.asks[-1] = market.BEST_BID, market.BEST_ASK
        rows = LOW + np.arange(ROWS)
        drift = np.cumsum(rng.normal(0, 30, (SECONDS, ROWS)), axis=0)
        self._book = np.clip(700 + rng.integers(-300, 900, ROWS) + drift, 60, 2600).astype(np.int64)
        for row, start, end, quantity in WALLS:
            self._book[start:end, row - LOW] = quantity + rng.integers(-300, 300, end - start)
        away = np.abs(rows[None, :] - middle[:, None])
        self._book = (self._book * np.clip(0.3 + away / 9, 0.3, 1)).astype(np.int64)
        self._book[(rows[None, :] > self.bids[:, None]) & (rows[None, :] < self.asks[:, None])] = 0
        self._states = np.full(SECONDS, KNOWN, np.uint8)
        self._states[LOST] = DOUBTED
        self._rng = rng

    @property
    def first_ns(self) -> int:
        """The beginning."""
        return self.now_ns - SECONDS * SECOND_NS

    @property
    def now_ns(self) -> int:
        """The end."""
        return market.NOW_NS // SECOND_NS * SECOND_NS

    def read(self, first_ns: int, width_ns: int, count: int, row_low: int, cells: int, per_cell: int = 1) -> Columns:
        """As a source does, one column after the other."""
        made = Columns(
            np.full((count, cells), NOT_RECORDED), np.zeros((count, cells), np.int64), np.zeros(count, np.uint8),
            np.full(count, NO_PRICE), np.full(count, NO_PRICE),
        )  # fmt: skip
        rows = row_low + np.arange(cells * per_cell) - LOW
        inside = (rows >= 0) & (rows < ROWS)
        for place in range(count):
            begin_ns = first_ns + place * width_ns - self.first_ns
            first, last = max(begin_ns // SECOND_NS, 0), -(-(begin_ns + width_ns) // SECOND_NS)
            seconds = np.arange(first, min(max(last, 0), SECONDS))
            made.states[place] = np.bitwise_or.reduce(self._states[seconds]) if len(seconds) else 0
            known = seconds[self._states[seconds] & KNOWN > 0]
            if not len(known):
                continue
            values = np.full(cells * per_cell, NOT_RECORDED)
            values[inside] = self._book[known][:, rows[inside]].max(axis=0)
            made.quantities[place] = values.reshape(cells, per_cell).max(axis=1)
            made.bids[place], made.asks[place] = self.bids[known[-1]], self.asks[known[-1]]
        made.orders[:] = np.maximum(made.quantities, 0) // 240
        return made

    def trades(self) -> Trades:
        """Prints at the best prices."""
        rng = np.random.default_rng(market.SEED + 5)
        seconds = np.sort(rng.choice(SECONDS, 260, replace=False))
        sides = rng.integers(0, 2, len(seconds))
        sizes = np.rint(rng.pareto(1.6, len(seconds)) * 40 + 10).astype(np.int64)
        sizes[len(sizes) * 2 // 3] = 2960
        prices = np.where(sides == BUY, self.asks[seconds], self.bids[seconds])
        return Trades.of(self.first_ns + seconds * SECOND_NS, prices, np.minimum(sizes, 2960), sides)


def heat_map(theme: Theme, parent: QWidget | None = None) -> HeatMapView:
    """A heat map with trades and own orders."""
    view, history = HeatMapView(theme, parent), SampleHistory()
    view.resize(628, 828)
    view.set_instrument("VLTA", 2)
    view.set_source(history, 1)
    view.set_bubble_choices([10, 50, 250])
    view.set_trades(history.trades())
    now_ns = history.now_ns
    view.set_own((
        OwnSpan(BUY, 4833, 500, now_ns - 150 * SECOND_NS), OwnSpan(SELL, 4844, 600, now_ns - 240 * SECOND_NS),
        OwnSpan(BUY, 4829, 800, now_ns - 330 * SECOND_NS),
        OwnSpan(BUY, 4825, 300, now_ns - 400 * SECOND_NS, now_ns - 60 * SECOND_NS),
    ))  # fmt: skip
    view.set_last_price(market.LAST)
    view.set_figures((
        ("Last", "48.37", "text"), ("Spread", "1 tick", "text"), ("Bid 10", "16,240", "buy"),
        ("Ask 10", "14,910", "sell"), ("Delta in view", "+18,420", "text"), ("Largest", "2,960 @ 48.31", "text"),
    ))  # fmt: skip
    view.canvas.show_span(600 * SECOND_NS)
    return view


def queue(theme: Theme, parent: QWidget | None = None) -> QueueView:
    """The queues of the best levels, an own order in one of them."""
    rng = np.random.default_rng(market.SEED + 6)
    view = QueueView(theme, parent)
    view.set_instrument(2)
    for side, price in ((BUY, market.BEST_BID), (SELL, market.BEST_ASK)):
        ages = np.sort(rng.integers(1, 900, 14))[::-1] * SECOND_NS
        own = np.arange(14) == (4 if side == BUY else -1)
        view.set_level(side, QueueLevel(price, rng.integers(1, 40, 14) * 10, ages, ages > 600 * SECOND_NS, own))
    return view


def scalper(theme: Theme) -> QWidget:
    """Heat map and ladder on the same rows, the queues and the depth curve beside."""
    window = QWidget()
    window.resize(1920, 1080)
    view, ladder = heat_map(theme), panels.ladder(theme)
    head, ladder_head = PanelHeader(theme, "Heat map", link="A"), PanelHeader(theme, "VLTA", link="A")
    queue_head, curve_head = PanelHeader(theme, "Queue", link="A"), PanelHeader(theme, "Depth", link="A")
    head.set_meta("VLTA · 2 s a column · 10:00")
    ladder_head.set_meta("tick 0.01 · lot 1", "disarmed")
    for made, place in (
        (panels.headed(head, view), QRect(0, 0, 1028, 1080)),
        (panels.headed(ladder_head, ladder), QRect(1028, 0, 448, 1080)),
        (panels.headed(queue_head, queue(theme)), QRect(1476, 0, 444, 540)),
        (panels.headed(curve_head, panels.depth(theme)), QRect(1476, 540, 444, 540)),
    ):
        made.setParent(window)
        made.setGeometry(place)
    scene = ladder.canvas.scene
    ladder.canvas.rowsMoved.connect(lambda: view.canvas.join_rows(scene.top_price or 0, 0))
    return window


SAMPLES = (
    Sample("heat map", in_every_state(heat_map, HeatMapView), (468, 500)),
    Sample("queue", in_every_state(queue, QueueView), (468, 320)),
)
