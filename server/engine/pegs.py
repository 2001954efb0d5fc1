"""Pegs: hidden orders whose price follows the best shown prices. Where one should stand, and how it moves there.

Rules: outside of the phases that match at once, or without its reference, a peg is parked. Pegs move one at a time by
ascending order_id; those before ATTENTION_PEG stand right as long as best shown prices and phase are as compared, and
the tick table is the same.
"""

import numpy as np

from server.engine.attended import first_of, next_in_list
from server.engine.book import best_shown_level, book_of, price_of
from server.engine.entering import changed_by_exchange, come_in, matches_at_once
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, U, Words, cold, inline, kernel
from server.engine.layout import (
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    NO_PRICE,
    NONE,
    ORDER_PRICE,
)
from server.engine.layout_stops import (
    ATTENTION_ASK,
    ATTENTION_BID,
    ATTENTION_MATCHES,
    ATTENTION_PEG,
    ATTENTION_PEGS,
    EXTENSION_OFFSET,
    EXTENSION_PEG,
    EXTENSION_PRICE_CAP,
    EXTENSION_WHERE,
    IN_BOOK,
    INSTRUMENT_ATTENTION,
    PARKED_PLACE,
)
from server.engine.money import side_of
from server.engine.resting import leave, take_public_id
from server.engine.stop_prices import grid_down, grid_up
from server.engine.vocabulary import BUY, SELL
from server.engine.vocabulary_stops import PEG_MARKET, PEG_MID, RESTATED_PEGGED
from server.engine.waiting import where_is


@kernel
def best_shown_price(m: Words, instrument: np.uint64, side: np.uint64) -> np.int64:
    """The best price of a side that market data show, or NO_PRICE."""
    book = book_of(instrument, side)
    level = best_shown_level(m, book)
    return NO_PRICE if level == NONE else price_of(m, book, level)


@kernel
def reference_for(side: np.uint64, peg: np.uint64, bid: np.int64, ask: np.int64) -> np.int64:
    """What a peg follows, or NO_PRICE; the middle is rounded down for a buy, up for a sale."""
    if peg == PEG_MID:
        if bid == NO_PRICE or ask == NO_PRICE:
            return NO_PRICE
        spread = ask - bid
        return bid + (spread >> 1) if side == BUY else bid + (spread + 1 >> 1)
    return bid if (side == BUY) == (peg != PEG_MARKET) else ask


@kernel
def followed_price(
    m: Words, z: Signed, instrument: np.uint64, extension: np.uint64, side: np.uint64, bid: np.int64, ask: np.int64
) -> np.int64:
    """Where a peg of this side should stand, or NO_PRICE: nowhere."""
    reference = reference_for(side, m[extension + EXTENSION_PEG], bid, ask)
    if reference == NO_PRICE:
        return NO_PRICE
    lowest = z[instrument + INSTRUMENT_PRICE_MIN]
    highest = z[instrument + INSTRUMENT_PRICE_MAX]
    offset = z[extension + EXTENSION_OFFSET]
    cap = z[extension + EXTENSION_PRICE_CAP]
    if side == BUY:
        if offset < lowest - reference:
            return NO_PRICE
        price = highest if offset > highest - reference else grid_down(m, z, instrument, reference + offset)
        return price if cap == NO_PRICE else min(price, cap)
    if offset > highest - reference:
        return NO_PRICE
    price = lowest if offset < lowest - reference else grid_up(m, z, instrument, reference + offset)
    return price if cap == NO_PRICE else max(price, cap)


@inline
def stands_at(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """Where a peg stands, or NO_PRICE: it is parked."""
    return NO_PRICE if where_is(m, order) == PARKED_PLACE else z[order + ORDER_PRICE]


@cold
def look_at_pegs(m: Words, instrument: np.uint64) -> None:
    """Any peg of an instrument may stand elsewhere than it should: its tick table is another."""
    attention = m[instrument + INSTRUMENT_ATTENTION]
    if attention != NONE:
        m[attention + ATTENTION_PEG] = first_of(m, attention + ATTENTION_PEGS)


@kernel
def move_next_peg(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64, attention: np.uint64) -> bool:
    """Moves the first peg that stands elsewhere than it should; says whether there was one."""
    bid = best_shown_price(m, instrument, BUY)
    ask = best_shown_price(m, instrument, SELL)
    matches = U(matches_at_once(m, instrument))
    same = bid == z[attention + ATTENTION_BID] and ask == z[attention + ATTENTION_ASK]
    if not same or matches != m[attention + ATTENTION_MATCHES]:
        z[attention + ATTENTION_BID] = bid
        z[attention + ATTENTION_ASK] = ask
        m[attention + ATTENTION_MATCHES] = matches
        m[attention + ATTENTION_PEG] = first_of(m, attention + ATTENTION_PEGS)
    while m[attention + ATTENTION_PEG] != NONE:
        order = m[attention + ATTENTION_PEG]
        m[attention + ATTENTION_PEG] = next_in_list(m, order)
        price = NO_PRICE
        if matches_at_once(m, instrument):
            price = followed_price(m, z, instrument, extension_of(m, order), side_of(m, order), bid, ask)
        if price != stands_at(m, z, order):
            move_peg(m, z, ev, md, order, price)
            return True
    return False


@kernel
def move_peg(m: Words, z: Signed, ev: Words, md: Words, order: np.uint64, price: np.int64) -> None:
    """A peg leaves its place for another, or for none."""
    extension = extension_of(m, order)
    if m[extension + EXTENSION_WHERE] == IN_BOOK:
        leave(m, z, md, order)
    z[order + ORDER_PRICE] = price
    if price == NO_PRICE:
        m[extension + EXTENSION_WHERE] = PARKED_PLACE
        changed_by_exchange(m, z, ev, RESTATED_PEGGED, order, U(0))
        return
    m[extension + EXTENSION_WHERE] = IN_BOOK
    take_public_id(m, order)
    changed_by_exchange(m, z, ev, RESTATED_PEGGED, order, U(0))
    come_in(m, z, ev, md, order, True)
