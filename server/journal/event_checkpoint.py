"""The event log's checkpoint: the index up to a frame, so that a start reads only what was written after it.

Rules: written after the segment that it tells of was flushed; replaced as a whole; believed only if the frame that it
names is there with its chain value. It is a shortcut: without it everything is read.
"""

import struct
from hashlib import sha256
from typing import Final, NamedTuple

import numpy as np

from server.journal.event_index import EventIndex
from server.journal.framing import HEADER, HEADER_BYTES
from server.journal.segments import segment_name
from server.journal.storage import Storage

FILE_NAME: Final = "checkpoint"
_HEAD: Final = struct.Struct("<8sIIQQ8sQQQ")
_MAGIC: Final = b"TPEVENT1"
_DIGEST_BYTES: Final = 32


class Tail(NamedTuple):
    """Where the log ends: segment, offset of the last frame and behind it, its chain, the sequences reached."""

    ordinal: int
    last_frame: int
    end: int
    chain: bytes
    event_sequence: int
    command_sequence: int


def encode(tail: Tail, index: EventIndex, marks: dict[int, int]) -> bytes:
    """The checkpoint file's bytes; `marks` are those of the index when the log ended at `tail`."""
    users, streams, places = index.columns(marks)
    head = _HEAD.pack(
        _MAGIC, tail.ordinal, 0, tail.last_frame, tail.end, tail.chain, tail.event_sequence, tail.command_sequence,
        len(users),
    )  # fmt: skip
    body = b"".join((head, users.tobytes(), streams.tobytes(), places.tobytes()))
    return body + sha256(body).digest()


def decode(content: bytes) -> tuple[Tail, EventIndex] | None:
    """Tail and index, or None if the bytes are not a whole checkpoint."""
    body = content[:-_DIGEST_BYTES]
    if len(body) < _HEAD.size or sha256(body).digest() != content[-_DIGEST_BYTES:]:
        return None
    magic, ordinal, _, last_frame, end, chain, event_sequence, command_sequence, count = _HEAD.unpack_from(body)
    if magic != _MAGIC or len(body) != _HEAD.size + 20 * count:
        return None
    users = np.frombuffer(body, "<u4", count, _HEAD.size)
    streams = np.frombuffer(body, "<u8", count, _HEAD.size + 4 * count)
    places = np.frombuffer(body, "<u8", count, _HEAD.size + 12 * count)
    tail = Tail(ordinal, last_frame, end, chain, event_sequence, command_sequence)
    return tail, EventIndex.of_columns(users, streams, places)


def load(storage: Storage, journal_sequence: int) -> tuple[Tail, EventIndex] | None:
    """The checkpoint, if it does not lead the journal and the log still has its frame; else None. Raises OSError."""
    found = decode(storage.read(FILE_NAME)) if storage.size(FILE_NAME) else None
    if found is None or found[0].command_sequence > journal_sequence:
        return None
    tail = found[0]
    head = b""
    if storage.size(segment_name(tail.ordinal)) >= tail.end:
        head = storage.read(segment_name(tail.ordinal), tail.last_frame, HEADER_BYTES)
    if len(head) < HEADER_BYTES:
        return None
    header = np.frombuffer(head, HEADER, 1)[0]
    is_there = header["chain"].tobytes() == tail.chain and int(header["length"]) == tail.end - tail.last_frame
    return found if is_there else None
