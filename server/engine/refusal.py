"""How a check says no: the reason, with the offending value and the limit noted for the REJECTED event."""

import numpy as np

from server.engine.kernel import U, Words, kernel
from server.engine.layout import REFUSED_LIMIT, REFUSED_VALUE


@kernel
def refused(m: Words, reason: np.uint64, value: np.int64, limit: np.int64) -> np.uint64:
    """Notes value and limit and returns the reason."""
    m[REFUSED_VALUE] = U(value)
    m[REFUSED_LIMIT] = U(limit)
    return reason
