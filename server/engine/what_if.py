"""What would come of commands now: they are applied to a copy of the state, by the very kernels that decide.

Rules: the exchange that is asked is read and never written. Sequence and time are those of the commands.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine import layout_risk as risk
from server.engine.exchange import Exchange, Records
from server.engine.hashing_rows import rows_of_kind
from server.engine.kernel import Words
from server.protocol.enums import Check, CommandKind, EventKind, RejectReason, Scope
from server.protocol.records import RISK_REJECTION

_MILLION: Final = 1_000_000
_VALUE_MAX: Final = 1 << 62
_ID: Final = 0xFFFFFFFF


class Use(NamedTuple):
    """How much of a limit is used at a scope: `used` of `limit`, the hard number in force."""

    scope: int
    scope_id: int
    instrument: int
    check: int
    used: int
    limit: int

    @property
    def ppm(self) -> int:
        """The part that is used, in millionths; of a limit of 0 all."""
        return self.used * _MILLION // self.limit if self.limit else _MILLION


class Verdict(NamedTuple):
    """What would come of some commands. `reason` is that of the first one refused, or NONE; `fee` what the first
    user's executions at once would cost; `largest_use` the most used of the limits that its orders meet, after them.
    `after` is the exchange as it would be: `views` and `views_money` tell its positions, cash and margin.
    """

    reason: RejectReason
    value: int
    limit: int
    scope: int
    scope_id: int
    check: int
    fee: int
    largest_use: Use | None
    events: Records
    after: Exchange


def what_if(x: Exchange, commands: NDArray[Any]) -> Verdict:
    """What would come of stamped COMMAND rows, one or more whole groups, if they were applied now."""
    copy = x.copy()
    events = copy.apply(commands).events.copy()
    executed = events[(events["kind"] == EventKind.EXECUTED) & (events["user"] == commands["user"][0])]
    largest = max(uses_met(copy, commands), key=lambda use: use.ppm, default=None)
    refused = events[events["kind"] == EventKind.REJECTED]
    fee = int(executed["fee"].sum())
    if not len(refused):
        return Verdict(RejectReason.NONE, 0, 0, 0, 0, 0, fee, largest, events, copy)
    first = refused[0]
    reason = RejectReason(int(first["reason"]))
    detail = np.zeros(1, RISK_REJECTION)[0]
    if RejectReason.BLOCKED <= reason <= RejectReason.LIMIT_MISSING:
        detail = refused[:1].view(RISK_REJECTION)[0]
    whose = int(detail["scope"]), int(detail["scope_id"]), int(detail["check"])
    return Verdict(reason, int(first["value"]), int(first["limit"]), *whose, fee, largest, events, copy)


def uses_met(x: Exchange, commands: NDArray[Any]) -> Iterator[Use]:
    """The limits that new orders among some commands meet, as they are used now."""
    by_key = {(use.scope, use.scope_id, use.instrument, use.check): use for use in uses(x)}
    orders = commands[commands["kind"] == CommandKind.NEW_ORDER]
    met = {key for order in orders for key in keys_met(x, order)}
    return (use for key, use in by_key.items() if key[:3] in met)


def keys_met(x: Exchange, order: np.void) -> Iterator[tuple[int, int, int]]:
    """(scope, id, instrument or 0) of all rows that an order could meet."""
    m = x.memory
    accounts = rows_of_kind(m, at.KIND_ACCOUNT)
    named = accounts[(m[accounts] & at.LOW) == order["account"]]
    firm_desk = int(m[named[0] + risk.ACCOUNT_FIRM_DESK]) if len(named) else 0
    whose = {
        Scope.VENUE: 0, Scope.FIRM: firm_desk & _ID, Scope.DESK: firm_desk >> 32, Scope.USER: int(order["user"]),
        Scope.ACCOUNT: int(order["account"]), Scope.ALGORITHM: int(order["algorithm"]),
    }  # fmt: skip
    for scope, scope_id in whose.items():
        for instrument in (int(order["instrument"]), 0):
            yield int(scope), scope_id, instrument


def uses(x: Exchange) -> Iterator[Use]:
    """All limits in force that count what is used, by (scope, id, instrument) and check: the risk desk's picture."""
    m = x.memory
    for row in rows_of_kind(m, risk.KIND_SCOPE).tolist():
        key = int(m[row])
        for check in Check:
            limit = hard_limit(m, row, check, x.time_ns)
            used = used_now(m, row, check)
            if limit is not None and used is not None:
                yield Use(key >> 32 & 0xFF, key & _ID, int(m[row + 1]), int(check), used, limit)


def hard_limit(m: Words, row: int, check: Check, now: int) -> int | None:
    """The hard number of a row's limit that is in force at a time, or None."""
    limit = int(m[row + int(risk.SCOPE_LIMITS) + check])
    if not limit:
        return None
    words = m[limit : limit + int(risk.LIMIT_WORDS)].tolist()
    base, temporary = words, words[int(risk.LIMIT_TEMPORARY) :]
    start, end = temporary[int(risk.PART_FROM)], temporary[int(risk.PART_UNTIL)]
    if temporary[int(risk.PART_SET)] and start <= now < end:
        return int(temporary[int(risk.PART_HARD)])
    return int(base[int(risk.PART_HARD)]) if base[int(risk.PART_SET)] else None


def used_now(m: Words, row: int, check: Check) -> int | None:
    """What a row has used of a limit, never below 0; None if the check looks at each order by itself."""
    counts = m[row : row + int(risk.SCOPE_WORDS)].view(np.int64).tolist()
    net, gross = counts[int(risk.SCOPE_NET)], counts[int(risk.SCOPE_GROSS)]
    buy, sell = counts[int(risk.SCOPE_OPEN)], counts[int(risk.SCOPE_OPEN) + 1]
    low, high = (int(m[row + int(risk.SCOPE_VALUE) + word]) for word in (0, 1))
    used = {
        Check.OPEN_ORDERS: counts[int(risk.SCOPE_ORDERS)],
        Check.OPEN_VALUE: min(low + (high << 64), _VALUE_MAX),
        Check.LONG_POSITION: net + buy,
        Check.SHORT_POSITION: sell - net,
        Check.GROSS_POSITION: gross + buy + sell,
        Check.NET_POSITION: max(net + buy, sell - net),
        Check.EXECUTION_THROTTLE: counts[int(risk.SCOPE_EXECUTIONS)],
    }.get(check)
    return None if used is None else max(used, 0)
