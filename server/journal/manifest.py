"""What a backup consists of: `manifest.json`, every file with its size and SHA-256, and how far the journal reaches.

Rules: written last, so that a backup that was broken off has the former one or none; any garbage in its place is
refused in a sentence, and no name in it leads out of the backup.
"""

import hashlib
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from server.journal.errors import JournalError
from server.journal.log_copy import replace_file

FILE_NAME: Final = "manifest.json"
FORMAT: Final = 1
_PIECE: Final = 1 << 20


class BackupUnusable(JournalError):
    """A backup that is not whole, or a place where none can be made or restored; the text is one sentence."""


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file: its path in the backup with slashes, its bytes, its SHA-256 in hex."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole backup. `made_at` is for people; `has_journal_key`: whoever has the backup can read it."""

    format: int
    made_at: str
    shard: int
    epoch: int
    sequence: int
    has_journal_key: bool
    files: list[FileEntry]


def decode(content: bytes) -> Manifest:
    """The manifest in these bytes. Raises BackupUnusable."""
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BackupUnusable(f"The manifest cannot be read: {error}.") from error
    if manifest.format != FORMAT:
        raise BackupUnusable(f"The backup has format {manifest.format}; this version reads format {FORMAT}.")
    if not (0 <= manifest.epoch < 1 << 32 and 0 <= manifest.sequence < 1 << 63 and 0 <= manifest.shard < 1 << 16):
        raise BackupUnusable("The manifest names an epoch, sequence or shard that cannot be.")
    for entry in manifest.files:
        parts = PurePosixPath(entry.path).parts
        is_inside = 0 < len(parts) <= 2 and parts[0] != "/" and ".." not in parts and "\\" not in entry.path
        if not is_inside or "\0" in entry.path or "/".join(parts) != entry.path or entry.path == FILE_NAME:
            raise BackupUnusable(f"The manifest names a file {entry.path!r} that no backup has.")
    if len({entry.path for entry in manifest.files}) != len(manifest.files):
        raise BackupUnusable("The manifest names a file twice.")
    return manifest


def load(backup: Path) -> Manifest:
    """The manifest of a backup. Raises BackupUnusable."""
    try:
        content = (backup / FILE_NAME).read_bytes()
    except OSError as error:
        raise BackupUnusable(f"There is no backup in {backup}: {FILE_NAME}: {error.strerror}.") from error
    return decode(content)


def store(backup: Path, manifest: Manifest) -> None:
    """Write it, durably. Raises OSError."""
    replace_file(backup / FILE_NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n")


def entry_of(backup: Path, path: str) -> FileEntry:
    """A file of the backup as it lies there. Raises OSError."""
    digest = hashlib.sha256()
    size = 0
    with (backup / path).open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return FileEntry(path, size, digest.hexdigest())


def check(backup: Path, manifest: Manifest) -> None:
    """Every file is there and is what it was. Raises BackupUnusable, which names the first that is not."""
    for entry in manifest.files:
        try:
            found = entry_of(backup, entry.path)
        except OSError as error:
            raise BackupUnusable(f"{backup / entry.path} cannot be read: {error.strerror}.") from error
        if found != entry:
            raise BackupUnusable(
                f"{backup / entry.path} is not the file that was backed up ({found.size} bytes, {entry.size} expected)."
            )
