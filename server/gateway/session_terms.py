"""On what terms a session begins: what its client asks for, within what the server allows.

Rules: pure; what holds is told in `LogonAccepted` and sequenced with SESSION_OPENED. A forced policy is a lower bound:
a client may ask for more to be cancelled, never for less.
"""

from dataclasses import dataclass
from typing import Final

from server.protocol import control
from server.protocol.enums import AtEnd, SessionTerm
from server.settings import CancelPolicy, GatewaySettings

MILLISECOND_NS: Final = 1_000_000
_FLAGS: Final = {
    AtEnd.KEEP: SessionTerm.NONE,
    AtEnd.CANCEL_ON_DISCONNECT: SessionTerm.CANCEL_ON_DISCONNECT,
    AtEnd.CANCEL_ALWAYS: SessionTerm.CANCEL_ON_DISCONNECT | SessionTerm.CANCEL_ON_LOGOFF,
}


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """What holds for one session."""

    at_end: AtEnd
    grace_ms: int
    heartbeat_timeout_ms: int

    @property
    def flags(self) -> int:
        """The `SessionTerm` bits of its SESSION_OPENED."""
        return int(_FLAGS[self.at_end])

    @property
    def grace_ns(self) -> int:
        """The grace as its SESSION_OPENED says it."""
        return self.grace_ms * MILLISECOND_NS

    @property
    def timeout_ns(self) -> int:
        """After so long without a word the session ends."""
        return self.heartbeat_timeout_ms * MILLISECOND_NS


def agree(settings: GatewaySettings, asked: control.Logon) -> SessionTerms:
    """The terms that hold for a logon. A number that means nothing counts as not said."""
    policy = settings.cancel_on_disconnect
    at_end = AtEnd(asked.at_end) if asked.at_end in list(AtEnd) else AtEnd.SERVERS_CHOICE
    if at_end is AtEnd.SERVERS_CHOICE:
        at_end = AtEnd.KEEP if policy is CancelPolicy.OFF else AtEnd.CANCEL_ON_DISCONNECT
    if policy is CancelPolicy.FORCED and at_end is AtEnd.KEEP:
        at_end = AtEnd.CANCEL_ON_DISCONNECT
    grace_ms = asked.grace_ms if asked.grace_ms >= 0 else settings.grace_default_ms
    timeout_ms = asked.heartbeat_timeout_ms if asked.heartbeat_timeout_ms > 0 else settings.session_timeout_ms
    return SessionTerms(
        at_end=at_end,
        grace_ms=0 if at_end is AtEnd.KEEP else min(max(grace_ms, settings.grace_min_ms), settings.grace_max_ms),
        heartbeat_timeout_ms=min(max(timeout_ms, settings.session_timeout_min_ms), settings.session_timeout_max_ms),
    )
