"""The ground of the plot: grid, watermark and the line above the volume."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.rect_batch import RectBatch
from widgets.theme import Theme

WATERMARK_PX = 120


class GridLayer(Layer):
    """Hairlines at the ticks of both axes over the mode's watermark."""

    def __init__(self, frame: ChartFrame, theme: Theme) -> None:
        super().__init__(frame, theme)
        self._word = ""
        self._picture: QPixmap | None = None
        self._rects = RectBatch()

    def set_watermark(self, word: str) -> None:
        """The word behind the bars; empty for none."""
        self._word = word
        self._picture = None
        self.update()

    def resized(self) -> None:
        """The plot area changed its size."""
        self._picture = None
        super().resized()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        self._picture = None
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
            painter.drawPixmap((frame.width - picture.width()) // 2, (frame.price_px - picture.height()) // 2, picture)
        if not frame.bars.count:
            return
        painter.setBrush(theme.brush("grid"))
        rows = frame.y_px(frame.price_ticks())
        self._rects.draw(painter, 0, rows, frame.width, 1, len(rows))
        columns, _, _ = frame.time_ticks()
        self._rects.draw(painter, columns, 0, 1, frame.height, len(columns))
        if frame.volume_top < frame.height:
            painter.fillRect(0, frame.volume_top - 4, frame.width, 1, theme.color("hairline"))
