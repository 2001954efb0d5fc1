"""The place of a segment's wrapped data key: two slots in its head, so that rewrapping survives a torn write.

    key number u4, zero 4 bytes, wrapped key 40 bytes, zero 12 bytes, CRC-32 of these 60 bytes u4

Rules: both slots hold the same data key; a slot counts if its CRC is right. Slots lie outside the chain, because the
key that wraps changes and the segment's frames do not; the wrapping itself tells a wrong key.
"""

import struct
import zlib
from typing import Final, NamedTuple

SLOT_BYTES: Final = 64
SLOTS: Final = 2
_SLOT: Final = struct.Struct("<I4x40s12x")


class KeySlot(NamedTuple):
    """A data key, wrapped by the key-encryption key of this number."""

    key_number: int
    wrapped: bytes


def encode_slot(slot: KeySlot) -> bytes:
    """One slot, 64 bytes."""
    body = _SLOT.pack(*slot)
    return body + zlib.crc32(body).to_bytes(4, "little")


def encode_slots(slot: KeySlot) -> bytes:
    """Both slots of a new segment."""
    return encode_slot(slot) * SLOTS


def decode_slots(content: bytes) -> list[KeySlot]:
    """The slots that count."""
    found: list[KeySlot] = []
    for start in range(0, len(content), SLOT_BYTES):
        body, crc = content[start : start + _SLOT.size], content[start + _SLOT.size : start + SLOT_BYTES]
        if len(body) == _SLOT.size and zlib.crc32(body).to_bytes(4, "little") == crc:
            found.append(KeySlot(*_SLOT.unpack(body)))
    return found
