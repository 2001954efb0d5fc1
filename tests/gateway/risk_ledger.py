"""Positions and cash as a risk system has them, from the events of a drop copy and nothing else.

Rules: fills, busts and price corrections are added up by hand; what else moves money or lots (cash given, splits,
dividends) is taken from POSITION and BALANCE. At the end of each command the two have to agree, so a fill that is
missing, doubled or out of order is found at once.
"""

from collections import defaultdict

import numpy as np

from server.protocol.codec import Records
from server.protocol.enums import EventKind, Side
from server.protocol.records import POSITION_EVENT

TRADES = (EventKind.EXECUTED, EventKind.TRADE_BUSTED, EventKind.TRADE_ADJUSTED)
TOLD = (EventKind.POSITION, EventKind.BALANCE)


class RiskLedger:
    """Net lots by (account, instrument), cash by (account, currency). `scales`: cash_scale and currency."""

    def __init__(self, scales: dict[int, tuple[int, int]]) -> None:
        self._scales = scales
        self.net: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.cash: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.trades = 0
        self.corrections = 0

    def apply(self, events: Records) -> None:
        """EVENT rows in their order, any number of whole commands."""
        borders = np.flatnonzero(np.diff(events["command_sequence"].astype(np.int64))) + 1
        for rows in np.split(events, borders):
            self._apply_command(rows)

    def _apply_command(self, rows: Records) -> None:
        traded: set[int] = set()
        for row in rows[np.isin(rows["kind"], TRADES)]:
            if row["account"]:
                self._trade(row)
                traded.add(int(row["account"]))
        told_net: dict[tuple[int, int], int] = {}
        told_cash: dict[tuple[int, int], int] = {}
        for row in rows[np.isin(rows["kind"], TOLD)].view(POSITION_EVENT):
            account = int(row["account"])
            told_cash[account, int(row["currency"])] = int(row["cash"])
            if row["instrument"]:
                told_net[account, int(row["instrument"])] = int(row["net"])
        for own, told in ((self.net, told_net), (self.cash, told_cash)):
            for key, value in told.items():
                if key[0] in traded:
                    assert own[key] == value, f"{key}: fills make {own[key]}, the exchange says {value}"
                own[key] = value

    def _trade(self, row: np.void) -> None:
        instrument, kind = int(row["instrument"]), int(row["kind"])
        scale, currency = self._scales[instrument]
        lots = int(row["last_quantity"]) * (1 if row["side"] == Side.BUY else -1)
        key, money = (int(row["account"]), instrument), (int(row["account"]), currency)
        if kind == EventKind.TRADE_ADJUSTED:
            self.cash[money] += (int(row["price"]) - int(row["last_price"])) * lots * scale
        else:
            lots = -lots if kind == EventKind.TRADE_BUSTED else lots
            self.net[key] += lots
            self.cash[money] -= lots * int(row["last_price"]) * scale + int(row["fee"])
        self.trades += 1
        self.corrections += kind != EventKind.EXECUTED
