"""Backup of a data directory while its server runs, and a data directory out of a backup.

Rules: snapshots, then identity, then events, then the journal's newest: each later one knows all that the earlier ones
speak of, so that a restored event log never leads its journal. The copy gets a commit mark of its own at its end. What
is derived (history) is not copied, and `journal.key` only if asked for.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from server.identity import server_key
from server.identity.store import FILE_NAME as IDENTITY_FILE
from server.identity.store import IdentityStore
from server.journal import archive_note, event_checkpoint, event_recovery, journal, key_file, manifest
from server.journal.commit_mark import FILE_NAME as COMMIT_FILE
from server.journal.commit_mark import CommitFile
from server.journal.errors import JournalFailed
from server.journal.log_copy import copy_log, replace_file, verify_chain
from server.journal.manifest import BackupUnusable, Manifest
from server.journal.recovery import Recovered, read_journal
from server.journal.segments import segment_names
from server.journal.storage import FileStorage
from server.tools import operator_log

SNAPSHOTS: Final = "snapshots"
REFERENCE_FILE: Final = "reference.json"
_SECRETS: Final = (IDENTITY_FILE, server_key.KEY_FILE, key_file.FILE_NAME)
_UNFINISHED: Final = (".new", ".tmp", ".part")


class BackedUp(NamedTuple):
    """What a backup holds now, and how many files of the logs were copied, or were there already."""

    manifest: Manifest
    copied: int
    kept: int


def back_up(directory: Path, destination: Path, *, with_keys: bool, shard: int = 1) -> BackedUp:
    """Make or renew a backup. Raises JournalError, IdentityError, OSError."""
    if not (directory / journal.DIRECTORY_NAME).is_dir():
        raise JournalFailed(f"There is no journal in {directory}.")
    _prepare(destination, shard)
    _copy_single_files(directory, destination, with_keys=with_keys)
    here, there = directory / journal.DIRECTORY_NAME, destination / journal.DIRECTORY_NAME
    copied, kept = copy_log(here, there)
    more_copied, more_kept = _copy_events(directory, destination)
    source = FileStorage(here, create=False)
    floor = CommitFile(source).load(journal_exists=bool(segment_names(source)))
    copy_log(here, there)
    if (here / archive_note.FILE_NAME).exists():
        replace_file(there / archive_note.FILE_NAME, (here / archive_note.FILE_NAME).read_bytes())
    storage = FileStorage(there)
    found = read_journal(storage, shard, floor)
    epoch = max(found.epoch, floor.epoch)
    set_mark(storage, found, epoch)
    made = Manifest(
        format=manifest.FORMAT, made_at=datetime.now(UTC).isoformat(timespec="seconds"), shard=shard, epoch=epoch,
        sequence=found.last_sequence, has_journal_key=with_keys,
        files=[manifest.entry_of(destination, path) for path in _paths(destination)],
    )  # fmt: skip
    manifest.store(destination, made)
    return BackedUp(made, copied + more_copied, kept + more_kept)


def restore(backup: Path, directory: Path, *, epoch_above: int = 0, key: Path | None = None) -> tuple[Manifest, bool]:
    """A data directory out of a backup, and whether it has its `journal.key`; `key` is that file from elsewhere.

    Raises JournalError (the backup is not whole, the place is not empty, the key is another one), OSError.
    """
    whole = manifest.load(backup)
    manifest.check(backup, whole)
    if directory.exists() and any(directory.iterdir()):
        raise BackupUnusable(f"{directory} is not empty; a restored server needs a place of its own.")
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    for entry in whole.files:
        target = directory / entry.path
        target.parent.mkdir(exist_ok=True)
        replace_file(target, (backup / entry.path).read_bytes(), _mode_of(entry.path))
    if key is not None:
        replace_file(directory / key_file.FILE_NAME, key.read_bytes(), 0o600)
    storage, found = journal.read_only(directory, whole.shard)
    if found.last_sequence != whole.sequence:
        raise BackupUnusable(f"The journal ends at {found.last_sequence}, the manifest says {whole.sequence}.")
    set_mark(storage, found, max(whole.epoch, epoch_above))
    for folder in {directory, *(path.parent for path in directory.glob("*/*"))}:
        FileStorage(folder, create=False).sync_names()
    return whole, (directory / key_file.FILE_NAME).exists()


def set_mark(storage: FileStorage, found: Recovered, epoch: int) -> None:
    """The commit mark of a copy: all of it is there. Raises OSError."""
    if COMMIT_FILE in storage.names():
        storage.remove(COMMIT_FILE)
    CommitFile(storage).store_durably(epoch, found.last_sequence, found.command_chain)
    storage.close()


def _prepare(destination: Path, shard: int) -> None:
    """An empty place, or one with a backup of the same shard."""
    destination.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(destination.iterdir()) and manifest.load(destination).shard != shard:
        raise BackupUnusable(f"{destination} is a backup of another shard; make this one in another place.")


def _copy_single_files(directory: Path, destination: Path, *, with_keys: bool) -> None:
    """Everything beside the two logs."""
    snapshots = directory / SNAPSHOTS
    if snapshots.is_dir():
        (destination / SNAPSHOTS).mkdir(exist_ok=True)
        finished = {path.name for path in snapshots.iterdir() if path.is_file() and path.suffix not in _UNFINISHED}
        for path in (destination / SNAPSHOTS).iterdir():
            if path.name not in finished:
                path.unlink()
        for name in sorted(finished):
            replace_file(destination / SNAPSHOTS / name, (snapshots / name).read_bytes())
    if (directory / IDENTITY_FILE).exists():
        draft = destination / f"{IDENTITY_FILE}.copy"
        draft.unlink(missing_ok=True)
        IdentityStore(directory).copy_to(draft)
        draft.replace(destination / IDENTITY_FILE)
    names = [REFERENCE_FILE, server_key.KEY_FILE, server_key.PUBLIC_FILE, operator_log.FILE_NAME]
    for name in [*names, key_file.FILE_NAME] if with_keys else names:
        if (directory / name).exists():
            replace_file(destination / name, (directory / name).read_bytes(), _mode_of(name))
    if not with_keys:
        (destination / key_file.FILE_NAME).unlink(missing_ok=True)


def _copy_events(directory: Path, destination: Path) -> tuple[int, int]:
    """The event log, as `copy_log`, with its checkpoint, which has to be the older one."""
    here, there = directory / event_recovery.DIRECTORY_NAME, destination / event_recovery.DIRECTORY_NAME
    if not here.is_dir():
        return 0, 0
    noted = here / event_checkpoint.FILE_NAME
    checkpoint = noted.read_bytes() if noted.exists() else b""
    done = copy_log(here, there)
    replace_file(there / event_checkpoint.FILE_NAME, checkpoint)
    verify_chain(FileStorage(there), event_recovery.DIRECTORY_NAME)
    return done


def _paths(destination: Path) -> Iterator[str]:
    for path in sorted([*destination.glob("*"), *destination.glob("*/*")]):
        name = path.relative_to(destination).as_posix()
        if path.is_file() and name != manifest.FILE_NAME and not name.endswith((*_UNFINISHED, ".copy")):
            yield name


def _mode_of(path: str) -> int:
    return 0o600 if path.rpartition("/")[2] in _SECRETS else 0o640
