"""A dock whose head is a row of tabs, each with a figure."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QStackedWidget

from app.desk import Desk
from app.models.keyed_model import KeyedModel
from app.panels.panel import Panel
from widgets.csv_text import csv_text
from widgets.tab_strip import TabStrip
from widgets.table import BlotterView
from widgets.theme import Theme


class TabbedPanel(Panel):
    """Subclasses add a table for each of `titles`, in their order."""

    def __init__(self, desk: Desk, theme: Theme, name: str, titles: Sequence[str]) -> None:
        """No page yet."""
        super().__init__(desk, theme, name, titles[0])
        self.header.hide()
        self.tables: dict[str, BlotterView] = {}
        self.stack = QStackedWidget(self.body)
        self.column.addWidget(self.stack, 1)
        self.tabs = TabStrip(theme, titles, self, name=name)
        self.setTitleBarWidget(self.tabs)
        self.tabs.currentChanged.connect(self.stack.setCurrentIndex)

    def add_table(self, title: str, model: KeyedModel, empty: str, hint: str) -> BlotterView:
        """A page with a table over `model`; `empty` and `hint` are said while it has no row."""
        view = BlotterView(self.theme, model.headings, self.stack, name=title)
        view.set_model(model)
        view.set_empty_message(empty, hint)
        view.exportWanted.connect(lambda: self._export(view, title))
        self.tables[title] = view
        self.stack.addWidget(view)
        return view

    def saved(self) -> dict[str, object]:
        """Columns and order of each table."""
        return {"tables": {title: view.saved() for title, view in self.tables.items()}}

    def restore(self, saved: dict[str, object]) -> None:
        """Take them."""
        tables = saved.get("tables")
        for title, view in self.tables.items():
            own = tables.get(title) if isinstance(tables, dict) else None
            if isinstance(own, dict):
                view.restore(own)

    def _export(self, view: BlotterView, title: str) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, f"Export {title.lower()}", f"{title.lower()}.csv", "CSV (*.csv)")
        if not chosen:
            return
        try:
            Path(chosen).write_text(csv_text(*view.texts()), encoding="utf-8", newline="")
        except OSError as error:
            self.desk.message.emit("warning", "NOT EXPORTED", error.strerror or str(error))

    def set_figures(self, figures: Sequence[int]) -> None:
        """The figure behind each title; 0 is not shown."""
        for place, figure in enumerate(figures):
            self.tabs.set_figure(place, f"{figure:,}" if figure else "")

    def set_meta(self, text: str) -> None:
        """Words at the right of the tabs."""
        self.tabs.set_meta(text)
