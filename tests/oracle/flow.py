"""Seeded random flows of commands for the oracle and the engine, already stamped.

Rules: a flow depends on its seed and its areas alone; it runs the oracle beside itself to know which orders live, so
that most commands mean something; about one in nine is spoiled; a group is never cut. Each area of the rule book
(`flow_areas.py`) can be switched on by name. `python -m tests.oracle.flow [--seed N] [--count N] [--areas a,b]` prints
what was reached.
"""

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind
from server.protocol.records import BOOK_RECORD, COMMAND, EVENT
from tests.oracle.coverage import Reached, reached_by, subjects_of, table
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow_areas import READY, areas_named
from tests.oracle.flow_faults import spoil
from tests.oracle.flow_orders import Trader
from tests.oracle.flow_world import Group, command, founding, joined, stamped
from tests.oracle.invariants import check_invariants

START_NS = 1_700_000_000_000_000_000
SPOILED = 0.11
STEPS_NS = (1, 1_000, 1_000_000, 20_000_000, 400_000_000)
STEP_WEIGHTS = (30, 30, 30, 9, 1)
CHECKPOINT = 1_000
Rows = NDArray[np.void]


@dataclass(frozen=True)
class Checkpoint:
    """How the oracle stood after so many commands."""

    commands: int
    next_due_ns: int
    state_hash: int


@dataclass
class RandomRun:
    """A flow, what the oracle made of it, and the oracle after it; `starts` are the places where groups begin."""

    commands: Rows
    starts: list[int]
    oracle: OracleExchange
    events: Rows
    market_data: Rows
    checkpoints: list[Checkpoint]
    reached: Reached = field(default_factory=Reached)


def random_commands(seed: int, count: int, areas: Iterable[str] = READY) -> Rows:
    """`count` COMMAND rows, stamped from sequence 1 on; the first few found a market."""
    return random_run(seed, count, areas=areas).commands


def random_run(
    seed: int,
    count: int,
    after_each: Callable[[OracleExchange], None] | None = None,
    areas: Iterable[str] = READY,
    spoiled: float = SPOILED,
    trader_of: type[Trader] = Trader,
) -> RandomRun:
    """As `random_commands`, with the oracle after it; `after_each` is called after every group."""
    oracle, draw = OracleExchange(), Random(seed)
    trader = trader_of(oracle, draw, areas_named(areas))
    waiting = [*([draft] for draft in founding()), *trader.settings()][::-1]
    parts: list[list[Rows]] = [[], [], []]
    run = RandomRun(np.empty(0, COMMAND), [], oracle, np.empty(0, EVENT), np.empty(0, BOOK_RECORD), [])
    time_ns, done, whole = START_NS, 0, True
    while done < count:
        time_ns += draw.choices(STEPS_NS, STEP_WEIGHTS)[0]
        group = waiting.pop() if waiting else next_group(oracle, trader, draw, time_ns, spoiled)
        if len(group) > count - done:
            group = [command(CommandKind.TIME)]
        rows = stamped(group, done + 1, time_ns)
        if rows["group_count"][0] == 0 and not whole:  # it would join the torn group before it if a batch holds both
            rows = stamped([command(CommandKind.TIME)], done + 1, time_ns)
        whole = len(rows) == rows["group_count"][0] == 1 + np.count_nonzero(rows["group_count"][1:] == 0)
        subjects = subjects_of(oracle, rows)
        outputs = oracle.apply(rows)
        reached_by(run.reached, rows, subjects, outputs.events)
        run.starts.append(done)
        for part, array in zip(parts, (rows, outputs.events, outputs.market_data), strict=True):
            part.append(array)
        time_ns += len(rows) - 1
        if done // CHECKPOINT != (done + len(rows)) // CHECKPOINT or done + len(rows) == count:
            check_invariants(oracle)
            run.checkpoints.append(Checkpoint(done + len(rows), oracle.next_due_ns, oracle.state_hash()))
        done += len(rows)
        if after_each:
            after_each(oracle)
    layouts = (COMMAND, EVENT, BOOK_RECORD)
    run.commands, run.events, run.market_data = (joined(*pair) for pair in zip(parts, layouts, strict=True))
    return run


def next_group(oracle: OracleExchange, trader: Trader, draw: Random, time_ns: int, spoiled: float) -> Group:
    """The next group: TIME mostly soon after it is due, else what the traders do, sometimes spoiled."""
    if 0 < oracle.next_due_ns <= time_ns and draw.random() < 0.5:
        return [command(CommandKind.TIME)]
    group = trader.next_group()
    return spoil(group, oracle, draw) if draw.random() < spoiled else group


def main() -> None:
    """Prints the table of what a flow reaches."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--areas", default=",".join(READY))
    options = parser.parse_args()
    run = random_run(options.seed, options.count, areas=[area for area in options.areas.split(",") if area])
    sys.stdout.write(f"{table(run.reached)}\n")


if __name__ == "__main__":
    main()
