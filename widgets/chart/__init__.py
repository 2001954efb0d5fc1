"""The price chart: candles, volume, series and own business, drawn from arrays.

Rules: only the visible slice is touched; where bars are denser than pixels, each pixel shows the lowest and the
highest; one batched call a colour. Positions are whole pixels of the plot area, never data coordinates.

To build on it: `ChartView.span` (`time_span`) maps places, times and columns; `ChartView.panes` (`pane_stack`) are the
strips with values of their own, each `Pane.frame` (`frame`) maps values and rows; a `Layer` draws in a pane
(`Pane.add_layer(layer, z)`); a `MouseHandler` (`mouse_routing`) asks for presses, drags, clicks and hovers by priority.
"""

from widgets.chart.chart_view import ChartView
from widgets.chart.marks import AlertLine, Fills, OrderLine, OrderMove, PositionLine

__all__ = ["AlertLine", "ChartView", "Fills", "OrderLine", "OrderMove", "PositionLine"]
