"""How events, books and positions are written in the scenarios.

ann a1 NEW 10                                accepted
ann a1 PARTIALLY_FILLED 4 @ 100, 6 left      executed; FILLED has nothing left
ann a1 CANCELED 6 REQUESTED                  how much went, and why
ann a1 REPLACED 8 @ 101, 8 left[, new place]
ann a1 REJECTED REASON (value, limit)
ann MASS_CANCELED 2
phase CONTINUOUS
indicative 101: 5, surplus -2
"""

from collections.abc import Iterator

import numpy as np

from server.protocol.enums import CancelReason, EventKind, MarketDataKind, OrderState, Phase, RejectReason, Side
from server.protocol.records import NO_PRICE, POSITION_EVENT, TOP_RECORD
from tests.scenarios.world import NAMES

PERSONS = {number: name for name, number in NAMES.items()}
SIDES = {"bid": Side.BUY, "ask": Side.SELL}


class Observer:
    """Follows events and market data as a client would, and writes them down."""

    def __init__(self) -> None:
        self.labels: dict[int, str] = {}
        self.places: dict[int, int] = {}
        self.queues: dict[int, list[int]] = {Side.BUY: [], Side.SELL: []}
        self.resting: dict[int, list[int]] = {}
        self.positions: dict[int, np.void] = {}
        self.order_ids: dict[tuple[int, str], int] = {}
        self.top: tuple[int, ...] = (NO_PRICE, 0, 0) * 2

    def see(self, events: np.ndarray, market_data: np.ndarray) -> list[str]:
        """What is written right of the bar for one command."""
        lines = [line for event in events for line in self.event(event)]
        top_before = self.top
        lines += [line for record in market_data for line in self.record(record)]
        assert self.top == self.top_of_book(), "no TOP says what the best prices are now"
        assert (self.top != top_before) == (MarketDataKind.TOP in market_data["kind"]), "a TOP that says nothing new"
        return lines

    def event(self, event: np.void) -> Iterator[str]:
        """An event in words; POSITION events are remembered, those of founding the market left out."""
        kind, person = EventKind(int(event["kind"])), PERSONS.get(int(event["user"]), "server")
        name = f"{person} {event['label'].decode('ascii', 'replace') or '-'}"
        if kind == EventKind.ACCEPTED:
            self.labels[int(event["public_order_id"])] = event["label"].decode() or "-"
            self.order_ids[int(event["user"]), event["label"].decode()] = int(event["order_id"])
            self.places[int(event["order_id"])] = int(event["public_order_id"])
            yield f"{name} NEW {event['leaves']}"
        elif kind == EventKind.EXECUTED:
            left = f", {event['leaves']} left" if event["leaves"] else ""
            yield f"{name} {OrderState(event['state']).name} {event['last_quantity']} @ {event['last_price']}{left}"
        elif kind == EventKind.CANCELED:
            yield f"{name} CANCELED {event['last_quantity']} {CancelReason(event['reason']).name}"
        elif kind == EventKind.REPLACED:
            moved = self.places[int(event["order_id"])] != event["public_order_id"]
            self.places[int(event["order_id"])] = int(event["public_order_id"])
            self.labels[int(event["public_order_id"])] = event["label"].decode() or "-"
            place = ", new place" if moved else ""
            yield f"{name} REPLACED {event['quantity']} @ {event['price']}, {event['leaves']} left{place}"
        elif kind == EventKind.REJECTED:
            yield f"{name} REJECTED {RejectReason(event['reason']).name} ({event['value']}, {event['limit']})"
        elif kind == EventKind.MASS_CANCELED:
            yield f"{person} MASS_CANCELED {event['quantity']}"
        elif kind == EventKind.PHASE_CHANGED:
            yield f"phase {Phase(event['phase']).name}"
        elif kind == EventKind.POSITION:
            self.positions[int(event["account"])] = event

    def record(self, record: np.void) -> Iterator[str]:
        """Keeps the book; an indicative is written."""
        kind, place = int(record["kind"]), int(record["public_order_id"])
        if kind == MarketDataKind.ADD:
            self.queues[int(record["side"])].append(place)
            self.resting[place] = [int(record["price"]), int(record["quantity"])]
        elif kind in (MarketDataKind.EXECUTE, MarketDataKind.REDUCE, MarketDataKind.DELETE):
            self.resting[place][1] -= int(record["quantity"])
            if not self.resting[place][1]:
                self.queues[int(record["side"])].remove(place)
        elif kind == MarketDataKind.TOP:
            top = record.reshape(1).view(TOP_RECORD)[0].tolist()
            self.top = (top[7], top[8], top[11], top[9], top[10], top[12])
        elif kind == MarketDataKind.INDICATIVE:
            price = "none" if record["price"] == NO_PRICE else record["price"]
            yield f"indicative {price}: {record['quantity']}, surplus {record['level_quantity']}"
            return
        if kind in (MarketDataKind.ADD, MarketDataKind.EXECUTE, MarketDataKind.REDUCE, MarketDataKind.DELETE):
            self.check_level(record)

    def check_level(self, record: np.void) -> None:
        """The level that a record tells is the one that follows from all records."""
        price, queue = self.resting[int(record["public_order_id"])][0], self.queues[int(record["side"])]
        level = [self.resting[place][1] for place in queue if self.resting[place][0] == price]
        assert (record["level_quantity"], record["level_orders"]) == (sum(level), len(level)), record

    def top_of_book(self) -> tuple[int, ...]:
        """Bid price, quantity, orders, ask price, quantity, orders, as all records together say."""
        top: list[int] = []
        for side, queue in self.queues.items():
            prices = [self.resting[place][0] for place in queue]
            if not prices:
                top += (NO_PRICE, 0, 0)
                continue
            best = max(prices) if side == Side.BUY else min(prices)
            level = [self.resting[place][1] for place in queue if self.resting[place][0] == best]
            top += (best, sum(level), len(level))
        return tuple(top)

    def book(self) -> list[str]:
        """Bids best first, then asks: `bid 100: a1 6, b1 2`."""
        lines = []
        for name, side in SIDES.items():
            prices = {self.resting[place][0] for place in self.queues[side]}
            for price in sorted(prices, reverse=side == Side.BUY):
                at_price = [place for place in self.queues[side] if self.resting[place][0] == price]
                orders = ", ".join(f"{self.labels[place]} {self.resting[place][1]}" for place in at_price)
                lines.append(f"{name} {price}: {orders}")
        return lines or ["empty"]

    def position(self, name: str) -> list[str]:
        """What the last POSITION event of an account said, in two lines."""
        event = self.positions[NAMES[name]].reshape(1).view(POSITION_EVENT)[0]
        return [
            f"net {event['net']} cost {event['cost']} realised {event['realised']}",
            f"open {event['open_buy']}/{event['open_sell']} cash {event['cash']} reserved {event['reserved']}",
        ]
