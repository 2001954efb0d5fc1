"""Splits, dividends and new symbols (19.1 to 19.3)."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from server.protocol.enums import CancelReason, CommandKind, EventKind, Phase, RejectReason
from server.protocol.records import NO_PRICE
from tests.oracle.accounts import CORPORATE_ACTIONS, HOUSE, Account, Position
from tests.oracle.guards import LOTS_END, MONEY_END
from tests.oracle.holds import unit_of
from tests.oracle.lots import mul_div
from tests.oracle.margin import price_of
from tests.oracle.money import UNSEEN
from tests.oracle.money_commands import check_second_person, system_event
from tests.oracle.phases import cancel_all
from tests.oracle.refusals import Refusal, first_wrong
from tests.oracle.state import Command, Instrument

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

RATIO_MAX = 1_000_000
DIVIDEND_MAX = 1 << 53
SPLIT_PHASES = (Phase.CLOSED, Phase.HALTED, Phase.START_OF_DAY, Phase.SUSPENDED)
PRICES = ("reference_price", "open", "high", "low", "last", "previous_close")


def divided(a: int, b: int) -> int:
    """a / b, truncated toward zero."""
    return mul_div(a, 1, b)


def check_instrument_named(x: "OracleExchange", c: Command) -> Refusal:
    """The instrument is listed."""
    return None if c.instrument in x.instruments else (RejectReason.UNKNOWN_INSTRUMENT, c.instrument, 0)


def check_not_trading(x: "OracleExchange", c: Command) -> Refusal:
    """Nothing trades."""
    phase = x.instruments[c.instrument].phase
    return None if phase in SPLIT_PHASES else (RejectReason.PHASE_FORBIDS, phase, 0)


def holders(x: "OracleExchange", instrument: Instrument) -> Iterator[tuple[Account, Position]]:
    """The accounts with a net in the instrument, ascending: the house first, corporate actions last."""
    for (number, listed), position in sorted(x.positions.items(), key=lambda item: item[0]):
        if listed == instrument.number and position.net:
            yield x.accounts[number] if number in x.accounts else x.system[number], position


def check_split(x: "OracleExchange", c: Command) -> Refusal:
    """A ratio, and lots that can be counted after it."""
    instrument, new, old = x.instruments[c.instrument], x.body.numerator, x.body.denominator
    refused = first_wrong(new, [not 1 <= new <= RATIO_MAX, not 1 <= old <= RATIO_MAX, new == old])
    if refused:
        return refused
    unit, uneven = unit_of(instrument), False
    for account, position in holders(x, instrument):
        if account.number == CORPORATE_ACTIONS:
            continue
        if abs(position.net) * new >= LOTS_END:
            return RejectReason.AMOUNT_TOO_LARGE, position.net, LOTS_END // new
        net = divided(position.net * new, old)
        if abs(net) * unit >= LOTS_END:
            return RejectReason.AMOUNT_TOO_LARGE, net, (LOTS_END - 1) // unit
        uneven = uneven or position.net * new % old != 0
    return check_cash_in_lieu(x, instrument, new, old) if uneven else None


def check_cash_in_lieu(x: "OracleExchange", instrument: Instrument, new: int, old: int) -> Refusal:
    """There is a price for what is left over, and it can be counted."""
    price = price_of(instrument)
    if price == NO_PRICE:
        return RejectReason.NO_REFERENCE_PRICE, instrument.number, 0
    most = abs(price) * instrument.terms.cash_scale * old
    if most >= MONEY_END:
        return RejectReason.AMOUNT_TOO_LARGE, price, MONEY_END
    for account, position in holders(x, instrument):
        if account.number == CORPORATE_ACTIONS or position.net * new % old == 0:
            continue
        if abs(position.realised) >= LOTS_END:
            return RejectReason.AMOUNT_TOO_LARGE, position.realised, LOTS_END
        total = abs(account.balance(instrument.currency).cash) + most
        if total >= MONEY_END:
            return RejectReason.AMOUNT_TOO_LARGE, total, MONEY_END
    return None


def split(x: "OracleExchange", c: Command) -> None:
    """Give `numerator` new lots for `denominator` old ones."""
    instrument, new, old = x.instruments[c.instrument], x.body.numerator, x.body.denominator
    system_event(
        x, c, EventKind.CORPORATE_ACTION, instrument=c.instrument, value=c.kind, quantity=new, limit=old
    )  # fmt: skip
    cancel_all(x, instrument, CancelReason.CORPORATE_ACTION)
    price = price_of(instrument)
    for account, position in list(holders(x, instrument)):
        if account.number == CORPORATE_ACTIONS:
            continue
        split_position(x, account, position, instrument, price)
        if account.number != HOUSE:
            x.output.position(c.user, account, instrument, position, c.session)
    balance_lots(x, instrument)
    for name in PRICES:
        setattr(instrument, name, scaled(getattr(instrument, name), old, new))
    for (_, listed), position in x.positions.items():
        if listed == instrument.number:
            position.mark = scaled(position.mark, old, new)
    instrument.split_after = x.made_id(x.trades_made)
    x.output.top(instrument)


def scaled(price: int, old: int, new: int) -> int:
    """A price after the split, if there is one."""
    after = NO_PRICE if price == NO_PRICE else mul_div(price, old, new)
    return NO_PRICE if abs(after) >= MONEY_END else after


def split_position(
    x: "OracleExchange", account: Account, position: Position, instrument: Instrument, price: int
) -> None:
    """Scale the lots of one position; what is left over is paid in cash."""
    new, old = x.body.numerator, x.body.denominator
    times_new = position.net * new
    net = divided(times_new, old)
    left = times_new - net * old
    in_lieu = mul_div(left, price * instrument.terms.cash_scale, new) if left else 0
    out = position.cost if net == 0 else mul_div(position.cost, left, times_new)
    x.ledger.lots(account, instrument, net - position.net)
    x.ledger.cash(account, instrument.currency, in_lieu)
    x.ledger.transfer(x.system[CORPORATE_ACTIONS], instrument.currency, -in_lieu)
    split_lots(position, new, old, out)
    position.cost -= out
    position.realised += in_lieu - out
    position.net = net


def split_lots(position: Position, new: int, old: int, out: int) -> None:
    """Scale the lots so that they add up to the new net, and take `out` from the newest."""
    before = seen = carried = 0
    kept = []
    for lot in position.lots:
        seen += lot.net
        after = divided(seen * new, old)
        lot.net, before = after - before, after
        if lot.net == 0:
            carried += lot.cost
            continue
        lot.cost += carried
        carried = 0
        kept.append(lot)
    if kept:
        kept[-1].cost += carried - out
    position.lots = kept


def balance_lots(x: "OracleExchange", instrument: Instrument) -> None:
    """Let the corporate actions account have what makes the sum of all nets zero."""
    others = sum(
        position.net for account, position in holders(x, instrument) if account.number != CORPORATE_ACTIONS
    )  # fmt: skip
    account = x.system[CORPORATE_ACTIONS]
    if others or (CORPORATE_ACTIONS, instrument.number) in x.positions:
        position = x.position(CORPORATE_ACTIONS, instrument.number)
        x.ledger.lots(account, instrument, -others - position.net)
        position.net = -others


def check_dividend(x: "OracleExchange", c: Command) -> Refusal:
    """An amount that can be counted for every holder."""
    amount, instrument = x.body.amount, x.instruments[c.instrument]
    refused = first_wrong(amount, [not 1 <= amount <= DIVIDEND_MAX])
    if refused:
        return refused
    for account, position in holders(x, instrument):
        paid = abs(position.net) * amount
        if paid >= LOTS_END:
            return RejectReason.AMOUNT_TOO_LARGE, position.net, (LOTS_END - 1) // amount
        total = abs(account.balance(instrument.currency).cash) + paid
        if total >= MONEY_END:
            return RejectReason.AMOUNT_TOO_LARGE, total, MONEY_END
    return None


def dividend(x: "OracleExchange", c: Command) -> None:
    """Pay an amount a lot; who is short pays it."""
    amount, instrument = x.body.amount, x.instruments[c.instrument]
    system_event(x, c, EventKind.CORPORATE_ACTION, instrument=c.instrument, value=c.kind, quantity=amount)
    for account, position in list(holders(x, instrument)):
        position.income += position.net * amount
        x.ledger.cash(account, instrument.currency, position.net * amount)
        if account.number not in UNSEEN:
            x.output.position(c.user, account, instrument, position, c.session)


def check_symbol(x: "OracleExchange", c: Command) -> Refusal:
    """A symbol that says something."""
    return first_wrong(c.instrument, [not x.body.symbol])


def rename(x: "OracleExchange", c: Command) -> None:
    """Give the instrument another symbol."""
    instrument = x.instruments[c.instrument]
    instrument.terms = instrument.terms._replace(symbol=x.body.symbol)
    x.output.event(
        EventKind.CORPORATE_ACTION, c.user, session=c.session, instrument=c.instrument, label=x.body.symbol,
        value=c.kind,
    )  # fmt: skip


CHECKS = {
    CommandKind.SPLIT: (check_second_person, check_instrument_named, check_not_trading, check_split),
    CommandKind.DIVIDEND: (check_second_person, check_instrument_named, check_dividend),
    CommandKind.RENAME: (check_second_person, check_instrument_named, check_symbol),
}
DO: dict[int, Callable[["OracleExchange", Command], None]] = {
    CommandKind.SPLIT: split,
    CommandKind.DIVIDEND: dividend,
    CommandKind.RENAME: rename,
}
