"""What a chart draws from trades at prices: the footprint and the volume profiles, and the trades they need.

Rules: a profile is counted anew at most a few times a second, cells of a bar that has ended once; trades are fetched
page by page as far back as what is shown needs them, and no further than `TRADES_MAX`.
"""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.models.history_pages import HistoryPages
from app.models.pace import Pace
from app.state.bar_forming import BAR
from app.studies.choice import Choice
from app.studies.delta_line import DeltaLine
from app.studies.footprint import Footprint, imbalances
from app.studies.tape import Tape, bar_keys, prints
from app.studies.volume_profile import Profile, profile_of, profile_of_sums
from app.studies.vwap import DAY_NS
from widgets.chart import ChartView
from widgets.chart.footprint_layer import STRIP_PX, FootprintCells, FootprintLayer
from widgets.chart.pane import Z_BARS, Z_PROFILE
from widgets.chart.profile_layer import ProfileLayer, ProfilePlot
from widgets.theme import Theme

TRADES_MAX: Final = 400_000
COUNT_NS: Final = 400_000_000
COUNT_OFFSET_NS: Final = 130_000_000
ASK_AGAIN_NS: Final = 2_000_000_000
MINUTE_NS: Final = 60_000_000_000
FOOT_SHARE: Final = 0.12
"""Of the height, free under the prices of a footprint for its deltas."""
ALWAYS: Final = 1 << 62
_Rows = NDArray[np.void]
_Sums = Callable[[], tuple[NDArray[np.int64], NDArray[np.int64]]]


