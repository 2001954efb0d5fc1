"""Order round trip over CURVE, journal in `os` mode, beside a bare echo of the same size: `order.round_trip.*`."""

from collections.abc import Iterable

import numpy as np

from tests.benchmarks.measure import MeasureGroup, Result
from tests.benchmarks.order_rig import pair

WARM_UP = 400
BLOCK = 200
BLOCKS = 20


def round_trips(*, spin: bool) -> Iterable[Result]:
    """Median and 99th percentile in microseconds, with blocks of both in turn."""
    orders: list[int] = []
    echoes: list[int] = []
    with pair(spin=spin) as running:
        for block in range(-(WARM_UP // BLOCK), BLOCKS):
            with running.server_turn() as trader:
                ours = trader.round_trips(BLOCK)
            with running.echo_turn() as echo:
                theirs = echo.round_trips(BLOCK)
            if block >= 0:
                orders += ours
                echoes += theirs
    stem = "order.round_trip.spin" if spin else "order.round_trip"
    for percentile in (50, 99):
        ours_us, theirs_us = (float(np.percentile(values, percentile)) / 1e3 for values in (orders, echoes))
        yield Result(f"{stem}.p{percentile}_us", "us", ours_us, theirs_us, "bare echo over CURVE")


MEASURES = [
    MeasureGroup(
        ("order.round_trip.p50_us", "order.round_trip.p99_us"),
        lambda: round_trips(spin=False),
    ),
    MeasureGroup(
        ("order.round_trip.spin.p50_us", "order.round_trip.spin.p99_us"),
        lambda: round_trips(spin=True),
    ),
]
