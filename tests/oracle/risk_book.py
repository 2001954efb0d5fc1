"""Steps 1 to 6, 8 and 9 of the risk entry, its warnings and its counts (15.3, 15.4).

Rules: the rows that an ask meets stand in the order of scopes, an instrument's before the one of all instruments; the
first reason refuses; where nothing was ever set there is nothing to look at.
"""

from collections import defaultdict
from typing import TYPE_CHECKING

from server.protocol.enums import BlockAction, Check, EventKind, OrderFlag, Permission, RejectReason, Scope, Side
from server.protocol.records import NO_PRICE
from tests.oracle.accounts import Account
from tests.oracle.limits import REASONS, TABLE, is_reducing, number_of
from tests.oracle.margin import price_of
from tests.oracle.refusals import Refusal, RiskRefusal
from tests.oracle.scope_rows import LAST_ORDERS, ScopeRow
from tests.oracle.state import Order

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange
    from tests.oracle.risk import Ask, Exposure

RowKey = tuple[int, int, int]


class RiskBook:
    """Everything that was set about risk, and what is counted for it."""

    def __init__(self) -> None:
        self.rows: dict[RowKey, ScopeRow] = {}
        self.required: defaultdict[int, set[int]] = defaultdict(set)
        """Of each scope the checks of which it must have a limit."""
        self.locates: dict[tuple[int, int], tuple[int, int]] = {}
        """By account and instrument: lots, until when (0: for good)."""
        self.baselines: dict[tuple[int, int], int] = {}
        self.warning: RiskRefusal | None = None
        """The first soft limit that the present ask passed with confirmation."""

    def row(self, scope: int, scope_id: int, instrument: int) -> ScopeRow:
        """The row, made now if it does not exist."""
        return self.rows.setdefault((scope, scope_id, instrument), ScopeRow(scope, scope_id, instrument))

    def rows_met(self, account: Account, user: int, algorithm: int, instrument: int) -> list[ScopeRow]:
        """The rows that an order meets, in their order."""
        if not self.rows:
            return []
        keys = [
            (scope, scope_id, number) for scope, scope_id in scopes(account, user, algorithm)
            for number in (instrument, 0) if scope == Scope.VENUE or scope_id
        ]  # fmt: skip
        return [self.rows[key] for key in keys if key in self.rows]

    def rows_of_order(self, order: Order) -> list[ScopeRow]:
        """The rows in which a live order counts."""
        return self.rows_met(order.account, order.user, order.algorithm, order.instrument.number)

    def refuses(self, x: "OracleExchange", ask: "Ask", exposure: "Exposure") -> Refusal:
        """Steps 1 to 6."""
        self.warning = None
        if not self.rows and not any(self.required.values()):
            return reduce_only([], ask, exposure)
        rows = self.rows_met(ask.account, ask.user, ask.algorithm, ask.instrument.number)
        return (
            blocked(rows, ask)
            or reduce_only(rows, ask, exposure)
            or restricted(x, rows, ask)
            or not_listed(x, self, ask)
            or self.limit_missing(x, ask)
            or self.over_limit(x, rows, ask, exposure)
        )

    def limit_missing(self, x: "OracleExchange", ask: "Ask") -> Refusal:
        """Step 5: a check is required and nobody set its limit."""
        for scope, scope_id in scopes(ask.account, ask.user, ask.algorithm):
            for check in sorted(self.required[scope]):
                rows = [self.rows.get((scope, scope_id, number)) for number in (ask.instrument.number, 0)]
                if not any(row and row.limit(Check(check), x.time_ns) for row in rows):
                    return RiskRefusal(
                        RejectReason.LIMIT_MISSING, check, 0, scope=scope, scope_id=scope_id, check=check
                    )
        return None

    def over_limit(self, x: "OracleExchange", rows: list[ScopeRow], ask: "Ask", exposure: "Exposure") -> Refusal:
        """Step 6: the limits, in their order; a message that is within its rate counts at once."""
        for check, measure, who in TABLE:
            if not is_measured(who, ask):
                continue
            limited = [row for row in rows if row.limit(check, x.time_ns)]
            for row in limited:
                limit = row.limit(check, x.time_ns)
                if check == Check.PRICE_DISTANCE and ask.price != NO_PRICE == price_of(ask.instrument):
                    return RejectReason.NO_REFERENCE_PRICE, ask.price, 0
                use = measure(x, ask, exposure, row, limit)
                refused = use and self.compared(check, row, limit.hard, limit.soft, use, ask)
                if refused:
                    return refused
            if check == Check.MESSAGE_RATE:
                for row in limited:
                    count_message(row, x.time_ns, row.limit(check, x.time_ns).window_ns)
        return None

    def compared(
        self, check: Check, row: ScopeRow, hard: int, soft: int, use: tuple[int, int, int], ask: "Ask"
    ) -> Refusal:
        """The refusal of a value above its limit; a soft one that is confirmed is noted for a warning."""
        used, requested, value = use
        reason = REASONS[check]
        fields = {"used": used, "requested": requested, "scope": row.scope, "scope_id": row.scope_id, "check": check}
        limit = number_of(check, row, hard)
        if value > limit:
            return RiskRefusal(reason, value, limit, **fields)
        limit = number_of(check, row, soft)
        if soft and value > limit and is_entry(ask):
            refused = RiskRefusal(RejectReason.SOFT_LIMIT, value, limit, **fields, hard_reason=reason)
            if not ask.confirmed:
                return refused
            self.warning = self.warning or refused
        return None

    def refuses_short_sale(self, x: "OracleExchange", ask: "Ask", exposure: "Exposure") -> Refusal:
        """Steps 8 and 9: a sale of what is not held is marked and located."""
        rules = ask.instrument.rules
        if ask.side != Side.SELL or not rules or not rules.locate_required:
            return None
        net, already = exposure.net, exposure.open_sell
        uncovered = ask.quantity - max(0, net - already)
        if uncovered <= 0 or ask.flags & OrderFlag.SHORT_EXEMPT:
            return None
        scope = {"requested": ask.quantity, "scope": int(Scope.ACCOUNT), "scope_id": ask.account.number}
        if not ask.flags & OrderFlag.SHORT:
            return RiskRefusal(RejectReason.SHORT_NOT_MARKED, uncovered, 0, used=already, **scope)
        short, located = already + ask.quantity - net, self.located(x, ask.account.number, ask.instrument.number)
        if short > located:
            return RiskRefusal(RejectReason.NO_LOCATE, short, located, used=already - net, **scope)
        return None

    def located(self, x: "OracleExchange", account: int, instrument: int) -> int:
        """The lots located for an account that are in force."""
        lots, until_ns = self.locates.get((account, instrument), (0, 0))
        return lots if not until_ns or x.time_ns < until_ns else 0

    def count(self, x: "OracleExchange", ask: "Ask") -> None:
        """What passed: warnings, and what counts from now on."""
        if not self.rows or not is_entry(ask):
            return
        rows = self.rows_met(ask.account, ask.user, ask.algorithm, ask.instrument.number)
        for row in rows:
            if row.permission_now(x.time_ns) == Permission.WATCHED:
                watched = RiskRefusal(
                    RejectReason.RESTRICTED, ask.instrument.number, 0, scope=row.scope, scope_id=row.scope_id
                )
                warn(x, ask, watched)
                break
        if self.warning:
            warn(x, ask, self.warning)
        for row in rows:
            if is_measured("new", ask) and Check.DUPLICATE_ORDER in row.limits:
                row.last_orders.append(
                    (ask.account.number, ask.instrument.number, ask.side, ask.price, ask.quantity, x.time_ns)
                )
                del row.last_orders[:-LAST_ORDERS]
            row.day_messages += ask.weight
            row.entered += ask.quantity

    def count_message(self, order: Order) -> None:
        """A cancel of the order counts as one more message."""
        for row in self.rows_of_order(order):
            row.day_messages += 1

    def count_execution(self, order: Order, quantity: int, time_ns: int) -> None:
        """An execution of the order counts in its rows."""
        for row in self.rows_of_order(order):
            if row.by_order:
                row.bought += quantity if order.side == Side.BUY else -quantity
            row.trades += 1
            row.traded += quantity
            limit = row.limit(Check.EXECUTION_THROTTLE, time_ns)
            window_over = limit and limit.window_ns and time_ns >= row.executions_begin_ns + limit.window_ns
            if limit and window_over and row.executions < limit.hard:
                row.executions_begin_ns, row.executions = time_ns, 0
            row.executions += 1


