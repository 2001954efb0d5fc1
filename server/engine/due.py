"""TIME: what was due happens now. Timers fire in their order, then the indicatives are written.

Rules: a timer is forgotten before it acts; one that another sets for a time already past fires in the same TIME. Each
has an end of the command of its own: a TIME is applied again as long as a timer is due.
"""

import numpy as np

from server.engine.groups import group_count
from server.engine.kernel import Signed, Words, inline, kernel
from server.engine.layout import BYTE, C_HEAD, C_TIME, NONE, ONE, ZERO
from server.engine.layout_orders import (
    TIMER_CALL_END,
    TIMER_DEAD_MAN,
    TIMER_DISCONNECT,
    TIMER_DUE,
    TIMER_EXPIRY,
    TIMER_KIND,
    TIMER_LIMIT_STATE,
    TIMER_PAUSE,
    TIMER_RULES_EFFECTIVE,
    TIMER_SCHEDULE,
    TIMER_SUBJECT,
    TIMERS,
    TIMERS_BASE,
)
from server.engine.mass_actions import dead_man
from server.engine.phases import publish_indicatives
from server.engine.presence import client_gone
from server.engine.rules import rules_take_effect
from server.engine.schedule import end_call, end_limit_state, end_pause, keep_schedule
from server.engine.timers import cancel_timer, due_timer
from server.engine.vocabulary import TIME
from server.engine.working import expire_order


@kernel
def fire(m: Words, z: Signed, ev: Words, md: Words, kind: np.uint64, subject: np.uint64, due: np.uint64) -> None:
    """What a timer of this kind, which was set for `due`, does to its subject's row."""
    if kind == TIMER_EXPIRY:
        expire_order(m, z, ev, md, subject)
    elif kind == TIMER_DEAD_MAN:
        dead_man(m, z, ev, md, subject)
    elif kind == TIMER_SCHEDULE:
        keep_schedule(m, z, ev, md, subject)
    elif kind == TIMER_CALL_END:
        end_call(m, z, ev, md, subject, due)
    elif kind == TIMER_LIMIT_STATE:
        end_limit_state(m, z, ev, md, subject)
    elif kind == TIMER_PAUSE:
        end_pause(m, z, ev, md, subject)
    elif kind == TIMER_RULES_EFFECTIVE:
        rules_take_effect(m, z, ev, md, subject)
    elif kind == TIMER_DISCONNECT:
        client_gone(m, z, ev, md, subject)


@kernel
def pass_time(m: Words, z: Signed, ev: Words, md: Words) -> None:
    """TIME: the first timer that is due; where there is none, the indicatives."""
    timer = due_timer(m)
    if timer == NONE:
        publish_indicatives(m, z, md)
        return
    kind = m[timer + TIMER_KIND]
    subject = m[timer + TIMER_SUBJECT]
    due = m[timer + TIMER_DUE]
    cancel_timer(m, timer)
    fire(m, z, ev, md, kind, subject, due)


@inline
def fires(m: Words, c: Words, b: np.uint64) -> bool:
    """Whether the record at `b` is a TIME that lets a timer fire; it is applied again after the end of that."""
    if c[b + C_HEAD] & BYTE != TIME or group_count(c, b) != ONE or m[TIMERS] == ZERO:
        return False
    return bool(m[m[m[TIMERS_BASE]] + TIMER_DUE] <= c[b + C_TIME])
