"""Follows events and market data as a client would, and checks that they agree with one another.

Rules: the public book is built from market data alone; a level that a record tells must follow from the records before
it, and TOP must come exactly when the best prices change. Labels are looked up for the reader's sake only.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from server.protocol.enums import EventKind, MarketDataFlag, MarketDataKind, Side
from server.protocol.records import NO_PRICE, POSITION_EVENT, TOP_RECORD
from tests.scenarios.values import NAMES
from tests.scenarios.wording import QUIET, SYMBOLS, in_words, stop_of

SIDES = {"bid": Side.BUY, "ask": Side.SELL}
PLACES = (EventKind.ACCEPTED, EventKind.REPLACED, EventKind.RESTATED, EventKind.TRIGGERED)
FOUNDING = (EventKind.INSTRUMENT_LISTED, EventKind.ACCOUNT_OPENED, EventKind.GRANTED, EventKind.SESSION_OPENED,
            EventKind.SESSION_CLOSED)  # fmt: skip
"""Kinds that are not written."""
CHANGES = (MarketDataKind.ADD, MarketDataKind.EXECUTE, MarketDataKind.REDUCE, MarketDataKind.DELETE)
NOTHING = (NO_PRICE, 0, 0, NO_PRICE, 0, 0)


@dataclass
class Resting:
    """An order of the public book."""

    instrument: int
    side: int
    price: int
    quantity: int


class Observer:
    """What has been seen so far."""

    def __init__(self) -> None:
        self.labels: dict[int, str] = {}
        self.names: dict[int, str] = {}
        self.places: dict[int, int] = {}
        self.resting: dict[int, Resting] = {}
        self.balances: dict[tuple[int, int], np.void] = {}
        self.order_ids: dict[tuple[int, str], int] = {}
        self.tops: defaultdict[int, tuple[int, ...]] = defaultdict(lambda: NOTHING)
        self.records: list[np.void] = []
        self.prints: list[str] = []
        self.phases: dict[int, int] = {}

    def see(self, events: np.ndarray, market_data: np.ndarray) -> list[str]:
        """What is written right of the bar for one command."""
        lines = [line for event in events for line in self.event(event)]
        before = dict(self.tops)
        self.records = list(market_data)
        lines += [line for record in market_data for line in self.record(record)]
        told = set(market_data["instrument"][market_data["kind"] == MarketDataKind.TOP].tolist())
        for instrument in {*self.tops, *before, *(order.instrument for order in self.resting.values())}:
            top = self.tops[instrument]
            assert top == self.top_of_book(instrument), "no TOP says what the best prices are now"
            assert (top != before.get(instrument, NOTHING)) == (instrument in told), "a TOP that says nothing new"
        return lines

    def event(self, event: np.void) -> Iterator[str]:
        """An event in words; positions and balances are remembered, those of founding the market left out."""
        kind, order_id, place = int(event["kind"]), int(event["order_id"]), int(event["public_order_id"])
        moved = False
        if kind == EventKind.PHASE_CHANGED:
            self.phases[int(event["instrument"])] = int(event["phase"])
        if kind in QUIET:
            self.remember(event)
            return
        if kind in PLACES and order_id:
            label = event["label"].decode("ascii", "replace")
            moved = kind != EventKind.ACCEPTED and self.places.get(order_id) != place
            self.places[order_id] = place
            self.labels[place] = self.names[order_id] = label or "-"
            self.order_ids[int(event["user"]), label] = order_id
        if kind == EventKind.SELF_TRADE_PREVENTED:
            yield f"{in_words(event).split(' SELF')[0]} SELF_TRADE_PREVENTED {event['last_quantity']} with " + (
                self.names.get(int(event["trade_id"]), "?")
            )
        elif kind in (EventKind.REPLACED, EventKind.RESTATED):
            yield in_words(event) + (", new place" if moved else "") + stop_of(event)
        elif kind not in FOUNDING:
            yield in_words(event)

    def remember(self, event: np.void) -> None:
        """Keep what a POSITION or BALANCE says."""
        said = event.reshape(1).view(POSITION_EVENT)[0]
        self.balances[int(said["account"]), int(said["currency"])] = said

    def record(self, record: np.void) -> Iterator[str]:
        """Keeps the book and the tape; what concerns everybody is written."""
        kind, place, instrument = int(record["kind"]), int(record["public_order_id"]), int(record["instrument"])
        price, quantity = int(record["price"]), int(record["quantity"])
        hidden = bool(record["flags"] & MarketDataFlag.HIDDEN)
        if kind == MarketDataKind.ADD:
            assert place not in self.resting, "one place twice"
            self.resting[place] = Resting(instrument, int(record["side"]), price, quantity)
        elif kind in CHANGES and not hidden:
            self.resting[place].quantity = max(0, self.resting[place].quantity - quantity)
        elif kind == MarketDataKind.TOP:
            top = record.reshape(1).view(TOP_RECORD)[0].tolist()
            self.tops[instrument] = (top[7], top[8], top[11], top[9], top[10], top[12])
        if kind == MarketDataKind.EXECUTE and record["flags"] & MarketDataFlag.PRINT:
            self.prints.append(print_in_words(record))
        if kind in CHANGES and not hidden:
            self.check_level(record)
            if not self.resting[place].quantity:
                del self.resting[place]
        yield from public_words(record)

    def check_level(self, record: np.void) -> None:
        """The level that a record tells is the one that follows from all records."""
        own = self.resting[int(record["public_order_id"])]
        level = [order.quantity for order in self.side_of(own.instrument, own.side) if order.price == own.price]
        level = [quantity for quantity in level if quantity]
        assert (record["level_quantity"], record["level_orders"]) == (sum(level), len(level)), record

    def side_of(self, instrument: int, side: int) -> list[Resting]:
        """The orders of one side, oldest first."""
        return [order for order in self.resting.values() if (order.instrument, order.side) == (instrument, side)]

    def top_of_book(self, instrument: int) -> tuple[int, ...]:
        """Bid price, quantity, orders, ask price, quantity, orders, as all records together say."""
        top: list[int] = []
        for side in Side:
            orders = [order for order in self.side_of(instrument, side) if order.price != NO_PRICE]
            if not orders:
                top += (NO_PRICE, 0, 0)
                continue
            prices = [order.price for order in orders]
            best = max(prices) if side == Side.BUY else min(prices)
            level = [order.quantity for order in orders if order.price == best]
            top += (best, sum(level), len(level))
        return tuple(top)

    def book(self, instrument: int) -> list[str]:
        """Bids best first, then asks: `bid 100: a1 6, b1 2`; market orders of an auction stand before all."""
        lines = []
        for name, side in SIDES.items():
            orders = [(place, order) for place, order in self.resting.items() if order.instrument == instrument]
            orders = [(place, order) for place, order in orders if order.side == side]
            prices = {order.price for _, order in orders}
            ranked = sorted(prices - {NO_PRICE}, reverse=side == Side.BUY)
            for price in ([NO_PRICE] if NO_PRICE in prices else []) + ranked:
                level = [f"{self.labels[place]} {order.quantity}" for place, order in orders if order.price == price]
                lines.append(f"{name} {'market' if price == NO_PRICE else price}: {', '.join(level)}")
        return lines or ["empty"]

    def balance(self, name: str, currency: int) -> list[str]:
        """What the last POSITION or BALANCE event said of an account's money in a currency."""
        event = self.balances[NAMES[name], currency]
        return [f"cash {event['cash']} reserved {event['reserved']}"]

    def tape(self) -> list[str]:
        """What was printed since the last look."""
        lines, self.prints = self.prints, []
        return lines or ["nothing"]

    def feed(self) -> list[str]:
        """All records of the last command: `ADD bid 100 6 as a1 (level 6, 1)`."""
        return [self.record_in_words(record) for record in self.records] or ["nothing"]

    def record_in_words(self, record: np.void) -> str:
        """One market data record."""
        kind = MarketDataKind(int(record["kind"]))
        if kind == MarketDataKind.TOP:
            top = record.reshape(1).view(TOP_RECORD)[0]
            sides = [
                f"{side} none" if top[f"{side}_price"] == NO_PRICE
                else f"{side} {top[f'{side}_price']}: {top[f'{side}_quantity']} in {top[f'{side}_orders']}"
                for side in SIDES
            ]  # fmt: skip
            return f"TOP {', '.join(sides)}"
        price = "no price" if record["price"] == NO_PRICE else record["price"]
        if kind not in CHANGES:
            return f"{kind.name} {price} {record['quantity']}"
        side = "ask" if record["side"] else "bid"
        flags = "".join(f" {flag.name.lower().replace('_', '-')}" for flag in flags_of(record) if flag.name)
        label = self.labels.get(int(record["public_order_id"]), "?") if record["public_order_id"] else "nobody"
        level = f"(level {record['level_quantity']}, {record['level_orders']})"
        return f"{kind.name} {side} {price} {record['quantity']} of {label} {level}{flags}"


