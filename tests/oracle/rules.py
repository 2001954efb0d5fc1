"""What the operator says of an instrument: tick tables, trading rules, calls, schedule (chapter 14)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, CommandKind, EventKind, OrderType, Phase, RejectReason, Side
from tests.oracle.approval import approval_refused
from tests.oracle.bands import BANDED, begin_band
from tests.oracle.layouts import InstrumentRules, TickTable
from tests.oracle.phases import waiting_orders
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.state import Command, Instrument, Order
from tests.oracle.ticks import Steps, fits
from tests.oracle.timers import TimerKind

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

MILLION = 1_000_000
WAITING_MAX = 64
STEPS_IN_RECORD = 4
BANDED_END = 1 << 40
UNSCHEDULED = (Phase.VOLATILITY_CALL, Phase.EXTENDED_CALL, Phase.LIMIT_STATE, Phase.PAUSED, Phase.DELISTED)


def check_listed(x: "OracleExchange", c: Command) -> Refusal:
    """The instrument must be listed."""
    return None if c.instrument in x.instruments else (RejectReason.UNKNOWN_INSTRUMENT, c.instrument, 0)


def check_approver(x: "OracleExchange", c: Command) -> Refusal:
    """Who approves is another person."""
    return approval_refused(c.user, x.body.approver, needed=False)


def steps_said(records: list[TickTable]) -> Steps:
    """All steps of the records of a table."""
    return [(price, tick) for record in records for price, tick in steps_of_record(record)]


def steps_of_record(record: TickTable) -> Steps:
    """The steps of one record."""
    return [(int(price), int(tick)) for price, tick in record.steps[: record.count]]


def check_ticks(x: "OracleExchange", _: Command) -> Refusal:
    """A tick table that fits together (14.1)."""
    records = [record.body for record in x.group]
    table = records[0].table
    if table == 0 or table in x.tick_tables:
        which = 1
    elif any(record.table != table for record in records):
        which = 2
    elif any(not 1 <= record.count <= STEPS_IN_RECORD for record in records):
        which = 3
    else:
        which = wrong_step(steps_said(records))
    return (RejectReason.INVALID_DEFINITION, table, which) if which else None


def wrong_step(steps: Steps) -> int:
    """What is wrong with the first wrong step; 0: nothing."""
    for number, (price, tick) in enumerate(steps):
        if price != 0 if number == 0 else price <= steps[number - 1][0]:
            return 4
        if tick < 1:
            return 5
        if price % tick or (number and price % steps[number - 1][1]):
            return 6
    return 0


def check_rules(x: "OracleExchange", c: Command) -> Refusal:
    """Trading rules that fit together (14.2)."""
    rules: InstrumentRules = x.body
    instrument = x.instruments[c.instrument]
    ppm = (
        rules.collar_ppm, rules.static_ppm, rules.dynamic_ppm, rules.protection_ppm, rules.initial_margin_ppm,
    )  # fmt: skip
    return first_wrong(
        c.instrument,
        [
            rules.tick_table != 0 and rules.tick_table not in x.tick_tables,
            False,  # a fee schedule may be set later, and until then there are no fees
            rules.quantity_min < 0 or rules.quantity_min > instrument.terms.quantity_max,
            rules.value_min < 0,
            rules.value_max < 0 or 0 < rules.value_max < rules.value_min,
            rules.effective_ns < 0
            or (rules.effective_ns > c.time_ns and rules.effective_ns in instrument.waiting_rules),
            *(number > MILLION for number in ppm),
            rules.maintenance_margin_ppm > rules.initial_margin_ppm,
            rules.band_tier > 2 or (rules.band_tier > 0 and not is_bandable(instrument)),
            rules.locate_required > 1,
            len(instrument.waiting_rules) >= WAITING_MAX,
        ],
    )


def is_bandable(instrument: Instrument) -> bool:
    """True if the sums of its prices can be counted."""
    return max(abs(instrument.terms.price_min), abs(instrument.terms.price_max)) < BANDED_END


def check_schedule(x: "OracleExchange", c: Command) -> Refusal:
    """An entry of a schedule that can come (14.5)."""
    entry, waiting = x.body, x.instruments[c.instrument].schedule
    late = entry.due_ns < 0 or 0 < entry.due_ns <= c.time_ns or (entry.due_ns != 0 and entry.due_ns in waiting)
    unknown = entry.phase > Phase.DELISTED or entry.phase in UNSCHEDULED
    return first_wrong(c.instrument, [unknown, late, len(waiting) >= WAITING_MAX])


def setting_changed(x: "OracleExchange", c: Command, kind: CommandKind, **fields: int) -> None:
    """Tell the operator that it is so now."""
    x.output.event(EventKind.SETTING_CHANGED, c.user, session=c.session, value=int(kind), **fields)


def set_ticks(x: "OracleExchange", c: Command) -> None:
    """Keep a tick table for good."""
    table = x.body.table
    x.tick_tables[table] = steps_said([record.body for record in x.group])
    setting_changed(x, c, CommandKind.SET_TICKS, quantity=table)


def set_rules(x: "OracleExchange", c: Command) -> None:
    """Let rules take effect, now or at their time."""
    rules, instrument = x.body, x.instruments[c.instrument]
    later = rules.effective_ns > c.time_ns
    setting_changed(
        x, c, CommandKind.SET_RULES, instrument=c.instrument, limit=rules.effective_ns if later else 0
    )  # fmt: skip
    if later:
        instrument.waiting_rules[rules.effective_ns] = rules
        x.timers.add(TimerKind.RULES_EFFECTIVE, c.instrument, rules.effective_ns)
    else:
        take_effect(x, instrument, rules)


def rules_effective(x: "OracleExchange", number: int, due_ns: int) -> None:
    """Rules that have waited take effect."""
    instrument = x.instruments[number]
    rules = instrument.waiting_rules.pop(due_ns)
    x.output.event(
        EventKind.SETTING_CHANGED, 0, value=int(CommandKind.SET_RULES), instrument=number
    )  # fmt: skip
    take_effect(x, instrument, rules)


def take_effect(x: "OracleExchange", instrument: Instrument, rules: InstrumentRules) -> None:
    """Put rules in force, and cancel what does not fit a new tick table."""
    former, instrument.rules, instrument.change = instrument.rules, rules, x.sequence
    steps = x.steps_of(instrument)
    if rules.tick_table != former.tick_table and steps is not None:
        book = instrument.book
        resting = [*book.limit_orders(Side.BUY), *book.limit_orders(Side.SELL), *instrument.waiting]
        for order in [*resting, *waiting_orders(x, instrument)]:
            if is_off(steps, order):
                x.cancel(order, CancelReason.TICK_CHANGE)
    if rules.band_tier != former.band_tier and instrument.phase in BANDED:
        begin_band(x, instrument)
    x.finish(instrument)


def is_off(steps: Steps, order: Order) -> bool:
    """True for an order with a price that does not fit the table."""
    return not all(fits(steps, price) for price in prices_of(order))


def prices_of(order: Order) -> list[int]:
    """The prices that the owner of an order gave, and that still count."""
    if order.order_type in (OrderType.MARKET, OrderType.PEGGED):
        return []
    waits = order.is_stop and not order.triggered
    prices = [] if order.order_type in (OrderType.STOP, OrderType.TRAILING_STOP) else [order.price]
    return [*prices, order.stop_price] if waits else prices


def set_auction(x: "OracleExchange", c: Command) -> None:
    """How long calls last from now on."""
    x.instruments[c.instrument].auction_rules = x.body
    setting_changed(x, c, CommandKind.SET_AUCTION, instrument=c.instrument)


def set_schedule(x: "OracleExchange", c: Command) -> None:
    """Plan a phase, or forget all that was planned."""
    instrument, due_ns = x.instruments[c.instrument], x.body.due_ns
    if due_ns:
        instrument.schedule[due_ns] = x.body.phase
        x.timers.add(TimerKind.SCHEDULE, c.instrument, due_ns)
    else:
        instrument.schedule.clear()
        x.timers.cancel(TimerKind.SCHEDULE, c.instrument)
    setting_changed(x, c, CommandKind.SET_SCHEDULE, instrument=c.instrument, limit=due_ns)


CHECKS = {
    CommandKind.SET_TICKS: (check_approver, check_ticks),
    CommandKind.SET_RULES: (check_listed, check_approver, check_rules),
    CommandKind.SET_AUCTION: (check_listed, check_approver),
    CommandKind.SET_SCHEDULE: (check_listed, check_approver, check_schedule),
}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.SET_TICKS: set_ticks,
    CommandKind.SET_RULES: set_rules,
    CommandKind.SET_AUCTION: set_auction,
    CommandKind.SET_SCHEDULE: set_schedule,
}
ON_TIMER = {TimerKind.RULES_EFFECTIVE: rules_effective}
