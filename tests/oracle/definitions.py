"""Check 29: operators' commands whose numbers do not fit together (section 7)."""

from typing import TYPE_CHECKING

from server.protocol.enums import Right
from tests.oracle.layouts import InstrumentTerms
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.state import Command

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

INSTRUMENTS_END = 65_536
TICKS_END = (1 << 32) - 1
AMOUNT_LIMIT = 1 << 62
ALL_RIGHTS = int(Right.VIEW | Right.TRADE | Right.OPERATE)


def check_instrument(x: "OracleExchange", c: Command) -> Refusal:
    """An instrument that can be listed."""
    terms: InstrumentTerms = x.body
    span = terms.price_max - terms.price_min
    tick = terms.tick_size
    largest = max(abs(terms.price_min), abs(terms.price_max)) * terms.quantity_max * terms.cash_scale
    return first_wrong(
        c.instrument,
        [
            c.instrument == 0 or c.instrument >= INSTRUMENTS_END or c.instrument in x.instruments,
            span < 0,
            tick == 0 or span // tick >= TICKS_END or span % tick != 0,
            terms.quantity_max < 1,
            terms.cash_scale < 1,
            largest >= AMOUNT_LIMIT,
            terms.lot_size == 0,
        ],
    )


def check_grant(_: "OracleExchange", c: Command) -> Refusal:
    """A user, and rights that exist."""
    return first_wrong(c.decision_maker, [c.decision_maker == 0, bool(c.flags & ~ALL_RIGHTS)])
