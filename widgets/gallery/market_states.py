"""The market views in every state."""

from __future__ import annotations

from widgets.chart import ChartView
from widgets.depth_curve import DepthCurve
from widgets.gallery import panels, tables
from widgets.gallery.rows_model import RowsModel
from widgets.gallery.sample import Sample, in_every_state
from widgets.ladder import LadderView
from widgets.table import BlotterView
from widgets.tape import TapeView
from widgets.theme import Theme


def _no_rows(theme: Theme) -> BlotterView:
    view = BlotterView(theme, tables.POSITION_COLUMNS, name="Positions")
    view.set_model(RowsModel(tables.POSITION_COLUMNS, [], parent=view))
    return view


SAMPLES = (
    Sample("chart", in_every_state(lambda theme: panels.chart(theme, count=200), ChartView)),
    Sample("ladder", in_every_state(panels.ladder, LadderView)),
    Sample("tape", in_every_state(panels.tape, TapeView), (340, 500)),
    Sample("depth", in_every_state(panels.depth, DepthCurve), (468, 240)),
    Sample("watchlist", in_every_state(tables.watchlist, _no_rows), (340, 500)),
    Sample("orders", in_every_state(tables.orders, _no_rows), (944, 240)),
    Sample("positions", in_every_state(tables.positions, _no_rows), (944, 240)),
)
