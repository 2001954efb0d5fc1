"""`python -m tests.simulator --seed N`: one run, or many from N on; the last line says how it ended.

Rules: what a run prints depends on its seed, actions, faults and plant alone. Exit status 1 if anything was wrong, or
if a hundred seeds or more never saw some kind of fault.
"""

import argparse
import sys

import structlog

from tests.simulator.faults import Planned
from tests.simulator.plants import PLANTS
from tests.simulator.seeds import Order, run_all, run_one
from tests.simulator.shrinking import shrink

ENOUGH_FOR_ALL_FAULTS = 100


def main(arguments: list[str] | None = None) -> int:
    """Run the seeds, print counts and outcome of each."""
    parser = argparse.ArgumentParser(prog="tests.simulator", description="The machine that tries to break it.")
    parser.add_argument("--seed", type=int, default=1, help="the seed, or the first one")
    parser.add_argument("--count", type=int, default=1, help="how many seeds, from --seed on")
    parser.add_argument("--minutes", type=float, default=0.0, help="begin no new seed after so long")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--actions", type=int, default=2000, help="client actions of a run")
    parser.add_argument("--faults", help="these instead of the seed's: name@action,name@action")
    parser.add_argument("--plant", choices=sorted(PLANTS), default="", help="a bug that the auditor has to find")
    parser.add_argument("--shrink", action="store_true", help="look for the smallest plan that fails in the same way")
    given = parser.parse_args(arguments)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    plan = None if given.faults is None else parsed(given.faults)
    order = Order(given.seed, given.actions, plan, given.plant)
    if given.shrink:
        return shrink(order)
    if given.count == 1 and not given.minutes:
        result = run_one(order)
        print(result.counts.line())
        print(result.line(), flush=True)
        return 1 if result.wrong else 0
    return many(order, given.count, given.minutes, given.jobs)


def many(order: Order, count: int, minutes: float, jobs: int) -> int:
    """Seeds in a row; then the sums, and what never happened."""
    total = run_all(order, count, minutes, jobs)
    print(total.counts.line())
    missing = total.counts.missing() if total.seeds >= ENOUGH_FOR_ALL_FAULTS else []
    if missing:
        print(f"never happened: {', '.join(missing)}")
    failed = ", ".join(str(seed) for seed in total.failed)
    print(f"{total.seeds} seeds from {order.seed} on: {'failed: ' + failed if failed else 'all ok'}", flush=True)
    return 1 if total.failed or missing else 0


def parsed(text: str) -> list[Planned]:
    """`name@action,name@action` as a plan."""
    parts = [part.rpartition("@") for part in text.split(",") if part]
    return sorted(Planned(int(action), name) for name, _, action in parts)


if __name__ == "__main__":
    sys.exit(main())
