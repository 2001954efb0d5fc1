"""Reading the journal back: verify every frame, cut a torn tail above the commit mark, refuse any other damage.

Rules: damage at or below the mark raises JournalDamaged with segment, offset and first sequence in doubt, and nothing
is changed. Above the mark, what was written may be torn or out of order after a power cut, and none of it was
acknowledged as durable: it is cut there, and later segments go with it. The chain is checked here, for all frames; the
seal is broken where the commands are taken out. Segments from before the seal are read as they are, but none may follow
a sealed one.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.journal.archive_note import load_note
from server.journal.commit_mark import CommitMark
from server.journal.errors import JournalDamaged, JournalIncomplete, JournalSealed, JournalUnreadable
from server.journal.framing import (
    GRID_BYTES,
    HEADER,
    HEADER_BYTES,
    NO_CHAIN,
    FrameDamaged,
    FrameFlag,
    FrameKind,
    decode_segment_head,
    headers_of,
    is_header,
    records_of,
    scan_frames,
    segment_head_payload,
)
from server.journal.key_file import KeyRing
from server.journal.seal import SegmentSeal, seal_of
from server.journal.segments import HEAD_BYTES_MAX, segment_name, segment_names, segment_ordinal
from server.journal.snapshot import Anchor, Start
from server.journal.storage import Storage
from server.protocol.codec import Records
from server.protocol.records import COMMAND

_COMMAND_BYTES: Final = COMMAND.itemsize
_HOLDS_SKIP: Final = int(FrameFlag.HOLDS_SKIP)


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
    marked_frames: list[tuple[int, int]] = field(default_factory=list)
    """(offset, end) of those that hold a SKIP."""

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
    first_ordinal: int = 1
    archive: str = ""
    """Where the segments before `first_ordinal` were moved to."""
    chain_before: bytes = NO_CHAIN
    """Of the last frame before `first_ordinal`."""
    begins_after: int = 0
    """The sequence before the first command that was read."""
    start: Start | None = None
    """What stands for all before the first segment that was read; None: that is the journal's first one."""
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
        self._anchor: Anchor | None = None
        self.found = Recovered()
        self.doubtful_from = 0
        """The first sequence in doubt, where that lies before the frame that stopped the reading."""

    def begin_with(self, storage: Storage, name: str) -> None:
        """Take what is before segment `name` as its head tells it; a frame further on, whose chain is known, vouches.

        Raises FrameDamaged, OSError.
        """
        content = storage.read(name, 0, HEAD_BYTES_MAX)
        head = decode_segment_head(segment_head_payload(content), segment_ordinal(name))
        self.begin(head.ordinal - 1, int(headers_of(content, [0])["first_sequence"][0]) - 1, head.previous_chain)

    def begin(self, ordinal: int, sequence: int, chain: bytes) -> None:
        """Begin behind segment `ordinal`, which ends with this sequence and chain value."""
        found = self.found
        found.ordinal = ordinal
        found.first_ordinal = ordinal + 1
        found.chain = found.command_chain = found.chain_before = chain
        found.begins_after = found.last_sequence = sequence

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
        _refuse_unknown(headers, name)
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
            self._meet(headers[:good])
        if good < len(headers):
            raise FrameDamaged(scan.offsets[good], what)
        if scan.damage:
            raise FrameDamaged(scan.end, scan.damage)

    def seek(self, anchor: Anchor) -> None:
        """Look out for this frame."""
        self._anchor = anchor

    @property
    def is_anchored(self) -> bool:
        """Whether the frame that was sought has been met."""
        return self._anchor is None

    def _meet(self, headers: NDArray[np.void]) -> None:
        anchor = self._anchor
        if anchor is None:
            return
        ends = headers["first_sequence"].astype(np.int64) + headers["count"].astype(np.int64) - 1
        for index in np.flatnonzero(ends[1:] == anchor.sequence).tolist():
            if headers["chain"][index + 1].tobytes() == anchor.chain:
                self._anchor = None

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
        for index in np.flatnonzero(headers["flags"] & _HOLDS_SKIP).tolist():
            part.marked_frames.append((offsets[index], offsets[index] + int(headers["length"][index])))
        found.epoch = int(last["epoch"])
        found.chain = last["chain"].tobytes()
        found.ordinal += 1
        if len(headers) > 1:
            found.last_sequence = part.last_sequence = int(last["first_sequence"]) + int(last["count"]) - 1
            found.last_time_ns = int(last["time_ns"])
            found.command_chain = found.chain


