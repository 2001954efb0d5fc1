"""The checksum of a book, by which a client knows that its own is the exchange's.

Rules: CRC-32 (of ISO 3309, as in zlib and PNG) over little-endian signed integers of 8 bytes: of the bids, best
first, first how many rows follow and then their three numbers each; then the same of the asks. DEPTH: the best
`CHECKSUM_LEVELS` levels of a side, each price, quantity, number of orders. ORDERS: the first `CHECKSUM_ORDERS` orders
of a side, best price first and in queue order at one price, each public order id, price, quantity.
"""

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

CHECKSUM_LEVELS: Final = 10
CHECKSUM_ORDERS: Final = 20
Numbers = NDArray[np.int64]


def book_checksum(bids: Numbers, asks: Numbers) -> int:
    """The checksum over rows of three numbers, shape (n, 3), of both sides: 0 to 2^32 - 1."""
    parts = [np.array([len(bids)], "<i8"), bids.astype("<i8"), np.array([len(asks)], "<i8"), asks.astype("<i8")]
    return zlib.crc32(b"".join([part.tobytes() for part in parts]))


def levels_checksum(bids: tuple[Numbers, Numbers, Numbers], asks: tuple[Numbers, Numbers, Numbers]) -> int:
    """The checksum of DEPTH: prices, quantities and orders of each side, best first, as many as there are."""
    sides = [np.stack([column[:CHECKSUM_LEVELS] for column in side], axis=1) for side in (bids, asks)]
    return book_checksum(sides[0], sides[1])


def orders_checksum(bids: tuple[Numbers, Numbers, Numbers], asks: tuple[Numbers, Numbers, Numbers]) -> int:
    """The checksum of ORDERS: public ids, prices and quantities of each side, in the order of the book."""
    sides = [np.stack([column[:CHECKSUM_ORDERS] for column in side], axis=1) for side in (bids, asks)]
    return book_checksum(sides[0], sides[1])
