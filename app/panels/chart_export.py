"""A chart into a file: the question, the file dialog, and the writing of long tables beside the window."""

import threading
from datetime import UTC
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from app.desk import Desk
from server.protocol import control
from widgets.chart import ChartView
from widgets.chart.compare_layer import CompareLayer
from widgets.chart.compare_lines import aligned
from widgets.chart.export_csv import BarTable, Column, write_csv
from widgets.chart.export_dialog import ExportDialog, ExportWish
from widgets.chart.export_picture import chart_picture
from widgets.formatting import format_date_with_year, format_quantity, format_time_of_day
from widgets.theme import Theme

FAILED: Final = "NOT SAVED"
_FIGURES = ("open", "high", "low", "close")


class ChartExport(QObject):
    """Of one chart. What went wrong, and what was written, is said by the desk's messages."""

    written = Signal(str, str)
    """(title, detail), from whichever thread wrote."""

    def __init__(self, desk: Desk, view: ChartView, compare: CompareLayer) -> None:
        """Nothing is asked."""
        super().__init__(view)
        self._desk, self._view, self._compare = desk, view, compare
        self.instrument: control.Instrument | None = None
        self.written.connect(self._say)

    def ask(self) -> None:
        """What, then where to."""
        dialog = ExportDialog(self._view.theme, self._view.size(), self._view)
        dialog.chosen.connect(self._choose_file)
        dialog.open()

    def save(self, wish: ExportWish, path: Path) -> threading.Thread | None:
        """Write the file; bars are written by the thread that is returned."""
        if wish.kind == "bars":
            thread = threading.Thread(target=self._write_bars, args=(self.table(all_bars=wish.all_bars), path))
            thread.start()
            return thread
        theme = Theme.load(wish.theme, self._view.theme.palette_name)
        image = chart_picture(self._view, wish.size, theme, self.caption())
        if image.save(str(path), "PNG"):
            self.written.emit("CHART SAVED", f"{path.name}, {image.width()} × {image.height()}")
        else:
            self.written.emit(FAILED, f"{path.name} cannot be written")
        return None

    def caption(self) -> str:
        """What the picture says of itself."""
        info, now_ns, mode = self.instrument, self._desk.market_now(), self._desk.state.mode
        words = [info.symbol, info.name, info.currency] if info else []
        words.append(f"{format_date_with_year(now_ns)} {format_time_of_day(now_ns)} UTC")
        return "  ·  ".join([*words, *([mode.name] if mode is not None else [])])

    def table(self, *, all_bars: bool) -> BarTable:
        """The bars of the chart, or those in sight, and the closes of what it is compared with."""
        view, info = self._view, self.instrument
        bars = view.span.bars
        first, last = (0, bars.count) if all_bars else view.span.visible()
        time_ns = bars.time_ns[first:last].copy()
        decimals, quantity_decimals = (info.price_decimals, info.quantity_decimals) if info else (0, 0)
        columns = [Column(name, bars.column(name)[first:last].astype(np.float64), decimals) for name in _FIGURES]
        columns.append(Column("volume", bars.column("volume")[first:last].astype(np.float64), quantity_decimals))
        for line in self._compare.lines:
            other = self._desk.state.market.instruments.by_symbol(line.name)
            columns.append(Column(f"close {line.name}", aligned(line, time_ns), other.price_decimals if other else 0))
        zone = view.span.zone
        return BarTable(time_ns, columns, zone, "UTC" if zone is UTC else str(zone))

    def _choose_file(self, wish: ExportWish) -> None:
        suffix = "csv" if wish.kind == "bars" else "png"
        symbol = self.instrument.symbol if self.instrument else "chart"
        plain = "".join(letter if letter.isalnum() else "-" for letter in symbol)
        kinds = "CSV (*.csv)" if wish.kind == "bars" else "PNG (*.png)"
        chosen, _ = QFileDialog.getSaveFileName(self._view, "Export the chart", f"{plain}.{suffix}", kinds)
        if chosen:
            self.save(wish, Path(chosen).with_suffix(f".{suffix}"))

    def _say(self, title: str, detail: str) -> None:
        self._desk.message.emit("warning" if title == FAILED else "own", title, detail)

    def _write_bars(self, table: BarTable, path: Path) -> None:
        beside = path.with_name(f"{path.name}.new")
        try:
            with beside.open("w", encoding="utf-8", newline="") as file:
                count = write_csv(table, file)
            beside.replace(path)
        except OSError as error:
            self.written.emit(FAILED, f"{path.name}: {error.strerror or error}")
        else:
            self.written.emit("BARS SAVED", f"{path.name}, {format_quantity(count)} bars")
