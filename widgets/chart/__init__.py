"""The price chart: candles, volume, series and own business, drawn from arrays.

Rules: only the visible slice is touched; where bars are denser than pixels, each pixel shows the lowest and the
highest; one batched call a colour. Positions are whole pixels of the plot area, never data coordinates.
"""

from widgets.chart.chart_view import ChartView
from widgets.chart.marks import Fills, OrderLine, PositionLine

__all__ = ["ChartView", "Fills", "OrderLine", "PositionLine"]
