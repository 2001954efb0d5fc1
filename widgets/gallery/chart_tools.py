"""Drawings, the moving of an order and what is asked before it, in their states."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QHBoxLayout, QWidget

from widgets.chart import AlertLine, OrderMove
from widgets.chart.drawing_board import DrawingBoard
from widgets.chart.export_dialog import ExportDialog
from widgets.chart.order_mouse import attached
from widgets.compare_dialog import CompareDialog
from widgets.drawing.drawing import Anchor, Drawing, DrawingKind, DrawingStyle
from widgets.drawing.drawing_dialog import DrawingDialog
from widgets.drawing.tool_strip import ToolStrip
from widgets.gallery import panels
from widgets.gallery.sample import Sample
from widgets.order_move_prompt import MoveQuestion, OrderMovePrompt
from widgets.theme import Theme

QUESTION = MoveQuestion(
    1, "600 VLTA at 48.44",
    (
        ("Price", "48.44 → 48.50", "text"), ("By", "+6 ticks  +0.12 %", "text"),
        ("Open of the whole", "600 of 600", "own"), ("Bid", "48.36", "text"),
        ("Queue", "loses its place", "text_2"), ("Account", "TP-4471 Main", "text_2"),
    ),
    "Change SELL to 48.50",
)  # fmt: skip
NOON_NS = 1_795_000_000 * 10**9


def drawn_chart(theme: Theme, *, moves: bool = False) -> QWidget:
    """A chart with its strip of tools and one drawing of most kinds; or one whose order is being moved."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    strip, view = ToolStrip(theme, box), panels.chart(theme, box)
    row.addWidget(strip)
    row.addWidget(view, 1)
    times = view.span.bars.time_ns

    def at(bar: int, price: int) -> Anchor:
        return Anchor(int(times[bar]), price)

    weak = DrawingStyle("label", "dashed")
    drawings = [
        Drawing(1, DrawingKind.TREND_LINE, (at(-80, 4812), at(-30, 4836)), DrawingStyle("text", "solid", 2)),
        Drawing(2, DrawingKind.CHANNEL, (at(-95, 4822), at(-55, 4830), at(-75, 4834)), weak),
        Drawing(3, DrawingKind.RETRACEMENT, (at(-60, 4811), at(-20, 4844))),
        Drawing(4, DrawingKind.RECTANGLE, (at(-50, 4830), at(-38, 4818)), text="supply"),
        Drawing(5, DrawingKind.MEASURE, (at(-30, 4818), at(-12, 4834))),
        Drawing(6, DrawingKind.TIME_LINE, (at(-64, 4830),), weak, "open"),
    ]
    if moves:
        mouse = attached(view, view.panes.price, view.mouse)
        order = panels.ORDER_LINES[3]
        mouse.show(OrderMove(order, order.price + 6))
        mouse.set_alerts([AlertLine(1, 4842, "48.42"), AlertLine(2, 4818, "48.18", "triggered")])
    else:
        board = DrawingBoard(view, view.panes.price, view.mouse, theme)
        board.set_drawings(drawings)
        board.tool.selected = 1
        strip.set_tool(DrawingKind.RAY)
        strip.set_state(3, 0, selected=True)
    return box


def _question(theme: Theme, problem: str = "") -> QWidget:
    prompt = OrderMovePrompt(theme, QUESTION)
    prompt.set_question(QUESTION, problem)
    return prompt


def _numbers(theme: Theme) -> QWidget:
    anchors = Anchor(NOON_NS, 4812), Anchor(NOON_NS + 3600 * 10**9, 4836)
    return DrawingDialog(theme, Drawing(1, DrawingKind.TREND_LINE, anchors), 2)


SAMPLES = (
    Sample("drawings", {"selected": drawn_chart, "moving an order": lambda theme: drawn_chart(theme, moves=True)},
           (940, 560)),
    Sample("order_move_prompt", {
        "asks": _question, "stale": lambda theme: _question(theme, "VLTA is stale for 0:41: a gap in the updates"),
    }, (380, 250)),
    Sample("chart_dialogs", {
        "by numbers": _numbers,
        "compare": lambda theme: CompareDialog(theme, ["VLTA", "KRNL"], ["KRNL"], 4),
        "export": lambda theme: ExportDialog(theme, QSize(800, 500)),
    }, (400, 300)),
)  # fmt: skip
