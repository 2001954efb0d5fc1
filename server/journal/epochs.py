"""Which commands belong to which life of the server: the epochs of a journal and where each begins.

Rules: every start begins a segment of its own, whose head names the epoch and the first sequence. What an epoch had and
a power cut took is not there any more, so that its end is where the next one begins.
"""

from bisect import bisect_right
from typing import Final, NamedTuple

from server.journal.framing import HEADER_BYTES, headers_of, is_header
from server.journal.segments import segment_names
from server.journal.storage import Storage

SEQUENCE_MAX: Final = (1 << 63) - 1


class EpochStarts(NamedTuple):
    """Epochs, ascending, and the first command sequence of each; the last one is the present epoch."""

    epochs: tuple[int, ...] = ()
    first_sequences: tuple[int, ...] = ()

    def end_of(self, epoch: int) -> int | None:
        """The last command that is left of an epoch; no limit for the present one, None if it is too old to say."""
        place = bisect_right(self.epochs, epoch)
        if place == len(self.epochs):
            return SEQUENCE_MAX
        return self.first_sequences[place] - 1 if place else None


def epoch_starts(storage: Storage, epoch: int, next_sequence: int) -> EpochStarts:
    """Those of the segments that lie in `storage`, and the present `epoch`, which begins at `next_sequence`.

    Raises OSError. Heads are believed: recovery has followed the chain through them.
    """
    starts: dict[int, int] = {}
    for name in segment_names(storage):
        content = storage.read(name, 0, HEADER_BYTES)
        if is_header(content):
            head = headers_of(content, [0])[0]
            starts.setdefault(int(head["epoch"]), int(head["first_sequence"]))
    starts.setdefault(epoch, next_sequence)
    return EpochStarts(tuple(starts), tuple(starts.values()))
