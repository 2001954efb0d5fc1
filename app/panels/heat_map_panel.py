"""The heat map as a dock of its own, on the rows of the ladder that stands beside it."""

from typing import Final

from app.desk import Desk
from app.panels.heat_map_binding import HeatMapBinding
from app.panels.ladder_panel import LadderPanel
from app.panels.panel import Panel
from app.state.changes import Changes
from widgets.formatting import format_duration
from widgets.heat_map import HeatMapView
from widgets.ladder import LadderView
from widgets.theme import Theme

SECOND_NS: Final = 1_000_000_000


class HeatMapPanel(Panel):
    """One heat map that follows its link group."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until an instrument is selected."""
        super().__init__(desk, theme, "heat_map", "Heat map", link="A")
        self.view = HeatMapView(theme, self.body)
        self.column.addWidget(self.view, 1)
        self.binding = HeatMapBinding(self, self.view, self._ladder)
        self.view.canvas.viewChanged.connect(self._show_head)

    def show_changes(self, changes: Changes) -> None:
        """The newest columns."""
        self.binding.show_changes(changes)

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        if self.seen and self.desk.state.market.instruments.get(instrument) is not None:
            self.binding.select()
            self._show_head()

    def saved(self) -> dict[str, object]:
        """How much time is shown."""
        return {"span_ns": self.view.canvas.scene.time.span_ns}

    def restore(self, saved: dict[str, object]) -> None:
        """Show as much time as before."""
        span_ns = saved.get("span_ns")
        if isinstance(span_ns, int) and span_ns > 0:
            self.view.canvas.show_span(span_ns)

    def _ladder(self) -> LadderView | None:
        """A ladder of the same instrument in the same window."""
        panels = self.window().findChildren(LadderPanel)
        return next((one.view for one in panels if one.seen and one.instrument == self.instrument), None)

    def _show_head(self) -> None:
        info = self.desk.state.market.instruments.get(self.instrument)
        if info is not None:
            time = self.view.canvas.scene.time
            width = f"{time.width_ns / SECOND_NS:g} s a column"
            self.header.set_meta(f"{info.symbol} · {width} · {format_duration(time.span_ns)}")
