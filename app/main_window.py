"""The main window: the strips at top and bottom, the docks between them, the frame clock that moves it all.

Rules: one timer; each tick applies what is queued and lets Qt paint what the widgets marked. The window keeps its
layout in the settings; the default layout is the desk of the design.
"""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QVBoxLayout, QWidget

from app import settings as setting
from app.actions import bind
from app.debug.frame_meter import FrameMeter
from app.debug.overlay import DebugOverlay
from app.desk import Desk
from app.models.command_line import OrderText
from app.models.notices import notice_line
from app.panels.blotter_panel import BlotterPanel
from app.panels.chart_panel import ChartPanel
from app.panels.depth_panel import DepthPanel
from app.panels.entries import palette_entries
from app.panels.ladder_panel import LadderPanel
from app.panels.movers_panel import MoversPanel
from app.panels.panel import Panel
from app.panels.positions_panel import PositionsPanel
from app.panels.status_strip import StatusStrip
from app.panels.study_chooser import StudyChooser
from app.panels.tape_panel import TapePanel
from app.panels.ticket_panel import TicketPanel
from app.panels.top_strip import TopStrip
from app.panels.watchlist_panel import WatchlistPanel
from app.settings import Settings
from app.state.changes import Changes, NoticeKind
from server.client.incoming import Channel, ChannelState
from server.protocol.enums import Mode, Side
from widgets.command_palette import CommandPalette
from widgets.formatting import format_duration, format_time
from widgets.mode import ModeFrame
from widgets.problem_strip import ProblemStrip
from widgets.theme import Theme
from widgets.toasts import ToastStack

FRAME_MS: Final = 16
SLOW_TICK_MS: Final = 500
LAYOUT_VERSION: Final = 1
TOAST_LEFT_PX: Final = 324
WATCHLIST_HEAD_PX: Final = 50
ROW_PX: Final = 20
SMALLEST: Final = (1024, 600)
_TOAST_KINDS: Final = {NoticeKind.FILLED: "filled", NoticeKind.REJECTED: "rejected", NoticeKind.CANCELED: "info"}
_MESSAGE_KINDS: Final = {"alarm": "alarm", "warning": "rejected", "own": "filled"}


