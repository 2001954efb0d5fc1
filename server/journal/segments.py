"""Segment files: naming, rotation, and turning appends into chunks of bytes with a place.

Rules: segments are numbered from 1 without a hole; each opens with a SEGMENT frame; a segment that has a successor is
complete. A new one is begun at each start of the server, and when one is full.
"""

import errno
import functools
import operator
from typing import Final, NamedTuple

from server.journal.errors import JournalFailed, JournalFull
from server.journal.framing import (
    FrameDamaged,
    FrameFlag,
    SegmentHead,
    decode_segment_head,
    encode_frame,
    encode_segment_head,
    segment_head_payload,
)
from server.journal.key_file import KeyRing
from server.journal.seal import SegmentSeal, new_seal
from server.journal.storage import Storage

SEGMENT_BYTES: Final = 64 << 20
SUFFIX: Final = ".segment"
HEAD_BYTES_MAX: Final = 256
"""As much of a segment as its head may take."""
_NO_SEGMENT: Final = 1 << 62
_UNLIMITED: Final = 1 << 61
_CONTINUES: Final = int(FrameFlag.GROUP_CONTINUES)
_NO_SPACE: Final = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


class Chunk(NamedTuple):
    """Bytes that belong at `offset` of segment `name`."""

    name: str
    offset: int
    content: bytes


class Payload(NamedTuple):
    """What one frame is to carry; sequence and time are those of its first and of its last record."""

    kind: int
    records: int
    first_sequence: int
    time_ns: int
    content: bytes
    flags: int = 0


def segment_name(ordinal: int) -> str:
    """File name of segment `ordinal`."""
    return f"{ordinal:08d}{SUFFIX}"


def segment_ordinal(name: str) -> int:
    """Number of the segment file; 0 if the name is not one of a segment."""
    stem = name.removesuffix(SUFFIX)
    return int(stem) if name.endswith(SUFFIX) and len(stem) == 8 and stem.isascii() and stem.isdigit() else 0


def segment_names(storage: Storage) -> list[str]:
    """The segment files in order."""
    return [name for name in storage.names() if segment_ordinal(name)]


def read_head(storage: Storage, name: str) -> SegmentHead | None:
    """The head of a segment file, unchecked by the chain; None if there is none to be read. Raises OSError."""
    try:
        return decode_segment_head(segment_head_payload(storage.read(name, 0, HEAD_BYTES_MAX)), segment_ordinal(name))
    except (FrameDamaged, FileNotFoundError):
        return None


def has_sealed(storage: Storage) -> bool:
    """Whether any segment says that it is sealed. Raises OSError."""
    heads = (read_head(storage, name) for name in reversed(segment_names(storage)))
    return any(head is not None and head.slots for head in heads)


Position = tuple[int, str, int, bytes, SegmentSeal | None]
"""Where a log ends: segment ordinal, its name, its size, the chain value, what seals that segment."""


