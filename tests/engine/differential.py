"""One run of the engine beside the oracle: every event, every market data record, the due time and the hash.

Rules: the engine gets the flow in random pieces that never cut a group; every thousand commands due time and state
hash are compared, and the engine's sums of money and lots are zero. Through the events of every command it is followed
that open = entered - filled - cancelled of each order, and that no money and no lots come from nowhere. A difference
says its seed and how to see it again, with the commands around it.
`python -m tests.engine.differential --commands 1000000 --seed 7 [--areas orders,stops | --draw-areas] [--piece 50000]`
does it by hand, in pieces with seeds of their own, which with --draw-areas decide what a piece is about;
NUMBA_BOUNDSCHECK=1 and NUMBA_DISABLE_JIT=1 apply as ever.
"""

import argparse
import random
import sys
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from server.protocol.enums import CommandKind
from server.protocol.records import BOOK_RECORD, EVENT
from tests.engine.open_quantities import OpenQuantities
from tests.engine.zero_sums import ZeroSums, sums_of_engine
from tests.oracle.flow import RandomRun, random_run
from tests.oracle.flow_areas import READY, areas_drawn
from tests.oracle.flow_world import joined

PIECE = 50_000
SHOWN_BEFORE = 3


def splits(starts: Sequence[int], count: int, seed: int, borders: Sequence[int] = ()) -> Iterator[tuple[int, int]]:
    """Random pieces of a run: many of one group, some of a few, some of thousands; each ends at every border."""
    draw = random.Random(seed)
    ends = {count, *borders}
    place = 0
    while place < len(starts):
        wanted = place + draw.choice((1, 1, 2, 3, 7, 64, 500, 5000))
        end = starts[wanted] if wanted < len(starts) else count
        end = min(border for border in (*(b for b in ends if starts[place] < b <= end), end))
        yield starts[place], end
        while place < len(starts) and starts[place] < end:
            place += 1


class Watch:
    """What must be true of the engine whatever the oracle says."""

    def __init__(self, exchange: Exchange, run: RandomRun) -> None:
        self.exchange, self.run = exchange, run
        self.open, self.sums = OpenQuantities(), ZeroSums()

    def at_checkpoint(self, events: NDArray[np.void]) -> list[str]:
        """What is wrong in the events since the last checkpoint, or in what the engine holds."""
        found = self.open.follow(events) + self.sums.follow(events, self.run.commands, self.run.starts)
        return found or self.open.compared(self.exchange) + sums_of_engine(self.exchange)


def engine_outputs(
    exchange: Exchange, run: RandomRun, seed: int, found: list[str] | None = None
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """All events and all market data records of a run applied in random pieces; compares at the checkpoints."""
    events, market_data = [], []
    due = {point.commands: point for point in run.checkpoints}
    watch, watched = Watch(exchange, run), 0
    with np.errstate(over="ignore"):  # as plain Python, words wrap around with a warning
        for start, end in splits(run.starts, len(run.commands), seed, [*due] if found is not None else ()):
            outputs = exchange.apply(run.commands[start:end])
            events.append(outputs.events.copy())
            market_data.append(outputs.market_data.copy())
            if found is None or end not in due or len(found) > 2:
                continue
            if exchange.next_due_ns != due[end].next_due_ns:
                found.append(f"next due at {end}: engine {exchange.next_due_ns}, oracle {due[end].next_due_ns}")
            if exchange.state_hash() != due[end].state_hash:
                found.append(f"state hash at {end}")
            found += watch.at_checkpoint(joined(events[watched:], EVENT))
            watched = len(events)
    return joined(events, EVENT), joined(market_data, BOOK_RECORD)


def first_difference(name: str, ours: NDArray[np.void], theirs: NDArray[np.void]) -> tuple[str, int]:
    """The first record that is not the same, field by field, and its command; empty if all are."""
    count = min(len(ours), len(theirs))
    size = ours.dtype.itemsize
    bytes_of = [np.ascontiguousarray(rows[:count]).view(np.uint8).reshape(count, size) for rows in (ours, theirs)]
    different = np.flatnonzero((bytes_of[0] != bytes_of[1]).any(axis=1)) if count else np.empty(0)
    sequence = "command_sequence" if "command_sequence" in (ours.dtype.names or ()) else "sequence"
    if len(different):
        at = int(different[0])
        fields = [
            f"{field}: engine {ours[at][field]}, oracle {theirs[at][field]}"
            for field in ours.dtype.names or ()
            if np.any(ours[at][field] != theirs[at][field])
        ]
        said = f"{name} {at} of {count}: {'; '.join(fields)}\nengine {ours[at]}\noracle {theirs[at]}"
        return said, int(min(ours[at][sequence], theirs[at][sequence]))
    if len(ours) != len(theirs):
        longer = max(ours, theirs, key=len)
        return f"{name}: engine wrote {len(ours)}, oracle {len(theirs)}", int(longer[count][sequence])
    return "", 0


def compare(run: RandomRun, seed: int) -> list[str]:
    """What differs between engine and oracle over a whole run; empty if nothing does."""
    with np.errstate(over="ignore"):
        exchange = Exchange(1)
    found: list[str] = []
    events, market_data = engine_outputs(exchange, run, seed, found)
    for name, ours, theirs in (
        ("event", events, run.events),
        ("market data record", market_data, run.market_data),
    ):
        difference, sequence = first_difference(name, ours, theirs)
        if difference:
            found.append(f"{difference}\n{commands_around(run, sequence)}")
    return found


def commands_around(run: RandomRun, sequence: int) -> str:
    """The command of a difference with those before it, in their fields that are not 0."""
    lines = []
    for row in run.commands[max(0, sequence - 1 - SHOWN_BEFORE) : sequence]:
        kind = int(row["kind"])
        name = CommandKind(kind).name if kind in set(CommandKind) else f"kind {kind}"
        fields = [f"{field}={row[field]}" for field in row.dtype.names or () if field != "kind" and row[field]]
        lines.append(f"  {name} {' '.join(fields)}")
    return "\n".join(lines)


def main() -> int:
    """Compares as many commands as asked for; exit status 1 if anything differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--commands", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--areas", default=",".join(READY))
    parser.add_argument("--draw-areas", action="store_true", help="each piece has areas of its own, by its seed")
    parser.add_argument("--piece", type=int, default=PIECE)
    arguments = parser.parse_args()
    chosen = [area for area in arguments.areas.split(",") if area]
    differences = 0
    for piece, start in enumerate(range(0, arguments.commands, arguments.piece)):
        seed = arguments.seed + piece
        count = min(arguments.piece, arguments.commands - start)
        areas = ",".join(areas_drawn(seed) if arguments.draw_areas else chosen)
        found = compare(random_run(seed, count, areas=[area for area in areas.split(",") if area]), seed)
        differences += len(found)
        again = f" (--seed {seed} --commands {count} --areas '{areas}')" if found else ""
        about = f" ({areas or 'first rules'})" if arguments.draw_areas and not found else ""
        sys.stdout.write(f"seed {seed}{about}: {'; '.join(found) or 'no difference'}{again}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{arguments.commands} commands, {differences} differences\n")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
