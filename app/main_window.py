"""The main window: the strips at top and bottom, the docks between them, the frame clock that moves it all.

Rules: the window keeps its layout, and that of the further windows, in the settings, from time to time and at the end;
the default layout is the desk of the design.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QVBoxLayout, QWidget

from app import settings as setting
from app.actions import ACTIONS, bind
from app.debug.overlay import DebugOverlay
from app.desk import Desk
from app.desk_keys import DeskKeys
from app.frame_clock import FrameClock, PaintedWindow
from app.models.command_line import OrderText
from app.models.notices import notice_line
from app.models.own_money import hide_money
from app.panel_window import dock_area
from app.panels.catalogue import KINDS, PANEL_ACTIONS
from app.panels.drawing_shelf import DrawingShelf
from app.panels.entries import palette_entries
from app.panels.scalper_layout import lay_out_scalper
from app.panels.status_strip import StatusStrip
from app.panels.top_strip import TopStrip
from app.settings import Settings
from app.state.changes import Changes, NoticeKind
from app.workspace import Workspace
from server.client.incoming import Channel, ChannelState
from server.protocol.enums import Mode
from widgets.command_palette import CommandPalette
from widgets.formatting import format_duration, format_time
from widgets.mode import ModeFrame
from widgets.problem_strip import ProblemStrip
from widgets.theme import PALETTE_NAMES, Theme, retheme
from widgets.toasts import ToastStack

SLOW_TICK_MS: Final = 500
LAYOUT_VERSION: Final = 1
KEEP_TICKS: Final = 60
"""The layout is kept every so many slow ticks."""
TOAST_LEFT_PX: Final = 324
TOAST_MARGIN_PX: Final = 8
TOAST_LEAST_PX: Final = 240
WATCHLIST_HEAD_PX: Final = 50
ROW_PX: Final = 20
SMALLEST: Final = (1024, 600)
_TOAST_KINDS: Final = {NoticeKind.FILLED: "filled", NoticeKind.REJECTED: "rejected", NoticeKind.CANCELED: "info"}
_MESSAGE_KINDS: Final = {"alarm": "alarm", "warning": "rejected", "own": "filled"}


class MainWindow(PaintedWindow):
    """The desk."""

    shown = Signal()
    """The window has been painted for the first time."""

    def __init__(self, desk: Desk, settings: Settings, theme: Theme) -> None:
        """Everything is built; nothing moves before `start`."""
        super().__init__(desk)
        self.setWindowTitle("Tradepit")
        self.setAccessibleName("Tradepit workstation")
        self.settings = desk.settings = settings
        desk.watchlists.load()
        self.theme = theme
        self.drawings = DrawingShelf(desk, settings.drawings_directory)
        self.meter = desk.meter
        self._painted = False
        self._keep_in = KEEP_TICKS
        self.docks = dock_area(self)
        self.workspace = Workspace(desk, self.docks, lambda: self.theme, self)
        self.keys = DeskKeys(desk, self.workspace, self)
        self._name_panels()
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
        self.overlay = DebugOverlay(desk, self.meter, theme, self, lambda: self.clock.pace.interval_ns)
        self.actions_by_name = bind(self, (*ACTIONS, *PANEL_ACTIONS), self._bindings())
        desk.watch(self._show_changes)
        desk.message.connect(self._show_message)
        self.workspace.actions = self.actions()
        hide_money(settings.get(setting.PRIVACY) == "on")
        self.workspace.restore(settings.get(setting.WINDOWS))
        self.clock = FrameClock(desk, self)
        self._slow = QTimer(self)
        self._slow.setInterval(SLOW_TICK_MS)
        self._slow.timeout.connect(self._slow_tick)

    def start(self) -> None:
        """Let it move; the keyboard begins in the watchlist."""
        self.watchlist.view.setFocus()
        if not self.settings.layout():
            self._size_docks()
        self.clock.start()
        self._slow.start()

    def stop(self) -> None:
        """Let it stand still; for measuring and for the end."""
        self.clock.stop()
        self._slow.stop()

    def default_layout(self) -> None:
        """Arrange the docks as the design has them."""
        docks, area = self.docks, Qt.DockWidgetArea.TopDockWidgetArea
        first = {kind.name: self.workspace.first(kind.name) for kind in KINDS if kind.on_desk}
        for dock in first.values():
            dock.setFloating(False)
            docks.removeDockWidget(dock)
        heat_map = self.workspace.named("heat_map")
        if heat_map is not None and heat_map.window() is self:
            docks.removeDockWidget(heat_map)
        docks.addDockWidget(area, self.watchlist)
        docks.splitDockWidget(self.watchlist, self.blotter, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.watchlist, self.chart, Qt.Orientation.Horizontal)
        docks.splitDockWidget(self.chart, self.ladder, Qt.Orientation.Horizontal)
        docks.splitDockWidget(self.ladder, self.tape, Qt.Orientation.Horizontal)
        docks.splitDockWidget(self.watchlist, self.movers, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.chart, self.curve, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.tape, self.ticket, Qt.Orientation.Vertical)
        docks.splitDockWidget(self.blotter, self.positions, Qt.Orientation.Horizontal)
        for dock in first.values():
            dock.show()
        for kind in KINDS:
            if kind.on_desk and kind.behind:
                docks.tabifyDockWidget(first[kind.behind], first[kind.name])
                first[kind.behind].raise_()
        self._size_docks()

    def set_theme(self, theme: Theme) -> None:
        """Look different from now on, in every window."""
        self.theme = theme
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app)
        for child in self.findChildren(QWidget):
            take = getattr(child, "set_theme", None)
            if take is not None:
                take(theme)
        for window in self.workspace.windows:
            retheme(window, theme)
        self.settings.put(setting.THEME, theme.name)
        self.settings.put(setting.PALETTE, theme.palette_name)

    def set_palette(self, name: str) -> None:
        """The same theme in the colours of a palette."""
        self.set_theme(Theme.load(self.theme.name, name))

    def run_command(self, text: str) -> None:
        """Do what the command line says: the first thing that fits it."""
        entries = palette_entries(self.desk, text, self.keys.instrument())
        if entries:
            self._chosen(entries[0].key)
        else:
            self.toasts.show_toast("info", "Not understood", text, self.desk.market_now())

    def event(self, event: QEvent) -> bool:
        """Tell when it has been painted for the first time."""
        handled = super().event(event)
        if self.paints == 1 and not self._painted:
            self._painted = True
            self.shown.emit()
        return handled

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the rate of the screen."""
        super().showEvent(event)
        self.clock.follow_screen(self.screen())
        handle = self.windowHandle()
        if handle is not None:
            handle.screenChanged.connect(self.clock.follow_screen)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout; the further windows go with this one."""
        self.keep_layout()
        self.stop()
        self.workspace.close_windows()
        self.drawings.close()
        super().closeEvent(event)

    def keep_layout(self) -> None:
        """Write down where everything is."""
        self.settings.put_layout(bytes(self.docks.saveState(LAYOUT_VERSION).data()))
        self.settings.put(setting.WINDOWS, self.workspace.saved())

    def _slow_tick(self) -> None:
        self.overlay.tick()
        self._keep_in -= 1
        if self._keep_in <= 0:
            self._keep_in = KEEP_TICKS
            self.keep_layout()

    def _try_now(self) -> None:
        self.desk.link.wake()

    def _complete(self, text: str) -> None:
        self.palette_box.set_entries(palette_entries(self.desk, text, self.keys.instrument()))

    def _chosen(self, key: object) -> None:
        """Do what an entry of the palette stands for."""
        group = self.workspace.active_group()
        if isinstance(key, OrderText):
            self.desk.select(key.instrument.instrument, group)
            self.desk.want_draft(group, key.side, key.price, key.quantity)
        elif isinstance(key, int):
            self.desk.select(key, group)
        elif isinstance(key, str):
            self.actions_by_name[key].trigger()

    # ---- building ----

    def _name_panels(self) -> None:
        first = self.workspace.first
        self.watchlist, self.movers, self.chart, self.curve = (
            first(kind) for kind in ("watchlist", "movers", "chart", "depth")
        )
        self.ladder, self.tape, self.ticket = (first(kind) for kind in ("ladder", "tape", "ticket"))
        self.blotter, self.positions = first("blotter"), first("positions")
        self.ladder.view.quantityChanged.connect(self.curve.view.set_size)

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
        if self.watchlist.isHidden():  # another arrangement
            return
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
        return self.keys.bindings() | {
            "palette": self.palette_box.show_palette,
            "theme": self._other_theme,
            "overlay": self.overlay.toggle,
            "reset_layout": self.default_layout,
            "scalper_layout": lambda: lay_out_scalper(self.docks, self.workspace.panels, self.workspace.open_here),
            "quit": self.close,
        } | {
            f"palette_{name}": lambda name=name: self.set_palette(name) for name in PALETTE_NAMES
        }  # fmt: skip

    # ---- moving ----

    def _place_toasts(self) -> None:
        """Messages stand at the end of the chart, where they cover neither a ladder nor a ticket."""
        chart = self.chart.geometry()
        if self.chart.isVisible() and self.chart.window() is self and chart.width() > TOAST_LEAST_PX:
            left, width = chart.x() + TOAST_MARGIN_PX, chart.width() - 2 * TOAST_MARGIN_PX
            self.toasts.set_place(left, self.docks.height() - chart.bottom() + TOAST_MARGIN_PX, width)

    def _show_message(self, kind: str, title: str, detail: str) -> None:
        self._place_toasts()
        if kind != "terms":  # they are in the activity; nothing has happened
            self.toasts.show_toast(_MESSAGE_KINDS.get(kind, "info"), title, detail, self.desk.market_now())

    def _show_changes(self, changes: Changes) -> None:
        if changes.notices:
            self._place_toasts()
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

    def _other_theme(self) -> None:
        name = "light" if self.theme.is_dark else "dark"
        self.set_theme(Theme.load(name, self.theme.palette_name))
