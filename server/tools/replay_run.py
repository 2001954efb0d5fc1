"""A recorded day through the engine, and the report about it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from server.tools.replay_check import SHOWN_MAX, Comparison, compare
from server.tools.replay_feed import commands_of, founding_commands
from server.tools.replay_messages import RecordedDay, read_day

BATCH: Final = 4096
Records = NDArray[np.void]
Clock = Callable[[], float]


class ExchangeOutputs(Protocol):
    """What an exchange gives back for a batch."""

    @property
    def events(self) -> Records:
        """EVENT rows."""

    @property
    def market_data(self) -> Records:
        """BOOK_RECORD rows."""


class AppliesCommands(Protocol):
    """The engine, or anything that follows the same rule book."""

    def apply(self, commands: Records) -> ExchangeOutputs:
        """Apply COMMAND rows; the answer is valid until the next call."""

    def state_hash(self) -> int:
        """The hash of the logical state."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A replayed day: what differs, the state it ended in, and the seconds that each part took."""

    day: RecordedDay
    comparisons: list[Comparison]
    commands: int
    state_hash: int
    read_s: float
    join_s: float
    engine_s: float
    compare_s: float

    @property
    def difference_count(self) -> int:
        """All differences together."""
        return sum(comparison.difference_count for comparison in self.comparisons)


def replay_file(path: Path, make_exchange: Callable[[], AppliesCommands], clock: Clock = time.perf_counter) -> Replay:
    """Read, feed and compare. Raises `DayUnreadable`. The first, compiling use of an exchange is not in the times."""
    started = clock()
    day = read_day(path)
    read = clock()
    commands = commands_of(day)
    joined = clock()
    warm_up(make_exchange(), day)
    warm = clock()
    exchange = make_exchange()
    events, market_data = apply_all(exchange, commands)
    applied = clock()
    comparisons = compare(day, events, market_data)
    return Replay(
        day, comparisons, len(commands), exchange.state_hash(), read - started, joined - read, applied - warm,
        clock() - applied,
    )  # fmt: skip


def warm_up(exchange: AppliesCommands, day: RecordedDay) -> None:
    """Make a throw-away exchange compile or load all of its code."""
    founding = founding_commands(day)
    founding["sequence"] = founding["time_ns"] = np.arange(1, len(founding) + 1)
    exchange.apply(founding)
    exchange.state_hash()


def apply_all(exchange: AppliesCommands, commands: Records, batch: int = BATCH) -> tuple[Records, Records]:
    """All events and all market data of the commands, applied `batch` at a time."""
    events, market_data = [], []
    for start in range(0, len(commands), batch):
        outputs = exchange.apply(commands[start : start + batch])
        events.append(outputs.events.copy())
        market_data.append(outputs.market_data.copy())
    return np.concatenate(events), np.concatenate(market_data)


def report(replay: Replay) -> list[str]:
    """The report without its times: the same for the same file on any machine."""
    day = replay.day
    deletes = int(np.count_nonzero(day.orders["is_delete"]))
    counts = (
        f"{len(day.orders) - deletes:,} adds, {deletes:,} deletes, {len(day.trades):,} trades, "
        f"{len(day.snapshots):,} snapshots; {replay.commands:,} commands"
    )
    lines = [f"{day.symbol}: {counts}"]
    for comparison in replay.comparisons:
        if comparison.published or comparison.differences:
            line = f"{comparison.name:<18}{comparison.equal:>7,} of {comparison.published:,} {comparison.note}"
            lines.append(line.rstrip())
        lines += [f"    {text}" for text in comparison.differences[:SHOWN_MAX]]
        if comparison.difference_count > SHOWN_MAX:
            lines.append(f"    and {comparison.difference_count - SHOWN_MAX:,} more")
    lines.append(f"state hash        {replay.state_hash:#018x}")
    return lines


def times(replay: Replay) -> str:
    """How long it took, in one line."""
    feed_s = replay.read_s + replay.join_s
    rate = replay.commands / max(replay.engine_s, 1e-9)
    return (
        f"feed and engine   {feed_s + replay.engine_s:.2f} s (read {replay.read_s:.2f}, join {replay.join_s:.2f}, "
        f"engine {replay.engine_s:.3f} = {rate:,.0f} commands/s); comparing {replay.compare_s:.2f} s"
    )


def verdict(replay: Replay) -> str:
    """The last line."""
    count = replay.difference_count
    return "replay: exact" if count == 0 else f"replay: {count} differences"
