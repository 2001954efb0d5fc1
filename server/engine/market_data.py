"""Writing market data: what each command changed in the public book, order by order, and the new top of it.

Rules: 8 words a record; the level is described after the change; a TOP is written at the end of a command that
changed best price, quantity or count of either side.
"""

import numpy as np

from server.engine.bits import low
from server.engine.book import best_shown_level, price_of
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import (
    BOOK_WORDS,
    HALF,
    INSTRUMENT_BOOKS,
    INSTRUMENT_PHASE,
    INSTRUMENT_TOP,
    LEVEL_ORDERS,
    LEVEL_QUANTITY,
    M_FLAGS_SHIFT,
    M_HEAD,
    M_INSTRUMENT_SHIFT,
    M_LEVEL_ORDERS_TRADE_NUMBER,
    M_LEVEL_QUANTITY,
    M_PHASE_SHIFT,
    M_PRICE,
    M_PUBLIC_ID,
    M_QUANTITY,
    M_SEQUENCE,
    M_SIDE_SHIFT,
    M_TIME,
    MARKET_DATA_USED,
    MARKET_DATA_WORDS,
    NO_PRICE,
    NONE,
    ORDER_PUBLIC_ID,
    SEQUENCE,
    T_ASK_PRICE,
    T_ASK_QUANTITY,
    T_BID_PRICE,
    T_BID_QUANTITY,
    T_ORDERS,
    TIME_NS,
    ZERO,
)
from server.engine.registry import id_of
from server.engine.vocabulary import TOP

_BID_PRICE = INSTRUMENT_TOP
_BID_QUANTITY = INSTRUMENT_TOP + np.uint64(1)
_ASK_PRICE = INSTRUMENT_TOP + np.uint64(2)
_ASK_QUANTITY = INSTRUMENT_TOP + np.uint64(3)
_COUNTS = INSTRUMENT_TOP + np.uint64(4)


@inline
def begin_record(m: Words, md: Words, instrument: np.uint64, kind: np.uint64) -> np.uint64:
    """Kind, instrument, phase, number and time of a record. Returns where it begins."""
    r = m[MARKET_DATA_USED]
    m[MARKET_DATA_USED] = r + MARKET_DATA_WORDS
    head = kind | m[instrument + INSTRUMENT_PHASE] << M_PHASE_SHIFT | low(id_of(m, instrument)) << M_INSTRUMENT_SHIFT
    sequence = m[SEQUENCE]
    time_ns = m[TIME_NS]
    md[r + M_HEAD] = head
    md[r + M_SEQUENCE] = sequence
    md[r + M_TIME] = time_ns
    return r


@inline
def publish(
    m: Words,
    md: Words,
    kind: np.uint64,
    instrument: np.uint64,
    side: np.uint64,
    order: np.uint64,
    price: np.int64,
    quantity: np.int64,
    level: np.uint64,
) -> np.uint64:
    """What happened to a resting order, and its level after it."""
    public_id = m[order + ORDER_PUBLIC_ID]  # all read before any is written, as in `events`
    level_quantity = m[level + LEVEL_QUANTITY]
    level_orders = low(m[level + LEVEL_ORDERS])
    r = begin_record(m, md, instrument, kind | side << M_SIDE_SHIFT)
    md[r + M_PUBLIC_ID] = public_id
    md[r + M_PRICE] = np.uint64(price)
    md[r + M_QUANTITY] = np.uint64(quantity)
    md[r + M_LEVEL_QUANTITY] = level_quantity
    md[r + M_LEVEL_ORDERS_TRADE_NUMBER] = level_orders
    return r


@inline
def mark_trade(md: Words, r: np.uint64, flags: np.uint64, trade_number: np.uint64) -> None:
    """Makes the record that begins at `r` that of a trade."""
    md[r + M_HEAD] |= flags << M_FLAGS_SHIFT
    md[r + M_LEVEL_ORDERS_TRADE_NUMBER] |= low(trade_number) << HALF


@inline
def hide_name(md: Words, r: np.uint64) -> None:
    """Makes the record that begins at `r` one of no order that the public knows."""
    md[r + M_PUBLIC_ID] = ZERO


@inline
def hide_queue(md: Words, r: np.uint64) -> None:
    """Makes the record that begins at `r` one of an order that stood in no level."""
    hide_name(md, r)
    md[r + M_LEVEL_QUANTITY] = ZERO
    md[r + M_LEVEL_ORDERS_TRADE_NUMBER] = ZERO


@kernel
def publish_instrument(
    m: Words,
    md: Words,
    kind: np.uint64,
    instrument: np.uint64,
    price: np.int64,
    quantity: np.int64,
    level_quantity: np.int64,
) -> None:
    """STATUS or INDICATIVE."""
    r = begin_record(m, md, instrument, kind)
    md[r + M_PUBLIC_ID] = ZERO
    md[r + M_PRICE] = np.uint64(price)
    md[r + M_QUANTITY] = np.uint64(quantity)
    md[r + M_LEVEL_QUANTITY] = np.uint64(level_quantity)
    md[r + M_LEVEL_ORDERS_TRADE_NUMBER] = ZERO


@inline
def publish_top(m: Words, z: Signed, md: Words, instrument: np.uint64) -> None:
    """TOP, if the best of either side is another than at the last TOP."""
    bids = instrument + INSTRUMENT_BOOKS
    asks = bids + BOOK_WORDS
    bid = best_shown_level(m, bids)
    ask = best_shown_level(m, asks)
    bid_price = price_of(m, bids, bid) if bid != NONE else NO_PRICE
    ask_price = price_of(m, asks, ask) if ask != NONE else NO_PRICE
    bid_quantity = m[bid + LEVEL_QUANTITY] if bid != NONE else ZERO
    ask_quantity = m[ask + LEVEL_QUANTITY] if ask != NONE else ZERO
    bid_orders = low(m[bid + LEVEL_ORDERS]) if bid != NONE else ZERO
    ask_orders = low(m[ask + LEVEL_ORDERS]) if ask != NONE else ZERO
    counts = bid_orders | ask_orders << HALF
    if (
        bid_price == z[instrument + _BID_PRICE]
        and ask_price == z[instrument + _ASK_PRICE]
        and bid_quantity == m[instrument + _BID_QUANTITY]
        and ask_quantity == m[instrument + _ASK_QUANTITY]
        and counts == m[instrument + _COUNTS]
    ):
        return
    z[instrument + _BID_PRICE] = bid_price
    z[instrument + _ASK_PRICE] = ask_price
    m[instrument + _BID_QUANTITY] = bid_quantity
    m[instrument + _ASK_QUANTITY] = ask_quantity
    m[instrument + _COUNTS] = counts
    r = begin_record(m, md, instrument, TOP)
    md[r + T_BID_PRICE] = np.uint64(bid_price)
    md[r + T_BID_QUANTITY] = bid_quantity
    md[r + T_ASK_PRICE] = np.uint64(ask_price)
    md[r + T_ASK_QUANTITY] = ask_quantity
    md[r + T_ORDERS] = counts
