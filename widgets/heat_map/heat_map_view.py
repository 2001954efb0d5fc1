"""The heat map as a panel: spans and filters above, the columns, what they say in figures below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from widgets.controls import FlatButton
from widgets.formatting import format_quantity_short
from widgets.heat_map.colour_scale import CONTRAST_STEPS, ScaleKind
from widgets.heat_map.heat_canvas import HeatCanvas
from widgets.heat_map.marks import OwnSpan, Trades
from widgets.heat_map.source import HeatSource
from widgets.painting import painted
from widgets.state_overlay import StateOverlay
from widgets.text_cache import TextCache
from widgets.theme import Theme

CONTROLS_PX, HEADER_PX, FOOTER_PX = 28, 20, 56
SHORT_PX = 340
"""A lower panel has neither header nor footer."""
MINUTE_NS = 60 * 10**9
SPANS = (("1 m", MINUTE_NS), ("10 m", 10 * MINUTE_NS), ("1 h", 60 * MINUTE_NS), ("4 h", 240 * MINUTE_NS))
FIGURES_A_LINE = 4


class HeatMapView(QWidget):
    """The history of one book. Prices in price units, quantities in lots."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._figures: tuple[tuple[str, str, str], ...] = ()
        self.canvas = HeatCanvas(theme, self)
        self._kind, self._contrast = ScaleKind.LINEAR, 0
        self._spans, self._bubbles = QButtonGroup(self), QButtonGroup(self)
        self._controls = QWidget(self)
        self._bubble_row = QHBoxLayout()
        self._buttons: list[FlatButton] = []
        self._lay_out(theme)
        self._overlay = StateOverlay(theme, self.canvas, hatches=True)
        self.canvas.viewChanged.connect(self._view_changed)
        self.set_theme(theme)
        self._spans.button(1).setChecked(True)

    def _button(self, theme: Theme, text: str, name: str, *, mono: bool = False) -> FlatButton:
        button = FlatButton(theme, text, self._controls, mono=mono, pad_px=6)
        button.setAccessibleName(name)
        self._buttons.append(button)
        return button

    def _lay_out(self, theme: Theme) -> None:
        top = QHBoxLayout(self._controls)
        top.setContentsMargins(48, 4, 8, 4)
        top.setSpacing(4)
        for i, (word, _) in enumerate(SPANS):
            button = self._button(theme, word, f"Show {word}")
            button.setCheckable(True)
            self._spans.addButton(button, i)
            top.addWidget(button)
        self._spans.idClicked.connect(self._span_chosen)
        self._live = self._button(theme, "Live", "Follow the newest column")
        self._live.clicked.connect(self.canvas.go_live)
        top.addWidget(self._live)
        top.addStretch(1)
        self._scale = self._button(theme, self._kind_text(), "Colour scale")
        self._scale.clicked.connect(self._next_scale)
        self._paler = self._button(theme, "−", "Less contrast", mono=True)
        self._paler.clicked.connect(lambda: self.set_scale(self._kind, self._contrast - 1))
        self._stronger = self._button(theme, "+", "More contrast", mono=True)
        self._stronger.clicked.connect(lambda: self.set_scale(self._kind, self._contrast + 1))
        for button in (self._scale, self._paler, self._stronger):
            top.addWidget(button)
        top.addSpacing(84)
        self._bubble_row.setSpacing(4)
        top.addLayout(self._bubble_row)
        self._bubbles.idClicked.connect(self._bubbles_chosen)
        self._controls.setFixedHeight(CONTROLS_PX)
        self._controls.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._gap = QSpacerItem(0, HEADER_PX)
        self._column.addWidget(self._controls)
        self._column.addItem(self._gap)
        self._column.addWidget(self.canvas, 1)

    # what it shows

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label, self._data = TextCache(theme.fonts.label), TextCache(theme.fonts.data)
        for part in (self.canvas, self._overlay, *self._buttons):
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
        for button in self._bubbles.buttons():
            self._bubbles.removeButton(button)
            self._bubble_row.removeWidget(button)
            button.hide()
            button.deleteLater()
            self._buttons.remove(button)  # type: ignore[arg-type]
        for i, quantity in enumerate(quantities):
            button = self._button(self._theme, format_quantity_short(quantity), f"Bubbles from {quantity}", mono=True)
            button.setCheckable(True)
            button.setProperty("quantity", quantity)
            self._bubbles.addButton(button, i)
            self._bubble_row.addWidget(button)
        if quantities:
            self._bubbles.button(chosen).setChecked(True)
            self.canvas.set_bubble_least(quantities[chosen])
        self._fit()

    def set_figures(self, figures: Iterable[tuple[str, str, str]]) -> None:
        """Names, values and tones under the columns, four on the first line."""
        taken = tuple(figures)
        if taken != self._figures:
            self._figures = taken
            self.update(0, self.height() - FOOTER_PX, self.width(), FOOTER_PX)

    def set_scale(self, kind: ScaleKind, contrast: int) -> None:
        """How quantities become colours."""
        self._kind, self._contrast = kind, min(max(contrast, -CONTRAST_STEPS), CONTRAST_STEPS)
        self.canvas.set_scale(self._kind, self._contrast)
        self._scale.setText(self._kind_text())

    def set_state(self, state: str, title: str = "", detail: str = "") -> None:
        """One of the states of `StateOverlay`."""
        self._overlay.set_state(state, title, detail)

    # the frame around the columns

    def _kind_text(self) -> str:
        return f"{self._kind.value} {self._contrast:+d}".replace("-", "−").replace(" +0", "")

    def _next_scale(self) -> None:
        kinds = list(ScaleKind)
        self.set_scale(kinds[(kinds.index(self._kind) + 1) % len(kinds)], self._contrast)

    def _span_chosen(self, index: int) -> None:
        self.canvas.show_span(SPANS[index][1])

    def _bubbles_chosen(self, index: int) -> None:
        self.canvas.set_bubble_least(int(self._bubbles.button(index).property("quantity")))

    def _view_changed(self) -> None:
        """Mark the span that is nearest, and whether it follows."""
        span_ns = self.canvas.scene.time.span_ns
        nearest = min(range(len(SPANS)), key=lambda i: abs(SPANS[i][1] / max(span_ns, 1) - 1))
        fits = 0.6 < SPANS[nearest][1] / max(span_ns, 1) < 1.6
        self._spans.setExclusive(False)
        for i in range(len(SPANS)):
            self._spans.button(i).setChecked(fits and i == nearest)
        self._spans.setExclusive(True)
        self._live.setEnabled(not self.canvas.scene.time.follows or self.canvas.scene.rows.held)
        self.update(0, CONTROLS_PX, self.width(), HEADER_PX)

    def rows_top(self) -> QPoint:
        """Where the first pixel of the rows is on the screen."""
        return self.canvas.mapToGlobal(QPoint(0, 0))

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
        self._fit()

    def _fit(self) -> None:
        """Filters give way on a narrow panel: bubbles first, then the scale."""
        least = 48 + sum(self._spans.button(i).sizeHint().width() + 4 for i in range(len(SPANS)))
        least += self._live.sizeHint().width() + 12
        scale = sum(one.sizeHint().width() + 4 for one in (self._scale, self._paler, self._stronger))
        bubbles = 92 + sum(one.sizeHint().width() + 4 for one in self._bubbles.buttons())
        self._shows_bubbles = least + scale + bubbles <= self.width()
        for button in (self._scale, self._paler, self._stronger):
            button.setVisible(least + scale <= self.width())
        for one in self._bubbles.buttons():
            one.setVisible(self._shows_bubbles)

    _shows_bubbles = True

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the chrome: names of the controls, the header, the figures."""
        del event
        theme, label, width = self._theme, self._label, self.width()
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, CONTROLS_PX - 1, width, 1, theme.color("hairline"))
        painter.setFont(label.font)
        painter.setPen(theme.color("label"))
        top = label.top_for(0, CONTROLS_PX)
        label.left(painter, 8, top, "Zoom")
        first = self._bubbles.button(0)
        if first is not None and self._shows_bubbles:
            label.right(painter, first.x() - 8, top, "Bubbles from")
        if not self._is_short():
            self._paint_header(painter)
            self._paint_figures(painter)

    def _paint_header(self, painter: QPainter) -> None:
        label, width = self._label, self.width()
        top = label.top_for(CONTROLS_PX, HEADER_PX - 1)
        painter.fillRect(0, CONTROLS_PX + HEADER_PX - 1, width, 1, self._theme.color("hairline"))
        label.left(painter, 8, top, "Depth by price and time")
        if self.canvas.scene.rows.joined and width > 380:
            label.right(painter, width - 8, top, "rows are the rows of the ladder →")

    def _paint_figures(self, painter: QPainter) -> None:
        theme, y = self._theme, self.height() - FOOTER_PX
        painter.fillRect(0, y, self.width(), 1, theme.color("hairline"))
        for line in range(2):
            x, row_top = 8, y + 2 + line * 26
            for name, value, tone in self._figures[line * FIGURES_A_LINE : (line + 1) * FIGURES_A_LINE]:
                painter.setFont(self._label.font)
                painter.setPen(theme.color("label"))
                need = self._label.width(name) + 8 + self._data.width(value)
                if x + need > self.width() - 8:
                    break
                x += self._label.left(painter, x, self._label.top_for(row_top, 26), name) + 8
                painter.setFont(self._data.font)
                painter.setPen(theme.color(tone))
                x += self._data.left(painter, x, self._data.top_for(row_top, 26), value) + 20
