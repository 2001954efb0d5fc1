"""The order of a table against Python's own sort, after any changes, and rows that are held."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from widgets.gallery.rows_model import RowsModel, figure, words
from widgets.table import Column, OrderedRows

pytestmark = pytest.mark.window
COLUMNS = (Column("Name", 80, "l"), Column("Number", 80, "r"))
NUMBERS = st.sampled_from([math.nan, -math.inf, -2.5, -1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 1e300, math.inf])
NAMES = st.sampled_from(["", "a", "B", "b", "ba", "Z", "ä"])


class Sectioned(RowsModel):
    """Rows with names, numbers and sections that a test gives."""

    def __init__(self, rows: list[tuple[str, float, int]]) -> None:
        super().__init__(COLUMNS, [[words(name), figure(str(number))] for name, number, _ in rows])
        self.values = [number for _, number, _ in rows]
        self.parts = [section for _, _, section in rows]
        self.sectioned = True

    def numbers(self, column: int) -> NDArray[np.float64] | None:
        """Their numbers."""
        return np.array(self.values, np.float64) if column == 1 else None

    def sections(self) -> NDArray[np.int64] | None:
        """Their sections."""
        return np.array(self.parts, np.int64) if self.sectioned else None

    def put(self, row: int, name: str, number: float) -> None:
        """Change a row."""
        self.values[row] = number
        self.rows[row] = [words(name), figure(str(number))]
        self.dataChanged.emit(self.index(row, 0), self.index(row, 1))

    def add(self, name: str, number: float, section: int) -> None:
        """Add a row."""
        self.values.append(number)
        self.parts.append(section)
        self.append([words(name), figure(str(number))])


def expected(model: Sectioned, column: int, descending: bool, wanted: str = "") -> list[int]:
    """The order by Python's sort."""

    def key(row: int) -> Any:
        section = model.parts[row] if model.sectioned else 0
        number = model.values[row]
        value = (math.isnan(number), -number if descending else number) if not math.isnan(number) else (True, 0.0)
        if not math.isnan(number) and math.isinf(number) and (number > 0) != descending:
            value = (True, 0.0)
        return section, value, -row if descending else row

    rows = [row for row in range(len(model.values)) if wanted in model.rows[row][0][0].lower()]
    if column == 1:
        return sorted(rows, key=key)
    ordered = sorted(rows, key=lambda row: (model.rows[row][0][0].casefold(), row), reverse=descending)
    return sorted(ordered, key=lambda row: model.parts[row] if model.sectioned else 0)


def shown(rows: OrderedRows) -> list[int]:
    """The rows of the source in the order in which they are shown."""
    return [rows.source_row(place) for place in range(rows.rowCount())]


ROW = st.tuples(NAMES, NUMBERS, st.integers(0, 2))
CHANGE = st.one_of(
    st.tuples(st.just("put"), st.integers(0, 10**6), NAMES, NUMBERS),
    st.tuples(st.just("add"), st.integers(0, 2), NAMES, NUMBERS),
    st.tuples(st.just("turn"), st.integers(0, 1), NAMES, NUMBERS),
    st.tuples(st.just("filter"), st.integers(0, 1), st.sampled_from(["", "a", "b"]), NUMBERS),
    st.tuples(st.just("settle"), st.just(0), NAMES, NUMBERS),
    st.tuples(st.just("hold"), st.integers(0, 1), NAMES, NUMBERS),
)


@given(st.lists(ROW, max_size=30), st.lists(CHANGE, max_size=25), st.integers(0, 1), st.booleans(), st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_order_is_that_of_a_sort(
    qapp: QApplication,
    first: list[tuple[str, float, int]],
    changes: list[Any],
    column: int,
    descending: bool,
    sectioned: bool,
) -> None:
    model = Sectioned(first)
    model.sectioned = sectioned
    rows = OrderedRows(model)
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows.sort(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
    wanted = ""
    kept = QPersistentModelIndex(rows.index(0, 0)) if first else None
    kept_row = rows.source_row(0)
    for kind, number, name, value in changes:
        if kind == "put" and model.values:
            model.put(number % len(model.values), name, value)
        elif kind == "add":
            model.add(name, value, number)
        elif kind == "turn":
            column = number
            rows.sort(column, Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder)
        elif kind == "filter":
            wanted = name
            rows.set_filter(0, "text", wanted)
            kept = None
        elif kind == "hold":
            rows.hold(bool(number))
        else:
            rows.reorder()
        if kept is not None and kept.isValid():
            assert rows.source_row(kept.row()) == kept_row
    rows.hold(False)
    rows.reorder()
    assert shown(rows) == expected(model, column, descending, wanted)
    assert [rows.row_of(row) for row in shown(rows)] == list(range(rows.rowCount()))
    tester.deleteLater()


def test_held_rows_stay_and_new_ones_come_last(qapp: QApplication) -> None:
    model = Sectioned([("a", 1.0, 0), ("b", 2.0, 0), ("c", 3.0, 0)])
    model.sectioned = False
    rows = OrderedRows(model)
    rows.sort(1)
    rows.hold(True)
    model.put(0, "a", 9.0)
    model.add("d", 0.0, 0)
    QApplication.processEvents()
    assert shown(rows) == [0, 1, 2, 3]
    assert rows.held_back
    rows.hold(False)
    assert shown(rows) == [3, 1, 2, 0]
    assert not rows.held_back


def test_a_person_who_sorts_is_not_held(qapp: QApplication) -> None:
    model = Sectioned([("a", 1.0, 0), ("b", 2.0, 0)])
    model.sectioned = False
    rows = OrderedRows(model)
    rows.hold(True)
    rows.sort(1, Qt.SortOrder.DescendingOrder)
    assert shown(rows) == [1, 0]


def test_ten_thousand_updates_in_one_turn(qapp: QApplication) -> None:
    rng = np.random.default_rng(4)
    model = Sectioned([("x", float(number), 0) for number in rng.integers(0, 500, 10_000)])
    rows = OrderedRows(model)
    rows.sort(1, Qt.SortOrder.DescendingOrder)
    for row, number in zip(rng.integers(0, 10_000, 10_000).tolist(), rng.random(10_000).tolist(), strict=True):
        model.put(row, "x", number)
    QApplication.processEvents()
    assert shown(rows) == expected(model, 1, True)
