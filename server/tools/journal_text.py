"""One line of text for a command, an event or a market data record.

Rules: names instead of codes, the fields of the record's own layout, and of those only what is set.
"""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Final

import numpy as np

from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    Liquidity,
    MarketDataKind,
    OrderState,
    OrderType,
    Phase,
    RejectReason,
    Side,
    TimeInForce,
)
from server.protocol.layouts import command_layout, event_layout
from server.protocol.records import NO_PRICE

_ALWAYS: Final = ("kind", "sequence", "time_ns")
_CALENDAR_END_NS: Final = 253_402_300_800 * 10**9
_SILENT: Final = ("version", "group_count", "shard", "spare")
_NAMES: Final[dict[str, type[IntEnum]]] = {
    "side": Side, "order_type": OrderType, "time_in_force": TimeInForce, "state": OrderState,
    "liquidity": Liquidity, "phase": Phase,
}  # fmt: skip
_ZERO_HAS_MEANING: Final = {int(CommandKind.NEW_ORDER): ("side",), int(CommandKind.SET_PHASE): ("side",)}


def enum_name(vocabulary: type[IntEnum], value: int) -> str:
    """The name of a code, or the number where the vocabulary has none."""
    return vocabulary(value).name if value in vocabulary._value2member_map_ else str(value)


def time_text(time_ns: int) -> str:
    """UTC with all nine digits, so that two commands never look simultaneous; a number beyond the calendar as it is."""
    if not 0 <= time_ns < _CALENDAR_END_NS:
        return str(time_ns)
    seconds, rest = divmod(time_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.{rest:09d}"


def describe_command(command: np.void) -> str:
    """One line: sequence, time, kind and each field that is set."""
    kind = int(command["kind"])
    command = np.array([command]).view(command_layout(kind))[0]
    fields = _fields(command, _ZERO_HAS_MEANING.get(kind, ()))
    if kind == CommandKind.SET_PHASE:
        fields = [f"phase={enum_name(Phase, int(command['side']))}", *(f for f in fields if not f.startswith("side="))]
    return _line(command, enum_name(CommandKind, kind), fields)


def describe_event(event: np.void) -> str:
    """One line of an event; the reason is named by the vocabulary of its kind."""
    kind = int(event["kind"])
    event = np.array([event]).view(event_layout(kind, int(event["reason"])))[0]
    fields = _fields(event, ("side",) if "side" in (event.dtype.names or ()) else ())
    if kind in (EventKind.REJECTED, EventKind.CANCELED):
        vocabulary: type[IntEnum] = RejectReason if kind == EventKind.REJECTED else CancelReason
        reason = f"reason={enum_name(vocabulary, int(event['reason']))}"
        fields = [reason, *(field for field in fields if not field.startswith("reason="))]
    return _line(event, enum_name(EventKind, kind), fields)


def describe_market_data(record: np.void) -> str:
    """One line of a market data record."""
    return _line(record, enum_name(MarketDataKind, int(record["kind"])), _fields(record, ("side",)))


def _line(record: np.void, kind: str, fields: list[str]) -> str:
    return " ".join([f"{int(record['sequence']):>10}", time_text(int(record["time_ns"])), f"{kind:<15}", *fields])


def _fields(record: np.void, shown_when_zero: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in record.dtype.names or ():
        if name in _ALWAYS or name in _SILENT or name.startswith("reserved"):
            continue
        value = record[name].tolist()
        if (not value or (isinstance(value, list) and not any(map(any, value)))) and name not in shown_when_zero:
            continue
        found.append(f"{name}={_value_text(name, value)}")
    return found


def _value_text(name: str, value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "backslashreplace")
    if isinstance(value, int):
        if value == NO_PRICE:
            return "none"
        if name in _NAMES:
            return enum_name(_NAMES[name], value)
        if name.endswith("_ns"):
            return time_text(value)
    return str(value)
