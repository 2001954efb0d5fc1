"""The main window under a storm, in a process of its own: `python -m tests.benchmarks.storm_window`.

Rules: the whole window as the workstation builds it, software rendering, 1920 x 1080; the feeder is another process
over CURVE; nothing else of Tradepit runs. A frame is the data applied plus the pixels painted until the next one.
Prints one JSON line.
"""

import argparse
import cProfile
import gc
import json
import os
import subprocess
import sys
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.bootstrap import tune_interpreter
from app.debug.figures import desk_figures
from app.desk import Desk
from app.link.link import Endpoint, Link
from app.main_window import MainWindow
from app.models.frame_meter import FrameMeter
from app.panels.catalogue import kind_named
from app.settings import Settings
from widgets.theme import Theme

SETTLE_MS: Final = 2_000
SETTLE_TURNS: Final = 15
REPAINTS: Final = 40
SIZE: Final = (1920, 1080)


class Storm(QObject):
    """One measurement."""

    def __init__(self, app: QApplication, window: MainWindow, desk: Desk, seconds: float) -> None:
        """Nothing is measured before the window has settled."""
        super().__init__(window)
        self._app, self._window, self._desk, self._seconds = app, window, desk, seconds
        self._intervals: list[int] = []
        self._last_ns = 0
        self._bare: list[float] = []
        self._records = self._began_ns = 0
        self._memory_mb = self._cpu_s = 0.0
        self._waited = self._gaps = self._dropped = 0
        self.result: dict[str, float] = {}
        desk.watch(lambda _: self._frame(), 60.0)
        QTimer.singleShot(SETTLE_MS, self, self._settle)

    def _frame(self) -> None:
        now_ns = time.perf_counter_ns()
        if self._last_ns:
            self._intervals.append(now_ns - self._last_ns)
        self._last_ns = now_ns

    def _settle(self) -> None:
        """Begin when everything that was asked for has come, or at the latest after a while."""
        market = self._desk.state.market
        self._waited += 1
        if self._waited < SETTLE_TURNS and (market.stale.instruments() or not (market.quotes.received_ns > 0).all()):
            QTimer.singleShot(SETTLE_MS, self, self._settle)
        else:
            QTimer.singleShot(SETTLE_MS, self, self._begin)

    def _begin(self) -> None:
        meter: FrameMeter = self._window.meter
        meter.begin(None)
        self._intervals = []
        self._cpu_s = time.thread_time()
        self._memory_mb = resident_mb()
        streams = self._desk.state.streams
        self._gaps, self._dropped = streams.gaps, streams.dropped
        self._records, self._began_ns = self._desk.records_taken, time.perf_counter_ns()
        QTimer.singleShot(int(self._seconds * 1000), self, self._end)

    def _end(self) -> None:
        elapsed_s = (time.perf_counter_ns() - self._began_ns) / 1e9
        records = self._desk.records_taken - self._records
        meter = self._window.meter
        frames = sorted(one / 1e6 for one in meter.frames)
        figures = desk_figures(self._desk, self._window.clock.pace.interval_ns)
        self._window.stop()
        streams = self._desk.state.streams
        self.result = {
            "frame_p50_ms": frames[len(frames) // 2],
            "frame_p99_ms": frames[min(len(frames) - 1, int(len(frames) * 0.99))],
            "frame_max_ms": frames[-1],
            "interval_max_ms": max(self._intervals) / 1e6,
            "records_per_s": records / elapsed_s,
            "frames_per_s": len(frames) / elapsed_s,
            "gaps": streams.gaps - self._gaps,
            "dropped": streams.dropped - self._dropped,
            "cpu_part": (time.thread_time() - self._cpu_s) / elapsed_s,
            "busy_part": sum(frames) / 1e3 / elapsed_s,
            "memory_mb_begin": self._memory_mb,
            "memory_mb_end": resident_mb(),
            **figures,
        }
        self._desk.link.stop()
        self._repaint()

    def _repaint(self) -> None:
        """The yardstick: the full window painted anew at the pace of frames, while nothing else happens."""
        for widget in self._window.findChildren(QWidget):
            if widget.isVisible():
                widget.update()
        started_ns = time.perf_counter_ns()
        self._window.repaint()
        self._bare.append((time.perf_counter_ns() - started_ns) / 1e6)
        if len(self._bare) < REPAINTS:
            QTimer.singleShot(16, self, self._repaint)
            return
        self.result["bare_repaint_ms"] = sorted(self._bare)[REPAINTS // 2]
        self._app.quit()


def resident_mb() -> float:
    """The memory of this process that is in RAM."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> int:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--instruments", type=int, default=12)
    parser.add_argument("--orders", type=float, default=0.0, help="orders of the user a second, filled at once")
    parser.add_argument("--panels", nargs="*", default=(), help="kinds of panels to open beside the default desk")
    parser.add_argument("--profile", default="", help="write a profile of the window's thread there")
    options = parser.parse_args()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    feeder = subprocess.Popen(
        [
            sys.executable, "-m", "tests.benchmarks.storm_feeder", "--rate", str(options.rate),
            "--instruments", str(options.instruments), "--orders", str(options.orders),
        ],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert feeder.stdout is not None
    assert feeder.stdin is not None
    line = json.loads(feeder.stdout.readline())
    app = QApplication(sys.argv[:1])
    theme = Theme.load("dark")
    theme.apply(app)
    link = Link(Endpoint("127.0.0.1", line["control_port"], line["server_key"].encode(), "trader", "-"), time.time_ns)
    desk = Desk(link, time.time_ns)
    window = MainWindow(desk, Settings(None), theme)
    window.resize(*SIZE)
    window.show()
    for kind in options.panels:
        if kind_named(kind) is not None:
            window.workspace.open_here(kind)
    window.start()
    link.start()
    storm = Storm(app, window, desk, options.seconds)
    tune_interpreter()
    if options.profile:
        profile = cProfile.Profile()
        profile.runcall(app.exec)
        profile.dump_stats(options.profile)
    else:
        app.exec()
    link.stop()
    feeder.stdin.close()
    feeder.wait(10)
    print(json.dumps(storm.result))
    gc.unfreeze()
    return 0


if __name__ == "__main__":
    sys.exit(main())
