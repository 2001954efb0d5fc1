"""The book takes any price and grows with the orders that live, not with the range of prices or with history."""

import numpy as np

from server.engine import layout as at
from server.engine import views
from server.protocol.enums import EventKind, Side
from tests.engine.market import ANN, BOB, INSTRUMENT, Market


def words_used(market: Market) -> int:
    return int(market.exchange.memory[at.MEMORY_USED])


def test_orders_come_and_go_without_more_memory() -> None:
    market = Market(price_max=4_000_000_000)
    draw = np.random.default_rng(7)
    used = []
    for _ in range(4):
        prices = draw.choice(4_000_000_000, 300, replace=False) + 1
        rows = np.concatenate([market.limit(ANN, Side.BUY, int(price)) for price in prices])
        ids = market.send(rows).events["order_id"].copy()
        market.send(np.concatenate([market.cancel(ANN, int(order)) for order in draw.permutation(ids)]))
        used.append(words_used(market))
        assert len(views.book_orders(market.exchange, INSTRUMENT)) == 0
    assert max(used) < 1.2 * used[0], f"seed 7: {used}"


def test_the_best_price_is_found_across_any_distance() -> None:
    market = Market(price_max=4_000_000_000)
    prices = [4_000_000_000, 3_999_999_937, 2_000_000_000, 64 * 64, 64, 63, 2, 1]
    for price in prices:
        market.send(market.limit(ANN, Side.SELL, price))
    levels = views.book_levels(market.exchange, INSTRUMENT)
    assert levels["price"].tolist() == sorted(prices)
    events = market.send(market.limit(BOB, Side.BUY, 4_000_000_000, quantity=len(prices))).events
    executed = events[events["kind"] == EventKind.EXECUTED]
    assert executed["last_price"][::2].tolist() == sorted(prices)
    assert len(views.book_levels(market.exchange, INSTRUMENT)) == 0


def test_one_order_can_meet_more_than_the_buffers_hold() -> None:
    market = Market()
    count = 6_000
    market.send(np.concatenate([market.limit(ANN, Side.SELL, 100 + n % 7) for n in range(count)]))
    events = market.send(market.limit(BOB, Side.BUY, 200, quantity=count)).events
    assert np.count_nonzero(events["kind"] == EventKind.EXECUTED) == 2 * count
    assert events["sequence"].tolist() == list(range(int(events["sequence"][0]), int(events["sequence"][-1]) + 1))


def test_an_exchange_with_no_memory_to_spare_goes_on_as_one_with_much() -> None:
    market = Market()
    market.send(np.concatenate([market.limit(ANN, Side.SELL, 100 + n % 7) for n in range(500)]))
    twin = market.exchange.copy()
    assert twin.memory.size == words_used(market) < market.exchange.memory.size
    rows = np.concatenate([market.limit(BOB, Side.BUY, 100 + n % 9 - n // 500 * 50) for n in range(1_500)])
    outputs = market.send(rows)
    events, market_data = outputs.events.copy(), outputs.market_data.copy()
    assert np.count_nonzero(events["kind"] == EventKind.EXECUTED) > 600
    outputs = twin.apply(rows)
    assert np.array_equal(outputs.events, events)
    assert np.array_equal(outputs.market_data, market_data)
    assert twin.state_hash() == market.exchange.state_hash()
