"""Panels and windows: who is told, link groups, several of a kind, what no order may leave from, what comes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import settings as setting
from app.main_window import MainWindow
from app.panels.chart_panel import ChartPanel
from app.settings import Settings
from app.state.changes import Changes
from server.protocol.enums import Topic
from tests.app.desk_rig import DeskRig
from tests.app.made import quote, received
from tests.app.test_window import click, window_of
from widgets.theme import Theme

pytestmark = pytest.mark.window
KRNL = 2


@pytest.fixture
def rig() -> DeskRig:
    """A desk in a demo."""
    return DeskRig()


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot) -> Iterator[MainWindow]:
    """Its window, on instrument 1."""
    made = window_of(rig, qtbot)
    QApplication.processEvents()
    yield made
    made.workspace.close_windows()


def tick(rig: DeskRig, number: int = 1, last: int = 4840) -> None:
    """A quote comes, and a frame passes."""
    rig.link.inbox.put([received(Topic.QUOTE, quote(number, last=last))])
    rig.frame()


def test_a_panel_of_another_group_stays_where_it_is(rig: DeskRig, window: MainWindow) -> None:
    other = window.workspace.open("ladder", link="B")
    rig.desk.select(KRNL)
    assert (window.ladder.instrument, other.instrument) == (KRNL, 1)
    rig.desk.select(KRNL, "B")
    rig.desk.select(1)
    assert window.ladder.view.canvas.scene.symbol == "VLTA"
    assert other.view.canvas.scene.symbol == "KRNL"


def test_all_panels_of_a_group_change_in_one_call(rig: DeskRig, window: MainWindow) -> None:
    others = [window.workspace.open(kind) for kind in ("ladder", "ticket", "tape", "chart")]
    rig.desk.select(KRNL)
    assert {panel.instrument for panel in others} == {KRNL}
    assert others[0].view.canvas.scene.symbol == "KRNL"
    assert others[1].view.draft().symbol == "KRNL"
    assert window.ticket.view.draft().symbol == "KRNL"


def test_a_panel_that_is_not_linked_keeps_its_instrument(rig: DeskRig, window: MainWindow) -> None:
    window.tape.set_link("")
    rig.desk.select(KRNL)
    assert (window.tape.instrument, window.ladder.instrument) == (1, KRNL)
    window.tape.select(KRNL)
    rig.desk.select(1)
    assert (window.tape.instrument, window.ladder.instrument) == (KRNL, 1)


def test_no_order_leaves_until_the_screen_shows_the_other_instrument(rig: DeskRig, window: MainWindow) -> None:
    rig.desk.set_armed(True)
    assert window.ladder.settled
    rig.desk.select(KRNL)
    assert not rig.desk.armed
    rig.desk.set_armed(True)
    window.ladder.view.priceClicked.emit(click(4836))
    window.ticket.view.set_draft(side=0, price=4836, quantity=500)
    window.ticket.send()
    assert rig.link.sent == []
    QApplication.processEvents()
    assert not window.ladder.settled, "painted, but a moment has to pass as well"
    rig.now_ns += 200_000_000
    rig.frame()
    assert window.ladder.settled
    window.ladder.view.priceClicked.emit(click(4836))
    assert rig.link.sent == [], "what was pressed was another instrument"
    window.ticket.send()
    assert rig.link.sent[-1][0]["instrument"] == KRNL


def test_the_ladder_that_is_armed_is_the_only_one(rig: DeskRig, window: MainWindow) -> None:
    other = window.workspace.open("ladder")
    other.arm(armed=True)
    assert other.is_armed
    assert not window.ladder.is_armed
    window.ladder.view.priceClicked.emit(click(4836))
    assert rig.link.sent == []
    other.view.priceClicked.emit(click(4836))
    assert len(rig.link.sent) == 1


def test_a_hidden_panel_is_not_told_and_catches_up(rig: DeskRig, window: MainWindow) -> None:
    told: list[Changes] = []
    window.chart.show_changes = told.append
    window.chart.hide()
    tick(rig)
    assert told == []
    asked: list[int] = []
    window.chart.show_all = lambda: asked.append(1)
    window.chart.show()
    assert asked == [1]
    tick(rig)
    assert len(told) == 1


class PaintCount(QObject):
    """Counts the paint events of a widget and of all below it."""

    def __init__(self, root: QWidget) -> None:
        super().__init__()
        self.paints = 0
        for widget in [root, *root.findChildren(QWidget)]:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Count it."""
        self.paints += event.type() is QEvent.Type.Paint
        return False


