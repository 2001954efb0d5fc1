"""Time and sales and hot lists in the window: no print is lost, whatever the way to it is; own ones are marked."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.models.history_pages import TICKS
from app.panels.tape_panel import PAGE_TICKS, TapePanel
from server.client.incoming import ReplyReceived
from server.protocol import control
from server.protocol.enums import EventKind, FaultCode, MarketDataFlag, OrderState, Ranking, Topic
from server.protocol.records import HOT_RECORD, TICK_RECORD
from tests.app.desk_rig import DeskRig
from tests.app.made import NOON, event, received, trades
from tests.app.test_window import window_of
from widgets.tape import OWN, TapeFilter

pytestmark = pytest.mark.window


@pytest.fixture
def rig() -> DeskRig:
    """A desk in a demo."""
    return DeskRig()


@pytest.fixture
def window(rig: DeskRig, qtbot: QtBot) -> Iterator[MainWindow]:
    """Its window."""
    made = window_of(rig, qtbot)
    QApplication.processEvents()
    yield made
    made.workspace.close_windows()


def come(rig: DeskRig, first: int, count: int, *, gap: bool = False) -> None:
    """Trades come live; no frame passes."""
    rows = trades(*((NOON + number, 4830 + number % 7, number) for number in range(first, first + count)), first=first)
    rows["sequence"] = np.arange(first, first + count) // 3
    rig.link.inbox.put([received(Topic.TRADES, rows, gap=gap)])


def answer_ticks(rig: DeskRig, newest: int) -> int:
    """History answers every question about trades that was not answered yet; how many there were."""
    ticks = [one for one in rig.link.asked if isinstance(one, control.GetTicks) and one.instrument == 1]
    asked = [one for one in ticks if one.count in (TICKS, PAGE_TICKS)]
    rig.link.asked.clear()
    for request in asked:
        last = request.before_trade - 1 if request.before_trade else newest
        numbers = np.arange(max(1, last - min(request.count, 1000) + 1), last + 1)
        ticks = np.zeros(len(numbers), TICK_RECORD)
        ticks["trade_number"], ticks["quantity"], ticks["time_ns"] = numbers, numbers, NOON + numbers
        ticks["price"], ticks["sequence"] = 4830 + numbers % 7, numbers // 3
        reply = control.Records(layout="TICK_RECORD", records=ticks.tobytes(), more=False)
        rig.link.inbox.put([ReplyReceived(request, reply)])
    for _ in range(3):
        rig.frame()
    return len(asked)


def numbers(panel: TapePanel) -> list[int]:
    """The numbers of the prints that are kept."""
    return panel.view.seen.ring.all()["number"].tolist()


def test_every_print_of_a_storm_is_there(rig: DeskRig, window: MainWindow) -> None:
    rng, first = np.random.default_rng(1), 1
    while first < 20_000:
        for size in rng.integers(1, 900, int(rng.integers(1, 6))).tolist():
            come(rig, first, size)
            first += size
        rig.frame()
    rig.frame()
    assert numbers(window.tape) == list(range(1, first))
    assert window.tape.view.seen.ring.all()["quantity"].tolist() == list(range(1, first))


def test_a_hole_is_filled_from_history_and_said_until_then(rig: DeskRig, window: MainWindow) -> None:
    answer_ticks(rig, 0)
    come(rig, 1, 50)
    rig.frame()
    come(rig, 3_001, 20)
    rig.frame()
    rig.now_ns += 10**9
    rig.frame()
    assert window.tape.header._tag == "2,950 missing"
    rounds = 0
    while answer_ticks(rig, 3_020) and rounds < 10:
        rounds += 1
    rig.now_ns += 10**9
    rig.frame()
    assert numbers(window.tape) == list(range(1, 3_021))
    assert window.tape.header._tag == ""


def test_the_tape_loads_what_is_older_when_it_is_scrolled_there(rig: DeskRig, window: MainWindow) -> None:
    answer_ticks(rig, 0)
    come(rig, 5_000, 40)
    rig.frame()
    view = window.tape.view
    before = len(numbers(window.tape))
    view.scroll_to(10**9)
    top = view.shown()[0].price, view.shown()[0].quantity
    assert answer_ticks(rig, 5_039) == 1
    assert len(numbers(window.tape)) == before + 1_000
    assert (view.shown()[0].price, view.shown()[0].quantity) == top


def test_own_prints_are_marked_whichever_comes_first(rig: DeskRig, window: MainWindow) -> None:
    rows = trades((NOON + 5, 4833, 200), (NOON + 5, 4833, 300), (NOON + 5, 4834, 200), first=1)
    rig.link.inbox.put([received(Topic.TRADES, rows)])
    rig.frame()
    assert not any(line.flags & OWN for line in window.tape.view.shown())
    rig.answer(event(EventKind.ACCEPTED))
    rig.answer(event(EventKind.EXECUTED, leaves=300, filled=200, last_price=4833, last_quantity=200,
                     state=OrderState.PARTIALLY_FILLED, time_ns=NOON + 5, sequence=2, stream_sequence=2))  # fmt: skip
    own = [(line.price, line.quantity) for line in window.tape.view.shown() if line.flags & OWN]
    assert own == [(4833, 200)]
    window.tape.show_all()
    assert [(one.price, one.quantity) for one in window.tape.view.shown() if one.flags & OWN] == own


def test_conditions_reach_the_tape_and_the_file(rig: DeskRig, window: MainWindow, tmp_path: Path) -> None:
    rows = trades((NOON, 4833, 200), (NOON, 4833, 300), first=1)
    rows["flags"] = (MarketDataFlag.AUCTION, MarketDataFlag.HIDDEN | MarketDataFlag.PRINT)
    rig.link.inbox.put([received(Topic.TRADES, rows)])
    rig.frame()
    window.tape.copy()
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0].split("\t")[:3] == ["Time UTC", "Trade", "Side"]
    assert [line.split("\t")[5] for line in copied[1:]] == ["auction", "hidden"]
    path = tmp_path / "tape.csv"
    assert window.tape.export(path) == 2
    assert path.read_bytes().count(b"\r\n") == 3
    assert "48.33,200,auction" in path.read_text(encoding="utf-8")


def test_choices_come_back_and_wrong_ones_are_none(rig: DeskRig, window: MainWindow) -> None:
    window.tape.tools._filter(quantity_min=70, side=1)
    saved = json.loads(json.dumps(window.tape.saved()))
    other = TapePanel(rig.desk, window.theme)
    other.restore(saved)
    assert other.view.seen.rows.filter == TapeFilter(quantity_min=70, side=1)
    for wrong in ({"options": 7}, {"options": {"zone": "No/Where"}}, {"options": {"time": "never"}}, {}):
        other.restore(wrong)
        assert other.tools.options.filter == TapeFilter()
    other.close_panel()


def test_a_whole_tape_is_kept_of_a_few_instruments_only(rig: DeskRig, window: MainWindow) -> None:
    market = rig.desk.state.market
    for number in range(1, 12):
        market.tapes.widen(number)
    assert [number for number in range(1, 12) if market.ring(number).is_wide] == list(range(6, 12))


def hot(*rows: tuple[int, int, int]) -> np.ndarray:
    """HOT_RECORD rows from (instrument, change_ppm, turnover)."""
    made = np.zeros(len(rows), HOT_RECORD)
    for place, (number, change, turnover) in enumerate(rows):
        made["instrument"][place], made["change_ppm"][place], made["turnover"][place] = number, change, turnover
        made["rank"][place], made["last_price"][place], made["time_ns"][place] = place + 1, 4_837, NOON
    return made


def test_a_hot_list_is_asked_for_while_it_is_seen_and_shown_as_ranked(rig: DeskRig, window: MainWindow) -> None:
    rig.now_ns += 3 * 10**9
    rig.frame()
    request = next(one for one in reversed(rig.link.asked) if isinstance(one, control.GetHotList))
    assert request.ranking == Ranking.GAINERS
    records = hot((2, 24_449, 7), (77, 20_000, 7), (1, -12_351, 7))
    reply = control.Records(layout="HOT_RECORD", records=records.tobytes())
    rig.link.inbox.put([ReplyReceived(request, reply)])
    rig.frame()
    model = window.movers.model
    texts = [[model.cell(row, column)[0] for column in range(3)] for row in range(model.count())]
    assert texts == [["KRNL", "+2.44", "48.37"], ["VLTA", "−1.24", "48.37"]]
    window.movers.views[0].rowActivated.emit(0)
    assert rig.desk.instrument == 2
    rig.link.asked.clear()
    window.movers.tabs._choose(4)
    rig.frame()
    assert [one.ranking for one in rig.link.asked if isinstance(one, control.GetHotList)] == [Ranking.TURNOVER]
    window.movers.hide()
    rig.link.asked.clear()
    rig.now_ns += 10 * 10**9
    rig.frame()
    assert not any(isinstance(one, control.GetHotList) for one in rig.link.asked)


def test_a_refused_hot_list_is_asked_for_again_and_says_nothing_wrong(rig: DeskRig, window: MainWindow) -> None:
    rig.now_ns += 3 * 10**9
    rig.frame()
    request = next(one for one in reversed(rig.link.asked) if isinstance(one, control.GetHotList))
    rig.link.inbox.put([ReplyReceived(request, control.Refused(code=FaultCode.UNAVAILABLE))])
    rig.link.asked.clear()
    rig.now_ns += 3 * 10**9
    rig.frame()
    assert any(isinstance(one, control.GetHotList) for one in rig.link.asked)
    assert window.movers.model.count() == 0
