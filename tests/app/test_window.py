"""The whole window over a desk on paper: what a press sends, and what may not be overlooked."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.entries import palette_entries
from app.settings import THEME, Settings
from server.client.incoming import Channel, ChannelState, LoggedOn, OrdersUnknown, PrivateRolledBack, ReplyReceived
from server.protocol import control
from server.protocol.enums import (
    BarUnit,
    CommandKind,
    EventKind,
    FaultCode,
    Mode,
    OrderState,
    RejectReason,
    Right,
    Side,
)
from server.protocol.records import SERIES_BAR
from tests.app.desk_rig import ENGINE_SEQUENCE, DeskRig
from tests.app.made import NOON, bars, event, position, series_page
from widgets.chart.chart_type import ChartType
from widgets.chart.value_scale import ScaleKind
from widgets.ladder import LadderClick
from widgets.theme import Theme

pytestmark = pytest.mark.window


def window_of(rig: DeskRig, qtbot: QtBot) -> MainWindow:
    """The window, shown, after the logon."""
    window = MainWindow(rig.desk, Settings(None), Theme.load("dark"))
    qtbot.addWidget(window)
    window.resize(1920, 1080)
    with qtbot.waitExposed(window):
        window.show()
    rig.log_on()
    return window


@pytest.fixture
def rig() -> DeskRig:
    """A desk in a demo."""
    return DeskRig()


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot) -> Iterator[MainWindow]:
    """Its window."""
    yield window_of(rig, qtbot)


def click(price: int = 4836, side: Side = Side.BUY, *, armed: bool = True) -> LadderClick:
    """A press on the ladder."""
    return LadderClick("VLTA", side, price, 200, 500, 4836, 4838, ENGINE_SEQUENCE, armed)


def test_the_ticket_sends_what_it_says(rig: DeskRig, window: MainWindow) -> None:
    window.ticket.view.set_draft(side=Side.BUY, price=4833, quantity=500)
    window.ticket.send()
    sent = rig.link.sent[-1][0]
    assert (sent["kind"], sent["side"], sent["price"], sent["quantity"]) == (CommandKind.NEW_ORDER, Side.BUY, 4833, 500)
    assert (sent["account"], sent["instrument"]) == (3, 1)
    assert sent["valid_until_ns"] > rig.now_ns


def test_an_order_goes_through_its_life_in_the_blotter(rig: DeskRig, window: MainWindow) -> None:
    window.ticket.view.set_draft(side=Side.BUY, price=4833, quantity=500)
    window.ticket.send()
    rig.deliver()
    model = window.blotter.orders
    state = [heading.title for heading in model.headings].index("State")
    assert model.cell(0, state)[0] == "sending"
    rig.answer(event(EventKind.ACCEPTED))
    assert model.cell(0, state)[0] == "working"
    filled = event(
        EventKind.EXECUTED, leaves=0, filled=500, last_price=4833, last_quantity=500, state=OrderState.FILLED
    )
    rig.answer(filled, position(500, 500 * 4833, 0))
    assert model.cell(0, state)[0] == "filled"
    assert window.blotter.fills.count() == 1
    assert window.positions.positions.cell(0, 1)[0] == "+500"
    assert window.toasts.count() == 1


def test_a_disarmed_ladder_fills_the_ticket_and_sends_nothing(rig: DeskRig, window: MainWindow) -> None:
    window.ladder.view.priceClicked.emit(click(4836, armed=False))
    assert rig.link.sent == []
    assert window.ticket.view.draft().price == 4836
    assert window.ticket.view.draft().quantity == 200


def test_an_armed_ladder_sends_what_was_shown_at_the_press(rig: DeskRig, window: MainWindow) -> None:
    rig.desk.set_armed(True)
    window.ladder.view.priceClicked.emit(click(4838, Side.SELL))
    sent = rig.link.sent[-1][0]
    assert (sent["side"], sent["price"], sent["quantity"]) == (Side.SELL, 4838, 200)
    assert sent["displayed_sequence"] == ENGINE_SEQUENCE
    assert sent["valid_until_ns"] > 0


def test_arming_ends_by_itself_and_with_the_order_path(rig: DeskRig, window: MainWindow) -> None:
    rig.desk.set_armed(True)
    rig.channels(ChannelState.DOWN, Channel.ORDERS)
    rig.frame()
    assert not rig.desk.armed
    rig.desk.set_armed(True)
    assert not rig.desk.armed
    rig.channels(ChannelState.LIVE, Channel.ORDERS)
    rig.frame()
    rig.desk.set_armed(True)
    rig.now_ns = rig.desk.armed_until_ns
    rig.frame()
    assert not rig.desk.armed
    assert window.isVisible()


def test_a_lost_order_path_cannot_be_overlooked(rig: DeskRig, window: MainWindow) -> None:
    rig.desk.state.streams[Channel.ORDERS].contact_ns = rig.now_ns
    window.ticket.view.set_draft(side=Side.BUY, price=4833, quantity=500)
    window.ticket.send()
    rig.deliver()
    rig.channels(ChannelState.DOWN, Channel.ORDERS)
    rig.frame()
    assert window.blotter.orders.row_tone(0) == "alarm"
    assert window.problem.isVisible()
    assert "1 sent, not acknowledged" in window.problem.accessibleName()
    window.ticket.send()
    assert len(rig.link.sent) == 1
    rig.channels(ChannelState.LIVE, Channel.ORDERS)
    rig.answer(event(EventKind.ACCEPTED))
    assert window.blotter.orders.row_tone(0) == ""
    assert not window.problem.isVisible()


def test_a_silent_feed_marks_every_price(rig: DeskRig, window: MainWindow) -> None:
    line = window.watchlist.model.line_of(1)
    assert window.watchlist.model.row_tone(line) == ""
    rig.channels(ChannelState.STALE, Channel.MARKET_DATA)
    rig.now_ns += 41_000_000_000
    rig.frame()
    assert window.watchlist.model.row_tone(line) == "stale"
    assert window.watchlist.model.cell(line, 3)[0] == "STALE 0:41"
    assert window.ladder.view.canvas.scene.state == "stale"


def test_cancel_names_the_order(rig: DeskRig, window: MainWindow) -> None:
    rig.answer(event(EventKind.ACCEPTED))
    QApplication.processEvents()
    window.blotter.orders_view.select_row(0)
    window.blotter.cancel_selected()
    sent = rig.link.sent[-1][0]
    assert (sent["kind"], sent["order_id"]) == (CommandKind.CANCEL_ORDER, 77)
    rig.deliver()
    assert rig.desk.state.orders.rows["state"][0] == OrderState.PENDING_CANCEL


def test_the_kill_switch_disarms_and_cancels_every_account(rig: DeskRig, window: MainWindow) -> None:
    rig.desk.set_armed(True)
    window.top.bar.killRequested.emit()
    assert not rig.desk.armed
    sent = rig.link.sent[-1][0]
    assert (sent["kind"], sent["account"], sent["instrument"], sent["side"]) == (CommandKind.MASS_CANCEL, 3, 0, 2)


def test_a_reject_says_why(rig: DeskRig, window: MainWindow) -> None:
    rig.answer(event(EventKind.REJECTED, order_id=0, reason=RejectReason.PRICE_OUT_OF_RANGE, value=9, limit=10))
    assert window.blotter.activity.cell(0, 1)[0] == "REJECTED: price outside range"
    assert "0.09, the bound is 0.10" in window.blotter.activity.cell(0, 2)[0]


def test_selecting_an_instrument_moves_every_panel(rig: DeskRig, window: MainWindow) -> None:
    window.watchlist.view.select_row(window.watchlist.model.line_of(2))
    assert rig.desk.instrument == 2
    assert window.ladder.view.canvas.scene.symbol == "KRNL"
    assert window.ticket.view.draft().symbol == "KRNL"


def test_the_command_line_fills_the_ticket_and_sends_nothing(rig: DeskRig, window: MainWindow) -> None:
    window.run_command("s 2k krnl 48.40")
    draft = window.ticket.view.draft()
    assert (draft.symbol, draft.side, draft.quantity, draft.price) == ("KRNL", Side.SELL, 2000, 4840)
    assert rig.link.sent == []
    assert [entry.key for entry in palette_entries(rig.desk, "vlt")] == [1]


def test_a_demo_says_so_everywhere(rig: DeskRig, window: MainWindow) -> None:
    del rig
    assert "DEMO" in window.windowTitle()
    assert window.frame_border.isVisible()
    assert window.top.bar.badge.accessibleName() == "Mode demo"


def test_no_order_leaves_a_replay_or_an_account_that_may_only_be_seen(qtbot: QtBot) -> None:
    for rig in (DeskRig(Mode.REPLAY), DeskRig(rights=Right.VIEW)):
        window = window_of(rig, qtbot)
        window.ticket.view.set_draft(side=Side.BUY, price=4833, quantity=500)
        window.ticket.send()
        rig.desk.set_armed(True)
        window.ladder.view.priceClicked.emit(click())
        assert rig.link.sent == []


def test_a_hidden_panel_is_not_told_of_changes(rig: DeskRig, window: MainWindow) -> None:
    window.tape.hide()
    window.tape.show_changes = lambda _: pytest.fail("told while hidden")  # type: ignore[method-assign]
    rig.frame()


def test_both_themes_can_be_taken_at_any_time(rig: DeskRig, window: MainWindow) -> None:
    for name in ("light", "dark"):
        window.set_theme(Theme.load(name))
        rig.frame()
        assert not window.grab().isNull()


def asked_bars(rig: DeskRig) -> control.GetBarSeries:
    """The chart's first question."""
    return next(one for one in rig.link.asked if isinstance(one, control.GetBarSeries))


