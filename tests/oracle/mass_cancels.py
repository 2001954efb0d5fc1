"""Orders cancelled together: by an account's filters, or because a user was not heard of (16.1, 16.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, CommandKind, EventKind, MassCancelFlag, RejectReason
from server.protocol.records import NO_PRICE
from tests.oracle.refusals import Refusal
from tests.oracle.state import Command, Order

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

BOTH_SIDES = 2
DEAD_MAN_MAX_NS = 86_400 * 10**9
DEAD_MAN_TIMER = 8


def passes(c: Command, order: Order) -> bool:
    """True if the filters of the command take the order."""
    in_range = order.price != NO_PRICE and c.price <= order.price <= c.quantity
    return (
        order.account.number == c.account
        and c.instrument in (0, order.instrument.number)
        and c.side in (BOTH_SIDES, order.side)
        and (in_range or not c.flags & MassCancelFlag.PRICE_RANGE)
        and (order.label == c.label or not c.flags & MassCancelFlag.BY_LABEL)
        and (order.algorithm == c.algorithm or not c.flags & MassCancelFlag.BY_ALGORITHM)
    )


def mass_cancel(x: "OracleExchange", c: Command) -> None:
    """Cancel the account's orders that pass the filters."""
    chosen = [order for _, order in sorted(x.live.items()) if passes(c, order)]
    for order in chosen:
        x.cancel(order, CancelReason.MASS_CANCEL)
    x.output.event(
        EventKind.MASS_CANCELED, c.user, quantity=len(chosen), account=c.account, instrument=c.instrument,
        side=c.side, session=c.session, client_instance=c.client_instance, counter=c.counter,
    )  # fmt: skip
    finish_all(x, chosen)


def finish_all(x: "OracleExchange", orders: list[Order]) -> None:
    """The end of the command for each instrument of the orders, ascending."""
    for number in sorted({order.instrument.number for order in orders}):
        x.finish(x.instruments[number])


def check_no_flags(_x: "OracleExchange", c: Command) -> Refusal:
    """The command knows no flags."""
    return (RejectReason.INVALID_FLAGS, c.flags, 0) if c.flags else None


def check_delay(_x: "OracleExchange", c: Command) -> Refusal:
    """A time of at most a day."""
    if c.quantity < 0:
        return RejectReason.QUANTITY_NOT_POSITIVE, c.quantity, 0
    if c.quantity > DEAD_MAN_MAX_NS:
        return RejectReason.QUANTITY_TOO_LARGE, c.quantity, DEAD_MAN_MAX_NS
    return None


def set_dead_man(x: "OracleExchange", c: Command) -> None:
    """Let all orders of the user be cancelled unless the command comes again in time."""
    due_ns = c.time_ns + c.quantity if c.quantity else 0
    x.dead_men[c.user] = due_ns
    if due_ns:
        x.timers.set(DEAD_MAN_TIMER, c.user, due_ns)
    else:
        del x.dead_men[c.user]
        x.timers.cancel(DEAD_MAN_TIMER, c.user)
    x.output.event(
        EventKind.DEAD_MAN_SET, c.user, session=c.session, client_instance=c.client_instance, counter=c.counter,
        quantity=c.quantity, value=due_ns,
    )  # fmt: skip


def dead_man_due(x: "OracleExchange", user: int, _due_ns: int) -> None:
    """The user was not heard of: cancel everything."""
    del x.dead_men[user]
    chosen = [order for _, order in sorted(x.live.items()) if order.user == user]
    chosen.sort(key=lambda order: order.account.number)
    for order in chosen:
        x.cancel(order, CancelReason.DEAD_MAN)
    x.output.event(EventKind.DEAD_MAN_SET, user, leaves=len(chosen))
    finish_all(x, chosen)


CLIENT_CHECKS = {CommandKind.SET_DEAD_MAN: (check_no_flags, check_delay)}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.MASS_CANCEL: mass_cancel,
    CommandKind.SET_DEAD_MAN: set_dead_man,
}
