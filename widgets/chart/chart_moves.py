"""What the mouse and the keys do to the view, pane by pane: pan, stretch the values, fit them, name a price."""

from __future__ import annotations

from collections.abc import Callable

from widgets.chart.frame import ChartFrame
from widgets.chart.mouse_routing import PlotPoint
from widgets.chart.pane_stack import PaneStack
from widgets.chart.viewport import Viewport


class ChartMoves:
    """Moves viewport and panes and has the chart painted after."""

    def __init__(
        self, viewport: Viewport, panes: PaneStack, refresh: Callable[[], None], price_clicked: Callable[[int], None]
    ) -> None:
        self._viewport, self._panes = viewport, panes
        self._refresh, self._price_clicked = refresh, price_clicked

    def pan(self, dx_px: float, dy_px: float, start: PlotPoint) -> None:
        """Move with the pointer; values move only in the pane where the drag began, if they are not fitted."""
        self._viewport.pan(dx_px)
        if not start.pane.fits:
            start.pane.frame.scale.move(dy_px)
        self._refresh()

    def stretch(self, factor: float, y: float) -> None:
        """Show `factor` times as much of the values of the pane at a row, and stop fitting them."""
        pane = self._panes.at(y)
        pane.frame.scale.stretch(factor, 2.0 * pane.frame.scale.grid)
        pane.fits = False
        self._refresh()

    def fit(self, at: PlotPoint) -> None:
        """Fit the values of a pane from now on."""
        at.pane.fits = True
        self._refresh()

    def click(self, at: PlotPoint) -> None:
        """Name the price, where there are bars."""
        frame = self._panes.price.frame
        if at.pane is not self._panes.price or not isinstance(frame, ChartFrame) or not frame.bars.count:
            return
        if at.y < frame.value_px:
            self._price_clicked(frame.tick_at(at.y))
