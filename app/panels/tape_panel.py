"""Time and sales: every print of the selected instrument, from history and live, own fills marked."""

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog

from app.desk import Desk
from app.models.pace import Pace
from app.panels.panel import Panel
from app.settings import TAPE, Settings
from app.state.changes import Changes
from app.state.trades import CAPACITY as NARROW
from app.state.trades import WIDE_CAPACITY
from server.protocol import control
from server.protocol.enums import MarketDataFlag
from widgets.csv_text import clipboard_text, csv_text
from widgets.tape import AUCTION, BUSTED, HIDDEN, OWN, PRINT, SELF_TRADE, TapeView, TimeText
from widgets.tape.export import TITLES, table_rows
from widgets.tape.tape_tools import TapeOptions, TapeTools
from widgets.theme import Theme

PAGE_TICKS: Final = 4_000
WIDE_MAX: Final = 4
"""So many instruments keep a whole tape; that of one shown longer ago is cut."""
COPIED_MAX: Final = 100_000
_MINUTE_NS: Final = 60_000_000_000
_TICK_NS: Final = 250_000_000
_CONDITIONS: Final = (
    (MarketDataFlag.AUCTION, AUCTION),
    (MarketDataFlag.HIDDEN, HIDDEN),
    (MarketDataFlag.SELF_TRADE, SELF_TRADE),
    (MarketDataFlag.BUSTED, BUSTED),
)


