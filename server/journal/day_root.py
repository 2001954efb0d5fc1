"""The daily root: one value for all frames of commands of a day, to be kept where nobody can change it afterwards.

Rules: a frame belongs to the day of its time, which is that of its last command; days begin at midnight UTC. A leaf is
the whole frame as it lies in the file, sealed or not, so the root needs no key, and rotating keys does not change it.
"""

from typing import NamedTuple

import numpy as np

from server.journal.errors import JournalIncomplete
from server.journal.framing import headers_of
from server.journal.merkle import MerkleTree
from server.journal.recovery import Recovered
from server.journal.storage import Storage


class DayRoot(NamedTuple):
    """The root, over how many frames, and the first and last command in them."""

    root: bytes
    frames: int
    first_sequence: int
    last_sequence: int


def day_root(storage: Storage, found: Recovered, start_ns: int, end_ns: int) -> DayRoot:
    """The root over the verified frames with a time from `start_ns` up to, not including, `end_ns`.

    Raises JournalIncomplete where frames of that time may be in the archive, OSError.
    """
    is_complete = not found.begins_after
    tree = MerkleTree()
    first = last = 0
    for part in found.segments:
        frames = part.frames()
        if not frames:
            continue
        content = storage.read(part.name, 0, part.end)
        headers = headers_of(content, [offset for offset, _ in frames])
        if not is_complete and int(headers["time_ns"][0]) >= start_ns:
            raise JournalIncomplete(
                f"Frames of that day may be in the archive {found.archive}; ask a copy that holds the whole day."
            )
        is_complete = True
        within = np.flatnonzero((headers["time_ns"] >= start_ns) & (headers["time_ns"] < end_ns)).tolist()
        if not within:
            continue
        for index in within:
            offset, end = frames[index]
            tree.add(content[offset:end])
        newest = headers[within[-1]]
        first = first or int(headers["first_sequence"][within[0]])
        last = int(newest["first_sequence"]) + int(newest["count"]) - 1
    return DayRoot(tree.root(), tree.leaves, first, last)
