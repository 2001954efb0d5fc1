"""The ring of trades keeps the newest, in order, over any number of appends."""

import numpy as np

from app.state.trades import TradeRing
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
