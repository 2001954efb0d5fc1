"""Parts 40 to 42 of the state hash: whose sessions are open on which terms, whose grace runs, which orders stay.

Rules: see `hashing`; a part with nothing in it adds no words.
"""

import numpy as np
from numpy.typing import NDArray

from server.engine import layout as at
from server.engine.hashing_money import live_order_rows
from server.engine.hashing_rows import ID_BITS, columns, fields, rows_of_kind
from server.engine.kernel import Words
from server.engine.layout_orders import TIMER_DUE, TIMER_ID
from server.engine.vocabulary_orders import STAYS_BIT


def presence_words(m: Words) -> list[NDArray[np.uint64]]:
    """Parts 40 to 42."""
    sessions = rows_of_kind(m, at.KIND_SESSION)
    told = m[sessions + at.SESSION_INSTANCE] | m[sessions + at.SESSION_TERMS] | m[sessions + at.SESSION_GRACE]
    sessions = sessions[told != 0]
    gone = rows_of_kind(m, at.KIND_PRESENCE)
    gone = gone[m[gone + at.PRESENCE_TIMER] != 0]
    timers = m[gone + at.PRESENCE_TIMER]
    orders = live_order_rows(m)
    staying = orders[(m[orders + at.ORDER_TERMS] >> at.E_LIQUIDITY_SHIFT & STAYS_BIT) != 0]
    return [
        columns(m[sessions] & ID_BITS, m[sessions + at.KEY_1], *fields(m, sessions, at.SESSION_INSTANCE, 3)),
        columns(m[gone] & ID_BITS, m[gone + at.KEY_1], m[timers + TIMER_ID], m[timers + TIMER_DUE]),
        m[staying + at.ORDER_ID],
    ]
