"""`journal print|verify|diff|root|replay|skip|rotate-key DIR`: what journal and event log of a data directory say.

Rules: all but rotate-key and skip read only and take no lock, so that they work beside a running server (whose newest
frames may look torn then); the last line says whether all is well and the exit status follows: 0 good or the same, 1
damaged or different, 2 cannot be read. Chain and root are checked without the key file; what a command says needs it.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from itertools import zip_longest
from pathlib import Path
from typing import Final

import numpy as np

from server.identity.store import IdentityError
from server.journal.archive import archive
from server.journal.day_root import day_root
from server.journal.errors import JournalDamaged, JournalError, LogRewound, SnapshotUnusable
from server.journal.event_log_reader import EventLogReader
from server.journal.journal import read_only
from server.journal.key_file import load as load_keys
from server.journal.key_rotation import rotate
from server.journal.recovery import Recovered, commands_of
from server.journal.snapshot_store import DIRECTORY_NAME as SNAPSHOTS
from server.journal.snapshot_store import SnapshotStore
from server.journal.storage import FileStorage
from server.protocol.codec import Records
from server.tools import journal_backup, journal_replay, journal_skip
from server.tools.journal_text import describe_command, describe_event, describe_market_data

_DAY_NS: Final = 86_400 * 10**9


def commands(storage: FileStorage, found: Recovered, first: int, count: int) -> Iterator[np.void]:
    """Up to `count` commands from sequence `first` on."""
    for part in found.segments:
        if count <= 0:
            return
        if part.last_sequence < first or not part.end:
            continue
        rows = commands_of(storage.read(part.name, 0, part.end), part)
        skipped = max(0, first - part.first_sequence)
        rows = rows[skipped : skipped + count]
        count -= len(rows)
        yield from rows


def event_groups(directory: Path) -> Iterator[tuple[int, Records]]:
    """The groups of the event log from its beginning."""
    reader = EventLogReader.open(directory)
    while groups := reader.poll():
        yield from groups


def print_journal(options: argparse.Namespace) -> int:
    """The commands, one a line."""
    storage, found = read_only(options.directory, options.shard)
    for command in commands(storage, found, options.first, options.count):
        print(describe_command(command))
    return _judge(found)


def print_events(options: argparse.Namespace) -> int:
    """Events, or with --market-data those records, of the commands from --from on, one a line."""
    missing = options.count
    for _, records in event_groups(options.directory):
        is_market_data = "public_order_id" in (records.dtype.names or ()) and records.dtype.itemsize == 64
        if is_market_data != options.market_data:
            continue
        by_command = records["sequence" if is_market_data else "command_sequence"]
        describe = describe_market_data if is_market_data else describe_event
        for record in records[by_command >= options.first][:missing]:
            print(describe(record))
            missing -= 1
        if missing <= 0:
            break
    return 0


def verify(options: argparse.Namespace) -> int:
    """Segments and sequences of the journal with the seal of every frame, then those of the event log."""
    storage, found = read_only(options.directory, options.shard)
    has_keys = all(part.seal is not None for part in found.segments if part.is_sealed)
    for part in found.segments:
        if has_keys and part.end:
            commands_of(storage.read(part.name, 0, part.end), part)
        state = "not sealed" if not part.is_sealed else "sealed" if has_keys else "sealed, the key file is not here"
        print(
            f"journal/{part.name}: sequences {part.first_sequence} to {part.last_sequence}, {part.end:,} bytes, {state}"
        )
    verify_snapshots(options.directory, options.shard, has_keys=has_keys)
    if found.begins_after:
        print(f"journal: begins behind sequence {found.begins_after}; what is before it is in {found.archive}")
    if not has_keys:
        print("journal: the chain is good; the seals were not opened and the event log was not read")
        return _judge(found)
    totals = {"events": 0, "market data": 0}
    for _, records in event_groups(options.directory):
        totals["market data" if records.dtype.itemsize == 64 else "events"] += len(records)
    print(f"event log: {totals['events']:,} events, {totals['market data']:,} market data records")
    return _judge(found)


def diff(options: argparse.Namespace) -> int:
    """The first command in which two journals differ; what is written twice is sealed twice, so bytes tell nothing."""
    parts = []
    for directory in (options.directory, options.other):
        storage, found = read_only(directory, options.shard)
        parts.append(commands(storage, found, options.first, 1 << 62))
    count = 0
    for one, other in zip_longest(*parts):
        if one is None or other is None or one.tobytes() != other.tobytes():
            for sign, command in (("<", one), (">", other)):
                print(sign, "the journal ends here" if command is None else describe_command(command))
            print(f"journal: different, after {count} equal commands")
            return 1
        count += 1
    print(f"journal: the same {count} commands")
    return 0


def root(options: argparse.Namespace) -> int:
    """The Merkle root of a day's frames; the same for every copy of this journal, and without its key."""
    storage, found = read_only(options.directory, options.shard)
    start_ns = int(datetime.combine(options.day, time(), UTC).timestamp()) * 10**9
    tree = day_root(storage, found, start_ns, start_ns + _DAY_NS)
    if not tree.frames:
        print(f"{options.day} no frames")
    else:
        last = f"sequences {tree.first_sequence} to {tree.last_sequence}"
        print(f"{options.day} {tree.root.hex()} {tree.frames} frames, {last}")
    return _judge(found)