class TapePanel(Panel):
    """One tape that follows the desk's instrument."""

    turn = 1

    def __init__(self, desk: Desk, theme: Theme, settings: Settings) -> None:
        """Empty until an instrument is selected."""
        super().__init__(desk, theme, "tape", "Time & sales", link="A")
        self._settings = settings
        self.tools = TapeTools(theme, self.body)
        self.view = TapeView(theme, self.body)
        self.column.addWidget(self.tools)
        self.column.addWidget(self.view, 1)
        self._newest = 0
        self._asked: set[int] = set()
        self._wide: list[int] = []
        self._stale = False
        self._pace = Pace(_TICK_NS)
        self.tools.changed.connect(self._take_options)
        self.tools.copyWanted.connect(self.copy)
        self.tools.exportWanted.connect(self._export)
        self.view.menuWanted.connect(self.tools.show_menu)
        self.view.olderWanted.connect(self._ask_older)
        QShortcut(QKeySequence.StandardKey.Copy, self.view, self.copy)
        desk.instrument_selected.connect(self._select)
        self._restore()

    def show_changes(self, changes: Changes) -> None:
        """New prints."""
        instrument = self.desk.instrument
        if instrument in changes.history:
            self._show_prints()
        elif instrument in changes.trades:
            self._append(self.desk.state.market.ring(instrument).after(self._newest))
        if changes.fills:
            self._mark_own()
        if changes.streams or instrument in changes.stale or self._stale:
            self._show_state()
        if self._pace.due(self.desk.clock()):
            self.view.tick(self.desk.market_now())
            self._show_meta()

    def show_all(self) -> None:
        """Everything of the selected instrument."""
        self._select(self.desk.instrument)

    def copy(self) -> None:
        """Put the chosen rows, or all of them, on the clipboard."""
        prints = self.view.chosen_prints()[-COPIED_MAX:]
        QGuiApplication.clipboard().setText(clipboard_text(TITLES, table_rows(prints, *self._decimals())))

    def export(self, path: Path) -> int:
        """Write the chosen rows, or all of them, as CSV; returns how many. Raises `OSError`."""
        prints = self.view.chosen_prints()
        path.write_text(csv_text(TITLES, table_rows(prints, *self._decimals())), encoding="utf-8", newline="")
        return len(prints)

    def _select(self, instrument: int) -> None:
        info = self.desk.state.market.instruments.get(instrument)
        if info is None or not self.seen:
            return
        self._asked.clear()
        self._widen(instrument)
        self.tools.set_quantity_decimals(info.quantity_decimals)
        self.view.set_instrument(info.price_decimals, info.quantity_decimals)
        self._show_prints()
        self._show_state()
        self._show_meta()

    def _widen(self, instrument: int) -> None:
        """Keep a whole tape of what is shown, and of a few that were shown before."""
        market = self.desk.state.market
        self._wide = [one for one in self._wide if one != instrument] + [instrument]
        while len(self._wide) > WIDE_MAX:
            market.ring(self._wide.pop(0)).resize(NARROW)
        if not market.ring(instrument).is_wide:
            market.ring(instrument).resize(WIDE_CAPACITY)

    def _show_state(self) -> None:
        state = self.desk.trust.tape_state(self.desk.instrument)
        self._stale = state[0] == "stale"
        self.view.set_state(*state)

    def _show_prints(self) -> None:
        ring = self.desk.state.market.ring(self.desk.instrument)
        rows = ring.rows
        self._newest = int(rows["trade_number"][-1]) if len(rows) else 0
        self.view.replace(self._prints(rows))
        if ring.missing():
            self._ask(ring.wanted_before_ns())

    def _append(self, ticks: NDArray[np.void]) -> None:
        if not len(ticks):
            return
        if self._newest and int(ticks["trade_number"][0]) > self._newest + 1:
            self._show_prints()
            return
        self._newest = int(ticks["trade_number"][-1])
        self.view.append(self._prints(ticks))

    def _show_meta(self) -> None:
        ring = self.desk.state.market.ring(self.desk.instrument)
        rows, missing = ring.rows, ring.missing()
        recent = len(rows) - int(np.searchsorted(rows["time_ns"], self.desk.market_now() - _MINUTE_NS))
        shown, kept = self.view.row_count(), self.view.print_count()
        text = f"{recent:,} prints a minute" if not self.tools.options.filter.hides else f"{shown:,} of {kept:,}"
        self.header.set_meta(text, f"{missing:,} missing" if missing else "")

    def _prints(self, ticks: NDArray[np.void]) -> NDArray[np.void]:
        prints = np.zeros(len(ticks), PRINT)
        for name in ("time_ns", "price", "quantity", "side"):
            prints[name] = ticks[name]
        prints["number"], prints["group"] = ticks["trade_number"], ticks["sequence"]
        flags = np.zeros(len(ticks), np.uint8)
        for theirs, ours in _CONDITIONS:
            flags[(ticks["flags"] & theirs) != 0] |= ours
        flags[np.isin(ticks["trade_number"], self._own_numbers(ticks))] |= OWN
        prints["flags"] = flags
        return prints

    def _mark_own(self) -> None:
        ticks = self.desk.state.market.ring(self.desk.instrument).rows
        self.view.mark_own(self._own_numbers(ticks), OWN)

    def _own_numbers(self, ticks: NDArray[np.void]) -> list[int]:
        """Numbers of the trades that the user took part in: those of the time, price and quantity of a fill."""
        fills = self.desk.state.fills
        mine = fills.rows[fills.of(self.desk.instrument)]
        if not len(mine) or not len(ticks):
            return []
        keys = set(zip(*(mine[name].tolist() for name in ("time_ns", "price", "quantity")), strict=True))
        near = ticks[np.isin(ticks["time_ns"], mine["time_ns"])]
        columns = zip(*(near[name].tolist() for name in ("time_ns", "price", "quantity", "trade_number")), strict=True)
        return [number for *key, number in columns if tuple(key) in keys]

    def _ask_older(self) -> None:
        rows = self.desk.state.market.ring(self.desk.instrument).rows
        if len(rows) and rows["trade_number"][0] > 1 and len(rows) < WIDE_CAPACITY:
            self._ask(int(rows["time_ns"][0]) + 1)

    def _ask(self, before_ns: int) -> None:
        """Ask history for a page, once for each place."""
        if before_ns and before_ns not in self._asked:
            self._asked.add(before_ns)
            question = control.GetTicks(instrument=self.desk.instrument, before_ns=before_ns, count=PAGE_TICKS)
            self.desk.link.request(question)

    def _take_options(self, options: TapeOptions) -> None:
        self._settings.put(TAPE, msgspec.json.encode(options).decode())
        self._show_options(options)

    def _show_options(self, options: TapeOptions) -> None:
        self.view.set_time(TimeText(options.time, options.zone))
        self.view.set_grouped(options.grouped)
        self.view.set_filter(options.filter)
        self.view.set_mark(options.mark)
        if self.seen:
            self._show_meta()

    def _restore(self) -> None:
        """Take what was chosen last time; what cannot be read is as if nothing was chosen."""
        try:
            options = msgspec.json.decode(self._settings.get(TAPE) or "{}", type=TapeOptions)
            TimeText(options.time, options.zone)
        except (msgspec.DecodeError, LookupError, ValueError):
            options = TapeOptions()
        self.tools.show_options(options)
        self._show_options(options)

    def _decimals(self) -> tuple[int, int]:
        info = self.desk.state.market.instruments.get(self.desk.instrument)
        return (info.price_decimals, info.quantity_decimals) if info else (0, 0)

    def _export(self) -> None:
        info = self.desk.state.market.instruments.get(self.desk.instrument)
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
