"""Orders moved on a chart: the question, and the replacement that follows from a yes.

Rules: what is replaced is the order as it was shown at the press; another price, another quantity or its end meanwhile
gives the move up, a fill only changes what the question says. Nothing can be confirmed against a price that is stale or
where no order can leave.
"""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPoint, QRect

from app.desk import Desk
from app.panels.own_business import is_movable, order_terms
from app.state.changes import Changes
from server.protocol import control
from server.protocol.enums import OrderType, Side
from server.protocol.records import NO_PRICE
from widgets.chart import ChartView, OrderMove
from widgets.chart.order_mouse import attached
from widgets.formatting import format_percent, format_price, format_quantity
from widgets.order_move_prompt import MoveQuestion, OrderMovePrompt
from widgets.side import WORDS


@dataclass(frozen=True, slots=True)
class _Asked:
    """A move that waits for its answer. `quantity` is the whole of the order at the press."""

    move: OrderMove
    row: int
    info: control.Instrument
    quantity: int


class OrderMoves:
    """Between the orders of one chart and the desk."""

    def __init__(self, desk: Desk, view: ChartView) -> None:
        """Nothing is moved."""
        self._desk, self._view = desk, view
        self._asked: _Asked | None = None
        self.prompt: OrderMovePrompt | None = None
        self.mouse = attached(view, view.panes.price, view.mouse)
        self.mouse.moveRequested.connect(self._ask)
        self.mouse.moveAborted.connect(self._say_aborted)

    def give_up(self) -> None:
        """The chart shows something else: what was begun is not asked any more."""
        self.mouse.done()
        self._close()

    def show_changes(self, changes: Changes) -> None:
        """Keep the question true while it waits."""
        del changes
        if self._asked is None or self.prompt is None:
            return
        reason = self._ended(self._asked)
        if reason:
            self.give_up()
            self._say_aborted(reason)
        else:
            self.prompt.set_question(self._question(self._asked), self._problem(self._asked))

    def _ask(self, move: OrderMove) -> None:
        row, orders = int(str(move.order.key)), self._desk.state.orders
        info = self._desk.state.market.instruments.get(int(orders.rows["instrument"][row]))
        if info is None:
            self.mouse.done()
            return
        asked = _Asked(move, row, info, int(orders.rows["quantity"][row]))
        reason = self._ended(asked) or self._problem(asked)
        if reason:
            self.mouse.done()
            self._desk.message.emit("warning", "NOT CHANGED", reason)
            return
        self._close()
        self._asked = asked
        prompt = self.prompt = OrderMovePrompt(self.mouse.theme, self._question(asked), self._view)
        prompt.confirmed.connect(self._send)
        prompt.finished.connect(lambda _: self._answered(prompt))
        view = self._view
        prompt.show_beside(QRect(view.mapToGlobal(QPoint(0, 0)), view.size()))

    def _send(self) -> None:
        asked = self._asked
        if asked is None:
            return
        reason = self._ended(asked) or self._problem(asked)
        if reason:
            self._say_aborted(reason)
        else:
            self._desk.move_row(asked.row, asked.move.price, asked.quantity)

    def _answered(self, prompt: OrderMovePrompt) -> None:
        if prompt is self.prompt:
            self.prompt, self._asked = None, None
            self.mouse.done()
            self._view.setFocus()

    def _close(self) -> None:
        prompt, self.prompt, self._asked = self.prompt, None, None
        if prompt is not None:
            prompt.reject()

    def _say_aborted(self, reason: str) -> None:
        if self.prompt is not None:
            self._close()
        self._desk.message.emit("warning", "NOT CHANGED", f"{reason} meanwhile: nothing was sent")

    def _ended(self, asked: _Asked) -> str:
        """Why the order is not the one that was grabbed any more; "" if it is."""
        orders = self._desk.state.orders
        if asked.row >= len(orders.rows):
            return "The order has ended"
        order = orders.rows[asked.row]
        if int(order["leaves"]) == 0:
            return "The order has ended"
        same = order_terms(order) == asked.move.order.terms and is_movable(order)
        return "" if same else "The order has changed"

    def _problem(self, asked: _Asked) -> str:
        """Why nothing can be sent now."""
        order = self._desk.state.orders.rows[asked.row]
        return self._desk.trust.blocked_reason(int(order["account"]), asked.info.instrument)

    def _question(self, asked: _Asked) -> MoveQuestion:
        move, info, desk = asked.move, asked.info, self._desk
        order = desk.state.orders.rows[asked.row]
        decimals, side = info.price_decimals, int(order["side"])
        leaves = format_quantity(int(order["leaves"]), info.quantity_decimals)
        whole = format_quantity(asked.quantity, info.quantity_decimals)
        begin, end = format_price(move.order.price, decimals), format_price(move.price, decimals)
        distance = move.price - move.order.price
        ticks = format_price(distance // max(info.tick_size, 1), 0, signed=True)
        account = desk.state.accounts.accounts.get(int(order["account"]))
        percent = format_percent(distance, abs(move.order.price), signed=True)
        rows = (
            ("Price", f"{begin} → {end}", "text"),
            ("By", f"{ticks} ticks  {percent} %", "text"),
            ("Open of the whole", f"{leaves} of {whole}", "own"),
            *self._kind_rows(info, order, move),
            ("Account", account.name if account else "", "text_2"),
        )
        return MoveQuestion(side, f"{leaves} {info.symbol} at {begin}", rows, f"Change {WORDS[side]} to {end}")

    def _kind_rows(self, info: control.Instrument, order: np.void, move: OrderMove) -> tuple[tuple[str, str, str], ...]:
        """What follows from the new price: for a stop when it would trigger, else whether it meets the market."""
        if int(order["stop_price"]) == NO_PRICE:
            return self._market_row(info, int(order["side"]), move.price), ("Queue", "loses its place", "text_2")
        limit = "none: at the market when reached"
        if order["order_type"] == OrderType.STOP_LIMIT:
            moved = int(order["price"]) + move.price - move.order.price
            limit = " → ".join(format_price(price, info.price_decimals) for price in (int(order["price"]), moved))
        return self._last_row(info, int(order["side"]), move.price), ("Limit", limit, "text_2")

    def _last_row(self, info: control.Instrument, side: int, stop_price: int) -> tuple[str, str, str]:
        """The last price, which may have reached a stop price already."""
        market = self._desk.state.market
        last = int(market.quotes.rows["last_price"][market.instruments.row(info.instrument)])
        if last == NO_PRICE:
            return "Last", "none", "label"
        text = format_price(last, info.price_decimals)
        reached = last >= stop_price if side == Side.BUY else last <= stop_price
        return ("Last", f"{text}: reached, would be refused", "warning") if reached else ("Last", text, "text")

    def _market_row(self, info: control.Instrument, side: int, price: int) -> tuple[str, str, str]:
        """Where the other side of the market is, and whether the order would meet it."""
        market = self._desk.state.market
        quote = market.quotes.rows[market.instruments.row(info.instrument)]
        name, word = ("ask_price", "Ask") if side == Side.BUY else ("bid_price", "Bid")
        other = int(quote[name])
        if other == NO_PRICE:
            return word, "none", "label"
        text = format_price(other, info.price_decimals)
        meets = price >= other if side == Side.BUY else price <= other
        return (word, f"{text}: trades at once", "warning") if meets else (word, text, "text")
