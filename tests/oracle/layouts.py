"""Records of commands that have a layout of their own, read as named tuples.

Rules: every layout begins with the same head; a record whose kind is not named here is a plain COMMAND and has no body.
"""

from collections import namedtuple
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind
from server.protocol.records import (
    ACCOUNT_TERMS,
    AUCTION_RULES,
    EXCHANGE_RATE,
    FEE_SCHEDULE,
    INSTRUMENT_RULES,
    LIST_INSTRUMENT,
    OPEN_ACCOUNT,
    OPERATION,
    ORDER_TERMS,
    QUOTE_ENTRY,
    RISK_SETTING,
    SCHEDULE_ENTRY,
    TICK_TABLE,
)

Body = Any
"""One of the named tuples below."""

InstrumentTerms = namedtuple("InstrumentTerms", LIST_INSTRUMENT.names)
AccountTerms = namedtuple("AccountTerms", OPEN_ACCOUNT.names)
OrderTerms = namedtuple("OrderTerms", ORDER_TERMS.names)
QuoteEntry = namedtuple("QuoteEntry", QUOTE_ENTRY.names)
TickTable = namedtuple("TickTable", TICK_TABLE.names)
InstrumentRules = namedtuple("InstrumentRules", INSTRUMENT_RULES.names)
AuctionRules = namedtuple("AuctionRules", AUCTION_RULES.names)
ScheduleEntry = namedtuple("ScheduleEntry", SCHEDULE_ENTRY.names)
AccountSettings = namedtuple("AccountSettings", ACCOUNT_TERMS.names)
RiskSetting = namedtuple("RiskSetting", RISK_SETTING.names)
FeeSchedule = namedtuple("FeeSchedule", FEE_SCHEDULE.names)
ExchangeRate = namedtuple("ExchangeRate", EXCHANGE_RATE.names)
Operation = namedtuple("Operation", OPERATION.names)

RISK_KINDS = (
    CommandKind.SET_LIMIT, CommandKind.SET_BLOCK, CommandKind.SET_PERMISSION, CommandKind.SET_LOCATE,
    CommandKind.SET_PROTECTION,
)  # fmt: skip
OPERATION_KINDS = (
    CommandKind.CONVERT, CommandKind.ADJUST_BALANCE, CommandKind.BUST_TRADE, CommandKind.ADJUST_TRADE,
    CommandKind.SPLIT, CommandKind.DIVIDEND, CommandKind.RENAME, CommandKind.END_DAY,
)  # fmt: skip

BODY_OF: dict[int, tuple[np.dtype[np.void], type[Any]]] = {
    CommandKind.LIST_INSTRUMENT: (LIST_INSTRUMENT, InstrumentTerms),
    CommandKind.OPEN_ACCOUNT: (OPEN_ACCOUNT, AccountTerms),
    CommandKind.ORDER_TERMS: (ORDER_TERMS, OrderTerms),
    CommandKind.QUOTE_ENTRY: (QUOTE_ENTRY, QuoteEntry),
    CommandKind.SET_TICKS: (TICK_TABLE, TickTable),
    CommandKind.SET_RULES: (INSTRUMENT_RULES, InstrumentRules),
    CommandKind.SET_AUCTION: (AUCTION_RULES, AuctionRules),
    CommandKind.SET_SCHEDULE: (SCHEDULE_ENTRY, ScheduleEntry),
    CommandKind.SET_ACCOUNT: (ACCOUNT_TERMS, AccountSettings),
    CommandKind.SET_FEES: (FEE_SCHEDULE, FeeSchedule),
    CommandKind.SET_RATE: (EXCHANGE_RATE, ExchangeRate),
    **dict.fromkeys(RISK_KINDS, (RISK_SETTING, RiskSetting)),
    **dict.fromkeys(OPERATION_KINDS, (OPERATION, Operation)),
}


def body_of(row: NDArray[np.void]) -> Body:
    """The record (shape (1,), any layout of a command) in the layout of its kind; None for a plain COMMAND."""
    found = BODY_OF.get(int(row["kind"][0]))
    if found is None:
        return None
    layout, named = found
    return named._make(row.view(layout)[0].tolist())
