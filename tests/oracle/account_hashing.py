"""Parts 20 to 39 of the state hash: what was set about risk and money, and what is counted of it.

Rules: a part with nothing in it adds no words; keys ascend.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.protocol.enums import Check, Scope
from server.protocol.records import NO_PRICE
from tests.oracle.accounts import Account
from tests.oracle.fees import E8
from tests.oracle.scope_rows import Limit, Part, ScopeRow, counts

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

MASK = (1 << 64) - 1


def words(x: "OracleExchange") -> Iterator[int]:
    """All words, in order."""
    yield from scope_words(x)
    yield from settings_words(x)
    for key, (lots, until_ns) in sorted(x.risk.locates.items()):
        if lots or until_ns:
            yield from (*key, lots, until_ns)
    yield from protection_words(x)
    required = [sum(1 << check for check in x.risk.required[scope]) for scope in Scope]
    if any(required):
        yield from required
    for key, baseline in sorted(x.risk.baselines.items()):
        if baseline:
            yield from (*key, baseline)
    for key, row in sorted(x.risk.rows.items()):
        if row.last_orders:
            yield from (*key, len(row.last_orders))
            for past in row.last_orders:
                yield from past
    yield from money_words(x)
    yield from order_words(x)
    yield from correction_words(x)


def scope_words(x: "OracleExchange") -> Iterator[int]:
    """20: scope rows."""
    for key, row in sorted(x.risk.rows.items()):
        yield from key
        yield from (row.block, 0 if row.permission is None else 1 + row.permission)
        yield from (row.permitted_from_ns, row.permitted_until_ns)
        for check in Check:
            if check in row.limits:
                yield from limit_words(check, row.limits[check])
        yield from count_words(x, row)


def limit_words(check: int, limit: Limit) -> Iterator[int]:
    """One limit of a row."""
    base, temporary = limit.base or Part(), limit.temporary
    yield from (check, int(limit.base is not None), base.hard, base.soft, base.window_ns)
    yield from (temporary.hard, temporary.soft, temporary.window_ns, temporary.from_ns, temporary.until_ns)


def count_words(x: "OracleExchange", row: ScopeRow) -> Iterator[int]:
    """What a row counts."""
    net, buy, sell, gross, value, orders = counts(x, row)
    yield from (net, buy, sell, gross, value & MASK, value >> 64, orders)
    yield from (row.messages, row.messages_begin_ns, row.executions, row.executions_begin_ns)
    yield from (row.day_messages, row.trades, row.entered, row.traded)


def settings_words(x: "OracleExchange") -> Iterator[int]:
    """21: what SET_ACCOUNT said."""
    for number, account in sorted(x.accounts.items()):
        s = account.settings
        if s:
            said = (
                s.firm, s.desk, s.fee_schedule, s.account_kind, s.cost_method, s.self_trade, s.self_trade_allowed,
                s.currencies, s.self_trade_group,
            )  # fmt: skip
            if any(said):
                yield from (number, *said)


def protection_words(x: "OracleExchange") -> Iterator[int]:
    """23 to 25: quotes, market-maker protections, dead-man timers."""
    for key, quote in sorted(x.quotes.items()):
        living = [order_id if order_id in x.live else 0 for order_id in quote]
        if any(living):
            yield from (*key, *living)
    for key, guard in sorted(x.protections.items()):
        yield from (*key, guard.hard, guard.soft, guard.window_ns, guard.begin_ns, guard.volume, guard.trades)
        yield int(guard.triggered)
    for user, due_ns in sorted(x.dead_men.items()):
        yield from (user, due_ns)


def money_words(x: "OracleExchange") -> Iterator[int]:
    """30 to 36: settings, balances, traded values, results, lots, fee tiers, rates."""
    accounts: list[tuple[int, Account]] = sorted((x.accounts | x.system).items())
    for number, account in accounts:
        s = account.settings
        if s and (s.fee_schedule or s.account_kind or s.cost_method or s.currencies):
            yield from (number, s.fee_schedule, s.account_kind, s.cost_method, s.currencies)
    for number, account in accounts:
        for currency, balance in sorted(account.balances.items()):
            is_other = number in x.system or (account.terms is not None and currency != account.currency)
            if is_other and (balance.cash or balance.reserved):
                yield from (number, currency, balance.cash, balance.reserved)
    for number, account in accounts:
        for currency, balance in sorted(account.balances.items()):
            if balance.traded:
                yield from (number, currency, balance.traded)
    for key, p in sorted(x.positions.items()):
        if p.fees or p.income or p.mark != NO_PRICE or p.last_result:
            yield from (*key, p.fees, p.income, p.mark, p.last_result)
    for key, p in sorted(x.positions.items()):
        for lot in p.lots:
            yield from (*key, lot.trade_id, lot.net, lot.cost)
    for schedule, tiers in sorted(x.schedules.tiers.items()):
        for t in tiers:
            yield from (schedule, t.tier, t.currency, t.rounding, t.rounding_digits, t.tiers, t.maker_e8, t.taker_e8)
            yield from (t.auction_e8, t.clearing_e8, t.regulatory_e8, t.per_lot, t.per_order, t.minimum, t.maximum)
            yield t.tier_value
    for pair, rate in sorted(x.rates.items()):
        yield from (*pair, rate.numerator, rate.denominator, rate.rate_time_ns, rate.max_age_ns)


def order_words(x: "OracleExchange") -> Iterator[int]:
    """37: fees so far, and lots named, of live orders."""
    for order_id, order in sorted(x.live.items()):
        charges = order.charges
        if charges.schedule or order.lot_trade_id:
            yield from (order_id, charges.schedule)
            for amount in (charges.trading, charges.clearing, charges.regulatory):
                yield from divmod(amount, E8)
            yield from (charges.charged, order.lot_trade_id)


def correction_words(x: "OracleExchange") -> Iterator[int]:
    """38, 39: corrected trades, the last day ended, splits."""
    for trade in x.trades:
        if trade.corrected:
            yield from (trade.trade_id, int(trade.busted), trade.price)
    if x.last_day_ended:
        yield x.last_day_ended
    for number, instrument in sorted(x.instruments.items()):
        if instrument.split_after:
            yield from (number, instrument.split_after)
