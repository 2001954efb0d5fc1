"""Skipped commands: a replay marks what an operator has skipped, and it is refused with ENGINE_FAULT; and SKIP itself.

Rules: the mark is a bit of the record's kind; that of a group's head counts for the whole group. A marked command
passes the door like any other (checks 1 to 4, so that its counter is used up) and does nothing else. SKIP changes
nothing when it is applied: the replay that applies it had marked the command before.
"""

import numpy as np

from server.engine.checks import flags_in
from server.engine.events import command_event
from server.engine.groups import is_continuation, kind_at
from server.engine.intake import begin_client, begin_server, refuse
from server.engine.kernel import Signed, U, Words, cold, kernel
from server.engine.layout import (
    C_ORDER_ID,
    COMMAND_WORDS,
    E_LIMIT,
    E_QUANTITY,
    E_VALUE,
    SEQUENCE,
    ZERO,
)
from server.engine.refusal import refused
from server.engine.vocabulary import ENGINE_FAULT, FIRST_SERVER_KIND, INVALID_DEFINITION, NO_REASON, SKIP
from server.engine.vocabulary_phases import SETTING_CHANGED
from server.protocol.enums import FAULTED_KIND

FAULTED = U(FAULTED_KIND)
_KIND = FAULTED - U(1)


@cold
def refuse_faulted(m: Words, z: Signed, ev: Words, c: Words, b: np.uint64, end: np.uint64) -> None:
    """Refuses each record that is a command of its own, from `b` up to `end`."""
    at = b
    while at < end:
        kind = kind_at(c, at) & _KIND
        if at == b or not is_continuation(kind):
            reason = NO_REASON
            if kind >= FIRST_SERVER_KIND:
                begin_server(m, c, at)
            else:
                reason = begin_client(m, z, c, at)
            if reason == NO_REASON:
                reason = refused(m, ENGINE_FAULT, np.int64(0), np.int64(0))
            refuse(m, z, ev, c, at, reason)
        at = at + COMMAND_WORDS


@kernel
def note_skip(m: Words, ev: Words, c: Words, b: np.uint64) -> np.uint64:
    """SKIP: that a command before it was skipped, and why. Returns the reason for which it is refused, or 0."""
    skipped = c[b + C_ORDER_ID]
    if skipped == ZERO or skipped >= m[SEQUENCE]:
        return refused(m, INVALID_DEFINITION, np.int64(skipped), np.int64(1))
    e = command_event(m, ev, c, b, SETTING_CHANGED, ZERO)
    ev[e + E_QUANTITY] = skipped
    ev[e + E_LIMIT] = flags_in(c, b)
    ev[e + E_VALUE] = SKIP
    return NO_REASON
