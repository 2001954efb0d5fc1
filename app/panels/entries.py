"""What the command palette offers for a text: an order for the ticket, instruments, actions."""

from typing import Final

from app.actions import ACTIONS
from app.desk import Desk
from app.models import words
from app.models.command_line import OrderText, read_order
from app.panels.catalogue import PANEL_ACTIONS
from server.protocol.enums import OrderType, TimeInForce
from server.protocol.records import NO_PRICE
from widgets.command_palette import PaletteEntry
from widgets.formatting import format_money, format_percent, format_price, format_quantity

INSTRUMENTS_SHOWN: Final = 6
ACTIONS_SHOWN: Final = 8


def palette_entries(desk: Desk, text: str, instrument: int = 0) -> list[PaletteEntry]:
    """Entries that fit `text`, best first; their keys are an `OrderText`, an instrument number or an action's name.

    `instrument`: what an order text without a symbol means (0: what the leading group shows).
    """
    wanted = text.strip()
    entries = []
    order = read_order(wanted, desk.state.market.instruments, instrument or desk.instrument)
    if order is not None:
        entries.append(_order_entry(order))
    found_here = desk.state.market.instruments.matching(wanted, INSTRUMENTS_SHOWN) if wanted else []
    entries += [_instrument_entry(desk, one.instrument) for one in found_here]
    lowered = wanted.lower()
    found = [one for one in (*ACTIONS, *PANEL_ACTIONS) if lowered in one.text.lower() and one.name != "palette"]
    entries += [
        PaletteEntry(one.name, "Commands", one.text, shortcut=one.keys.replace("Return", "⏎"))
        for one in found[:ACTIONS_SHOWN]
    ]
    return entries


def _order_entry(order: OrderText) -> PaletteEntry:
    info = order.instrument
    word, tone, glyph = words.SIDE[order.side]
    quantity = format_quantity(order.quantity, info.quantity_decimals)
    price = "market" if order.order_type is OrderType.MARKET else "limit"
    if order.price is not None:
        price = f"limit {format_price(order.price, info.price_decimals)}"
    time = "day" if order.time_in_force is TimeInForce.DAY else order.time_in_force.name
    value = ""
    if order.price is not None:
        amount = format_money(order.price * order.quantity * info.cash_scale, info.money_decimals)
        value = f"{amount} {info.currency}"
    return PaletteEntry(
        order,
        "Order: fills the ticket, never sends",
        f"{word} {quantity} {info.symbol} {price}",
        time,
        value,
        tone,
        glyph,
    )


def _instrument_entry(desk: Desk, instrument: int) -> PaletteEntry:
    market = desk.state.market
    row = market.instruments.row(instrument)
    info, last, change = (
        market.instruments.at(row),
        int(market.quotes.rows["last_price"][row]),
        market.quotes.change(row),
    )
    figure = "" if last == NO_PRICE else format_price(last, info.price_decimals)
    if change is not None:
        figure += f"  {format_percent(change, market.quotes.base(row), signed=True)} %"
    return PaletteEntry(instrument, "Instruments", info.symbol, info.name, figure)
