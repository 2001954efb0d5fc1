"""The table of (order type, phase, reject reason): what was reached on purpose, and what the rules make impossible.

`python -m tests.scenarios.coverage [--oracle] [--kind LIMIT] [--write FILE]` plays the probes and prints the table: a
number is reached in so many phases of those in which it is possible.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from server.engine.exchange import Exchange
from server.protocol.enums import EventKind, Phase, RejectReason
from tests.oracle import OracleExchange
from tests.scenarios.observer import Observer
from tests.scenarios.probes import KINDS, impossible, probe
from tests.scenarios.values import NAMES
from tests.scenarios.world import World

AnyExchange = OracleExchange | Exchange


@dataclass(frozen=True)
class Cell:
    """One combination; `why_not` is empty if it is possible, `seen` are the reasons that Ann was given."""

    name: str
    phase: Phase
    reason: RejectReason
    why_not: str
    seen: tuple[str, ...] = ()

    @property
    def reached(self) -> bool:
        """Whether the probe was refused for the reason."""
        return self.reason.name in self.seen


def reasons_seen(kind: type[AnyExchange], name: str, phase: Phase, reason: RejectReason) -> tuple[str, ...]:
    """Why Ann's order was refused; an exchange that fails gives the failure."""
    given, before, words = probe(name, phase, reason)
    world, observer = World(), Observer()
    for line in given:
        world.given(line)
    with np.errstate(over="ignore"):  # as plain Python, words wrap around with a warning
        exchange = kind()
        for commands in world.founding():
            exchange.apply(commands)
        for line in before:
            done = exchange.apply(world.command(line))
            observer.see(done.events.copy(), done.market_data.copy())
            world.order_ids, world.due_ns = observer.order_ids, int(done.next_due_ns)
        phase_now = observer.phases.get(1, Phase.CONTINUOUS)
        if phase_now != phase:
            return (f"in {Phase(phase_now).name}",)
        events = exchange.apply(world.command(words)).events
    mine = events[(events["kind"] == EventKind.REJECTED) & (events["user"] == NAMES["ann"])]
    return tuple(RejectReason(reason).name for reason in mine["reason"].tolist())


def cells(kind: type[AnyExchange], names: list[str]) -> Iterator[Cell]:
    """All combinations of these kinds of orders, those that are possible played."""
    for name in names:
        for phase in Phase:
            for reason in RejectReason:
                why_not = impossible(name, phase, reason)
                seen = () if why_not else reasons_seen(kind, name, phase, reason)
                yield Cell(name, phase, reason, why_not, seen)


def table(found: list[Cell]) -> str:
    """A line for each reason, a column for each kind of order: reached of possible."""
    names = list(dict.fromkeys(cell.name for cell in found))
    lines = [f"{'reason':28}" + "".join(f"{name[:8]:>9}" for name in names)]
    for reason in RejectReason:
        texts = []
        for name in names:
            possible = [c for c in found if (c.name, c.reason) == (name, reason) and not c.why_not]
            texts.append(f"{sum(c.reached for c in possible)}/{len(possible)}" if possible else "-")
        if set(texts) != {"-"}:
            lines.append(f"{reason.name:28}" + "".join(f"{text:>9}" for text in texts))
    lines += ["", "Impossible by rule:"]
    whys: dict[tuple[str, str], set[str]] = {}
    for cell in found:
        if cell.why_not:
            whys.setdefault((cell.reason.name, cell.why_not), set()).add(cell.name)
    for (reason_name, why), kinds in whys.items():
        lines.append(f"{reason_name:28} {why} ({'all' if len(kinds) == len(names) else ', '.join(sorted(kinds))})")
    return "\n".join(lines)


def main() -> int:
    """Prints the table and what was not reached; exit status 1 if anything was not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--oracle", action="store_true", help="the oracle instead of the engine")
    parser.add_argument("--kind", choices=list(KINDS), help="this kind of order alone")
    parser.add_argument("--write", type=Path, help="keep the table in this file")
    options = parser.parse_args()
    names = [options.kind] if options.kind else list(KINDS)
    found = list(cells(OracleExchange if options.oracle else Exchange, names))
    missed = [cell for cell in found if not cell.why_not and not cell.reached]
    lines = [table(found), ""]
    grouped: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for cell in missed:
        grouped.setdefault((cell.name, cell.reason.name, cell.seen), []).append(cell.phase.name)
    for (name, reason, seen), phases in grouped.items():
        lines.append(f"not reached: {name}: {reason}, but {', '.join(seen) or 'accepted'} in {', '.join(phases)}")
    possible = sum(not cell.why_not for cell in found)
    lines.append(f"{possible - len(missed)} of {possible} combinations reached, {len(found) - possible} impossible")
    text = "\n".join(lines) + "\n"
    sys.stdout.write(text)
    if options.write:
        options.write.write_text(text)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