def flags_of(record: np.void) -> list[MarketDataFlag]:
    """The flags of a record but PRINT."""
    return [flag for flag in MarketDataFlag if flag & int(record["flags"]) and flag != MarketDataFlag.PRINT]


def print_in_words(record: np.void) -> str:
    """A public trade: `5 @ 100`, with its flags and, of others than ABC, the symbol."""
    symbol = "" if record["instrument"] == 1 else f"{SYMBOLS.get(int(record['instrument']), '?')} "
    flags = "".join(f" {flag.name.lower().replace('_', '-')}" for flag in flags_of(record) if flag.name)
    return f"{symbol}{record['quantity']} @ {record['price']}{flags}"


def public_words(record: np.void) -> Iterator[str]:
    """Records that are written beside the events: indicatives, bands, busts and corrections."""
    kind = int(record["kind"])
    price = "none" if record["price"] == NO_PRICE else record["price"]
    if kind == MarketDataKind.INDICATIVE:
        yield f"indicative {price}: {record['quantity']}, surplus {record['level_quantity']}"
    elif kind == MarketDataKind.BAND:
        yield f"band {price} to {record['quantity']}"
    elif kind in (MarketDataKind.TRADE_BUST, MarketDataKind.TRADE_CORRECTION):
        name = "bust" if kind == MarketDataKind.TRADE_BUST else "correction"
        yield f"{name} of trade {record['trade_number']}: {record['quantity']} @ {price}"
