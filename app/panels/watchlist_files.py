"""Watchlists from files and to files: asked for by dialogs, told what came of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog, QWidget

from app.desk import Desk
from app.models.symbol_files import BYTES_MAX, read_symbols, write_symbols
from app.models.watchlist_model import WatchlistModel
from app.state.watchlists import Line, Watchlist

TOLD_MAX: Final = 5
"""So many unknown texts of a file are named."""


class WatchlistFiles:
    """Files of the list that a model shows."""

    def __init__(
        self, desk: Desk, model: WatchlistModel, parent: QWidget, new_list: Callable[[str, Sequence[Line]], None]
    ) -> None:
        """`new_list(name, lines)` makes a list of what was read."""
        self._desk, self._model, self._window, self._new_list = desk, model, parent, new_list

    def import_file(self, path: Path) -> None:
        """A list from a file, under the name of the file. What is not understood is told. Raises `OSError`."""
        with path.open("rb") as file:
            content = file.read(BYTES_MAX + 1)
        found = read_symbols(content, self._desk.state.market.instruments)
        symbols = [line for line in found.lines if line.symbol]
        if symbols:
            self._new_list(path.stem, found.lines)
        told = [f"{len(symbols):,} instruments"] if symbols else ["no instrument of this exchange"]
        if found.unknown:
            named = ", ".join(f"{text} (line {number})" for number, text in found.unknown[:TOLD_MAX])
            more = len(found.unknown) - TOLD_MAX
            told.append(f"not known: {named}{f' and {more:,} more' if more > 0 else ''}")
        if found.problem:
            told.append(found.problem)
        kind = "warning" if found.unknown or found.problem or not symbols else "own"
        self._desk.message.emit(kind, "IMPORTED" if symbols else "NOT IMPORTED", " · ".join(told))

    def export_file(self, path: Path) -> None:
        """The list as CSV. Raises `OSError`."""
        table = self._desk.state.market.instruments
        listed = self._model.listed or Watchlist("All instruments", tuple(self._model.all_lines()))
        path.write_text(write_symbols(listed, table), encoding="utf-8", newline="")

    def ask_import(self) -> None:
        """Ask for a file and take it."""
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Import a list", "", "Lists (*.csv *.txt);;All files (*)")
        if chosen:
            self._try(lambda: self.import_file(Path(chosen)), "NOT IMPORTED")

    def ask_export(self) -> None:
        """Ask where to and write it."""
        name = f"{self._model.listed.name if self._model.listed else 'All instruments'}.csv".replace("/", "-")
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Export the list", name, "CSV (*.csv)")
        if chosen:
            self._try(lambda: self.export_file(Path(chosen)), "NOT EXPORTED")

    def _try(self, does: Callable[[], None], failed: str) -> None:
        try:
            does()
        except OSError as error:
            self._desk.message.emit("warning", failed, error.strerror or str(error))
