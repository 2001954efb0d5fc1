"""Market-maker protection: a window of volume and trades of an account's quotes (16.4)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, CommandKind, EventKind, RejectReason, Right
from tests.oracle.account_commands import check_account_named
from tests.oracle.approval import approval_refused
from tests.oracle.mass_cancels import check_no_flags
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.state import Command, Instrument, Order

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

NUMBER_MAX = 1 << 61
GROUPS_END = 65_536


@dataclass(eq=False, slots=True)
class Protection:
    """One protection: `hard` lots and `soft` trades at the most in a window; 0: any."""

    hard: int
    soft: int
    window_ns: int
    begin_ns: int = 0
    volume: int = 0
    trades: int = 0
    triggered: bool = False

    def begin(self, time_ns: int) -> None:
        """Begin a window."""
        self.begin_ns, self.volume, self.trades = time_ns, 0, 0

    @property
    def is_reached(self) -> bool:
        """True if the window has as much as it may."""
        return 0 < self.hard <= self.volume or 0 < self.soft <= self.trades


def group_of(instrument: Instrument) -> int:
    """The product group of an instrument."""
    return int(instrument.rules.product_group) if instrument.rules else 0


def check_protection(x: "OracleExchange", c: Command) -> Refusal:
    """Numbers that mean something; nobody approves himself."""
    s = x.body
    wrong = [
        not (0 <= s.hard <= NUMBER_MAX and 0 <= s.soft <= NUMBER_MAX),
        not 1 <= s.window_ns <= NUMBER_MAX,
        s.product_group >= GROUPS_END,
    ]
    return first_wrong(c.account, wrong) or approval_refused(c.user, s.approver, needed=False)


def set_protection(x: "OracleExchange", c: Command) -> None:
    """Protect the account's quotes in a product group; what has triggered stays so."""
    s, key = x.body, (c.account, x.body.product_group)
    triggered = key in x.protections and x.protections[key].triggered
    x.protections[key] = Protection(s.hard, s.soft, s.window_ns, triggered=triggered)
    x.output.event(
        EventKind.SETTING_CHANGED, c.user, session=c.session, account=c.account, order_id=s.approver, price=s.hard,
        quantity=s.soft, leaves=s.window_ns, filled=s.product_group, value=c.kind,
    )  # fmt: skip


def check_rearm(x: "OracleExchange", c: Command) -> Refusal:
    """An instrument and an account that the user may trade."""
    if c.instrument and c.instrument not in x.instruments:
        return RejectReason.UNKNOWN_INSTRUMENT, c.instrument, 0
    refused = check_account_named(x, c)
    if refused:
        return refused
    may_trade = x.grants.get((c.user, c.account), 0) & Right.TRADE
    return None if may_trade else (RejectReason.NOT_PERMITTED, c.user, c.account)


def rearm(x: "OracleExchange", c: Command) -> None:
    """Let the account quote again."""
    group = group_of(x.instruments[c.instrument]) if c.instrument else None
    chosen = [
        guard for (account, number), guard in x.protections.items() if account == c.account and group in (None, number)
    ]  # fmt: skip
    had_triggered = sum(guard.triggered for guard in chosen)
    for guard in chosen:
        guard.begin(0)
        guard.triggered = False
    x.output.event(
        EventKind.PROTECTION_REARMED, c.user, account=c.account, instrument=c.instrument, session=c.session,
        client_instance=c.client_instance, counter=c.counter, value=had_triggered,
    )  # fmt: skip


def is_of_quote(x: "OracleExchange", order: Order) -> bool:
    """True if the order is a side of its account's quote."""
    return order.order_id in x.quotes.get((order.account.number, order.instrument.number), ())


def after_maker_trade(x: "OracleExchange", order: Order, quantity: int) -> None:
    """An order of a quote was executed as maker: pull all quotes if it was too much."""
    account, group = order.account.number, group_of(order.instrument)
    guard = x.protections.get((account, group))
    if guard is None:
        return
    if not guard.begin_ns or x.time_ns >= guard.begin_ns + guard.window_ns:
        guard.begin(x.time_ns)
    guard.volume += quantity
    guard.trades += 1
    if not guard.triggered and guard.is_reached:
        guard.triggered = True
        pull_quotes(x, order, group, guard)


def pull_quotes(x: "OracleExchange", executed: Order, group: int, guard: Protection) -> None:
    """Cancel the account's quotes in the product group before anything else trades; a filled one has ended."""
    sides = [
        order_id for (account, number), quote in sorted(x.quotes.items()) for order_id in quote
        if account == executed.account.number and group_of(x.instruments[number]) == group
        and order_id in x.live and x.live[order_id].leaves
    ]  # fmt: skip
    for order_id in sides:
        order = x.live[order_id]
        x.cancel(order, CancelReason.PROTECTION)
        x.more_tops.add(order.instrument.number)
    x.output.event(
        EventKind.PROTECTION_TRIGGERED, executed.user, account=executed.account.number,
        instrument=executed.instrument.number, quantity=guard.volume, last_quantity=guard.trades, value=group,
        limit=len(sides),
    )  # fmt: skip


CHECKS = {CommandKind.SET_PROTECTION: (check_account_named, check_protection)}
CLIENT_CHECKS = {CommandKind.REARM: (check_no_flags, check_rearm)}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.SET_PROTECTION: set_protection,
    CommandKind.REARM: rearm,
}