class MainWindow(QWidget):
    """The desk."""

    shown = Signal()
    """The window has been painted for the first time."""

    def __init__(self, desk: Desk, settings: Settings, theme: Theme) -> None:
        """Everything is built; nothing moves before `start`."""
        super().__init__()
        self.setWindowTitle("Tradepit")
        self.setAccessibleName("Tradepit workstation")
        self.desk, self.settings, self.theme = desk, settings, theme
        self.meter = FrameMeter()
        self._painted = False
        self.docks = QMainWindow(self)
        self.docks.setWindowFlags(Qt.WindowType.Widget)
        self.docks.setDockNestingEnabled(True)
        self._build_panels()
        self.top = TopStrip(desk, theme, self.run_command)
        self.status = StatusStrip(desk, theme, self.meter.frame_ns)
        self.problem = ProblemStrip(theme, self)
        self.problem.retryRequested.connect(self._try_now)
        self._lay_out()
        self.palette_box = CommandPalette(theme, self)
        self.palette_box.queryChanged.connect(self._complete)
        self.palette_box.chosen.connect(self._chosen)
        self.frame_border = ModeFrame(theme, self)
        self.toasts = ToastStack(theme, self.docks, left_px=TOAST_LEFT_PX)
        self.overlay = DebugOverlay(desk, self.meter, theme, self)
        self.actions_by_name = bind(self, self._bindings())
        desk.watch(self._show_changes)
        desk.message.connect(self._show_message)
        self._frames = QTimer(self)
        self._frames.setTimerType(Qt.TimerType.PreciseTimer)
        self._frames.setInterval(FRAME_MS)
        self._frames.timeout.connect(self._frame)
        self._slow = QTimer(self)
        self._slow.setInterval(SLOW_TICK_MS)
        self._slow.timeout.connect(self.overlay.tick)

    def start(self) -> None:
        """Let it move; the keyboard begins in the watchlist."""
        self.watchlist.view.setFocus()
        if not self.settings.layout():
            self._size_docks()
        self._frames.start()
        self._slow.start()

    def stop(self) -> None:
        """Let it stand still; for measuring and for the end."""
        self._frames.stop()
        self._slow.stop()

    def default_layout(self) -> None:
        """Arrange the docks as the design has them."""
        docks, area = self.docks, Qt.DockWidgetArea.TopDockWidgetArea
        for dock in self.panels:
            docks.removeDockWidget(dock)
        docks.addDockWidget(area, self.watchlist)
        docks.splitDockWidget(self.watchlist, self.blotter, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.watchlist, self.chart, Qt.Orientation.Horizontal)
        docks.splitDockWidget(self.chart, self.ladder, Qt.Orientation.Horizontal)
        docks.splitDockWidget(self.ladder, self.tape, Qt.Orientation.Horizontal)
        docks.splitDockWidget(self.watchlist, self.movers, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.chart, self.curve, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.tape, self.ticket, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.blotter, self.positions, Qt.Orientation.Horizontal)
        for dock in self.panels:
            dock.show()
        self._size_docks()

    def set_theme(self, theme: Theme) -> None:
        """Look different from now on."""
        self.theme = theme
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app)
        for child in self.findChildren(QWidget):
            take = getattr(child, "set_theme", None)
            if take is not None:
                take(theme)
        self.settings.put(setting.THEME, theme.name)

    def run_command(self, text: str) -> None:
        """Do what the command line says: the first thing that fits it."""
        entries = palette_entries(self.desk, text)
        if entries:
            self._chosen(entries[0].key)
        else:
            self.toasts.show_toast("info", "Not understood", text, self.desk.market_now())

    def event(self, event: QEvent) -> bool:
        """Measure how long the window paints."""
        if event.type() != QEvent.Type.UpdateRequest:
            return super().event(event)
        started_ns = time.perf_counter_ns()
        handled = super().event(event)
        self.meter.painted(time.perf_counter_ns() - started_ns)
        if not self._painted:
            self._painted = True
            self.shown.emit()
        return handled

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout."""
        self.settings.put_layout(bytes(self.docks.saveState(LAYOUT_VERSION).data()))
        self.stop()
        super().closeEvent(event)

    def _try_now(self) -> None:
        self.desk.link.wake()

    def _complete(self, text: str) -> None:
        self.palette_box.set_entries(palette_entries(self.desk, text))

    def _chosen(self, key: object) -> None:
        """Do what an entry of the palette stands for."""
        if isinstance(key, OrderText):
            self.desk.select(key.instrument.instrument)
            self.desk.draft_wanted.emit(key.side, key.price, key.quantity)
        elif isinstance(key, int):
            self.desk.select(key)
        elif isinstance(key, str):
            self.actions_by_name[key].trigger()

    # ---- building ----

    def _build_panels(self) -> None:
        desk, theme = self.desk, self.theme
        self.watchlist, self.movers = WatchlistPanel(desk, theme), MoversPanel(desk, theme)
        self.chart, self.curve = ChartPanel(desk, theme), DepthPanel(desk, theme)
        self.chart.studies.keep_in(self.settings)
        self.ladder, self.tape, self.ticket = LadderPanel(desk, theme), TapePanel(desk, theme), TicketPanel(desk, theme)
        self.blotter, self.positions = BlotterPanel(desk, theme), PositionsPanel(desk, theme)
        self.panels: tuple[Panel, ...] = (
            self.watchlist, self.movers, self.chart, self.curve, self.ladder, self.tape, self.ticket, self.blotter,
            self.positions,
        )  # fmt: skip

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 2)
        column.setSpacing(0)
        column.addWidget(self.top.bar)
        column.addWidget(self.problem)
        column.addWidget(self.docks, 1)
        column.addWidget(self.status.bar)
        self.default_layout()
        layout = self.settings.layout()
        if layout:
            self.docks.restoreState(layout, LAYOUT_VERSION)

    def _size_docks(self) -> None:
        """Share the room as the design does, with a least width for what must stay readable on a small screen."""
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        width, height = max(SMALLEST[0], self.docks.width()), max(SMALLEST[1], self.docks.height())
        left, ladder, right = (
            max(246, width * 310 // 1916),
            max(320, width * 446 // 1916),
            max(316, width * 340 // 1916),
        )
        row: list[QDockWidget] = [self.watchlist, self.chart, self.ladder, self.tape]
        self.docks.resizeDocks(row, [left, max(200, width - left - ladder - right), ladder, right], across)
        self.docks.resizeDocks([self.blotter, self.positions], [width * 61 // 100, width * 39 // 100], across)
        bottom = max(160, height * 246 // 1012)
        upper = height - bottom
        listed = WATCHLIST_HEAD_PX + ROW_PX * self.watchlist.model.count()
        watchlist = min(upper * 73 // 100, max(upper * 2 // 5, listed))
        self.docks.resizeDocks(
            [self.watchlist, self.movers, self.blotter], [watchlist, upper - watchlist, bottom], down
        )
        self.docks.resizeDocks([self.chart, self.curve], [upper * 78 // 100, upper * 22 // 100], down)
        ticket = min(360, upper * 6 // 10)
        self.docks.resizeDocks([self.tape, self.ticket], [upper - ticket, ticket], down)

    def _bindings(self) -> dict[str, Callable[[], object]]:
        desk = self.desk
        return {
            "palette": self.palette_box.show_palette,
            "arm": lambda: desk.set_armed(not desk.armed),
            "send": self.ticket.send,
            "buy": lambda: desk.draft_wanted.emit(Side.BUY, None, None),
            "sell": lambda: desk.draft_wanted.emit(Side.SELL, None, None),
            "cancel_selected": self.blotter.cancel_selected,
            "cancel_buys": lambda: desk.cancel_all(desk.instrument, Side.BUY),
            "cancel_instrument": lambda: desk.cancel_all(desk.instrument),
            "cancel_all": desk.cancel_all,
            "next": lambda: self._step(1),
            "previous": lambda: self._step(-1),
            "centre": self.ladder.view.centre,
            "studies": self._choose_studies,
            "theme": self._other_theme,
            "overlay": self.overlay.toggle,
            "reset_layout": self.default_layout,
            "quit": self.close,
        }

    def _choose_studies(self) -> None:
        self._chooser = StudyChooser(self.chart.studies, self.theme, self)

    # ---- moving ----

    def _frame(self) -> None:
        self.desk.frame()
        self.meter.applied(self.desk.apply_ns)

    def _show_message(self, kind: str, title: str, detail: str) -> None:
        if kind != "terms":  # they are in the activity; nothing has happened
            self.toasts.show_toast(_MESSAGE_KINDS.get(kind, "info"), title, detail, self.desk.market_now())

    def _show_changes(self, changes: Changes) -> None:
        for notice in changes.notices:
            line = notice_line(self.desk.state, notice)
            self.toasts.show_toast(_TOAST_KINDS[notice.kind], line.title, line.detail, line.time_ns)
        if changes.server and self.desk.state.mode is not None:
            mode = self.desk.state.mode
            self.frame_border.set_mode(mode.name.lower())
            word = "" if mode is Mode.LIVE else f" · {mode.name}"
            self.setWindowTitle(f"Tradepit{word}")
        if changes.instruments and not self.settings.layout():
            self._size_docks()
        if changes.streams or self.problem.isVisible():
            self._show_problem()

    def _show_problem(self) -> None:
        """The strip across the window: the worst of what is wrong with the streams."""
        streams, now_ns = self.desk.state.streams, self.desk.clock()
        for channel, name in ((Channel.ORDERS, "ORDER PATH"), (Channel.MARKET_DATA, "MARKET DATA")):
            health = streams[channel]
            if health.state is ChannelState.LIVE or not health.contact_ns:
                continue
            stale = health.state is ChannelState.STALE
            word = "STALE" if stale else "DISCONNECTED"
            unknown = self.desk.state.orders.unknown_count()
            detail = f"last contact {format_time(health.contact_ns)}"
            if unknown:
                detail += f" · {unknown} sent, not acknowledged: UNKNOWN"
            if health.reason:
                detail += f" · {health.reason}"
            self.problem.set_problem(
                f"{name} {word}",
                format_duration(now_ns - health.since_ns),
                detail,
                level="warning" if stale else "alarm",
            )
            return
        self.problem.set_problem("")

    def _step(self, by: int) -> None:
        market = self.desk.state.market
        if len(market.instruments):
            row = (market.instruments.row(self.desk.instrument) + by) % len(market.instruments)
            self.desk.select(market.instruments.at(row).instrument)

    def _other_theme(self) -> None:
        name = "light" if self.theme.is_dark else "dark"
        self.set_theme(Theme.load(name, self.theme.palette_name))
