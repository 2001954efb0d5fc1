"""What a typed line means. It never sends, so the worst a wrong reading can do is a wrong ticket."""

import pytest

from app.models.command_line import read_order
from app.state.instruments import InstrumentTable
from server.protocol.enums import OrderType, Side, TimeInForce
from tests.app.made import instrument

TABLE = InstrumentTable([instrument(1), instrument(2, "TP50 Z6"), instrument(3, "B")])


@pytest.mark.parametrize(
    ("text", "side", "quantity", "symbol", "price"),
    [
        ("b 500 vlta 48.30", Side.BUY, 500, "VLTA", 4830),
        ("sell 2.5k VLTA @48.3", Side.SELL, 2500, "VLTA", 4830),
        ("buy vlta 1,000 48.31", Side.BUY, 1000, "VLTA", 4831),
        ("s tp50 z6 3 5812.25", Side.SELL, 3, "TP50 Z6", 581225),
        ("b 10", Side.BUY, 10, "VLTA", None),
        ("b b 10 48", Side.BUY, 10, "B", 4800),
    ],
)
def test_orders_in_any_sensible_form(text: str, side: Side, quantity: int, symbol: str, price: int | None) -> None:
    order = read_order(text, TABLE, current=1)
    assert order is not None
    assert (order.side, order.quantity, order.instrument.symbol, order.price) == (side, quantity, symbol, price)


def test_market_and_times() -> None:
    market = read_order("s 100 vlta mkt", TABLE, 1)
    assert market is not None
    assert (market.order_type, market.time_in_force, market.price) == (OrderType.MARKET, TimeInForce.IOC, None)
    gtc = read_order("b 100 vlta 48 gtc", TABLE, 1)
    assert gtc is not None
    assert gtc.time_in_force is TimeInForce.GTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "vlta",
        "b",
        "b vlta",
        "b -5 vlta 48",
        "b 0 vlta 48",
        "b 5 vlta 48.305",
        "b 5 vlta 48 49",
        "b nan vlta",
        "x 5 vlta 48",
    ],
)
def test_what_is_no_order_is_none(text: str) -> None:
    assert read_order(text, TABLE, current=1) is None
