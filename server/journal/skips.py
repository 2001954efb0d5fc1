"""Skips: what an operator has taken out of the journal, known before the first command is replayed.

Rules: a frame with a SKIP is marked in its header, so that these alone are opened to know them all; a SKIP in any
other frame is damage. The commands in the files stay as they are: a replay marks the named one, with its whole group,
in the rows that it hands to the engine, and the engine refuses what is marked (section 20 of the rule book).
"""

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from server.journal.errors import JournalDamaged
from server.journal.recovery import SegmentContent, commands_at
from server.journal.storage import Storage
from server.protocol.codec import Records
from server.protocol.enums import FAULTED_KIND, PROTOCOL_VERSION, CommandKind
from server.protocol.records import COMMAND

_SKIP: Final = int(CommandKind.SKIP)


def skip_command(shard: int, sequence: int, reason: int) -> Records:
    """A SKIP of that command, one COMMAND row without sequence and time."""
    row = np.zeros(1, COMMAND)
    row["kind"], row["version"], row["shard"], row["group_count"] = _SKIP, PROTOCOL_VERSION, shard, 1
    row["order_id"], row["flags"] = sequence, reason
    return row


class Skips:
    """The skips of one journal: `by_sequence` has the SKIP's own sequence by that of the command that it names."""

    def __init__(self) -> None:
        self.by_sequence: dict[int, int] = {}
        self._own: set[int] = set()

    def note(self, commands: Records) -> None:
        """Take the SKIPs among the commands of a marked frame; one that names nothing before itself changes nothing."""
        for row in commands[commands["kind"] == _SKIP]:
            sequence, named = int(row["sequence"]), int(row["order_id"])
            self._own.add(sequence)
            if 0 < named < sequence:
                self.by_sequence.setdefault(named, sequence)

    def contradict(self, sequence: int) -> bool:
        """Whether a state as of that command, taken before a SKIP came, has something applied that is skipped now."""
        return any(named <= sequence < own for named, own in self.by_sequence.items())

    def mark(self, commands: Records, segment: str) -> None:
        """Mark what is skipped among these commands, which follow each other and cut no group, in place.

        Raises JournalDamaged for a SKIP that was in no marked frame of `segment`.
        """
        if not len(commands):
            return
        for sequence in commands["sequence"][commands["kind"] == _SKIP].tolist():
            if sequence not in self._own:
                raise JournalDamaged(segment, 0, sequence, "a SKIP in a frame that is not marked as holding one")
        first = int(commands["sequence"][0])
        for named in self.by_sequence:
            if first <= named < first + len(commands):
                start, end = group_around(commands, named - first)
                commands["kind"][start:end] |= FAULTED_KIND


def group_around(commands: Records, row: int) -> tuple[int, int]:
    """From which row up to which the group goes that a row belongs to; the row alone if it is in no whole group."""
    counts = commands["group_count"]
    head = row
    while head > 0 and counts[head] == 0:
        head -= 1
    end = head + max(1, int(counts[head]))
    followers = commands[head + 1 : end]
    is_whole = len(followers) == end - head - 1 and not followers["group_count"].any()
    for name in ("session", "user"):
        is_whole = is_whole and bool((followers[name] == commands[name][head]).all())
    return (head, end) if is_whole and row < end else (row, row + 1)


def groups_of(commands: Records) -> Iterator[Records]:
    """The commands group by group, as the engine takes them up."""
    start = 0
    while start < len(commands):
        end = group_around(commands, start)[1]
        yield commands[start:end]
        start = end


def skips_of(storage: Storage, segments: Iterable[SegmentContent]) -> Skips:
    """The skips in verified segments. Raises JournalDamaged (a broken seal), JournalSealed (no keys), OSError."""
    skips = Skips()
    for part in segments:
        for offset, end in part.marked_frames:
            skips.note(commands_at(storage, part, offset, end))
    return skips
