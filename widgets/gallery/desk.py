"""A whole desk of widgets at the places of the reference pictures, to be looked at beside them."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from widgets.gallery import panels, tables
from widgets.mode import ModeFrame
from widgets.panel_header import PanelHeader
from widgets.tab_strip import TabStrip
from widgets.theme import Theme

SIZE = (1920, 1080)


def desk(theme: Theme, armed: bool = False) -> QWidget:
    """The desk, 1920 x 1080."""
    window = QWidget()
    window.setObjectName("desk")
    window.resize(*SIZE)
    watch_head = PanelHeader(theme, "Watchlist", link="A")
    watch_head.set_meta("22 of 22")
    tape_head = PanelHeader(theme, "Time & sales", link="A")
    tape_head.set_meta("212 prints a minute")
    ticket_head = PanelHeader(theme, "Order ticket", link="A")
    ticket_head.set_meta("VLTA · TP-4471")
    depth_tabs = TabStrip(theme, ["Depth", "Heat map", "Book", "Profile"], name="Depth views")
    depth_tabs.set_meta("spread 0.01 · age 12 ms")
    order_tabs = TabStrip(theme, ["Orders", "Fills", "Alerts", "Activity"], name="Blotters")
    for i, figure in enumerate(("8", "23", "2")):
        order_tabs.set_figure(i, figure)
    order_tabs.set_meta("open + today")
    position_tabs = TabStrip(theme, ["Positions", "Cash", "Exposure"], name="Positions")
    position_tabs.set_figure(0, "7")
    position_tabs.set_meta("marked at last · USD")
    places = (
        (panels.top_bar(theme, armed=armed), QRect(0, 0, 1920, 40)),
        (panels.headed(watch_head, tables.watchlist(theme)), QRect(0, 40, 312, 564)),
        (panels.headed(TabStrip(theme, ["Movers", "Volume", "Gaps", "News"]), tables.movers(theme)),
         QRect(0, 604, 312, 204)),
        (panels.headed(panels.chart_bar(theme), panels.chart(theme)), QRect(312, 40, 820, 596)),
        (panels.headed(depth_tabs, panels.depth(theme)), QRect(312, 636, 820, 172)),
        (panels.ladder_panel(theme, armed=armed), QRect(1132, 40, 448, 768)),
        (panels.headed(tape_head, panels.tape(theme)), QRect(1580, 40, 340, 364)),
        (panels.headed(ticket_head, panels.ticket(theme)), QRect(1580, 404, 340, 404)),
        (panels.headed(order_tabs, tables.orders(theme)), QRect(0, 808, 1168, 248)),
        (panels.headed(position_tabs, tables.positions(theme)), QRect(1168, 808, 752, 248)),
        (panels.status_bar(theme), QRect(0, 1056, 1920, 24)),
    )  # fmt: skip
    for widget, place in places:
        widget.setParent(window)
        widget.setGeometry(place)
    palette = window.palette()
    palette.setColor(palette.ColorRole.Window, theme.color("hairline"))
    window.setPalette(palette)
    ModeFrame(theme, window).set_mode("demo")
    return window
