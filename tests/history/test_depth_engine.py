"""The books that the history replays are the engine's, whatever orders, auctions and corrections there were."""

import pytest

from server.engine.exchange import Exchange
from server.gateway.engine_view import EngineView
from server.history.books import Column, Sampler
from tests.oracle.flow import random_run
from tests.oracle.flow_areas import MIXES


@pytest.mark.parametrize("mix", MIXES)
def test_levels_and_orders_are_those_of_the_engine(mix: str) -> None:
    run = random_run(11, 4_000, areas=MIXES[mix])
    columns: list[Column] = []
    sampler = Sampler(columns.append)
    exchange = Exchange(1)
    view = EngineView(exchange)
    compared = 0
    for start in range(0, len(run.commands), 50):
        sampler.add(exchange.apply(run.commands[start : start + 50]).market_data)
        for instrument in view.instrument_ids():
            levels = view.book_levels(instrument)
            engines = {int(row["price"]) * 2 + int(row["side"]): int(row["level_quantity"]) for row in levels}
            book = sampler.books.get(instrument)
            assert engines == (book.levels if book else {}), f"instrument {instrument} after {start}"
            orders = view.book_orders(instrument)
            known = {order: held for order, held in book.orders.items() if held[1]} if book else {}
            assert known == {int(row["public_order_id"]): (int(row["price"]), int(row["quantity"])) for row in orders}
            compared += len(engines)
    assert compared > 20
    assert columns
