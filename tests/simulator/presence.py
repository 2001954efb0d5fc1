"""Cancel on disconnect, checked by the journal alone: who was gone for long enough loses what does not stay.

Rules: what a client asked for holds, not what the server made of it. A client is an instance of a user; while one of
its sessions is open it is there. The last one to close decides: nothing, or all of its orders but those that stay,
at once or after the grace, with a CLIENT_GONE that counts them; in no other way does an order end for that reason.
"""

from dataclasses import dataclass
from typing import Any

from server.client.session import SessionWishes
from server.engine import views
from server.engine.exchange import Exchange
from server.protocol.codec import Records
from server.protocol.enums import AtEnd, CancelReason, CommandKind, EventKind, FaultCode, OrderFlag
from tests.simulator.schedule import MILLISECOND
from tests.simulator.verdict import Wrong

_FOR_ABSENCE = (int(CancelReason.DISCONNECTED), int(CancelReason.SESSION_CLOSED))
_COMMAND_FIELDS = (
    "sequence", "time_ns", "kind", "flags", "session", "user", "client_instance", "counter", "quantity",
)  # fmt: skip
_EVENT_FIELDS = ("command_sequence", "kind", "reason", "user", "client_instance", "counter", "order_id", "leaves")
_NEW, _REPLACE, _QUOTE, _OPEN, _CLOSE, _TIME = (
    int(kind)
    for kind in (
        CommandKind.NEW_ORDER, CommandKind.REPLACE_ORDER, CommandKind.MASS_QUOTE, CommandKind.SESSION_OPENED,
        CommandKind.SESSION_CLOSED, CommandKind.TIME,
    )
)  # fmt: skip
_ACCEPTED, _REPLACED, _CANCELED, _EXECUTED, _GONE, _OPENED = (
    int(kind)
    for kind in (
        EventKind.ACCEPTED, EventKind.REPLACED, EventKind.CANCELED, EventKind.EXECUTED, EventKind.CLIENT_GONE,
        EventKind.SESSION_OPENED,
    )
)  # fmt: skip
_STAYS = int(OrderFlag.STAYS)
Client = tuple[int, int]
"""User and client instance."""


@dataclass(slots=True)
class Presence:
    """A client that is there, or whose grace runs (`due_ns` is not 0)."""

    sessions: int = 0
    due_ns: int = 0


@dataclass(frozen=True, slots=True)
class Session:
    """An open session and what its end means."""

    client: Client
    at_end: AtEnd
    grace_ns: int


