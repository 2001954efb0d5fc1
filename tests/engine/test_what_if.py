"""What-if says what happens: over a random run each command is asked about first, then applied; the state stays."""

import numpy as np

from server.engine.exchange import Exchange
from server.engine.what_if import uses, what_if
from server.protocol.enums import CommandKind, EventKind, RejectReason
from tests.oracle.flow import random_run

ASKED = (CommandKind.NEW_ORDER, CommandKind.REPLACE_ORDER, CommandKind.CANCEL_ORDER, CommandKind.MASS_QUOTE)


def groups_of(commands: np.ndarray) -> list[np.ndarray]:
    """The commands as they are applied: groups whole, all others alone."""
    counts, groups, at = commands["group_count"].tolist(), [], 0
    while at < len(commands):
        size = max(1, counts[at])
        whole = all(count == 0 for count in counts[at + 1 : at + size]) and at + size <= len(commands)
        size = size if whole else 1
        groups.append(commands[at : at + size])
        at += size
    return groups


def check_run(seed: int, count: int, areas: tuple[str, ...]) -> int:
    """Asks about every order of a run before it is applied; returns how many would have been refused."""
    refused = 0
    with np.errstate(over="ignore"):
        exchange = Exchange(1)
        for group in groups_of(random_run(seed, count, areas=areas).commands):
            if group["kind"][0] not in ASKED:
                exchange.apply(group)
                continue
            before = exchange.state_hash()
            verdict = what_if(exchange, group)
            assert exchange.state_hash() == before
            events = exchange.apply(group).events
            assert verdict.events.tobytes() == events.tobytes()
            assert verdict.after.state_hash() == exchange.state_hash()
            rejected = events[events["kind"] == EventKind.REJECTED]
            assert verdict.reason == (rejected["reason"][0] if len(rejected) else RejectReason.NONE)
            refused += verdict.reason != RejectReason.NONE
        assert all(use.used >= 0 for use in uses(exchange))
    return refused


def test_what_if_is_what_happens() -> None:
    assert check_run(5, 400, ("accounts", "limits", "quotes")) > 20
