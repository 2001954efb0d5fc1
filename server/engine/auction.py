"""Call auctions: the one price at which most trades, and the matching at it. Market orders stand before all others."""

from typing import Any

import numpy as np

from server.engine.auction_orders import is_queue, market_queue, step_out
from server.engine.book import (
    best_level,
    book_of,
    first_order,
    level_of,
    level_total,
    next_level,
    previous_level,
    price_of,
    tidy,
)
from server.engine.events import executed, position_event
from server.engine.kernel import Signed, U, Words, inline, kernel
from server.engine.layout import (
    INSTRUMENT_LAST,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    INSTRUMENT_REFERENCE,
    INSTRUMENT_TICK_SIZE,
    LEVEL_QUANTITY,
    NO_PRICE,
    NONE,
    ORDER_LEAVES,
    TIME_NS,
    ZERO,
)
from server.engine.layout_phases import INSTRUMENT_AUCTION_PRICE, INSTRUMENT_AUCTION_TIME
from server.engine.live_orders import forget
from server.engine.market_data import hide_queue, mark_trade, publish
from server.engine.matching import publish_fill, take_from
from server.engine.money import count_trade, settle, side_of
from server.engine.registry import position_row_of, user_row_of
from server.engine.resting import is_used_up, refresh
from server.engine.self_trade import is_marked
from server.engine.trades import mark_auction, record_trade
from server.engine.vocabulary import AUCTION, BUY, EXECUTE, IN_AUCTION, PRINT, SELL
from server.engine.vocabulary_orders import SAME_OWNER, UNSEEN

_HIGHEST = np.int64((1 << 63) - 1)


@inline
def reference_of(z: Signed, instrument: np.uint64) -> np.int64:
    """What decides between equal prices: the last trade of the day, else the instrument's reference price."""
    last = z[instrument + INSTRUMENT_LAST]
    return last if last != NO_PRICE else z[instrument + INSTRUMENT_REFERENCE]


@inline
def distance(a: np.int64, b: np.int64) -> np.uint64:
    """How far two prices are apart."""
    return U(a) - U(b) if a >= b else U(b) - U(a)


@inline
def market_quantity(z: Signed, instrument: np.uint64, side: np.uint64) -> np.int64:
    """What the market orders of a side want to trade."""
    return z[market_queue(instrument, side) + LEVEL_QUANTITY]


@inline
def is_candidate(m: Words, z: Signed, instrument: np.uint64, price: np.int64) -> bool:
    """Whether a reference price may be the price of an auction between market orders."""
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    return bool(
        price != NO_PRICE
        and price >= lowest
        and price <= z[instrument + INSTRUMENT_PRICE_MAX]
        and (U(price) - U(lowest)) % m[instrument + INSTRUMENT_TICK_SIZE] == ZERO
    )


@kernel
def is_crossed(m: Words, z: Signed, instrument: np.uint64) -> bool:
    """Whether an auction is possible: both sides have an order, and some price suits both."""
    bids = book_of(instrument, BUY)
    asks = book_of(instrument, SELL)
    bid = best_level(m, bids)
    ask = best_level(m, asks)
    bought = market_quantity(z, instrument, BUY)
    sold = market_quantity(z, instrument, SELL)
    if bought > 0 and sold > 0:
        return bool(bid != NONE or ask != NONE or is_candidate(m, z, instrument, reference_of(z, instrument)))
    if bought > 0:
        return bool(ask != NONE)
    if sold > 0:
        return bool(bid != NONE)
    return bool(bid != NONE and ask != NONE and price_of(m, bids, bid) >= price_of(m, asks, ask))


@kernel
def lowest_bid_reaching(m: Words, z: Signed, bids: np.uint64, price: np.int64) -> tuple[np.uint64, np.int64]:
    """The level of the lowest bid at this price or higher, and the quantity of all such bids."""
    level = best_level(m, bids)
    lowest = NONE
    total = np.int64(0)
    while level != NONE and price_of(m, bids, level) >= price:
        lowest = level
        total = total + level_total(m, z, level)
        level = next_level(m, level)
    return lowest, total


@kernel
def equilibrium(m: Words, z: Signed, instrument: np.uint64) -> tuple[np.int64, np.int64, np.int64]:
    """(price, volume, surplus) where an auction is possible; walks the candidates that could trade upward."""
    bids = book_of(instrument, BUY)
    asks = book_of(instrument, SELL)
    ask = best_level(m, asks)
    at_any_price = market_quantity(z, instrument, BUY)
    sold = market_quantity(z, instrument, SELL)
    floor = NO_PRICE if sold > 0 else price_of(m, asks, ask)
    bid, bought = lowest_bid_reaching(m, z, bids, floor)
    bought = bought + at_any_price
    reference = reference_of(z, instrument)
    extra: Any = at_any_price > 0 and sold > 0 and is_candidate(m, z, instrument, reference)
    lowest = highest = nearest = NO_PRICE
    volume = surplus = np.int64(0)
    nearest_surplus = lowest_surplus = highest_surplus = np.int64(0)
    some_long: Any = False
    some_short: Any = False
    some_even: Any = False
    while bid != NONE or (at_any_price > 0 and (ask != NONE or extra)):
        bid_price = price_of(m, bids, bid) if bid != NONE else _HIGHEST
        ask_price = price_of(m, asks, ask) if ask != NONE else _HIGHEST
        price = min(bid_price, ask_price)
        if extra and reference <= price:
            price = reference
            extra = False
        if ask != NONE and ask_price == price:
            sold = sold + level_total(m, z, ask)
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
        if bid != NONE and bid_price == price:
            bought = bought - level_total(m, z, bid)
            bid = previous_level(m, bid)
    if some_long and not some_short and not some_even:
        return highest, volume, highest_surplus
    if some_short and not some_long and not some_even:
        return lowest, volume, lowest_surplus
    return nearest, volume, nearest_surplus


