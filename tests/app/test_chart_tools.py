"""The tools of the charts in the real window: drawings kept and shown everywhere, linked crosshair, compare, export."""

import csv
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pyqtgraph as pg
import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.models.drawing_files import path_of, read_all
from app.panels.chart_panel import ChartPanel
from app.settings import Settings
from app.state.bars import MINUTE_NS, BarSize
from tests.app.desk_rig import DeskRig
from tests.app.made import NOON, bars
from widgets.chart.export_dialog import ExportWish
from widgets.chart.value_scale import ScaleKind
from widgets.drawing.drawing import Anchor, Drawing, DrawingKind
from widgets.drawing.drawing_dialog import DrawingDialog
from widgets.theme import Theme

pytestmark = pytest.mark.window
FIVE = 5 * MINUTE_NS
LINE = Drawing(1, DrawingKind.TREND_LINE, (Anchor(NOON - 40 * FIVE, 4825), Anchor(NOON - 10 * FIVE, 4840)))


def page(count: int, size_ns: int, price: int, step: int = 1):
    """Bars up to noon that rise and fall."""
    return bars(*((NOON - (count - i) * size_ns, price + step * (i % 20), 3) for i in range(count)))


class Charts:
    """The window on kept settings, its chart of VLTA in five minutes, and a second one."""

    def __init__(self, directory: Path, qtbot: QtBot) -> None:
        self.rig, self.qtbot, self.directory = DeskRig(), qtbot, directory
        settings = Settings(directory / "workstation.ini")
        self.said: list[str] = []
        self.rig.desk.message.connect(lambda kind, title, detail: self.said.append(detail))
        self.window = MainWindow(self.rig.desk, settings, Theme.load("dark"))
        qtbot.addWidget(self.window)
        self.window.resize(1920, 1080)
        with qtbot.waitExposed(self.window):
            self.window.show()
        qtbot.waitUntil(self._read)
        self.rig.log_on()
        self.first: ChartPanel = self.window.chart
        self.fill(self.first)

    def _read(self) -> bool:
        self.rig.frame()
        return self.rig.desk.drawings.is_read

    def fill(self, panel: ChartPanel) -> None:
        """History comes."""
        assert panel._series is not None
        size_ns = panel._series.size.length_ns
        self.rig.desk.state.market.apply_bars(panel._series, page(200, size_ns, 4820), more=False)
        self.qtbot.waitUntil(lambda: self._shows(panel))
        panel.view.grab()

    def _shows(self, panel: ChartPanel) -> bool:
        self.rig.frame()
        return panel.view.span.bars.count > 0

    def second(self, word: str = "15m", link: str = "A") -> ChartPanel:
        """Another chart of the same instrument with other bars."""
        panel = self.window.workspace.open("chart", link=link)
        self.qtbot.waitUntil(lambda: panel.seen)
        panel.set_bar_size(word)
        self.fill(panel)
        return panel

    def plot(self, panel: ChartPanel, time_ns: int, price: float) -> QPoint:
        """Where a point of the market is on the widget."""
        plane = panel.tools.drawings.board.layer.plane
        canvas = panel.view._canvas
        return canvas.mapFromScene(canvas.box.mapToScene(QPointF(plane.x_of(time_ns), plane.y_of(price))))

    def click(self, panel: ChartPanel, time_ns: int, price: float) -> None:
        """One click."""
        self.qtbot.mouseClick(
            panel.view._canvas.viewport(), Qt.MouseButton.LeftButton, pos=self.plot(panel, time_ns, price)
        )

    @property
    def drawn(self) -> tuple[Drawing, ...]:
        return self.rig.desk.drawings.of("VLTA")


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[], Charts]]:
    """Makes a window whose settings and drawings are in one directory; pointers are never too fast."""
    limit = pg.getConfigOption("mouseRateLimit")
    pg.setConfigOption("mouseRateLimit", -1)
    yield lambda: Charts(tmp_path, qtbot)
    pg.setConfigOption("mouseRateLimit", limit)


@pytest.fixture
def charts(made: Callable[[], Charts]) -> Charts:
    """One window."""
    return made()


