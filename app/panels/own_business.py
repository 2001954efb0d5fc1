"""The user's own orders and position in one instrument, as the chart, the ladder and the depth curve show them."""

from typing import Final

import numpy as np

from app.desk import Desk
from app.models.own_money import own_money, own_tone
from app.state.accounts import average_price
from app.state.price_rows import PriceRows
from server.protocol import control
from server.protocol.enums import OrderState, OrderType
from server.protocol.records import NO_PRICE
from widgets.chart import OrderLine, PositionLine
from widgets.formatting import format_mean_price, format_quantity
from widgets.ladder import OwnLevel

PRESETS: Final = (1, 2, 5, 10, 25)
"""Quantities offered, in a round unit that suits the price of the instrument."""
_ROUND: Final = 5
_PENDING = (OrderState.PENDING_CANCEL, OrderState.PENDING_NEW, OrderState.PENDING_REPLACE)
_WORKING = (OrderState.NEW, OrderState.PARTIALLY_FILLED)
_WORDS = {OrderState.PENDING_CANCEL: "cancelling", OrderState.PENDING_NEW: "sending",
          OrderState.PENDING_REPLACE: "changing", OrderState.UNKNOWN: "UNKNOWN"}  # fmt: skip


def live_rows(desk: Desk, instrument: int) -> list[int]:
    """Rows of the order table that stand in the book at a limit, or may, in an instrument; stops that wait do not."""
    orders = desk.state.orders
    rows: list[int] = orders.live(desk.account, instrument).tolist() if instrument else []
    table = orders.rows
    return [row for row in rows if table["price"][row] != NO_PRICE and table["stop_price"][row] == NO_PRICE]


def shown_price(order: np.void) -> int:
    """Where an order stands on a chart: at its limit, a waiting stop at its stop price; NO_PRICE for nowhere."""
    stop = int(order["stop_price"])
    return int(order["price"]) if stop == NO_PRICE else stop


def order_terms(order: np.void) -> tuple[int, ...]:
    """What must not change between the press on an order and its replacement; fills may."""
    names = ("order_id", "account", "instrument", "side", "order_type", "price", "stop_price", "quantity")
    return tuple(int(order[name]) for name in names)


def is_movable(order: np.void) -> bool:
    """Whether the price of an order can be changed from the chart: it works, and its stop price, if it waits for one,
    does not move by itself.
    """
    trails = int(order["stop_price"]) != NO_PRICE and int(order["order_type"]) == OrderType.TRAILING_STOP
    return int(order["state"]) in _WORKING and int(order["order_id"]) > 0 and not trails


def order_lines(desk: Desk, instrument: int) -> list[OrderLine]:
    """Working orders for the chart; their key is the row of the order table."""
    info = desk.state.market.instruments.get(instrument)
    if info is None:
        return []
    orders = desk.state.orders
    lines = []
    for row in orders.live(desk.account, instrument).tolist():
        order = orders.rows[row]
        price, state = shown_price(order), OrderState(int(order["state"]))
        if price == NO_PRICE:
            continue
        stops = int(order["stop_price"]) != NO_PRICE
        style = "pending" if state in _PENDING else "stop" if stops else "working"
        filled = int(order["filled"]) / int(order["quantity"]) if order["quantity"] else 0.0
        lines.append(
            OrderLine(row, int(order["side"]), price, _order_text(desk, order, info), style, filled, order_terms(order),
                      is_movable(order))
        )  # fmt: skip
    return lines


def _order_text(desk: Desk, order: np.void, info: control.Instrument) -> str:
    """Leaves, and the most asked about them: what is under way, that it is a stop, or the quantity ahead."""
    state = OrderState(int(order["state"]))
    text = format_quantity(int(order["leaves"]), info.quantity_decimals)
    if int(order["stop_price"]) != NO_PRICE:
        text = f"{text} stop"
    ahead = desk.state.queues.ahead(int(order["public_order_id"]))
    if state in _WORDS:
        return f"{text} · {_WORDS[state]}"
    return text if ahead is None else f"{text} · {format_quantity(ahead, info.quantity_decimals)} ahead"


def own_levels(desk: Desk, instrument: int, rows: PriceRows | None = None) -> list[OwnLevel]:
    """Own working quantity by side and price (or row of prices); the queue is that of the first order there."""
    levels: dict[tuple[int, int], OwnLevel] = {}
    for row in live_rows(desk, instrument):
        order = desk.state.orders.rows[row]
        side, price = int(order["side"]), int(order["price"])
        key = side, rows.row_price(price, side) if rows else price
        ahead = desk.state.queues.ahead(int(order["public_order_id"]))
        before = levels.get(key)
        quantity = int(order["leaves"]) + (before.quantity if before else 0)
        pending = int(order["state"]) in _PENDING
        levels[key] = OwnLevel(*key, quantity, before.ahead if before else ahead, pending)
    return list(levels.values())


def position_of(desk: Desk, instrument: int) -> np.void | None:
    """The account's position row in an instrument, None if it is flat."""
    positions = desk.state.accounts.positions
    row = positions.find((desk.account, instrument))
    if row < 0 or positions.rows["net"][row] == 0:
        return None
    position: np.void = positions.rows[row]
    return position


def open_profit(position: np.void, info: control.Instrument) -> tuple[str, str]:
    """Open P&L as text with its sign, and its tone."""
    amount = int(position["open_profit"])
    return own_money(amount, info.money_decimals, signed=True), own_tone(amount)


def position_line(desk: Desk, instrument: int) -> PositionLine | None:
    """The position for the chart."""
    info, position = desk.state.market.instruments.get(instrument), position_of(desk, instrument)
    if info is None or position is None:
        return None
    net, average = int(position["net"]), average_price(position, info.cash_scale)
    assert average is not None
    text, tone = open_profit(position, info)
    quantity = format_quantity(net, info.quantity_decimals, signed=True)
    price = format_mean_price(average, info.price_decimals)
    return PositionLine(net, average, f"{quantity} @ {price}", f"{text} {info.currency}", tone)


def preset_unit(unit_cost: int, money_decimals: int) -> int:
    """A round quantity whose value is near 1,000 units of the currency, at least 1."""
    wanted = max(1, 1000 * 10**money_decimals // max(1, abs(unit_cost)))
    power = 10 ** (len(str(wanted)) - 1)
    digit = wanted // power
    return int((5 if digit >= _ROUND else 2 if digit > 1 else 1) * power)
