"""The storm's market: made records of some instruments, seeded, as the server would publish them.

Rules: a cycle is the 20 ms in which the server conflates. An instrument's quote changes in every cycle if it is among
the busiest, in fewer of them the lower it ranks; the ones whose book and trades are taken have one depth message of
many levels a cycle, and trades one a message. The rates add up to what is asked for. Prices walk, books move with them.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol import control
from server.protocol.enums import EventKind, Liquidity, MarketDataKind, OrderState, OrderType, Phase, TimeInForce
from server.protocol.records import (
    BAR_RECORD,
    BOOK_RECORD,
    EVENT,
    POSITION_EVENT,
    QUOTE_RECORD,
    SERIES_BAR,
    TICK_RECORD,
)

LEVELS_LEAST: Final = 8
"""Levels in a message at least; the first four take away what the walk of the price has left on the other side."""
_CROSSING, _CROSSING_SIDES = np.array([0, 1, 0, -1]), np.array([0, 0, 1, 1])
DAY_NS: Final = 86_400_000_000_000
CYCLE_MS: Final = 20
TRADES_PER_CYCLE: Final = 6
LEVELS: Final = 40
BUSIEST: Final = 30
"""So many instruments have a new quote in every cycle; the one ranked r after them in BUSIEST of r cycles."""
OWN_MAX: Final = 12
"""In so many instruments the user has orders and positions."""
ACCOUNT: Final = 1
USER: Final = 7
SYMBOLS: Final = ("TP50 Z6", "NORD Z6", "VLTA", "KRNL", "HLDN", "MIRA", "ORBX", "QNTL", "BLUF", "SABL", "TERN", "WYVN")


class Storm:
    """The markets of `count` instruments, the busiest first, in arrays: a cycle costs the feeder next to nothing."""

    def __init__(self, seed: int, count: int, deep: int, levels: int) -> None:
        """Of the first `deep` ones there are books and trades, with `levels` of each book told in a cycle."""
        self._random = np.random.default_rng(seed)
        self.count, self.deep, self.levels = count, min(deep, count), levels
        self.middle = self._random.integers(3_000, 60_000, count)
        self.volume = np.zeros(count, np.int64)
        self.trades = np.zeros(count, np.int64)
        self._chance = np.minimum(1.0, BUSIEST / np.arange(1, count + 1))
        self.quotes = np.zeros(count, QUOTE_RECORD)
        self.quotes["kind"], self.quotes["phase"] = MarketDataKind.TOP, Phase.CONTINUOUS
        self.quotes["instrument"] = np.arange(1, count + 1)
        self.quotes["bid_orders"] = self.quotes["ask_orders"] = 4
        for name in ("open_price", "high_price", "low_price", "previous_close"):
            self.quotes[name] = self.middle

    @property
    def quotes_per_cycle(self) -> float:
        """How many quotes change in a cycle, on average."""
        return float(self._chance.sum())

    def step(self, now_ns: int, sequence: int) -> NDArray[np.intp]:
        """A cycle passes; the rows of the instruments whose quote has changed."""
        moved: NDArray[np.intp] = np.flatnonzero(self._random.random(self.count) < self._chance)
        count = len(moved)
        steps = self._random.integers(-1, 2, count) * (self._random.random(count) < 0.2)
        self.middle[moved] = np.maximum(1000, self.middle[moved] + steps)
        rows, middle = self.quotes[moved], self.middle[moved]
        rows["sequence"], rows["time_ns"], rows["last_time_ns"] = sequence, now_ns, now_ns
        rows["bid_price"], rows["ask_price"] = middle - 1, middle + 1
        for name in ("bid_quantity", "ask_quantity"):
            rows[name] = self._random.integers(100, 2000, count)
        rows["last_price"], rows["last_quantity"], rows["volume"] = middle, 100, self.volume[moved]
        rows["high_price"], rows["low_price"] = (
            np.maximum(rows["high_price"], middle), np.minimum(rows["low_price"], middle),
        )  # fmt: skip
        self.quotes[moved] = rows
        return moved

    def depth(self, now_ns: int, sequence: int, levels: int = 0) -> NDArray[np.void]:
        """Levels of every deep instrument, shape (deep, levels): LEVEL rows."""
        levels = levels or self.levels
        rows = np.zeros((self.deep, levels), BOOK_RECORD)
        rows["kind"], rows["sequence"], rows["time_ns"] = MarketDataKind.LEVEL, sequence, now_ns
        rows["instrument"] = np.arange(1, self.deep + 1)[:, None]
        side = np.arange(levels) % 2
        offsets = self._random.permutation(LEVELS)[: (levels + 1) // 2].repeat(2)[:levels] + 1
        quantities = self._random.integers(100, 3000, (self.deep, levels))
        quantities[:, offsets > LEVELS - 4] = 0
        rows["side"] = side
        rows["price"] = self.middle[: self.deep, None] + np.where(side == 0, -offsets, offsets)
        rows["side"][:, :4] = _CROSSING_SIDES
        rows["price"][:, :4] = self.middle[: self.deep, None] + _CROSSING
        quantities[:, :4] = 0
        rows["level_quantity"], rows["level_orders"] = quantities, quantities > 0
        return rows

    def prints(self, now_ns: int, sequence: int) -> NDArray[np.void]:
        """The trades of a cycle, shape (deep, TRADES_PER_CYCLE): TRADE rows."""
        shape = self.deep, TRADES_PER_CYCLE
        rows = np.zeros(shape, BOOK_RECORD)
        rows["kind"], rows["sequence"], rows["time_ns"] = MarketDataKind.TRADE, sequence, now_ns
        rows["instrument"] = np.arange(1, self.deep + 1)[:, None]
        rows["side"] = self._random.integers(0, 2, shape)
        rows["price"] = self.middle[: self.deep, None] + np.where(rows["side"] == 0, 1, -1)
        rows["quantity"] = self._random.integers(1, 60, shape) * 10
        rows["trade_number"] = self.trades[: self.deep, None] + 1 + np.arange(TRADES_PER_CYCLE)
        self.trades[: self.deep] += TRADES_PER_CYCLE
        self.volume[: self.deep] += rows["quantity"].sum(axis=1)
        return rows

    def book(self, number: int, now_ns: int, sequence: int) -> NDArray[np.void]:
        """The whole book of a deep instrument as LEVEL rows."""
        return self.depth(now_ns, sequence, 2 * LEVELS)[number - 1]


def symbol(number: int) -> str:
    """What an instrument is called."""
    return SYMBOLS[number - 1] if number <= len(SYMBOLS) else f"S{number:03d}"


def instruments(storm: Storm) -> list[control.Instrument]:
    """What the control plane lists."""
    return [
        control.Instrument(
            instrument=number, symbol=symbol(number), name=f"{symbol(number)} Industries",
            group="Futures" if number < 3 else "Shares", currency="USD", price_decimals=2, quantity_decimals=0,
            money_decimals=2, tick_size=1, lot_size=1, price_min=1, price_max=10_000_000, quantity_max=1_000_000,
            cash_scale=1, reference_price=int(storm.middle[number - 1]), phase=Phase.CONTINUOUS,
        )
        for number in range(1, storm.count + 1)
    ]  # fmt: skip


def bars(number: int, middle: int, size_ns: int, before_ns: int, count: int) -> NDArray[np.void]:
    """A page of bars that ends at the market's present price."""
    random = np.random.default_rng([number, size_ns % 1_000_003])
    rows = np.zeros(count, BAR_RECORD)
    last = (before_ns - 1) // size_ns * size_ns
    rows["time_ns"] = last - np.arange(count - 1, -1, -1) * size_ns
    walk = np.cumsum(random.integers(-30, 31, count))
    rows["close"] = middle + walk - walk[-1]
    rows["open"] = np.concatenate([rows["close"][:1], rows["close"][:-1]])
    rows["high"] = np.maximum(rows["open"], rows["close"]) + random.integers(0, 25, count)
    rows["low"] = np.minimum(rows["open"], rows["close"]) - random.integers(0, 25, count)
    per_bar = size_ns // 1_000_000 // CYCLE_MS * TRADES_PER_CYCLE
    rows["volume"], rows["trades"] = per_bar * random.integers(200, 400, count), per_bar
    rows["turnover"] = rows["volume"] * (rows["high"] + rows["low"]) // 2
    return rows


