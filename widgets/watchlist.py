"""The watchlist: a blotter without filters, that tells which instrument was chosen."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from widgets.table import BlotterView, Column
from widgets.theme import Theme

COLUMNS = (
    Column("Instrument", 84, "l", "name"),
    Column("Day", 64, "c", "spark"),
    Column("Last", 88, "r", "data"),
    Column("Chg %", 76, "r", "data"),
)


class WatchlistView(BlotterView):
    """Rows of instruments under their groups: name, course of the day, last price, change."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, COLUMNS, parent, name="Watchlist")
        self.header.setSectionsClickable(False)
