"""The snapshots of a simulated machine: their disk, the thread that writes them, and what becomes of their files.

Rules: what is written is left to the real store; the thread is an action of the schedule, so that the loop goes on
while a copy waits. A file that is not what was written has to be refused, whatever it is then; one that is has to be
used. The bytes that no start reads (the spare key slot, the checksum of a sealed file) may be anything.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.bootstrap import Core
from server.journal.key_file import KeyRing
from server.journal.restoring import Snapshots, candidates
from server.journal.snapshot import BODY_OFFSET, DIGEST_BYTES, HEAD_BYTES, SUFFIX, snapshot_sequence
from server.journal.snapshot_store import SnapshotStore
from server.settings import SnapshotSettings
from tests.simulator.disk import SECTOR, File, SimulatedDisk
from tests.simulator.faults import (
    SNAPSHOT_JOURNAL,
    SNAPSHOT_OLDER,
    SNAPSHOT_REFUSED,
    SNAPSHOT_RESTORED,
    SNAPSHOT_SPOILED,
    SPOILING,
    Counts,
)
from tests.simulator.schedule import MILLISECOND, Schedule
from tests.simulator.verdict import Wrong

SETTINGS = SnapshotSettings(commands=200, minutes=0, kept=3)
_SKIPPED = "has been skipped since"
_LOG_ENDS = "the event log ends before it"


class SimulatedThread:
    """Work that is done some time later, or when it is waited for; to its owner it looks like a thread."""

    def __init__(self, schedule: Schedule, work: Callable[[], None]) -> None:
        self._work: Callable[[], None] | None = work
        schedule.between(MILLISECOND, 150 * MILLISECOND, self.join)

    def is_alive(self) -> bool:
        """Whether the work is still to be done."""
        return self._work is not None

    def join(self) -> None:
        """Do the work, if it was not done."""
        work, self._work = self._work, None
        if work is not None:
            work()

    def is_gone(self) -> None:
        """The process ended."""
        self._work = None


class SnapshotFiles:
    """The snapshots over all lives of the server."""

    def __init__(self, schedule: Schedule, counts: Counts, keys: KeyRing) -> None:
        self.disk = SimulatedDisk(schedule, counts, "snapshots")
        self.spoils_next = False
        """Whether a file will be another one after this life."""
        self._schedule = schedule
        self._counts = counts
        self._keys = keys
        self._spoiled: dict[str, File | None] = {}
        """The files that must not be believed, by name; None: it is gone."""
        self._thread: SimulatedThread | None = None
        self._core: Core | None = None

    def open(self) -> Snapshots:
        """What a start finds."""
        store = SnapshotStore(self.disk, keys=lambda: self._keys)
        return Snapshots(store, candidates(store), threaded=False)

    def on_core(self, core: Core, *, log_is_spoiled: bool) -> None:
        """A process has read its state: is it one that it may believe? From now on its thread is a simulated one."""
        self._judge(core.exchange.sequence, core.notes, log_is_spoiled=log_is_spoiled)
        self._core = core
        snapshotter: Any = core.snapshotter

        def start(work: Callable[[], None]) -> None:
            self._thread = snapshotter._thread = SimulatedThread(self._schedule, work)

        snapshotter._start, snapshotter._threaded = start, True

    def make_due(self) -> None:
        """The next turn takes a snapshot."""
        if self._core is not None and self._core.snapshotter is not None:
            self._core.snapshotter._due_sequence = 0

    def ends(self, *, power: bool) -> None:
        """The process is gone."""
        core, self._core = self._core, None
        if core is not None and core.snapshotter is not None:
            self._counts["snapshot.written"] += core.snapshotter.written
            self._counts["snapshot.failed"] += core.snapshotter.failed
        if self._thread is not None:
            self._thread.is_gone()
        self.disk.process_is_gone(power=power)
        self._forget()
        if self.spoils_next:
            self.spoils_next = False
            self._spoil()

    def _forget(self) -> None:
        """Files that were written anew or removed are spoiled no more."""
        files = self.disk.files
        self._spoiled = {name: file for name, file in self._spoiled.items() if files.get(name) is file}
        self.disk.unreadable &= set(self._spoiled)

    # ---- what becomes of files ----

    def _spoil(self) -> None:
        """Sometimes the newest alone, sometimes all of them."""
        names = [name for name in sorted(self.disk.files, reverse=True) if snapshot_sequence(name)]
        count = self._schedule.chance.choice((1, 1, 2, len(names)))
        for name in names[:count]:
            if name not in self._spoiled:
                self._spoil_file(name, names)

    def _spoil_file(self, name: str, names: list[str]) -> None:
        chance, file = self._schedule.chance, self.disk.files[name]
        way = chance.choice(SPOILING)
        before = bytes(file.content)
        if way == "another":
            others = [other for other in names if other != name and other in self.disk.files]
            if not others:
                return
            after = bytes(self.disk.files[chance.choice(others)].content)
        elif way == "gone":
            del self.disk.files[name]
            self._counts[f"{SNAPSHOT_SPOILED}.{way}"] += 1
            return
        elif way == "unreadable":
            self.disk.unreadable.add(name)
            after = before
        elif way == "torn":
            after = before[: chance.randrange(len(before))]
        else:
            after = self._other_bytes(way, before)
        if after == before and way != "unreadable":
            return
        file.content, file.plate = bytearray(after), after
        self._counts[SNAPSHOT_SPOILED] += 1
        self._counts[f"{SNAPSHOT_SPOILED}.{way}"] += 1
        self._schedule.note(f"{way} of {name}", after)
        if way == "unreadable" or _is_read(before, after):
            self._spoiled[name] = file

    def _other_bytes(self, way: str, before: bytes) -> bytes:
        """With a bit flipped, or a sector of zeros or of another place; often in the head."""
        chance, after = self._schedule.chance, bytearray(before)
        place = chance.randrange(BODY_OFFSET if chance.random() < 0.3 else len(before))
        if way == "flip":
            after[place] ^= 1 << chance.randrange(8)
            return bytes(after)
        size = min(SECTOR, len(before) - place)
        origin = chance.randrange(len(before) - size + 1)
        after[place : place + size] = bytes(size) if way == "zeros" else before[origin : origin + size]
        return bytes(after)

    # ---- what a start makes of them ----

    def _judge(self, sequence: int, notes: list[str], *, log_is_spoiled: bool) -> None:
        """`sequence`: of the snapshot that the engine began with. Raises Wrong.

        Of an event log that was spoiled a start may cut the tail; a snapshot to which it does not reach is passed over.
        """
        passed_over = (_SKIPPED, _LOG_ENDS) if log_is_spoiled else (_SKIPPED,)
        name = f"{sequence:020d}{SUFFIX}" if sequence else ""
        if name in self._spoiled:
            raise Wrong(f"{name} is not what was written, and the server began with it")
        for note in notes:
            if not any(spoiled in note for spoiled in self._spoiled) and not any(
                reason in note for reason in passed_over
            ):
                raise Wrong(f"a sound snapshot was refused: {note}")
        self._counts[SNAPSHOT_REFUSED] += len(notes)
        if name:
            self._counts[SNAPSHOT_OLDER if notes else SNAPSHOT_RESTORED] += 1
        elif notes:
            self._counts[SNAPSHOT_JOURNAL] += 1
        sound = [other for other in self.disk.files if snapshot_sequence(other) and other not in self._spoiled]
        if not any(reason in note for note in notes for reason in passed_over) and max(sound, default="") != name:
            raise Wrong(f"the server began with {name or 'the journal alone'}, and there is {max(sound)}")


def _is_read(before: bytes, after: bytes) -> bool:
    """Whether the two differ where a start looks."""
    if len(before) != len(after):
        return True
    places: NDArray[np.int64] = np.flatnonzero(np.frombuffer(before, np.uint8) != np.frombuffer(after, np.uint8))
    in_body = (places >= BODY_OFFSET) & (places < len(before) - DIGEST_BYTES)
    return bool((in_body | (places < HEAD_BYTES)).any())
