"""A command that begins a call has room for all the orders that have waited for it."""

import numpy as np

from server.engine.layout_orders import MORE_ROWS, MORE_WORDS
from server.protocol.enums import CommandKind, MarketDataKind, Phase, TimeInForce
from server.protocol.records import COMMAND, INSTRUMENT_RULES
from tests.engine.market import ANN, BOB, Market

WAITING = 1_200
"""More than the first buffers hold."""


def test_an_interruption_lets_in_all_that_waits() -> None:
    market = Market()
    rules = np.zeros(1, INSTRUMENT_RULES)
    rules["kind"], rules["instrument"], rules["static_ppm"], rules["dynamic_ppm"] = CommandKind.SET_RULES, 1, 100, 100
    with np.errstate(over="ignore"):
        market.send(market.limit(BOB, 1, 500_000))
        market.send(market.limit(ANN, 0, 500_000))
        market.send(rules.view(COMMAND))
        market.send(market.limit(BOB, 1, 600_000))
        for number in range(WAITING):
            order = market.limit(ANN, 0, 1 + number * 400)
            order["time_in_force"] = TimeInForce.AUCTION
            market.send(order)
        outputs = market.send(market.limit(ANN, 0, 600_000))
    added = outputs.market_data["kind"] == MarketDataKind.ADD
    assert int(added.sum()) == WAITING + 1
    assert set(outputs.market_data["phase"][outputs.market_data["kind"] == MarketDataKind.STATUS]) == {
        Phase.VOLATILITY_CALL
    }
    assert int(market.exchange.memory[MORE_ROWS]) == int(market.exchange.memory[MORE_WORDS]) == 0
