"""A pane of the chart: a strip over the whole width with its own values, its layers and its axis tags."""

from __future__ import annotations

from typing import Final

import pyqtgraph as pg

from widgets.chart.axis_tag import AxisTag
from widgets.chart.frame import PaneFrame
from widgets.chart.layer import Layer

LEAST_PX: Final = 40
USUAL_PX: Final = 96

Z_GRID: Final = 0
Z_PROFILE: Final = 10
Z_BARS: Final = 20
Z_SERIES: Final = 30
Z_DRAWINGS: Final = 40
Z_OWN: Final = 50
Z_CROSS: Final = 60
"""Where layers lie, from the ground up. Between them there is room."""


class Pane:
    """Layers over one frame. Its values are fitted to what the layers want in sight while `fits` is true."""

    def __init__(self, key: str, title: str, frame: PaneFrame, parent: pg.GraphicsObject) -> None:
        self.key, self.title = key, title
        self.frame = frame
        self.layers: list[Layer] = []
        self.tags: list[AxisTag] = []
        """Values in blocks on the axis, as those of the newest bar of a study; call `ChartView.update_tags` after."""
        self.fits = True
        self.margins = (0.06, 0.08)
        """Free shares of the height below and above what is fitted."""
        self.fixed: tuple[float, float] | None = None
        """Values that always are in sight, as 0 to 100 of an oscillator."""
        self._parent = parent
        self._plot_height = 1

    def add_layer(self, layer: Layer, z: float = Z_SERIES) -> None:
        """Draw a layer of this pane's `frame` from now on, above those of a lower `z`."""
        layer.setParentItem(self._parent)
        layer.setZValue(z)
        self.layers.append(layer)
        layer.placed(self._plot_height)

    def remove_layer(self, layer: Layer) -> None:
        """Draw it no more."""
        self.layers.remove(layer)
        layer.setParentItem(None)
        if layer.scene() is not None:
            layer.scene().removeItem(layer)

    def place(self, top: int, height: int, plot_height: int) -> None:
        """Stand at a row of the plot with a height."""
        self._plot_height = plot_height
        self.frame.top, self.frame.height = top, height
        for layer in self.layers:
            layer.placed(plot_height)

    def fit(self) -> None:
        """Fit the values to what the layers want in sight, if they are to be fitted."""
        first, last = self.frame.visible()
        if not self.fits or last <= first:
            return
        ranges = [found for layer in self.layers if (found := layer.value_range(first, last)) is not None]
        if self.fixed is not None:
            ranges.append(self.fixed)
        if not ranges:
            return
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        if high <= low:
            low, high = low - max(abs(low) * 0.01, 0.5), high + max(abs(high) * 0.01, 0.5)
        self.frame.scale.show(low, high, *self.margins)

    def update(self) -> None:
        """Paint all layers."""
        for layer in self.layers:
            layer.update()