def series(number: int, middle: int, size_ns: int, before_ns: int, count: int) -> NDArray[np.void]:
    """The same page as SERIES_BAR rows."""
    made = bars(number, middle, size_ns, before_ns, count)
    rows = np.zeros(count, SERIES_BAR)
    for name in ("time_ns", "open", "high", "low", "close", "volume", "turnover", "trades"):
        rows[name] = made[name]
    rows["last_ns"], rows["buy_volume"] = rows["time_ns"] + size_ns - 1, rows["volume"] // 2
    return rows


def ticks(middle: int, now_ns: int, count: int) -> NDArray[np.void]:
    """Some trades of the past."""
    rows = np.zeros(count, TICK_RECORD)
    rows["time_ns"] = now_ns - np.arange(count, 0, -1) * 50_000_000
    rows["price"], rows["quantity"], rows["side"] = middle, 100, np.arange(count) % 2
    return rows


def private_events(storm: Storm, now_ns: int) -> NDArray[np.void]:
    """A blotter as a busy morning leaves it: a working order and a filled one in each instrument."""
    rows = []
    for place, middle in enumerate(storm.middle[:OWN_MAX].tolist()):
        for offset, filled in ((5, False), (0, True)):
            order = np.zeros(1, EVENT)
            order["kind"], order["user"], order["account"], order["instrument"] = (
                EventKind.ACCEPTED,
                USER,
                ACCOUNT,
                place + 1,
            )
            order["order_id"] = order["public_order_id"] = 2 * place + 1 + filled
            order["client_instance"], order["counter"] = 99, 2 * place + 1 + filled
            order["label"], order["side"] = f"s-{2 * place + filled}".encode(), place % 2
            order["order_type"], order["time_in_force"], order["state"] = (
                OrderType.LIMIT,
                TimeInForce.DAY,
                OrderState.NEW,
            )
            order["price"] = middle + (offset if place % 2 else -offset)
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


