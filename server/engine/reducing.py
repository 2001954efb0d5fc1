"""Whether an order can only make a position smaller."""

import numpy as np

from server.engine.kernel import Signed, Words, inline
from server.engine.layout import NONE, POSITION_NET, POSITION_OPEN
from server.engine.vocabulary import SELL


@inline
def closable(m: Words, z: Signed, position: np.uint64, side: np.uint64, own: np.int64) -> np.int64:
    """How many lots an order of this side may close, less what works already; `own` lots are the order's own."""
    if position == NONE:
        return np.int64(0)
    net = z[position + POSITION_NET] if side == SELL else -z[position + POSITION_NET]
    return max(net - (z[position + POSITION_OPEN + side] - own), np.int64(0))
