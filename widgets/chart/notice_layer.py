"""What the chart cannot show and why, in words above the volume: a scale, history that did not come."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QPainter

from widgets.chart.frame import PaneFrame
from widgets.chart.layer import Layer
from widgets.glyphs import draw_glyph
from widgets.text_cache import TextCache
from widgets.theme import Theme

ROW_PX = 20


class NoticeLayer(Layer):
    """One line each for the scale of the pane and for the notice that was set."""

    def __init__(self, frame: PaneFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self._notice = ""
        self._label = TextCache(theme.fonts.label)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._label = TextCache(theme.fonts.label)
        super().set_theme(theme)

    def set_notice(self, sentence: str) -> None:
        """Say it until another is set; empty for none."""
        if sentence != self._notice:
            self._notice = sentence
            self.update()

    def sentences(self) -> list[str]:
        """What is said, from the top down."""
        return [sentence for sentence in (self._notice, self.frame.scale.problem) if sentence]

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        del exposed
        frame, theme, label = self.frame, self.theme, self._label
        lines = self.sentences()
        top = frame.value_px - ROW_PX * len(lines) - 4
        for sentence in lines:
            text = label.elided(sentence, frame.width - 48)
            plate = QRect(8, top, label.width(text) + 30, ROW_PX - 2)
            painter.fillRect(plate, theme.color("warning_tint"))
            draw_glyph(painter, "warning", plate.x() + 11, plate.center().y() + 1, theme.color("warning"), 8)
            painter.setFont(label.font)
            painter.setPen(theme.color("text"))
            label.left(painter, plate.x() + 22, label.top_for(plate.y(), plate.height()), text)
            top += ROW_PX
