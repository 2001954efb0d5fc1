"""What one subscriber that hardly reads costs the others: `feed.slow_consumer.*`.

Rules: a publisher, 50 subscribers in two processes, and the slow one, which reads one message a second, in a third; all
over CURVE. Blocks with and without it in turn (without, with, with, without), so that a disturbance hits both; the
ratio is the median over these fours, because a machine that is shared is not equally fast in all of them.
"""

import time
from collections.abc import Iterable

import numpy as np

from server.tools.children import Child
from tests.benchmarks.measure import MeasureGroup, Result

READERS = 50
PROCESSES = 2
RATE = 5000
SETTLE_S = 0.5
BLOCK_S = 1.5
FOURS = 5


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


def block(where: dict[str, object], children: list[Child], *, with_slow: bool) -> tuple[float, float]:
    """(99th percentile in microseconds, messages a second of one subscriber)."""
    slow = readers(where, 1, delay_ms=1000) if with_slow else None
    try:
        time.sleep(SETTLE_S)
        reports(children)
        began = time.monotonic()
        time.sleep(BLOCK_S)
        found = reports(children)
        elapsed = time.monotonic() - began
    finally:
        if slow is not None:
            slow.stop()
    count = sum(one["count"] for one in found)
    return float(np.mean([one["p99_us"] for one in found])), count / PROCESSES / elapsed


def compare() -> Iterable[Result]:
    """The others' 99th percentile with the slow one beside the same without it."""
    source = Child("source", "tests.benchmarks.feed_source", [str(RATE)])
    where = source.wait_ready(30)
    children = [readers(where, READERS // PROCESSES) for _ in range(PROCESSES)]
    try:
        block(where, children, with_slow=True)
        fours = [[block(where, children, with_slow=slow) for slow in (False, True, True, False)] for _ in range(FOURS)]
    finally:
        for child in (*children, source):
            child.stop()
    alone = [(four[0][0] + four[3][0]) / 2 for four in fours]
    slow = [(four[1][0] + four[2][0]) / 2 for four in fours]
    rate = np.median([one[1] for four in fours for one in four])
    note = f"{READERS} subscribers, each gets {rate:,.0f} messages a second"
    yield Result("feed.slow_consumer.p99_us", "us", float(np.median(slow)), float(np.median(alone)), note)
    ratio = float(np.median(np.array(slow) / np.array(alone)))
    yield Result("feed.slow_consumer.p99_ratio", "", ratio, 1.0, "under 1.1 is wanted")


MEASURES = [MeasureGroup(("feed.slow_consumer.p99_us", "feed.slow_consumer.p99_ratio"), compare)]
