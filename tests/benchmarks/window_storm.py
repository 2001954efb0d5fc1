"""The main window under 20,000 market data records a second over twelve instruments; yardstick: a bare repaint of it.

Rules: the records come from another process over CURVE and all of them are applied; the window and the feeder are
the only processes (see `storm_window` and `storm_feeder`).
"""

import json
import subprocess
import sys
from collections.abc import Iterable

from tests.benchmarks.measure import MeasureGroup, Result

NAMES = ("window.storm.frame_p99_ms", "window.storm.frame_max_ms", "window.storm.records_per_s")
TIMEOUT_S = 180


def run() -> Iterable[Result]:
    """One storm."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.storm_window"], capture_output=True, text=True, timeout=TIMEOUT_S,
        check=True,
    )  # fmt: skip
    measured = json.loads(done.stdout.strip().splitlines()[-1])
    bare = measured["bare_repaint_ms"]
    note = f"{measured['frames_per_s']:.0f} frames/s, p50 {measured['frame_p50_ms']:.1f} ms"
    yield Result(NAMES[0], "ms", measured["frame_p99_ms"], bare, note)
    note = f"longest time between two frames {measured['interval_max_ms']:.0f} ms"
    yield Result(NAMES[1], "ms", measured["frame_max_ms"], bare, note)
    note = f"gaps {measured['gaps']:.0f}, dropped {measured['dropped']:.0f}"
    yield Result(NAMES[2], "1/s", measured["records_per_s"], None, note)


MEASURES = [MeasureGroup(NAMES, run)]
