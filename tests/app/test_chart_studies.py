"""Studies on a chart: panes, values with the market, settings, and the picker by keyboard."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
import talib
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.panels.chart_panel import ChartPanel
from app.panels.chart_studies import ChartStudies, usual
from app.panels.study_chooser import StudyChooser
from app.studies.bar_inputs import Units
from app.studies.catalogue import kinds
from app.studies.choice import chosen, from_builtins
from server.protocol import control
from server.protocol.enums import Topic
from tests.app.desk_rig import DeskRig
from tests.app.made import NOON, SECOND, received, trades
from tests.app.studies.markets import made_bars, truth
from tests.app.studies.tapes import bars_of, made_trades, ticks_of
from widgets.chart import ChartView
from widgets.chart.chart_type import ChartType
from widgets.theme import Theme

pytestmark = pytest.mark.window
UNITS = Units(100, 1)
FIELDS = ("time_ns", "open", "high", "low", "close", "volume")


@pytest.fixture
def view(qapp: QApplication) -> Iterator[ChartView]:
    chart = ChartView(Theme.load("dark"))
    chart.set_instrument("VLTA", 2, 1)
    chart.resize(900, 640)
    chart.show()
    yield chart
    chart.close()


def filled(view: ChartView, count: int = 400) -> ChartStudies:
    rows = made_bars(count)
    studies = ChartStudies(view, Theme.load("dark"))
    view.set_bars(*(rows[name] for name in FIELDS))
    studies.reset(rows, UNITS)
    return studies


def panes(view: ChartView) -> list[str]:
    return [pane.key for pane in view.panes][1:]


def test_panes_follow_what_is_chosen(view: ChartView) -> None:
    studies = filled(view)
    ema, rsi, macd = (chosen(kinds()[name]) for name in ("EMA", "RSI", "MACD"))
    studies.choose([ema, rsi, macd])
    assert panes(view) == ["study:RSI:1", "study:MACD:1"]
    studies.choose([macd, chosen(kinds()["RSI"], timeperiod=5), rsi])
    assert panes(view) == ["study:MACD:1", "study:RSI:1", "study:RSI:2"]
    view.grab()
    studies.choose([])
    assert panes(view) == []
    view.grab()


def test_every_study_can_be_shown_and_painted(view: ChartView) -> None:
    studies = filled(view, 150)
    everything = [chosen(kind) for kind in kinds().values()]
    with np.errstate(all="ignore"):
        for first in range(0, len(everything), 12):
            studies.choose(everything[first : first + 12])
            view.grab()
            view.set_visible_bars(3_000)
            view.grab()
            view.go_to_end()


def test_values_follow_the_market_and_are_read_out(view: ChartView) -> None:
    rows = made_bars(300)
    studies = ChartStudies(view, Theme.load("dark"))
    view.set_bars(*(rows[name][100:200] for name in FIELDS))
    studies.reset(rows[100:200], UNITS)
    ema, rsi = chosen(kinds()["EMA"], timeperiod=9), chosen(kinds()["RSI"])
    studies.choose([ema, rsi])
    studies.prepend(rows[:200], 100)
    view.prepend_bars(*(rows[name][:100] for name in FIELDS))
    for last in range(201, 250):
        studies.advance(rows[:last])
        view.update_bar(*(int(rows[name][last - 1]) for name in FIELDS))
    (plot, _), (other, _) = studies._plots
    np.testing.assert_allclose(plot.values, truth(ema, rows[:249], UNITS), rtol=1e-9)
    assert plot.at(0, 248) == pytest.approx(truth(ema, rows[:249], UNITS)[0, -1] * 100)
    assert studies._legend.text_of(plot, 0, 248) == f"{truth(ema, rows[:249], UNITS)[0, -1]:,.2f}"
    assert studies._layers[1].text_of(other, 0, 248) == f"{truth(rsi, rows[:249], UNITS)[0, -1]:.2f}"
    view.grab()


def test_studies_of_bricks_are_of_what_is_drawn(view: ChartView) -> None:
    studies = filled(view)
    ema = chosen(kinds()["EMA"], timeperiod=5)
    studies.choose([ema, chosen(kinds()["RSI"])])
    plot = studies._plots[0][0]
    view.set_chart_type(ChartType.RENKO, 20.0)
    studies.settle(0, None)  # type: ignore[arg-type]
    closes = view.bars.column("close")
    assert len(closes) != 400
    np.testing.assert_allclose(plot.values[0], talib.EMA(closes / 100, 5), rtol=1e-9)
    view.grab()
    view.set_chart_type(ChartType.CANDLES)
    studies.settle(0, None)  # type: ignore[arg-type]
    np.testing.assert_allclose(plot.values, truth(ema, made_bars(400), UNITS), rtol=1e-9)


def test_what_was_chosen_is_kept_with_the_panel(view: ChartView) -> None:
    studies = ChartStudies(view, Theme.load("dark"))
    assert from_builtins(studies.saved()) == usual()
    rows = made_bars(50)
    studies.reset(rows, UNITS)
    assert studies.choices == usual()
    studies.choose([chosen(kinds()["RSI"], timeperiod=7)])
    kept = json.loads(json.dumps(studies.saved()))
    again = ChartStudies(view, Theme.load("dark"))
    again.restore(kept)
    assert again.saved() == studies.saved()
    again.reset(rows, UNITS)
    assert again.choices == studies.choices
    again.restore([])
    assert again.choices == []


def rig_with_chart() -> tuple[DeskRig, ChartPanel]:
    rig = DeskRig()
    panel = ChartPanel(rig.desk, Theme.load("dark"))
    panel.resize(900, 600)
    panel.show()
    QApplication.processEvents()
    rig.log_on()
    rig.desk.frame_for_all()
    return rig, panel


def test_live_trades_reach_the_studies_and_older_ones_are_fetched(qapp: QApplication) -> None:
    rig, panel = rig_with_chart()
    panel.studies.choose([chosen(kinds()["CUMULATIVE_DELTA"]), chosen(kinds()["SESSION_VWAP"])])
    rig.link.inbox.put([received(Topic.TRADES, trades((NOON, 4800, 10), (NOON + SECOND, 4802, 30), first=501))])
    rig.desk.frame_for_all()
    rig.desk.frame_for_all()
    assert [int(row["trade_number"]) for row in panel.studies.tape.rows] == [501, 502]
    asked = [one for one in rig.link.asked if isinstance(one, control.GetTicks) and one.count == 4000]
    assert asked
    panel.close()


def test_another_instrument_takes_another_tape(qapp: QApplication) -> None:
    rig, panel = rig_with_chart()
    panel.studies.choose([chosen(kinds()["DELTA"])])
    rig.link.inbox.put([received(Topic.TRADES, trades((NOON, 4800, 10), first=1))])
    rig.desk.frame_for_all()
    rig.desk.frame_for_all()
    assert len(panel.studies.tape) == 1
    panel.select(2)
    assert len(panel.studies.tape) == 0
    panel.close()


def test_pages_of_trades_make_the_footprint_whole(view: ChartView) -> None:
    prints = made_trades(900)
    rows = bars_of(prints)
    asked: list[tuple[int, object]] = []

    class Pages:
        def ask_tape(self, instrument: int, before_trade: int, take: object) -> None:
            asked.append((before_trade, take))

    studies = ChartStudies(view, Theme.load("dark"))
    studies.other_instrument(1, 1, 0)
    view.set_bars(*(rows[name] for name in FIELDS))
    studies.reset(rows, UNITS)
    studies.choose([chosen(kinds()["FOOTPRINT"]), chosen(kinds()["DELTA"]), chosen(kinds()["VISIBLE_PROFILE"])])
    view.set_visible_bars(200_000)
    now = 10**18
    studies.settle(now, Pages())  # type: ignore[arg-type]
    while asked:
        before, take = asked.pop()
        older = prints[prints["trade_number"] < before] if before else prints
        take(ticks_of(older[-250:]), len(older) > 250)  # type: ignore[operator]
        studies.settle(now, Pages())  # type: ignore[arg-type]
    assert len(studies.tape) == len(prints)
    assert studies.tape.complete
    view.grab()
    (plot, _) = studies._plots[0]
    signs = np.select([prints["aggressor"] == 0, prints["aggressor"] == 1], [1, -1], 0)
    assert int(np.nansum(plot.values)) == int((signs * prints["quantity"]).sum())


def test_the_picker_by_keyboard(view: ChartView) -> None:
    studies = filled(view)
    studies.choose([chosen(kinds()["EMA"], timeperiod=20)])
    chooser = StudyChooser(studies, Theme.load("dark"), view)
    picker = chooser.picker
    QTest.keyClicks(picker.search, "rsi")
    QTest.keyClick(picker.search, Qt.Key.Key_Return)
    assert [one.name for one in studies.choices] == ["EMA", "RSI"]
    assert panes(view) == ["study:RSI:1"]
    QTest.keyClick(picker.chosen, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert [one.name for one in studies.choices] == ["RSI", "EMA"]
    QTest.keyClick(picker.chosen, Qt.Key.Key_Delete)
    assert [one.name for one in studies.choices] in (["EMA"], ["RSI", "EMA"])
    QTest.keyClick(picker, Qt.Key.Key_Escape)
    assert studies.choices == [chosen(kinds()["EMA"], timeperiod=20)]


def test_the_picker_checks_what_is_typed_and_shows_it_at_once(view: ChartView) -> None:
    studies = filled(view)
    studies.choose([chosen(kinds()["EMA"], timeperiod=20)])
    chooser = StudyChooser(studies, Theme.load("dark"), view)
    picker = chooser.picker
    field = picker.form._edits[0]
    for text, problem in (
        ("0", True),
        ("x", True),
        ("", True),
        ("2.5", True),
        ("1e9", True),
        ("nan", True),
        ("9", False),
    ):
        field.selectAll()
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClicks(field, text)
        assert bool(picker.form._problem.text()) == problem, text
    assert studies.choices[0].parameters == {"timeperiod": 9}
    assert picker.chosen.rows[0].name == "EMA 9"
    picker.accept()
    assert studies.choices[0].parameters == {"timeperiod": 9}
