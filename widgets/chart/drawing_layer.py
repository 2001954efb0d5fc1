"""The drawings of a chart, over the bars and under the own business. They are grey: colour is spent elsewhere.

Rules: figures are made anew only when the view or the drawings change, so that a live tick paints what is there; what
is out of sight is sorted out by arrays.
"""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from widgets.chart.drawing_plane import ChartPlane
from widgets.chart.frame import ChartFrame
from widgets.chart.layer import Layer
from widgets.drawing.drawing import Drawing
from widgets.drawing.figures import Figure, Words, figure_of
from widgets.drawing.index import DrawingIndex
from widgets.drawing.tool import DrawingTool
from widgets.text_cache import TextCache
from widgets.theme import Theme

HANDLE_PX = 7
REACH_PX = 400
DASHES = {"solid": "", "dashed": "6 4", "dotted": "1 3"}
AREA_ALPHA = 26
GROUND_ALPHA = 170


class DrawingLayer(Layer):
    """Paints what the tool holds: the drawings, the one that is being made or moved, the handles of the selected."""

    def __init__(self, frame: ChartFrame, theme: Theme, tool: DrawingTool) -> None:
        super().__init__(frame, theme)
        self.tool = tool
        self.plane = ChartPlane(frame)
        self.hidden = False
        self.shows_handles = True
        self._key: tuple[object, ...] = ()
        self._figures: list[Figure] = []
        self._make_text()

    def set_theme(self, theme: Theme) -> None:
        """Paint with another theme from now on."""
        super().set_theme(theme)
        self._make_text()

    def figures(self) -> list[Figure]:
        """The figures in sight, the lowest first."""
        if self.hidden:
            return []
        tool = self.tool
        key = (*self.plane.key(), tool.index, tool.preview)
        if key != self._key:
            self._key, self._figures = key, self._made(tool.index, tool.preview)
        return self._figures

    def draw(self, painter: QPainter, exposed: QRectF) -> None:
        """Draw; the painter has no pen and is clipped to the pane."""
        del exposed
        figures = self.figures()
        if not figures:
            return
        painter.setClipRect(QRectF(0, 0, self.plane.width, self.plane.height + 4), Qt.ClipOperation.IntersectClip)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(0.5, 0.5)
        for figure in figures:
            self._draw_lines(painter, figure)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.translate(-0.5, -0.5)
        painter.setFont(self._data.font)
        for figure in figures:
            self._draw_words(painter, figure)
        for figure in figures:
            if self.shows_handles and figure.drawing.number == self._marked():
                self._draw_handles(painter, figure)

    def _make_text(self) -> None:
        self._data = TextCache(self.theme.fonts.data)

    def _marked(self) -> int:
        return self.tool.preview.number if self.tool.preview is not None else self.tool.selected

    def _made(self, index: DrawingIndex, preview: Drawing | None) -> list[Figure]:
        frame, span = self.frame, self.frame.span
        margin = REACH_PX / max(span.bar_px, 1e-9)
        rows = max(frame.height // 4, 60)
        seen = index.within(
            span.time_of(span.x_first - margin), span.time_of(span.x_last + margin),
            frame.value_at(frame.height + rows), frame.value_at(-rows),
        )  # fmt: skip
        if preview is not None:
            known = any(one.number == preview.number for one in seen)
            seen = [preview if one.number == preview.number else one for one in seen]
            seen += [] if known else [preview]
        figures = [figure_of(one, self.plane) for one in seen]
        return [figure for figure in figures if not figure.is_empty]

    def _pens(self, figure: Figure) -> tuple[QPen, QPen]:
        style = figure.drawing.style
        strong = self.theme.pen(style.ink, style.width_px, DASHES.get(style.dash, ""))
        return strong, self.theme.pen("label", 1, DASHES.get(style.dash, ""))

    def _draw_lines(self, painter: QPainter, figure: Figure) -> None:
        strong, weak = self._pens(figure)
        if figure.areas:
            fill = QColor(self.theme.color(figure.drawing.style.ink))
            fill.setAlpha(AREA_ALPHA)
            for x, y, width, height in figure.areas:
                painter.fillRect(QRectF(x, y, width, height), fill)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen, segments in ((weak, figure.weak), (strong, figure.lines)):
            if segments:
                painter.setPen(pen)
                painter.drawLines([QLineF(*segment) for segment in segments])

    def _draw_words(self, painter: QPainter, figure: Figure) -> None:
        ground = QColor(self.theme.color("canvas"))
        ground.setAlpha(GROUND_ALPHA)
        for words in figure.words:
            width = self._data.width(words.text)
            left = round(words.x) - {"left": 0, "centre": width // 2, "right": width}[words.align]
            if words.plate:
                left = min(max(left, 6), max(self.frame.width - width - 6, 6))
                self._draw_plate(painter, left - 5, round(words.y) - 9, width + 10)
            else:
                painter.fillRect(left - 2, round(words.y) - 7, width + 4, 15, ground)
            painter.setPen(self.theme.color(self._word_ink(figure, words)))
            self._data.left(painter, left, self._data.top_for(round(words.y) - 9, 18), words.text)

    @staticmethod
    def _word_ink(figure: Figure, words: Words) -> str:
        return "text" if words.plate else figure.drawing.style.ink

    def _draw_plate(self, painter: QPainter, x: int, y: int, width: int) -> None:
        painter.fillRect(x, y, width, 18, self.theme.color("hairline_strong"))
        painter.fillRect(x + 1, y + 1, width - 2, 16, self.theme.color("raised"))

    def _draw_handles(self, painter: QPainter, figure: Figure) -> None:
        painter.setPen(self.theme.pen("text", 1))
        painter.setBrush(self.theme.brush("text" if figure.drawing.locked else "canvas"))
        half = HANDLE_PX // 2
        for x, y in figure.handles:
            corner = QPointF(round(x) - half, round(y) - half)
            painter.drawRect(QRectF(corner.x(), corner.y(), HANDLE_PX - 1, HANDLE_PX - 1))