@pytest.mark.parametrize("name", ["tape", "ladder", "chart", "watchlist", "positions", "movers"])
def test_a_hidden_panel_is_not_painted_either(rig: DeskRig, window: MainWindow, name: str) -> None:
    panel = window.workspace.first(name)
    panel.hide()
    QApplication.processEvents()
    count, told = PaintCount(panel), panel.watcher.told
    for last in range(4841, 4846):
        tick(rig, last=last)
        QApplication.processEvents()
    assert (count.paints, panel.watcher.told) == (0, told)
    panel.show()
    QApplication.processEvents()
    assert count.paints > 0


def test_a_tab_behind_paints_nothing(rig: DeskRig, window: MainWindow, qtbot: QtBot) -> None:
    window.docks.tabifyDockWidget(window.curve, window.tape)
    window.curve.raise_()
    qtbot.waitUntil(lambda: not window.tape.seen)
    before = window.tape.watcher.told
    rig.frame()
    assert window.tape.watcher.told == before
    window.tape.raise_()
    qtbot.waitUntil(lambda: window.tape.seen)
    rig.frame()
    assert window.tape.watcher.told == before + 1


def test_a_minimised_window_costs_nothing(rig: DeskRig, window: MainWindow, qtbot: QtBot) -> None:
    window.showMinimized()
    qtbot.waitUntil(lambda: not window.ladder._is_seen())
    before = [panel.watcher.told for panel in window.workspace.panels]
    tick(rig, last=4850)
    assert [panel.watcher.told for panel in window.workspace.panels] == before
    window.showNormal()
    qtbot.waitUntil(window.ladder._is_seen)
    rig.frame()
    assert window.ladder.view.canvas.scene.last_price == 4850


def test_panels_come_back_with_window_group_and_instrument(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "workstation.ini"
    rig = DeskRig()
    first = MainWindow(rig.desk, Settings(path), Theme.load("dark"))
    qtbot.addWidget(first)
    first.show()
    rig.log_on()
    panel = first.workspace.open("chart", link="C")
    panel.select(KRNL)
    panel.window().setGeometry(300, 200, 700, 500)
    first.workspace.to_new_window(first.movers)
    first.close()
    again = DeskRig()
    second = MainWindow(again.desk, Settings(path), Theme.load("dark"))
    qtbot.addWidget(second)
    second.show()
    again.log_on()
    found = second.workspace.named("chart.2")
    assert isinstance(found, ChartPanel)
    assert (found.link, found.instrument, second.chart.instrument) == ("C", KRNL, 1)
    assert found.window().geometry().getRect() == (300, 200, 700, 500)
    assert second.movers.window() is not second
    assert len(second.workspace.windows) == 2
    second.close()
    assert second.workspace.windows == []


BROKEN = (
    "", "{", "[]", '{"version": 9}', '{"version": 1, "panels": 3, "symbols": []}',
    '{"version": 1, "panels": [{"name": "bomb.1", "kind": "bomb"}, 7]}',
    '{"version": 1, "windows": [{"name": "w"}], "panels": [{"name": "tape.2", "kind": "tape", "window": "w"}]}',
    '{"version": 1, "panels": [{"name": "tape.2", "kind": "tape", "link": "Z", "own": 7}]}',
)  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_layout_does_not_stop_the_start(qtbot: QtBot, text: str) -> None:
    settings = Settings(None)
    settings.put(setting.WINDOWS, text)
    rig = DeskRig()
    window = MainWindow(rig.desk, settings, Theme.load("dark"))
    qtbot.addWidget(window)
    window.show()
    rig.log_on()
    assert window.ladder.instrument == 1
    window.workspace.close_windows()


def test_a_closed_panel_is_gone(rig: DeskRig, window: MainWindow) -> None:
    panel = window.workspace.open("tape", link="")
    opened = panel.window()
    panel.select(KRNL)
    opened.close()
    assert panel not in window.workspace.panels
    assert window.workspace.windows == []
    assert "panel:tape.2" not in rig.desk.selection.saved()
    tick(rig)
    window.workspace.close(window.tape)
    assert window.tape in window.workspace.panels
    assert window.tape.isHidden()
    assert window.workspace.open_here("tape") is window.tape
