"""The ring of trades keeps the newest, in order, over any number of appends."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.state.trades import WIDE_CAPACITY, TradeRing
from server.protocol.records import TICK_RECORD
from tests.app.made import trades


def test_it_keeps_the_newest_in_order() -> None:
    ring = TradeRing(capacity=10)
    for first in range(1, 100, 7):
        ring.append(trades(*((number, number, 1) for number in range(first, first + 7)), first=first))
        newest = first + 6
        kept = ring.rows["trade_number"].tolist()
        assert kept == list(range(max(1, newest - 9), newest + 1))
    ring.append(trades(*((number, number, 1) for number in range(200, 260)), first=200))
    assert ring.rows["trade_number"].tolist() == list(range(250, 260))


def test_history_goes_under_what_came_live() -> None:
    ring = TradeRing(capacity=10)
    ring.append(trades((5, 1, 1), (6, 1, 1), first=5))
    history = np.zeros(3, TICK_RECORD)
    history["trade_number"] = (3, 4, 5)
    ring.put_history(history)
    assert ring.rows["trade_number"].tolist() == [3, 4, 5, 6]


def ticks_of(numbers: list[int]) -> NDArray[np.void]:
    """History with these numbers."""
    ticks = np.zeros(len(numbers), TICK_RECORD)
    ticks["trade_number"] = ticks["time_ns"] = numbers
    return ticks


PIECE = st.tuples(st.booleans(), st.integers(1, 60), st.integers(1, 12))


@given(st.lists(PIECE, max_size=12), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_each_trade_is_held_once_in_order_whatever_came_twice_or_late(
    pieces: list[tuple[bool, int, int]], capacity: int
) -> None:
    ring = TradeRing(capacity)
    came: set[int] = set()
    for live, first, count in pieces:
        numbers = list(range(first, first + count))
        if live:
            ring.append(trades(*((number, 1, 1) for number in numbers), first=first))
        else:
            ring.put_history(ticks_of(numbers[::-1]))
        held = ring.rows["trade_number"].tolist()
        came.update(numbers)
        assert held == sorted(set(held))
        assert set(held) <= came
        assert held[-1] == max(came)
        assert len(held) <= capacity
        assert ring.missing() == held[-1] - held[0] + 1 - len(held)
    if len(came) <= capacity and sum(count for _, _, count in pieces) <= capacity:
        assert ring.rows["trade_number"].tolist() == sorted(came)


def test_a_hole_is_known_and_filled() -> None:
    ring = TradeRing()
    ring.append(trades((1, 1, 1), (2, 1, 1), first=1))
    ring.append(trades((9, 1, 1), (10, 1, 1), first=9))
    assert (ring.missing(), ring.wanted_before()) == (6, 9)
    ring.put_history(ticks_of([5, 6, 7, 8]))
    assert (ring.missing(), ring.wanted_before()) == (2, 5)
    ring.put_history(ticks_of([1, 2, 3, 4]))
    assert (ring.missing(), ring.wanted_before()) == (0, 0)
    assert ring.after(7)["trade_number"].tolist() == [8, 9, 10]


def test_history_knows_better_what_was_taken_back() -> None:
    ring = TradeRing()
    ring.append(trades((1, 1, 1), first=1))
    busted = ticks_of([1])
    busted["flags"] = 16
    ring.put_history(busted)
    assert ring.rows["flags"].tolist() == [16]


def test_a_ring_that_is_made_wide_keeps_more_and_grows_as_it_fills() -> None:
    ring = TradeRing(100)
    ring.resize(WIDE_CAPACITY)
    small = ring._rows.nbytes
    for first in range(1, 30_001, 1_000):
        ring.append(trades(*((number, 1, 1) for number in range(first, first + 1_000)), first=first))
    assert len(ring) == 30_000 and ring.is_wide
    assert small < ring._rows.nbytes <= 3 * 30_000 * TICK_RECORD.itemsize
    ring.resize(100)
    assert ring.rows["trade_number"].tolist() == list(range(29_901, 30_001))