def positions(storm: Storm) -> NDArray[np.void]:
    """What the fills of `private_events` left."""
    rows = np.zeros(min(OWN_MAX, storm.count), POSITION_EVENT)
    rows["kind"], rows["account"] = EventKind.POSITION, ACCOUNT
    for place, middle in enumerate(storm.middle[:OWN_MAX].tolist()):
        net = 100 * (place + 1) * (-1 if place % 2 else 1)
        rows["instrument"][place], rows["net"][place], rows["cost"][place] = place + 1, net, net * middle
    rows["position_max"], rows["cash"] = 5_000, 1_000_000_00
    return rows


def cycle_of_orders(storm: Storm, now_ns: int, first: int) -> NDArray[np.void]:
    """The events of an order that is accepted and filled at once; `first` is the stream number of the first event."""
    place = first // 2 % min(OWN_MAX, storm.count)
    rows = np.zeros(2, EVENT)
    rows["kind"] = EventKind.ACCEPTED, EventKind.EXECUTED
    rows["user"], rows["account"], rows["instrument"], rows["side"] = USER, ACCOUNT, place + 1, first // 2 % 2
    rows["order_id"] = rows["public_order_id"] = 1_000_000 + first
    rows["client_instance"], rows["counter"], rows["label"] = 98, first, f"f-{first}".encode()
    rows["order_type"], rows["time_in_force"] = OrderType.LIMIT, TimeInForce.DAY
    rows["state"] = OrderState.NEW, OrderState.FILLED
    rows["price"], rows["quantity"], rows["time_ns"] = storm.middle[place], 100, now_ns
    rows["leaves"], rows["filled"], rows["last_quantity"] = (100, 0), (0, 100), (0, 100)
    rows["last_price"], rows["liquidity"], rows["trade_id"] = (0, storm.middle[place]), Liquidity.MAKER, (0, first)
    rows["stream_sequence"] = first, first + 1
    rows["sequence"] = first
    return rows
