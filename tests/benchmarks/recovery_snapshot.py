"""A start from a snapshot beside one from the journal alone, and how long the loop stands still for a snapshot.

Rules: both starts are of the same directory as a killed server leaves it, event log included, and must give the same
state hash; the pause is that of the copy, with the live orders that the name tells of, beside the median batch on the
same exchange. `python -m tests.benchmarks.recovery_snapshot --full` starts from 10,000,000 commands, by hand: small and
large frames, a tail of 1,000,000.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.engine.exchange import Exchange
from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.journal.restoring import Candidates, Snapshots, candidates, restore
from server.journal.snapshot_store import SnapshotStore
from server.journal.snapshotter import Snapshotter
from server.settings import SnapshotSettings
from tests.benchmarks.measure import MeasureGroup, Result
from tests.benchmarks.recovery import BATCH, SEED, founding, order_flow

COMMANDS: Final = 400_000
TAIL: Final = 40_000
SMALL_FRAMES: Final = 8
LARGE_FRAMES: Final = 4096
FULL_COMMANDS: Final = 10_000_000
FULL_TAIL: Final = 1_000_000
ROUNDS: Final = 3
LIVE_ORDERS: Final = {"snapshot.pause_10k_ms": 10_000, "snapshot.pause_ms": 100_000, "snapshot.pause_1m_ms": 1_000_000}
LOOP_BATCH: Final = 64
_NEVER: Final = SnapshotSettings(commands=1 << 60, minutes=0)


def live(directory: Path, commands: NDArray[np.void], tail: int, frame_max: int) -> int:
    """What a server leaves that was killed `tail` commands behind its only snapshot; the state hash at the end."""
    journal = Journal.open(directory)
    log = EventLog.open(directory, epoch=journal.epoch, journal_sequence=0)
    exchange = Exchange()
    store = SnapshotStore.open(directory)
    snapshotter = Snapshotter(store, journal, log, exchange, settings=_NEVER, timer=time.monotonic_ns)
    sizes = np.random.default_rng(SEED).integers(1, frame_max + 1, 2 * len(commands) // frame_max + 1000).tolist()
    start, taken = 0, len(commands) - tail
    for size in sizes:
        batch = commands[start : min(start + size, taken if start < taken else len(commands))]
        if not len(batch):
            break
        journal.append(batch)
        outputs = exchange.apply(batch)
        log.append(outputs.events, outputs.market_data)
        start += len(batch)
        if start == taken:
            snapshotter.begin(0)
            snapshotter._wait()
            assert snapshotter.take(log.last_command_sequence)
    assert start == len(commands)
    while journal.synced_sequence() < start:
        time.sleep(0.05)
    snapshotter.on_turn(lambda: log.last_command_sequence)
    snapshotter.close()
    assert snapshotter.written == 1, "the snapshot was not written"
    for thread in log._flushers:
        thread.join()
    journal.close()
    return exchange.state_hash()


def start(directory: Path, *, uses_snapshot: bool) -> tuple[float, int, int]:
    """Seconds from nothing to an engine that is ready; its state hash; the commands that were replayed."""
    started = time.perf_counter()
    store = SnapshotStore.open(directory)
    found = candidates(store) if uses_snapshot else Candidates()
    journal = Journal.open(directory, starts=found.starts)
    log = EventLog.open(directory, epoch=journal.epoch, journal_sequence=journal.last_sequence)
    restored = restore(journal, log, Snapshots(store, found))
    exchange = restored.exchange
    begun_at = exchange.sequence
    for commands in journal.replay(split_after=log.last_command_sequence, after=begun_at):
        exchange.apply(commands)
    elapsed = time.perf_counter() - started
    assert (begun_at > 0) == uses_snapshot, restored.notes
    for thread in log._flushers:
        thread.join()
    journal.close()
    return elapsed, exchange.state_hash(), exchange.sequence - begun_at


def both_ways(directory: Path, expected: int, rounds: int) -> tuple[float, float]:
    """(from the snapshot, from the journal alone): the least seconds of a few rounds each."""
    fast, slow = float("inf"), float("inf")
    for _ in range(rounds):
        fast_s, fast_hash, _ = start(directory, uses_snapshot=True)
        slow_s, slow_hash, _ = start(directory, uses_snapshot=False)
        assert fast_hash == slow_hash == expected, "a start gave another state"
        fast, slow = min(fast, fast_s), min(slow, slow_s)
    return fast, slow


def measure_starts() -> Iterator[Result]:
    """From a snapshot and a tail, beside the journal alone."""
    with tempfile.TemporaryDirectory() as folder:
        expected = live(Path(folder), order_flow(COMMANDS), TAIL, SMALL_FRAMES)
        fast, slow = both_ways(Path(folder), expected, ROUNDS)
    note = f"the journal alone; {COMMANDS:,} commands, {TAIL:,} behind the snapshot"
    yield Result("recovery.snapshot_s", "s", fast, slow, note)


def resting(count: int) -> NDArray[np.void]:
    """The founding and `count` orders of which no two can trade."""
    flow = order_flow(3 * count // 2 + 10)
    orders = flow[flow["kind"] == flow["kind"][len(founding())]][:count]
    prices = np.where(orders["side"] == 0, 40_000, 60_000) + np.arange(count) % 500
    orders["price"] = prices
    commands = np.concatenate([founding(), orders])
    commands["counter"][len(founding()) :] = np.arange(1, count + 1)
    commands["sequence"] = np.arange(1, len(commands) + 1)
    commands["time_ns"] = np.arange(1, len(commands) + 1)
    return commands


def pause(count: int) -> tuple[float, float]:
    """(milliseconds of the copy, milliseconds of the median batch) with so many live orders."""
    commands = resting(count + LOOP_BATCH * 100)
    exchange = Exchange()
    first = len(commands) - LOOP_BATCH * 100
    for begin in range(0, first, BATCH):
        exchange.apply(commands[begin : min(begin + BATCH, first)])
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal.open(Path(folder))
        log = EventLog.open(Path(folder), epoch=journal.epoch, journal_sequence=0)
        store = SnapshotStore.open(Path(folder))
        snapshotter = Snapshotter(store, journal, log, exchange, settings=_NEVER, timer=time.perf_counter_ns)
        snapshotter.begin(0)
        snapshotter._wait()
        batches, copies = [], []
        for begin in range(first, len(commands), LOOP_BATCH):
            started = time.perf_counter()
            exchange.apply(commands[begin : begin + LOOP_BATCH])
            batches.append(time.perf_counter() - started)
            if len(batches) % 10 == 0:
                while not snapshotter.take(0):
                    snapshotter._wait()
                copies.append(snapshotter.pause_last_ns / 1e9)
                snapshotter._taken = None
        snapshotter.close()
        log.close()
        journal.close()
    return statistics.median(copies) * 1e3, statistics.median(batches) * 1e3


def measure_pauses() -> Iterator[Result]:
    """The loop's pause for each size of the books."""
    for name, count in LIVE_ORDERS.items():
        copy_ms, batch_ms = pause(count)
        yield Result(name, "ms", copy_ms, batch_ms, f"a batch of {LOOP_BATCH}; {count:,} live orders")


