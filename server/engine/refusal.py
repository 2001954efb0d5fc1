"""How a check says no: the reason, with the offending value and the limit noted for the REJECTED event."""

import numpy as np

from server.engine.kernel import U, Words, kernel
from server.engine.layout import ONE, REFUSED_LIMIT, REFUSED_VALUE, ZERO
from server.engine.layout_risk import REFUSED_BY_RISK, REFUSED_REQUESTED, REFUSED_SCOPE, REFUSED_USED


@kernel
def refused(m: Words, reason: np.uint64, value: np.int64, limit: np.int64) -> np.uint64:
    """Notes value and limit and returns the reason."""
    m[REFUSED_BY_RISK] = ZERO
    m[REFUSED_VALUE] = U(value)
    m[REFUSED_LIMIT] = U(limit)
    return reason


@kernel
def refused_of(
    m: Words,
    reason: np.uint64,
    value: np.int64,
    limit: np.int64,
    used: np.int64,
    requested: np.int64,
    scope: np.uint64,
) -> np.uint64:
    """As `refused`, with what the layout RISK_REJECTION has more; `scope`: its word of scope, id, check."""
    refused(m, reason, value, limit)
    m[REFUSED_USED] = U(used)
    m[REFUSED_REQUESTED] = U(requested)
    m[REFUSED_SCOPE] = scope
    m[REFUSED_BY_RISK] = ONE
    return reason
