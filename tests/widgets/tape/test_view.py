"""The tape as a widget: it follows, stands still, opens, marks, copies; what it moves looks as if it were painted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.widgets.tape.made import numbered, random_prints
from widgets.tape import OWN, BigMark, TapeFilter, TapeView
from widgets.tape.tape_canvas import TOP_PX
from widgets.tape.tape_tools import TapeOptions, TapeTools
from widgets.tape.window import ROW_PX
from widgets.theme import Theme

pytestmark = pytest.mark.window


@pytest.fixture
def tape(theme: Theme, shown: Callable[..., Any]) -> TapeView:
    """An empty tape of eleven rows."""
    view = TapeView(theme)
    view.set_instrument(2)
    return shown(view, 340, TOP_PX + 10 * ROW_PX)


def prices(view: TapeView) -> list[int]:
    """The prices that are shown, newest first."""
    return [line.price for line in view.shown()]


def test_the_newest_is_on_top(tape: TapeView) -> None:
    tape.append(numbered(0, 5))
    tape.append(numbered(5, 2))
    assert prices(tape) == [6, 5, 4, 3, 2, 1, 0]


def test_a_scrolled_tape_stands_still_and_counts(tape: TapeView, qtbot: QtBot) -> None:
    tape.append(numbered(0, 100))
    tape.scroll_to(20 * ROW_PX + 7)
    before = prices(tape)
    for first in range(100, 130, 3):
        tape.append(numbered(first, 3))
    assert prices(tape) == before
    assert tape.seen.unseen == 30
    tape.grab()
    qtbot.keyClick(tape, Qt.Key.Key_Home)
    assert prices(tape)[0] == 129
    assert tape.seen.follows


def test_a_press_on_what_is_new_leads_there(tape: TapeView, qtbot: QtBot) -> None:
    tape.append(numbered(0, 100))
    tape.scroll_to(200)
    tape.append(numbered(100, 2))
    tape.grab()
    qtbot.mouseClick(tape, Qt.MouseButton.LeftButton, pos=tape.draw.sign_rect(TOP_PX, 2).center())
    assert tape.seen.follows


def test_moved_pixels_are_the_painted_ones(tape: TapeView) -> None:
    made = random_prints(np.random.default_rng(5), 300)
    tape.append(made[:200])
    tape.set_grouped(True)
    QApplication.processEvents()
    for first in range(200, 300, 4):
        tape.append(made[first : first + 4])
        QApplication.processEvents()
    moved = tape.screen().grabWindow(tape.winId()).toImage()
    tape.update()
    QApplication.processEvents()
    painted = tape.screen().grabWindow(tape.winId()).toImage()
    assert not painted.isNull()
    assert moved == painted


def test_older_history_leaves_the_place(tape: TapeView) -> None:
    made = numbered(1, 300)
    tape.replace(made[100:])
    tape.scroll_to(50 * ROW_PX + 3)
    before, above = tape.seen.shown(tape.view_px())
    tape.replace(made)
    after = tape.seen.shown(tape.view_px())
    assert [line.price for line in after[0]] == [line.price for line in before]
    assert after[1] == above


def test_a_run_opens_and_closes(tape: TapeView, qtbot: QtBot) -> None:
    made = numbered(1, 12)
    made["group"], made["side"] = (1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 9), 0
    tape.set_grouped(True)
    tape.append(made)
    assert [line.count for line in tape.shown()] == [2, 1, 1, 1, 1, 1, 1, 3, 1]
    where = QPoint(50, TOP_PX + 7 * ROW_PX + 5)
    qtbot.mouseClick(tape, Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseDClick(tape, Qt.MouseButton.LeftButton, pos=where)
    assert prices(tape)[7:] == [4, 4, 3, 2]
    assert [line.child for line in tape.shown()][7:] == [False, True, True, True]
    tape.scroll_to(2 * ROW_PX)
    assert prices(tape)[-2:] == [2, 1]
    qtbot.keyClick(tape, Qt.Key.Key_Space)
    assert not tape.seen.is_open


def test_every_offset_shows_the_lines_in_order(tape: TapeView) -> None:
    tape.set_grouped(True)
    tape.append(random_prints(np.random.default_rng(3), 120))
    for line in [one for one in tape.seen.shown(10_000)[0] if one.count > 1][::2]:
        tape.seen.toggle(line.head)
    whole, _ = tape.seen.shown(100_000)
    assert len(whole) * ROW_PX == tape.seen.height_px()
    for offset in range(0, tape.seen.height_px() - tape.view_px(), 13):
        tape.scroll_to(offset)
        lines, above = tape.seen.shown(tape.view_px())
        first = offset // ROW_PX
        assert lines == whole[first : first + len(lines)]
        assert above == offset % ROW_PX


def test_a_press_tells_the_price(tape: TapeView, qtbot: QtBot) -> None:
    tape.append(numbered(0, 5))
    with qtbot.waitSignal(tape.priceClicked) as told:
        qtbot.mouseClick(tape, Qt.MouseButton.LeftButton, pos=QPoint(50, TOP_PX + ROW_PX + 3))
    assert told.args == [3]


def test_chosen_rows_are_all_their_prints(tape: TapeView, qtbot: QtBot) -> None:
    made = numbered(1, 8)
    made["group"], made["side"] = (1, 1, 2, 3, 3, 3, 4, 4), 1
    tape.set_grouped(True)
    tape.append(made)
    assert tape.chosen_prints()["number"].tolist() == list(range(1, 9))
    qtbot.mouseClick(tape, Qt.MouseButton.LeftButton, pos=QPoint(50, TOP_PX + 5 + ROW_PX))
    qtbot.mouseClick(
        tape, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, QPoint(50, TOP_PX + 5 + 2 * ROW_PX)
    )
    assert tape.chosen_prints()["number"].tolist() == [3, 4, 5, 6]
    tape.set_filter(TapeFilter(quantity_min=15))
    assert tape.chosen_prints()["number"].tolist() == [4, 5, 6, 7, 8]


def test_own_prints_are_marked_when_the_fill_comes_later(tape: TapeView) -> None:
    tape.append(numbered(1, 9))
    tape.mark_own([4, 8, 77], OWN)
    assert [line.price for line in tape.shown() if line.flags & OWN] == [8, 4]


@pytest.mark.parametrize(
    ("text", "mark"),
    [("500", BigMark(500, 0.0)), ("2.5k", BigMark(2500, 0.0)), ("99 %", BigMark(0, 99.0)), ("p95", BigMark(0, 95.0)),
     ("", BigMark(0, 0.0)), ("-4", None), ("200 %", None), ("x", None), ("nan%", None)],
)  # fmt: skip
def test_a_mark_is_a_size_or_a_share(text: str, mark: BigMark | None) -> None:
    assert BigMark.parse(text) == mark
    if mark is not None:
        assert BigMark.parse(mark.text()) == mark


def test_the_share_is_of_the_rows_that_came_last() -> None:
    sizes = np.arange(1, 1001)
    assert BigMark(0, 99.0).threshold(sizes) == sorted(sizes.tolist())[990]
    assert BigMark(0, 99.0).threshold(np.full(1000, 5)) == 0
    assert BigMark(0, 99.0).threshold(sizes[:3]) == 0


def test_the_tools_tell_a_choice(theme: Theme, shown: Callable[..., Any], qtbot: QtBot) -> None:
    tools = shown(TapeTools(theme), 316, 26)
    with qtbot.waitSignal(tools.changed) as told:
        qtbot.mouseClick(tools.sides[1], Qt.MouseButton.LeftButton)
    assert told.args == [TapeOptions(filter=TapeFilter(side=0))]
    tools.least.setText("1k")
    with qtbot.waitSignal(tools.changed) as told:
        tools.least.editingFinished.emit()
    assert told.args[0].filter == TapeFilter(quantity_min=1000, side=0)
    tools.least.setText("a lot")
    tools.least.editingFinished.emit()
    assert tools.least.accessibleDescription() == "not understood"
    assert tools.options.filter.quantity_min == 1000
    entry = next(one for one in tools.menu().actions() if one.text() == "Show: hidden")
    entry.trigger()
    assert tools.options == replace(tools.options, filter=TapeFilter(1000, 0, tools.options.filter.conditions, False))
    assert not tools.options.filter.conditions & 8


def test_nothing_comes_of_nothing(tape: TapeView) -> None:
    tape.append(numbered(0, 0))
    assert tape.print_count() == 0
    assert len(tape.chosen_prints()) == 0
    assert not tape.grab().isNull()


def test_ten_thousand_prints_in_one_frame(tape: TapeView) -> None:
    tape.append(numbered(0, 10_000))
    assert prices(tape)[0] == 9_999
    assert tape.print_count() == 10_000


def test_extreme_prices_are_shown_as_they_are(tape: TapeView) -> None:
    made = numbered(1, 3)
    made["price"] = (0, -481_234, 4_812_340_000_000)
    tape.append(made)
    assert prices(tape) == [4_812_340_000_000, -481_234, 0]
    assert not tape.grab().isNull()
