"""Book history: it equals the books one by one, at every width and height, and never passes a gap for an empty book."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.state.depth import DepthBook
from app.state.heat import BASE_NS, LiquidityHistory
from app.state.heat_columns import DOUBTED, KNOWN, NOT_RECORDED, ROWS
from app.state.price_rows import PriceRows
from server.protocol.records import NO_PRICE
from tests.app.made import NOON, SECOND, levels
from tests.app.state.heat_oracle import PlainHistory

MIDDLE = 4836
MS = 1_000_000
WIDTHS_NS = (100 * MS, 200 * MS, 500 * MS, SECOND, 2 * SECOND, 5 * SECOND, 10 * SECOND, 30 * SECOND)


class Pair:
    """A history and its oracle, fed with the same."""

    def __init__(self, step: int = 1) -> None:
        self.history = LiquidityHistory(DepthBook(), PriceRows(step))
        self.plain = PlainHistory(step)
        self.now_ns = NOON
        self.history.reset(levels(), NOON)
        self.advance(0)

    def advance(self, by_ns: int, *, trusted: bool = True) -> None:
        """Time goes on."""
        self.now_ns += by_ns
        self.history.advance(self.now_ns, trusted=trusted)
        self.plain.advance(self.now_ns, trusted=trusted)

    def update(self, *rows: tuple[int, int, int], by_ns: int = 0) -> None:
        """Levels change, one message of one time."""
        self.now_ns += by_ns
        records = levels(*rows)
        records["time_ns"] = self.now_ns
        self.history.apply(records, self.now_ns)
        for row in rows:
            self.plain.update(self.now_ns, *row)

    def check(self, width_ns: int, low: int, cells: int, per_cell: int) -> None:
        """Every cell since the beginning is the greatest of what it covers."""
        first = NOON // width_ns
        count = self.now_ns // width_ns - first + 1
        block = self.history.read(first * width_ns, width_ns, count, low, cells, per_cell)
        for place in range(count):
            begin_ns = (first + place) * width_ns
            for cell in range(cells):
                rows = range(low + cell * per_cell, low + (cell + 1) * per_cell)
                expected = self.plain.cell(max(begin_ns, NOON), begin_ns + width_ns, rows)
                found = int(block.quantities[place, cell])
                assert found == (NOT_RECORDED if expected is None else expected), (place, cell)
                assert bool(block.states[place] & KNOWN) == (expected is not None)


_step = st.one_of(
    st.tuples(st.just("update"), st.integers(0, 1), st.integers(-12, 12), st.integers(0, 50), st.integers(0, 900)),
    st.tuples(st.just("advance"), st.integers(0, 2500), st.booleans()),
)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(_step, max_size=40), size=st.sampled_from([1, 1, 5]), width_ns=st.sampled_from(WIDTHS_NS),
    per_cell=st.sampled_from([1, 2, 4]),
)  # fmt: skip
def test_every_cell_is_the_greatest_of_what_it_covers(
    steps: list[tuple[object, ...]], size: int, width_ns: int, per_cell: int
) -> None:
    pair = Pair(size)
    pair.update((0, MIDDLE * size, 10), (1, (MIDDLE + 1) * size, 10))
    for kind, *rest in steps:
        if kind == "update":
            side, offset, quantity, by_ms = rest
            assert isinstance(by_ms, int) and isinstance(offset, int) and isinstance(side, int)
            assert isinstance(quantity, int)
            pair.update((side, MIDDLE * size + offset, quantity), by_ns=by_ms * MS)
        else:
            by_ms, trusted = rest
            assert isinstance(by_ms, int) and isinstance(trusted, bool)
            pair.advance(by_ms * MS, trusted=trusted)
    low = (MIDDLE - 16) // per_cell * per_cell
    pair.check(width_ns, low, 32 // per_cell, per_cell)


def read_row(history: LiquidityHistory, row: int, width_ns: int = SECOND, count: int = 20) -> list[int]:
    """One row since noon."""
    found: list[int] = history.read(NOON // width_ns * width_ns, width_ns, count, row, 1).quantities[:, 0].tolist()
    return found


def test_one_message_may_tell_of_many_columns() -> None:
    one, many = Pair(), Pair()
    rows = [(0, MIDDLE, quantity) for quantity in range(1, 40)]
    for place, row in enumerate(rows):
        one.update(row, by_ns=70 * MS * (place % 3))
    records = levels(*rows)
    records["time_ns"] = NOON + np.cumsum([70 * MS * (place % 3) for place in range(len(rows))])
    many.history.apply(records, NOON)
    assert read_row(one.history, MIDDLE, BASE_NS, 40) == read_row(many.history, MIDDLE, BASE_NS, 40)


def test_ten_thousand_updates_at_once_leave_the_last_book() -> None:
    pair = Pair()
    records = levels(*[(0, MIDDLE - place % 300, place + 1) for place in range(10_000)])
    records["time_ns"] = NOON + np.linspace(0, 2 * SECOND, 10_000).astype(np.int64)
    pair.history.apply(records, NOON)
    pair.history.advance(NOON + 3 * SECOND, trusted=True)
    block = pair.history.read(NOON + 2 * SECOND, SECOND, 1, MIDDLE - 100, 101)
    newest = {MIDDLE - place % 300: place + 1 for place in range(10_000)}
    assert block.quantities[0].tolist() == [newest[MIDDLE - offset] for offset in range(100, -1, -1)]


def test_a_gap_is_unknown_and_not_an_empty_book() -> None:
    pair = Pair()
    pair.update((0, MIDDLE, 7))
    pair.advance(2 * SECOND)
    pair.advance(0, trusted=False)
    pair.advance(3 * SECOND, trusted=False)
    pair.advance(0)
    pair.advance(2 * SECOND)
    block = pair.history.read(NOON, SECOND, 7, MIDDLE, 1)
    assert block.quantities[:, 0].tolist() == [7, 7, NOT_RECORDED, NOT_RECORDED, NOT_RECORDED, 7, 7]
    assert [int(state) & DOUBTED for state in block.states] == [0, 0, 2, 2, 2, 2, 0]
    coarse = pair.history.read(NOON, 5 * SECOND, 1, MIDDLE, 1)
    assert int(coarse.quantities[0, 0]) == 7
    assert int(coarse.states[0]) == KNOWN | DOUBTED


def test_nothing_is_known_before_the_beginning_and_across_a_long_sleep() -> None:
    pair = Pair()
    pair.update((0, MIDDLE, 7))
    pair.advance(10 * SECOND)
    before = pair.history.read(NOON - 5 * SECOND, SECOND, 5, MIDDLE, 1)
    assert before.states.tolist() == [0] * 5
    pair.history.advance(NOON + 600 * SECOND, trusted=True)
    pair.history.advance(NOON + 610 * SECOND, trusted=True)
    asleep = pair.history.read(NOON + 100 * SECOND, SECOND, 100, MIDDLE, 1)
    assert not (asleep.states & KNOWN).any()
    assert int(pair.history.read(NOON + 605 * SECOND, SECOND, 1, MIDDLE, 1).quantities[0, 0]) == 7


@pytest.mark.parametrize("price", [MIDDLE * 1_000_000, -MIDDLE * 1_000_000, -5, 0])
def test_a_price_far_away_costs_nothing_and_the_market_may_go_there(price: int) -> None:
    pair = Pair()
    pair.update((0, MIDDLE, 7), (1, MIDDLE + 2, 9))
    pair.advance(SECOND)
    pair.update((1, price, 3)) if price > MIDDLE else pair.update((0, price, 3))
    pair.advance(SECOND)
    assert read_row(pair.history, MIDDLE, count=2) == [7, 7]
    pair.update((0, MIDDLE, 0), (1, MIDDLE + 2, 0), (1, price, 0), (1, price + 1, 5), (0, price, 4))
    pair.advance(SECOND)
    assert read_row(pair.history, MIDDLE, count=3)[:2] == [7, 7]
    assert read_row(pair.history, price, count=3)[2] == 4
    assert read_row(pair.history, MIDDLE, count=3)[2] == (0 if abs(price - MIDDLE) < ROWS // 4 else NOT_RECORDED)


@pytest.mark.parametrize(
    ("book", "best"),
    [
        ([], (NO_PRICE, NO_PRICE)), ([(0, 50, 3)], (50, NO_PRICE)), ([(1, 50, 3)], (NO_PRICE, 50)),
        ([(0, 50, 3), (1, 50, 4)], (50, 50)), ([(0, 60, 3), (1, 50, 4)], (60, 50)),
    ],
)  # fmt: skip
def test_a_bad_book_is_kept_as_it_is(book: list[tuple[int, int, int]], best: tuple[int, int]) -> None:
    pair = Pair()
    if book:
        pair.update(*book)
    pair.advance(SECOND)
    block = pair.history.read(NOON, SECOND, 1, 40, 30)
    assert (int(block.bids[0]), int(block.asks[0])) == best
    assert int(block.states[0]) & KNOWN
    assert int(np.maximum(block.quantities, 0).sum()) == sum(quantity for _, _, quantity in book)


def test_a_clock_that_steps_back_a_little_waits_and_by_much_begins_anew() -> None:
    pair = Pair()
    pair.update((0, MIDDLE, 7))
    pair.advance(20 * SECOND)
    pair.history.advance(pair.now_ns - 2 * SECOND, trusted=True)
    assert read_row(pair.history, MIDDLE) == [7] * 20
    late = levels((0, MIDDLE, 9))
    late["time_ns"] = pair.now_ns - 2 * SECOND
    pair.history.apply(late, NOON)
    pair.history.advance(pair.now_ns + SECOND, trusted=True)
    assert read_row(pair.history, MIDDLE, count=21) == [7] * 20 + [9]
    pair.history.advance(NOON + 5 * SECOND, trusted=True)
    pair.history.advance(NOON + 7 * SECOND, trusted=True)
    assert pair.history.now_ns == NOON + 7 * SECOND + BASE_NS
    states = pair.history.read(NOON + 8 * SECOND, SECOND, 10, MIDDLE, 1).states
    assert not states.any()


def test_the_newest_columns_are_kept_and_older_ones_get_coarser() -> None:
    history = LiquidityHistory(DepthBook(), PriceRows(1))
    history.reset(levels((0, MIDDLE, 5)), NOON)
    for second in range(400):
        if second == 10:
            history.apply(_at(NOON + second * SECOND, (0, MIDDLE, 50)), NOON)
        if second == 11:
            history.apply(_at(NOON + second * SECOND, (0, MIDDLE, 5)), NOON)
        history.advance(NOON + second * SECOND, trusted=True)
    fine = history.read(NOON + 9 * SECOND, BASE_NS, 40, MIDDLE, 1).quantities[:, 0].tolist()
    assert fine == [5] * 10 + [50] * 10 + [5] * 20
    coarse = history.read(NOON, 30 * SECOND, 3, MIDDLE, 1).quantities[:, 0].tolist()
    assert coarse == [50, 5, 5]


def _at(time_ns: int, *rows: tuple[int, int, int]) -> np.ndarray:
    records = levels(*rows)
    records["time_ns"] = time_ns
    return records
