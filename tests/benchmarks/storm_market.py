"""The storm's market: made records of twelve instruments, seeded, as the server would publish them.

Rules: per 20 ms and instrument one quote, one depth message of many levels, and trades one a message; the rates add up
to what is asked for. Prices walk, books move with them.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol import control
from server.protocol.enums import EventKind, Liquidity, MarketDataKind, OrderState, OrderType, Phase, TimeInForce
from server.protocol.records import BAR_RECORD, BOOK_RECORD, EVENT, POSITION_EVENT, QUOTE_RECORD, TICK_RECORD

CYCLE_MS: Final = 20
TRADES_PER_CYCLE: Final = 6
LEVELS: Final = 40
ACCOUNT: Final = 1
USER: Final = 7
SYMBOLS: Final = ("TP50 Z6", "NORD Z6", "VLTA", "KRNL", "HLDN", "MIRA", "ORBX", "QNTL", "BLUF", "SABL", "TERN", "WYVN")


@dataclass(slots=True)
class Walk:
    """One instrument's market."""

    number: int
    middle: int
    random: np.random.Generator
    trades: int = 0
    volume: int = 0
    quote: NDArray[np.void] = field(default_factory=lambda: np.zeros(1, QUOTE_RECORD))

    def step(
        self, now_ns: int, sequence: int, levels: int
    ) -> tuple[NDArray[np.void], NDArray[np.void], NDArray[np.void]]:
        """(quote, depth levels, trades) of one cycle."""
        if self.random.integers(0, 5) == 0:
            self.middle = max(1000, self.middle + int(self.random.integers(-1, 2)))
        return self._quote(now_ns, sequence), self._depth(now_ns, sequence, levels), self._trades(now_ns, sequence)

    def book(self, now_ns: int, sequence: int) -> NDArray[np.void]:
        """The whole book as LEVEL rows."""
        return self._depth(now_ns, sequence, 2 * LEVELS)

    def _quote(self, now_ns: int, sequence: int) -> NDArray[np.void]:
        row = self.quote.copy()
        row["kind"], row["phase"], row["instrument"] = MarketDataKind.TOP, Phase.CONTINUOUS, self.number
        row["sequence"], row["time_ns"], row["last_time_ns"] = sequence, now_ns, now_ns
        row["bid_price"], row["ask_price"] = self.middle - 1, self.middle + 1
        row["bid_quantity"], row["ask_quantity"] = self.random.integers(100, 2000, 2)
        row["bid_orders"] = row["ask_orders"] = 4
        row["last_price"], row["last_quantity"], row["volume"] = self.middle, 100, self.volume
        if not row["open_price"][0]:
            row["open_price"] = row["high_price"] = row["low_price"] = row["previous_close"] = self.middle
        row["high_price"] = max(int(row["high_price"][0]), self.middle)
        row["low_price"] = min(int(row["low_price"][0]), self.middle)
        self.quote = row
        return row

    def _depth(self, now_ns: int, sequence: int, count: int) -> NDArray[np.void]:
        rows = np.zeros(count, BOOK_RECORD)
        rows["kind"], rows["instrument"], rows["sequence"], rows["time_ns"] = (
            MarketDataKind.LEVEL,
            self.number,
            sequence,
            now_ns,
        )
        rows["side"] = np.arange(count) % 2
        offsets = self.random.permutation(LEVELS)[: (count + 1) // 2].repeat(2)[:count] + 1
        rows["price"] = self.middle + np.where(rows["side"] == 0, -offsets, offsets)
        rows["level_quantity"] = self.random.integers(100, 3000, count)
        rows["level_quantity"][offsets > LEVELS - 4] = 0
        rows["level_orders"] = rows["level_quantity"] > 0
        return rows

    def _trades(self, now_ns: int, sequence: int) -> NDArray[np.void]:
        rows = np.zeros(TRADES_PER_CYCLE, BOOK_RECORD)
        rows["kind"], rows["instrument"], rows["sequence"], rows["time_ns"] = (
            MarketDataKind.TRADE,
            self.number,
            sequence,
            now_ns,
        )
        rows["side"] = self.random.integers(0, 2, TRADES_PER_CYCLE)
        rows["price"] = self.middle + np.where(rows["side"] == 0, 1, -1)
        rows["quantity"] = self.random.integers(1, 60, TRADES_PER_CYCLE) * 10
        rows["trade_number"] = self.trades + 1 + np.arange(TRADES_PER_CYCLE)
        self.trades += TRADES_PER_CYCLE
        self.volume += int(rows["quantity"].sum())
        return rows


def walks(seed: int) -> list[Walk]:
    """Twelve markets."""
    random = np.random.default_rng(seed)
    return [
        Walk(number, int(random.integers(3_000, 60_000)), np.random.default_rng([seed, number]))
        for number in range(1, len(SYMBOLS) + 1)
    ]


def instruments(markets: list[Walk]) -> list[control.Instrument]:
    """What the control plane lists."""
    return [
        control.Instrument(
            instrument=one.number, symbol=SYMBOLS[one.number - 1], name=f"{SYMBOLS[one.number - 1]} Industries",
            group="Futures" if one.number < 3 else "Shares", currency="USD", price_decimals=2, quantity_decimals=0,
            money_decimals=2, tick_size=1, lot_size=1, price_min=1, price_max=10_000_000, quantity_max=1_000_000,
            cash_scale=1, reference_price=one.middle, phase=Phase.CONTINUOUS,
        )
        for one in markets
    ]  # fmt: skip


def bars(market: Walk, size_ns: int, before_ns: int, count: int) -> NDArray[np.void]:
    """A page of bars that ends at the market's present price."""
    random = np.random.default_rng([market.number, size_ns % 1_000_003])
    rows = np.zeros(count, BAR_RECORD)
    last = (before_ns - 1) // size_ns * size_ns
    rows["time_ns"] = last - np.arange(count - 1, -1, -1) * size_ns
    walk = np.cumsum(random.integers(-30, 31, count))
    rows["close"] = market.middle + walk - walk[-1]
    rows["open"] = np.concatenate([rows["close"][:1], rows["close"][:-1]])
    rows["high"] = np.maximum(rows["open"], rows["close"]) + random.integers(0, 25, count)
    rows["low"] = np.minimum(rows["open"], rows["close"]) - random.integers(0, 25, count)
    per_bar = size_ns // 1_000_000 // CYCLE_MS * TRADES_PER_CYCLE
    rows["volume"], rows["trades"] = per_bar * random.integers(200, 400, count), per_bar
    return rows


def ticks(market: Walk, now_ns: int, count: int) -> NDArray[np.void]:
    """Some trades of the past."""
    rows = np.zeros(count, TICK_RECORD)
    rows["time_ns"] = now_ns - np.arange(count, 0, -1) * 50_000_000
    rows["price"], rows["quantity"], rows["side"] = market.middle, 100, np.arange(count) % 2
    return rows


def private_events(markets: list[Walk], now_ns: int) -> NDArray[np.void]:
    """A blotter as a busy morning leaves it: a working order and a filled one in each instrument."""
    rows = []
    for place, one in enumerate(markets):
        for offset, filled in ((5, False), (0, True)):
            order = np.zeros(1, EVENT)
            order["kind"], order["user"], order["account"], order["instrument"] = (
                EventKind.ACCEPTED,
                USER,
                ACCOUNT,
                one.number,
            )
            order["order_id"] = order["public_order_id"] = 2 * place + 1 + filled
            order["client_instance"], order["counter"] = 99, 2 * place + 1 + filled
            order["label"], order["side"] = f"s-{2 * place + filled}".encode(), place % 2
            order["order_type"], order["time_in_force"], order["state"] = (
                OrderType.LIMIT,
                TimeInForce.DAY,
                OrderState.NEW,
            )
            order["price"] = one.middle + (offset if place % 2 else -offset)
            order["quantity"] = order["leaves"] = 100 * (place + 1)
            order["time_ns"] = now_ns - (30 - place) * 60_000_000_000
            rows.append(order)
            if filled:
                fill = order.copy()
                fill["kind"], fill["state"], fill["leaves"] = EventKind.EXECUTED, OrderState.FILLED, 0
                fill["filled"] = fill["last_quantity"] = order["quantity"]
                fill["last_price"], fill["liquidity"], fill["trade_id"] = order["price"], Liquidity.MAKER, place + 1
                rows.append(fill)
    events = np.concatenate(rows)
    events["sequence"] = events["stream_sequence"] = np.arange(1, len(events) + 1)
    return events


def positions(markets: list[Walk]) -> NDArray[np.void]:
    """What the fills of `private_events` left."""
    rows = np.zeros(len(markets), POSITION_EVENT)
    rows["kind"], rows["account"] = EventKind.POSITION, ACCOUNT
    for place, one in enumerate(markets):
        net = 100 * (place + 1) * (-1 if place % 2 else 1)
        rows["instrument"][place], rows["net"][place], rows["cost"][place] = one.number, net, net * one.middle
    rows["position_max"], rows["cash"] = 5_000, 1_000_000_00
    return rows