class PresenceAudit:
    """All clients and orders of a run, from its first command on. `gone`: how often a client was gone for good."""

    def __init__(self, wishes: dict[int, SessionWishes]) -> None:
        """`wishes`: what each client instance asks for; others ask for nothing."""
        self.clients: dict[Client, Presence] = {}
        self.gone = self.canceled = self.kept = self.returned = 0
        self._wishes = wishes
        self._sessions: dict[tuple[int, int], Session] = {}
        self._orders: dict[int, Client] = {}
        self._staying: set[int] = set()
        self._stays: dict[Client, bool] = {}
        """Whether the order of (client instance, counter) is to stay."""

    def replay(self, commands: Records, events: Records) -> None:
        """All commands of the journal and what a fresh engine made of them. Raises Wrong."""
        of_command: dict[int, list[Any]] = {}
        for event in zip(*(events[name].tolist() for name in _EVENT_FIELDS), strict=True):
            of_command.setdefault(event[0], []).append(event)
        for command in zip(*(commands[name].tolist() for name in _COMMAND_FIELDS), strict=True):
            self._on_command(command, of_command.get(command[0], []))

    def check_live(self, exchange: Exchange, users: list[int]) -> None:
        """The orders that are left are those of the engine. Raises Wrong."""
        theirs = {order for user in users for order in views.open_orders(exchange, user)["order_id"].tolist()}
        if theirs != set(self._orders):
            raise Wrong(
                f"orders {sorted(theirs ^ set(self._orders))[:4]} are live by the events or in the engine alone"
            )

    def _on_command(self, command: Any, events: list[Any]) -> None:
        sequence, time_ns, kind, flags, session, user, instance, counter, grace_ns = command
        if kind == _NEW:
            self._stays.setdefault((instance, counter), bool(flags & _STAYS))
        leaving: dict[Client, int] = {}
        if kind == _OPEN and any(event[1] == _OPENED for event in events):
            self._opens(sequence, (user, session), (user, instance), flags, grace_ns)
        elif kind == _CLOSE:
            leaving = self._closes((user, session), time_ns, is_logoff=flags == FaultCode.LOGGED_OFF)
        elif kind == _TIME:
            due = [client for client, presence in self.clients.items() if 0 < presence.due_ns <= time_ns]
            leaving = dict.fromkeys(due, int(CancelReason.DISCONNECTED))
        if events:
            self._on_events(command, events, leaving)
        elif leaving:
            raise Wrong(f"after command {sequence} clients {sorted(leaving)} should be gone, and nothing happened")

    def _opens(self, sequence: int, key: tuple[int, int], client: Client, flags: int, grace_ns: int) -> None:
        wishes = self._wishes.get(client[1], SessionWishes())
        at_end = AtEnd.KEEP if wishes.at_end is AtEnd.SERVERS_CHOICE else wishes.at_end
        wanted_ns = 0 if at_end is AtEnd.KEEP else wishes.grace_ms * MILLISECOND
        if (flags, grace_ns) != (_FLAGS[at_end], wanted_ns):
            raise Wrong(f"command {sequence} opens a session of {client} on other terms than it asked for")
        if key in self._sessions:
            return
        self._sessions[key] = Session(client, at_end, wanted_ns)
        presence = self.clients.setdefault(client, Presence())
        self.returned += presence.due_ns > 0
        presence.sessions += 1
        presence.due_ns = 0

    def _closes(self, key: tuple[int, int], time_ns: int, *, is_logoff: bool) -> dict[Client, int]:
        """Who is gone at once, and why."""
        session = self._sessions.pop(key, None)
        if session is None:
            return {}
        presence = self.clients[session.client]
        presence.sessions -= 1
        if presence.sessions:
            return {}
        if session.at_end is AtEnd.KEEP or (is_logoff and session.at_end is not AtEnd.CANCEL_ALWAYS):
            del self.clients[session.client]
            return {}
        if is_logoff or not session.grace_ns:
            return {session.client: int(CancelReason.SESSION_CLOSED if is_logoff else CancelReason.DISCONNECTED)}
        presence.due_ns = time_ns + session.grace_ns
        return {}

    def _on_events(self, command: Any, events: list[Any], leaving: dict[Client, int]) -> None:
        sequence, _, kind, flags, _, _, command_instance, _, _ = command
        canceled: dict[Client, int] = {}
        for _, what, reason, user, instance, counter, order, leaves in events:
            if what == _ACCEPTED:
                self._orders[order] = (user, instance)
                if self._stays.get((instance, counter), False):
                    self._staying.add(order)
            elif what == _REPLACED and kind == _REPLACE:
                (self._staying.add if flags & _STAYS else self._staying.discard)(order)
            elif what == _REPLACED and kind == _QUOTE:
                self._orders[order] = (user, command_instance)
            elif what == _CANCELED:
                client = self._orders.pop(order)
                if reason in _FOR_ABSENCE:
                    self._is_due(sequence, order, leaving.get(client) == reason)
                    canceled[client] = canceled.get(client, 0) + 1
                self._staying.discard(order)
            elif what == _EXECUTED and not leaves:
                self._orders.pop(order)
                self._staying.discard(order)
            elif what == _GONE:
                self._is_gone(sequence, (user, instance), leaves, leaving, canceled)
        if leaving:
            raise Wrong(f"after command {sequence} clients {sorted(leaving)} should be gone")

    def _is_due(self, sequence: int, order: int, is_leaving: bool) -> None:
        if not is_leaving:
            raise Wrong(f"command {sequence} cancels order {order} for the absence of a client that is not gone")
        if order in self._staying:
            raise Wrong(f"command {sequence} cancels order {order}, which stays")
        self.canceled += 1

    def _is_gone(
        self, sequence: int, client: Client, leaves: int, leaving: dict[Client, int], canceled: dict[Client, int]
    ) -> None:
        if leaving.pop(client, 0) == 0:
            raise Wrong(f"after command {sequence} {client} is gone, and was not to be")
        if leaves != canceled.get(client, 0):
            raise Wrong(f"after command {sequence} {leaves} orders of {client} went, told were {canceled.get(client)}")
        left = [order for order, owner in self._orders.items() if owner == client]
        if set(left) - self._staying:
            raise Wrong(f"{client} is gone after command {sequence}; its orders {left[:4]} are not, and do not stay")
        del self.clients[client]
        self.gone += 1
        self.kept += len(left)


_FLAGS = {AtEnd.KEEP: 0, AtEnd.CANCEL_ON_DISCONNECT: 1, AtEnd.CANCEL_ALWAYS: 3}
"""The terms of a SESSION_OPENED as PROTOCOL.md has them."""
