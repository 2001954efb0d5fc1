"""The names of stops, pegs and linked orders as unsigned words."""

from typing import Final

from server.engine.kernel import U
from server.protocol.enums import (
    CancelReason,
    EventKind,
    Link,
    OrderFlag,
    Peg,
    Phase,
    RejectReason,
    RestateReason,
    Trigger,
)

TRIGGERED: Final = U(EventKind.TRIGGERED)

CANCELED_LINKED: Final = U(CancelReason.LINKED)

RESTATED_PEGGED: Final = U(RestateReason.PEGGED)
RESTATED_TRAILED: Final = U(RestateReason.TRAILED)
RESTATED_LINKED: Final = U(RestateReason.LINKED)
RESTATED_RELEASED: Final = U(RestateReason.RELEASED)

PEG_PRIMARY: Final = U(Peg.PRIMARY)
PEG_MID: Final = U(Peg.MID)
PEG_MARKET: Final = U(Peg.MARKET)

TRIGGER_LAST: Final = U(Trigger.LAST)
TRIGGER_MARK: Final = U(Trigger.MARK)

NOT_LINKED: Final = U(Link.NONE)
ONE_CANCELS_OTHER: Final = U(Link.ONE_CANCELS_OTHER)
TARGET: Final = U(Link.TARGET)
STOP_LOSS: Final = U(Link.STOP_LOSS)

LIMIT_STATE: Final = U(Phase.LIMIT_STATE)

STOP_FLAGS: Final = U(OrderFlag.REDUCE_ONLY | OrderFlag.SHORT | OrderFlag.SHORT_EXEMPT | OrderFlag.CONFIRMED)

INVALID_STOP_PRICE: Final = U(RejectReason.INVALID_STOP_PRICE)
STOP_ALREADY_REACHED: Final = U(RejectReason.STOP_ALREADY_REACHED)
NO_REFERENCE_PRICE: Final = U(RejectReason.NO_REFERENCE_PRICE)
