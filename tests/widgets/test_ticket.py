"""The order ticket: the button says the order, what it says is what is sent, and the keyboard does it all."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from widgets.gallery.panels import PREVIEW
from widgets.order_draft import OrderDraft
from widgets.order_ticket import OrderTicket
from widgets.side import BUY, SELL
from widgets.theme import Theme

pytestmark = pytest.mark.window


@pytest.fixture
def ticket(theme: Theme, shown: Callable[..., Any]) -> OrderTicket:
    """A ticket for VLTA with a market."""
    view = OrderTicket(theme)
    view.set_instrument("VLTA", 2, 1)
    view.set_presets([100, 500])
    view.set_market(4836, 4837, 4837)
    view.set_preview(PREVIEW)
    return shown(view, 340, 400)


def sent(view: OrderTicket) -> list[OrderDraft]:
    """Collects what is sent."""
    drafts: list[OrderDraft] = []
    view.submitted.connect(drafts.append)
    return drafts


def test_the_button_is_the_sentence(ticket: OrderTicket) -> None:
    ticket.set_draft(BUY, 4833, 500)
    assert ticket._send.accessibleName() == "Send: BUY 500 VLTA at 48.33 limit, day"
    ticket.set_draft(side=SELL)
    ticket._type.setCurrentIndex(1)
    ticket._time.setCurrentIndex(2)
    assert ticket._send.accessibleName() == "Send: SELL 500 VLTA at market, IOC"
    assert ticket.draft().price is None


def test_what_is_sent_is_what_it_says(ticket: OrderTicket, qtbot: QtBot) -> None:
    drafts = sent(ticket)
    ticket.set_draft(SELL, 4840, 250)
    qtbot.mouseClick(ticket._send, Qt.MouseButton.LeftButton)
    assert [(d.symbol, d.side, d.order_type, d.time_in_force, d.quantity, d.price) for d in drafts] == [
        ("VLTA", SELL, "limit", "day", 250, 4840)
    ]


def test_it_is_all_done_by_keys(ticket: OrderTicket, qtbot: QtBot) -> None:
    drafts = sent(ticket)
    ticket._quantity.setFocus()
    qtbot.keyClicks(ticket._quantity, "2.5k")
    qtbot.keyClick(ticket._quantity, Qt.Key.Key_Tab)
    ticket.focus_price()
    qtbot.keyClicks(ticket._price, "48.30")
    qtbot.keyClick(ticket._price, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(ticket._price, Qt.Key.Key_Down)
    qtbot.keyClick(ticket._price, Qt.Key.Key_S, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(ticket._price, Qt.Key.Key_Return)
    assert not drafts
    qtbot.keyClick(ticket._price, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [(d.side, d.quantity, d.price) for d in drafts] == [(SELL, 2500, 4839)]


@pytest.mark.parametrize(
    ("quantity", "price", "problem"),
    [
        ("", "48.33", "Enter a quantity"),
        ("0", "48.33", "Enter a quantity"),
        ("-5", "48.33", "Enter a quantity"),
        ("nan", "48.33", "Enter a quantity"),
        ("500", "", "Enter a price"),
        ("500", "48.333", "Enter a price"),
        ("500", "inf", "Enter a price"),
    ],
)
def test_what_is_no_order_is_not_sent(
    ticket: OrderTicket, qtbot: QtBot, quantity: str, price: str, problem: str
) -> None:
    drafts = sent(ticket)
    ticket._quantity.setText(quantity)
    ticket._price.setText(price)
    ticket._changed()
    assert ticket._send.accessibleName() == problem
    ticket.submit()
    qtbot.mouseClick(ticket._send, Qt.MouseButton.LeftButton)
    assert not drafts


def test_a_price_between_ticks_and_a_part_of_a_lot_are_refused(ticket: OrderTicket) -> None:
    ticket.set_instrument("WYVN", 2, 50, lot=10)
    ticket.set_draft(BUY, 120475, 20)
    assert ticket._send.accessibleName() == "Price in steps of 0.50"
    ticket.set_draft(price=120450, quantity=25)
    assert ticket._send.accessibleName() == "Quantity in steps of 10"


def test_a_block_stops_everything(ticket: OrderTicket) -> None:
    drafts = sent(ticket)
    ticket.set_draft(BUY, 4833, 500)
    ticket.set_blocked("Order path disconnected")
    ticket.submit()
    assert not drafts and ticket._send.accessibleName() == "Order path disconnected"
    ticket.set_blocked("")
    ticket.submit()
    assert len(drafts) == 1


def test_the_market_never_changes_an_entered_price(ticket: OrderTicket) -> None:
    ticket.set_draft(BUY, 4833, 500)
    ticket.set_market(4900, 4901, 4900)
    assert ticket.draft().price == 4833


def test_another_instrument_takes_the_price_away(ticket: OrderTicket) -> None:
    ticket.set_draft(BUY, 4833, 500)
    ticket.set_instrument("JUNO", 3, 5)
    assert ticket.draft().price is None and ticket.draft().quantity == 500


def test_price_buttons(ticket: OrderTicket, qtbot: QtBot) -> None:
    prices = []
    ticket.set_draft(BUY, None, 100)
    for button in ticket._price_buttons:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        prices.append(ticket.draft().price)
    assert prices == [4836, 4836, 4837, 4836, 4837]
