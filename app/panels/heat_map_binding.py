"""Binds a heat map to the instrument of its panel: book history, prints, own orders from entry, figures."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint

from app.models.pace import Pace
from app.panels.book_state import book_state
from app.panels.own_business import preset_unit
from app.panels.panel import Panel
from app.state.changes import Changes
from app.state.heat import SECOND_NS, LiquidityHistory
from app.state.orders import LIVE_STATES
from server.protocol.enums import OrderState, Side
from server.protocol.records import NO_PRICE
from widgets.formatting import DASH, format_price, format_quantity
from widgets.heat_map import HeatMapView, OwnSpan
from widgets.heat_map.marks import Trades
from widgets.ladder import LadderView
from widgets.ladder.painting import HEADER_PX
from widgets.ladder.scene import ROW_PX

FIGURES_NS: Final = 500_000_000
BUBBLE_TIMES: Final = (5, 25)
SETTLED_NS: Final = 3 * SECOND_NS
"""The past is asked for so long after the beginning, so that the server's joins what is recorded here."""
SPANS_MAX: Final = 200
NEAR_LEVELS: Final = 10
OVERLAP: Final = 4, 5
"""The rows are those of the ladder if it stands beside so much of the height."""
_LIVE: Final = tuple(int(state) for state in LIVE_STATES)
_PENDING: Final = (OrderState.PENDING_CANCEL, OrderState.PENDING_NEW, OrderState.PENDING_REPLACE)


