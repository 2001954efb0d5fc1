"""The record of trades grows, then is written round: the last 131,072 trades can be corrected, no older one."""

from typing import Any

import numpy as np
import pytest

from server.engine.layout_money import TRADES_KEPT
from server.protocol.enums import CommandKind, EventKind, RejectReason, Side
from server.protocol.records import COMMAND, OPERATION
from tests.engine.market import ANN, BOB, Market, row

SHARD = 1 << 48


def bust(market: Market, number: int) -> Any:
    """The first event of a bust of the trade of this number."""
    operation = np.zeros(1, OPERATION)
    operation["kind"], operation["trade_id"] = CommandKind.BUST_TRADE, SHARD | number
    return market.send(operation.view(COMMAND)).events[0].copy()


def make_trades(market: Market, count: int) -> None:
    """As many trades of one lot, price 100 and up by turns."""
    rows = np.concatenate([
        market.limit(user, side, 100 + number % 7)
        for number in range(count)
        for user, side in ((BOB, Side.SELL), (ANN, Side.BUY))
    ])  # fmt: skip
    market.send(rows)


def test_every_trade_is_found_after_the_table_has_grown() -> None:
    with np.errstate(over="ignore"):
        market = Market()
        make_trades(market, 700)
        for number in (1, 2, 255, 256, 257, 511, 512, 513, 700):
            event = bust(market, number)
            assert event["kind"] == EventKind.TRADE_BUSTED
            assert event["last_price"] == 100 + (number - 1) % 7
        assert bust(market, 256)["reason"] == RejectReason.ALREADY_BUSTED
        assert bust(market, 701)["reason"] == RejectReason.UNKNOWN_TRADE
        assert bust(market, 0)["reason"] == RejectReason.UNKNOWN_TRADE


@pytest.mark.slow
def test_the_oldest_are_forgotten() -> None:
    market = Market()
    block = 4_096
    for _ in range(int(TRADES_KEPT) // block + 1):
        make_trades(market, block)
    count = int(TRADES_KEPT) + block
    event = bust(market, block)
    assert event["reason"] == RejectReason.TRADE_TOO_OLD
    assert event["limit"] == SHARD | block + 1
    assert bust(market, block + 1)["last_price"] == 100 + block % block % 7
    assert bust(market, count)["kind"] == EventKind.TRADE_BUSTED


def test_no_other_command_takes_a_trade_back() -> None:
    with np.errstate(over="ignore"):
        market = Market()
        make_trades(market, 1)
        refused = market.send(row(CommandKind.BUST_TRADE, order_id=SHARD | 1)).events[0]
        assert refused["reason"] == RejectReason.UNKNOWN_TRADE
