"""The commands of a verified journal for an engine: in order, in large batches, with what is skipped marked.

Rules: a batch never cuts a group. Nothing is changed; a journal that another process writes can be replayed up to
where it was when it was verified.
"""

from collections.abc import Iterator
from typing import Final

from server.journal.recovery import Recovered, commands_of
from server.journal.skips import Skips, skips_of
from server.journal.storage import Storage
from server.protocol.codec import Records

REPLAY_BATCH: Final = 1 << 13


def replayed(
    storage: Storage, found: Recovered, skips: Skips | None = None, split_after: int = 0, batch: int = REPLAY_BATCH
) -> Iterator[Records]:
    """All commands; a batch ends at `split_after` if that lies inside one and ends a group.

    Raises JournalDamaged (a broken seal), JournalSealed, OSError.
    """
    skips = skips_of(storage, found) if skips is None else skips
    for part in found.segments:
        commands = commands_of(storage.read(part.name, 0, part.end), part)
        skips.mark(commands, part.name)
        start = 0
        while start < len(commands):
            end = min(start + batch, len(commands))
            split = split_after - part.first_sequence + 1
            if start < split < end:
                end = split
            while end < len(commands) and commands["group_count"][end] == 0:
                end += 1
            yield commands[start:end]
            start = end
