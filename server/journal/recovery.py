"""Reading the journal back: verify every frame, cut a torn tail above the commit mark, refuse any other damage.

Rules: damage at or below the mark raises JournalDamaged with segment, offset and first sequence in doubt, and nothing
is changed. Above the mark, what was written may be torn or out of order after a power cut, and none of it was
acknowledged as durable: it is cut there, and later segments go with it. The chain is checked here, for all frames; the
seal is broken where the commands are taken out. Segments from before the seal are read as they are, but none may follow
a sealed one.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.journal.commit_mark import CommitMark
from server.journal.errors import JournalDamaged, JournalSealed
from server.journal.framing import (
    GRID_BYTES,
    HEADER_BYTES,
    NO_CHAIN,
    FrameDamaged,
    FrameKind,
    decode_segment_head,
    headers_of,
    scan_frames,
    segment_head_payload,
)
from server.journal.key_file import KeyRing
from server.journal.seal import SegmentSeal, seal_of
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
    other_rows: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    head_bytes: int = 0
    is_sealed: bool = False
    seal: SegmentSeal | None = None
    """What opens its frames; None in an unsealed segment, and where the journal is read without its keys."""

    def frames(self) -> list[tuple[int, int]]:
        """(offset, end) of each frame of commands."""
        starts = (self.other_rows[self.head_bytes // GRID_BYTES :].astype(np.int64) * GRID_BYTES).tolist()
        return list(zip(starts, [*starts[1:], self.end][: len(starts)], strict=True))


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

    def __init__(self, shard: int, mark: CommitMark, keys: KeyRing | None) -> None:
        self._shard = shard
        self._mark = mark
        self._keys = keys
        self._was_sealed = False
        self.found = Recovered()
        self.doubtful_from = 0
        """The first sequence in doubt, where that lies before the frame that stopped the reading."""

    def segment(self, name: str, content: bytes) -> None:
        """Read one segment. Raises FrameDamaged; what was good before it is kept in `found`."""
        found = self.found
        ordinal = found.ordinal + 1
        if segment_ordinal(name) != ordinal:
            raise FrameDamaged(0, f"segment {segment_name(ordinal)} is missing before it")
        part = SegmentContent(name, first_sequence=found.last_sequence + 1, last_sequence=found.last_sequence)
        found.segments.append(part)
        scan = scan_frames(content, found.chain)
        if not scan.offsets:
            raise FrameDamaged(0, self._break_before(content, ordinal) or scan.damage or "the segment is empty")
        headers = headers_of(content, scan.offsets)
        good, what = self._check(headers)
        if good:
            head_bytes = int(headers["length"][0])
            head = decode_segment_head(content[HEADER_BYTES:head_bytes], ordinal)
            part.is_sealed = bool(head.slots)
            if self._was_sealed and not part.is_sealed:
                raise FrameDamaged(0, "it is not sealed, and the segment before it is")
            self._was_sealed = part.is_sealed
            if self._keys is not None:
                part.seal = seal_of(head, name, self._keys)
            good, what = self._check_seals(headers, good, what, is_sealed=part.is_sealed)
            self._take(part, headers[:good], scan.offsets[:good], head_bytes)
        if good < len(headers):
            raise FrameDamaged(scan.offsets[good], what)
        if scan.damage:
            raise FrameDamaged(scan.end, scan.damage)

    def _break_before(self, content: bytes, ordinal: int) -> str:
        """What to say if the segment is sound by itself and does not continue the one before it; empty if it is not.

        The first segment follows nothing that would show whether it is the right one, so it is in doubt as well.
        """
        try:
            head = decode_segment_head(segment_head_payload(content), ordinal)
        except FrameDamaged:
            return ""
        if not scan_frames(content, head.previous_chain).offsets:
            return ""
        if ordinal == 2 and int(headers_of(content, [0])["first_sequence"][0]) == self.found.last_sequence + 1:
            self.doubtful_from = self.found.segments[0].first_sequence
        return "it does not continue the segment before it; one of the two is not of this journal, or has lost its end"

    def _check_seals(self, headers: NDArray[np.void], good: int, what: str, *, is_sealed: bool) -> tuple[int, str]:
        """The same as `_check` found, or less: frames of commands are all sealed, each under another number, or none.

        The numbers rise, so that a nonce that was used twice under a key would be seen.
        """
        numbers = headers["seal_number"].astype(np.int64)
        passed = np.diff(numbers, prepend=0) > 0 if is_sealed else numbers == 0
        failed = np.flatnonzero(~passed[1:good])
        return (int(failed[0]) + 1, "its seal number has no place here") if len(failed) else (good, what)

    def _check(self, headers: NDArray[np.void]) -> tuple[int, str]:
        """How many of the frames continue the journal, and what is wrong with the next one."""
        found = self.found
        count = headers["count"].astype(np.int64)
        first = headers["first_sequence"].astype(np.int64)
        epoch = headers["epoch"].astype(np.int64)
        opening = np.arange(len(headers)) == 0
        rules = {
            "it belongs to another shard": headers["shard"] == self._shard,
            "a frame of a kind that has no place here": headers["kind"]
            == np.where(opening, int(FrameKind.SEGMENT), int(FrameKind.COMMANDS)),
            "its length is not that of its commands": opening
            | ((count > 0) & (headers["length"] == count * _COMMAND_BYTES + HEADER_BYTES)),
            "its epoch is older than the one before": np.diff(epoch, prepend=found.epoch) >= 0,
            "its sequence does not follow the one before": first == found.last_sequence + 1 + np.cumsum(count) - count,
            "it is not the frame that the commit mark names": self._agrees(first, count, headers["chain"]),
        }
        good, what = len(headers), ""
        for text, passed in rules.items():
            failed = np.flatnonzero(~passed)
            if len(failed) and failed[0] < good:
                good, what = int(failed[0]), text
        return good, what

    def _agrees(self, first: NDArray[np.int64], count: NDArray[np.int64], chain: NDArray[np.void]) -> NDArray[np.bool_]:
        mark = self._mark
        agrees = np.ones(len(first), np.bool_)
        for index in np.flatnonzero((first <= mark.sequence) & (mark.sequence < first + count)):
            last = int(first[index] + count[index]) - 1
            agrees[index] = last == mark.sequence and chain[index].tobytes() == mark.chain
        return agrees

    def _take(self, part: SegmentContent, headers: NDArray[np.void], offsets: list[int], head_bytes: int) -> None:
        found = self.found
        last = headers[-1]
        rows = np.array(offsets[1:], np.int64) // GRID_BYTES
        part.other_rows = np.concatenate([np.arange(head_bytes // GRID_BYTES), rows]).astype(np.uint32)
        part.head_bytes = head_bytes
        part.end = offsets[-1] + int(last["length"])
        found.epoch = int(last["epoch"])
        found.chain = last["chain"].tobytes()
        found.ordinal += 1
        if len(headers) > 1:
            found.last_sequence = part.last_sequence = int(last["first_sequence"]) + int(last["count"]) - 1
            found.last_time_ns = int(last["time_ns"])
            found.command_chain = found.chain


def read_journal(storage: Storage, shard: int, mark: CommitMark, keys: KeyRing | None = None) -> Recovered:
    """Verify all segments. Damage above the mark ends the reading and is noted; at or below it: JournalDamaged.

    Without `keys` the chain of sealed segments is verified all the same. Raises JournalSealed where `keys` don't fit.
    """
    reading = _Reading(shard, mark, keys)
    found = reading.found
    name = segment_name(1)
    try:
        for name in segment_names(storage):
            reading.segment(name, storage.read(name))
    except FrameDamaged as error:
        first = reading.doubtful_from or found.last_sequence + 1
        found.damage = JournalDamaged(name, error.offset, first, error.what)
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
        if found.segments and found.segments[-1].name == name:
            found.segments.pop()
    else:
        storage.truncate(name, end)
        storage.sync(name)
    storage.sync_names()


def commands_of(content: bytes, part: SegmentContent) -> Records:
    """All commands of a verified segment's bytes as one array (a copy).

    Raises JournalDamaged where a seal is broken, JournalSealed if the keys are not here.
    """
    if part.is_sealed:
        return _opened_commands(content, part)
    rows = np.frombuffer(content, np.uint8, part.end).reshape(-1, GRID_BYTES)
    keep: NDArray[np.bool_] = np.ones(len(rows), np.bool_)
    keep[part.other_rows] = False
    commands: Records = np.ascontiguousarray(rows[keep]).reshape(-1).view(COMMAND)
    return commands


def _opened_commands(content: bytes, part: SegmentContent) -> Records:
    if part.seal is None:
        raise JournalSealed(f"{part.name} is sealed, and there is no key file beside the journal; restore it.")
    payloads: list[bytes] = []
    sequence = part.first_sequence
    for offset, end in part.frames():
        try:
            payloads.append(part.seal.open(content, offset, end))
        except FrameDamaged as error:
            raise JournalDamaged(part.name, error.offset, sequence, error.what) from error
        sequence += (end - offset - HEADER_BYTES) // _COMMAND_BYTES
    return np.frombuffer(bytearray().join(payloads), COMMAND)
