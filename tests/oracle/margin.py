"""Margin accounts: equity, and the margin that positions and working orders need (17.6).

Rules: amounts are counted in the account's own currency, each rounded against the account; the first price or rate
that is missing is the reason to refuse.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.protocol.enums import RejectReason
from server.protocol.records import NO_PRICE
from tests.oracle.accounts import Account, Position
from tests.oracle.rates import AMOUNT_END, counted_down, rate_refused
from tests.oracle.state import Instrument

if TYPE_CHECKING:
    from tests.oracle.exchange import OracleExchange

Refusal = tuple[RejectReason, int, int] | None
MILLION = 1_000_000
AMOUNT_MAX = AMOUNT_END - 1


@dataclass(slots=True)
class Standing:
    """What an account needs and has, in its own currency, as far as it was looked at."""

    needed: int = 0
    equity: int = 0
    refused: Refusal = None


def price_of(instrument: Instrument) -> int:
    """What a lot is worth now: last trade of the day, reference price, previous close; NO_PRICE if there is none."""
    prices = (instrument.last, instrument.reference_price, instrument.previous_close)
    return next((price for price in prices if price != NO_PRICE), NO_PRICE)


def lots_at_risk(net: int, open_buy: int, open_sell: int) -> int:
    """The largest position that could come of it."""
    return max(abs(net + open_buy), abs(net - open_sell))


def initial_margin(instrument: Instrument, lots: int, price: int) -> int:
    """The margin of some lots, in the instrument's currency."""
    ppm = instrument.rules.initial_margin_ppm if instrument.rules else 0
    value = bounded(lots * abs(price) * instrument.terms.cash_scale)
    return min(AMOUNT_MAX, -(-value * (ppm or MILLION) // MILLION))


def standing(x: "OracleExchange", account: Account, first: Instrument, own: Position, worst_fee: int) -> Standing:
    """Needed and equity; `own` is the position in `first` as it would be with the order."""
    positions = {
        instrument: position for (number, instrument), position in x.positions.items() if number == account.number
    }
    positions[first.number] = own
    found = Standing()
    for number in [first.number, *sorted(set(positions) - {first.number})]:
        add_position(x, account, x.instruments[number], positions[number], found)
        if found.refused:
            return found
    own_first = sorted(account.balances.items(), key=lambda item: (item[0] != account.currency, item[0]))
    for currency, balance in own_first:
        if balance.cash and not found.refused:
            add_cash(x, account, currency, balance.cash, found)
    if worst_fee and first.currency != account.currency and not found.refused:
        found.refused = rate_refused(x, first.currency, account.currency)
    if worst_fee and not found.refused:
        found.needed = bounded(found.needed - counted_down(x, -worst_fee, first.currency, account.currency))
    return found


def bounded(amount: int) -> int:
    """An amount, no further from zero than sums of money count."""
    return max(-AMOUNT_MAX, min(AMOUNT_MAX, amount))


def add_cash(x: "OracleExchange", account: Account, currency: int, cash: int, found: Standing) -> None:
    """Add the cash of a balance."""
    if currency != account.currency:
        found.refused = rate_refused(x, currency, account.currency)
    if not found.refused:
        found.equity = bounded(found.equity + counted_down(x, cash, currency, account.currency))


def add_position(
    x: "OracleExchange", account: Account, instrument: Instrument, position: Position, found: Standing
) -> None:
    """Add margin and value of a position."""
    lots = lots_at_risk(position.net, position.open_buy, position.open_sell)
    if not lots and not position.net:
        return
    price, currency = price_of(instrument), instrument.currency
    if price == NO_PRICE:
        found.refused = (RejectReason.NO_REFERENCE_PRICE, instrument.number, 0)
    elif currency != account.currency:
        found.refused = rate_refused(x, currency, account.currency)
    if not found.refused:
        margin = initial_margin(instrument, lots, price)
        value = bounded(position.net * price * instrument.terms.cash_scale)
        found.needed = bounded(found.needed - counted_down(x, -margin, currency, account.currency))
        found.equity = bounded(found.equity + counted_down(x, value, currency, account.currency))
