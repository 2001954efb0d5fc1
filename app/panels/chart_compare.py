"""Other instruments beside the one of a chart: their bars are asked for as its own are, and drawn in percent."""

from typing import Final

import numpy as np

from app.desk import Desk
from app.panels.chart_choices import ChartChoices
from app.state.bars import MINUTE_NS, BarSeries, BarSize
from app.state.changes import Changes
from widgets.chart import ChartView
from widgets.chart.compare_layer import LINES_MAX, CompareLayer
from widgets.chart.compare_lines import CompareLine
from widgets.chart.pane import Z_SERIES
from widgets.chart.value_scale import ScaleKind
from widgets.compare_dialog import CompareDialog

BY_MINUTE: Final = BarSize.of_time(MINUTE_NS)
"""The bars of the others where those of the chart end by something else than time."""


class ChartCompare:
    """The lines of one chart. While there are any its scale is percent; afterwards it is what it was."""

    def __init__(self, desk: Desk, view: ChartView, choices: ChartChoices) -> None:
        """Nothing is compared."""
        self._desk, self._view, self._choices = desk, view, choices
        self.symbols: list[str] = []
        self._main: BarSeries | None = None
        self._series: list[tuple[str, BarSeries]] = []
        self._scale_before = ScaleKind.LINEAR
        self.layer = CompareLayer(view.panes.price.frame, view.theme)
        view.panes.price.add_layer(self.layer, Z_SERIES + 1)

    def show(self, main: BarSeries | None) -> None:
        """The chart shows other bars: take those of the others in the same size."""
        self._main = main
        self._take_series()

    def set_symbols(self, symbols: list[str]) -> None:
        """Compare with these from now on."""
        if bool(symbols) != bool(self.symbols):
            if symbols:
                self._scale_before = self._choices.scale
            self._choices.choose("scale", ScaleKind.PERCENT if symbols else self._scale_before)
            self._view.panes.price.fits = True
        self.symbols = list(symbols[:LINES_MAX])
        self._take_series()
        self._view.refresh()

    def show_changes(self, changes: Changes) -> None:
        """Draw what came; ask for older bars where the chart has some."""
        if any(series in changes.bars for _, series in self._series):
            self._show_lines()
            self._view.refresh()
        if self._main is not None and self._main in changes.bars:
            self._ask_older(self._main)

    def ask(self) -> None:
        """Let a person choose."""
        market = self._desk.state.market
        dialog = CompareDialog(
            self._view.theme, [one.symbol for one in market.instruments], self.symbols, LINES_MAX, self._view
        )
        dialog.changed.connect(self.set_symbols)
        dialog.open()

    def _take_series(self) -> None:
        main, market = self._main, self._desk.state.market
        self._series = []
        if main is not None:
            size = main.size if main.size.in_time else BY_MINUTE
            for symbol in self.symbols:
                info = market.instruments.by_symbol(symbol)
                if info is not None and info.instrument != main.instrument:
                    series = market.chart(info.instrument, size)
                    self._series.append((symbol, series))
                    if not series.loaded:
                        self._desk.pages.ask_bars(info.instrument, size)
            self._ask_older(main)
        self._show_lines()

    def _ask_older(self, main: BarSeries) -> None:
        """As far back as the chart itself goes, a page at a time."""
        if not len(main):
            return
        first_ns = int(main.rows["time_ns"][0])
        for _, series in self._series:
            if series.loaded and not series.exhausted and len(series):
                begins_ns = int(series.rows["time_ns"][0])
                if begins_ns > first_ns:
                    self._desk.pages.ask_bars(series.instrument, series.size, begins_ns)

    def _show_lines(self) -> None:
        self.layer.set_lines(tuple(
            CompareLine(symbol, series.rows["time_ns"].copy(), series.rows["close"].astype(np.float64))
            for symbol, series in self._series
        ))  # fmt: skip
        self.layer.update()
