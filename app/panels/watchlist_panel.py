"""The watchlist: a list of the person's or all instruments; the selected line is what every linked panel shows."""

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QFileDialog

from app.desk import Desk
from app.models.pace import Pace
from app.models.watchlist_columns import KEPT, SHOWN
from app.models.watchlist_model import WatchlistModel
from app.panels.panel import Panel
from app.panels.watchlist_edits import WatchlistEdits
from app.state.changes import Changes
from server.protocol import control
from widgets.csv_text import csv_text
from widgets.table.column_layout import ColumnLayout
from widgets.theme import Theme
from widgets.watchlist import WatchlistView
from widgets.watchlist_tools import WatchlistTools

ALL: Final = "All instruments"
VOLUMES_NS: Final = 60_000_000_000
"""What is usual by this time of day changes slowly."""
SUGGESTED: Final = 12


class WatchlistPanel(Panel):
    """Lines under their groups; several of these panels may show several lists."""

    def __init__(self, desk: Desk, theme: Theme) -> None:
        """Empty until the server has listed its instruments."""
        super().__init__(desk, theme, "watchlist", "Watchlist", link="A")
        self.model = WatchlistModel(desk.state, desk.clock, desk.trust.stale_ns, self)
        self.model.set_formulas(desk.watchlists.formulas)
        self.tools = WatchlistTools(theme, self.body)
        headings = self.model.headings
        layout = ColumnLayout(headings, (*SHOWN, *(one.title for one in desk.watchlists.formulas)), KEPT, drops=True)
        self.view = WatchlistView(theme, headings, self.body, layout)
        self.view.set_model(self.model)
        self.edits = WatchlistEdits(desk, self.model, self, lambda: self.theme)
        self.column.addWidget(self.tools)
        self.column.addWidget(self.view, 1)
        self._name = ""
        self._volumes = Pace(VOLUMES_NS)
        self._connect()
        self._show_lists()

    def show_changes(self, changes: Changes) -> None:
        """Lines whose quote changed or went stale; all of them if the feed came or went."""
        if changes.instruments:
            self.show_all()
        instruments = self.desk.state.market.instruments
        if changes.streams:
            rows = set(range(len(instruments)))
        else:
            stale = changes.stale.union(self.desk.state.market.stale.instruments())
            rows = changes.quotes | {instruments.row(number) for number in stale}
        self.model.update(rows)
        if len(instruments) and self._volumes.due(self.desk.clock()):
            self.desk.link.request(control.GetVolumes(instruments=[]))

    def show_all(self) -> None:
        """List anew."""
        self.model.flashes = not self.desk.is_calm
        self.model.relist()
        self._show_count()
        self.show_instrument(self.instrument)

    def show_instrument(self, instrument: int) -> None:
        """Another instrument."""
        line = self.model.line_of(instrument)
        if line >= 0 and self.view.selected_lines() != [line]:
            self.view.select_row(line)

    def saved(self) -> dict[str, object]:
        """Which list, and its columns."""
        return {"list": self._name, "view": self.view.saved()}

    def restore(self, saved: dict[str, object]) -> None:
        """Show that list with those columns."""
        name, view = saved.get("list"), saved.get("view")
        if isinstance(name, str):
            self.show_list(name)
        if isinstance(view, dict):
            self.view.restore(view)

    def show_list(self, name: str) -> None:
        """Show a list by its name; all instruments if there is none of that name."""
        listed = self.desk.watchlists.book.get(name)
        self._name = listed.name if listed else ""
        self.model.show(listed)
        self.view.set_editable(listed is not None)
        self._show_lists()
        self._show_count()
        self.show_instrument(self.instrument)

    def find(self, text: str) -> None:
        """Show an instrument by symbol, ISIN or name; one that is not in a list of one's own is put into it."""
        table = self.desk.state.market.instruments
        found = table.by_code(text) or next(iter(table.matching(text, 1)), None)
        if found is None:
            self.desk.message.emit("terms", "NOT FOUND", f"No instrument has {text!r} in symbol, name or ISIN")
            return
        if self.model.line_of(found.instrument) < 0 and self.edits.listed is not None:
            self.edits.add([found.symbol])
        self.select(found.instrument)
        self.show_instrument(found.instrument)

    def export(self, path: Path) -> None:
        """Write what the table shows as CSV. Raises `OSError`."""
        path.write_text(csv_text(*self.view.texts()), encoding="utf-8", newline="")

    def _connect(self) -> None:
        view, tools, edits, shared = self.view, self.tools, self.edits, self.desk.watchlists
        view.rowSelected.connect(self._chosen)
        view.moveWanted.connect(edits.move)
        view.stepWanted.connect(edits.step)
        view.removeWanted.connect(edits.remove)
        view.textsDropped.connect(self._texts_dropped)
        view.foldWanted.connect(edits.fold)
        view.undoWanted.connect(edits.undo)
        view.redoWanted.connect(edits.redo)
        view.addWanted.connect(tools.search.setFocus)
        view.exportWanted.connect(self._export)
        tools.listChosen.connect(lambda place: self.show_list(tools.lists.itemText(place) if place else ""))
        tools.searched.connect(self._suggest)
        tools.entered.connect(self.find)
        tools.menuWanted.connect(lambda at: edits.show_menu(at, view.selected_lines()))
        edits.show_list.connect(self.show_list)
        shared.changed.connect(self._lists_changed)
        shared.formulas_changed.connect(self._formulas_changed)

    def close_panel(self) -> None:
        """The lists go on without this panel."""
        self.desk.watchlists.changed.disconnect(self._lists_changed)
        self.desk.watchlists.formulas_changed.disconnect(self._formulas_changed)
        super().close_panel()

    def _lists_changed(self) -> None:
        """Here or in another panel: what was selected stays so."""
        chosen = {self.model.line_at(line)[0] for line in self.view.selected_lines()}
        self.show_list(self._name)
        lines = [line for line in range(self.model.count()) if self.model.line_at(line)[0] in chosen]
        if lines:
            self.view.select_lines(lines)

    def _formulas_changed(self) -> None:
        self.model.set_formulas(self.desk.watchlists.formulas)
        self.view.set_columns(self.model.headings)
        told = [f"{title}: {problem}" for title, problem in self.model.problems.items()]
        self.view.header.setToolTip("\n".join(told))

    def _show_lists(self) -> None:
        names = self.desk.watchlists.book.names
        self.tools.set_lists([ALL, *names], names.index(self._name) + 1 if self._name in names else 0)

    def _show_count(self) -> None:
        hint = "Type a symbol, a name or an ISIN above" if self.edits.listed else "The server lists them at logon"
        self.view.set_empty_message("No instruments here", hint)
        listed, count = self.edits.listed, len(self.desk.state.market.instruments)
        shown = len(listed.symbols) if listed else count
        self.header.set_meta(f"{shown} of {count}" if count else "")

    def _suggest(self, text: str) -> None:
        found = self.desk.state.market.instruments.matching(text, SUGGESTED) if text.strip() else []
        self.tools.suggest([(one.symbol, f"{one.name}  {one.isin}") for one in found])

    def _texts_dropped(self, texts: list[str], before: int) -> None:
        unknown = self.edits.add(texts, before)
        if unknown:
            self.desk.message.emit("terms", "NOT ADDED", ", ".join(text[:40] for text in unknown[:5]))

    def _chosen(self, line: int) -> None:
        instrument = self.model.instrument_at(line) if line >= 0 else 0
        if instrument:
            self.select(instrument)

    def _export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, "Export the table", "watchlist.csv", "CSV (*.csv)")
        if chosen:
            try:
                self.export(Path(chosen))
            except OSError as error:
                self.desk.message.emit("warning", "NOT EXPORTED", error.strerror or str(error))
