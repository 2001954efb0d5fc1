"""Sums near 2^62 are refused, never wrapped: engine and oracle agree, and the oracle counts without an end."""

import random

import numpy as np
import pytest
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind, EventKind, RejectReason
from server.protocol.records import COMMAND, POSITION_EVENT
from tests.engine.market import ANN, BOB, INSTRUMENT, Market
from tests.oracle.exchange import OracleExchange

PRICE_MAX = 1 << 30
LIMIT = 1 << 62


class Recorder(Market):
    """A market with a wide price range that keeps all its commands."""

    def __init__(self) -> None:
        self.rows: list[NDArray[np.void]] = []
        super().__init__(price_max=PRICE_MAX, cash_scale=1 << 11)

    def send(self, rows: NDArray[np.void]) -> object:  # type: ignore[override]
        """Stamps, keeps and applies rows."""
        outputs = super().send(rows)
        self.rows.append(rows.copy())
        return outputs


def wild_flow(seed: int) -> Recorder:
    """Orders, replaces and adjustments as large as the instrument allows."""
    draw, market = random.Random(seed), Recorder()
    quantities = (1, 1_000, 500_000, 999_999, 1_000_000)
    prices = (1, 1 << 20, PRICE_MAX // 2, PRICE_MAX - 1, PRICE_MAX)
    for number in range(150):
        user, side = draw.choice((ANN, BOB)), draw.randrange(2)
        choice = draw.random()
        if choice < 0.75:
            market.send(market.limit(user, side, draw.choice(prices), draw.choice(quantities)))
        elif choice < 0.83:
            market.server(
                CommandKind.ADJUST_POSITION, account=user, instrument=INSTRUMENT, price=draw.choice(prices),
                quantity=draw.choice((-1, 1)) * draw.choice(quantities),
            )  # fmt: skip
        elif choice < 0.9:
            amount = draw.choice((-1, 1)) * draw.choice((1 << 61, 1 << 60, (1 << 62) - 1, 5))
            market.server(CommandKind.ADJUST_CASH, account=user, quantity=amount)
        else:
            change = {"price": draw.choice(prices), "quantity": draw.choice(quantities)}
            order_id = 1 << 48 | draw.randrange(1, number + 2)
            market.send(market.row(user, CommandKind.REPLACE_ORDER, order_id=order_id, **change))
    return market


@pytest.mark.parametrize("seed", range(4))
def test_sums_near_the_bound(seed: int) -> None:
    with np.errstate(over="ignore"):
        market = wild_flow(seed)
        commands = np.concatenate(market.rows).view(COMMAND)
        outputs = Exchange().apply(commands)
        oracle = OracleExchange()
        expected = oracle.apply(commands)
        assert outputs.events.tobytes() == expected.events.tobytes()
        assert market.exchange.state_hash() == oracle.state_hash()
    events = outputs.events
    reasons = set(events["reason"][events["kind"] == EventKind.REJECTED].tolist())
    assert RejectReason.AMOUNT_TOO_LARGE in reasons, "nothing came near the bound"
    positions = events[events["kind"] == EventKind.POSITION].view(POSITION_EVENT)
    for name in ("net", "cost", "realised", "cash", "reserved", "open_buy", "open_sell"):
        assert (np.abs(positions[name]) < LIMIT).all(), name


def test_an_order_at_the_bound_passes_and_one_lot_more_does_not() -> None:
    with np.errstate(over="ignore"):
        market = Market(price_max=PRICE_MAX, cash_scale=1 << 11)
        unit = PRICE_MAX << 11
        most = ((1 << 61) - 1) // unit
        assert market.send(market.limit(ANN, 0, 1, 1_000_000)).events[0]["kind"] == EventKind.ACCEPTED
        left = most - 1_000_000
        refused = market.send(market.limit(ANN, 0, 1, left + 1)).events[0]
        told = (refused["reason"], refused["value"], refused["limit"])
        assert told == (RejectReason.AMOUNT_TOO_LARGE, most + 1, most)
        assert market.send(market.limit(ANN, 0, 1, left)).events[0]["kind"] == EventKind.ACCEPTED
        assert market.send(market.limit(ANN, 0, 1, 1)).events[0]["reason"] == RejectReason.AMOUNT_TOO_LARGE
