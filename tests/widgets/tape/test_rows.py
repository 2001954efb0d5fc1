"""The rows of a tape against rows counted one by one: filter, groups, and a ring that forgets."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.widgets.tape.made import numbered, random_prints
from widgets.tape import AUCTION, OWN, SWEEP, PrintRing, TapeFilter
from widgets.tape.prints import CONDITIONS
from widgets.tape.rows import EVERY_CONDITION, REGULAR, TapeRows

Row = tuple[int, int, int, int, int, int]


def plain_rows(prints: NDArray[np.void], grouped: bool, chosen: TapeFilter) -> list[Row]:
    """Head, count, quantity, low, high and flags of each row, by a loop over the prints."""
    runs: list[list[int]] = []
    for place, one in enumerate(prints):
        before = prints[place - 1] if place else None
        joins = (
            grouped and before is not None and one["group"] and one["group"] == before["group"]
            and bool(one["flags"] & AUCTION) == bool(before["flags"] & AUCTION)
            and (one["side"] == before["side"] or bool(one["flags"] & AUCTION))
        )  # fmt: skip
        if joins:
            runs[-1].append(place)
        else:
            runs.append([place])
    rows = []
    for run in runs:
        own = [prints[place] for place in run]
        quantity = sum(int(one["quantity"]) for one in own)
        flags = 0
        for one in own:
            flags |= int(one["flags"])
        prices = [int(one["price"]) for one in own]
        regular = not flags & CONDITIONS and chosen.conditions & REGULAR
        passes = quantity >= chosen.quantity_min and chosen.side in (-1, int(own[0]["side"]))
        if passes and (regular or flags & chosen.conditions & CONDITIONS) and (not chosen.own or flags & OWN):
            rows.append((run[0], len(run), quantity, min(prices), max(prices), flags))
    return rows


def rows_shown(rows: TapeRows) -> list[Row]:
    """The same of a `TapeRows`."""
    names = ("head", "count", "quantity", "low", "high", "flags")
    return list(zip(*(rows.all()[name].tolist() for name in names), strict=True))


FILTERS = st.builds(
    TapeFilter,
    st.sampled_from([0, 0, 20, 60]),
    st.sampled_from([-1, -1, 0, 1]),
    st.sampled_from([EVERY_CONDITION, EVERY_CONDITION, REGULAR, AUCTION | 8, REGULAR | 16]),
    st.booleans(),
)


@given(st.integers(0, 2**32), st.lists(st.integers(0, 40), max_size=8), st.booleans(), FILTERS, st.integers(5, 90))
@settings(max_examples=150, deadline=None)
def test_rows_are_those_of_a_loop(
    seed: int, pages: list[int], grouped: bool, chosen: TapeFilter, capacity: int
) -> None:
    rng = np.random.default_rng(seed)
    prints = random_prints(rng, sum(pages))
    ring = PrintRing(capacity)
    rows = TapeRows(ring)
    rows.filter, rows.grouped = chosen, grouped
    came = 0
    for page in pages:
        ring.append(prints[came : came + page])
        came += page
        rows.follow()
        kept = max(0, came - capacity)
        whole = prints[:came].copy()
        whole["flags"][kept:] = ring.all()["flags"]
        expected = [row for row in plain_rows(whole, grouped, chosen) if row[0] >= kept]
        if page > capacity:
            return
        assert [row[:5] for row in rows_shown(rows)] == [row[:5] for row in expected]


@pytest.mark.parametrize("capacity", [7, 64, 5000])
@pytest.mark.parametrize("pages", [(1,), (3, 4, 5), (9000,), (100,) * 60, (0, 4999, 2, 1)])
def test_the_ring_keeps_the_newest(capacity: int, pages: tuple[int, ...]) -> None:
    ring, total = PrintRing(capacity), 0
    for page in pages:
        ring.append(numbered(total + 1, page))
        total += page
        kept = min(total, capacity)
        assert ring.all()["number"].tolist() == list(range(total - kept + 1, total + 1))
        assert (ring.begin, ring.end, len(ring)) == (total - kept, total, kept)
    assert ring.slice(ring.begin - 5, ring.begin + 2)["number"].tolist() == [total - kept + 1, total - kept + 2][:kept]


def test_a_sweep_is_the_same_aggressor_at_another_price() -> None:
    ring = PrintRing()
    first, second = numbered(1, 2, group=7), numbered(3, 2, group=7)
    first["price"], second["price"] = (10, 10), (11, 11)
    ring.append(first)
    ring.append(second)
    assert (ring.all()["flags"] & SWEEP != 0).tolist() == [False, False, True, False]


def test_memory_follows_what_came() -> None:
    ring = PrintRing()
    ring.append(numbered(1, 10))
    assert ring._rows.nbytes < 200_000
