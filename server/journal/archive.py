"""Moving the first segments of a journal to an archive, once snapshots stand for them.

Rules: only complete segments wholly before the oldest snapshot that can be believed. A segment is copied, flushed, read
back and its chain followed; then the note is written that tells where it is; only then is it removed here. Broken off
anywhere it is called again. A server may run: it never looks back at complete segments.
"""

from pathlib import Path
from typing import Final, NamedTuple

from server.journal import archive_note, journal
from server.journal.archive_note import ArchiveNote
from server.journal.errors import JournalDamaged, JournalFailed, SnapshotUnusable
from server.journal.framing import scan_frames
from server.journal.lock import DirectoryLock
from server.journal.recovery import Recovered, SegmentContent, first_segment_of, read_journal
from server.journal.segments import segment_ordinal
from server.journal.snapshot import SnapshotHead
from server.journal.snapshot_store import DIRECTORY_NAME, SnapshotStore
from server.journal.storage import FileStorage

_LOCK_NAME: Final = ".archiving"


class Archived(NamedTuple):
    """How many segments were moved, up to which sequence the archive reaches now, and the snapshot behind it."""

    segments: int
    sequence: int
    snapshot: str


def archive(directory: Path, destination: Path, shard: int = 1) -> Archived:
    """Move what can be moved. Raises JournalFailed where there is no snapshot, JournalDamaged, OSError."""
    storage, found = journal.read_only(directory, shard)
    oldest = _oldest_snapshot(directory, shard, storage, found)
    destination.mkdir(parents=True, exist_ok=True)
    lock = DirectoryLock(destination, _LOCK_NAME)
    try:
        needed = segment_ordinal(first_segment_of(storage, oldest.start))
        parts = [part for part in found.segments if segment_ordinal(part.name) < needed]
        target = FileStorage(destination)
        chain = found.chain_before
        for part in parts:
            content = storage.read(part.name, 0, part.end)
            if storage.size(part.name) != part.end:
                raise JournalFailed(f"{part.name} is longer than its frames; start and stop the server once.")
            chain = _copy(target, part, content, chain)
        target.sync_names()
        target.close()
        if parts:
            note = ArchiveNote(segment_ordinal(parts[-1].name), parts[-1].last_sequence, chain, str(destination))
            storage.replace(archive_note.FILE_NAME, archive_note.encode(note))
            for part in parts:
                storage.remove(part.name)
            storage.sync_names()
        sequence = parts[-1].last_sequence if parts else found.begins_after
        return Archived(len(parts), sequence, oldest.name)
    finally:
        lock.release()
        storage.close()


def _oldest_snapshot(directory: Path, shard: int, storage: FileStorage, found: Recovered) -> SnapshotHead:
    """The oldest that is whole, of this build and of this journal. Raises JournalFailed if there is none."""
    if (directory / DIRECTORY_NAME).is_dir():
        store = SnapshotStore(FileStorage(directory / DIRECTORY_NAME, create=False), shard=shard)
        mark = journal.mark_of(storage)
        for name in reversed(store.names()):
            try:
                head = store.head(name)
                store.check(name)
            except (SnapshotUnusable, FileNotFoundError):
                continue
            if read_journal(storage, shard, mark, starts=[head.start]).start is not None:
                return head
    raise JournalFailed(
        f"No snapshot in {directory} stands for the beginning of the journal, which {found.last_sequence} commands are"
        " in; nothing was moved."
    )


def _copy(target: FileStorage, part: SegmentContent, content: bytes, chain: bytes) -> bytes:
    """Have the segment in the archive, flushed and read back; its last chain value. Raises JournalDamaged, OSError."""
    if target.size(part.name) == 0:
        target.replace(part.name, content)
    scan = scan_frames(target.read(part.name), chain)
    if scan.damage or scan.end != part.end:
        raise JournalDamaged(part.name, scan.end, part.first_sequence, scan.damage or "in the archive it is another")
    expected = scan_frames(content, chain)
    if scan.chain != expected.chain:
        raise JournalDamaged(part.name, 0, part.first_sequence, "the archive holds another segment of this name")
    return scan.chain
