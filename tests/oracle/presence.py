"""Sessions and their terms, and the orders of a client that is gone (16.5); parts 40 to 42 of the state hash."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from server.protocol.enums import CancelReason, CommandKind, EventKind, FaultCode, RejectReason, SessionTerm
from tests.oracle.mass_cancels import finish_all
from tests.oracle.refusals import Refusal
from tests.oracle.state import Command, Order
from tests.oracle.timers import TimerKind

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

GRACE_MAX_NS = 86_400 * 10**9
KNOWN_TERMS = int(SessionTerm.CANCEL_ON_DISCONNECT | SessionTerm.CANCEL_ON_LOGOFF)


class Client(NamedTuple):
    """A user's program, whatever its connections."""

    user: int
    instance: int


class SessionTerms(NamedTuple):
    """What a session was opened with."""

    instance: int = 0
    flags: int = 0
    grace_ns: int = 0


def check_terms(_x: "OracleExchange", c: Command) -> Refusal:
    """Terms that are known, a grace of at most a day."""
    if c.flags & ~KNOWN_TERMS:
        return RejectReason.INVALID_FLAGS, c.flags, 0
    if c.quantity < 0:
        return RejectReason.QUANTITY_NOT_POSITIVE, c.quantity, 0
    if c.quantity > GRACE_MAX_NS:
        return RejectReason.QUANTITY_TOO_LARGE, c.quantity, GRACE_MAX_NS
    return None


def open_session(x: "OracleExchange", c: Command) -> None:
    """Open the session for the user; its client is there again."""
    if (c.session, c.user) not in x.sessions:
        x.sessions[c.session, c.user] = SessionTerms(c.client_instance, c.flags, c.quantity)
        since = x.absent.pop(Client(c.user, c.client_instance), None)
        if since is not None:
            x.timers.cancel(TimerKind.DISCONNECT, since)
    x.output.event(
        EventKind.SESSION_OPENED, c.user, session=c.session, order_id=c.order_id, client_instance=c.client_instance,
        quantity=c.quantity, value=c.flags,
    )  # fmt: skip


def close_session(x: "OracleExchange", c: Command) -> None:
    """Close the session if it is the user's; the last one of a client decides about its orders."""
    terms = x.sessions.pop((c.session, c.user), SessionTerms())
    client = Client(c.user, terms.instance)
    logged_off = c.flags == FaultCode.LOGGED_OFF
    concerned = SessionTerm.CANCEL_ON_LOGOFF if logged_off else SessionTerm.CANCEL_ON_DISCONNECT
    goes = bool(client.instance and terms.flags & concerned) and not is_there(x, client)
    waits = goes and not logged_off and terms.grace_ns > 0
    due_ns = c.time_ns + terms.grace_ns if waits else 0
    x.output.event(
        EventKind.SESSION_CLOSED, c.user, session=c.session, order_id=c.order_id, reason=c.flags,
        client_instance=client.instance, value=due_ns,
    )  # fmt: skip
    if waits:
        x.absent[client] = c.sequence
        x.timers.set(TimerKind.DISCONNECT, c.sequence, due_ns)
    elif goes:
        cancel_client(x, client, CancelReason.SESSION_CLOSED if logged_off else CancelReason.DISCONNECTED)


def is_there(x: "OracleExchange", client: Client) -> bool:
    """Whether the client has an open session."""
    return any(Client(user, terms.instance) == client for (_, user), terms in x.sessions.items())


def grace_over(x: "OracleExchange", sequence: int, _due_ns: int) -> None:
    """The client whose grace ran from this SESSION_CLOSED on did not come back."""
    client = next(client for client, since in x.absent.items() if since == sequence)
    del x.absent[client]
    cancel_client(x, client, CancelReason.DISCONNECTED)


def cancel_client(x: "OracleExchange", client: Client, reason: CancelReason) -> None:
    """Cancel the client's orders but for those that stay."""
    chosen = [order for _, order in sorted(x.live.items()) if goes_with(order, client)]
    chosen.sort(key=lambda order: order.account.number)
    for order in chosen:
        x.cancel(order, reason)
    x.output.event(
        EventKind.CLIENT_GONE, client.user, client_instance=client.instance, leaves=len(chosen), reason=reason
    )
    finish_all(x, chosen)


def goes_with(order: Order, client: Client) -> bool:
    """Whether an order ends with its client."""
    return Client(order.user, order.client_instance) == client and not order.stays


def words(x: "OracleExchange") -> Iterator[int]:
    """Parts 40 to 42 of the state hash."""
    for key, terms in sorted(x.sessions.items()):
        if any(terms):
            yield from (*key, *terms)
    for client, sequence in sorted(x.absent.items()):
        yield from (*client, sequence, x.timers.due_ns(TimerKind.DISCONNECT, sequence))
    for order_id, order in sorted(x.live.items()):
        if order.stays:
            yield order_id


CHECKS = {CommandKind.SESSION_OPENED: (check_terms,), CommandKind.SESSION_CLOSED: ()}
ON_TIMER: dict[int, Callable[["OracleExchange", int, int], None]] = {TimerKind.DISCONNECT: grace_over}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.SESSION_OPENED: open_session,
    CommandKind.SESSION_CLOSED: close_session,
}
