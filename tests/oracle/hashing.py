"""The state hash (section 9): 64-bit FNV-1a over the words of the logical state."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.protocol.enums import Side
from tests.oracle import account_hashing, hash_market, presence
from tests.oracle.accounts import Account
from tests.oracle.state import Instrument, Order

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

START = 0xCBF29CE484222325
PRIME = 0x100000001B3
MASK = (1 << 64) - 1


def state_hash(exchange: "OracleExchange") -> int:
    """The hash of everything that decides what the exchange will do next."""
    state = START
    for word in words(exchange):
        state = ((state ^ (word & MASK)) * PRIME) & MASK
    return state


def words(exchange: "OracleExchange") -> Iterator[int]:
    """The numbers that are hashed, in order."""
    yield from (exchange.shard, exchange.sequence, exchange.time_ns, exchange.event_sequence)
    yield from (exchange.orders_made, exchange.places_taken, exchange.trades_made)
    instruments = [instrument for _, instrument in sorted(exchange.instruments.items())]
    for instrument in instruments:
        yield from instrument_words(instrument)
    for instrument in instruments:
        for side in (Side.BUY, Side.SELL):
            for order in instrument.book.limit_orders(side):
                yield from order_words(order)
    for _, account in sorted(exchange.accounts.items()):
        yield from account_words(account)
    for (account_number, instrument_number), position in sorted(exchange.positions.items()):
        yield from (account_number, instrument_number, position.net, position.cost, position.realised)
        yield from (position.open_buy, position.open_sell)
    for (user, account_number), rights in sorted(exchange.grants.items()):
        if rights:
            yield from (user, account_number, rights)
    for user, stream_sequence in sorted(exchange.output.stream_sequences.items()):
        yield from (user, stream_sequence)
    for (user, client_instance), counter in sorted(exchange.counters.items()):
        yield from (user, client_instance, counter)
    for session, user in sorted(exchange.sessions):
        yield from (session, user)
    yield from hash_market.words(exchange, order_words)
    yield from account_hashing.words(exchange)
    yield from presence.words(exchange)


def text_words(text: bytes) -> tuple[int, int]:
    """A text of 16 bytes as two little-endian words."""
    padded = text.ljust(16, b"\0")
    return int.from_bytes(padded[:8], "little"), int.from_bytes(padded[8:], "little")


def instrument_words(instrument: Instrument) -> Iterator[int]:
    """The words of one instrument, without its orders."""
    terms = instrument.terms
    yield instrument.number
    yield from text_words(terms.symbol)
    yield from (terms.price_min, terms.price_max, terms.quantity_max, terms.cash_scale, instrument.reference_price)
    yield from (terms.tick_size, terms.lot_size, terms.currency, terms.price_decimals, terms.quantity_decimals)
    yield from (instrument.phase, instrument.open, instrument.high, instrument.low, instrument.last)
    yield from (instrument.previous_close, instrument.volume, instrument.turnover, instrument.trades)
    yield from (instrument.trade_number, instrument.indicative_due_ns)


def order_words(order: Order) -> Iterator[int]:
    """The words of one resting order."""
    yield from (order.order_id, order.public_order_id, order.user, order.account.number)
    yield from (order.client_instance, order.counter)
    yield from text_words(order.label)
    yield from (order.side, order.price, order.quantity, order.filled, order.time_in_force, order.flags)
    yield from (order.capacity, order.self_trade_group, order.decision_maker, order.algorithm)


def account_words(account: Account) -> Iterator[int]:
    """The words of one account; the house has no terms."""
    terms = account.terms
    yield account.number
    if terms is None:
        yield from (0,) * 8
    else:
        yield from text_words(terms.name)
        yield from (terms.currency, terms.money_decimals, terms.short_allowed, terms.orders_max)
        yield from (terms.credit_limit, terms.position_max)
    cash = sum(balance.cash for balance in account.balances.values()) if terms is None else account.cash
    yield from (cash, account.reserved, account.live_orders)
