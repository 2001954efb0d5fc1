"""The state hash of stops, pegs and links: parts 12 to 14 of the rule book."""

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine import layout_stops as of
from server.engine.hashing_rows import columns, fields, instrument_rows, list_side, words_of_orders
from server.engine.kernel import U, Words, as_words, entry

_PARTS = (of.LINK_ENTRY, of.LINK_FIRST, of.LINK_SECOND)


def waiting_words(m: Words) -> list[NDArray[np.uint64]]:
    """Parts 12 to 14; all empty where no such order lives."""
    instruments = [row for row in instrument_rows(m) if m[row + of.INSTRUMENT_ATTENTION]]
    waiting = [row for instrument in instruments for row in waiting_orders(m, instrument)]
    pegs = [row for instrument in instruments for row in listed(m, attention_of(m, instrument) + of.ATTENTION_PEGS)]
    return [words_of_waiting(m, rows_of(waiting)), words_of_links(m), words_of_pegs(m, rows_of(pegs))]


def rows_of(rows: list[np.uint64]) -> NDArray[np.uint64]:
    """A list of rows as an array."""
    return np.array(rows, np.uint64)


def attention_of(m: Words, instrument: np.uint64) -> np.uint64:
    """The row of an instrument's attention."""
    return U(m[instrument + of.INSTRUMENT_ATTENTION])


def extensions_of(m: Words, orders: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The rows of the extensions of orders."""
    return m[orders + at.ORDER_EXTENSION] & at.LOW


def listed(m: Words, ends: np.uint64) -> list[np.uint64]:
    """The orders of a list, in its order."""
    rows = []
    order = m[ends] & at.LOW
    while order != at.NONE:
        rows.append(order)
        order = m[(m[order + at.ORDER_EXTENSION] & at.LOW) + of.EXTENSION_NEIGHBOURS] & at.LOW
    return rows


def waiting_orders(m: Words, instrument: np.uint64) -> list[np.uint64]:
    """The orders of an instrument that wait, in the rule book's order."""
    attention = attention_of(m, instrument)
    rows = listed(m, attention + of.ATTENTION_ENTERING)
    for book in (instrument + of.INSTRUMENT_STOPS, instrument + of.INSTRUMENT_STOPS + at.BOOK_WORDS):
        rows += stops_of(m, book)
    pegs = rows_of(listed(m, attention + of.ATTENTION_PEGS))
    rows += list(pegs[m[extensions_of(m, pegs) + of.EXTENSION_WHERE] == of.PARKED_PLACE])
    return rows + listed(m, attention + of.ATTENTION_HELD)


@entry
def list_stops(m: Words, book: np.uint64, rows: Words) -> np.uint64:
    """Writes the orders of a stop book in the order in which they would be triggered; returns how many there are."""
    return list_side(as_words(m), book, as_words(rows), at.ZERO)


def stops_of(m: Words, book: np.uint64) -> list[np.uint64]:
    """The orders of a stop book, in the order in which they would be triggered."""
    rows = np.empty(int(m[book + at.BOOK_ORDERS]), np.uint64)
    list_stops(m, U(book), rows)
    return list(rows)


def words_of_waiting(m: Words, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Part 12 for these orders."""
    if not len(rows):
        return rows
    extensions = extensions_of(m, rows)
    own = [
        m[rows + at.ORDER_TERMS] >> at.E_TYPE_SHIFT & at.BYTE,
        m[extensions + of.EXTENSION_WHERE],
        *fields(m, extensions, of.EXTENSION_STOP_PRICE, 3),
    ]
    return np.hstack([words_of_orders(m, rows).reshape(len(rows), -1), np.stack(own, axis=1)]).ravel()


def words_of_links(m: Words) -> NDArray[np.uint64]:
    """Part 13: each link once, by the least order_id of its orders."""
    base, size = int(m[at.ORDER_INDEX + at.INDEX_BASE]), int(m[at.ORDER_INDEX + at.INDEX_MASK]) + 1
    table = m[base : base + size]
    orders = np.unique(table[table != 0] & at.LOW)
    extensions = extensions_of(m, orders)
    links = m[extensions + of.EXTENSION_LINK]
    orders, links = orders[(extensions != 0) & (links != 0)], links[(extensions != 0) & (links != 0)]
    links = links[np.argsort(m[orders + at.ORDER_ID])]
    links = links[np.sort(np.unique(links, return_index=True)[1])]
    members = [np.where(m[links + part] != 0, m[m[links + part] + at.ORDER_ID], at.ZERO) for part in _PARTS]
    triggered = (m[links + of.LINK_TRIGGERED] != 0).astype(np.uint64)
    return columns(*members, *fields(m, links, of.LINK_BASIS, 3), triggered)


def words_of_pegs(m: Words, rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Part 14 for these orders."""
    extensions = extensions_of(m, rows)
    return columns(
        m[rows + at.ORDER_ID],
        m[extensions + of.EXTENSION_PEG],
        m[extensions + of.EXTENSION_OFFSET],
        m[extensions + of.EXTENSION_PRICE_CAP],
    )
