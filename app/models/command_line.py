"""What a line in the command field means: an order for the ticket, an instrument, or an action.

Rules: an order text only fills the ticket, it never sends. Words come in any case and any sensible order:
`b 500 vlta 48.30`, `sell 2k krnl mkt ioc`.
"""

from dataclasses import dataclass
from typing import Final

from app.state.instruments import InstrumentTable
from server.protocol import control
from server.protocol.enums import OrderType, Side, TimeInForce
from widgets.formatting import parse_price, parse_quantity

_SIDES: Final = {"b": Side.BUY, "buy": Side.BUY, "s": Side.SELL, "sell": Side.SELL}
_TIMES: Final = {one.name.lower(): one for one in TimeInForce}
_MARKET: Final = ("m", "mkt", "market")


@dataclass(frozen=True, slots=True)
class OrderText:
    """An order as typed. `price` is None for a market order and where none was typed."""

    side: Side
    quantity: int
    instrument: control.Instrument
    price: int | None
    order_type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.DAY


def read_order(text: str, instruments: InstrumentTable, current: int) -> OrderText | None:
    """The order that `text` asks for, on the instrument it names or else the current one; None if it is none."""
    words = text.lower().split()
    if len(words) < 2 or words[0] not in _SIDES:
        return None
    rest = words[1:]
    instrument = instruments.get(current)
    symbol = _symbol(rest, instruments)
    if symbol is not None:
        instrument, rest = symbol
    if instrument is None:
        return None
    order_type, time_in_force = OrderType.LIMIT, TimeInForce.DAY
    numbers: list[str] = []
    for word in rest:
        if word in _MARKET:
            order_type, time_in_force = OrderType.MARKET, TimeInForce.IOC
        elif word in _TIMES:
            time_in_force = _TIMES[word]
        else:
            numbers.append(word.lstrip("@"))
    if not 1 <= len(numbers) <= 2:
        return None
    quantity = parse_quantity(numbers[0], instrument.quantity_decimals)
    price = parse_price(numbers[1], instrument.price_decimals) if len(numbers) == 2 else None
    if quantity is None or quantity <= 0 or (len(numbers) == 2 and price is None):
        return None
    return OrderText(_SIDES[words[0]], quantity, instrument, price, order_type, time_in_force)


def _symbol(words: list[str], instruments: InstrumentTable) -> tuple[control.Instrument, list[str]] | None:
    """The instrument named by one or two neighbouring words, and the words without them."""
    for width in (2, 1):
        for place in range(len(words) - width + 1):
            found = instruments.by_symbol(" ".join(words[place : place + width]))
            if found is not None:
                return found, words[:place] + words[place + width :]
    return None
