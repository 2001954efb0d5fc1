"""The studies of one chart: what was chosen, kept in the settings, computed on its bars, drawn in its panes.

Rules: values are brought up to the bars before the chart paints them; what is computed elsewhere is taken once a
frame. Trades are kept and fetched only while a study needs them.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from app.models.history_pages import HistoryPages
from app.panels.chart_volume import ChartVolume
from app.state.bar_forming import BAR
from app.state.bars import MINUTE_NS
from app.state.trades import TradeRing
from app.studies.bar_inputs import Units
from app.studies.catalogue import kinds
from app.studies.choice import Choice, builtins_of, chosen, from_builtins
from app.studies.delta_line import DeltaLine
from app.studies.indicator import Indicator
from app.studies.levels import LEVELS, RANGES
from app.studies.study_set import StudySet
from app.studies.tape import Tape, prints
from app.studies.vwap import VwapLine
from widgets.chart import ChartView
from widgets.chart.axis_tag import AxisTag
from widgets.chart.pane import Z_SERIES, Pane
from widgets.chart.study_layer import StudyLayer
from widgets.chart.study_legend import StudyLegend
from widgets.chart.study_plot import StudyLine, StudyPlot
from widgets.theme import Theme

PANE_KEY: Final = "study"
COMPUTING: Final = "computing"
WAITING: Final = "waiting for trades"
LEGEND_NS: Final = 100_000_000
"""Figures that change faster than this cannot be read."""
_WORKERS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="studies")

_Rows = NDArray[np.void]


class Values(Protocol):
    """What a plot reads."""

    @property
    def values(self) -> NDArray[np.float64]:
        """Outputs x bars."""


class ChartStudies:
    """Binds chosen studies to a chart view."""

    def __init__(self, view: ChartView, theme: Theme) -> None:
        """Nothing is chosen."""
        self.view = view
        self._theme = theme
        self.choices: list[Choice] = []
        self._waiting: list[Choice] = usual()
        self._reloads = 0
        self._stale_legends = False
        self._legends_ns = 0
        self._bricks = False
        self._came: _Rows = np.zeros(0, BAR)
        self.tape = Tape()
        self._rows: _Rows = np.zeros(0, BAR)
        self._units = Units()
        self._set = StudySet(_WORKERS.submit)
        self.volume = ChartVolume(view, theme, self.tape)
        self._lines: list[tuple[Choice, VwapLine | DeltaLine]] = []
        self._plots: list[tuple[StudyPlot, Values]] = []
        self._layers: list[StudyLegend] = []
        self._tagged: list[tuple[Pane, StudyPlot]] = []
        self._overlay, self._legend = self._dress(view.panes.price)

    # ---- what is chosen ----

    def saved(self) -> list[object]:
        """What is chosen, as JSON values."""
        return builtins_of(self._waiting or self.choices)

    def restore(self, saved: object) -> None:
        """Take what `saved` gave as soon as there are bars; what means nothing any more is left out."""
        self._waiting = from_builtins(saved)
        if len(self._rows):
            self.choose(self._waiting)

    @property
    def needs_trades(self) -> bool:
        """Whether a study that follows from trades is chosen."""
        return any(choice.kind.source == "trades" for choice in self.choices)

    def choose(self, choices: Sequence[Choice]) -> None:
        """Show these studies, in this order. Raises `ParameterInvalid` and changes nothing then."""
        of_bars = [choice for choice in choices if choice.kind.source == "bars"]
        self._set.choose(of_bars, self._rows)
        self.choices = list(choices)
        self._waiting = []
        self._lines = [(choice, line) for choice in choices if (line := self._line(choice)) is not None]
        for _, line in self._lines:
            line.compute(self._rows)
        self.volume.needs_session = bool(self._lines)
        self.volume.choose(choices)
        self._build()

    def _line(self, choice: Choice) -> VwapLine | DeltaLine | None:
        values = choice.parameters
        if choice.name in ("SESSION_VWAP", "ANCHORED_VWAP"):
            bands = (values["band1"], values["band2"])
            if choice.name == "SESSION_VWAP":
                return VwapLine(self.tape, bands=bands)
            return VwapLine(self.tape, session_ns=0, anchor_ns=int(values["anchor"]) * MINUTE_NS, bands=bands)
        if choice.name in ("DELTA", "CUMULATIVE_DELTA"):
            return DeltaLine(self.tape, cumulative=choice.name == "CUMULATIVE_DELTA")
        return None

    # ---- what comes ----

    def reset(self, rows: _Rows, units: Units) -> None:
        """Other bars: BAR rows, oldest first."""
        self._came, self._units = rows, units
        if self.view.draws_what_came:
            self._take(rows)
        self._choose_waiting()

    def _choose_waiting(self) -> None:
        """TA-Lib is imported here for the first time, not before there are bars."""
        if self._waiting and len(self._came):
            self.choose(self._waiting)

    def _take(self, rows: _Rows) -> None:
        """Compute everything on these bars."""
        self._rows = rows
        self._set.reset(rows, self._units)
        for _, line in self._lines:
            line.compute(rows)
        self.volume.advance(rows)
        self._show_values()

    def other_instrument(self, instrument: int, tick: int, quantity_decimals: int) -> None:
        """The trades of the one before are of no use."""
        self.volume.reset(instrument, tick, quantity_decimals)

    def take_trades(self, ring: TradeRing, count: int) -> None:
        """The newest `count` trades of a ring came."""
        if self.needs_trades and count:
            self.tape.append(prints(ring.rows[-count:] if count < len(ring) else ring.rows))

    def prepend(self, rows: _Rows, count: int) -> None:
        """`count` older bars stand before the ones that were there."""
        self._came = rows
        if not self.view.draws_what_came:
            return
        self._rows = rows
        self._set.prepend(rows, count)
        for _, line in self._lines:
            line.compute(rows)
        self.volume.advance(rows)
        self._show_values()

    def advance(self, rows: _Rows, changed: int = 1) -> None:
        """Bars were appended, and the last `changed` of those before are others. Their trades are in the tape by now.

        Where bars changed that had ended, everything is computed anew: their trades came late, which is rare.
        """
        self._came = rows
        if not self.view.draws_what_came:
            return
        if changed > 1:
            self._take(rows)
            return
        self._rows = rows
        self._set.advance(rows)
        for _, line in self._lines:
            line.advance(rows)
        self.volume.advance(rows)
        self._show_values()
        self._choose_waiting()
        self._stale_legends = True

    def settle(self, now_ns: int, pages: HistoryPages) -> None:
        """Once a frame: take what was computed elsewhere, fetch the trades that are missing.

        Bricks are made of bars by the chart: where they are drawn, studies are of them, and follow a frame later.
        """
        drawn = _drawn_rows(self.view) if not self.view.draws_what_came else None
        if drawn is not None and not (self._bricks and np.array_equal(drawn, self._rows)):
            self._bricks = True
            self._take(drawn)
            self.view.refresh()
        elif drawn is None and self._bricks:
            self._bricks = False
            self._take(self._came)
            self.view.refresh()
        self.volume.settle(now_ns, pages)
        if self._stale_legends and now_ns - self._legends_ns >= LEGEND_NS:
            self._stale_legends, self._legends_ns = False, now_ns
            for legend in self._layers:
                legend.update_values()
        reloads = self.tape.reloads
        if self._set.settle(self._rows) or reloads != self._reloads:
            for _, line in self._lines if reloads != self._reloads else ():
                line.advance(self._rows)
            self._reloads = reloads
            self._show_values()
            self.view.refresh()

    # ---- what is drawn ----

    def _dress(self, pane: Pane) -> tuple[StudyLayer, StudyLegend]:
        theme = self._overlay.theme if self._layers else self._theme
        layer, legend = StudyLayer(pane.frame, theme), StudyLegend(pane.frame, theme)
        pane.add_layer(layer, Z_SERIES)
        pane.add_layer(legend, Z_SERIES + 1)
        self._layers.append(legend)
        return layer, legend

    def _build(self) -> None:
        """Panes and plots for what is chosen."""
        indicators: list[Indicator] = list(self._set.indicators)
        lines: list[VwapLine | DeltaLine] = [line for _, line in self._lines]
        self._plots = []
        self._tagged = []
        self._layers = [self._legend]
        wanted: list[str] = []
        overlay: list[StudyPlot] = []
        for choice in self.choices:
            kind = choice.kind
            if not kind.outputs:
                continue
            source: Values = indicators.pop(0) if kind.source == "bars" else lines.pop(0)
            plot = self._plot(choice)
            self._plots.append((plot, source))
            self._fill(plot, source)
            if not choice.own_pane:
                overlay.append(plot)
                continue
            key = _pane_key(choice, wanted)
            wanted.append(key)
            self._build_pane(key, choice, plot)
        for pane in list(self.view.panes):
            if pane.key.startswith(f"{PANE_KEY}:") and pane.key not in wanted:
                self.view.remove_pane(pane.key)
        for place, key in enumerate(wanted, 1):
            self.view.panes.move(key, place)
        self._overlay.plots = self._legend.plots = overlay
        self._show_values()
        self.view.refresh()

    def _build_pane(self, key: str, choice: Choice, plot: StudyPlot) -> None:
        there = self.view.panes.pane(key)
        pane = there or self.view.add_pane(key, "")
        if there is None:
            layer, legend = self._dress(pane)
        else:
            layer = next(one for one in pane.layers if isinstance(one, StudyLayer))
            legend = next(one for one in pane.layers if isinstance(one, StudyLegend))
            self._layers.append(legend)
        layer.plots = legend.plots = [plot]
        self._tagged.append((pane, plot))
        pane.fixed = RANGES.get(choice.name)

    def _plot(self, choice: Choice) -> StudyPlot:
        kind = choice.kind
        lines = [
            StudyLine(output.name, line.style, line.grey, line.width, line.shown)
            for output, line in zip(kind.outputs, choice.lines, strict=True)
        ]
        if choice.name == "FRACTAL":
            for line, side in zip(lines, ("above", "below"), strict=True):
                line.side, line.shift = side, int(choice.parameters["rightbars"])
        return StudyPlot(
            choice, choice.title, lines, levels=LEVELS.get(choice.name, ()) if choice.own_pane else (),
            decimals=0 if kind.source == "trades" else None,
        )  # fmt: skip

    def _show_values(self) -> None:
        for plot, source in self._plots:
            self._fill(plot, source)
        for pane, plot in self._tagged:
            last = plot.at(0, plot.values.shape[1] - 1)
            pane.tags = [AxisTag(last, "raised", "text_2", "hairline_strong")] if np.isfinite(last) else []

    def _fill(self, plot: StudyPlot, source: Values) -> None:
        plot.values = source.values
        choice = plot.key
        assert isinstance(choice, Choice)
        if isinstance(source, Indicator):
            plot.unit = 1.0 if choice.own_pane else float(self._units.price)
            plot.note = COMPUTING if source.awaited else ""
        elif isinstance(source, DeltaLine):
            plot.unit = 1.0 / self._units.quantity
            plot.note = "" if len(self.tape) else WAITING


def _drawn_rows(view: ChartView) -> _Rows:
    """The bars that the chart draws, as BAR rows without trades."""
    bars = view.bars
    rows = np.zeros(bars.count, BAR)
    rows["time_ns"] = bars.time_ns
    for name in ("open", "high", "low", "close", "volume"):
        rows[name] = np.rint(bars.column(name))
    rows["turnover"] = rows["volume"] * rows["close"]
    return rows


def usual() -> list[Choice]:
    """What a chart shows until somebody chooses."""
    listed = kinds()
    return [chosen(listed["SESSION_VWAP"]), chosen(listed["EMA"], timeperiod=20), chosen(listed["SESSION_PROFILE"])]


def _pane_key(choice: Choice, taken: Sequence[str]) -> str:
    """A pane keeps its height by study and place among its like."""
    number = 1
    while (key := f"{PANE_KEY}:{choice.name}:{number}") in taken:
        number += 1
    return key
