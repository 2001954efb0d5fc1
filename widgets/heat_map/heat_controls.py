"""The row of controls above a heat map: how much time, which scale, which trades."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from widgets.controls import FlatButton
from widgets.formatting import MINUS, format_quantity_short
from widgets.heat_map.colour_scale import CONTRAST_STEPS, ScaleKind
from widgets.painting import painted
from widgets.text_cache import TextCache
from widgets.theme import Theme

CONTROLS_PX = 28
MINUTE_NS = 60 * 10**9
SPANS = (("1 m", MINUTE_NS), ("10 m", 10 * MINUTE_NS), ("1 h", 60 * MINUTE_NS), ("4 h", 240 * MINUTE_NS))
LABEL_PX, BUBBLES_LABEL_PX = 44, 84
NEAR = 0.6, 1.6
"""A span counts as the chosen one if it is so near to what is shown."""


class HeatControls(QWidget):
    """Says what the trader chose; on a narrow panel filters give way, bubbles first."""

    spanChosen = Signal(object)
    liveWanted = Signal()
    scaleChosen = Signal(object, int)
    bubblesChosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind, self._contrast = ScaleKind.LINEAR, 0
        self._shows_bubbles = True
        self._buttons: list[FlatButton] = []
        self._spans, self._bubbles = QButtonGroup(self), QButtonGroup(self)
        self._bubble_row = QHBoxLayout()
        self._row = QHBoxLayout(self)
        self._fill(theme)
        self.setFixedHeight(CONTROLS_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._spans.idClicked.connect(lambda index: self.spanChosen.emit(SPANS[index][1]))
        self._bubbles.idClicked.connect(self._bubbles_clicked)
        self._live.clicked.connect(self.liveWanted)
        self.set_theme(theme)

    def _fill(self, theme: Theme) -> None:
        row = self._row
        row.setContentsMargins(LABEL_PX, 4, 8, 4)
        row.setSpacing(4)
        for i, (word, _) in enumerate(SPANS):
            button = self._button(theme, word, f"Show {word}")
            button.setCheckable(True)
            self._spans.addButton(button, i)
            row.addWidget(button)
        self._live = self._button(theme, "Live", "Follow the newest column")
        row.addWidget(self._live)
        row.addStretch(1)
        self._scale = self._button(theme, "", "Colour scale")
        paler = self._button(theme, MINUS, "Less contrast", mono=True)
        stronger = self._button(theme, "+", "More contrast", mono=True)
        self._scale_buttons = (self._scale, paler, stronger)
        for one in self._scale_buttons:
            row.addWidget(one)
        row.addSpacing(BUBBLES_LABEL_PX)
        self._bubble_row.setSpacing(4)
        row.addLayout(self._bubble_row)
        kinds = list(ScaleKind)
        self._scale.clicked.connect(
            lambda: self.set_scale(kinds[(kinds.index(self._kind) + 1) % len(kinds)], self._contrast)
        )
        paler.clicked.connect(lambda: self.set_scale(self._kind, self._contrast - 1))
        stronger.clicked.connect(lambda: self.set_scale(self._kind, self._contrast + 1))
        self._scale.setText(self._scale_text())

    def _button(self, theme: Theme, text: str, name: str, *, mono: bool = False) -> FlatButton:
        button = FlatButton(theme, text, self, mono=mono, pad_px=6)
        button.setAccessibleName(name)
        self._buttons.append(button)
        return button

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._theme = theme
        self._label = TextCache(theme.fonts.label)
        for button in self._buttons:
            button.set_theme(theme)
        self.update()

    def set_scale(self, kind: ScaleKind, contrast: int) -> None:
        """Choose how quantities become colours, and say so."""
        self._kind, self._contrast = kind, min(max(contrast, -CONTRAST_STEPS), CONTRAST_STEPS)
        self._scale.setText(self._scale_text())
        self.scaleChosen.emit(self._kind, self._contrast)
        self._fit()

    def _scale_text(self) -> str:
        sign = MINUS if self._contrast < 0 else "+"
        return f"{self._kind.value} {sign}{abs(self._contrast)}" if self._contrast else self._kind.value

    def set_bubble_choices(self, quantities: Sequence[int], chosen: int = 0) -> None:
        """Quantities from which on trades may be shown; `chosen` is an index."""
        for old in self._bubbles.buttons():
            self._bubbles.removeButton(old)
            self._bubble_row.removeWidget(old)
            old.hide()
            old.deleteLater()
            self._buttons = [button for button in self._buttons if button is not old]
        for i, quantity in enumerate(quantities):
            button = self._button(self._theme, format_quantity_short(quantity), f"Bubbles from {quantity}", mono=True)
            button.setCheckable(True)
            button.setProperty("quantity", quantity)
            self._bubbles.addButton(button, i)
            self._bubble_row.addWidget(button)
        if quantities:
            self._bubbles.button(chosen).setChecked(True)
            self.bubblesChosen.emit(quantities[chosen])
        self._fit()

    def _bubbles_clicked(self, index: int) -> None:
        self.bubblesChosen.emit(self._bubbles.button(index).property("quantity"))

    def mark(self, span_ns: int, *, live: bool) -> None:
        """Mark the span that is shown, if it is one of these; `live`: there is nothing to return to."""
        shares = [one / max(span_ns, 1) for _, one in SPANS]
        nearest = min(range(len(SPANS)), key=lambda i: abs(shares[i] - 1))
        self._spans.setExclusive(False)
        for i in range(len(SPANS)):
            self._spans.button(i).setChecked(i == nearest and NEAR[0] < shares[i] < NEAR[1])
        self._spans.setExclusive(True)
        self._live.setEnabled(not live)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what fits."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        least = LABEL_PX + sum(one.sizeHint().width() + 4 for one in (*self._spans.buttons(), self._live))
        scale = sum(one.sizeHint().width() + 4 for one in self._scale_buttons)
        bubbles = BUBBLES_LABEL_PX + 12 + sum(one.sizeHint().width() + 4 for one in self._bubbles.buttons())
        self._shows_bubbles = least + scale + bubbles <= self.width()
        for one in self._scale_buttons:
            one.setVisible(least + scale <= self.width())
        for button in self._bubbles.buttons():
            button.setVisible(self._shows_bubbles)
        self.update()

    @painted
    def paintEvent(self, painter: QPainter, event: QPaintEvent) -> None:
        """Paint the ground and the names of the groups."""
        del event
        theme, label = self._theme, self._label
        painter.fillRect(self.rect(), theme.color("chrome"))
        painter.fillRect(0, CONTROLS_PX - 1, self.width(), 1, theme.color("hairline"))
        painter.setFont(label.font)
        painter.setPen(theme.color("label"))
        top = label.top_for(0, CONTROLS_PX)
        label.left(painter, 8, top, "Zoom")
        first = self._bubbles.button(0)
        if first is not None and self._shows_bubbles:
            label.right(painter, first.x() - 8, top, "Bubbles from")
