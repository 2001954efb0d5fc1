"""`python -m tests.journal.damage_table`: every kind of damage at every byte of a small journal and event log, by hand.

Rules: the logs hold real commands and what the engine made of them. Whatever was done to the files, a journal comes
back with a beginning of its commands that holds all below the commit mark, under a new epoch; or it is refused, with
segment, offset and first sequence of a frame that stands no later than the damage, and nothing was written. An event
log comes back, completed from the journal, byte for byte as it was; or is refused so; or its reader refuses it.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from server.engine.exchange import Exchange
from server.journal.commit_mark import FILE_NAME, CommitFile
from server.journal.errors import JournalDamaged, JournalSealed, LogRewound
from server.journal.event_log import EventLog
from server.journal.event_log_reader import EventLogReader
from server.journal.framing import FrameKind, headers_of
from server.journal.journal import Journal
from server.journal.key_file import KeyRing, load, new_ring
from server.journal.storage import FileStorage
from server.protocol.codec import Records
from tests.golden import make_journal
from tests.journal import damage
from tests.journal.damage import Damage, Files, frames_of
from tests.journal.memory_storage import MemoryStorage

COMMANDS = 36
BATCHES = (1, 2, 1, 3, 1, 4)
JOURNAL_SEGMENT_BYTES, EVENT_SEGMENT_BYTES, RESERVE_BYTES = 1200, 4000, 1024
KEYS = new_ring()
LARGE_STEP = 97
_FRESH_EPOCH = 9


def golden_commands() -> Records:
    """The commands of the golden day's journal, a whole number of groups."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copytree(make_journal.SEALED, directory, dirs_exist_ok=True)
        journal = Journal.open(Path(directory), shard=1)
        try:
            return np.concatenate(list(journal.replay()))
        finally:
            journal.close()


class SoundJournal:
    """A journal in memory, what it holds, and the verdict on it after some damage."""

    def __init__(self, files: Files, commands: Records, keys: KeyRing | None, segment_bytes: int) -> None:
        self.files = files
        self._commands = commands.tobytes()
        self._size = commands.itemsize
        self._keys = keys
        self._segment_bytes = segment_bytes
        mark = CommitFile(MemoryStorage(files)).load(journal_exists=True)
        self.marked, self._epoch = mark.sequence, mark.epoch
        self._places = places_of(files)

    def verdict(self, case: Damage) -> str:
        """`whole`, `cut`, `refused` or `asks for its key`. Raises AssertionError on anything else."""
        storage = MemoryStorage(case.files)
        try:
            journal = Journal(
                storage, threaded=False, keys=self._keys, segment_bytes=self._segment_bytes, reserve_bytes=RESERVE_BYTES
            )
        except JournalDamaged as refusal:
            self._check_refusal(refusal, case)
            assert {name: bytes(content) for name, content in storage.files.items()} == case.files, "it wrote"
            return "refused"
        except JournalSealed:
            assert case.what == "strange segment", "the key is here"
            assert {name: bytes(content) for name, content in storage.files.items()} == case.files, "it wrote"
            return "asks for its key"
        try:
            found = b"".join(commands.tobytes() for commands in journal.replay())
        finally:
            journal._wake.close()
        assert found == self._commands[: len(found)], "other commands came back"
        assert len(found) // self._size == journal.last_sequence >= self.marked, "it starts below the commit mark"
        assert journal.epoch > self._epoch, "the epoch did not rise"
        return "whole" if len(found) == len(self._commands) else "cut"

    def _check_refusal(self, refusal: JournalDamaged, case: Damage) -> None:
        """Where a segment lost its end, the next one's first byte is named: what is there does not follow."""
        place, first = (refusal.segment, refusal.offset), refusal.first_sequence
        assert first <= self.marked, "what lies above the mark is no reason to refuse"
        if place[0] == FILE_NAME:
            return
        assert place in self._places, f"no frame begins at {place}"
        begins = min(where for where, sequence in self._places.items() if sequence == first)
        assert begins <= (case.name, case.position), f"{first} lies behind the damage"
        assert self._places[place] == first or (place[1] == 0 and self._places[place] > first), f"{first} at {place}"


class SoundEventLog:
    """An event log in memory, what belongs into it, and the verdict on it after some damage."""

    def __init__(self, commands: Records) -> None:
        exchange = Exchange(1)
        self._outputs: list[tuple[Records, Records]] = []
        for index in range(len(commands)):
            outputs = exchange.apply(commands[index : index + 1])
            self._outputs.append((outputs.events.copy(), outputs.market_data.copy()))
        storage = MemoryStorage()
        self._complete(self._opened(storage, epoch=1))
        self.files: Files = {name: bytes(content) for name, content in storage.files.items()}
        self._published = read_back(MemoryStorage(self.files))

    def verdict(self, case: Damage) -> str:
        """`whole`, `refused` or `found by its reader`. Raises AssertionError on anything else."""
        storage = MemoryStorage(case.files)
        try:
            log = self._opened(storage, epoch=_FRESH_EPOCH)
        except JournalDamaged as refusal:
            assert {name: bytes(content) for name, content in storage.files.items()} == case.files, "it wrote"
            assert refusal.segment.removeprefix("events/") <= case.name, "the refusal names a place behind the damage"
            return "refused"
        self._complete(log)
        try:
            assert read_back(storage) == self._published, "the log holds something else than the replay gives"
        except LogRewound:
            return "found by its reader"
        return "whole"

    def _opened(self, storage: MemoryStorage, epoch: int) -> EventLog:
        return EventLog(
            storage, shard=1, epoch=epoch, journal_sequence=len(self._outputs), segment_bytes=EVENT_SEGMENT_BYTES,
            threaded=False, keys=KEYS,
        )  # fmt: skip

    def _complete(self, log: EventLog) -> None:
        for events, market_data in self._outputs[log.last_command_sequence :]:
            log.append(events, market_data)


