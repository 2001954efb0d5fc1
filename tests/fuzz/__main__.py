"""`python -m tests.fuzz [TARGET...] [--seed N] [--count N]`: fuzz for longer than the tests do."""

import argparse
import sys

from tests.fuzz.rig import fuzz
from tests.fuzz.targets import TARGETS


def main() -> int:
    """Runs the targets. Returns 1 if one of them has a finding."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("target", nargs="*", help="names of targets (all if none is given)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100_000)
    options = parser.parse_args()
    status = 0
    for target in TARGETS:
        if options.target and target.name not in options.target:
            continue
        finding = fuzz(target, options.seed, options.count)
        sys.stdout.write(f"{target.name}: {finding or 'nothing found'}\n")
        status |= finding is not None
    return status


if __name__ == "__main__":
    sys.exit(main())
