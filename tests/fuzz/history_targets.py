"""What is fuzzed of the history: the state of the books at a checkpoint, also with its checksum made right."""

import zlib
from typing import Any, Final

import numpy as np

from server.history import depth_state
from server.history.books import Column, Sampler
from server.history.depth_state import StateDamaged
from server.history.depth_store import LENGTH
from tests.fuzz.target import Target
from tests.history.depth_flow import Flow


def ignored(column: Column) -> None:
    """A sampler's columns are of no interest here."""


def state(records: int) -> bytes:
    """The state after so many records, in the middle of a second."""
    sampler = Sampler(ignored)
    sampler.add(Flow(2).records(records, 10**8))
    return depth_state.encode(sampler, np.array([(1, 19_700, 3, 40), (2, 19_699, 1, 7)], LENGTH))


def read(data: bytes) -> tuple[Sampler, Any]:
    """What a start makes of the bytes."""
    sampler = Sampler(ignored)
    return sampler, depth_state.decode(data, sampler)


def mended(data: bytes) -> bytes:
    """The same with a right checksum."""
    return zlib.crc32(data).to_bytes(4, "little") + data


def check(_: bytes, found: tuple[Sampler, Any]) -> None:
    """What was understood can be written and read again."""
    sampler, lengths = found
    again, lengths_again = read(depth_state.encode(sampler, lengths))
    assert lengths_again.tobytes() == lengths.tobytes()
    assert again.second == sampler.second
    books = {number: book for number, book in sampler.books.items() if book.levels or book.before or book.orders}
    assert again.books == books


HISTORY_TARGETS: Final = (
    Target("books", (state(1), state(60)), read, (StateDamaged,), check),
    Target(
        "books with a right checksum",
        (state(1)[4:], state(60)[4:]),
        lambda data: read(mended(data)),
        (StateDamaged,),
        check,
    ),
)
