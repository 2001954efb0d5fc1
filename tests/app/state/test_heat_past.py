"""Book history from the server: pages give the same columns as the book that they tell of, a bit a frame."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.state.depth import DepthBook
from app.state.heat import SECOND_NS, LiquidityHistory
from app.state.heat_columns import KNOWN
from app.state.heat_past import PastBook
from app.state.price_rows import PriceRows
from server.protocol.enums import DepthFlag
from server.protocol.records import DEPTH_COLUMN
from tests.app.made import NOON, levels

MIDDLE = 4836
LEVELS_A_RECORD = 3
Change = tuple[int, int, int]
"""Side, price, quantity."""


def page_of(columns: list[tuple[int, list[Change]]]) -> np.ndarray:
    """DEPTH_COLUMN rows of (second, changes), the first one FULL."""
    rows = []
    for second, changes in columns:
        for start in range(0, max(len(changes), 1), LEVELS_A_RECORD):
            row = np.zeros(1, DEPTH_COLUMN)
            part = changes[start : start + LEVELS_A_RECORD]
            row["time_ns"], row["count"] = NOON + second * SECOND_NS, len(part)
            row["flags"] = DepthFlag.FULL if second == columns[0][0] else 0
            for place, (side, price, quantity) in enumerate(part):
                row["sides"][0, place], row["prices"][0, place], row["quantities"][0, place] = side, price, quantity
            rows.append(row)
    return np.concatenate(rows)


def history_from(second: int) -> LiquidityHistory:
    """A live history that begins at a second after noon."""
    history = LiquidityHistory(DepthBook(), PriceRows(1))
    begin = levels((0, MIDDLE, 5), (1, MIDDLE + 1, 5))
    begin["time_ns"] = NOON + second * SECOND_NS
    history.reset(begin, NOON)
    history.advance(NOON + second * SECOND_NS, trusted=True)
    history.advance(NOON + (second + 5) * SECOND_NS, trusted=True)
    return history


_change = st.tuples(st.integers(0, 1), st.integers(MIDDLE - 6, MIDDLE + 6), st.integers(0, 40))


@settings(max_examples=60, deadline=None)
@given(
    columns=st.dictionaries(st.integers(0, 55), st.lists(_change, min_size=1, max_size=8), min_size=1, max_size=20),
    bit=st.integers(1, 25),
)  # fmt: skip
def test_every_second_has_the_book_that_it_ended_with(columns: dict[int, list[Change]], bit: int) -> None:
    ordered = sorted(columns.items())
    history = history_from(60)
    past = PastBook(history)
    past.take(page_of([*ordered, (59, [])]), more=True)
    while not past.work(bit):
        assert past.busy
    book: dict[tuple[int, int], int] = {}
    block = history.read(NOON, SECOND_NS, 60, MIDDLE - 8, 17)
    for second in range(ordered[0][0], 60):
        for side, price, quantity in columns.get(second, []):
            book[side, price] = quantity
        expected = [book.get((0, row), 0) + book.get((1, row), 0) for row in range(MIDDLE - 8, MIDDLE + 9)]
        assert block.quantities[second].tolist() == expected
        assert block.states[second] == KNOWN
    assert not block.states[: ordered[0][0]].any()
    assert history.first_ns == NOON + ordered[0][0] * SECOND_NS


def test_pages_join_and_what_is_live_stays() -> None:
    history = history_from(60)
    past = PastBook(history)
    past.take(page_of([(30, [(0, MIDDLE, 7)]), (65, [(0, MIDDLE, 900)])]), more=True)
    past.take(page_of([(0, [(0, MIDDLE, 3)]), (29, [])]), more=False)
    assert past.exhausted
    while past.busy:
        past.work(1)
    row = history.read(NOON, SECOND_NS, 65, MIDDLE, 1).quantities[:, 0].tolist()
    assert row == [3] * 30 + [7] * 31 + [5] * 4
    coarse = history.read(NOON, 30 * SECOND_NS, 2, MIDDLE, 1)
    assert coarse.quantities[:, 0].tolist() == [3, 7]
    fine = history.read(NOON + 10 * SECOND_NS, SECOND_NS // 10, 10, MIDDLE, 1)
    assert fine.quantities[:, 0].tolist() == [3] * 10


def test_a_page_without_columns_is_the_end() -> None:
    past = PastBook(history_from(60))
    past.take(np.zeros(0, DEPTH_COLUMN), more=False)
    assert past.exhausted
    assert not past.busy
    assert not past.work()
