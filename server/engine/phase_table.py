"""What each phase takes and which phase may follow which: the tables of the rule book, chapter 13, as bits of phases.

Rules: bit n of a column stands for the phase of number n. Nothing else in the engine lists phases by what they allow.
"""

from typing import Final

import numpy as np

from server.engine.kernel import U, Words, inline, kernel
from server.engine.layout import INSTRUMENT_PHASE, ONE, ZERO
from server.engine.refusal import refused
from server.engine.vocabulary import FOK, IOC, LIMIT, MARKET, NO_REASON, PHASE_FORBIDS
from server.engine.vocabulary_orders import AT_CLOSE, AT_OPEN, IN_NEXT_AUCTION, MARKET_TO_LIMIT
from server.protocol.enums import Phase


def phases(*names: Phase) -> np.uint64:
    """A column: one bit for each of these phases."""
    return U(sum(1 << name for name in names))


_ALL: Final = list(Phase)
AT_ONCE: Final = phases(Phase.CONTINUOUS, Phase.LIMIT_STATE)
CALLS: Final = phases(
    Phase.PRE_OPEN, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL, Phase.EXTENDED_CALL, Phase.CLOSING_CALL
)
AT_LAST: Final = phases(Phase.TRADING_AT_LAST)
MATCHING: Final = AT_ONCE | AT_LAST
TAKES_LIMITS: Final = AT_ONCE | CALLS | AT_LAST
TAKES_IMMEDIATE: Final = AT_ONCE
TAKES_IMMEDIATE_LIMITS: Final = AT_ONCE | AT_LAST
TAKES_STOPS: Final = AT_ONCE | CALLS
TAKES_AT_OPEN: Final = phases(Phase.PRE_OPEN)
TAKES_AT_CLOSE: Final = AT_ONCE | CALLS
TAKES_AUCTION: Final = AT_ONCE | CALLS
TAKES_REPLACES: Final = TAKES_LIMITS
ENDS_AUCTION: Final = phases(Phase.CONTINUOUS, Phase.TRADING_AT_LAST, Phase.CLOSED)
SCHEDULED: Final = phases(
    Phase.CLOSED, Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.HALTED, Phase.START_OF_DAY,
    Phase.INTRADAY_CALL, Phase.TRADING_AT_LAST, Phase.SUSPENDED,
)  # fmt: skip
NOT_SCHEDULED_FROM: Final = phases(Phase.HALTED, Phase.SUSPENDED, Phase.EXTENDED_CALL, Phase.DELISTED)

_ALWAYS: Final = phases(Phase.CLOSED, Phase.HALTED, Phase.SUSPENDED, Phase.DELISTED)
_CALLS_OF_THE_DAY: Final = phases(Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.INTRADAY_CALL, Phase.VOLATILITY_CALL)
_FOLLOWERS: Final = {
    Phase.CLOSED: phases(Phase.START_OF_DAY, Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL),
    Phase.START_OF_DAY: phases(Phase.START_OF_DAY, Phase.PRE_OPEN, Phase.CONTINUOUS),
    Phase.PRE_OPEN: phases(Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL),
    Phase.CONTINUOUS: phases(Phase.PRE_OPEN, Phase.TRADING_AT_LAST) | _CALLS_OF_THE_DAY,
    Phase.INTRADAY_CALL: phases(Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.INTRADAY_CALL),
    Phase.VOLATILITY_CALL: phases(Phase.TRADING_AT_LAST) | _CALLS_OF_THE_DAY,
    Phase.EXTENDED_CALL: phases(Phase.TRADING_AT_LAST) | _CALLS_OF_THE_DAY,
    Phase.CLOSING_CALL: phases(Phase.PRE_OPEN, Phase.CONTINUOUS, Phase.CLOSING_CALL, Phase.TRADING_AT_LAST),
    Phase.TRADING_AT_LAST: phases(Phase.TRADING_AT_LAST),
    Phase.LIMIT_STATE: _CALLS_OF_THE_DAY,
    Phase.PAUSED: _CALLS_OF_THE_DAY,
    Phase.HALTED: phases(Phase.PRE_OPEN) | _CALLS_OF_THE_DAY,
    Phase.SUSPENDED: phases(Phase.START_OF_DAY, Phase.PRE_OPEN),
}
FOLLOWERS: Final = tuple(U(0) if phase == Phase.DELISTED else _FOLLOWERS[phase] | _ALWAYS for phase in _ALL)
"""What SET_PHASE may make of each phase; what only a rule of the exchange does stands with that rule."""


@inline
def among(column: np.uint64, phase: np.uint64) -> bool:
    """Whether a phase is one of a column."""
    return bool(column >> phase & ONE != ZERO)


@inline
def collects(phase: np.uint64) -> bool:
    """Whether orders of this phase wait for an auction."""
    return among(CALLS, phase)


@inline
def trades_at_once(phase: np.uint64) -> bool:
    """Whether an order meets the other side as it comes."""
    return among(AT_ONCE, phase)


@inline
def is_for_auction(time_in_force: np.uint64) -> bool:
    """AT_OPEN, AT_CLOSE or AUCTION."""
    return bool(time_in_force >= AT_OPEN and time_in_force <= IN_NEXT_AUCTION)


@kernel
def may_follow(phase: np.uint64, next_phase: np.uint64) -> bool:
    """Whether SET_PHASE may change one phase to another."""
    return among(FOLLOWERS[np.int64(phase)], next_phase)


@inline
def phases_taking(kind: np.uint64, time_in_force: np.uint64, post_only: bool) -> np.uint64:
    """The phases that take a new order of this type and time in force."""
    if time_in_force == AT_OPEN:
        return TAKES_AT_OPEN
    if time_in_force == AT_CLOSE:
        return TAKES_AT_CLOSE
    if time_in_force == IN_NEXT_AUCTION:
        return TAKES_AUCTION
    if kind == LIMIT:
        if post_only:
            return TAKES_IMMEDIATE
        return TAKES_IMMEDIATE_LIMITS if time_in_force == IOC or time_in_force == FOK else TAKES_LIMITS
    return TAKES_IMMEDIATE if kind == MARKET or kind == MARKET_TO_LIMIT else TAKES_STOPS


@inline
def check_phase(m: Words, instrument: np.uint64, taking: np.uint64) -> np.uint64:
    """Check 15; `taking`: the phases that take what is asked for."""
    phase = m[instrument + INSTRUMENT_PHASE]
    return NO_REASON if among(taking, phase) else refused(m, PHASE_FORBIDS, np.int64(phase), np.int64(0))
