"""What is sent again after a refusal, and in which messages.

Rules: pure. Commands go again in the order of their counters, not more at once than a server can take that has too much
already. A cancel does not wait until there is room for the orders before it: those were refused, so they are given up.
In their place, with their counters, goes a cancel of nothing, which the server takes for a cancel and refuses: so the
counters stay contiguous, and a command that was given up can never become an order.
"""

from typing import Final

import numpy as np

from server.protocol.enums import CommandKind
from server.protocol.records import COMMAND

ROWS_MAX: Final = 2000
_ROW: Final = COMMAND.itemsize
_CANCELS: Final = (int(CommandKind.CANCEL_ORDER), int(CommandKind.MASS_CANCEL))
_CONTINUATIONS: Final = (int(CommandKind.ORDER_TERMS), int(CommandKind.QUOTE_ENTRY))


def messages(pending: dict[int, bytes], from_counter: int, *, was_busy: bool) -> tuple[list[bytes], int | None]:
    """The messages, as COMMAND rows, and the counter from which on the rest follows later (None: there is none).

    `pending` has the rows that each counter begins. `was_busy`: some were refused for want of room.
    """
    counters = sorted(counter for counter in pending if counter >= from_counter)
    chosen, rows = 0, 0
    for counter in counters:
        rows += len(pending[counter]) // _ROW
        if chosen and rows > ROWS_MAX:
            break
        chosen += 1
    rest = counters[chosen] if chosen < len(counters) else None
    counters = counters[:chosen]
    cancels = [index for index, counter in enumerate(counters) if pending[counter][0] in _CANCELS]
    behind = cancels[-1] + 1 if was_busy and cancels else 0
    urgent = [
        pending[counter] if pending[counter][0] in _CANCELS else given_up(pending[counter])
        for counter in counters[:behind]
    ]
    parts = (b"".join(urgent), b"".join(pending[counter] for counter in counters[behind:]))
    return [part for part in parts if part], rest


def given_up(rows: bytes) -> bytes:
    """A cancel of nothing for each counter of a command or group."""
    commands = np.frombuffer(rows, COMMAND)
    commands = commands[~np.isin(commands["kind"], _CONTINUATIONS)].copy()
    empty = np.zeros(len(commands), COMMAND)
    empty["kind"], empty["group_count"] = CommandKind.CANCEL_ORDER, 1
    for name in ("version", "shard", "session", "client_instance", "counter", "account", "instrument"):
        empty[name] = commands[name]
    return empty.tobytes()
