"""The views of depth in the real window: tabs, the rows of the ladder, the past, orders taken only while looked at."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.panels.depth_panel import DEPTH, HEAT_MAP, QUEUE
from app.settings import Settings
from server.client.incoming import Channel, ChannelState, ReplyReceived
from server.protocol import control
from server.protocol.enums import EventKind, MarketDataKind, Phase, Side, Topic
from server.protocol.records import BOOK_RECORD
from tests.app.desk_rig import DeskRig
from tests.app.made import SECOND, event, levels, received, trades
from tests.app.state.test_heat_past import page_of
from widgets.heat_map.source import KNOWN
from widgets.ladder.painting import HEADER_PX
from widgets.theme import Theme

pytestmark = pytest.mark.window
FRAMES_A_SECOND = 40


@pytest.fixture
def rig() -> DeskRig:
    """A desk in a demo."""
    return DeskRig()


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot) -> Iterator[MainWindow]:
    """Its window, after the logon."""
    made = MainWindow(rig.desk, Settings(None), Theme.load("dark"))
    qtbot.addWidget(made)
    made.resize(1920, 1080)
    made.show()
    qtbot.waitExposed(made)
    rig.log_on()
    yield made


def depth(rig: DeskRig, *rows: tuple[int, int, int]) -> None:
    """Levels change now."""
    records = levels(*rows)
    records["time_ns"] = rig.desk.market_now()
    rig.link.inbox.put([received(Topic.DEPTH, records)])


def seconds(rig: DeskRig, count: int) -> None:
    """Time passes, frame by frame."""
    for _ in range(count * FRAMES_A_SECOND):
        rig.frame()


def test_the_heat_map_shows_the_book_as_time_passes(rig: DeskRig, window: MainWindow) -> None:
    window.curve.show_tab(HEAT_MAP)
    view = window.curve.heat_map
    view.canvas.show_span(60 * SECOND)
    seconds(rig, 2)
    depth(rig, (Side.BUY, 4836, 900))
    seconds(rig, 2)
    scene = view.canvas.scene
    cell = 4836 // scene.rows.per_cell - scene.rows.bottom_cell
    assert scene.image.quantity_at(scene.time.last, cell) == 900
    assert scene.image.quantity_at(scene.time.last - 3 * SECOND // scene.time.width_ns, cell) == 500


def test_a_silent_feed_leaves_a_gap(rig: DeskRig, window: MainWindow) -> None:
    window.curve.show_tab(HEAT_MAP)
    scene = window.curve.heat_map.canvas.scene
    window.curve.heat_map.canvas.show_span(60 * SECOND)
    seconds(rig, 2)
    assert int(scene.image.states()[-3]) & KNOWN
    rig.channels(ChannelState.STALE, Channel.MARKET_DATA)
    seconds(rig, 3)
    assert not int(scene.image.states()[-3]) & KNOWN
    assert window.curve.heat_map._overlay.state == "stale"


def test_its_rows_are_the_rows_of_the_ladder(rig: DeskRig, window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_name["scalper_layout"].trigger()
    heat_map = window.workspace.first("heat_map")
    qtbot.waitUntil(lambda: heat_map.seen and window.ladder.seen)
    seconds(rig, 1)
    rows, ladder = heat_map.view.canvas.scene.rows, window.ladder.view.canvas
    assert rows.joined
    for price in (4830, 4836, 4842):
        mine = heat_map.view.canvas.mapToGlobal(QPoint(0, rows.y_of_row(price))).y()
        its = ladder.mapToGlobal(QPoint(0, HEADER_PX + ladder.scene.row_of(price) * 20)).y()
        assert mine == its
    before = rows.y_of_row(4836)
    heat_map.view.canvas.rowsScrolled.emit(3)
    assert rows.y_of_row(4836) == before + 60
    assert ladder.scene.row_of(4836) * 20 == rows.y_of_row(4836) - rows.offset_px + rows.offset_px
    window.default_layout()
    assert not heat_map.isVisible()


def test_the_past_is_asked_for_and_put_under_what_is_live(rig: DeskRig, window: MainWindow) -> None:
    window.curve.show_tab(HEAT_MAP)
    seconds(rig, 4)
    asked = [one for one in rig.link.asked if isinstance(one, control.GetDepthHistory)]
    assert len(asked) == 1
    before = asked[0].before_ns
    page = page_of([(0, [(0, 4836, 321), (1, 4838, 7)]), (59, [])])
    page["time_ns"] += before - 60 * SECOND - int(page["time_ns"][0])
    records = control.Records(layout="DEPTH_COLUMN", records=page.tobytes(), more=False)
    rig.link.inbox.put([ReplyReceived(asked[0], records)])
    seconds(rig, 2)
    scene = window.curve.heat_map.canvas.scene
    assert scene.source is not None
    assert scene.source.first_ns == before - 60 * SECOND
    read = scene.source.read(before - 30 * SECOND, SECOND, 1, 4836, 1)
    assert int(read.quantities[0, 0]) == 321
    window.curve.heat_map.canvas.scene.time.pan(10_000)
    window.curve.heat_map.canvas.moved()
    seconds(rig, 1)
    assert len([one for one in rig.link.asked if isinstance(one, control.GetDepthHistory)]) == 1


def test_prints_are_bubbles(rig: DeskRig, window: MainWindow) -> None:
    window.curve.show_tab(HEAT_MAP)
    seconds(rig, 1)
    now_ns = rig.desk.market_now()
    rig.link.inbox.put([received(Topic.TRADES, trades((now_ns, 4838, 40), (now_ns + 1, 4838, 2)))])
    seconds(rig, 1)
    bubbles = window.curve.heat_map.canvas.scene.bubbles
    assert bubbles.quantities.tolist() == [42]
    assert bubbles.rows.tolist() == [4838]


def test_own_orders_are_on_the_map_from_their_entry(rig: DeskRig, window: MainWindow) -> None:
    window.curve.show_tab(HEAT_MAP)
    rig.answer(event(EventKind.ACCEPTED, time_ns=rig.now_ns))
    own = window.curve.heat_map.canvas.scene.own
    assert [(span.price, span.end_ns) for span in own] == [(4833, None)]


def orders(*rows: tuple[int, int, int, int]) -> np.ndarray:
    """ADD rows of (public id, side, price, quantity)."""
    records = np.zeros(len(rows), BOOK_RECORD)
    records["kind"], records["instrument"] = MarketDataKind.ADD, 1
    for place, (number, side, price, quantity) in enumerate(rows):
        records["public_order_id"][place], records["side"][place] = number, side
        records["price"][place], records["quantity"][place] = price, quantity
    return records


def test_the_orders_of_the_book_are_taken_only_while_somebody_looks(rig: DeskRig, window: MainWindow) -> None:
    assert (Topic.ORDERS, 1) not in rig.link.subscribed
    window.curve.show_tab(QUEUE)
    assert (Topic.ORDERS, 1) in rig.link.subscribed
    snapshot = orders((3, Side.BUY, 4836, 200), (5, Side.BUY, 4836, 300), (4, Side.SELL, 4838, 700))
    rig.link.inbox.put([received(Topic.ORDERS, snapshot, snapshot=True)])
    rig.frame()
    assert window.curve.queue.lists[Side.BUY].sentence() == "48.36, 2 orders"
    rig.answer(event(EventKind.ACCEPTED, price=4836))
    assert window.curve.queue.lists[Side.BUY].sentence() == "48.36, 2 orders, own at place 2"
    window.curve.show_tab(DEPTH)
    rig.desk.cancel_all(0)
    rig.answer(event(EventKind.CANCELED, leaves=0, state=5))
    seconds(rig, 1)
    assert (Topic.ORDERS, 1) not in rig.link.subscribed
    assert rig.desk.state.queue_books == {}


def test_a_delisted_instrument_is_named_in_every_view(rig: DeskRig, window: MainWindow) -> None:
    record = np.zeros(1, BOOK_RECORD)
    record["kind"], record["instrument"], record["phase"] = MarketDataKind.STATUS, 1, Phase.DELISTED
    rig.link.inbox.put([received(Topic.STATUS, record)])
    for tab, view in ((DEPTH, window.curve.view), (HEAT_MAP, window.curve.heat_map), (QUEUE, window.curve.queue)):
        window.curve.show_tab(tab)
        rig.frame()
        assert view._overlay.state == "halted"
        assert "DELISTED" in view._overlay.accessibleName()


def test_ten_thousand_updates_in_one_frame_and_bad_books(rig: DeskRig, window: MainWindow) -> None:
    window.curve.show_tab(HEAT_MAP)
    seconds(rig, 1)
    depth(rig, *[(place % 2, 4836 - 200 + place % 400, place % 50) for place in range(10_000)])
    rig.frame()
    for book in (
        [(Side.BUY, 4840, 5), (Side.SELL, 4838, 5)], [(Side.BUY, 4838, 5)], [(Side.SELL, 4838, 0)],
        [(Side.BUY, -7, 3)], [(Side.SELL, 4_836_000_000, 3)], [(Side.BUY, 4_836_000_000 - 1, 3)],
    ):  # fmt: skip
        depth(rig, *book)
        for tab in (DEPTH, HEAT_MAP, QUEUE):
            window.curve.show_tab(tab)
            rig.frame()
            window.grab()
    rig.now_ns -= 5 * SECOND
    seconds(rig, 1)
    window.grab()
