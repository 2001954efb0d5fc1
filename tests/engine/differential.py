"""One run of the engine beside the oracle: every event, every market data record, the due time and the hash.

`python -m tests.engine.differential --commands 1000000 --seed 7` does it by hand, in pieces that continue one another's
seeds; NUMBA_BOUNDSCHECK=1 and NUMBA_DISABLE_JIT=1 apply as ever.
"""

import argparse
import random
import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from tests.oracle.flow import RandomRun, random_run

PIECE = 50_000


def splits(count: int, seed: int) -> Iterator[tuple[int, int]]:
    """Random pieces of a run: many of one command, some of a few, some of thousands."""
    draw = random.Random(seed)
    start = 0
    while start < count:
        end = min(count, start + draw.choice((1, 1, 2, 3, 7, 64, 500, 5000)))
        yield start, end
        start = end


def engine_outputs(exchange: Exchange, commands: NDArray[np.void], seed: int) -> tuple[NDArray[np.void], ...]:
    """All events and all market data records of a run applied in random pieces."""
    events, market_data = [], []
    with np.errstate(over="ignore"):  # as plain Python, words wrap around with a warning
        for start, end in splits(len(commands), seed):
            outputs = exchange.apply(commands[start:end])
            events.append(outputs.events.copy())
            market_data.append(outputs.market_data.copy())
    return np.concatenate(events), np.concatenate(market_data)


def first_difference(name: str, ours: NDArray[np.void], theirs: NDArray[np.void]) -> str:
    """The first record that is not the same, field by field; empty if all are."""
    count = min(len(ours), len(theirs))
    size = ours.dtype.itemsize
    bytes_of = [np.ascontiguousarray(rows[:count]).view(np.uint8).reshape(count, size) for rows in (ours, theirs)]
    different = np.flatnonzero((bytes_of[0] != bytes_of[1]).any(axis=1)) if count else np.empty(0)
    if len(different):
        at = different[0]
        fields = [
            f"{field}: engine {ours[at][field]}, oracle {theirs[at][field]}"
            for field in ours.dtype.names or ()
            if np.any(ours[at][field] != theirs[at][field])
        ]
        return f"{name} {at} of {count}: {'; '.join(fields)}\nengine {ours[at]}\noracle {theirs[at]}"
    if len(ours) != len(theirs):
        return f"{name}: engine wrote {len(ours)}, oracle {len(theirs)}"
    return ""


def compare(run: RandomRun, seed: int) -> list[str]:
    """What differs between engine and oracle over a whole run; empty if nothing does."""
    with np.errstate(over="ignore"):
        exchange = Exchange(1)
    events, market_data = engine_outputs(exchange, run.commands, seed)
    oracle_events, oracle_market_data = run.oracle.output.take()
    with np.errstate(over="ignore"):
        state_hash = exchange.state_hash()
    found = [
        first_difference("event", events, oracle_events),
        first_difference("market data record", market_data, oracle_market_data),
    ]
    if exchange.next_due_ns != run.oracle.next_due_ns:
        found.append(f"next due: engine {exchange.next_due_ns}, oracle {run.oracle.next_due_ns}")
    if state_hash != run.oracle.state_hash():
        found.append(f"state hash: engine {state_hash:016x}, oracle {run.oracle.state_hash():016x}")
    return [difference for difference in found if difference]


def main() -> int:
    """Compares as many commands as asked for; exit status 1 if anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--commands", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    differences = 0
    for piece, start in enumerate(range(0, arguments.commands, PIECE)):
        seed = arguments.seed + piece
        found = compare(random_run(seed, min(PIECE, arguments.commands - start)), seed)
        differences += len(found)
        sys.stdout.write(f"seed {seed}: {'; '.join(found) or 'no difference'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{arguments.commands} commands, {differences} differences\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
