"""The auction against brute force: random books, every price of the grid tried, every fill allotted by hand.

Rules: the brute force shares no code with engine or oracle; it looks at every price of the grid, not at candidates
alone, and hands out the volume order by order. Books have up to 24 orders on 24 prices, so that ties are frequent; some
have market orders, some no reference price.
`python -m tests.engine.auction_brute_force [--books 100000] [--seed 1] [--oracle]` prints the first book that differs.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind, EventKind, MarketDataFlag, MarketDataKind, OrderType, Phase, TimeInForce
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT
from tests.oracle import OracleExchange

BUYER, SELLER, SESSION, INSTRUMENT = 1, 2, 9, 1
PRICE_MIN, PRICES = 100, 24
START_NS = 1_700_000_000_000_000_000
FAR = 10**9
BOOKS_OF_EXCHANGE = 1_000
MARKET_ORDERS = True
"""Whether books have market orders."""


@dataclass(frozen=True)
class Bid:
    """An order of a book: side 0 buys; price None is a market order."""

    side: int
    price: int | None
    quantity: int


@dataclass(frozen=True)
class RandomBook:
    """The orders in the order of time, and the reference price or None."""

    orders: tuple[Bid, ...]
    reference: int | None


@dataclass(frozen=True)
class Uncrossing:
    """Price, volume, surplus, and what each order got."""

    price: int | None
    volume: int
    surplus: int
    fills: tuple[int, ...]


def random_book(draw: random.Random, with_reference: bool, with_market_orders: bool) -> RandomBook:
    """A book whose sides overlap more or less."""
    low, high = sorted(draw.randint(0, PRICES - 1) for _ in range(2))
    market_share = draw.choice((0, 0, 0.15, 0.6)) if with_market_orders else 0
    orders = []
    for _ in range(draw.randint(1, 24)):
        side = draw.randint(0, 1)
        around = draw.choice((low, high, draw.randint(low, high), draw.randint(0, PRICES - 1)))
        price = None if draw.random() < market_share else PRICE_MIN + around
        orders.append(Bid(side, price, draw.choice((1, 1, 2, 3, 5, 10, draw.randint(1, 50)))))
    reference = PRICE_MIN + draw.randint(-3, PRICES + 2) if with_reference else None
    return RandomBook(tuple(orders), reference)


def brute_force(book: RandomBook) -> Uncrossing:
    """Section 5 of the rule book, price by price."""
    nothing = Uncrossing(None, 0, 0, (0,) * len(book.orders))
    market = [sum(o.quantity for o in book.orders if o.side == side and o.price is None) for side in (0, 1)]
    limits = {order.price for order in book.orders if order.price is not None}
    grid = range(PRICE_MIN, PRICE_MIN + PRICES)
    if min(market) > 0 and book.reference in grid:
        limits.add(book.reference)
    table = {price: at_price(book, price) for price in grid}
    tradable = {price: bought_sold for price, bought_sold in table.items() if min(bought_sold) > 0 and price in limits}
    if not tradable:
        return nothing
    volume = max(min(pair) for pair in tradable.values())
    assert volume == max(min(pair) for pair in table.values()) or min(market) > 0, (
        "a price between the limits is better"
    )
    left = {price: pair[0] - pair[1] for price, pair in tradable.items() if min(pair) == volume}
    least = min(abs(surplus) for surplus in left.values())
    left = {price: surplus for price, surplus in left.items() if abs(surplus) == least}
    if all(surplus > 0 for surplus in left.values()) or book.reference is None:
        price = max(left) if any(surplus >= 0 for surplus in left.values()) else min(left)
    elif all(surplus < 0 for surplus in left.values()):
        price = min(left)
    else:
        price = min(left, key=lambda one: (abs(one - book.reference), -one))  # type: ignore[operator]
    return Uncrossing(price, volume, left[price], allotted(book, price, volume))


def at_price(book: RandomBook, price: int) -> tuple[int, int]:
    """(what buys, what sells) at a price."""
    buys = sum(o.quantity for o in book.orders if o.side == 0 and (o.price is None or o.price >= price))
    sells = sum(o.quantity for o in book.orders if o.side == 1 and (o.price is None or o.price <= price))
    return buys, sells


def allotted(book: RandomBook, price: int, volume: int) -> tuple[int, ...]:
    """What each order gets: market orders first, then by price, then by time."""
    fills = [0] * len(book.orders)
    for side in (0, 1):
        sign = -1 if side == 0 else 1
        mine = [n for n, order in enumerate(book.orders) if order.side == side]
        mine.sort(key=lambda n: (-FAR if book.orders[n].price is None else sign * (book.orders[n].price or 0), n))
        left = volume
        for number in mine:
            limit = book.orders[number].price
            if limit is None or sign * limit <= sign * price:
                fills[number] = min(left, book.orders[number].quantity)
                left -= fills[number]
    return tuple(fills)


class Auctioneer:
    """Runs books on an exchange, one day each."""

    def __init__(self, exchange: Exchange | OracleExchange) -> None:
        self.exchange = exchange
        self.sequence = 0
        self.counters = {BUYER: 0, SELLER: 0}
        listing = np.zeros(1, LIST_INSTRUMENT)
        for name, value in {
            "kind": CommandKind.LIST_INSTRUMENT, "group_count": 1, "instrument": INSTRUMENT, "symbol": b"BOOK",
            "price_min": PRICE_MIN, "price_max": PRICE_MIN + PRICES - 1, "quantity_max": 1_000, "cash_scale": 1,
            "reference_price": NO_PRICE, "tick_size": 1, "lot_size": 1, "currency": 1,
        }.items():  # fmt: skip
            listing[name] = value
        rows = [listing.view(COMMAND)]
        for account in (BUYER, SELLER):
            opening = np.zeros(1, OPEN_ACCOUNT)
            for name, number in {
                "kind": CommandKind.OPEN_ACCOUNT, "group_count": 1, "account": account, "credit_limit": 1 << 50,
                "currency": 1, "short_allowed": 1, "orders_max": 1_000,
            }.items():  # fmt: skip
                opening[name] = number
            rows += [
                opening.view(COMMAND),
                self.row(CommandKind.GRANT, account=account, decision_maker=account, flags=3),
                self.row(CommandKind.SESSION_OPENED, user=account, session=SESSION),
            ]
        self.apply(rows)

    @staticmethod
    def row(kind: int, **fields: int) -> NDArray[np.void]:
        """A COMMAND row without its stamp."""
        row = np.zeros(1, COMMAND)
        row["kind"], row["group_count"] = kind, 1
        for name, value in fields.items():
            row[name] = value
        return row

    def apply(self, rows: list[NDArray[np.void]]) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """(events, market data) of these commands."""
        commands = np.frombuffer(b"".join(row.tobytes() for row in rows), COMMAND).copy()
        commands["sequence"] = np.arange(self.sequence + 1, self.sequence + 1 + len(rows))
        commands["time_ns"] = START_NS + commands["sequence"].astype(np.int64)
        self.sequence += len(rows)
        outputs = self.exchange.apply(commands)
        return outputs.events.copy(), outputs.market_data.copy()

    def run(self, book: RandomBook) -> Uncrossing:
        """A day of its own: the call, the indicative, the auction, the close."""
        reference = NO_PRICE if book.reference is None else book.reference
        rows = [self.row(CommandKind.SET_PHASE, instrument=INSTRUMENT, side=Phase.PRE_OPEN, price=reference)]
        for order in book.orders:
            user = SELLER if order.side else BUYER
            self.counters[user] += 1
            kind = OrderType.LIMIT if order.price is not None else OrderType.MARKET
            life = TimeInForce.DAY if order.price is not None else TimeInForce.AUCTION
            rows.append(
                self.row(
                    CommandKind.NEW_ORDER, user=user, session=SESSION, client_instance=1,
                    counter=self.counters[user], account=user, instrument=INSTRUMENT, side=order.side,
                    order_type=kind, time_in_force=life, quantity=order.quantity,
                    price=NO_PRICE if order.price is None else order.price,
                )
            )  # fmt: skip
        rows.append(self.row(CommandKind.SET_PHASE, instrument=INSTRUMENT, side=Phase.CONTINUOUS, price=NO_PRICE))
        events, market_data = self.apply(rows)
        self.apply([self.row(CommandKind.SET_PHASE, instrument=INSTRUMENT, side=Phase.CLOSED, price=NO_PRICE)])
        ids = events["order_id"][events["kind"] == EventKind.ACCEPTED].tolist()
        assert len(ids) == len(book.orders), "an order was refused"
        executed = events[events["kind"] == EventKind.EXECUTED]
        fills = tuple(int(executed["last_quantity"][executed["order_id"] == number].sum()) for number in ids)
        prints = market_data[(market_data["kind"] == MarketDataKind.EXECUTE) & (market_data["flags"] & 1 == 1)]
        assert (prints["flags"] & MarketDataFlag.AUCTION != 0).all(), "a print that is none of an auction"
        prices = set(prints["price"].tolist()) | set(executed["last_price"].tolist())
        assert len(prices) <= 1, "several prices"
        return Uncrossing(prices.pop() if prices else None, int(prints["quantity"].sum()), 0, fills)


def differences(
    kind: type[Exchange] | type[OracleExchange], seed: int, books: int, with_market_orders: bool = MARKET_ORDERS
) -> Iterator[str]:
    """What is not as brute force says; a new exchange every thousand books, at first without a reference price."""
    draw = random.Random(seed)
    for number in range(books):
        if number % BOOKS_OF_EXCHANGE == 0:
            auctioneer = Auctioneer(kind())
        book = random_book(draw, number % BOOKS_OF_EXCHANGE >= BOOKS_OF_EXCHANGE // 5, with_market_orders)
        expected, seen = brute_force(book), auctioneer.run(book)
        if (expected.price, expected.volume, expected.fills) != (seen.price, seen.volume, seen.fills):
            yield f"seed {seed}, book {number}: {book}\n  brute force {expected}\n  seen        {seen}"


def main() -> int:
    """Prints the first difference; exit status 1 if there is one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--books", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--oracle", action="store_true", help="the oracle instead of the engine")
    options = parser.parse_args()
    with np.errstate(over="ignore"):
        found = next(differences(OracleExchange if options.oracle else Exchange, options.seed, options.books), None)
    sys.stdout.write(f"{options.books} books: {found or 'no difference'}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
