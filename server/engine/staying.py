"""Whether an order stays when its client is gone: a bit of its terms, from its command's flags."""

import numpy as np

from server.engine.checks import flags_in
from server.engine.kernel import Words, inline
from server.engine.layout import E_LIQUIDITY_SHIFT, ORDER_TERMS, ZERO
from server.engine.vocabulary_orders import STAYS, STAYS_BIT


@inline
def is_staying(m: Words, order: np.uint64) -> bool:
    """Whether an order is not cancelled when its client is gone."""
    return bool(m[order + ORDER_TERMS] >> E_LIQUIDITY_SHIFT & STAYS_BIT != ZERO)


@inline
def keep_staying(m: Words, c: Words, b: np.uint64, order: np.uint64) -> None:
    """A command says anew whether the order stays."""
    wanted = flags_in(c, b) & STAYS != ZERO
    if wanted != is_staying(m, order):
        m[order + ORDER_TERMS] ^= STAYS_BIT << E_LIQUIDITY_SHIFT
