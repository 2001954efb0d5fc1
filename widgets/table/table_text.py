"""What a table shows as rows of texts: its columns in their order, its rows in theirs, figures plain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from widgets.csv_text import plain_figure
from widgets.table.columns import ColumnLike
from widgets.table.ordered_rows import OrderedRows

_DRAWN = ("spark", "range")


def written_columns(columns: Sequence[ColumnLike], shown: Iterable[str]) -> list[int]:
    """Of the shown columns those that have texts, in their order."""
    places = {column.title: place for place, column in enumerate(columns)}
    return [places[title] for title in shown if columns[places[title]].kind not in _DRAWN]


def table_rows(
    rows: OrderedRows, columns: Sequence[ColumnLike], written: Sequence[int], places: Iterable[int] | None = None
) -> Iterator[list[str]]:
    """Texts of the rows at `places` (all that are shown, if none are given)."""
    for place in range(rows.rowCount()) if places is None else places:
        texts = [rows.cell(place, column)[0] for column in written]
        yield [
            plain_figure(text) if columns[column].align == "r" else text
            for text, column in zip(texts, written, strict=True)
        ]