def test_a_line_drawn_by_clicks_is_on_every_chart_and_undone_by_the_key(charts: Charts) -> None:
    other = charts.second()
    charts.first.tools.drawings.board.switch("magnet", False)
    charts.qtbot.keyClick(charts.first.view, Qt.Key.Key_T, Qt.KeyboardModifier.AltModifier)
    for anchor in LINE.anchors:
        charts.click(charts.first, anchor.time_ns, anchor.price)
    assert [(one.kind, one.anchors) for one in charts.drawn] == [(LINE.kind, LINE.anchors)]
    for panel in (charts.first, other):
        assert [one.drawing for one in panel.tools.drawings.board.layer.figures()] == list(charts.drawn)
    charts.qtbot.keyClick(other.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert charts.drawn == ()
    charts.qtbot.keyClick(other.view, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert [one.anchors for one in charts.drawn] == [LINE.anchors]


def test_the_keyboard_alone_draws_moves_copies_locks_and_deletes(charts: Charts) -> None:
    def keys(*presses: tuple[Qt.Key, Qt.KeyboardModifier] | Qt.Key) -> None:
        for press in presses:
            key, modifier = press if isinstance(press, tuple) else (press, Qt.KeyboardModifier.NoModifier)
            charts.qtbot.keyClick(charts.first.view, key, modifier)

    alt, control = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
    keys((Qt.Key.Key_T, alt), Qt.Key.Key_Left, Qt.Key.Key_Return, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Return)
    (line,) = charts.drawn
    assert line.anchors[1] == Anchor(line.anchors[0].time_ns + FIVE, line.anchors[0].price + 1)
    keys(Qt.Key.Key_Up, Qt.Key.Key_H, Qt.Key.Key_Down, Qt.Key.Key_Down)
    (moved,) = charts.drawn
    assert [new.price - old.price for new, old in zip(moved.anchors, line.anchors, strict=True)] == [-1, 1]
    keys((Qt.Key.Key_D, control))
    assert len(charts.drawn) == 2
    keys((Qt.Key.Key_L, alt), Qt.Key.Key_Backspace, Qt.Key.Key_Up)
    assert len(charts.drawn) == 2 and charts.drawn[1].locked
    keys((Qt.Key.Key_L, alt), Qt.Key.Key_Backspace)
    assert charts.drawn == (moved,)
    keys(*[(Qt.Key.Key_Z, control)] * 20)
    assert charts.drawn == ()


def test_a_handle_is_dragged_and_the_rest_stays(charts: Charts) -> None:
    charts.rig.desk.drawings.put("VLTA", LINE)
    board = charts.first.tools.drawings.board
    board.switch("magnet", False)
    board.tool.selected = 1
    point, mouse, at = board.layer.plane, charts.first.view.mouse, charts.first.view.point_at
    mouse.press(replace(at(point.x_of(LINE.anchors[1].time_ns), point.y_of(4840)), button=Qt.MouseButton.LeftButton))
    mouse.drag(at(point.x_of(NOON - 5 * FIVE), point.y_of(4830)))
    assert charts.drawn == (LINE,)
    mouse.release(at(point.x_of(NOON - 5 * FIVE), point.y_of(4830)))
    assert charts.drawn[0].anchors == (LINE.anchors[0], Anchor(NOON - 5 * FIVE, 4830))


def test_a_drawing_is_edited_by_numbers_and_a_wrong_one_is_named(charts: Charts) -> None:
    charts.rig.desk.drawings.put("VLTA", LINE)
    board = charts.first.tools.drawings.board
    board.tool.selected = 1
    board.edit()
    dialog = charts.first.view.findChild(DrawingDialog)
    assert dialog is not None
    price = dialog._prices[1]
    assert price is not None
    price.setText("48.555")
    dialog.accept()
    assert charts.drawn == (LINE,) and "End: a price" in dialog._problem.text()
    price.setText("48.55")
    dialog.accept()
    assert charts.drawn[0].anchors == (LINE.anchors[0], Anchor(LINE.anchors[1].time_ns, 4855))


def test_drawings_outlive_the_window_and_damage_is_said(made: Callable[[], Charts]) -> None:
    first = made()
    first.rig.desk.drawings.put("VLTA", LINE)
    first.rig.desk.drawings.put("KRNL", LINE)
    first.window.close()
    kept = first.directory / "drawings"
    assert read_all(kept).drawings == {"VLTA": (LINE,), "KRNL": (LINE,)}
    path_of(kept, "KRNL").write_bytes(b"{")
    second = made()
    assert second.drawn == (LINE,)
    assert [one.drawing for one in second.first.tools.drawings.board.layer.figures()] == [LINE]
    assert len([text for text in second.said if "KRNL" in text and "damaged-1" in text]) == 1
    second.window.close()


def test_linked_charts_show_the_same_time_and_price(charts: Charts) -> None:
    other, alone = charts.second("15m"), charts.second("1h", link="B")
    view = charts.first.view
    wanted = NOON - 50 * FIVE
    view.set_crosshair(view.span.x_px_of(view.span.place_of_time(wanted)), 100)
    index = other.view.span.index_near(other.view.span.cross_place)
    begins = int(other.view.span.bars.time_ns[index])
    assert begins <= wanted < begins + 15 * MINUTE_NS
    assert other.view._canvas.cross.linked_price == view.crosshair()[1]
    assert alone.view.span.cross_place is None
    view._canvas.put_cross(None)
    assert other.view.span.cross_place is None


def test_compared_instruments_are_in_percent_and_the_scale_comes_back(charts: Charts) -> None:
    market = charts.rig.desk.state.market
    market.apply_bars(market.chart(2, BarSize.of_time(FIVE)), page(150, FIVE, 9000, 9), more=False)
    compare = charts.first.tools.compare
    charts.first.choices.choose("scale", ScaleKind.LOG)
    compare.set_symbols(["KRNL"])
    view = charts.first.view
    assert view.panes.price.frame.scale.kind is ScaleKind.PERCENT
    first, last = view.span.visible()
    ((name, change),) = compare.layer.changes()
    closes = page(150, FIVE, 9000, 9)["close"].astype(float)
    base = closes[150 - (last - first)] if last - first <= 150 else closes[0]
    assert name == "KRNL" and change == pytest.approx(closes[-1] / base)
    assert charts.first.saved()["compare"] == ["KRNL"]
    compare.set_symbols([])
    assert view.panes.price.frame.scale.kind is ScaleKind.LOG


def test_a_picture_has_its_own_size_and_theme_and_the_screen_stays(charts: Charts, tmp_path: Path) -> None:
    charts.rig.desk.drawings.put("VLTA", LINE)
    view, export = charts.first.view, charts.first.tools.export
    view.set_watermark("")  # its letters are smoothed anew at each size
    view.refresh()
    before = view.grab().toImage()
    for size, theme in ((QSize(1280, 720), "light"), (QSize(300, 200), "dark")):
        export.save(ExportWish("picture", size, theme, all_bars=False), tmp_path / "chart.png")
        image = QImage(str(tmp_path / "chart.png"))
        assert image.size() == size
        ground = Theme.load(theme).color("canvas").rgb() & 0xFFFFFF
        assert sum(image.pixel(x, size.height() // 2) & 0xFFFFFF == ground for x in range(size.width())) > 20
    assert view.grab().toImage() == before


def test_bars_are_written_as_they_are_shown(charts: Charts, tmp_path: Path) -> None:
    export, view = charts.first.tools.export, charts.first.view
    charts.first.choices.choose("zone", "America/New_York")
    path = tmp_path / "bars.csv"
    for all_bars in (True, False):
        thread = export.save(ExportWish("bars", QSize(), "dark", all_bars=all_bars), path)
        assert isinstance(thread, threading.Thread)
        thread.join()
        head, *rows = list(csv.reader(path.open(newline="")))
        first, last = (0, 200) if all_bars else view.span.visible()
        assert head == ["time UTC", "time America/New_York", "open", "high", "low", "close", "volume"]
        assert len(rows) == last - first
        close = int(view.span.bars.column("close")[last - 1])
        assert rows[-1][5] == f"{close / 100:.2f}" and rows[-1][0].endswith("11:55:00Z")
        assert rows[-1][1].endswith("07:55:00-04:00")


def test_a_file_that_cannot_be_written_is_said(charts: Charts, tmp_path: Path) -> None:
    export = charts.first.tools.export
    for kind in ("bars", "picture"):
        thread = export.save(ExportWish(kind, QSize(300, 200), "dark", all_bars=True), tmp_path / "no" / "such.file")
        if thread is not None:
            thread.join()
    charts.qtbot.waitUntil(lambda: len([text for text in charts.said if "such.file" in text]) == 2)


def test_a_closed_chart_is_told_nothing_more(charts: Charts) -> None:
    other = charts.second()
    charts.window.workspace.close(other)
    charts.rig.desk.drawings.put("VLTA", LINE)
    charts.first.view.set_crosshair(100, 100)
    assert len(charts.rig.desk.crosshairs._shows) == 1
