"""The events of settings: who set what, approved by whom."""

import numpy as np

from server.engine.events import command_event
from server.engine.kernel import Words, kernel
from server.engine.layout import (
    C_ACCOUNT_INSTRUMENT,
    E_INSTRUMENT_SESSION,
    E_ORDER_ID,
    E_USER_ACCOUNT,
    E_VALUE,
    HALF,
    LOW,
    ZERO,
)
from server.engine.vocabulary_risk import SETTING_CHANGED


@kernel
def account_setting_event(
    m: Words, ev: Words, c: Words, b: np.uint64, kind: np.uint64, approver: np.uint64, with_instrument: bool
) -> np.uint64:
    """SETTING_CHANGED of an account, in an instrument if the command is about one. Returns where it begins."""
    e = command_event(m, ev, c, b, SETTING_CHANGED, ZERO)
    names = c[b + C_ACCOUNT_INSTRUMENT]
    ev[e + E_USER_ACCOUNT] |= (names & LOW) << HALF
    if with_instrument:
        ev[e + E_INSTRUMENT_SESSION] |= names >> HALF
    ev[e + E_ORDER_ID] = approver
    ev[e + E_VALUE] = kind
    return e
