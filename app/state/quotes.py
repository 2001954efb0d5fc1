"""Top of book, last trade and the day so far, of all instruments, in one array.

Rules: one QUOTE_RECORD a row of the instrument table; what came last wins; a change of the last price leaves its
direction and time behind, so that a view can show it and let it fade.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from server.protocol.records import NO_PRICE, QUOTE_RECORD, STATISTICS_RECORD

_DAY_FIELDS = ("open_price", "high_price", "low_price", "last_price", "previous_close", "volume")


class QuoteTable:
    """The quotes of `count` instruments."""

    def __init__(self, count: int, references: Sequence[int] = ()) -> None:
        """A table in which no price is known; `references` are the instruments' reference prices, by row."""
        self._references: NDArray[np.int64] = np.full(count, NO_PRICE, np.int64)
        self._references[: len(references)] = references
        self.rows: NDArray[np.void] = np.zeros(count, QUOTE_RECORD)
        for name in QUOTE_RECORD.names or ():
            if name.endswith("_price") or name == "previous_close":
                self.rows[name] = NO_PRICE
        self.received_ns: NDArray[np.int64] = np.zeros(count, np.int64)
        """When a quote last came, by the workstation's clock; 0: never."""
        self.moved_ns: NDArray[np.int64] = np.zeros(count, np.int64)
        """When the last price last moved; 0: never."""
        self.direction: NDArray[np.int8] = np.zeros(count, np.int8)
        """Where it moved: 1 up, -1 down."""
        self.turnover: NDArray[np.int64] = np.zeros(count, np.int64)
        self.trades: NDArray[np.int64] = np.zeros(count, np.int64)
        self.average_volume: NDArray[np.int64] = np.zeros(count, np.int64)
        """Of a day; 0: not known."""
        self.expected_volume: NDArray[np.int64] = np.zeros(count, np.int64)
        """Usual by this time of day; 0: not known."""

    def apply(self, where: NDArray[np.intp], records: NDArray[np.void], now_ns: int) -> None:
        """Take QUOTE_RECORD rows for the table rows `where` (each at most once)."""
        old = self.rows["last_price"][where]
        new = records["last_price"]
        known = (old != NO_PRICE) & (new != NO_PRICE)
        up, down = known & (new > old), known & (new < old)
        self.direction[where[up]] = 1
        self.direction[where[down]] = -1
        self.moved_ns[where[up | down]] = now_ns
        self.rows[where] = records
        self.received_ns[where] = now_ns

    def apply_statistics(self, row: int, record: np.void) -> None:
        """Take one STATISTICS_RECORD: the day of an instrument as the exchange counts it."""
        assert record.dtype == STATISTICS_RECORD
        for name in _DAY_FIELDS:
            self.rows[name][row] = record[name]
        self.turnover[row] = record["turnover"]
        self.trades[row] = record["trades"]

    def apply_volumes(self, where: NDArray[np.intp], records: NDArray[np.void]) -> None:
        """Take VOLUME_RECORD rows for the table rows `where`."""
        self.average_volume[where] = records["average"]
        self.expected_volume[where] = records["expected"]

    def mark(self, row: int) -> int:
        """The price at which a position is valued: last trade, else the middle, else the previous close."""
        quote = self.rows[row]
        last, bid, ask = int(quote["last_price"]), int(quote["bid_price"]), int(quote["ask_price"])
        if last != NO_PRICE:
            return last
        if bid != NO_PRICE and ask != NO_PRICE:
            return (bid + ask) // 2
        return int(quote["previous_close"])

    def change(self, row: int) -> int | None:
        """Last price against the previous close (see `base`), in price units; None if either is unknown."""
        last, base = int(self.rows["last_price"][row]), self.base(row)
        return None if last == NO_PRICE or base == NO_PRICE else last - base

    def bases(self) -> NDArray[np.int64]:
        """`base` of every row."""
        closes = self.rows["previous_close"]
        found = np.where(
            (self._references == NO_PRICE) | (self._references == 0), self.rows["open_price"], self._references
        )
        return np.where((closes == NO_PRICE) | (closes == 0), found, closes)

    def base(self, row: int) -> int:
        """What the day's change is measured from: the previous close, else the reference price, else the open."""
        for price in (int(self.rows["previous_close"][row]), int(self._references[row])):
            if price not in (NO_PRICE, 0):
                return price
        return int(self.rows["open_price"][row])