def scopes(account: Account, user: int, algorithm: int) -> tuple[tuple[int, int], ...]:
    """The scopes of an order with their ids, in their order."""
    return (
        (Scope.VENUE, 0), (Scope.FIRM, account.firm), (Scope.DESK, account.desk), (Scope.USER, user),
        (Scope.ACCOUNT, account.number), (Scope.ALGORITHM, algorithm),
    )  # fmt: skip


def is_entry(ask: "Ask") -> bool:
    """True for what comes as a message of a client."""
    return ask.kind.name in ("NEW", "REPLACE", "QUOTE")


def is_measured(who: str, ask: "Ask") -> bool:
    """True if a limit of the table looks at this kind of ask."""
    return who == "all" or (who == "entry" and is_entry(ask)) or ask.kind.name.lower() in who.split(", ")


def blocked(rows: list[ScopeRow], ask: "Ask") -> Refusal:
    """Step 1."""
    for row in rows:
        if row.block == BlockAction.BLOCK:
            return RiskRefusal(
                RejectReason.BLOCKED, row.scope << 32 | row.scope_id, 0, requested=ask.quantity, scope=row.scope,
                scope_id=row.scope_id,
            )  # fmt: skip
    return None


def reduce_only(rows: list[ScopeRow], ask: "Ask", exposure: "Exposure") -> Refusal:
    """Step 2."""
    if is_reducing(ask, exposure):
        return None
    scope = next(((row.scope, row.scope_id) for row in rows if row.block == BlockAction.REDUCE_ONLY), None)
    if scope is None and ask.flags & OrderFlag.REDUCE_ONLY:
        scope = (Scope.ACCOUNT, ask.account.number)
    if scope is None:
        return None
    closable = exposure.closable(ask.side)
    return RiskRefusal(
        RejectReason.REDUCE_ONLY, ask.quantity, closable, requested=ask.quantity, scope=scope[0], scope_id=scope[1]
    )