@inline
def take_part(m: Words, z: Signed, book: np.uint64, order: np.uint64, quantity: np.int64) -> None:
    """Takes a traded quantity from an order of the book or of a market queue."""
    queue = level_of(m, order)
    if not is_queue(m, queue):
        take_from(m, z, book, order, quantity)
        return
    if quantity == z[order + ORDER_LEAVES]:
        step_out(m, z, order)
    else:
        z[queue + LEVEL_QUANTITY] -= quantity
    z[order + ORDER_LEAVES] -= quantity


@kernel
def print_side(
    m: Words,
    md: Words,
    instrument: np.uint64,
    order: np.uint64,
    price: np.int64,
    quantity: np.int64,
    level: np.uint64,
    flags: np.uint64,
    number: np.uint64,
) -> None:
    """EXECUTE of one side of an auction's trade."""
    if not is_queue(m, level):
        publish_fill(m, md, instrument, order, price, quantity, level, flags, number)
        return
    r = publish(m, md, EXECUTE, instrument, side_of(m, order), order, price, quantity, level)
    hide_queue(md, r)
    mark_trade(md, r, flags | UNSEEN, number)


@inline
def tidy_side(m: Words, book: np.uint64, level: np.uint64) -> None:
    """Leaves no empty level of the book behind."""
    if not is_queue(m, level):
        tidy(m, book, level)


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
    bid = level_of(m, buyer)
    ask = level_of(m, seller)
    take_part(m, z, book_of(instrument, BUY), buyer, quantity)
    take_part(m, z, book_of(instrument, SELL), seller, quantity)
    number = count_trade(m, z, instrument, price, quantity)
    buyer_fee = settle(m, z, buyer, price, quantity, AUCTION)
    seller_fee = settle(m, z, seller, price, quantity, AUCTION)
    record_trade(m, z, buyer, seller, price, quantity, number)
    mark_auction(m, instrument, number)
    executed(m, z, ev, buyer, AUCTION, price, quantity, buyer_fee)
    position_event(m, ev, user_row_of(m, buyer), position_row_of(m, buyer), ZERO)
    executed(m, z, ev, seller, AUCTION, price, quantity, seller_fee)
    position_event(m, ev, user_row_of(m, seller), position_row_of(m, seller), ZERO)
    marks = IN_AUCTION | SAME_OWNER if is_marked(m, buyer, seller) else IN_AUCTION
    print_side(m, md, instrument, buyer, price, quantity, bid, marks | PRINT, number)
    print_side(m, md, instrument, seller, price, quantity, ask, marks, number)
    tidy_side(m, book_of(instrument, BUY), bid)
    tidy_side(m, book_of(instrument, SELL), ask)


@inline
def first_in_auction(m: Words, instrument: np.uint64, side: np.uint64) -> np.uint64:
    """The order of a side that an auction serves next."""
    order = first_order(m, market_queue(instrument, side))
    return order if order != NONE else first_order(m, best_level(m, book_of(instrument, side)))


@kernel
def uncross(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> None:
    """The auction, where one is possible: trades the volume at the one price, in price-time priority on both sides."""
    price, volume, _ = equilibrium(m, z, instrument)
    z[instrument + INSTRUMENT_AUCTION_PRICE] = price
    m[instrument + INSTRUMENT_AUCTION_TIME] = m[TIME_NS]
    while volume > 0:
        buyer = first_in_auction(m, instrument, BUY)
        seller = first_in_auction(m, instrument, SELL)
        quantity = min(z[buyer + ORDER_LEAVES], z[seller + ORDER_LEAVES])
        match(m, z, ev, md, instrument, buyer, seller, price, quantity)
        if m[buyer + ORDER_LEAVES] == ZERO:
            forget(m, buyer)
        if m[seller + ORDER_LEAVES] == ZERO:
            forget(m, seller)
        volume = volume - quantity
    refresh_first(m, z, ev, md, book_of(instrument, BUY))
    refresh_first(m, z, ev, md, book_of(instrument, SELL))


@kernel
def refresh_first(m: Words, z: Signed, ev: Words, md: Words, book: np.uint64) -> None:
    """After an auction the first order of a side may be an iceberg whose shown part is used up."""
    level = best_level(m, book)
    if level != NONE and is_used_up(m, z, first_order(m, level)):
        refresh(m, z, ev, md, first_order(m, level))
