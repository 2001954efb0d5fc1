"""Orders in the book: taking a place, trading, the auction, leaving; and the state that all of it works on."""

from server.protocol.enums import (
    CancelReason,
    EventKind,
    Liquidity,
    MarketDataFlag,
    MarketDataKind,
    OrderState,
    OrderType,
    Phase,
    Side,
    TimeInForce,
)  # fmt: skip
from server.protocol.records import NO_PRICE
from tests.oracle.auction import auction_price
from tests.oracle.book import reaches
from tests.oracle.checks import CALLS
from tests.oracle.money import post_fill, post_statistics
from tests.oracle.output import Output
from tests.oracle.state import Account, Command, Instrument, Order, Position

INDICATIVE_DELAY_NS = 500_000_000


class Matching:
    """The state of the exchange, and what happens to orders in it."""

    def __init__(self, shard: int) -> None:
        self.shard = shard
        self.output = Output(shard)
        self.orders_made = 0
        self.places_taken = 0
        self.trades_made = 0
        self.instruments: dict[int, Instrument] = {}
        self.accounts: dict[int, Account] = {}
        self.positions: dict[tuple[int, int], Position] = {}
        self.grants: dict[tuple[int, int], int] = {}
        self.counters: dict[tuple[int, int], int] = {}
        self.sessions: set[tuple[int, int]] = set()
        self.live: dict[int, Order] = {}
        self.labels: dict[tuple[int, bytes], Order] = {}
        self.keys: dict[tuple[int, int, int], Order] = {}

    def made_id(self, count: int) -> int:
        """An id of this shard."""
        return self.shard << 48 | count

    def next_place(self) -> int:
        """The public id of the next place in a queue."""
        self.places_taken += 1
        return self.made_id(self.places_taken)

    def position(self, account: int, instrument: int) -> Position:
        """The position, made now if it is the first time that one is needed."""
        return self.positions.setdefault((account, instrument), Position())

    def named_order(self, c: Command) -> Order | None:
        """The live order that a cancel or replace names."""
        return self.live.get(c.order_id) if c.order_id else self.labelled_order(c.user, c.label)

    def labelled_order(self, user: int, label: bytes) -> Order | None:
        """The user's live order of that label; none for the empty one."""
        return self.labels.get((user, label)) if label else None

    def keyed_order(self, user: int, client_instance: int, counter: int) -> Order | None:
        """The live order that this command made."""
        return self.keys.get((user, client_instance, counter))

    def start(self, order: Order) -> None:
        """Count a new order as live, with its reserve."""
        self.live[order.order_id] = order
        self.keys[order.user, order.client_instance, order.counter] = order
        if order.label:
            self.labels[order.user, order.label] = order
        order.account.live_orders += 1
        self.hold(order, 1)

    def end(self, order: Order) -> None:
        """Forget an order of which nothing is open."""
        del self.live[order.order_id]
        del self.keys[order.user, order.client_instance, order.counter]
        if order.label:
            del self.labels[order.user, order.label]
        order.account.live_orders -= 1

    def hold(self, order: Order, sign: int) -> None:
        """Add (1) or take away (-1) what the order reserves and has open."""
        position = self.position(order.account.number, order.instrument.number)
        order.account.reserved += sign * order.reserve
        if order.side == Side.BUY:
            position.open_buy += sign * order.leaves
        else:
            position.open_sell += sign * order.leaves

    def change_open(self, order: Order, price: int, quantity: int) -> None:
        """Give the order another price and total."""
        self.hold(order, -1)
        order.price, order.quantity = price, quantity
        self.hold(order, 1)

    def want_indicative(self, instrument: Instrument) -> None:
        """Plan an indicative price if the instrument is in a call and none is planned."""
        if instrument.phase in CALLS and not instrument.indicative_due_ns:
            instrument.indicative_due_ns = self.output.command.time_ns + INDICATIVE_DELAY_NS

    def leave_book(self, order: Order) -> None:
        """Take the order out of its queue and say so."""
        order.instrument.book.remove(order)
        self.output.order_record(MarketDataKind.DELETE, order, order.price, order.leaves)

    def cancel(self, order: Order, reason: CancelReason, **fields: int) -> None:
        """End an order that rests."""
        self.end_open(order, reason, **fields)
        self.leave_book(order)
        self.end(order)
        self.want_indicative(order.instrument)

    def end_open(self, order: Order, reason: CancelReason, **fields: int) -> None:
        """Free what the order holds, and tell its user."""
        self.hold(order, -1)
        gone = {"leaves": 0, "last_quantity": order.leaves, "state": OrderState.CANCELED, "reason": reason}
        self.output.order_event(EventKind.CANCELED, order, **(gone | fields))

    def trade_and_rest(self, order: Order) -> None:
        """Let an order that is not in the book meet the other side, then take a place or end."""
        instrument = order.instrument
        traded = instrument.phase == Phase.CONTINUOUS and self.meet(order)
        if order.leaves == 0:
            self.end(order)
        elif order.order_type == OrderType.LIMIT and order.time_in_force in (TimeInForce.DAY, TimeInForce.GTC):
            instrument.book.add(order)
            self.output.order_record(MarketDataKind.ADD, order, order.price, order.leaves)
        else:
            self.end_open(order, CancelReason.IMMEDIATE_REMAINDER)
            self.end(order)
        if traded:
            self.position_event(order)
        self.want_indicative(instrument)

    def meet(self, taker: Order) -> bool:
        """Trade with the other side, best first, oldest first, as far as the price goes. True if it traded."""
        book, traded = taker.instrument.book, False
        while taker.leaves:
            maker = book.best_order(1 - taker.side)
            if maker is None:
                break
            if taker.order_type == OrderType.LIMIT and not reaches(taker.side, taker.price, maker.price):
                break
            quantity = min(taker.leaves, maker.leaves)
            trade = self.trade(maker, taker, maker.price, quantity)
            self.executed(maker, Liquidity.MAKER, trade, maker.price, quantity)
            self.position_event(maker)
            self.executed(taker, Liquidity.TAKER, trade, maker.price, quantity)
            self.leave_if_filled(maker)
            self.print(maker, maker.price, quantity, MarketDataFlag.PRINT)
            traded = True
        return traded

    def uncrossing(self, instrument: Instrument) -> tuple[int, int, int]:
        """Price, volume and surplus of an auction held now."""
        last = instrument.last
        return auction_price(instrument.book, instrument.reference_price if last == NO_PRICE else last)

    def uncross(self, instrument: Instrument) -> None:
        """Hold the auction."""
        price, volume, _ = self.uncrossing(instrument)
        book = instrument.book
        while volume:
            buy, sell = book.best_order(Side.BUY), book.best_order(Side.SELL)
            quantity = min(buy.leaves, sell.leaves)
            trade = self.trade(buy, sell, price, quantity)
            for order in (buy, sell):
                self.executed(order, Liquidity.AUCTION, trade, price, quantity)
                self.position_event(order)
                self.leave_if_filled(order)
            self.print(buy, price, quantity, MarketDataFlag.PRINT | MarketDataFlag.AUCTION)
            self.print(sell, price, quantity, MarketDataFlag.AUCTION)
            volume -= quantity

    def trade(self, first: Order, second: Order, price: int, quantity: int) -> int:
        """Book one trade of two orders into everything. Returns its id."""
        for order in (first, second):
            self.hold(order, -1)
            position = self.position(order.account.number, order.instrument.number)
            post_fill(order.account, position, order.instrument, order.side, price, quantity)
            order.filled += quantity
            self.hold(order, 1)
        post_statistics(first.instrument, price, quantity, NO_PRICE)
        self.trades_made += 1
        return self.made_id(self.trades_made)

    def executed(self, order: Order, liquidity: Liquidity, trade: int, price: int, quantity: int) -> None:
        """Tell an order's user of a trade."""
        state = OrderState.PARTIALLY_FILLED if order.leaves else OrderState.FILLED
        self.output.order_event(
            EventKind.EXECUTED, order, last_price=price, last_quantity=quantity, trade_id=trade, liquidity=liquidity,
            state=state,
        )  # fmt: skip

    def position_event(self, order: Order) -> None:
        """Tell an order's user how its account stands."""
        account, instrument = order.account, order.instrument.number
        self.output.position(order.user, account, instrument, self.position(account.number, instrument))

    def leave_if_filled(self, order: Order) -> None:
        """End a resting order of which nothing is left."""
        if order.leaves == 0:
            order.instrument.book.remove(order)
            self.end(order)

    def print(self, order: Order, price: int, quantity: int, flags: MarketDataFlag) -> None:
        """Publish an execution of a resting order."""
        number = order.instrument.trade_number
        self.output.order_record(MarketDataKind.EXECUTE, order, price, quantity, int(flags), number)
