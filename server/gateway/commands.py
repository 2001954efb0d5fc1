"""Command rows that the server itself makes: sessions, time, phases, grants.

Rules: every row is complete but for `sequence` and `time_ns`, which the sequencer stamps.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import PROTOCOL_VERSION, CommandKind, FaultCode
from server.protocol.records import COMMAND, NO_PRICE

SHARD: Final = 1
FIRST_SERVER_KIND: Final = int(CommandKind.TIME)
KEY_ID_MASK: Final = (1 << 64) - 1


def command(kind: CommandKind, **fields: int) -> NDArray[Any]:
    """One COMMAND row, shape (1,), with these fields set and all others 0."""
    row = np.zeros(1, COMMAND)
    row["kind"] = kind
    row["version"] = PROTOCOL_VERSION
    row["shard"] = SHARD
    row["group_count"] = 1
    for name, value in fields.items():
        row[name] = value
    return row


def time_command() -> NDArray[Any]:
    """TIME: what became due is carried out at the time that the sequencer stamps."""
    return command(CommandKind.TIME)


def session_opened(
    session: int, user: int, key_id: int, *, client_instance: int = 0, terms: int = 0, grace_ns: int = 0
) -> NDArray[Any]:
    """SESSION_OPENED: from here on the engine takes commands of this session. `terms`: `SessionTerm` bits."""
    return command(
        CommandKind.SESSION_OPENED,
        session=session,
        user=user,
        order_id=key_id & KEY_ID_MASK,
        client_instance=client_instance,
        flags=terms,
        quantity=grace_ns,
    )


def session_closed(session: int, user: int, code: FaultCode) -> NDArray[Any]:
    """SESSION_CLOSED: from here on it takes none; the code decides what becomes of its client's orders."""
    return command(CommandKind.SESSION_CLOSED, session=session, user=user, flags=int(code))


def set_phase(instrument: int, phase: int, *, user: int = 0, session: int = 0, price: int = NO_PRICE) -> NDArray[Any]:
    """SET_PHASE of an instrument (0: all); `price` is a new reference price, `NO_PRICE` leaves it."""
    return command(CommandKind.SET_PHASE, instrument=instrument, side=phase, price=price, user=user, session=session)


def grant(account: int, granted_user: int, rights: int, *, user: int = 0, session: int = 0) -> NDArray[Any]:
    """GRANT: a user has exactly these rights on an account (0: the server)."""
    return command(
        CommandKind.GRANT, account=account, decision_maker=granted_user, flags=rights, user=user, session=session
    )
