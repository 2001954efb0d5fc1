"""The painted part of a heat map: what it shows, on its pixels, and what is painted anew when something changes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from widgets.heat_map.bubble_atlas import RADII
from widgets.heat_map.colour_scale import ColourScale, ScaleKind
from widgets.heat_map.flow import HeatFlow
from widgets.heat_map.heat_painter import HeatPainter
from widgets.heat_map.marks import OwnSpan, Trades
from widgets.heat_map.scene import HeatScene
from widgets.heat_map.source import HeatSource
from widgets.painting import painted
from widgets.theme import Theme

AXIS_PX = 76


class HeatSurface(QWidget):
    """Columns of one instrument. The price axis is at the right while there is no ladder beside."""

    olderNeeded = Signal(object)
    """The view is near the oldest recorded time, which comes along."""
    viewChanged = Signal()
    rowsScrolled = Signal(int)
    """The trader wants to move the rows of the ladder beside by so many, up with positive ones."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scene = HeatScene()
        self.scale = ColourScale(theme)
        self.shows_key = True
        self.flow = HeatFlow(self.scene, self.scale)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Liquidity heat map")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._painter = HeatPainter(theme, self.scale)
        self.scale.set_theme(theme)
        self.scene.image.recolour(self.scale)
        self.update()

    def sizeHint(self) -> QSize:
        """Ten minutes beside a ladder."""
        return QSize(628, 720)

    def minimumSizeHint(self) -> QSize:
        """A few rows."""
        return QSize(180, 80)

    def plot_width(self) -> int:
        """The pixels that columns use."""
        return max(self.width() - (0 if self.scene.rows.joined else AXIS_PX), 1)

    def set_source(self, source: HeatSource | None, step: int) -> None:
        """Show another history, from its newest column; `step` in price units is what one of its rows holds."""
        self.flow.set_source(source, step)
        self.refresh()

    def refresh(self) -> None:
        """The newest columns may have changed."""
        scene = self.scene
        if self.flow.refresh():
            self.update()
        elif scene.time.last >= scene.time.newest - 1:
            left = scene.time.x_of(scene.time.newest) - RADII[-1] - 1
            self.update(left, 0, self.width() - left, self.height())
        self._ask_for_older()

    def reload(self) -> None:
        """Older columns have come."""
        self.flow.reload()
        self.update()
        self._ask_for_older()

    def set_trades(self, trades: Trades, changed_ns: int = 0) -> None:
        """All prints that are known; those before `changed_ns` are the same as the last time."""
        self.flow.set_trades(trades, changed_ns)

    def set_own(self, own: Iterable[OwnSpan]) -> None:
        """Own orders, working and ended."""
        spans = tuple(own)
        if spans != self.scene.own:
            self.scene.own = spans
            self.update()

    def set_last_price(self, price: int | None) -> None:
        """The price of the last trade, marked on the axis."""
        if price != self.scene.last_price:
            self.scene.last_price = price
            self.update(self.plot_width(), 0, AXIS_PX, self.height())

    def set_bubble_least(self, quantity: int) -> None:
        """Show trades from a quantity on."""
        self.scene.bubble_least = max(quantity, 1)
        self.update()

    def set_scale(self, kind: ScaleKind, contrast: int) -> None:
        """How quantities become colours."""
        self.scale.choose(kind, contrast)
        self.scene.image.fit(self.scale)
        self.scene.image.recolour(self.scale)
        self.update()

    def join_rows(self, top_row: int, offset_px: int) -> None:
        """Take the rows of the ladder beside: its first row, and at which of our pixels it begins."""
        joined = self.scene.rows.joined
        if self.scene.rows.join(top_row, offset_px):
            self.moved(resized=not joined)

    def part_rows(self) -> None:
        """Have rows of its own again."""
        if self.scene.rows.joined:
            self.scene.rows.part()
            self.moved(resized=True)

    def show_span(self, span_ns: int) -> None:
        """Show about so much time."""
        self.scene.time.plot_px = self.plot_width()
        if self.scene.time.show_span(span_ns):
            self.moved()

    def go_live(self) -> None:
        """Follow the newest column and the market."""
        self.scene.time.go_live()
        self.scene.rows.held = False
        self.moved()

    def moved(self, *, resized: bool = False) -> None:
        """Another part of time or prices is shown."""
        if resized:
            self.scene.time.plot_px = self.plot_width()
        self.flow.changed()
        self.update()
        self.viewChanged.emit()
        self._ask_for_older()

    def _ask_for_older(self) -> None:
        first_ns = self.flow.older_needed()
        if first_ns is not None:
            self.olderNeeded.emit(first_ns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer columns and cells."""
        self.scene.rows.resize(self.height())
        self.moved(resized=True)
        super().resizeEvent(event)

    def point(self, place: QPoint | None) -> None:
        """Put the crosshair on a pixel of the plot, or take it away."""
        scene = self.scene
        inside = place is not None and place.x() < self.plot_width() and self.rect().contains(place)
        pointer = (place.x(), place.y()) if place is not None and inside else None
        if pointer == scene.pointer:
            return
        for rect in self._painter.crosshair_rects(scene, self.size()):
            self.update(rect)
        scene.pointer = pointer
        for rect in self._painter.crosshair_rects(scene, self.size()):
            self.update(rect)

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint what is exposed."""
        painter.setClipRegion(event.region())
        plot = QRect(0, 0, self.plot_width(), self.height())
        self._painter.paint(painter, self.scene, plot, self.width(), shows_key=self.shows_key)
