"""What changed between two frames, so that only that is painted again."""

from dataclasses import dataclass, field
from enum import IntEnum, unique

import numpy as np

from app.state.bars import BarChange, BarSeries
from server.protocol.enums import EventKind


@unique
class NoticeKind(IntEnum):
    """What happened to an order that a person should be told at once; values of `EventKind`."""

    REJECTED = EventKind.REJECTED
    FILLED = EventKind.EXECUTED
    CANCELED = EventKind.CANCELED


@dataclass(frozen=True, slots=True)
class Notice:
    """One piece of news, with the event it came from."""

    kind: NoticeKind
    time_ns: int
    event: np.void


@dataclass(slots=True)
class Changes:
    """Rows are those of the state's tables, instruments are numbers of the exchange."""

    server: bool = False
    streams: bool = False
    instruments: bool = False
    accounts: bool = False
    rolled_back: bool = False
    """Orders and fills were forgotten: the server never had some of them."""
    quotes: set[int] = field(default_factory=set)
    depth: set[int] = field(default_factory=set)
    queues: set[int] = field(default_factory=set)
    """Instruments of which orders of the book changed."""
    stale: set[int] = field(default_factory=set)
    """Instruments that went stale, or are sound again."""
    wrong_books: set[int] = field(default_factory=set)
    """Instruments whose book failed its checksum: it has to be taken anew."""
    trades: dict[int, int] = field(default_factory=dict)
    """How many trades came live, by instrument."""
    trades_lost: set[int] = field(default_factory=set)
    """Instruments of which trades are missing that nobody could send again: history has them."""
    history: set[int] = field(default_factory=set)
    """Instruments whose older trades came."""
    bars: dict[BarSeries, BarChange] = field(default_factory=dict)
    hot_lists: set[int] = field(default_factory=set)
    """Rankings of which a list came."""
    phases: set[int] = field(default_factory=set)
    orders: set[int] = field(default_factory=set)
    fills: list[int] = field(default_factory=list)
    positions: set[int] = field(default_factory=set)
    notices: list[Notice] = field(default_factory=list)
    ticks: list[tuple[int, int]] = field(default_factory=list)
    """Of a sample of the messages in it: when each was published and when received."""

    def take_in(self, later: "Changes") -> None:
        """Add what changed after this."""
        self.server |= later.server
        self.streams |= later.streams
        self.instruments |= later.instruments
        self.accounts |= later.accounts
        self.rolled_back |= later.rolled_back
        for mine, its in (
            (self.quotes, later.quotes),
            (self.depth, later.depth),
            (self.queues, later.queues),
            (self.stale, later.stale),
            (self.wrong_books, later.wrong_books),
            (self.trades_lost, later.trades_lost),
            (self.history, later.history),
            (self.hot_lists, later.hot_lists),
            (self.phases, later.phases),
            (self.orders, later.orders),
            (self.positions, later.positions),
        ):
            mine |= its
        for number, count in later.trades.items():
            self.trades[number] = self.trades.get(number, 0) + count
        for series, change in later.bars.items():
            self.bars[series] = self.bars.get(series, BarChange()) + change
        self.fills += later.fills
        self.notices += later.notices
        self.ticks += later.ticks
