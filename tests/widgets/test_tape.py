"""The tape: a ring that keeps the newest prints, and a view that stands still when it was scrolled."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from widgets.tape import CAPACITY, HEADER_PX, OWN, ROW_PX, TapeView
from widgets.theme import Theme

pytestmark = pytest.mark.window


@pytest.fixture
def tape(theme: Theme, shown: Callable[..., Any]) -> TapeView:
    """An empty tape of eleven rows."""
    view = TapeView(theme)
    view.set_instrument(2)
    return shown(view, 340, HEADER_PX + 10 * ROW_PX)


def fill(view: TapeView, first: int, count: int) -> None:
    """Append prints whose price is their number."""
    numbers = np.arange(first, first + count)
    view.append(numbers * 10**6, numbers, numbers + 1, numbers % 2, 0)


def test_the_newest_is_on_top(tape: TapeView) -> None:
    fill(tape, 0, 5)
    fill(tape, 5, 2)
    assert tape.shown()["price"].tolist() == [6, 5, 4, 3, 2, 1, 0]


@pytest.mark.parametrize("pages", [(CAPACITY,), (CAPACITY + 1,), (3, CAPACITY, 7), (1000,) * 9, (CAPACITY * 3 + 5,)])
def test_the_ring_keeps_the_last_ones(tape: TapeView, pages: tuple[int, ...]) -> None:
    total = 0
    for page in pages:
        fill(tape, total, page)
        total += page
    kept = min(total, CAPACITY)
    assert tape.print_count() == kept
    assert tape._ring.newest(0, CAPACITY)["price"].tolist() == list(range(total - 1, total - 1 - kept, -1))


def test_a_scrolled_tape_stands_still(tape: TapeView, qtbot: QtBot) -> None:
    fill(tape, 0, 100)
    tape.scroll_to(20)
    before = tape.shown()["price"].tolist()
    fill(tape, 100, 30)
    assert tape.shown()["price"].tolist() == before
    tape.grab()
    qtbot.keyClick(tape, Qt.Key.Key_Home)
    assert tape.shown()["price"][0] == 129


def test_one_print_may_come_as_numbers(tape: TapeView) -> None:
    tape.append(1, 4837, 100, 1, OWN)
    assert len(tape.shown()) == 1
    assert not tape.grab().isNull()


def test_a_press_tells_the_price(tape: TapeView, qtbot: QtBot) -> None:
    fill(tape, 0, 5)
    with qtbot.waitSignal(tape.priceClicked) as told:
        qtbot.mouseClick(tape, Qt.MouseButton.LeftButton, pos=QPoint(50, HEADER_PX + ROW_PX + 3))
    assert told.args == [3]


def test_nothing_comes_of_nothing(tape: TapeView) -> None:
    tape.append(np.empty(0), np.empty(0), np.empty(0), np.empty(0))
    assert tape.print_count() == 0
    assert not tape.grab().isNull()
