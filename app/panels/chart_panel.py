"""The chart: bars of the selected instrument from history and live trades, with the own orders, fills and position."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QInputDialog

from app.desk import Desk
from app.models import bar_words
from app.panels.chart_choices import ChartChoices
from app.panels.chart_studies import ChartStudies
from app.panels.chart_tools import ChartTools
from app.panels.own_business import order_lines, position_line
from app.panels.panel import Panel
from app.panels.study_chooser import StudyChooser
from app.state.bars import MINUTE_NS, BarChange, BarSeries, BarSize
from app.state.changes import Changes
from app.studies.bar_inputs import Units
from server.protocol.enums import Mode
from server.protocol.records import NO_PRICE
from widgets.chart import ChartView, Fills
from widgets.chart_bar import ChartBar
from widgets.drawing.tool_strip import ToolStrip
from widgets.formatting import DASH, format_duration, format_percent, format_price
from widgets.theme import Theme

DEFAULT_SIZE: Final = BarSize.of_time(5 * MINUTE_NS)
SECOND_NS: Final = 1_000_000_000
_Column = NDArray[np.int64]


class ChartPanel(Panel):
    """One chart that follows the desk's instrument."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """An empty chart until an instrument is selected."""
        super().__init__(desk, theme, "chart", "Chart", link="A")
        self.size_word, self.size = bar_words.USUAL, DEFAULT_SIZE
        self.bar = ChartBar(theme, self)
        self.header.hide()
        self.setTitleBarWidget(self.bar)
        self.bar.set_bar_size(self.size_word)
        self.bar.otherSizeWanted.connect(self._ask_size)
        self.view = ChartView(theme, self.body)
        self.choices = ChartChoices(self.bar, self.view, self.set_bar_size)
        self.studies = ChartStudies(self.view, theme)
        self.studies.volume.session_sums = self._session_sums
        self.strip = ToolStrip(theme, self.body)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.strip)
        row.addWidget(self.view, 1)
        self.column.addLayout(row, 1)
        self.tools = ChartTools(desk, self, self.view, self.strip, self.choices)
        self._series: BarSeries | None = None
        self._stale = False
        self._seconds_left = -1
        self.view.olderHistoryNeeded.connect(self._older)
        self.view.orderCancelRequested.connect(desk.cancel_row)

    def set_bar_size(self, word: str) -> None:
        """Show bars of another size, as `5m`, `1D`, `200T`; a word that is no size changes nothing."""
        tidy = bar_words.tidy(word)
        if tidy is not None:
            self.size_word = tidy
            self.bar.set_bar_size(tidy)
            self.show_instrument(self.instrument)

    def saved(self) -> dict[str, object]:
        """The size of its bars, how they are shown, the studies and the tools."""
        studies = {"studies": self.studies.saved()}
        return {"size": self.size_word, **studies, **self.choices.saved(), **self.tools.saved()}

    def restore(self, saved: dict[str, object]) -> None:
        """As they were in an earlier run."""
        self.choices.restore(saved)
        if "studies" in saved:
            self.studies.restore(saved["studies"])
        self.set_bar_size(str(saved.get("size", self.size_word)))
        self.tools.restore(saved)

    def choose_studies(self) -> None:
        """Open the picker of studies."""
        self._chooser = StudyChooser(self.studies, self.theme, self)

    def _ask_size(self) -> None:
        word, taken = QInputDialog.getText(
            self, "Bar size", "A number and s, m, h, D, W, M, T trades, V volume or R ticks of range:",
            text=self.size_word,
        )  # fmt: skip
        if taken:
            self.set_bar_size(word)

    def show_changes(self, changes: Changes) -> None:
        """Bars, own business and the last price, where they changed."""
        series = self._series
        if series is None:
            return
        self._take_trades(series, changes)
        change = changes.bars.get(series)
        if change is not None:
            if change.reloaded:
                self._show_bars()
            else:
                if change.prepended:
                    self.studies.prepend(series.rows, change.prepended)
                    self.view.prepend_bars(*_columns(series.rows[: change.prepended]))
                if change.tail:
                    self.studies.advance(series.rows, change.tail - change.appended)
                    self._show_tail(series, change)
            self.view.set_history_complete(series.exhausted)
            if change.failed:
                self.view.set_history_problem(f"Older bars did not come: {series.problem}")
            elif not series.problem:
                self.view.set_history_problem("")
        self.studies.settle(self.desk.clock(), self.desk.pages)
        row = self.desk.state.market.instruments.row(series.instrument)
        if row in changes.quotes:
            self._show_last(row)
        if changes.orders or changes.fills or changes.positions or changes.rolled_back:
            self._show_own()
        self.tools.show_changes(changes)
        if changes.server:
            self._show_mode()
        self._show_countdown()
        if changes.streams or series.instrument in changes.stale or self._stale:
            self._show_state()
            self._show_last(row)

    def show_link(self, letter: str) -> None:
        """The bar shows it."""
        super().show_link(letter)
        self.bar.set_link(letter or "–")

    def leave_instrument(self) -> None:
        """What was begun on its orders and drawings is given up."""
        self.tools.leave()

    def close_panel(self) -> None:
        """The panel goes for good."""
        self.tools.close()
        super().close_panel()

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self._show_mode()
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument, or bars of another size."""
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        if self._series is None or self._series.instrument != instrument:
            self.studies.other_instrument(instrument, info.tick_size, info.quantity_decimals)
        self.bar.set_instrument(info.symbol, f"{info.name} · {info.group} · {info.currency}", self.link or "–")
        self.view.set_instrument(info.symbol, info.price_decimals, info.tick_size, info.quantity_decimals)
        self.size = bar_words.parse(self.size_word, info.tick_size) or DEFAULT_SIZE
        self.view.set_bar_size(self.size.length_ns)
        self._series = self.desk.state.market.chart(instrument, self.size)
        self.tools.show(self._series)
        if not self._series.loaded:
            self.desk.pages.ask_bars(instrument, self.size)
        self._show_bars()
        self._show_last(self.desk.state.market.instruments.row(instrument))
        self._show_own()
        self._show_mode()
        self._show_state()

    def _show_tail(self, series: BarSeries, change: BarChange) -> None:
        rows = series.rows[-change.tail :]
        time_ns, *columns = _columns(rows)
        self.view.update_tail(time_ns, columns, change.appended)

    def _show_bars(self) -> None:
        assert self._series is not None
        self.view.set_bars(*_columns(self._series.rows))
        info = self.desk.state.market.instruments.get(self._series.instrument)
        if info is not None:
            self.studies.reset(self._series.rows, Units.of(info.price_decimals, info.quantity_decimals))
        self.view.set_history_complete(self._series.exhausted)
        self._show_state()

    def _take_trades(self, series: BarSeries, changes: Changes) -> None:
        market = self.desk.state.market
        if series.instrument in changes.trades_lost:
            self.studies.tape.clear()
        self.studies.take_trades(market.ring(series.instrument), changes.trades.get(series.instrument, 0))

    def _show_last(self, row: int) -> None:
        market = self.desk.state.market
        last = int(market.quotes.rows["last_price"][row])
        self.view.set_last_price(None if last == NO_PRICE else last)
        change = market.quotes.change(row)
        decimals = market.instruments.at(row).price_decimals
        if last == NO_PRICE or change is None:
            self.bar.set_price(DASH if last == NO_PRICE else format_price(last, decimals), "", "", "label")
            return
        stale = self.desk.trust.feed_state(self.instrument)
        self._stale = stale[0] == "stale"
        if self._stale:
            self.bar.set_price(format_price(last, decimals), stale[1], "", "stale")
            return
        tone = "up" if change > 0 else "down" if change < 0 else "label"
        percent = format_percent(change, market.quotes.base(row), signed=True)
        self.bar.set_price(format_price(last, decimals), format_price(change, decimals, signed=True), percent, tone)

    def _show_countdown(self) -> None:
        now_ns = self.desk.market_now()
        left_ns = max(self.size.ends_ns(now_ns) - now_ns, -1)
        if left_ns // SECOND_NS != self._seconds_left:
            self._seconds_left = left_ns // SECOND_NS
            self.bar.set_countdown(format_duration(left_ns) if left_ns >= 0 else "")

    def _show_own(self) -> None:
        desk, instrument = self.desk, self.instrument
        self.view.set_orders(order_lines(desk, instrument))
        self.view.set_position(position_line(desk, instrument))
        fills = desk.state.fills.rows[desk.state.fills.of(instrument, desk.account)]
        side, quantity = fills["side"].astype(np.int8), fills["quantity"].copy()
        self.view.set_fills(Fills(fills["time_ns"].copy(), fills["price"].copy(), side, quantity))

    def _session_sums(self) -> tuple[_Column, _Column]:
        profile = self.desk.state.market.profile(self.instrument)
        return profile.prices, profile.quantities

    def _show_mode(self) -> None:
        mode = self.desk.state.mode
        self.view.set_watermark(mode.name if mode in (Mode.DEMO, Mode.REPLAY) else "")

    def _show_state(self) -> None:
        series = self._series
        if series is not None and not series.loaded and not len(series):
            self.view.set_state("loading", "Loading bars", "from history")
        else:
            self.view.set_state(*self.desk.trust.feed_state(self.instrument))

    def _older(self, first_time_ns: int) -> None:
        series = self._series
        if series is not None and series.loaded and not series.exhausted:
            first_trade = 0 if series.size.in_time else int(series.rows["first_trade"][0])
            self.desk.pages.ask_bars(series.instrument, series.size, first_time_ns, first_trade)


_NAMES = ("time_ns", "open", "high", "low", "close", "volume")


def _columns(rows: NDArray[np.void]) -> tuple[_Column, ...]:
    return tuple(np.ascontiguousarray(rows[name]) for name in _NAMES)