def read_back(storage: MemoryStorage) -> tuple[bytes, bytes]:
    """(events, market data) of an event log. Raises LogRewound."""
    reader = EventLogReader(storage, keys=lambda: KEYS)
    found: dict[FrameKind, list[bytes]] = {FrameKind.EVENTS: [], FrameKind.MARKET_DATA: []}
    while groups := reader.poll():
        for kind, records in groups:
            found[kind].append(records.tobytes())
    return b"".join(found[FrameKind.EVENTS]), b"".join(found[FrameKind.MARKET_DATA])


def small_journal(commands: Records) -> SoundJournal:
    """Three lives, several segments, the mark in the middle of the last life, the end in the reserve, a new reserve."""
    storage = MemoryStorage()
    lives = np.array_split(np.arange(len(commands)), 3)
    for number, rows in enumerate(lives):
        journal = Journal(
            storage, threaded=False, keys=KEYS, segment_bytes=JOURNAL_SEGMENT_BYTES, reserve_bytes=RESERVE_BYTES
        )
        start, end = int(rows[0]), int(rows[-1]) + 1
        half = (start + end) // 2
        append(journal, commands[start:half])
        journal.commit()
        append(journal, commands[half : end - 2])
        if number == len(lives) - 1:
            storage.space = 0
        last = commands[end - 2 : end]
        journal.append_urgent_bytes(
            last.tobytes(), 2, int(last["sequence"][0]), int(last["time_ns"][-1]), journal.epoch
        )
        journal._wake.close()
    storage.space = None
    files = {name: bytes(content) for name, content in storage.files.items()}
    return SoundJournal(files, commands, KEYS, JOURNAL_SEGMENT_BYTES)


def golden_journal(folder: Path) -> SoundJournal:
    """One of the golden journals."""
    real = FileStorage(folder / "journal" if (folder / "journal").is_dir() else folder, create=False)
    files = {name: real.read(name) for name in real.names()}
    return SoundJournal(files, golden_commands(), load(folder), 1 << 20)


def append(journal: Journal, commands: Records) -> None:
    """Frames of a few commands each."""
    start = 0
    for number in range(len(commands)):
        count = BATCHES[number % len(BATCHES)]
        if start < len(commands):
            journal.append(commands[start : start + count])
            start += count


def places_of(files: Files) -> dict[tuple[str, int], int]:
    """The first sequence in doubt if a frame of the journal at (segment, offset) is damaged, ends included."""
    found: dict[tuple[str, int], int] = {}
    sequence = 1
    for name, start, end in frames_of(files):
        header = headers_of(files[name], [start])[0]
        found[name, start] = sequence
        sequence += int(header["count"])
        found[name, end] = sequence
    return found


def journal_cases(files: Files, seed: int, step: int) -> Iterator[Damage]:
    """All damage to a journal, single bytes and lengths `step` apart; another one has the same key, one has not."""
    commands = golden_commands()[:COMMANDS]
    commands["price"] += 1
    same_key = small_journal(commands).files
    yield from damage.flips(files, seed, step)
    yield from damage.zeroed_bytes(files, seed, step)
    yield from damage.sectors(files, seed)
    yield from damage.lengths(files, seed, step)
    yield from damage.moved_frames(files)
    yield from damage.strange_segments(files, [same_key, golden_journal(make_journal.SEALED).files])


def event_cases(files: Files, seed: int, step: int) -> Iterator[Damage]:
    """All damage to an event log, in the same way."""
    yield from damage.flips(files, seed, step)
    yield from damage.zeroed_bytes(files, seed, step)
    yield from damage.sectors(files, seed)
    yield from damage.lengths(files, seed, step)
    yield from damage.moved_frames(files)
    yield from damage.strange_segments(files, [])


def table(sound: SoundJournal | SoundEventLog, cases: Iterable[Damage]) -> Counter[tuple[str, str]]:
    """How often each kind of damage came to each verdict. Raises AssertionError and names the case."""
    found: Counter[tuple[str, str]] = Counter()
    for case in cases:
        if case.files == sound.files:
            continue
        try:
            found[case.what, sound.verdict(case)] += 1
        except Exception as error:
            raise AssertionError(f"{case.what} of {case.name} at byte {case.position}: {error}") from error
    return found


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--step", type=int, default=1, help="bytes from one case to the next in the small logs")
    options = parser.parse_args()
    seed, step = options.seed, options.step
    commands = golden_commands()[:COMMANDS]
    journal, events = small_journal(commands), SoundEventLog(commands)
    tables = [
        ("small journal", journal, journal_cases(journal.files, seed, step)),
        ("event log", events, event_cases(events.files, seed, step)),
    ]
    for folder in (make_journal.SEALED, make_journal.UNSEALED):
        golden = golden_journal(folder)
        cases = (*damage.flips(golden.files, seed, step * LARGE_STEP), *damage.sectors(golden.files, seed))
        tables.append((folder.name, golden, iter(cases)))
    for name, sound, cases in tables:
        started_s = time.monotonic()
        found = table(sound, cases)
        took_s = time.monotonic() - started_s
        size = sum(map(len, sound.files.values()))
        print(f"{name}, {size} bytes, seed {seed}: {found.total()} cases in {took_s:.1f} s", flush=True)
        for (what, verdict), count in sorted(found.items()):
            print(f"  {what:<20} {verdict:<20} {count:>7}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
