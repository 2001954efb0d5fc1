"""Links: the two legs of a pair, or an entry with its children. What each event of an order does to its link's row.

Rules: the legs hold open quantity and reserve once. A link that changed is settled at the
end of the command (`settling`); here it is only noted.
"""

import numpy as np

from server.engine.attended import attend, attention_of, care_for
from server.engine.auction_orders import worst_price
from server.engine.bits import halves, high, low
from server.engine.extensions import extension_of
from server.engine.kernel import Signed, Words, cold, inline, kernel
from server.engine.layout import (
    BYTE,
    E_TIME_IN_FORCE_SHIFT,
    E_TYPE_SHIFT,
    INSTRUMENT_CASH_SCALE,
    INSTRUMENT_PRICE_MAX,
    INSTRUMENT_PRICE_MIN,
    NO_PRICE,
    NONE,
    ONE,
    ORDER_LEAVES,
    ORDER_PRICE,
    ORDER_TERMS,
    ZERO,
)
from server.engine.layout_stops import (
    ATTENTION_CHANGED,
    EXTENSION_LINK,
    EXTENSION_PRICE_CAP,
    FREE_LINK,
    INSTRUMENT_ATTENDED,
    LINK_BASIS,
    LINK_BOUND,
    LINK_ENTRY,
    LINK_FILLED,
    LINK_FIRST,
    LINK_INSTRUMENT,
    LINK_IS_CHANGED,
    LINK_LEG_CANCELED,
    LINK_NEXT,
    LINK_SECOND,
    LINK_UNIT,
    LINK_WORDS,
)
from server.engine.memory import give_back, take
from server.engine.phase_table import is_for_auction
from server.engine.registry import instrument_of, position_row_of
from server.engine.vocabulary import BUY
from server.engine.vocabulary_orders import PEGGED


@kernel
def new_link(m: Words, instrument: np.uint64, basis: np.uint64) -> np.uint64:
    """A link without orders whose legs work for `basis` lots."""
    link = take(m, FREE_LINK, LINK_WORDS)
    word = ONE
    while word < LINK_WORDS:
        m[link + word] = ZERO
        word = word + ONE
    m[link + LINK_INSTRUMENT] = instrument
    m[link + LINK_BASIS] = basis
    return link


@kernel
def join(m: Words, link: np.uint64, part: np.uint64, order: np.uint64) -> None:
    """Makes an order with an extension the entry, the first or the second leg of a link."""
    m[link + part] = order
    m[extension_of(m, order) + EXTENSION_LINK] = link
    care_for(m, m[link + LINK_INSTRUMENT])


@inline
def link_of(m: Words, order: np.uint64) -> np.uint64:
    """The link of an order, or none."""
    extension = extension_of(m, order)
    return NONE if extension == NONE else m[extension + EXTENSION_LINK]


@kernel
def note_change(m: Words, link: np.uint64) -> None:
    """A link is to be settled at the end of the command."""
    if m[link + LINK_IS_CHANGED] != ZERO:
        return
    m[link + LINK_IS_CHANGED] = ONE
    m[link + LINK_NEXT] = NONE
    instrument = m[link + LINK_INSTRUMENT]
    ends = attention_of(m, instrument) + ATTENTION_CHANGED
    if m[ends] == ZERO:
        m[ends] = halves(link, link)
    else:
        m[high(m[ends]) + LINK_NEXT] = link
        m[ends] = halves(low(m[ends]), link)
    attend(m, instrument)


@kernel
def take_changed(m: Words, attention: np.uint64) -> np.uint64:
    """The link that changed first, taken off the list."""
    ends = attention + ATTENTION_CHANGED
    link = low(m[ends])
    after = m[link + LINK_NEXT]
    m[ends] = ZERO if after == NONE else halves(after, high(m[ends]))
    return link


