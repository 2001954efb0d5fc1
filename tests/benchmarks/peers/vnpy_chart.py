"""vnpy's ChartWidget with candles, volume and cursor. One JSON line: medians in ms by kind; argument: how many bars."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

import pyqtgraph as pg
from peer_frames import SIZE, Frames, bare_ms, columns
from vnpy.chart import CandleItem, ChartWidget, VolumeItem
from vnpy.trader.constant import Exchange, Interval
from vnpy.trader.object import BarData
from vnpy.trader.ui import QtWidgets


def figures_of(count: int) -> dict[str, float]:
    """First paint, pan, zoom, tick and append, and the yardstick of this process."""
    app = QtWidgets.QApplication.instance() or QtWidgets.QApplication([])
    rows = columns(count)

    def bar(i: int, shift: int = 0) -> Any:
        at = datetime.fromtimestamp(int(rows["time"][i]) + 60 * shift, UTC)
        return BarData(
            "X", "VLTA", Exchange.LOCAL, at, Interval.MINUTE, volume=float(rows["volume"][i]),
            open_price=float(rows["open"][i]), high_price=float(rows["high"][i]), low_price=float(rows["low"][i]),
            close_price=float(rows["close"][i]),
        )  # fmt: skip

    figures = {"bare": bare_ms(pg, app)}
    widget = ChartWidget()
    widget.add_plot("candle", hide_x_axis=True)
    widget.add_plot("volume", maximum_height=200)
    widget.add_item(CandleItem, "candle", "candle")
    widget.add_item(VolumeItem, "volume", "volume")
    widget.add_cursor()
    widget.resize(*SIZE)
    widget.show()
    frames = Frames(app, widget.viewport(), pg.QtCore)
    bars = [bar(i) for i in range(count)]
    figures["first"] = frames.frame_ms(lambda _: widget.update_history(bars), 0)
    box = (
        widget.get_plot("candle").getViewBox() if hasattr(widget, "get_plot") else widget._plots["candle"].getViewBox()
    )
    figures["pan"] = frames.median_ms(lambda i: box.translateBy(x=3 if i % 2 else -3))
    figures["zoom"] = frames.median_ms(lambda i: widget._on_key_down() if i % 24 < 12 else widget._on_key_up())

    def tick(i: int) -> None:
        last = bar(count - 1)
        last.close_price -= 0.01 * (i % 2)
        widget.update_bar(last)

    figures["tick"] = frames.median_ms(tick)
    figures["append"] = frames.median_ms(lambda i: widget.update_bar(bar(count - 1, i + 1)))
    return figures


if __name__ == "__main__":
    sys.stdout.write(json.dumps(figures_of(int(sys.argv[1]))) + "\n")
