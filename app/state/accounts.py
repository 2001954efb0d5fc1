"""Accounts, their positions and what both are worth now.

Rules: cash, reservations and positions are the exchange's own figures, from POSITION events; only the valuation (open
and day P&L, equity) is made here, in integers of the account's money unit, from the marks of the quote table.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from app.state.table import KeyedTable
from server.protocol import control
from server.protocol.codec import decode_rows
from server.protocol.enums import Side
from server.protocol.records import NO_PRICE

POSITION_ROW = np.dtype([
    ("account", "<u4"), ("instrument", "<u4"), ("time_ns", "<i8"),
    ("net", "<i8"), ("cost", "<i8"), ("realised", "<i8"), ("open_buy", "<i8"), ("open_sell", "<i8"),
    ("position_max", "<i8"), ("day_net", "<i8"), ("day_cash", "<i8"),
    ("mark", "<i8"), ("open_profit", "<i8"), ("day_profit", "<i8"), ("value", "<i8"),
])  # fmt: skip
"""`day_net`, `day_cash`: lots and money that the fills of today moved; the last four are valued here."""


@dataclass(slots=True)
class AccountState:
    """One account: the exchange's figures and what they are worth."""

    account: int
    name: str
    currency: str
    money_decimals: int
    cash: int = 0
    reserved: int = 0
    credit_limit: int = 0
    position_max: int = 0
    rights: int = 0
    equity: int = 0
    open_profit: int = 0
    day_profit: int = 0
    gross: int = 0
    """The sum of the sizes of all position values."""

    @property
    def buying_power(self) -> int:
        """What new orders may still reserve: cash - reserved + credit_limit."""
        return self.cash - self.reserved + self.credit_limit


class AccountTable:
    """The accounts that the user may see."""

    def __init__(self) -> None:
        """No accounts."""
        self.accounts: dict[int, AccountState] = {}
        self.positions = KeyedTable(POSITION_ROW)

    def load(self, accounts: list[control.Account]) -> None:
        """Take the answer to GetAccounts; positions of accounts already known are replaced."""
        for one in accounts:
            state = self.accounts.setdefault(
                one.account, AccountState(one.account, one.name, one.currency, one.money_decimals)
            )
            state.cash, state.reserved, state.credit_limit = one.cash, one.reserved, one.credit_limit
            state.position_max, state.rights = one.position_max, one.rights
            for event in decode_rows(one.positions, "POSITION_EVENT"):
                self._put(event)

    def apply_position(self, event: np.void) -> int:
        """Take a POSITION_EVENT; returns the position row that changed, or -1 if it was about cash alone."""
        account = self.accounts.get(int(event["account"]))
        if account is not None:
            account.cash, account.reserved = int(event["cash"]), int(event["reserved"])
            account.credit_limit = int(event["credit_limit"])
        return -1 if event["instrument"] == 0 else self._put(event)

    def _put(self, event: np.void) -> int:
        row = self.position_row(int(event["account"]), int(event["instrument"]))
        position = self.positions.rows[row]
        for name in ("net", "cost", "realised", "open_buy", "open_sell", "position_max", "time_ns"):
            position[name] = event[name]
        return row

    def apply_fill(self, fill: np.void, cash_scale: int) -> int:
        """Count a fill of today into the day's movement; returns the position row."""
        row = self.position_row(int(fill["account"]), int(fill["instrument"]))
        position = self.positions.rows[row]
        signed = int(fill["quantity"]) * (1 if fill["side"] == Side.BUY else -1)
        position["day_net"] += signed
        position["day_cash"] -= signed * int(fill["price"]) * cash_scale
        return row

    def start_day(self) -> None:
        """Forget what the fills of the day before moved."""
        self.positions.rows["day_net"] = 0
        self.positions.rows["day_cash"] = 0

    def position_row(self, account: int, instrument: int) -> int:
        """The row of a position, made if it is new."""
        row = self.positions.find((account, instrument))
        if row < 0:
            row = self.positions.append((account, instrument))
            self.positions.rows[row]["account"], self.positions.rows[row]["instrument"] = account, instrument
        return row

    def net(self, account: int, instrument: int) -> int:
        """Signed lots of a position, 0 if there is none."""
        row = self.positions.find((account, instrument))
        return int(self.positions.rows["net"][row]) if row >= 0 else 0

    def value(self, marks: Callable[[int], tuple[int, int, int]]) -> set[int]:
        """Value everything; `marks(instrument)` gives (mark, previous close, cash scale). Returns changed rows."""
        changed: set[int] = set()
        totals: dict[int, list[int]] = {number: [0, 0, 0, 0] for number in self.accounts}
        for row, position in enumerate(self.positions.rows):
            mark, close, scale = marks(int(position["instrument"]))
            figures = _valued(position, mark, close, scale)
            if figures != tuple(int(position[name]) for name in ("mark", "value", "open_profit", "day_profit")):
                position["mark"], position["value"], position["open_profit"], position["day_profit"] = figures
                changed.add(row)
            total = totals.get(int(position["account"]))
            if total is not None:
                for place, amount in enumerate((figures[1], figures[2], figures[3], abs(figures[1]))):
                    total[place] += amount
        for number, (value, open_profit, day_profit, gross) in totals.items():
            account = self.accounts[number]
            account.equity, account.gross = account.cash + value, gross
            account.open_profit, account.day_profit = open_profit, day_profit
        return changed


def _valued(position: np.void, mark: int, close: int, scale: int) -> tuple[int, int, int, int]:
    """(mark, value, open profit, day profit) of a position; all but the mark are 0 without a mark."""
    net, day_net = int(position["net"]), int(position["day_net"])
    if mark == NO_PRICE:
        return NO_PRICE, 0, 0, 0
    carried = net - day_net
    base = mark if close == NO_PRICE else close
    day = carried * (mark - base) * scale + day_net * mark * scale + int(position["day_cash"])
    return mark, net * mark * scale, net * mark * scale - int(position["cost"]), day


def average_price(position: np.void, cash_scale: int) -> float | None:
    """What a position cost on average in price units, for display; None if it is flat."""
    return float(position["cost"]) / float(position["net"]) / cash_scale if position["net"] else None
