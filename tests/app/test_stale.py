"""One instrument goes stale: it is marked everywhere, nothing can be sent against its price, the others stay live."""

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from server.client.incoming import FellBehind, MarketDataReceived, ReplyReceived, StaleChange, StaleReason
from server.protocol import control
from server.protocol.book_checksum import levels_checksum
from server.protocol.enums import CommandKind, EventKind, MarketDataKind, Side, Topic
from server.protocol.records import BOOK_RECORD, NO_PRICE
from tests.app.desk_rig import DeskRig
from tests.app.made import NOON, bars, event, quote, received, series_page, trades
from tests.app.test_window import click, window_of

pytestmark = pytest.mark.window
SECOND = 1_000_000_000


@pytest.fixture
def rig() -> DeskRig:
    """A desk in a demo."""
    return DeskRig()


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot) -> Iterator[MainWindow]:
    """Its window, on instrument 1."""
    yield window_of(rig, qtbot)


def turn(rig: DeskRig, reason: StaleReason | None, topic: Topic = Topic.DEPTH, instrument: int = 1) -> None:
    """A stream goes stale or comes back, and a frame passes."""
    rig.link.inbox.put([StaleChange(topic, instrument, reason)])
    rig.frame()


def checksum_row(checksum: int) -> np.ndarray:
    """A CHECKSUM of instrument 1."""
    row = np.zeros(1, BOOK_RECORD)
    row["kind"], row["instrument"], row["price"], row["quantity"] = MarketDataKind.CHECKSUM, 1, NO_PRICE, checksum
    return row


def test_a_stale_instrument_is_marked_with_reason_and_age_and_the_others_are_not(
    rig: DeskRig, window: MainWindow
) -> None:
    turn(rig, StaleReason.GAP)
    rig.now_ns += 41 * SECOND
    rig.frame()
    assert window.ladder.view.canvas.scene.state == "stale"
    state, title, detail = rig.desk.trust.feed_state(1)
    assert (state, title) == ("stale", "STALE 0:41")
    assert StaleReason.GAP.value in detail
    assert rig.desk.trust.feed_state(2)[0] == "live"
    model = window.watchlist.model
    assert model.row_tone(model.line_of(1)) == "stale"
    assert model.cell(model.line_of(1), 3)[0] == "STALE 0:41"
    assert model.row_tone(model.line_of(2)) == ""
    turn(rig, None)
    assert window.ladder.view.canvas.scene.state == "live"
    assert model.row_tone(model.line_of(1)) == ""


def test_nothing_is_sent_against_a_stale_price_and_a_sentence_says_why(rig: DeskRig, window: MainWindow) -> None:
    rig.desk.set_armed(True)
    turn(rig, StaleReason.TAIL_LOST)
    told: list[str] = []
    rig.desk.message.connect(lambda _kind, _title, detail: told.append(detail))
    window.ticket.view.set_draft(side=Side.BUY, price=4833, quantity=500)
    window.ticket.send()
    window.ladder.view.priceClicked.emit(click())
    assert rig.link.sent == []
    assert "VLTA is stale for" in told[-1]
    assert rig.desk.armed, "a gap of a moment disarms nobody"
    turn(rig, None)
    window.ticket.send()
    assert len(rig.link.sent) == 1


def test_cancels_leave_and_replaces_do_not(rig: DeskRig, window: MainWindow) -> None:
    window.ticket.view.set_draft(side=Side.BUY, price=4833, quantity=500)
    window.ticket.send()
    rig.deliver()
    rig.answer(event(EventKind.ACCEPTED))
    turn(rig, StaleReason.GAP, Topic.QUOTE)
    rig.desk.replace_row(0, 4834, 500)
    assert len(rig.link.sent) == 1
    rig.desk.cancel_row(0)
    rig.desk.cancel_all()
    assert [int(sent["kind"][0]) for sent in rig.link.sent[1:]] == [CommandKind.CANCEL_ORDER, CommandKind.MASS_CANCEL]


def test_trades_that_are_made_up_for_mark_the_tape_alone(rig: DeskRig, window: MainWindow) -> None:
    turn(rig, StaleReason.GAP, Topic.TRADES)
    assert rig.desk.trust.tape_state(1)[0] == "stale"
    assert rig.desk.trust.feed_state(1)[0] == "live"
    assert window.isVisible()


def test_trades_that_are_lost_for_good_are_taken_from_history(rig: DeskRig, window: MainWindow) -> None:
    asked = next(one for one in rig.link.asked if isinstance(one, control.GetBarSeries))
    page = bars((NOON - 600 * SECOND, 4800, 5))
    rig.link.inbox.put([ReplyReceived(asked, series_page(page))])
    rig.frame()
    rig.link.asked.clear()
    rig.link.inbox.put([received(Topic.TRADES, trades((NOON, 4837, 5)), gap=True)])
    rig.frame()
    assert {type(asked) for asked in rig.link.asked} == {control.GetBarSeries, control.GetTicks}
    assert window.isVisible()


def test_a_flipped_level_is_found_at_the_next_checksum_and_the_book_is_taken_anew(
    rig: DeskRig, window: MainWindow
) -> None:
    book = rig.desk.state.market.book(1)
    right = levels_checksum(book.bids.columns, book.asks.columns)
    rig.link.inbox.put([received(Topic.DEPTH, checksum_row(right))])
    rig.frame()
    assert (rig.link.resynced, book.checked) == ([], 1)
    book.bids.quantities[0] += 1
    rig.link.inbox.put([received(Topic.DEPTH, checksum_row(right))])
    rig.frame()
    assert rig.link.resynced == [(Topic.DEPTH, 1, StaleReason.CHECKSUM)]
    assert window.ladder.view.canvas.scene.state == "stale"
    assert rig.desk.trust.blocked_reason(3, 1)


def test_a_machine_that_fell_behind_says_so(rig: DeskRig, window: MainWindow) -> None:
    before = window.toasts.count()
    rig.link.inbox.put([FellBehind(3 * SECOND)])
    rig.frame()
    assert window.toasts.count() == before + 1


def test_each_message_can_be_timed_from_hop_to_hop(rig: DeskRig, window: MainWindow) -> None:
    row = quote(1)
    row["time_ns"] = rig.now_ns - 5_000_000
    rig.link.inbox.put(
        [MarketDataReceived(Topic.QUOTE, 1, row, 1, 7, published_ns=rig.now_ns - 3_000_000, received_ns=rig.now_ns)]
    )
    rig.frame()
    hops = rig.desk.state.streams.hops
    assert (hops.percentile_ns("publish", 0.5), hops.percentile_ns("network", 0.5)) == (2_000_000, 3_000_000)
    assert hops.percentile_ns("window", 0.5) == 25_000_000
    assert all(isinstance(sample, int) for samples in hops.samples.values() for sample in samples)
    assert window.isVisible()
