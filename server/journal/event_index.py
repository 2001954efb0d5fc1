"""Where each user's private events lie in the event log, so that a resume reads only its own frames.

Rules: one entry a user and frame; entries of a user rise in stream sequence, so a binary search finds the first.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from server.protocol.codec import Records
from server.protocol.records import EVENT

_OFFSET_BITS: Final = 40
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

    def add_frames(self, ordinal: int, content: bytes, offsets: NDArray[np.int64], counts: NDArray[np.integer]) -> None:
        """Note many frames of one segment at once (recovery); `offsets` are those of their headers."""
        counts = counts.astype(np.int64)
        frame = np.repeat(np.arange(len(offsets)), counts)
        inner = np.arange(len(frame)) - np.repeat(np.cumsum(counts) - counts, counts)
        starts = offsets[frame] + 64 + inner * EVENT.itemsize
        users = _field(content, starts, "user", "<u4")
        streams = _field(content, starts, "stream_sequence", "<u8")
        key = users.astype(np.int64) << 32 | frame
        _, first = np.unique(key, return_index=True)
        for row in np.sort(first):
            place = ordinal << _OFFSET_BITS | int(offsets[frame[row]])
            self._note(int(users[row]), int(streams[row]), place)

    def frames_of(self, user: int, after_stream_sequence: int) -> Iterator[tuple[int, int]]:
        """(segment ordinal, offset) of the frames that may hold the user's events after that one, oldest first."""
        streams, places = self._entries.get(user, (array("Q"), array("Q")))
        start = max(0, bisect_right(streams, after_stream_sequence) - 1)
        for place in places[start:]:
            yield place >> _OFFSET_BITS, place & _OFFSET_MASK

    def _note(self, user: int, stream_sequence: int, place: int) -> None:
        entry = self._entries.get(user)
        if entry is None:
            entry = self._entries[user] = (array("Q"), array("Q"))
        entry[0].append(stream_sequence)
        entry[1].append(place)


def _field(content: bytes, starts: NDArray[np.int64], name: str, layout: str) -> NDArray[np.uint64]:
    assert EVENT.fields is not None
    words = np.frombuffer(content, layout, len(content) // np.dtype(layout).itemsize)
    values: NDArray[np.uint64] = words[(starts + EVENT.fields[name][1]) // words.itemsize].astype(np.uint64)
    return values
