"""The exchange at one moment as lines of text: best prices of each instrument, money and positions of each account.

Rules: prices and money are written with the decimals of their instrument and account, never as floats.
"""

from collections.abc import Iterator

from server.engine import views, views_money
from server.engine.exchange import Exchange
from server.protocol.enums import Phase
from server.protocol.records import NO_PRICE
from server.tools.journal_text import enum_name


def decimal(number: int, decimals: int) -> str:
    """An integer count of 10^-decimals as a decimal number."""
    digits = f"{abs(number):0{decimals + 1}d}"
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return f"-{text}" if number < 0 else text


def book_lines(exchange: Exchange) -> Iterator[str]:
    """A line for each instrument: phase, best bid and ask with quantity and orders, last price and volume."""
    for number in views.instrument_ids(exchange):
        listed = views.instrument(exchange, number)[0]
        top = views.top(exchange, number)[0]
        day = views.statistics(exchange, number)[0]
        decimals = int(listed["price_decimals"])
        sides = []
        for side in ("bid", "ask"):
            price = _price(int(top[f"{side}_price"]), decimals)
            quantity, orders = int(top[f"{side}_quantity"]), int(top[f"{side}_orders"])
            sides.append(f"{side} {price} x {quantity} ({orders} orders)" if quantity else f"{side} none")
        symbol = listed["symbol"].decode("ascii", "backslashreplace")
        phase = enum_name(Phase, views.phase(exchange, number))
        last = _price(int(day["last_price"]), decimals)
        yield f"{number} {symbol} {phase} {sides[0]} {sides[1]} last {last} volume {int(day['volume'])}"


def account_lines(exchange: Exchange) -> Iterator[str]:
    """For each account a line for each currency and for each position."""
    for number in views.account_ids(exchange):
        terms = views.account_terms(exchange, number)[0][0]
        name, decimals = terms["name"].decode("ascii", "backslashreplace"), int(terms["money_decimals"])
        for row in views_money.balances(exchange, number):
            cash, reserved = (decimal(int(row[field]), decimals) for field in ("cash", "reserved"))
            yield f"{number} {name} currency {int(row['currency'])} cash {cash} reserved {reserved}"
        for row in views.positions(exchange, number):
            if row["instrument"]:
                realised = decimal(int(row["realised"]), decimals)
                yield f"{number} {name} instrument {int(row['instrument'])} net {int(row['net'])} realised {realised}"


def _price(price: int, decimals: int) -> str:
    return "none" if price == NO_PRICE else decimal(price, decimals)
