"""The simulator: how many seeds of 2,000 client actions a minute one core runs, with all faults and the whole audit.

Rules: the figure says how many seeds a night has. Yardstick: none, nothing comparable exists.
"""

import time
from typing import Final

from tests.benchmarks.measure import Measure
from tests.simulator.seeds import Order, run_one

SEEDS: Final = 8


def seeds_per_minute() -> tuple[float, float | None]:
    """Seeds 1 to 8 after a short one that loads the engine. Raises RuntimeError if one of them fails."""
    run_one(Order(1, 50))
    started_s = time.process_time()
    for seed in range(1, SEEDS + 1):
        result = run_one(Order(seed))
        if result.wrong:
            raise RuntimeError(result.line())
    return 60 * SEEDS / (time.process_time() - started_s), None


MEASURES: Final = (Measure("simulator.seeds_per_minute", "seeds/min", seeds_per_minute),)
