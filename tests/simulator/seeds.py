"""Many runs: what is to be run, in how many processes, for how long.

Rules: time decides only how many seeds are begun, never how one ends; results come in the order of the seeds.
"""

import gc
import multiprocessing
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace

import structlog

from tests.simulator.faults import Counts, Planned
from tests.simulator.plants import NOTHING_PLANTED, PLANTS
from tests.simulator.world import Result, World


@dataclass(frozen=True)
class Order:
    """One run. `plan` None: the seed's own faults; `plant` empty: no bug."""

    seed: int
    actions: int = 2000
    plan: list[Planned] | None = None
    plant: str = ""


@dataclass
class Total:
    """What many runs came to."""

    seeds: int = 0
    failed: list[int] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def run_one(order: Order) -> Result:
    """Run it here."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    plant = PLANTS.get(order.plant, NOTHING_PLANTED)
    result = World(order.seed, order.actions, plant, order.plan).run()
    gc.collect()  # its parts know each other, and are large
    return result


def run_all(order: Order, count: int, minutes: float, jobs: int) -> Total:
    """`count` seeds from the order's on, each printed; no new one is begun after `minutes`, if that is not 0."""
    total = Total()
    for result in results_of(order, count, minutes, jobs):
        print(result.line(), flush=True)
        total.seeds += 1
        total.counts.update(result.counts)
        if result.wrong:
            total.failed.append(result.seed)
    return total


def results_of(order: Order, count: int, minutes: float, jobs: int) -> Iterator[Result]:
    """The results in the order of the seeds, as they come."""
    ends_s = time.monotonic() + minutes * 60 if minutes else float("inf")
    orders = deque(replace(order, seed=order.seed + place) for place in range(count))
    if jobs == 1:
        while orders and time.monotonic() < ends_s:
            yield run_one(orders.popleft())
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        running: deque[Future[Result]] = deque()
        while orders or running:
            while orders and len(running) < 2 * jobs and time.monotonic() < ends_s:
                running.append(pool.submit(run_one, orders.popleft()))
            if not running:
                return
            yield running.popleft().result()
