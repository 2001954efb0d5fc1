"""The end of a day: closing prices, results, counters that begin anew (19.4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from server.protocol.enums import CommandKind, EventKind, Phase, PriceSource, RejectReason
from server.protocol.records import NO_PRICE
from tests.oracle.accounts import Position
from tests.oracle.day_results import begin_risk_day
from tests.oracle.money import UNSEEN
from tests.oracle.money_commands import check_second_person, system_event
from tests.oracle.output import signed
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.state import Command, Instrument

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

FIRST_DAY, LAST_DAY = 10_000_101, 99_991_231
ENDED_PHASES = (Phase.CLOSED, Phase.SUSPENDED, Phase.DELISTED)


def is_day(number: int) -> bool:
    """True for yyyymmdd."""
    month, day = number // 100 % 100, number % 100
    return FIRST_DAY <= number <= LAST_DAY and 1 <= month <= 12 and 1 <= day <= 31


def check_days(x: "OracleExchange", c: Command) -> Refusal:
    """Two days, the second later, the first not ended yet."""
    ended, following = x.body.numerator, x.body.denominator
    refused = first_wrong(ended, [not is_day(ended), not is_day(following), following <= ended])
    if refused:
        return refused
    if ended <= x.last_day_ended:
        return RejectReason.ALREADY_DONE, ended, x.last_day_ended
    for number, instrument in sorted(x.instruments.items()):
        if instrument.phase not in ENDED_PHASES:
            return RejectReason.PHASE_FORBIDS, instrument.phase, number
    return None


def end_day(x: "OracleExchange", c: Command) -> None:
    """Mark every position, tell its result, and begin the next day."""
    ended, following = x.body.numerator, x.body.denominator
    for _, instrument in sorted(x.instruments.items()):
        end_instrument(x, c, instrument)
    if ended // 100 != following // 100:
        for account in x.accounts.values():
            for balance in account.balances.values():
                balance.traded = 0
    begin_risk_day(x)
    x.last_day_ended = ended
    system_event(x, c, EventKind.DAY_ENDED, value=ended, limit=following)


def end_instrument(x: "OracleExchange", c: Command, instrument: Instrument) -> None:
    """The closing price, and the results of the positions at it."""
    price, source = closing_price(x, instrument)
    system_event(
        x, c, EventKind.DAY_ENDED, instrument=instrument.number, price=price, quantity=source, value=x.body.numerator
    )
    if price == NO_PRICE:
        return
    for (number, listed), position in sorted(x.positions.items(), key=lambda item: item[0]):
        if listed != instrument.number or number in UNSEEN:
            continue
        result = result_at(position, instrument, price)
        if position.net == 0 and result == position.last_result:
            continue
        change = signed(result - position.last_result)
        position.mark, position.last_result = price, result
        x.output.daily_result(
            c.user, x.accounts[number], instrument, position, c.session, [change % 2**64, result % 2**64, 0, 0]
        )


def result_at(position: Position, instrument: Instrument, price: int) -> int:
    """Realised and unrealised result, income and fees, at a price."""
    worth = position.net * price * instrument.terms.cash_scale
    return signed(position.realised + worth - position.cost + position.income - position.fees)


def closing_price(x: "OracleExchange", instrument: Instrument) -> tuple[int, PriceSource]:
    """The best price that there is, and where it came from."""
    bid, ask = instrument.last_top[0], instrument.last_top[3]
    if instrument.last != NO_PRICE:
        return instrument.last, PriceSource.AUCTION if instrument.newest_in_auction else PriceSource.LAST_TRADE
    if NO_PRICE not in (bid, ask):
        return (bid + ask) // 2, PriceSource.MIDDLE
    if instrument.previous_close != NO_PRICE:
        return instrument.previous_close, PriceSource.PREVIOUS_CLOSE
    if instrument.reference_price != NO_PRICE:
        return instrument.reference_price, PriceSource.OPERATOR
    return NO_PRICE, PriceSource.NONE


CHECKS = {CommandKind.END_DAY: (check_second_person, check_days)}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {CommandKind.END_DAY: end_day}