def test_scrolling_back_asks_for_older_bars_once(rig: DeskRig, window: MainWindow) -> None:
    size_ns = window.chart.size.size
    times = [(NOON // size_ns - back) * size_ns for back in range(300, 0, -1)]
    page = bars(*((time_ns, 4800, 5) for time_ns in times))
    asked = asked_bars(rig)
    reply = series_page(page, more=True)
    rig.link.inbox.put([ReplyReceived(asked, reply)])
    rig.frame()
    before = len(rig.link.asked)
    window.chart.view.pan(-280)
    window.chart.view.olderHistoryNeeded.emit(times[0])
    window.chart.view.olderHistoryNeeded.emit(times[0])
    older = [one for one in rig.link.asked[before:] if isinstance(one, control.GetBarSeries)]
    assert [one.before_ns for one in older] == [times[0]]


def test_history_that_is_not_there_yet_is_asked_for_again(rig: DeskRig, window: MainWindow) -> None:
    asked = asked_bars(rig)
    refused = control.Refused(code=FaultCode.UNAVAILABLE)
    rig.link.inbox.put([ReplyReceived(asked, refused)])
    rig.frame()
    rig.link.asked.clear()
    rig.now_ns += 1_000_000_000
    rig.frame()
    assert asked in rig.link.asked
    assert window.isVisible()


def test_history_that_fails_says_so_and_is_asked_for_again_by_moving(rig: DeskRig, window: MainWindow) -> None:
    asked = asked_bars(rig)
    rows = np.zeros(300, SERIES_BAR)
    rows["time_ns"] = (NOON // asked.size + np.arange(-300, 0)) * asked.size
    for name in ("open", "high", "low", "close", "volume"):
        rows[name] = 4800
    rig.link.inbox.put([ReplyReceived(asked, control.Records(layout="SERIES_BAR", records=rows.tobytes(), more=True))])
    rig.frame()
    before = len(rig.link.asked)
    window.chart.view.pan(-280)
    older = [one for one in rig.link.asked[before:] if isinstance(one, control.GetBarSeries)]
    assert len(older) == 1
    refused = control.Refused(code=FaultCode.NOT_FOUND, text="the segment of 12 Nov is damaged")
    rig.link.inbox.put([ReplyReceived(older[0], refused)])
    rig.frame()
    assert "12 Nov is damaged" in window.chart.view._canvas.notices.sentences()[0]
    window.chart.view.pan(-1)
    assert len([one for one in rig.link.asked[before:] if isinstance(one, control.GetBarSeries)]) == 2
    rig.link.inbox.put([ReplyReceived(older[0], control.Records(layout="SERIES_BAR", records=b"", more=False))])
    rig.frame()
    assert not window.chart.view._canvas.notices.sentences()


def test_the_head_of_the_chart_chooses_and_the_choices_are_kept(rig: DeskRig, window: MainWindow) -> None:
    chart = window.chart
    for group, value in (("type", ChartType.HEIKIN_ASHI), ("scale", ScaleKind.LOG), ("by_time", True),
                         ("zone", "Asia/Tokyo"), ("breaks", False), ("size", "200T")):  # fmt: skip
        chart.bar.chosen.emit(group, value)
    asked = [one for one in rig.link.asked if isinstance(one, control.GetBarSeries)][-1]
    assert (asked.unit, asked.size) == (BarUnit.TRADES, 200)
    assert chart.view.span.by_time and str(chart.view.span.zone) == "Asia/Tokyo"
    saved = chart.saved()
    chart.restore({"type": "candles", "scale": "linear", "by_time": False, "zone": "UTC", "breaks": True, "size": "1h"})
    assert chart.saved()["size"] == "1h" and not chart.view.span.by_time
    chart.restore(saved)
    chart.restore({"type": "nonsense", "size": "12 apples"})
    assert chart.saved() == saved


def test_when_the_server_lost_its_tail_everything_is_taken_anew(rig: DeskRig, window: MainWindow) -> None:
    rig.answer(event(EventKind.ACCEPTED))
    assert window.blotter.orders.count() == 1
    old = rig.desk.link
    rig.link.inbox.put([PrivateRolledBack(5, 3)])
    rig.frame()
    assert window.blotter.orders.count() == 0
    assert rig.desk.link is not old
    assert "LOST ITS TAIL" in window.blotter.activity.cell(window.blotter.activity.count() - 1, 1)[0]


def test_records_of_another_layout_are_told_and_change_nothing(rig: DeskRig, window: MainWindow) -> None:
    reply = control.Records(layout="TICK_RECORD", records=b"x")
    rig.link.inbox.put([ReplyReceived(asked_bars(rig), reply)])
    rig.frame()
    assert "UNREADABLE" in window.blotter.activity.cell(0, 1)[0]


def test_the_layout_and_the_theme_are_there_the_next_time(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "workstation.ini"
    first = MainWindow(DeskRig().desk, Settings(path), Theme.load("dark"))
    qtbot.addWidget(first)
    first.show()
    first.movers.hide()
    first.set_theme(Theme.load("light"))
    first.close()
    again = Settings(path)
    second = MainWindow(DeskRig().desk, again, Theme.load(again.get(THEME)))
    qtbot.addWidget(second)
    second.show()
    assert second.movers.isHidden()
    assert not second.tape.isHidden()
    assert not second.theme.is_dark


def test_what_the_session_does_at_its_end_is_in_the_activity(rig: DeskRig, window: MainWindow) -> None:
    welcome = rig.desk.state.welcome
    assert welcome is not None
    accepted = control.LogonAccepted(
        user_id=1, session=1, rights=3, last_counter=0, last_stream_sequence=0, at_end=2, grace_ms=30_000
    )
    rig.link.inbox.put([LoggedOn(welcome, accepted, 0)])
    rig.frame()
    assert "ORDERS GO AFTER 30 S IF THE CONNECTION IS LOST" in [
        window.blotter.activity.cell(row, 1)[0] for row in range(window.blotter.activity.count())
    ]


def test_an_unknown_order_is_the_one_row_that_is_filled(rig: DeskRig, window: MainWindow) -> None:
    window.ticket.view.set_draft(side=Side.BUY, price=4833, quantity=500)
    window.ticket.send()
    rig.link.inbox.put([OrdersUnknown(rig.deliver())])
    rig.frame()
    model = window.blotter.orders
    state = [heading.title for heading in model.headings].index("State")
    assert (model.cell(0, state)[0], model.row_tone(0)) == ("UNKNOWN", "alarm")
