"""`python -m tests.simulator --seed N`: one run, or several from N on; its last line says how it ended.

Rules: the output depends on the seed alone; exit status 1 if anything was wrong.
"""

import argparse
import sys

import structlog

from tests.simulator.plants import PLANTS
from tests.simulator.world import World


def main() -> int:
    """Run the seeds, print counts and outcome of each."""
    parser = argparse.ArgumentParser(prog="tests.simulator", description="The machine that tries to break it.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1, help="how many seeds, from --seed on")
    parser.add_argument("--actions", type=int, default=2000, help="client actions of a run")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="a bug that the auditor has to find")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    failed = 0
    for seed in range(given.seed, given.seed + given.count):
        plant = PLANTS[given.plant] if given.plant else lambda _: None
        result = World(seed, given.actions, plant).run()
        print(result.counts.line())
        print(result.line(), flush=True)
        failed += bool(result.wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
