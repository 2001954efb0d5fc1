"""What operators ask of the running server: counters, market phases, the end of sessions.

Rules: the engine is asked for the right at that moment, not the session; every change is in the log with who made it.
"""

from collections.abc import Callable
from typing import Any

import structlog
from numpy.typing import NDArray

from server.gateway.commands import grant, set_phase
from server.gateway.queries import Queries
from server.gateway.sessions import Session, SessionTable
from server.protocol import control
from server.protocol.enums import FaultCode, Phase, Right

log = structlog.get_logger("gateway.control")
Refuse = Callable[[control.Request, FaultCode, str], control.Refused]
Later = Callable[[Callable[[], control.Reply]], None]
"""Answer when the turn's batch is applied; of a change, when it is known that it was carried out."""


class OperatorRequests:
    """Each method answers now, or None if the answer comes `later`."""

    def __init__(
        self,
        queries: Queries,
        sessions: SessionTable,
        refuse: Refuse,
        status: Callable[[int], control.Status],
        append: Callable[[NDArray[Any]], None],
        close_session: Callable[[Session, FaultCode, bytes], None],
    ) -> None:
        self._queries = queries
        self._sessions = sessions
        self._refuse = refuse
        self._status = status
        self._append = append
        self._close = close_session

    def may_not(self, request: control.Request, user: int) -> control.Refused | None:
        """The refusal of one who is no operator."""
        if self._queries.has_right(user, Right.OPERATE):
            return None
        return self._refuse(request, FaultCode.NOT_PERMITTED, "Operators only.")

    def get_status(
        self, session: Session, request: control.GetStatus, later: Later, _confirmed: Later
    ) -> control.Reply | None:
        """Counters."""
        refused = self.may_not(request, session.user)
        if refused is None:
            later(lambda: self._status(request.request_id))
        return refused

    def set_phase(
        self, session: Session, request: control.SetPhase, _later: Later, confirmed: Later
    ) -> control.Reply | None:
        """Move an instrument, or all."""
        refused = self.may_not(request, session.user)
        if refused is not None:
            return refused
        listed = request.instrument == 0 or self._queries.is_listed(request.instrument)
        if request.phase not in list(Phase) or not listed:
            return self._refuse(request, FaultCode.INVALID_REQUEST, "No such phase or instrument.")
        self._append(set_phase(request.instrument, request.phase, user=session.user, session=session.number))
        log.info("phase set", instrument=request.instrument, phase=request.phase, user=session.user)
        confirmed(lambda: control.Done(request_id=request.request_id))
        return None

    def set_rights(
        self, session: Session, request: control.SetRights, _later: Later, confirmed: Later
    ) -> control.Reply | None:
        """What a user may do on an account, from now on."""
        refused = self.may_not(request, session.user)
        if refused is not None:
            return refused
        known = int(Right.VIEW | Right.TRADE | Right.OPERATE)
        if not 0 < request.user_id < 1 << 32 or request.rights & ~known:
            return self._refuse(request, FaultCode.INVALID_REQUEST, "No such user or right.")
        if request.account and not self._queries.is_account(request.account):
            return self._refuse(request, FaultCode.NOT_FOUND, "No such account.")
        row = grant(request.account, request.user_id, request.rights, user=session.user, session=session.number)
        self._append(row)
        log.info("rights set", account=request.account, of=request.user_id, rights=request.rights, user=session.user)
        confirmed(lambda: control.Done(request_id=request.request_id))
        return None

    def close_session(
        self, session: Session, request: control.CloseSession, _later: Later, confirmed: Later
    ) -> control.Reply | None:
        """End the sessions of a user, or one of them."""
        refused = self.may_not(request, session.user)
        if refused is not None:
            return refused
        own = [one for one in self._sessions if one.user_name == request.user]
        chosen = [one for one in own if request.session in (0, one.number)]
        if not chosen:
            return self._refuse(request, FaultCode.NOT_FOUND, "No such session.")
        log.info("sessions closed by an operator", user=chosen[0].user, operator=session.user, count=len(chosen))
        for one in chosen:
            self._close(one, FaultCode.CLOSED_BY_OPERATOR, one.order_address)
        confirmed(lambda: control.Done(request_id=request.request_id, number=len(chosen)))
        return None
