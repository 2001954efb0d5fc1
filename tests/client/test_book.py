"""Client books: levels and orders from a snapshot and what follows."""

import numpy as np
import pytest

from server.client.book import BookBroken, DepthBook, OrderBook
from server.protocol.enums import MarketDataFlag, MarketDataKind, Side
from server.protocol.records import BOOK_RECORD


def rows(*items: dict[str, int]) -> np.ndarray:
    """BOOK_RECORD rows from dicts."""
    records = np.zeros(len(items), BOOK_RECORD)
    for index, item in enumerate(items):
        for name, value in item.items():
            records[index][name] = value
    return records


def level(side: Side, price: int, quantity: int, orders: int = 1) -> dict[str, int]:
    """A LEVEL row."""
    return {
        "kind": MarketDataKind.LEVEL,
        "side": side,
        "price": price,
        "level_quantity": quantity,
        "level_orders": orders,
    }


def order(kind: MarketDataKind, number: int, quantity: int, price: int = 100, side: Side = Side.BUY) -> dict[str, int]:
    """An order by order row."""
    return {"kind": kind, "public_order_id": number, "quantity": quantity, "price": price, "side": side}


def test_depth_levels_are_absolute_and_vanish_at_zero():
    book = DepthBook()
    book.apply_snapshot(rows(level(Side.BUY, 99, 5), level(Side.BUY, 98, 7, 2), level(Side.SELL, 101, 3)))
    book.apply(rows(level(Side.BUY, 99, 0), level(Side.SELL, 100, 4)))
    assert book.best_bid() == (98, 7, 2)
    assert book.best_ask() == (100, 4, 1)
    assert book.levels(Side.SELL, 5) == [(100, 4, 1), (101, 3, 1)]


def test_an_empty_book_has_no_best():
    book = DepthBook()
    assert book.best_bid() is None
    assert book.best_ask() is None


def test_orders_execute_reduce_and_go():
    book = OrderBook()
    add, execute, reduce, delete = (
        MarketDataKind.ADD,
        MarketDataKind.EXECUTE,
        MarketDataKind.REDUCE,
        MarketDataKind.DELETE,
    )
    book.apply_snapshot(rows(order(add, 1, 5), order(add, 2, 6)))
    book.apply(rows(order(execute, 1, 5), order(reduce, 2, 1), order(add, 3, 9, 101, Side.SELL)))
    assert book.levels(Side.BUY) == {100: (5, 1)}
    book.apply(rows(order(delete, 2, 5)))
    assert book.levels(Side.BUY) == {}
    assert book.levels(Side.SELL) == {101: (9, 1)}


@pytest.mark.parametrize(
    "record",
    [
        order(MarketDataKind.ADD, 1, 5),
        order(MarketDataKind.EXECUTE, 9, 1),
        order(MarketDataKind.REDUCE, 1, 6),
        order(MarketDataKind.DELETE, 9, 1),
    ],
)
def test_a_record_that_fits_to_nothing_breaks_the_book(record: dict[str, int]):
    book = OrderBook()
    book.apply_snapshot(rows(order(MarketDataKind.ADD, 1, 5)))
    with pytest.raises(BookBroken):
        book.apply(rows(record))


def test_an_iceberg_trades_in_an_auction_with_what_it_does_not_show():
    book = OrderBook()
    book.apply_snapshot(rows(order(MarketDataKind.ADD, 1, 3)))
    book.apply(rows(order(MarketDataKind.EXECUTE, 1, 8) | {"flags": MarketDataFlag.AUCTION}))
    assert not book.orders
    book.apply(rows(order(MarketDataKind.ADD, 2, 3)))
    with pytest.raises(BookBroken):
        book.apply(rows(order(MarketDataKind.EXECUTE, 2, 8)))


def test_an_iceberg_goes_on_trading_in_an_auction_when_its_shown_part_is_used_up():
    book = OrderBook()
    book.apply_snapshot(rows(order(MarketDataKind.ADD, 1, 3)))
    again = order(MarketDataKind.EXECUTE, 1, 5) | {"flags": MarketDataFlag.AUCTION}
    book.apply(rows(again, again))
    book.apply(rows(again))
    book.apply(rows(order(MarketDataKind.ADD, 1, 2)))
    assert book.levels(Side.BUY) == {100: (2, 1)}
    with pytest.raises(BookBroken):
        book.apply(rows(order(MarketDataKind.EXECUTE, 2, 5) | {"flags": MarketDataFlag.AUCTION}))
