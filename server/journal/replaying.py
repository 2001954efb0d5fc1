"""The commands of a verified journal for an engine: in order, in large batches, with what is skipped marked.

Rules: a batch never cuts a group. Nothing is changed; a journal that another process writes can be replayed up to
where it was when it was verified.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from server.journal.recovery import Recovered, SegmentContent, commands_of
from server.journal.skips import Skips, skips_of
from server.journal.storage import Storage
from server.protocol.codec import Records

REPLAY_BATCH: Final = 1 << 13


def replayed(
    storage: Storage, segments: Sequence[SegmentContent], skips: Skips, *, first_sequence: int = 1,
    split_after: int = 0, batch: int = REPLAY_BATCH,
) -> Iterator[Records]:  # fmt: skip
    """The commands of verified segments from `first_sequence` on, which begins a group.

    A batch ends at `split_after` if that lies inside one and ends a group. Raises JournalDamaged (a broken seal),
    JournalSealed, OSError.
    """
    for part in segments:
        if part.last_sequence < max(first_sequence, part.first_sequence):
            continue
        commands = commands_of(storage.read(part.name, 0, part.end), part, first_sequence - 1)
        skips.mark(commands, part.name)
        first, start = max(first_sequence, part.first_sequence), 0
        while start < len(commands):
            end = min(start + batch, len(commands))
            split = split_after - first + 1
            if start < split < end:
                end = split
            while end < len(commands) and commands["group_count"][end] == 0:
                end += 1
            yield commands[start:end]
            start = end


def replayed_all(storage: Storage, found: Recovered) -> Iterator[Records]:
    """All commands of a verified journal, with its skips. Raises as `replayed`."""
    return replayed(storage, found.segments, skips_of(storage, found.segments))
