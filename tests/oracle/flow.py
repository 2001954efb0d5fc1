"""Seeded random flows of commands for the oracle and the engine, already stamped.

Rules: a flow depends on its seed alone; it runs the oracle beside itself to know which orders live, so that most
commands mean something; about one in nine is spoiled. `python -m tests.oracle.flow [SEED [COUNT]]` prints a table.
"""

import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

from server.protocol.enums import CommandKind, Phase, RejectReason
from server.protocol.records import COMMAND
from tests.oracle.exchange import OracleExchange
from tests.oracle.flow_faults import spoil
from tests.oracle.flow_orders import Trader
from tests.oracle.flow_world import Draft, command, founding
from tests.oracle.state import Command

START_NS = 1_700_000_000_000_000_000
SPOILED = 0.11
STEPS_NS = (1, 1_000, 1_000_000, 20_000_000, 400_000_000)
STEP_WEIGHTS = (30, 30, 30, 9, 1)
Reached = tuple[int, int, int]
"""Kind of the command, reject reason, phase of its instrument (-1: it names none)."""


@dataclass
class RandomRun:
    """A flow with the oracle that ran it; the oracle's outputs can be taken from it."""

    commands: NDArray[np.void]
    oracle: OracleExchange
    reached: Counter[Reached] = field(default_factory=Counter)


def random_commands(seed: int, count: int) -> NDArray[np.void]:
    """`count` COMMAND rows, stamped from sequence 1 on; the first few found a market."""
    return random_run(seed, count).commands


def random_run(seed: int, count: int, after_each: Callable[[OracleExchange], None] | None = None) -> RandomRun:
    """As `random_commands`, with the oracle after it; `after_each` is called after every command."""
    oracle, draw = OracleExchange(), Random(seed)
    trader = Trader(oracle, draw)
    waiting = founding()[::-1]
    commands: list[Command] = []
    reached: Counter[Reached] = Counter()
    time_ns = START_NS
    for sequence in range(1, count + 1):
        time_ns += draw.choices(STEPS_NS, STEP_WEIGHTS)[0]
        draft = waiting.pop() if waiting else next_draft(oracle, trader, draw, time_ns)
        stamped, row = draft.stamped(sequence, time_ns)
        commands.append(stamped)
        if row is not None:
            oracle.read_terms(row)
        phase = phase_of(oracle, stamped)
        reason = oracle.one(stamped)
        reached[stamped.kind, int(reason), phase] += 1
        if after_each:
            after_each(oracle)
    return RandomRun(np.array(commands, COMMAND), oracle, reached)


def next_draft(oracle: OracleExchange, trader: Trader, draw: Random, time_ns: int) -> Draft:
    """The next command: TIME mostly soon after it is due, else what the traders do, sometimes spoiled."""
    if 0 < oracle.next_due_ns <= time_ns and draw.random() < 0.5:
        return command(CommandKind.TIME)
    draft = trader.next_draft()
    return spoil(draft, oracle, draw) if draw.random() < SPOILED else draft


def phase_of(oracle: OracleExchange, c: Command) -> int:
    """The phase of the instrument that a command is about, -1 if it is about none."""
    order = oracle.named_order(c) if c.kind in (CommandKind.CANCEL_ORDER, CommandKind.REPLACE_ORDER) else None
    instrument = order.instrument if order else oracle.instruments.get(c.instrument)
    return int(instrument.phase) if instrument else -1


def table(reached: Counter[Reached]) -> str:
    """What was reached, one line for each (kind, reason), a column for each phase."""
    phases = [-1, *(int(phase) for phase in Phase)]
    head = ["no instrument", *(phase.name for phase in Phase)]
    lines = [f"{'command':16} {'reason':22}" + "".join(f"{name:>14}" for name in head)]
    for kind, reason in sorted({(kind, reason) for kind, reason, _ in reached}):
        kind_name = CommandKind(kind).name if kind in set(CommandKind) else f"kind {kind}"
        counts = "".join(f"{reached[kind, reason, phase] or '':>14}" for phase in phases)
        lines.append(f"{kind_name:16} {RejectReason(reason).name:22}{counts}")
    return "\n".join(lines)


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:]]
    seed, count = (arguments + [1, 20_000][len(arguments) :])[:2]
    print(table(random_run(seed, count).reached))
