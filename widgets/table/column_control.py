"""Puts a layout of columns onto the head of a table, and takes into it what a person does to the head."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QHeaderView, QMenu

from widgets.table.column_layout import ColumnLayout


class ColumnControl(QObject):
    """The columns of `header` after `layout`; `changed()` is called when they stand elsewhere."""

    def __init__(
        self, header: QHeaderView, layout: ColumnLayout, room_px: Callable[[], int], changed: Callable[[], None]
    ) -> None:
        super().__init__(header)
        self._header, self.layout, self._room_px, self._changed = header, layout, room_px, changed
        self._fitting = False
        header.sectionResized.connect(self._resized)
        header.sectionMoved.connect(self._moved)

    def fit(self) -> None:
        """Share the room among the columns; they shrink a little before they scroll or give way."""
        header, columns = self._header, self.layout.columns
        if header.count() != len(columns):
            return
        fitted = self.layout.fitted(self._room_px())
        places = {column.title: place for place, column in enumerate(columns)}
        self._fitting = True
        for title, place in places.items():
            header.setSectionHidden(place, title not in fitted)
        for visual, (title, width) in enumerate(fitted.items()):
            header.moveSection(header.visualIndex(places[title]), visual)
            header.resizeSection(places[title], width)
        self._fitting = False
        self._changed()

    def add_to(self, menu: QMenu) -> None:
        """Columns to show and hide."""
        for column in self.layout.columns:
            action = menu.addAction(column.title)
            action.setCheckable(True)
            action.setChecked(column.title in self.layout.chosen)
            action.setEnabled(column.title not in self.layout.kept)
            action.triggered.connect(lambda _=False, title=column.title: self._toggle(title))
        menu.addSeparator()
        menu.addAction("Columns as at first", self._reset)

    def _toggle(self, title: str) -> None:
        self.layout.toggle(title)
        self.fit()

    def _reset(self) -> None:
        self.layout.reset()
        self.fit()

    def _resized(self, column: int, old_px: int, new_px: int) -> None:
        """A person drags the edge of a title; the widths that we set are no choice."""
        del old_px
        if not self._fitting and new_px and column < len(self.layout.columns):
            self.layout.resize(self.layout.columns[column].title, new_px)
        self._changed()

    def _moved(self, *_: int) -> None:
        """A person drags a title to another place."""
        if self._fitting:
            return
        columns, header = self.layout.columns, self._header
        order = sorted(range(len(columns)), key=header.visualIndex)
        shown = [columns[place].title for place in order if not header.isSectionHidden(place)]
        hidden = [title for title in self.layout.chosen if title not in shown]
        self.layout.choose([*shown, *hidden])
        self._changed()
