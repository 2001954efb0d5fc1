"""Ten thousand unauthenticated connects beside an authenticated trader: `flood.connects.*`.

Rules: blocks with and without the flood in turn; a block with it lasts as long as its share of the connects. The
yardstick of the p99 is the p99 without.
"""

import sys
from collections.abc import Iterable

from server.tools.children import Child
from tests.benchmarks.measure import MeasureGroup, Result
from tests.benchmarks.order_rig import Trader, pair
from tests.benchmarks.round_trip import percentile_us

CONNECTS = 10_000
BLOCKS = 5
BLOCK = 2_000
STEP = 100


def flooded(trader: Trader, flood: Child, connects: int) -> tuple[list[int], float]:
    """Round trips until all connects are made, and how many of them a second."""
    flood.tell(f"connect {connects}")
    elapsed: list[int] = []
    while (done := flood.message(0)) is None:
        elapsed += trader.round_trips(STEP)
    return elapsed, connects / max(1e-3, done["took_ms"] / 1e3)


def floods() -> Iterable[Result]:
    """The p99 of orders with and without the flood."""
    quiet: list[int] = []
    loud: list[int] = []
    rates: list[float] = []
    with pair() as running:
        ready = running.server.ready
        ports = [str(ready[name]) for name in ("control_port", "order_port", "market_data_port")]
        flood = Child(
            "flood", "tests.benchmarks.flood_client", ["--ports", *ports, "--server-key", ready["server_key"]]
        )
        try:
            flood.wait_ready(20)
            with running.server_turn() as trader:
                trader.round_trips(BLOCK)
                for _ in range(BLOCKS):
                    quiet += trader.round_trips(BLOCK)
                    elapsed, rate = flooded(trader, flood, CONNECTS // BLOCKS)
                    loud += elapsed
                    rates.append(rate)
        finally:
            flood.stop()
    sys.stderr.write(f"flood: {sum(rates) / len(rates):,.0f} connects a second, {len(loud)} round trips meanwhile\n")
    quiet_us, loud_us = percentile_us(quiet, 99), percentile_us(loud, 99)
    yield Result("flood.connects.p99_us", "us", loud_us, quiet_us, "the same without the flood")
    yield Result("flood.connects.p50_us", "us", percentile_us(loud, 50), percentile_us(quiet, 50), "likewise")
    yield Result("flood.connects.p99_ratio", "", loud_us / quiet_us, None, f"{CONNECTS:,} connects")


MEASURES = [MeasureGroup(("flood.connects.p99_us", "flood.connects.p50_us", "flood.connects.p99_ratio"), floods)]
