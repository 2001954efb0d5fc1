"""Fee schedules, rates, conversions, and balances adjusted (17.3, 17.7, 17.8)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CommandKind, EventKind, RejectReason, Rounding
from tests.oracle.account_commands import MONEY_MAX, check_account_named, check_house_cash
from tests.oracle.accounts import CONVERSION, HOUSE
from tests.oracle.approval import approval_refused
from tests.oracle.fees import E8
from tests.oracle.layouts import FeeSchedule
from tests.oracle.rates import AMOUNT_END, converted_down, rate_refused
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.state import Command

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

TIERS_MAX = 8
DIGITS_MAX = 8
FEE_MAX = 1 << 53
RATE_MAX = 1 << 53
SHARED = ("currency", "rounding", "rounding_digits", "tiers", "clearing_e8", "regulatory_e8")
"""What all tiers of a schedule have in common."""


def check_second_person(x: "OracleExchange", c: Command) -> Refusal:
    """All of these commands need an approver."""
    return approval_refused(c.user, x.body.approver, needed=True)


def check_fees(x: "OracleExchange", c: Command) -> Refusal:
    """A tier that follows those that are set."""
    t: FeeSchedule = x.body
    before = x.schedules.tiers.get(t.schedule, [])
    if x.schedules.is_complete(t.schedule):
        return RejectReason.ALREADY_DONE, t.schedule, len(before)
    wrong_place = not t.tier < t.tiers <= TIERS_MAX or t.tier != len(before)
    rates = max(abs(t.maker_e8), abs(t.taker_e8), abs(t.auction_e8)) + t.clearing_e8 + t.regulatory_e8
    amounts = (t.per_lot, t.per_order, t.minimum, t.maximum)
    return first_wrong(
        t.schedule,
        [
            t.schedule == 0,
            wrong_place,
            bool(before) and any(getattr(t, name) != getattr(before[0], name) for name in SHARED),
            t.rounding > max(Rounding) or t.rounding_digits > DIGITS_MAX,
            (t.tier_value != 0 if t.tier == 0 else not before[-1:] or t.tier_value <= before[-1].tier_value)
            or t.tier_value >= AMOUNT_END,
            t.clearing_e8 < 0 or t.regulatory_e8 < 0 or rates > E8,
            any(abs(amount) > FEE_MAX for amount in amounts),
            t.minimum < 0 or t.maximum < 0 or 0 != t.maximum < t.minimum,
        ],
    )


def set_fees(x: "OracleExchange", c: Command) -> None:
    """Add the tier."""
    tier = x.body
    x.schedules.tiers.setdefault(tier.schedule, []).append(tier)
    system_event(x, c, EventKind.SETTING_CHANGED, value=c.kind, quantity=tier.schedule, limit=tier.tier)


def check_rate(x: "OracleExchange", c: Command) -> Refusal:
    """A rate of two currencies, not from the future."""
    rate = x.body
    return first_wrong(
        rate.base,
        [
            rate.base == rate.quote,
            not 1 <= rate.numerator <= RATE_MAX,
            not 1 <= rate.denominator <= RATE_MAX,
            rate.rate_time_ns > x.time_ns or rate.rate_time_ns < 0,
            rate.max_age_ns < 0,
        ],
    )


def set_rate(x: "OracleExchange", c: Command) -> None:
    """Let the pair have this rate."""
    rate = x.body
    x.rates[rate.base, rate.quote] = rate
    system_event(
        x, c, EventKind.SETTING_CHANGED, value=c.kind, quantity=rate.base, limit=rate.quote,
        last_price=rate.numerator, last_quantity=rate.denominator,
    )  # fmt: skip


def check_conversion(x: "OracleExchange", c: Command) -> Refusal:
    """An amount that the account has, of a currency that it may have, at a rate that is there."""
    asked, account = x.body, x.accounts[c.account]
    base, quote = asked.currency, asked.currency_2
    refused = first_wrong(
        asked.amount,
        [
            asked.amount < 1 or asked.amount >= MONEY_MAX,
            base == quote,
            not (account.may_hold(base) and account.may_hold(quote)),
        ],
    ) or rate_refused(x, base, quote)  # fmt: skip
    if refused:
        return refused
    result = converted_down(x, asked.amount, base, quote)
    if result >= AMOUNT_END:
        return RejectReason.AMOUNT_TOO_LARGE, asked.amount, AMOUNT_END
    total = account.balance(quote).cash + result
    if total > MONEY_MAX:
        return RejectReason.AMOUNT_TOO_LARGE, total, MONEY_MAX
    available = account.available(base)
    return (RejectReason.INSUFFICIENT_CASH, asked.amount, available) if asked.amount > available else None


def convert(x: "OracleExchange", c: Command) -> None:
    """Change an amount of one currency into another."""
    asked, account, other = x.body, x.accounts[c.account], x.system[CONVERSION]
    result = converted_down(x, asked.amount, asked.currency, asked.currency_2)
    for currency, amount in ((asked.currency, -asked.amount), (asked.currency_2, result)):
        x.ledger.transfer(account, currency, amount)
        x.ledger.transfer(other, currency, -amount)
    for currency in (asked.currency, asked.currency_2):
        x.output.balance(c.user, account, currency, c.session)


def check_balance(x: "OracleExchange", c: Command) -> Refusal:
    """An amount that may be given, or taken."""
    asked, account = x.body, x.accounts[c.account]
    holds = account.may_hold(asked.currency)
    cash = account.balance(asked.currency).cash if holds else 0
    wrong = [asked.amount == 0, False, not holds, abs(cash + asked.amount) > MONEY_MAX]
    refused = first_wrong(asked.amount, wrong) or check_house_cash(x, asked.currency, asked.amount)
    if refused:
        return refused
    available = account.available(asked.currency)
    if asked.amount < 0 and -asked.amount > available:
        return RejectReason.INSUFFICIENT_CASH, -asked.amount, available
    return None


def adjust_balance(x: "OracleExchange", c: Command) -> None:
    """Give cash of any currency; the house takes the other side."""
    asked, account = x.body, x.accounts[c.account]
    x.ledger.transfer(account, asked.currency, asked.amount)
    x.ledger.transfer(x.accounts[HOUSE], asked.currency, -asked.amount)
    x.output.balance(c.user, account, asked.currency, c.session)


def system_event(x: "OracleExchange", c: Command, kind: EventKind, **fields: int) -> None:
    """An event of the command's user, with its session."""
    x.output.event(kind, c.user, session=c.session, **fields)


CHECKS = {
    CommandKind.SET_FEES: (check_second_person, check_fees),
    CommandKind.SET_RATE: (check_second_person, check_rate),
    CommandKind.CONVERT: (check_second_person, check_account_named, check_conversion),
    CommandKind.ADJUST_BALANCE: (check_second_person, check_account_named, check_balance),
}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.SET_FEES: set_fees,
    CommandKind.SET_RATE: set_rate,
    CommandKind.CONVERT: convert,
    CommandKind.ADJUST_BALANCE: adjust_balance,
}
