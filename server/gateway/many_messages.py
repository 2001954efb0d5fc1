"""Many messages of one command each, taken together: what a busy turn mostly brings.

Rules: this only makes sure that each of them would be taken by itself, and takes them all, in their order; where
anything is odd, or anybody is near a limit, nothing is done here and they are handled one by one.
"""

from collections import Counter
from typing import Any, Final

import numpy as np

from server.gateway.commands import FIRST_SERVER_KIND
from server.gateway.outbox import OrderMessage
from server.gateway.sessions import Session
from server.gateway.user_budgets import MESSAGE_BYTES, UserBudgets
from server.protocol.enums import PROTOCOL_VERSION, CommandKind, EnvelopeKind
from server.protocol.records import COMMAND, ENVELOPE

MANY: Final = 48
"""From so many on it is faster than one by one."""
CANCELS: Final = (int(CommandKind.CANCEL_ORDER), int(CommandKind.MASS_CANCEL))
_MESSAGE: Final = np.dtype([("envelope", ENVELOPE), ("command", COMMAND)])
_SIZE: Final = {_MESSAGE.itemsize}
_COMMANDS: Final = int(EnvelopeKind.COMMANDS)


def take_together(
    now_ns: int, messages: list[OrderMessage], by_key: dict[str, Session], budgets: UserBudgets, commands: bytearray
) -> bool:
    """Append the commands of all messages in the names of their senders; False if they have to go one by one."""
    sessions = [session for key, _, _ in messages if (session := by_key.get(key)) is not None]
    frames = [frame for _, _, frame in messages]
    if len(sessions) != len(messages) or set(map(len, frames)) != _SIZE:
        return False
    rows = np.frombuffer(b"".join(frames), _MESSAGE)
    envelopes, taken = rows["envelope"], rows["command"].copy()
    numbers = np.array([session.number for session in sessions], np.uint32)
    kinds = taken["kind"]
    if not (
        (envelopes["kind"] == _COMMANDS).all()
        and (envelopes["version"] == PROTOCOL_VERSION).all()
        and (envelopes["count"] == 1).all()
        and (envelopes["session"] == numbers).all()
        and (kinds < FIRST_SERVER_KIND).all()
        and (taken["version"] == PROTOCOL_VERSION).all()
    ):
        return False
    users = [session.user for session in sessions]
    if not _within_budgets(now_ns, users, kinds, budgets):
        return False
    for session, (_, address, _) in zip(sessions, messages, strict=True):
        session.heard_ns = now_ns
        session.order_address = address
    taken["session"] = numbers
    taken["user"] = users
    commands += taken.tobytes()
    return True


def _within_budgets(now_ns: int, users: list[int], kinds: Any, budgets: UserBudgets) -> bool:
    """Take from all budgets if each of them has enough for its user's messages; else from none."""
    is_cancel = (kinds == CANCELS[0]) | (kinds == CANCELS[1])
    cancels = Counter([user for user, yes in zip(users, is_cancel.tolist(), strict=True) if yes])
    wanted = []
    for user, count in Counter(users).items():
        budget = budgets.by_user.get(user) or budgets.add(user, now_ns)
        wanted += [
            (budget.traffic, count * (_MESSAGE.itemsize + MESSAGE_BYTES)),
            (budget.orders, count - cancels[user]),
            (budget.cancels, cancels[user]),
        ]
    if not all(bucket.has(count, now_ns) for bucket, count in wanted):
        return False
    for bucket, count in wanted:
        if count:
            bucket.takes(count, now_ns)
    return True
