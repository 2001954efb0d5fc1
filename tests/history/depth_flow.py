"""Market data of books for the history's tests: a seeded flow of orders, executions, auctions, and a client's view.

The oracle is the client's own order book, which is written apart from the history and checked against the engine.
"""

import numpy as np
from numpy.typing import NDArray

from server.client.book import OrderBook
from server.protocol.enums import MarketDataFlag, MarketDataKind, Side
from server.protocol.records import BOOK_RECORD

START_NS = 19_700 * 86_400 * 10**9 - 20 * 10**9
"""Twenty seconds before midnight."""
Shown = dict[tuple[int, int], int]
"""Quantity by side and price."""


class Flow:
    """Makes records of some instruments as the engine does; `shown` is what a client would see now."""

    def __init__(self, seed: int, instruments: tuple[int, ...] = (1, 2)) -> None:
        self.chance = np.random.default_rng(seed)
        self.books = {instrument: OrderBook() for instrument in instruments}
        self.sequence = 0
        self.time_ns = START_NS
        self._next_order = 1
        self._used_up: dict[int, tuple[int, int, int]] = {}

    def shown(self, instrument: int) -> Shown:
        book = self.books[instrument]
        return {(int(side), price): level[0] for side in Side for price, level in book.levels(side).items()}

    def records(self, count: int, step_ns: int) -> NDArray[np.void]:
        """The next `count` records, about `step_ns` apart."""
        return np.concatenate([self._step(step_ns) for _ in range(count)])

    def _step(self, step_ns: int) -> NDArray[np.void]:
        chance = self.chance
        self.sequence += 1
        self.time_ns += int(chance.integers(0, 2 * step_ns + 1))
        instrument = int(chance.choice(list(self.books)))
        row = np.zeros(1, BOOK_RECORD)
        row["instrument"], row["sequence"], row["time_ns"] = instrument, self.sequence, self.time_ns
        row["trade_number"] = self.sequence
        orders = self.books[instrument].orders
        used_up = self._used_up.pop(instrument, None)
        what = str(chance.choice(["add", "add", "execute", "reduce", "delete", "auction", "hidden", "top"]))
        if used_up is not None and what == "auction":
            own_price = self._execute_more(row, *used_up)
        elif what == "top":
            row["kind"], row["price"], row["quantity"] = MarketDataKind.TOP, 77, 5
            return row
        elif what == "add" or not orders:
            row["kind"], row["side"] = MarketDataKind.ADD, chance.integers(0, 2)
            row["public_order_id"], self._next_order = self._next_order, self._next_order + 1
            own_price = int(chance.integers(-6, 7))
            row["price"], row["quantity"] = own_price, int(chance.integers(1, 50))
        else:
            own_price = self._change(row, orders, what)
        self.books[instrument].apply(row)
        if not row["flags"][0] & MarketDataFlag.HIDDEN:
            row["level_quantity"] = self.shown(instrument).get((int(row["side"][0]), own_price), 0)
        return row

    def _change(self, row: NDArray[np.void], orders: dict[int, list[int]], what: str) -> int:
        order = int(self.chance.choice(list(orders)))
        side, price, quantity = orders[order]
        row["side"], row["price"], row["public_order_id"] = side, price, order
        part = int(self.chance.integers(1, quantity + 1))
        if what == "delete" or (what == "reduce" and quantity == 1):
            row["kind"], row["quantity"] = MarketDataKind.DELETE, quantity
        elif what == "reduce":
            row["kind"], row["quantity"] = MarketDataKind.REDUCE, min(part, quantity - 1)
        else:
            row["kind"], row["quantity"], row["flags"] = MarketDataKind.EXECUTE, part, MarketDataFlag.PRINT
            if what == "auction":
                row["flags"] = MarketDataFlag.PRINT | MarketDataFlag.AUCTION
                row["price"], row["quantity"] = price + 3, part + int(self.chance.integers(0, 5))
                if row["quantity"][0] >= quantity:
                    self._used_up[int(row["instrument"][0])] = (side, price, order)
            elif what == "hidden":
                row["flags"] = MarketDataFlag.PRINT | MarketDataFlag.HIDDEN
                row["public_order_id"] = 0
        return price

    def _execute_more(self, row: NDArray[np.void], side: int, price: int, order: int) -> int:
        """An auction goes on to trade what the order did not show."""
        row["kind"], row["flags"] = MarketDataKind.EXECUTE, MarketDataFlag.PRINT | MarketDataFlag.AUCTION
        row["side"], row["price"], row["public_order_id"], row["quantity"] = side, price + 3, order, 9
        return price


def slow_columns(records: NDArray[np.void], instrument: int, column_ns: int, ended_ns: int) -> dict[int, Shown]:
    """The book at the end of each column that has ended, by a client that takes one record after the other."""
    book = OrderBook()
    found: dict[int, Shown] = {}
    for place in range(len(records)):
        row = records[place : place + 1]
        begin = int(row["time_ns"][0]) // column_ns * column_ns
        if row["kind"][0] <= MarketDataKind.DELETE and row["instrument"][0] == instrument:
            book.apply(row)
            found[begin] = {(int(side), price): level[0] for side in Side for price, level in book.levels(side).items()}
    return {begin: shown for begin, shown in found.items() if begin + column_ns <= ended_ns}
