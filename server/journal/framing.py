"""One frame: a 64-byte header and its payload, chained by checksum to the frame before it.

    chain 8 bytes, length u4, kind u1, flags u1, shard u2, epoch u4, count u4, first sequence u8, time i8, key id u4,
    CRC-32 of the header from length to key id u4, seal 16 bytes

Rules: little endian; length includes the header; every payload is a multiple of 64 bytes, so that frames lie on a
64-byte grid. chain = SHA-256(chain of the frame before, all bytes of this frame behind its chain), cut to 8 bytes:
measured faster than BLAKE2, and the daily root of the audit uses the same function. `time` is that of the last record.
Key id and seal are zero until frames are encrypted. The CRC lets a tool find frames without the chain.
"""

import struct
import zlib
from enum import IntEnum, IntFlag, unique
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

HEADER_BYTES: Final = 64
GRID_BYTES: Final = 64
FRAME_BYTES_MAX: Final = 1 << 30
CHAIN_BYTES: Final = 8
NO_CHAIN: Final = bytes(CHAIN_BYTES)
FORMAT_VERSION: Final = 1
RULES_VERSION: Final = 1
"""Version of the engine's rules under which the commands of a segment were applied."""

HEADER: Final = np.dtype([
    ("chain", "V8"), ("length", "<u4"), ("kind", "u1"), ("flags", "u1"), ("shard", "<u2"),
    ("epoch", "<u4"), ("count", "<u4"), ("first_sequence", "<u8"), ("time_ns", "<i8"),
    ("key_id", "<u4"), ("crc", "<u4"), ("seal", "V16"),
])  # fmt: skip

_MAGIC: Final = b"TRADEPIT"
_NO_SEAL: Final = bytes(16)
_HEAD: Final = struct.Struct("<IBBHIIQqI")
_SEGMENT: Final = struct.Struct("<8sHHIQ8s32s")


@unique
class FrameKind(IntEnum):
    """What the payload of a frame is."""

    COMMANDS = 1
    EVENTS = 2
    MARKET_DATA = 3
    SEGMENT = 16
    """First frame of each segment file: format, rules version, ordinal, chain before, room for a wrapped data key."""


class FrameFlag(IntFlag):
    """Bits of the header's flags."""

    NONE = 0
    GROUP_CONTINUES = 1
    """The next frame belongs to the same append; a reader shows both or none."""


class SegmentHead(NamedTuple):
    """Payload of a SEGMENT frame."""

    format_version: int
    rules_version: int
    ordinal: int
    previous_chain: bytes


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
    chain: bytes,
) -> tuple[bytes, bytes]:  # fmt: skip
    """The frame as bytes, and its chain value, which the next frame takes as `chain`."""
    head = _HEAD.pack(HEADER_BYTES + len(payload), kind, flags, shard, epoch, count, first_sequence, time_ns, 0)
    body = b"".join((head, zlib.crc32(head).to_bytes(4, "little"), _NO_SEAL, payload))
    link = sha256(chain + body).digest()[:CHAIN_BYTES]
    return link + body, link


def encode_segment_head(shard: int, epoch: int, ordinal: int, sequence: int, chain: bytes) -> tuple[bytes, bytes]:
    """The frame that opens segment `ordinal`, whose first record will be `sequence`; and its chain value."""
    payload = _SEGMENT.pack(_MAGIC, FORMAT_VERSION, 0, RULES_VERSION, ordinal, chain, bytes(32))
    return encode_frame(FrameKind.SEGMENT, 0, shard, epoch, 0, sequence, 0, payload, chain)


def decode_segment_head(payload: bytes, ordinal: int) -> SegmentHead:
    """The payload of a SEGMENT frame. Raises `FrameDamaged` on another magic, format, size or ordinal."""
    if len(payload) != _SEGMENT.size:
        raise FrameDamaged(0, f"a segment head of {len(payload)} bytes")
    magic, format_version, _, rules_version, number, chain, _ = _SEGMENT.unpack(payload)
    if magic != _MAGIC or format_version != FORMAT_VERSION:
        raise FrameDamaged(0, f"a segment of format {magic!r} {format_version}")
    if number != ordinal:
        raise FrameDamaged(0, f"by its head it is segment {number}")
    return SegmentHead(format_version, rules_version, number, chain)


def scan_frames(buffer: bytes, chain: bytes, offset: int = 0) -> Scan:
    """Follow the chain through a segment's bytes from `offset` on; stops at the end or before the first bad frame.

    `chain` is that of the frame before. The one loop over frames that recovery has: it does nothing else.
    """
    size = len(buffer)
    offsets: list[int] = []
    while offset < size:
        end = offset + int.from_bytes(buffer[offset + 8 : offset + 12], "little")
        link = sha256(chain + buffer[offset + 8 : end]).digest()[:8]
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
    buffer: bytes, offsets: NDArray[np.int64], counts: NDArray[np.integer], layout: np.dtype[np.void]
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
