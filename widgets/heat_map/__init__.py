"""The liquidity heat map: what rested at each price over time, on the rows of the ladder beside it.

Rules: an unknown time or price is hatched and never looks like an empty book; while it is held in the past nothing
moves; a live column costs the same after a minute and after a day.
"""

from widgets.heat_map.heat_map_view import HeatMapView
from widgets.heat_map.marks import OwnSpan
from widgets.heat_map.source import HeatBlock, HeatSource

__all__ = ["HeatBlock", "HeatMapView", "HeatSource", "OwnSpan"]
