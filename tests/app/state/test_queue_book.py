"""The orders of a book in their places, against a plain dictionary."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.state.queue_book import QueueBook
from server.protocol.enums import MarketDataFlag, MarketDataKind
from tests.app.state.test_queues import record

PRICES = (99, 100, 101)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 1 << 32), batches=st.integers(1, 6))
def test_every_level_is_the_queue_of_its_orders(seed: int, batches: int) -> None:
    rng, book = np.random.default_rng(seed), QueueBook()
    plain: dict[int, tuple[int, int]] = {}
    book.snapshot(np.zeros(0, record(MarketDataKind.ADD, 1, 1).dtype))
    number = 0
    for _ in range(batches):
        rows = []
        for _ in range(int(rng.integers(1, 30))):
            if not plain or rng.random() < 0.5:
                number += int(rng.integers(1, 4))
                plain[number] = int(rng.choice(PRICES)), int(rng.integers(1, 50))
                rows.append(record(MarketDataKind.ADD, number, plain[number][1], price=plain[number][0]))
                continue
            chosen = int(rng.choice(list(plain)))
            price, quantity = plain[chosen]
            taken = int(rng.integers(1, quantity + 1))
            kind = MarketDataKind.DELETE if taken == quantity else MarketDataKind.REDUCE
            if rng.random() < 0.5:
                kind = MarketDataKind.EXECUTE
            row = record(kind, chosen, taken, price=price)
            if rng.random() < 0.1:
                row["flags"] = MarketDataFlag.HIDDEN
                rows.append(row)
                continue
            rows.append(row)
            if taken == quantity:
                del plain[chosen]
            else:
                plain[chosen] = price, quantity - taken
        book.apply(np.concatenate(rows))
        for price in PRICES:
            queue = book.queue(0, price)
            expected = [(one, left) for one, (at, left) in sorted(plain.items()) if at == price]
            assert list(zip(queue.ids.tolist(), queue.quantities.tolist(), strict=True)) == expected


def test_a_snapshot_begins_anew_and_says_that_its_orders_are_older() -> None:
    book = QueueBook()
    book.snapshot(record(MarketDataKind.ADD, 8, 3))
    book.apply(record(MarketDataKind.ADD, 9, 4))
    queue = book.queue(0, 100)
    assert (queue.ids.tolist(), queue.old.tolist()) == ([8, 9], [True, False])
    book.broken()
    assert not book.complete
    book.snapshot(record(MarketDataKind.ADD, 12, 1))
    assert book.complete
    assert book.queue(0, 100).ids.tolist() == [12]


def test_records_that_fit_to_nothing_change_nothing() -> None:
    book = QueueBook()
    book.apply(record(MarketDataKind.EXECUTE, 7, 4))
    book.snapshot(record(MarketDataKind.ADD, 8, 3))
    book.apply(np.concatenate([record(MarketDataKind.DELETE, 7, 4), record(MarketDataKind.EXECUTE, 99, 1)]))
    assert book.queue(0, 100).quantities.tolist() == [3]
