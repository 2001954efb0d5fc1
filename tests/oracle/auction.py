"""The call auction (section 5): its price, by looking at every candidate, and the trades at it."""

from typing import TYPE_CHECKING

from server.protocol.enums import Liquidity, MarketDataFlag, Side
from server.protocol.records import NO_PRICE
from tests.oracle.self_trade import is_flagged
from tests.oracle.state import Instrument, Order
from tests.oracle.ticks import is_usable, on_grid

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

Price = tuple[int, int, int]
NOTHING: Price = (NO_PRICE, 0, 0)


class Interest:
    """All that takes part in an auction, shown or not."""

    def __init__(self, instrument: Instrument) -> None:
        book = instrument.book
        self.market = [sum(order.leaves for order in book.market[side]) for side in Side]
        self.limits = [[(order.price, order.leaves) for order in book.limit_orders(side)] for side in Side]

    def at(self, price: int) -> Price:
        """(price, volume, surplus) of an auction at the price."""
        buyers = sum(leaves for limit, leaves in self.limits[Side.BUY] if limit >= price)
        sellers = sum(leaves for limit, leaves in self.limits[Side.SELL] if limit <= price)
        buyers, sellers = buyers + self.market[Side.BUY], sellers + self.market[Side.SELL]
        return price, min(buyers, sellers), buyers - sellers

    def candidates(self, instrument: Instrument, reference: int) -> list[int]:
        """The limit prices; with market orders on both sides the reference price too."""
        prices = {limit for side in Side for limit, _ in self.limits[side]}
        if all(self.market) and is_usable(instrument, reference) and on_grid(instrument, reference):
            prices.add(reference)
        return sorted(prices)


def reference_of(instrument: Instrument) -> int:
    """The last trade price of the day, else the instrument's reference price."""
    return instrument.reference_price if instrument.last == NO_PRICE else instrument.last


def auction_price(instrument: Instrument) -> Price:
    """(price, volume, surplus) of the uncrossing, (NO_PRICE, 0, 0) if nothing can trade."""
    reference, interest = reference_of(instrument), Interest(instrument)
    if not instrument.book.crossed() and not any(interest.market):
        return NOTHING
    found = [interest.at(price) for price in interest.candidates(instrument, reference)]
    return best_of([candidate for candidate in found if candidate[1] > 0], reference)


def best_of(candidates: list[Price], reference: int) -> Price:
    """The candidate that the four rules choose; `candidates` ascend."""
    if not candidates:
        return NOTHING
    volume_most = max(volume for _, volume, _ in candidates)
    candidates = [candidate for candidate in candidates if candidate[1] == volume_most]
    surplus_least = min(abs(surplus) for _, _, surplus in candidates)
    candidates = [candidate for candidate in candidates if abs(candidate[2]) == surplus_least]
    if all(surplus > 0 for _, _, surplus in candidates):
        return candidates[-1]
    if all(surplus < 0 for _, _, surplus in candidates):
        return candidates[0]
    if reference == NO_PRICE:
        return candidates[-1]
    distance_least = min(abs(price - reference) for price, _, _ in candidates)
    return [candidate for candidate in candidates if abs(candidate[0] - reference) == distance_least][-1]


def uncross(x: "OracleExchange", instrument: Instrument) -> None:
    """Hold the auction, if one is possible."""
    price, volume, _ = auction_price(instrument)
    if volume == 0:
        return
    book = instrument.book
    met: list[Order] = []
    while volume:
        buy, sell = book.best_order(Side.BUY), book.best_order(Side.SELL)
        quantity = min(buy.leaves, sell.leaves, volume)
        trade = x.trade(buy, sell, price, quantity, auction=True)
        flags = MarketDataFlag.AUCTION | (MarketDataFlag.SELF_TRADE if is_flagged(buy, sell) else 0)
        for order in (buy, sell):
            x.executed(order, Liquidity.AUCTION, trade)
            x.position_event(order)
            x.leave_if_filled(order)
        x.print(buy, price, quantity, flags | MarketDataFlag.PRINT)
        x.print(sell, price, quantity, flags)
        volume -= quantity
        met = [buy, sell]
    instrument.auction_price, instrument.auction_ns = price, x.time_ns
    for order in met:
        x.refresh_if_used_up(order)
