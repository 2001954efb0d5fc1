"""The operators' commands about accounts: opening, settings, cash and lots given.

Rules: `CHECKS` come after those that every command of the server meets; `DO` runs once none of them refused.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import AccountKind, CommandKind, CostMethod, EventKind, RejectReason, SelfTrade
from tests.oracle.accounts import HOUSE, SYSTEM_BEGIN, Account, Position
from tests.oracle.approval import approval_refused
from tests.oracle.guards import check_lots
from tests.oracle.layouts import AccountTerms
from tests.oracle.money import adjust_lots
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.state import Command

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

MONEY_MAX = 1 << 61


def check_account(x: "OracleExchange", c: Command) -> Refusal:
    """An account that can be opened."""
    terms: AccountTerms = x.body
    return first_wrong(
        c.account,
        [
            c.account == 0 or c.account >= SYSTEM_BEGIN or c.account in x.accounts,
            terms.credit_limit < 0 or terms.credit_limit > MONEY_MAX,
            terms.position_max < 0,
            terms.orders_max == 0,
        ],
    )


def check_account_named(x: "OracleExchange", c: Command) -> Refusal:
    """The account is open, and not the house."""
    return None if c.account and c.account in x.accounts else (RejectReason.UNKNOWN_ACCOUNT, c.account, 0)


def check_settings(x: "OracleExchange", c: Command) -> Refusal:
    """Settings that exist; a method of cost cannot change under a position."""
    settings, account = x.body, x.accounts[c.account]
    holds = account.live_orders > 0 or any(
        position.net for (number, _), position in x.positions.items() if number == c.account
    )
    return first_wrong(
        c.account,
        [
            settings.account_kind > max(AccountKind),
            settings.cost_method > max(CostMethod),
            settings.self_trade > max(SelfTrade),
            settings.effective_ns > x.time_ns,
            settings.cost_method != account.cost_method and holds,
        ],
    )


def check_settings_approval(x: "OracleExchange", c: Command) -> Refusal:
    """A second person agrees."""
    return approval_refused(c.user, x.body.approver, needed=True)


def check_cash(x: "OracleExchange", c: Command) -> Refusal:
    """An amount that leaves account and house within what can be counted."""
    account = x.accounts[c.account]
    refused = first_wrong(c.quantity, [abs(account.cash + c.quantity) > MONEY_MAX])
    return refused or check_house_cash(x, account.currency, c.quantity)


def check_house_cash(x: "OracleExchange", currency: int, amount: int) -> Refusal:
    """The house can give it."""
    house = x.accounts[HOUSE]
    total = sum(balance.cash for balance in house.balances.values())
    if max(abs(house.balance(currency).cash - amount), abs(total - amount)) > MONEY_MAX:
        return RejectReason.AMOUNT_TOO_LARGE, amount, MONEY_MAX
    return None


def check_position(x: "OracleExchange", c: Command) -> Refusal:
    """Lots and a cost price that the instrument allows, and that can be counted."""
    instrument = x.instruments[c.instrument]
    terms = instrument.terms
    in_range = terms.price_min <= c.price <= terms.price_max
    refused = first_wrong(c.quantity, [c.quantity == 0, abs(c.quantity) > terms.quantity_max, not in_range])
    for number in (c.account, HOUSE):
        position = x.positions.get((number, c.instrument), Position())
        lots = abs(position.net) + position.open_buy + position.open_sell + abs(c.quantity)
        refused = refused or check_lots(position, instrument, lots)
    return refused


def open_account(x: "OracleExchange", c: Command) -> None:
    """Open an account without money."""
    x.accounts[c.account] = Account(c.account, x.body)
    x.output.event(EventKind.ACCOUNT_OPENED, c.user, session=c.session, account=c.account, label=x.body.name)


def set_account(x: "OracleExchange", c: Command) -> None:
    """Give the account these settings at once."""
    settings = x.body
    x.accounts[c.account].settings = settings
    x.output.event(
        EventKind.SETTING_CHANGED, c.user, session=c.session, account=c.account, order_id=settings.approver,
        price=settings.firm, quantity=settings.desk, value=c.kind,
    )  # fmt: skip


def adjust_cash(x: "OracleExchange", c: Command) -> None:
    """Give cash to the account; the house takes the other side."""
    account = x.accounts[c.account]
    x.ledger.transfer(account, account.currency, c.quantity)
    x.ledger.transfer(x.accounts[HOUSE], account.currency, -c.quantity)
    x.output.cash(c.user, account, c.session)


def adjust_position(x: "OracleExchange", c: Command) -> None:
    """Give lots at a cost price to the account; the house takes the other side."""
    account, instrument = x.accounts[c.account], x.instruments[c.instrument]
    adjust_lots(x, account, instrument, c.quantity, c.price)
    adjust_lots(x, x.accounts[HOUSE], instrument, -c.quantity, c.price)
    x.output.position(c.user, account, instrument, x.position(c.account, c.instrument), c.session)


CHECKS = {
    CommandKind.OPEN_ACCOUNT: (check_account,),
    CommandKind.SET_ACCOUNT: (check_account_named, check_settings, check_settings_approval),
}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.OPEN_ACCOUNT: open_account,
    CommandKind.SET_ACCOUNT: set_account,
    CommandKind.ADJUST_CASH: adjust_cash,
    CommandKind.ADJUST_POSITION: adjust_position,
}
