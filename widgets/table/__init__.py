"""Blotters: a QTableView that paints all of its visible cells in one pass, with filters, sorting and totals.

A model for it is a `QAbstractTableModel` with these methods besides Qt's:

- `cell(row, column) -> (text, tone, glyph, number, extra)`: what to show; tone is a colour token or "", glyph a name
  of `widgets.glyphs` or "", number the value to compare by or None, extra a fraction or an array of points;
- `numbers(column) -> float64 array | None` and `texts(column) -> list[str]`: a column, to sort and filter by;
- `row_tone(row) -> "" | "own" | "alarm" | "stale" | "group"` and `cell_tint(row, column) -> token | ""`.

Rules: rows of 20 px; figures right-aligned; sorting by number; the selection follows its row.
"""

from widgets.table.blotter_view import BlotterView
from widgets.table.columns import Column, ColumnLike
from widgets.table.ordered_rows import OrderedRows

__all__ = ["BlotterView", "Column", "ColumnLike", "OrderedRows"]
