"""The heat map as a panel: spans and filters above, the columns, what they say in figures below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSpacerItem, QVBoxLayout, QWidget

from widgets.heat_map.colour_scale import ScaleKind
from widgets.heat_map.heat_canvas import HeatCanvas
from widgets.heat_map.heat_controls import CONTROLS_PX, SPANS, HeatControls
from widgets.heat_map.marks import OwnSpan, Trades
from widgets.heat_map.source import HeatSource
from widgets.painting import painted
from widgets.state_overlay import StateOverlay
from widgets.text_cache import TextCache
from widgets.theme import Theme

HEADER_PX, FOOTER_PX, LINE_PX = 20, 56, 26
SHORT_PX = 340
"""A lower panel has neither header nor footer."""
FIGURES_A_LINE = 4
USUAL_SPAN = 1


class HeatMapView(QWidget):
    """The history of one book. Prices in price units, quantities in lots."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[tuple[str, str, str], ...] = ()
        self._was_shown = False
        self.canvas = HeatCanvas(theme, self)
        self.controls = HeatControls(theme, self)
        self._gap = QSpacerItem(0, HEADER_PX)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, FOOTER_PX)
        self._column.setSpacing(0)
        self._column.addWidget(self.controls)
        self._column.addItem(self._gap)
        self._column.addWidget(self.canvas, 1)
        self._overlay = StateOverlay(theme, self.canvas)
        self.controls.spanChosen.connect(self.canvas.show_span)
        self.controls.liveWanted.connect(self.canvas.go_live)
        self.controls.scaleChosen.connect(self.canvas.set_scale)
        self.controls.bubblesChosen.connect(self.canvas.set_bubble_least)
        self.canvas.viewChanged.connect(self._view_changed)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._data = TextCache(theme.fonts.label), TextCache(theme.fonts.data)
        for part in (self.canvas, self.controls, self._overlay):
            part.set_theme(theme)
        self.update()

    def set_instrument(self, symbol: str, price_decimals: int, quantity_decimals: int = 0) -> None:
        """Show another instrument; `set_source` has to follow."""
        self.canvas.setAccessibleName(f"Liquidity heat map {symbol}")
        self.canvas.scene.price_decimals, self.canvas.scene.quantity_decimals = price_decimals, quantity_decimals
        self.canvas.set_own(())
        self.canvas.set_last_price(None)
        self.set_figures(())
        self.canvas.set_source(None, 1)

    def set_source(self, source: HeatSource, step: int) -> None:
        """The history to show; one of its rows holds `step` price units."""
        self.canvas.set_source(source, step)

    def refresh(self) -> None:
        """The newest columns may have changed."""
        self.canvas.refresh()

    def set_trades(self, trades: Trades, changed_ns: int = 0) -> None:
        """All prints that are known; those before `changed_ns` are as they were."""
        self.canvas.set_trades(trades, changed_ns)

    def set_own(self, own: Iterable[OwnSpan]) -> None:
        """Own orders from entry to end."""
        self.canvas.set_own(own)

    def set_last_price(self, price: int | None) -> None:
        """The price of the last trade."""
        self.canvas.set_last_price(price)

    def set_bubble_choices(self, quantities: Sequence[int], chosen: int = 0) -> None:
        """Quantities from which on trades may be shown; `chosen` is an index."""
        self.controls.set_bubble_choices(quantities, chosen)

    def set_scale(self, kind: ScaleKind, contrast: int) -> None:
        """How quantities become colours."""
        self.controls.set_scale(kind, contrast)

    def set_figures(self, figures: Iterable[tuple[str, str, str]]) -> None:
        """Names, values and tones under the columns, four on the first line."""
        taken = tuple(figures)
        if taken != self._figures:
            self._figures = taken
            self.update(0, self.height() - FOOTER_PX, self.width(), FOOTER_PX)

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`."""
        self._overlay.set_state(state, title, detail)

    def rows_top(self) -> QPoint:
        """Where the first pixel of the rows is on the screen."""
        return self.canvas.mapToGlobal(QPoint(0, 0))

    def _view_changed(self) -> None:
        scene = self.canvas.scene
        self.controls.mark(scene.time.span_ns, live=scene.time.follows and not scene.rows.held)
        self.update(0, CONTROLS_PX, self.width(), HEADER_PX)

    def sizeHint(self) -> QSize:
        """Beside a ladder."""
        return QSize(628, 828)

    def minimumSizeHint(self) -> QSize:
        """A few rows."""
        return QSize(208, CONTROLS_PX + 80)

    def _is_short(self) -> bool:
        return self.height() < SHORT_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Header and footer give way to the columns."""
        short = self._is_short()
        self._gap.changeSize(0, 0 if short else HEADER_PX)
        self._column.setContentsMargins(0, 0, 0, 0 if short else FOOTER_PX)
        self._column.invalidate()
        super().resizeEvent(event)
        if not self._was_shown:
            self._was_shown = True
            self.canvas.show_span(SPANS[USUAL_SPAN][1])

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the chrome: the header and the figures."""
        del event
        painter.fillRect(self.rect(), self._theme.color("chrome"))
        if not self._is_short():
            self._paint_header(painter)
            self._paint_figures(painter)

    def _paint_header(self, painter: QPainter) -> None:
        label, width = self._label, self.width()
        top = label.top_for(CONTROLS_PX, HEADER_PX - 1)
        painter.fillRect(0, CONTROLS_PX + HEADER_PX - 1, width, 1, self._theme.color("hairline"))
        painter.setFont(label.font)
        painter.setPen(self._theme.color("label"))
        label.left(painter, 8, top, "Depth by price and time")
        if self.canvas.scene.rows.joined and width > 380:
            label.right(painter, width - 8, top, "rows are the rows of the ladder →")

    def _paint_figures(self, painter: QPainter) -> None:
        theme, y = self._theme, self.height() - FOOTER_PX
        painter.fillRect(0, y, self.width(), 1, theme.color("hairline"))
        for line in range(2):
            x, row_top = 8, y + 2 + line * LINE_PX
            for name, value, tone in self._figures[line * FIGURES_A_LINE : (line + 1) * FIGURES_A_LINE]:
                need = self._label.width(name) + 8 + self._data.width(value)
                if x + need > self.width() - 8:
                    break
                painter.setFont(self._label.font)
                painter.setPen(theme.color("label"))
                x += self._label.left(painter, x, self._label.top_for(row_top, LINE_PX), name) + 8
                painter.setFont(self._data.font)
                painter.setPen(theme.color(tone))
                x += self._data.left(painter, x, self._data.top_for(row_top, LINE_PX), value) + 20
