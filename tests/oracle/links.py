"""Orders that depend on one another: pairs of which one cancels the other, and brackets (12.6, 12.7)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, OrderType, RestateReason
from tests.oracle.accounts import Account, Hold
from tests.oracle.holds import set_hold
from tests.oracle.risk import Asking, asked_by_order, check_risk
from tests.oracle.state import Instrument, Order, Where, cost
from tests.oracle.stop_book import enter_stop_book, is_reached, trigger

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


@dataclass(eq=False, slots=True)
class Link:
    """Two legs, for a bracket the entry too, and what the legs hold together: `held` lots at `unit` money each."""

    legs: list[Order | None]
    entry: Order | None
    size: int
    """Of a pair: its quantity; of a bracket 0."""
    filled: int = 0
    held: int = 0
    unit: int = 0
    hold: Hold = field(default_factory=Hold)
    leg_triggered: bool = False
    leg_ended_open: bool = False
    """A leg ended without being filled."""
    entry_filled: int = 0
    side: int = 0
    account: Account | None = None
    instrument: Instrument | None = None

    @property
    def wanted(self) -> int:
        """R: what the legs may fill in all."""
        return self.entry_filled if self.is_bracket else self.size

    @property
    def is_bracket(self) -> bool:
        """True if it has, or had, an entry."""
        return self.size == 0

    @property
    def orders(self) -> list[Order]:
        """Its live orders: entry, first leg, second leg."""
        return [order for order in (self.entry, *self.legs) if order is not None]

    @property
    def live_legs(self) -> list[Order]:
        """Its live legs, the first one first."""
        return [leg for leg in self.legs if leg is not None]


def unit_of(order: Order) -> int:
    """What a lot of the order reserves at its price."""
    return max(0, cost(order.side, order.price, 1, order.instrument))


def make_pair(x: "OracleExchange", first: Order, second: Order) -> None:
    """Link two orders; what the first held becomes the pair's."""
    x.hold(first, -1)
    x.hold(second, -1)
    link = Link([first, second], None, first.quantity)
    link.side, link.account, link.instrument = first.side, first.account, first.instrument
    first.link = second.link = link
    change_hold(x, link, link.size, max(unit_of(first), unit_of(second)))
    first.instrument.links.append(link)


def add_child(x: "OracleExchange", entry: Order, child: Order, place: int) -> None:
    """Make the order the target (place 0) or the stop loss (1) of an entry; it is held."""
    x.hold(child, -1)
    link = entry.link
    if link is None:
        link = Link([None, None], entry, 0)
        link.side, link.account, link.instrument = child.side, child.account, child.instrument
        entry.link = link
        entry.instrument.links.append(link)
    link.legs[place] = child
    child.link = link
    child.where = Where.HELD


def change_hold(x: "OracleExchange", link: Link, held: int, unit: int) -> None:
    """Let the link hold another number of lots, or another amount for each."""
    link.held, link.unit = held, unit
    set_hold(x, link.hold, Hold(held * unit, held, held * unit), link.account, link.instrument, link.side)


def renew_unit(x: "OracleExchange", link: Link) -> None:
    """Look again which of the legs that work reserves more for a lot."""
    units = [unit_of(leg) for leg in link.live_legs if leg.where != Where.HELD]
    change_hold(x, link, link.held, max(units, default=0))


def note_fill(x: "OracleExchange", order: Order, quantity: int) -> None:
    """An order of a link was filled, or lost as much by self-trade prevention."""
    link = order.link
    if link is None:
        return
    if order is link.entry:
        link.entry_filled += quantity
    else:
        link.filled += quantity
        change_hold(x, link, link.held - min(quantity, link.held), link.unit)
    note_change(x, link)


def note_trigger(x: "OracleExchange", order: Order) -> None:
    """A leg was triggered."""
    if order.link is not None:
        order.link.leg_triggered = True
        note_change(x, order.link)


