"""Scope rows: what was set for a scope (and an instrument, or all), and what is counted of it (15.2).

Rules: open orders, values and positions are added up from the live state each time they are asked for; only what
happened in the past is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.protocol.enums import Check, Permission, Scope, Side
from tests.oracle.accounts import Account, Hold
from tests.oracle.state import Instrument, Order

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

LAST_ORDERS = 16
PastOrder = tuple[int, int, int, int, int, int]
"""Account, instrument, side, price, quantity, time."""


@dataclass(eq=False, slots=True)
class Part:
    """One setting of a limit; a temporary one holds from `from_ns` until `until_ns`."""

    hard: int = 0
    soft: int = 0
    window_ns: int = 0
    from_ns: int = 0
    until_ns: int = 0


@dataclass(eq=False, slots=True)
class Limit:
    """A limit of a row: its base part, if it is set, and its temporary one."""

    base: Part | None = None
    temporary: Part = field(default_factory=Part)

    def in_force(self, time_ns: int) -> Part | None:
        """The part that holds now."""
        return self.temporary if self.temporary.from_ns <= time_ns < self.temporary.until_ns else self.base


@dataclass(eq=False, slots=True)
class ScopeRow:
    """One row. `instrument` 0: it counts over all."""

    scope: int
    scope_id: int
    instrument: int
    block: int = 0
    permission: Permission | None = None
    permitted_from_ns: int = 0
    permitted_until_ns: int = 0
    limits: dict[int, Limit] = field(default_factory=dict)
    bought: int = 0
    """USER, ALGORITHM: lots bought less lots sold since the row was made."""
    messages: int = 0
    messages_begin_ns: int = 0
    executions: int = 0
    executions_begin_ns: int = 0
    day_messages: int = 0
    trades: int = 0
    entered: int = 0
    traded: int = 0
    last_orders: list[PastOrder] = field(default_factory=list)

    @property
    def by_order(self) -> bool:
        """True if it is the order, not the account, that belongs to the scope."""
        return self.scope in (Scope.USER, Scope.ALGORITHM)

    def limit(self, check: Check, time_ns: int) -> Part | None:
        """The limit of a check that is in force."""
        found = self.limits.get(check)
        return found.in_force(time_ns) if found else None

    def permission_now(self, time_ns: int) -> Permission | None:
        """The permission that is in force."""
        in_force = self.permitted_from_ns <= time_ns and (
            not self.permitted_until_ns or time_ns < self.permitted_until_ns
        )
        return self.permission if in_force else None

    def has_account(self, account: Account) -> bool:
        """True if an account's positions count here; only for VENUE, FIRM, DESK and ACCOUNT."""
        if not account.terms:
            return False
        own = {
            Scope.VENUE: 0, Scope.FIRM: account.firm, Scope.DESK: account.desk, Scope.ACCOUNT: account.number,
        }  # fmt: skip
        return own[Scope(self.scope)] == self.scope_id

    def has(self, account: Account, user: int, algorithm: int, instrument: Instrument) -> bool:
        """True if an order of this account, user and algorithm counts here."""
        if self.instrument not in (0, instrument.number):
            return False
        if self.scope == Scope.USER:
            return user == self.scope_id
        if self.scope == Scope.ALGORITHM:
            return algorithm == self.scope_id
        return self.has_account(account)

    def has_order(self, order: Order) -> bool:
        """True if the order counts here."""
        return self.has(order.account, order.user, order.algorithm, order.instrument)


def orders_of(x: "OracleExchange", row: ScopeRow) -> Iterator[Order]:
    """The live orders that count in a row."""
    return (order for order in x.live.values() if row.has_order(order))


def holds_of(x: "OracleExchange", row: ScopeRow) -> Iterator[tuple[int, Hold]]:
    """Side and hold of all that the live orders of a row hold, those of a link together."""
    links = []
    for order in orders_of(x, row):
        yield order.side, order.hold
        if order.is_leg and order.link not in links:
            links.append(order.link)
            yield order.link.side, order.link.hold


def open_lots(x: "OracleExchange", row: ScopeRow, side: int) -> int:
    """What is open on a side."""
    return sum(held.quantity for held_side, held in holds_of(x, row) if held_side == side)


def open_value(x: "OracleExchange", row: ScopeRow) -> int:
    """What all that is open is worth at its reserve prices."""
    return sum(held.value for _, held in holds_of(x, row))


def nets(x: "OracleExchange", row: ScopeRow) -> Iterator[int]:
    """The nets of the positions that count in a row of accounts."""
    for (number, instrument), position in x.positions.items():
        account = x.accounts.get(number)
        if account and row.instrument in (0, instrument) and row.has_account(account):
            yield position.net


def net(x: "OracleExchange", row: ScopeRow) -> int:
    """Lots held, or lots that its orders bought."""
    return row.bought if row.by_order else sum(nets(x, row))


def gross(x: "OracleExchange", row: ScopeRow) -> int:
    """Lots held, whichever way."""
    return abs(row.bought) if row.by_order else sum(abs(held) for held in nets(x, row))


def counts(x: "OracleExchange", row: ScopeRow) -> tuple[int, int, int, int, int, int]:
    """N, B, S, G, V and L of a row."""
    return (
        net(x, row), open_lots(x, row, Side.BUY), open_lots(x, row, Side.SELL), gross(x, row), open_value(x, row),
        sum(1 for _ in orders_of(x, row)),
    )  # fmt: skip