def read_journal(
    storage: Storage, shard: int, mark: CommitMark, keys: KeyRing | None = None, starts: Iterable[Start] = ()
) -> Recovered:
    """Verify all segments from the first of `starts` on that lies in this journal; from its first one if none does.

    The frame of a start was durable when it was written: it counts above the mark too, for a torn mark tells of less.
    Damage above the mark ends the reading and is noted; at or below it: JournalDamaged. Without `keys` the chain of
    sealed segments is verified all the same. Raises JournalSealed where `keys` don't fit.
    """
    names = segment_names(storage)
    for start in starts:
        reading = _Reading(shard, mark, keys)
        first = first_segment_of(storage, start)
        if not first:
            continue
        reading.seek(start.anchor)
        with contextlib.suppress(FrameDamaged, FileNotFoundError):
            reading.begin_with(storage, first)
            found = _read(storage, names[names.index(first) :], reading, mark)
            if reading.is_anchored:
                found.start = start
                return _judged(found, mark)
    reading = _Reading(shard, mark, keys)
    first_ordinal = segment_ordinal(names[0]) if names else 1
    note = load_note(storage) if first_ordinal > 1 else None
    if note is not None and first_ordinal <= note.ordinal:
        with contextlib.suppress(FrameDamaged):
            reading.begin_with(storage, names[0])
    elif note is not None and first_ordinal == note.ordinal + 1:
        reading.begin(note.ordinal, note.sequence, note.chain)
    reading.found.archive = note.destination if note is not None else ""
    return _judged(_read(storage, names, reading, mark), mark)


def first_segment_of(storage: Storage, start: Start) -> str:
    """The segment that holds command `start.sequence`, by the heads; empty if there is none. Raises OSError."""
    for name in reversed(segment_names(storage)):
        if segment_ordinal(name) <= start.anchor.ordinal:
            content = storage.read(name, 0, HEADER_BYTES)
            if is_header(content) and int(headers_of(content, [0])["first_sequence"][0]) <= start.sequence:
                return name
    return ""


def _read(storage: Storage, names: list[str], reading: _Reading, mark: CommitMark) -> Recovered:
    found = reading.found
    name = names[0] if names else segment_name(1)
    try:
        for name in names:
            reading.segment(name, storage.read(name))
    except FrameDamaged as error:
        first = reading.doubtful_from or found.last_sequence + 1
        found.damage = JournalDamaged(name, error.offset, first, error.what)
    if found.last_sequence < mark.sequence and found.damage is None:
        offset = found.segments[-1].end if found.segments else 0
        what = f"the journal ends before sequence {mark.sequence}, which was durable"
        found.damage = JournalDamaged(name, offset, found.last_sequence + 1, what)
    return found


def _judged(found: Recovered, mark: CommitMark) -> Recovered:
    if found.last_sequence < mark.sequence and found.damage is not None:
        raise found.damage
    return found


def read_on(storage: Storage, shard: int, found: Recovered, keys: KeyRing | None) -> Recovered:
    """What was written behind `found` since, in segments of its own, up to the first frame that is not whole yet.

    Raises JournalSealed, OSError.
    """
    reading = _Reading(shard, CommitMark(), keys)
    reading.found = replace(found, segments=[], damage=None, cut_bytes=0)
    try:
        for name in segment_names(storage):
            if segment_ordinal(name) > found.ordinal:
                reading.segment(name, storage.read(name))
    except FrameDamaged as error:
        last = reading.found.last_sequence
        reading.found.damage = JournalDamaged(name, error.offset, last + 1, error.what)
    return reading.found


def incomplete(found: Recovered, why: Iterable[str] = ()) -> JournalIncomplete:
    """What to say where a journal begins later than the engine's state."""
    first = found.first_ordinal
    gone = segment_name(1) if first == 2 else f"{segment_name(1)} to {segment_name(first - 1)}"
    sentence = (
        f"The journal begins with {segment_name(first)}, behind sequence {found.begins_after}, and no snapshot stands"
        f" for what is before it. Put {gone} back from the archive {found.archive}; nothing was changed."
    )
    return JournalIncomplete(" ".join([sentence, *why]))


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


