"""The checks of section 2, one function each, and which of them a command meets, in their order.

A check returns (reason, value, limit) if it refuses, else None.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CommandKind, MassCancelFlag, OrderFlag, RejectReason, Right
from tests.oracle import account_parts, presence, rules
from tests.oracle.account_commands import check_cash, check_position
from tests.oracle.definitions import check_grant, check_instrument
from tests.oracle.phases import check_phase_approver, check_phase_asked, check_transition
from tests.oracle.refusals import Refusal
from tests.oracle.state import Command

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

Check = Callable[["OracleExchange", Command], Refusal]

CLIENT_KINDS_END = 32
TRADE = int(Right.TRADE)
NEVER_ALONE = (CommandKind.MASS_QUOTE, CommandKind.ORDER_TERMS, CommandKind.QUOTE_ENTRY)


def check_duplicate(x: "OracleExchange", c: Command) -> Refusal:
    """1: the counter was seen before."""
    highest = x.counters.get((c.user, c.client_instance), 0)
    return (RejectReason.DUPLICATE, c.counter, highest) if c.counter <= highest else None


def check_gap(x: "OracleExchange", c: Command) -> Refusal:
    """2: a counter was left out."""
    expected = x.counters.get((c.user, c.client_instance), 0) + 1
    return (RejectReason.COUNTER_GAP, c.counter, expected) if c.counter > expected else None


def check_session(x: "OracleExchange", c: Command) -> Refusal:
    """3: the session must be open for the user."""
    return None if (c.session, c.user) in x.sessions else (RejectReason.SESSION_NOT_OPEN, c.session, 0)


def check_age(_: "OracleExchange", c: Command) -> Refusal:
    """4: the command is worth nothing after its time."""
    late = c.valid_until_ns != 0 and c.time_ns > c.valid_until_ns
    return (RejectReason.TOO_LATE, c.time_ns, c.valid_until_ns) if late else None


def check_kind(_: "OracleExchange", c: Command) -> Refusal:
    """5: the kind must be known."""
    return None if c.kind in CHECKS or c.kind in NEVER_ALONE else (RejectReason.UNKNOWN_COMMAND, c.kind, 0)


def check_group(x: "OracleExchange", c: Command) -> Refusal:
    """6: a record that is no group is a command alone, of a kind that can be (10.1)."""
    if len(x.group) > 1:
        return None
    if c.group_count != 1:
        return RejectReason.INVALID_GROUP, c.group_count, 1 + x.group[0].followers
    return (RejectReason.INVALID_GROUP, 1, 0) if c.kind in NEVER_ALONE else None


def check_side(_: "OracleExchange", c: Command) -> Refusal:
    """7: the side must be known; a mass cancel may mean both."""
    known = (0, 1, 2) if c.kind == CommandKind.MASS_CANCEL else (0, 1)
    return None if c.side in known else (RejectReason.INVALID_SIDE, c.side, 0)


def check_flags(_: "OracleExchange", c: Command) -> Refusal:
    """10: no flag that the command does not know."""
    known = 0
    if c.kind == CommandKind.REPLACE_ORDER:
        known = int(OrderFlag.LOSE_PRIORITY | OrderFlag.CONFIRMED | OrderFlag.STAYS)
    elif c.kind == CommandKind.MASS_CANCEL:
        known = int(MassCancelFlag.PRICE_RANGE | MassCancelFlag.BY_LABEL | MassCancelFlag.BY_ALGORITHM)
    return (RejectReason.INVALID_FLAGS, c.flags, 0) if c.flags & ~known else None


def check_instrument_listed(x: "OracleExchange", c: Command) -> Refusal:
    """11: the instrument must be listed; some commands may name none."""
    may_be_absent = c.kind in (CommandKind.MASS_CANCEL, CommandKind.SET_PHASE)
    if c.instrument in x.instruments or (may_be_absent and c.instrument == 0):
        return None
    return RejectReason.UNKNOWN_INSTRUMENT, c.instrument, 0


def check_account_open(x: "OracleExchange", c: Command) -> Refusal:
    """12: the account must be open, and not the house; a GRANT may name none."""
    if c.account == 0 and c.kind == CommandKind.GRANT:
        return None
    return None if c.account and c.account in x.accounts else (RejectReason.UNKNOWN_ACCOUNT, c.account, 0)


def check_permission(x: "OracleExchange", c: Command) -> Refusal:
    """13: the user may TRADE on the account, which has the instrument's currency."""
    if not may_trade(x, c.user, c.account):
        return RejectReason.NOT_PERMITTED, c.user, c.account
    if c.kind == CommandKind.NEW_ORDER:
        wanted, account = x.instruments[c.instrument].currency, x.accounts[c.account]
        if not account.may_hold(wanted):
            return RejectReason.NOT_PERMITTED, wanted, account.currency
    return None


