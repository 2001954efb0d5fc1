"""The limit state: where the best price has reached the edge of the band, and how it ends.

Rules: looked at last of all at the end of a command, when stops, links and pegs have nothing more to do.
"""

import numpy as np

from server.engine.bands import has_band, publish_band
from server.engine.book import best_shown_level, book_of, price_of
from server.engine.kernel import Signed, Words, kernel
from server.engine.layout import INSTRUMENT_PHASE, NONE
from server.engine.layout_phases import INSTRUMENT_BAND_HIGHEST, INSTRUMENT_BAND_LOWEST
from server.engine.phases import enter_by_rule
from server.engine.vocabulary import BUY, CONTINUOUS, SELL
from server.engine.vocabulary_phases import BY_LIMIT_STATE, BY_LIMIT_STATE_END, LIMIT_STATE


@kernel
def is_at_edge(m: Words, z: Signed, instrument: np.uint64) -> bool:
    """Whether the best shown bid or ask has reached the edge of the band at which it could not trade any better."""
    if not has_band(m, instrument):
        return False
    bids = book_of(instrument, BUY)
    asks = book_of(instrument, SELL)
    bid = best_shown_level(m, bids)
    if bid != NONE and price_of(m, bids, bid) >= z[instrument + INSTRUMENT_BAND_HIGHEST]:
        return True
    ask = best_shown_level(m, asks)
    return bool(ask != NONE and price_of(m, asks, ask) <= z[instrument + INSTRUMENT_BAND_LOWEST])


@kernel
def heed_band(m: Words, z: Signed, ev: Words, md: Words, instrument: np.uint64) -> bool:
    """Publishes a band that moved; begins or ends the limit state. Says whether the phase is another now."""
    publish_band(m, z, md, instrument)
    phase = m[instrument + INSTRUMENT_PHASE]
    if phase == CONTINUOUS and is_at_edge(m, z, instrument):
        enter_by_rule(m, z, ev, md, instrument, LIMIT_STATE, BY_LIMIT_STATE)
        return True
    if phase == LIMIT_STATE and not is_at_edge(m, z, instrument):
        enter_by_rule(m, z, ev, md, instrument, CONTINUOUS, BY_LIMIT_STATE_END)
        return True
    return False
