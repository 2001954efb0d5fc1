"""All that is done on one chart beside looking: drawings, moves of orders, linked crosshair, compare, export."""

from app.desk import Desk
from app.models.crosshairs import Cross
from app.panels.chart_choices import ChartChoices
from app.panels.chart_compare import ChartCompare
from app.panels.chart_drawings import ChartDrawings
from app.panels.chart_export import ChartExport
from app.panels.order_moves import OrderMoves
from app.panels.panel import Panel
from app.state.bars import BarSeries
from app.state.changes import Changes
from widgets.chart import ChartView
from widgets.drawing.tool_strip import ToolStrip


class ChartTools:
    """The tools of the chart of one panel."""

    def __init__(self, desk: Desk, panel: Panel, view: ChartView, strip: ToolStrip, choices: ChartChoices) -> None:
        """No instrument yet."""
        self._desk, self._panel, self._view = desk, panel, view
        self.drawings = ChartDrawings(desk, view, strip)
        self.moves = OrderMoves(desk, view)
        self.compare = ChartCompare(desk, view, choices)
        self.export = ChartExport(desk, view, self.compare.layer)
        strip.deedRequested.connect(self._do)
        view.crosshairMoved.connect(self._tell_cross)
        desk.crosshairs.add(self._show_cross)

    def show(self, series: BarSeries) -> None:
        """The chart shows other bars, of this instrument or another."""
        info = self._desk.state.market.instruments.get(series.instrument)
        if info is None:
            return
        if self.export.instrument is None or self.export.instrument.instrument != info.instrument:
            self.leave()
        self.export.instrument = info
        self.drawings.show(info.symbol)
        self.compare.show(series)

    def show_changes(self, changes: Changes) -> None:
        """Something may have changed."""
        self.moves.show_changes(changes)
        self.compare.show_changes(changes)

    def leave(self) -> None:
        """The chart is about to show another instrument: what was begun is given up."""
        self.moves.give_up()
        self.drawings.board.start(None)

    def close(self) -> None:
        """The chart goes for good."""
        self.leave()
        self.drawings.close()
        self._desk.crosshairs.remove(self._show_cross)
        self._desk.crosshairs.put(self._panel.group, None, self._show_cross)

    def saved(self) -> dict[str, object]:
        """What is kept with the layout."""
        return {"compare": list(self.compare.symbols)}

    def restore(self, saved: dict[str, object]) -> None:
        """Take what `saved` gave."""
        compared = saved.get("compare")
        if isinstance(compared, list) and compared:
            self.compare.set_symbols([one for one in compared if isinstance(one, str)])

    def _do(self, deed: str) -> None:
        if deed == "compare":
            self.compare.ask()
        elif deed == "export":
            self.export.ask()

    def _tell_cross(self, place: object) -> None:
        del place
        at = self._view.crosshair()
        cross = None if at is None else Cross(at[0], self._panel.instrument, at[1])
        self._desk.crosshairs.put(self._panel.group, cross, self._show_cross)

    def _show_cross(self, group: str, cross: Cross | None) -> None:
        if group != self._panel.group or not self._panel.seen:
            return
        same = cross is not None and cross.instrument == self._panel.instrument
        self._view.set_linked_crosshair(cross.time_ns if cross else None, cross.price if cross and same else None)
