"""Binds the queue view to the desk's instrument: the order-by-order feed is taken only while somebody looks."""

from typing import Final

import numpy as np

from app.desk import Desk
from app.models.pace import Pace
from app.panels.book_state import book_state
from app.state.changes import Changes
from server.protocol.enums import Side
from widgets.queue_view import QueueLevel, QueueView

AGES_NS: Final = 500_000_000


class QueueBinding:
    """Keeps one view up to date while `looking`."""

    def __init__(self, desk: Desk, view: QueueView) -> None:
        """Nothing is taken before `look`."""
        self.desk, self.view = desk, view
        self._ages = Pace(AGES_NS)
        for one in view.lists:
            one.levelWanted.connect(self._show)

    def look(self, *, looking: bool) -> None:
        """Begin to look at the desk's instrument, or stop."""
        desk = self.desk
        desk.watch_queue(desk.instrument if looking else 0)
        info = desk.state.market.instruments.get(desk.instrument)
        if looking and info is not None:
            self.view.set_instrument(info.price_decimals, info.quantity_decimals)
            self._show()

    def show_changes(self, changes: Changes) -> None:
        """The queues, where they changed; ages twice a second."""
        instrument = self.desk.instrument
        news = instrument in changes.queues | changes.depth or changes.streams or changes.orders
        if news or self._ages.due(self.desk.clock()):
            self._show()

    def _show(self) -> None:
        desk = self.desk
        queues = desk.state.queue_books.get(desk.instrument)
        state = book_state(desk)
        if state[0] == "live" and (queues is None or not queues.complete):
            state = "empty", "Waiting for the orders of the book", "a snapshot was asked for"
        elif state[0] == "live" and queues is not None and queues.is_cut:
            state = "stale", "TOO MANY ORDERS", f"{len(queues):,} are kept; the newest are missing"
        self.view.set_state(*state)
        book = desk.state.market.book(desk.instrument)
        for side, levels in ((Side.BUY, book.bids), (Side.SELL, book.asks)):
            depth, prices = self.view.lists[side].depth, levels.prices
            known = queues is not None and queues.complete and depth < len(prices)
            self.view.set_level(side, self._level(side, int(prices[depth])) if known else None)

    def _level(self, side: Side, price: int) -> QueueLevel:
        desk = self.desk
        queue = desk.state.queue_books[desk.instrument].queue(side, price)
        orders = desk.state.orders.rows
        mine = orders["public_order_id"][desk.state.orders.live(instrument=desk.instrument)].astype(np.int64)
        ages = np.maximum(desk.market_now() - queue.times, 0)
        return QueueLevel(price, queue.quantities, ages, queue.old, np.isin(queue.ids, mine))
