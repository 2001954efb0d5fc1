"""Where each user's private events lie in the event log, so that a resume reads only its own frames.

Rules: one entry a user and frame; entries of a user rise in stream sequence, so a binary search finds the first.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.journal.framing import records_of
from server.protocol.codec import Records
from server.protocol.records import EVENT

_OFFSET_BITS: Final = 40
_WINDOW_FRAMES: Final = 4096
_OFFSET_MASK: Final = (1 << _OFFSET_BITS) - 1


class EventIndex:
    """Per user: the stream sequence of the first event in a frame, and the frame's segment and offset."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[array[int], array[int]]] = {}

    def add(self, ordinal: int, offset: int, events: Records) -> None:
        """Note one frame of events that lies at `offset` of segment `ordinal`."""
        place = ordinal << _OFFSET_BITS | offset
        users = events["user"].tolist()
        streams = events["stream_sequence"].tolist()
        for user in set(users):
            self._note(user, streams[users.index(user)], place)

    def add_frames(
        self, ordinal: int, offsets: NDArray[np.int64], counts: NDArray[np.integer], content: bytes, start: int
    ) -> None:
        """Note many frames of one segment at once (recovery): their headers are at `offsets` of `content`.

        `content` are the segment's bytes from offset `start` on.
        """
        events = records_of(content, offsets, counts, EVENT)
        frame = np.repeat(np.arange(len(offsets)), counts)
        key = events["user"].astype(np.int64) << 32 | frame
        _, first = np.unique(key, return_index=True)
        places = ordinal << _OFFSET_BITS | (offsets[frame[first]] + start)
        users, starts = np.unique(events["user"][first], return_index=True)
        for user, start, end in zip(users.tolist(), starts, [*starts[1:], len(first)], strict=True):
            entry = self._entry(user)
            entry[0].extend(events["stream_sequence"][first[start:end]].tolist())
            entry[1].extend(places[start:end].tolist())

    def windows_of(
        self, user: int, after_stream_sequence: int, window_bytes: int
    ) -> Iterator[tuple[int, NDArray[np.int64]]]:
        """Frames that may hold the user's events after that one, oldest first.

        Each item is a segment and the offsets of frames in it that begin within `window_bytes` of each other.
        """
        streams, places = self._entries.get(user, (array("Q"), array("Q")))
        start = max(0, bisect_right(streams, after_stream_sequence) - 1)
        while start < len(places):
            end = min(bisect_left(places, places[start] + window_bytes), start + _WINDOW_FRAMES)
            ordinal = places[start] >> _OFFSET_BITS
            end = min(end, bisect_left(places, ordinal + 1 << _OFFSET_BITS))
            yield ordinal, np.array(places[start:end], np.int64) & _OFFSET_MASK
            start = end

    def marks(self) -> dict[int, int]:
        """How many entries each user has now, for `columns`; quick."""
        return {user: len(entry[1]) for user, entry in self._entries.items()}

    def columns(self, marks: dict[int, int]) -> tuple[NDArray[np.uint32], NDArray[np.uint64], NDArray[np.uint64]]:
        """The entries that there were at `marks`, as columns: user, stream sequence, place; grouped by user.

        May run beside the thread that adds entries, as they are only added to.
        """
        users = np.repeat(np.array(list(marks), np.uint32), list(marks.values()))
        streams, places = (
            np.frombuffer(b"".join(self._entries[user][part][:count].tobytes() for user, count in marks.items()), "<u8")
            for part in range(2)
        )
        return users, streams, places

    @classmethod
    def of_columns(
        cls, users: NDArray[np.uint32], streams: NDArray[np.uint64], places: NDArray[np.uint64]
    ) -> "EventIndex":
        """The index that gave these columns."""
        index = cls()
        if not len(users):
            return index
        borders = np.flatnonzero(np.diff(users, prepend=users[:1] + np.uint32(1))).tolist()
        for start, end in zip(borders, [*borders[1:], len(users)], strict=True):
            entry = index._entry(int(users[start]))
            entry[0].frombytes(streams[start:end].tobytes())
            entry[1].frombytes(places[start:end].tobytes())
        return index

    def _entry(self, user: int) -> "tuple[array[int], array[int]]":
        entry = self._entries.get(user)
        if entry is None:
            entry = self._entries[user] = (array("Q"), array("Q"))
        return entry

    def _note(self, user: int, stream_sequence: int, place: int) -> None:
        entry = self._entry(user)
        entry[0].append(stream_sequence)
        entry[1].append(place)
