"""One frame: a 64-byte header and its payload, chained by checksum to the frame before it.

    chain 8 bytes, length u4, kind u1, flags u1, shard u2, epoch u4, count u4, first sequence u8, time i8,
    seal number u4, CRC-32 of the header from length to seal number u4, seal 16 bytes

Rules: little endian; length includes the header; every payload is a multiple of 64 bytes, so that frames lie on a
64-byte grid. chain = SHA-256(chain of the frame before, all bytes of this frame behind its chain), cut to 8 bytes:
measured faster than BLAKE2, and the daily root of the audit uses the same function. `time` is that of the last record.
Seal number and seal are zero in a frame that is not sealed; `seal.py` says how they are made. The chain covers what
is in the file, sealed or not, so it is checked without a key. The CRC lets a tool find frames without the chain. The
frame that opens a sealed segment ends with two key slots, which the chain leaves out.
"""

import struct
import zlib
from enum import IntEnum, IntFlag, unique
from hashlib import sha256
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from server.journal.key_slots import SLOT_BYTES, SLOTS

HEADER_BYTES: Final = 64
GRID_BYTES: Final = 64
FRAME_BYTES_MAX: Final = 1 << 30
CHAIN_BYTES: Final = 8
NO_CHAIN: Final = bytes(CHAIN_BYTES)
SEAL_OFFSET: Final = 48
FORMAT_UNSEALED: Final = 1
FORMAT_SEALED: Final = 2
RULES_VERSION: Final = 1
"""Version of the engine's rules under which the commands of a segment were applied."""

HEADER: Final = np.dtype([
    ("chain", "V8"), ("length", "<u4"), ("kind", "u1"), ("flags", "u1"), ("shard", "<u2"),
    ("epoch", "<u4"), ("count", "<u4"), ("first_sequence", "<u8"), ("time_ns", "<i8"),
    ("seal_number", "<u4"), ("crc", "<u4"), ("seal", "V16"),
])  # fmt: skip

_MAGIC: Final = b"TRADEPIT"
_NO_SEAL: Final = bytes(16)
_HEAD: Final = struct.Struct("<IBBHIIQqI")
_SEGMENT: Final = struct.Struct("<8sHHIQ8s32s")
SEALED_SLOTS_OFFSET: Final = HEADER_BYTES + _SEGMENT.size
"""Where a sealed segment's key slots begin; the chain covers its head up to there."""
_LARGE_BYTES: Final = 1 << 14
"""From here on a copy of the frame costs more than a second call."""
_SEALED_HEAD_BYTES: Final = SEALED_SLOTS_OFFSET + SLOTS * SLOT_BYTES


@unique
class FrameKind(IntEnum):
    """What the payload of a frame is."""

    COMMANDS = 1
    EVENTS = 2
    MARKET_DATA = 3
    SEGMENT = 16
    """First frame of each segment file: format, rules version, ordinal, chain before, key slots."""


class FrameFlag(IntFlag):
    """Bits of the header's flags."""

    NONE = 0
    GROUP_CONTINUES = 1
    """The next frame belongs to the same append; a reader shows both or none."""
    HOLDS_SKIP = 2
    """Among its commands is a SKIP, which a replay has to know before it begins."""


class SegmentHead(NamedTuple):
    """Payload of a SEGMENT frame."""

    format_version: int
    rules_version: int
    ordinal: int
    previous_chain: bytes
    slots: bytes
    """Of the wrapped data key; empty if the segment is not sealed."""


class Sealing(Protocol):
    """What seals the frames of a segment."""

    def next_number(self) -> int:
        """The number for the next seal."""

    def close(self, number: int, head: bytes, payload: bytes) -> bytes:
        """The sealed payload and behind it 16 bytes of seal."""


class FrameDamaged(Exception):
    """The bytes at `offset` are no frame of this chain."""

    def __init__(self, offset: int, what: str) -> None:
        super().__init__(f"byte {offset}: {what}")
        self.offset = offset
        self.what = what


class Scan(NamedTuple):
    """What a segment's bytes hold: the offset of each good frame, the chain and offset behind them, what stopped."""

    offsets: list[int]
    chain: bytes
    end: int
    damage: str


def encode_frame(
    kind: int, flags: int, shard: int, epoch: int, count: int, first_sequence: int, time_ns: int, payload: bytes,
    chain: bytes, sealing: Sealing | None = None,
) -> tuple[bytes, bytes]:  # fmt: skip
    """The frame as bytes, and its chain value, which the next frame takes as `chain`."""
    length = HEADER_BYTES + len(payload)
    seal = _NO_SEAL
    if sealing is None:
        head = _HEAD.pack(length, kind, flags, shard, epoch, count, first_sequence, time_ns, 0)
    else:
        number = sealing.next_number()
        head = _HEAD.pack(length, kind, flags, shard, epoch, count, first_sequence, time_ns, number)
        sealed = sealing.close(number, head, payload)
        payload, seal = sealed[:-16], sealed[-16:]
    body = b"".join((head, zlib.crc32(head).to_bytes(4, "little"), seal, payload))
    link = sha256(chain + body).digest()[:CHAIN_BYTES]
    return link + body, link


