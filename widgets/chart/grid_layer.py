"""The ground of a pane: grid and border, its title, and under the prices the watermark and the line above volume."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from widgets.chart.frame import ChartFrame, PaneFrame
from widgets.chart.layer import Layer
from widgets.chart.time_ticks import time_ticks
from widgets.rect_batch import RectBatch
from widgets.text_cache import TextCache
from widgets.theme import Theme

WATERMARK_PX = 120


class GridLayer(Layer):
    """Hairlines at the ticks of both axes over the mode's watermark."""

    def __init__(self, frame: PaneFrame, theme: Theme, title: str = "") -> None:
        super().__init__(frame, theme)
        self.title = title
        self._word = ""
        self._picture: QPixmap | None = None
        self._rects = RectBatch()
        self._label = TextCache(theme.fonts.label)

    def set_watermark(self, word: str) -> None:
        """The word behind the bars; empty for none."""
        self._word = word
        self._picture = None
        self.update()

    def placed(self, plot_height: int) -> None:
        """The pane has another place or size."""
        self._picture = None
        super().placed(plot_height)

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._picture = None
        self._label = TextCache(theme.fonts.label)
        super().set_theme(theme)

    def _watermark(self) -> QPixmap:
        if self._picture is None:
            size = min(WATERMARK_PX, max(round(self.frame.width / (len(self._word) + 0.5)), 16))
            font = QFont(self.theme.fonts.badge)
            font.setPixelSize(size)
            picture = QPixmap(size * (len(self._word) + 1), size + 24)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.setFont(font)
            painter.setPen(self.theme.color("watermark"))
            painter.drawText(picture.rect(), Qt.AlignmentFlag.AlignCenter, self._word)
            painter.end()
            self._picture = picture
        return self._picture

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the plot."""
        del exposed
        frame, theme = self.frame, self.theme
        if self._word:
            picture = self._watermark()
            painter.drawPixmap((frame.width - picture.width()) // 2, (frame.value_px - picture.height()) // 2, picture)
        if frame.bars.count:
            painter.setBrush(theme.brush("grid"))
            rows = frame.y_px(frame.ticks())
            self._rects.draw(painter, 0, rows, frame.width, 1, len(rows))
            columns = time_ticks(frame.span).columns
            self._rects.draw(painter, columns, 0, 1, frame.height, len(columns))
        if frame.top:
            painter.fillRect(0, 0, frame.width, 1, theme.color("hairline_strong"))
        if isinstance(frame, ChartFrame) and frame.volume_top < frame.height:
            painter.fillRect(0, frame.volume_top - 4, frame.width, 1, theme.color("hairline"))
        if self.title:
            painter.setFont(self._label.font)
            painter.setPen(theme.color("label"))
            self._label.left(painter, 8, self._label.top_for(3, 17), self.title)
