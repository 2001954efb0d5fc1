"""Call auctions: the one price at which most trades, and the matching at it."""

from typing import Any

import numpy as np

from server.engine.book import best_level, book_of, first_order, level_of, next_level, previous_level, price_of, tidy
from server.engine.events import executed, position_event
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    INSTRUMENT_LAST,
    INSTRUMENT_REFERENCE,
    LEVEL_QUANTITY,
    NO_PRICE,
    NONE,
    ORDER_LEAVES,
    ZERO,
)
from server.engine.live_orders import forget
from server.engine.market_data import mark_trade, publish
from server.engine.matching import take_from
from server.engine.money import count_trade, settle
from server.engine.registry import position_row_of, user_row_of
from server.engine.vocabulary import AUCTION, BUY, EXECUTE, IN_AUCTION, PRINT, SELL


@inline
def reference_of(z: Signed, instrument: np.uint64) -> np.int64:
    """What decides between equal prices: the last trade of the day, else the instrument's reference price."""
    last = z[instrument + INSTRUMENT_LAST]
    return last if last != NO_PRICE else z[instrument + INSTRUMENT_REFERENCE]


@inline
def distance(a: np.int64, b: np.int64) -> np.uint64:
    """How far two prices are apart."""
    return U(a) - U(b) if a >= b else U(b) - U(a)


@kernel
def is_crossed(m: Words, instrument: np.uint64) -> bool:
    """Whether the best bid reaches the best ask."""
    bids = book_of(instrument, BUY)
    asks = book_of(instrument, SELL)
    bid = best_level(m, bids)
    ask = best_level(m, asks)
    return bool(bid != NONE and ask != NONE and price_of(m, bids, bid) >= price_of(m, asks, ask))


@kernel
def lowest_bid_reaching(m: Words, z: Signed, bids: np.uint64, price: np.int64) -> tuple[np.uint64, np.int64]:
    """The level of the lowest bid at this price or higher, and the quantity of all such bids."""
    level = best_level(m, bids)
    lowest = NONE
    total = np.int64(0)
    while level != NONE and price_of(m, bids, level) >= price:
        lowest = level
        total = total + z[level + LEVEL_QUANTITY]
        level = next_level(m, level)
    return lowest, total


@kernel
def equilibrium(m: Words, z: Signed, instrument: np.uint64) -> tuple[np.int64, np.int64, np.int64]:
    """(price, volume, surplus) of a crossed book; walks the limit prices within the cross upward."""
    bids = book_of(instrument, BUY)
    asks = book_of(instrument, SELL)
    ask = best_level(m, asks)
    bid, bought = lowest_bid_reaching(m, z, bids, price_of(m, asks, ask))
    sold = np.int64(0)
    reference = reference_of(z, instrument)
    lowest = highest = nearest = NO_PRICE
    volume = surplus = np.int64(0)
    nearest_surplus = lowest_surplus = highest_surplus = np.int64(0)
    some_long: Any = False
    some_short: Any = False
    some_even: Any = False
    while bid != NONE:
        bid_price = price_of(m, bids, bid)
        ask_price = price_of(m, asks, ask) if ask != NONE else bid_price
        price = min(bid_price, ask_price)
        if ask != NONE and ask_price == price:
            sold = sold + z[ask + LEVEL_QUANTITY]
            ask = next_level(m, ask)
        traded = min(bought, sold)
        left = bought - sold
        if traded > volume or (traded == volume and abs(left) < abs(surplus)):
            volume = traded
            surplus = left
            lowest = highest = nearest = price
            lowest_surplus = highest_surplus = nearest_surplus = left
            some_long = left > 0
            some_short = left < 0
            some_even = left == 0
        elif traded == volume and abs(left) == abs(surplus):
            highest = price
            highest_surplus = left
            if reference == NO_PRICE or distance(price, reference) <= distance(nearest, reference):
                nearest = price
                nearest_surplus = left
            some_long = some_long or left > 0
            some_short = some_short or left < 0
            some_even = some_even or left == 0
        if bid_price == price:
            bought = bought - z[bid + LEVEL_QUANTITY]
            bid = previous_level(m, bid)
    if some_long and not some_short and not some_even:
        return highest, volume, highest_surplus
    if some_short and not some_long and not some_even:
        return lowest, volume, lowest_surplus
    return nearest, volume, nearest_surplus


@inline
def match(
    m: Words,
    z: Signed,
    ev: Words,
    md: Words,
    instrument: np.uint64,
    buyer: np.uint64,
    seller: np.uint64,
    price: np.int64,
    quantity: np.int64,
) -> None:
    """One trade of an auction between the first orders of both sides."""
    bids = book_of(instrument, BUY)
    asks = book_of(instrument, SELL)
    bid = level_of(m, buyer)
    ask = level_of(m, seller)
    take_from(m, z, bids, buyer, quantity)
    take_from(m, z, asks, seller, quantity)
    number = count_trade(m, z, instrument, price, quantity)
    settle(m, z, buyer, price, quantity)
    settle(m, z, seller, price, quantity)
    executed(m, z, ev, buyer, AUCTION, price, quantity)
    position_event(m, ev, user_row_of(m, buyer), position_row_of(m, buyer), ZERO)
    executed(m, z, ev, seller, AUCTION, price, quantity)
    position_event(m, ev, user_row_of(m, seller), position_row_of(m, seller), ZERO)
    r = publish(m, md, EXECUTE, instrument, BUY, buyer, price, quantity, bid)
    mark_trade(md, r, PRINT | IN_AUCTION, number)
    r = publish(m, md, EXECUTE, instrument, SELL, seller, price, quantity, ask)
    mark_trade(md, r, IN_AUCTION, number)
    tidy(m, bids, bid)
    tidy(m, asks, ask)


@kernel
def uncross(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> None:
    """The auction of a crossed book: trades the volume at the one price, in price-time priority on both sides."""
    price, volume, _ = equilibrium(m, z, instrument)
    bids = book_of(instrument, BUY)
    asks = book_of(instrument, SELL)
    while volume > 0:
        buyer = first_order(m, best_level(m, bids))
        seller = first_order(m, best_level(m, asks))
        quantity = min(z[buyer + ORDER_LEAVES], z[seller + ORDER_LEAVES])
        match(m, z, ev, md, instrument, buyer, seller, price, quantity)
        if m[buyer + ORDER_LEAVES] == ZERO:
            forget(m, buyer)
        if m[seller + ORDER_LEAVES] == ZERO:
            forget(m, seller)
        volume = volume - quantity
