"""What the sampler has to know to go on at a checkpoint, as the bytes of one file.

Rules: the file is named by the sequence of the last command in it; with a checksum, so that what is damaged is not
believed: `StateDamaged`, and the history is made anew.
"""

import zlib
from typing import Final

import msgspec
import numpy as np

from server.history.books import Book, Sampler
from server.history.depth_store import LENGTH
from server.protocol.codec import Records

STATE_LEVEL: Final = np.dtype([
    ("instrument", "<u4"), ("side", "<u4"), ("price", "<i8"), ("quantity", "<i8"), ("before", "<i8"),
])  # fmt: skip
"""A level now, and at the end of the last column; -1: it has not changed since."""
STATE_ORDER: Final = np.dtype([
    ("instrument", "<u4"), ("spare", "<u4"), ("order", "<u8"), ("price", "<i8"), ("quantity", "<i8"),
])  # fmt: skip
_LEVEL_LIMIT: Final = 1 << 62


class StateDamaged(ValueError):
    """The bytes are no state that was written."""


class DepthState(msgspec.Struct, array_like=True, frozen=True):
    """The file's content behind its checksum."""

    second: int
    lengths: bytes
    levels: bytes
    orders: bytes


def encode(sampler: Sampler, lengths: Records) -> bytes:
    """The state of the sampler, and the lengths of the files (LENGTH rows) that belong to it."""
    levels, orders = [], []
    for instrument, book in sampler.books.items():
        levels.append(_level_rows(instrument, book))
        orders.append(_order_rows(instrument, book))
    content = msgspec.msgpack.encode(
        DepthState(
            sampler.second, lengths.tobytes(), b"".join(one.tobytes() for one in levels),
            b"".join(one.tobytes() for one in orders),
        )
    )  # fmt: skip
    return zlib.crc32(content).to_bytes(4, "little") + content


def decode(data: bytes, sampler: Sampler) -> Records:
    """Put the state into an empty sampler; the LENGTH rows. Raises StateDamaged, then the sampler is not to be used."""
    if int.from_bytes(data[:4], "little") != zlib.crc32(data[4:]):
        raise StateDamaged("its checksum is another")
    try:
        state = msgspec.msgpack.decode(data[4:], type=DepthState)
        levels = np.frombuffer(state.levels, STATE_LEVEL)
        orders = np.frombuffer(state.orders, STATE_ORDER)
        lengths = np.frombuffer(state.lengths, LENGTH)
    except (msgspec.DecodeError, ValueError) as error:
        raise StateDamaged(str(error)) from error
    is_wrong = (levels["price"] >= _LEVEL_LIMIT) | (levels["price"] <= -_LEVEL_LIMIT)
    if (is_wrong | (levels["side"] > 1) | (levels["quantity"] < 0)).any():
        raise StateDamaged("a level is out of range")
    sampler.second = state.second
    names = (levels["price"] * 2 + levels["side"]).tolist()
    rows = zip(
        levels["instrument"].tolist(), names, levels["quantity"].tolist(), levels["before"].tolist(), strict=True
    )
    for instrument, level, quantity, before in rows:
        book = sampler.books.setdefault(instrument, Book())
        if quantity:
            book.levels[level] = quantity
        if before >= 0:
            book.before[level] = before
    for instrument, order, price, quantity in zip(
        *(orders[name].tolist() for name in ("instrument", "order", "price", "quantity")), strict=True
    ):
        sampler.books.setdefault(instrument, Book()).restore_order(order, price, quantity)
    return lengths


def _level_rows(instrument: int, book: Book) -> Records:
    gone = {level: 0 for level in book.before if level not in book.levels}
    named = {**book.levels, **gone}
    rows = np.zeros(len(named), STATE_LEVEL)
    names = np.fromiter(named.keys(), np.int64, len(named))
    rows["instrument"], rows["price"], rows["side"] = instrument, names >> 1, names & 1
    rows["quantity"] = np.fromiter(named.values(), np.int64, len(named))
    rows["before"] = [book.before.get(level, -1) for level in named]
    return rows


def _order_rows(instrument: int, book: Book) -> Records:
    rows = np.zeros(len(book.orders), STATE_ORDER)
    rows["instrument"] = instrument
    rows["order"] = np.fromiter(book.orders.keys(), np.uint64, len(rows))
    if len(rows):
        rows["price"], rows["quantity"] = np.array(list(book.orders.values()), np.int64).T
    return rows
