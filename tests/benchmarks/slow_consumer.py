"""What one subscriber that hardly reads costs the others: `feed.slow_consumer.*`.

Rules: a real server, a real trader, 50 subscribers in two processes and the slow one, which reads one message a second,
in a third. Blocks with and without it in turn, so that a disturbance hits both; the pace of the messages is kept by
the clock, and the rate that was reached is told.
"""

import json
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from server.client.connection import Connection
from server.protocol.enums import CommandKind
from server.tools.children import Child
from tests.benchmarks.measure import MeasureGroup, Result
from tests.benchmarks.order_rig import Trader
from tests.system.running import OTHER, PASSWORDS, RunningServer

READERS = 50
PROCESSES = 2
RATE = 5000
BLOCK_S = 3.0
PAIRS = 4
STEP_S = 0.002


class Load:
    """Orders that rest and their cancels, each a message of the order-by-order lane."""

    def __init__(self, server: RunningServer) -> None:
        self.trader = Trader(server)
        self.connection: Connection = self.trader.connection
        self.number = 0
        self.pairs = int(RATE * STEP_S / 2)

    def rows(self) -> np.ndarray:
        """A message: some orders, each with a label, and their cancels by label."""
        orders = np.repeat(self.trader.order, self.pairs)
        orders["label"] = [b"%d" % (self.number + place) for place in range(self.pairs)]
        cancels = np.repeat(self.trader.cancel, self.pairs)
        cancels["label"], cancels["account"], cancels["instrument"] = (
            orders["label"], orders["account"], orders["instrument"],
        )  # fmt: skip
        cancels["kind"] = CommandKind.CANCEL_ORDER
        self.number += self.pairs
        return np.stack([orders, cancels], axis=1).reshape(-1)

    def run(self, seconds: float) -> float:
        """Send at the pace; returns market data messages a second."""
        began = time.monotonic()
        steps = 0
        while (elapsed := time.monotonic() - began) < seconds:
            if steps * STEP_S <= elapsed:
                rows = self.rows()
                for first in range(0, len(rows), 5):
                    self.connection.send(rows[first : first + 5])
                steps += 1
            self.connection.poll(0 if steps * STEP_S <= elapsed else 1)
        return steps * 2 * self.pairs / (time.monotonic() - began)


def readers(server: RunningServer, count: int, delay_s: float = 0.0) -> Child:
    """A process of subscribers."""
    line = json.dumps(
        {
            **{name: server.ready[name] for name in ("host", "control_port", "market_data_port", "server_key")},
            "user": OTHER, "password": PASSWORDS[OTHER], "count": count, "delay_s": delay_s,
        }
    )  # fmt: skip
    child = Child("readers", "tests.benchmarks.feed_readers", [], (line,))
    child.wait_ready(60)
    return child


@contextmanager
def slow_one(server: RunningServer, *, is_there: bool) -> Iterator[None]:
    """The slow subscriber, or nobody."""
    if not is_there:
        yield
        return
    child = readers(server, 1, delay_s=1.0)
    try:
        yield
    finally:
        child.stop()


def reports(children: list[Child]) -> list[dict[str, float]]:
    """What each process measured since the last time."""
    for child in children:
        child.tell("report")
    found = [child.message(30) for child in children]
    return [one for one in found if one is not None]


def compare() -> Iterable[Result]:
    """The 99th percentile of how late a message is, with the slow one beside the same without it."""
    late: dict[bool, list[float]] = {True: [], False: []}
    rates: list[float] = []
    with (
        tempfile.TemporaryDirectory() as directory,
        RunningServer(Path(directory) / "data", extra=("--no-history",)) as server,
    ):
        load = Load(server)
        children = [readers(server, READERS // PROCESSES) for _ in range(PROCESSES)]
        load.run(BLOCK_S)
        for turn in range(2 * PAIRS):
            is_there = turn % 4 in (1, 2)
            with slow_one(server, is_there=is_there):
                load.run(0.5)
                reports(children)
                rates.append(load.run(BLOCK_S))
                late[is_there] += [one["p99_us"] for one in reports(children)]
        load.trader.close()
        for child in children:
            child.stop()
    slow, alone = float(np.median(late[True])), float(np.median(late[False]))
    note = f"{READERS} subscribers, {np.median(rates):,.0f} messages a second each"
    yield Result("feed.slow_consumer.p99_us", "us", slow, alone, note)
    yield Result("feed.slow_consumer.p99_ratio", "", slow / alone, 1.0, "to stay under 1.1")


MEASURES = [MeasureGroup(("feed.slow_consumer.p99_us", "feed.slow_consumer.p99_ratio"), compare)]