def restricted(x: "OracleExchange", rows: list[ScopeRow], ask: "Ask") -> Refusal:
    """Step 3; it does not say whose list it is."""
    if any(row.permission_now(x.time_ns) == Permission.RESTRICTED for row in rows):
        return RiskRefusal(RejectReason.RESTRICTED, ask.instrument.number, 0)
    return None


def not_listed(x: "OracleExchange", risk: RiskBook, ask: "Ask") -> Refusal:
    """Step 4: a scope that may trade only what is allowed to it by name."""
    for scope, scope_id in scopes(ask.account, ask.user, ask.algorithm):
        all_row = risk.rows.get((scope, scope_id, 0))
        if not all_row or all_row.permission_now(x.time_ns) != Permission.LISTED_ONLY:
            continue
        row = risk.rows.get((scope, scope_id, ask.instrument.number))
        if not row or row.permission_now(x.time_ns) not in (Permission.ALLOWED, Permission.WATCHED):
            return RiskRefusal(RejectReason.INSTRUMENT_NOT_PERMITTED, ask.instrument.number, 0)
    return None


def count_message(row: ScopeRow, time_ns: int, window_ns: int) -> None:
    """Count a message in the window, which begins anew when it is over."""
    if time_ns >= row.messages_begin_ns + window_ns:
        row.messages_begin_ns, row.messages = time_ns, 0
    row.messages += 1


def warn(x: "OracleExchange", ask: "Ask", found: RiskRefusal) -> None:
    """Tell the risk officer what was let pass."""
    soft = found.reason == RejectReason.SOFT_LIMIT
    x.output.risk_event(
        EventKind.LIMIT_WARNING, 0, reason=found.reason, account=ask.account.number,
        instrument=ask.instrument.number, side=ask.side, flags=ask.flags & 0xFF, price=ask.price,
        quantity=ask.quantity, order_id=ask.user, used=found.used, requested=found.requested, scope=found.scope,
        scope_id=found.scope_id, check=found.check, value=found.value, limit=found.limit,
        hard_reason=found.hard_reason if soft else 0,
    )  # fmt: skip
