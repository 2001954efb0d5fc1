"""Which record layout a command or event of each kind has.

Rule: every kind that is not named here has the COMMAND, EVENT or BOOK_RECORD layout.
"""

from typing import Final

import numpy as np

from server.protocol import records
from server.protocol.enums import CommandKind, EventKind, RejectReason

COMMAND_LAYOUTS: Final[dict[int, np.dtype[np.void]]] = {
    CommandKind.ORDER_TERMS: records.ORDER_TERMS,
    CommandKind.QUOTE_ENTRY: records.QUOTE_ENTRY,
    CommandKind.LIST_INSTRUMENT: records.LIST_INSTRUMENT,
    CommandKind.OPEN_ACCOUNT: records.OPEN_ACCOUNT,
    CommandKind.SET_TICKS: records.TICK_TABLE,
    CommandKind.SET_RULES: records.INSTRUMENT_RULES,
    CommandKind.SET_AUCTION: records.AUCTION_RULES,
    CommandKind.SET_SCHEDULE: records.SCHEDULE_ENTRY,
    CommandKind.SET_ACCOUNT: records.ACCOUNT_TERMS,
    CommandKind.SET_LIMIT: records.RISK_SETTING,
    CommandKind.SET_BLOCK: records.RISK_SETTING,
    CommandKind.SET_PERMISSION: records.RISK_SETTING,
    CommandKind.SET_LOCATE: records.RISK_SETTING,
    CommandKind.SET_PROTECTION: records.RISK_SETTING,
    CommandKind.SET_FEES: records.FEE_SCHEDULE,
    CommandKind.SET_RATE: records.EXCHANGE_RATE,
    CommandKind.CONVERT: records.OPERATION,
    CommandKind.ADJUST_BALANCE: records.OPERATION,
    CommandKind.BUST_TRADE: records.OPERATION,
    CommandKind.ADJUST_TRADE: records.OPERATION,
    CommandKind.SPLIT: records.OPERATION,
    CommandKind.DIVIDEND: records.OPERATION,
    CommandKind.RENAME: records.OPERATION,
    CommandKind.END_DAY: records.OPERATION,
}
_RISK_REASONS: Final = range(RejectReason.BLOCKED, RejectReason.LIMIT_MISSING + 1)


def command_layout(kind: int) -> np.dtype[np.void]:
    """The layout of a command of this kind, known or not."""
    return COMMAND_LAYOUTS.get(kind, records.COMMAND)


def event_layout(kind: int, reason: int) -> np.dtype[np.void]:
    """The layout of an event of this kind and reason, known or not."""
    if kind in (EventKind.POSITION, EventKind.BALANCE):
        return records.POSITION_EVENT
    if kind == EventKind.LIMIT_WARNING or (kind == EventKind.REJECTED and reason in _RISK_REASONS):
        return records.RISK_REJECTION
    return records.EVENT
