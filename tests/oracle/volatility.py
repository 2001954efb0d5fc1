"""The prices at which an instrument may trade without interruption (13.6)."""

from server.protocol.records import NO_PRICE
from tests.oracle.reference import MILLION, first_usable, is_within
from tests.oracle.state import Instrument


class Range:
    """The range of an instrument as it is now; or the wide one, with both parts doubled."""

    def __init__(self, instrument: Instrument, *, wide: bool = False) -> None:
        rules, factor = instrument.rules, 2 if wide else 1
        static = first_usable(instrument, instrument.auction_price, instrument.reference_price)
        dynamic = first_usable(instrument, instrument.last, static)
        self.parts = [
            (reference, min(MILLION, ppm * factor))
            for reference, ppm in ((static, rules.static_ppm), (dynamic, rules.dynamic_ppm))
            if ppm and reference != NO_PRICE
        ]

    def holds(self, price: int) -> bool:
        """True if a trade at the price interrupts nothing."""
        return all(is_within(price, ppm, reference) for reference, ppm in self.parts)
