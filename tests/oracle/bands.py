"""Bands around the mean of the last five minutes, and the limit state at their edges (13.7)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.protocol.enums import MarketDataKind, Phase, Side
from server.protocol.records import NO_PRICE
from tests.oracle.reference import first_usable, span
from tests.oracle.state import Instrument

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

TIER_PPM = {1: 50_000, 2: 100_000}
BUCKET_NS = 30_000_000_000
BUCKETS = 10
STEP_PPM = 10_000
BANDED = (Phase.CONTINUOUS, Phase.LIMIT_STATE)
LIMIT_STATE_BEGINS, LIMIT_STATE_ENDS = -7, -10


@dataclass(eq=False, slots=True)
class Band:
    """The band of one instrument, and the trades that move it."""

    ppm: int
    reference: int
    number: int
    """Of the present bucket."""
    buckets: list[list[int]] = field(default_factory=lambda: [[0, 0] for _ in range(BUCKETS)])
    """Sum of prices and number of trades of each."""
    changed: bool = True

    @property
    def lowest(self) -> int:
        """The lowest price at which trading goes on."""
        return self.reference - span(self.reference, self.ppm)

    @property
    def highest(self) -> int:
        """The highest price at which trading goes on."""
        return self.reference + span(self.reference, self.ppm)

    def holds(self, price: int) -> bool:
        """True for a price within the band."""
        return self.lowest <= price <= self.highest


def begin_band(x: "OracleExchange", instrument: Instrument) -> None:
    """Let the band begin anew, from no trades; there is none without a tier or a reference."""
    reference = first_usable(instrument, instrument.last, instrument.auction_price, instrument.reference_price)
    instrument.band = None
    if instrument.rules.band_tier and reference != NO_PRICE:
        instrument.band = Band(TIER_PPM[instrument.rules.band_tier], reference, x.time_ns // BUCKET_NS)
        publish_band(x, instrument)


def publish_band(x: "OracleExchange", instrument: Instrument) -> None:
    """Market data BAND if the band is another than the one published last."""
    band = instrument.band
    if band is not None and band.changed:
        band.changed = False
        x.output.book_record(
            MarketDataKind.BAND, instrument, price=band.lowest, quantity=band.highest, level_quantity=band.reference
        )


def add_to_band(x: "OracleExchange", instrument: Instrument, price: int) -> None:
    """Count a trade; the first one of a new bucket may move the band."""
    band = instrument.band
    if band is None or instrument.phase not in BANDED:
        return
    number = x.time_ns // BUCKET_NS
    if number > band.number:
        total, trades = (sum(bucket[part] for bucket in band.buckets) for part in (0, 1))
        for passed in range(band.number + 1, min(number, band.number + BUCKETS) + 1):
            band.buckets[passed % BUCKETS] = [0, 0]
        band.number = number
        if trades and instrument.phase == Phase.CONTINUOUS:
            mean = total // trades
            if abs(mean - band.reference) > span(band.reference, STEP_PPM):
                band.reference, band.changed = mean, True
    bucket = band.buckets[number % BUCKETS]
    bucket[0] += price
    bucket[1] += 1


def is_at_edge(instrument: Instrument) -> bool:
    """True if a best shown price stands at an edge of the band, or beyond."""
    band = instrument.band
    bid, ask = instrument.book.best_shown(Side.BUY), instrument.book.best_shown(Side.SELL)
    if band is None:
        return False
    return (bid is not None and bid >= band.highest) or (ask is not None and ask <= band.lowest)


def change_limit_state(x: "OracleExchange", instrument: Instrument) -> bool:
    """Publish a band that moved; begin or end the limit state. True if the phase is another now."""
    publish_band(x, instrument)
    at_edge = is_at_edge(instrument)
    if at_edge and instrument.phase == Phase.CONTINUOUS:
        x.enter_phase(instrument, Phase.LIMIT_STATE, LIMIT_STATE_BEGINS)
        return True
    if not at_edge and instrument.phase == Phase.LIMIT_STATE:
        x.enter_phase(instrument, Phase.CONTINUOUS, LIMIT_STATE_ENDS)
        return True
    return False