MEASURES = [
    MeasureGroup(("recovery.snapshot_s",), measure_starts),
    MeasureGroup(tuple(LIVE_ORDERS), measure_pauses),
]


def main(arguments: list[str] | None = None) -> int:
    """By hand: the sizes of the target."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.recovery_snapshot")
    parser.add_argument("--full", action="store_true", help=f"{FULL_COMMANDS:,} commands, small and large frames")
    parser.add_argument("--keep", type=Path, help="a directory that is kept, and used again")
    options = parser.parse_args(arguments)
    count, tail = (FULL_COMMANDS, FULL_TAIL) if options.full else (COMMANDS, TAIL)
    for frame_max in (SMALL_FRAMES, LARGE_FRAMES):
        with tempfile.TemporaryDirectory() as folder:
            directory = Path(folder) if options.keep is None else options.keep / f"{count}-{frame_max}"
            if not (directory / "journal").is_dir():
                live(directory, order_flow(count), tail, frame_max)
            _, expected, _ = start(directory, uses_snapshot=False)
            busy = time.process_time()
            start(directory, uses_snapshot=True)
            busy = time.process_time() - busy
            fast, slow = both_ways(directory, expected, 1 if options.full else ROUNDS)
            load = " ".join(f"{value:.1f}" for value in os.getloadavg())
            sys.stdout.write(
                f"{count:,} commands, frames of up to {frame_max}: journal alone {slow:.2f} s, snapshot and"
                f" {tail:,} commands {fast:.2f} s (processor {busy:.2f} s with a state hash),"
                f" hash {expected:016x}, load {load}\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