class FrameEncoder:
    """Makes chunks out of payloads and knows where the log ends. It writes nothing."""

    def __init__(
        self, shard: int, epoch: int, ordinal: int, chain: bytes, segment_bytes: int = SEGMENT_BYTES,
        keys: KeyRing | None = None,
    ) -> None:  # fmt: skip
        """`ordinal` is the last existing segment; the first append begins the next one. `keys`: segments are sealed."""
        self._keys = keys
        self._seal: SegmentSeal | None = None
        self._shard = shard
        self._epoch = epoch
        self._segment_bytes = self._limit = segment_bytes
        self._size = _NO_SEGMENT
        self.name = ""
        self.ordinal = ordinal
        self.chain = chain

    def encode(self, payloads: list[Payload]) -> list[Chunk]:
        """One append: all frames in the same segment, all but the last marked GROUP_CONTINUES. One or two chunks."""
        chunks: list[Chunk] = []
        if self._size >= self._limit:
            chunks.append(self._begin_segment(payloads[0].first_sequence))
        chain = self.chain
        last = len(payloads) - 1
        frames: list[bytes] = []
        for index, (kind, count, first_sequence, time_ns, content, flags) in enumerate(payloads):
            if index != last:
                flags |= _CONTINUES
            frame, chain = encode_frame(
                kind, flags, self._shard, self._epoch, count, first_sequence, time_ns, content, chain, self._seal
            )
            frames.append(frame)
        content = frames[0] if last == 0 else b"".join(frames)
        chunks.append(Chunk(self.name, self._size, content))
        self._size += len(content)
        self.chain = chain
        return chunks

    def encode_one(
        self, kind: int, count: int, first_sequence: int, time_ns: int, content: bytes, flags: int = 0
    ) -> bytes | None:
        """One append of a single frame, the quick way: its bytes, which belong at the end of segment `name`.

        None if it must begin a new segment; then use `encode`.
        """
        if self._size >= self._limit:
            return None
        frame, self.chain = encode_frame(
            kind, flags, self._shard, self._epoch, count, first_sequence, time_ns, content, self.chain, self._seal
        )
        self._size += len(frame)
        return frame

    @property
    def has_room(self) -> bool:
        """Whether the next frame goes into the present segment."""
        return self._size < self._limit

    def _begin_segment(self, first_sequence: int) -> Chunk:
        """The head of the next segment, with a data key that no segment had before."""
        self.ordinal += 1
        self.name = segment_name(self.ordinal)
        self._seal, slots = (None, b"") if self._keys is None else new_seal(self.ordinal, self._keys)
        content, self.chain = encode_segment_head(
            self._shard, self._epoch, self.ordinal, first_sequence, self.chain, slots
        )
        self._size = len(content)
        return Chunk(self.name, 0, content)

    @property
    def size(self) -> int:
        """Where segment `name` ends."""
        return self._size

    def begin_next(self, *, is_limited: bool) -> str:
        """The next frame begins a segment, of this name; it goes on without end unless it is limited."""
        self._size = _NO_SEGMENT
        self._limit = self._segment_bytes if is_limited else _UNLIMITED
        return segment_name(self.ordinal + 1)

    def position(self) -> Position:
        """Where the log ends, for `rewind`."""
        return self.ordinal, self.name, self._size, self.chain, self._seal

    def rewind(self, position: Position) -> None:
        """Forget what was encoded since `position`, because it could not be written. Nonces are not given again."""
        self.ordinal, self.name, self._size, self.chain, self._seal = position


def merged(payloads: list[Payload]) -> Payload:
    """The records of all of them, which follow each other, as the payload of one frame."""
    if len(payloads) == 1:
        return payloads[0]
    content = b"".join([payload.content for payload in payloads])
    records = sum(payload.records for payload in payloads)
    flags = functools.reduce(operator.or_, [payload.flags for payload in payloads])
    return Payload(payloads[0].kind, records, payloads[0].first_sequence, payloads[-1].time_ns, content, flags)


def write_chunks(storage: Storage, chunks: list[Chunk]) -> None:
    """Append the chunks. No space: everything is taken back, JournalFull. Any other failure: JournalFailed."""
    for index, (name, _, content) in enumerate(chunks):
        try:
            storage.append(name, content)
        except OSError as error:
            raise failure_of(storage, chunks[: index + 1], error) from error


def failure_of(storage: Storage, chunks: list[Chunk], error: OSError) -> JournalFull | JournalFailed:
    """What it means that the last of the chunks could not be appended; no space: all of them are taken back."""
    name = chunks[-1].name
    if not is_no_space(error):
        return JournalFailed(f"Writing {name} failed: {error.strerror or error}; the server stops.")
    try:
        _take_back(storage, chunks)
    except OSError as second:
        return JournalFailed(f"A frame cut short by a full disk could not be taken back: {second}.")
    return JournalFull(f"No space left to write {name}; nothing was accepted.")


def is_no_space(error: OSError) -> bool:
    """Whether the disk, or the owner's share of it, is full."""
    return error.errno in _NO_SPACE


def _take_back(storage: Storage, chunks: list[Chunk]) -> None:
    for name, offset, _ in reversed(chunks):
        if offset == 0:
            if name in storage.names():
                storage.remove(name)
        else:
            storage.truncate(name, offset)
