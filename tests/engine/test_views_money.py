"""What the readers of money say: balances, system accounts and margin are those of the commands before."""

import numpy as np
import pytest

from server.engine import views, views_money
from server.protocol.enums import AccountKind, CommandKind, Phase, RejectReason, Side
from server.protocol.records import ACCOUNT_TERMS, COMMAND, EXCHANGE_RATE, OPERATION
from tests.engine.market import ANN, BOB, INSTRUMENT, Market

DOLLAR, EURO = 0, 978


@pytest.fixture
def market() -> Market:
    market = Market(cash_scale=10)
    for account in (ANN, BOB):
        terms = np.zeros(1, ACCOUNT_TERMS)
        terms["kind"], terms["account"], terms["currencies"] = CommandKind.SET_ACCOUNT, account, 1
        terms["account_kind"] = AccountKind.MARGIN if account == ANN else AccountKind.CASH
        market.send(terms.view(COMMAND))
    operate(market, CommandKind.ADJUST_BALANCE, amount=5_000, currency=EURO)
    market.server(CommandKind.ADJUST_CASH, account=ANN, quantity=100_000)
    return market


def operate(market: Market, kind: CommandKind, **fields: int) -> None:
    operation = np.zeros(1, OPERATION)
    operation["kind"], operation["account"] = kind, ANN
    for name, value in fields.items():
        operation[name] = value
    market.send(operation.view(COMMAND))


def set_rate(market: Market) -> None:
    rate = np.zeros(1, EXCHANGE_RATE)
    rate["kind"], rate["base"], rate["quote"] = CommandKind.SET_RATE, EURO, DOLLAR
    rate["numerator"], rate["denominator"] = 11, 10
    market.send(rate.view(COMMAND))


def test_balances_by_currency(market: Market) -> None:
    rows = views_money.balances(market.exchange, ANN)
    assert [(int(row["currency"]), int(row["cash"])) for row in rows] == [(DOLLAR, 100_000), (EURO, 5_000)]
    assert views_money.system_cash(market.exchange) == {(0, DOLLAR): -100_000, (0, EURO): -5_000}


def test_conversion_goes_through_its_account(market: Market) -> None:
    set_rate(market)
    operate(market, CommandKind.CONVERT, amount=1_001, currency=EURO, currency_2=DOLLAR)
    rows = views_money.balances(market.exchange, ANN)
    assert [int(row["cash"]) for row in rows] == [101_101, 3_999]
    system = views_money.system_cash(market.exchange)
    assert system[16_777_204, EURO] == 1_001
    assert system[16_777_204, DOLLAR] == -1_101


def test_margin_needs_a_price_and_a_rate_before_it_is_known(market: Market) -> None:
    assert views_money.margin(market.exchange, ANN).reason == RejectReason.NO_RATE
    set_rate(market)
    assert views_money.margin(market.exchange, ANN) == (0, 0, 105_500, RejectReason.NONE)
    for phase in (Phase.HALTED, Phase.CONTINUOUS):
        market.server(CommandKind.SET_PHASE, instrument=INSTRUMENT, side=phase, price=100)
    market.send(market.limit(BOB, Side.SELL, 100, 7))
    market.send(market.limit(ANN, Side.BUY, 100, 5))
    market.send(market.limit(ANN, Side.BUY, 90, 4))
    assert views_money.margin(market.exchange, ANN) == (9 * 1_000, 5 * 1_000, 105_500, RejectReason.NONE)


def test_reading_changes_nothing(market: Market) -> None:
    set_rate(market)
    before = market.exchange.state_hash()
    views_money.margin(market.exchange, ANN)
    views_money.balances(market.exchange, BOB)
    views_money.system_cash(market.exchange)
    assert market.exchange.state_hash() == before
    assert len(views.positions(market.exchange, ANN)) == 0
    assert views.instrument_ids(market.exchange) == [INSTRUMENT]
