"""Random sessions with terms: clients that come, go, come back in time or not, and orders that stay."""

from collections.abc import Callable

from server.protocol.enums import CommandKind, FaultCode, OrderFlag, TimeInForce
from tests.oracle.flow_area import Area
from tests.oracle.flow_orders import INSTANCES
from tests.oracle.flow_world import SESSIONS, Draft, Group, command

GRACES_NS = (0, 0, 1, 10**6, 10**8, 10**9, 86_400 * 10**9)
WRONG_GRACES_NS = (-1, 86_400 * 10**9 + 1)
REASONS = (FaultCode.NONE, FaultCode.LOGGED_OFF, FaultCode.LOGGED_OFF, FaultCode.HEARTBEAT_LOST)


class Sessions(Area):
    """Cancel on disconnect: sessions of the flow's own clients, which end in all ways and begin again."""

    share = 1

    def makers(self) -> list[tuple[Callable[[], Draft | Group], float]]:
        """What ends is mostly opened again soon, so that the flow goes on."""
        return [(self.opened, 5), (self.closed, 2), (self.replaced, 1)]

    def settings(self) -> list[Group]:
        """Each session begins anew with terms."""
        groups: list[Group] = []
        for session, user in SESSIONS.items():
            groups += [[command(CommandKind.SESSION_CLOSED, session=session, user=user)], [self.opening(session)]]
        return groups

    def opened(self) -> Draft:
        """One that is not open, if there is one."""
        closed = [session for session, user in SESSIONS.items() if (session, user) not in self.oracle.sessions]
        return self.opening(self.draw.choice(closed or list(SESSIONS)))

    def opening(self, session: int) -> Draft:
        """With the terms of a careful client, mostly."""
        draw = self.draw
        grace_ns = draw.choice(WRONG_GRACES_NS if draw.random() < 0.02 else GRACES_NS)
        return command(
            CommandKind.SESSION_OPENED, session=session, user=SESSIONS[session], order_id=draw.getrandbits(64),
            client_instance=draw.choice((*INSTANCES, *INSTANCES, 0)), flags=draw.choice((0, 1, 1, 3, 3, 2)),
            quantity=grace_ns,
        )  # fmt: skip

    def closed(self) -> Draft:
        """For any reason."""
        session, user = self.draw.choice(list(SESSIONS.items()))
        return command(CommandKind.SESSION_CLOSED, session=session, user=user, flags=self.draw.choice(REASONS))

    def replaced(self) -> Draft:
        """A replace that says whether the order stays."""
        draft = self.trader.replace()
        draft.fields["flags"] = draft.fields.get("flags", 0) | self.draw.choice((0, int(OrderFlag.STAYS)))
        return draft

    def dressed(self, order: Draft) -> Group:
        """An order that stays; rarely one that cannot."""
        fields = order.fields
        lasts = fields["time_in_force"] not in (TimeInForce.IOC, TimeInForce.FOK)
        if lasts or self.draw.random() < 0.05:
            fields["flags"] = fields.get("flags", 0) | OrderFlag.STAYS
        return [order]
