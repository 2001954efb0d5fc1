"""The heat map as a dock of its own, beside the ladder whose rows it shares."""

from app.desk import Desk
from app.panels.heat_map_binding import HeatMapBinding
from app.panels.panel import Panel
from app.state.changes import Changes
from widgets.formatting import format_duration
from widgets.heat_map import HeatMapView
from widgets.ladder import LadderView
from widgets.theme import Theme

SECOND_NS = 1_000_000_000


class HeatMapPanel(Panel):
    """One heat map that follows the desk's instrument."""

    turn = 1

    def __init__(self, desk: Desk, theme: Theme, ladder: LadderView) -> None:
        """Empty until an instrument is selected."""
        super().__init__(desk, theme, "heat_map", "Heat map", link="A")
        self.view = HeatMapView(theme, self.body)
        self.column.addWidget(self.view, 1)
        self.binding = HeatMapBinding(desk, self.view, ladder)
        self.view.canvas.viewChanged.connect(self._show_head)
        desk.instrument_selected.connect(self._select)

    def show_changes(self, changes: Changes) -> None:
        """The newest columns."""
        self.binding.show_changes(changes)

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self._select(self.desk.instrument)

    def _select(self, instrument: int) -> None:
        if self.seen and self.desk.state.market.instruments.get(instrument) is not None:
            self.binding.select()
            self._show_head()

    def _show_head(self) -> None:
        info = self.desk.state.market.instruments.get(self.desk.instrument)
        if info is not None:
            time = self.view.canvas.scene.time
            width = f"{time.width_ns / SECOND_NS:g} s a column"
            self.header.set_meta(f"{info.symbol} · {width} · {format_duration(time.span_ns)}")