def check_order_known(x: "OracleExchange", c: Command) -> Refusal:
    """14: the order is live, and on an account that the user may TRADE."""
    order = x.named_order(c)
    if order is None or not may_trade(x, c.user, order.account.number):
        return RejectReason.UNKNOWN_ORDER, c.order_id, 0
    return None


def check_skipped(_: "OracleExchange", c: Command) -> Refusal:
    """20.3: only what came before can be skipped."""
    return None if 0 < c.order_id < c.sequence else (RejectReason.INVALID_DEFINITION, c.order_id, 1)


def may_trade(x: "OracleExchange", user: int, account: int) -> bool:
    """True if the user has the TRADE right on the account."""
    return bool(x.grants.get((user, account), 0) & TRADE)


DOOR: tuple[Check, ...] = (check_duplicate, check_gap, check_session, check_age)
CLIENT: tuple[Check, ...] = (*DOOR, check_kind, check_group)
SERVER: tuple[Check, ...] = (check_kind, check_group)
CHECKS: dict[int, tuple[Check, ...]] = {
    CommandKind.NEW_ORDER: CLIENT,
    CommandKind.TIME: SERVER,
    CommandKind.SKIP: (*SERVER, check_skipped),
    CommandKind.CANCEL_ORDER: (*CLIENT, check_flags, check_order_known),
    CommandKind.REPLACE_ORDER: (*CLIENT, check_flags, check_order_known),
    CommandKind.MASS_CANCEL: (
        *CLIENT, check_side, check_flags, check_instrument_listed, check_account_open, check_permission,
    ),
    CommandKind.LIST_INSTRUMENT: (*SERVER, check_instrument),
    CommandKind.SET_PHASE: (
        *SERVER, check_instrument_listed, check_phase_asked, check_transition, check_phase_approver,
    ),
    CommandKind.ADJUST_CASH: (*SERVER, check_account_open, check_cash),
    CommandKind.ADJUST_POSITION: (*SERVER, check_instrument_listed, check_account_open, check_position),
    CommandKind.GRANT: (*SERVER, check_account_open, check_grant),
    **{kind: (*SERVER, *checks) for kind, checks in presence.CHECKS.items()},
    **{kind: (*SERVER, *checks) for kind, checks in rules.CHECKS.items()},
    **{kind: (*SERVER, *checks) for kind, checks in account_parts.SERVER_CHECKS.items()},
    **{kind: (*CLIENT, *checks) for kind, checks in account_parts.CLIENT_CHECKS.items()},
}  # fmt: skip


def first_refusal(x: "OracleExchange", c: Command, checks: tuple[Check, ...]) -> Refusal:
    """The first of the checks that refuses, or None."""
    return next((refused for check in checks if (refused := check(x, c))), None)


def refusal(x: "OracleExchange", c: Command) -> Refusal:
    """The first reason not to do the command, or None."""
    return first_refusal(x, c, CHECKS.get(c.kind, CLIENT if c.kind < CLIENT_KINDS_END else SERVER))
