"""The one way by which cash, lots and holds move, so that every movement is counted twice.

Rules: what moves is entered with both its sides; after each command the sums per currency and per instrument are zero
over what moved, and every account that was touched satisfies the identity below.

Identity of an account in one currency: cash = transfers + over its positions in that currency (realised - cost - fees
+ income), where transfers are what came from or went to others without a trade.
"""

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.oracle.accounts import Account, Hold, Position
from tests.oracle.holds import held_by
from tests.oracle.state import Instrument, Order

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


class Ledger:
    """What moved since the last `settle`, and what each account was given from outside of trading."""

    def __init__(self) -> None:
        self.cash_moved: defaultdict[int, int] = defaultdict(int)
        self.lots_moved: defaultdict[int, int] = defaultdict(int)
        self.touched: set[tuple[Account, int]] = set()
        self.transfers: defaultdict[tuple[Account, int], int] = defaultdict(int)
        self.holders: dict[int, Order] = {}
        self.positions: defaultdict[tuple[Account, int], list[Position]] = defaultdict(list)

    def cash(self, account: Account, currency: int, amount: int) -> None:
        """Give an amount (negative: take it) that a position's result, fees or income explain."""
        account.balance(currency).cash += amount
        self.cash_moved[currency] += amount
        self.touched.add((account, currency))

    def transfer(self, account: Account, currency: int, amount: int) -> None:
        """Give an amount that no position explains: a deposit, a conversion, the other side of somebody's fee."""
        self.cash(account, currency, amount)
        self.transfers[account, currency] += amount

    def give(self, account: Account, currency: int, amount: int) -> None:
        """Count an amount as given without cash: the cost of lots that came with no trade."""
        self.transfers[account, currency] += amount
        self.touched.add((account, currency))

    def lots(self, account: Account, instrument: Instrument, lots: int) -> None:
        """Lots that a trade gave (negative: took)."""
        self.lots_moved[instrument.number] += lots
        self.touched.add((account, instrument.currency))

    def settle(self, x: "OracleExchange") -> None:
        """Check what moved since the last call; raises AssertionError."""
        for order in self.holders.values():
            wanted = held_by(x, order) if order.order_id in x.live else Hold()
            assert order.hold == wanted, f"order {order.order_id} holds {order.hold}, not {wanted}"
        assert not any(self.cash_moved.values()), f"cash does not sum to zero: {dict(self.cash_moved)}"
        assert not any(self.lots_moved.values()), f"lots do not sum to zero: {dict(self.lots_moved)}"
        for account, currency in self.touched:
            self.check_identity(account, currency)
        self.cash_moved.clear()
        self.lots_moved.clear()
        self.touched.clear()
        self.holders.clear()

    def check_identity(self, account: Account, currency: int) -> None:
        """Cash is what was given and what trading made of it."""
        held = self.positions[account, currency]
        result = sum(position.realised - position.cost - position.fees + position.income for position in held)
        cash, given = account.balance(currency).cash, self.transfers[account, currency]
        assert cash == given + result, f"account {account.number}, currency {currency}: {cash} != {given} + {result}"
