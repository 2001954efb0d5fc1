"""What the server itself says: rights, the time; and which instruments there are."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, CommandKind, EventKind, MarketDataKind
from tests.oracle import calls, presence, rules
from tests.oracle.auction import auction_price
from tests.oracle.cascade import end_command
from tests.oracle.state import Command, Instrument
from tests.oracle.timers import TimerKind

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def grant(x: "OracleExchange", c: Command) -> None:
    """Give the user exactly these rights."""
    x.grants[c.decision_maker, c.account] = c.flags
    x.output.event(
        EventKind.GRANTED, c.user, session=c.session, account=c.account, quantity=c.flags, value=c.decision_maker
    )


def note_skip(x: "OracleExchange", c: Command) -> None:
    """Say which command was skipped, and why; the replay has done it before."""
    x.output.event(
        EventKind.SETTING_CHANGED, c.user, session=c.session, quantity=c.order_id, limit=c.flags, value=c.kind
    )


def list_instrument(x: "OracleExchange", c: Command) -> None:
    """List an instrument; it starts CLOSED."""
    terms = x.body
    x.instruments[c.instrument] = Instrument(terms, terms.reference_price, day_trades_before=x.trades_made)
    x.output.event(
        EventKind.INSTRUMENT_LISTED, c.user, session=c.session, instrument=c.instrument, label=terms.symbol,
        price=terms.reference_price,
    )  # fmt: skip


def time(x: "OracleExchange", c: Command) -> None:
    """Fire the timers that are due, then publish the indicatives that are."""
    while due := x.timers.pop_due(c.time_ns):
        due_ns, kind, number = due
        x.on_timer[kind](x, number, due_ns)
        end_command(x)
    for _, instrument in sorted(x.instruments.items()):
        if instrument.indicative_due_ns and instrument.indicative_due_ns <= c.time_ns:
            instrument.indicative_due_ns = 0
            price, volume, surplus = auction_price(instrument)
            x.output.book_record(
                MarketDataKind.INDICATIVE, instrument, price=price, quantity=volume, level_quantity=surplus
            )


def expire(x: "OracleExchange", number: int, _: int) -> None:
    """An order is good no more."""
    order = x.live[number]
    x.cancel(order, CancelReason.EXPIRED)
    x.finish(order.instrument)


ON_TIMER: dict[int, Callable[["OracleExchange", int, int], None]] = {
    TimerKind.EXPIRY: expire,
    **calls.ON_TIMER,
    **presence.ON_TIMER,
    **rules.ON_TIMER,
}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    **presence.DO,
    CommandKind.GRANT: grant,
    CommandKind.LIST_INSTRUMENT: list_instrument,
    CommandKind.TIME: time,
    CommandKind.SKIP: note_skip,
}
