"""What speaks against skipping a command: only what was decided, and what nobody has seen, can be taken out.

Rules: published is what the event log holds; a command is published as a whole with everything before it. The event
log may lag behind what was released by a moment, after a kill; the start that fails on a command completes it first.
"""

from pathlib import Path
from typing import Final

from server.journal import event_checkpoint, event_recovery, key_file
from server.journal.event_log_reader import Cursor, EventLogReader
from server.journal.recovery import Recovered, commands_of
from server.journal.skips import Skips, group_around
from server.journal.storage import FileStorage, Storage
from server.protocol.codec import Records
from server.protocol.enums import CommandKind

_ALL: Final = 1 << 62


def objection(storage: Storage, found: Recovered, skips: Skips, sequence: int, published: int) -> str:
    """Why that command cannot be skipped, as a sentence; empty if it can. `published`: the last published command.

    Raises JournalDamaged, JournalSealed, OSError.
    """
    if not 0 < sequence <= found.last_sequence:
        return f"There is no command {sequence}: the journal ends at {found.last_sequence}."
    group = group_at(storage, found, sequence)
    if int(group["sequence"][0]) <= published:
        return (
            f"Command {sequence} is published (the event log reaches command {published}); what others have seen is"
            " not taken back: correct it by another command."
        )
    if (group["kind"] == CommandKind.SKIP).any():
        return f"Command {sequence} is a SKIP itself; what it names stays skipped."
    for named in group["sequence"].tolist():
        if named in skips.by_sequence:
            return f"Command {named} is skipped already, by command {skips.by_sequence[named]}."
    return ""


def group_at(storage: Storage, found: Recovered, sequence: int) -> Records:
    """The commands of the group that this one belongs to; itself alone if it is in none. It is in the journal."""
    part = next(part for part in found.segments if part.first_sequence <= sequence <= part.last_sequence)
    commands = commands_of(storage.read(part.name, 0, part.end), part)
    start, end = group_around(commands, sequence - part.first_sequence)
    return commands[start:end]


def last_published(directory: Path) -> int:
    """The last command of which something is in the event log of a data directory; 0 if there is none.

    Raises LogRewound, JournalSealed, OSError.
    """
    if not (directory / event_recovery.DIRECTORY_NAME).is_dir():
        return 0
    storage = FileStorage(directory / event_recovery.DIRECTORY_NAME, create=False)
    noted = event_checkpoint.load(storage, _ALL)
    last, cursor = 0, Cursor()
    if noted is not None:
        tail = noted[0]
        last, cursor = tail.command_sequence, Cursor(tail.ordinal, tail.end, tail.chain)
    reader = EventLogReader(storage, cursor, lambda: key_file.load(directory))
    while groups := reader.poll():
        for _, records in groups:
            last = max(last, event_recovery.last_command_of(records))
    return last
