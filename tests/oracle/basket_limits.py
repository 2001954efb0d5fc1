"""The limits of a basket's total, looked at once before its first order (15.4)."""

from typing import TYPE_CHECKING

from server.protocol.enums import Check, OrderFlag, RejectReason
from server.protocol.records import NO_PRICE
from tests.oracle.limits import REASONS
from tests.oracle.refusals import Refusal, RiskRefusal
from tests.oracle.state import Command

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

VALUE_MAX = 1 << 62


def basket_refused(x: "OracleExchange", orders: list[Command]) -> Refusal:
    """Why the basket's total is too much, or None."""
    first = orders[0]
    if not first.account or first.account not in x.accounts:
        return None
    rows = x.risk.rows_met(x.accounts[first.account], first.user, first.algorithm, 0)
    totals = {Check.BASKET_COUNT: len(orders), Check.BASKET_VALUE: min(VALUE_MAX, sum(value_of(x, c) for c in orders))}
    for check, total in totals.items():
        for row in dict.fromkeys(rows):
            limit = row.limit(check, x.time_ns)
            if limit is None:
                continue
            fields = {"requested": total, "scope": row.scope, "scope_id": row.scope_id, "check": check}
            if total > limit.hard:
                return RiskRefusal(REASONS[check], total, limit.hard, **fields)
            if limit.soft and total > limit.soft and not first.flags & int(OrderFlag.CONFIRMED):
                return RiskRefusal(
                    RejectReason.SOFT_LIMIT, total, limit.soft, **fields, hard_reason=REASONS[check]
                )  # fmt: skip
    return None


def value_of(x: "OracleExchange", c: Command) -> int:
    """What one order of a basket adds to its value."""
    if c.instrument not in x.instruments or c.price == NO_PRICE:
        return 0
    return abs(c.price * c.quantity * x.instruments[c.instrument].terms.cash_scale)
