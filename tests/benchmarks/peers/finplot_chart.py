"""finplot's candles and volume rows, updated as in its live examples. One JSON line: medians in ms by kind; argument:
how many bars."""

import json
import sys
from typing import Any

import finplot as fplt
import pandas as pd
import pyqtgraph as pg
from peer_frames import SIZE, Frames, bare_ms, columns


def figures_of(count: int) -> dict[str, float]:
    """First paint, pan, zoom, tick and append, and the yardstick of this process."""
    rows = columns(count)
    frame = pd.DataFrame(rows).rename(columns={"time": "Date"})
    frame["Date"] *= 10**9
    candles = frame[["Date", "open", "close", "high", "low"]]
    volumes = frame[["Date", "open", "close", "volume"]]
    axis, below = fplt.create_plot("chart", rows=2, maximize=False)
    app = pg.mkQApp()
    figures = {"bare": bare_ms(pg, app)}
    window = axis.vb.win
    window.resize(*SIZE)
    frames = Frames(app, window.viewport(), pg.QtCore)
    shown: list[Any] = []

    def first(_: int) -> None:
        shown.append(fplt.candlestick_ochl(candles, ax=axis))
        shown.append(fplt.volume_ocv(volumes, ax=below))
        fplt.show(qt_exec=False)

    figures["first"] = frames.frame_ms(first, 0)
    box = axis.vb
    box.update_y_zoom(count // 2, count // 2 + 300)
    app.processEvents()

    def zoom(i: int) -> None:
        shown_part = box.targetRect()
        box.zoom_rect(shown_part, 1.2 if i % 24 < 12 else 1 / 1.2, shown_part.center())

    figures["pan"] = frames.median_ms(lambda i: box.pan_x(steps=3 if i % 2 else -3))
    figures["zoom"] = frames.median_ms(zoom)

    def tick(i: int) -> None:
        candles.iat[count - 1, 2] = float(rows["close"][-1]) - 0.01 * (i % 2)
        shown[0].update_data(candles)
        shown[1].update_data(volumes)

    figures["tick"] = frames.median_ms(tick)

    def append(i: int) -> None:
        nonlocal candles, volumes
        at = int(rows["time"][-1] + 60 * (i + 1)) * 10**9
        price = float(rows["close"][-1])
        candles = pd.concat([candles, pd.DataFrame([[at, price, price, price, price]], columns=candles.columns)],
                            ignore_index=True)  # fmt: skip
        volumes = pd.concat([volumes, pd.DataFrame([[at, price, price, 10.0]], columns=volumes.columns)],
                            ignore_index=True)  # fmt: skip
        shown[0].update_data(candles)
        shown[1].update_data(volumes)

    figures["append"] = frames.median_ms(append)
    return figures


if __name__ == "__main__":
    sys.stdout.write(json.dumps(figures_of(int(sys.argv[1]))) + "\n")
