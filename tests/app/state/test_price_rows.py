"""Grouped prices: nothing is lost, and no row promises a better price than there is."""

import numpy as np

from app.state.price_rows import PriceRows, choose_step
from server.protocol.enums import Side

SEED = 7


def test_grouping_keeps_the_sum_and_never_betters_a_price() -> None:
    random = np.random.default_rng(SEED)
    for step in (1, 2, 5, 10, 50):
        rows = PriceRows(step)
        prices = np.sort(random.choice(np.arange(1000, 3000), 80, replace=False))
        quantities = random.integers(1, 100, 80)
        for side, best_first in ((Side.BUY, prices[::-1]), (Side.SELL, prices)):
            shown, sums = rows.levels(best_first, quantities, side)
            assert sums.sum() == quantities.sum(), SEED
            assert (shown % step == 0).all()
            each = np.array([rows.row_price(int(price), side) for price in best_first])
            assert set(each.tolist()) == set(shown.tolist())
            assert (each <= best_first).all() if side == Side.BUY else (each >= best_first).all()
            assert (np.diff(shown) < 0).all() if side == Side.BUY else (np.diff(shown) > 0).all()


def test_the_step_is_one_where_the_book_is_dense_and_round_where_it_is_not() -> None:
    dense = np.arange(10)
    assert choose_step(100 - dense, 101 + dense, 1) == 1
    assert choose_step(100_000 - 30 * dense, 100_057 + 30 * dense, 1) == 20
    assert choose_step(np.empty(0, np.int64), 101 + dense, 1) == 1
