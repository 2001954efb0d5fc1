"""Durable bytes that are others when the machine comes up: a flipped bit, a sector of zeros or of another place.

Rules: at or below the commit mark the journal has to refuse the start, to name the place, and to change nothing; then a
whole copy is put back, as from a replica; what lies before the snapshot of a start has to be named by a verification.
The tail of the event log may be cut and derived again instead. What no check covers by design (the spare key slot) and
what no start reads (event segments behind a checkpoint) is left.
"""

from dataclasses import dataclass

import numpy as np

from server.journal import event_checkpoint
from server.journal.commit_mark import CommitFile
from server.journal.errors import JournalDamaged
from server.journal.framing import HEADER, HEADER_BYTES, FrameKind
from server.journal.journal import mark_of
from server.journal.key_file import KeyRing
from server.journal.recovery import read_journal
from server.journal.segments import segment_name, segment_names, segment_ordinal
from tests.simulator.disk import SECTOR, SimulatedDisk
from tests.simulator.faults import DECAY, DECAY_MENDED, DECAY_REFUSED, DECAY_VERIFIED, Counts
from tests.simulator.schedule import Schedule
from tests.simulator.verdict import Wrong

_HEAD_COVERED_BYTES = 128
_EVER = 1 << 62
Frame = tuple[int, int, int]
"""From, to, and the first sequence in it."""


@dataclass(frozen=True)
class Spoiled:
    """What was done where, and the bytes as they were."""

    disk: SimulatedDisk
    name: str
    place: int
    first_sequence: int
    copy: bytes
    files: dict[str, bytes]
    """All files of that disk as the start finds them."""


class Decay:
    """Spoils a disk between two lives, and judges what the next start made of it."""

    def __init__(
        self, schedule: Schedule, counts: Counts, journal: SimulatedDisk, events: SimulatedDisk, keys: KeyRing
    ) -> None:
        self._keys = keys
        self._schedule = schedule
        self._counts = counts
        self._journal = journal
        self._events = events
        self._spoiled: Spoiled | None = None

    def strike(self) -> None:
        """Spoil something that is durable, if there is anything."""
        if self._spoiled is not None:
            return
        chance = self._schedule.chance
        disk = self._journal if chance.random() < 0.7 else self._events
        found = self._journal_frames() if disk is self._journal else self._event_frames()
        if not found:
            return
        name, (start, end, first_sequence) = chance.choice(found)
        file = disk.files[name]
        copy = bytes(file.content)
        place = chance.randrange(start, end)
        spoiled = bytearray(copy)
        way = chance.choice(("flip", "zeros", "elsewhere"))
        if way == "flip":
            spoiled[place] ^= 1 << chance.randrange(8)
        else:
            size = min(SECTOR, end - place)
            origin = chance.randrange(len(copy) - size + 1)
            spoiled[place : place + size] = bytes(size) if way == "zeros" else copy[origin : origin + size]
        if spoiled == copy:
            return
        place = int(np.argmax(np.frombuffer(spoiled, np.uint8) != np.frombuffer(copy, np.uint8)))
        file.content, file.plate = spoiled, bytes(spoiled)
        self._counts[DECAY] += 1
        self._counts[f"{DECAY}.{way}"] += 1
        self._schedule.note(f"decay of {name} at {place}")
        files = {other: bytes(disk.files[other].content) for other in disk.files}
        self._spoiled = Spoiled(disk, name, place, first_sequence, copy, files)

    @property
    def is_of_events(self) -> bool:
        """Whether the event log is what was spoiled, so that a start may cut its tail and derive it again."""
        return self._spoiled is not None and self._spoiled.disk is self._events

    def on_refused(self, error: JournalDamaged) -> None:
        """The start was refused: rightly, and precisely? Then the copy is put back."""
        files = {name: bytes(file.content) for name, file in self._journal.files.items()}
        spoiled = self._named(error)
        if spoiled.disk is self._journal and spoiled.files != files:
            raise Wrong("a start that was refused changed the files")
        self._counts[DECAY_REFUSED] += 1

    def _named(self, error: JournalDamaged) -> Spoiled:
        """What was spoiled, if the error says so precisely; the copy is back then. Raises Wrong."""
        spoiled, self._spoiled = self._spoiled, None
        if spoiled is None:
            raise Wrong(f"the journal was refused: {error}") from error
        if error.segment.removeprefix("events/") != spoiled.name or error.offset > spoiled.place:
            raise Wrong(f"{spoiled.name} was spoiled at {spoiled.place}, and named was {error}")
        if error.first_sequence > spoiled.first_sequence:
            raise Wrong(f"sequence {spoiled.first_sequence} was spoiled, and named was {error}")
        file = spoiled.disk.files[spoiled.name]
        file.content, file.plate = bytearray(spoiled.copy), spoiled.copy
        return spoiled

    def on_recovered(self, first_ordinal: int) -> None:
        """The server came up, and has read its journal from this segment on."""
        spoiled = self._spoiled
        if spoiled is not None and spoiled.disk is self._journal and segment_ordinal(spoiled.name) < first_ordinal:
            self._is_found_by_verification()
            return
        self._spoiled = None
        if spoiled is None:
            return
        if spoiled.disk is self._journal:
            raise Wrong(f"{spoiled.name} was spoiled at {spoiled.place}, and the server started on it")
        self._counts[DECAY_MENDED] += 1

    def _is_found_by_verification(self) -> None:
        """A snapshot stood for that segment; who reads all of the journal finds it."""
        try:
            read_journal(self._journal, 1, mark_of(self._journal), self._keys)
        except JournalDamaged as error:
            self._named(error)
            self._counts[DECAY_VERIFIED] += 1
        else:
            raise Wrong("durable commands of the journal are others, and who reads all of it does not see it")

    def _journal_frames(self) -> list[tuple[str, Frame]]:
        """Every frame whose commands the commit mark covers."""
        mark = CommitFile(self._journal).load(journal_exists=True).sequence
        found = []
        for name in segment_names(self._journal):
            frames = frames_of(bytes(self._journal.files[name].content))
            if any(first + count - 1 > mark for _, _, first, count in frames if count):
                frames = [frame for frame in frames if frame[3] and frame[2] + frame[3] - 1 <= mark]
            found.extend((name, (start, end, first)) for start, end, first, _ in frames)
        return found if mark else []

    def _event_frames(self) -> list[tuple[str, Frame]]:
        """The frames of the last two segments that a start reads."""
        found = []
        checkpoint = event_checkpoint.load(self._events, _EVER)
        ordinal, end = (checkpoint[0].ordinal, checkpoint[0].end) if checkpoint else (0, 0)
        for name in segment_names(self._events)[-2:]:
            if segment_ordinal(name) < ordinal:
                continue
            seen = end if name == segment_name(ordinal) else 0
            frames = frames_of(bytes(self._events.files[name].content))
            found.extend((name, (start, stop, _EVER)) for start, stop, _, _ in frames if start >= seen)
        return found


def frames_of(content: bytes) -> list[tuple[int, int, int, int]]:
    """(from, to, first sequence, records) of each frame; of a segment's head what its chain covers."""
    found, start = [], 0
    while start + HEADER_BYTES <= len(content):
        header = np.frombuffer(content, HEADER, 1, start)[0]
        length = int(header["length"])
        if length < HEADER_BYTES or start + length > len(content):
            break
        is_head = int(header["kind"]) == FrameKind.SEGMENT
        end = start + (_HEAD_COVERED_BYTES if is_head else length)
        found.append((start, end, int(header["first_sequence"]), 0 if is_head else int(header["count"])))
        start += length
    return found
