"""The end of a command: what follows by itself from what the command did (12.5)."""

from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, Phase
from server.protocol.records import NO_PRICE
from tests.oracle import pegs
from tests.oracle.bands import change_limit_state
from tests.oracle.links import settle_link
from tests.oracle.phase_table import MATCHING
from tests.oracle.risk import Asking, asked_by_order, check_risk
from tests.oracle.state import Instrument, Order, cost
from tests.oracle.stop_book import look

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange


def is_attended(instrument: Instrument) -> bool:
    """True while a stop that has not entered, a peg or a linked order lives, in a band or limit state too."""
    stops = instrument.stops[0] or instrument.stops[1] or instrument.triggered
    banded = instrument.band or instrument.phase == Phase.LIMIT_STATE
    linked = any(link.orders for link in instrument.links)
    return bool(stops or instrument.pegs or linked or banded)


def finish(x: "OracleExchange", instrument: Instrument) -> None:
    """The instrument's TOP; put off to the end of the command where something could follow."""
    if is_attended(instrument):
        x.put_off.add(instrument.number)
    else:
        x.output.top(instrument)


def end_command(x: "OracleExchange") -> None:
    """Let everything follow; what protection took from other books while that was done follows after it (16.4)."""
    finish_others(x)
    follow(x)
    while x.more_tops:
        finish_others(x)
        follow(x)


def finish_others(x: "OracleExchange") -> None:
    """The TOPs of the books of a mass quote, and of those that protection has changed."""
    for number in sorted(x.more_tops):
        finish(x, x.instruments[number])
    x.more_tops.clear()


def follow(x: "OracleExchange") -> None:
    """Let everything follow, instrument by instrument."""
    linked = {link.instrument.number for link in x.changed_links}
    for number in sorted(x.put_off | linked | x.traded):
        instrument = x.instruments[number]
        if number in x.put_off or is_attended(instrument):
            settle(x, instrument)
            x.output.top(instrument)
        elif number in linked:
            bury_links(x, instrument)
    for number in x.traded:
        x.instruments[number].traded_low = x.instruments[number].traded_high = NO_PRICE
    x.put_off.clear()
    x.traded.clear()


def bury_links(x: "OracleExchange", instrument: Instrument) -> None:
    """Links of which no order lives end without a trace."""
    for link in [link for link in x.changed_links if link.instrument is instrument]:
        settle_link(x, link)


def settle(x: "OracleExchange", instrument: Instrument) -> None:
    """The first of the steps that applies, again and again until none does."""
    while step(x, instrument):
        pass


def step(x: "OracleExchange", instrument: Instrument) -> bool:
    """Do the first step that applies. True if one did."""
    link = next((link for link in x.changed_links if link.instrument is instrument), None)
    if link is not None:
        settle_link(x, link)
        return True
    if instrument.traded_low != NO_PRICE:
        look(x, instrument)
        return True
    if instrument.phase in MATCHING and instrument.triggered:
        enter(x, instrument.triggered[0])
        return True
    peg = pegs.misplaced(x, instrument)
    if peg is not None:
        pegs.move(x, peg)
        return True
    return change_limit_state(x, instrument)


def enter(x: "OracleExchange", order: Order) -> None:
    """A triggered stop meets the other side (12.4)."""
    money = cost(order.side, order.price, order.leaves, order.instrument)
    refused = check_risk(x, asked_by_order(Asking.TRIGGER, order, order.leaves, order.price, money))
    if refused:
        x.cancel(order, CancelReason.REFUSED_BY_RISK, value=int(refused[0]))
        return
    x.leave_place(order)
    x.work(order, sent=False)
