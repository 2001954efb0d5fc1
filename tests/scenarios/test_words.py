"""The words of the scenarios mean the records that they should."""

from typing import Any

import numpy as np
import pytest

from server.protocol.enums import CommandKind, OrderFlag, OrderType, Phase, TimeInForce
from server.protocol.records import COMMAND, NO_PRICE, ORDER_TERMS, QUOTE_ENTRY, TICK_TABLE
from tests.scenarios.server_words import LAYOUTS
from tests.scenarios.table import parse
from tests.scenarios.world import START_NS, World

ORDERS = {
    "ann sells 10 stop 95 as s1": ({"order_type": OrderType.STOP, "price": NO_PRICE}, {"stop_price": 95}),
    "ann sells 10 @ 94 stop 95": ({"order_type": OrderType.STOP_LIMIT, "price": 94}, {"stop_price": 95}),
    "ann sells 10 stop 95 @ 94": ({"order_type": OrderType.STOP_LIMIT, "price": 94}, {"stop_price": 95}),
    "ann sells 10 stop 95 trailing 5": ({"order_type": OrderType.TRAILING_STOP}, {"stop_price": 95, "offset": 5}),
    "ann sells 10 trailing 2%": (
        {"order_type": OrderType.TRAILING_STOP}, {"trail_ppm": 20_000, "stop_price": NO_PRICE},
    ),
    "ann buys 50 @ 100 showing 10": ({"order_type": OrderType.LIMIT}, {"display_quantity": 10}),
    "ann buys 5 pegged mid -1 capped 105 hidden": (
        {"order_type": OrderType.PEGGED, "flags": OrderFlag.HIDDEN}, {"peg": 2, "offset": -1, "price_cap": 105},
    ),
    "ann buys 5 @ market at-open": ({"order_type": OrderType.MARKET, "time_in_force": TimeInForce.AT_OPEN}, {}),
    "ann buys 5 @ market": ({"order_type": OrderType.MARKET, "time_in_force": TimeInForce.IOC}, {}),
    "ann buys 5 @ market-to-limit gtc": ({"order_type": OrderType.MARKET_TO_LIMIT, "time_in_force": 2}, {}),
    "ann buys 5 @ 100 until +5s": ({"time_in_force": TimeInForce.GTD}, {"expire_time_ns": START_NS + 5 * 10**9}),
    "ann buys 5 @ 100 at-least 3 stp decrement for bob": ({"flags": 4 << 8, "account": 2}, {"minimum_quantity": 3}),
    "ann sells 5 @ 100 lot #3": ({}, {"lot_trade_id": 1 << 48 | 3}),
    "ann buys 5 @ 100 post-only slide confirmed in XYZ group 7": (
        {"flags": 1 | 4 | 128, "instrument": 2, "self_trade_group": 7}, {},
    ),
    "ann buys 5 @ 100 showing 2 with terms.display_quantity=-1": ({}, {"display_quantity": -1}),
}  # fmt: skip


def matches(row: np.void, fields: dict[str, Any]) -> bool:
    """Whether the fields of a record are these."""
    return all(row[name] == value for name, value in fields.items())


@pytest.mark.parametrize("words", ORDERS)
def test_an_order_and_its_terms(words: str) -> None:
    order, terms = ORDERS[words]
    rows = World().command(words)
    assert matches(rows[0], order | {"group_count": len(rows), "counter": 1, "user": 1})
    assert len(rows) == 1 + bool(terms)
    if terms:
        assert matches(rows[1:].view(ORDER_TERMS)[0], terms | {"group_count": 0, "counter": 0, "kind": 16})


def test_a_bracket_is_one_group() -> None:
    words = "ann buys 5 @ 100 as e & target sells 5 @ 110 as t & stop-loss sells 5 stop 90 as s"
    rows = World().command(words)
    assert rows["kind"].tolist() == [1, 1, 16, 1, 16]
    assert rows["group_count"].tolist() == [5, 0, 0, 0, 0]
    assert rows["counter"].tolist() == [1, 2, 0, 3, 0]
    assert rows["sequence"].tolist() == [1, 2, 3, 4, 5]
    assert rows[[2, 4]].view(ORDER_TERMS)["link"].tolist() == [2, 3]


def test_quotes_and_mass_cancels() -> None:
    rows = World().command("ann quotes ABC 5@99 4@101 as q1, XYZ 3@50 -")
    quotes = rows[1:].view(QUOTE_ENTRY)
    assert rows["kind"].tolist() == [5, 17, 17]
    assert quotes["ask_price"].tolist() == [101, NO_PRICE]
    assert quotes["bid_quantity"].tolist() == [5, 3]
    row = World().command("ann cancels all sells of bob in XYZ between 95 and 105 labelled a algorithm 3")[0]
    assert matches(row, {"account": 2, "side": 1, "instrument": 2, "price": 95, "quantity": 105, "flags": 7})


