"""Order round trip over CURVE beside a bare echo of the same size: `order.round_trip.*`, the journal sealed.

Rules: `os` and `fsync` name the durability; the figures without a name are those of `os`. In `fsync` mode the yardstick
of the median is what it may cost: 1.7 echoes and 1.5 times one append with fsync and commit mark, measured in turn
with the rest on the same file system.
"""

from collections.abc import Iterable

import numpy as np

from tests.benchmarks.measure import MeasureGroup, Result
from tests.benchmarks.order_rig import pair

WARM_UP = 400
BLOCK = 200
BLOCKS = 20


SYNCS = 40


def percentile_us(values: list[int], percentile: int) -> float:
    """Of nanoseconds."""
    return float(np.percentile(values, percentile)) / 1e3


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
    for percentile in (50, 99):
        ours_us, theirs_us = percentile_us(orders, percentile), percentile_us(echoes, percentile)
        for stem in ("spin.",) if spin else ("", "os."):
            yield Result(f"order.round_trip.{stem}p{percentile}_us", "us", ours_us, theirs_us, "bare echo over CURVE")


def synced_round_trips() -> Iterable[Result]:
    """The same in `fsync` mode, and what one sync takes."""
    orders: list[int] = []
    echoes: list[int] = []
    syncs: list[int] = []
    with pair("fsync") as running:
        for block in range(-(WARM_UP // BLOCK), BLOCKS):
            with running.server_turn() as trader:
                ours = trader.round_trips(BLOCK)
            with running.echo_turn() as echo:
                theirs = echo.round_trips(BLOCK)
            taken = running.syncs.timed(SYNCS)
            if block >= 0:
                orders += ours
                echoes += theirs
                syncs += taken
    allowed_us = 1.7 * percentile_us(echoes, 50) + 1.5 * percentile_us(syncs, 50)
    yield Result("order.round_trip.fsync.p50_us", "us", percentile_us(orders, 50), allowed_us, "1.7 echoes + 1.5 syncs")
    yield Result("order.round_trip.fsync.p99_us", "us", percentile_us(orders, 99), percentile_us(syncs, 99), "one sync")
    yield Result("order.round_trip.fsync.sync_p50_us", "us", percentile_us(syncs, 50), None, "append, fsync, mark")


MEASURES = [
    MeasureGroup(
        (
            "order.round_trip.p50_us",
            "order.round_trip.os.p50_us",
            "order.round_trip.p99_us",
            "order.round_trip.os.p99_us",
        ),
        lambda: round_trips(spin=False),
    ),
    MeasureGroup(
        ("order.round_trip.spin.p50_us", "order.round_trip.spin.p99_us"),
        lambda: round_trips(spin=True),
    ),
    MeasureGroup(
        ("order.round_trip.fsync.p50_us", "order.round_trip.fsync.p99_us", "order.round_trip.fsync.sync_p50_us"),
        synced_round_trips,
    ),
]
