"""Puts frames at the end of a journal; when the disk is full, those that cannot wait go into a reserve laid aside.

Rules: the reserve is a file of zeros that was written when there was space. When an urgent frame finds none, the
reserve becomes the next segment by its name alone and is written in place, which needs no space. Ordinary frames are
refused then, until a new reserve could be laid: that is how it is known that space has returned. Then the segment is
cut to what was written and the next one is begun. What a crash leaves of the zeros is a torn tail.
"""

from typing import Final

from server.journal.errors import JournalFailed, JournalFull
from server.journal.framing import HEADER_BYTES
from server.journal.segments import (
    HEAD_BYTES_MAX,
    Chunk,
    FrameEncoder,
    Payload,
    failure_of,
    is_no_space,
    write_chunks,
)
from server.journal.storage import Storage

RESERVE_NAME: Final = "reserve"
RESERVE_BYTES: Final = 1 << 20


class SegmentWriter:
    """Used by one thread, but for `lay_reserve`, which another one may call."""

    def __init__(self, storage: Storage, encoder: FrameEncoder, reserve_bytes: int) -> None:
        """`reserve_bytes` 0: there is none, and a full disk refuses everything."""
        self.encoder = encoder
        self._storage = storage
        self._reserve_bytes = reserve_bytes
        self._is_laid = False
        self._reserve_segment = ""

    @property
    def is_on_reserve(self) -> bool:
        """Whether space has run out and not returned yet."""
        return bool(self._reserve_segment) and not self._is_laid

    @property
    def is_plain(self) -> bool:
        """Whether the next frame goes to the end of the present segment, and nothing has to be laid aside for it."""
        return not self._reserve_segment and (self._is_laid or not self._reserve_bytes) and self.encoder.has_room

    @property
    def reserve_room(self) -> int:
        """Bytes of frames that the reserve would still take."""
        if self._reserve_segment:
            return self._reserve_bytes - self.encoder.size if not self._is_laid else self._reserve_bytes
        return self._reserve_bytes - HEAD_BYTES_MAX if self._is_laid else 0

    def lay_reserve(self) -> None:
        """Lay the reserve aside if there is none and there is space for it. Raises JournalFailed."""
        if self._is_laid or not self._reserve_bytes:
            return
        try:
            if self._storage.size(RESERVE_NAME) != self._reserve_bytes:
                self._storage.allocate(RESERVE_NAME, self._reserve_bytes)
        except OSError as error:
            if not is_no_space(error):
                raise JournalFailed(f"Laying the journal's reserve aside failed: {error.strerror or error}.") from error
            return
        self._is_laid = True

    def put(self, payload: Payload, *, is_urgent: bool = False) -> None:
        """One frame at the end of the journal. Raises JournalFull (nothing was written), JournalFailed."""
        if self._reserve_segment and self._is_laid:
            self._leave_reserve()
        if not self._reserve_segment:
            try:
                self._append(payload)
                return
            except JournalFull:
                if not is_urgent or not self._is_laid:
                    raise
            self._enter_reserve()
        elif not is_urgent:
            raise JournalFull("No space left on the journal's disk; the reserve is for cancels alone.")
        self._put_in_reserve(payload)

    def close(self) -> None:
        """Cut a segment in the reserve to what was written. Raises OSError."""
        if self._reserve_segment:
            self._leave_reserve()

    def _append(self, payload: Payload) -> None:
        encoder = self.encoder
        position = encoder.position()
        frame = encoder.encode_one(*payload)
        try:
            if frame is None:
                write_chunks(self._storage, encoder.encode([payload]))
                return
            try:
                self._storage.append(encoder.name, frame)
            except OSError as error:
                raise failure_of(self._storage, [Chunk(encoder.name, position[2], frame)], error) from error
        except BaseException:
            encoder.rewind(position)
            raise

    def _enter_reserve(self) -> None:
        name = self.encoder.begin_next(is_limited=False)
        try:
            self._storage.rename(RESERVE_NAME, name)
        except OSError as error:
            raise JournalFailed(f"The journal's reserve could not be used: {error.strerror or error}.") from error
        self._is_laid = False
        self._reserve_segment = name

    def _put_in_reserve(self, payload: Payload) -> None:
        encoder = self.encoder
        start = encoder.size if encoder.name == self._reserve_segment else HEAD_BYTES_MAX
        if start + HEADER_BYTES + len(payload.content) > self._reserve_bytes:
            raise JournalFull("No space left on the journal's disk, and its reserve is used up.")
        position = encoder.position()
        try:
            for name, offset, content in encoder.encode([payload]):
                self._storage.write_at(name, offset, content)
        except OSError as error:
            encoder.rewind(position)
            if is_no_space(error):
                raise JournalFull("The disk has no space even for what was laid aside.") from error
            raise JournalFailed(f"Writing the journal's reserve failed: {error.strerror or error}.") from error

    def _leave_reserve(self) -> None:
        name, self._reserve_segment = self._reserve_segment, ""
        encoder = self.encoder
        try:
            if encoder.name == name:
                self._storage.truncate(name, encoder.size)
            else:
                self._storage.remove(name)
        except OSError as error:
            raise JournalFailed(f"Cutting {name} to its frames failed: {error.strerror or error}.") from error
        encoder.begin_next(is_limited=True)