def note_end(x: "OracleExchange", order: Order, leaves: int) -> None:
    """An order of a link has ended, with so much of it open."""
    link = order.link
    if link is None:
        return
    if order is link.entry:
        link.entry = None
    else:
        link.legs[link.legs.index(order)] = None
        if leaves:
            link.leg_ended_open = True
            change_hold(x, link, link.held - min(leaves, link.held), link.unit)
    note_change(x, link)


def note_change(x: "OracleExchange", link: Link) -> None:
    """Have the link settled at the end of the command."""
    if link not in x.changed_links:
        x.changed_links.append(link)


def settle_link(x: "OracleExchange", link: Link) -> None:
    """Do what follows from the changes of a link (12.6)."""
    x.changed_links.remove(link)
    if link.entry is not None and (link.filled > 0 or link.leg_triggered):
        x.cancel(link.entry, CancelReason.LINKED)
    for leg in bereft_legs(link):
        x.cancel(leg, CancelReason.LINKED)
    over = link.entry is None and link.is_bracket and link.wanted == 0
    if over or 0 < link.wanted == link.filled:
        for leg in link.live_legs:
            x.cancel(leg, CancelReason.LINKED)
    link.leg_ended_open = False
    if link in x.changed_links:
        x.changed_links.remove(link)  # its own cancels are no news to it
    if link.wanted > 0:
        fit_legs(x, link)
    if link not in x.changed_links:
        if len(link.orders) <= 1:
            dissolve(x, link)
        else:
            change_hold(x, link, max(0, link.wanted - link.filled), link.unit)
            renew_unit(x, link)


def bereft_legs(link: Link) -> list[Order]:
    """The live legs whose other leg was triggered, or ended without being filled."""
    return [leg for leg in link.live_legs if link.leg_ended_open or (link.leg_triggered and not leg.triggered)]


def fit_legs(x: "OracleExchange", link: Link) -> None:
    """Let the legs grow or shrink to what is left to fill."""
    wanted = link.wanted - link.filled
    legs = link.live_legs
    growing = [leg for leg in legs if leg.where == Where.HELD or leg.leaves < wanted]
    if link.leg_triggered:
        growing = []
    if growing and not hold_for_growth(x, link, legs, wanted):
        return
    for leg in legs:
        if leg in growing:
            if leg.order_id in x.live:
                grow(x, leg, wanted)
        elif leg.leaves > wanted:
            x.reduce(leg, leg.leaves - wanted, RestateReason.LINKED)


def hold_for_growth(x: "OracleExchange", link: Link, legs: list[Order], wanted: int) -> bool:
    """Ask the risk entry for the legs together; True if it lets them grow."""
    leg = max(legs, key=unit_of)
    unit = unit_of(leg)
    money = cost(leg.side, leg.price, wanted, leg.instrument)
    ask = asked_by_order(Asking.RELEASE, leg, wanted, leg.price, money)
    ask.released = link.hold
    refused = check_risk(x, ask)
    if refused:
        for leg in link.live_legs:
            x.cancel(leg, CancelReason.REFUSED_BY_RISK, value=int(refused[0]))
        return False
    change_hold(x, link, wanted, unit)
    return True


def grow(x: "OracleExchange", leg: Order, wanted: int) -> None:
    """Give a leg the leaves that it should have, in a new place."""
    instrument = leg.instrument
    grown = wanted if leg.where == Where.HELD else wanted - leg.leaves
    x.leave_place(leg)
    leg.quantity = leg.filled + wanted
    leg.public_order_id = x.next_place()
    x.restated(leg, RestateReason.RELEASED, last_quantity=grown)
    if leg.order_type == OrderType.LIMIT:
        x.work(leg, sent=False)
        return
    enter_stop_book(leg)
    if is_reached(leg, instrument.last):
        trigger(x, leg)


def dissolve(x: "OracleExchange", link: Link) -> None:
    """End the link; the order that is left is one like any other."""
    change_hold(x, link, 0, 0)
    for order in link.orders:
        was_leg = order.is_leg
        order.link = None
        if was_leg:
            x.hold(order, 1)
    link.instrument.links.remove(link)
    if link in x.changed_links:
        x.changed_links.remove(link)