class ChartVolume:
    """Binds the studies of volume at prices to a chart view."""

    def __init__(self, view: ChartView, theme: Theme, tape: Tape) -> None:
        """Nothing is chosen."""
        self.view, self.tape = view, tape
        self.rows: _Rows = np.zeros(0, BAR)
        self.session_sums: _Sums | None = None
        """Prices and what traded at them in the session, where that is known without the trades."""
        self.needs_session = False
        """Whether a study needs the trades of the session."""
        self.instrument = 0
        self._begin_ns = 0
        self._chosen: list[Choice] = []
        self._footprint = Footprint(tape)
        self._deltas = DeltaLine(tape)
        self._cells: tuple[tuple[int, ...], FootprintCells] | None = None
        self._pace = Pace(COUNT_NS, COUNT_OFFSET_NS)
        self._counted: tuple[object, ...] = ()
        self._asked_ns = -ASK_AGAIN_NS
        self._tick = 1
        price = view.panes.price
        self._margins = price.margins
        self.profiles = ProfileLayer(price.frame, theme)
        self.cells = FootprintLayer(price.frame, theme)
        price.add_layer(self.profiles, Z_PROFILE)
        price.add_layer(self.cells, Z_BARS + 1)

    def choose(self, choices: Sequence[Choice]) -> None:
        """Show those of them that are profiles or a footprint."""
        self._chosen = [one for one in choices if one.name.endswith("_PROFILE") or one.name == "FOOTPRINT"]
        footprint = self._first("FOOTPRINT")
        self.cells.source = self._source if footprint else None
        self.profiles.foot_px = STRIP_PX if footprint else 0
        self.view.panes.price.margins = (
            (max(self._margins[0], FOOT_SHARE), self._margins[1]) if footprint else self._margins
        )
        if footprint:
            self.cells.ticks_a_row = int(footprint.parameters["ticks"])
        self._cells, self._counted = None, ()
        self._count()
        self.advance(self.rows)
        self.cells.update()

    def reset(self, instrument: int, tick: int, quantity_decimals: int) -> None:
        """Another instrument: its number, least step of a price in price units, decimals of a quantity."""
        self.instrument, self._asked_ns = instrument, -ASK_AGAIN_NS
        self.tape.clear()
        self._tick = self.cells.tick = max(tick, 1)
        self.cells.quantity_decimals = quantity_decimals

    def advance(self, rows: _Rows) -> None:
        """Other bars, more of them, or the last one changed."""
        self.rows = rows
        if self.cells.source is not None:
            if len(rows) < len(self._deltas.values[0]) or self._moved(rows):
                self._deltas.compute(rows)
            else:
                self._deltas.advance(rows)
            self.cells.deltas = self._deltas.values[0]

    def settle(self, now_ns: int, pages: HistoryPages) -> None:
        """Once a frame: count what is due, fetch what is missing."""
        if not self._chosen and not self.needs_session:
            return
        if self._pace.due(now_ns):
            self._count()
        if self.tape.hole:
            self.tape.clear()
        if self._misses_trades() and now_ns - self._asked_ns >= ASK_AGAIN_NS:
            self._asked_ns = now_ns
            instrument = self.instrument
            pages.ask_tape(instrument, self.tape.first_number, lambda ticks, more: self._take(instrument, ticks, more))

    def _misses_trades(self) -> bool:
        tape = self.tape
        if tape.complete or not len(self.rows) or len(tape) >= TRADES_MAX:
            return False
        return not len(tape) or self._wanted_ns() < tape.first_time_ns

    def _take(self, instrument: int, ticks: _Rows, more: bool) -> None:
        if instrument != self.instrument:
            return
        added = self.tape.prepend(prints(ticks), more=more)
        self._asked_ns = -ASK_AGAIN_NS if added else self._asked_ns

    def _wanted_ns(self) -> int:
        """From when on trades are needed."""
        rows = self.rows
        if not len(rows):
            return ALWAYS
        wanted = ALWAYS
        if self.needs_session:
            wanted = int(rows["time_ns"][-1]) // DAY_NS * DAY_NS
        if self._first("FOOTPRINT") or self._first("VISIBLE_PROFILE"):
            first, last = self.view.span.visible()
            if last > first:
                wanted = min(wanted, int(rows["time_ns"][min(first, len(rows) - 1)]))
        fixed = self._first("FIXED_PROFILE")
        return min(wanted, int(fixed.parameters["from"]) * MINUTE_NS) if fixed else wanted

    def _first(self, name: str) -> Choice | None:
        return next((one for one in self._chosen if one.name == name), None)

    def _moved(self, rows: _Rows) -> bool:
        """Whether older bars stand before the ones that were there."""
        begin = int(rows["time_ns"][0]) if len(rows) else 0
        moved, self._begin_ns = begin != self._begin_ns, begin
        return moved

    # ---- profiles ----

    def _count(self) -> None:
        span = self.view.span
        key = (
            len(self.tape), self.tape.reloads, span.visible(), len(self.rows), tuple(self._chosen),
            int(self.rows["volume"][-1]) if len(self.rows) else 0,
        )  # fmt: skip
        if key == self._counted:
            return
        self._counted = key
        plots = [self._plot(one) for one in self._chosen if one.name.endswith("_PROFILE")]
        self.profiles.set_plots([plot for plot in plots if plot is not None])

    def _plot(self, choice: Choice) -> ProfilePlot | None:
        percent, step = int(choice.parameters["percent"]), int(choice.parameters["ticks"]) * self._tick
        if not len(self.rows):
            return None
        if choice.name == "SESSION_PROFILE":
            if self.session_sums is not None:
                found = profile_of_sums(*self.session_sums(), self._tick, step, percent)
            else:
                begin = int(self.rows["time_ns"][-1]) // DAY_NS * DAY_NS
                found = profile_of(self.tape.between(begin, ALWAYS), self._tick, step, percent)
            return _drawn(found, "session", "right")
        if choice.name == "VISIBLE_PROFILE":
            first, last = self.view.span.visible()
            if last <= first:
                return None
            return _drawn(profile_of(self._trades_of(first, last), self._tick, step, percent), "in sight", "left")
        begin, end = int(choice.parameters["from"]) * MINUTE_NS, int(choice.parameters["to"]) * MINUTE_NS
        if end <= begin:
            return None
        found = profile_of(self.tape.between(begin, end), self._tick, step, percent)
        return _drawn(found, "range", "range", begin, end)

    def _trades_of(self, first: int, last: int) -> _Rows:
        times = self.rows["time_ns"]
        return self.tape.between(int(times[first]), int(times[last]) if last < len(times) else ALWAYS)

    # ---- the footprint ----

    def _source(self, first: int, last: int, step: int) -> FootprintCells:
        choice = self._first("FOOTPRINT")
        last = min(last, len(self.rows))
        key = (first, last, step, len(self.tape), self.tape.reloads)
        if self._cells is None or self._cells[0] != key:
            percent = int(choice.parameters["imbalance"]) if choice else 300
            least = int(choice.parameters["least"]) if choice else 1
            self._cells = (key, self._cells_of(first, last, step, percent, least))
        return self._cells[1]

    def _cells_of(self, first: int, last: int, step: int, percent: int, least: int) -> FootprintCells:
        keys, name = bar_keys(self.rows[first : last + 1])
        begins = keys.tolist()
        if len(begins) <= last - first:
            begins.append(ALWAYS)
        parts: list[list[NDArray[np.int64]]] = [[] for _ in range(7)]
        for place in range(last - first):
            cells = self._footprint.cells(begins[place], begins[place + 1], step, name)
            heavy = imbalances(cells, percent, least)
            largest = np.zeros(len(cells.prices), np.bool_)
            if len(largest):
                largest[int(cells.volumes.argmax())] = True
            bar = np.full(len(cells.prices), first + place)
            for part, values in zip(
                parts, (bar, cells.prices, cells.bids, cells.asks, *heavy, largest), strict=True
            ):  # fmt: skip
                part.append(values)
        if not parts[0]:
            parts = [[np.zeros(0, np.int64)] for _ in range(7)]
        bar, price, bid, ask, bid_heavy, ask_heavy, largest = (np.concatenate(part) for part in parts)
        return FootprintCells(
            bar, price, bid, ask, bid_heavy.astype(np.bool_), ask_heavy.astype(np.bool_), largest.astype(np.bool_)
        )


def _drawn(profile: Profile, label: str, side: str, from_ns: int = 0, to_ns: int = 0) -> ProfilePlot | None:
    if profile.control < 0:
        return None
    return ProfilePlot(
        f"{label} profile", profile.step, profile.prices, profile.volumes, profile.control, profile.value_low,
        profile.value_high, side, from_ns, to_ns,  # type: ignore[arg-type]
    )  # fmt: skip
