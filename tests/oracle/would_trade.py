"""What an incoming order would meet, before anything is changed: checks 23 to 26 (10.4, 11.3, 13.6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from server.protocol.enums import Phase, SelfTrade
from tests.oracle.bands import BANDED
from tests.oracle.book import reaches
from tests.oracle.self_trade import group_of, mode_in_force
from tests.oracle.state import Account, Instrument, Order, cost
from tests.oracle.volatility import Range

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

May = Callable[[int], bool]


@dataclass(frozen=True, slots=True)
class Incoming:
    """What decides whom an order would meet."""

    instrument: Instrument
    account: Account
    side: int
    quantity: int
    limit: int | None
    """The worst price; None: any."""
    mode: int
    group: int

    def owns(self, order: Order) -> bool:
        """True if the resting order must not trade with this one."""
        group = group_of(self.group, self.account)
        same = order.account is self.account or (
            group != 0 and group == group_of(order.self_trade_group, order.account)
        )
        return same and mode_in_force(self.mode, self.account) != SelfTrade.ALLOW


def may_trade_at(x: "OracleExchange", instrument: Instrument) -> May:
    """Which prices lie within the range and the band as they are now."""
    if instrument.phase not in BANDED:
        return lambda _: True
    in_range, band = Range(instrument), instrument.band
    return lambda price: in_range.holds(price) and (band is None or band.holds(price))


def within_limit(incoming: Incoming) -> Iterator[int]:
    """The prices of the other side that the order may meet, best first."""
    for price in incoming.instrument.book.best_first(1 - incoming.side):
        if incoming.limit is not None and not reaches(incoming.side, incoming.limit, price):
            return
        yield price


def resting(incoming: Incoming, may: May) -> int:
    """All that rests within the limit up to the first price that interrupts, shown or not, own orders included."""
    levels = incoming.instrument.book.levels[1 - incoming.side]
    reached = takewhile(may, within_limit(incoming))
    return sum(order.leaves for price in reached for order in levels[price].orders())


def parts(orders: list[Order]) -> Iterator[tuple[Order, int]]:
    """The parts of a level in the order in which they trade."""
    for order in orders:
        if order.shown:
            yield order, order.shown
    for order in orders:
        if order.shown and order.leaves > order.shown:
            yield order, order.leaves - order.shown
    for order in orders:
        if not order.shown:
            yield order, order.leaves


def walk(incoming: Incoming, may: May) -> tuple[int, int]:
    """(quantity, money) of what would trade (11.3)."""
    traded, money, left = 0, 0, incoming.quantity
    mode = mode_in_force(incoming.mode, incoming.account)
    met: set[int] = set()
    instrument = incoming.instrument
    price_at_last = instrument.last if instrument.phase == Phase.TRADING_AT_LAST else None
    for price in within_limit(incoming):
        if not may(price):
            break
        for order, part in parts(instrument.book.levels[1 - incoming.side][price].orders()):
            if left == 0:
                return traded, money
            if not incoming.owns(order):
                quantity = min(left, part)
                traded, left = traded + quantity, left - quantity
                paid = price if price_at_last is None else price_at_last
                money += cost(incoming.side, paid, quantity, instrument)
            elif order.order_id not in met:
                met.add(order.order_id)
                if mode in (SelfTrade.CANCEL_NEWEST, SelfTrade.CANCEL_BOTH):
                    return traded, money
                if mode == SelfTrade.DECREMENT:
                    left -= min(left, order.leaves)
    return traded, money
