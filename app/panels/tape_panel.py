"""Time and sales: every print of the group's instrument, from history and live, own fills marked."""

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog

from app.desk import Desk
from app.models.pace import Pace
from app.models.tape_prints import own_numbers, prints_of
from app.panels.panel import Panel
from app.state.changes import Changes
from app.state.trades import WIDE_CAPACITY, TradeRing
from server.protocol import control
from widgets.csv_text import clipboard_text, csv_text
from widgets.tape import OWN, TapeView, TimeText
from widgets.tape.export import TITLES, table_rows
from widgets.tape.tape_tools import TapeOptions, TapeTools
from widgets.theme import Theme

PAGE_TICKS: Final = 3_000
"""A size of its own: it tells these questions from those of studies and of the volume profile."""
_MINUTE_NS: Final = 60_000_000_000
_TICK_NS: Final = 250_000_000


class TapePanel(Panel):
    """One tape that follows its group's instrument."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until an instrument is selected."""
        super().__init__(desk, theme, "tape", "Time & sales", link="A")
        self.tools = TapeTools(theme, self.body)
        self.view = TapeView(theme, self.body)
        self.column.addWidget(self.tools)
        self.column.addWidget(self.view, 1)
        self._newest = 0
        self._asked: set[int] = set()
        self._stale = False
        self._pace = Pace(_TICK_NS)
        self.tools.changed.connect(self._show_options)
        self.tools.copyWanted.connect(self.copy)
        self.tools.exportWanted.connect(self._export)
        self.view.menuWanted.connect(self.tools.show_menu)
        self.view.olderWanted.connect(self._ask_older)
        QShortcut(QKeySequence.StandardKey.Copy, self.view, self.copy)

    def show_changes(self, changes: Changes) -> None:
        """New prints."""
        instrument = self.instrument
        if instrument in changes.history:
            self._show_prints()
        elif instrument in changes.trades:
            self._append(self._ring().after(self._newest))
        if changes.fills:
            self.view.mark_own(own_numbers(self._ring().rows, self.desk.state.fills, instrument), OWN)
        if changes.streams or instrument in changes.stale or self._stale:
            self._show_state()
        if self._pace.due(self.desk.clock()):
            self.view.tick(self.desk.market_now())
            self._show_meta()

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        self._asked.clear()
        self.desk.state.market.tapes.widen(instrument)
        self.tools.set_quantity_decimals(info.quantity_decimals)
        self.view.set_instrument(info.price_decimals, info.quantity_decimals)
        self._show_prints()
        self._show_state()
        self._show_meta()

    def saved(self) -> dict[str, object]:
        """Filter, grouping, marks and times."""
        return {"options": msgspec.to_builtins(self.tools.options)}

    def restore(self, saved: dict[str, object]) -> None:
        """Take what was chosen last time; what cannot be read is as if nothing was chosen."""
        try:
            options = msgspec.convert(saved.get("options", {}), TapeOptions)
            TimeText(options.time, options.zone)
        except (msgspec.ValidationError, LookupError, ValueError, OSError):
            options = TapeOptions()
        self.tools.show_options(options)
        self._show_options(options)

    def copy(self) -> None:
        """Put the chosen rows, or all of them, on the clipboard."""
        rows = table_rows(self.view.chosen_prints(), *self._decimals())
        QGuiApplication.clipboard().setText(clipboard_text(TITLES, rows))

    def export(self, path: Path) -> int:
        """Write the chosen rows, or all of them, as CSV; returns how many. Raises `OSError`."""
        prints = self.view.chosen_prints()
        path.write_text(csv_text(TITLES, table_rows(prints, *self._decimals())), encoding="utf-8", newline="")
        return len(prints)

    def _ring(self) -> TradeRing:
        return self.desk.state.market.ring(self.instrument)

    def _show_state(self) -> None:
        state = self.desk.trust.tape_state(self.instrument)
        self._stale = state[0] == "stale"
        self.view.set_state(*state)

    def _show_prints(self) -> None:
        ring = self._ring()
        rows = ring.rows
        self._newest = int(rows["trade_number"][-1]) if len(rows) else 0
        self.view.replace(prints_of(rows, self.desk.state.fills, self.instrument))
        if ring.missing():
            self._ask(ring.wanted_before())

    def _append(self, ticks: NDArray[np.void]) -> None:
        if not len(ticks):
            return
        if self._newest and int(ticks["trade_number"][0]) > self._newest + 1:
            self._show_prints()
            return
        self._newest = int(ticks["trade_number"][-1])
        self.view.append(prints_of(ticks, self.desk.state.fills, self.instrument))

    def _show_meta(self) -> None:
        ring = self._ring()
        rows, missing = ring.rows, ring.missing()
        recent = len(rows) - int(np.searchsorted(rows["time_ns"], self.desk.market_now() - _MINUTE_NS))
        shown, kept = self.view.row_count(), self.view.print_count()
        text = f"{shown:,} of {kept:,}" if self.tools.options.filter.hides else f"{recent:,} prints a minute"
        self.header.set_meta(text, f"{missing:,} missing" if missing else "")

    def _ask_older(self) -> None:
        rows = self._ring().rows
        if len(rows) and rows["trade_number"][0] > 1 and len(rows) < WIDE_CAPACITY:
            self._ask(int(rows["trade_number"][0]))

    def _ask(self, before: int) -> None:
        """Ask history for the page before a trade, once for each."""
        if before and before not in self._asked:
            self._asked.add(before)
            question = control.GetTicks(instrument=self.instrument, before_trade=before, count=PAGE_TICKS)
            self.desk.link.request(question)

    def _show_options(self, options: TapeOptions) -> None:
        self.view.set_time(TimeText(options.time, options.zone))
        self.view.set_grouped(options.grouped)
        self.view.set_filter(options.filter)
        self.view.set_mark(options.mark)
        if self.seen:
            self._show_meta()

    def _decimals(self) -> tuple[int, int]:
        info = self.desk.state.market.instruments.get(self.instrument)
        return (info.price_decimals, info.quantity_decimals) if info else (0, 0)

    def _export(self) -> None:
        info = self.desk.state.market.instruments.get(self.instrument)
        name = f"{info.symbol if info else 'tape'} prints.csv".replace("/", "-")
        chosen, _ = QFileDialog.getSaveFileName(self, "Export prints", name, "CSV (*.csv)")
        if not chosen:
            return
        try:
            count = self.export(Path(chosen))
        except OSError as error:
            self.desk.message.emit("warning", "NOT EXPORTED", error.strerror or str(error))
            return
        self.desk.message.emit("own", "EXPORTED", f"{count:,} prints to {chosen}")
