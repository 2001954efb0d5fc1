"""The made-up market that random flows trade in: instruments, accounts, users; each is there to show something."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind, Right
from server.protocol.records import COMMAND, LIST_INSTRUMENT, NO_PRICE, OPEN_ACCOUNT

Fields = dict[str, Any]

INSTRUMENTS: dict[int, Fields] = {
    1: {"symbol": b"PLAIN", "price_min": 1, "price_max": 20_001, "quantity_max": 10_000, "cash_scale": 1,
        "reference_price": 10_001, "tick_size": 5, "currency": 1},
    2: {"symbol": b"SPREAD", "price_min": -500, "price_max": 500, "quantity_max": 1_000, "cash_scale": 1_000,
        "reference_price": 0, "tick_size": 1, "currency": 1},
    7: {"symbol": b"FARAWAY", "price_min": 1 << 50, "price_max": (1 << 50) + (1 << 40), "quantity_max": 3,
        "cash_scale": 1, "reference_price": NO_PRICE, "tick_size": 1 << 20, "currency": 1},
    300: {"symbol": b"OTHERMONEY", "price_min": 0, "price_max": 1_000, "quantity_max": 50, "cash_scale": 10,
          "reference_price": 400, "tick_size": 10, "currency": 2},
    65_535: {"symbol": b"SIXTEEN.BYTES.AB", "price_min": 7, "price_max": 7, "quantity_max": 1 << 40, "cash_scale": 1,
             "reference_price": 7, "tick_size": 1, "currency": 1},
}  # fmt: skip
"""A plain one; negative prices; far from zero with huge ticks; another currency; a single price."""

ACCOUNTS: dict[int, Fields] = {
    1: {"name": b"RICH", "credit_limit": 1 << 60, "short_allowed": 1, "orders_max": 1_000, "currency": 1},
    2: {"name": b"RICH TOO", "credit_limit": 1 << 60, "short_allowed": 255, "orders_max": 1_000, "currency": 1},
    3: {"name": b"POOR", "credit_limit": 0, "short_allowed": 1, "orders_max": 1_000, "currency": 1},
    4: {"name": b"NO SHORTS", "credit_limit": 1 << 58, "short_allowed": 0, "orders_max": 1_000, "currency": 1},
    5: {"name": b"LIMITED", "credit_limit": 1 << 58, "position_max": 60, "short_allowed": 1, "orders_max": 1_000,
        "currency": 1},
    6: {"name": b"FEW ORDERS", "credit_limit": 1 << 58, "short_allowed": 1, "orders_max": 3, "currency": 1},
    16_777_199: {"name": b"OTHER MONEY", "credit_limit": 1 << 40, "short_allowed": 1, "orders_max": 50, "currency": 2},
}  # fmt: skip
"""Each account meets one kind of limit."""

USERS: dict[int, tuple[int, ...]] = {
    1: (1, 3, 4, 16_777_199),
    2: (2, 5, 6, 16_777_199),
    3: (1, 2, 3, 4, 5, 6),
    4_000_000_000: (2, 4),
}
"""The accounts that each user may TRADE; user 3 meets the orders of the others."""

SESSIONS: dict[int, int] = {11: 1, 12: 2, 13: 3, 14: 4_000_000_000, 15: 1}
"""Session number to user; user 1 has two."""

CASH = {3: 400_000, 4: 1 << 50, 5: 1 << 40}


@dataclass(slots=True)
class Draft:
    """A command record before it is stamped: a layout and its fields."""

    layout: np.dtype[np.void]
    fields: Fields

    def row(self, **stamp: int) -> NDArray[np.void]:
        """The record as a COMMAND row."""
        row = np.zeros(1, self.layout)
        for name, field in (stamp | self.fields).items():
            row[name] = field
        return row.view(COMMAND)


Group = list[Draft]
"""The records of one group; most have one."""


def stamped(group: Group, sequence: int, time_ns: int) -> NDArray[np.void]:
    """The rows of a group, from this sequence and time on; a record says its group count only if it was spoiled."""
    rows = [
        draft.row(group_count=0 if place else len(group), sequence=sequence + place, time_ns=time_ns + place)
        for place, draft in enumerate(group)
    ]
    return joined(rows, COMMAND)


def joined(parts: list[NDArray[np.void]], layout: np.dtype[np.void]) -> NDArray[np.void]:
    """Arrays of one layout as one array (by their bytes: numpy would compare all fields first)."""
    return np.frombuffer(b"".join(part.tobytes() for part in parts), layout)


def terms_of(instrument: int) -> dict[str, Any]:
    """The terms of one of the instruments above; any other is listed like the first."""
    return INSTRUMENTS.get(instrument, INSTRUMENTS[1] | {"symbol": b"NEW"})


def listing(instrument: int, **changes: Any) -> Draft:
    """A LIST_INSTRUMENT of one of the instruments above, or of one like the first."""
    terms = terms_of(instrument)
    fields = {"kind": CommandKind.LIST_INSTRUMENT, "instrument": instrument, "lot_size": 1}
    return Draft(LIST_INSTRUMENT, fields | terms | changes)


def opening(account: int, **changes: Any) -> Draft:
    """An OPEN_ACCOUNT of one of the accounts above, or of one like the first."""
    terms = ACCOUNTS.get(account, ACCOUNTS[1] | {"name": b"NEW"})
    fields = {"kind": CommandKind.OPEN_ACCOUNT, "account": account, "money_decimals": 2}
    return Draft(OPEN_ACCOUNT, fields | terms | changes)


def command(kind: int, **fields: Any) -> Draft:
    """Any other command."""
    return Draft(COMMAND, {"kind": kind} | fields)


def founding() -> list[Draft]:
    """The commands that make the market, up to PRE_OPEN."""
    drafts = [listing(instrument) for instrument in INSTRUMENTS]
    drafts += [opening(account) for account in ACCOUNTS]
    drafts += [command(CommandKind.ADJUST_CASH, account=account, quantity=cash) for account, cash in CASH.items()]
    for user, accounts in USERS.items():
        for account in accounts:
            rights = Right.TRADE | Right.VIEW
            drafts.append(command(CommandKind.GRANT, decision_maker=user, account=account, flags=rights))
    for session, user in SESSIONS.items():
        drafts.append(command(CommandKind.SESSION_OPENED, session=session, user=user, order_id=session << 40))
    drafts.append(command(CommandKind.SET_PHASE, side=1, price=NO_PRICE))
    return drafts
