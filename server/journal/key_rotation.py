"""Rotating the wrapping key: data keys of segments and snapshots are wrapped anew, the old wrapping key is forgotten.

Rules: the server is stopped (the directory's lock is taken). No frame is rewritten, only the two key slots of each
head, one after the other, each flushed before the next. The key file holds both keys until all segments are done, so
that it can be broken off anywhere and called again, and then goes on with the key that it had made.
"""

from pathlib import Path
from typing import Final

from server.journal import event_recovery, journal, key_file, snapshot_store
from server.journal.errors import JournalFailed, JournalSealed
from server.journal.framing import SEALED_SLOTS_OFFSET
from server.journal.key_file import KeyRing
from server.journal.key_slots import SLOT_BYTES, SLOTS, KeySlot, decode_slots, encode_slot
from server.journal.lock import DirectoryLock
from server.journal.seal import data_key_of
from server.journal.segments import read_head, segment_names
from server.journal.snapshot import HEAD_BYTES, SLOTS_BYTES, snapshot_sequence
from server.journal.storage import FileStorage, Storage

_LOGS: Final = (journal.DIRECTORY_NAME, event_recovery.DIRECTORY_NAME)


def rewrap(storage: Storage, keys: KeyRing) -> int:
    """Wrap the data keys of all sealed segments by the newest key; how many. Raises JournalSealed, OSError."""
    count = 0
    for name in segment_names(storage):
        head = read_head(storage, name)
        if head is None or not head.slots:
            continue
        slot = encode_slot(KeySlot(*keys.wrap(data_key_of(head, name, keys))))
        _write_slots(storage, name, SEALED_SLOTS_OFFSET, slot)
        count += 1
    return count


def rewrap_snapshots(storage: Storage, keys: KeyRing) -> int:
    """The same for snapshots; one that no key here opens is left as it is, since nothing depends on it."""
    count = 0
    for name in storage.names():
        slots = storage.read(name, HEAD_BYTES, SLOTS_BYTES) if snapshot_sequence(name) else b""
        data_keys = [keys.unwrap(*slot) for slot in decode_slots(slots)]
        data_key = next((key for key in data_keys if key is not None), None)
        if data_key is not None:
            _write_slots(storage, name, HEAD_BYTES, encode_slot(KeySlot(*keys.wrap(data_key))))
            count += 1
    return count


def _write_slots(storage: Storage, name: str, offset: int, slot: bytes) -> None:
    for number in range(SLOTS):
        storage.write_at(name, offset + number * SLOT_BYTES, slot)
        storage.sync(name)
    storage.release(name)


def rotate(directory: Path, shard: int = 1) -> tuple[int, int]:
    """Give a data directory a new wrapping key: its number, and how many segments and snapshots it wraps.

    Raises DataDirectoryLocked, JournalDamaged, JournalSealed, JournalFailed, OSError; nothing is lost by any of them.
    """
    _, found = journal.read_only(directory, shard)
    if found.damage is not None:
        raise JournalFailed(
            f"The journal in {directory} has a torn tail; start and stop the server once, it cuts that."
        )
    lock = DirectoryLock(directory)
    try:
        keys = key_file.load(directory)
        if keys is None:
            raise JournalSealed(f"There is no key file in {directory}: the journal has never been sealed.")
        _refuse_shared(directory)
        if len(keys.keys) == 1:
            keys = keys.with_new_key()
            key_file.store(directory, keys)
        count = 0
        for log in _LOGS:
            if (directory / log).is_dir():
                storage = FileStorage(directory / log, create=False)
                count += rewrap(storage, keys)
                storage.close()
        if (directory / snapshot_store.DIRECTORY_NAME).is_dir():
            storage = FileStorage(directory / snapshot_store.DIRECTORY_NAME, create=False)
            count += rewrap_snapshots(storage, keys)
            storage.close()
        key_file.store(directory, keys.newest_alone())
    finally:
        lock.release()
    return keys.newest, count


def _refuse_shared(directory: Path) -> None:
    """A demo's directory shares its older files with the seed that it was copied from, which has the old key."""
    for log in _LOGS:
        for path in (directory / log).glob("*.segment"):
            if path.stat().st_nlink > 1:
                raise JournalFailed(f"{path} is shared with another directory (a hard link); rotate a copy of its own.")
