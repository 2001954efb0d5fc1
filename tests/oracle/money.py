"""Posting of trades: cash, position, cost and realised result (section 6)."""

from server.protocol.enums import Side
from tests.oracle.state import Account, Instrument, Position


def mul_div(a: int, b: int, c: int) -> int:
    """a x b / c, exact, truncated toward zero."""
    quotient = abs(a * b) // abs(c)
    return quotient if (a * b >= 0) == (c > 0) else -quotient


def post_fill(
    account: Account, position: Position, instrument: Instrument, side: int, price: int, quantity: int
) -> None:
    """Book a fill of one side into its account."""
    amount = price * quantity * instrument.terms.cash_scale
    account.cash += -amount if side == Side.BUY else amount
    direction = 1 if side == Side.BUY else -1
    if position.net == 0 or (position.net > 0) == (direction > 0):
        position.net += direction * quantity
        position.cost += direction * amount
        return
    held = abs(position.net)
    closed = min(quantity, held)
    out = position.cost if closed == held else mul_div(position.cost, closed, held)
    proceeds = price * closed * instrument.terms.cash_scale
    position.cost -= out
    position.net += direction * closed
    position.realised += (proceeds if side == Side.SELL else -proceeds) - out
    opened = quantity - closed
    if opened:
        position.net += direction * opened
        position.cost += direction * price * opened * instrument.terms.cash_scale


def post_adjustment(position: Position, lots: int, price: int, instrument: Instrument) -> None:
    """Give `lots` (signed) at a cost price; takes no cash and realises nothing."""
    position.net += lots
    position.cost += lots * price * instrument.terms.cash_scale


def post_statistics(instrument: Instrument, price: int, quantity: int, absent: int) -> None:
    """Add a trade to the day; `absent` is what a price is before the first one."""
    if instrument.open == absent:
        instrument.open = instrument.high = instrument.low = price
    instrument.high = max(instrument.high, price)
    instrument.low = min(instrument.low, price)
    instrument.last = price
    instrument.volume += quantity
    instrument.turnover += price * quantity * instrument.terms.cash_scale
    instrument.trades += 1
    instrument.trade_number = (instrument.trade_number + 1) % (1 << 32)
