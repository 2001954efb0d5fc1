"""Writes the demo's past: the seeded market through the real sequencer, engine, journal and event log, ending at now.

Rules: `python -m server.simulation.seeding` is a process of its own, since it compiles and loads the engine; progress
goes to standard output as JSON lines. A seed is complete when `seeded.json` is there; that file is written last.
`retime` moves a finished seed to a new end without the agents: same commands, later times.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from server.engine.exchange import Exchange
from server.gateway.reference import reference_commands
from server.history.folding import fold
from server.journal.event_log import EventLog
from server.journal.journal import Journal
from server.protocol.codec import Records
from server.protocol.enums import Durability
from server.settings import encode_reference
from server.simulation.catalogue import demo_reference, load_catalogue
from server.simulation.desk import DeskTrader
from server.simulation.market import SimulatedMarket
from server.simulation.past import Past
from server.simulation.seed_store import HOURS, REFERENCE_FILE, SEEDED_FILE, Seeded, read_seeded

SHARD: Final = 1
SEGMENT_BYTES: Final = 4 << 20
"""Small, since a run links all but the last two of each log and copies those: what is copied has to reach the disk."""
RETIME_BATCH: Final = 8192

Progress = Callable[[float], None]


class Store:
    """Journal and event log of a new data directory; `keep` takes what was decided."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._journal = Journal.open(directory, shard=SHARD, durability=Durability.OS, segment_bytes=SEGMENT_BYTES)
        self._events = EventLog.open(
            directory, shard=SHARD, epoch=self._journal.epoch, journal_sequence=0, segment_bytes=SEGMENT_BYTES
        )

    def keep(self, commands: Records, events: Records, market_data: Records) -> None:
        """One frame of commands and its outputs."""
        self._journal.append(commands)
        self._events.append(events, market_data)

    def close(self) -> None:
        """Everything to the disk, then ticks and bars of it."""
        self._events.close()
        self._journal.close()
        fold(self._directory)


def seed_directory(directory: Path, seed: int, hours: float, end_ns: int, progress: Progress) -> Seeded:
    """Fills an empty directory with `hours` of market that end at `end_ns`."""
    directory.mkdir(parents=True, exist_ok=True)
    items = load_catalogue().instruments
    described = demo_reference(("-", "-", "-"))
    exchange = Exchange(SHARD)
    store = Store(directory)
    start_ns = end_ns - int(hours * 3600e9)
    past = Past(SimulatedMarket(items, seed), DeskTrader(items, seed), exchange, start_ns, store.keep)
    began_s = time.process_time()
    past.run(reference_commands(described), end_ns, progress)
    store.close()
    seeded = Seeded(
        seed=seed,
        hours=hours,
        end_ns=end_ns,
        commands=past.commands,
        state_hash=f"{exchange.state_hash():016x}",
        cpu_s=round(time.process_time() - began_s, 2),
    )
    (directory / REFERENCE_FILE).write_bytes(encode_reference(described.without_users()))
    (directory / SEEDED_FILE).write_bytes(msgspec.json.encode(seeded))
    return seeded


def retime(source: Path, directory: Path, end_ns: int) -> Seeded:
    """Writes the seed of `source` into an empty directory as if it had ended at `end_ns`."""
    before = read_seeded(source)
    assert before is not None, f"{source} holds no finished seed"
    directory.mkdir(parents=True, exist_ok=True)
    shift_ns = end_ns - before.end_ns
    exchange = Exchange(SHARD)
    store = Store(directory)
    began_s = time.process_time()
    journal = Journal.open(source, shard=SHARD, durability=Durability.OS)
    try:
        for commands in journal.replay(batch=RETIME_BATCH):
            moved = commands.copy()
            moved["time_ns"] += shift_ns
            outputs = exchange.apply(moved)
            store.keep(moved, outputs.events, outputs.market_data)
    finally:
        journal.close()
    store.close()
    seeded = msgspec.structs.replace(
        before,
        end_ns=end_ns,
        state_hash=f"{exchange.state_hash():016x}",
        cpu_s=round(time.process_time() - began_s, 2),
    )
    (directory / REFERENCE_FILE).write_bytes((source / REFERENCE_FILE).read_bytes())
    (directory / SEEDED_FILE).write_bytes(msgspec.json.encode(seeded))
    return seeded


def _tell(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def main(arguments: list[str] | None = None) -> int:
    """Seeds or moves a directory; the last line of output is the finished seed."""
    parser = argparse.ArgumentParser(prog="python -m server.simulation.seeding", description="Writes the demo's past.")
    parser.add_argument("--directory", type=Path, required=True, help="an empty or missing directory")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=HOURS)
    parser.add_argument("--end-ns", type=int, default=0, help="when it ends, nanoseconds UTC (default: now)")
    parser.add_argument("--from", dest="source", type=Path, help="move this finished seed instead of making one")
    options = parser.parse_args(arguments)
    end_ns = options.end_ns or time.time_ns()
    try:
        if options.source is not None:
            seeded = retime(options.source, options.directory, end_ns)
        else:
            seeded = seed_directory(
                options.directory, options.seed, options.hours, end_ns, lambda done: _tell({"progress": round(done, 3)})
            )
    except OSError as error:
        sys.stderr.write(f"The demo's market cannot be written: {error.strerror} ({error.filename}).\n")
        return 2
    _tell({"seeded": msgspec.to_builtins(seeded), "pid": os.getpid()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
