"""What kind of market it is at any size, palettes while it runs, motion, privacy, and where figures come from."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.models.own_money import hide_money
from app.models.watchlist_model import WatchlistModel
from server.client.incoming import Channel, ChannelState, StaleChange, StaleReason
from server.protocol.enums import EventKind, Mode, Topic
from tests.app.desk_rig import DeskRig
from tests.app.made import event, position, quote, received
from tests.app.test_window import window_of
from widgets.theme import PALETTE_NAMES, THEME_NAMES, Theme

pytestmark = pytest.mark.window
MS = 1_000_000
_PARTS = (QColor.red, QColor.green, QColor.blue)
BADGE = (2, 1, 7, 2)
"""The middle of the mode badge in a window of 1920 x 1080 at 10 %."""


@pytest.fixture
def rig() -> DeskRig:
    """A desk in a demo."""
    return DeskRig()


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot) -> Iterator[MainWindow]:
    """Its window."""
    made = window_of(rig, qtbot)
    yield made
    hide_money(False)
    made.workspace.close_windows()


def thumbnail(window: QWidget) -> QImage:
    """A picture of a window at a tenth of its size."""
    image = window.grab().toImage()
    smooth = Qt.TransformationMode.SmoothTransformation
    return image.scaled(
        image.width() // 10, image.height() // 10, Qt.AspectRatioMode.IgnoreAspectRatio, smooth
    )  # fmt: skip


def mean(image: QImage, left: int, top: int, width: int, height: int) -> tuple[float, float, float]:
    """The mean colour of a part, 0 to 255 each."""
    found = [image.pixelColor(x, y) for x in range(left, left + width) for y in range(top, top + height)]
    red, green, blue = (sum(part(one) for one in found) / len(found) for part in _PARTS)
    return red, green, blue


def distance(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """How far two colours are apart, in steps of the brightest channel."""
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("name", THEME_NAMES)
def test_demo_replay_and_live_are_told_apart_at_a_tenth_of_the_size(qtbot: QtBot, name: str) -> None:
    theme = Theme.load(name)
    colours, edges = {}, {}
    for mode in (Mode.DEMO, Mode.REPLAY, Mode.LIVE):
        window = window_of(DeskRig(mode), qtbot)
        window.set_theme(theme)
        image = thumbnail(window)
        colours[mode], edges[mode] = mean(image, *BADGE), mean(image, 0, 20, 1, 60)
    for mode, token in ((Mode.DEMO, "mode_demo"), (Mode.REPLAY, "mode_replay"), (Mode.LIVE, "mode_live")):
        colour: QColor = theme.color(token)
        assert distance(colours[mode], (colour.red(), colour.green(), colour.blue())) < 60, mode
    for one, other in ((Mode.DEMO, Mode.REPLAY), (Mode.DEMO, Mode.LIVE), (Mode.REPLAY, Mode.LIVE)):
        assert distance(colours[one], colours[other]) > 40, (one, other)
        assert distance(edges[one], edges[other]) > 8, (one, other)


def test_a_further_window_says_what_kind_of_market_it_is(rig: DeskRig, window: MainWindow) -> None:
    panel = window.workspace.open("tape")
    other = panel.window()
    QApplication.processEvents()
    assert "DEMO" in other.windowTitle()
    assert other.badge.isVisible()
    assert other.frame_border.isVisible()


@pytest.mark.parametrize("palette", PALETTE_NAMES)
def test_every_palette_can_be_taken_while_it_runs(rig: DeskRig, window: MainWindow, palette: str) -> None:
    other = window.workspace.open("ladder").window()
    window.actions_by_name[f"palette_{palette}"].trigger()
    rig.frame()
    assert window.theme.palette_name == palette
    wanted = window.theme.color("buy")
    for shown in (window, other):
        image = shown.grab().toImage()
        step = 3
        found = {image.pixelColor(x, y).name() for x in range(0, image.width(), step) for y in range(image.height())}
        assert wanted.name() in found


def test_a_price_that_moves_500_times_a_second_flashes_three_times(rig: DeskRig) -> None:
    rig.log_on()
    model = WatchlistModel(rig.desk.state, lambda: rig.now_ns, lambda _: 0)
    model.relist()
    line, lit, turned_on = model.line_of(1), False, 0
    for tick in range(1000):
        rig.now_ns += 2 * MS
        rig.link.inbox.put([received(Topic.QUOTE, quote(last=4837 + tick % 2))])
        rig.desk.frame()
        model.update({0})
        now_lit = model.cell_tint(line, 2) != ""
        turned_on += now_lit and not lit
        lit = now_lit
    assert 1 <= turned_on <= 6, "two seconds"


def test_with_reduced_motion_nothing_flashes(rig: DeskRig, window: MainWindow) -> None:
    model = window.watchlist.model
    line = model.line_of(1)
    rig.link.inbox.put([received(Topic.QUOTE, quote(last=4850))])
    rig.frame()
    assert model.cell_tint(line, 2) == "up_tint"
    window.actions_by_name["motion"].trigger()
    rig.now_ns += 1000 * MS
    rig.frame()
    rig.link.inbox.put([received(Topic.QUOTE, quote(last=4860))])
    rig.frame()
    assert model.cell_tint(line, 2) == ""
    assert rig.desk.is_calm


def test_privacy_hides_the_own_money_and_nothing_that_an_order_needs(rig: DeskRig, window: MainWindow) -> None:
    executed = event(EventKind.EXECUTED, leaves=0, filled=500, last_price=4833, last_quantity=500)
    rig.answer(event(EventKind.ACCEPTED), executed, position(500, 500 * 4833, 777_777))
    rig.frame()
    shown = [window.positions.positions.cell(0, column)[0] for column in range(8)]
    window.actions_by_name["privacy"].trigger()
    rig.frame()
    hidden = [window.positions.positions.cell(0, column)[0] for column in range(8)]
    assert [column for column in range(8) if shown[column] != hidden[column]] == [4, 5, 6]
    assert {hidden[4], hidden[5], hidden[6]} == {"•••"}
    assert window.positions.money.cell(0, 2)[0] == "•••"
    window.ticket.view.set_draft(side=0, price=4833, quantity=500)
    assert "24,165.00" in [row.after for row in window.ticket.view._preview._rows]
    window.actions_by_name["privacy"].trigger()
    rig.frame()
    assert [window.positions.positions.cell(0, column)[0] for column in range(8)] == shown


def test_a_panel_says_where_its_figures_come_from_and_how_old_they_are(rig: DeskRig, window: MainWindow) -> None:
    text = window.ladder.source()
    assert "Market data: live" in text
    assert "VLTA quote: of 12:00:00.000" in text
    assert "Book: complete" in text
    rig.link.inbox.put([StaleChange(Topic.DEPTH, 1, StaleReason.GAP)])
    rig.frame()
    assert f"STALE book: {StaleReason.GAP.value}" in window.ladder.source()
    rig.channels(ChannelState.DOWN, Channel.MARKET_DATA)
    rig.frame()
    assert "Market data: DOWN" in window.blotter.source()
