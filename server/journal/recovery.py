"""Reading the journal back: verify every frame, cut a torn tail above the commit mark, refuse any other damage.

Rules: damage at or below the mark raises JournalDamaged with segment, offset and first sequence in doubt, and nothing is
changed. Above the mark, what was written may be torn or out of order after a power cut, and none of it was
acknowledged as durable: it is cut there, and later segments go with it.
"""

from array import array
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.journal.commit_mark import CommitMark
from server.journal.errors import JournalDamaged
from server.journal.framing import GRID_BYTES, HEADER_BYTES, NO_CHAIN, FrameDamaged, FrameKind, decode_segment_head
from server.journal.framing import Frame, scan_frames
from server.journal.segments import segment_name, segment_names, segment_ordinal
from server.journal.storage import Storage
from server.protocol.codec import Records
from server.protocol.records import COMMAND

_COMMAND_BYTES: Final = COMMAND.itemsize


@dataclass(slots=True)
class SegmentContent:
    """One verified segment: where its good bytes end, which grid rows are not commands, and the sequences in it."""

    name: str
    end: int = 0
    first_sequence: int = 0
    last_sequence: int = 0
    other_rows: "array[int]" = field(default_factory=lambda: array("I"))


@dataclass(slots=True)
class Recovered:
    """What a journal holds. `cut_bytes` were torn off its tail."""

    segments: list[SegmentContent] = field(default_factory=list)
    last_sequence: int = 0
    last_time_ns: int = 0
    epoch: int = 0
    chain: bytes = NO_CHAIN
    """Of the last frame of any kind."""
    command_chain: bytes = NO_CHAIN
    """Of the last frame of commands."""
    ordinal: int = 0
    cut_bytes: int = 0
    damage: JournalDamaged | None = None
    """Where reading ended, if not at the clean end of the last segment."""


class _Reading:
    """Follows the frames of one journal and checks that each continues the one before it."""

    def __init__(self, shard: int, mark: CommitMark) -> None:
        self._shard = shard
        self._mark = mark
        self.found = Recovered()

    def segment(self, name: str, content: bytes) -> None:
        """Read one segment. Raises FrameDamaged; what was good before it is kept in `found`."""
        found = self.found
        part = SegmentContent(name, first_sequence=found.last_sequence + 1, last_sequence=found.last_sequence)
        found.segments.append(part)
        if segment_ordinal(name) != found.ordinal + 1:
            raise FrameDamaged(0, f"segment {segment_name(found.ordinal + 1)} is missing before it")
        if not content:
            raise FrameDamaged(0, "the segment is empty", incomplete=True)
        for frame in scan_frames(content, found.chain):
            if frame.offset == 0:
                self._head(frame, content)
            else:
                self._commands(frame)
                part.last_sequence = found.last_sequence
                part.other_rows.append(frame.offset // GRID_BYTES)
            found.epoch = frame.epoch
            found.chain = frame.chain
            part.end = frame.end
            if frame.offset == 0:
                part.other_rows.extend(range(frame.end // GRID_BYTES))
        found.ordinal = segment_ordinal(name)

    def _head(self, frame: Frame, content: bytes) -> None:
        self._common(frame)
        if frame.kind != FrameKind.SEGMENT:
            raise FrameDamaged(0, "it does not begin with a segment head")
        head = decode_segment_head(content[frame.payload_offset : frame.end])
        if head.ordinal != self.found.ordinal + 1:
            raise FrameDamaged(0, f"it is segment {head.ordinal} by its head")

    def _commands(self, frame: Frame) -> None:
        found = self.found
        self._common(frame)
        if frame.kind != FrameKind.COMMANDS:
            raise FrameDamaged(frame.offset, f"a frame of kind {frame.kind} in a journal")
        if frame.count == 0 or frame.count * _COMMAND_BYTES != frame.length - HEADER_BYTES:
            raise FrameDamaged(frame.offset, f"{frame.count} commands in {frame.length} bytes")
        last = frame.first_sequence + frame.count - 1
        mark = self._mark
        if mark.sequence <= last and mark.sequence >= frame.first_sequence:
            if mark.sequence != last or mark.chain != frame.chain:
                raise FrameDamaged(frame.offset, "it is another frame than the one that the commit mark names")
        found.last_sequence = last
        found.last_time_ns = frame.time_ns
        found.command_chain = frame.chain

    def _common(self, frame: Frame) -> None:
        if frame.shard != self._shard:
            raise FrameDamaged(frame.offset, f"it belongs to shard {frame.shard}, not {self._shard}")
        if frame.epoch < self.found.epoch:
            raise FrameDamaged(frame.offset, f"epoch {frame.epoch} after {self.found.epoch}")
        if frame.first_sequence != self.found.last_sequence + 1:
            raise FrameDamaged(
                frame.offset, f"sequence {frame.first_sequence} where {self.found.last_sequence + 1} follows"
            )


def read_journal(storage: Storage, shard: int, mark: CommitMark) -> Recovered:
    """Verify all segments. Damage above the mark ends the reading and is noted; at or below it: JournalDamaged."""
    reading = _Reading(shard, mark)
    found = reading.found
    name = segment_name(1)
    try:
        for name in segment_names(storage):
            reading.segment(name, storage.read(name))
    except FrameDamaged as error:
        found.damage = JournalDamaged(name, error.offset, found.last_sequence + 1, error.what)
    if found.last_sequence < mark.sequence:
        if found.damage is None:
            offset = found.segments[-1].end if found.segments else 0
            what = f"the journal ends before sequence {mark.sequence}, which was durable"
            found.damage = JournalDamaged(name, offset, found.last_sequence + 1, what)
        raise found.damage
    return found


def cut_tail(storage: Storage, found: Recovered) -> None:
    """Remove what lies behind the last good frame, durably. Raises OSError."""
    if found.damage is None:
        return
    for name in reversed(segment_names(storage)):
        if name > found.damage.segment:
            found.cut_bytes += storage.size(name)
            storage.remove(name)
    name, end = found.damage.segment, found.damage.offset
    found.cut_bytes += storage.size(name) - end
    if end == 0:
        storage.remove(name)
        found.segments.pop()
    else:
        storage.truncate(name, end)
        storage.sync(name)
        found.ordinal = segment_ordinal(name)
    storage.sync_names()


def commands_of(content: bytes, part: SegmentContent) -> Records:
    """All commands of a verified segment's bytes as one array (a copy), without a loop over its frames."""
    rows = np.frombuffer(content, np.uint8, part.end).reshape(-1, GRID_BYTES)
    keep: NDArray[np.bool_] = np.ones(len(rows), np.bool_)
    keep[np.frombuffer(part.other_rows, np.uint32)] = False
    commands: Records = np.ascontiguousarray(rows[keep]).reshape(-1).view(COMMAND)
    return commands
