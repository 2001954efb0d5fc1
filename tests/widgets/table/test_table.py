"""The blotter: numbers sort as numbers, filters hide, the selection follows its row."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from widgets.formatting import MINUS
from widgets.gallery.rows_model import RowsModel, figure, words
from widgets.table import BlotterView, Column
from widgets.theme import Theme

pytestmark = pytest.mark.window
COLUMNS = (
    Column("Instr.", 80, "l", "name", "text"),
    Column("Qty", 80, "r", "data", "min"),
    Column("State", 120, "l", "text", "any"),
)


def row(name: str, quantity: str, state: str) -> list[Any]:
    """One row."""
    return [words(name), figure(quantity), words(state, "", "working")]


@pytest.fixture
def model() -> RowsModel:
    """Five rows."""
    return RowsModel(
        COLUMNS,
        [
            row("VLTA", "1,000", "working"),
            row("KRNL", "90", "filled"),
            row("HLDN", f"{MINUS}7", "working"),
            row("MIRA", "200", "rejected"),
            row("JUNO", "–", "filled"),
        ],
    )


@pytest.fixture
def view(theme: Theme, shown: Callable[..., Any], model: RowsModel) -> BlotterView:
    """A blotter over them."""
    blotter = BlotterView(theme, COLUMNS)
    blotter.set_model(model)
    return shown(blotter, 400, 300)


def names(view: BlotterView) -> list[str]:
    """The instruments in the order in which they are shown."""
    assert view.rows is not None
    return [view.rows.cell(i, 0)[0] for i in range(view.rows.rowCount())]


def turn(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    """Let the event loop turn until something holds."""
    qtbot.waitUntil(condition, timeout=3000)


def test_numbers_sort_as_numbers(view: BlotterView) -> None:
    view.sort_by(1)
    assert names(view) == ["JUNO", "HLDN", "KRNL", "MIRA", "VLTA"]
    view.sort_by(1, descending=True)
    assert names(view) == ["VLTA", "MIRA", "KRNL", "HLDN", "JUNO"]


def test_words_sort_as_words(view: BlotterView) -> None:
    view.sort_by(0)
    assert names(view) == ["HLDN", "JUNO", "KRNL", "MIRA", "VLTA"]


def test_a_title_sorts_and_a_second_press_turns_it(view: BlotterView, qtbot: QtBot) -> None:
    where = QPoint(view.header.sectionViewportPosition(1) + 20, 8)
    qtbot.mouseClick(view.header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert names(view)[0] == "VLTA"
    qtbot.mouseClick(view.header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert names(view)[0] == "JUNO"


def test_a_filter_hides_and_says_so(view: BlotterView) -> None:
    view.header.set_filter_text(2, "WORK")
    assert names(view) == ["VLTA", "HLDN"]
    view.header.set_filter_text(1, "500")
    assert names(view) == ["VLTA"]
    view.header.set_filter_text(0, "nothing like it")
    assert names(view) == []
    assert view._overlay.state == "empty"
    assert "5 rows are hidden" in view._overlay.accessibleName()
    for column in range(3):
        view.header.set_filter_text(column, "")
    assert len(names(view)) == 5 and view._overlay.state == "live"


def test_a_changed_row_moves_and_enters_or_leaves_the_filter(view: BlotterView, model: RowsModel, qtbot: QtBot) -> None:
    view.sort_by(1)
    view.header.set_filter_text(2, "working")
    model.replace(3, 2, words("working"))
    turn(qtbot, lambda: names(view) == ["HLDN", "MIRA", "VLTA"])
    model.replace(3, 1, figure("5,000"))
    turn(qtbot, lambda: names(view) == ["HLDN", "VLTA", "MIRA"])
    model.replace(0, 2, words("filled"))
    turn(qtbot, lambda: names(view) == ["HLDN", "MIRA"])


def test_new_rows_take_their_place_and_the_selection_stays(view: BlotterView, model: RowsModel, qtbot: QtBot) -> None:
    view.sort_by(1, descending=True)
    view.select_row(3)
    assert view.selected_row() == 3
    model.append(row("TERN", "300", "working"))
    turn(qtbot, lambda: len(names(view)) == 6)
    assert names(view)[:3] == ["VLTA", "TERN", "MIRA"]
    assert view.selected_row() == 3


def test_a_reset_of_the_model_is_followed(view: BlotterView, model: RowsModel) -> None:
    model.beginResetModel()
    model.rows = model.rows[:2]
    model.endResetModel()
    assert names(view) == ["VLTA", "KRNL"]


def test_activation_tells_the_row_of_the_model(view: BlotterView, qtbot: QtBot) -> None:
    view.sort_by(0)
    view.table.setFocus()
    view.table.selectRow(0)
    view.table.setCurrentIndex(view.table.model().index(0, 0))
    with qtbot.waitSignal(view.rowActivated) as told:
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert told.args == [2]


def test_the_keyboard_filters(view: BlotterView, qtbot: QtBot) -> None:
    qtbot.keyClick(view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(view.header._editor, "kr")
    assert names(view) == ["KRNL"]
    qtbot.keyClick(view.header._editor, Qt.Key.Key_Escape)
    assert len(names(view)) == 5


@pytest.mark.parametrize("tone", ["", "own", "alarm", "stale", "group"])
def test_every_tone_of_a_row_paints(each_theme: Theme, shown: Callable[..., Any], tone: str) -> None:
    blotter = BlotterView(each_theme, COLUMNS)
    blotter.set_model(RowsModel(COLUMNS, [row("VLTA", "1", "x")], {0: tone}, {(0, 1): "up_tint"}))
    blotter.set_totals([("1 order", ""), ("1", "up"), ("", "")])
    shown(blotter, 300, 200)
    assert not blotter.grab().isNull()


def test_text_of_a_cell_reaches_a_screen_reader(view: BlotterView) -> None:
    view.sort_by(0)
    model = view.table.model()
    assert model.data(model.index(0, 0), Qt.ItemDataRole.DisplayRole) == "HLDN"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "Qty"
