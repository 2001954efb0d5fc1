"""What rests ahead of an own order, against a plain queue."""

import numpy as np

from app.state.queues import QueueGauge
from server.protocol.enums import MarketDataKind, Side
from server.protocol.records import BOOK_RECORD


def record(kind: MarketDataKind, public_id: int, quantity: int, level: int = 0, price: int = 100) -> np.ndarray:
    """One order-by-order record on the buy side."""
    row = np.zeros(1, BOOK_RECORD)
    row["kind"], row["side"], row["instrument"], row["price"] = kind, Side.BUY, 1, price
    row["public_order_id"], row["quantity"], row["level_quantity"] = public_id, quantity, level
    return row


def test_what_is_ahead_falls_only_by_what_stood_before() -> None:
    gauge = QueueGauge()
    gauge.follow(10, 1, Side.BUY, 100)
    assert gauge.ahead(10) is None
    gauge.apply(
        1, np.concatenate([record(MarketDataKind.ADD, 10, 5, level=25), record(MarketDataKind.ADD, 11, 9, level=34)])
    )
    assert gauge.ahead(10) == 20
    gauge.apply(1, np.concatenate([record(MarketDataKind.EXECUTE, 7, 4), record(MarketDataKind.DELETE, 11, 9)]))
    assert gauge.ahead(10) == 16
    gauge.apply(1, record(MarketDataKind.EXECUTE, 7, 4, price=99))
    assert gauge.ahead(10) == 16


def test_a_snapshot_tells_of_an_order_from_before() -> None:
    gauge = QueueGauge()
    gauge.follow(10, 1, Side.BUY, 100)
    assert gauge.unknown() == {1}
    book = [record(MarketDataKind.ADD, 8, 3), record(MarketDataKind.ADD, 10, 5), record(MarketDataKind.ADD, 12, 7)]
    gauge.snapshot(1, np.concatenate(book))
    assert gauge.ahead(10) == 3
    gauge.forget(10)
    assert gauge.instruments() == set()
