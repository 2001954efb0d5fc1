"""The sorted levels against a plain dictionary."""

import numpy as np

from app.state.depth import DepthBook
from server.protocol.enums import Side
from server.protocol.records import BOOK_RECORD, NO_PRICE
from tests.app.made import levels

SEED = 20_261_122


def test_random_updates_give_the_same_levels_as_a_dictionary() -> None:
    random = np.random.default_rng(SEED)
    book = DepthBook()
    plain: dict[int, dict[int, int]] = {0: {}, 1: {}}
    for _ in range(150):
        rows = np.zeros(int(random.integers(0, 40)), BOOK_RECORD)
        rows["side"], rows["price"] = random.integers(0, 2, len(rows)), random.integers(-15, 15, len(rows))
        rows["level_quantity"], rows["level_orders"] = random.integers(0, 3, len(rows)), 1
        book.apply(rows, 1)
        for row in rows:
            side = plain[int(row["side"])]
            side[int(row["price"])] = int(row["level_quantity"])
        bids = sorted(((p, q) for p, q in plain[0].items() if q), reverse=True)
        asks = sorted((p, q) for p, q in plain[1].items() if q)
        assert list(zip(book.bids.prices.tolist(), book.bids.quantities.tolist(), strict=True)) == bids, SEED
        assert list(zip(book.asks.prices.tolist(), book.asks.quantities.tolist(), strict=True)) == asks, SEED


def test_the_last_word_about_a_level_counts() -> None:
    book = DepthBook()
    book.apply(levels((Side.BUY, 100, 5), (Side.BUY, 100, 0), (Side.BUY, 99, 0), (Side.BUY, 99, 4)), 1)
    assert book.bids.prices.tolist() == [99]
    assert book.bids.quantity_at(99) == 4
    assert book.bids.quantity_at(100) == 0


def test_a_snapshot_replaces_and_completes_and_a_gap_marks() -> None:
    book = DepthBook()
    book.apply(levels((Side.SELL, 101, 5)), 1)
    assert not book.complete
    book.reset(levels((Side.SELL, 102, 6)), 2)
    assert book.complete
    assert book.asks.best() == 102
    assert book.bids.best() == NO_PRICE
    book.broken()
    assert not book.complete
