"""The seal of a frame: AES-256-GCM under the segment's own data key.

Rules: a data key is random and belongs to one segment, so no two segments share a nonce. Within a segment each seal
takes the next number as its nonce; the number is never taken back, not even when the frame could not be written. The
associated data is the segment's ordinal and the frame's header up to that number: epoch, first sequence, count, time.
Each start begins a new segment, so a number that a cut tail forgot is not used again under its key.
"""

from typing import Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from server.journal.errors import JournalSealed
from server.journal.framing import (
    GRID_BYTES,
    HEADER_BYTES,
    SEAL_OFFSET,
    FrameDamaged,
    FrameKind,
    SegmentHead,
)
from server.journal.key_file import KeyRing
from server.journal.key_slots import KeySlot, decode_slots, encode_slots

_NUMBER_MAX: Final = (1 << 32) - 1
_ZEROS: Final = bytes(8)
_TAG_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_HEAD_END: Final = 44
"""Up to here a frame's header is bound by its seal; it ends with the seal number."""


class SegmentSeal:
    """Seals and opens the frames of one segment."""

    def __init__(self, data_key: bytes, ordinal: int) -> None:
        self._cipher = AESGCM(data_key)
        self._ordinal = ordinal.to_bytes(8, "little")
        self._number = 0

    def next_number(self) -> int:
        """The number for the next seal; each is given once."""
        assert self._number < _NUMBER_MAX, "a segment ends long before its nonces do"
        self._number += 1
        return self._number

    def close(self, number: int, head: bytes, payload: bytes) -> bytes:
        """The sealed payload and behind it the tag of 16 bytes."""
        return self._cipher.encrypt(number.to_bytes(4, "little") + _ZEROS, payload, self._ordinal + head)

    def open_into(
        self, clear: bytearray, places: NDArray[np.int64], buffer: bytes | memoryview, offsets: NDArray[np.int64],
        ends: NDArray[np.int64],
    ) -> None:  # fmt: skip
        """Put the payloads of the frames from `offsets` to `ends` of `buffer` in the clear, each at its place.

        Raises FrameDamaged at the first frame that was not sealed as it stands. What can be done for all frames at
        once is: a journal of small frames is opened in half the time so.
        """
        rows = np.frombuffer(buffer, np.uint8, len(buffer) // GRID_BYTES * GRID_BYTES).reshape(-1, GRID_BYTES)
        heads = rows[offsets // GRID_BYTES]
        sealed = np.empty((len(rows) + 1, GRID_BYTES), np.uint8)
        sealed[:-1] = rows
        sealed[ends // GRID_BYTES, :_TAG_BYTES] = heads[:, SEAL_OFFSET:]
        nonces = np.zeros((len(heads), _NONCE_BYTES), np.uint8)
        nonces[:, :4] = heads[:, _HEAD_END - 4 : _HEAD_END]
        ordinal = np.frombuffer(self._ordinal, np.uint8)
        bound = np.concatenate([np.broadcast_to(ordinal, (len(heads), len(ordinal))), heads[:, 8:_HEAD_END]], axis=1)
        texts, nonce, associated, target = sealed.data.cast("B"), nonces.tobytes(), bound.tobytes(), memoryview(clear)
        width = bound.shape[1]
        decrypt = self._cipher.decrypt_into
        offset = number = 0
        try:
            frames = zip(offsets.tolist(), ends.tolist(), places.tolist(), strict=True)
            for number, (offset, end, place) in enumerate(frames):
                decrypt(
                    nonce[number * _NONCE_BYTES : (number + 1) * _NONCE_BYTES],
                    texts[offset + HEADER_BYTES : end + _TAG_BYTES],
                    associated[number * width : (number + 1) * width],
                    target[place : place + end - offset - HEADER_BYTES],
                )
        except InvalidTag:
            raise FrameDamaged(offset, "the frame's seal is broken") from None


def new_seal(ordinal: int, keys: KeyRing) -> tuple[SegmentSeal, bytes]:
    """A seal with a new random data key for segment `ordinal`, and the slots for the segment's head."""
    data_key = keys.new_data_key()
    return SegmentSeal(data_key, ordinal), encode_slots(KeySlot(*keys.wrap(data_key)))


def data_key_of(head: SegmentHead, name: str, keys: KeyRing) -> bytes:
    """The data key of a sealed segment. Raises FrameDamaged (no slot is whole), JournalSealed (the key is not here)."""
    slots = decode_slots(head.slots)
    if not slots:
        raise FrameDamaged(0, "both places of its data key are damaged")
    for slot in slots:
        data_key = keys.unwrap(*slot)
        if data_key is not None:
            return data_key
    numbers = " or ".join(sorted({str(slot.key_number) for slot in slots}))
    raise JournalSealed(
        f"{name} is sealed under key {numbers}, and the key file does not hold that key; restore the key file that"
        " belongs to this data directory. Nothing was changed."
    )


def seal_of(head: SegmentHead, name: str, keys: KeyRing | None) -> SegmentSeal | None:
    """What opens the segment's frames; None if it is not sealed. Raises FrameDamaged, JournalSealed."""
    if not head.slots:
        return None
    if keys is None:
        raise JournalSealed(f"{name} is sealed, and there is no key file beside the journal.")
    return SegmentSeal(data_key_of(head, name, keys), head.ordinal)


def opened(buffer: bytes, offsets: list[int], headers: NDArray[np.void], seal: SegmentSeal | None) -> bytes:
    """The same bytes with the payloads of the frames at `offsets` in the clear. Raises FrameDamaged."""
    is_content = headers["kind"] != int(FrameKind.SEGMENT)
    wrong = np.flatnonzero(is_content & ((headers["seal_number"] != 0) != (seal is not None)))
    if len(wrong):
        what = "a frame without a seal in a sealed segment" if seal else "a sealed frame in a segment without a key"
        raise FrameDamaged(offsets[int(wrong[0])], what)
    if seal is None:
        return buffer
    starts = np.array(offsets, np.int64)[is_content]
    clear = bytearray(len(buffer))
    seal.open_into(clear, starts + HEADER_BYTES, buffer, starts, starts + headers["length"][is_content])
    return bytes(clear)