SERVER = {
    "phase VOLATILITY_CALL at 90 in XYZ": (CommandKind.SET_PHASE, {"side": Phase.VOLATILITY_CALL, "price": 90}),
    "phase CLOSED in all": (CommandKind.SET_PHASE, {"instrument": 0}),
    "account ann account_kind=MARGIN cost_method=FIFO": (CommandKind.SET_ACCOUNT, {"account_kind": 1}),
    "rules ABC collar_ppm=2.5% by olga approved otto": (
        CommandKind.SET_RULES, {"collar_ppm": 25_000, "user": 21, "approver": 22},
    ),
    "auction ABC volatility_ms=100": (CommandKind.SET_AUCTION, {"volatility_ms": 100, "instrument": 1}),
    "schedule ABC CONTINUOUS +5s": (CommandKind.SET_SCHEDULE, {"phase": 2, "due_ns": START_NS + 5 * 10**9}),
    "schedule ABC none": (CommandKind.SET_SCHEDULE, {"phase": 0, "due_ns": 0}),
    "limit ACCOUNT ann ORDER_QUANTITY hard=100 soft=50 in ABC": (
        CommandKind.SET_LIMIT, {"scope": 4, "scope_id": 1, "check": 1, "hard": 100, "soft": 50, "instrument": 1},
    ),
    "block USER ann BLOCK_AND_CANCEL by olga": (CommandKind.SET_BLOCK, {"scope": 3, "action": 3, "user": 21}),
    "permission DESK 7 LISTED_ONLY": (CommandKind.SET_PERMISSION, {"scope": 2, "scope_id": 7, "action": 3}),
    "locate ann 500 in ABC": (CommandKind.SET_LOCATE, {"account": 1, "hard": 500, "instrument": 1}),
    "protection ann hard=3 window_ns=1s": (CommandKind.SET_PROTECTION, {"hard": 3, "window_ns": 10**9}),
    "fees 2 taker_e8=50_000": (CommandKind.SET_FEES, {"schedule": 2, "taker_e8": 50_000}),
    "rate 1 2 3/2": (CommandKind.SET_RATE, {"numerator": 3, "denominator": 2}),
    "convert ann 1 2 500": (CommandKind.CONVERT, {"currency_2": 2, "amount": 500}),
    "adjust ann 2 -500": (CommandKind.ADJUST_BALANCE, {"currency": 2, "amount": -500}),
    "bust #3 by olga approved otto": (CommandKind.BUST_TRADE, {"trade_id": 1 << 48 | 3, "approver": 22}),
    "adjust-trade #3 amount=99": (CommandKind.ADJUST_TRADE, {"amount": 99}),
    "split ABC 2/1": (CommandKind.SPLIT, {"numerator": 2, "denominator": 1}),
    "dividend ABC 5": (CommandKind.DIVIDEND, {"amount": 5}),
    "rename ABC AB2": (CommandKind.RENAME, {"symbol": b"AB2"}),
    "end-day 20261123 20261124": (CommandKind.END_DAY, {"numerator": 20_261_123, "denominator": 20_261_124}),
    "cash ann 5 by olga approved otto": (CommandKind.ADJUST_CASH, {"user": 21, "algorithm": 22}),
}  # fmt: skip


@pytest.mark.parametrize("words", SERVER)
def test_a_command_of_the_server(words: str) -> None:
    kind, fields = SERVER[words]
    row = World().command(words).view(LAYOUTS.get(kind, COMMAND))[0]
    assert matches(row, fields | {"kind": kind, "group_count": 1})


def test_a_tick_table_of_six_steps() -> None:
    rows = World().command("ticks 3: 0 1, 100 5, 200 10, 300 20, 400 50, 500 100").view(TICK_TABLE)
    assert rows["count"].tolist() == [4, 2]
    assert rows["table"].tolist() == [3, 3]
    assert rows["steps"][1].tolist() == [[400, 50], [500, 100], [0, 0], [0, 0]]


def test_words_that_mean_nothing_are_refused() -> None:
    for words in ("ann sings", "ann buys ten @ 100", "ann buys 10 @ 100 softly now", "phase NOWHERE", "weather fine"):
        with pytest.raises((ValueError, KeyError)):
            World().command(words)


def test_a_group_may_stand_on_several_lines() -> None:
    text = "=== T\nrules 1\nann buys 1 @ 2 | x\n& sells 1 @ 3 | y\n  | z"
    step = parse("f", text)[0].steps[0]
    assert (step.text, step.expected) == ("ann buys 1 @ 2 & sells 1 @ 3", ["x", "y", "z"])