def forgive_reserve(storage: Storage, found: Recovered) -> None:
    """For a reader of a journal that is being written: zeros behind its last frame are the reserve's, a clean end."""
    damage = found.damage
    if damage is None or damage.segment != segment_names(storage)[-1]:
        return
    if not storage.read(damage.segment, damage.offset).strip(b"\0"):
        found.damage = None


def rewrite_tail(storage: Storage, found: Recovered, sequence: int) -> None:
    """Write what lies above the commit mark once more, and flush it, and where the journal ends. Raises OSError.

    After a failed fsync the system may show pages that are not on the disk and that no later fsync would bring there,
    since it takes them for clean; and a file that was cut may be as long as before once the power goes.
    """
    for part in found.segments:
        if max(part.first_sequence, part.last_sequence) <= sequence or not part.end:
            continue
        start, first = 0, part.first_sequence
        for offset, end in part.frames():
            first += (end - offset - HEADER_BYTES) // _COMMAND_BYTES
            if first - 1 <= sequence:
                start = end
        storage.write_at(part.name, start, storage.read(part.name, start, part.end - start))
        storage.sync(part.name)
        storage.release(part.name)
    for part in found.segments[-1:]:
        if part.end:
            storage.truncate(part.name, part.end)
            storage.sync(part.name)


def commands_of(content: bytes, part: SegmentContent, after: int = 0) -> Records:
    """The commands of a verified segment's bytes with a sequence above `after`, as one array (a copy).

    Raises JournalDamaged where a seal is broken, JournalSealed if the keys are not here.
    """
    starts = part.other_rows[part.head_bytes // GRID_BYTES :].astype(np.int64) * GRID_BYTES
    ends = np.append(starts[1:], part.end)[: len(starts)]
    lasts = part.first_sequence - 1 + np.cumsum((ends - starts - HEADER_BYTES) // _COMMAND_BYTES)
    skipped = int(np.searchsorted(lasts, after, side="right"))
    if skipped == len(starts):
        return np.empty(0, COMMAND)
    begin = int(starts[skipped])
    frames, starts, ends = memoryview(content)[begin : part.end], starts[skipped:] - begin, ends[skipped:] - begin
    before = int(lasts[skipped - 1]) if skipped else part.first_sequence - 1
    records = (ends - starts - HEADER_BYTES) // _COMMAND_BYTES
    if not part.is_sealed:
        return records_of(frames, starts, records, COMMAND)[max(0, after - before) :]
    behind = np.cumsum(records)
    clear = bytearray(int(behind[-1]) * _COMMAND_BYTES)
    try:
        _seal_here(part).open_into(clear, (behind - records) * _COMMAND_BYTES, frames, starts, ends)
    except FrameDamaged as error:
        first = before + 1 + int(records[starts < error.offset].sum())
        raise JournalDamaged(part.name, begin + error.offset, first, error.what) from error
    return np.frombuffer(clear, COMMAND)[max(0, after - before) :]


def commands_at(storage: Storage, part: SegmentContent, offset: int, end: int) -> Records:
    """The commands of one frame. Raises as `commands_of`, OSError."""
    frame = storage.read(part.name, offset, end - offset)
    if not part.is_sealed:
        return np.frombuffer(frame, COMMAND, offset=HEADER_BYTES)
    start, clear = np.zeros(1, np.int64), bytearray(len(frame) - HEADER_BYTES)
    try:
        _seal_here(part).open_into(clear, start, frame, start, np.array([len(frame)]))
        return np.frombuffer(clear, COMMAND)
    except FrameDamaged as error:
        first = int(np.frombuffer(frame, HEADER, 1)["first_sequence"][0])
        raise JournalDamaged(part.name, offset, first, error.what) from error


def _seal_here(part: SegmentContent) -> SegmentSeal:
    if part.seal is None:
        raise JournalSealed(f"{part.name} is sealed, and there is no key file beside the journal; restore it.")
    return part.seal


def _refuse_unknown(headers: NDArray[np.void], name: str) -> None:
    """What a flag means may not be guessed: a build that does not know it would replay another history."""
    unknown = np.flatnonzero(headers["flags"] & ~np.uint8(_HOLDS_SKIP))
    if len(unknown):
        flags = int(headers["flags"][unknown[0]])
        raise JournalUnreadable(f"{name} was written by a newer version of Tradepit (a frame has the flags {flags}).")
