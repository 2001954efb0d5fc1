"""The whole desk under 50,000 market data records a second over 500 instruments; yardstick: a bare repaint of it.

Chart, depth and heat map, ladder, tape, watchlist, movers, ticket, order and position blotters, and a second blotter;
the records come from another process over CURVE and the window applies all of them (`storm_window`, `storm_feeder`);
no server and no simulator runs. A tick's time is from its publishing to the end of the paint that shows it.
`python -m tests.benchmarks.views_desk --seconds 600` measures for longer and prints the same figures.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable

from tests.benchmarks.measure import MeasureGroup, Result

SECONDS = 20.0
RATE, INSTRUMENTS, ORDERS = 50_000, 500, 5
PANELS = ("heat_map", "blotter")
NAMES = (
    "views.desk.frame_p99_ms", "views.desk.frame_max_ms", "views.desk.tick_to_pixel_p95_ms",
    "views.desk.records_per_s", "views.desk.memory_growth_mb_per_min",
)  # fmt: skip
START_S = 120


def run(seconds: float = SECONDS) -> Iterable[Result]:
    """One storm."""
    command = [
        sys.executable, "-m", "tests.benchmarks.storm_window", "--rate", str(RATE), "--instruments", str(INSTRUMENTS),
        "--orders", str(ORDERS), "--seconds", str(seconds), "--panels", *PANELS,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + START_S, check=True)
    measured = json.loads(done.stdout.strip().splitlines()[-1])
    bare = measured["bare_repaint_ms"]
    yield Result(
        NAMES[0], "ms", measured["frame_p99_ms"], bare,
        f"{measured['frames_per_s']:.0f} frames/s, p50 {measured['frame_p50_ms']:.1f} ms, window's thread busy"
        f" {measured['busy_part']:.0%}, {measured['panels_seen']:.0f} panels and strips seen",
    )  # fmt: skip
    note = f"longest time between two frames {measured['interval_max_ms']:.0f} ms"
    yield Result(NAMES[1], "ms", measured["frame_max_ms"], bare, note)
    yield Result(
        NAMES[2], "ms", measured["tick_to_pixel_p95_ms"], None,
        f"p50 {measured['tick_to_pixel_p50_ms']:.0f} ms, from receipt p95 {measured['receipt_to_pixel_p95_ms']:.0f} ms",
    )  # fmt: skip
    note = f"gaps {measured['gaps']:.0f}, dropped {measured['dropped']:.0f}"
    yield Result(NAMES[3], "1/s", measured["records_per_s"], None, note)
    grown = measured["memory_mb_end"] - measured["memory_mb_begin"]
    note = f"{measured['memory_mb_begin']:.0f} MB at the beginning"
    yield Result(NAMES[4], "MB/min", grown * 60 / seconds, None, note)


MEASURES = [MeasureGroup(NAMES, run)]


def main() -> None:
    """Measure for as long as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    for result in run(parser.parse_args().seconds):
        ratio = "" if result.ratio is None else f"{result.ratio:.2f} bare repaints"
        print(f"{result.name:40} {result.value:10.1f} {result.unit:7} {ratio}  {result.note}")


if __name__ == "__main__":
    main()