@cold
def note_fill(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> None:
    """An order with an extension has traded; its link, if it has one, counts it."""
    link = m[extension_of(m, order) + EXTENSION_LINK]
    if link != NONE:
        z[link + (LINK_BASIS if m[link + LINK_ENTRY] == order else LINK_FILLED)] += quantity
        note_change(m, link)


@cold
def note_loss(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> None:
    """An order with an extension was reduced by the exchange; of a leg that counts as if it were filled."""
    link = m[extension_of(m, order) + EXTENSION_LINK]
    if link != NONE and m[link + LINK_ENTRY] != order:
        z[link + LINK_FILLED] += quantity
        note_change(m, link)


@kernel
def part_from_link(m: Words, order: np.uint64) -> None:
    """A linked order ends: its link knows it no more."""
    extension = extension_of(m, order)
    link = m[extension + EXTENSION_LINK]
    m[extension + EXTENSION_LINK] = NONE
    m[m[link + LINK_INSTRUMENT] + INSTRUMENT_ATTENDED] -= ONE
    if m[link + LINK_ENTRY] == order:
        m[link + LINK_ENTRY] = NONE
    else:
        m[link + (LINK_FIRST if m[link + LINK_FIRST] == order else LINK_SECOND)] = NONE
        if m[order + ORDER_LEAVES] != ZERO:
            m[link + LINK_LEG_CANCELED] = ONE
    note_change(m, link)


@kernel
def dissolve(m: Words, link: np.uint64) -> None:
    """Forgets a link that joins nothing any more."""
    part = LINK_ENTRY
    while part <= LINK_SECOND:
        order = m[link + part]
        if order != NONE:
            m[extension_of(m, order) + EXTENSION_LINK] = NONE
            m[m[link + LINK_INSTRUMENT] + INSTRUMENT_ATTENDED] -= ONE
        part = part + ONE
    give_back(m, FREE_LINK, link)


@inline
def is_leg(m: Words, order: np.uint64) -> bool:
    """Whether an order with an extension is a leg of a pair or a child of an entry."""
    link = link_of(m, order)
    return bool(link != NONE and m[link + LINK_ENTRY] != order)


@kernel
def holding_price(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """The price at which an order with an extension holds its reserve; NO_PRICE: it holds none."""
    instrument = instrument_of(m, position_row_of(m, order))
    side = m[order + ORDER_TERMS] & BYTE
    price = z[order + ORDER_PRICE]
    if m[order + ORDER_TERMS] >> E_TYPE_SHIFT & BYTE == PEGGED:
        return worst_peg_price(m, z, instrument, side, z[extension_of(m, order) + EXTENSION_PRICE_CAP])
    if price == NO_PRICE and is_for_auction(m[order + ORDER_TERMS] >> E_TIME_IN_FORCE_SHIFT & BYTE):
        return worst_price(z, instrument, side)
    return price


@kernel
def signed_unit(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """price x cash_scale at the price at which an order with an extension reserves by itself; 0 if it has none."""
    instrument = instrument_of(m, position_row_of(m, order))
    price = holding_price(m, z, order)
    return np.int64(0) if price == NO_PRICE else price * z[instrument + INSTRUMENT_CASH_SCALE]


@kernel
def unit_of(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """What one lot of an order with an extension holds back by itself."""
    amount = signed_unit(m, z, order)
    return max(amount if m[order + ORDER_TERMS] & BYTE == BUY else -amount, np.int64(0))


@cold
def value_to_bind(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """What one lot of an order with an extension adds to open values: of a leg what its link reserves."""
    link = link_of(m, order)
    if link != NONE and m[link + LINK_ENTRY] != order:
        return z[link + LINK_UNIT]
    return abs(signed_unit(m, z, order))


@cold
def lots_of_link(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """How many lots of an order with an extension count as open; those of two legs count with the first."""
    link = link_of(m, order)
    if link == NONE or m[link + LINK_ENTRY] == order:
        return z[order + ORDER_LEAVES]
    first = m[link + LINK_FIRST]
    return z[link + LINK_BOUND] if first == order or first == NONE else np.int64(0)


@kernel
def worst_peg_price(m: Words, z: Signed, instrument: np.uint64, side: np.uint64, cap: np.int64) -> np.int64:
    """The price at which a peg holds its reserve: its cap, or the end of the range that is worst for its side."""
    if cap != NO_PRICE:
        return cap
    return z[instrument + (INSTRUMENT_PRICE_MAX if side == BUY else INSTRUMENT_PRICE_MIN)]


@cold
def unit_to_bind(m: Words, z: Signed, order: np.uint64) -> np.int64:
    """What one lot of an order with an extension holds back: of a leg as much as of its partner."""
    link = link_of(m, order)
    if link == NONE or m[link + LINK_ENTRY] == order:
        return unit_of(m, z, order)
    return z[link + LINK_UNIT]


@cold
def lots_to_bind(m: Words, z: Signed, order: np.uint64, quantity: np.int64) -> np.int64:
    """How many lots count where an order with an extension binds so many: both legs hold the same ones."""
    link = link_of(m, order)
    if link != NONE and m[link + LINK_ENTRY] != order:
        quantity = max(quantity, -z[link + LINK_BOUND])
        z[link + LINK_BOUND] += quantity
    return quantity


@kernel
def greater_unit(m: Words, z: Signed, link: np.uint64) -> np.int64:
    """What one lot of the legs holds back: the greater of theirs."""
    unit = np.int64(0)
    part = LINK_FIRST
    while part <= LINK_SECOND:
        leg = m[link + part]
        if leg != NONE:
            unit = max(unit, unit_of(m, z, leg))
        part = part + ONE
    return unit
