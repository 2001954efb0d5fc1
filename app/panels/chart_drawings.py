"""The drawings of one chart panel: the book of the desk, the board on the chart, the strip of tools beside it."""

from app.desk import Desk
from widgets.chart import ChartView
from widgets.chart.drawing_board import DrawingBoard
from widgets.drawing.drawing import Drawing
from widgets.drawing.tool_strip import ToolStrip


class ChartDrawings:
    """Shows the drawings of `symbol` and takes the edits that are made on the chart."""

    def __init__(self, desk: Desk, view: ChartView, strip: ToolStrip) -> None:
        """No instrument yet."""
        self._book, self._view, self.strip = desk.drawings, view, strip
        self.board = DrawingBoard(view, view.panes.price, view.mouse, view.theme)
        self.symbol = ""
        board = self.board
        board.put.connect(lambda drawing: self._book.put(self.symbol, drawing))
        board.removed.connect(lambda number: self._book.remove(self.symbol, number))
        board.undo.connect(lambda: self._book.undo(self.symbol))
        board.redo.connect(lambda: self._book.redo(self.symbol))
        board.toolChanged.connect(strip.set_tool)
        board.selectionChanged.connect(self._show_steps)
        board.switched.connect(strip.set_switch)
        strip.toolChosen.connect(self._take)
        strip.switched.connect(board.switch)
        strip.deedRequested.connect(board.do)
        board.deedRequested.connect(strip.deedRequested)
        self._book.watch(self._changed)

    def show(self, symbol: str) -> None:
        """Show the drawings of another instrument; what was begun on the one before is given up."""
        if symbol != self.symbol:
            self.symbol = symbol
            self.board.start(None)
            self.board.tool.selected = 0
        self._changed(symbol)

    def close(self) -> None:
        """The chart goes for good."""
        self._book.unwatch(self._changed)

    def _take(self, kind: object) -> None:
        self.board.start(kind)  # type: ignore[arg-type]
        self._view.setFocus()

    def _changed(self, symbol: str) -> None:
        if symbol == self.symbol:
            self.board.set_drawings(self._book.of(symbol))
            self._show_steps(self.board.tool.selection)

    def _show_steps(self, selected: Drawing | None) -> None:
        self.strip.set_state(*self._book.steps(self.symbol), selected=selected is not None)
