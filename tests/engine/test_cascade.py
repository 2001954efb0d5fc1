"""A cascade of 1,000 stops: it ends, and gives the same whatever the batches, the buffers and the run."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine import views
from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind, EventKind, OrderType, Side
from server.protocol.records import COMMAND, NO_PRICE, ORDER_TERMS
from tests.engine.market import ANN, BOB, INSTRUMENT, Market

STOPS = 1_000
LOWEST = 1_000


class Recorder(Market):
    """A market that keeps every row that it sends."""

    def __init__(self) -> None:
        self.sent: list[NDArray[np.void]] = []
        super().__init__(price_max=100_000)

    def send(self, rows: NDArray[np.void]) -> Any:
        """Stamps rows, each group as its head says, and keeps them."""
        first = self.exchange.sequence + 1
        rows["sequence"] = rows["time_ns"] = np.arange(first, first + len(rows))
        rows["group_count"] = np.where(rows["kind"] == CommandKind.ORDER_TERMS, 0, 1)
        heads = np.flatnonzero(rows["kind"] == CommandKind.ORDER_TERMS) - 1
        rows["group_count"][heads] = 2
        self.sent.append(rows.copy())
        return self.exchange.apply(rows)

    def stop(self, user: int, side: Side, stop_price: int) -> NDArray[np.void]:
        """A stop of one lot and its terms."""
        order = self.limit(user, side, NO_PRICE, order_type=OrderType.STOP)
        terms = np.zeros(1, ORDER_TERMS)
        terms["kind"], terms["session"], terms["user"] = CommandKind.ORDER_TERMS, user, user
        terms["stop_price"] = stop_price
        return np.concatenate([order, terms.view(COMMAND)])


def cascade() -> list[NDArray[np.void]]:
    """The commands: a bid of one lot at each price, a sell stop at each, and the sale that sets them off."""
    market = Recorder()
    prices = range(LOWEST, LOWEST + STOPS + 1)
    market.send(np.concatenate([market.limit(ANN, Side.BUY, price) for price in prices]))
    market.send(np.concatenate([market.stop(BOB, Side.SELL, price) for price in prices[1:]]))
    market.send(market.limit(BOB, Side.SELL, prices[-1]))
    return market.sent


def outputs_of(exchange: Exchange, batches: list[NDArray[np.void]]) -> tuple[bytes, bytes, int]:
    """All events, all market data and the state hash."""
    events, market_data = [], []
    for batch in batches:
        done = exchange.apply(batch)
        events.append(done.events.tobytes())
        market_data.append(done.market_data.tobytes())
    return b"".join(events), b"".join(market_data), exchange.state_hash()


def test_each_stop_is_triggered_by_the_trade_of_the_one_before() -> None:
    sent = cascade()
    exchange = Exchange()
    for batch in sent[:-1]:
        exchange.apply(batch)
    events = exchange.apply(sent[-1]).events
    triggered = events[events["kind"] == EventKind.TRIGGERED]
    assert triggered["value"].tolist() == list(range(LOWEST + STOPS, LOWEST, -1))
    filled = events[(events["kind"] == EventKind.EXECUTED) & (events["order_type"] == OrderType.STOP)]
    assert filled["last_price"].tolist() == list(range(LOWEST + STOPS - 1, LOWEST - 1, -1))
    assert exchange.memory[at.LIVE_ORDERS] == 0


def test_the_same_in_every_run_and_with_every_batch() -> None:
    sent = cascade()
    expected = outputs_of(Exchange(), sent)
    assert outputs_of(Exchange(), sent) == expected
    rows = np.concatenate(sent)
    assert outputs_of(Exchange(), [rows]) == expected
    heads = np.flatnonzero(rows["group_count"])
    assert outputs_of(Exchange(), np.split(rows, heads[1:])) == expected


def test_a_waiting_stop_is_an_open_order_with_its_stop_price() -> None:
    market = Recorder()
    market.send(market.stop(BOB, Side.SELL, LOWEST))
    orders = views.open_orders(market.exchange, BOB)
    assert orders[["order_type", "leaves", "value"]].tolist() == [(OrderType.STOP, 1, LOWEST)]
    assert len(views.book_orders(market.exchange, INSTRUMENT)) == 0


def test_many_trailing_stops_that_move_at_once_find_room() -> None:
    market = Recorder()
    market.send(market.limit(ANN, Side.SELL, 50_000))
    market.send(market.limit(BOB, Side.BUY, 50_000))
    rows = []
    for number in range(300):
        stop = market.stop(BOB, Side.SELL, 20_000)
        stop["order_type"][0] = OrderType.TRAILING_STOP
        stop.view(ORDER_TERMS)["offset"][1] = 100 + number * 70
        rows.append(stop)
    market.send(np.concatenate(rows))
    market.send(market.limit(ANN, Side.SELL, 60_000))
    events = market.send(market.limit(BOB, Side.BUY, 60_000)).events
    moved = events[events["kind"] == EventKind.RESTATED]
    assert sorted(moved["value"].tolist()) == [60_000 - 100 - number * 70 for number in reversed(range(300))]
    assert market.exchange.memory[at.MEMORY_USED] <= market.exchange.memory.size
