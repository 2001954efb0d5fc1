"""The group by which the workstation moves a waiting stop is one that the exchange takes."""

import numpy as np
import pytest

from app.state.commands import replace_stop
from server.protocol.enums import CommandKind, EventKind, OrderType, Side, TimeInForce
from server.protocol.records import COMMAND, NO_PRICE, ORDER_TERMS
from tests.engine.market import ANN, BOB, Market


@pytest.mark.parametrize("order_type", [OrderType.STOP, OrderType.STOP_LIMIT])
def test_the_exchange_takes_the_group_that_moves_a_stop(order_type: OrderType) -> None:
    market = Market()
    limit = 4690 if order_type is OrderType.STOP_LIMIT else NO_PRICE
    for side in (Side.BUY, Side.SELL):
        market.send(market.limit(BOB, side, 4850))
    entered = market.row(
        ANN, CommandKind.NEW_ORDER, side=Side.SELL, price=limit, quantity=5, order_type=order_type,
        time_in_force=TimeInForce.GTC,
    )  # fmt: skip
    terms = np.zeros(1, ORDER_TERMS)
    terms["kind"], terms["stop_price"] = CommandKind.ORDER_TERMS, 4700

    def apply(group: np.ndarray) -> np.void:
        group["group_count"], group["session"], group["user"] = [2, 0], ANN, ANN  # as client and gateway write them
        group["sequence"] = group["time_ns"] = market.exchange.sequence + 1 + np.arange(2)
        done: np.void = market.exchange.apply(group).events[0]
        return done

    accepted = apply(np.concatenate([entered, terms.view(COMMAND)]))
    assert (accepted["kind"], accepted["value"]) == (EventKind.ACCEPTED, 4700)
    moved_limit = limit if limit == NO_PRICE else limit - 20
    group = replace_stop(int(accepted["order_id"]), moved_limit, 4680, 5, 0)
    stamp = market.row(ANN, CommandKind.REPLACE_ORDER)
    for name in ("client_instance", "counter", "account", "instrument"):
        group[name][0] = stamp[name][0]
    replaced = apply(group)
    assert (replaced["kind"], replaced["value"], replaced["quantity"]) == (EventKind.REPLACED, 4680, 5)
    if order_type is OrderType.STOP_LIMIT:
        assert replaced["price"] == 4670
