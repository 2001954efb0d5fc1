"""Reference prices: for the collar, the volatility ranges and the bands (13.5 to 13.7)."""

from server.protocol.enums import Phase, RejectReason
from server.protocol.records import NO_PRICE
from tests.oracle.lots import mul_div
from tests.oracle.refusals import Refusal
from tests.oracle.state import Instrument
from tests.oracle.ticks import is_usable

MILLION = 1_000_000


def span(price: int, ppm: int) -> int:
    """How far `ppm` of a price reaches."""
    return mul_div(abs(price), ppm, MILLION)


def is_within(price: int, ppm: int, reference: int) -> bool:
    """True if the price lies within `ppm` of the reference."""
    return abs(price - reference) <= span(reference, ppm)


def first_usable(instrument: Instrument, *prices: int) -> int:
    """The first of the prices that can be a reference; NO_PRICE if none can."""
    return next((price for price in prices if is_usable(instrument, price)), NO_PRICE)


def middle(instrument: Instrument) -> int:
    """The middle of the last TOP in CONTINUOUS, rounded down; NO_PRICE if a side is empty."""
    bid, _, _, ask, _, _ = instrument.last_top
    continuous = instrument.phase in (Phase.CONTINUOUS, Phase.LIMIT_STATE)
    return (bid + ask) // 2 if continuous and NO_PRICE not in (bid, ask) else NO_PRICE


def collar(instrument: Instrument, price: int, time_ns: int) -> Refusal:
    """Why a price may not enter: no reference, an old one, or too far from it (13.5)."""
    rules = instrument.rules
    if rules.collar_ppm == 0:
        return None
    sources = [
        (instrument.last, instrument.trade_ns),
        (instrument.auction_price, instrument.auction_ns),
        (middle(instrument), time_ns),
        (instrument.previous_close, time_ns),
        (instrument.reference_price, time_ns),
    ]
    usable = [(found, since_ns) for found, since_ns in sources if is_usable(instrument, found)]
    if not usable:
        return RejectReason.NO_REFERENCE_PRICE, price, 0
    reference, since_ns = usable[0]
    age_max_ns = rules.reference_age_ms * MILLION
    if age_max_ns and time_ns - since_ns > age_max_ns:
        return RejectReason.REFERENCE_TOO_OLD, time_ns - since_ns, age_max_ns
    if is_within(price, rules.collar_ppm, reference):
        return None
    reach = span(reference, rules.collar_ppm)
    return RejectReason.PRICE_COLLAR, price, reference + reach if price > reference else reference - reach
