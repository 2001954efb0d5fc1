"""What one subscriber that hardly reads costs the others: `feed.slow_consumer.*`.

Rules: a publisher and 50 subscribers, all over CURVE; the fiftieth, in a process of its own, reads one message a
second, or in the blocks beside it all like the others. Blocks of both kinds in turn (fast, slow, slow, fast), so that a
disturbance hits both; each kind is told by the lower quartile of its blocks, because other work on the machine only
adds.
"""

import time
from collections.abc import Iterable

import numpy as np

from server.tools.children import Child
from tests.benchmarks.measure import MeasureGroup, Result

OTHERS = (25, 24)
"""Subscribers by process."""
RATE = 5000
SETTLE_S = 0.5
BLOCK_S = 1.0
FOURS = 8


def readers(where: dict[str, object], count: int, delay_ms: int = 0) -> Child:
    """A process of subscribers."""
    options = ["--count", str(count), "--delay-ms", str(delay_ms), "--"]
    child = Child("readers", "tests.benchmarks.feed_readers", [*options, str(where["port"]), str(where["key"])])
    child.wait_ready(30)
    return child


def reports(children: list[Child]) -> list[dict[str, float]]:
    """What each process measured since the last time."""
    for child in children:
        child.tell("report")
    return [found for child in children if (found := child.message(30)) is not None]


def block(where: dict[str, object], children: list[Child], *, slow: bool) -> tuple[float, float]:
    """(99th percentile of the 49 in microseconds, messages a second of one of them)."""
    fiftieth = readers(where, 1, delay_ms=1000 if slow else 0)
    try:
        time.sleep(SETTLE_S)
        reports(children)
        began = time.monotonic()
        time.sleep(BLOCK_S)
        found = reports(children)
        elapsed = time.monotonic() - began
    finally:
        fiftieth.stop()
    count = sum(one["count"] for one in found)
    return float(np.mean([one["p99_us"] for one in found])), count / len(children) / elapsed


def compare() -> Iterable[Result]:
    """The others' 99th percentile with the slow one beside the same without it."""
    source = Child("source", "tests.benchmarks.feed_source", [str(RATE)])
    where = source.wait_ready(30)
    children = [readers(where, count) for count in OTHERS]
    late: dict[bool, list[float]] = {True: [], False: []}
    rates = []
    try:
        block(where, children, slow=True)
        for slow in (False, True, True, False) * FOURS:
            p99_us, rate = block(where, children, slow=slow)
            late[slow].append(p99_us)
            rates.append(rate)
    finally:
        for child in (*children, source):
            child.stop()
    with_slow, without = (float(np.percentile(late[slow], 25)) for slow in (True, False))
    note = f"{sum(OTHERS) + 1} subscribers, each gets {np.median(rates):,.0f} messages a second"
    yield Result("feed.slow_consumer.p99_us", "us", with_slow, without, note)
    yield Result("feed.slow_consumer.p99_ratio", "", with_slow / without, 1.0, "under 1.1 is wanted")


MEASURES = [MeasureGroup(("feed.slow_consumer.p99_us", "feed.slow_consumer.p99_ratio"), compare)]
