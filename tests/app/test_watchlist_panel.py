"""The watchlist in the window: edits and their undo, search, formulas, and what the market does to it meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.desk import Desk
from app.main_window import MainWindow
from app.models.shared_watchlists import Formula, SharedWatchlists
from app.panels.watchlist_panel import WatchlistPanel
from app.settings import WATCHLISTS, WATCHLISTS_UNREAD, Settings
from app.state.watchlists import Line
from server.client.incoming import ReplyReceived
from server.protocol import control
from server.protocol.enums import Topic
from server.protocol.records import NO_PRICE, VOLUME_RECORD
from tests.app.desk_rig import DeskRig
from tests.app.made import instrument, quote, received
from tests.app.test_window import window_of

pytestmark = pytest.mark.window
SYMBOLS = ("VLTA", "KRNL", "HLDN", "MIRA")


@pytest.fixture
def rig() -> DeskRig:
    """A desk in a demo."""
    return DeskRig()


@pytest.fixture
def panel(rig: DeskRig, qtbot: QtBot) -> Iterator[WatchlistPanel]:
    """Its watchlist, over four instruments with quotes."""
    window: MainWindow = window_of(rig, qtbot)
    relist(rig, *SYMBOLS)
    for number in range(1, 5):
        rig.link.inbox.put([received(Topic.QUOTE, quote(number, last=4800 + 10 * number))])
    rig.frame()
    QApplication.processEvents()
    yield window.watchlist
    window.workspace.close_windows()


def relist(rig: DeskRig, *symbols: str) -> None:
    """The server lists these."""
    listed = [instrument(number, symbol) for number, symbol in enumerate(symbols, 1)]
    rig.link.inbox.put([ReplyReceived(control.GetInstruments(), control.Instruments(instruments=listed))])
    rig.frame()


def lines(panel: WatchlistPanel) -> list[str]:
    """What the table shows, from above."""
    assert panel.view.rows is not None
    rows = panel.view.rows
    return [rows.cell(row, 0)[0] for row in range(rows.rowCount())]


def own_list(panel: WatchlistPanel) -> None:
    """A list: a heading with two instruments, another with one."""
    made = [Line(heading="G"), Line("VLTA"), Line("KRNL"), Line(heading="H"), Line("HLDN")]
    panel.edits.new_list("Mine", made)


def test_edits_are_undone_and_kept_in_the_settings(rig: DeskRig, panel: WatchlistPanel) -> None:
    own_list(panel)
    assert lines(panel) == ["G", "VLTA", "KRNL", "H", "HLDN"]
    panel.edits.move([2], 1)
    panel.edits.remove([0])
    panel.edits.add(["mira", "NOPE"], 0)
    assert lines(panel) == ["MIRA", "KRNL", "VLTA", "H", "HLDN"]
    kept = SharedWatchlists(lambda: rig.desk.settings).book.get("Mine")
    assert kept is not None and kept.symbols == ("MIRA", "KRNL", "VLTA", "HLDN")
    for expected in (["KRNL", "VLTA", "H", "HLDN"], ["G", "KRNL", "VLTA", "H", "HLDN"]):
        panel.edits.undo()
        assert lines(panel) == expected
    panel.edits.redo()
    assert lines(panel) == ["KRNL", "VLTA", "H", "HLDN"]


def test_all_instruments_cannot_be_edited_and_are_copied(rig: DeskRig, panel: WatchlistPanel) -> None:
    assert lines(panel) == ["Shares", *SYMBOLS]
    panel.edits.remove([1])
    assert lines(panel) == ["Shares", *SYMBOLS]
    panel.edits.menu([]).actions()[1].trigger()
    panel.edits.remove([1])
    assert lines(panel) == ["Shares", *SYMBOLS[1:]]


def test_keys_move_remove_fold_and_undo(panel: WatchlistPanel, qtbot: QtBot) -> None:
    own_list(panel)
    table = panel.view.table
    panel.view.select_lines([1])
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert lines(panel) == ["G", "KRNL", "VLTA", "H", "HLDN"]
    assert panel.view.selected_lines() == [2]
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert lines(panel) == ["G", "KRNL", "H", "HLDN"]
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert lines(panel) == ["G", "KRNL", "VLTA", "H", "HLDN"]
    panel.view.select_lines([0])
    qtbot.keyClick(table, Qt.Key.Key_Space)
    assert lines(panel) == ["G", "H", "HLDN"]


def test_delete_in_the_list_cancels_no_order(rig: DeskRig, panel: WatchlistPanel) -> None:
    own_list(panel)
    panel.activateWindow()
    panel.view.table.setFocus()
    panel.view.select_lines([1])
    QTest.keyClick(panel.view.table, Qt.Key.Key_Delete)
    assert lines(panel) == ["G", "KRNL", "H", "HLDN"]
    assert rig.link.sent == []


def test_lines_and_symbols_are_dropped_where_the_pointer_is(panel: WatchlistPanel) -> None:
    own_list(panel)
    table = panel.view.table

    def drop(mime: object, row: int) -> None:
        y = table.rowViewportPosition(row) + 2 if row >= 0 else table.viewport().height() - 1
        table.dropEvent(QDropEvent(QPointF(20, y), Qt.DropAction.MoveAction, mime, Qt.MouseButton.LeftButton,
                                   Qt.KeyboardModifier.NoModifier))  # type: ignore[arg-type]  # fmt: skip

    drop(table.mime_of([4]), 1)
    assert lines(panel) == ["G", "HLDN", "VLTA", "KRNL", "H"]
    foreign = table.mime_of([1])
    foreign.removeFormat("application/x-tradepit-lines")
    foreign.setText("MIRA\n=1+1")
    drop(foreign, 2)
    assert lines(panel) == ["G", "HLDN", "MIRA", "VLTA", "KRNL", "H"]
    broken = table.mime_of([1])
    broken.setData("application/x-tradepit-lines", b'{"lines": "no"}')
    broken.setText("")
    drop(broken, 0)
    drop(table.mime_of([0]), -1)
    assert lines(panel) == ["H", "G", "HLDN", "MIRA", "VLTA", "KRNL"]


@pytest.mark.parametrize("text", ["mira", "MIRA POWER", "xx0000000004", "mir"])
def test_search_finds_by_symbol_name_and_isin_and_adds(rig: DeskRig, panel: WatchlistPanel, text: str) -> None:
    listed = [
        msgspec.structs.replace(instrument(number, symbol), isin=f"XX{number:010d}")
        for number, symbol in enumerate(SYMBOLS, 1)
    ]
    rig.desk.state.market.instruments = type(rig.desk.state.market.instruments)(listed)
    own_list(panel)
    panel.tools.search.setText(text)
    panel.tools.searched.emit(text)
    assert panel.tools._found.stringList()[0].startswith("MIRA")
    panel.tools._enter()
    assert lines(panel)[-1] == "MIRA"
    assert rig.desk.instrument == 4


def test_a_formula_is_a_column_that_sorts_and_a_wrong_one_says_so(rig: DeskRig, panel: WatchlistPanel) -> None:
    shared = rig.desk.watchlists
    shared.put_formula(Formula("Half", "last / 2", 1))
    shared.put_formula(Formula("Bad", "lost / 2"))
    titles = [heading.title for heading in panel.model.headings]
    half = titles.index("Half")
    assert "! Bad" in titles and "no field lost" in panel.view.header.toolTip()
    assert panel.model.cell(1, half)[0] == "24.0" or panel.model.cell(1, half)[0] == "24.1"
    panel.view.sort_by(half, descending=True)
    assert lines(panel) == ["Shares", "MIRA", "HLDN", "KRNL", "VLTA"]
    assert not panel.view.table.isColumnHidden(half)
    assert SharedWatchlists(lambda: rig.desk.settings).formulas == shared.formulas
    shared.put_formula(Formula("Bad", "bid"), "Bad")
    assert "Bad" in [heading.title for heading in panel.model.headings]
    assert not panel.grab().isNull()


def test_sorted_within_groups_and_back_to_the_own_order(panel: WatchlistPanel, qtbot: QtBot) -> None:
    own_list(panel)
    header = panel.view.header
    where = QPoint(header.sectionViewportPosition(2) + 20, 8)
    for expected in (["G", "KRNL", "VLTA", "H", "HLDN"], ["G", "VLTA", "KRNL", "H", "HLDN"]):
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert lines(panel) == expected
    panel.edits.move([2], 1)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert lines(panel) == ["G", "KRNL", "VLTA", "H", "HLDN"]


def test_an_instrument_that_is_delisted_stays_in_the_list_and_says_so(rig: DeskRig, panel: WatchlistPanel) -> None:
    own_list(panel)
    relist(rig, "VLTA", "GONE", "HLDN")
    QApplication.processEvents()
    assert lines(panel) == ["G", "VLTA", "KRNL", "H", "HLDN"]
    assert panel.model.cell(2, 2)[0] == "not listed"
    assert panel.model.instrument_at(2) == 0
    panel.view.select_lines([2])
    assert not panel.grab().isNull()
    relist(rig, *SYMBOLS)
    assert panel.model.instrument_at(2) == 2


@pytest.mark.parametrize(
    ("last", "close", "bid", "ask"),
    [(0, 4800, -1, 1), (-481_234, -481_000, -481_235, -481_233), (NO_PRICE, NO_PRICE, NO_PRICE, NO_PRICE),
     (48, 48, 48, NO_PRICE), (4_812_340_000, 48, 50, 40), (0, 0, 0, 0)],
)  # fmt: skip
def test_strange_prices_are_shown_as_they_are(
    rig: DeskRig, panel: WatchlistPanel, last: int, close: int, bid: int, ask: int
) -> None:
    rig.desk.watchlists.put_formula(Formula("F", "(ask - bid) / mid + change_percent"))
    rig.link.inbox.put([received(Topic.QUOTE, quote(1, last=last, close=close, bid=bid, ask=ask))])
    rig.frame()
    for column in range(len(panel.model.headings)):
        assert isinstance(panel.model.cell(1, column)[0], str)
        panel.view.sort_by(column, descending=bool(column % 2))
        assert lines(panel)[0] == "Shares"
    assert not panel.grab().isNull()


def test_ten_thousand_updates_in_one_frame(rig: DeskRig, panel: WatchlistPanel) -> None:
    rng = np.random.default_rng(1)
    panel.view.sort_by(2, descending=True)
    for last in rng.integers(4000, 6000, 10_000).tolist():
        rig.link.inbox.put([received(Topic.QUOTE, quote(int(last) % 4 + 1, last=int(last)))])
    rig.frame()
    QApplication.processEvents()
    lasts = [panel.model.fields("last")[SYMBOLS.index(one)] for one in lines(panel)[1:]]
    assert lasts == sorted(lasts, reverse=True)


def test_a_line_flashes_at_most_three_times_a_second_and_not_at_all_when_calm(
    rig: DeskRig, panel: WatchlistPanel
) -> None:
    flashes, lit = 0, False
    for last in range(200):
        rig.link.inbox.put([received(Topic.QUOTE, quote(1, last=4700 + last % 2))])
        rig.frame()
        now = bool(panel.model.cell_tint(1, 2))
        flashes, lit = flashes + (now and not lit), now
    assert 3 <= flashes <= 3 * 200 * 25 // 1000 + 1
    panel.model.flashes = False
    rig.now_ns += 10**9
    rig.link.inbox.put([received(Topic.QUOTE, quote(1, last=1))])
    rig.frame()
    assert not panel.model.cell_tint(1, 2)


def test_usual_volumes_are_asked_for_and_compared(rig: DeskRig, panel: WatchlistPanel) -> None:
    request = next(one for one in rig.link.asked if isinstance(one, control.GetVolumes))
    records = np.zeros(1, VOLUME_RECORD)
    records["instrument"], records["average"], records["expected"] = 1, 4_000, 1_000
    volume = quote(1)
    volume["volume"] = 2_500
    rig.link.inbox.put([received(Topic.QUOTE, volume)])
    reply = control.Records(layout="VOLUME_RECORD", records=records.tobytes())
    rig.link.inbox.put([ReplyReceived(request, reply)])
    rig.frame()
    column = [heading.title for heading in panel.model.headings].index("Vol ×")
    assert panel.model.cell(1, column)[0] == "2.50"
    assert panel.model.cell(2, column)[0] == "–"


def test_several_panels_show_several_lists_and_come_back(rig: DeskRig, panel: WatchlistPanel) -> None:
    own_list(panel)
    panel.view.show_columns(["Instrument", "Bid"])
    saved = json.loads(json.dumps(panel.saved()))
    other = WatchlistPanel(rig.desk, panel.theme)
    other.restore(saved)
    other.show()
    QApplication.processEvents()
    assert lines(other) == lines(panel)
    assert other.view.column_layout.chosen == ["Last", "Chg %", "Instrument", "Bid"]
    panel.edits.rename("Other name")
    panel.edits.delete()
    assert lines(other) == ["Shares", *SYMBOLS]
    panel.edits.undo()
    assert rig.desk.watchlists.book.names == ("Other name",)
    other.restore({"list": 3, "view": {"columns": [1], "widths": {"Last": "x"}, "sort": ["No", 1]}})
    other.close_panel()


def test_files_come_and_go(rig: DeskRig, panel: WatchlistPanel, tmp_path: Path) -> None:
    told: list[tuple[str, str, str]] = []
    rig.desk.message.connect(lambda *parts: told.append(parts))
    own_list(panel)
    path = tmp_path / "Copy.csv"
    panel.edits.files.export_file(path)
    panel.edits.files.import_file(path)
    assert panel._name == "Copy"
    assert lines(panel) == ["G", "VLTA", "KRNL", "H", "HLDN"]
    path.write_bytes(b"\xff\x00\x13nothing;here")
    panel.edits.files.import_file(path)
    assert told[-1][:2] == ("warning", "NOT IMPORTED")
    panel.export(path)
    assert path.read_text(encoding="utf-8").startswith("Instrument,")


def test_lists_that_cannot_be_read_are_not_lost(rig: DeskRig) -> None:
    settings = Settings(None)
    settings.put(WATCHLISTS, '{"lists": 7}')
    desk = Desk(rig.link, lambda: 0, settings=settings)  # type: ignore[arg-type]
    assert desk.watchlists.book.lists == ()
    assert settings.get(WATCHLISTS_UNREAD) == '{"lists": 7}'
