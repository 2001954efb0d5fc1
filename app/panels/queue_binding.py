"""Binds the queue view to the instrument of its panel: the order-by-order feed is taken only while somebody looks."""

from typing import Final

import numpy as np

from app.models.pace import Pace
from app.panels.book_state import book_state
from app.panels.panel import Panel
from app.state.changes import Changes
from server.protocol.enums import Side, Topic
from widgets.queue_view import QueueLevel, QueueView

AGES_NS: Final = 500_000_000


class QueueBinding:
    """Keeps one view up to date while `looking`."""

    def __init__(self, panel: Panel, view: QueueView) -> None:
        """Nothing is taken before `look`."""
        self.panel, self.desk, self.view = panel, panel.desk, view
        self._ages = Pace(AGES_NS)
        self._taken = 0
        for one in view.lists:
            one.levelWanted.connect(self._show)

    def look(self, *, looking: bool) -> None:
        """Begin to look at the panel's instrument, or stop."""
        desk, owner = self.desk, f"queue of {self.panel.objectName()}"
        wanted = self.panel.instrument if looking else 0
        if self._taken not in (0, wanted):
            desk.following.leave(owner, Topic.ORDERS, self._taken)
        if wanted not in (0, self._taken):
            desk.following.want(owner, Topic.ORDERS, wanted)
        self._taken = wanted
        info = desk.state.market.instruments.get(wanted)
        if info is not None:
            self.view.set_instrument(info.price_decimals, info.quantity_decimals)
            self._show()

    def show_changes(self, changes: Changes) -> None:
        """The queues, where they changed; ages twice a second."""
        instrument = self.panel.instrument
        news = instrument in changes.queues | changes.depth or changes.streams or changes.orders
        if news or self._ages.due(self.desk.clock()):
            self._show()

    def _show(self) -> None:
        desk = self.desk
        queues = desk.state.queue_books.get(self.panel.instrument)
        state = book_state(desk, self.panel.instrument)
        if state[0] == "live" and (queues is None or not queues.complete):
            state = "empty", "Waiting for the orders of the book", "a snapshot was asked for"
        elif state[0] == "live" and queues is not None and queues.is_cut:
            state = "stale", "TOO MANY ORDERS", f"{len(queues):,} are kept; the newest are missing"
        self.view.set_state(*state)
        book = desk.state.market.book(self.panel.instrument)
        for side, levels in ((Side.BUY, book.bids), (Side.SELL, book.asks)):
            depth, prices = self.view.lists[side].depth, levels.prices
            known = queues is not None and queues.complete and depth < len(prices)
            self.view.set_level(side, self._level(side, int(prices[depth])) if known else None)

    def _level(self, side: Side, price: int) -> QueueLevel:
        desk = self.desk
        queue = desk.state.queue_books[self.panel.instrument].queue(side, price)
        orders = desk.state.orders.rows
        mine = orders["public_order_id"][desk.state.orders.live(instrument=self.panel.instrument)].astype(np.int64)
        ages = np.maximum(desk.market_now() - queue.times, 0)
        return QueueLevel(price, queue.quantities, ages, queue.old, np.isin(queue.ids, mine))
