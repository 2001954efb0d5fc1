"""Each hot panel in each of its states: live, loading, empty, stale, disconnected, halted, error."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from widgets.chart import ChartView
from widgets.gallery import panels, tables
from widgets.gallery.rows_model import RowsModel
from widgets.ladder import LadderView
from widgets.panel_header import PanelHeader
from widgets.problem_strip import ProblemStrip
from widgets.table import BlotterView
from widgets.tape import TapeView
from widgets.theme import Theme

SENTENCES = {
    "live": ("", ""),
    "loading": ("20 Oct to 12 Nov", "loading from history"),
    "empty": ("No fills for QNTL today", "23 fills are hidden by the filter · Esc clears it"),
    "stale": ("STALE 00:41", "last update 14:02:41.006"),
    "disconnected": ("ORDER PATH DISCONNECTED", "last contact 14:03:15.004"),
    "halted": ("VLTA HALTED", "volatility auction, ends in 02:48"),
    "error": ("FEED REFUSED", "the server speaks protocol 3, this build 1"),
}
WIDTH_PX, TOP_PX = 274, 36


def _panel(kind: str, state: str, theme: Theme) -> Any:
    bare = state in ("loading", "empty")
    if kind == "chart":
        view = ChartView(theme) if bare else panels.chart(theme, count=90)
        view.set_watermark("DEMO")
        return view
    if kind == "ladder":
        return LadderView(theme) if bare else panels.ladder(theme)
    if kind == "tape":
        return TapeView(theme) if bare else panels.tape(theme)
    if not bare:
        return tables.watchlist(theme)
    table = BlotterView(theme, tables.POSITION_COLUMNS[:4])
    table.set_model(RowsModel(tables.POSITION_COLUMNS[:4], [], parent=table))
    return table


def states(theme: Theme) -> QWidget:
    """A column for each state, a row for each kind of panel."""
    window = QWidget()
    window.resize(1920, 1080)
    strip = ProblemStrip(theme, window)
    strip.set_problem(
        "ORDER PATH DISCONNECTED", "00:07", "last contact 14:03:15.004 · cancel on disconnect armed for 6"
    )
    strip.setGeometry(0, 0, 1920, 32)
    rows = (("chart", 280), ("ladder", 280), ("tape", 200), ("table", 260))
    for column, (state, (title, detail)) in enumerate(SENTENCES.items()):
        y = TOP_PX
        for kind, height in rows:
            header, view = PanelHeader(theme, f"{kind}: {state}", link="A"), _panel(kind, state, theme)
            view.set_state(state, title, detail)
            panel = panels.headed(header, view, window)
            panel.setGeometry(column * WIDTH_PX, y, WIDTH_PX, height)
            y += height + 4
    return window
