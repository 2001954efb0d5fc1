"""What readers say about the state, after a random run, is what the outputs said on the way."""

from collections import Counter

import numpy as np
import pytest

from server.engine import views, views_money
from server.engine.exchange import Exchange
from server.protocol.enums import EventKind, MarketDataKind, OrderState
from server.protocol.records import POSITION_EVENT, TOP_RECORD
from tests.oracle.flow import random_commands

SEED = 401


@pytest.fixture(scope="module")
def run() -> tuple[Exchange, np.ndarray, np.ndarray]:
    exchange = Exchange()
    outputs = exchange.apply(random_commands(SEED, 5_000))
    return exchange, outputs.events.copy(), outputs.market_data.copy()


def test_top_is_the_last_top_published(run: tuple[Exchange, np.ndarray, np.ndarray]) -> None:
    exchange, _, market_data = run
    tops = market_data[market_data["kind"] == MarketDataKind.TOP].view(TOP_RECORD)
    for instrument in views.instrument_ids(exchange):
        published = tops[tops["instrument"] == instrument]
        if len(published):
            names = ["bid_price", "bid_quantity", "bid_orders", "ask_price", "ask_quantity", "ask_orders"]
            assert views.top(exchange, instrument)[names][0] == published[names][-1], f"seed {SEED}"


def test_levels_add_up_to_their_orders(run: tuple[Exchange, np.ndarray, np.ndarray]) -> None:
    exchange, _, _ = run
    for instrument in views.instrument_ids(exchange):
        orders = views.book_orders(exchange, instrument)
        for level in views.book_levels(exchange, instrument):
            of_level = orders[(orders["side"] == level["side"]) & (orders["price"] == level["price"])]
            assert of_level["quantity"].sum() == level["quantity"]
            assert len(of_level) == level["level_orders"]
        assert views.statistics(exchange, instrument)["orders"][0] >= len(orders)  # hidden ones are live too


def test_open_orders_stand_as_their_last_event_said(run: tuple[Exchange, np.ndarray, np.ndarray]) -> None:
    exchange, events, _ = run
    kinds = [EventKind.ACCEPTED, EventKind.EXECUTED, EventKind.REPLACED, EventKind.CANCELED]
    kinds += [EventKind.TRIGGERED, EventKind.RESTATED]
    for user in views.users(exchange):
        own = events[np.isin(events["kind"], kinds) & (events["user"] == user)]
        last = {int(event["order_id"]): event for event in own}
        live = [order for order, event in sorted(last.items()) if event["state"] < OrderState.FILLED]
        orders = views.open_orders(exchange, user)
        assert orders["order_id"].tolist() == live
        for order in orders:
            event = last[int(order["order_id"])]
            names = [
                "public_order_id",
                "account",
                "instrument",
                "label",
                "price",
                "quantity",
                "leaves",
                "filled",
                "state",
            ]
            assert [order[name] for name in names] == [event[name] for name in names]


def test_positions_and_cash_are_those_of_the_last_event_and_sum_to_zero(
    run: tuple[Exchange, np.ndarray, np.ndarray],
) -> None:
    exchange, events, _ = run
    told = events[events["kind"] == EventKind.POSITION].view(POSITION_EVENT)
    net: dict[int, int] = {}
    for account in [0, *views.account_ids(exchange)]:
        for position in views.positions(exchange, account):
            instrument = int(position["instrument"])
            net[instrument] = net.get(instrument, 0) + int(position["net"])
            of_position = told[(told["account"] == account) & (told["instrument"] == instrument)]
            if len(of_position):
                for name in ("net", "cost", "realised"):
                    assert position[name] == of_position[name][-1], f"seed {SEED}: account {account} {instrument}"
    for instrument, lots in views_money.lots_left_over(exchange).items():
        net[instrument] += lots
    assert set(net.values()) <= {0}
    cash: Counter[int] = Counter()
    for account in views.account_ids(exchange):
        for balance in views_money.balances(exchange, account):
            cash[int(balance["currency"])] += int(balance["cash"])
    for (_, currency), amount in views_money.system_cash(exchange).items():
        cash[currency] += amount
    assert set(cash.values()) <= {0}, f"seed {SEED}: {cash}"


def test_streams_sessions_and_counters(run: tuple[Exchange, np.ndarray, np.ndarray]) -> None:
    exchange, events, _ = run
    for user in views.users(exchange):
        assert views.last_stream_sequence(exchange, user) == np.count_nonzero(events["user"] == user)
    assert views.open_sessions(exchange) == sorted(views.open_sessions(exchange))
    assert views.last_counter(exchange, 77, 77) == 0


def test_what_is_not_there_is_a_key_error(run: tuple[Exchange, np.ndarray, np.ndarray]) -> None:
    exchange, _, _ = run
    with pytest.raises(KeyError, match="instrument 4242 is not listed"):
        views.phase(exchange, 4242)
    with pytest.raises(KeyError, match="account 4242 is not open"):
        views.account_terms(exchange, 4242)
