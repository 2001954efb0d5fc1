"""Top bar, status bar and what hangs over the window: mode, kill switch, messages, log-on, palette."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from widgets.command_palette import CommandPalette
from widgets.gallery import panels
from widgets.gallery.dialogs import ENTRIES
from widgets.kill_switch import KillSwitch
from widgets.login_dialog import LoginDialog
from widgets.mode import ModeBadge, ModeFrame
from widgets.problem_strip import ProblemStrip
from widgets.status_bar import StatusBar
from widgets.theme import Theme
from widgets.toasts import SHOWN, ToastStack

pytestmark = pytest.mark.window
Shown = Callable[..., Any]


def test_the_kill_switch_has_to_be_held(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    switch = shown(KillSwitch(theme), 124, 40)
    held: list[bool] = []
    switch.held.connect(lambda: held.append(True))
    qtbot.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert switch.progress() == 0.0 and not held
    qtbot.mousePress(switch, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(held), timeout=10_000)
    qtbot.mouseRelease(switch, Qt.MouseButton.LeftButton)
    assert held == [True] and switch.progress() == 0.0


def test_space_holds_the_kill_switch_too(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    switch = shown(KillSwitch(theme), 124, 40)
    with qtbot.waitSignal(switch.held, timeout=10_000):
        qtbot.keyPress(switch, Qt.Key.Key_Space)
    qtbot.keyRelease(switch, Qt.Key.Key_Space)


def test_the_mode_is_the_frame(theme: Theme, shown: Shown) -> None:
    window = shown(QWidget(), 200, 100)
    frame = ModeFrame(theme, window)
    frame.set_mode("demo")
    image = window.grab().toImage()
    assert image.pixelColor(0, 50) == image.pixelColor(199, 99) == theme.color("mode_demo")
    assert image.pixelColor(3, 50) != theme.color("mode_demo")
    frame.set_mode("live")
    assert window.grab().toImage().pixelColor(0, 50) != theme.color("mode_demo")
    window.resize(300, 200)
    frame.set_mode("replay")
    assert window.grab().toImage().pixelColor(299, 199) == theme.color("mode_replay")


def test_an_unknown_mode_is_refused(theme: Theme) -> None:
    with pytest.raises(ValueError, match="unknown mode"):
        ModeBadge(theme, 40).set_mode("paper")


@pytest.mark.parametrize("width", [600, 800, 1100, 1400, 1920, 2560])
def test_the_top_bar_gives_way_from_the_middle(each_theme: Theme, shown: Shown, width: int) -> None:
    bar = panels.top_bar(each_theme)
    shown(bar, width, 40)
    assert not bar.grab().isNull()
    for part in (bar.badge, bar.day_result, bar.arm, bar.cancel_all, bar.kill):
        assert part.isVisible()


def test_the_command_line_tells_its_text(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    bar = shown(panels.top_bar(theme), 1920, 40)
    qtbot.keyClicks(bar.command_line, "b 500 vlta 48.30")
    with qtbot.waitSignal(bar.commandEntered) as told:
        qtbot.keyClick(bar.command_line, Qt.Key.Key_Return)
    assert told.args == ["b 500 vlta 48.30"] and not bar.command_line.text()


def test_the_account_is_chosen_by_keys(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    bar = shown(panels.top_bar(theme), 1920, 40)
    with qtbot.waitSignal(bar.account.clicked):
        qtbot.keyClick(bar.account, Qt.Key.Key_Space)


def test_trouble_changes_the_shape_and_colour_of_a_light(theme: Theme, shown: Shown) -> None:
    bar = shown(panels.status_bar(theme), 1920, 24)
    healthy = bar.grab().toImage()
    colours = {healthy.pixelColor(x, y).name() for x in range(140, 900) for y in range(24)}
    assert theme.color("alarm").name() not in colours
    bar.set_light("Orders", "down", "down 00:07")
    troubled = bar.grab().toImage()
    assert theme.color("alarm").name() in {troubled.pixelColor(x, 12).name() for x in range(140, 900)}
    assert "Orders down" in bar.accessibleDescription()


def test_an_unknown_light_is_refused(theme: Theme) -> None:
    with pytest.raises(ValueError, match="unknown light"):
        StatusBar(theme).set_light("Feed", "green", "1 ms")


@pytest.mark.parametrize("width", [300, 700, 1280, 1920])
def test_the_status_bar_fits_any_width(theme: Theme, shown: Shown, width: int) -> None:
    assert not shown(panels.status_bar(theme, trouble=True), width, 24).grab().isNull()


def test_messages_are_few_and_rejects_stay(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    window = shown(QWidget(), 800, 600)
    stack = ToastStack(theme, window)
    for i in range(SHOWN + 3):
        stack.show_toast("rejected", f"REJECTED {i}", "price outside band", i)
    assert stack.count() == SHOWN
    assert not window.grab().isNull()
    qtbot.mouseClick(stack._toasts[0], Qt.MouseButton.LeftButton)
    assert stack.count() == SHOWN - 1
    with pytest.raises(ValueError, match="unknown kind"):
        stack.show_toast("party", "", "", 0)


def test_log_on_tells_and_forgets_the_password(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    dialog = shown(LoginDialog(theme), 400, 260)
    dialog.set_user("trader")
    qtbot.keyClick(dialog._password, Qt.Key.Key_Return)
    assert dialog._problem.text() == "Enter user and password"
    qtbot.keyClicks(dialog._password, "correct horse")
    with qtbot.waitSignal(dialog.logonRequested) as told:
        qtbot.keyClick(dialog._password, Qt.Key.Key_Return)
    assert told.args == ["trader", "correct horse"]
    assert not dialog._password.text()
    dialog.show_problem("User or password is wrong")
    assert dialog._password.isEnabled() and dialog._problem.text() == "User or password is wrong"


def test_the_palette_chooses_by_keys(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    window = shown(QWidget(), 900, 600)
    palette = CommandPalette(theme, window)
    palette.show_palette("v")
    palette.set_entries(ENTRIES)
    assert not window.grab().isNull()
    qtbot.keyClick(palette._query, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen) as told:
        qtbot.keyClick(palette._query, Qt.Key.Key_Return)
    assert told.args == [2] and not palette.isVisible()
    palette.show_palette()
    palette.set_entries([])
    qtbot.keyClick(palette._query, Qt.Key.Key_Return)
    qtbot.keyClick(palette._query, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_the_strip_is_there_only_with_a_problem(theme: Theme, shown: Shown, qtbot: QtBot) -> None:
    window = shown(QWidget(), 900, 100)
    strip = ProblemStrip(theme, window)
    assert not strip.isVisible()
    strip.set_problem("ORDER PATH DISCONNECTED", "00:07", "last contact 14:03:15.004")
    strip.resize(900, 32)
    assert strip.isVisible()
    assert strip.grab().toImage().pixelColor(400, 30) == theme.color("alarm")
    with qtbot.waitSignal(strip.retryRequested):
        qtbot.mouseClick(strip._retry, Qt.MouseButton.LeftButton)
    strip.set_problem("")
    assert not strip.isVisible()
