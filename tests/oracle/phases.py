"""The market phases of an instrument, and what happens when one follows another (13.2, 13.3)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import (
    CancelReason,
    CommandKind,
    EventKind,
    MarketDataKind,
    Phase,
    RejectReason,
    Side,
    TimeInForce,
)
from server.protocol.records import NO_PRICE
from tests.oracle.approval import approval_refused
from tests.oracle.auction import uncross
from tests.oracle.bands import begin_band
from tests.oracle.draws import draw_ns
from tests.oracle.phase_table import CALLS, may_follow
from tests.oracle.refusals import Refusal
from tests.oracle.state import AUCTION_TIMES, Command, Instrument, Order, Where
from tests.oracle.timers import TimerKind

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

INTERRUPTION = -2
MILLISECOND = 1_000_000
PHASE_TIMERS = (TimerKind.CALL_END, TimerKind.LIMIT_STATE, TimerKind.PAUSE)


def check_phase_asked(_: "OracleExchange", c: Command) -> Refusal:
    """15 of SET_PHASE: the phase must exist."""
    return None if c.side <= Phase.DELISTED else (RejectReason.PHASE_FORBIDS, c.side, 0)


def check_transition(x: "OracleExchange", c: Command) -> Refusal:
    """The phase must be one that may follow."""
    if c.instrument == 0 or may_follow(x.instruments[c.instrument].phase, c.side):
        return None
    return RejectReason.INVALID_TRANSITION, x.instruments[c.instrument].phase, c.side


def check_phase_approver(x: "OracleExchange", c: Command) -> Refusal:
    """Another person approves the way out of an extended call."""
    needed = c.instrument != 0 and x.instruments[c.instrument].phase == Phase.EXTENDED_CALL
    return approval_refused(c.user, c.algorithm, needed=needed)


def set_phase(x: "OracleExchange", c: Command) -> None:
    """Move one instrument, or all of them that can, to a phase."""
    for number in [c.instrument] if c.instrument else sorted(x.instruments):
        instrument = x.instruments[number]
        if not may_follow(instrument.phase, c.side):
            continue
        if instrument.phase == Phase.EXTENDED_CALL and approval_refused(c.user, c.algorithm, needed=True):
            continue
        if c.instrument and c.price != NO_PRICE:
            instrument.reference_price = c.price
        enter_phase(x, instrument, c.side, max(0, c.quantity), c.user, c.session)


def enter_phase(
    x: "OracleExchange", instrument: Instrument, phase: int, cause: int, user: int = 0, session: int = 0
) -> None:
    """Steps 2 to 10 of 13.3."""
    left = instrument.phase
    if left == Phase.CLOSED and phase != Phase.CLOSED:
        begin_statistics(x, instrument)
    for kind in PHASE_TIMERS:
        x.timers.cancel(kind, instrument.number)
    instrument.target, instrument.extensions, instrument.market_extension = Phase.CLOSED, 0, False
    instrument.phase = phase
    goes_on = left == Phase.LIMIT_STATE and phase == Phase.CONTINUOUS
    if phase != Phase.LIMIT_STATE and not goes_on:
        instrument.band = None
    announce(x, instrument, cause, user, session)
    if phase in (Phase.CONTINUOUS, Phase.TRADING_AT_LAST, Phase.CLOSED) and not goes_on:
        uncross(x, instrument)
        end_auction_orders(x, instrument)
    if phase in CALLS:
        admit_waiting(x, instrument)
        x.want_indicative(instrument)
    else:
        instrument.indicative_due_ns = 0
    begin_phase(x, instrument, goes_on=goes_on)
    if phase == Phase.CLOSED:
        end_day_orders(x, instrument)
    if phase == Phase.DELISTED:
        cancel_all(x, instrument, CancelReason.DELISTED)
    x.finish(instrument)


def begin_statistics(x: "OracleExchange", instrument: Instrument) -> None:
    """Begin the day: its prices and sums are empty."""
    if instrument.last != NO_PRICE:
        instrument.previous_close = instrument.last
    instrument.open = instrument.high = instrument.low = instrument.last = NO_PRICE
    instrument.volume = instrument.turnover = instrument.trades = 0
    instrument.day_trades_before = x.trades_made


def announce(x: "OracleExchange", instrument: Instrument, cause: int, user: int = 0, session: int = 0) -> None:
    """Say which phase the instrument has, and why."""
    reference = instrument.reference_price
    x.output.event(
        EventKind.PHASE_CHANGED, user, session=session, instrument=instrument.number, phase=instrument.phase,
        price=reference, value=cause,
    )  # fmt: skip
    x.output.book_record(MarketDataKind.STATUS, instrument, price=reference, quantity=cause)


def queues(instrument: Instrument) -> list[Order]:
    """Buy market queue, sell market queue, bids, asks; each in its order."""
    book = instrument.book
    markets = [*book.market[Side.BUY], *book.market[Side.SELL]]
    return [*markets, *book.limit_orders(Side.BUY), *book.limit_orders(Side.SELL)]


def end_auction_orders(x: "OracleExchange", instrument: Instrument) -> None:
    """Cancel what came for an auction and is left."""
    for order in queues(instrument):
        if order.time_in_force in AUCTION_TIMES:
            x.cancel(order, CancelReason.AUCTION_ENDED)


def admit_waiting(x: "OracleExchange", instrument: Instrument) -> None:
    """Let the orders take part that have waited for this call."""
    for order in list(instrument.waiting):
        if order.time_in_force == TimeInForce.AUCTION or instrument.phase == Phase.CLOSING_CALL:
            instrument.waiting.remove(order)
            x.take_place(order)


def begin_phase(x: "OracleExchange", instrument: Instrument, *, goes_on: bool) -> None:
    """Step 8: timers of the phase, and the band."""
    rules, number = instrument.auction_rules, instrument.number
    if instrument.phase == Phase.CONTINUOUS and not goes_on:
        begin_band(x, instrument)
    if rules is None:
        return
    if instrument.phase == Phase.VOLATILITY_CALL and rules.volatility_ms:
        instrument.target = Phase.CONTINUOUS
        due_ns = x.time_ns + rules.volatility_ms * MILLISECOND + draw_ns(instrument)
        x.timers.set(TimerKind.CALL_END, number, due_ns)
    if instrument.phase == Phase.LIMIT_STATE and rules.limit_state_ms:
        x.timers.set(TimerKind.LIMIT_STATE, number, x.time_ns + rules.limit_state_ms * MILLISECOND)
    if instrument.phase == Phase.PAUSED and rules.pause_ms:
        x.timers.set(TimerKind.PAUSE, number, x.time_ns + rules.pause_ms * MILLISECOND)


def waiting_orders(x: "OracleExchange", instrument: Instrument) -> list[Order]:
    """The waiting orders of chapter 12 in the order of 12.9."""
    held = {order.order_id: order for link in instrument.links for order in link.live_legs if order.where == Where.HELD}
    parked = [order for _, order in sorted(instrument.pegs.items()) if order.where == Where.PARKED]
    stops = [*instrument.triggered, *instrument.stops[Side.BUY], *instrument.stops[Side.SELL]]
    return [*stops, *parked, *(order for _, order in sorted(held.items()))]


def end_day_orders(x: "OracleExchange", instrument: Instrument) -> None:
    """Cancel the DAY orders, then all that wait for a call."""
    book = instrument.book
    for order in [*book.limit_orders(Side.BUY), *book.limit_orders(Side.SELL)]:
        if order.time_in_force == TimeInForce.DAY:
            x.cancel(order, CancelReason.END_OF_DAY)
    for order in list(instrument.waiting):
        x.cancel(order, CancelReason.END_OF_DAY)
    for order in waiting_orders(x, instrument):
        if order.time_in_force == TimeInForce.DAY:
            x.cancel(order, CancelReason.END_OF_DAY)


def cancel_all(x: "OracleExchange", instrument: Instrument, reason: CancelReason) -> None:
    """Cancel every order of the instrument, in the order of 13.3, step 9."""
    book = instrument.book
    resting = [*book.limit_orders(Side.BUY), *book.limit_orders(Side.SELL)]
    markets = [*book.market[Side.BUY], *book.market[Side.SELL]]
    for order in [*resting, *markets, *instrument.waiting, *waiting_orders(x, instrument)]:
        x.cancel(order, reason)


DO: dict[int, Callable[["OracleExchange", Command], None]] = {CommandKind.SET_PHASE: set_phase}