class HeatMapBinding:
    """Keeps one view up to date. A ladder that stands beside lends its rows."""

    def __init__(
        self, panel: Panel, view: HeatMapView, find_ladder: Callable[[], LadderView | None] = lambda: None
    ) -> None:
        """Shows nothing before `select`. `find_ladder` gives the ladder of the same instrument, if there is one."""
        self.panel, self.desk, self.view = panel, panel.desk, view
        self._find_ladder = find_ladder
        self._ladder: LadderView | None = None
        self._history: LiquidityHistory | None = None
        self._seen_trades = -1
        self._figures, self._looked = Pace(FIGURES_NS), Pace(FIGURES_NS)
        self._stale = False
        self._pages = 0
        self._older_ns = -1
        view.canvas.olderNeeded.connect(self._older)
        view.canvas.rowsScrolled.connect(self._scroll_ladder)

    @property
    def instrument(self) -> int:
        """What the panel shows."""
        return self.panel.instrument

    def select(self) -> None:
        """Show the desk's instrument."""
        market = self.desk.state.market
        info = market.instruments.get(self.instrument)
        if info is None:
            return
        made = market.heat.record(self.instrument, self.desk.selection.shown())
        if made is not None:
            made.trades.put_history(market.ring(self.instrument).rows)
        self._look_for_ladder()
        self.view.set_instrument(info.symbol, info.price_decimals, info.quantity_decimals)
        unit = preset_unit(info.reference_price * info.cash_scale, info.money_decimals)
        self.view.set_bubble_choices([info.lot_size, *(unit * times for times in BUBBLE_TIMES)])
        self._history = None
        self._take_history()
        self._show_own()
        self._show_last()
        self._show_state()
        self._figures.soon()

    def show_changes(self, changes: Changes) -> None:
        """The newest columns, prints and own orders."""
        instrument = self.instrument
        self._take_history()
        history = self._history
        if history is None:
            return
        if instrument in changes.history:
            self._show_trades(anew=True)
        elif instrument in changes.trades:
            self._show_trades(anew=False)
        if changes.orders or changes.rolled_back:
            self._show_own()
        if self.desk.state.market.instruments.row(instrument) in changes.quotes:
            self._show_last()
        if self._looked.due(self.desk.clock()):
            self._look_for_ladder()
        self._take_rows()
        self._ask_for_past(history)
        self.view.refresh()
        if self._figures.due(self.desk.clock()):
            self._show_figures(history)
        if changes.streams or self._stale or instrument in changes.stale | changes.phases | changes.depth:
            self._show_state()

    def _take_history(self) -> None:
        history = self.desk.state.market.heat.of(self.instrument)
        if history is not None and history is not self._history:
            self._history = history
            past = self.desk.state.market.heat.past(self.instrument)
            if past is not None:
                past.asked, self._pages = False, past.pages_done
            self.view.set_source(history, history.rows.step)
            self._show_trades(anew=True)

    def _older(self, first_ns: int) -> None:
        """The view has come to the oldest column that is known."""
        self._older_ns = first_ns

    def _ask_for_past(self, history: LiquidityHistory) -> None:
        """Show the page that has come, and ask for the one before it when the view is there."""
        past = self.desk.state.market.heat.past(self.instrument)
        if past is None:
            return
        if past.pages_done != self._pages:
            self._pages = past.pages_done
            self.view.canvas.reload()
        old_enough = history.now_ns - history.first_ns >= SETTLED_NS
        if self._older_ns >= 0 and history.first_ns and old_enough and not (past.busy or past.exhausted or past.asked):
            self._older_ns = -1
            past.asked = True
            before_ns = -(-history.first_ns // SECOND_NS) * SECOND_NS
            self.desk.pages.ask_depth(self.instrument, before_ns)

    def _show_trades(self, *, anew: bool) -> None:
        assert self._history is not None
        rows = self._history.trades.rows
        fresh = self._history.trades.total - self._seen_trades
        self._seen_trades = self._history.trades.total
        changed_ns = 0 if anew or not 0 < fresh < len(rows) else int(rows["time_ns"][-fresh])
        self.view.set_trades(_trades(rows), changed_ns)

    def _show_own(self) -> None:
        desk = self.desk
        orders = desk.state.orders.rows
        mine = (orders["instrument"] == self.instrument) & (orders["account"] == desk.account)
        mine &= (orders["price"] != NO_PRICE) & (orders["state"] != OrderState.REJECTED)
        self.view.set_own(_span(orders[row]) for row in np.flatnonzero(mine)[-SPANS_MAX:].tolist())

    def _show_last(self) -> None:
        market = self.desk.state.market
        last = int(market.quotes.rows["last_price"][market.instruments.row(self.instrument)])
        self.view.set_last_price(None if last == NO_PRICE else last)

    def _show_state(self) -> None:
        state = book_state(self.desk, self.instrument)
        self._stale = state[0] == "stale"
        self.view.set_state(*state)

    def _show_figures(self, history: LiquidityHistory) -> None:
        info = self.desk.state.market.instruments.get(self.instrument)
        if info is None:
            return
        bids, asks = history.book.bids, history.book.asks
        bid, ask, decimals = bids.best(), asks.best(), info.quantity_decimals
        spread = DASH if NO_PRICE in (bid, ask) else f"{format_price(ask - bid, info.price_decimals)}"
        last = self.view.canvas.scene.last_price
        near = [format_quantity(int(side.quantities[:NEAR_LEVELS].sum()), decimals) for side in (bids, asks)]
        time = self.view.canvas.scene.time
        shown = _trades(history.trades.rows).between(time.first * time.width_ns, (time.last + 1) * time.width_ns)
        bought = int(shown.quantities[shown.sides == Side.BUY].sum())
        delta = 2 * bought - int(shown.quantities.sum())
        largest = DASH
        if len(shown.times):
            place = int(np.argmax(shown.quantities))
            price = format_price(int(shown.prices[place]), info.price_decimals)
            largest = f"{format_quantity(int(shown.quantities[place]), decimals)} @ {price}"
        self.view.set_figures([
            ("Last", DASH if last is None else format_price(last, info.price_decimals), "text"),
            ("Spread", spread, "text"),
            (f"Bid {NEAR_LEVELS}", near[0], "buy"), (f"Ask {NEAR_LEVELS}", near[1], "sell"),
            ("Delta in view", format_quantity(delta, decimals, signed=True), "text"),
            ("Volume", format_quantity(int(shown.quantities.sum()), decimals), "text"),
            ("Largest", largest, "text"),
        ])  # fmt: skip

    def _look_for_ladder(self) -> None:
        found = self._find_ladder()
        if found is self._ladder:
            return
        if self._ladder is not None:
            with suppress(RuntimeError):  # its panel may be gone, and the connection with it
                self._ladder.canvas.rowsMoved.disconnect(self._take_rows)
        self._ladder = found
        if found is not None:
            found.canvas.rowsMoved.connect(self._take_rows)

    def _scroll_ladder(self, rows: int) -> None:
        if self._ladder is not None:
            self._ladder.canvas.scroll_rows(rows)

    def _take_rows(self) -> None:
        """Stand on the rows of the ladder while it is beside and the trader has not moved away from it."""
        ladder, view = self._ladder, self.view
        if self._history is None:
            return
        if ladder is None:
            view.canvas.part_rows()
            return
        scene = ladder.canvas.scene
        rows = view.canvas.scene.rows
        if scene.top_price is None or scene.tick_size != self._history.rows.step or not self._stands_beside(ladder):
            view.canvas.part_rows()
        elif not rows.held:
            top = ladder.canvas.mapToGlobal(QPoint(0, HEADER_PX)).y() - view.rows_top().y()
            view.canvas.join_rows(scene.top_price // scene.tick_size, top)

    def _stands_beside(self, ladder: LadderView) -> bool:
        mine, its = self.view.canvas, ladder.canvas
        if not its.isVisible() or mine.window() is not its.window():
            return False
        my_top, its_top = mine.mapToGlobal(QPoint(0, 0)).y(), its.mapToGlobal(QPoint(0, HEADER_PX)).y()
        end = min(my_top + mine.height(), its_top + its.scene.rows * ROW_PX)
        return (end - max(my_top, its_top)) * OVERLAP[1] >= mine.height() * OVERLAP[0]


def _trades(rows: NDArray[np.void]) -> Trades:
    return Trades.of(rows["time_ns"], rows["price"], rows["quantity"], rows["side"])


def _span(order: np.void) -> OwnSpan:
    state = int(order["state"])
    works = state in _LIVE
    quantity = int(order["leaves"] if works else order["quantity"])
    end_ns = None if works else max(int(order["updated_ns"]), int(order["time_ns"]))
    return OwnSpan(int(order["side"]), int(order["price"]), quantity, int(order["time_ns"]), end_ns, state in _PENDING)
