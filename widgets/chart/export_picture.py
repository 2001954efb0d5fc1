"""A chart as a picture of any size and theme: the same bars and values as on the screen, under a line that says what.

Rules: the chart is drawn by the same layers, turned for the moment of one call; nothing of it reaches the screen.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from widgets.chart.chart_view import ChartView
from widgets.chart.drawing_layer import DrawingLayer
from widgets.text_cache import TextCache
from widgets.theme import Theme

CAPTION_PX = 24
LEAST_PX, MOST_PX = 200, 8192


def chart_picture(view: ChartView, size: QSize, theme: Theme, caption: str = "") -> QImage:
    """The chart in `size` px (each side kept within 200 to 8,192) with `caption` above it."""
    width, height = (min(max(side, LEAST_PX), MOST_PX) for side in (size.width(), size.height()))
    top = CAPTION_PX if caption else 0
    before, theme_before = view.size(), view.theme
    span = view.span
    places = span.x_first, span.x_last
    at = view.crosshair_px()
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(theme.color("chrome"))
    view.setUpdatesEnabled(False)
    try:
        view.set_theme(theme)
        view.set_crosshair_px(None)
        _show_handles(view, shown=False)
        _resize(view, QSize(width, height - top))
        span.show(*places)
        view.refresh()
        painter = QPainter(image)
        try:
            view.setUpdatesEnabled(True)
            view.render(painter, QPoint(0, top), renderFlags=QWidget.RenderFlag.DrawChildren)
            view.setUpdatesEnabled(False)
            if caption:
                _draw_caption(painter, theme, caption, width)
        finally:
            painter.end()
    finally:
        view.set_theme(theme_before)
        _show_handles(view, shown=True)
        _resize(view, before)
        span.show(*places)
        view.setUpdatesEnabled(True)
        view.refresh()
        view.set_crosshair_px(at)
    return image


def _show_handles(view: ChartView, *, shown: bool) -> None:
    for layer in view.panes.price.layers:
        if isinstance(layer, DrawingLayer):
            layer.shows_handles = shown


def _resize(view: ChartView, size: QSize) -> None:
    view.resize(size)
    layout = view.layout()
    if layout is not None:
        layout.activate()
    view.settle_layout()


def _draw_caption(painter: QPainter, theme: Theme, caption: str, width: int) -> None:
    words = TextCache(theme.fonts.label)
    painter.fillRect(0, CAPTION_PX - 1, width, 1, theme.color("hairline"))
    painter.setFont(words.font)
    painter.setPen(theme.color("text_2"))
    words.left(painter, 8, words.top_for(0, CAPTION_PX - 1), words.elided(caption, width - 16))
