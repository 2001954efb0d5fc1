"""The result of a position, and the loss of the day over the positions of a scope (15.7)."""

from typing import TYPE_CHECKING

from server.protocol.enums import Scope
from server.protocol.records import NO_PRICE
from tests.oracle.accounts import Position
from tests.oracle.margin import bounded, price_of
from tests.oracle.scope_rows import ScopeRow
from tests.oracle.state import Instrument

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def result_now(position: Position, instrument: Instrument) -> int:
    """Realised, income, fees, and what the position is worth above its cost."""
    price = price_of(instrument)
    result = bounded(bounded(position.realised + position.income) - position.fees)
    if position.net == 0 or price == NO_PRICE:
        return result
    worth = bounded(position.net * price * instrument.terms.cash_scale)
    return bounded(bounded(result + worth) - position.cost)


def loss_of_day(x: "OracleExchange", row: ScopeRow) -> int:
    """What the positions of the row's accounts have lost since the day began."""
    total = 0
    for (number, instrument), position in sorted(x.positions.items(), key=lambda item: item[0]):
        account = x.accounts.get(number)
        if account and row.scope != Scope.VENUE and row.has_account(account):
            baseline = x.risk.baselines.get((number, instrument), 0)
            total = bounded(total + bounded(result_now(position, x.instruments[instrument]) - baseline))
    return -total


def begin_risk_day(x: "OracleExchange") -> None:
    """Let the day's counters begin again, and the loss at the present results."""
    for row in x.risk.rows.values():
        row.day_messages = row.trades = row.entered = row.traded = 0
    for (number, instrument), position in x.positions.items():
        account = x.accounts.get(number)
        if account and account.terms:
            x.risk.baselines[number, instrument] = result_now(position, x.instruments[instrument])
