"""Check 29: operators' commands whose numbers do not fit together (section 7)."""

from typing import TYPE_CHECKING

from server.protocol.enums import RejectReason, Right
from tests.oracle.state import AccountTerms, Command, InstrumentTerms

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

Refusal = tuple[RejectReason, int, int] | None
INSTRUMENTS_END = 65_536
ACCOUNTS_END = 16_777_216
TICKS_END = (1 << 32) - 1
AMOUNT_LIMIT = 1 << 62
MONEY_MAX = 1 << 61
ALL_RIGHTS = int(Right.VIEW | Right.TRADE | Right.OPERATE)


def first_wrong(offender: int, wrong: list[bool]) -> Refusal:
    """The refusal that names the first thing that is wrong, counted from 1."""
    return (RejectReason.INVALID_DEFINITION, offender, wrong.index(True) + 1) if any(wrong) else None


def check_instrument(x: "OracleExchange", c: Command) -> Refusal:
    """An instrument that can be listed."""
    terms: InstrumentTerms = x.instrument_terms
    span = terms.price_max - terms.price_min
    tick = terms.tick_size
    largest = max(abs(terms.price_min), abs(terms.price_max)) * terms.quantity_max * terms.cash_scale
    return first_wrong(
        c.instrument,
        [
            c.instrument == 0 or c.instrument >= INSTRUMENTS_END or c.instrument in x.instruments,
            span < 0,
            tick == 0 or span // tick >= TICKS_END or span % tick != 0,
            terms.quantity_max < 1,
            terms.cash_scale < 1,
            largest >= AMOUNT_LIMIT,
            terms.lot_size == 0,
        ],
    )


def check_account(x: "OracleExchange", c: Command) -> Refusal:
    """An account that can be opened."""
    terms: AccountTerms = x.account_terms
    return first_wrong(
        c.account,
        [
            c.account == 0 or c.account >= ACCOUNTS_END or c.account in x.accounts,
            terms.credit_limit < 0 or terms.credit_limit > MONEY_MAX,
            terms.position_max < 0,
            terms.orders_max == 0,
        ],
    )


def check_cash(x: "OracleExchange", c: Command) -> Refusal:
    """An amount that leaves the account within what can be counted."""
    return first_wrong(c.quantity, [abs(x.accounts[c.account].cash + c.quantity) > MONEY_MAX])


def check_position(x: "OracleExchange", c: Command) -> Refusal:
    """Lots and a cost price that the instrument allows."""
    terms = x.instruments[c.instrument].terms
    in_range = terms.price_min <= c.price <= terms.price_max
    return first_wrong(c.quantity, [c.quantity == 0, abs(c.quantity) > terms.quantity_max, not in_range])


def check_grant(_: "OracleExchange", c: Command) -> Refusal:
    """A user, and rights that exist."""
    return first_wrong(c.decision_maker, [c.decision_maker == 0, bool(c.flags & ~ALL_RIGHTS)])
