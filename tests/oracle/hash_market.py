"""The market's parts of the state hash, 10 to 19: order terms, self-trades, stops, links, pegs, instruments, phases."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from server.protocol.enums import OrderType, Phase, Side
from server.protocol.records import NO_PRICE
from tests.oracle.layouts import AuctionRules
from tests.oracle.links import Link
from tests.oracle.phases import PHASE_TIMERS, waiting_orders
from tests.oracle.state import Instrument, Order

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

OrderWords = Callable[[Order], Iterator[int]]
RULES = (
    "tick_table", "fee_schedule", "quantity_min", "value_min", "value_max", "collar_ppm", "static_ppm", "dynamic_ppm",
    "protection_ppm", "initial_margin_ppm", "maintenance_margin_ppm", "reference_age_ms", "product_group", "band_tier",
    "locate_required",
)  # fmt: skip
CALL_RULES = ("volatility_ms", "random_ms", "extension_ms", "limit_state_ms", "pause_ms", "extensions_max", "seed")


def words(x: "OracleExchange", order_words: OrderWords) -> Iterator[int]:
    """The words of parts 10 to 19; `order_words` gives those that part 3 has of an order."""
    instruments = [instrument for _, instrument in sorted(x.instruments.items())]
    for instrument in instruments:
        yield from special_words(instrument)
    yield from self_trade_words(x)
    for instrument in instruments:
        for order in waiting_orders(x, instrument):
            yield from order_words(order)
            stop_price = 0 if order.stop_price == NO_PRICE else order.stop_price
            yield from (order.order_type, order.where, stop_price, order.offset, order.trail_ppm)
    links = [link for instrument in instruments for link in instrument.links]
    for link in sorted(links, key=lambda link: min(order.order_id for order in link.orders)):
        yield from link_words(link)
    for instrument in instruments:
        for order_id, order in sorted(instrument.pegs.items()):
            yield from (order_id, order.terms.peg, order.offset, order.terms.price_cap)
    yield from table_words(x)
    for instrument in instruments:
        yield from rule_words(instrument)
    for instrument in instruments:
        for order in queued_orders(instrument):
            yield from order_words(order)
    for instrument in instruments:
        yield from call_words(x, instrument)
    yield from coming_words(instruments)


def special_words(instrument: Instrument) -> Iterator[int]:
    """10: the resting orders that are more than part 3 says."""
    for side in (Side.BUY, Side.SELL):
        for order in instrument.book.limit_orders(side):
            shows_part = order.display_quantity or order.is_hidden
            special = shows_part or order.expire_time_ns or order.self_trade_mode
            if special or order.order_type != OrderType.LIMIT:
                yield from (order.order_id, order.order_type, order.display_quantity, order.leaves - order.shown)
                yield from (order.expire_time_ns, order.self_trade_mode)


def self_trade_words(x: "OracleExchange") -> Iterator[int]:
    """11: the accounts that said something about self-trades."""
    for number, account in sorted(x.accounts.items()):
        said = (account.self_trade, int(account.self_trade_allowed != 0), account.self_trade_group)
        if any(said):
            yield from (number, *said)


def link_words(link: Link) -> Iterator[int]:
    """13: one link."""
    yield from (order.order_id if order else 0 for order in (link.entry, *link.legs))
    yield from (link.wanted, link.filled, link.held, int(link.leg_triggered))


def table_words(x: "OracleExchange") -> Iterator[int]:
    """15: the tick tables."""
    for number, steps in sorted(x.tick_tables.items()):
        yield from (number, len(steps))
        for step in steps:
            yield from step


def rule_words(instrument: Instrument) -> Iterator[int]:
    """16: what was said of an instrument, and what its rules look back at."""
    if instrument.change or instrument.auction_rules:
        yield from (instrument.number, instrument.change)
        yield from (getattr(instrument.rules, name) for name in RULES)
        yield from call_rule_words(instrument.auction_rules)
        yield from (instrument.draws, instrument.auction_price, instrument.auction_ns, instrument.trade_ns)


def call_rule_words(rules: AuctionRules | None) -> Iterator[int]:
    """The numbers of the last SET_AUCTION."""
    yield from (getattr(rules, name) if rules else 0 for name in CALL_RULES)


def queued_orders(instrument: Instrument) -> list[Order]:
    """17: the market queues, and the orders that wait for their call."""
    market = instrument.book.market
    return [*market[Side.BUY], *market[Side.SELL], *instrument.waiting]


def call_words(x: "OracleExchange", instrument: Instrument) -> Iterator[int]:
    """18: how far the present call has come."""
    due_ns = max(x.timers.due_ns(kind, instrument.number) for kind in PHASE_TIMERS)
    target = 0 if instrument.target == Phase.CLOSED else instrument.target
    said = (target, instrument.extensions, int(instrument.market_extension), due_ns)
    if any(said):
        yield from (instrument.number, *said)


def coming_words(instruments: list[Instrument]) -> Iterator[int]:
    """19: what is to come, and the bands."""
    for instrument in instruments:
        for due_ns, phase in sorted(instrument.schedule.items()):
            yield from (instrument.number, due_ns, phase)
    for instrument in instruments:
        for due_ns, rules in sorted(instrument.waiting_rules.items()):
            yield from (instrument.number, due_ns)
            yield from (getattr(rules, name) for name in RULES)
    for instrument in instruments:
        band = instrument.band
        if band:
            yield from (instrument.number, band.reference, band.lowest, band.highest, band.number)
            for bucket in band.buckets:
                yield from bucket