def rotate_key(options: argparse.Namespace) -> int:
    """A new wrapping key."""
    number, count = rotate(options.directory, options.shard)
    print(f"journal: {count} segments are wrapped by key {number}; keep a copy of the new key file")
    return 0


def archive_segments(options: argparse.Namespace) -> int:
    """Segments that snapshots stand for, moved to another place."""
    moved = archive(options.directory, options.to, options.shard)
    if not moved.segments:
        print(f"journal: nothing lies wholly before the oldest snapshot, {moved.snapshot}; nothing was moved")
        return 0
    print(
        f"journal: {moved.segments} segments up to sequence {moved.sequence} are in {options.to} and no more here;"
        f" {moved.snapshot} stands for them"
    )
    return 0


def verify_snapshots(directory: Path, shard: int, *, has_keys: bool) -> None:
    """One line a snapshot. A bad one is no damage: a start takes another, or the journal."""
    if not (directory / SNAPSHOTS).is_dir():
        return
    store = SnapshotStore(
        FileStorage(directory / SNAPSHOTS, create=False), shard=shard, keys=lambda: load_keys(directory)
    )
    for name in reversed(store.names()):
        try:
            head = store.check(name)
            store.head(name)
            if has_keys and store.load(head).state_hash() != head.state_hash:
                raise SnapshotUnusable("its state hash is wrong")
            print(f"snapshots/{name}: up to sequence {head.sequence}, {head.file_bytes:,} bytes, whole")
        except SnapshotUnusable as error:
            print(f"snapshots/{name}: not used by this build: {error}")


def _judge(found: Recovered) -> int:
    summary = f"journal: {found.last_sequence - found.begins_after} commands, epoch {found.epoch}"
    if found.damage is None:
        print(f"{summary}, good")
        return 0
    damage = found.damage
    print(
        f"{summary}; above the commit mark {damage.segment} ends in a torn frame at byte {damage.offset}"
        f" ({damage.what}): the next start cuts it"
    )
    return 0


def main(arguments: list[str] | None = None) -> int:
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="tradepit journal", description="Reads the journal of a data directory.")
    actions = parser.add_subparsers(required=True)
    made: dict[str, argparse.ArgumentParser] = {}
    for name, run, text in (
        ("print", print_journal, "print commands"),
        ("verify", verify, "check every frame"),
        ("diff", diff, "find the first command in which two journals differ"),
        ("root", root, "print the Merkle root of a day's frames"),
        ("rotate-key", rotate_key, "replace the key that wraps the segments' keys; the server is stopped"),
        ("archive", archive_segments, "move segments that snapshots stand for to another place"),
    ):
        made[name] = actions.add_parser(name, help=text)
        made[name].add_argument("directory", type=Path, help="data directory of the server")
        made[name].add_argument("--shard", type=int, default=1)
        made[name].set_defaults(run=run)
    made["diff"].add_argument("other", type=Path, help="the data directory to compare it with")
    for name in ("print", "diff"):
        made[name].add_argument("--from", dest="first", type=int, default=1, help="first command sequence")
    made["print"].add_argument("--count", type=int, default=1 << 62, help="how many lines at most")
    made["print"].add_argument("--events", action="store_true", help="print the events that followed instead")
    made["print"].add_argument("--market-data", action="store_true", help="print the market data that followed")
    made["archive"].add_argument("--to", type=Path, required=True, help="the archive's directory")
    made["root"].add_argument("--day", type=date.fromisoformat, required=True, help="YYYY-MM-DD, from midnight UTC on")
    for tool in (journal_replay, journal_backup, journal_skip):
        tool.add(actions)
    options = parser.parse_args(arguments)
    if getattr(options, "events", False) or getattr(options, "market_data", False):
        options.run = print_events
    try:
        status: int = options.run(options)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (JournalDamaged, LogRewound) as error:
        print(f"journal: damaged: {error}", file=sys.stderr)
        return 1
    except (JournalError, IdentityError, OSError) as error:
        print(f"journal: {error}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
