"""The schedule, and the end of calls: random, or later for the sake of the price or of market orders (13.8)."""

from typing import TYPE_CHECKING

from server.protocol.enums import Phase, Side
from tests.oracle.auction import auction_price
from tests.oracle.draws import draw_ns
from tests.oracle.phase_table import CALLS, may_follow
from tests.oracle.phases import MILLISECOND, announce, enter_phase
from tests.oracle.state import Instrument
from tests.oracle.timers import TimerKind
from tests.oracle.volatility import Range

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

SCHEDULED, CALL_ENDED, PRICE_EXTENSION, MARKET_EXTENSION, EXTENDED, PAUSED, PAUSE_ENDED = -1, -3, -4, -5, -6, -8, -9
NOT_SCHEDULED = (Phase.HALTED, Phase.SUSPENDED, Phase.EXTENDED_CALL, Phase.DELISTED)
CALL_RESULTS = (Phase.CONTINUOUS, Phase.TRADING_AT_LAST, Phase.CLOSED)


def scheduled(x: "OracleExchange", number: int, due_ns: int) -> None:
    """A phase of the schedule is due."""
    instrument = x.instruments[number]
    phase = instrument.schedule.pop(due_ns)
    own_end = instrument.phase == Phase.VOLATILITY_CALL and phase == Phase.CONTINUOUS
    if instrument.phase in NOT_SCHEDULED or not may_follow(instrument.phase, phase) or own_end:
        x.finish(instrument)
    elif instrument.phase in CALLS and phase in CALL_RESULTS:
        instrument.target = phase
        x.timers.set(TimerKind.CALL_END, number, due_ns + draw_ns(instrument))
        x.finish(instrument)
    else:
        enter_phase(x, instrument, phase, SCHEDULED)


def call_ends(x: "OracleExchange", number: int, due_ns: int) -> None:
    """A call is over, or extended."""
    instrument = x.instruments[number]
    rules = instrument.auction_rules
    extension_ms, extensions_max = (rules.extension_ms, rules.extensions_max) if rules else (0, 0)
    price, volume, _ = auction_price(instrument)
    if volume and not Range(instrument, wide=True).holds(price):
        if instrument.extensions < extensions_max and extension_ms:
            instrument.extensions += 1
            extend(x, instrument, due_ns + extension_ms * MILLISECOND, PRICE_EXTENSION)
        else:
            enter_phase(x, instrument, Phase.EXTENDED_CALL, EXTENDED)
        return
    market = max(sum(order.leaves for order in instrument.book.market[side]) for side in Side)
    if market > volume and extension_ms and not instrument.market_extension:
        instrument.market_extension = True
        extend(x, instrument, due_ns + extension_ms * MILLISECOND, MARKET_EXTENSION)
    else:
        enter_phase(x, instrument, instrument.target, CALL_ENDED)


def extend(x: "OracleExchange", instrument: Instrument, due_ns: int, cause: int) -> None:
    """Let the call go on until then."""
    announce(x, instrument, cause)
    x.timers.set(TimerKind.CALL_END, instrument.number, due_ns)
    x.finish(instrument)


def limit_state_ends(x: "OracleExchange", number: int, _: int) -> None:
    """A limit state has lasted too long."""
    enter_phase(x, x.instruments[number], Phase.PAUSED, PAUSED)


def pause_ends(x: "OracleExchange", number: int, _: int) -> None:
    """After a pause comes a call."""
    enter_phase(x, x.instruments[number], Phase.VOLATILITY_CALL, PAUSE_ENDED)


ON_TIMER = {
    TimerKind.SCHEDULE: scheduled,
    TimerKind.CALL_END: call_ends,
    TimerKind.LIMIT_STATE: limit_state_ends,
    TimerKind.PAUSE: pause_ends,
}
