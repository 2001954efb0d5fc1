"""The single panels of the gallery, filled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from widgets.chart import ChartView, Fills, OrderLine, PositionLine
from widgets.chart_bar import ChartBar
from widgets.depth_curve import DepthCurve
from widgets.gallery import market
from widgets.ladder import LadderView, OwnLevel
from widgets.order_preview import PreviewRow
from widgets.order_ticket import OrderTicket
from widgets.panel_header import PanelHeader
from widgets.side import BUY, SELL
from widgets.status_bar import StatusBar
from widgets.tape import TapeView
from widgets.theme import Theme
from widgets.top_bar import TopBar

OWN_LEVELS = (
    OwnLevel(BUY, 4833, 500, 412), OwnLevel(BUY, 4829, 800, 1960), OwnLevel(BUY, 4825, 300, 740, pending=True),
    OwnLevel(SELL, 4844, 600, 305),
)  # fmt: skip
ORDER_LINES = [
    OrderLine(1, BUY, 4833, "500 · 412 ahead"), OrderLine(2, BUY, 4829, "800 · 1,960 ahead"),
    OrderLine(3, BUY, 4825, "300 · cancelling", "pending"), OrderLine(4, SELL, 4844, "600 · 305 ahead"),
    OrderLine(5, SELL, 4790, "2,400 stop", "stop"),
]  # fmt: skip
PREVIEW = (
    PreviewRow("Notional USD", "", "24,165.00"), PreviewRow("Fees, estimated USD", "", "7.25"),
    PreviewRow("From market", "−3 ticks", "−0.06 %"), PreviewRow("Share of average day", "", "0.01 %"),
    PreviewRow("Position after", "+2,400", "+2,900", "own"), PreviewRow("Ahead in queue, estimated", "", "1,180"),
    PreviewRow("Gross limit used", "41.0", "41.5 %", "text", 0.41, 0.44),
)  # fmt: skip
PRESETS = [100, 250, 500, 1000, 2500]


def headed(header: QWidget, body: QWidget, parent: QWidget | None = None) -> QWidget:
    """A panel: its head over its body."""
    panel = QWidget(parent)
    column = QVBoxLayout(panel)
    column.setContentsMargins(0, 0, 1, 1)
    column.setSpacing(0)
    column.addWidget(header)
    column.addWidget(body, 1)
    return panel


def chart(theme: Theme, parent: QWidget | None = None, count: int = 1200) -> ChartView:
    """Candles with everything that can lie over them."""
    view = ChartView(theme, parent)
    view.set_instrument("VLTA", 2, 1)
    view.set_bar_size(market.BAR_NS)
    bars = market.bars(count)
    view.set_bars(*bars)
    view.set_history_complete(True)
    view.set_watermark("DEMO")
    view.set_last_price(market.LAST)
    view.set_orders(ORDER_LINES)
    view.set_position(PositionLine(2400, 4821.5, "+2,400 @ 48.2150", "+372.00 USD", "up"))
    view.set_fills(Fills(bars[0][[-46, -41]], np.array([4817, 4826]), np.array([BUY, BUY])))
    prices, volumes = market.traded_volume()
    view.set_profile(prices, volumes)
    return view


def chart_bar(theme: Theme, parent: QWidget | None = None) -> ChartBar:
    """The head of the chart."""
    bar = ChartBar(theme, parent)
    bar.set_instrument("VLTA", "Voltara Power · shares · USD", "A")
    bar.set_price("48.37", "+0.30", "+0.62", "up")
    bar.set_countdown("01:37")
    bar.set_bar_size("5m")
    return bar


def ladder(theme: Theme, parent: QWidget | None = None) -> LadderView:
    """A ladder with own orders."""
    view = LadderView(theme, parent)
    view.set_instrument("VLTA", 2, 1)
    view.set_presets(PRESETS, 2)
    view.set_book(*market.book())
    view.set_last_trade(4836)
    view.set_last_trade(market.LAST)
    view.set_own_orders(OWN_LEVELS)
    view.set_day_range(4851, 4799)
    view.set_average_price(4821.5)
    view.set_traded_volume(*market.traded_volume())
    view.set_position_text("+2,400 @ 48.2150", "+372.00", "up")
    return view


def ladder_panel(theme: Theme, parent: QWidget | None = None, armed: bool = False) -> QWidget:
    """A ladder under its head."""
    header, view = PanelHeader(theme, "VLTA", link="A"), ladder(theme)
    header.set_meta("tick 0.01 · lot 1", "ARMED" if armed else "disarmed")
    header.set_armed(armed)
    view.set_armed(armed)
    return headed(header, view, parent)


def tape(theme: Theme, parent: QWidget | None = None) -> TapeView:
    """Prints."""
    view = TapeView(theme, parent)
    view.set_instrument(2)
    view.append(market.prints(400))
    return view


def ticket(theme: Theme, parent: QWidget | None = None) -> OrderTicket:
    """A ticket with an order that is ready to be sent."""
    view = OrderTicket(theme, parent)
    view.set_instrument("VLTA", 2, 1)
    view.set_presets(PRESETS)
    view.set_market(market.BEST_BID, market.BEST_ASK, market.LAST)
    view.set_draft(BUY, 4833, 500)
    view.set_preview(PREVIEW)
    return view


def depth(theme: Theme, parent: QWidget | None = None) -> DepthCurve:
    """The depth curve."""
    view = DepthCurve(theme, parent)
    view.set_instrument(2, 1)
    view.set_book(*market.book())
    view.set_own_orders(OWN_LEVELS[:2] + OWN_LEVELS[3:])
    return view


def top_bar(theme: Theme, parent: QWidget | None = None, armed: bool = False) -> TopBar:
    """The top bar of a demo."""
    bar = TopBar(theme, parent)
    bar.set_mode("demo")
    bar.set_accounts(["TP-4471 Main", "TP-4472 Test"], "TP-4471 Main")
    bar.set_currency("USD")
    bar.set_equity("1,284,310.55")
    bar.set_day_pnl("+8,412.20", "+0.66 %", "up")
    bar.set_pnl_history(market.course(5, 1.1, 30))
    bar.set_buying_power("766,402.10")
    bar.set_limits([("Gross", 0.41, False), ("Loss", 0.18, False)])
    bar.set_armed(armed, "VLTA · disarms in 04:12" if armed else "")
    bar.set_working_count(6)
    return bar


def status_bar(theme: Theme, parent: QWidget | None = None, trouble: bool = False) -> StatusBar:
    """The status bar; in trouble two lights say so."""
    bar = StatusBar(theme, parent)
    bar.set_mode("demo")
    for name, text in (("Feed", "0.4 ms"), ("Orders", "1.1 ms"), ("Positions", "0.9 ms"), ("History", "6 ms"),
                       ("Alerts", "2 ms"), ("Clock", "±0.1 ms")):  # fmt: skip
        bar.set_light(name, "ok", text)
    if trouble:
        bar.set_light("Orders", "down", "down 00:07")
        bar.set_light("Positions", "warning", "old 00:07")
    bar.set_round_trip("1.8", "4.6 ms", market.course(8, -0.2, 36))
    bar.set_workspaces(["Desk", "Scalper", "Auction", "Review"], "Desk")
    for name, text in (("Feed age", "12 ms"), ("Frame", "6.1 ms"), ("Seq", "18,402,771"), ("Gaps", "0")):
        bar.set_figure(name, text)
    bar.set_clock(market.NOW_NS)
    return bar


PANELS: dict[str, tuple[Callable[[Theme], QWidget], tuple[int, int]]] = {
    "chart": (chart, (820, 560)), "chart_bar": (chart_bar, (820, 36)), "ladder": (ladder_panel, (448, 768)),
    "tape": (tape, (340, 340)), "ticket": (ticket, (340, 380)), "depth": (depth, (820, 148)),
    "top_bar": (top_bar, (1920, 40)), "status_bar": (status_bar, (1920, 24)),
}  # fmt: skip
