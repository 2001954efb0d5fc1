"""Why the server ended a session, as one sentence for a person, and whether it is of use to log on again by itself."""

from typing import Final

from server.protocol.enums import FaultCode

SENTENCES: Final = {
    FaultCode.MALFORMED: "The server could not read a message and closed the session.",
    FaultCode.TOO_LARGE: "A message was too large; the server closed the session.",
    FaultCode.FOREIGN_SESSION: "A message named a session that is not ours; the server closed it.",
    FaultCode.UNSUPPORTED_VERSION: "Server and workstation have no protocol version in common.",
    FaultCode.NOT_LOGGED_ON: "The server does not know this session any more.",
    FaultCode.LOGGED_OFF: "The session was logged off.",
    FaultCode.HEARTBEAT_LOST: "The server heard nothing from here for too long and closed the session.",
    FaultCode.SERVER_STOPPING: "The server is being stopped.",
    FaultCode.REPLACED: "Another logon took the place of this session.",
    FaultCode.SERVER_RESTARTED: "The server was started again.",
    FaultCode.CLOSED_BY_OPERATOR: "An operator closed the session.",
    FaultCode.RIGHTS_WITHDRAWN: "The user has no rights here any more.",
    FaultCode.TOO_SLOW: "This program was too slow to take what the server sent.",
    FaultCode.TOO_MANY_SESSIONS: "The user has too many sessions.",
}
FINAL: Final = frozenset(
    {
        FaultCode.WRONG_CREDENTIALS,
        FaultCode.NOT_PERMITTED,
        FaultCode.UNSUPPORTED_VERSION,
        FaultCode.LOGGED_OFF,
        FaultCode.FOREIGN_SESSION,
        FaultCode.REPLACED,
        FaultCode.CLOSED_BY_OPERATOR,
        FaultCode.RIGHTS_WITHDRAWN,
    }
)
"""After these a person decides: two programs that replace each other for ever help nobody."""


def known(code: int) -> FaultCode:
    """The code, NONE for one that a newer server may have."""
    return FaultCode(code) if code in list(FaultCode) else FaultCode.NONE


def sentence(code: int) -> str:
    """What to tell a person."""
    return SENTENCES.get(known(code), f"The server closed the session (code {code}).")
