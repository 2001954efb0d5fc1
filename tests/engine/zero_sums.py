"""Money and lots come from nowhere: over every command what one has more another has less.

Rules: `ZeroSums` reads events only. What POSITION and BALANCE say is compared with what they said before: over a
command the nets of each instrument do not change in sum, and the cash of each currency falls by the fees of its
executions, which go to accounts without events. Commands whose other side is such an account are left out, for they
are counted by `sums_of_engine`: all accounts, the house and the system's too, as the engine holds them.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from server.engine import views, views_money
from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind, EventKind
from server.protocol.records import POSITION_EVENT

HOUSE = 0
LOTS_OF_HOUSE = (CommandKind.ADJUST_POSITION, CommandKind.SPLIT)
CASH_OF_HOUSE = (
    CommandKind.ADJUST_CASH, CommandKind.ADJUST_BALANCE, CommandKind.CONVERT, CommandKind.SPLIT, CommandKind.DIVIDEND,
    CommandKind.BUST_TRADE,
)  # fmt: skip
"""Commands whose other side has no events: the house, the corporate actions, those that got a fee."""
SAID = ("account", "instrument", "net", "cash", "currency")


class ZeroSums:
    """What accounts have, as far as their events have said."""

    def __init__(self) -> None:
        self.cash: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.net: defaultdict[tuple[int, int], int] = defaultdict(int)
        self.currency: dict[int, int] = {}

    def follow(self, events: NDArray[np.void], commands: NDArray[np.void], starts: Sequence[int]) -> list[str]:
        """What is wrong in the events of some of the commands of a run, whose groups begin at `starts`; the first."""
        groups = np.searchsorted(np.asarray(starts), events["command_sequence"].astype(np.int64), side="left") - 1
        executed = events["kind"] == EventKind.EXECUTED
        told = (events["kind"] == EventKind.POSITION) | (events["kind"] == EventKind.BALANCE)
        for group in np.unique(groups[told]).tolist():
            of_group = groups == group
            lots, cash = self.moved(events[of_group & told].view(POSITION_EVENT))
            for row in events[of_group & executed]:
                cash[self.currency[int(row["instrument"])]] += int(row["fee"])
            kind = int(commands["kind"][starts[group]])
            for name, sums, passes in (("lots", lots, LOTS_OF_HOUSE), ("cash", cash, CASH_OF_HOUSE)):
                if any(sums.values()) and kind not in passes:
                    return [f"{name} came from nowhere at sequence {starts[group] + 1}: {dict(sums)}"]
        return []

    def moved(self, said: NDArray[np.void]) -> tuple[dict[int, int], dict[int, int]]:
        """(lots by instrument, cash by currency): by how much more there is than was said before."""
        lots: defaultdict[int, int] = defaultdict(int)
        cash: defaultdict[int, int] = defaultdict(int)
        for account, instrument, net, money, currency in zip(*(said[name].tolist() for name in SAID), strict=True):
            lots[instrument] += net - self.net[account, instrument]
            cash[currency] += money - self.cash[account, currency]
            self.net[account, instrument], self.cash[account, currency] = net, money
            self.currency[instrument] = currency
        return lots, cash


def sums_of_engine(x: Exchange) -> list[str]:
    """What does not sum to zero over all accounts as the engine holds them."""
    cash: defaultdict[int, int] = defaultdict(int)
    net: defaultdict[int, int] = defaultdict(int)
    for account in views.account_ids(x):
        for balance in views_money.balances(x, account):
            cash[int(balance["currency"])] += int(balance["cash"])
    for (_, currency), amount in views_money.system_cash(x).items():
        cash[currency] += amount
    for account in (HOUSE, *views.account_ids(x)):
        for position in views.positions(x, account):
            net[int(position["instrument"])] += int(position["net"])
    for instrument, lots in views_money.lots_left_over(x).items():
        net[instrument] += lots
    sums = {"cash by currency": cash, "lots by instrument": net}
    return [f"{name} sum to {dict(by)}" for name, by in sums.items() if any(by.values())]