def encode_segment_head(
    shard: int, epoch: int, ordinal: int, sequence: int, chain: bytes, slots: bytes = b""
) -> tuple[bytes, bytes]:
    """The frame that opens segment `ordinal`, whose first record will be `sequence`; and its chain value.

    `slots` are those of the data key, if the segment is sealed.
    """
    version = FORMAT_SEALED if slots else FORMAT_UNSEALED
    payload = _SEGMENT.pack(_MAGIC, version, 0, RULES_VERSION, ordinal, chain, bytes(32))
    length = SEALED_SLOTS_OFFSET + len(slots)
    head = _HEAD.pack(length, FrameKind.SEGMENT, 0, shard, epoch, 0, sequence, 0, 0)
    body = b"".join((head, zlib.crc32(head).to_bytes(4, "little"), _NO_SEAL, payload))
    link = sha256(chain + body).digest()[:CHAIN_BYTES]
    return link + body + slots, link


def decode_segment_head(payload: bytes, ordinal: int) -> SegmentHead:
    """The payload of a SEGMENT frame. Raises `FrameDamaged` on another magic, format, size or ordinal."""
    slots = payload[_SEGMENT.size :]
    if len(payload) < _SEGMENT.size or len(slots) not in (0, SLOTS * SLOT_BYTES):
        raise FrameDamaged(0, f"a segment head of {len(payload)} bytes")
    magic, version, _, rules_version, number, chain, _ = _SEGMENT.unpack_from(payload)
    if magic != _MAGIC or version != (FORMAT_SEALED if slots else FORMAT_UNSEALED):
        raise FrameDamaged(0, f"a segment of format {magic!r} {version}")
    if number != ordinal:
        raise FrameDamaged(0, f"by its head it is segment {number}")
    return SegmentHead(version, rules_version, number, chain, slots)


def segment_head_payload(content: bytes) -> bytes:
    """The payload of the SEGMENT frame that a segment's bytes begin with; empty if that is not there whole."""
    length = int.from_bytes(content[8:12], "little")
    is_whole = is_header(content[:HEADER_BYTES]) and length <= len(content)
    return content[HEADER_BYTES:length] if is_whole and content[12] == FrameKind.SEGMENT else b""


def scan_frames(buffer: bytes, chain: bytes, offset: int = 0) -> Scan:
    """Follow the chain through a segment's bytes from `offset` on; stops at the end or before the first bad frame.

    `chain` is that of the frame before. The one loop over frames that recovery has: it does nothing else.
    """
    size = len(buffer)
    whole = memoryview(buffer)
    offsets: list[int] = []
    if _begins_sealed(buffer, offset):
        link = sha256(chain + buffer[offset + 8 : offset + SEALED_SLOTS_OFFSET]).digest()[:8]
        if link != buffer[offset : offset + 8] or offset + _SEALED_HEAD_BYTES > size:
            return Scan(offsets, chain, offset, _describe_damage(buffer, offset))
        offsets.append(offset)
        chain = link
        offset += _SEALED_HEAD_BYTES
    while offset < size:
        end = offset + int.from_bytes(buffer[offset + 8 : offset + 12], "little")
        if end - offset < _LARGE_BYTES:
            link = sha256(chain + buffer[offset + 8 : end]).digest()[:8]
        else:
            digest = sha256(chain)
            digest.update(whole[offset + 8 : end])
            link = digest.digest()[:8]
        if end > size or end - offset < HEADER_BYTES or end % GRID_BYTES or link != buffer[offset : offset + 8]:
            return Scan(offsets, chain, offset, _describe_damage(buffer, offset))
        offsets.append(offset)
        chain = link
        offset = end
    return Scan(offsets, chain, offset, "")


def headers_of(buffer: bytes, offsets: list[int]) -> NDArray[np.void]:
    """The headers at `offsets` as HEADER rows (a copy)."""
    usable = len(buffer) // GRID_BYTES
    rows = np.frombuffer(buffer, HEADER, usable)
    headers: NDArray[np.void] = rows[np.array(offsets, np.int64) // GRID_BYTES]
    return headers


def records_of(
    buffer: bytes | memoryview, offsets: NDArray[np.int64], counts: NDArray[np.integer], layout: np.dtype[np.void]
) -> NDArray[np.void]:
    """The records of the frames at `offsets`, which hold `counts` of them, as one array (a copy)."""
    counts = counts.astype(np.int64)
    inner = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    width = layout.itemsize // GRID_BYTES
    first_row = (np.repeat(offsets, counts) + HEADER_BYTES) // GRID_BYTES + inner * width
    grid = np.frombuffer(buffer, np.dtype(f"V{GRID_BYTES}"), len(buffer) // GRID_BYTES)
    records: NDArray[np.void] = grid[(first_row[:, None] + np.arange(width)).reshape(-1)].view(layout)
    return records


def is_header(content: bytes) -> bool:
    """Whether these 64 bytes are a header, by its CRC."""
    head = content[8:48]
    return len(content) == HEADER_BYTES and zlib.crc32(head[:36]).to_bytes(4, "little") == head[36:]


def _begins_sealed(buffer: bytes, offset: int) -> bool:
    """Whether the frame at `offset` says that it opens a sealed segment."""
    length = int.from_bytes(buffer[offset + 8 : offset + 12], "little")
    return length == _SEALED_HEAD_BYTES and buffer[offset + 12 : offset + 13] == bytes([FrameKind.SEGMENT])


def _describe_damage(buffer: bytes, offset: int) -> str:
    head = buffer[offset + 8 : offset + 48]
    if len(head) < 40:
        return "a header is cut off"
    if zlib.crc32(head[:36]).to_bytes(4, "little") != head[36:]:
        return "the header's checksum is wrong"
    length = int.from_bytes(head[:4], "little")
    if length < HEADER_BYTES or length > FRAME_BYTES_MAX or length % GRID_BYTES:
        return f"a frame of {length} bytes"
    if offset + length > len(buffer):
        return "a frame is cut off"
    return "the frame's checksum is wrong"
